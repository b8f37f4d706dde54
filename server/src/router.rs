//! The router and its layers, outermost first: traces, metrics, headers and the check of the host around every answer; then, for
//! people, the session, what is refused, and only then pages and server functions. The order is part of the safety.

use std::sync::Arc;

use app::{App, context::Services};
use axum::{
    Router, middleware,
    routing::{get, post},
};
use leptos_axum::generate_route_list;
use portal::accounts::provider::CALLBACK;
use tower::ServiceBuilder;
use tower_http::{
    CompressionLevel, catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer,
    limit::RequestBodyLimitLayer,
};

use crate::{
    Config, addressing, assets, factor_setup,
    feed::{self, Feed},
    functions, headers,
    health::{self, Health},
    known_devices::KnownDevicesCookie,
    last_person::LastPersonCookie,
    limits::Limits,
    metrics,
    one_time_link::{self, OneTimeLinks},
    origin::Clients,
    provider, public_url, refusals, render,
    second_step::StepCookie,
    serve_error::ServeError,
    sessions, traces,
    visitor::{self, Visitors},
};

/// The largest body of a form, in bytes.
const LARGEST_FORM: usize = 256 * 1024;

/// Every route of the portal.
///
/// # Errors
/// `PublicUrl` if the public URL is invalid.
pub fn router(services: &Services, config: &Config, health: Arc<Health>) -> Result<Router, ServeError> {
    let csrf = CsrfLayer::new()
        .add_trusted_origin(config.public_url.as_str())
        .map_err(|error| ServeError::PublicUrl(error.to_string()))?;
    let pages = render::pages(services.clone());
    let clients = Arc::new(Clients::new(config.trusted_proxies.clone()));
    let limits = Arc::new(Limits::new(config.requests_per_second));
    let feed = Feed { portal: services.portal.clone(), clients: clients.clone(), limits: limits.clone() };
    let links = OneTimeLinks::new(services.portal.clone(), &config.public_url);
    let visitors = Visitors {
        services: services.clone(),
        clients,
        limits,
        last_person: LastPersonCookie::new(&config.public_url),
        known_devices: KnownDevicesCookie::new(&config.public_url),
        second_step: StepCookie::new(&config.public_url),
    };
    // Each page is a route, so that metrics know its template. The fallback draws the page that says there is none.
    let people = generate_route_list(App)
        .iter()
        .fold(Router::new(), |router, page| router.route_service(page.path(), pages.clone()))
        .route("/api/fn/{*name}", post(functions::call))
        .route("/login/provider", get(provider::set_out))
        .route(CALLBACK, get(provider::come_back))
        .route("/login/provider/sign-out", get(provider::sign_out))
        .fallback_service(pages)
        .with_state(services.clone())
        .layer(
            // Outermost first.
            ServiceBuilder::new()
                .layer(middleware::map_response(sessions::complete_removals))
                .layer(sessions::layer(services.portal.clone(), &config.public_url))
                .layer(middleware::from_fn_with_state(visitors, visitor::layer))
                .layer(middleware::from_fn_with_state(services.clone(), factor_setup::layer))
                .layer(middleware::from_fn_with_state(links, one_time_link::layer))
                // Packing a page of 69 KB took 0.3 ms at this level (13.4 KB) and 1.6 ms at the usual one (11.0 KB), longer than
                // drawing it (zlib, 2026-11-28).
                .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
                .layer(middleware::from_fn_with_state(services.clone(), refusals::layer))
                .layer(CatchPanicLayer::new())
                .layer(middleware::map_request(public_url::normalize_origin))
                .layer(middleware::from_fn_with_state(config.public_url.clone(), addressing::only_own_origin))
                .layer(csrf)
                .layer(RequestBodyLimitLayer::new(LARGEST_FORM)),
        );
    Ok(Router::new()
        .merge(assets::router())
        .merge(health::router(health))
        .merge(feed::router(feed))
        .merge(people)
        // Outermost first here as well.
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn(traces::layer))
                .layer(middleware::from_fn(metrics::layer))
                .layer(middleware::from_fn_with_state(config.public_url.is_https(), headers::layer))
                .layer(middleware::from_fn_with_state(config.public_url.clone(), addressing::layer)),
        ))
}
