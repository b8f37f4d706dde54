//! Views of the audit log as tabs: those that everyone has, then the viewer's own and the shared ones with their counts.

use leptos::prelude::*;
use portal::{
    audit::AuditQuery,
    views::{CountedView, ViewedList},
};

use crate::{
    components::{SaveView, View, savable_view_tabs, search_path},
    query::Query,
};

/// The views that everyone has: a name, and the parameter that makes it.
const EVERYONES: [(&str, &str, &str); 5] = [
    ("Everything", "", ""),
    ("To review", "reviewed", "no"),
    ("Flagged", "reviewed", "flagged"),
    ("Unresolved", "outcome", "unknown"),
    ("Sign-ins", "action", "session"),
];

/// The tabs of a list with this query, which was parsed as `search`.
pub fn tabs(query: &Query, path: &'static str, search: &AuditQuery, saved: &[CountedView]) -> AnyView {
    let here = query.on(path);
    let everyones = EVERYONES.map(|(name, parameter, value)| {
        let query = if parameter.is_empty() { Query::default() } else { Query::default().with(parameter, value) };
        let href = query.on(path);
        let is_current = href == here;
        View::of_everyone(name, href, None, is_current)
    });
    let text = search.to_string();
    let saved = saved.iter().map(|view| View::saved(view, search_path(&view.saved.query), view.saved.query == text));
    let views: Vec<View> = everyones.into_iter().chain(saved).collect();
    let is_one = views.iter().any(|view| view.is_current);
    let is_offered = SaveView::is_refused() || (!search.is_empty() && !is_one);
    let save =
        is_offered.then(|| SaveView { list: ViewedList::Audit, team: None, query: text.clone(), page: here.clone() });
    savable_view_tabs(views, save)
}
