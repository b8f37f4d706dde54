//! The lists of what needs attention: each thing with since when it waits and what to do next.

use leptos::prelude::*;
use portal::{
    Actor,
    audit::{OperationSummary, ReviewStanding, State},
    home::{BrokenConnection, ConnectorBehind, Home, Kind},
    one_line,
    teams::Team,
};
use time::OffsetDateTime;
use workato::AuthorizationStatus;

use crate::{
    components::{Ago, ButtonLink, Glyph, connection_name, connector_name, search_path},
    operation_status::OperationStatus,
    query::Query,
    wording::{home as words, numbers::grouped, operations::Sentence},
};

/// One thing to do.
struct Todo {
    glyph: Glyph,
    /// The CSS class of its colour.
    color: &'static str,
    href: String,
    title: AnyView,
    /// The whole title, which may be cut.
    full: String,
    /// Whose it is: the team, unless the page shows one team only.
    who: Option<String>,
    what: String,
    since: Option<OffsetDateTime>,
    act: (&'static str, String),
}

pub fn sections(home: &Home, actor: &Actor) -> AnyView {
    let whose = |name: &str| home.team.is_none().then(|| name.to_owned());
    let broken = home.broken.listed.iter().map(|it| broken(it, whose(&it.team.name), actor));
    let unknown = home.unknown.listed.iter().map(|it| unknown(it, of_team(it, home), actor));
    let flags = home.flags.listed.iter().map(|it| flag(it, of_team(it, home), actor));
    let outside = home.outside.listed.iter().map(|it| outside(it, of_team(it, home), actor));
    let behind = home.behind.listed.iter().map(|it| behind(it, whose(&it.team.name), actor));
    let in_team = |part: &str, label: &'static str| {
        let team = one_team(home)?;
        Some((label, format!("/teams/{}/{part}", team.slug)))
    };
    let in_log = |kind: &Kind<OperationSummary>, search: &str, label: &'static str| {
        (kind.count > kind.listed.len()).then(|| (label, search_path(search)))
    };
    let break_glass = home.break_glass.listed.iter().map(|it| break_glass(it, of_team(it, home), actor));
    let requests = home.requests.listed.iter().map(|it| request(it, of_team(it, home)));
    view! {
        {section("break-glass", "Changed without approval", &home.break_glass, None, break_glass)}
        {section(
            "requests",
            "Waiting for your approval",
            &home.requests,
            Some(("View all requests", "/approvals".to_owned())),
            requests,
        )}
        {section("broken", "Broken connections", &home.broken, in_team("connections", "View all connections"), broken)}
        {section(
            "unknown",
            "Operations without a known outcome",
            &home.unknown,
            in_log(&home.unknown, &home.searches.unknown, "View all"),
            unknown,
        )}
        {section("flags", "Flags", &home.flags, in_log(&home.flags, &home.searches.flags, "View all"), flags)}
        {section(
            "outside",
            "Changed outside the portal",
            &home.outside,
            in_log(&home.outside, &home.searches.outside, "View all"),
            outside,
        )}
        {section("behind", "Connectors with a newer release", &home.behind, in_team("connectors", "View all connectors"), behind)}
    }
    .into_any()
}

/// The team that everything on the page is of.
fn one_team(home: &Home) -> Option<&Team> {
    match (&home.team, home.teams.as_slice()) {
        (Some(team), _) => Some(team),
        (None, [(team, _)]) => Some(team),
        _ => None,
    }
}

fn of_team(operation: &OperationSummary, home: &Home) -> Option<String> {
    operation.team_name.clone().filter(|_| home.team.is_none())
}

fn section<T>(
    id: &'static str,
    heading: &'static str,
    kind: &Kind<T>,
    whole: Option<(&'static str, String)>,
    todos: impl Iterator<Item = Todo>,
) -> Option<AnyView> {
    if kind.count == 0 {
        return None;
    }
    let count = if kind.has_more { format!("{}+", grouped(kind.count)) } else { grouped(kind.count) };
    let heading_id = format!("h-{id}");
    let labelled_by = heading_id.clone();
    let whole = whole.map(|(label, href)| view! { <a class="push sm" href=href>{label}</a> });
    let todos = todos.map(Todo::render).collect_view();
    let more = kind.count - kind.listed.len();
    let more = (more > 0).then(|| view! { <li class="todo more t3">{words::more(more)}</li> });
    Some(
        view! {
            <section class="card plain" aria-labelledby=labelled_by>
                <div class="card-head"><h2 id=heading_id>{heading}" "<span class="n">{count}</span></h2>{whole}</div>
                <ul>{todos}{more}</ul>
            </section>
        }
        .into_any(),
    )
}

impl Todo {
    fn render(self) -> AnyView {
        let Self { glyph, color, href, title, full, who, what, since, act: (label, act) } = self;
        let class = format!("g {color}");
        view! {
            <li class="todo">
                <svg class=class aria-hidden="true"><use href=glyph.href()></use></svg>
                <p><a href=href title=full>{title}</a></p>
                <p class="what">{who.map(|who| view! { <span class="who">{who}</span> })}{what}</p>
                {since.map(|at| view! { <Ago at=at/> })}
                <ButtonLink href=act small=true>{label}</ButtonLink>
            </li>
        }
        .into_any()
    }
}

fn broken(it: &BrokenConnection, who: Option<String>, actor: &Actor) -> Todo {
    let page = format!("/teams/{}/connections/{}", it.team.slug, it.connection.id);
    let is_exception = it.connection.authorization_status == Some(AuthorizationStatus::Exception);
    let (glyph, color) = if is_exception { (Glyph::Exc, "c-warn") } else { (Glyph::Bad, "c-bad") };
    let act = if actor.operates(it.team.id) && !is_exception {
        ("Reconnect", format!("{page}/edit"))
    } else {
        ("View", page.clone())
    };
    let name = one_line(&connection_name(&it.connection));
    Todo {
        glyph,
        color,
        href: page,
        title: name.clone().into_any(),
        full: name,
        who,
        what: words::broken(&it.connection),
        since: it.since,
        act,
    }
}

fn in_log(operation: &OperationSummary) -> (String, Sentence) {
    (format!("/audit/{}", operation.id), Sentence::of(operation))
}

/// The team, if the page shows several, and who did it.
fn by(team: Option<String>, operation: &OperationSummary) -> Option<String> {
    Some(team.into_iter().chain([operation.actor_name.clone()]).collect::<Vec<_>>().join(" · "))
}

fn unknown(operation: &OperationSummary, who: Option<String>, actor: &Actor) -> Todo {
    let (href, sentence) = in_log(operation);
    let may_settle = operation.team_id.is_some_and(|team| actor.operates(team));
    let status = OperationStatus::of(operation);
    let act = match operation.state {
        State::Waiting if may_settle => ("Record outcome", href.clone()),
        _ => ("View", href.clone()),
    };
    let (glyph, color) = match operation.state {
        State::Waiting => (Glyph::Unk, "c-warn"),
        _ => (Glyph::Wait, "c-info"),
    };
    let what = words::unknown(status).to_owned();
    let title = words::deed(&sentence, &operation.actor_name);
    let (who, since) = (by(who, operation), Some(operation.at));
    Todo { glyph, color, href, title: title.into_any(), full: sentence.text(), who, what, since, act }
}

/// A change without the approval that it needed, until a second person has reviewed it.
fn break_glass(operation: &OperationSummary, who: Option<String>, actor: &Actor) -> Todo {
    let (href, sentence) = in_log(operation);
    let is_own = operation.actor_id == Some(actor.id());
    let act = if actor.reviews() && !is_own { "Review" } else { "View" };
    let reason = operation.first.as_ref().and_then(|first| first.reason.clone());
    Todo {
        glyph: Glyph::Bad,
        color: "c-bad",
        title: sentence.text().into_any(),
        full: sentence.text(),
        who,
        what: reason.unwrap_or_else(|| words::NOT_REVIEWED.to_owned()),
        since: Some(operation.at),
        act: (act, href.clone()),
        href,
    }
}

fn request(operation: &OperationSummary, who: Option<String>) -> Todo {
    let (href, sentence) = (format!("/approvals/{}", operation.id), Sentence::of(operation));
    let reason = operation.first.as_ref().and_then(|first| first.reason.clone());
    Todo {
        glyph: Glyph::Wait,
        color: "c-info",
        title: sentence.text().into_any(),
        full: sentence.text(),
        who,
        what: reason.unwrap_or_default(),
        since: Some(operation.at),
        act: ("Decide", href.clone()),
        href,
    }
}

fn flag(operation: &OperationSummary, who: Option<String>, actor: &Actor) -> Todo {
    let (href, sentence) = in_log(operation);
    let said = operation.review.as_ref().and_then(|review| review.said.as_ref());
    let is_flagged = operation.review.as_ref().is_some_and(|it| it.standing == ReviewStanding::Flagged);
    let act = match is_flagged {
        true if actor.answers(operation) => ("Answer", href.clone()),
        false if actor.reviews() => ("Review", href.clone()),
        _ => ("View", href.clone()),
    };
    Todo {
        glyph: Glyph::Flag,
        color: "c-warn",
        href,
        title: words::deed(&sentence, &operation.actor_name).into_any(),
        full: sentence.text(),
        who: by(who, operation),
        what: words::flag(said, is_flagged),
        since: said.map(|entry| entry.at).or(Some(operation.at)),
        act,
    }
}

fn outside(operation: &OperationSummary, who: Option<String>, actor: &Actor) -> Todo {
    let (href, sentence) = in_log(operation);
    let act = if actor.reviews() { "Review" } else { "View" };
    Todo {
        glyph: Glyph::Out,
        color: "c-warn",
        title: words::outside_title(&sentence.text()).into_any(),
        full: sentence.text(),
        who,
        what: words::outside(operation),
        since: Some(operation.at),
        act: (act, href.clone()),
        href,
    }
}

fn behind(it: &ConnectorBehind, who: Option<String>, actor: &Actor) -> Todo {
    let href = format!("/teams/{}/connectors/{}", it.team.slug, it.connector.id);
    let versions = words::versions(&it.connector);
    let title = view! {
        {connector_name(&it.connector)}" "<span class="t3">{versions.clone()}</span>
    };
    let act = if actor.operates(it.team.id) { "Review update" } else { "View" };
    Todo {
        glyph: Glyph::Lag,
        color: "c-info",
        title: title.into_any(),
        full: format!("{} {versions}", connector_name(&it.connector)),
        who,
        what: words::release_note(&it.connector),
        since: it.since,
        act: (act, href.clone()),
        href,
    }
}

/// The list of a team's failed connections.
pub fn failed_path(team: &Team, with_runtime_users: bool) -> String {
    let query = Query::default().with("status", "failed");
    let query = if with_runtime_users { query.with("include_runtime_connections", "true") } else { query };
    query.on(&format!("/teams/{}/connections", team.slug))
}
