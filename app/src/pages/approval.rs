//! `/approvals/{operation}`: one request: what would change, who asks and why, and the forms that decide about it.

use leptos::prelude::*;
use portal::{
    Error, OperationId,
    audit::{Action, Entry, Stage},
    impact::EntryImpact,
    operations::RequestForPage,
};
use serde_json::Value;

mod code;

use super::operation::{
    change::{label, value},
    impact,
};
use crate::{
    components::{
        ButtonLink, DoneNotice, Field, Frame, Glyph, Moment, NoteField, OutcomePill, Rendered, Section, SentenceView,
        Tone, note, page,
    },
    context,
    forms::{
        self,
        names::{APPROVE_REQUEST, DECLINE_REQUEST, WITHDRAW_REQUEST},
    },
    islands::SubmitOnce,
    operation_status::OperationStatus,
    wording::{approvals as words, numbers::grouped, operations::Sentence},
};

#[component]
pub fn ApprovalPage() -> impl IntoView {
    page(approval(context::path_part("operation")))
}

async fn approval(id: String) -> Result<Rendered, Error> {
    let frame = Frame::signed_in()?;
    let id: OperationId = id.parse().map_err(|_| Error::NotFound)?;
    let found = context::portal().request_for(frame.actor()?, id).await?;
    let summary = &found.logged.summary;
    let (frame, reader) = match &summary.team_slug {
        Some(team) => {
            let (frame, reader) = Frame::of_team(team.as_str()).await?;
            (frame, Some(reader))
        }
        None => (frame.with_teams().await?, None),
    };
    let viewer = frame.actor()?.role();
    let sentence = Sentence::of(summary);
    let title = sentence.text();
    let status = OperationStatus::of(summary);
    let code = match &reader {
        Some(reader) => code::changes(reader, &found).await?,
        None => None,
    };
    let content = view! {
        <div class="head">
            <div class="head-main">
                <nav class="crumbs" aria-label="Breadcrumb"><ol><li><a href="/approvals">"Approvals"</a></li></ol></nav>
                <h1><SentenceView sentence=sentence viewer=viewer/></h1>
                <p class="row sm">
                    <OutcomePill status=status/>
                    {summary.team_name.clone().map(|team| view! { <span class="badge">{team}</span> })}
                    <span class="t3"><Moment at=summary.at/></span>
                </p>
            </div>
            <div class="head-acts"><ButtonLink href=format!("/audit/{id}")>"View in the audit log"</ButtonLink></div>
        </div>
        <DoneNotice/>
        <div class="cols">
            <div>
                {summary.first.as_ref().and_then(|first| first.reason.clone()).map(|reason| view! {
                    <section aria-label="Reason"><blockquote class="say"><small>"Reason"</small>{reason}</blockquote></section>
                })}
                {impact::card(&found.logged)}
                {grown(&found)}
                {job(&found)}
                {code}
                {state(&found)}
            </div>
            <div>{region(&found)}</div>
        </div>
    };
    Ok(frame.section(Section::Approvals).title(title).document().render(content))
}

/// The page with the items of a job.
fn job(found: &RequestForPage) -> Option<AnyView> {
    let summary = &found.logged.summary;
    let (Action::JobCreate, Some(team)) = (summary.action, &summary.team_slug) else { return None };
    let href = format!("/teams/{team}/jobs/{}", summary.id);
    Some(view! { <p class="acts"><a class="btn" href=href>"View all items"</a></p> }.into_any())
}

/// The target as it was when somebody asked; and if it was found changed since, how it was then.
fn state(found: &RequestForPage) -> Option<AnyView> {
    let request = found.logged.summary.first.as_ref()?;
    let then = request.before.as_ref()?.as_object()?;
    let seen = closing(found).and_then(|entry| entry.evidence.as_ref()?.get("seen")?.as_object());
    let changed = |name: &String, then: &Value| seen.and_then(|seen| seen.get(name)).is_some_and(|now| now != then);
    let mut rows: Vec<_> = then.iter().filter(|(name, _)| name.as_str() != "found").collect();
    rows.sort_by_key(|(name, then)| !changed(name, then));
    let rows = rows.into_iter().map(|(name, then)| {
        let now = seen.map(|seen| {
            let now = seen.get(name).map_or_else(|| "–".into_any(), value);
            let now = if changed(name, then) { view! { <ins>{now}</ins> }.into_any() } else { now };
            view! { <td>{now}</td> }
        });
        view! { <tr><th scope="row">{label(name)}</th><td>{value(then)}</td>{now}</tr> }
    });
    let rows = rows.collect_view();
    let now = seen.map(|_| view! { <th scope="col">"Now"</th> });
    Some(
        view! {
            <section class="card" aria-labelledby="state">
                <div class="card-head"><h2 id="state">"What it would change"</h2></div>
                <table class="change">
                    <caption class="vh">"The target when the request was made"</caption>
                    <thead><tr><th scope="col">"Field"</th><th scope="col">"When requested"</th>{now}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </section>
        }
        .into_any(),
    )
}

/// How many customers and recipes the change would have touched then and now, if it was closed because of that.
fn grown(found: &RequestForPage) -> Option<AnyView> {
    let impact = |impact: Value| serde_json::from_value::<EntryImpact>(impact).ok();
    let now = impact(closing(found)?.evidence.as_ref()?.get("impact")?.clone())?;
    let then = impact(found.logged.summary.first.as_ref()?.impact.clone()?)?;
    let active = |impact: &EntryImpact| impact.recipes.map(|recipes| recipes.active);
    let customers = |impact: &EntryImpact| impact.customers.map(|customers| customers.total);
    let counts = [("Customers", customers(&then), customers(&now)), ("Running recipes", active(&then), active(&now))];
    let rows = counts.into_iter().filter_map(|(label, then, now)| {
        let (then, now) = (then?, now?);
        let grew = now > then;
        let now = grouped(now);
        let now = if grew { view! { <ins>{now}</ins> }.into_any() } else { now.into_any() };
        Some(view! { <tr><th scope="row">{label}</th><td>{grouped(then)}</td><td>{now}</td></tr> })
    });
    let rows = rows.collect_view();
    Some(
        view! {
            <section class="card" aria-labelledby="grown">
                <div class="card-head"><h2 id="grown">"Impact then and now"</h2></div>
                <table class="change">
                    <caption class="vh">"Who used the target when the request was made, and when it was closed"</caption>
                    <thead>
                        <tr><th scope="col">"Uses it"</th><th scope="col">"When requested"</th><th scope="col">"Now"</th></tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </section>
        }
        .into_any(),
    )
}

/// The entry that closed the request without an approval.
fn closing(found: &RequestForPage) -> Option<&Entry> {
    let closes = |entry: &&Entry| matches!(entry.stage, Stage::Declined | Stage::Withdrawn | Stage::Expired);
    found.logged.entries.iter().map(|logged| &logged.entry).find(closes)
}

fn region(found: &RequestForPage) -> AnyView {
    let content = if !found.waits {
        decided(found)
    } else if found.is_own {
        own(found)
    } else if !found.operates {
        view! { <p>"Only operators of the team can approve or decline this request."</p> }.into_any()
    } else {
        deciding(found)
    };
    let problem = [APPROVE_REQUEST, DECLINE_REQUEST, WITHDRAW_REQUEST]
        .into_iter()
        .find_map(|form| forms::refused(form).problem("approval"))
        .map(|problem| view! { <p class="problem" role="alert">{problem}</p> });
    let until = found.logged.summary.deadline.filter(|_| found.waits);
    let until = until.map(|at| view! { <p class="soft">"Expires "<Moment at=at/></p> });
    view! {
        <section class="panel" aria-labelledby="approval">
            <h2 id="approval">"Approval"</h2>
            {problem}
            {until}
            {content}
        </section>
    }
    .into_any()
}

/// How the request was decided.
fn decided(found: &RequestForPage) -> AnyView {
    let entries = found.logged.entries.iter().map(|logged| &logged.entry);
    let decision = entries
        .clone()
        .find(|entry| matches!(entry.stage, Stage::Approved | Stage::Declined | Stage::Withdrawn | Stage::Expired));
    let Some(decision) = decision else {
        return view! { <p>"The contents of the entry that decided it were removed."</p> }.into_any();
    };
    let why = decision.evidence.as_ref().and_then(|evidence| evidence.get("why")?.as_str());
    let why = why.and_then(words::closed_because).map(|why| view! { <p>{why}</p> });
    let note =
        decision.reason.clone().map(|note| view! { <blockquote class="say"><small>"Note"</small>{note}</blockquote> });
    view! {
        <p><strong>{words::decision(decision)}</strong>" "<Moment at=decision.at/></p>
        {why}
        {note}
    }
    .into_any()
}

fn own(found: &RequestForPage) -> AnyView {
    view! {
        <p>{words::OWN}</p>
        <form method="post" action="/api/fn/withdraw_request" aria-label="Withdraw">
            <input type="hidden" name="operation" value=found.logged.summary.id.to_string()/>
            <SubmitOnce label="Withdraw" class=""/>
        </form>
    }
    .into_any()
}

fn deciding(found: &RequestForPage) -> AnyView {
    let id = found.logged.summary.id.to_string();
    let (approve, decline) = (forms::refused(APPROVE_REQUEST), forms::refused(DECLINE_REQUEST));
    let approving = match found.obstacle {
        Some(obstacle) => note(Tone::Warn, Glyph::Exc, words::obstacle(obstacle)),
        None => view! {
            <form class="fields" method="post" action="/api/fn/approve_request" aria-label="Approve">
                <input type="hidden" name="operation" value=id.clone()/>
                <Field
                    label="Note"
                    name="note"
                    id="approve-note"
                    value=approve.value("note", "")
                    autocomplete="off"
                    hint="Recorded in the audit log with your name."
                    problem=approve.problem("note")
                />
                <SubmitOnce label="Approve" class="primary"/>
            </form>
        }
        .into_any(),
    };
    view! {
        <p>{words::APPROVING}</p>
        {approving}
        <form class="fields" method="post" action="/api/fn/decline_request" aria-label="Decline">
            <input type="hidden" name="operation" value=id/>
            <NoteField
                label="Why you decline"
                name="note"
                value=decline.value("note", "")
                problem=decline.problem("note")
            />
            <SubmitOnce label="Decline" class=""/>
        </form>
    }
    .into_any()
}
