//! Tags for environments, markets and warnings, with handles like Workato's.

use rand::{Rng, rngs::StdRng};
use time::Duration;

use super::plan::{Plan, one_of};
use crate::world::assets::Tag;

const TAGS: [(&str, Option<&str>, &str); 12] = [
    ("Production", Some("Carries live customer data"), "red"),
    ("Sandbox", Some("Test accounts only"), "gray"),
    ("PCI scope", Some("Ask security before touching"), "orange"),
    ("Payroll", None, "green"),
    ("Finance", Some("Owned by finance systems"), "blue"),
    ("EU data", Some("Stays in the EU data centre"), "indigo"),
    ("Onboarding", None, "teal"),
    ("To be deleted", Some("Review on Fridays"), "pink"),
    ("Tier 1 customer", None, "yellow"),
    ("On-prem agent", None, "brown"),
    ("Partner-managed", Some("Set up by us, owned by them"), "purple"),
    ("Überprüfung nötig", None, "violet"),
];

const LETTERS: &[u8; 54] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456";

/// The tags. Handles look like `tag-ANgeffPL-3gxQwA`.
pub fn tags(plan: &Plan, rng: &mut StdRng) -> Vec<Tag> {
    TAGS.into_iter()
        .map(|(title, description, color)| {
            let created_at = plan.ago(rng, Duration::days(90), Duration::days(900));
            Tag {
                handle: format!("tag-AN{}-{}", letters(6, rng), letters(6, rng)),
                title: title.to_owned(),
                description: description.map(str::to_owned),
                color: color.to_owned(),
                created_at,
                updated_at: created_at,
            }
        })
        .collect()
}

/// The tags of one connection; more than half have none.
pub fn handles(tags: &[Tag], rng: &mut StdRng) -> Option<Vec<String>> {
    let count = match rng.random_range(0..100) {
        0..55 => return None,
        55..82 => 1,
        82..95 => 2,
        _ => 3,
    };
    let mut handles: Vec<String> = (0..count).map(|_| one_of(tags, rng).handle.clone()).collect();
    handles.sort();
    handles.dedup();
    Some(handles)
}

fn letters(count: usize, rng: &mut StdRng) -> String {
    (0..count).map(|_| char::from(*one_of(LETTERS, rng))).collect()
}
