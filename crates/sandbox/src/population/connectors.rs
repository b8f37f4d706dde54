//! The custom connectors of a workspace, each with a history: drafts, releases, notes, and what is shared.
//! Four stories take turns: shared and behind, shared and current, released and not shared, never released.

use rand::{Rng, rngs::StdRng};
use time::Duration;

use super::{Plan, one_of};
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

enum Story {
    Behind,
    Current,
    NotShared,
    Unreleased,
}

/// All connectors of a workspace, oldest first.
pub fn connectors(plan: &Plan, vendor: &str, dice: &mut StdRng) -> Vec<Connector> {
    let mut id = plan.first_id(3_066);
    (0..plan.connectors)
        .map(|number| {
            id += dice.random_range(1..=9);
            connector(plan, id, number, vendor, dice)
        })
        .collect()
}

fn connector(plan: &Plan, id: u64, number: usize, vendor: &str, dice: &mut StdRng) -> Connector {
    let story = match number % 9 {
        3 => Story::Unreleased,
        0 | 4 | 7 => Story::Behind,
        1 | 5 | 8 => Story::Current,
        _ => Story::NotShared,
    };
    let title = match number / TITLES.len() {
        0 => TITLES[number].to_owned(),
        again => format!("{} {}", TITLES[number % TITLES.len()], again + 1),
    };
    let versions = versions(plan, &story, dice);
    let shared = shared(plan, &story, &versions, dice);
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
        // Workato puts seconds since 1970 at the end. These are made up: a name must not depend on the clock.
        name: format!("{slug}_connector_{}_{}", plan.first_id(4_771), 1_626_869_205 + id * 97),
        code: code(&title, vendor),
        title,
        versions,
        shared,
    }
}

/// Versions, oldest first, one every few weeks up to a few days ago. Some in between were never released.
fn versions(plan: &Plan, story: &Story, dice: &mut StdRng) -> Vec<Version> {
    let many: u64 = match story {
        Story::Unreleased => dice.random_range(1..=2),
        _ => dice.random_range(3..=9),
    };
    let mut created_at = plan.ago(dice, Duration::days(2), Duration::days(20));
    let mut versions: Vec<Version> = (1..=many)
        .rev()
        .map(|version| {
            let newest = version == many;
            // The newest two are released, so that "behind" has something to be behind of.
            let is_released = !matches!(story, Story::Unreleased) && (version + 1 >= many || dice.random_bool(0.75));
            let saved = created_at;
            created_at = created_at.minus(Duration::hours(dice.random_range(200..1_500)));
            let until_release = Duration::minutes(dice.random_range(10..if newest { 2_000 } else { 8_000 }));
            let note = if version == 1 { "First release" } else { *one_of(&NOTES, dice) };
            let note = dice.random_bool(0.8).then(|| note.to_owned());
            Version { version, note, created_at: saved, released_at: is_released.then(|| saved.minus(-until_release)) }
        })
        .collect();
    versions.reverse();
    versions
}

fn shared(plan: &Plan, story: &Story, versions: &[Version], dice: &mut StdRng) -> Option<Shared> {
    let mut released = versions.iter().rev().filter_map(|version| Some((version.version, version.released_at?)));
    let (version, released_at) = match story {
        Story::Current => released.next()?,
        Story::Behind => released.nth(1)?,
        Story::NotShared | Story::Unreleased => return None,
    };
    let at: PacificTime = released_at.minus(-Duration::minutes(dice.random_range(5..600)));
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
