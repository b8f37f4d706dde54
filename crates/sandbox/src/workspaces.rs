//! The workspaces of one sandbox, who may enter them, and what all of them share: ledger, faults, settings.
//! Holds; the rules are elsewhere.

use std::{
    collections::HashMap,
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

/// One workspace: what is in it, and the calls counted against it.
#[derive(Debug)]
pub struct Workspace {
    world: Mutex<World>,
    /// The quota of the workspace, whoever's token is used.
    pub limits: Limits,
}

impl Workspace {
    /// A workspace that holds this.
    pub fn new(world: World) -> Self {
        Self { world: Mutex::new(world), limits: Limits::default() }
    }

    /// What is in it. Never held across an await: a change and its ledger line are one step.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a token opens.
#[derive(Clone, Debug)]
pub struct Key {
    /// Which workspace, counted from 0.
    pub workspace: usize,
    /// What its role may call.
    pub privileges: Privileges,
}

/// Everything that the calls of one sandbox share.
#[derive(Debug)]
pub struct Workspaces {
    /// In the order of their tokens.
    pub all: Vec<Arc<Workspace>>,
    /// What was carried out.
    pub ledger: Ledger,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// Which spelling of the share path is served.
    pub share_path: SharePath,
    keys: RwLock<HashMap<String, Key>>,
    limited: AtomicBool,
    refusal_status: AtomicU16,
}

impl Workspaces {
    /// A sandbox's workspaces with the keys to them.
    pub fn new(
        all: Vec<Arc<Workspace>>,
        keys: HashMap<String, Key>,
        ledger: Ledger,
        faults: Faults,
        share_path: SharePath,
    ) -> Self {
        Self {
            all,
            ledger,
            faults,
            share_path,
            keys: RwLock::new(keys),
            limited: AtomicBool::new(true),
            refusal_status: AtomicU16::new(StatusCode::OK.as_u16()),
        }
    }

    /// What a bearer token opens.
    pub fn key(&self, token: &str) -> Option<Key> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }

    /// The tokens of a workspace, in alphabetical order.
    pub fn tokens_of(&self, workspace: usize) -> Vec<(String, Privileges)> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let mut tokens: Vec<_> = keys
            .iter()
            .filter(|(_, key)| key.workspace == workspace)
            .map(|(token, key)| (token.clone(), key.privileges.clone()))
            .collect();
        tokens.sort_by(|one, other| one.0.cmp(&other.0));
        tokens
    }

    /// Lets a token in, or changes its role.
    pub fn admit(&self, token: &Token, key: Key) {
        self.keys.write().unwrap_or_else(PoisonError::into_inner).insert(token.as_str().to_owned(), key);
    }

    /// Shuts a token out.
    pub fn revoke(&self, token: &str) -> bool {
        self.keys.write().unwrap_or_else(PoisonError::into_inner).remove(token).is_some()
    }

    /// Whether rate limits hold.
    pub fn limited(&self) -> bool {
        self.limited.load(Ordering::Relaxed)
    }

    /// Puts the rate limits in force or lifts them.
    pub fn set_limited(&self, limited: bool) {
        self.limited.store(limited, Ordering::Relaxed);
    }

    /// The status of a `success: false` refusal.
    pub fn refusal_status(&self) -> StatusCode {
        StatusCode::from_u16(self.refusal_status.load(Ordering::Relaxed)).unwrap_or(StatusCode::OK)
    }

    /// Sets the status of a `success: false` refusal.
    pub fn set_refusal_status(&self, status: StatusCode) {
        self.refusal_status.store(status.as_u16(), Ordering::Relaxed);
    }
}
