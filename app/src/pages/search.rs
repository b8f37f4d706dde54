//! `/search?q=`: finds teams, connections, connectors, customers, people, operations, saved searches, pages and changes.
//! The command palette (`frontend/js/palette.js`) shows this page's results.

mod go_to;

use leptos::prelude::*;
use portal::{
    Actor, Error,
    find::{Found, Hit, Thing},
};

use crate::{
    components::{
        Frame, Glyph, Icon, Rendered, SubmitButton, Tone, icon, monogram, page, person_monogram, search_path, state,
        view_path,
    },
    context,
    pages::search::go_to::{Destination, go_to},
    wording::operations,
};

/// The parameter with the text.
pub const TEXT: &str = "q";

#[component]
pub fn SearchPage() -> impl IntoView {
    page(search())
}

async fn search() -> Result<Rendered, Error> {
    let frame = Frame::signed_in()?.with_teams().await?.title("Search");
    let actor = frame.actor()?.clone();
    let text = context::query().get(TEXT).trim().to_owned();
    let portal = context::portal();
    let found = portal.find(&actor, &text).await?;
    let teams = portal.teams(&actor).await?;
    let groups = groups(&actor, &text, &found, go_to(&actor, &teams, &text));
    Ok(frame.render(view! {
        <div class="head"><div><h1>"Search"</h1></div></div>
        <form class="bar" method="get" action="/search" role="search">
            <label class="vh" for="search-text">"Search or jump to"</label>
            <input class="in" id="search-text" type="search" name=TEXT value=text autofocus placeholder="Name, email or ID"/>
            <SubmitButton>"Search"</SubmitButton>
        </form>
        {groups}
    }))
}

/// A link to something that was found.
struct Row {
    symbol: AnyView,
    label: String,
    beside: AnyView,
    href: String,
}

/// The results in groups, each with its heading: the best group first, pages last.
fn groups(actor: &Actor, text: &str, found: &Found, pages: Vec<Destination>) -> AnyView {
    let mut groups: Vec<(&'static str, Vec<Row>)> = Vec::new();
    let mut add = |heading: &'static str, row: Row| match groups.iter_mut().find(|(known, _)| *known == heading) {
        Some((_, rows)) => rows.push(row),
        None => groups.push((heading, vec![row])),
    };
    for hit in &found.hits {
        add(heading(&hit.thing), row(hit));
    }
    for change in found.hits.iter().filter_map(|hit| share(actor, &hit.thing)) {
        add("Changes", change);
    }
    if !text.is_empty() {
        let everywhere = Row {
            symbol: icon(Icon::Search),
            label: format!("Search the audit log for “{text}”"),
            beside: ().into_any(),
            href: search_path(text),
        };
        add("Audit log", everywhere);
    }
    for Destination { icon: symbol, label, href } in pages {
        add("Go to", Row { symbol: icon(symbol), label, beside: ().into_any(), href });
    }
    let nothing = (found.hits.is_empty() && !text.is_empty())
        .then(|| view! { <p class="none" role="status">"Nothing found for “"{text.to_owned()}"”"</p> });
    let groups = groups.into_iter().map(|(heading, rows)| {
        let links = rows.into_iter().map(|Row { symbol, label, beside, href }| {
            view! { <li><a href=href>{symbol}<span title=label.clone()>{label.clone()}</span><span class="push">{beside}</span></a></li> }
        });
        view! { <h2>{heading}</h2><ul aria-label=heading>{links.collect_view()}</ul> }
    });
    view! {
        <div class="pal-list" id="found" role="region" aria-label="Results">
            {nothing}
            {groups.collect_view()}
            {not_read(found)}
        </div>
    }
    .into_any()
}

fn heading(thing: &Thing) -> &'static str {
    match thing {
        Thing::Team(_) => "Teams",
        Thing::Connection { .. } => "Connections",
        Thing::Connector { .. } => "Connectors",
        Thing::Customer { .. } => "Customers",
        Thing::Person { .. } => "People",
        Thing::Operation(_) => "Audit log",
        Thing::View { .. } => "Views",
    }
}

fn row(hit: &Hit) -> Row {
    let (symbol, label, beside, href) = match &hit.thing {
        Thing::Team(place) => (
            monogram(&place.name, &place.slug),
            place.name.clone(),
            text(""),
            format!("/teams/{}/connections", place.slug),
        ),
        Thing::Connection { place, id, name, application, is_broken } => {
            let application = application.as_deref().unwrap_or_default();
            let beside = match is_broken {
                true => view! { {state(Glyph::Bad, Tone::Bad, "Broken")}" "{place.name.clone()} }.into_any(),
                false => text(&place.name),
            };
            (
                monogram(application, application),
                or_id(name, id),
                beside,
                format!("/teams/{}/connections/{id}", place.slug),
            )
        }
        Thing::Connector { place, id, name, newest, shared } => {
            let update = matches!((shared, newest), (Some(shared), Some(newest)) if newest > shared);
            let beside = if update { format!("{}, update available", place.name) } else { place.name.clone() };
            (monogram(name, name), or_id(name, id), text(&beside), format!("/teams/{}/connectors/{id}", place.slug))
        }
        Thing::Customer { place, id, name } => {
            (icon(Icon::Building), or_id(name, id), text(&place.name), format!("/teams/{}/customers/{id}", place.slug))
        }
        Thing::Person { id, name, email } => {
            (person_monogram(name), name.clone(), text(email), format!("/admin/people/{id}"))
        }
        Thing::Operation(operation) => {
            let sentence = operations::Sentence::of(operation).text();
            let who = operation.actor_name.clone();
            (icon(Icon::Log), sentence, text(&who), format!("/audit/{}", operation.id))
        }
        Thing::View { view, place } => {
            let beside = place.as_ref().map_or_else(|| "Audit log".to_owned(), |place| place.name.clone());
            let href = view_path(view, place.as_ref().map(|place| place.slug.as_str()));
            (icon(Icon::Search), view.name.clone(), text(&beside), href.unwrap_or_else(|| "/views".to_owned()))
        }
    };
    Row { symbol, label, beside, href }
}

/// The form that shares a connector's newest version, for operators of its team.
fn share(actor: &Actor, thing: &Thing) -> Option<Row> {
    let Thing::Connector { place, id, name, newest: Some(newest), shared } = thing else { return None };
    if !actor.operates(place.team) || *shared == Some(*newest) {
        return None;
    }
    Some(Row {
        symbol: icon(Icon::Up),
        label: format!("Share version {newest} of {}…", or_id(name, id)),
        beside: text(&place.name),
        href: format!("/teams/{}/connectors/{id}#version-{newest}", place.slug),
    })
}

fn text(text: &str) -> AnyView {
    text.to_owned().into_any()
}

/// A name, or the id of what has none.
fn or_id(name: &str, id: &impl ToString) -> String {
    if portal::is_blank(name) { format!("#{}", id.to_string()) } else { name.to_owned() }
}

/// What could not be searched, because no page and no comparison has read it yet.
fn not_read(found: &Found) -> Option<AnyView> {
    let lists = (!found.not_read.is_empty()).then(|| {
        let teams = found.not_read.join(", ");
        format!("Not searched yet: {teams}. The portal has not read their connections and connectors since it started.")
    });
    let customers = (!found.no_customers.is_empty()).then(|| {
        let teams = found.no_customers.join(", ");
        format!("Customers not searched yet: {teams}. Open a team's Customers page once to include them.")
    });
    let notes: Vec<_> = [lists, customers]
        .into_iter()
        .flatten()
        .map(|note| view! { <p class="t2 sm" role="note">{note}</p> })
        .collect();
    (!notes.is_empty()).then(|| notes.into_any())
}
