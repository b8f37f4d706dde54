//! The control API under `/sandbox`, which Workato does not have: faults, the ledger, the state of workspaces, and
//! changes outside the API. Only programs on this machine can use it.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    Json, Router,
    extract::{ConnectInfo, Path, Request, State, rejection::JsonRejection},
    http::{StatusCode, header, uri::Authority},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    alteration::Alteration,
    answers::{message, ok},
    api::customers,
    faults::Fault,
    options::Token,
    privileges::Privileges,
    workspaces::{Grant, Workspace, Workspaces},
    world::assets::Customer,
};

/// The calls of the control API.
pub fn router(workspaces: Arc<Workspaces>) -> Router {
    Router::new()
        .route("/sandbox/faults", get(list_faults).delete(clear_faults))
        .route("/sandbox/faults/{name}", put(put_fault).delete(remove_fault))
        .route("/sandbox/ledger", get(read_ledger))
        .route("/sandbox/settings", get(read_settings).put(change_settings))
        .route("/sandbox/tokens/{token}", put(put_token).delete(revoke_token))
        .route("/sandbox/workspaces", get(list_workspaces))
        .route("/sandbox/workspaces/{number}", get(read_workspace))
        .route("/sandbox/workspaces/{number}/alterations", post(alter))
        .route_layer(middleware::from_fn(local_programs_only))
        .with_state(workspaces)
}

/// Admits programs on this machine, and no browsers: a web page must not reach the control API, neither with a forged
/// form nor through a host name that resolves to this machine.
async fn local_programs_only(ConnectInfo(peer): ConnectInfo<SocketAddr>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if peer.ip().to_canonical().is_loopback() && names_this_machine(host) && !headers.contains_key(header::ORIGIN) {
        next.run(request).await
    } else {
        message(StatusCode::FORBIDDEN, "The control API answers programs on this machine only")
    }
}

/// Whether a `Host` is `localhost` or a loopback address.
fn names_this_machine(host: &str) -> bool {
    host.parse::<Authority>().is_ok_and(|authority| {
        let name = authority.host().trim_matches(['[', ']']);
        name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

async fn list_faults(State(workspaces): State<Arc<Workspaces>>) -> Response {
    ok(&workspaces.faults.list())
}

async fn put_fault(State(workspaces): State<Arc<Workspaces>>, Path(name): Path<String>, body: String) -> Response {
    match body.trim().parse::<Fault>() {
        Ok(fault) => {
            workspaces.faults.put(&name, fault);
            ok(&workspaces.faults.list())
        }
        Err(error) => message(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string()),
    }
}

async fn remove_fault(State(workspaces): State<Arc<Workspaces>>, Path(name): Path<String>) -> Response {
    done(workspaces.faults.remove(&name))
}

async fn clear_faults(State(workspaces): State<Arc<Workspaces>>) -> Response {
    workspaces.faults.clear();
    done(true)
}

async fn read_ledger(State(workspaces): State<Arc<Workspaces>>) -> Response {
    ok(&workspaces.ledger.entries())
}

/// The settings of a running sandbox. Fields that are not sent stay unchanged.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    limits: Option<bool>,
    refusal_status: Option<u16>,
}

async fn read_settings(State(workspaces): State<Arc<Workspaces>>) -> Response {
    ok(&json!({ "limits": workspaces.limited(), "refusal_status": workspaces.refusal_status().as_u16() }))
}

async fn change_settings(
    State(workspaces): State<Arc<Workspaces>>,
    settings: Result<Json<Settings>, JsonRejection>,
) -> Response {
    let settings = match settings {
        Ok(Json(settings)) => settings,
        Err(error) => return message(error.status(), &error.body_text()),
    };
    if let Some(status) = settings.refusal_status {
        match StatusCode::from_u16(status) {
            Ok(status) => workspaces.set_refusal_status(status),
            Err(error) => return message(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string()),
        }
    }
    if let Some(limited) = settings.limits {
        workspaces.set_limited(limited);
    }
    read_settings(State(workspaces)).await
}

/// The workspace and privileges of a token. All privileges by default.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenGrant {
    workspace: usize,
    privileges: Option<Privileges>,
}

async fn put_token(
    State(workspaces): State<Arc<Workspaces>>,
    Path(token): Path<String>,
    grant: Result<Json<TokenGrant>, JsonRejection>,
) -> Response {
    let grant = match grant {
        Ok(Json(grant)) => grant,
        Err(error) => return message(error.status(), &error.body_text()),
    };
    let Ok(token) = token.parse::<Token>() else {
        return message(StatusCode::UNPROCESSABLE_ENTITY, "This is not a valid token");
    };
    if grant.workspace >= workspaces.all.len() {
        return done(false);
    }
    let privileges = grant.privileges.unwrap_or_else(Privileges::all);
    workspaces.admit(&token, Grant { workspace: grant.workspace, privileges });
    done(true)
}

async fn revoke_token(State(workspaces): State<Arc<Workspaces>>, Path(token): Path<String>) -> Response {
    done(workspaces.revoke(&token))
}

async fn list_workspaces(State(workspaces): State<Arc<Workspaces>>) -> Response {
    let list: Vec<Value> = workspaces
        .all
        .iter()
        .enumerate()
        .map(|(number, workspace)| {
            let world = workspace.world();
            let tokens: Vec<Value> = workspaces
                .tokens_of(number)
                .into_iter()
                .map(|(token, privileges)| json!({ "token": token, "privileges": privileges }))
                .collect();
            json!({
                "number": number,
                "id": world.id,
                "name": world.name,
                "tokens": tokens,
                "connections": world.connections.len(),
                "connectors": world.connectors.len(),
                "customers": world.customers.len(),
                "recipes": world.recipes.len(),
                "calls": workspace.limits.calls(),
            })
        })
        .collect();
    ok(&list)
}

/// What a workspace holds that no documented call shows: recipes, drafts, where audit logs go.
async fn read_workspace(State(workspaces): State<Arc<Workspaces>>, Path(number): Path<usize>) -> Response {
    let Some(workspace) = find(&workspaces, number) else { return done(false) };
    let world = workspace.world();
    ok(&json!({
        "id": world.id,
        "name": world.name,
        "root_folder_id": world.root_folder_id,
        "home_is_project": world.home_is_project,
        "audit_log_destination": world.audit_log_destination,
        "recipes": world.recipes,
        "customers": world.customers.iter().map(customer).collect::<Vec<_>>(),
        "connectors": world.connectors,
        "connections": world.connections.iter().collect::<Vec<_>>(),
    }))
}

/// A customer with what no documented call shows of it.
fn customer(customer: &Customer) -> Value {
    let mut json = customers::to_json(customer);
    json["has_access"] = customer.has_access.into();
    json["recipes"] = json!(customer.recipes);
    json
}

async fn alter(
    State(workspaces): State<Arc<Workspaces>>,
    Path(number): Path<usize>,
    alteration: Result<Json<Alteration>, JsonRejection>,
) -> Response {
    let alteration = match alteration {
        Ok(Json(alteration)) => alteration,
        Err(error) => return message(error.status(), &error.body_text()),
    };
    let Some(workspace) = find(&workspaces, number) else { return done(false) };
    let altered = workspace.world().alter(&alteration);
    match altered {
        Ok(()) => done(true),
        Err(error) => message(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string()),
    }
}

fn find(workspaces: &Workspaces, number: usize) -> Option<Arc<Workspace>> {
    workspaces.all.get(number).map(Arc::clone)
}

fn done(found: bool) -> Response {
    if found { StatusCode::NO_CONTENT.into_response() } else { message(StatusCode::NOT_FOUND, "Not found") }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("localhost:4010", true)]
    #[case("127.0.0.1:4010", true)]
    #[case("127.0.0.2", true)]
    #[case("[::1]:4010", true)]
    #[case("[::1]", true)]
    #[case("127.0.0.1.evil.example", false)]
    #[case("localhost.evil.example:4010", false)]
    #[case("192.168.1.7:4010", false)]
    #[case("", false)]
    fn only_loopback_names_are_this_machine(#[case] host: &str, #[case] here: bool) {
        assert_eq!(names_this_machine(host), here);
    }
}
