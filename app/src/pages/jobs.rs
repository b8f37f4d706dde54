//! `/teams/{team}/jobs`: a team's jobs, newest first, and the person's own dry runs.

use leptos::prelude::*;
use portal::{
    Error,
    jobs::{ItemState, Job, JobInList},
};

use crate::{
    components::{Ago, DoneNotice, Frame, Rendered, Section, page},
    context,
    pages::job::status,
    wording::{capitalized, jobs as words, numbers::grouped_i64},
};

#[component]
pub fn JobsPage() -> impl IntoView {
    page(jobs(context::path_part("team")))
}

async fn jobs(team: String) -> Result<Rendered, Error> {
    let (frame, reader) = Frame::of_team(&team).await?;
    let before = context::query().get("before");
    let before = if before.is_empty() { None } else { Some(before.parse().map_err(|_| Error::NotFound)?) };
    let found = context::portal().jobs(&reader, before).await?;
    let path = format!("/teams/{team}/jobs");
    let drafts = (before.is_none() && !found.drafts.is_empty()).then(|| {
        let rows = found.drafts.iter().map(|job| draft(job, &path)).collect_view();
        view! {
            <section aria-labelledby="drafts">
                <h2 id="drafts">"Your dry runs"</h2>
                <p class="hint">"Only you see these. Nothing was sent. They are removed after a day."</p>
                <ul class="plain">{rows}</ul>
            </section>
        }
    });
    let rows = found.jobs.iter().map(|job| row(job, &path)).collect_view();
    let list = if found.jobs.is_empty() {
        view! {
            <div class="card empty" id="list" tabindex="-1">
                <h2>"No jobs yet"</h2>
                <p>"Select rows on the list of connections or connectors to change several at once."</p>
            </div>
        }
        .into_any()
    } else {
        view! {
            <div class="sheet">
                <table class="cards" id="list" tabindex="-1">
                    <caption class="vh">"Jobs, newest first"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Status"</th>
                            <th scope="col">"Job"</th>
                            <th scope="col">"Progress"</th>
                            <th scope="col" class="num">"Started"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    let older = found.older.map(|last| {
        view! { <p class="acts"><a class="btn sm" rel="next" href=format!("{path}?before={last}")>"Older"</a></p> }
    });
    let content = view! {
        <div class="head">
            <div class="head-main">
                <h1>"Jobs"</h1>
                <p class="sm">"Many changes at once. Each is an operation of its own in the audit log."</p>
            </div>
        </div>
        <DoneNotice/>
        {drafts}
        {list}
        {older}
    };
    Ok(frame.section(Section::Jobs).title("Jobs").with_list().render(content))
}

fn title(job: &Job, items: i64) -> String {
    capitalized(&words::what(job.act, usize::try_from(items).unwrap_or_default()))
}

fn draft(job: &Job, path: &str) -> AnyView {
    let act = words::act(job.act);
    view! { <li><a href=format!("{path}/{}", job.id)>{act}</a>" "<span class="soft"><Ago at=job.created_at/></span></li> }
        .into_any()
}

fn row(found: &JobInList, path: &str) -> AnyView {
    let JobInList { job, operation, counts } = found;
    let bad = counts.of(ItemState::Rejected) + counts.of(ItemState::Failed);
    let bad =
        (bad > 0).then(|| view! { <span class="soft">{format!(", {} rejected or failed", grouped_i64(bad))}</span> });
    let progress = format!("{} of {} done", grouped_i64(counts.done()), grouped_i64(job.items));
    let reason = operation.first.as_ref().and_then(|first| first.reason.clone());
    view! {
        <tr>
            <td>{status(job.state, operation.is_unapproved() && operation.state == portal::audit::State::Closed)}</td>
            <th scope="row">
                <div class="sentence">
                    <a href=format!("{path}/{}", job.id)>{title(job, job.items)}</a>
                    <span class="soft">{format!("by {}", operation.actor_name)}</span>
                    {reason.map(|reason| view! { <span class="soft">{reason}</span> })}
                </div>
            </th>
            <td>{progress}{bad}</td>
            <td class="num soft"><Ago at=operation.at/></td>
        </tr>
    }
    .into_any()
}
