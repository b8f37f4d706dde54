//! The right column: activity, the teams' health, and the state of the log.

use leptos::prelude::*;
use portal::home::Home;

use super::attention::failed_path;
use crate::{
    components::{Ago, Glyph, Tone, day_chart, day_table, monogram, production_badge, state},
    wording::{
        home as words,
        numbers::{grouped, grouped_i64},
    },
};

pub fn activity(home: &Home) -> AnyView {
    let days = words::days(&home.days);
    let sums = words::sums(&days);
    let legend = sums.into_iter().map(|(class, words)| {
        view! {
            <li>
                <svg width="10" height="10" aria-hidden="true"><rect class=class width="10" height="10" rx="2"></rect></svg>
                {words}
            </li>
        }
    });
    let legend = legend.collect_view();
    let figures = match &home.team {
        Some(team) => format!("/audit/figures?team={}", team.slug),
        None => "/audit/figures".to_owned(),
    };
    view! {
        <section class="card" aria-labelledby="h-activity">
            <div class="card-head">
                <h2 id="h-activity">"Changes, last 14 days"</h2>
                <a class="push sm" href=figures>"Details"</a>
            </div>
            <div class="card-body">
                {day_chart(&days, words::chart(&days))}
                <ul class="key">{legend}</ul>
                <details class="fold">
                    <summary>"Show as a table"</summary>
                    {day_table(&days, "Changes per day")}
                </details>
            </div>
        </section>
    }
    .into_any()
}

pub fn teams(home: &Home) -> AnyView {
    let rows = home.health.iter().map(|health| {
        let team = &health.team;
        let list = format!("/teams/{}/connections", team.slug);
        let broken = match health.read_at {
            None => view! { <span class="push xs t3">{words::uncounted(health)}</span> }.into_any(),
            Some(_) if health.broken == 0 => view! {
                <span class="push xs t3">"None of "{grouped(health.all)}" broken"</span>
            }
            .into_any(),
            Some(_) => view! {
                <a class="push xs c-bad" href=failed_path(team, health.with_runtime_users)>
                    <b>{grouped(health.broken)}</b>" of "{grouped(health.all)}" broken"
                </a>
            }
            .into_any(),
        };
        let meter = health.read_at.map(|_| meter(health.broken, health.all));
        view! {
            <li>
                {monogram(&team.name, team.slug.as_str())}
                <div class="grow">
                    <div class="row">
                        <a href=list>{team.name.clone()}</a>
                        {team.production.then(production_badge)}
                        {broken}
                    </div>
                    {meter}
                </div>
            </li>
        }
    });
    let rows = rows.collect_view();
    let heading = if home.team.is_some() { "Health" } else { "Your teams" };
    view! {
        <section class="card" aria-labelledby="h-teams">
            <div class="card-head"><h2 id="h-teams">{heading}</h2></div>
            <div class="card-body"><ul class="rows">{rows}</ul></div>
        </section>
    }
    .into_any()
}

/// How many are broken, as a bar. The numbers beside it say the same.
fn meter(broken: usize, all: usize) -> AnyView {
    const WIDTH: usize = 200;
    // A single broken one of thousands is still to be seen.
    let bad = if broken == 0 { 0 } else { (broken * WIDTH / all.max(1)).clamp(3, WIDTH) };
    let good = if all == 0 { 0 } else { WIDTH - bad };
    view! {
        <svg class="meter" viewBox="0 0 200 6" preserveAspectRatio="none" aria-hidden="true">
            <rect class="f-none" width="200" height="6"></rect>
            <rect class="f-ok" width=good.to_string() height="6"></rect>
            <rect class="f-bad" x=good.to_string() width=bad.to_string() height="6"></rect>
        </svg>
    }
    .into_any()
}

pub fn log(home: &Home) -> AnyView {
    let (log, compared_at) = (&home.log.head, home.log.compared_at);
    let standing = match log.is_in_doubt {
        true => state(Glyph::Bad, Tone::Bad, "In doubt"),
        false => state(Glyph::Ok, Tone::Good, "No alarms"),
    };
    let checkpoint = match log.checkpoint {
        None => "None yet".into_any(),
        Some((size, at)) => view! { "Signed "<Ago at=at/>", covers "{grouped_i64(size)}" entries" }.into_any(),
    };
    let held = match log.trust.last_at() {
        Some(at) => view! { {words::witnesses(log.trust.witnesses.len())}", last "<Ago at=at/> }.into_any(),
        None => words::unwitnessed(&log.trust).into_any(),
    };
    let compared = match compared_at {
        Some(at) => view! { "With Workato "<Ago at=at/> }.into_any(),
        None => "Not with every team’s Workato yet".into_any(),
    };
    view! {
        <section class="card" aria-labelledby="h-log">
            <div class="card-head">
                <h2 id="h-log">"Audit log"</h2>
                <span class="push">{standing}</span>
            </div>
            <div class="card-body">
                <dl class="facts">
                    <dt>"Entries"</dt><dd>{grouped_i64(log.entries)}</dd>
                    <dt>"Checkpoint"</dt><dd>{checkpoint}</dd>
                    <dt>"Held by"</dt><dd>{held}</dd>
                    <dt>"Compared"</dt><dd>{compared}</dd>
                </dl>
            </div>
        </section>
    }
    .into_any()
}
