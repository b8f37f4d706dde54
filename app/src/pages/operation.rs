//! `/audit/{operation}`: one operation: actor, change, reason, Workato's answer, its entries with the exact bytes that
//! are hashed, its review, and related operations.

pub(super) mod change;
mod entries;
mod evidence;
mod facts;
pub(super) mod impact;
mod related;
mod review;
mod settle;
mod state_change;

use leptos::prelude::*;
use portal::{
    Error, OperationId,
    audit::{LogOf, Logged, Stage},
};

use crate::{
    components::{
        ButtonLink, DoneNotice, Frame, Moment, OutcomePill, Rendered, Section, SentenceView, Tone, on_paper, page,
        standing_notice,
    },
    context,
    islands::ReviewKeys,
    operation_status::OperationStatus,
    wording::{operations::Sentence, outcomes, times},
};

#[component]
pub fn OperationPage() -> impl IntoView {
    page(operation(context::path_part("operation")))
}

async fn operation(id: String) -> Result<Rendered, Error> {
    let frame = Frame::signed_in()?;
    let id: OperationId = id.parse().map_err(|_| Error::NotFound)?;
    let portal = context::portal();
    let logged = portal.operation(frame.actor()?, id).await?;
    let frame = match &logged.summary.team_slug {
        // Anyone who may read the operation may read its team.
        Some(team) => Frame::of_team(team.as_str()).await?.0,
        None => frame.with_teams().await?,
    };
    let actor = frame.actor()?.clone();
    if let Some(log) = LogOf::operation(&logged.summary) {
        portal.note_reading(&actor, log).await;
    }
    let viewer = actor.role();
    let sentence = Sentence::of(&logged.summary);
    let status = OperationStatus::of(&logged.summary);
    let unrecorded = portal.unrecorded_outcome(id);
    let settle = logged.summary.team_slug.as_ref().filter(|_| {
        let operates = logged.summary.team_id.is_some_and(|team| actor.operates(team));
        operates && status == OperationStatus::Waiting
    });
    let settle = settle.map(|team| settle::form(&logged.summary, team));
    let title = sentence.text();
    let reason = logged.summary.first.as_ref().and_then(|entry| entry.reason.clone());
    let detail = sentence.detail.clone().filter(|detail| Some(detail) != reason.as_ref());
    let remarks = portal.reviews(&logged).await?;
    let obstacle = portal.review_obstacle(&actor, &logged.summary).await?;
    let related = portal.related(&actor, &logged.summary).await?;
    let trust = portal.trust().await?;
    let keys = (actor.reviews() && logged.summary.action.is_reviewable()).then(|| view! { <ReviewKeys/> });
    let is_request = logged.summary.first.as_ref().is_some_and(|first| first.stage == Stage::Requested);
    let request = is_request.then(|| view! { <ButtonLink href=format!("/approvals/{id}")>"View request"</ButtonLink> });
    let content = view! {
        {on_paper(actor.name(), &format!("/audit/{id}"))}
        <div class="head">
            <div class="head-main">
                <nav class="crumbs" aria-label="Breadcrumb"><ol><li><a href="/audit">"Audit log"</a></li></ol></nav>
                <h1><SentenceView sentence=sentence viewer=viewer/></h1>
                <p class="row sm">
                    <OutcomePill status=status/>
                    {logged.summary.team_name.clone().map(|team| view! { <span class="badge">{team}</span> })}
                    <span class="t3"><Moment at=logged.summary.at/></span>
                    {duration(&logged).map(|words| view! { <span class="t3">{words}</span> })}
                </p>
                {detail.map(|detail| view! { <p class="t2">{detail}</p> })}
            </div>
            <div class="head-acts no-print">{request}{keys}</div>
        </div>
        <DoneNotice/>
        {outcomes::what_follows(status, unrecorded).map(|words| standing_notice(Tone::Warn, view! { <p>{words}</p> }))}
        {settle}
        <div class="cols">
            <div>
                {reason.map(|reason| view! {
                    <section aria-label="Reason"><blockquote class="say"><small>"Reason"</small>{reason}</blockquote></section>
                })}
                {change::card(&logged)}
                {impact::card(&logged)}
                {entries::card(&logged)}
                {evidence::card(&logged, &trust)}
            </div>
            <div>
                {review::panel(&logged, &remarks, &actor, obstacle)}
                {facts::card(&logged, viewer)}
                {related::card(related, viewer)}
            </div>
        </div>
    };
    Ok(frame.section(Section::Audit).title(title).document().render(content))
}

/// How long it took from the first entry to the last, if it has ended.
fn duration(logged: &Logged) -> Option<String> {
    let first = logged.entries.first()?.entry.at;
    let last = logged.entries.iter().rev().map(|logged| &logged.entry).find(|entry| entry.outcome.is_some())?;
    (last.stage == Stage::Outcome).then(|| format!("Took {}", times::duration(last.at - first)))
}
