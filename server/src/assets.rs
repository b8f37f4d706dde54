//! The files of the site: styles, scripts and the WebAssembly module, embedded in the binary, so that there is nothing
//! to find at run time. `target/site` is their folder; `make build` fills it, and the server does without.

use app::shell::SiteFiles;
use axum::{Router, extract::Path, response::IntoResponse, routing::get};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::{Embed, EmbeddedFile};
use std::sync::LazyLock;

#[derive(Embed)]
#[folder = "../target/site"]
struct Site;

/// Names in `/pkg` hold a hash of the content: what a name means never changes.
const FOREVER: &str = "public, max-age=31536000, immutable";
const A_DAY: &str = "public, max-age=86400";

/// The routes of everything that is a file.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route(
            "/pkg/{*name}",
            get(|Path(name): Path<String>, headers: HeaderMap| async move {
                answer(&format!("pkg/{name}"), FOREVER, &headers)
            }),
        )
        .route("/favicon.svg", get(|headers: HeaderMap| async move { answer("favicon.svg", A_DAY, &headers) }))
        .route("/robots.txt", get(|| async { ([(header::CACHE_CONTROL, A_DAY)], "User-agent: *\nDisallow: /\n") }))
}

/// What pages refer to, by the names of this build; nothing when the browser half was not built.
pub fn files() -> &'static SiteFiles {
    static FILES: LazyLock<SiteFiles> = LazyLock::new(|| {
        let Some(manifest) = Site::get("manifest.json") else {
            return SiteFiles::default();
        };
        serde_json::from_slice(&manifest.data).unwrap_or_else(|error| {
            tracing::error!(%error, "the site's manifest cannot be read: pages will have neither styles nor scripts");
            SiteFiles::default()
        })
    });
    &FILES
}

fn answer(path: &str, cache: &'static str, asked: &HeaderMap) -> axum::response::Response {
    let packed = accepts_brotli(asked).then(|| Site::get(&format!("{path}.br"))).flatten();
    let encoding = packed.as_ref().map(|_| HeaderValue::from_static("br"));
    let Some(file) = packed.or_else(|| Site::get(path)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = entity_tag(&file);
    let mut headers = HeaderMap::from_iter([
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        (header::ETAG, tag.clone()),
    ]);
    if asked.get(header::IF_NONE_MATCH).is_some_and(|known| known == tag || known == "*") {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    if let Ok(kind) = HeaderValue::from_str(mime_guess::from_path(path).first_or_octet_stream().as_ref()) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, encoding);
    }
    (headers, file.data).into_response()
}

/// Of the bytes as they are sent, so that packed and plain have different ones, as they must.
fn entity_tag(file: &EmbeddedFile) -> HeaderValue {
    let hash: String = file.metadata.sha256_hash()[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::try_from(format!("\"{hash}\"")).expect("hexadecimal digits in quotes are a valid header")
}

fn accepts_brotli(asked: &HeaderMap) -> bool {
    asked
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            parts.next().is_some_and(|name| name.eq_ignore_ascii_case("br"))
                && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
}
