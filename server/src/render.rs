//! Renders pages: Leptos renders the whole document and waits for everything in it, so that the answer has its true
//! status. `app` decides which path is which page.

use std::borrow::Cow;

use crate::{assets, executor, kept_pages::KeptPages};
use app::{
    App, RefusalPage,
    context::{Services, zone_of},
    live::Template,
    shell::shell,
};
use axum::{
    body::{Body, to_bytes},
    response::{Html, IntoResponse, Response},
    routing::{MethodRouter, get},
};
use futures::{StreamExt, stream};
use http::{Request, StatusCode, header, request::Parts};
use leptos::{nonce::Nonce, prelude::*};
use leptos_axum::handle_response_inner;
use leptos_integration_utils::{BoxedFnOnce, PinnedFuture, PinnedStream};
use portal::{PublicError, characters::escaped};
use time::{OffsetDateTime, UtcOffset};

/// All pages: GET and HEAD render the page of the path, other methods get 405.
///
/// The request is provided as [`Parts`], with the extensions that middleware added.
pub fn pages(services: Services) -> MethodRouter {
    executor::install();
    let kept = KeptPages::default();
    get(move |request: Request<Body>| page(services.clone(), kept.clone(), request))
}

/// A page that was drawn before, if it still is what would be drawn, or else the page.
async fn page(services: Services, kept: KeptPages, request: Request<Body>) -> Response {
    let (request, body) = request.into_parts();
    let nonce = nonce_of(&request);
    let send = |template: &Template, zone| {
        let html = template.page(nonce.as_deref().unwrap_or_default(), OffsetDateTime::now_utc(), zone);
        Html(html).into_response()
    };
    let keeping = match kept.find(&services, &request, send) {
        Ok(page) => return page,
        Err(keeping) => keeping,
    };
    let zone = zone_of(&request.headers).unwrap_or(UtcOffset::UTC);
    let context = move || {
        provide_nonce();
        provide_context(services.clone());
    };
    let document = || shell(assets::files(), view! { <App/> });
    let page = handle_response_inner(context, document, Request::from_parts(request, body), whole_document);
    match keeping {
        None => sent(page.await, nonce.as_ref(), zone, drop).await,
        Some(keeping) => {
            let page = keeping.reads.of(page).await;
            sent(page, nonce.as_ref(), zone, |template| kept.keep(keeping, template)).await
        }
    }
}

/// The answer with what is written when it is sent. `keep` gets the template of a page without an error.
async fn sent(
    drawn: impl IntoResponse,
    nonce: Option<&Nonce>,
    zone: UtcOffset,
    keep: impl FnOnce(Template),
) -> Response {
    let drawn = drawn.into_response();
    let Some(nonce) = nonce.filter(|_| is_html(&drawn)) else { return drawn };
    let (mut parts, body) = drawn.into_parts();
    // It is in memory already, and its length is not known to a stranger.
    let Ok(html) = to_bytes(body, usize::MAX).await else { return Response::from_parts(parts, Body::empty()) };
    let template = Template::of(&String::from_utf8_lossy(&html), nonce);
    let page = template.page(nonce, OffsetDateTime::now_utc(), zone);
    parts.headers.remove(header::CONTENT_LENGTH);
    // A page with another header, such as a cookie, is for one request only.
    if parts.status == StatusCode::OK && parts.headers.len() == 1 {
        keep(template);
    }
    Response::from_parts(parts, Body::from(page))
}

fn is_html(response: &Response) -> bool {
    let typed = response.headers().get(header::CONTENT_TYPE);
    typed.is_some_and(|typed| typed.as_bytes().starts_with(b"text/html"))
}

fn nonce_of(request: &Parts) -> Option<Nonce> {
    request.extensions.get::<Nonce>().cloned()
}

/// The page that says why a request was refused.
pub async fn refusal(services: &Services, request: &Parts, error: PublicError) -> Response {
    refusal_of_form(services, request, error, None).await
}

/// The same for a form. `fresh_form` is its URL, if it can be sent again.
pub async fn refusal_of_form(
    services: &Services,
    request: &Parts,
    error: PublicError,
    fresh_form: Option<String>,
) -> Response {
    let services = services.clone();
    let context = move || {
        provide_nonce();
        provide_context(services.clone());
    };
    let (nonce, zone) = (nonce_of(request), zone_of(&request.headers).unwrap_or(UtcOffset::UTC));
    let request = Request::from_parts(request.clone(), Body::empty());
    let document =
        move || shell(assets::files(), view! { <RefusalPage error=error.clone() fresh_form=fresh_form.clone()/> });
    let page = handle_response_inner(context, document, request, whole_document).await;
    sent(page, nonce.as_ref(), zone, drop).await
}

/// Replaces the nonce that Leptos made with the one in the request's policy.
fn provide_nonce() {
    if let Some(nonce) = use_context::<Parts>().and_then(|request| nonce_of(&request)) {
        provide_context(nonce);
    }
}

/// The document and nothing after it. Leptos would append inline scripts with the values of resources; islands get
/// their data as props and have no resources.
///
/// Characters that nobody sees are written out here, in the finished document: names and messages from Workato are
/// shown in too many places to think of it in each.
fn whole_document<V: IntoView + 'static>(
    document: V,
    _resource_scripts: BoxedFnOnce<PinnedStream<String>>,
    _out_of_order: bool,
) -> PinnedFuture<PinnedStream<String>> {
    Box::pin(async move {
        let html = document.to_html_stream_in_order().collect::<String>().await;
        let html = match escaped(&html) {
            Cow::Borrowed(_) => html,
            Cow::Owned(escaped) => escaped,
        };
        Box::pin(stream::once(async move { html })) as PinnedStream<String>
    })
}
