//! Draws pages: Leptos renders the whole document, waits for everything in it, and answers once, with its true status.
//! Which path is which page is the router's matter, in `app`.

use crate::assets;
use any_spawner::Executor;
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
use portal::PublicError;

/// Every page, for `Router::fallback_service`: GET and HEAD draw one, other methods are refused with 405.
///
/// `provide` runs once a request, before its page, inside the page's reactive owner: `provide_context` there is what
/// pages see. The request itself is there already, as [`Parts`], with what middleware put into its extensions.
pub fn pages(provide: impl Fn() + Clone + Send + Sync + 'static) -> MethodRouter {
    // Already set when the router is built a second time in one process, as tests do.
    let _first = Executor::init_tokio();
    get(move |request: Request<Body>| {
        let provide = provide.clone();
        let context = move || {
            provide_nonce();
            provide();
        };
        handle_response_inner(context, || shell(assets::files(), view! { <App/> }), request, whole_document)
    })
}

/// The page that says why there is none, for a request that no page answered.
pub async fn refusal(services: &Services, asked: &Parts, error: PublicError) -> Response {
    let services = services.clone();
    let context = move || {
        provide_nonce();
        provide_context(services.clone());
    };
    let request = Request::from_parts(asked.clone(), Body::empty());
    let document = move || shell(assets::files(), view! { <RefusalPage error=error.clone()/> });
    handle_response_inner(context, document, request, whole_document).await.into_response()
}

/// Leptos has made a nonce of its own; the policy names the one that came with the request.
fn provide_nonce() {
    if let Some(nonce) = use_context::<Parts>().and_then(|request| request.extensions.get::<Nonce>().cloned()) {
        provide_context(nonce);
    }
}

/// The document and nothing after it: Leptos would append inline scripts with the values of resources, and islands
/// have none, they get their data as props.
fn whole_document<V: IntoView + 'static>(
    document: V,
    _resource_scripts: BoxedFnOnce<PinnedStream<String>>,
    _out_of_order: bool,
) -> PinnedFuture<PinnedStream<String>> {
    Box::pin(async move {
        let html = document.to_html_stream_in_order().collect::<String>().await;
        Box::pin(stream::once(async move { html })) as PinnedStream<String>
    })
}
