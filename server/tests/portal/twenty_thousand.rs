//! A workspace of twenty thousand connections: filtered pages show exactly the connections that match.

use std::{collections::BTreeMap, time::Duration};

use sandbox::{Connection, Options};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::support::{Browser, Installation, PAYMENTS, TestPortal};

const ALL: usize = 20_000;
const A_PAGE: usize = 50;

#[tokio::test]
async fn filters_show_exactly_the_connections_that_match_them() {
    let installation = Installation::with(Options { connections: ALL, ..Options::on_any_port() }).await;
    let portal =
        TestPortal::serve_with(installation, |settings| settings.upstream.timeout = Duration::from_secs(30)).await;
    let browser = portal.browser_of("operator").await;
    let mut listed = portal.sandbox.workspace(0).unwrap().connections();
    listed.retain(|connection| !connection.runtime_user);

    let (folder, tag, status) = commonest(&listed);
    // Half of the connections that pass the other filters are older than this.
    let mut times: Vec<_> = listed.iter().filter(|one| has(one, folder, &tag, &status)).map(updated_at).collect();
    times.sort();
    let after = times[times.len() / 2].replace_nanosecond(0).unwrap();
    let matches = |one: &&Connection| has(one, folder, &tag, &status) && updated_at(one) > after;
    let expected: Vec<u64> = listed.iter().filter(matches).map(|one| one.id).collect();
    assert!(expected.len() > 1 && expected.len() < times.len(), "{} of {}", expected.len(), times.len());

    let after = after.format(&Rfc3339).unwrap();
    let query = format!("folder_id={folder}&tag={tag}&updated_after={after}&status={status}");
    assert_shows(&browser, &query, expected).await;

    let in_folder = listed.iter().filter(|one| one.folder_id == folder && status_of(one) == status);
    let in_folder: Vec<u64> = in_folder.map(|one| one.id).collect();
    assert!(in_folder.len() > A_PAGE, "{} fit on one page", in_folder.len());
    assert_shows(&browser, &format!("folder_id={folder}&status={status}&sort=-updated_at"), in_folder).await;

    let page = browser.get(&format!("/teams/{PAYMENTS}/connections?page={}", listed.len().div_ceil(A_PAGE))).await;
    assert_eq!(rows(&page.links()).len(), (listed.len() - 1) % A_PAGE + 1);
}

/// Reads every page of a filtered list and compares the number and the ids with the expected ones.
async fn assert_shows(browser: &Browser, query: &str, mut expected: Vec<u64>) {
    let mut shown = Vec::new();
    for number in 1..=expected.len().div_ceil(A_PAGE) {
        let page = browser.get(&format!("/teams/{PAYMENTS}/connections?{query}&page={number}")).await;
        assert_eq!(page.status, 200, "{}", page.text());
        page.assert_says(&format!("{} matching connection", grouped(expected.len())));
        page.assert_says(&format!("of {}", grouped(expected.len())));
        let here = rows(&page.links());
        assert_eq!(here.len(), A_PAGE.min(expected.len() - shown.len()), "page {number} of {query}");
        shown.extend(here);
    }
    shown.sort_unstable();
    expected.sort_unstable();
    assert_eq!(shown, expected, "{query}");
}

/// The ids of the connections that are linked.
fn rows(links: &[String]) -> Vec<u64> {
    let path = format!("/teams/{PAYMENTS}/connections/");
    links.iter().filter_map(|link| link.strip_prefix(&path)?.parse().ok()).collect()
}

/// The folder, tag and status that most connections have in common.
fn commonest(listed: &[Connection]) -> (u64, String, String) {
    let mut counts: BTreeMap<(u64, String, String), usize> = BTreeMap::new();
    for one in listed {
        for tag in one.tags.iter().flatten() {
            *counts.entry((one.folder_id, tag.clone(), status_of(one))).or_default() += 1;
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).expect("connections with tags").0
}

fn has(one: &Connection, folder: u64, tag: &str, status: &str) -> bool {
    let tagged = one.tags.iter().flatten().any(|handle| handle == tag);
    one.folder_id == folder && tagged && status_of(one) == status
}

fn status_of(one: &Connection) -> String {
    one.authorization_status.clone().unwrap_or_else(|| "none".to_owned())
}

fn updated_at(one: &Connection) -> OffsetDateTime {
    one.updated_at.instant()
}

/// A number with thousands separators.
fn grouped(number: usize) -> String {
    if number < 1_000 { number.to_string() } else { format!("{},{:03}", number / 1_000, number % 1_000) }
}
