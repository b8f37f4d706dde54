//! The three changes, asked for by the real forms, each on a target of its own.

use std::collections::VecDeque;

use portal::OperationId;
use sandbox::{Alteration, WorkspaceHandle};

use super::{Browser, Form, House, PAYMENTS, Page};

/// What can be changed in Workato.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Share,
    Suppress,
    Delete,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Share, Self::Suppress, Self::Delete];

    /// The call that carries it out, as faults name calls.
    pub fn call(self) -> &'static str {
        match self {
            Self::Share => "POST /api/custom_connectors/**",
            Self::Suppress => "DELETE /api/custom_connectors/**",
            Self::Delete => "DELETE /api/connections/*",
        }
    }
}

/// A change that is about to be asked for: its form, filled in and not yet sent.
#[derive(Clone, Debug)]
pub struct Asked {
    pub kind: Kind,
    /// The page that the form stands on.
    pub page: String,
    pub form: Form,
    pub operation: OperationId,
}

/// Connectors and connections of the team `payments` that no test has touched yet.
pub struct Targets {
    workspace: WorkspaceHandle,
    connectors: VecDeque<u64>,
    connections: VecDeque<u64>,
}

impl Targets {
    pub fn of(house: &House) -> Self {
        let workspace = house.sandbox.workspace(0).unwrap();
        let released = workspace.connectors().into_iter().filter(|connector| connector.released().next().is_some());
        Self {
            connectors: released.map(|connector| connector.id).collect(),
            connections: workspace.deletable_connections().iter().map(|connection| connection.id).collect(),
            workspace,
        }
    }

    /// Draws the page of a fresh target and fills in the form on it.
    pub async fn ask(&mut self, kind: Kind, browser: &Browser) -> Asked {
        match kind {
            Kind::Share => self.share(browser).await,
            Kind::Suppress => self.suppress(browser).await,
            Kind::Delete => self.delete(browser).await,
        }
    }

    /// A connector that can be shared: its released version, which is not the shared one.
    pub fn one_to_share(&mut self) -> (u64, u64) {
        let id = self.connectors.pop_front().expect("a connector with a release");
        let connector = self.workspace.connector(id).unwrap();
        let shared = connector.shared.map(|shared| shared.version);
        let other = connector.released().map(|released| released.version).find(|version| Some(*version) != shared);
        let version = other.unwrap_or_else(|| {
            self.workspace.alter(&Alteration::SuppressConnector { connector_id: id }).unwrap();
            connector.released().next().unwrap().version
        });
        (id, version)
    }

    /// A connector that is shared.
    pub fn one_to_suppress(&mut self) -> u64 {
        let id = self.connectors.pop_front().expect("a connector with a release");
        let connector = self.workspace.connector(id).unwrap();
        if connector.shared.is_none() {
            let version = connector.released().next().unwrap().version;
            self.workspace.alter(&Alteration::ShareConnector { connector_id: id, version }).unwrap();
        }
        id
    }

    /// A connection that nothing uses.
    pub fn one_to_delete(&mut self) -> u64 {
        self.connections.pop_front().expect("a connection that nothing uses")
    }

    async fn share(&mut self, browser: &Browser) -> Asked {
        let (id, version) = self.one_to_share();
        let page = format!("/teams/{PAYMENTS}/connectors/{id}");
        let forms = browser.get(&page).await.forms("/api/fn/share_version");
        let form = forms.into_iter().find(|form| form.get("version") == version.to_string()).expect("its form");
        Asked::filled(Kind::Share, page, form.with("reason", "Customers wait for the fix"))
    }

    async fn suppress(&mut self, browser: &Browser) -> Asked {
        let page = format!("/teams/{PAYMENTS}/connectors/{}", self.one_to_suppress());
        let form = browser.get(&page).await.form("/api/fn/suppress_connector");
        Asked::filled(Kind::Suppress, page, confirmed(form, "connector").with("reason", "It charges twice"))
    }

    async fn delete(&mut self, browser: &Browser) -> Asked {
        let page = format!("/teams/{PAYMENTS}/connections/{}", self.one_to_delete());
        let form = browser.get(&page).await.form("/api/fn/delete_connection");
        Asked::filled(Kind::Delete, page, confirmed(form, "connection").with("reason", "Nobody uses it"))
    }
}

impl Asked {
    fn filled(kind: Kind, page: String, form: Form) -> Self {
        let operation = form.get("operation").parse().expect("an operation's id");
        Self { kind, page, form, operation }
    }

    /// Where the answer leads when it was performed, however it ended.
    pub fn result_page(&self) -> String {
        format!("{}?operation={}", self.page, self.operation)
    }

    /// Sends the form and reads the page that says what happened.
    pub async fn perform(&self, browser: &Browser) -> Page {
        let answer = browser.submit(&self.form).await;
        assert_eq!((answer.status, answer.leads_to()), (303, self.result_page().as_str()), "{answer:?}");
        browser.get(&self.result_page()).await
    }
}

/// The name typed as the form shows it; the id where there is none.
fn confirmed(form: Form, id: &str) -> Form {
    let shown = if form.get("name").is_empty() { form.get(id) } else { form.get("name") };
    let typed = shown.to_owned();
    form.with("confirm", &typed)
}
