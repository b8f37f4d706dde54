//! Folders and projects. The sandbox has no calls that change them.

use axum::Extension;

use crate::{
    admission::Caller,
    answers::{Answer, ok},
    query::Query,
};

/// `GET /api/folders`: the children of `parent_id`, or of Home.
pub async fn list(Extension(caller): Extension<Caller>, query: Query) -> Answer {
    let world = caller.workspace.world();
    let parent_id = match query.get("parent_id") {
        None => Some(world.root_folder_id),
        Some(text) => text.parse().ok(),
    };
    let children = world.folders.iter().filter(|folder| Some(folder.parent_id) == parent_id);
    Ok(ok(&query.page().of(children)))
}

/// `GET /api/projects`
pub async fn projects(Extension(caller): Extension<Caller>, query: Query) -> Answer {
    let world = caller.workspace.world();
    Ok(ok(&query.page().of(world.projects.iter())))
}
