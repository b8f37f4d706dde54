//! Operations without a final outcome: the queue of those that wait for a person, and the warning on a target's page
//! before it is changed again.

use leptos::prelude::*;
use portal::{Actor, Error, audit::OperationSummary};

use super::{OperationsTable, TeamColumn, Tone, standing_notice};
use crate::{context, operation_status::OperationStatus, wording::operations::Sentence};

/// The parts above and below the log.
pub struct WaitingQueue {
    pub above: AnyView,
    pub below: AnyView,
}

/// The queue and the link to it, if any operation waits.
///
/// # Errors
/// `Store` if the log cannot be read.
pub async fn waiting_queue(actor: &Actor) -> Result<Option<WaitingQueue>, Error> {
    let operations = context::portal().waiting(actor).await?;
    let viewer = actor.role();
    let words = match operations.len() {
        0 => return Ok(None),
        1 => "1 operation needs a check".to_owned(),
        count => format!("{count} operations need a check"),
    };
    Ok(Some(WaitingQueue {
        above: standing_notice(Tone::Warn, view! { <p><a href="#waiting">{words}</a></p> }),
        below: view! {
            <section class="panel" aria-labelledby="waiting">
                <h2 id="waiting">"Check needed"</h2>
                <p class="soft">
                    "The portal can't tell if these went through. Check in Workato, then record the outcome."
                </p>
                <OperationsTable operations caption="Operations that need a check" teams=TeamColumn::Shown viewer/>
            </section>
        }
        .into_any(),
    }))
}

/// What waits for a second person among these operations, if anything does.
pub fn requested_note(history: &[OperationSummary]) -> Option<AnyView> {
    let waits = history.iter().find(|operation| OperationStatus::of(operation) == OperationStatus::Requested)?;
    let href = format!("/approvals/{}", waits.id);
    let sentence = Sentence::of(waits).text();
    Some(standing_notice(Tone::Info, view! { <p>"Waiting for approval: "<a href=href>{sentence}</a></p> }))
}

/// The warning, if one of these operations has no final outcome. `history` is ordered newest first.
pub fn unsettled_warning(history: &[OperationSummary]) -> Option<AnyView> {
    let open = history.iter().find(|operation| {
        matches!(
            OperationStatus::of(operation),
            OperationStatus::Unknown | OperationStatus::Waiting | OperationStatus::NotRecorded
        )
    })?;
    let href = format!("/audit/{}", open.id);
    let sentence = Sentence::of(open).text();
    let content = view! {
        <p>
            "The outcome of an earlier change is unknown: "<a href=href>{sentence}</a>
            ". Another change makes it harder to find out."
        </p>
    };
    Some(standing_notice(Tone::Warn, content))
}
