//! The sidebar of a page: team switcher, navigation, saved searches, and the signed-in person.

use leptos::prelude::*;
use portal::{
    Actor, PortalRole, TeamReader, TeamRole,
    audit::{CountedSearch, Finds},
    teams::Team,
};

use super::{
    search_path,
    section::{OF_TEAM, Section},
};
use crate::{islands::ThemeSwitch, wording::numbers};

pub struct Sidebar<'a> {
    pub actor: &'a Actor,
    /// The team whose page this is.
    pub team: Option<&'a TeamReader>,
    /// The teams that the switcher offers.
    pub teams: &'a [Team],
    pub searches: &'a [CountedSearch],
    pub section: Option<Section>,
}

impl Sidebar<'_> {
    pub fn render(&self) -> AnyView {
        view! {
            <header class="side">
                <a class="word" href="/">"Partner Portal"</a>
                {self.switcher()}
                {self.navigation()}
                {self.foot()}
            </header>
        }
        .into_any()
    }

    /// The current team, and a list of the others in a `<details>`, which opens without script.
    fn switcher(&self) -> Option<AnyView> {
        let current = self.team.map(TeamReader::team);
        let section = OF_TEAM.iter().find(|(section, ..)| Some(*section) == self.section);
        let section = section.map_or("connections", |(_, path, _)| *path);
        let others: Vec<_> = self
            .teams
            .iter()
            .filter(|team| team.retired_at.is_none() && Some(team.id) != current.map(|current| current.id))
            .map(|team| {
                view! {
                    <li>
                        <a href=format!("/teams/{}/{section}", team.slug)>
                            <span>{team.name.clone()}</span>
                            {team.production.then(|| view! { <span class="chip prod">"production"</span> })}
                        </a>
                    </li>
                }
            })
            .collect();
        let shown = current.map(|team| {
            view! {
                <span>
                    <strong>{team.name.clone()}</strong>
                    <span class="soft">{workspace(team)}</span>
                </span>
                {team.production.then(|| view! { <span class="chip prod">"production"</span> })}
            }
            .into_any()
        });
        if others.is_empty() {
            return shown.map(|team| view! { <div class="team">{team}</div> }.into_any());
        }
        let shown = shown.unwrap_or_else(|| view! { <strong>"Choose a team"</strong> }.into_any());
        Some(
            view! {
                <details class="teams">
                    <summary class="team" aria-label="Switch team">{shown}</summary>
                    <ul aria-label="Other teams">{others}</ul>
                </details>
            }
            .into_any(),
        )
    }

    fn navigation(&self) -> AnyView {
        let link = |section: Section, href: String, label: &'static str| {
            let here = (self.section == Some(section)).then_some("page");
            view! { <li><a href=href aria-current=here>{label}</a></li> }
        };
        let of_team = self.team.map(|reader| {
            let slug = &reader.team().slug;
            OF_TEAM.map(|(section, path, label)| link(section, format!("/teams/{slug}/{path}"), label)).collect_view()
        });
        let audit = match self.team {
            Some(reader) => format!("/audit?team={}", reader.team().slug),
            None => "/audit".to_owned(),
        };
        let of_admin = (self.actor.role() == PortalRole::Admin).then(|| {
            view! {
                {link(Section::Teams, "/admin/teams".to_owned(), "Teams")}
                {link(Section::People, "/admin/people".to_owned(), "People")}
                {link(Section::Feeds, "/admin/feeds".to_owned(), "Log feeds")}
            }
        });
        view! {
            <nav aria-label="Portal">
                <ul>
                    {of_team}
                    {link(Section::Audit, audit, "Audit log")}
                    {self.saved_searches()}
                    {of_admin}
                </ul>
            </nav>
        }
        .into_any()
    }

    /// The person's saved searches with their counts. Hidden on narrow screens, where `/audit/searches` lists them.
    fn saved_searches(&self) -> Option<AnyView> {
        if self.searches.is_empty() {
            return None;
        }
        let links = self.searches.iter().map(|search| {
            let count = match search.finds {
                Finds::Operations(count) => Some(view! { <span class="count">{numbers::count(count)}</span> }),
                Finds::NotCounted | Finds::CannotBeAsked => None,
            };
            let (name, href) = (search.saved.name.clone(), search_path(&search.saved.search));
            view! { <li><a href=href title=name.clone()><span>{name.clone()}</span>{count}</a></li> }
        });
        let links = links.collect_view();
        Some(
            view! {
                <li class="searches">
                    <ul aria-label="Searches">
                        {links}
                        <li><a class="soft" href="/audit/searches">"All searches"</a></li>
                    </ul>
                </li>
            }
            .into_any(),
        )
    }

    fn foot(&self) -> AnyView {
        let role = match self.team.and_then(|reader| self.actor.role_in(reader.team().id)) {
            Some(TeamRole::Operator) => "operator".to_owned(),
            Some(TeamRole::Viewer) => "viewer".to_owned(),
            None => self.actor.role().to_string(),
        };
        let here = (self.section == Some(Section::Account)).then_some("page");
        view! {
            <div class="foot soft">
                <span>{self.actor.name().to_owned()}" · "{role}</span>
                <a href="/account" aria-current=here>"Account"</a>
                <ThemeSwitch/>
                <form method="post" action="/api/fn/sign_out">
                    <button class="button" type="submit">"Sign out"</button>
                </form>
            </div>
        }
        .into_any()
    }
}

/// The data centre and the id of the team's workspace.
fn workspace(team: &Team) -> String {
    let center = portal::teams::data_center(team).map_or("Workato", |center| center.name());
    match &team.workspace {
        Some(workspace) => format!("{center} · ws {}", workspace.id),
        None => center.to_owned(),
    }
}
