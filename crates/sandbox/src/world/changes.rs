//! Changes to a workspace. Each method makes one complete change, with its activity log event.
//! `api` checks beforehand whether the caller may make it.

use serde_json::{Value, json};

use super::{
    World,
    activity::{Resource, User},
    assets::Customer,
    connection::{Connection, Connections},
    connector::{Connector, ShareStatus, Shared, Version},
    recipe::Recipe,
};

impl World {
    /// The user that API tokens act as.
    pub fn api_client(&self) -> User {
        User { id: self.id + 1, name: format!("{} API client", self.name), email: self.email.clone() }
    }

    /// A user who works in Workato's console.
    pub fn console_user(&self) -> User {
        User { id: self.id + 2, name: "Dana Whitfield".to_owned(), email: self.email.replace("owner@", "dana@") }
    }

    /// Shares a version of a connector, in place of the shared one if there is one.
    pub fn share(&mut self, connector_id: u64, version: u64, by: User) -> Option<ShareStatus> {
        let now = self.clock.now();
        let connector = self.connector_mut(connector_id)?;
        let status = connector.share_status();
        let before = connector.shared.map(|shared| shared.version);
        connector.shared = Some(Shared { version, at: now });
        let resource = adapter(connector);
        let details = json!({ "version": version, "previous_version": before });
        self.activity.push(now, "connector_shared", by, resource, details);
        Some(status)
    }

    /// Stops sharing a connector. `None` if it was not shared.
    pub fn suppress(&mut self, connector_id: u64, by: User) -> Option<Shared> {
        let connector = self.connector_mut(connector_id)?;
        let shared = connector.shared.take()?;
        let resource = adapter(connector);
        let details = json!({ "oem_shared_version": null, "previous_version": shared.version });
        self.activity.push(self.clock.now(), "connector_updated", by, resource, details);
        Some(shared)
    }

    /// Adds a connector.
    pub fn add_connector(&mut self, draft: Connector, by: User) {
        let resource = adapter(&draft);
        self.connectors.push(draft);
        self.activity.push(self.clock.now(), "connector_created", by, resource, json!({ "version": 1 }));
    }

    /// An id that no connector has or had.
    pub fn next_connector_id(&self) -> u64 {
        self.connectors.iter().map(|connector| connector.id).max().unwrap_or(self.id) + 1
    }

    /// Writes a connector's draft: a new version, or the newest one while it is not released. Returns its number.
    pub fn write_draft(&mut self, connector_id: u64, code: &str, note: Option<String>, by: User) -> Option<u64> {
        let now = self.clock.now();
        let connector = self.connector_mut(connector_id)?;
        code.clone_into(&mut connector.code);
        let version = match connector.versions.last_mut() {
            Some(draft) if draft.released_at.is_none() => {
                draft.note = note.or(draft.note.take());
                draft.created_at = now;
                draft.version
            }
            last => {
                let version = last.map_or(1, |last| last.version + 1);
                connector.versions.push(Version { version, note, created_at: now, released_at: None });
                version
            }
        };
        let resource = adapter(connector);
        self.activity.push(now, "connector_updated", by, resource, json!({ "version": version }));
        Some(version)
    }

    /// Releases a connector's draft, and returns its number. `None` if there is no draft.
    pub fn release_draft(&mut self, connector_id: u64, by: User) -> Option<u64> {
        let now = self.clock.now();
        let connector = self.connector_mut(connector_id)?;
        let draft = connector.versions.last_mut().filter(|draft| draft.released_at.is_none())?;
        draft.released_at = Some(now);
        let version = draft.version;
        let resource = adapter(connector);
        self.activity.push(now, "connector_released", by, resource, json!({ "version": version }));
        Some(version)
    }

    /// Saves and releases the next version of a connector, and returns its number.
    pub fn release(&mut self, connector_id: u64, note: Option<String>, by: User) -> Option<u64> {
        let now = self.clock.now();
        let connector = self.connector_mut(connector_id)?;
        let version = connector.versions.last().map_or(1, |last| last.version + 1);
        connector.versions.push(Version { version, note, created_at: now, released_at: Some(now) });
        let resource = adapter(connector);
        self.activity.push(now, "connector_released", by, resource, json!({ "version": version }));
        Some(version)
    }

    /// Deletes a connector.
    pub fn remove_connector(&mut self, connector_id: u64, by: User) -> Option<Connector> {
        let position = self.connectors.iter().position(|connector| connector.id == connector_id)?;
        let connector = self.connectors.remove(position);
        self.activity.push(self.clock.now(), "connector_deleted", by, adapter(&connector), Value::Null);
        Some(connector)
    }

    /// Adds a connection.
    pub fn add_connection(&mut self, connection: Connection, by: User) {
        let resource = resource(&connection);
        self.connections.insert(connection);
        self.activity.push(self.clock.now(), "connection_created", by, resource, Value::Null);
    }

    /// Replaces the connection with the same id.
    pub fn replace_connection(&mut self, connection: Connection, by: User) {
        let resource = resource(&connection);
        self.connections.insert(connection);
        self.activity.push(self.clock.now(), "connection_updated", by, resource, Value::Null);
    }

    /// Ends a connection's authorization. Unlike a shell, it keeps `authorized_at`.
    pub fn disconnect(&mut self, connection_id: u64, by: User) -> Option<()> {
        let now = self.clock.now();
        let connection = self.connections.get_mut(connection_id)?;
        connection.authorization_status = None;
        connection.authorization_error = None;
        connection.updated_at = now;
        let resource = resource(connection);
        self.activity.push(now, "connection_disconnected", by, resource, Value::Null);
        Some(())
    }

    /// Deletes a connection, and removes it from its children and from recipes.
    pub fn delete_connection(&mut self, connection_id: u64, by: User) -> Option<Connection> {
        let connection = self.connections.remove(connection_id)?;
        let children: Vec<u64> = self
            .connections
            .iter()
            .filter(|other| other.parent_id == Some(connection_id))
            .map(|other| other.id)
            .collect();
        for child in children {
            if let Some(child) = self.connections.get_mut(child) {
                child.parent_id = None;
            }
        }
        for recipe in &mut self.recipes {
            recipe.connection_ids.retain(|used| *used != connection_id);
        }
        if self.audit_log_destination == Some(connection_id) {
            self.audit_log_destination = None;
        }
        self.activity.push(self.clock.now(), "connection_deleted", by, resource(&connection), Value::Null);
        Some(connection)
    }

    /// Adds an embedded customer without connections.
    pub fn add_customer(&mut self, name: &str, external_id: Option<String>) {
        let id = self.customers.iter().map(|customer| customer.id).max().unwrap_or(self.id) + 1;
        let now = self.clock.now();
        self.customers.push(Customer {
            id,
            external_id,
            name: name.to_owned(),
            notification_email: format!("customer-{id}@customers.example"),
            plan_id: "oem_standard".to_owned(),
            in_trial: false,
            created_at: now,
            updated_at: now,
            connections: Connections::default(),
            recipes: Vec::new(),
            has_access: true,
        });
    }

    /// Removes an embedded customer.
    pub fn remove_customer(&mut self, customer_id: u64) -> Option<()> {
        let at = self.customers.iter().position(|customer| customer.id == customer_id)?;
        self.customers.remove(at);
        for recipe in &mut self.recipes {
            recipe.shared_with.retain(|shared_with| *shared_with != customer_id);
        }
        Some(())
    }

    /// Shares a recipe with a customer, who gets a stopped copy of it without connections.
    pub fn share_recipe(&mut self, recipe_id: u64, customer_id: u64, by: User) -> Option<()> {
        let now = self.clock.now();
        let copy_id = self.next_recipe_id();
        let recipe = self.recipes.iter_mut().find(|recipe| recipe.id == recipe_id)?;
        if !recipe.shared_with.contains(&customer_id) {
            recipe.shared_with.push(customer_id);
            if let Some(customer) = self.customers.iter_mut().find(|customer| customer.id == customer_id) {
                let mut copy = Recipe::new(copy_id, &recipe.name, customer.id + 500_000, now);
                copy.connector_ids.clone_from(&recipe.connector_ids);
                customer.recipes.push(copy);
            }
        }
        let resource = Resource { id: recipe.id, name: recipe.name.clone(), kind: "Recipe" };
        let details = json!({ "managed_user_id": customer_id });
        self.activity.push(now, "recipe_shared", by, resource, details);
        Some(())
    }

    /// An id that no recipe has, neither of the workspace nor of a customer.
    pub fn next_recipe_id(&self) -> u64 {
        let of_customers = self.customers.iter().flat_map(|customer| &customer.recipes);
        self.recipes.iter().chain(of_customers).map(|recipe| recipe.id).max().unwrap_or(self.id) + 1
    }
}

fn adapter(connector: &Connector) -> Resource {
    Resource { id: connector.id, name: connector.title.clone(), kind: "Adapter" }
}

fn resource(connection: &Connection) -> Resource {
    Resource { id: connection.id, name: connection.name.clone().unwrap_or_default(), kind: "Connection" }
}
