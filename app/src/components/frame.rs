//! The frame that people see around every page: the team's switcher, where they are, who they are.

use leptos::prelude::*;
use leptos_meta::{Body, Title};
use portal::{
    Actor, Error, PortalRole, TeamReader, TeamRole,
    audit::{CountedSearch, Finds},
    teams::{Team, data_center},
};

use super::{Drawn, counted_up_to, search_path};
use crate::{
    context,
    islands::{LocalTimes, ThemeSwitch},
};

/// Where in the portal a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Connections,
    Connectors,
    Customers,
    Recipes,
    Audit,
    Teams,
    People,
    Feeds,
    Account,
}

/// A team's own sections: the last part of their paths, and what they are called.
const OF_TEAM: [(Section, &str, &str); 4] = [
    (Section::Connections, "connections", "Connections"),
    (Section::Connectors, "connectors", "Connectors"),
    (Section::Customers, "customers", "Customers"),
    (Section::Recipes, "recipes", "Recipes"),
];

/// How many searches stand in the sidebar.
const MOST_SEARCHES: u32 = 8;

/// The frame of one page.
#[derive(Clone, Debug)]
pub struct Frame {
    actor: Option<Actor>,
    team: Option<TeamReader>,
    teams: Vec<Team>,
    searches: Vec<CountedSearch>,
    section: Option<Section>,
    title: String,
}

impl Frame {
    /// The frame of a page that everybody may see.
    pub fn bare() -> Self {
        Self { actor: None, team: None, teams: Vec::new(), searches: Vec::new(), section: None, title: String::new() }
    }

    /// The frame for whoever asks, signed in or not.
    pub fn of_visitor() -> Self {
        Self { actor: context::visitor().actor, ..Self::bare() }
    }

    /// The frame of a page that could not be drawn: the team's, if the visitor may read the team whose page it was.
    pub async fn around_refusal() -> Self {
        let path = context::uri().path().to_owned();
        let mut parts = path.split('/').skip(1);
        if let (Some("teams"), Some(slug)) = (parts.next(), parts.next())
            && let Ok((frame, _)) = Self::of_team(slug).await
        {
            let asked = parts.next();
            let section = OF_TEAM.iter().find(|(_, path, _)| Some(*path) == asked);
            return match section {
                Some((section, ..)) => frame.section(*section),
                None => frame,
            };
        }
        Self::of_visitor()
    }

    /// The frame of a page for signed-in people.
    ///
    /// # Errors
    /// `SignedOut` when nobody is.
    pub fn signed_in() -> Result<Self, Error> {
        let actor = context::visitor().actor.ok_or(Error::SignedOut)?;
        Ok(Self { actor: Some(actor), ..Self::bare() })
    }

    /// The frame of a page for admins.
    ///
    /// # Errors
    /// `SignedOut` when nobody is signed in, `Forbidden` for everybody but admins.
    pub fn admin() -> Result<(Self, portal::Admin), Error> {
        let frame = Self::signed_in()?;
        let admin = frame.actor()?.admin()?;
        Ok((frame, admin))
    }

    /// The frame of a team's page.
    ///
    /// # Errors
    /// `SignedOut`, `Forbidden` for another team's people, `NotFound` when there is no such team.
    pub async fn of_team(slug: &str) -> Result<(Self, TeamReader), Error> {
        let frame = Self::signed_in()?;
        let portal = context::portal();
        let reader = portal.team(frame.actor()?, slug).await?;
        let frame = frame.with_teams().await?;
        Ok((Self { team: Some(reader.clone()), ..frame }, reader))
    }

    /// The same with the teams that the switcher offers, and the searches that the person keeps.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn with_teams(self) -> Result<Self, Error> {
        let (portal, actor) = (context::portal(), self.actor()?);
        let teams = portal.teams(actor).await?;
        // They stand beside every page; none of those fails for want of them.
        let searches = portal.saved_searches(actor, Some(MOST_SEARCHES)).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the searches beside a page could not be read");
            Vec::new()
        });
        Ok(Self { teams, searches, ..self })
    }

    pub fn section(self, section: Section) -> Self {
        Self { section: Some(section), ..self }
    }

    pub fn title(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// The person who sees the page.
    ///
    /// # Errors
    /// `SignedOut` when nobody is signed in.
    pub fn actor(&self) -> Result<&Actor, Error> {
        self.actor.as_ref().ok_or(Error::SignedOut)
    }

    /// Draws `content` in the frame.
    pub fn draw(self, content: impl IntoView + 'static) -> Drawn {
        let title = match &self.team {
            Some(reader) => format!("{} · {} · Partner Portal", self.title, reader.team().name),
            None => format!("{} · Partner Portal", self.title),
        };
        // The head is written as it is given, and names come from Workato and from people.
        let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let production = self.team.as_ref().is_some_and(|reader| reader.team().production);
        let body_class = if production { "production" } else { "" };
        let content = content.into_any();
        let framed = match self.actor.clone() {
            None => view! {
                <main class="main alone" id="content">
                    <div class="alone-content">
                        <p class="word">"Partner Portal"</p>
                        {content}
                    </div>
                </main>
            }
            .into_any(),
            Some(actor) => view! {
                <div class="shell">
                    <header class="side">
                        <a class="word" href="/">"Partner Portal"</a>
                        {self.switcher()}
                        {self.navigation(&actor)}
                        {self.foot(&actor)}
                    </header>
                    <main class="main" id="content">{content}</main>
                </div>
            }
            .into_any(),
        };
        Drawn(
            view! {
                <Title text=title/>
                <Body attr:class=body_class/>
                <a class="skip" href="#content">"Skip to the content"</a>
                <StatusShapes/>
                {framed}
                <LocalTimes/>
            }
            .into_any(),
        )
    }

    /// The team at hand, and below it the others. A `<details>`, so that it opens without script.
    fn switcher(&self) -> Option<AnyView> {
        let current = self.team.as_ref().map(TeamReader::team);
        let section = OF_TEAM.iter().find(|(section, ..)| Some(*section) == self.section);
        let section = section.map_or("connections", |(_, path, _)| *path);
        let others: Vec<_> = self
            .teams
            .iter()
            .filter(|team| Some(team.id) != current.map(|current| current.id))
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

    fn navigation(&self, actor: &Actor) -> AnyView {
        let link = |section: Section, href: String, label: &'static str| {
            let here = (self.section == Some(section)).then_some("page");
            view! { <li><a href=href aria-current=here>{label}</a></li> }
        };
        let of_team = self.team.as_ref().map(|reader| {
            let slug = &reader.team().slug;
            OF_TEAM.map(|(section, path, label)| link(section, format!("/teams/{slug}/{path}"), label)).collect_view()
        });
        let audit = match &self.team {
            Some(reader) => format!("/audit?team={}", reader.team().slug),
            None => "/audit".to_owned(),
        };
        let of_admin = (actor.role() == PortalRole::Admin).then(|| {
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
                    {self.kept_searches()}
                    {of_admin}
                </ul>
            </nav>
        }
        .into_any()
    }

    /// The searches that the person keeps, each with what it finds; on a phone they have a page of their own alone.
    fn kept_searches(&self) -> Option<AnyView> {
        if self.searches.is_empty() {
            return None;
        }
        let links = self.searches.iter().map(|search| {
            let count = match search.finds {
                Finds::Operations(count) => Some(view! { <span class="count">{counted_up_to(count)}</span> }),
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

    fn foot(&self, actor: &Actor) -> AnyView {
        let role = match self.team.as_ref().and_then(|reader| actor.role_in(reader.team().id)) {
            Some(TeamRole::Operator) => "operator".to_owned(),
            Some(TeamRole::Viewer) => "viewer".to_owned(),
            None => actor.role().to_string(),
        };
        let here = (self.section == Some(Section::Account)).then_some("page");
        view! {
            <div class="foot soft">
                <span>{actor.name().to_owned()}" · "{role}</span>
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

/// Which Workato the team's token opens.
fn workspace(team: &Team) -> String {
    let center = data_center(team).map_or("Workato", |center| center.name());
    match &team.workspace {
        Some(workspace) => format!("{center} · ws {}", workspace.id),
        None => center.to_owned(),
    }
}

/// The shapes that statuses are drawn with: status is told by shape and colour, never by colour alone.
#[component]
fn StatusShapes() -> impl IntoView {
    view! {
        <svg class="shapes" width="0" height="0" aria-hidden="true">
            <defs>
                <symbol id="s-ok" viewBox="0 0 12 12"><circle cx="6" cy="6" r="5" fill="currentColor"/></symbol>
                <symbol id="s-bad" viewBox="0 0 12 12"><path d="M6 .8 11.6 11H.4z" fill="currentColor"/></symbol>
                <symbol id="s-exc" viewBox="0 0 12 12">
                    <rect x="1.2" y="1.2" width="9.6" height="9.6" rx="1.5" fill="currentColor"/>
                </symbol>
                <symbol id="s-check" viewBox="0 0 12 12">
                    <path d="M1.5 6.5 4.5 9.5 10.5 2.5" fill="none" stroke="currentColor" stroke-width="1.8"/>
                </symbol>
                <symbol id="s-flag" viewBox="0 0 12 12">
                    <path d="M2.5 11.5V1" fill="none" stroke="currentColor" stroke-width="1.6"/>
                    <path d="M2.5 1.2h8L8.4 4l2.1 2.8h-8z" fill="currentColor"/>
                </symbol>
                <symbol id="s-none" viewBox="0 0 12 12">
                    <circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" stroke-width="1.6" stroke-dasharray="2.4 2"/>
                </symbol>
                <symbol id="s-unk" viewBox="0 0 12 12">
                    <circle cx="6" cy="6" r="5.2" fill="none" stroke="currentColor" stroke-width="1.4"/>
                    <path
                        d="M4.4 4.6c0-2 3.2-2 3.2 0C7.6 6 6 5.9 6 7.2M6 8.6v.6"
                        fill="none"
                        stroke="currentColor"
                        stroke-width="1.3"
                    />
                </symbol>
            </defs>
        </svg>
    }
}
