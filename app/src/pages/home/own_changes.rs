//! What the person changed last, each with its outcome.

use leptos::prelude::*;
use portal::{audit::OperationSummary, home::Home};

use crate::{
    components::{Ago, glyph_and_tone, search_path, toned_glyph},
    operation_status::OperationStatus,
    wording::{home as words, operations::Sentence, outcomes},
};

/// Nothing for somebody who has changed nothing.
pub fn own_changes(home: &Home, email: &str) -> Option<AnyView> {
    if home.own.is_empty() {
        return None;
    }
    let of_team = home.team.as_ref().map(|team| format!(" team:{}", team.slug)).unwrap_or_default();
    let all = search_path(&format!("actor:\"{email}\"{of_team}"));
    let rows = home.own.iter().map(row).collect_view();
    Some(
        view! {
            <section class="card" aria-labelledby="h-own">
                <div class="card-head"><h2 id="h-own">"Your recent changes"</h2><a class="push sm" href=all>"View all"</a></div>
                <div class="card-body"><ul class="rows">{rows}</ul></div>
            </section>
        }
        .into_any(),
    )
}

fn row(operation: &OperationSummary) -> AnyView {
    let status = OperationStatus::of(operation);
    let (shape, tone) = glyph_and_tone(status);
    let sentence = Sentence::of(operation);
    let deed = words::deed(&sentence, &operation.actor_name);
    view! {
        <li>
            {toned_glyph(shape, tone)}
            <span class="grow whole">
                <span class="vh">{outcomes::status(status)}": "</span>
                <a href=format!("/audit/{}", operation.id) title=deed.clone()>{deed.clone()}</a>
            </span>
            <span class="push xs"><Ago at=operation.at/></span>
        </li>
    }
    .into_any()
}
