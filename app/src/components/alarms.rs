//! The alarms that are raised, on the audit log's page.

use leptos::prelude::*;
use portal::alarms::Severity;

use super::{Age, Tone, notice};
use crate::{context, wording::alarms};

/// The notice, if any alarm is raised.
pub fn alarms_notice() -> Option<AnyView> {
    let raised = context::portal().alarms().list();
    if raised.is_empty() {
        return None;
    }
    let refused = raised
        .iter()
        .any(|(alarm, _)| alarm.code().severity() == Severity::History)
        .then(|| view! { <p>{alarms::CHANGES_ARE_REFUSED}</p> });
    let each: Vec<_> = raised
        .into_iter()
        .map(|(alarm, since)| view! { <li>{alarms::sentence(&alarm)}" Noticed "<Age at=since/>"."</li> })
        .collect();
    let content = view! {
        <p><strong>"Something changed the portal's data"</strong></p>
        <ul>{each}</ul>
        {refused}
    };
    Some(notice(Tone::Bad, content))
}
