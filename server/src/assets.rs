//! The site's files: styles, scripts and the WebAssembly module, embedded in the binary. They come from `target/site`,
//! which `make build` fills; without them the server compiles and runs, and its pages have neither styles nor scripts.

use app::shell::SiteFiles;
use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Response},
    routing::get,
};
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use rust_embed::{Embed, EmbeddedFile};
use std::{io::Write, sync::LazyLock};

#[cfg(debug_assertions)]
mod watched;

#[derive(Embed)]
#[folder = "../target/site"]
struct Site;

/// A name in `/pkg` contains a hash of the content, so the content of a name never changes.
const FOREVER: &str = "public, max-age=31536000, immutable";
const A_DAY: &str = "public, max-age=86400";

/// The routes of all files.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    routes::<Site, S>()
}

fn routes<Files: Embed, S: Clone + Send + Sync + 'static>() -> Router<S> {
    let in_pkg = |Path(name): Path<String>, headers: HeaderMap| async move {
        answer::<Files>(&format!("pkg/{name}"), FOREVER, &headers)
    };
    let favicon = |headers: HeaderMap| async move { answer::<Files>("favicon.svg", A_DAY, &headers) };
    let icons = |Path(name): Path<String>, headers: HeaderMap| async move { icons(&name, &headers) };
    let robots = || async { ([(header::CACHE_CONTROL, A_DAY)], "User-agent: *\nDisallow: /\n") };
    Router::new()
        .route("/pkg/{*name}", get(in_pkg))
        .route("/favicon.svg", get(favicon))
        .route("/i/{name}", get(icons))
        .route("/robots.txt", get(robots))
}

/// The icons, which a page refers to. They are drawn in `app`, so that each is one line beside its name.
fn icons(name: &str, request: &HeaderMap) -> Response {
    static PACKED: LazyLock<Vec<u8>> = LazyLock::new(|| packed(app::icon_sheet().content.as_bytes()));
    let sheet = app::icon_sheet();
    if sheet.path.strip_prefix("/i/") != Some(name) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static(FOREVER)),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        (header::CONTENT_TYPE, kind_of(name)),
    ];
    match accepts(request, "gzip") {
        true => (headers, [(header::CONTENT_ENCODING, "gzip")], PACKED.as_slice()).into_response(),
        false => (headers, sheet.content.as_str()).into_response(),
    }
}

fn packed(content: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    let written = packed.write_all(content);
    written.and_then(|()| packed.finish()).expect("a vector takes every byte")
}

/// The names of this build's files, for pages to link to. Empty if the browser half was not built.
pub fn files() -> &'static SiteFiles {
    static FILES: LazyLock<SiteFiles> = LazyLock::new(|| {
        #[cfg(debug_assertions)]
        if watched::is_on() {
            return watched::files();
        }
        let Some(manifest) = Site::get("manifest.json") else {
            return SiteFiles::default();
        };
        serde_json::from_slice(&manifest.data).unwrap_or_else(|error| {
            tracing::error!(%error, "cannot read the site's manifest: pages will have neither styles nor scripts");
            SiteFiles::default()
        })
    });
    &FILES
}

fn answer<Files: Embed>(path: &str, cache: &'static str, request: &HeaderMap) -> Response {
    #[cfg(debug_assertions)]
    if watched::is_on() {
        return match watched::read(path) {
            Ok(content) => ([(header::CONTENT_TYPE, kind_of(path))], content).into_response(),
            Err(_) => StatusCode::NOT_FOUND.into_response(),
        };
    }
    let packed = accepts(request, "br").then(|| Files::get(&format!("{path}.br"))).flatten();
    let encoding = packed.as_ref().map(|_| HeaderValue::from_static("br"));
    let Some(file) = packed.or_else(|| Files::get(path)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = entity_tag(&file);
    let mut headers = HeaderMap::from_iter([
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        (header::ETAG, tag.clone()),
    ]);
    if is_known(request, &tag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, kind_of(path));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, encoding);
    }
    (headers, file.data).into_response()
}

/// A hash of the bytes that are sent: the compressed and the plain file must have different tags.
fn entity_tag(file: &EmbeddedFile) -> HeaderValue {
    let hash: String = file.metadata.sha256_hash()[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::try_from(format!("\"{hash}\"")).expect("hexadecimal digits in quotes are a valid header")
}

fn is_known(request: &HeaderMap, tag: &HeaderValue) -> bool {
    listed(request, header::IF_NONE_MATCH).any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// The media type by the file's name, with the charset of what is text.
fn kind_of(path: &str) -> HeaderValue {
    let kind = mime_guess::from_path(path).first_raw().unwrap_or("application/octet-stream");
    let with_charset = || HeaderValue::try_from(format!("{kind}; charset=utf-8")).ok();
    let is_text = kind.starts_with("text/") || kind.ends_with("+xml");
    is_text.then(with_charset).flatten().unwrap_or(HeaderValue::from_static(kind))
}

fn accepts(request: &HeaderMap, coding: &str) -> bool {
    listed(request, header::ACCEPT_ENCODING).any(|listed| {
        let mut parts = listed.split(';').map(str::trim);
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding))
            && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// The items of a header that holds a list and may be given more than once.
fn listed(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers
        .get_all(name)
        .into_iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use http::Request;
    use tower::ServiceExt;

    /// A site that exists without the browser half.
    #[derive(Embed)]
    #[folder = "src/assets/sample_site"]
    struct Sample;

    const STYLESHEET: &str = "/pkg/page.css";

    async fn ask(path: &str, headers: &[(HeaderName, &str)]) -> Response {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let request = request.body(Body::empty()).expect("a valid request");
        routes::<Sample, ()>().oneshot(request).await.expect("the router never fails")
    }

    #[tokio::test]
    async fn a_file_has_its_media_type_and_can_be_cached_for_ever() {
        let answer = ask(STYLESHEET, &[]).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
        assert_eq!(answer.headers()[header::CACHE_CONTROL], FOREVER);
        assert!(!answer.headers().contains_key(header::CONTENT_ENCODING));
    }

    #[tokio::test]
    async fn webassembly_has_the_media_type_that_browsers_need_for_streaming_compilation() {
        assert_eq!(ask("/pkg/module.wasm", &[]).await.headers()[header::CONTENT_TYPE], "application/wasm");
    }

    #[tokio::test]
    async fn a_browser_that_accepts_brotli_gets_it_with_its_own_entity_tag() {
        let plain = ask(STYLESHEET, &[(header::ACCEPT_ENCODING, "gzip, br;q=0")]).await;
        let packed = ask(STYLESHEET, &[(header::ACCEPT_ENCODING, "gzip, deflate, br;q=0.9")]).await;
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
        assert_eq!(packed.headers()[header::CONTENT_ENCODING], "br");
        assert_eq!(packed.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
        assert_ne!(plain.headers()[header::ETAG], packed.headers()[header::ETAG]);
    }

    #[tokio::test]
    async fn a_file_that_the_browser_has_is_not_sent_again() {
        let tag = ask(STYLESHEET, &[]).await.headers()[header::ETAG].to_str().expect("text").to_owned();
        let again = ask(STYLESHEET, &[(header::IF_NONE_MATCH, &format!("\"other\", W/{tag}"))]).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        let other = ask(STYLESHEET, &[(header::IF_NONE_MATCH, "\"other\"")]).await;
        assert_eq!(other.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn only_files_of_the_site_are_served() {
        for path in ["/pkg/nothing.js", "/pkg/../manifest.json", "/pkg/%2e%2e/manifest.json", "/manifest.json"] {
            assert_eq!(ask(path, &[]).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[tokio::test]
    async fn robots_are_disallowed() {
        let answer = ask("/robots.txt", &[]).await;
        let body = axum::body::to_bytes(answer.into_body(), 1024).await.expect("a short body");
        assert_eq!(body, "User-agent: *\nDisallow: /\n");
    }
}
