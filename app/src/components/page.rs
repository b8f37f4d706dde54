//! How a page comes about: its work is done first, so that the answer has its true status; then it is drawn whole.

use std::future::Future;

use http::{HeaderValue, StatusCode, header};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use portal::{Error, PortalRole, PublicError};

use super::Frame;
use crate::{answer::sign_in_path, context};

/// A page that is drawn.
pub struct Drawn(pub(super) AnyView);

/// Draws a page when its work is done; when it cannot be, says why, with the status that says the same.
pub fn page(work: impl Future<Output = Result<Drawn, Error>> + Send + 'static) -> AnyView {
    view! {
        <Suspense>
            {Suspend::new(async move {
                match work.await {
                    Ok(Drawn(view)) => view,
                    Err(Error::SignedOut) => {
                        let asked = context::uri().path_and_query().map_or("/".to_owned(), ToString::to_string);
                        redirected(&sign_in_path(&asked)).0
                    }
                    Err(error) => page_of_refusal(error.public(), Frame::around_refusal().await),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// Leads elsewhere instead of drawing anything. `path` is percent-encoded.
///
/// Leptos' own redirect answers 200 to whoever does not ask for HTML by name; a page has nothing else to offer.
pub fn redirected(path: &str) -> Drawn {
    if let (Some(response), Ok(path)) = (use_context::<ResponseOptions>(), HeaderValue::try_from(path)) {
        response.set_status(StatusCode::SEE_OTHER);
        response.insert_header(header::LOCATION, path);
    }
    Drawn(().into_any())
}

/// Draws why there is no page, and sets the status that says the same.
pub fn page_of_refusal(error: PublicError, frame: Frame) -> AnyView {
    let status = set_status_of(&error);
    let heading = heading(&error);
    let operation = match &error {
        PublicError::Forbidden { operation: Some(operation) } => {
            Some(("The attempt is in the audit log as ", *operation))
        }
        PublicError::Conflict { operation } => Some(("It was used for operation ", *operation)),
        _ => None,
    };
    let next_step = next_step(&error, &frame);
    let request = context::visitor().request_id;
    let drawn = frame.title(heading).draw(view! {
        <section class="panel refusal" aria-labelledby="refusal">
            <p class="soft">{status.as_u16()}</p>
            <h1 id="refusal">{heading}</h1>
            <p>{error.to_string()}</p>
            {operation.map(|(says, operation)| view! {
                <p>{says}<a href=format!("/audit/{operation}") class="id">{operation.to_string()}</a>"."</p>
            })}
            <p class="soft">"Request "<span class="id">{request}</span></p>
            <p class="row">{next_step}<a class="button" href="/">"To the start page"</a></p>
        </section>
    });
    drawn.0
}

/// What helps more than the start page: the same page again where Workato is the cause, the token where it is missing.
fn next_step(error: &PublicError, frame: &Frame) -> Option<AnyView> {
    let uri = context::uri();
    let is_page = !uri.path().starts_with("/api/");
    let (href, label) = match error {
        PublicError::WorkatoRateLimited { .. }
        | PublicError::WorkatoDown { .. }
        | PublicError::WorkatoTimedOut { .. }
        | PublicError::WorkatoFailed { .. }
            if is_page =>
        {
            (uri.path_and_query()?.to_string(), "Try again")
        }
        PublicError::NoToken if frame.actor().is_ok_and(|actor| actor.role() == PortalRole::Admin) => {
            ("/admin/teams".to_owned(), "To the teams and their tokens")
        }
        _ => return None,
    };
    Some(view! { <a class="button primary" href=href>{label}</a> }.into_any())
}

/// Says what was wrong with a form that the page cannot show again.
pub fn unsent_notice(unsent: String) -> AnyView {
    view! { <p class="callout notice bad" role="alert">{unsent}</p> }.into_any()
}

/// Sets the status of the page under way to what says the same as the error, and when to try again where that is known.
pub fn set_status_of(error: &PublicError) -> StatusCode {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    set_status(status);
    if let (Some(seconds), Some(response)) = (error.retry_after(), use_context::<ResponseOptions>()) {
        response.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    status
}

/// Sets the status of the page under way.
pub fn set_status(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}

fn heading(error: &PublicError) -> &'static str {
    match error {
        PublicError::SignedOut => "You are signed out",
        PublicError::Forbidden { .. } => "You have no right to this",
        PublicError::NotFound => "There is no such page",
        PublicError::Conflict { .. } => "This form was used before",
        PublicError::Invalid(_) | PublicError::Malformed => "The portal does not understand this",
        PublicError::Elsewhere => "This came from another site",
        PublicError::WrongMethod => "This address does not take such a request",
        PublicError::TooLarge => "This is too much at once",
        PublicError::LogUnavailable => "Nothing was done",
        PublicError::QueueFull { .. } => "Nothing was sent: the queue is full",
        PublicError::WorkatoRateLimited { .. } => "Workato is asked too often",
        PublicError::WorkatoDown { .. } => "Workato does not answer",
        PublicError::WorkatoTimedOut { .. } => "Workato did not answer in time",
        PublicError::WorkatoFailed { .. } => "Workato could not be read",
        PublicError::NoToken => "This team has no token yet",
        PublicError::TooManyAttempts => "Too many attempts",
        PublicError::Internal => "Something went wrong here",
    }
}
