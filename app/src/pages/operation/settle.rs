//! The form that settles an operation by hand, if no read of Workato could.

use leptos::prelude::*;
use portal::{TeamSlug, audit::OperationSummary, operations::Finding};

use crate::{
    components::{ChoiceField, Field, by_name, problem_summary},
    forms,
    islands::SubmitOnce,
};

/// The form's name.
const FORM: &str = "settle-operation";

/// The form, for an operator of the operation's team.
pub fn form(operation: &OperationSummary, team: &TeamSlug) -> AnyView {
    let refused = forms::refused(FORM);
    let findings = [(Finding::Done, "It was done"), (Finding::NotDone, "It was not done")];
    let choices = findings.map(|(finding, words)| (finding.as_str().to_owned(), words.to_owned())).into();
    view! {
        <form id="settle" class="panel" method="post" action="/api/fn/settle_operation" aria-labelledby="settle-title">
            {problem_summary(&refused, by_name(["finding", "note"]))}
            <h2 id="settle-title">"Record the outcome"</h2>
            <p class="soft">
                "Check in Workato, then record what you found. It is added to this operation's log with your name."
            </p>
            <input type="hidden" name="team" value=team.to_string()/>
            <input type="hidden" name="id" value=operation.id.to_string()/>
            <ChoiceField
                label="What you found"
                name="finding"
                none="choose"
                choices=choices
                chosen=refused.value("finding", "")
                hint=None
                problem=refused.problem("finding")
            />
            <Field
                label="How do you know?"
                name="note"
                value=refused.value("note", "")
                required=true
                autocomplete="off"
                problem=refused.problem("note")
            />
            <SubmitOnce label="Record the outcome" class="primary"/>
        </form>
    }
    .into_any()
}
