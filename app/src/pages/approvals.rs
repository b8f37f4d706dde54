//! `/approvals`: the requests that wait for the person, those that the person made, and those decided lately.

use leptos::prelude::*;
use portal::{Error, audit::OperationSummary, operations::WaitingRequest};

use crate::{
    components::{Ago, DoneNotice, Frame, OutcomePill, Rendered, Section, page},
    context,
    operation_status::OperationStatus,
    wording::{approvals as words, operations::Sentence},
};

#[component]
pub fn ApprovalsPage() -> impl IntoView {
    page(approvals())
}

async fn approvals() -> Result<Rendered, Error> {
    let frame = Frame::signed_in()?.with_teams().await?.section(Section::Approvals).title("Approvals");
    let actor = frame.actor()?.clone();
    let found = context::portal().approvals(&actor).await?;
    let waiting = |operations: Vec<WaitingRequest>| operations.into_iter().map(|it| it.operation).collect();
    let for_me = match found.for_me.is_empty() {
        true => view! { <p class="panel empty">"No request waits for you."</p> }.into_any(),
        false => list("Requests that wait for you", waiting(found.for_me)),
    };
    let others = (!found.others.is_empty())
        .then(|| section("others", "Waiting for others", list("Requests that wait for others", waiting(found.others))));
    let mine = (!found.mine.is_empty())
        .then(|| section("mine", "You asked for", list("Requests that you made", waiting(found.mine))));
    let decided = (!found.decided.is_empty())
        .then(|| section("decided", "Decided lately", list("Requests decided lately, newest first", found.decided)));
    Ok(frame.render(view! {
        <div class="head">
            <div class="head-main"><h1>"Approvals"</h1><p class="sm">{words::ABOUT}</p></div>
        </div>
        <DoneNotice/>
        {section("for-me", "Waiting for you", for_me)}
        {mine}
        {others}
        {decided}
    }))
}

fn section(id: &'static str, heading: &'static str, content: AnyView) -> AnyView {
    let heading_id = format!("h-{id}");
    let labelled_by = heading_id.clone();
    view! {
        <section id=id aria-labelledby=labelled_by>
            <h2 id=heading_id>{heading}</h2>
            {content}
        </section>
    }
    .into_any()
}

fn list(caption: &'static str, operations: Vec<OperationSummary>) -> AnyView {
    let rows = operations.into_iter().map(|operation| row(&operation)).collect_view();
    view! {
        <div class="sheet">
            <table class="cards">
                <caption class="vh">{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Status"</th>
                        <th scope="col">"Request"</th>
                        <th scope="col" class="minor">"Team"</th>
                        <th scope="col" class="num">"Asked"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(operation: &OperationSummary) -> AnyView {
    let reason = operation.first.as_ref().and_then(|first| first.reason.clone());
    let href = format!("/approvals/{}", operation.id);
    view! {
        <tr>
            <td><OutcomePill status=OperationStatus::of(operation)/></td>
            <th scope="row">
                <div class="sentence">
                    <a href=href>{Sentence::of(operation).text()}</a>
                    {reason.map(|reason| view! { <span class="soft">{reason}</span> })}
                </div>
            </th>
            <td class="minor">{operation.team_name.clone().unwrap_or_default()}</td>
            <td class="num soft"><Ago at=operation.at/></td>
        </tr>
    }
    .into_any()
}
