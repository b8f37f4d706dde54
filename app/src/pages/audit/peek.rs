//! The side panel of the audit log: the operation that `?op=` names, in short. The operation's page has the rest.

use leptos::prelude::*;
use portal::{
    Actor, Error, OperationId,
    audit::{LogOf, Logged, OperationSummary, ReviewStanding, review_obstacle},
};

use super::rows::{OPEN, open_path};
use crate::{
    components::{
        ButtonLink, ButtonLook, Glyph, Icon, Moment, OutcomePill, SentenceView, SubmitButton, Tone, icon, review_mark,
        state,
    },
    context,
    operation_status::OperationStatus,
    pages::operation::change,
    query::Query,
    wording::{numbers::grouped_i64, operations::Sentence, outcomes, reviews},
};

/// The operation that the URL names, if the visitor may see it. A link to another one shows the list alone.
///
/// # Errors
/// `Store` if the log cannot be read.
pub async fn named(actor: &Actor) -> Result<Option<Logged>, Error> {
    let Ok(id) = context::query().get(OPEN).parse::<OperationId>() else { return Ok(None) };
    let portal = context::portal();
    let logged = match portal.operation(actor, id).await {
        Ok(logged) => logged,
        Err(Error::NotFound | Error::Forbidden { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    if let Some(log) = LogOf::operation(&logged.summary) {
        portal.note_reading(actor, log).await;
    }
    Ok(Some(logged))
}

/// The panel beside a list of these operations.
pub fn panel(
    logged: &Logged,
    operations: &[OperationSummary],
    viewer: &Actor,
    query: &Query,
    path: &'static str,
) -> AnyView {
    let operation = &logged.summary;
    let at = operations.iter().position(|listed| listed.id == operation.id);
    let beside = |at: Option<usize>, shape: Icon, label: &'static str| {
        let other = operations.get(at?)?;
        let href = open_path(query, path, other);
        Some(view! { <a class="icon-btn" href=href aria-label=label title=label>{icon(shape)}</a> })
    };
    let newer = beside(at.and_then(|at| at.checked_sub(1)), Icon::Up, "Newer operation");
    let older = beside(at.map(|at| at + 1), Icon::Down, "Older operation");
    let close = format!("{}#row-{}", query.on(path), operation.id);
    let sentence = Sentence::of(operation);
    let reason = operation.first.as_ref().and_then(|entry| entry.reason.clone());
    let detail = sentence.detail.clone().filter(|detail| Some(detail) != reason.as_ref());
    let status = OperationStatus::of(operation);
    let next = at.and_then(|at| operations.get(at + 1));
    view! {
        <aside class="peek" aria-labelledby="peek-title">
            <header>
                <h2 id="peek-title">"Operation"</h2>
                {newer}
                {older}
                <a class="icon-btn" href=close aria-label="Close panel" title="Close panel">{icon(Icon::X)}</a>
            </header>
            <section>
                <p class="lead"><SentenceView sentence=sentence viewer=viewer.role()/></p>
                <p class="row">
                    <OutcomePill status=status/>
                    {operation.team_name.clone().map(|team| view! { <span class="badge">{team}</span> })}
                    <span class="t3"><Moment at=operation.at/></span>
                </p>
                {detail.map(|detail| view! { <p class="t2">{detail}</p> })}
                {outcomes::what_follows(status, None).map(|words| view! { <p class="t2">{words}</p> })}
            </section>
            {reason.map(|reason| view! { <section><h3>"Reason"</h3><p>{reason}</p></section> })}
            {change::compared(logged).map(|table| view! { <section><h3>"Change"</h3>{table}</section> })}
            <section><h3>"Evidence"</h3><p>{evidence(logged)}</p></section>
            {review(operation, viewer, next, query, path)}
            <section><p><a href=format!("/audit/{}", operation.id)>"Open full operation"</a></p></section>
        </aside>
    }
    .into_any()
}

/// Which entries are in the log. An entry whose hash does not lead to the log's root is not shown at all.
fn evidence(logged: &Logged) -> AnyView {
    let entries: Vec<String> = logged.entries.iter().map(|logged| grouped_i64(logged.entry.sequence)).collect();
    let words = match entries.as_slice() {
        [] => "Contents removed; hashes are in the log".to_owned(),
        [one] => format!("In the log, entry {one}"),
        [all @ .., last] => format!("In the log, entries {} and {last}", all.join(", ")),
    };
    state(Glyph::Ok, Tone::Good, words)
}

fn review(
    operation: &OperationSummary,
    viewer: &Actor,
    next: Option<&OperationSummary>,
    query: &Query,
    path: &'static str,
) -> Option<AnyView> {
    if !operation.action.is_reviewable() {
        return None;
    }
    let standing = operation.review.as_ref().map(|review| review.standing);
    let words = reviews::what_follows(operation, standing);
    let acts = (viewer.reviews() && standing != Some(ReviewStanding::Reviewed)).then(|| {
        let page = next.map_or_else(|| query.clone(), |next| query.with(OPEN, &next.id.to_string())).on(path);
        let can = review_obstacle(operation, viewer.id()).is_none().then(|| {
            let next = next.map(|next| view! { <input type="hidden" name="next" value=next.id.to_string()/> });
            view! {
                <form method="post" action="/api/fn/review_operation">
                    <input type="hidden" name="id" value=operation.id.to_string()/>
                    <input type="hidden" name="page" value=page/>
                    {next}
                    <SubmitButton look=ButtonLook::Primary small=true>"Mark reviewed"</SubmitButton>
                </form>
            }
        });
        view! { <div class="acts">{can}<ButtonLink href=format!("/audit/{}#note", operation.id) small=true>"Flag…"</ButtonLink></div> }
    });
    let mark = standing.map(|standing| view! { <p>{review_mark(standing)}</p> });
    Some(view! { <section><h3>"Review"</h3>{mark}<p class="t2">{words}</p>{acts}</section> }.into_any())
}
