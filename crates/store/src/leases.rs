//! Leases: which instance does what, for as long as it says that it is alive. A lease expires by the database's clock, so
//! that the instances' clocks do not matter. Whoever acquires one gets a larger token than all before.
//!
//! A [`Fence`] is the token that a task works under. Every transaction that the task begins with [`crate::Store::write`]
//! or [`crate::Store::write_together`] compares it under the write lock, under which leases are acquired, too: a task that
//! was frozen until another instance took over writes nothing more.

use std::{future::Future, sync::Arc, time::Duration};

use time::OffsetDateTime;

use crate::{
    Read, StoreError, Write, sql,
    values::{instant, micros},
};

/// A lease that an instance holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// What it is for.
    pub name: String,
    /// Larger than that of every earlier holder.
    pub token: i64,
}

tokio::task_local! {
    static FENCE: Fence;
}

/// A lease that a task works under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    lease: Arc<Lease>,
    holder: Arc<str>,
}

impl Fence {
    /// The fence of this instance's lease.
    #[must_use]
    pub fn new(holder: &Arc<str>, lease: Lease) -> Self {
        Self { lease: Arc::new(lease), holder: Arc::clone(holder) }
    }

    /// The fence that this task works under.
    #[must_use]
    pub fn current() -> Option<Self> {
        FENCE.try_with(Clone::clone).ok()
    }

    pub(crate) async fn check(&self, tx: &mut Write) -> Result<(), StoreError> {
        let held = "SELECT count(*) FROM lease WHERE name = ? AND holder = ? AND token = ?";
        let held = sql::query_scalar::<i64>(held)
            .bind(self.lease.name.as_str())
            .bind(&*self.holder)
            .bind(self.lease.token)
            .fetch_one(tx.database())
            .await?;
        match held {
            0 => Err(StoreError::LeaseLost { name: self.lease.name.clone() }),
            _ => Ok(()),
        }
    }
}

/// Does work under a fence, or under none. A task that was spawned does not inherit that of the task that spawned it.
pub async fn within<F: Future>(fence: Option<Fence>, work: F) -> F::Output {
    match fence {
        Some(fence) => FENCE.scope(fence, work).await,
        None => work.await,
    }
}

// The clock of the moment, not that of the beginning of the transaction, which may have waited.
const CLOCK: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

/// What the database's clock says: on PostgreSQL the server's, on SQLite this process's.
///
/// # Errors
/// If the database cannot be read.
pub async fn clock(conn: &mut Read) -> Result<OffsetDateTime, StoreError> {
    if conn.is_sqlite() {
        return Ok(conn.now());
    }
    instant(sql::query_scalar(CLOCK).fetch_one(conn.database()).await?)
}

// A lease that has expired is not renewed, even if nobody took it: it could have been taken and released since.
const RENEW: &str =
    "UPDATE lease SET until = ? WHERE name = ? AND holder = ? AND token = ? AND until > ? RETURNING token";
const ACQUIRE: &str = "INSERT INTO lease (name, holder, token, until) VALUES (?1, ?2, 1, ?3)
     ON CONFLICT (name) DO UPDATE SET holder = ?2, token = lease.token + 1, until = ?3 WHERE lease.until <= ?4
     RETURNING token";

/// Renews the leases that the instance holds, and acquires those of `wanted` that nobody holds. Returns what it holds now;
/// what is missing was lost, or is held by another.
///
/// # Errors
/// If the database cannot be written.
pub async fn renew(
    tx: &mut Write,
    holder: &str,
    held: &[Lease],
    wanted: &[String],
    term: Duration,
) -> Result<Vec<Lease>, StoreError> {
    let now = clock(tx).await?;
    let (now, until) = (micros(now), micros(now + term));
    let mut holds = Vec::new();
    for name in wanted {
        let before = held.iter().find(|lease| lease.name == *name);
        let renewed = match before {
            Some(lease) => sql::query_scalar::<i64>(RENEW)
                .bind(until)
                .bind(name.as_str())
                .bind(holder)
                .bind(lease.token)
                .bind(now)
                .fetch_optional(tx.database())
                .await
                .map_err(StoreError::Unwritable)?,
            None => None,
        };
        let token = match renewed {
            Some(token) => Some(token),
            None => sql::query_scalar::<i64>(ACQUIRE)
                .bind(name.as_str())
                .bind(holder)
                .bind(until)
                .bind(now)
                .fetch_optional(tx.database())
                .await
                .map_err(StoreError::Unwritable)?,
        };
        holds.extend(token.map(|token| Lease { name: name.clone(), token }));
    }
    Ok(holds)
}

/// Gives leases up, so that others need not wait until they expire.
///
/// # Errors
/// If the database cannot be written.
pub async fn release(tx: &mut Write, holder: &str, held: &[Lease]) -> Result<(), StoreError> {
    for lease in held {
        sql::query("UPDATE lease SET until = 0 WHERE name = ? AND holder = ? AND token = ?")
            .bind(lease.name.as_str())
            .bind(holder)
            .bind(lease.token)
            .execute(tx.database())
            .await
            .map_err(StoreError::Unwritable)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use tempfile::TempDir;
    use tokio::time::sleep;

    use super::*;
    use crate::{
        Action, Draft, EntryActor, OperationId, Stage, Store, append,
        clock::Clock,
        testing::postgres::{self, Database},
    };

    const TERM: Duration = Duration::from_millis(300);
    const ONE: &str = "one";
    const OTHER: &str = "other";

    #[derive(Clone, Copy)]
    enum On {
        Sqlite,
        Postgres,
    }

    /// Two instances' stores of one database.
    struct Two {
        one: Store,
        other: Store,
        _folder: Option<TempDir>,
        _database: Option<Database>,
    }

    impl Two {
        async fn on(on: On) -> Self {
            // An instance whose clock is an hour ahead.
            let ahead = || Clock::at(OffsetDateTime::now_utc() + Duration::from_secs(3_600));
            match on {
                On::Sqlite => {
                    let folder = tempfile::tempdir().unwrap();
                    let (one, other) = (
                        Store::open_file(folder.path()).await.unwrap(),
                        Store::open_file(folder.path()).await.unwrap(),
                    );
                    Self { one, other, _folder: Some(folder), _database: None }
                }
                On::Postgres => {
                    let database = postgres::server().fresh().await.unwrap();
                    let one = Store::connect(&database.url()).await.unwrap();
                    let other = Store::connect(&database.url()).await.unwrap().with_clock(ahead());
                    Self { one, other, _folder: None, _database: Some(database) }
                }
            }
        }
    }

    async fn renewed(store: &Store, holder: &str, held: &[Lease]) -> Vec<Lease> {
        let mut tx = store.write().await.unwrap();
        let holds = renew(&mut tx, holder, held, &["jobs".to_owned()], TERM).await.unwrap();
        tx.commit().await.unwrap();
        holds
    }

    async fn released(store: &Store, holder: &str, held: &[Lease]) {
        let mut tx = store.write().await.unwrap();
        release(&mut tx, holder, held).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn jobs(token: i64) -> Vec<Lease> {
        vec![Lease { name: "jobs".to_owned(), token }]
    }

    fn fence(holder: &str, token: i64) -> Option<Fence> {
        Some(Fence::new(&holder.into(), jobs(token).remove(0)))
    }

    async fn appended(store: &Store) -> Result<(), StoreError> {
        let mut tx = store.write_together().await?;
        append(&mut tx, Draft::new(OperationId::new(), Stage::Recorded, EntryActor::system(), Action::AuditExport))
            .await?;
        tx.commit().await
    }

    async fn entries(store: &Store) -> i64 {
        // A clock that differs has entries of its own.
        let count = "SELECT count(*) FROM operation WHERE action = 'audit.export'";
        sql::query_scalar(count).fetch_one(store.read().await.unwrap().database()).await.unwrap()
    }

    #[rstest]
    #[tokio::test]
    async fn one_instance_holds_a_lease_until_it_expires_and_the_next_has_a_larger_token(
        #[values(On::Sqlite, On::Postgres)] on: On,
    ) {
        let two = Two::on(on).await;
        let held = renewed(&two.one, ONE, &[]).await;
        assert_eq!(held, jobs(1));
        assert_eq!(renewed(&two.other, OTHER, &[]).await, []);
        assert_eq!(renewed(&two.one, ONE, &held).await, jobs(1));
        sleep(TERM).await;
        assert_eq!(renewed(&two.other, OTHER, &[]).await, jobs(2));
        assert_eq!(renewed(&two.one, ONE, &held).await, []);
        released(&two.one, ONE, &held).await;
        assert_eq!(renewed(&two.one, ONE, &[]).await, [], "only its holder gives a lease up");
        released(&two.other, OTHER, &jobs(2)).await;
        assert_eq!(renewed(&two.one, ONE, &[]).await, jobs(3));
    }

    #[rstest]
    #[tokio::test]
    async fn who_let_a_lease_expire_gets_another_token(#[values(On::Sqlite, On::Postgres)] on: On) {
        let two = Two::on(on).await;
        let held = renewed(&two.one, ONE, &[]).await;
        sleep(TERM).await;
        assert_eq!(renewed(&two.one, ONE, &held).await, jobs(2));
    }

    #[rstest]
    #[tokio::test]
    async fn work_under_a_lost_lease_writes_nothing_and_harms_nobody_who_writes_with_it(
        #[values(On::Sqlite, On::Postgres)] on: On,
    ) {
        let two = Two::on(on).await;
        renewed(&two.one, ONE, &[]).await;
        within(fence(ONE, 1), appended(&two.one)).await.unwrap();
        sleep(TERM).await;
        // Nobody has taken it yet, so nobody else does the same work.
        within(fence(ONE, 1), appended(&two.one)).await.unwrap();
        renewed(&two.other, OTHER, &[]).await;
        let (late, unfenced, next) = tokio::join!(
            within(fence(ONE, 1), appended(&two.one)),
            appended(&two.one),
            within(fence(OTHER, 2), appended(&two.other)),
        );
        let late = late.unwrap_err();
        assert!(matches!(&late, StoreError::LeaseLost { name } if name == "jobs"), "{late}");
        unfenced.unwrap();
        next.unwrap();
        let single = within(fence(ONE, 1), two.one.write()).await;
        assert!(matches!(single, Err(StoreError::LeaseLost { .. })));
        assert_eq!(entries(&two.other).await, 4);
    }

    #[rstest]
    #[tokio::test]
    async fn ten_instances_that_ask_at_once_get_one_lease(#[values(On::Sqlite, On::Postgres)] on: On) {
        let two = Two::on(on).await;
        let ask = |number: usize| {
            let store = if number.is_multiple_of(2) { two.one.clone() } else { two.other.clone() };
            tokio::spawn(async move { renewed(&store, &number.to_string(), &[]).await.len() })
        };
        let asked: Vec<_> = (0..10).map(ask).collect();
        let mut got = 0;
        for asked in asked {
            got += asked.await.unwrap();
        }
        assert_eq!(got, 1);
    }

    #[tokio::test]
    async fn a_spawned_task_works_under_no_fence_unless_it_is_given_one() {
        within(fence(ONE, 1), async {
            let spawned = tokio::spawn(async { Fence::current() }).await.unwrap();
            let given = tokio::spawn(within(Fence::current(), async { Fence::current() })).await.unwrap();
            assert_eq!((Fence::current(), spawned, given), (fence(ONE, 1), None, fence(ONE, 1)));
        })
        .await;
    }
}
