//! The head of the audit log's page: where the log stands, and what to do with it as a whole.

use leptos::prelude::*;
use portal::{
    Actor,
    audit::{AuditQuery, LogHead},
};

use crate::{
    components::{Ago, ButtonLink, Glyph, Icon, Tone, icon, toned_glyph},
    islands::ReviewKeys,
    query::Query,
    wording::{home, numbers::grouped_i64},
};

pub fn head(viewer: &Actor, query: &AuditQuery, log: &LogHead) -> AnyView {
    let scope = if viewer.role().reads_every_team() { "All changes in all teams" } else { "All changes in your teams" };
    let team = query.team().map(ToString::to_string).unwrap_or_default();
    let figures = Query::default().with("team", &team).on("/audit/figures");
    let keys = view! { <ReviewKeys/> };
    view! {
        <div class="head">
            <div class="head-main">
                <h1>"Audit log"</h1>
                {standing(scope, log)}
            </div>
            <div class="head-acts">
                <ButtonLink href=figures>{icon(Icon::Chart)}"Activity"</ButtonLink>
                {keys}
            </div>
        </div>
    }
    .into_any()
}

/// "All changes in all teams: 4,380 entries, no alarms. Last checkpoint 12 min ago, held by 2 destinations"
fn standing(scope: &'static str, log: &LogHead) -> AnyView {
    let (shape, tone, words) = match log.is_in_doubt {
        true => (Glyph::Bad, Tone::Bad, "in doubt"),
        false => (Glyph::Ok, Tone::Good, "no alarms"),
    };
    let entries = match log.entries {
        1 => "1 entry".to_owned(),
        entries => format!("{} entries", grouped_i64(entries)),
    };
    let held = match log.trust.last_at() {
        Some(_) => format!("held by {}", home::witnesses(log.trust.witnesses.len())),
        None => "held only by this portal".to_owned(),
    };
    let checkpoint = match log.checkpoint {
        Some((_, at)) => view! { "Last checkpoint "<Ago at=at/>", "{held} }.into_any(),
        None => "No checkpoint yet".into_any(),
    };
    view! {
        <p class="fresh">{toned_glyph(shape, tone)}<span>{scope}": "{entries}", "{words}". "{checkpoint}</span></p>
    }
    .into_any()
}
