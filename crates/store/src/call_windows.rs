//! Calls to Workato, counted for all instances of the portal: no window of a workspace holds more of them than its limit.
//! People come before work that nobody waits for, on whichever instance.

use std::time::Duration;

use crate::{StoreError, Write, leases::clock, sql, values::micros};

/// Calls arrive at Workato a little earlier or later than they were counted.
const MARGIN: Duration = Duration::from_millis(100);
/// How long work in the background leaves room to a person who was told to wait, after their wait.
const PEOPLE_FIRST: Duration = Duration::from_millis(500);
/// While people wait, one call in this many is work in the background, so that it progresses.
const BACKGROUND_SHARE: i64 = 5;
/// How long work in the background waits for people.
const BACKGROUND_WAIT: Duration = Duration::from_millis(250);

/// A limit of a workspace.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    /// The workspace, by any text that tells workspaces apart.
    pub workspace: &'a str,
    /// What the limit is for.
    pub class: &'a str,
    /// How many calls may be in a window.
    pub calls: usize,
    /// How long the window is.
    pub length: Duration,
}

/// Counts a call that is sent now: zero. If there is no room, counts nothing and returns how long to wait.
///
/// # Errors
/// If the database cannot be written.
pub async fn take(tx: &mut Write, window: Window<'_>, for_a_person: bool) -> Result<Duration, StoreError> {
    tx.need_not_be_durable().await?;
    let now = micros(clock(tx).await?);
    let found: Option<(String, i64, i64)> =
        sql::query_as("SELECT calls, people_until, people_since FROM call_window WHERE workspace = ? AND class = ?")
            .bind(window.workspace)
            .bind(window.class)
            .fetch_optional(tx.database())
            .await?;
    let (calls, people_until, people_since) = found.unwrap_or_default();
    let length = in_micros(window.length + MARGIN);
    let mut calls: Vec<i64> = match calls.as_str() {
        "" => Vec::new(),
        calls => serde_json::from_str(calls).map_err(|error| StoreError::damaged("list of calls", error))?,
    };
    // A clock that was set back must not keep calls for longer than a window.
    calls.retain(|at| (now - length..=now).contains(at));
    let most = window.calls.max(1);
    let free_in = match calls.len().checked_sub(most) {
        Some(oldest) => Duration::from_micros(u64::try_from(calls[oldest] + length - now).unwrap_or_default()),
        None => Duration::ZERO,
    };
    let waits_for_people = !for_a_person && people_until > now && people_since < BACKGROUND_SHARE - 1;
    if waits_for_people {
        return Ok(free_in.max(BACKGROUND_WAIT));
    }
    let (people_until, people_since) = match (free_in.is_zero(), for_a_person) {
        (true, true) => (people_until, people_since + 1),
        (true, false) => (people_until, 0),
        (false, true) => (people_until.max(now + in_micros(free_in + PEOPLE_FIRST)), people_since),
        (false, false) => return Ok(free_in),
    };
    if free_in.is_zero() {
        calls.push(now);
    }
    sql::query(
        "INSERT INTO call_window (workspace, class, calls, people_until, people_since) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (workspace, class) DO UPDATE SET calls = ?3, people_until = ?4, people_since = ?5",
    )
    .bind(window.workspace)
    .bind(window.class)
    .bind(serde_json::to_string(&calls).map_err(|error| StoreError::damaged("list of calls", error))?)
    .bind(people_until)
    .bind(people_since)
    .execute(tx.database())
    .await
    .map_err(StoreError::Unwritable)?;
    Ok(free_in)
}

fn in_micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use tempfile::TempDir;
    use time::OffsetDateTime;
    use tokio::time::Instant;

    use super::*;
    use crate::{
        Store,
        clock::Clock,
        testing::postgres::{self, Database},
    };

    const A_SECOND: Window<'_> =
        Window { workspace: "a", class: "connectors", calls: 5, length: Duration::from_secs(1) };

    async fn taken(store: &Store, window: Window<'_>, for_a_person: bool) -> Duration {
        let mut tx = store.write().await.unwrap();
        let wait = take(&mut tx, window, for_a_person).await.unwrap();
        tx.commit().await.unwrap();
        wait
    }

    async fn on_sqlite() -> (TempDir, Store, Clock) {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::at(OffsetDateTime::now_utc());
        let store = Store::open_file(folder.path()).await.unwrap().with_clock(clock.clone());
        (folder, store, clock)
    }

    #[tokio::test]
    async fn a_window_is_full_until_its_oldest_call_has_left_it() {
        let (_folder, store, clock) = on_sqlite().await;
        let begun = clock.now();
        for call in 0..5 {
            clock.set(begun + Duration::from_millis(100) * call);
            assert_eq!(taken(&store, A_SECOND, true).await, Duration::ZERO);
        }
        assert_eq!(taken(&store, A_SECOND, true).await, Duration::from_millis(700));
        assert_eq!(taken(&store, Window { workspace: "b", ..A_SECOND }, true).await, Duration::ZERO);
        assert_eq!(taken(&store, Window { class: "folders", ..A_SECOND }, true).await, Duration::ZERO);
        clock.set(begun + Duration::from_millis(1_101));
        assert_eq!(taken(&store, A_SECOND, true).await, Duration::ZERO);
        assert_ne!(taken(&store, A_SECOND, true).await, Duration::ZERO);
        // Set back by an hour: what was counted later than now says nothing.
        clock.set(begun - Duration::from_secs(3_600));
        assert_eq!(taken(&store, A_SECOND, true).await, Duration::ZERO);
    }

    #[tokio::test]
    async fn work_in_the_background_lets_people_go_first_but_not_for_ever() {
        let (_folder, store, clock) = on_sqlite().await;
        let mut now = clock.now();
        let one = Window { calls: 1, ..A_SECOND };
        assert_eq!(taken(&store, one, false).await, Duration::ZERO);
        let mut served = Vec::new();
        for _ in 0..12 {
            // Somebody waits all the time, and so does a job, which asks first.
            let wait = taken(&store, one, true).await;
            assert_ne!(wait, Duration::ZERO);
            now += wait + Duration::from_millis(1);
            clock.set(now);
            let is_background = taken(&store, one, false).await.is_zero();
            served.push(if is_background { 'b' } else { 'p' });
            assert!(is_background || taken(&store, one, true).await.is_zero());
        }
        assert_eq!(served.iter().collect::<String>(), "ppppbppppbpp");
    }

    #[rstest]
    #[tokio::test]
    async fn three_instances_that_send_what_they_can_keep_the_limit_together(#[values(false, true)] on_postgres: bool) {
        let folder = tempfile::tempdir().unwrap();
        let database: Option<Database> =
            if on_postgres { Some(postgres::server().fresh().await.unwrap()) } else { None };
        let begun = Instant::now();
        let mut instances = Vec::new();
        for _ in 0..3 {
            let store = match &database {
                Some(database) => Store::connect(&database.url()).await.unwrap(),
                None => Store::open_file(folder.path()).await.unwrap(),
            };
            instances.push(tokio::spawn(async move {
                let mut sent = Vec::new();
                while begun.elapsed() < Duration::from_secs(4) {
                    match taken(&store, A_SECOND, true).await {
                        Duration::ZERO => sent.push(begun.elapsed()),
                        wait => tokio::time::sleep(wait).await,
                    }
                }
                sent
            }));
        }
        let mut sent = Vec::new();
        for instance in instances {
            sent.extend(instance.await.unwrap());
        }
        sent.sort_unstable();
        assert!(sent.len() >= 15, "{sent:?}");
        let too_close = sent.windows(6).find(|calls| calls[5] - calls[0] < Duration::from_secs(1));
        assert_eq!(too_close, None, "more than five in a second");
    }
}
