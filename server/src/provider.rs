//! `/login/provider…`: the way to the OpenID Connect provider and back. What the browser keeps meanwhile is a sealed cookie;
//! the portal keeps nothing.

use app::{
    answer::{confirm_path, safe_next, second_step_path, sign_in_path, with_parameter},
    browser_session,
    context::{Services, Visitor},
};
use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, HeaderValue, header, request::Parts};
use portal::{
    PublicError,
    accounts::{
        FirstStep,
        provider::{CameBack, PENDING_LENGTH, ProviderAnswer, ProviderError},
    },
};
use tracing::Instrument;

use crate::functions;

/// A cookie of these routes.
#[derive(Clone, Copy)]
enum Cookie {
    /// What the browser set out with.
    Pending,
    /// The ID token, for signing out at the provider.
    Hint,
}

impl Cookie {
    const fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Pending, true) => "__Host-portal-provider",
            (Self::Pending, false) => "portal-provider",
            (Self::Hint, true) => "__Host-portal-provider-hint",
            (Self::Hint, false) => "portal-provider-hint",
        }
    }

    fn of(self, services: &Services, headers: &HeaderMap) -> Option<String> {
        let name = self.name(is_https(services));
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(of, _)| *of == name).map(|(_, value)| value.to_owned())
    }

    /// Sets the cookie, or removes it. `Lax` and not `Strict`: the provider's page leads back here.
    fn put(self, services: &Services, response: &mut Response, value: Option<&str>) {
        let secure = is_https(services);
        let lasts = match (self, value) {
            (_, None) => "; Max-Age=0".to_owned(),
            (Self::Pending, Some(_)) => format!("; Max-Age={}", PENDING_LENGTH.whole_seconds()),
            // As long as the browser is open, as a session.
            (Self::Hint, Some(_)) => String::new(),
        };
        let (name, value, secure) =
            (self.name(secure), value.unwrap_or_default(), if secure { "; Secure" } else { "" });
        let cookie = format!("{name}={value}; Path=/{lasts}; HttpOnly; SameSite=Lax{secure}");
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}

fn is_https(services: &Services) -> bool {
    services.public_url.starts_with("https:")
}

/// `GET /login/provider`: sends the browser to the provider; with `confirm`, to confirm who the person of the session is.
pub async fn set_out(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    parts: Parts,
) -> Response {
    let next = safe_next(&parameter(&parts, "next").unwrap_or_default());
    let confirms = parameter(&parts, "confirm").is_some();
    let actor = match (confirms, &visitor.actor) {
        (true, None) => return Redirect::to(&sign_in_path(&next)).into_response(),
        (false, Some(_)) => return Redirect::to(&next).into_response(),
        (_, actor) => actor.as_ref(),
    };
    match services.portal.set_out(&next, actor).await {
        Ok(out) => {
            let mut response = Redirect::to(out.url.as_str()).into_response();
            Cookie::Pending.put(&services, &mut response, Some(&out.cookie));
            response
        }
        Err(error) => refused(&services, &parts, &visitor, error, &next).await,
    }
}

/// `GET /login/provider/callback`: the browser comes back. Runs as a task of its own: a client that hangs up cancels nothing
/// halfway.
pub async fn come_back(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    parts: Parts,
) -> Response {
    let cookie = Cookie::Pending.of(&services, &parts.headers);
    let next = safe_next(&services.portal.wanted(cookie.as_deref()));
    let work = {
        let (services, visitor, parts, cookie) = (services.clone(), visitor.clone(), parts.clone(), cookie.clone());
        async move { sign_in(&services, &visitor, cookie.as_deref(), &answer_in(&parts), &next).await }
            .in_current_span()
    };
    let next = safe_next(&services.portal.wanted(cookie.as_deref()));
    let mut response = match services.portal.run_request(work).await {
        Ok(Ok((path, hint))) => {
            let mut response = Redirect::to(&path).into_response();
            if let Some(hint) = hint {
                Cookie::Hint.put(&services, &mut response, Some(&hint));
            }
            response
        }
        Ok(Err(error)) => refused(&services, &parts, &visitor, error, &next).await,
        Err(error) => {
            tracing::error!(%error, "a sign-in at the provider broke off");
            functions::refuse(&services, &parts, PublicError::Internal).await
        }
    };
    if cookie.is_some() {
        Cookie::Pending.put(&services, &mut response, None);
    }
    response
}

/// `GET /login/provider/sign-out`: sends the browser to the provider's page for signing out, after the session here.
pub async fn sign_out(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    parts: Parts,
) -> Response {
    if visitor.actor.is_some() {
        return Redirect::to("/").into_response();
    }
    let hint = Cookie::Hint.of(&services, &parts.headers);
    let mut response = match services.portal.provider_sign_out(hint.as_deref()).await {
        Some(url) => Redirect::to(url.as_str()).into_response(),
        None => Redirect::to("/login").into_response(),
    };
    if hint.is_some() {
        Cookie::Hint.put(&services, &mut response, None);
    }
    response
}

/// Where to go, and the cookie for signing out at the provider.
async fn sign_in(
    services: &Services,
    visitor: &Visitor,
    cookie: Option<&str>,
    answer: &ProviderAnswer,
    next: &str,
) -> Result<(String, Option<String>), ProviderError> {
    let portal = &services.portal;
    let (first, hint) = match portal.come_back(cookie, answer, visitor.actor.as_ref(), &visitor.origin).await? {
        CameBack::Confirmed => return Ok((next.to_owned(), None)),
        CameBack::SignedIn { first, hint } => (first, hint),
    };
    match *first {
        FirstStep::Proved(proof) => {
            browser_session::begin(portal, visitor, &proof).await?;
            Ok((next.to_owned(), hint))
        }
        FirstStep::NeedsFactor(step) => {
            visitor.second_step.set(portal.second_step_token(&step)?);
            Ok((second_step_path(next), hint))
        }
    }
}

/// Back to the page that led to the provider. Its URL carries one word of a closed set and no text.
async fn refused(services: &Services, parts: &Parts, visitor: &Visitor, error: ProviderError, next: &str) -> Response {
    match error {
        ProviderError::Refused(why) => {
            let page = if visitor.actor.is_some() { confirm_path(next) } else { sign_in_path(next) };
            Redirect::to(&with_parameter(&page, "provider", why.word())).into_response()
        }
        ProviderError::Portal(error) => functions::refuse(services, parts, error.public()).await,
    }
}

fn answer_in(parts: &Parts) -> ProviderAnswer {
    ProviderAnswer {
        code: parameter(parts, "code").map(Into::into),
        state: parameter(parts, "state"),
        iss: parameter(parts, "iss"),
        error: parameter(parts, "error"),
    }
}

/// A parameter of the query that is given once.
fn parameter(parts: &Parts, name: &str) -> Option<String> {
    let query = parts.uri.query().unwrap_or_default();
    let mut values = url::form_urlencoded::parse(query.as_bytes()).filter(|(of, _)| of == name).map(|(_, value)| value);
    let value = values.next()?;
    values.next().is_none().then(|| value.into_owned())
}
