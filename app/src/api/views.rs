//! Saving views of lists.

use leptos::prelude::*;
use portal::{Error, SavedViewId, views::ViewedList};
use server_fn::codec::PostUrl;

use super::{hidden, log_page};
use crate::{
    answer::{ApiError, Form, actor, safe_next},
    context,
    done::Done,
    forms::names::SAVE_VIEW,
};

const PAGE: &str = "/views";

/// `POST /api/fn/save_view`: `page` is the URL of the list that is saved, `team` the slug of its team if it has one.
#[server(prefix = "/api/fn", endpoint = "save_view", input = PostUrl)]
pub async fn save_view(
    #[server(default)] list: String,
    #[server(default)] team: String,
    #[server(default)] name: String,
    #[server(default)] query: String,
    #[server(default)] shared: String,
    #[server(default)] page: String,
) -> Result<(), ApiError> {
    let page = list_page(&list, &team, &page);
    let typed = [("name", name.as_str()), ("shared", &shared)];
    let form = Form { page: format!("{page}#save"), name: SAVE_VIEW, typed: &typed };
    form.answer(async {
        let (portal, actor, shared) = (context::portal(), actor()?, shared == "yes");
        match hidden(&list)? {
            ViewedList::Audit => portal.save_view(&actor, &name, &query, shared).await?,
            list => portal.save_list_view(&portal.team(&actor, &team).await?, list, &name, &query, shared).await?,
        };
        Ok(Done::ViewSaved.on(&page))
    })
    .await
}

/// `POST /api/fn/rename_view`
#[server(prefix = "/api/fn", endpoint = "rename_view", input = PostUrl)]
pub async fn rename_view(#[server(default)] id: String, #[server(default)] name: String) -> Result<(), ApiError> {
    let form = Form { page: PAGE.to_owned(), name: &format!("rename-{id}"), typed: &[("name", &name)] };
    form.answer(async {
        context::portal().rename_view(&actor()?, read(&id)?, &name).await?;
        Ok(Done::ViewRenamed.on(PAGE))
    })
    .await
}

/// `POST /api/fn/delete_view`
#[server(prefix = "/api/fn", endpoint = "delete_view", input = PostUrl)]
pub async fn delete_view(#[server(default)] id: String) -> Result<(), ApiError> {
    let form = Form { page: PAGE.to_owned(), name: "delete-view", typed: &[] };
    form.answer(async {
        context::portal().delete_view(&actor()?, read(&id)?).await?;
        Ok(Done::ViewDeleted.on(PAGE))
    })
    .await
}

fn read(id: &str) -> Result<SavedViewId, Error> {
    id.parse().map_err(|_| Error::Malformed)
}

/// The list that the form is on: its own URL, or the list without a filter if the form names another page.
fn list_page(list: &str, team: &str, page: &str) -> String {
    if list == ViewedList::Audit.as_str() {
        return log_page(page).unwrap_or_else(|| "/audit".to_owned());
    }
    let (whole, page) = (format!("/teams/{team}/{list}"), safe_next(page));
    let is_of_list = page.split(['?', '#']).next() == Some(whole.as_str());
    if is_of_list { page } else { safe_next(&whole) }
}
