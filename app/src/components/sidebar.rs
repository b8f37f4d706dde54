//! The sidebar of a page: team switcher, navigation, saved views of the audit log, and the signed-in person.

use std::sync::LazyLock;

use leptos::prelude::*;
use maud::{Markup, PreEscaped, html};
use portal::{
    Actor, PortalRole, TeamReader, TeamRole,
    home::{ListCount, SideCounts},
    teams::Team,
    views::{CountedView, Finds},
};

use super::{
    Icon,
    badge::production_markup,
    drawn::drawn,
    icon::{icon_markup, mark_markup},
    monogram::{monogram_markup, person_monogram_markup},
    search_path,
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
        drawn(html! {
            header class="side" {
                div class="side-top" {
                    a class="brand" href="/" { (mark_markup()) span { "Partner Portal" } }
                    @if let Some(team) = self.team.map(TeamReader::team) {
                        p class="side-team" {
                            span { (team.name) }
                            @if team.production { (production_markup()) }
                        }
                    }
                    a class="icon-btn to-search" href="/search" aria-label="Search" data-palette="" {
                        (icon_markup(Icon::Search))
                    }
                }
                // Below 1024 px this is a menu; on wider screens the style sheet keeps it open.
                details class="menu" {
                    summary class="icon-btn" aria-label="Menu" { (icon_markup(Icon::Menu)) }
                    div class="menu-body" {
                        (search_box())
                        (self.switcher())
                        (self.navigation())
                        (self.person())
                    }
                }
            }
        })
    }

    /// The current team, and a list of the others in a `<details>`, which opens without script.
    fn switcher(&self) -> Markup {
        let current = self.team.map(TeamReader::team);
        let section = OF_TEAM.iter().find(|(section, ..)| Some(*section) == self.section);
        let section = section.map_or("connections", |(_, path, _)| *path);
        let is_other = |team: &&Team| team.retired_at.is_none() && Some(team.id) != current.map(|current| current.id);
        let others: Vec<&Team> = self.teams.iter().filter(is_other).collect();
        let shown = |team: &Team| {
            html! {
                (monogram_markup(&team.name, team.slug.as_str()))
                strong { (team.name) }
                @if !others.is_empty() { (icon_markup(Icon::UpDown)) }
                span class="sub" {
                    @if team.production { (production_markup()) }
                    span { (workspace(team)) }
                }
            }
        };
        if others.is_empty() {
            return html! { @if let Some(team) = current { div class="team" { (shown(team)) } } };
        }
        html! {
            details class="drop" {
                summary class="team" {
                    @match current {
                        Some(team) => { span class="vh" { "Switch team. Current team:" } (shown(team)) },
                        None => { strong { "Choose a team" } (icon_markup(Icon::UpDown)) },
                    }
                }
                ul class="drop-body" aria-label="Other teams" {
                    @for team in &others {
                        li {
                            a class="menu-row" href={ "/teams/" (team.slug) "/" (section) } {
                                (monogram_markup(&team.name, team.slug.as_str()))
                                span { (team.name) }
                                @if team.production { (production_markup()) }
                            }
                        }
                    }
                }
            }
        }
    }

    fn navigation(&self) -> Markup {
        let team = self.team.map(TeamReader::team);
        let audit = team.map_or_else(|| "/audit".to_owned(), |team| format!("/audit?team={}", team.slug));
        html! {
            nav aria-label="Portal" {
                ul class="nav" { (self.link(Section::Home, "/", "Home")) }
                @if let Some(Team { slug, name, .. }) = team {
                    p class="nav-head" aria-hidden="true" { (name) }
                    ul class="nav" aria-label=(name) {
                        @for (section, path, label) in OF_TEAM {
                            (self.link(section, &format!("/teams/{slug}/{path}"), label))
                        }
                    }
                }
                p class="nav-head" aria-hidden="true" { "Oversight" }
                ul class="nav" aria-label="Oversight" {
                    (self.approvals())
                    (self.link(Section::Audit, &audit, "Audit log"))
                    (self.saved_views())
                    (self.link(Section::Activity, "/audit/figures", "Activity"))
                }
                @if self.actor.role() == PortalRole::Admin {
                    p class="nav-head" aria-hidden="true" { "Admin" }
                    ul class="nav" aria-label="Admin" {
                        (self.link(Section::Teams, "/admin/teams", "Teams"))
                        (self.link(Section::People, "/admin/people", "People"))
                        (self.link(Section::Streams, "/admin/feeds", "Log streams"))
                    }
                }
            }
        }
    }

    /// What a link has if it leads to the section of this page.
    fn here(&self, section: Section) -> Option<&'static str> {
        (self.section == Some(section)).then_some("page")
    }

    fn link(&self, section: Section, href: &str, label: &'static str) -> Markup {
        html! {
            li {
                a href=(href) aria-current=[self.here(section)] {
                    (icon_markup(section.icon()))
                    span { (label) }
                    (self.counts_of(section).unwrap_or_default())
                }
            }
        }
    }

    /// The requests, with how many wait for the person.
    fn approvals(&self) -> Markup {
        html! {
            li {
                a href="/approvals" aria-current=[self.here(Section::Approvals)] {
                    (icon_markup(Section::Approvals.icon()))
                    span { "Approvals" }
                    @if self.approvals > 0 { span class="n hot" { (numbers::grouped(self.approvals)) } }
                }
            }
        }
    }

    /// The numbers beside a link: how much needs attention, and how long the list is. Nothing that is not known.
    fn counts_of(&self, section: Section) -> Option<Markup> {
        let SideCounts { attention, connections, connectors, customers } = self.counts;
        let more = if attention.is_some_and(|attention| attention.has_more) { "+" } else { "" };
        let pill = |class: &'static str, count: usize, what: &str, more: &str| {
            html! {
                @if count > 0 {
                    span class=(class) { (numbers::grouped(count)) (more) span class="vh" { " " (what) } }
                }
            }
        };
        let length = |list: ListCount| {
            html! { span class="n" title=[read_title(list.read_at)] { (numbers::grouped(list.all)) } }
        };
        let (hot, warm) = ("n hot", "n warm");
        Some(match section {
            Section::Home => pill(hot, attention?.all, "need attention", more),
            Section::Audit => pill(hot, attention?.flags, "flags wait for you", more),
            Section::Connections => {
                let list = connections?;
                html! { (pill(hot, list.bad, "broken", "")) (length(list)) }
            }
            Section::Connectors => {
                let list = connectors?;
                html! { (pill(warm, list.bad, "with an update", "")) (length(list)) }
            }
            Section::Customers => length(customers?),
            _ => return None,
        })
    }

    /// The person's views of the audit log with their counts. Hidden on narrow screens, where `/views` lists them.
    fn saved_views(&self) -> Markup {
        html! {
            @if !self.searches.is_empty() {
                li class="nav-below" {
                    ul aria-label="Views" {
                        @for search in self.searches {
                            li {
                                a href=(search_path(&search.saved.query)) title=(search.saved.name) {
                                    span { (search.saved.name) }
                                    @if let Finds::Operations(count) = search.finds {
                                        span class="n" { (numbers::count(count)) }
                                    }
                                }
                            }
                        }
                        li { a href="/views" { "All views" } }
                    }
                }
            }
        }
    }

    /// The signed-in person, and a menu for what concerns nobody else.
    fn person(&self) -> Markup {
        static THEME_SWITCH: LazyLock<String> = LazyLock::new(|| view! { <ThemeSwitch/> }.to_html());
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
        let name = self.actor.name();
        html! {
            details class="drop upward me" {
                summary {
                    (person_monogram_markup(name))
                    span { (name) " " small { (roles) } }
                    (icon_markup(Icon::UpDown))
                }
                div class="drop-body" {
                    a class="menu-row" href="/account" aria-current=[self.here(Section::Account)] {
                        (icon_markup(Icon::User)) "Account and sessions"
                    }
                    (PreEscaped(THEME_SWITCH.as_str()))
                    hr;
                    form method="post" action="/api/fn/sign_out" {
                        button class="menu-row" type="submit" { (icon_markup(Icon::Exit)) "Sign out" }
                    }
                }
            }
        }
    }
}

/// The palette's script opens a dialog in its place; without script it leads to the search page.
fn search_box() -> Markup {
    html! {
        form class="find" method="get" action="/search" role="search" data-palette="" {
            label {
                span class="vh" { "Search or jump to" }
                input class="in" type="search" name="q" placeholder="Search (Ctrl K)";
            }
        }
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
