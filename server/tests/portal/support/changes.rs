//! Every kind of change in Workato, sent by its real form, each to a target of its own.

use std::collections::VecDeque;

use portal::OperationId;
use sandbox::{Alteration, Recipe, WorkspaceHandle};

use super::{Browser, Form, Installation, PAYMENTS, Page};

/// What can be changed in Workato.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    Share,
    Suppress,
    Create,
    Update,
    Tag,
    Disconnect,
    Delete,
    ShareRecipe,
}

impl ChangeKind {
    pub const ALL: [Self; 8] = [
        Self::Share,
        Self::Suppress,
        Self::Create,
        Self::Update,
        Self::Tag,
        Self::Disconnect,
        Self::Delete,
        Self::ShareRecipe,
    ];

    /// Those that act on an existing target, whose outcome a later read can show.
    pub const ON_TARGETS: [Self; 6] =
        [Self::Share, Self::Suppress, Self::Update, Self::Tag, Self::Disconnect, Self::Delete];

    /// The call that carries it out, as a fault's pattern.
    pub fn call(self) -> &'static str {
        match self {
            Self::Share => "POST /api/custom_connectors/**",
            Self::Suppress => "DELETE /api/custom_connectors/**",
            Self::Create => "POST /api/connections",
            Self::Update => "PUT /api/connections/*",
            Self::Tag => "POST /api/tags_assignments",
            Self::Disconnect => "POST /api/connections/*/disconnect",
            Self::Delete => "DELETE /api/connections/*",
            Self::ShareRecipe => "POST /api/managed_users/*/recipes/*/share",
        }
    }
}

/// A form for a change, filled in and not yet sent.
#[derive(Clone, Debug)]
pub struct PreparedChange {
    pub kind: ChangeKind,
    /// The page with the form.
    pub page: String,
    pub form: Form,
    pub operation: OperationId,
    /// The page that shows the outcome.
    told_on: String,
}

/// Connectors and connections of the team `payments` that no test has touched yet.
pub struct Targets {
    workspace: WorkspaceHandle,
    connectors: VecDeque<u64>,
    connections: VecDeque<u64>,
    /// Customers without a recipe.
    customers: VecDeque<u64>,
    created: usize,
}

impl Targets {
    pub fn of(installation: &Installation) -> Self {
        let workspace = installation.sandbox.workspace(0).unwrap();
        let released = workspace.connectors().into_iter().filter(|connector| connector.released().next().is_some());
        Self {
            connectors: released.map(|connector| connector.id).collect(),
            connections: workspace.deletable_connections().iter().map(|connection| connection.id).collect(),
            customers: workspace.customers().iter().map(|customer| customer.id).collect(),
            workspace,
            created: 0,
        }
    }

    /// Opens the page of a fresh target and fills in its form.
    pub async fn prepare(&mut self, kind: ChangeKind, browser: &Browser) -> PreparedChange {
        match kind {
            ChangeKind::Share => self.share(browser).await,
            ChangeKind::Suppress => self.suppress(browser).await,
            ChangeKind::Create => self.create(browser).await,
            ChangeKind::Update => self.update(browser).await,
            ChangeKind::Tag => self.tag(browser).await,
            ChangeKind::Disconnect => self.disconnect(browser).await,
            ChangeKind::Delete => self.delete(browser).await,
            ChangeKind::ShareRecipe => self.share_recipe(browser).await,
        }
    }

    /// A connector and a released version of it that is not shared.
    pub fn shareable_connector(&mut self) -> (u64, u64) {
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
    pub fn shared_connector(&mut self) -> u64 {
        let id = self.connectors.pop_front().expect("a connector with a release");
        let connector = self.workspace.connector(id).unwrap();
        if connector.shared.is_none() {
            let version = connector.released().next().unwrap().version;
            self.workspace.alter(&Alteration::ShareConnector { connector_id: id, version }).unwrap();
        }
        id
    }

    /// A connection that nothing uses.
    pub fn unused_connection(&mut self) -> u64 {
        self.connections.pop_front().expect("a connection that nothing uses")
    }

    /// A connection that is authorised, and that nothing uses.
    pub fn authorised_connection(&mut self) -> u64 {
        let is_connected =
            |id: &u64| self.workspace.connection(*id).unwrap().authorization_status.as_deref() == Some("success");
        let at = self.connections.iter().position(is_connected).expect("an authorised connection that nothing uses");
        self.connections.remove(at).unwrap()
    }

    async fn share(&mut self, browser: &Browser) -> PreparedChange {
        let (id, version) = self.shareable_connector();
        let page = format!("/teams/{PAYMENTS}/connectors/{id}");
        let forms = browser.get(&page).await.forms("/api/fn/share_version");
        let form = forms.into_iter().find(|form| form.get("version") == version.to_string()).expect("its form");
        PreparedChange::filled(ChangeKind::Share, page, form.with("reason", "Customers wait for the fix"))
    }

    async fn suppress(&mut self, browser: &Browser) -> PreparedChange {
        let page = format!("/teams/{PAYMENTS}/connectors/{}", self.shared_connector());
        let form = browser.get(&page).await.form("/api/fn/suppress_connector");
        PreparedChange::filled(
            ChangeKind::Suppress,
            page,
            confirmed(form, "connector").with("reason", "It charges twice"),
        )
    }

    async fn create(&mut self, browser: &Browser) -> PreparedChange {
        let page = format!("/teams/{PAYMENTS}/connections/new");
        let form = browser.get(&page).await.form("/api/fn/create_connection");
        self.created += 1;
        let form = form
            .with("fields[name]", &format!("New connection {}", self.created))
            .with("provider", "jira")
            .with("credentials[authentication]", "credentials")
            .with("credentials[fields][0][name]", "apitoken")
            .with("credentials[fields][0][value]", "opens the tests' Jira")
            .with("reason", "A new customer");
        PreparedChange::filled(ChangeKind::Create, page, form)
    }

    async fn update(&mut self, browser: &Browser) -> PreparedChange {
        let id = self.authorised_connection();
        let page = connection(id);
        let form = browser.get(&format!("{page}/edit")).await.form("/api/fn/update_connection");
        let form = form.with("fields[name]", &format!("Renamed {id}")).with("reason", "It was misspelt");
        PreparedChange::filled(ChangeKind::Update, page, form)
    }

    async fn tag(&mut self, browser: &Browser) -> PreparedChange {
        let id = self.authorised_connection();
        let page = connection(id);
        let has = self.workspace.connection(id).unwrap().tags.unwrap_or_default();
        let tag = self.workspace.tags().into_iter().find(|tag| !has.contains(&tag.handle)).expect("another tag");
        let form = browser.get(&page).await.form("/api/fn/tag_connection");
        PreparedChange::filled(
            ChangeKind::Tag,
            page,
            form.with("add", &tag.handle).with("reason", "So that it is found"),
        )
    }

    async fn disconnect(&mut self, browser: &Browser) -> PreparedChange {
        let page = connection(self.authorised_connection());
        let form = browser.get(&page).await.form("/api/fn/disconnect_connection");
        PreparedChange::filled(
            ChangeKind::Disconnect,
            page,
            confirmed(form, "connection").with("reason", "The contract ended"),
        )
    }

    async fn delete(&mut self, browser: &Browser) -> PreparedChange {
        let page = connection(self.unused_connection());
        let form = browser.get(&page).await.form("/api/fn/delete_connection");
        PreparedChange::filled(ChangeKind::Delete, page, confirmed(form, "connection").with("reason", "Nobody uses it"))
    }

    /// Whether all connectors of a recipe are shared.
    fn is_shareable(&self, recipe: &Recipe) -> bool {
        let is_shared = |id: &u64| self.workspace.connector(*id).is_some_and(|connector| connector.shared.is_some());
        recipe.connector_ids.iter().all(is_shared)
    }

    async fn share_recipe(&mut self, browser: &Browser) -> PreparedChange {
        let page = format!("/teams/{PAYMENTS}/recipes");
        let recipe = self.workspace.recipes().into_iter().find(|recipe| self.is_shareable(recipe));
        let recipe = recipe.expect("a recipe whose connectors are shared").id.to_string();
        let customer = self.customers.pop_front().expect("a customer without a recipe").to_string();
        let form = browser.get(&page).await.form("/api/fn/share_recipe");
        let form = form.with("recipe", &recipe).only("by", "id").with("customer", &customer);
        PreparedChange::filled(ChangeKind::ShareRecipe, page, form.with("reason", "They go live"))
    }
}

fn connection(id: u64) -> String {
    format!("/teams/{PAYMENTS}/connections/{id}")
}

impl PreparedChange {
    fn filled(kind: ChangeKind, page: String, form: Form) -> Self {
        let operation: OperationId = form.get("operation").parse().expect("an operation's id");
        let told_on = format!("{page}?operation={operation}");
        Self { kind, page, form, operation, told_on }
    }

    /// The page that an answer redirects to, whatever the outcome. For a new connection it redirects to that
    /// connection's page.
    pub fn result_page(&self) -> String {
        self.told_on.clone()
    }

    /// # Panics
    /// If this is not the answer to a change that was performed.
    #[track_caller]
    pub fn assert_performed(&self, answer: &Page) {
        let led = match self.kind {
            ChangeKind::Create => answer.location().contains(&format!("?operation={}", self.operation)),
            _ => answer.location() == self.told_on,
        };
        assert!(answer.status == 303 && led, "{:?}: {answer:?}", self.kind);
    }

    /// Sends the form and reads the page that shows the outcome.
    pub async fn perform(&self, browser: &Browser) -> Page {
        let answer = browser.submit(&self.form).await;
        self.assert_performed(&answer);
        browser.get(answer.location()).await
    }

    /// Reads the page that shows the outcome.
    pub async fn look(&self, browser: &Browser) -> Page {
        let page = browser.get(&self.told_on).await;
        if page.is_redirect() { browser.get(page.location()).await } else { page }
    }
}

/// Types the name that the form shows, or the id if there is no name.
fn confirmed(form: Form, id: &str) -> Form {
    let shown = if form.get("name").is_empty() { form.get(id) } else { form.get("name") };
    let typed = shown.to_owned();
    form.with("confirm", &typed)
}
