//! A person's sessions on `/admin/people/{person}`, and the form that ends one or all of them.

use leptos::prelude::*;
use portal::accounts::{Person, SessionFacts};

use crate::{
    components::{Field, SessionActions, by_id, empty, problem_summary, session_row, sessions_table},
    form_memory::Refused,
    islands::SubmitOnce,
    wording::devices::device,
};

/// Ends the sessions of somebody who lost a device, say. An admin gives a reason.
pub fn person_sessions(person: &Person, sessions: Vec<SessionFacts>, refused: &Refused) -> AnyView {
    let name = person.name.clone();
    let content = if sessions.is_empty() {
        empty(format!("{name} isn't signed in anywhere."))
    } else {
        let chosen = refused.value("session", "");
        let options = sessions
            .iter()
            .map(|session| {
                let label = session.label.clone();
                let is_chosen = label == chosen;
                let from = session.ip.as_deref().unwrap_or("an unknown address");
                let name = format!("{} from {from} ({label})", device(session.user_agent.as_deref()));
                view! { <option value=label selected=is_chosen>{name}</option> }
            })
            .collect_view();
        let rows = sessions.into_iter().map(|session| session_row(session, false, None)).collect_view();
        view! {
            {sessions_table(format!("Sessions of {name}, most recently used first"), rows.into_any(), SessionActions::Nothing)}
            <form class="fields" method="post" action="/api/fn/end_sessions">
                {problem_summary(refused, by_id([("reason", "sessions-reason".to_owned()), ("session", "session".to_owned())]))}
                <input type="hidden" name="person" value=person.id.to_string()/>
                <div class="field">
                    <label for="session">"Session"</label>
                    <select id="session" name="session">
                        <option value="">"All sessions"</option>
                        {options}
                    </select>
                </div>
                <Field
                    label="Reason"
                    name="reason"
                    id="sessions-reason"
                    value=refused.value("reason", "")
                    required=true
                    autocomplete="off"
                    hint="Recorded in the audit log with your name."
                    problem=refused.problem("reason")
                />
                <SubmitOnce label="End sessions" class="danger"/>
            </form>
        }
        .into_any()
    };
    view! {
        <section class="panel" aria-labelledby="sessions">
            <h2 id="sessions">"Sessions"</h2>
            {content}
        </section>
    }
    .into_any()
}
