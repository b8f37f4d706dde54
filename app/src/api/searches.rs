//! Saving searches of the audit log.

use leptos::prelude::*;
use portal::{Error, SavedSearchId};
use server_fn::codec::PostUrl;

use super::log_page;
use crate::{
    answer::{ApiError, Form, actor},
    context,
    done::Done,
    forms::names::SAVE_SEARCH,
};

const PAGE: &str = "/audit/searches";

/// `POST /api/fn/save_search`: `page` is the URL of the list that shows the search.
#[server(prefix = "/api/fn", endpoint = "save_search", input = PostUrl)]
pub async fn save_search(
    #[server(default)] name: String,
    #[server(default)] search: String,
    #[server(default)] shared: String,
    #[server(default)] page: String,
) -> Result<(), ApiError> {
    let page = log_page(&page).unwrap_or_else(|| "/audit".to_owned());
    let typed = [("name", name.as_str()), ("shared", &shared)];
    let form = Form { page: format!("{page}#save"), name: SAVE_SEARCH, typed: &typed };
    form.answer(async {
        context::portal().save_search(&actor()?, &name, &search, shared == "yes").await?;
        Ok(Done::SearchSaved.on(&page))
    })
    .await
}

/// `POST /api/fn/rename_search`
#[server(prefix = "/api/fn", endpoint = "rename_search", input = PostUrl)]
pub async fn rename_search(#[server(default)] id: String, #[server(default)] name: String) -> Result<(), ApiError> {
    let form = Form { page: PAGE.to_owned(), name: &format!("rename-{id}"), typed: &[("name", &name)] };
    form.answer(async {
        context::portal().rename_search(&actor()?, read(&id)?, &name).await?;
        Ok(Done::SearchRenamed.on(PAGE))
    })
    .await
}

/// `POST /api/fn/delete_search`
#[server(prefix = "/api/fn", endpoint = "delete_search", input = PostUrl)]
pub async fn delete_search(#[server(default)] id: String) -> Result<(), ApiError> {
    let form = Form { page: PAGE.to_owned(), name: "delete-search", typed: &[] };
    form.answer(async {
        context::portal().delete_search(&actor()?, read(&id)?).await?;
        Ok(Done::SearchDeleted.on(PAGE))
    })
    .await
}

fn read(id: &str) -> Result<SavedSearchId, Error> {
    id.parse().map_err(|_| Error::Malformed)
}
