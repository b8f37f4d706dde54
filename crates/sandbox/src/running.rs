//! Starting a sandbox and having it in hand: its address, its tokens, its faults, its ledger, its workspaces.
//! What a call answers is decided elsewhere.

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
    workspaces::{Key, Workspace, Workspaces},
};

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be listened on.
    #[error("cannot listen on {addr}: {source}")]
    Listen {
        /// The address asked for.
        addr: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The ledger's file cannot be opened.
    #[error("cannot open the ledger {}: {source}", path.display())]
    Ledger {
        /// The file asked for.
        path: std::path::PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Two workspaces, or two roles, with one token.
    #[error("the token {0} is given twice; each opens a workspace of its own")]
    SameToken(Token),
}

/// A sandbox that is filled and not yet served.
#[derive(Clone, Debug)]
pub struct Sandbox {
    workspaces: Arc<Workspaces>,
    tokens: Vec<Token>,
    restricted_token: Option<Token>,
}

impl Sandbox {
    /// Fills the workspaces and opens the ledger.
    ///
    /// # Errors
    /// When a token is given twice, or the ledger's file cannot be opened.
    pub fn new(options: &Options) -> Result<Self, Error> {
        let tokens = if options.tokens.is_empty() { vec![token_of(options.seed)] } else { options.tokens.clone() };
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
                Arc::new(Workspace::new(world))
            })
            .collect();
        let mut keys: HashMap<String, Key> = tokens
            .iter()
            .enumerate()
            .map(|(workspace, token)| (token.to_string(), Key { workspace, privileges: Privileges::all() }))
            .collect();
        if let Some(token) = &options.restricted_token {
            keys.insert(token.to_string(), Key { workspace: 0, privileges: Privileges::without(&options.lacks) });
        }
        let faults = Faults::seeded(options.seed);
        for (number, fault) in options.faults.iter().enumerate() {
            faults.put(&format!("option-{}", number + 1), fault.clone());
        }
        let workspaces = Workspaces::new(all, keys, ledger, faults, options.share_path);
        workspaces.set_limited(!options.no_limits);
        workspaces.set_refusal_status(options.refusal_status);
        Ok(Self { workspaces: Arc::new(workspaces), tokens, restricted_token: options.restricted_token.clone() })
    }

    /// Starts a sandbox in this process, listening on `options.addr`. It ends with the value that is given back.
    ///
    /// # Errors
    /// As [`Sandbox::new`], or when the address cannot be listened on.
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

    /// The tokens that open a workspace each, in the order of the workspaces.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The token whose role lacks privileges, if there is one.
    pub fn restricted_token(&self) -> Option<&Token> {
        self.restricted_token.as_ref()
    }

    /// The names of the workspaces.
    pub fn workspace_names(&self) -> Vec<String> {
        self.workspaces.all.iter().map(|workspace| workspace.world().name.clone()).collect()
    }

    /// Serves until `shutdown` is ready; answers under way then have a second to finish.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let router =
            Router::new().merge(api::router(Arc::clone(&self.workspaces))).merge(control::router(self.workspaces));
        accept(listener, router, shutdown).await;
    }
}

/// Listens on an address.
///
/// # Errors
/// When the system refuses it, for example because it is in use.
pub(crate) async fn listen(addr: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(addr).await.map_err(|source| Error::Listen { addr, source })
}

/// The token of a run without `--token`: the same for the same seed.
fn token_of(seed: u64) -> Token {
    let text = format!("wrkaus-sandbox-{:016x}", seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    text.parse().expect("letters, digits and dashes are visible ASCII")
}

/// A sandbox that serves in this process. Dropping it ends it at once.
#[derive(Debug)]
pub struct Running {
    /// For example `http://127.0.0.1:40213`, without a slash at the end.
    pub base_url: String,
    /// One for each workspace.
    pub tokens: Vec<String>,
    /// The token whose role lacks privileges, if there is one.
    pub restricted_token: Option<String>,
    /// The address it listens on.
    pub addr: SocketAddr,
    workspaces: Arc<Workspaces>,
    stop: CancellationToken,
    serving: Option<JoinHandle<()>>,
}

impl Running {
    /// What goes wrong on purpose.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.workspaces.faults
    }

    /// The mutations carried out so far, oldest first.
    #[must_use]
    pub fn ledger(&self) -> Vec<Entry> {
        self.workspaces.ledger.entries()
    }

    /// A workspace, counted from 0, or `None` when there are fewer.
    #[must_use]
    pub fn workspace(&self, number: usize) -> Option<WorkspaceHandle> {
        self.workspaces.all.get(number).map(|workspace| WorkspaceHandle::new(Arc::clone(workspace)))
    }

    /// Puts the rate limits in force or lifts them.
    pub fn set_limited(&self, limited: bool) {
        self.workspaces.set_limited(limited);
    }

    /// Sets the HTTP status of a `success: false` refusal.
    pub fn set_refusal_status(&self, status: axum::http::StatusCode) {
        self.workspaces.set_refusal_status(status);
    }

    /// Lets a token into a workspace with a role of its own, or changes the role of one that is in.
    pub fn admit(&self, token: &Token, workspace: usize, privileges: Privileges) {
        self.workspaces.admit(token, Key { workspace, privileges });
    }

    /// Shuts a token out, as a client revoked in Workato's console is; `false` when it was not in.
    #[must_use]
    pub fn revoke(&self, token: &str) -> bool {
        self.workspaces.revoke(token)
    }

    /// Stops, and waits until answers under way are finished, for a second at most.
    pub async fn stop(mut self) {
        self.stop.cancel();
        if let Some(serving) = self.serving.take()
            && let Err(error) = serving.await
        {
            tracing::warn!(%error, "the sandbox did not end in order");
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
