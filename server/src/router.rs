//! The router and its layers, outermost last. The order is part of the safety: headers on every answer, then who asks,
//! then what is refused, and only then pages and server functions.

use app::context::Services;
use axum::{Router, middleware, routing::post};
use leptos::prelude::provide_context;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer, limit::RequestBodyLimitLayer,
};

use crate::{
    Config, assets, feed,
    functions::{self, Functions},
    headers, health, refusals, render,
    serve::ServeError,
    sessions,
    visitor::{self, Gate},
};

/// The most a form may hold, in bytes.
const LARGEST_FORM: usize = 256 * 1024;

/// Everything that the portal answers.
///
/// # Errors
/// When the public URL is none.
pub fn router(services: &Services, config: &Config) -> Result<Router, ServeError> {
    let csrf = CsrfLayer::new()
        .add_trusted_origin(&config.public_url)
        .map_err(|error| ServeError::PublicUrl { url: config.public_url.clone(), why: error.to_string() })?;
    let provided = services.clone();
    let gate = Gate { services: services.clone(), trusted_proxies: config.trusted_proxies.clone() };
    let people = Router::new()
        .route("/api/fn/{*name}", post(functions::call))
        .fallback_service(render::pages(move || provide_context(provided.clone())))
        .with_state(Functions::new(services.clone()))
        .layer(
            ServiceBuilder::new()
                .layer(sessions::layer(services.portal.clone(), &config.public_url))
                .layer(middleware::from_fn_with_state(gate, visitor::layer))
                .layer(CompressionLayer::new())
                .layer(middleware::from_fn_with_state(services.clone(), refusals::layer))
                .layer(CatchPanicLayer::new())
                .layer(csrf)
                .layer(RequestBodyLimitLayer::new(LARGEST_FORM)),
        );
    Ok(Router::new()
        .merge(assets::router())
        .merge(health::router(services.portal.clone()))
        .merge(feed::router(services.portal.clone()))
        .merge(people)
        .layer(middleware::from_fn(headers::layer)))
}
