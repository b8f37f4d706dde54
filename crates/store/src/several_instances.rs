//! Several instances on one database of PostgreSQL: each is a store of its own, as in a process of its own.

use std::{env, time::Duration};

use evidence::{
    tree::GrowingTree,
    verify::{check_leaf, check_subtrees},
};
use futures::TryStreamExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::sleep,
};

use crate::{
    Action, Draft, EntryActor, Read, Store, StoreError, Write, append, entries, sql,
    testing::postgres::{Database, server},
    tree,
};

/// How many entries two instances append; `make soak` asks for 100,000.
const ENTRIES: &str = "PORTAL_TEST_ENTRIES";
const WRITERS: i64 = 16;

async fn database() -> Database {
    server().fresh().await.unwrap()
}

async fn write_entry(tx: &mut Write) -> i64 {
    append(tx, Draft::recorded(EntryActor::system(), Action::TeamWatch)).await.unwrap().sequence
}

async fn size(store: &Store) -> i64 {
    tree::size(&mut store.read().await.unwrap()).await.unwrap()
}

/// Appends entries, alone or in groups, and checks that each comes after the last.
async fn work(store: Store, entries: i64, together: bool) {
    let mut last = 0;
    for _ in 0..entries {
        let tx = if together { store.write_together().await } else { store.write().await };
        let mut tx = tx.unwrap();
        let sequence = write_entry(&mut tx).await;
        tx.commit().await.unwrap();
        assert!(sequence > last, "{sequence} after {last}");
        last = sequence;
    }
}

/// Looks all the time: at no moment is an entry missing before the last, and none is ever taken back.
async fn look(store: Store, mut done: watch::Receiver<bool>) -> u64 {
    let (mut known, mut looks) = (0, 0);
    while !*done.borrow_and_update() {
        let statement = "SELECT coalesce(max(sequence), 0), count(*) FROM entry";
        let mut conn = store.read().await.unwrap();
        let (last, count): (i64, i64) = sql::query_as(statement).fetch_one(conn.database()).await.unwrap();
        assert_eq!(last, count);
        assert!(last >= known, "{last} after {known}");
        (known, looks) = (last, looks + 1);
        sleep(Duration::from_millis(5)).await;
    }
    looks
}

/// Checks every entry against its hash, and every hash against the tree.
async fn verify(conn: &mut Read, size: i64) {
    let mut growing = GrowingTree::default();
    let mut sequence = 0;
    {
        let mut all = std::pin::pin!(entries::between(conn, 0, size));
        while let Some(stored) = all.try_next().await.unwrap() {
            sequence += 1;
            assert_eq!(stored.sequence, sequence);
            let leaf = check_leaf(sequence, &stored.body.unwrap().bytes, &stored.leaf).unwrap();
            check_subtrees(&mut growing, leaf, sequence, &stored.subtrees).unwrap();
        }
    }
    assert_eq!(sequence, size);
    assert_eq!(tree::Tree::default().root(conn, size).await.unwrap(), growing.root());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_append_at_once_leave_no_gap_and_the_log_is_in_the_order_of_its_commits() {
    let entries = env::var(ENTRIES).map_or(3_000, |entries| entries.parse().unwrap());
    let database = database().await;
    let (one, other) = (Store::connect(&database.url()).await.unwrap(), Store::connect(&database.url()).await.unwrap());
    let (is_done, done) = watch::channel(false);
    let looking = tokio::spawn(look(one.clone(), done));
    let mut working = JoinSet::new();
    let each = entries / (2 * WRITERS);
    for writer in 0..WRITERS {
        for store in [&one, &other] {
            working.spawn(work(store.clone(), each, writer > 0));
        }
    }
    working.join_all().await;
    is_done.send(true).unwrap();
    assert!(looking.await.unwrap() > 10);

    let size = size(&one).await;
    assert_eq!(size, each * 2 * WRITERS);
    verify(&mut other.snapshot().await.unwrap(), size).await;
    // PostgreSQL numbers transactions when they first write, which is when they hold the lock.
    let out_of_order =
        "SELECT count(*) FROM (SELECT xmin::text::bigint AS this, lag(xmin::text::bigint) OVER (ORDER BY sequence)
                          AS before FROM entry) AS entries WHERE this < before";
    let mut conn = other.read().await.unwrap();
    let out_of_order: i64 = sql::query_scalar(out_of_order).fetch_one(conn.database()).await.unwrap();
    assert_eq!(out_of_order, 0);
    let groups = one.groups().await + other.groups().await;
    assert!(groups < size.cast_unsigned() / 2, "{groups} commits");
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_that_start_at_once_migrate_an_empty_database_once() {
    let empty = server().empty().await.unwrap();
    let mut starting = JoinSet::new();
    for _ in 0..4 {
        let url = empty.url();
        starting.spawn(async move { Store::connect(&url).await.unwrap() });
    }
    let stores = starting.join_all().await;
    for (number, store) in (1..).zip(&stores) {
        work(store.clone(), 1, true).await;
        assert_eq!(size(store).await, number);
    }
}

#[tokio::test]
async fn an_instance_that_freezes_in_the_middle_of_a_write_loses_it_and_others_go_on() {
    let database = database().await;
    let (frozen, other) =
        (Store::connect(&database.url()).await.unwrap(), Store::connect(&database.url()).await.unwrap());
    let mut tx = frozen.write_together().await.unwrap();
    write_entry(&mut tx).await;
    // From here on it says nothing.
    work(other.clone(), 1, false).await;
    assert_eq!(size(&other).await, 1);
    let done = tx.commit().await;
    assert!(matches!(done, Err(StoreError::Unwritable(_))), "{done:?}");
    work(frozen.clone(), 1, true).await;
    assert_eq!(size(&other).await, 2);
    verify(&mut other.snapshot().await.unwrap(), 2).await;
}

#[tokio::test]
async fn a_transaction_with_a_failed_statement_is_not_taken_for_committed() {
    let database = database().await;
    let store = Store::connect(&database.url()).await.unwrap();
    let mut tx = store.write().await.unwrap();
    write_entry(&mut tx).await;
    tx.execute("INSERT INTO review VALUES (1, 'unheard of', 1)").await.unwrap_err();
    // PostgreSQL itself answers a COMMIT with ROLLBACK, and no error.
    let done = tx.commit().await;
    assert!(matches!(done, Err(StoreError::Unwritable(_))), "{done:?}");
    assert_eq!(size(&store).await, 0);
    work(store.clone(), 1, false).await;
    assert_eq!(size(&store).await, 1);
}

#[tokio::test]
async fn nobody_writes_through_a_connection_that_reads() {
    let database = database().await;
    let store = Store::connect(&database.url()).await.unwrap();
    let mut reader = store.read().await.unwrap();
    let refused = sql::query("DELETE FROM session").execute(reader.database()).await.unwrap_err().to_string();
    assert!(refused.contains("read-only"), "{refused}");
    let reader = Store::connect_read_only(&database.url()).await.unwrap();
    assert!(matches!(reader.write().await, Err(StoreError::Unwritable(_))));
}

#[tokio::test]
async fn a_snapshot_stays_as_it_is_while_others_write() {
    let database = database().await;
    let store = Store::connect(&database.url()).await.unwrap();
    let mut snapshot = store.snapshot().await.unwrap();
    assert_eq!(tree::size(&mut snapshot).await.unwrap(), 0);
    work(store.clone(), 2, false).await;
    assert_eq!(tree::size(&mut snapshot).await.unwrap(), 0);
    drop(snapshot);
    assert_eq!(size(&store).await, 2);
}

#[tokio::test]
async fn a_database_with_another_schema_is_not_read() {
    let empty = server().empty().await.unwrap();
    let refused = Store::connect_read_only(&empty.url()).await.unwrap_err().to_string();
    assert!(refused.contains("has no schema"), "{refused}");
    let store = Store::connect(&empty.url()).await.unwrap();
    store.execute("UPDATE _sqlx_migrations SET version = 99 WHERE version = 1").await.unwrap();
    let refused = Store::connect_read_only(&empty.url()).await.unwrap_err().to_string();
    assert!(refused.contains("has schema 99"), "{refused}");
    assert!(matches!(Store::connect(&empty.url()).await, Err(StoreError::Migration(_))));
}

/// Whether the server gets the COMMIT whose answer is lost.
#[derive(Clone, Copy)]
enum Lost {
    Answer,
    Question,
}

/// A way to the server that breaks at the next COMMIT, once `breaks` says so.
async fn breaking_way(port: u16, lost: Lost, breaks: watch::Receiver<bool>) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let own = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            tokio::spawn(forward(client, server, lost, breaks.clone()));
        }
    });
    own
}

async fn forward(client: TcpStream, server: TcpStream, lost: Lost, breaks: watch::Receiver<bool>) {
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    let answers = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut buffer = vec![0; 65_536];
    while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
        let question = &buffer[..length];
        if *breaks.borrow() && question.windows(6).any(|word| word == b"COMMIT") {
            answers.abort();
            if let Lost::Answer = lost {
                to_server.write_all(question).await.unwrap();
                sleep(Duration::from_millis(100)).await;
            }
            return;
        }
        if to_server.write_all(question).await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_commit_is_found_out_if_the_connection_is_lost_before_its_answer() {
    for lost in [Lost::Answer, Lost::Question] {
        let database = database().await;
        let (breaks_now, breaks) = watch::channel(false);
        let direct = database.url();
        let (before, name) = direct.rsplit_once('/').unwrap();
        let (credentials, port) = before.rsplit_once(':').unwrap();
        let way = breaking_way(port.parse().unwrap(), lost, breaks).await;
        let store = Store::connect(&format!("{credentials}:{way}/{name}")).await.unwrap();
        let mut tx = store.write().await.unwrap();
        write_entry(&mut tx).await;
        breaks_now.send(true).unwrap();
        let done = tx.commit().await;
        breaks_now.send(false).unwrap();
        match lost {
            Lost::Answer => done.unwrap(),
            Lost::Question => assert!(matches!(done, Err(StoreError::Unwritable(_))), "{done:?}"),
        }
        let is_there = i64::from(matches!(lost, Lost::Answer));
        assert_eq!(size(&store).await, is_there);
        work(store.clone(), 1, true).await;
        assert_eq!(size(&store).await, is_there + 1);
    }
}
