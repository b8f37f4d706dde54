//! Loads a page's data, then renders it, so that the response has its true status.

use std::future::Future;

use http::{HeaderValue, StatusCode, header};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use portal::{Error, PortalRole, PublicError};
use time::OffsetDateTime;

use super::{
    ButtonLink, ButtonLook,
    frame::{Frame, Rendered},
    icon::Glyph,
    notice::notice,
    state::{Tone, state},
    time::Moment,
};
use crate::{answer::sign_in_path, context, wording::refusals};

/// Renders the page that `work` makes. On an error it renders the refusal page with the matching status, or redirects
/// to sign in.
///
/// The work is boxed: without it, drawing the audit log needed 2 MB of stack in a build that does not optimise the pages, which
/// is all that a thread has.
pub fn page(work: impl Future<Output = Result<Rendered, Error>> + Send + 'static) -> AnyView {
    let work = Box::pin(work);
    view! {
        <Suspense>
            {Suspend::new(async move {
                match work.await {
                    Ok(rendered) => Box::pin(rendered.finished()).await,
                    Err(Error::SignedOut) => {
                        let here = context::uri().path_and_query().map_or("/".to_owned(), ToString::to_string);
                        redirected(&sign_in_path(&here)).without_counts()
                    }
                    Err(error) => page_of_refusal(error.public(), Box::pin(Frame::around_refusal()).await, None),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// Redirects to `path`, which is percent-encoded.
///
/// `leptos_axum::redirect` answers 200 to clients that do not accept HTML. A page has nothing else to send them.
pub fn redirected(path: &str) -> Rendered {
    if let (Some(response), Ok(path)) = (use_context::<ResponseOptions>(), HeaderValue::try_from(path)) {
        response.set_status(StatusCode::SEE_OTHER);
        response.insert_header(header::LOCATION, path);
    }
    Rendered::nothing()
}

/// The refusal page. Sets the matching status. `fresh_form` is the URL of the refused form, if it can be sent again.
pub fn page_of_refusal(error: PublicError, frame: Frame, fresh_form: Option<String>) -> AnyView {
    let status = set_status_of(&error);
    let heading = refusals::heading(&error);
    let (told, operation) = match &error {
        PublicError::Forbidden { operation: Some(operation) } => {
            (Some("Your attempt is in the audit log."), Some(*operation))
        }
        PublicError::Conflict { operation } => (None, Some(*operation)),
        _ => (None, None),
    };
    let next_step = match fresh_form {
        Some(form) => {
            Some(view! { <ButtonLink href=form look=ButtonLook::Primary>"Open a fresh form"</ButtonLink> }.into_any())
        }
        None => next_step(&error, &frame),
    };
    let fresh = matches!(&error, PublicError::Conflict { .. }) && next_step.is_some();
    let kept = fresh.then_some("The fresh form keeps what you typed, except credentials.");
    let notes: Vec<_> = [refusals::consequence(&error), told, kept].into_iter().flatten().collect();
    let notes = (!notes.is_empty()).then(|| format!(" {}", notes.join(" ")));
    let (shape, tone) = if status.is_server_error() { (Glyph::Bad, Tone::Bad) } else { (Glyph::Exc, Tone::None) };
    let operation = operation.map(|id| {
        view! { <dt>"Operation"</dt>" "<dd><a href=format!("/audit/{id}") class="id">{id.to_string()}</a></dd> }
    });
    let request = context::visitor().request_id;
    let page = frame.title(heading).render(view! {
        <section class="oops" aria-labelledby="refusal">
            {state(shape, tone, status.as_str())}
            <div>
                <h1 id="refusal">{heading}</h1>
                <p class="t2">{refusals::message(&error)}{notes}</p>
            </div>
            <p class="acts">{next_step}<ButtonLink href="/">"Go to home"</ButtonLink></p>
            <dl class="facts">
                {operation}
                <dt>"Request ID"</dt>" "<dd><code class="id">{request}</code></dd>
                <dt>"When"</dt>" "<dd><Moment at=OffsetDateTime::now_utc()/></dd>
            </dl>
        </section>
    });
    page.without_counts()
}

/// A more helpful link than the start page: the same page again if Workato failed, the teams if the token is missing.
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
        PublicError::NoToken | PublicError::TokenNotUsed | PublicError::TokenRefused
            if frame.actor().is_ok_and(|actor| actor.role() == PortalRole::Admin) =>
        {
            ("/admin/teams".to_owned(), "Teams and their tokens")
        }
        PublicError::TeamRetired => ("/audit".to_owned(), "Open the audit log"),
        _ => return None,
    };
    Some(view! { <ButtonLink href=href look=ButtonLook::Primary>{label}</ButtonLink> }.into_any())
}

/// Shows the problems of a form that the page cannot show again.
pub fn unsent_notice(unsent: String) -> AnyView {
    notice(Tone::Bad, unsent)
}

/// Sets the response's status to the error's, and `Retry-After` if the error has it.
pub fn set_status_of(error: &PublicError) -> StatusCode {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    set_status(status);
    if let (Some(seconds), Some(response)) = (error.retry_after(), use_context::<ResponseOptions>()) {
        response.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    status
}

/// Sets the response's status.
pub fn set_status(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}
