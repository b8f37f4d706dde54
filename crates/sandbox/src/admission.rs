//! What stands before every API call: the token, the workspace's quota, the role's privilege.
//! Leaves a `Caller` behind, without which no handler can reach a workspace.

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

/// What a group of calls needs: a privilege, and a place in a quota where Workato gives one.
#[derive(Clone, Copy, Debug)]
pub struct Needs {
    /// The role must include it.
    pub privilege: Privilege,
    /// The window it is counted in.
    pub limit: Option<Limit>,
}

/// A call that was let in.
#[derive(Clone, Debug)]
pub struct Caller {
    /// What all workspaces share.
    pub workspaces: Arc<Workspaces>,
    /// The workspace that the token opens.
    pub workspace: Arc<Workspace>,
    method: Method,
    path: String,
}

impl Caller {
    /// Writes down a mutation; only after that may it be carried out.
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
            tracing::error!(%error, "the ledger cannot be written; nothing was carried out");
            Refusal::Internal { what: "the sandbox's ledger cannot be written" }
        })
    }
}

/// Lets a call in or refuses it. A call is counted before its privilege is looked at: Workato's quota is spent by
/// requests, not by successes.
pub async fn admit(
    State(workspaces): State<Arc<Workspaces>>,
    Extension(needs): Extension<Needs>,
    mut request: Request,
    next: Next,
) -> Answer {
    let key = bearer_token(&request).and_then(|token| workspaces.key(token)).ok_or(Refusal::Unauthorized)?;
    let workspace = workspaces.all.get(key.workspace).map(Arc::clone).ok_or(Refusal::Unauthorized)?;
    if let Some(limit) = needs.limit
        && workspaces.limited()
    {
        workspace.limits.admit(limit, Instant::now())?;
    }
    if !key.privileges.include(needs.privilege) {
        return Err(Refusal::Unauthorized);
    }
    let caller = Caller {
        workspaces: Arc::clone(&workspaces),
        workspace,
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
