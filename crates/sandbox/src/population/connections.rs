//! Connections: most work, some are broken, some are shells, some belong to runtime users, some have awkward names.
//! Only with the option for oddities have they values that no document describes.
//! Also the connections of customers.

use rand::{Rng, rngs::StdRng};
use time::Duration;

use super::{
    plan::{Plan, one_of},
    providers::{PROVIDERS, Provider},
    tags::handles,
    vocabulary::{AWKWARD_NAMES, CUSTOMERS, ENVIRONMENTS, FAILURES, PURPOSES},
};
use crate::{
    pacific_time::PacificTime,
    world::{
        assets::{Folder, Tag},
        connection::{Connection, Connections},
        connector::Connector,
    },
};

/// What connections can refer to.
pub struct Context<'a> {
    pub root_folder_id: u64,
    pub folders: &'a [Folder],
    pub tags: &'a [Tag],
    pub connectors: &'a [Connector],
}

/// The authorization state of a connection.
enum State {
    Connected,
    Failed,
    Exception,
    /// A status that no document lists.
    UnknownStatus,
    /// Was authorized, then disconnected.
    Disconnected,
    /// Never authorized.
    Shell,
}

pub fn connections(plan: &Plan, context: &Context<'_>, rng: &mut StdRng) -> Connections {
    let mut id = plan.id(1_571_346);
    let mut connections = Connections::after(id);
    let mut parents: Vec<(u64, Option<String>)> = Vec::new();
    for number in 0..plan.connections {
        id += rng.random_range(1..=17);
        let mut connection = connection(plan, id, number, context, rng);
        if connection.runtime_user || number % 23 == 11 {
            // The parent of a runtime user's connection is the one that the recipe was built with. Some others have
            // parents, too.
            set_parent(&mut connection, &parents, rng);
        } else {
            parents.push((id, connection.provider.clone()));
        }
        connections.insert(connection);
    }
    connections
}

fn set_parent(connection: &mut Connection, parents: &[(u64, Option<String>)], rng: &mut StdRng) {
    if parents.is_empty() {
        return;
    }
    let (parent_id, provider) = one_of(parents, rng);
    connection.parent_id = Some(*parent_id);
    connection.provider.clone_from(provider);
}

fn connection(plan: &Plan, id: u64, number: usize, context: &Context<'_>, rng: &mut StdRng) -> Connection {
    let (key, title) = application(context.connectors, number, rng);
    let customer = *one_of(&CUSTOMERS, rng);
    let runtime_user = number % 19 == 7;
    let name = name(plan, number, &title, customer, runtime_user, rng);
    let folder_id = if rng.random_bool(0.06) || context.folders.is_empty() {
        context.root_folder_id
    } else {
        one_of(context.folders, rng).id
    };
    let state = state(plan, number, rng);
    let mut connection = dated(plan, id, &state, number, rng);
    connection.provider = Some(key);
    connection.name = name;
    connection.folder_id = folder_id;
    connection.tags = handles(context.tags, rng);
    connection.runtime_user = runtime_user;
    connection.description =
        rng.random_bool(0.15).then(|| format!("Set up with {customer}, ask their integrations team"));
    let has_external_id = runtime_user || rng.random_bool(0.6);
    connection.external_id = has_external_id.then(|| format!("U-{}", 10_000 + rng.random_range(0..4_000)));
    connection
}

/// The key and title of the application. Every ninth connection uses a custom connector of the workspace.
fn application(connectors: &[Connector], number: usize, rng: &mut StdRng) -> (String, String) {
    if number % 9 == 8 && !connectors.is_empty() {
        let connector = one_of(connectors, rng);
        (connector.name.clone(), connector.title.clone())
    } else {
        let Provider { key, title, .. } = one_of(&PROVIDERS, rng);
        ((*key).to_owned(), (*title).to_owned())
    }
}

fn name(
    plan: &Plan,
    number: usize,
    title: &str,
    customer: &str,
    runtime_user: bool,
    rng: &mut StdRng,
) -> Option<String> {
    if number > 0 && number.is_multiple_of(11) && number / 11 <= AWKWARD_NAMES.len() {
        let usual = (!plan.oddities).then(|| format!("{title} – {customer}"));
        return AWKWARD_NAMES[number / 11 - 1].map(str::to_owned).or(usual);
    }
    if number == 5 {
        let sentence = format!("{title} for {customer} and all of its subsidiaries, set up during the migration; ");
        return Some(sentence.repeat(4).trim_end().to_owned());
    }
    let purpose = *one_of(&PURPOSES, rng);
    let environment = *one_of(&ENVIRONMENTS, rng);
    Some(match rng.random_range(0..10) {
        _ if runtime_user => format!("{title} – user of {customer}"),
        0..4 => format!("{title} – {customer}"),
        4..6 => format!("{title} {purpose}"),
        6..8 => format!("{customer} {purpose} ({environment})"),
        8 => format!("{title} {environment} – {customer}"),
        _ => format!("{customer} {title} account"),
    })
}

fn state(plan: &Plan, number: usize, rng: &mut StdRng) -> State {
    match number {
        3 => return State::Shell,
        4 => return State::Failed,
        6 => return State::Exception,
        9 if plan.oddities => return State::UnknownStatus,
        9 => return State::Connected,
        _ => {}
    }
    match rng.random_range(0..1000) {
        0..810 => State::Connected,
        810..890 => State::Failed,
        890..920 => State::Exception,
        920..950 => State::Disconnected,
        _ => State::Shell,
    }
}

/// A connection with consistent dates and status. Every twentieth was updated within the last day.
fn dated(plan: &Plan, id: u64, state: &State, number: usize, rng: &mut StdRng) -> Connection {
    let updated_at = match number % 20 {
        0 => plan.ago(rng, Duration::minutes(3), Duration::hours(23)),
        1..4 => plan.ago(rng, Duration::hours(25), Duration::days(7)),
        4..8 => plan.ago(rng, Duration::days(7), Duration::days(30)),
        _ => plan.ago(rng, Duration::days(30), Duration::days(900)),
    };
    let created_at = updated_at.minus(Duration::minutes(rng.random_range(2..400_000)));
    let once_authorized = Some(created_at.minus(Duration::milliseconds(-rng.random_range(4_000..90_000))));
    let mut connection = blank(id, created_at, updated_at);
    match state {
        State::Connected => {
            connection.authorized_at = once_authorized;
            connection.authorization_status = Some("success".to_owned());
        }
        State::Failed => {
            connection.authorized_at = once_authorized;
            connection.authorization_status = Some("failed".to_owned());
            let (error, reason) = *one_of(&FAILURES, rng);
            connection.authorization_error = Some(error.to_owned());
            connection.connection_lost_at = Some(updated_at);
            connection.connection_lost_reason = Some(reason.to_owned());
        }
        State::Exception => {
            connection.authorized_at = once_authorized;
            connection.authorization_status = Some("exception".to_owned());
            connection.authorization_error = Some("RuntimeError: unexpected response from the application".to_owned());
        }
        State::UnknownStatus => {
            connection.authorized_at = once_authorized;
            connection.authorization_status = Some("pending_reauthorization".to_owned());
        }
        State::Disconnected => connection.authorized_at = once_authorized,
        State::Shell => {}
    }
    connection
}

fn blank(id: u64, created_at: PacificTime, updated_at: PacificTime) -> Connection {
    Connection {
        id,
        name: None,
        provider: None,
        description: None,
        authorized_at: None,
        authorization_status: None,
        authorization_error: None,
        created_at,
        updated_at,
        external_id: None,
        folder_id: 0,
        connection_lost_at: None,
        connection_lost_reason: None,
        parent_id: None,
        tags: None,
        runtime_user: false,
    }
}

/// A customer's connection to a shared connector of the vendor.
pub fn to_connector(
    plan: &Plan,
    connector: &Connector,
    customer: &str,
    id: u64,
    folder_id: u64,
    rng: &mut StdRng,
) -> Connection {
    let state = if rng.random_bool(0.9) { State::Connected } else { State::Failed };
    let mut connection = dated(plan, id, &state, rng.random_range(0..20), rng);
    connection.provider = Some(connector.name.clone());
    connection.name = Some(format!("{} – {customer}", connector.title));
    connection.folder_id = folder_id;
    connection
}

/// A few ordinary connections in a customer's own workspace.
pub fn of_customer(plan: &Plan, customer: &str, first_id: u64, folder_id: u64, rng: &mut StdRng) -> Connections {
    let mut connections = Connections::default();
    for number in 0..rng.random_range(1..6) {
        let Provider { key, title, .. } = one_of(&PROVIDERS, rng);
        let state = if rng.random_bool(0.85) { State::Connected } else { State::Failed };
        let mut connection = dated(plan, first_id + number, &state, rng.random_range(0..20), rng);
        connection.provider = Some((*key).to_owned());
        connection.name = Some(format!("{title} – {customer}"));
        connection.folder_id = folder_id;
        connections.insert(connection);
    }
    connections
}
