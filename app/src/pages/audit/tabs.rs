//! Views of the audit log as tabs: those that everyone has, then the viewer's own and the shared ones with their counts.

use leptos::prelude::*;
use portal::{
    Actor, Error,
    audit::{AuditQuery, Count},
    views::{CountedView, ViewedList},
};

use crate::{
    components::{SaveView, View, savable_view_tabs, search_path},
    context,
    query::Query,
    wording::numbers,
};

/// The views that everyone has: a name, the parameter that makes it, and whether it waits for somebody.
const EVERYONES: [(&str, &str, &str, bool); 5] = [
    ("Everything", "", "", false),
    ("To review", "reviewed", "no", true),
    ("Flagged", "reviewed", "flagged", true),
    ("Unresolved", "outcome", "unknown", true),
    ("Sign-ins", "action", "session", false),
];

/// How many operations each view that waits for somebody has, in the order of the views.
pub async fn counts(actor: &Actor) -> Result<Vec<Option<Count>>, Error> {
    let mut counts = Vec::with_capacity(EVERYONES.len());
    for (_, parameter, value, waits) in EVERYONES {
        counts.push(match waits {
            true => Some(context::portal().count_view(actor, &format!("{parameter}:{value}")).await?),
            false => None,
        });
    }
    Ok(counts)
}

/// The tabs of a list with this query, which was parsed as `search`.
pub fn tabs(
    query: &Query,
    path: &'static str,
    search: &AuditQuery,
    saved: &[CountedView],
    counts: &[Option<Count>],
) -> AnyView {
    let here = query.on(path);
    let everyones = EVERYONES.iter().zip(counts).map(|((name, parameter, value, _), count)| {
        let query = if parameter.is_empty() { Query::default() } else { Query::default().with(parameter, value) };
        let href = query.on(path);
        let is_current = href == here;
        let count = count.filter(|count| *count != Count::Exactly(0)).map(numbers::count);
        View { count, ..View::of_everyone(name, href, None, is_current) }
    });
    let text = search.to_string();
    let saved = saved.iter().map(|view| View::saved(view, search_path(&view.saved.query), view.saved.query == text));
    let views: Vec<View> = everyones.chain(saved).collect();
    let is_one = views.iter().any(|view| view.is_current);
    let is_offered = SaveView::is_refused() || (!search.is_empty() && !is_one);
    let save =
        is_offered.then(|| SaveView { list: ViewedList::Audit, team: None, query: text.clone(), page: here.clone() });
    savable_view_tabs(views, save)
}
