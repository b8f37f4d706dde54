//! A table of operations: status, what happened, where and when. Filters and pages belong to the page that shows it.

use leptos::prelude::*;
use portal::{PortalRole, audit::OperationSummary};

use super::{Ago, OutcomePill, SentenceView};
use crate::{
    operation_status::OperationStatus,
    wording::operations::{self, Sentence},
};

/// Whether the table has a column for the team. A list of one team does not need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TeamColumn {
    Shown,
    Left,
}

/// The operations, in the given order.
#[component]
pub fn OperationsTable(
    operations: Vec<OperationSummary>,
    #[prop(into)] caption: String,
    teams: TeamColumn,
    viewer: PortalRole,
) -> impl IntoView {
    let with_team = teams == TeamColumn::Shown;
    let rows = operations.into_iter().map(|operation| row(operation, with_team, viewer));
    view! {
        <div class="sheet">
            <table class="cards">
                <caption>{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Outcome"</th>
                        <th scope="col">"What happened"</th>
                        {with_team.then(|| view! { <th scope="col" class="minor">"Team"</th> })}
                        <th scope="col" class="num">"When"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}

fn row(operation: OperationSummary, with_team: bool, viewer: PortalRole) -> impl IntoView {
    let status = OperationStatus::of(&operation);
    let sentence = Sentence::of(&operation);
    let detail = sentence.detail.clone();
    let changed = operation.changed.as_ref().map(operations::changed);
    let (what, when) = (format!("what-{}", operation.id), format!("when-{}", operation.id));
    let named_by = format!("{when} {what}");
    view! {
        <tr>
            <td><OutcomePill status=status/></td>
            <th scope="row">
                <div class="sentence">
                    <span id=what><SentenceView sentence=sentence viewer=viewer/></span>
                    {detail.map(|detail| view! { <span class="soft">{detail}</span> })}
                    {changed.map(|words| view! { <strong class="problem">{words}</strong> })}
                </div>
            </th>
            {with_team.then(|| view! { <td class="minor">{operation.team_name.unwrap_or_default()}</td> })}
            <td class="num soft">
                <a id=when href=format!("/audit/{}", operation.id) aria-labelledby=named_by>
                    <Ago at=operation.at/>
                </a>
            </td>
        </tr>
    }
}
