//! `/audit/{operation}`: one operation: actor, change, reason, Workato's answer, its entries with the exact bytes that
//! are hashed, its review, and related operations.

mod change;
mod entries;
mod facts;
mod related;
mod review;
mod settle;
mod state_change;

use leptos::prelude::*;
use portal::{Error, OperationId, audit::LogOf};

use crate::{
    components::{Ago, DoneNotice, Frame, OutcomePill, Rendered, Section, SentenceView, page},
    context,
    islands::ReviewKeys,
    operation_status::OperationStatus,
    wording::{operations::Sentence, outcomes},
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
    let (title, detail, at) = (sentence.text(), sentence.detail.clone(), logged.summary.at);
    let remarks = portal.reviews(&logged).await?;
    let obstacle = portal.review_obstacle(&actor, &logged.summary).await?;
    let related = portal.related(&actor, &logged.summary).await?;
    let keys = (actor.reviews() && logged.summary.action.is_reviewable()).then(|| view! { <ReviewKeys/> });
    let content = view! {
        <p class="back"><a href="/audit">"Audit log"</a></p>
        <div class="head">
            <div>
                <h1><SentenceView sentence=sentence viewer=viewer/></h1>
                <p class="row">
                    <OutcomePill status=status/>
                    <span class="soft"><Ago at=at/></span>
                </p>
                {detail.map(|detail| view! { <p class="soft">{detail}</p> })}
            </div>
            {keys}
        </div>
        <DoneNotice/>
        {outcomes::what_follows(status, unrecorded).map(|words| view! { <p class="callout notice warn" role="status">{words}</p> })}
        {settle}
        <div class="cols">
            <div>
                {change::table(&logged)}
                {entries::entries(&logged)}
                {related::section(related, viewer)}
            </div>
            <div>
                {review::panel(&logged, &remarks, &actor, obstacle)}
                {facts::facts(&logged, viewer)}
            </div>
        </div>
    };
    Ok(frame.section(Section::Audit).title(title).render(content))
}
