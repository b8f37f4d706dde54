//! The workspaces of a sandbox, their tokens, and what they share: ledger, faults and settings.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU16, Ordering},
    },
};

use axum::http::StatusCode;

use crate::{
    faults::Faults,
    ledger::Ledger,
    limits::Limits,
    options::{SharePath, Token},
    privileges::Privileges,
    world::World,
};

/// A workspace: its state and its rate limits.
#[derive(Debug)]
pub struct Workspace {
    world: Mutex<World>,
    /// The rate limits, whichever token is used.
    pub limits: Limits,
}

impl Workspace {
    pub fn new(world: World) -> Self {
        Self { world: Mutex::new(world), limits: Limits::default() }
    }

    /// The state. A change and its ledger entry are made under one lock, which is never held across an await.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The id of the first API client.
const FIRST_CLIENT: u64 = 7_001;

/// What a token gives access to.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The number of the workspace, from 0.
    pub workspace: usize,
    /// The privileges of its role.
    pub privileges: Privileges,
}

/// What all calls of a sandbox share.
#[derive(Debug)]
pub struct Workspaces {
    /// The workspaces, in the order of their tokens.
    pub all: Vec<Arc<Workspace>>,
    /// The ledger.
    pub ledger: Ledger,
    /// The faults.
    pub faults: Faults,
    /// The spelling of the share path.
    pub share_path: SharePath,
    grants: RwLock<HashMap<String, Grant>>,
    /// The token of each API client, by the client's id.
    clients: RwLock<BTreeMap<u64, String>>,
    limited: AtomicBool,
    refusal_status: AtomicU16,
}

impl Workspaces {
    pub fn new(
        all: Vec<Arc<Workspace>>,
        grants: HashMap<String, Grant>,
        ledger: Ledger,
        faults: Faults,
        share_path: SharePath,
    ) -> Self {
        let mut tokens: Vec<_> = grants.keys().cloned().collect();
        tokens.sort();
        Self {
            clients: RwLock::new((FIRST_CLIENT..).zip(tokens).collect()),
            all,
            ledger,
            faults,
            share_path,
            grants: RwLock::new(grants),
            limited: AtomicBool::new(true),
            refusal_status: AtomicU16::new(StatusCode::OK.as_u16()),
        }
    }

    /// What a bearer token gives access to.
    pub fn grant(&self, token: &str) -> Option<Grant> {
        self.grants.read().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }

    /// The tokens of a workspace, in alphabetical order.
    pub fn tokens_of(&self, workspace: usize) -> Vec<(String, Privileges)> {
        let grants = self.grants.read().unwrap_or_else(PoisonError::into_inner);
        let mut tokens: Vec<_> = grants
            .iter()
            .filter(|(_, grant)| grant.workspace == workspace)
            .map(|(token, grant)| (token.clone(), grant.privileges.clone()))
            .collect();
        tokens.sort_by(|one, other| one.0.cmp(&other.0));
        tokens
    }

    /// Adds a token, or changes its role.
    pub fn admit(&self, token: &Token, grant: Grant) {
        self.grants.write().unwrap_or_else(PoisonError::into_inner).insert(token.as_str().to_owned(), grant);
        let mut clients = self.clients.write().unwrap_or_else(PoisonError::into_inner);
        if !clients.values().any(|known| known == token.as_str()) {
            let next = clients.last_key_value().map_or(FIRST_CLIENT, |(id, _)| id + 1);
            clients.insert(next, token.as_str().to_owned());
        }
    }

    /// The ids of a workspace's API clients.
    pub fn clients_of(&self, workspace: usize) -> Vec<u64> {
        let clients = self.clients.read().unwrap_or_else(PoisonError::into_inner);
        let is_its = |token: &String| self.grant(token).is_some_and(|grant| grant.workspace == workspace);
        clients.iter().filter(|(_, token)| is_its(token)).map(|(id, _)| *id).collect()
    }

    /// Gives an API client a new token and ends the old one. `None` if there is no such client.
    pub fn regenerate(&self, client: u64) -> Option<String> {
        let mut clients = self.clients.write().unwrap_or_else(PoisonError::into_inner);
        let mut grants = self.grants.write().unwrap_or_else(PoisonError::into_inner);
        let token = clients.get_mut(&client)?;
        let grant = grants.remove(token.as_str())?;
        *token = format!("wrkaus-regenerated-{client}-{:016x}", rand::random::<u64>());
        grants.insert(token.clone(), grant);
        Some(token.clone())
    }

    /// Revokes a token. `false` if there is no such token.
    pub fn revoke(&self, token: &str) -> bool {
        self.grants.write().unwrap_or_else(PoisonError::into_inner).remove(token).is_some()
    }

    /// Whether the rate limits are on.
    pub fn limited(&self) -> bool {
        self.limited.load(Ordering::Relaxed)
    }

    /// Turns the rate limits on or off.
    pub fn set_limited(&self, limited: bool) {
        self.limited.store(limited, Ordering::Relaxed);
    }

    /// The HTTP status of a refusal with `success: false`.
    pub fn refusal_status(&self) -> StatusCode {
        StatusCode::from_u16(self.refusal_status.load(Ordering::Relaxed)).unwrap_or(StatusCode::OK)
    }

    /// Sets the HTTP status of a refusal with `success: false`.
    pub fn set_refusal_status(&self, status: StatusCode) {
        self.refusal_status.store(status.as_u16(), Ordering::Relaxed);
    }
}
