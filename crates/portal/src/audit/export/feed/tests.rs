//! What a collector gets, in which order, and for how long its token is good.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::Collector;
use crate::{
    Admin, Error, FeedTokenId, Origin, Problem, PublicError,
    audit::{Action, Entry, EntryActor, leaf_hash, test_log::TestLog},
};
use store::StoreError;

const NOW: Duration = Duration::ZERO;

async fn collector(log: &TestLog) -> Collector {
    let (_, secret) = log.portal.create_feed_token(&admin(), "Vector").await.expect("a token");
    log.portal.collector(Some(&secret), &Origin::default()).await.expect("a good token")
}

fn admin() -> Admin {
    Admin::command_line("tests")
}

fn sequences(lines: &[u8]) -> Vec<i64> {
    let lines = std::str::from_utf8(lines).expect("text").lines();
    lines
        .map(|line| serde_json::from_str::<Value>(line).expect(line)["entry"]["sequence"].as_i64().expect(line))
        .collect()
}

#[tokio::test]
async fn a_collector_gets_every_entry_once_and_in_order_whatever_the_page() {
    let log = TestLog::empty().await;
    log.team("payments").await;
    log.team("lending").await;
    let collector = collector(&log).await;
    let all = log.portal.feed(&collector, 0, 1_000, NOW).await.expect("entries");
    for limit in 1..4 {
        let (mut got, mut after) = (Vec::new(), 0);
        loop {
            let page = log.portal.feed(&collector, after, limit, NOW).await.expect("entries");
            if page.entries == 0 {
                assert_eq!((page.next, page.lines.is_empty()), (after, true));
                break;
            }
            got.extend(page.lines);
            after = page.next;
        }
        assert_eq!(got, all.lines, "{limit} at once");
    }
    assert_eq!(sequences(&all.lines), (1..=all.next).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_line_holds_the_very_bytes_that_are_hashed() {
    let log = TestLog::empty().await;
    log.team("payments").await;
    let page = log.portal.feed(&collector(&log).await, 0, 1, NOW).await.expect("entries");
    let line = String::from_utf8(page.lines).expect("text");
    let (entry, rest) =
        line.trim_end().strip_prefix("{\"entry\":").expect("an entry").split_once(",\"leaf_hash\":\"").expect("a hash");
    assert_eq!(rest.strip_suffix("\"}"), Some(hex::encode(leaf_hash(entry.as_bytes())).as_str()));
    assert_eq!(serde_json::from_str::<Entry>(entry).expect("an entry").action, Action::TeamCreate);
}

#[tokio::test]
async fn an_entry_whose_contents_were_removed_is_no_gap() {
    let log = TestLog::empty().await;
    log.team("payments").await;
    let collector = collector(&log).await;
    let whole = log.portal.feed(&collector, 0, 1_000, NOW).await.expect("entries");
    log.sql(
        "INSERT INTO retention_run SELECT max(sequence), 400, 1, 0 FROM entry;
         INSERT INTO removed_body SELECT 1, operation_id, (SELECT max(sequence) FROM entry) FROM entry_body LIMIT 1;
         DELETE FROM entry_body WHERE sequence = 1",
    )
    .await;
    let page = log.portal.feed(&collector, 0, 1_000, NOW).await.expect("entries");
    assert_eq!((page.entries, page.next), (whole.entries, whole.next));
    let line: Value =
        serde_json::from_slice(page.lines.split(|byte| *byte == b'\n').next().expect("a line")).expect("JSON");
    assert_eq!((&line["sequence"], &line["removed"]["days"]), (&1.into(), &400.into()));
    assert_eq!(line["leaf_hash"].as_str().map(str::len), Some(64));
}

#[tokio::test]
async fn while_others_write_nothing_is_left_out_and_nothing_comes_twice() {
    let log = TestLog::empty().await;
    let collector = collector(&log).await;
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let portal = log.portal.clone();
            tokio::spawn(async move {
                for _ in 0..40 {
                    let draft = crate::audit::Draft::recorded(
                        EntryActor::command_line(&format!("{writer}")),
                        Action::SessionStart,
                    );
                    portal.record(draft).await.expect("an entry");
                }
                Ok::<_, StoreError>(())
            })
        })
        .collect();
    let (mut got, mut after) = (Vec::new(), 0);
    while got.len() < 161 {
        let page = log.portal.feed(&collector, after, 7, Duration::from_secs(5)).await.expect("entries");
        assert!(page.entries > 0, "the writers have stopped at {}", got.len());
        got.extend(sequences(&page.lines));
        after = page.next;
    }
    assert_eq!(got, (1..=161).collect::<Vec<_>>());
    for writer in writers {
        writer.await.expect("a writer").expect("its entries");
    }
}

#[tokio::test]
async fn whoever_waits_is_answered_as_soon_as_there_is_something() {
    let log = TestLog::empty().await;
    let collector = collector(&log).await;
    let head = log.portal.feed(&collector, 0, 1_000, NOW).await.expect("entries").next;
    let portal = log.portal.clone();
    let waiting = tokio::spawn(async move { portal.feed(&collector, head, 10, Duration::from_secs(60)).await });
    log.team("payments").await;
    let page = waiting.await.expect("an answer").expect("entries");
    assert_eq!((page.entries, page.next), (1, head + 1));
}

#[tokio::test]
async fn whoever_waits_does_not_keep_the_portal_from_leaving() {
    let log = TestLog::empty().await;
    let collector = collector(&log).await;
    let head = log.portal.feed(&collector, 0, 1_000, NOW).await.expect("entries").next;
    let portal = log.portal.clone();
    let waiting = tokio::spawn(async move { portal.feed(&collector, head, 10, Duration::from_secs(1_000_000)).await });
    tokio::task::yield_now().await;
    log.portal.leave();
    let page = waiting.await.expect("an answer").expect("no entries");
    assert_eq!((page.entries, page.next), (0, head));
}

#[tokio::test]
async fn a_log_that_was_longer_once_is_told_of() {
    let log = TestLog::empty().await;
    let collector = collector(&log).await;
    let head = log.portal.feed(&collector, 0, 1_000, NOW).await.expect("entries").next;
    let refused = log.portal.feed(&collector, head + 1, 10, Duration::from_secs(60)).await;
    let Err(Error::Invalid(problems)) = refused else { panic!("{refused:?}") };
    assert_eq!(problems.of("after"), Some(&Problem::BeyondTheLog { head }));
}

#[tokio::test]
async fn a_token_that_is_revoked_while_it_waits_gets_nothing() {
    let log = TestLog::empty().await;
    let (token, secret) = log.portal.create_feed_token(&admin(), "Vector").await.expect("a token");
    let collector = log.portal.collector(Some(&secret), &Origin::default()).await.expect("a good token");
    let head = log.portal.feed(&collector, 0, 1_000, NOW).await.expect("entries").next;
    let portal = log.portal.clone();
    let waiting = tokio::spawn(async move { portal.feed(&collector, head, 10, Duration::from_secs(60)).await });
    tokio::task::yield_now().await;
    // That it is revoked is the entry that the other waits for.
    log.portal.revoke_feed_token(&admin(), token.id).await.expect("revoked");
    let answer = waiting.await.expect("an answer");
    assert!(matches!(answer, Err(Error::SignedOut)), "{answer:?}");
}

#[tokio::test]
async fn a_token_is_kept_hashed_and_good_until_it_is_revoked() {
    let log = TestLog::empty().await;
    let (token, secret) = log.portal.create_feed_token(&admin(), " Fluent   Bit ").await.expect("a token");
    assert_eq!(token.name, "Fluent Bit");
    assert!(secret.expose_secret().starts_with("portal-feed-") && secret.expose_secret().len() == 55);
    let (other, _) = log.portal.create_feed_token(&admin(), "Another").await.expect("a token");
    log.portal.collector(Some(&secret), &Origin::default()).await.expect("a good token");
    log.portal.revoke_feed_token(&admin(), token.id).await.expect("revoked");
    log.portal.revoke_feed_token(&admin(), token.id).await.expect("revoked already");
    let cut = SecretString::from(&secret.expose_secret()[..54]);
    for bad in [secret, cut, SecretString::from(""), SecretString::from("portal-feed-")] {
        assert!(matches!(log.portal.collector(Some(&bad), &Origin::default()).await, Err(Error::SignedOut)));
    }
    let unknown = log.portal.revoke_feed_token(&admin(), FeedTokenId::new()).await;
    assert!(matches!(unknown, Err(Error::NotFound)));
    let tokens = log.portal.feed_tokens(&admin()).await.expect("tokens");
    assert_eq!(
        tokens.iter().map(|it| (it.id, it.revoked_at.is_some())).collect::<Vec<_>>(),
        [(other.id, false), (token.id, true)]
    );
    let page = log.portal.feed(&collector(&log).await, 0, 1_000, NOW).await.expect("entries");
    let text = String::from_utf8(page.lines).expect("text");
    assert_eq!(text.matches("\"feed.create\"").count(), 3);
    assert_eq!(text.matches("\"feed.revoke\"").count(), 1);
}

#[tokio::test]
async fn a_token_without_a_name_is_refused() {
    let log = TestLog::empty().await;
    for name in ["", "  ", &"x".repeat(61)] {
        let refused = log.portal.create_feed_token(&admin(), name).await.err();
        assert!(matches!(&refused, Some(Error::Invalid(problems)) if problems.of("name").is_some()), "{refused:?}");
    }
    assert!(log.portal.feed_tokens(&admin()).await.expect("tokens").is_empty());
}

#[tokio::test]
async fn a_collector_gets_what_is_before_a_changed_entry_and_then_an_error_that_names_it() {
    for tampering in [
        "DROP TRIGGER entry_body_is_never_changed;
         UPDATE entry_body SET body = CAST(replace(CAST(body AS TEXT), 'Ada', 'Bob') AS BLOB) WHERE sequence = 9",
        "DROP TRIGGER entry_body_is_never_deleted; DELETE FROM entry_body WHERE sequence = 9",
        "PRAGMA foreign_keys = OFF;
         DROP TRIGGER entry_body_is_never_deleted; DROP TRIGGER entry_is_never_deleted;
         DELETE FROM entry_body WHERE sequence = 9; DELETE FROM entry WHERE sequence = 9",
    ] {
        let log = TestLog::of(20).await;
        let collector = collector(&log).await;
        log.attacker().await.execute(tampering).await.expect("no guard");
        let page = log.portal.feed(&collector, 0, 1_000, NOW).await.expect("entries");
        assert_eq!((sequences(&page.lines), page.next, page.entries), ((1..=8).collect(), 8, 8), "{tampering}");
        let refused = log.portal.feed(&collector, 8, 1_000, NOW).await.expect_err(tampering);
        assert_eq!(refused.public(), PublicError::EntryChanged { entry: 9 }, "{tampering}");
    }
}
