//! Checks every API call: the token, the workspace's rate limit, the role's privilege.
//! Adds a `Caller` to the request, without which no handler has access to a workspace.

use std::{sync::Arc, time::Instant};

use axum::{
    Extension,
    extract::{Request, State},
    http::{Method, header},
    middleware::Next,
};
use serde_json::Value;

use crate::{
    answers::{Answer, Refusal},
    ledger::{Entry, Target},
    limits::Limit,
    privileges::Privilege,
    workspaces::{Workspace, Workspaces},
};

/// What a call requires: a privilege, and room in a rate limit if it has one.
#[derive(Clone, Copy, Debug)]
pub struct Requirements {
    /// The privilege that the role must have.
    pub privilege: Privilege,
    /// The rate limit that the call counts against.
    pub limit: Option<Limit>,
}

/// An admitted call.
#[derive(Clone, Debug)]
pub struct Caller {
    /// All workspaces.
    pub workspaces: Arc<Workspaces>,
    /// The workspace of the token.
    pub workspace: Arc<Workspace>,
    /// The number of the workspace, from 0.
    pub number: usize,
    method: Method,
    path: String,
}

impl Caller {
    /// Appends a change to the ledger. Call this before making the change.
    pub fn record(
        &self,
        workspace_id: u64,
        action: &'static str,
        targets: Vec<Target>,
        parameters: Value,
        result: &Value,
    ) -> Result<(), Refusal> {
        let entry = Entry {
            sequence: 0,
            at: String::new(),
            workspace: workspace_id,
            method: self.method.to_string(),
            path: self.path.clone(),
            action,
            targets,
            parameters,
            result: result.clone(),
        };
        self.workspaces.ledger.append(entry).map_err(|error| {
            tracing::error!(%error, "could not write the ledger; the change was not made");
            Refusal::Internal { what: "could not write the sandbox's ledger" }
        })
    }
}

/// Admits or refuses a call. The rate limit comes before the privilege, because Workato counts requests, not successes.
pub async fn admit(
    State(workspaces): State<Arc<Workspaces>>,
    Extension(requirements): Extension<Requirements>,
    mut request: Request,
    next: Next,
) -> Answer {
    let grant = bearer_token(&request).and_then(|token| workspaces.grant(token)).ok_or(Refusal::Unauthorized)?;
    let workspace = workspaces.all.get(grant.workspace).map(Arc::clone).ok_or(Refusal::Unauthorized)?;
    if let Some(limit) = requirements.limit
        && workspaces.limited()
    {
        workspace.limits.admit(limit, Instant::now())?;
    }
    if !grant.privileges.include(requirements.privilege) {
        return Err(Refusal::Unauthorized);
    }
    let caller = Caller {
        workspaces: Arc::clone(&workspaces),
        workspace,
        number: grant.workspace,
        method: request.method().clone(),
        path: request.uri().path().to_owned(),
    };
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

fn bearer_token(request: &Request) -> Option<&str> {
    let header = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
