//! `/teams/{team}/connectors`: what is released, what embedded customers get, and which of it is behind.
//! Sharing and suppressing are on each connector's own page.

use http::StatusCode;
use leptos::prelude::*;
use portal::{
    Error, FieldProblems, TeamReader,
    connectors::{self, FilterInput},
    upstream::Shown,
};
use time::OffsetDateTime;
use workato::{Connector, ConnectorQuery};

use crate::{
    components::{
        ActiveFilter, ActiveFilters, Ago, Choice, ChoiceField, Drawn, Field, Frame, Freshness, Offers, Section,
        connector_name, dash, grouped, page, set_status, stale_notice, watched,
    },
    context,
    done::DoneNotice,
    query::Query,
};

/// What the URL of the list may hold; anything else in it is left alone and goes no further.
const PARAMETERS: [&str; 2] = ["title", "oem_shared"];

#[component]
pub fn ConnectorsPage() -> impl IntoView {
    page(connectors(context::path_part("team")))
}

async fn connectors(team: String) -> Result<Drawn, Error> {
    let (frame, reader) = Frame::of_team(&team).await?;
    let frame = frame.section(Section::Connectors).title("Connectors");
    let list = List::asked(&reader);
    match list.filter() {
        Ok(query) => {
            let found = context::portal().connectors(&reader, query).await?;
            let watched = watched(&reader).await?;
            Ok(frame.draw(view! { <DoneNotice more=None/>{list.found(&found)}{watched} }.into_any()))
        }
        Err(problems) => {
            set_status(StatusCode::UNPROCESSABLE_ENTITY);
            Ok(frame.draw(list.refused(&problems)))
        }
    }
}

/// The list as the URL asks for it.
struct List {
    team: String,
    path: String,
    /// As it came.
    asked: Query,
    /// What of it is known and says something.
    query: Query,
    input: FilterInput,
}

impl List {
    fn asked(reader: &TeamReader) -> Self {
        let team = reader.team().slug.to_string();
        let asked = context::query();
        Self {
            path: format!("/teams/{team}/connectors"),
            team,
            query: asked.only(&PARAMETERS),
            input: FilterInput { title: asked.get("title"), oem_shared: asked.get("oem_shared") },
            asked,
        }
    }

    fn filter(&self) -> Result<ConnectorQuery, FieldProblems> {
        let mut problems = FieldProblems::default();
        self.asked.refuse_doubles(&PARAMETERS, &mut problems);
        match self.input.read() {
            Ok(filter) if problems.is_empty() => Ok(filter),
            Ok(_) => Err(problems),
            Err(more) => {
                for problem in more.iter() {
                    problems.add(&problem.field, &problem.message);
                }
                Err(problems)
            }
        }
    }

    fn form(&self, problems: &FieldProblems) -> AnyView {
        let problem = |field| problems.of(field).map(str::to_owned);
        let shared: Vec<Choice> = [("true", "shared"), ("false", "not shared")]
            .map(|(value, label)| (value.to_owned(), label.to_owned()))
            .into();
        view! {
            <form class="filters" role="search" aria-label="Filter the connectors" method="get" action=self.path.clone()>
                <Field
                    label="Title"
                    name="title"
                    kind="search"
                    value=self.input.title.clone()
                    placeholder="Part of a title"
                    problem=problem("title")
                />
                <ChoiceField
                    label="Shared"
                    name="oem_shared"
                    none="any"
                    choices=shared
                    chosen=self.input.oem_shared.clone()
                    hint=None
                    problem=problem("oem_shared")
                />
                <button class="button" type="submit">"Filter"</button>
            </form>
        }
        .into_any()
    }

    fn active(&self) -> AnyView {
        let title = self.input.title.trim();
        let filter = |parameter, words| ActiveFilter { words, without: self.query.without(&[parameter]) };
        let title = (!title.is_empty()).then(|| filter("title", format!("title: {title}")));
        let shared = match self.input.oem_shared.trim() {
            "true" => Some("shared"),
            "false" => Some("not shared"),
            _ => None,
        };
        let shared = shared.map(|words| filter("oem_shared", words.to_owned()));
        view! {
            <ActiveFilters
                filters=title.into_iter().chain(shared).collect()
                path=self.path.clone()
                cleared=self.query.without(&PARAMETERS)
            />
        }
        .into_any()
    }

    fn found(&self, found: &Shown<Vec<Connector>>) -> AnyView {
        let total = found.items.len();
        let shown = if self.query.is_empty() { grouped(total) } else { format!("{} match", grouped(total)) };
        let list = if total == 0 { self.nothing() } else { table(&found.items, &self.path) };
        view! {
            <div class="head">
                <div>
                    <h1>"Connectors"</h1>
                    <Freshness shown=shown read_at=found.read_at waited=found.waited team=self.team.clone()/>
                </div>
            </div>
            {stale_notice(found.stale.as_ref(), found.read_at, Offers::Nothing)}
            {self.form(&FieldProblems::default())}
            {self.active()}
            {list}
        }
        .into_any()
    }

    fn refused(&self, problems: &FieldProblems) -> AnyView {
        view! {
            <div class="head"><div><h1>"Connectors"</h1></div></div>
            {self.form(problems)}
            <div class="panel empty" role="alert">
                <h2>"Nothing is listed"</h2>
                <p>"The portal does not understand a part of this filter; it shows no list that could be the wrong one."</p>
            </div>
        }
        .into_any()
    }

    fn nothing(&self) -> AnyView {
        if self.query.is_empty() {
            view! {
                <div class="panel empty">
                    <h2>"There is no connector yet"</h2>
                    <p>"Custom connectors are made in Workato, under Tools. They appear here by themselves."</p>
                </div>
            }
            .into_any()
        } else {
            view! {
                <div class="panel empty">
                    <h2>"No connector matches"</h2>
                    <p>"Loosen a filter, or "<a href=self.path.clone()>"show all connectors"</a>"."</p>
                </div>
            }
            .into_any()
        }
    }
}

fn table(connectors: &[Connector], path: &str) -> AnyView {
    let mut sorted: Vec<&Connector> = connectors.iter().collect();
    sorted.sort_by_cached_key(|connector| connector_name(connector).to_lowercase());
    view! {
        <div class="sheet">
            <table class="cards">
                <caption>"Connectors by title"</caption>
                <thead>
                    <tr>
                        <th scope="col" aria-sort="ascending">"Title"</th>
                        <th scope="col" class="num minor">"Latest released"</th>
                        <th scope="col" class="num minor">"Shared"</th>
                        <th scope="col" class="num minor">"Shared since"</th>
                        <th scope="col">"Customers get"</th>
                    </tr>
                </thead>
                <tbody>{sorted.into_iter().map(|connector| row(connector, path)).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(connector: &Connector, path: &str) -> impl IntoView + use<> {
    let href = format!("{path}/{}", connector.id);
    let version = |version: Option<workato::ConnectorVersion>| match version {
        Some(version) => version.to_string().into_any(),
        None => dash(),
    };
    let since = connector.oem_shared_at.filter(|_| connector.shared_version().is_some()).map(|at| at.get());
    let share = Share::of(connector);
    view! {
        <tr>
            <th scope="row"><a href=href>{connector_name(connector)}</a></th>
            <td class="num minor">{version(connector.latest_version())}</td>
            <td class="num minor">{version(connector.shared_version())}</td>
            <td class="num soft minor">{since.map_or_else(dash, ago)}</td>
            <td>
                <span class=share.class>
                    <svg aria-hidden="true"><use href=share.shape></use></svg>
                    <span>{share.words}</span>
                </span>
            </td>
        </tr>
    }
}

fn ago(at: OffsetDateTime) -> AnyView {
    view! { <Ago at=at/> }.into_any()
}

/// What customers get of a connector, as the list tells it.
#[derive(Debug, PartialEq, Eq)]
struct Share {
    /// The id of the shape in the frame.
    shape: &'static str,
    /// The class of the colour.
    class: &'static str,
    words: String,
}

impl Share {
    fn of(connector: &Connector) -> Self {
        let (shape, class, words) = match connector.shared_version() {
            None if connector.latest_version().is_none() => {
                ("#s-none", "status none", "nothing: never released".to_owned())
            }
            None => ("#s-none", "status none", "nothing: not shared".to_owned()),
            Some(version) => match behind(connector) {
                Some(behind) => ("#s-exc", "status warn", format!("version {version}, {behind}")),
                None => ("#s-ok", "status ok", format!("version {version}, the latest")),
            },
        };
        Self { shape, class, words }
    }
}

/// "two releases behind", where the shared version is.
pub fn behind(connector: &Connector) -> Option<String> {
    const NUMBERS: [&str; 9] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let releases = connectors::releases_behind(connector)?;
    let number = releases.checked_sub(1).and_then(|at| NUMBERS.get(at));
    match (releases, number) {
        // Workato names a newer release but does not list it.
        (0, _) => connector.is_behind().then(|| "behind".to_owned()),
        (1, _) => Some("one release behind".to_owned()),
        (_, Some(number)) => Some(format!("{number} releases behind")),
        (releases, None) => Some(format!("{} releases behind", grouped(releases))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workato::Connector;

    use super::{Share, behind};

    fn connector(shared: Option<i64>, latest: Option<i64>, released: &[i64]) -> Connector {
        let released: Vec<_> = released.iter().map(|version| json!({ "version": version })).collect();
        serde_json::from_value(json!({
            "id": 3066, "oem_shared_version": shared, "latest_released_version": latest, "released_versions": released,
        }))
        .expect("a connector")
    }

    #[test]
    fn how_far_a_share_is_behind_is_told_in_releases_and_not_in_version_numbers() {
        let releases: Vec<i64> = (1..=20).collect();
        assert_eq!(behind(&connector(Some(2), Some(9), &[9, 4, 2])).as_deref(), Some("two releases behind"));
        assert_eq!(behind(&connector(Some(4), Some(9), &[9, 4, 2])).as_deref(), Some("one release behind"));
        assert_eq!(behind(&connector(Some(1), Some(20), &releases)).as_deref(), Some("19 releases behind"));
        assert_eq!(behind(&connector(Some(9), Some(9), &[9, 4, 2])), None);
        assert_eq!(behind(&connector(None, Some(9), &[9])), None);
    }

    #[test]
    fn a_newer_release_that_is_not_listed_still_puts_the_share_behind() {
        assert_eq!(behind(&connector(Some(2), Some(4), &[])).as_deref(), Some("behind"));
    }

    #[test]
    fn what_customers_get_is_told_by_shape_and_words() {
        let share = |shared, latest, released: &[i64]| {
            let share = Share::of(&connector(shared, latest, released));
            (share.shape, share.words)
        };
        assert_eq!(share(None, None, &[]), ("#s-none", "nothing: never released".to_owned()));
        assert_eq!(share(None, Some(4), &[4]), ("#s-none", "nothing: not shared".to_owned()));
        assert_eq!(share(Some(4), Some(4), &[4]), ("#s-ok", "version 4, the latest".to_owned()));
        assert_eq!(share(Some(2), Some(4), &[4, 2]), ("#s-exc", "version 2, one release behind".to_owned()));
    }
}
