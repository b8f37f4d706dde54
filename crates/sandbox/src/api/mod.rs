//! The documented calls of Workato's API, with the privilege and rate limit of each.
//! The control API is in `control`.

mod activity_logs;
mod api_clients;
mod connection_changes;
mod connection_draft;
mod connections;
mod connector_drafts;
mod connectors;
pub mod customers;
mod folders;
mod integrations;
mod recipes;
mod tags;
mod workspace;

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, Request},
    middleware,
    response::IntoResponse,
    routing::{MethodRouter, delete, get, post, put},
};

use crate::{
    admission::{Requirements, admit},
    answers::Refusal,
    fault_injection::inject_faults,
    limits::Limit,
    options::SharePath,
    privileges::Privilege,
    workspaces::Workspaces,
};

/// All documented calls under `/api`. Anything else there is 404 with Workato's message, whatever the method.
pub fn router(workspaces: Arc<Workspaces>) -> Router {
    let call = |method: MethodRouter, privilege, limit| {
        method
            .route_layer(middleware::from_fn_with_state(Arc::clone(&workspaces), admit))
            .route_layer(Extension(Requirements { privilege, limit }))
    };
    let list = |method| call(method, Privilege::ReadConnections, Some(Limit::ListConnections));
    let change = |method| call(method, Privilege::ChangeConnections, Some(Limit::OtherConnections));
    let connectors = |method, privilege| call(method, privilege, Some(Limit::CustomConnectors));

    let draft = |method: MethodRouter| {
        connectors(method, Privilege::WriteConnectors).layer(DefaultBodyLimit::max(connector_drafts::LONGEST_BODY))
    };

    let mut router = Router::new()
        .route("/api/users/me", call(get(workspace::details), Privilege::Workspace, None))
        .route("/api/connections", list(get(connections::list)))
        .route("/api/connections", change(post(connection_changes::create)))
        .route("/api/connections/{id}", change(put(connection_changes::update).delete(connection_changes::delete)))
        .route("/api/connections/{id}/disconnect", change(post(connection_changes::disconnect)))
        .route("/api/custom_connectors", connectors(get(connectors::list), Privilege::ReadConnectors))
        .route("/api/custom_connectors", draft(post(connector_drafts::create)))
        .route("/api/custom_connectors/{id}", connectors(get(connectors::read), Privilege::ReadConnectors))
        .route("/api/custom_connectors/{id}", draft(put(connector_drafts::update)))
        .route("/api/custom_connectors/{id}/release", draft(post(connector_drafts::release)))
        .route("/api/custom_connectors/{id}/code", connectors(get(connectors::code), Privilege::Code))
        .route(
            "/api/custom_connectors/{id}/suppress_oem_version",
            connectors(delete(connectors::suppress), Privilege::ShareConnectors),
        )
        .route("/api/managed_users", call(get(customers::list), Privilege::Customers, Some(Limit::OtherCustomers)))
        .route(
            "/api/managed_users/{id}/connections",
            call(get(customers::connections), Privilege::Customers, Some(Limit::CustomerConnections)),
        )
        .route(
            "/api/managed_users/{id}/recipes",
            call(get(customers::recipes), Privilege::CustomerRecipes, Some(Limit::CustomerRecipes)),
        )
        .route("/api/recipes", call(get(recipes::list), Privilege::Recipes, Some(Limit::Recipes)))
        .route("/api/recipes/{id}/jobs", call(get(recipes::jobs), Privilege::Recipes, Some(Limit::Recipes)))
        .route(
            "/api/managed_users/{id}/recipes/{recipe_id}/share",
            connectors(post(customers::share_recipe), Privilege::Customers),
        )
        .route("/api/integrations/all", call(get(integrations::list), Privilege::ReadConnectors, None))
        .route("/api/folders", call(get(folders::list), Privilege::Folders, Some(Limit::Folders)))
        .route("/api/projects", call(get(folders::projects), Privilege::Folders, None))
        .route("/api/tags", call(get(tags::list), Privilege::Tags, None))
        .route("/api/tags_assignments", call(post(tags::assign), Privilege::Tags, Some(Limit::TagAssignments)))
        .route("/api/developer_api_clients", call(get(api_clients::list), Privilege::ApiClients, None))
        .route(
            "/api/developer_api_clients/{id}/regenerate",
            call(post(api_clients::regenerate), Privilege::ApiClients, None),
        )
        .route("/api/activity_logs", call(get(activity_logs::list), Privilege::ActivityLogs, None));

    let share = || connectors(post(connectors::share), Privilege::ShareConnectors);
    if workspaces.share_path != SharePath::OemShare {
        router = router.route("/api/custom_connectors/{id}/share_oem_version/{version}", share());
    }
    if workspaces.share_path != SharePath::ShareOemVersion {
        router = router.route("/api/custom_connectors/{id}/oem_share/{version}", share());
    }
    router
        .method_not_allowed_fallback(not_found)
        .route("/api", axum::routing::any(not_found))
        .route("/api/{*unknown}", axum::routing::any(not_found))
        .layer(middleware::from_fn_with_state(workspaces, inject_faults))
}

async fn not_found(_: Request) -> impl IntoResponse {
    Refusal::NotFound
}
