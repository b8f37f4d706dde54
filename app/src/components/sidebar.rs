//! The sidebar of a page: team switcher, navigation, saved views of the audit log, and the signed-in person.

use leptos::prelude::*;
use portal::{
    Actor, PortalRole, TeamReader, TeamRole,
    home::{ListCount, SideCounts},
    teams::Team,
    views::{CountedView, Finds},
};

use super::{
    Icon,
    badge::production_badge,
    icon, mark, monogram, person_monogram, search_path,
    section::{OF_TEAM, Section},
    view_count::read_title,
};
use crate::{islands::ThemeSwitch, wording::numbers};

pub struct Sidebar<'a> {
    pub actor: &'a Actor,
    /// The team whose page this is.
    pub team: Option<&'a TeamReader>,
    /// The teams that the switcher offers.
    pub teams: &'a [Team],
    pub searches: &'a [CountedView],
    /// How many requests wait for the person.
    pub approvals: usize,
    pub section: Option<Section>,
    pub counts: SideCounts,
}

impl Sidebar<'_> {
    pub fn render(&self) -> AnyView {
        let team = self.team.map(|reader| {
            let team = reader.team();
            view! {
                <p class="side-team">
                    <span>{team.name.clone()}</span>
                    {team.production.then(production_badge)}
                </p>
            }
        });
        view! {
            <header class="side">
                <div class="side-top">
                    <a class="brand" href="/">{mark()}<span>"Partner Portal"</span></a>
                    {team}
                    <a class="icon-btn to-search" href="/search" aria-label="Search" data-palette="">{icon(Icon::Search)}</a>
                </div>
                // Below 1024 px this is a menu; on wider screens the style sheet keeps it open.
                <details class="menu">
                    <summary class="icon-btn" aria-label="Menu">{icon(Icon::Menu)}</summary>
                    <div class="menu-body">
                        {search_box()}
                        {self.switcher()}
                        {self.navigation()}
                        {self.person()}
                    </div>
                </details>
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
                        <a class="menu-row" href=format!("/teams/{}/{section}", team.slug)>
                            {monogram(&team.name, team.slug.as_str())}
                            <span>{team.name.clone()}</span>
                            {team.production.then(production_badge)}
                        </a>
                    </li>
                }
            })
            .collect();
        let shown = current.map(|team| {
            view! {
                {monogram(&team.name, team.slug.as_str())}
                <strong>{team.name.clone()}</strong>
                {(!others.is_empty()).then(|| icon(Icon::UpDown))}
                <span class="sub">{team.production.then(production_badge)}<span>{workspace(team)}</span></span>
            }
            .into_any()
        });
        if others.is_empty() {
            return shown.map(|team| view! { <div class="team">{team}</div> }.into_any());
        }
        let shown = shown.unwrap_or_else(|| view! { <strong>"Choose a team"</strong>{icon(Icon::UpDown)} }.into_any());
        let spoken = current.map(|_| view! { <span class="vh">"Switch team. Current team:"</span> });
        Some(
            view! {
                <details class="drop">
                    <summary class="team">{spoken}{shown}</summary>
                    <ul class="drop-body" aria-label="Other teams">{others}</ul>
                </details>
            }
            .into_any(),
        )
    }

    fn navigation(&self) -> AnyView {
        let (team, audit) = match self.team {
            Some(reader) => {
                let Team { slug, name, .. } = reader.team();
                let links = OF_TEAM
                    .map(|(section, path, label)| self.link(section, format!("/teams/{slug}/{path}"), label))
                    .collect_view();
                let links = view! {
                    <p class="nav-head" aria-hidden="true">{name.clone()}</p>
                    <ul class="nav" aria-label=name.clone()>{links}</ul>
                };
                (Some(links), format!("/audit?team={slug}"))
            }
            None => (None, "/audit".to_owned()),
        };
        let of_admin = (self.actor.role() == PortalRole::Admin).then(|| {
            view! {
                <p class="nav-head" aria-hidden="true">"Admin"</p>
                <ul class="nav" aria-label="Admin">
                    {self.link(Section::Teams, "/admin/teams".to_owned(), "Teams")}
                    {self.link(Section::People, "/admin/people".to_owned(), "People")}
                    {self.link(Section::Streams, "/admin/feeds".to_owned(), "Log streams")}
                </ul>
            }
        });
        view! {
            <nav aria-label="Portal">
                <ul class="nav">{self.link(Section::Home, "/".to_owned(), "Home")}</ul>
                {team}
                <p class="nav-head" aria-hidden="true">"Oversight"</p>
                <ul class="nav" aria-label="Oversight">
                    {self.approvals()}
                    {self.link(Section::Audit, audit, "Audit log")}
                    {self.saved_views()}
                    {self.link(Section::Activity, "/audit/figures".to_owned(), "Activity")}
                </ul>
                {of_admin}
            </nav>
        }
        .into_any()
    }

    fn link(&self, section: Section, href: String, label: &'static str) -> AnyView {
        let here = (self.section == Some(section)).then_some("page");
        let counts = self.counts_of(section);
        view! { <li><a href=href aria-current=here>{icon(section.icon())}<span>{label}</span>{counts}</a></li> }
            .into_any()
    }

    /// The requests, with how many wait for the person.
    fn approvals(&self) -> AnyView {
        let here = (self.section == Some(Section::Approvals)).then_some("page");
        let count =
            (self.approvals > 0).then(|| view! { <span class="n hot">{numbers::grouped(self.approvals)}</span> });
        view! {
            <li><a href="/approvals" aria-current=here>{icon(Section::Approvals.icon())}<span>"Approvals"</span>{count}</a></li>
        }
        .into_any()
    }

    /// The numbers beside a link: how much needs attention, and how long the list is. Nothing that is not known.
    fn counts_of(&self, section: Section) -> Option<AnyView> {
        let SideCounts { attention, connections, connectors, customers } = self.counts;
        let more = if attention.is_some_and(|attention| attention.has_more) { "+" } else { "" };
        let pill = |class: &'static str, count: usize, what: &str, more: &str| {
            (count > 0).then(|| {
                let (number, spoken) = (format!("{}{more}", numbers::grouped(count)), format!(" {what}"));
                view! { <span class=class>{number}<span class="vh">{spoken}</span></span> }.into_any()
            })
        };
        let length = |list: ListCount| {
            let title = read_title(list.read_at);
            view! { <span class="n" title=title>{numbers::grouped(list.all)}</span> }.into_any()
        };
        let (hot, warm) = ("n hot", "n warm");
        match section {
            Section::Home => pill(hot, attention?.all, "need attention", more),
            Section::Audit => pill(hot, attention?.flags, "flags wait for you", more),
            Section::Connections => {
                let list = connections?;
                Some(view! { {pill(hot, list.bad, "broken", "")}{length(list)} }.into_any())
            }
            Section::Connectors => {
                let list = connectors?;
                Some(view! { {pill(warm, list.bad, "with an update", "")}{length(list)} }.into_any())
            }
            Section::Customers => Some(length(customers?)),
            _ => None,
        }
    }

    /// The person's views of the audit log with their counts. Hidden on narrow screens, where `/views` lists them.
    fn saved_views(&self) -> Option<AnyView> {
        if self.searches.is_empty() {
            return None;
        }
        let links = self.searches.iter().map(|search| {
            let count = match search.finds {
                Finds::Operations(count) => Some(view! { <span class="n">{numbers::count(count)}</span> }),
                Finds::Rows { .. } | Finds::NotCounted | Finds::CannotBeAsked => None,
            };
            let (name, href) = (search.saved.name.clone(), search_path(&search.saved.query));
            view! { <li><a href=href title=name.clone()><span>{name.clone()}</span>{count}</a></li> }
        });
        let links = links.collect_view();
        Some(
            view! {
                <li class="nav-below">
                    <ul aria-label="Views">
                        {links}
                        <li><a href="/views">"All views"</a></li>
                    </ul>
                </li>
            }
            .into_any(),
        )
    }

    /// The signed-in person, and a menu for what concerns nobody else.
    fn person(&self) -> AnyView {
        let team = match self.team.and_then(|reader| self.actor.role_in(reader.team().id)) {
            Some(TeamRole::Operator) => Some("Operator"),
            Some(TeamRole::Viewer) => Some("Viewer"),
            None => None,
        };
        let roles = match (team, self.actor.role()) {
            (Some(team), PortalRole::Member) => team.to_owned(),
            (Some(team), portal) => format!("{team} and {portal}"),
            (None, PortalRole::Member) => "Member".to_owned(),
            (None, PortalRole::Auditor) => "Auditor".to_owned(),
            (None, PortalRole::Admin) => "Admin".to_owned(),
        };
        let here = (self.section == Some(Section::Account)).then_some("page");
        let name = self.actor.name().to_owned();
        view! {
            <details class="drop upward me">
                <summary>
                    {person_monogram(&name)}
                    <span>{name.clone()}" "<small>{roles}</small></span>
                    {icon(Icon::UpDown)}
                </summary>
                <div class="drop-body">
                    <a class="menu-row" href="/account" aria-current=here>{icon(Icon::User)}"Account and sessions"</a>
                    <ThemeSwitch/>
                    <hr/>
                    <form method="post" action="/api/fn/sign_out">
                        <button class="menu-row" type="submit">{icon(Icon::Exit)}"Sign out"</button>
                    </form>
                </div>
            </details>
        }
        .into_any()
    }
}

/// The palette's script opens a dialog in its place; without script it leads to the search page.
fn search_box() -> AnyView {
    view! {
        <form class="find" method="get" action="/search" role="search" data-palette="">
            <label>
                <span class="vh">"Search or jump to"</span>
                <input class="in" type="search" name="q" placeholder="Search (Ctrl K)"/>
            </label>
        </form>
    }
    .into_any()
}

/// The data centre and the id of the team's workspace.
fn workspace(team: &Team) -> String {
    let center = portal::teams::data_center(team).map_or("Workato", |center| center.name());
    match &team.workspace {
        Some(workspace) => format!("{center} · ws {}", workspace.id),
        None => center.to_owned(),
    }
}
