//! How far a promotion has come, and the promotions before it. While one runs, the page reads itself again.

use http::{HeaderValue, header};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use portal::promotions::{Progress, StepProgress, StepState};

use super::between::Between;
use crate::{
    components::{Glyph, Moment, Tone, glyph, state},
    islands::SubmitOnce,
    wording::promotions as words,
};

/// How often the page reads itself again, in seconds.
const REFRESH: &str = "2";

/// The newest promotion with its steps.
pub fn region(between: &Between<'_>, progress: &Progress) -> AnyView {
    let promotion = &progress.promotion;
    if let (true, Some(response)) = (progress.is_running, use_context::<ResponseOptions>()) {
        response.insert_header(header::REFRESH, HeaderValue::from_static(REFRESH));
    }
    let rows = progress.steps.iter().map(|step| row(between, progress, step)).collect_view();
    let resume = (progress.can_resume() && between.may_promote()).then(|| {
        view! {
            <form method="post" action="/api/fn/resume_promotion" aria-label="Resume">
                {between.fields()}
                <input type="hidden" name="promotion" value=promotion.id.to_string()/>
                <SubmitOnce label="Resume" class="primary"/>
            </form>
        }
    });
    let advice = advice(between, progress);
    view! {
        <section class="card" aria-label="Progress">
            <div class="card-head">
                <h2>{words::summary(progress, &between.from.team().name)}</h2>
                <span class="push t3 xs">{promotion.by.name.clone()}", "<Moment at=promotion.at/></span>
            </div>
            <table class="change">
                <caption class="vh">"The steps of this promotion"</caption>
                <thead><tr><th scope="col">"Step"</th><th scope="col">"State"</th><th scope="col">"Record"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
            <div class="card-body">
                {advice}
                {resume}
                <p class="xs t3">"SHA-256 of the code: "<span class="id">{promotion.sha256.clone()}</span></p>
            </div>
        </section>
    }
    .into_any()
}

fn row(between: &Between<'_>, progress: &Progress, step: &StepProgress) -> AnyView {
    let (shape, tone) = look(step.state);
    let record = step.operation.as_ref().map(|operation| {
        let href = match step.state {
            StepState::Waits => format!("/approvals/{}", operation.id),
            _ => format!("/audit/{}", operation.id),
        };
        let label = if step.state == StepState::Waits { "Request" } else { "Entry" };
        view! { <a href=href>{label}</a> }
    });
    view! {
        <tr>
            <th scope="row">{words::step(progress, step.step, &between.to.team().name)}</th>
            <td>{state(shape, tone, words::step_state(step.state))}</td>
            <td>{record}</td>
        </tr>
    }
    .into_any()
}

fn look(state: StepState) -> (Glyph, Tone) {
    match state {
        StepState::Done => (Glyph::Ok, Tone::Good),
        StepState::Failed => (Glyph::Bad, Tone::Bad),
        StepState::Unknown => (Glyph::Unk, Tone::Warn),
        StepState::Waits => (Glyph::Wait, Tone::Info),
        StepState::Running => (Glyph::Wait, Tone::Info),
        StepState::NotStarted => (Glyph::None, Tone::None),
    }
}

/// What was done, what was not, and how to go on.
fn advice(between: &Between<'_>, progress: &Progress) -> AnyView {
    let why = progress.stopped_by.as_ref().filter(|_| !progress.is_running);
    let why =
        why.map(|error| view! { <p class="note warn">{glyph(Glyph::Exc)}<span>{words::stopped_by(error)}</span></p> });
    view! { <p>{words::advice(progress, &between.to.team().name)}</p>{why} }.into_any()
}

/// The promotions of this pair, newest first.
pub fn history(between: &Between<'_>, all: &[Progress]) -> Option<AnyView> {
    let rows = all.iter().map(|progress| {
        let href = format!("/audit/{}", progress.promotion.id);
        let (shape, tone) = look(progress.next().map_or(StepState::Done, |next| next.state));
        view! {
            <li>
                {crate::components::toned_glyph(shape, tone)}
                <span><a href=href>{words::summary(progress, &between.from.team().name)}</a></span>
                <span class="t3 xs"><Moment at=progress.promotion.at/></span>
            </li>
        }
    });
    (!all.is_empty()).then(|| {
        view! {
            <section class="card" aria-labelledby="history">
                <div class="card-head"><h2 id="history">"History"</h2></div>
                <div class="card-body"><ol class="line">{rows.collect_view()}</ol></div>
            </section>
        }
        .into_any()
    })
}
