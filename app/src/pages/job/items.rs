//! The items of a job: what the dry run said of each, and how it ended, in Workato's words.

use leptos::prelude::*;
use portal::{
    TeamReader,
    jobs::{Act, ItemRow, ItemState, Job, JobPage, JobState, Verdict},
};

use crate::{
    components::{Ago, Glyph, Tone, View, state, view_tabs},
    query::Query,
    wording::{jobs as words, numbers::grouped_i64},
};

/// How many items a page has.
const ROWS: i64 = 50;

/// The form that takes items of a dry run out.
const FORM: &str = "take-out";

/// The shape and colour of how an item stands.
pub const fn look(state: ItemState) -> (Glyph, Tone) {
    match state {
        ItemState::Succeeded => (Glyph::Ok, Tone::Good),
        ItemState::Rejected | ItemState::Failed => (Glyph::Bad, Tone::Bad),
        ItemState::Unknown => (Glyph::Unk, Tone::Warn),
        ItemState::Changed => (Glyph::Exc, Tone::Warn),
        ItemState::Waiting | ItemState::Sent => (Glyph::Wait, Tone::None),
        ItemState::LeftOut => (Glyph::None, Tone::None),
    }
}

/// The list with its filters and pages.
pub fn list(found: &JobPage, reader: &TeamReader, path: &str) -> AnyView {
    let job = &found.job;
    let is_draft = job.state == JobState::Draft;
    let query = Query::default();
    let all: i64 = found.counts.0.iter().map(|(_, count)| count).sum();
    let count = |count: i64| usize::try_from(count).ok();
    let mut tabs = vec![View::of_everyone("All", path.to_owned(), count(all), found.filter.is_none())];
    for state in ItemState::ALL {
        let of = found.counts.of(*state);
        if of > 0 {
            let href = query.with("show", state.as_str()).on(path);
            let name =
                if is_draft && *state == ItemState::Waiting { "Will be done" } else { words::item(*state, job.act) };
            let view = View::of_everyone(name, href, count(of), found.filter == Some(*state));
            tabs.push(if matches!(state, ItemState::Rejected | ItemState::Failed) { view.bad() } else { view });
        }
    }
    let kind = if job.act == Act::Share { "connectors" } else { "connections" };
    let of_item = |row: &ItemRow| format!("/teams/{}/{kind}/{}", reader.team().slug, row.item.target);
    let rows: Vec<_> = found.items.iter().map(|row| self::row(job, row, of_item(row))).collect();
    let result = (!is_draft).then(|| view! { <th scope="col" class="c-result">"Result"</th><th scope="col" class="c-go"><span class="vh">"Operation"</span></th> });
    let pick = is_draft.then(|| view! { <th scope="col" class="c-pick"><span class="vh">"Select"</span></th> });
    let recipes = matches!(job.act, Act::Delete | Act::Disconnect)
        .then(|| view! { <th scope="col" class="c-recipes">"Active recipes"</th> });
    let first = if kind == "connectors" { "Connector" } else { "Connection" };
    view! {
        {view_tabs(tabs)}
        <table class="data t-job" id="list" tabindex="-1">
            <caption class="vh">"What the dry run found, and what happened, for each item"</caption>
            <thead><tr>{pick}<th scope="col" class="c-name">{first}</th>{recipes}<th scope="col" class="c-dry">"Dry run"</th>{result}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
        {is_draft.then(|| take_out(found, reader, path)).flatten()}
        {pages(found, path)}
    }
    .into_any()
}

fn row(job: &Job, row: &ItemRow, href: String) -> AnyView {
    let (item, act) = (&row.item, job.act);
    let name = item.name.clone().unwrap_or_else(|| format!("{} {}", words::noun(act, 1), item.target));
    let is_draft = job.state == JobState::Draft;
    let pick = is_draft.then(|| {
        let label = format!("Select {name}");
        let is_ready = item.verdict == Verdict::Ready;
        let box_ = is_ready.then(|| view! { <input type="checkbox" class="box" name="items[]" value=item.place.to_string() form=FORM aria-label=label/> });
        view! { <td class="c-pick">{box_}</td> }
    });
    let recipes = matches!(act, Act::Delete | Act::Disconnect).then(|| {
        let active = item.active.map_or_else(|| "–".to_owned(), grouped_i64);
        view! { <td class="c-recipes">{active}</td> }
    });
    let (shape, tone, dry) = match (item.taken_out, item.verdict) {
        (true, _) => (Glyph::None, Tone::None, "Taken out".to_owned()),
        (false, Verdict::Ready) => (Glyph::Ok, Tone::Good, share_words(job, row)),
        (false, verdict) => (Glyph::None, Tone::None, words::verdict(verdict, act, item.active)),
    };
    let result = (!is_draft).then(|| {
        let (shape, tone) = look(row.state);
        let last = row.operation.as_ref().and_then(|operation| operation.last.as_ref());
        let said = last
            .and_then(|entry| entry.workato.as_ref()?.message.clone())
            .filter(|_| row.state != ItemState::Succeeded);
        let word = words::item(row.state, act);
        let text = said.map_or_else(|| word.to_owned(), |said| format!("{word}: {said}"));
        let title = text.clone();
        let at = last.map(|entry| view! { " "<span class="t3"><Ago at=entry.at/></span> });
        let go = row
            .operation
            .as_ref()
            .map(|operation| view! { <a class="go" href=format!("/audit/{}", operation.id)>"View"</a> });
        view! { <td class="c-result" title=title>{state(shape, tone, text)}{at}</td><td class="c-go">{go}</td> }
    });
    view! {
        <tr>
            {pick}
            <th scope="row" class="c-name" title=name.clone()><span class="nm"><a href=href>{name.clone()}</a></span></th>
            {recipes}
            <td class="c-dry">{state(shape, tone, dry)}</td>
            {result}
        </tr>
    }
    .into_any()
}

/// What a dry run says of an item that can be done: of a connector, which version customers get.
fn share_words(job: &Job, row: &ItemRow) -> String {
    match (job.act, row.item.version) {
        (Act::Share, Some(version)) if row.item.seen.is_empty() => format!("Customers start to get {version}"),
        (Act::Share, Some(version)) => format!("Customers move from {} to {version}", row.item.seen),
        _ => words::verdict(row.item.verdict, job.act, row.item.active),
    }
}

/// The buttons that take the selected items out, or put them back.
fn take_out(found: &JobPage, reader: &TeamReader, path: &str) -> Option<AnyView> {
    found.items.iter().any(|row| row.item.verdict == Verdict::Ready).then_some(())?;
    let show = found.filter.map(ItemState::as_str).unwrap_or_default();
    let number = if found.page == 1 { String::new() } else { found.page.to_string() };
    let here = Query::default().with("show", show).with("page", &number).on(path);
    Some(
        view! {
            <form class="pick-bar" id=FORM method="post" action="/api/fn/take_out" aria-label="Selected items">
                <input type="hidden" name="team" value=reader.team().slug.to_string()/>
                <input type="hidden" name="job" value=found.job.id.to_string()/>
                <input type="hidden" name="page" value=here/>
                <button type="submit" class="btn sm">"Take out"</button>
                <button type="submit" class="btn sm" name="back" value="yes">"Put back"</button>
            </form>
        }
        .into_any(),
    )
}

fn pages(found: &JobPage, path: &str) -> AnyView {
    let show = found.filter.map(ItemState::as_str).unwrap_or_default();
    let query = Query::default().with("show", show);
    let link = |number: i64, label: &'static str, rel: &'static str| {
        let number = if number == 1 { String::new() } else { number.to_string() };
        view! { <a class="btn sm" rel=rel href=query.with("page", &number).on(path)>{label}</a> }
    };
    let previous = (found.page > 1).then(|| link(found.page - 1, "Previous", "prev"));
    let next = (found.page < found.pages).then(|| link(found.page + 1, "Next", "next"));
    let first = (found.page - 1) * ROWS + 1;
    let shown = i64::try_from(found.items.len()).unwrap_or_default();
    let range = (shown > 0).then(|| format!("{}–{}", grouped_i64(first), grouped_i64(first + shown - 1)));
    view! { <nav class="foot" aria-label="Pages"><span>{range}</span><span class="acts">{previous}{next}</span></nav> }
        .into_any()
}
