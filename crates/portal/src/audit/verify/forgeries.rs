//! Rows that somebody wrote without the portal, or put back, grant nothing while the portal serves.

use secrecy::SecretString;

use super::{
    VerifyError,
    test_rows::{Installation, PASSWORD},
    verify,
};
use crate::{
    Error, Origin, PortalRole, TeamRole,
    accounts::{
        FirstStep, Invitation, Password, Renewal,
        provider::test_people::{ISSUER, sign_in},
    },
    alarms::Alarm,
    teams::Confirmed,
};

async fn tamper(all: &Installation, statements: &str) {
    let mut attacker = all.attacker().await;
    let changed = attacker.execute(statements).await.expect("statements");
    assert!(changed > 0, "{statements}");
    attacker.close().await.expect("closed");
}

/// Asserts that the portal has an alarm about this table, and that `verify` fails because of it.
#[track_caller]
fn is_named(alarms: &[Alarm], found: &Result<super::Verified, VerifyError>, table: &str) {
    let is_about = |alarm: &Alarm| match alarm {
        Alarm::RowForged { table: of, .. }
        | Alarm::RowOutdated { table: of, .. }
        | Alarm::RowsMissing { table: of, .. } => of == table,
        _ => false,
    };
    assert!(alarms.iter().any(is_about), "{table}: {alarms:?}");
    assert!(matches!(found, Err(VerifyError::Right(bad)) if bad.table == table), "{table}: {found:?}");
}

async fn assert_named(all: &Installation, table: &str) {
    let alarms: Vec<Alarm> = all.portal.alarms().list().into_iter().map(|(alarm, _)| alarm).collect();
    is_named(&alarms, &verify(all.store()).await, table);
}

#[tokio::test]
async fn a_role_that_was_written_into_the_database_is_none() {
    let all = Installation::new().await;
    assert_eq!(all.actor("olga").await.expect("a session").role(), PortalRole::Member);
    tamper(&all, "UPDATE person SET role = 'admin' WHERE name = 'Olga'").await;
    assert!(all.actor("olga").await.is_none());
    let again = all.portal.sign_in("olga@example.com", PASSWORD.into(), &Origin::default()).await;
    assert!(matches!(again, Err(Error::Invalid(_))), "{again:?}");
    assert_named(&all, "person").await;
    assert!(all.actor("ada").await.is_some(), "everybody else works on");
}

#[tokio::test]
async fn a_password_that_was_written_into_the_database_opens_nothing() {
    let all = Installation::new().await;
    let theirs = "UPDATE person SET password_hash = (SELECT password_hash FROM person WHERE name = 'Olga')
                   WHERE name = 'Ada'";
    tamper(&all, theirs).await;
    let refused = all.portal.sign_in("ada@example.com", PASSWORD.into(), &Origin::default()).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    assert_named(&all, "person").await;
}

#[tokio::test]
async fn an_account_at_the_provider_that_was_written_into_the_database_opens_nothing() {
    let all = Installation::new().await;
    let theirs = format!("UPDATE person SET subject = '{ISSUER} id of eve', password_hash = NULL WHERE name = 'Ada'");
    tamper(&all, &theirs).await;
    let refused = sign_in(&all.portal, "eve", &["staff"]).await;
    assert!(refused.is_err(), "{refused:?}");
    assert_named(&all, "person").await;
}

#[tokio::test]
async fn a_row_from_before_the_provider_took_somebodys_role_is_noticed() {
    let all = Installation::new().await;
    sign_in(&all.portal, "paula", &["admins"]).await.expect("an admin");
    verify(all.store()).await.expect("the log agrees");
    put_back(&all, &["person"], async || {
        sign_in(&all.portal, "paula", &["staff"]).await.expect("a member");
    })
    .await;
    assert!(sign_in(&all.portal, "paula", &["staff"]).await.is_err());
    assert_named(&all, "person").await;
}

#[tokio::test]
async fn a_row_that_somebody_changed_is_not_made_genuine_by_the_next_change() {
    let all = Installation::new().await;
    let olga = all.actor("olga").await.expect("a session");
    tamper(&all, "UPDATE person SET role = 'admin' WHERE name = 'Olga'").await;
    let new = Password::try_from(SecretString::from("another horse battery")).expect("a password");
    let changed = all.portal.change_password(&olga, PASSWORD.into(), new).await;
    assert!(changed.is_err());
    let admin = all.portal.command_line("tests");
    assert!(all.portal.set_role(&admin, all.olga.id, PortalRole::Auditor).await.is_err());
    assert!(all.actor("olga").await.is_none());
    assert_named(&all, "person").await;
}

#[tokio::test]
async fn a_session_that_was_written_into_the_database_is_none() {
    let all = Installation::new().await;
    // With the SHA-256 of an id, as it was stored once, and with the right keyed hash.
    let plain: [u8; 32] = <sha2::Sha256 as sha2::Digest>::digest(b"mine").into();
    for hash in [plain, all.portal.vault.keyed_hash("session", [b"mine".as_slice()])].map(hex::encode) {
        let forged = format!(
            "INSERT INTO session SELECT x'{hash}', substr('{hash}', 1, 16), person_id, created_at, last_used_at, expires_at,
                                        signed_in_with, second_factor, factor_at, kept, ip, user_agent, elsewhere_at,
                                        elsewhere_ip, elsewhere_user_agent, recorded_in, mac FROM session LIMIT 1"
        );
        tamper(&all, &forged).await;
        assert!(all.actor("mine").await.is_none());
    }
    assert_named(&all, "session").await;
}

#[tokio::test]
async fn a_membership_that_was_written_into_the_database_is_none() {
    let all = Installation::new().await;
    assert_eq!(all.actor("ada").await.expect("a session").role_in(all.team.id), Some(TeamRole::Viewer));
    let promote = format!("UPDATE membership SET role = 'operator' WHERE person_id = '{}'", all.ada.id);
    tamper(&all, &promote).await;
    assert_eq!(all.actor("ada").await.expect("a session").role_in(all.team.id), None);
    assert_named(&all, "membership").await;
}

#[tokio::test]
async fn a_token_that_was_changed_is_not_used_until_it_is_set_again() {
    let all = Installation::new().await;
    let swap = "UPDATE team_token SET (nonce, sealed) = (SELECT nonce, sealed FROM team_token AS other
                                                          WHERE other.team_id <> team_token.team_id)";
    tamper(&all, swap).await;
    let team = all.portal.team_by_id(all.team.id).await.expect("a team");
    assert!(team.token.is_none() && team.token_is_bad);
    let refused = all.portal.workato(&team, crate::upstream::Asker::Background).await.map(drop);
    assert!(matches!(refused, Err(Error::TokenNotUsed)), "{refused:?}");
    assert_named(&all, "team_token").await;
    let admin = all.portal.command_line("tests");
    all.portal.set_token(&admin, team.id, SecretString::from("a-new-one")).await.expect("it is set");
    assert!(all.portal.team_by_id(team.id).await.expect("a team").token.is_some());
}

#[tokio::test]
async fn a_team_that_was_pointed_elsewhere_is_not_used() {
    let all = Installation::new().await;
    tamper(&all, "UPDATE team SET workato_url = 'http://127.0.0.1:10', production = 0 WHERE slug = 'payments'").await;
    assert!(matches!(all.portal.team_by_id(all.team.id).await, Err(Error::Store(_))));
    assert_named(&all, "team").await;
}

#[tokio::test]
async fn a_portal_whose_people_were_removed_is_not_set_up_by_somebody_else() {
    let all = Installation::new().await;
    tamper(&all, "DELETE FROM person").await;
    assert!(all.portal.setup_secret().await.expect("the database").is_none());
    let found = verify(all.store()).await;
    assert!(matches!(&found, Err(VerifyError::Right(bad)) if bad.table == "person"), "{found:?}");
}

/// Keeps a copy of a table's rows, lets the portal change them, and puts them back.
async fn put_back(all: &Installation, tables: &[&str], change: impl AsyncFnOnce()) {
    let mut attacker = all.attacker().await;
    for table in tables {
        attacker.execute(&format!("CREATE TABLE old_{table} AS SELECT * FROM {table}")).await.expect("a copy");
    }
    change().await;
    for table in tables {
        attacker.replace_rows(table, &format!("old_{table}")).await.expect("rows");
        attacker.execute(&format!("DROP TABLE old_{table}")).await.expect("no copy");
    }
    attacker.close().await.expect("closed");
}

#[tokio::test]
async fn a_person_who_was_put_back_as_before_cannot_do_what_was_taken_away() {
    let all = Installation::new().await;
    let admin = all.portal.command_line("tests");
    put_back(&all, &["person", "session"], async || {
        all.portal.disable(&admin, all.olga.id).await.expect("it is done");
    })
    .await;
    assert!(all.actor("olga").await.is_none());
    let again = all.portal.sign_in("olga@example.com", PASSWORD.into(), &Origin::default()).await;
    assert!(matches!(again, Err(Error::Invalid(_))), "{again:?}");
    let found = verify(all.store()).await;
    assert!(matches!(&found, Err(VerifyError::Right(bad)) if bad.table == "person"), "{found:?}");
}

#[tokio::test]
async fn a_membership_that_was_put_back_is_none() {
    let all = Installation::new().await;
    let admin = all.portal.command_line("tests");
    put_back(&all, &["membership"], async || {
        all.portal.remove_member(&admin, all.team.id, all.olga.id).await.expect("it is done");
    })
    .await;
    assert_eq!(all.session("olga").await.role_in(all.team.id), None);
    assert_named(&all, "membership").await;
}

#[tokio::test]
async fn a_membership_that_was_put_back_is_none_even_while_its_end_is_hidden() {
    let all = Installation::new().await;
    let admin = all.portal.command_line("tests");
    assert!(all.actor("olga").await.expect("a session").role_in(all.team.id).is_some());
    put_back(&all, &["membership"], async || {
        all.portal.remove_member(&admin, all.team.id, all.olga.id).await.expect("it is done");
    })
    .await;
    // Its end has ended the session as well.
    assert!(all.actor("olga").await.is_none());
    all.session("olga").await;
    let mut attacker = all.attacker().await;
    attacker.execute("UPDATE operation SET outcome = 'failed' WHERE action = 'member.remove'").await.expect("a change");
    assert_eq!(all.actor("olga").await.expect("a session").role_in(all.team.id), None);
    attacker
        .execute("UPDATE operation SET outcome = 'succeeded' WHERE action = 'member.remove'")
        .await
        .expect("a change");
    assert_named(&all, "membership").await;
}

#[tokio::test]
async fn a_session_that_was_put_back_after_its_end_is_none() {
    let all = Installation::new().await;
    let olga = all.actor("olga").await.expect("a session");
    put_back(&all, &["session"], async || {
        all.portal.sign_out(&olga, &all.key("olga")).await.expect("it is done");
    })
    .await;
    assert!(all.actor("olga").await.is_none());
    assert_named(&all, "session").await;
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_for_good_and_its_own_goes_on_under_a_new_id() {
    let all = Installation::new().await;
    let origin = Origin::default();
    let first = all.portal.sign_in("olga@example.com", PASSWORD.into(), &origin).await.expect("the right password");
    let FirstStep::Proved(proof) = first else { panic!("Olga has a second factor") };
    all.portal.begin_session(&proof, &all.key("elsewhere"), &origin).await.expect("a session");
    let renewal = Renewal::new(all.key("olga"), all.key("olga's next"));
    let olga = all.actor("olga").await.expect("a session").renewing(renewal.clone());
    put_back(&all, &["session"], async || {
        let new = Password::try_from(SecretString::from("another horse battery")).expect("a password");
        all.portal.change_password(&olga, PASSWORD.into(), new).await.expect("it is done");
        assert_eq!(renewal.used(), Some(&all.key("olga's next")));
        let next = all.actor("olga's next").await.expect("the session goes on");
        assert_eq!(next.origin().session, olga.origin().session, "its label changed");
        assert!(all.actor("olga").await.is_none(), "the old id still works");
        verify(all.store()).await.expect("it is whole");
    })
    .await;
    for ended in ["elsewhere", "olga"] {
        assert!(all.actor(ended).await.is_none(), "{ended}");
    }
    assert_named(&all, "session").await;
}

#[tokio::test]
async fn a_link_that_was_used_is_used_even_if_it_is_put_back() {
    let all = Installation::new().await;
    put_back(&all, &["invitation"], async || {
        let new = Password::try_from(SecretString::from(PASSWORD)).expect("a password");
        all.portal.join(&all.link, new, &Origin::default()).await.expect("it is done");
    })
    .await;
    assert!(matches!(all.portal.invitation(&all.link, &Origin::default()).await, Err(Error::NotFound)));
    assert_named(&all, "invitation").await;
}

#[tokio::test]
async fn a_link_that_awaits_its_release_is_not_released_in_the_database() {
    for statement in [
        "UPDATE invitation SET needs_release = 0 WHERE needs_release = 1 AND released_in IS NULL",
        "UPDATE invitation SET released_in = made_in WHERE needs_release = 1 AND released_in IS NULL",
        "UPDATE invitation SET (released_in, recorded_in, mac) =
            (SELECT released_in, recorded_in, mac FROM invitation WHERE released_in IS NOT NULL)
          WHERE needs_release = 1 AND released_in IS NULL",
    ] {
        let all = Installation::new().await;
        assert!(matches!(
            all.portal.invitation(&all.waiting_link, &Origin::default()).await,
            Ok(Invitation::AwaitsRelease(_))
        ));
        tamper(&all, statement).await;
        assert!(
            matches!(all.portal.invitation(&all.waiting_link, &Origin::default()).await, Err(Error::NotFound)),
            "{statement}"
        );
        let new = Password::try_from(SecretString::from(PASSWORD)).expect("a password");
        let joined = all.portal.join(&all.waiting_link, new, &Origin::default()).await;
        assert!(matches!(joined, Err(Error::NotFound)), "{statement}: {joined:?}");
        assert_named(&all, "invitation").await;
    }
}

#[tokio::test]
async fn a_released_link_that_was_replaced_and_put_back_is_none() {
    let all = Installation::new().await;
    let admin = all.portal.command_line("tests");
    let person = all.portal.person_by_email(&admin, "rita@example.com").await.expect("a person");
    all.portal.release_link(&admin, person.id).await.expect("it is released");
    verify(all.store()).await.expect("it is whole");
    put_back(&all, &["invitation"], async || {
        all.portal.invite_again(&admin, person.id).await.expect("another link");
    })
    .await;
    assert!(matches!(all.portal.invitation(&all.waiting_link, &Origin::default()).await, Err(Error::NotFound)));
    assert_named(&all, "invitation").await;
}

#[tokio::test]
async fn a_token_of_the_feed_that_was_put_back_after_it_was_revoked_opens_nothing() {
    let all = Installation::new().await;
    let admin = all.portal.command_line("tests");
    all.portal.collector(Some(&all.feed), &Origin::default()).await.expect("a collector");
    let tokens = all.portal.feed_tokens(&admin).await.expect("tokens");
    let id = tokens.iter().find(|token| token.revoked_at.is_none()).expect("a token").id;
    put_back(&all, &["feed_token"], async || {
        all.portal.revoke_feed_token(&admin, id).await.expect("it is done");
    })
    .await;
    assert!(matches!(all.portal.collector(Some(&all.feed), &Origin::default()).await, Err(Error::SignedOut)));
    assert_named(&all, "feed_token").await;
}

#[tokio::test]
async fn what_was_seen_of_workato_cannot_be_changed_or_removed_unseen() {
    for statement in [
        "UPDATE seen SET shared_version = 5 WHERE id = 1",
        "DELETE FROM seen WHERE id = 1",
        "UPDATE watch SET compared_at = compared_at + 1",
        "DELETE FROM watch",
    ] {
        let all = Installation::new().await;
        let known = store::seen::watch_and_all(&mut all.store().snapshot().await.unwrap(), all.team.id).await.unwrap();
        assert_eq!(known.expect("a watch").1.len(), 3);
        tamper(&all, statement).await;
        let known = store::seen::watch_and_all(&mut all.store().snapshot().await.unwrap(), all.team.id).await.unwrap();
        assert!(known.is_none(), "{statement}");
        assert!(!all.portal.alarms().list().is_empty(), "{statement}");
        let found = verify(all.store()).await;
        assert!(matches!(found, Err(VerifyError::Right(_))), "{statement}: {found:?}");
    }
}

#[tokio::test]
async fn rows_are_checked_when_the_portal_starts() {
    let all = Installation::new().await;
    tamper(&all, "UPDATE saved_view SET query = 'outcome:succeeded' WHERE name = 'Refunds'").await;
    let again = crate::Portal::open(all.portal.settings.clone()).await.expect("it starts");
    let forged = |(alarm, _): &(Alarm, _)| matches!(alarm, Alarm::RowForged { table, .. } if table == "saved_view");
    assert!(again.alarms().list().iter().any(forged));
}

#[tokio::test]
async fn a_withdrawn_token_that_is_put_back_is_not_used_and_a_retired_team_stays_retired() {
    let all = Installation::new().await;
    let (portal, admin) = (&all.portal, all.portal.command_line("tests"));
    let mut attacker = all.attacker().await;
    attacker.execute("CREATE TEMP TABLE kept AS SELECT * FROM team_token").await.expect("a copy");
    let confirmed = |name: &str| Confirmed { name: name.to_owned(), reason: "It leaked".to_owned() };
    portal.withdraw_token(&admin, all.team.id, &confirmed("payments")).await.expect("it is withdrawn");
    let put_back = "INSERT INTO team_token SELECT * FROM kept WHERE team_id NOT IN (SELECT team_id FROM team_token)";
    assert_eq!(attacker.execute(put_back).await.expect("a row"), 1);
    let team = portal.team_by_id(all.team.id).await.expect("a team");
    assert!(team.token.is_none() && team.token_is_bad);
    let refused = portal.workato(&team, crate::upstream::Asker::Background).await.map(drop);
    assert!(matches!(refused, Err(Error::TokenNotUsed)), "{refused:?}");
    let lending = portal.team_for_admin(&admin, "lending").await.expect("a team");
    portal.retire_team(&admin, lending.id, &confirmed("lending")).await.expect("it is retired");
    tamper(&all, "UPDATE team SET retired_at = NULL WHERE slug = 'lending'").await;
    assert!(matches!(portal.team_by_id(lending.id).await, Err(Error::Store(_))));
}

#[tokio::test]
async fn a_refusal_that_was_taken_away_is_noticed() {
    let all = Installation::new().await;
    all.portal.refuse_token(&all.team).await.expect("it is recorded");
    let refused = all.portal.team_by_id(all.team.id).await.expect("a team");
    assert!(refused.token.expect("a token").refused_at.is_some());
    verify(all.store()).await.expect("the log agrees");
    tamper(&all, "UPDATE team_token SET refused_at = NULL WHERE refused_at IS NOT NULL").await;
    assert!(all.portal.team_by_id(all.team.id).await.expect("a team").token_is_bad);
    assert_named(&all, "team_token").await;
}

#[tokio::test]
async fn what_became_of_tokens_agrees_with_the_log_whatever_retention_removes() {
    let all = Installation::new().await;
    let (portal, admin) = (&all.portal, all.portal.command_line("tests"));
    portal.refuse_token(&all.team).await.expect("it is recorded");
    let lending = portal.team_for_admin(&admin, "lending").await.expect("a team");
    let confirmed = Confirmed { name: "lending".to_owned(), reason: "It is merged".to_owned() };
    portal.retire_team(&admin, lending.id, &confirmed).await.expect("it is retired");
    verify(all.store()).await.expect("the log agrees");
    portal.sign_and_deliver_news().await;
    portal.expire_due().await.expect("old contents are removed");
    verify(all.store()).await.expect("it still agrees");
    portal.set_token(&admin, all.team.id, SecretString::from("a-new-one")).await.expect("it is set");
    portal.sign_and_deliver_news().await;
    portal.expire_due().await.expect("old contents are removed");
    verify(all.store()).await.expect("it still agrees");
}
