//! Custom connectors with their versions, release notes and what is shared.
//! Some are shared at an old version, some at the newest one, some are released and not shared, some never released.

use rand::{Rng, rngs::StdRng};
use time::Duration;

use super::plan::{Plan, one_of};
use crate::{
    pacific_time::PacificTime,
    world::connector::{Connector, Shared, Version},
};

const TITLES: [&str; 24] = [
    "Adyen Settlement",
    "Ceridian \"Dayforce\" Payroll",
    "ShipStation Carrier Rates",
    "GoCardless Mandates",
    "Personio Employees",
    "DHL Express Tracking",
    "Worldline Acquiring",
    "Rippling Directory",
    "FedEx Labels",
    "Klarna Disputes",
    "Factorial Time Off",
    "project44 Visibility",
    "Checkout.com Payouts",
    "HiBob People",
    "Descartes Customs",
    "Mollie Refunds",
    "Deel Contractors",
    "Flexport Bookings",
    "Paysafe Wallets",
    "Sage People",
    "EasyPost Shipments",
    "Trustly Bank Payments",
    "Lattice Reviews",
    "Manhattan Warehouse",
];

const NOTES: [&str; 13] = [
    "Retry 429s with the header's delay",
    "New trigger: payout settled",
    "Fix: time zone of cut-off dates",
    "Add the \"Find employee by external ID\" action",
    "OAuth scopes reduced to what is used",
    "Pagination by cursor, the offset API goes away in June",
    "Hotfix: nil in empty line items",
    "Support EU data residency host",
    "Breaking: amounts are minor units now",
    "Bulk create, 500 rows a call",
    "Schema for custom fields",
    "Sandbox environment switch",
    "Better error for expired API keys",
];

/// What embedded customers receive of a connector.
enum Sharing {
    Behind,
    Current,
    NotShared,
    Unreleased,
}

/// The connectors of a workspace, oldest first.
pub fn connectors(plan: &Plan, vendor: &str, rng: &mut StdRng) -> Vec<Connector> {
    let mut id = plan.id(3_066);
    (0..plan.connectors)
        .map(|number| {
            id += rng.random_range(1..=9);
            connector(plan, id, number, vendor, rng)
        })
        .collect()
}

fn connector(plan: &Plan, id: u64, number: usize, vendor: &str, rng: &mut StdRng) -> Connector {
    let sharing = match number % 9 {
        3 => Sharing::Unreleased,
        0 | 4 | 7 => Sharing::Behind,
        1 | 5 | 8 => Sharing::Current,
        _ => Sharing::NotShared,
    };
    let title = match number / TITLES.len() {
        0 => TITLES[number].to_owned(),
        again => format!("{} {}", TITLES[number % TITLES.len()], again + 1),
    };
    let versions = versions(plan, &sharing, rng);
    let shared = shared(plan, &sharing, &versions, rng);
    let slug: String = title
        .to_lowercase()
        .chars()
        .filter_map(|letter| match letter {
            ' ' => Some('_'),
            letter => letter.is_ascii_alphanumeric().then_some(letter),
        })
        .collect();
    Connector {
        id,
        // Workato's names end in a Unix time. These are made up, because names must not depend on the clock.
        name: format!("{slug}_connector_{}_{}", plan.id(4_771), 1_626_869_205 + id * 97),
        code: code(&title, vendor),
        description: None,
        title,
        versions,
        shared,
    }
}

/// Versions, oldest first, one every few weeks up to a few days ago. Some were never released.
fn versions(plan: &Plan, sharing: &Sharing, rng: &mut StdRng) -> Vec<Version> {
    let count: u64 = match sharing {
        Sharing::Unreleased => rng.random_range(1..=2),
        _ => rng.random_range(3..=9),
    };
    let mut created_at = plan.ago(rng, Duration::days(2), Duration::days(20)).minus(plan.no_releases_for);
    let mut versions: Vec<Version> = (1..=count)
        .rev()
        .map(|version| {
            let newest = version == count;
            // The newest two are released, so that `Behind` has an older and a newer one.
            let is_released =
                !matches!(sharing, Sharing::Unreleased) && (version + 1 >= count || rng.random_bool(0.75));
            let saved = created_at;
            created_at = created_at.minus(Duration::hours(rng.random_range(200..1_500)));
            let until_release = Duration::minutes(rng.random_range(10..if newest { 2_000 } else { 8_000 }));
            let note = if version == 1 { "First release" } else { *one_of(&NOTES, rng) };
            let note = rng.random_bool(0.8).then(|| note.to_owned());
            Version { version, note, created_at: saved, released_at: is_released.then(|| saved.minus(-until_release)) }
        })
        .collect();
    versions.reverse();
    versions
}

fn shared(plan: &Plan, sharing: &Sharing, versions: &[Version], rng: &mut StdRng) -> Option<Shared> {
    let mut released = versions.iter().rev().filter_map(|version| Some((version.version, version.released_at?)));
    let (version, released_at) = match sharing {
        Sharing::Current => released.next()?,
        Sharing::Behind => released.nth(1)?,
        Sharing::NotShared | Sharing::Unreleased => return None,
    };
    let at: PacificTime = released_at.minus(-Duration::minutes(rng.random_range(5..600)));
    Some(Shared { version, at: at.min(plan.now) })
}

fn code(title: &str, vendor: &str) -> String {
    format!(
        "{{\n  title: {title:?},\n  # Maintained by {vendor}\n  connection: {{\n    fields: [\n      {{ name: 'api_key', \
         control_type: 'password', optional: false }}\n    ],\n    authorization: {{\n      type: 'api_key',\n      \
         apply: lambda do |connection|\n        headers('X-Api-Key': connection['api_key'])\n      end\n    }},\n    \
         base_uri: lambda do\n      'https://api.example.com'\n    end\n  }},\n  test: lambda do |_connection|\n    \
         get('/v1/ping')\n  end,\n  actions: {{}},\n  triggers: {{}}\n}}\n"
    )
}
