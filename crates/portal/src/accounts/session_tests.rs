//! When sessions end, and what they become.

use std::time::Duration;

use futures::future::join_all;
use secrecy::SecretString;
use store::{Action, Entry, SessionFacts, testing::Value};

use super::{MOST_SESSIONS, Password, Renewal, SessionKey, SignedInWith, renewal::Proved};
use crate::{
    Actor, Error, Origin, PersonId, Portal, PortalRole, Reason, TeamRole,
    audit::{
        verify as verify_log,
        verify::test_rows::{Installation, PASSWORD},
    },
};

fn origin(ip: &str, user_agent: &str) -> Origin {
    Origin { ip: ip.parse().ok(), user_agent: Some(user_agent.to_owned()), ..Origin::default() }
}

/// Begins another session of a person, with this id.
async fn begin(all: &Installation, name: &str, id: &str) -> Result<SessionFacts, Error> {
    let from = origin("192.0.2.7", "Firefox");
    let proof =
        all.portal.sign_in(&format!("{name}@example.com"), PASSWORD.into(), &from).await.expect("a proof").proof();
    all.portal.begin_session(&proof, &all.key(id), &from).await
}

/// The actor of a session whose request brings a new id.
async fn renewing(all: &Installation, id: &str, to: &str) -> (Actor, Renewal) {
    let renewal = Renewal::new(all.key(id), all.key(to));
    let actor = all.actor(id).await.expect("a session").coming_from(origin("198.51.100.9", "Chrome"));
    (actor.renewing(renewal.clone()), renewal)
}

async fn lives(portal: &Portal, key: &SessionKey) -> bool {
    portal.session(key).await.expect("the database").is_some()
}

async fn entries(all: &Installation, action: Action) -> Vec<Entry> {
    let mut conn = all.store().read().await.expect("a view");
    let stored = store::entries::after(&mut conn, 0, 10_000).await.expect("entries");
    let bodies = stored.into_iter().filter_map(|stored| stored.body);
    let entries = bodies.map(|body| serde_json::from_slice::<Entry>(&body.bytes).expect("an entry"));
    entries.filter(|entry| entry.action == action).collect()
}

/// Sets a column of every session back by this long, as if the time had passed.
async fn age(all: &Installation, column: &str, by: Duration) {
    let mut tx = all.store().write().await.expect("the writer");
    let micros = Value::Number(i64::try_from(by.as_micros()).expect("a number"));
    tx.execute_with(&format!("UPDATE session SET {column} = {column} - ?"), &[micros]).await.expect("an update");
    tx.write_macs("session").await.expect("HMACs");
    tx.commit().await.expect("a commit");
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

#[tokio::test]
async fn a_session_ends_after_thirty_minutes_without_use_and_after_twelve_hours() {
    for (column, by, expected) in [
        ("last_used_at", 29 * MINUTE, true),
        ("last_used_at", 30 * MINUTE, false),
        ("created_at", 11 * HOUR + 59 * MINUTE, true),
        ("created_at", 12 * HOUR, false),
        ("expires_at", 11 * HOUR + 59 * MINUTE, true),
        ("expires_at", 12 * HOUR, false),
    ] {
        let all = Installation::new().await;
        age(&all, column, by).await;
        assert_eq!(lives(&all.portal, &all.key("olga")).await, expected, "{column} {by:?}");
        let ada = all.portal.command_line("tests");
        assert_eq!(all.portal.sessions_of(&ada, all.olga.id).await.unwrap().len(), usize::from(expected), "{column}");
    }
}

#[tokio::test]
async fn a_session_that_is_used_does_not_end_after_thirty_minutes() {
    let all = Installation::new().await;
    for _ in 0..3 {
        age(&all, "last_used_at", 29 * MINUTE).await;
        let session = all.portal.session(&all.key("olga")).await.unwrap().expect("it lives");
        // What this process remembers is as old as the row.
        let portal = Portal::open(all.portal.settings.clone()).await.expect("a portal");
        portal.note_session_use(&session, &origin("192.0.2.7", "Firefox"));
        portal.running.close();
        portal.running.wait().await;
    }
    assert!(lives(&all.portal, &all.key("olga")).await);
    verify_log(all.store()).await.expect("it is whole");
}

#[tokio::test]
async fn who_writes_the_database_cannot_make_a_session_last_longer() {
    let all = Installation::new().await;
    let mut attacker = all.attacker().await;
    attacker.execute("UPDATE session SET last_used_at = last_used_at + 60000000").await.expect("an update");
    attacker.close().await.expect("closed");
    assert!(!lives(&all.portal, &all.key("olga")).await);
}

#[tokio::test]
async fn a_kept_session_lasts_without_use_where_the_setting_allows_it_and_only_there() {
    let all = Installation::new().await;
    let mut settings = all.portal.settings.clone();
    settings.sessions.kept = 14 * 24 * HOUR;
    let keeping = Portal::open(settings).await.expect("a portal");
    let from = origin("192.0.2.7", "Firefox");
    let proof = async |portal: &Portal| {
        portal.sign_in("olga@example.com", PASSWORD.into(), &from).await.expect("a proof").proof().to_keep()
    };
    let kept = keeping.begin_session(&proof(&keeping).await, &all.key("kept"), &from).await.unwrap();
    let lasts =
        |session: &SessionFacts, long: Duration| (session.expires_at - session.created_at - long).abs() < MINUTE;
    assert!(kept.sign_in.kept && lasts(&kept, 14 * 24 * HOUR));
    let not = all.portal.begin_session(&proof(&all.portal).await, &all.key("not kept"), &from).await.unwrap();
    assert!(!not.sign_in.kept && lasts(&not, 12 * HOUR));
    verify_log(all.store()).await.expect("it is whole");
    age(&all, "last_used_at", 24 * HOUR).await;
    age(&all, "created_at", 24 * HOUR).await;
    assert!(lives(&keeping, &all.key("kept")).await && !lives(&keeping, &all.key("not kept")).await);
    // With the setting off, such a session ends as every other does.
    assert!(!lives(&all.portal, &all.key("kept")).await);
    age(&all, "created_at", 13 * 24 * HOUR).await;
    assert!(!lives(&keeping, &all.key("kept")).await);
}

#[tokio::test]
async fn an_eleventh_session_ends_the_oldest_which_is_an_entry() {
    let all = Installation::new().await;
    let before = entries(&all, Action::SessionEnd).await.len();
    for number in 1..MOST_SESSIONS {
        begin(&all, "olga", &format!("olga {number}")).await.unwrap();
    }
    assert!(lives(&all.portal, &all.key("olga")).await);
    assert_eq!(entries(&all, Action::SessionEnd).await.len(), before);
    begin(&all, "olga", "one more").await.unwrap();
    assert!(!lives(&all.portal, &all.key("olga")).await && lives(&all.portal, &all.key("olga 1")).await);
    let [ended] = &entries(&all, Action::SessionEnd).await[before..] else { panic!("not one entry") };
    assert_eq!(
        (ended.parameters["why"].as_str(), ended.targets[0].id.as_str()),
        (Some("too_many"), &*all.key("olga").label())
    );
    assert!(lives(&all.portal, &all.key("ada")).await, "somebody else's session ended");
    verify_log(all.store()).await.expect("it is whole");
}

#[tokio::test]
async fn many_sign_ins_at_once_never_make_more_than_ten_sessions() {
    let all = Installation::new().await;
    let from = origin("192.0.2.7", "Firefox");
    let proof = all.portal.sign_in("olga@example.com", PASSWORD.into(), &from).await.expect("a proof").proof();
    let ids: Vec<SessionKey> = (0..50).map(|number| all.key(&format!("at once {number}"))).collect();
    let begun = join_all(ids.iter().map(|key| all.portal.begin_session(&proof, key, &from))).await;
    assert!(begun.iter().all(Result::is_ok));
    let admin = all.portal.command_line("tests");
    assert_eq!(all.portal.sessions_of(&admin, all.olga.id).await.unwrap().len(), MOST_SESSIONS);
}

#[tokio::test]
async fn a_password_that_was_checked_before_a_person_was_disabled_begins_no_session_ever() {
    let all = Installation::new().await;
    let (from, admin) = (origin("192.0.2.7", "Firefox"), all.portal.command_line("tests"));
    let proof = all.portal.sign_in("olga@example.com", PASSWORD.into(), &from).await.expect("a proof").proof();
    let begin = async |id: &str| all.portal.begin_session(&proof, &all.key(id), &from).await;
    all.portal.disable(&admin, all.olga.id).await.unwrap();
    assert!(matches!(begin("while disabled").await, Err(Error::Invalid(_))));
    all.portal.enable(&admin, all.olga.id).await.unwrap();
    assert!(matches!(begin("after it").await, Err(Error::Invalid(_))));
    for id in ["olga", "while disabled", "after it"] {
        assert!(!lives(&all.portal, &all.key(id)).await, "{id}");
    }
    self::begin(&all, "olga", "begun since").await.unwrap();
    assert!(lives(&all.portal, &all.key("begun since")).await);
}

#[tokio::test]
async fn a_password_that_was_changed_meanwhile_begins_no_session() {
    let all = Installation::new().await;
    let from = origin("192.0.2.7", "Firefox");
    let proof = all.portal.sign_in("olga@example.com", PASSWORD.into(), &from).await.expect("a proof").proof();
    let new = Password::try_from(SecretString::from("another horse battery")).expect("a password");
    all.portal.change_password(&all.actor("olga").await.unwrap(), PASSWORD.into(), new).await.unwrap();
    let begun = all.portal.begin_session(&proof, &all.key("late"), &from).await;
    assert!(matches!(begun, Err(Error::Invalid(_))), "{begun:?}");
}

/// What ends the sessions of a person.
#[derive(Clone, Copy, Debug)]
enum Change {
    Role,
    NewMembership,
    Membership,
    NoMembership,
}

async fn change(all: &Installation, by: &crate::Admin, person: PersonId, change: Change) -> Result<(), Error> {
    let team = all.team.id;
    match change {
        Change::Role => all.portal.set_role(by, person, PortalRole::Auditor).await,
        Change::NewMembership => {
            let lending = all.portal.team_for_admin(by, "lending").await.expect("a team").id;
            all.portal.set_member(by, lending, person, TeamRole::Viewer).await
        }
        Change::Membership => {
            let other = if person == all.ada.id { TeamRole::Operator } else { TeamRole::Viewer };
            all.portal.set_member(by, team, person, other).await
        }
        Change::NoMembership => all.portal.remove_member(by, team, person).await,
    }
}

const CHANGES: [Change; 4] = [Change::Role, Change::NewMembership, Change::Membership, Change::NoMembership];

#[tokio::test]
async fn a_changed_role_ends_every_session_of_the_person_and_of_nobody_else() {
    for what in CHANGES {
        let all = Installation::new().await;
        let (admin, _) = renewing(&all, "ada", "ada's next").await;
        let rita = all.portal.person_by_email(&all.portal.command_line("tests"), "rita@example.com").await.unwrap();
        begin(&all, "rita", "rita").await.unwrap();
        all.portal
            .set_member(&all.portal.command_line("tests"), all.team.id, rita.id, TeamRole::Operator)
            .await
            .unwrap();
        assert!(!lives(&all.portal, &all.key("rita")).await, "{what:?}");
        for id in ["rita", "rita too"] {
            begin(&all, "rita", &format!("{id} again")).await.unwrap();
        }
        change(&all, &admin.admin().unwrap(), rita.id, what).await.unwrap();
        for id in ["rita again", "rita too again"] {
            assert!(!lives(&all.portal, &all.key(id)).await, "{what:?} {id}");
        }
        for id in ["ada", "olga"] {
            assert!(lives(&all.portal, &all.key(id)).await, "{what:?} {id}");
        }
        // The same again changes nothing and ends nothing.
        begin(&all, "rita", "rita at last").await.unwrap();
        change(&all, &admin.admin().unwrap(), rita.id, what).await.unwrap();
        assert!(lives(&all.portal, &all.key("rita at last")).await, "{what:?}");
        verify_log(all.store()).await.expect("it is whole");
    }
}

#[tokio::test]
async fn an_admin_who_changes_their_own_rights_goes_on_under_a_new_id_and_their_other_sessions_end() {
    for what in CHANGES {
        let all = Installation::new().await;
        let second = all.portal.person_by_email(&all.portal.command_line("tests"), "rita@example.com").await.unwrap();
        all.portal.set_role(&all.portal.command_line("tests"), second.id, PortalRole::Admin).await.unwrap();
        begin(&all, "ada", "elsewhere").await.unwrap();
        let (admin, renewal) = renewing(&all, "ada", "ada's next").await;
        change(&all, &admin.admin().unwrap(), all.ada.id, what).await.unwrap();
        assert!(renewal.used().is_some(), "{what:?}");
        let next = all.actor("ada's next").await.unwrap_or_else(|| panic!("{what:?}: no session"));
        assert_eq!(next.origin().session, admin.origin().session, "{what:?}");
        for ended in ["ada", "elsewhere"] {
            assert!(!lives(&all.portal, &all.key(ended)).await, "{what:?} {ended}");
        }
        assert!(lives(&all.portal, &all.key("olga")).await, "{what:?}");
        verify_log(all.store()).await.expect("it is whole");
    }
}

#[tokio::test]
async fn of_a_hundred_renewals_of_one_id_one_is_made_and_the_others_change_nothing() {
    let all = Installation::new().await;
    let before = entries(&all, Action::SessionRenew).await.len();
    let team = all.portal.team_for_admin(&all.portal.command_line("tests"), "lending").await.unwrap().id;
    let mut requests = Vec::new();
    for number in 0..100 {
        requests.push(renewing(&all, "ada", &format!("next {number}")).await);
    }
    // Half of them want another role than the other half, so that each changes something.
    let changes = requests.iter().enumerate().map(|(number, (actor, _))| {
        let role = if number % 2 == 0 { TeamRole::Operator } else { TeamRole::Viewer };
        let (portal, admin) = (&all.portal, actor.admin().unwrap());
        async move { portal.set_member(&admin, team, all.ada.id, role).await }
    });
    let done = join_all(changes).await;
    let refused = done.iter().filter(|done| matches!(done, Err(Error::SignedOut))).count();
    let used: Vec<_> = requests.iter().filter_map(|(_, renewal)| renewal.used()).collect();
    assert_eq!(used.len(), 1, "{refused} refused");
    assert!(lives(&all.portal, used[0]).await && !lives(&all.portal, &all.key("ada")).await);
    // The winner's role: nobody with the old id changed it after that.
    assert!(refused > 0 && done.iter().all(|done| matches!(done, Ok(()) | Err(Error::SignedOut))));
    assert_eq!(entries(&all, Action::SessionRenew).await.len(), before + 1);
    verify_log(all.store()).await.expect("it is whole");
}

#[tokio::test]
async fn a_factor_that_is_given_again_gives_the_session_a_new_id_and_the_log_says_so() {
    let all = Installation::new().await;
    let (actor, renewal) = renewing(&all, "olga", "olga's next").await;
    let given = Proved { with: SignedInWith::Password, second_factor: true };
    let mut tx = all.store().write().await.unwrap();
    let by = actor.entry_actor();
    let own = all.portal.begin_renewal(&mut tx, actor.id(), actor.renewal()).await.unwrap().unwrap();
    own.finish(&mut tx, by, Action::SessionRenew, Some(given)).await.unwrap();
    tx.commit().await.unwrap();
    let next = all.portal.session(renewal.used().unwrap()).await.unwrap().expect("a session");
    let sign_in = next.actor.sign_in();
    assert!(sign_in.second_factor && sign_in.factor_at > actor.sign_in().factor_at);
    assert_eq!(next.facts.created_at, all.portal.sessions(&actor).await.unwrap()[0].created_at);
    assert_eq!((next.facts.ip.as_deref(), next.facts.user_agent.as_deref()), (Some("198.51.100.9"), Some("Chrome")));
    verify_log(all.store()).await.expect("it is whole");
}

#[tokio::test]
async fn an_old_id_that_is_put_back_after_a_renewal_is_none() {
    let all = Installation::new().await;
    let mut attacker = all.attacker().await;
    attacker.execute("CREATE TABLE old_session AS SELECT * FROM session").await.unwrap();
    let (actor, _) = renewing(&all, "olga", "olga's next").await;
    all.portal.revoke_other_sessions(&actor).await.unwrap();
    attacker.execute("DELETE FROM session").await.unwrap();
    attacker.execute("INSERT INTO session SELECT * FROM old_session; DROP TABLE old_session").await.unwrap();
    attacker.close().await.unwrap();
    assert!(!lives(&all.portal, &all.key("olga")).await && !lives(&all.portal, &all.key("olga's next")).await);
    assert!(verify_log(all.store()).await.is_err());
}

#[tokio::test]
async fn ending_all_other_sessions_leaves_the_present_one_alone() {
    let all = Installation::new().await;
    let before = entries(&all, Action::SessionEnd).await.len();
    for id in ["there", "and there"] {
        begin(&all, "olga", id).await.unwrap();
    }
    let (actor, _) = renewing(&all, "olga", "olga's next").await;
    all.portal.revoke_other_sessions(&actor).await.unwrap();
    let left: Vec<_> = all.portal.sessions(&actor).await.unwrap().into_iter().map(|session| session.key).collect();
    assert_eq!(left, [all.key("olga's next")]);
    assert!(lives(&all.portal, &all.key("ada")).await);
    let [ended] = &entries(&all, Action::SessionEnd).await[before..] else { panic!("not one entry") };
    assert_eq!((&ended.parameters["sessions_ended"], ended.parameters["why"].as_str()), (&2.into(), Some("revoked")));
    verify_log(all.store()).await.expect("it is whole");
}

#[tokio::test]
async fn an_admin_ends_sessions_with_a_reason_and_an_entry() {
    let all = Installation::new().await;
    let before = entries(&all, Action::SessionEnd).await.len();
    begin(&all, "olga", "there").await.unwrap();
    let admin = all.actor("ada").await.unwrap().admin().unwrap();
    let label = all.key("there").label();
    let without = all.portal.end_sessions_of(&admin, all.olga.id, Some(&label), None).await;
    assert!(matches!(without, Err(Error::Invalid(_))));
    let reason = Reason::read("Olga lost her laptop").unwrap().unwrap();
    // A label of somebody else's session does not count.
    let of_another = all.portal.end_sessions_of(&admin, all.ada.id, Some(&label), Some(&reason)).await;
    assert_eq!(of_another.unwrap(), 0);
    assert!(lives(&all.portal, &all.key("there")).await);
    assert_eq!(all.portal.end_sessions_of(&admin, all.olga.id, Some(&label), Some(&reason)).await.unwrap(), 1);
    assert!(!lives(&all.portal, &all.key("there")).await && lives(&all.portal, &all.key("olga")).await);
    assert_eq!(all.portal.end_sessions_of(&admin, all.olga.id, None, Some(&reason)).await.unwrap(), 1);
    assert!(!lives(&all.portal, &all.key("olga")).await && lives(&all.portal, &all.key("ada")).await);
    let ended = entries(&all, Action::SessionEnd).await.split_off(before);
    assert_eq!(ended.len(), 2);
    for entry in ended {
        assert_eq!((entry.reason.as_deref(), entry.actor.id), (Some("Olga lost her laptop"), Some(all.ada.id)));
        assert!(entry.targets.iter().any(|target| target.id == all.olga.id.to_string()));
    }
    verify_log(all.store()).await.expect("it is whole");
}

#[tokio::test]
async fn a_use_on_another_network_with_another_browser_is_one_entry_and_stands_with_the_session() {
    let all = Installation::new().await;
    let key = all.key("olga");
    for _ in 0..20 {
        let session = all.portal.session(&key).await.unwrap().unwrap();
        for from in
            [origin("192.0.2.7", "Firefox"), origin("203.0.113.50", "Firefox"), origin("192.0.2.7", "curl/8.14.1")]
        {
            all.portal.note_session_use(&session, &from);
        }
        all.portal.note_session_use(&session, &origin("203.0.113.50", "curl/8.14.1"));
    }
    all.portal.running.close();
    all.portal.running.wait().await;
    let [entry] = &entries(&all, Action::SessionElsewhere).await[..] else { panic!("not one entry") };
    assert_eq!((entry.actor.id, entry.actor.ip.as_deref()), (Some(all.olga.id), Some("203.0.113.50")));
    assert_eq!(entry.parameters["began_ip"], "192.0.2.7");
    let elsewhere = all.portal.session(&key).await.unwrap().unwrap().facts.elsewhere.expect("it says so");
    assert_eq!((elsewhere.at, elsewhere.user_agent.as_deref()), (entry.at, Some("curl/8.14.1")));
    verify_log(all.store()).await.expect("it is whole");
}
