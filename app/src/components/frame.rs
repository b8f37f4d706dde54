//! The frame of every page: title, sidebar and main content.

use futures::future::join4;
use leptos::prelude::*;
use leptos_meta::{Body, Title};
use portal::{
    Actor, Error, TeamReader, accounts::Notice, characters::escaped, home::SideCounts, teams::Team, views::CountedView,
};

use super::{
    Tone,
    account_notices::account_notices,
    elsewhere::elsewhere_notice,
    icon::mark,
    notice,
    own_reasons::{own_reasons, suggestions},
    section::{OF_TEAM, Section},
    sidebar::Sidebar,
    time::zone_note,
};
use crate::{context, form_memory::Why, forms, islands::Controls};

/// The most saved searches in the sidebar.
const MOST_SEARCHES: u32 = 8;

#[derive(Clone, Debug)]
pub struct Frame {
    actor: Option<Actor>,
    team: Option<TeamReader>,
    teams: Vec<Team>,
    searches: Vec<CountedView>,
    counts: SideCounts,
    notices: Vec<Notice>,
    /// How many requests wait for the person.
    approvals: usize,
    section: Option<Section>,
    title: String,
    width: Width,
    /// What the page's reason fields suggest, if it has any.
    reasons: Option<Vec<String>>,
    /// Whether the page has a list with the id `list`, to which people can skip.
    has_list: bool,
}

/// How wide a page's content gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Width {
    List,
    Document,
}

/// A page, which cannot be sent without its frame.
pub struct Rendered {
    frame: Option<Box<Frame>>,
    content: AnyView,
}

impl Rendered {
    /// The page, after it was read.
    pub async fn finished(self) -> AnyView {
        match self.frame {
            Some(frame) => frame.with_counts().await.around(self.content),
            None => self.content,
        }
    }

    /// The page, without the numbers in the sidebar.
    pub fn without_counts(self) -> AnyView {
        match self.frame {
            Some(frame) => frame.around(self.content),
            None => self.content,
        }
    }

    /// Nothing, for an answer that only redirects.
    pub fn nothing() -> Self {
        Self { frame: None, content: ().into_any() }
    }
}

impl Frame {
    /// The frame of a page that needs no sign-in.
    pub fn bare() -> Self {
        Self {
            actor: None,
            team: None,
            teams: Vec::new(),
            searches: Vec::new(),
            counts: SideCounts::default(),
            notices: Vec::new(),
            approvals: 0,
            section: None,
            title: String::new(),
            width: Width::List,
            reasons: None,
            has_list: false,
        }
    }

    /// The frame for the visitor, signed in or not.
    pub fn of_visitor() -> Self {
        Self { actor: context::visitor().actor, ..Self::bare() }
    }

    /// The frame of a page that was refused: the team's frame if the URL is of a team that the visitor may read.
    pub async fn around_refusal() -> Self {
        let path = context::uri().path().to_owned();
        let mut parts = path.split('/').skip(1);
        if let (Some("teams"), Some(slug)) = (parts.next(), parts.next())
            && let Ok(Some(frame)) = Self::of_team_if_readable(slug).await
        {
            let part = parts.next();
            let section = OF_TEAM.iter().find(|(_, path, _)| Some(*path) == part);
            return match section {
                Some((section, ..)) => frame.section(*section),
                None => frame,
            };
        }
        Self::of_visitor()
    }

    /// The team's frame, if the visitor may read the team. Nobody asked for the team itself.
    async fn of_team_if_readable(slug: &str) -> Result<Option<Self>, Error> {
        let frame = Self::signed_in()?;
        let Some(reader) = context::portal().team_if_readable(frame.actor()?, slug).await? else { return Ok(None) };
        Ok(Some(Self { team: Some(reader), ..frame.with_teams().await? }))
    }

    /// The frame of a page for signed-in people.
    ///
    /// # Errors
    /// `SignedOut` if nobody is signed in.
    pub fn signed_in() -> Result<Self, Error> {
        let actor = context::visitor().actor.ok_or(Error::SignedOut)?;
        Ok(Self { actor: Some(actor), ..Self::bare() })
    }

    /// The frame of a page for admins.
    ///
    /// # Errors
    /// `SignedOut` if nobody is signed in, `Forbidden` for everyone but admins.
    pub async fn admin() -> Result<(Self, portal::Admin), Error> {
        let frame = Self::signed_in()?;
        let admin = context::portal().page_for_admins(frame.actor()?).await?;
        Ok((frame, admin))
    }

    /// The frame of a team's page.
    ///
    /// # Errors
    /// `SignedOut` if nobody is signed in, `NotFound` for an unknown slug, `Forbidden` if the visitor may not read the
    /// team.
    pub async fn of_team(slug: &str) -> Result<(Self, TeamReader), Error> {
        let frame = Self::signed_in()?;
        let portal = context::portal();
        let reader = portal.team(frame.actor()?, slug).await?;
        let frame = Box::pin(frame.with_teams()).await?;
        Ok((Self { team: Some(reader.clone()), ..frame }, reader))
    }

    /// The frame of a page that can be filtered to a team: that team's frame, if the visitor may read it.
    ///
    /// # Errors
    /// `SignedOut` if nobody is signed in, `Store` if the teams cannot be read.
    pub async fn of_filter(team: Option<&str>) -> Result<(Self, Option<TeamReader>), Error> {
        if let Some(team) = team {
            match Box::pin(Self::of_team(team)).await {
                Ok((frame, reader)) => return Ok((frame, Some(reader))),
                // The filter's field shows the problem.
                Err(Error::NotFound | Error::Forbidden { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok((Box::pin(Self::signed_in()?.with_teams()).await?, None))
    }

    /// Adds the teams and saved searches for the sidebar, and what the person should know about their account.
    ///
    /// # Errors
    /// `SignedOut` if nobody is signed in, `Store` if the teams cannot be read.
    pub async fn with_teams(self) -> Result<Self, Error> {
        let (portal, actor) = (context::portal(), self.actor()?);
        let (teams, searches, notices, approvals) = join4(
            Box::pin(portal.teams(actor)),
            Box::pin(portal.saved_views(actor, Some(MOST_SEARCHES))),
            Box::pin(portal.notices(actor)),
            Box::pin(portal.approvals_waiting(actor)),
        )
        .await;
        // A page does not fail because its sidebar lacks the searches.
        let searches = searches.unwrap_or_else(|error| {
            tracing::error!(%error, "cannot read the saved searches for the sidebar");
            Vec::new()
        });
        Ok(Self { teams: teams?, searches, notices: notices?, approvals: approvals?, ..self })
    }

    pub fn section(self, section: Section) -> Self {
        Self { section: Some(section), ..self }
    }

    pub fn title(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// For a page that is read rather than scanned: its lines stay short.
    pub fn document(self) -> Self {
        Self { width: Width::Document, ..self }
    }

    /// For a page with a list whose id is `list`: adds a link that skips to it.
    pub fn with_list(self) -> Self {
        Self { has_list: true, ..self }
    }

    /// For a team's page with reason fields, which only operators get: adds what they suggest.
    pub async fn with_own_reasons(self) -> Self {
        match self.team.clone().filter(TeamReader::may_operate) {
            Some(reader) => self.with_reasons_of(&reader).await,
            None => self,
        }
    }

    /// For an admin's page with reason fields of a team: adds what they suggest.
    pub async fn with_reasons_of(self, reader: &TeamReader) -> Self {
        Self { reasons: Some(own_reasons(reader).await), ..self }
    }

    /// The person who sees the page.
    ///
    /// # Errors
    /// `SignedOut` if nobody is signed in.
    pub fn actor(&self) -> Result<&Actor, Error> {
        self.actor.as_ref().ok_or(Error::SignedOut)
    }

    /// The page with this content.
    pub fn render(self, content: impl IntoView + 'static) -> Rendered {
        Rendered { frame: Some(Box::new(self)), content: content.into_any() }
    }

    /// Counts what the sidebar shows. A page that reads a list does so first, so that both say the same.
    async fn with_counts(self) -> Self {
        let counts = match &self.actor {
            // The frame has teams if it has a sidebar with more than the person.
            Some(actor) if !self.teams.is_empty() => {
                context::portal().side_counts(actor, &self.teams, self.team.as_ref()).await
            }
            _ => SideCounts::default(),
        };
        Self { counts, ..self }
    }

    fn around(self, content: AnyView) -> AnyView {
        let title = match &self.team {
            Some(reader) => format!("{} · {} · Partner Portal", self.title, reader.team().name),
            None => format!("{} · Partner Portal", self.title),
        };
        // The title is not escaped when it is rendered, and names come from Workato and from people. It is put into the
        // document after hidden characters were written out there.
        let title = escaped(&title).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let production = self.team.as_ref().is_some_and(|reader| reader.team().production);
        let body_class = if production { "prod" } else { "" };
        let page_class = match self.width {
            Width::List => "page",
            Width::Document => "page doc",
        };
        let skip_to_list = self.has_list.then(|| view! { <a class="skip" href="#list">"Skip to the list"</a> });
        let framed = match self.actor.clone() {
            None => view! {
                <main class="alone" id="main" tabindex="-1">
                    <p class="brand">{mark()}<span>"Partner Portal"</span></p>
                    {content}
                </main>
            }
            .into_any(),
            Some(actor) => {
                let sidebar = Sidebar {
                    actor: &actor,
                    team: self.team.as_ref(),
                    teams: &self.teams,
                    searches: &self.searches,
                    approvals: self.approvals,
                    section: self.section,
                    counts: self.counts,
                };
                view! {
                    <div class="shell">
                        {sidebar.render()}
                        <main class="main" id="main" tabindex="-1">
                            <div class=page_class>
                                {account_notices(self.notices)}
                                {forms::back().map(unsent_notice)}
                                {context::visitor().elsewhere.map(elsewhere_notice)}
                                {content}
                                {zone_note()}
                                {self.reasons.map(suggestions)}
                            </div>
                        </main>
                    </div>
                }
                .into_any()
            }
        };
        view! {
            <Title text=title/>
            <Body attr:class=body_class/>
            <a class="skip" href="#main">"Skip to main content"</a>
            {skip_to_list}
            {framed}
            <Controls/>
        }
        .into_any()
    }
}

/// Says why the form on this page was not sent.
fn unsent_notice(why: Why) -> AnyView {
    let what = match why {
        Why::FactorNeeded => "Thank you. Nothing was sent yet.",
        _ => "You were signed out. Nothing was sent.",
    };
    let content = view! {
        <p><strong>{what}</strong></p>
        <p>"The form has what you typed, except passwords, tokens and credentials. Check it and send it again."</p>
    };
    notice(Tone::Warn, content)
}
