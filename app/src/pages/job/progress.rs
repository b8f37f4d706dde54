//! How far a job is. The region is drawn again while the job runs: by a script, or by the browser's own refresh.

use leptos::prelude::*;
use portal::jobs::{ItemState, JobPage, JobState};

use crate::{
    components::{Glyph, Tone, notice, state, toned_glyph},
    wording::{jobs as words, numbers::grouped_i64},
};

/// How often the page refreshes itself without JavaScript, in seconds.
const EVERY: &str = "5";

/// The steps from the selection to the report.
pub fn steps(found: &JobPage) -> AnyView {
    let at = match found.job.state {
        JobState::Draft => 1,
        JobState::Requested => 2,
        JobState::Running | JobState::Paused => 3,
        JobState::Cancelled | JobState::Finished => 4,
    };
    let steps = ["Select", "Dry run", "Confirm", "Run", "Report"].into_iter().enumerate().map(|(step, name)| {
        let (shape, tone) = match step {
            step if step < at => (Glyph::Ok, Tone::Good),
            step if step == at => (Glyph::Dot, Tone::Info),
            _ => (Glyph::None, Tone::None),
        };
        view! { <li aria-current=(step == at).then_some("step")>{toned_glyph(shape, tone)}{name}</li> }
    });
    view! { <ol class="steps" aria-label="Steps">{steps.collect_view()}</ol> }.into_any()
}

/// How many items are done, and how they ended.
pub fn region(found: &JobPage) -> AnyView {
    let (job, counts) = (&found.job, &found.counts);
    if job.state == JobState::Draft {
        return ().into_any();
    }
    let is_live = job.state == JobState::Running || counts.of(ItemState::Sent) > 0;
    let (done, all) = (counts.done(), counts.in_job());
    let summary = format!("{} of {} done", grouped_i64(done), grouped_i64(all));
    let tally = ItemState::ALL.iter().filter_map(|item| {
        let count = counts.of(*item);
        let (shape, tone) = super::items::look(*item);
        let words = format!("{} {}", grouped_i64(count), words::item(*item, job.act).to_lowercase());
        (count > 0).then(|| view! { <li>{state(shape, tone, words)}</li> })
    });
    let stopped = found.stopped().map(|why| notice(Tone::Warn, words::stopped(why)));
    let refresh = is_live.then(|| view! { <noscript><meta http-equiv="refresh" content=EVERY/></noscript> });
    let hint = is_live.then(|| {
        view! { <p class="hint">"You can leave this page. The job runs on the server, behind everyone’s clicks, and each item is an operation of its own in the audit log."</p> }
    });
    view! {
        <section class="prog" id="progress" aria-labelledby="progress-title" data-live=is_live.then_some("")>
            {refresh}
            <h2 class="vh" id="progress-title">"Progress"</h2>
            <div class="prog-top">
                <div><strong>{summary.clone()}</strong></div>
                <ul class="tally">{tally.collect_view()}</ul>
            </div>
            <progress value=done.to_string() max=all.max(1).to_string() aria-label="Progress">{summary}</progress>
            {stopped}
            {hint}
        </section>
    }
    .into_any()
}
