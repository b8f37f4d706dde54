//! What another token showed does not settle an operation.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::json;
use time::OffsetDateTime;

use super::{Seen, Verdict};
use crate::{
    OperationId, Portal, Settings,
    audit::{Action, Draft, EntryActor, OperationSummary, Outcome, Stage, State, Target, TargetType, append},
    teams::TeamInput,
    vault::Vault,
};

/// Nothing listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

async fn found(portal: &Portal, id: OperationId) -> OperationSummary {
    store::operations::find(&mut portal.store.read().await.unwrap(), id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_list_that_was_read_with_a_replaced_token_settles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let key_file = folder.path().join("key");
    store::private_file::create(&key_file, Vault::new_key().unwrap().as_bytes()).unwrap();
    let mut settings = Settings::new(folder.path().join("data"), key_file);
    settings.workato_hosts.push(NOWHERE.to_owned());
    settings.upstream.connect_timeout = Duration::from_secs(1);
    let portal = Portal::open(settings).await.unwrap();
    let input = TeamInput {
        slug: "payments".to_owned(),
        name: "Payments".to_owned(),
        workato_url: NOWHERE.to_owned(),
        production: false,
        ..TeamInput::default()
    };
    let token = |text: &str| SecretString::from(text);
    let team = portal.create_team_with_token(&portal.command_line("tests"), &input, token("old")).await.unwrap();
    let target = Target::new(TargetType::Connector, 3066, Some("Acme"));
    let intent = Draft::new(OperationId::new(), Stage::Intent, EntryActor::named("Ada"), Action::ConnectorSuppress);
    let mut tx = portal.store.write().await.unwrap();
    let intent = append(&mut tx, intent.team(team.entry_team()).target(target)).await.unwrap();
    let mut outcome = Draft::follows(&intent, Stage::Outcome, intent.actor.clone());
    outcome.outcome = Some(Outcome::Unknown);
    append(&mut tx, outcome).await.unwrap();
    tx.commit().await.unwrap();
    let seen =
        || Seen { verdict: Verdict::Done(json!({ "shared_version": null })), began_at: OffsetDateTime::now_utc() };
    let operation = found(&portal, intent.operation_id).await;

    portal.set_token(&portal.command_line("tests"), team.id, token("new")).await.unwrap();
    portal.settle_one(&operation, &intent, seen(), &portal.vault.fingerprint(&token("old"))).await.unwrap();
    assert_eq!(found(&portal, intent.operation_id).await.state, State::Unsettled);
    portal.settle_one(&operation, &intent, seen(), &portal.vault.fingerprint(&token("new"))).await.unwrap();
    let settled = found(&portal, intent.operation_id).await;
    assert_eq!((settled.state, settled.outcome), (State::Closed, Some(Outcome::Succeeded)));
}
