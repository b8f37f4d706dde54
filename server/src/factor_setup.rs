//! People who need a second factor and have none can only set one up or sign out. This is enforced here, for every page and
//! every function, before any of them runs.

use app::context::{Services, Visitor};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use http::Method;
use portal::{PublicError, accounts::provider::CALLBACK};

use crate::functions;

/// The page that sets a factor up.
const SET_UP: &str = "/account/second-factor";
/// What else there is.
const ALLOWED: [&str; 10] = [
    SET_UP,
    "/account/confirm",
    "/login/provider",
    CALLBACK,
    "/api/fn/add_totp",
    "/api/fn/add_passkey",
    "/api/fn/confirm",
    "/api/fn/confirm_with_passkey",
    "/api/fn/dismiss_notices",
    "/api/fn/sign_out",
];

/// Middleware inside the one that finds the visitor.
pub async fn layer(State(services): State<Services>, request: Request, next: Next) -> Response {
    let actor = request.extensions().get::<Visitor>().and_then(|visitor| visitor.actor.as_ref());
    let must_set_up = actor.is_some_and(|actor| services.portal.must_set_up_factor(actor));
    if !must_set_up || ALLOWED.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let is_page = matches!(*request.method(), Method::GET | Method::HEAD) && !functions::wants_json(request.headers());
    if is_page {
        return Redirect::to(SET_UP).into_response();
    }
    functions::refuse(&services, &request.into_parts().0, PublicError::FactorMissing).await
}
