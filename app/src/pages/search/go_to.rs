//! The portal's pages by name, for the search.

use std::cmp::Reverse;

use portal::{Actor, PortalRole, find::Matching, teams::Team};

use crate::components::{Icon, SECTIONS_OF_TEAM};

/// The most pages that a search offers.
const MOST: usize = 8;

/// A page, or a page's form.
#[derive(Clone, Debug)]
pub struct Destination {
    pub icon: Icon,
    pub label: String,
    pub href: String,
}

impl Destination {
    fn new(icon: Icon, label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { icon, label: label.into(), href: href.into() }
    }
}

/// The pages that the actor may open and whose name fits the text: the best first. Without a text, the first of them.
pub fn go_to(actor: &Actor, teams: &[Team], text: &str) -> Vec<Destination> {
    let all = every_page(actor, teams);
    if text.is_empty() {
        return all.into_iter().take(MOST).collect();
    }
    let mut matching = Matching::new(text);
    let mut fitting: Vec<_> = all.into_iter().filter_map(|page| Some((matching.score(&page.label)?, page))).collect();
    fitting.sort_by_key(|(score, page)| (Reverse(*score), page.label.len()));
    fitting.into_iter().take(MOST).map(|(_, page)| page).collect()
}

fn every_page(actor: &Actor, teams: &[Team]) -> Vec<Destination> {
    let mut pages = vec![
        Destination::new(Icon::Home, "Home", "/"),
        Destination::new(Icon::Log, "Audit log", "/audit"),
        Destination::new(Icon::Check, "Approvals", "/approvals"),
        Destination::new(Icon::Chart, "Activity", "/audit/figures"),
        Destination::new(Icon::Search, "Saved views", "/views"),
        Destination::new(Icon::User, "Account and sessions", "/account"),
        Destination::new(Icon::Key, "Second factor", "/account/second-factor"),
    ];
    if actor.role() == PortalRole::Admin {
        pages.extend([
            Destination::new(Icon::Layers, "Teams", "/admin/teams"),
            Destination::new(Icon::Layers, "New team…", "/admin/teams/new"),
            Destination::new(Icon::People, "People", "/admin/people"),
            Destination::new(Icon::Stream, "Log streams", "/admin/feeds"),
        ]);
    }
    for team in teams.iter().filter(|team| team.retired_at.is_none()) {
        let Team { slug, name, .. } = team;
        pages.extend(SECTIONS_OF_TEAM.map(|(section, path, label)| {
            Destination::new(section.icon(), format!("{label} of {name}"), format!("/teams/{slug}/{path}"))
        }));
        if actor.operates(team.id) {
            let label = format!("New connection in {name}…");
            pages.push(Destination::new(Icon::Plug, label, format!("/teams/{slug}/connections/new")));
        }
    }
    pages
}
