//! The notice about the operation that a page's URL names (`?operation=ID`), read from the log. A form that changes
//! something redirects to such a URL. Anyone can put an id into a URL, so a page shows only operations on its own
//! target.

use leptos::prelude::*;
use portal::{
    Error, OperationId, TeamReader,
    audit::{Logged, OperationSummary, Outcome, TargetType},
};
use time::OffsetDateTime;

use super::Ago;
use crate::{
    context,
    wording::notices::{Notice, Tone},
};

/// The URL parameter that names the operation.
pub const PARAMETER: &str = "operation";

/// The operation that the URL names.
pub struct NamedOperation {
    pub logged: Logged,
    /// Its outcome, if it is known but not in the log yet.
    unrecorded: Option<Outcome>,
}

impl NamedOperation {
    /// The notice. `history` has the target's operations, newest first, to see whether a later one changed the target.
    pub fn notice(&self, history: &[OperationSummary]) -> AnyView {
        let summary = &self.logged.summary;
        let now = OffsetDateTime::now_utc();
        let notice = Notice::new(&self.logged, self.unrecorded, is_overtaken(summary.id, history), now);
        let waited = self.logged.entries.iter().find_map(|entry| entry.entry.workato.as_ref()?.waited_seconds);
        render(notice, summary, waited)
    }
}

/// The notice for the page of this target. `history` has the target's operations, newest first.
///
/// # Errors
/// `Store` if the log cannot be read.
pub async fn operation_notice(
    reader: &TeamReader,
    kind: TargetType,
    target: impl ToString,
    history: &[OperationSummary],
) -> Result<Option<AnyView>, Error> {
    let target = target.to_string();
    let is_of_target =
        |operation: &OperationSummary| operation.target.as_ref().is_some_and(|of| of.kind == kind && of.id == target);
    Ok(named_operation(reader, is_of_target).await?.map(|named| named.notice(history)))
}

/// The operation that the URL names, if it belongs to the team and `belongs_here`. `None` for an id that is invalid,
/// unknown, or of another page.
///
/// # Errors
/// `Store` if the log cannot be read.
pub async fn named_operation(
    reader: &TeamReader,
    belongs_here: impl Fn(&OperationSummary) -> bool,
) -> Result<Option<NamedOperation>, Error> {
    let portal = context::portal();
    let Ok(id) = context::query().get(PARAMETER).parse::<OperationId>() else { return Ok(None) };
    let logged = match portal.operation(reader.actor(), id).await {
        Ok(logged) => logged,
        Err(Error::NotFound | Error::Forbidden { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let is_shown = logged.summary.team_id == Some(reader.team().id) && belongs_here(&logged.summary);
    Ok(is_shown.then(|| NamedOperation { unrecorded: portal.unrecorded_outcome(id), logged }))
}

/// Whether a later operation changed the same target.
fn is_overtaken(id: OperationId, history: &[OperationSummary]) -> bool {
    history
        .iter()
        .take_while(|operation| operation.id != id)
        .any(|operation| operation.outcome == Some(Outcome::Succeeded))
}

/// `waited` is how many seconds the call waited for its turn.
fn render(notice: Notice, operation: &OperationSummary, waited: Option<u64>) -> AnyView {
    let waited = waited.map(|seconds| format!(" · after {seconds} s in the queue"));
    let (class, role) = match notice.tone {
        Tone::Good => ("callout notice ok", "status"),
        Tone::Waiting => ("callout notice info", "status"),
        Tone::Doubtful => ("callout notice warn", "alert"),
        Tone::Bad => ("callout notice bad", "alert"),
    };
    let (href, link) = match operation.is_unapproved() {
        true => (format!("/approvals/{}", operation.id), "View request"),
        false => (format!("/audit/{}", operation.id), "View operation"),
    };
    view! {
        <div class=class role=role>
            <p><strong>{notice.text}</strong></p>
            {notice.quote.map(|words| view! { <p>"“"{words}"”"</p> })}
            {notice.advice.map(|advice| view! { <p>{advice}</p> })}
            <p class="soft"><Ago at=operation.at/>{waited}" · "<a href=href>{link}</a></p>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use portal::audit::Outcome;
    use time::macros::datetime;

    use super::is_overtaken;
    use crate::fixture;

    #[test]
    fn only_a_later_operation_that_succeeded_overtakes() {
        let share = || fixture::share_of(4, datetime!(2026-11-22 12:00 UTC));
        let (old, new, mut rejected) = (share(), share(), share());
        rejected.outcome = Some(Outcome::Rejected);
        assert!(is_overtaken(old.id, &[new, old.clone()]));
        assert!(!is_overtaken(old.id, &[rejected, old.clone()]));
    }
}
