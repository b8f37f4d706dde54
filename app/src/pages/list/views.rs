//! The views of a team's list: those that everyone has, and saved ones.

use portal::{
    Error, TeamReader,
    views::{CountedView, ViewedList},
};

use leptos::prelude::AnyView;

use crate::{
    components::{SaveView, View, savable_view_tabs, view_path},
    context,
    query::Query,
};

/// How many saved views have a tab. `/views` lists all.
const MOST_TABS: u32 = 6;

/// The list that a page shows.
pub struct ShownList {
    pub list: ViewedList,
    /// Its query, without the page.
    pub query: Query,
    /// Whether it looks as usual: the query only filters.
    pub looks_as_usual: bool,
    /// Its URL.
    pub page: String,
}

/// The tabs. A list that is exactly one of them cannot be saved again.
pub async fn tabs(reader: &TeamReader, shown: ShownList, everyones: Vec<View>) -> Result<AnyView, Error> {
    let ShownList { list, query, looks_as_usual, page } = shown;
    let team = reader.team().slug.to_string();
    let saved = context::portal().list_views(reader, list, Some(MOST_TABS)).await?;
    let is_shown = |view: &CountedView| Query::parse(&view.saved.query).is_same(&query);
    let is_saved = saved.iter().any(is_shown);
    let mut views: Vec<View> =
        everyones.into_iter().map(|view| View { is_current: view.is_current && !is_saved, ..view }).collect();
    views.extend(saved.iter().filter_map(|view| {
        let href = view_path(&view.saved, Some(&team))?;
        Some(View::saved(view, href, is_shown(view)))
    }));
    let is_one = is_saved || (looks_as_usual && views.iter().any(|view| view.is_current));
    let is_offered = SaveView::is_refused() || (!query.is_empty() && !is_one);
    let save = is_offered.then(|| SaveView { list, team: Some(team), query: query.text(), page });
    Ok(savable_view_tabs(views, save))
}
