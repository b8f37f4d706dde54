//! Starts a sandbox, and gives access to its address, tokens, faults, ledger and workspaces while it runs.

use std::{
    collections::{HashMap, HashSet},
    future::Future,
    io,
    net::SocketAddr,
    sync::Arc,
};

use axum::Router;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    accept::accept,
    api, control,
    faults::Faults,
    ledger::{Entry, Ledger},
    options::{Options, Token},
    population::{self, Plan},
    privileges::Privileges,
    workspace_handle::WorkspaceHandle,
    workspaces::{Grant, Workspace, Workspaces},
};

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Could not listen on the address.
    #[error("cannot listen on {addr}: {source}")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// The cause.
        source: io::Error,
    },
    /// Could not open the file of the ledger.
    #[error("cannot open the ledger {}: {source}", path.display())]
    Ledger {
        /// The file.
        path: std::path::PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The same token was given for two workspaces or roles.
    #[error("the token {0} is given twice; each workspace needs its own")]
    SameToken(Token),
}

/// A sandbox with its data, not yet serving.
#[derive(Clone, Debug)]
pub struct Sandbox {
    workspaces: Arc<Workspaces>,
    tokens: Vec<Token>,
    restricted_token: Option<Token>,
}

impl Sandbox {
    /// Generates the workspaces and opens the ledger.
    ///
    /// # Errors
    /// [`Error::SameToken`] if a token is given twice, [`Error::Ledger`] if the ledger's file cannot be opened.
    pub fn new(options: &Options) -> Result<Self, Error> {
        let tokens = if options.tokens.is_empty() { vec![default_token(options.seed)] } else { options.tokens.clone() };
        let mut seen = HashSet::new();
        if let Some(twice) = tokens.iter().chain(&options.restricted_token).find(|token| !seen.insert(*token)) {
            return Err(Error::SameToken(twice.clone()));
        }
        let ledger = match &options.ledger {
            None => Ledger::default(),
            Some(path) => Ledger::appending_to(path).map_err(|source| Error::Ledger { path: path.clone(), source })?,
        };
        let all = (0..tokens.len())
            .map(|number| {
                let mut world = population::populate(&Plan::of(options, number));
                world.home_is_project = options.home_is_project;
                world.clock = options.clock.clone();
                Arc::new(Workspace::new(world))
            })
            .collect();
        let mut grants: HashMap<String, Grant> = tokens
            .iter()
            .enumerate()
            .map(|(workspace, token)| (token.to_string(), Grant { workspace, privileges: Privileges::all() }))
            .collect();
        if let Some(token) = &options.restricted_token {
            grants.insert(token.to_string(), Grant { workspace: 0, privileges: Privileges::without(&options.lacks) });
        }
        let faults = Faults::seeded(options.seed);
        for (number, fault) in options.faults.iter().enumerate() {
            faults.put(&format!("option-{}", number + 1), fault.clone());
        }
        let workspaces = Workspaces::new(all, grants, ledger, faults, options.share_path);
        workspaces.set_limited(!options.no_limits);
        workspaces.set_refusal_status(options.refusal_status);
        Ok(Self { workspaces: Arc::new(workspaces), tokens, restricted_token: options.restricted_token.clone() })
    }

    /// Starts a sandbox in this process on `options.addr`. It ends when the returned value is dropped.
    ///
    /// # Errors
    /// [`Error::Listen`] if it cannot listen on the address; otherwise as [`Sandbox::new`].
    pub async fn start(options: Options) -> Result<Running, Error> {
        let sandbox = Self::new(&options)?;
        let listener = listen(options.addr).await?;
        let addr = listener.local_addr().map_err(|source| Error::Listen { addr: options.addr, source })?;
        let stop = CancellationToken::new();
        let serving = tokio::spawn(sandbox.clone().serve(listener, stop.clone().cancelled_owned()));
        Ok(Running {
            base_url: format!("http://{addr}"),
            tokens: sandbox.tokens.iter().map(Token::to_string).collect(),
            restricted_token: sandbox.restricted_token.as_ref().map(Token::to_string),
            addr,
            workspaces: sandbox.workspaces,
            stop,
            serving: Some(serving),
        })
    }

    /// One token for each workspace.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The token with a restricted role, if there is one.
    pub fn restricted_token(&self) -> Option<&Token> {
        self.restricted_token.as_ref()
    }

    pub fn workspace_names(&self) -> Vec<String> {
        self.workspaces.all.iter().map(|workspace| workspace.world().name.clone()).collect()
    }

    /// Serves until `shutdown` completes. Answers in progress then have one second to finish.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let router =
            Router::new().merge(api::router(Arc::clone(&self.workspaces))).merge(control::router(self.workspaces));
        accept(listener, router, shutdown).await;
    }
}

/// Listens on an address.
///
/// # Errors
/// [`Error::Listen`], for example if the address is in use.
pub(crate) async fn listen(addr: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(addr).await.map_err(|source| Error::Listen { addr, source })
}

/// The token for a run without `--token`. The same seed gives the same token.
fn default_token(seed: u64) -> Token {
    let text = format!("wrkaus-sandbox-{:016x}", seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    text.parse().expect("letters, digits and dashes are visible ASCII")
}

/// A sandbox that is serving in this process. It ends when this value is dropped.
#[derive(Debug)]
pub struct Running {
    /// The base URL, for example `http://127.0.0.1:40213`, without a final slash.
    pub base_url: String,
    /// One token for each workspace.
    pub tokens: Vec<String>,
    /// The token with a restricted role, if there is one.
    pub restricted_token: Option<String>,
    /// The address it listens on.
    pub addr: SocketAddr,
    workspaces: Arc<Workspaces>,
    stop: CancellationToken,
    serving: Option<JoinHandle<()>>,
}

impl Running {
    /// The faults, to set and remove.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.workspaces.faults
    }

    /// The changes so far, oldest first.
    #[must_use]
    pub fn ledger(&self) -> Vec<Entry> {
        self.workspaces.ledger.entries()
    }

    /// The workspace with this number, from 0.
    #[must_use]
    pub fn workspace(&self, number: usize) -> Option<WorkspaceHandle> {
        self.workspaces.all.get(number).map(|workspace| WorkspaceHandle::new(Arc::clone(workspace)))
    }

    /// Turns the rate limits on or off.
    pub fn set_limited(&self, limited: bool) {
        self.workspaces.set_limited(limited);
    }

    /// Sets the HTTP status of a refusal with `success: false`.
    pub fn set_refusal_status(&self, status: axum::http::StatusCode) {
        self.workspaces.set_refusal_status(status);
    }

    /// Adds a token for a workspace, with its own role, or changes the role of a token.
    pub fn admit(&self, token: &Token, workspace: usize, privileges: Privileges) {
        self.workspaces.admit(token, Grant { workspace, privileges });
    }

    /// Revokes a token. `false` if there is no such token.
    #[must_use]
    pub fn revoke(&self, token: &str) -> bool {
        self.workspaces.revoke(token)
    }

    /// Stops, and waits up to one second for answers in progress to finish.
    pub async fn stop(mut self) {
        self.stop.cancel();
        if let Some(serving) = self.serving.take()
            && let Err(error) = serving.await
        {
            tracing::warn!(%error, "the sandbox did not shut down cleanly");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}
