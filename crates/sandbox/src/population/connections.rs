//! The connections of a workspace: mostly in order, some broken, a few awkward, some shells, some of runtime users.
//! A customer's own connections are made here too.

use rand::{Rng, rngs::StdRng};
use time::Duration;

use super::{
    Plan, one_of,
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

/// Where connections can be and what they can carry.
pub struct Places<'a> {
    pub root_folder_id: u64,
    pub folders: &'a [Folder],
    pub tags: &'a [Tag],
    pub connectors: &'a [Connector],
}

/// How a connection stands.
enum Standing {
    Connected,
    Failed,
    Exception,
    /// A status that no document lists.
    Unheard,
    /// Authorized once, disconnected since.
    Disconnected,
    /// Never authorized.
    Shell,
}

/// All connections of a workspace.
pub fn connections(plan: &Plan, places: &Places<'_>, dice: &mut StdRng) -> Connections {
    let mut id = plan.first_id(1_571_346);
    let mut connections = Connections::after(id);
    let mut parents: Vec<(u64, Option<String>)> = Vec::new();
    for number in 0..plan.connections {
        id += dice.random_range(1..=17);
        let mut connection = connection(plan, id, number, places, dice);
        if connection.runtime_user || number % 23 == 11 {
            // A runtime user's connection hangs on the one that the recipe was built with; some others have parents too.
            adopt(&mut connection, &parents, dice);
        } else {
            parents.push((id, connection.provider.clone()));
        }
        connections.insert(connection);
    }
    connections
}

fn adopt(connection: &mut Connection, parents: &[(u64, Option<String>)], dice: &mut StdRng) {
    if parents.is_empty() {
        return;
    }
    let (parent_id, provider) = one_of(parents, dice);
    connection.parent_id = Some(*parent_id);
    connection.provider.clone_from(provider);
}

fn connection(plan: &Plan, id: u64, number: usize, places: &Places<'_>, dice: &mut StdRng) -> Connection {
    let (key, title) = application(places.connectors, number, dice);
    let customer = *one_of(&CUSTOMERS, dice);
    let runtime_user = number % 19 == 7;
    let name = name(number, &title, customer, runtime_user, dice);
    let folder_id = if dice.random_bool(0.06) || places.folders.is_empty() {
        places.root_folder_id
    } else {
        one_of(places.folders, dice).id
    };
    let standing = standing(number, dice);
    let mut connection = dated(plan, id, &standing, number, dice);
    connection.provider = Some(key);
    connection.name = name;
    connection.folder_id = folder_id;
    connection.tags = handles(places.tags, dice);
    connection.runtime_user = runtime_user;
    connection.description =
        dice.random_bool(0.15).then(|| format!("Set up with {customer}, ask their integrations team"));
    let has_external_id = runtime_user || dice.random_bool(0.6);
    connection.external_id = has_external_id.then(|| format!("U-{}", 10_000 + dice.random_range(0..4_000)));
    connection
}

/// Every ninth connection is of a custom connector of the workspace.
fn application(connectors: &[Connector], number: usize, dice: &mut StdRng) -> (String, String) {
    if number % 9 == 8 && !connectors.is_empty() {
        let connector = one_of(connectors, dice);
        (connector.name.clone(), connector.title.clone())
    } else {
        let Provider { key, title, .. } = one_of(&PROVIDERS, dice);
        ((*key).to_owned(), (*title).to_owned())
    }
}

fn name(number: usize, title: &str, customer: &str, runtime_user: bool, dice: &mut StdRng) -> Option<String> {
    if number > 0 && number.is_multiple_of(11) && number / 11 <= AWKWARD_NAMES.len() {
        return AWKWARD_NAMES[number / 11 - 1].map(str::to_owned);
    }
    if number == 5 {
        let sentence = format!("{title} for {customer} and all of its subsidiaries, set up during the migration; ");
        return Some(sentence.repeat(4).trim_end().to_owned());
    }
    let purpose = *one_of(&PURPOSES, dice);
    let environment = *one_of(&ENVIRONMENTS, dice);
    Some(match dice.random_range(0..10) {
        _ if runtime_user => format!("{title} – user of {customer}"),
        0..4 => format!("{title} – {customer}"),
        4..6 => format!("{title} {purpose}"),
        6..8 => format!("{customer} {purpose} ({environment})"),
        8 => format!("{title} {environment} – {customer}"),
        _ => format!("{customer} {title} account"),
    })
}

fn standing(number: usize, dice: &mut StdRng) -> Standing {
    match number {
        3 => return Standing::Shell,
        4 => return Standing::Failed,
        6 => return Standing::Exception,
        9 => return Standing::Unheard,
        _ => {}
    }
    match dice.random_range(0..1000) {
        0..810 => Standing::Connected,
        810..890 => Standing::Failed,
        890..920 => Standing::Exception,
        920..950 => Standing::Disconnected,
        _ => Standing::Shell,
    }
}

/// A connection whose dates and status fit together. Every twentieth was changed within the last day.
fn dated(plan: &Plan, id: u64, standing: &Standing, number: usize, dice: &mut StdRng) -> Connection {
    let updated_at = match number % 20 {
        0 => plan.ago(dice, Duration::minutes(3), Duration::hours(23)),
        1..4 => plan.ago(dice, Duration::hours(25), Duration::days(7)),
        4..8 => plan.ago(dice, Duration::days(7), Duration::days(30)),
        _ => plan.ago(dice, Duration::days(30), Duration::days(900)),
    };
    let created_at = updated_at.minus(Duration::minutes(dice.random_range(2..400_000)));
    let once_authorized = Some(created_at.minus(Duration::milliseconds(-dice.random_range(4_000..90_000))));
    let mut connection = blank(id, created_at, updated_at);
    match standing {
        Standing::Connected => {
            connection.authorized_at = once_authorized;
            connection.authorization_status = Some("success".to_owned());
        }
        Standing::Failed => {
            connection.authorized_at = once_authorized;
            connection.authorization_status = Some("failed".to_owned());
            let (error, reason) = *one_of(&FAILURES, dice);
            connection.authorization_error = Some(error.to_owned());
            connection.connection_lost_at = Some(updated_at);
            connection.connection_lost_reason = Some(reason.to_owned());
        }
        Standing::Exception => {
            connection.authorized_at = once_authorized;
            connection.authorization_status = Some("exception".to_owned());
            connection.authorization_error = Some("RuntimeError: unexpected response from the application".to_owned());
        }
        Standing::Unheard => {
            connection.authorized_at = once_authorized;
            connection.authorization_status = Some("pending_reauthorization".to_owned());
        }
        Standing::Disconnected => connection.authorized_at = once_authorized,
        Standing::Shell => {}
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

/// The connections in a customer's own workspace: a handful of plain ones.
pub fn of_customer(plan: &Plan, customer: &str, first_id: u64, folder_id: u64, dice: &mut StdRng) -> Connections {
    let mut connections = Connections::default();
    for number in 0..dice.random_range(1..6) {
        let Provider { key, title, .. } = one_of(&PROVIDERS, dice);
        let standing = if dice.random_bool(0.85) { Standing::Connected } else { Standing::Failed };
        let mut connection = dated(plan, first_id + number, &standing, dice.random_range(0..20), dice);
        connection.provider = Some((*key).to_owned());
        connection.name = Some(format!("{title} – {customer}"));
        connection.folder_id = folder_id;
        connections.insert(connection);
    }
    connections
}
