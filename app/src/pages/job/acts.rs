//! What can be done about a job: start it, pause, resume or cancel it, repeat what failed, review it, take the report away.

use leptos::prelude::*;
use portal::{
    TeamReader,
    audit::ReviewStanding,
    jobs::{Act, ItemState, JobPage, JobState},
};

use crate::{
    components::{Field, Glyph, Icon, ReasonField, SubmitChange, Tone, icon, note, review_mark},
    forms::{
        self,
        names::{CONTROL_JOB, REVIEW_JOB, START_JOB},
    },
    islands::SubmitOnce,
    wording::jobs as words,
};

/// The buttons beside the heading.
pub fn head(found: &JobPage, reader: &TeamReader, path: &str) -> AnyView {
    let (job, operates) = (&found.job, reader.may_operate());
    let button = |action: &'static str, label: &'static str, class: &'static str, shape: Option<Icon>| {
        view! {
            <form method="post" action=action>
                {hidden(found, reader)}
                <button type="submit" class=format!("btn {class}")>{shape.map(icon)}<span>{label}</span></button>
            </form>
        }
    };
    let is = |state| operates && job.state == state;
    let pause = is(JobState::Running).then(|| button("/api/fn/pause_job", "Pause", "", None));
    let resume = is(JobState::Paused).then(|| button("/api/fn/resume_job", "Resume", "primary", None));
    let cancel = (is(JobState::Running) || is(JobState::Paused))
        .then(|| button("/api/fn/cancel_job", "Cancel job", "danger", Some(Icon::X)));
    let failed = found.counts.of(ItemState::Rejected) + found.counts.of(ItemState::Failed);
    let has_ended = matches!(job.state, JobState::Finished | JobState::Cancelled);
    let retry = (operates && failed > 0 && has_ended)
        .then(|| button("/api/fn/retry_failed", "Retry failed", "", Some(Icon::Refresh)));
    let csv =
        (job.state != JobState::Draft).then(|| button("/api/fn/export_job", "Export CSV", "", Some(Icon::Download)));
    let approval = (job.state == JobState::Requested)
        .then(|| view! { <a class="btn" href=format!("/approvals/{}", job.id)>"View request"</a> });
    let refresh = (job.state == JobState::Running)
        .then(|| view! { <a class="btn" href=path.to_owned()>{icon(Icon::Refresh)}<span>"Refresh"</span></a> });
    view! { <div class="head-acts">{refresh}{csv}{approval}{retry}{pause}{resume}{cancel}</div> }.into_any()
}

fn hidden(found: &JobPage, reader: &TeamReader) -> AnyView {
    view! {
        <input type="hidden" name="team" value=reader.team().slug.to_string()/>
        <input type="hidden" name="job" value=found.job.id.to_string()/>
    }
    .into_any()
}

/// What is wrong with a form that has no field to say it at.
pub fn problems() -> Option<AnyView> {
    let of = |form: &str| {
        let refused = forms::refused(form);
        ["job", "items", "review"].into_iter().find_map(|field| refused.problem(field))
    };
    let problem = of(CONTROL_JOB).or_else(|| of(REVIEW_JOB))?;
    Some(view! { <p class="problem" role="alert">{problem}</p> }.into_any())
}

/// The form that starts the job of a dry run.
pub fn start(found: &JobPage, reader: &TeamReader) -> Option<AnyView> {
    let hash = found.items_sha256.clone()?;
    let (job, team) = (&found.job, reader.team());
    let items = found.counts.in_job();
    if items == 0 {
        return Some(note(
            Tone::Info,
            Glyph::Exc,
            "Nothing is left to do: every item was taken out or would be refused.",
        ));
    }
    let refused = forms::refused(START_JOB);
    let destructive = matches!(job.act, Act::Delete | Act::Disconnect);
    let what = words::what(job.act, usize::try_from(items).unwrap_or_default());
    let reason = ReasonField { refused: &refused, team, destructive, id: "reason".to_owned(), initial: "" };
    let problem = ["items", "approval", "break_glass"].into_iter().find_map(|field| refused.problem(field));
    let (label, class) = ("Start job".to_owned(), if destructive { "danger solid" } else { "primary" });
    let needs_approval = found.needs_approval;
    let submit = SubmitChange { label, class, team, needs_approval, refused: &refused };
    Some(
        view! {
            <section class="card" aria-labelledby="start">
                <div class="card-head"><h2 id="start">"Start"</h2></div>
                <div class="card-body">
                    <p>{format!("This will {what} in {}. Each is sent to Workato on its own.", team.name)}</p>
                    {problem.map(|problem| view! { <p class="problem" role="alert">{problem}</p> })}
                    <form class="fields" method="post" action="/api/fn/start_job" aria-label="Start">
                        {hidden(found, reader)}
                        <input type="hidden" name="items" value=hash/>
                        {reason.render()}
                        <Field
                            label=format!("Type {items} to confirm")
                            name="count"
                            value=refused.value("count", "")
                            required=true
                            autocomplete="off"
                            problem=refused.problem("count")
                        />
                        {submit.render()}
                    </form>
                </div>
            </section>
        }
        .into_any(),
    )
}

/// The review of the job as one, for those who review.
pub fn review(found: &JobPage, reader: &TeamReader) -> Option<AnyView> {
    let operation = found.operation.as_ref()?;
    let actor = reader.actor();
    let has_ended = matches!(found.job.state, JobState::Finished | JobState::Cancelled);
    if !actor.reviews() || !has_ended {
        return None;
    }
    let standing = operation.review.as_ref().map(|review| review.standing);
    let mark = standing.map(|standing| view! { <p>{review_mark(standing)}</p> });
    let form = (standing != Some(ReviewStanding::Reviewed) && operation.actor_id != Some(actor.id())).then(|| {
        view! {
            <form method="post" action="/api/fn/review_job" aria-label="Review job">
                {hidden(found, reader)}
                <p class="acts"><SubmitOnce label="Review job" class="primary"/></p>
            </form>
        }
    });
    let batch = format!("/audit?batch={}&reviewed=no", operation.id);
    Some(
        view! {
            <section class="card" id="review" aria-labelledby="review-title">
                <div class="card-head"><h2 id="review-title">"Review"</h2></div>
                <div class="card-body">
                    {mark}
                    <p class="t2">"Reviewing the job reviews each of its operations that you can review. To look at each, "<a href=batch>"review them one by one"</a>"."</p>
                    {form}
                </div>
            </section>
        }
        .into_any(),
    )
}
