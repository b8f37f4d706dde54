//! The URLs of lists as a view shows them.

use portal::{
    audit::BOX,
    views::{SavedView, ViewedList},
};

use crate::query::Query;

/// The audit log's list with this text in its search box.
pub fn search_path(search: &str) -> String {
    Query::default().with(BOX, search).on("/audit")
}

/// The list that a view shows. `team` is the slug of its team. `None` for a team's list without the team.
pub fn view_path(view: &SavedView, team: Option<&str>) -> Option<String> {
    let list = match view.list {
        ViewedList::Audit => return Some(search_path(&view.query)),
        ViewedList::Connections => "connections",
        ViewedList::Connectors => "connectors",
    };
    Some(Query::parse(&view.query).on(&format!("/teams/{}/{list}", team?)))
}
