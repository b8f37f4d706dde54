//! A table of operations: how each stands, what happened, where and when. Used by the audit log and by the pages of
//! what operations act on; filters and paging are the page's own.

use leptos::prelude::*;
use portal::{
    PortalRole,
    audit::{OperationSummary, Sentence},
};

use super::{Ago, OutcomePill, SentenceView, Standing};

/// Whether the table tells in which team: within one team it goes without saying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TeamColumn {
    Shown,
    Left,
}

/// The operations, in the order given.
#[component]
pub fn OperationsTable(
    operations: Vec<OperationSummary>,
    #[prop(into)] caption: String,
    teams: TeamColumn,
    viewer: PortalRole,
) -> impl IntoView {
    let with_team = teams == TeamColumn::Shown;
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
                <tbody>{operations.into_iter().map(|operation| row(operation, with_team, viewer)).collect_view()}</tbody>
            </table>
        </div>
    }
}

fn row(operation: OperationSummary, with_team: bool, viewer: PortalRole) -> impl IntoView {
    let standing = Standing::of(&operation);
    let sentence = Sentence::of(&operation);
    let beside = sentence.beside.clone();
    let (what, when) = (format!("what-{}", operation.id), format!("when-{}", operation.id));
    let named_by = format!("{when} {what}");
    view! {
        <tr>
            <td><OutcomePill standing=standing/></td>
            <th scope="row">
                <div class="sentence">
                    <span id=what><SentenceView sentence=sentence viewer=viewer/></span>
                    {beside.map(|beside| view! { <span class="soft">{beside}</span> })}
                </div>
            </th>
            {with_team.then(|| view! { <td class="minor">{operation.team_name.unwrap_or_default()}</td> })}
            <td class="num soft">
                <a id=when href=format!("/audit/{}", operation.id) aria-labelledby=named_by><Ago at=operation.at/></a>
            </td>
        </tr>
    }
}
