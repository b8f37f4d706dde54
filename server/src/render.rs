//! Renders pages: Leptos renders the whole document and waits for everything in it, so that the answer has its true
//! status. `app` decides which path is which page.

use std::borrow::Cow;

use crate::{assets, executor};
use app::{App, RefusalPage, context::Services, shell::shell};
use axum::{
    body::Body,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use futures::{StreamExt, stream};
use http::{Request, request::Parts};
use leptos::{nonce::Nonce, prelude::*};
use leptos_axum::handle_response_inner;
use leptos_integration_utils::{BoxedFnOnce, PinnedFuture, PinnedStream};
use portal::{PublicError, characters::escaped};

/// All pages: GET and HEAD render the page of the path, other methods get 405.
///
/// `provide` runs once per request, inside the page's reactive owner and before the page: what it provides as context,
/// pages can use. The request is already provided, as [`Parts`], with the extensions that middleware added.
pub fn pages(provide: impl Fn() + Clone + Send + Sync + 'static) -> MethodRouter {
    executor::install();
    get(move |request: Request<Body>| {
        let provide = provide.clone();
        let context = move || {
            provide_nonce();
            provide();
        };
        handle_response_inner(context, || shell(assets::files(), view! { <App/> }), request, whole_document)
    })
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
    let request = Request::from_parts(request.clone(), Body::empty());
    let document =
        move || shell(assets::files(), view! { <RefusalPage error=error.clone() fresh_form=fresh_form.clone()/> });
    handle_response_inner(context, document, request, whole_document).await.into_response()
}

/// Replaces the nonce that Leptos made with the one in the request's policy.
fn provide_nonce() {
    if let Some(nonce) = use_context::<Parts>().and_then(|request| request.extensions.get::<Nonce>().cloned()) {
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
