//! A replaced token is never used again, whatever the order of events.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use store::{Team, clock::Clock};
use tempfile::TempDir;

use super::{Upstream, UpstreamSettings};
use crate::{Portal, Settings, TeamId, teams::TeamInput, vault::Vault};

/// Nothing listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

/// A portal, and the same data folder as another process has it, such as the command line.
async fn portals() -> (TempDir, [std::sync::Arc<Portal>; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let key_file = folder.path().join("key");
    store::private_file::create(&key_file, Vault::new_key().unwrap().as_bytes()).unwrap();
    let mut settings = Settings::new(folder.path().join("data"), key_file);
    settings.workato_hosts.push(NOWHERE.to_owned());
    settings.upstream.connect_timeout = Duration::from_secs(1);
    let portals = [Portal::open(settings.clone()).await.unwrap(), Portal::open(settings).await.unwrap()];
    (folder, portals)
}

fn token(text: &str) -> SecretString {
    SecretString::from(text)
}

async fn team_with(portal: &Portal, text: &str) -> Team {
    let input = TeamInput {
        slug: "payments".to_owned(),
        name: "Payments".to_owned(),
        workato_url: NOWHERE.to_owned(),
        production: false,
        ..TeamInput::default()
    };
    portal.create_team_with_token(&portal.command_line("tests"), &input, token(text)).await.unwrap()
}

/// The fingerprint of the token that is sent for this team row.
async fn sent(portal: &Portal, team: &Team) -> String {
    portal.client_of(team).await.unwrap().fingerprint.to_string()
}

#[tokio::test]
async fn a_client_made_from_a_token_that_was_replaced_meanwhile_is_not_used() {
    let (_folder, [portal, _]) = portals().await;
    let old = team_with(&portal, "old").await;
    // A slow caller has read the old token, and adds its client after the replacement.
    let before = portal.upstream.version(old.id);
    let (row, slow) = portal.current_token(old.id).await.unwrap();
    portal.set_token(&portal.command_line("tests"), old.id, token("new")).await.unwrap();
    assert_eq!(slow.expose_secret(), "old");
    assert!(portal.upstream.add_client(&row, slow, before).unwrap().is_none());
    let new = portal.team_by_id(old.id).await.unwrap();
    let expected = portal.vault.fingerprint(&token("new"));
    assert_eq!(sent(&portal, &new).await, expected);
    assert_eq!(sent(&portal, &old).await, expected, "even for a caller that has the old team row");
}

#[tokio::test]
async fn a_token_that_another_process_replaces_is_used_from_the_next_request_on() {
    let (_folder, [portal, beside]) = portals().await;
    let old = team_with(&portal, "old").await;
    assert_eq!(sent(&portal, &old).await, portal.vault.fingerprint(&token("old")));
    beside.set_token(&beside.command_line("tests"), old.id, token("new")).await.unwrap();
    let new = portal.team_by_id(old.id).await.unwrap();
    let expected = portal.vault.fingerprint(&token("new"));
    assert_eq!(sent(&portal, &new).await, expected);
    assert_eq!(sent(&portal, &old).await, expected, "the old client is gone");
}

#[tokio::test]
async fn everybody_shares_one_client_until_the_token_is_set_again() {
    let (_folder, [portal, _]) = portals().await;
    let team = team_with(&portal, "same").await;
    let epoch = async || portal.client_of(&team).await.unwrap().epoch;
    let first = epoch().await;
    assert_eq!(epoch().await, first);
    portal.set_token(&portal.command_line("tests"), team.id, token("same")).await.unwrap();
    assert_ne!(epoch().await, first, "what was read through the earlier client is not shown again");
}

#[test]
fn a_team_without_a_token_has_no_client() {
    let team = Team {
        id: TeamId::new(),
        slug: "payments".parse().unwrap(),
        name: "Payments".to_owned(),
        production: false,
        policy: store::Policy::of_new_team(false),
        workato_url: NOWHERE.to_owned(),
        reason_pattern: None,
        workspace: None,
        token: None,
        retired_at: None,
        token_is_bad: false,
    };
    assert!(Upstream::new(UpstreamSettings::default(), Clock::system(), None).client_of(&team).is_none());
}
