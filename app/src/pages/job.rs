//! `/teams/{team}/jobs/{id}`: one job: its dry run, its progress, and the report of its items.

mod acts;
mod items;
mod progress;

use http::StatusCode;
use leptos::prelude::*;
use portal::{
    Error, OperationId,
    jobs::{ItemState, JobPage as Found, JobState},
};

use crate::{
    components::{Ago, DoneNotice, Frame, Glyph, Rendered, Section, Tone, page, set_status, state},
    context,
    wording::{capitalized, jobs as words},
};

#[component]
pub fn JobPage() -> impl IntoView {
    page(job(context::path_part("team"), context::path_part("id")))
}

async fn job(team: String, id: String) -> Result<Rendered, Error> {
    let (frame, reader) = Frame::of_team(&team).await?;
    let id: OperationId = id.parse().map_err(|_| Error::NotFound)?;
    let query = context::query();
    let (show, number) = (query.get("show"), query.get("page"));
    let filter: Option<ItemState> = match show.as_str() {
        "" => None,
        word => Some(word.parse().map_err(|_| Error::NotFound)?),
    };
    let number = match number.as_str() {
        "" => 1,
        number => number.parse().map_err(|_| Error::NotFound)?,
    };
    let found = context::portal().job(&reader, id, filter, number).await?;
    if number > found.pages {
        set_status(StatusCode::NOT_FOUND);
    }
    let path = format!("/teams/{team}/jobs/{id}");
    let in_job = usize::try_from(found.counts.in_job()).unwrap_or_default();
    let title = capitalized(&words::what(found.job.act, in_job));
    let reason = found.operation.as_ref().and_then(|operation| operation.first.as_ref()?.reason.clone());
    let about = about(&found, &team);
    let content = view! {
        <div class="head">
            <div class="head-main">
                <nav class="crumbs" aria-label="Breadcrumb"><ol><li><a href=format!("/teams/{team}/jobs")>"Jobs"</a></li></ol></nav>
                <div class="title"><h1>{title.clone()}</h1>{status(found.job.state, found.was_not_approved())}</div>
                {reason.map(|reason| view! { <p class="sm">"“"{reason}"”"</p> })}
                {about}
            </div>
            {acts::head(&found, &reader, &path)}
        </div>
        <DoneNotice/>
        {acts::problems()}
        {progress::steps(&found)}
        {progress::region(&found)}
        {acts::start(&found, &reader)}
        {items::list(&found, &reader, &path)}
        {acts::review(&found, &reader)}
    };
    Ok(frame.section(Section::Jobs).title(title).with_list().render(content))
}

/// Who made it and when, and the jobs that it belongs with.
fn about(found: &Found, team: &str) -> AnyView {
    let at = found.operation.as_ref().map_or(found.job.created_at, |operation| operation.at);
    let did = match found.job.state {
        JobState::Draft => "Dry run by ",
        JobState::Requested => "Requested by ",
        _ if found.operation.as_ref().is_some_and(|operation| operation.break_glass) => "Started without approval by ",
        _ => "Started by ",
    };
    let link = |id: OperationId| format!("/teams/{team}/jobs/{id}");
    let retries =
        found.job.retries.map(|id| view! { " Retries the failed items of "<a href=link(id)>"an earlier job"</a>"." });
    let retried = found
        .retried_by
        .last()
        .map(|id| view! { " Its failed items were retried in "<a href=link(*id)>"a later job"</a>"." });
    let log = found.operation.as_ref().map(|operation| {
        let (entry, batch) = (format!("/audit/{}", operation.id), format!("/audit?batch={}", operation.id));
        view! { " "<a href=entry>"View operation"</a>" · "<a href=batch>"Items in the audit log"</a> }
    });
    view! { <p class="sm t3">{did}{found.made_by.clone()}", "<Ago at=at/>"."{retries}{retried}{log}</p> }.into_any()
}

/// How a job stands. `is_closed` says that nobody approved it.
pub fn status(job: JobState, is_closed: bool) -> AnyView {
    let (glyph, tone) = match job {
        JobState::Draft => (Glyph::None, Tone::None),
        JobState::Requested if is_closed => (Glyph::Bad, Tone::None),
        JobState::Requested => (Glyph::Wait, Tone::Info),
        JobState::Running => (Glyph::Dot, Tone::Info),
        JobState::Paused => (Glyph::Wait, Tone::Warn),
        JobState::Cancelled => (Glyph::Bad, Tone::None),
        JobState::Finished => (Glyph::Ok, Tone::Good),
    };
    state(glyph, tone, words::state(job, is_closed))
}
