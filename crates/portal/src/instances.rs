//! Several instances of one portal share a database. Work that one of them does for all is done under a lease. Alone, the
//! portal holds the lock of its data folder, and needs no lease: it writes none.

pub(crate) mod instance;

use std::{future::Future, time::Duration};

use store::{
    Lease, StoreError,
    leases::{self, within},
};
use tokio::time::Instant;

use self::instance::Held;
pub use self::instance::Work;
use crate::Portal;

/// How long a lease lasts: this long nobody does the work of an instance that died.
pub(crate) const TERM: Duration = Duration::from_secs(20);
/// How often leases are renewed. Three renewals may fail before a lease is lost.
pub const RENEW_EVERY: Duration = Duration::from_secs(5);
/// The most by which this machine's clock may differ from the database's. Deadlines of calls have two seconds to spare.
const MOST_SKEW: time::Duration = time::Duration::SECOND;

impl Portal {
    /// Does work under its lease. Does nothing if another instance has the lease.
    ///
    /// # Errors
    /// Those of the work. If the lease is lost meanwhile, whatever it would still write is refused.
    pub async fn do_for_all<E>(&self, work: Work, done: impl Future<Output = Result<(), E>>) -> Result<(), E> {
        if !self.instance.has_others {
            return done.await;
        }
        match self.instance.fence(work) {
            Some(fence) => within(Some(fence), done).await,
            None => Ok(()),
        }
    }

    /// Whether this instance does this work for all of them now.
    #[must_use]
    pub fn does_for_all(&self, work: Work) -> bool {
        self.instance.does(work)
    }

    /// Renews the leases of this instance, and acquires those that nobody holds. Does nothing if the portal is alone.
    ///
    /// # Errors
    /// If the database cannot be written, or this machine's clock differs too much from the database's. Then others take
    /// this instance's work over.
    pub async fn renew_leases(&self) -> Result<(), StoreError> {
        if !self.instance.has_others {
            return Ok(());
        }
        // The answer may take long to arrive.
        let asked = Instant::now();
        let held = self.instance.held().leases.clone();
        let mut tx = self.store.write().await?;
        let skew = self.now() - leases::clock(&mut tx).await?;
        let is_skewed = skew.abs() > MOST_SKEW;
        if is_skewed {
            leases::release(&mut tx, &self.instance.id, &held).await?;
        }
        let wanted: Vec<String> =
            if is_skewed { Vec::new() } else { Work::ALL.iter().map(|work| work.as_str().to_owned()).collect() };
        let holds = leases::renew(&mut tx, &self.instance.id, &held, &wanted, TERM).await?;
        tx.commit().await?;
        note_changes(&held, &holds);
        metrics::gauge!("portal_leases_held").set(holds.len() as f64);
        *self.instance.held() = Held { leases: holds, until: asked + TERM, skew: is_skewed.then_some(skew) };
        self.instance.check_clock()
    }

    /// Gives up the leases of this instance, which stops.
    ///
    /// # Errors
    /// If the database cannot be written. Then they expire.
    pub(crate) async fn release_leases(&self) -> Result<(), StoreError> {
        let held = std::mem::take(&mut self.instance.held().leases);
        if held.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.write().await?;
        leases::release(&mut tx, &self.instance.id, &held).await?;
        tx.commit().await
    }
}

fn note_changes(held: &[Lease], holds: &[Lease]) {
    for lease in holds.iter().filter(|lease| !held.contains(lease)) {
        tracing::info!(work = lease.name, token = lease.token, "this instance does this work from now on");
    }
    for lease in held.iter().filter(|lease| !holds.iter().any(|now| now.name == lease.name)) {
        tracing::warn!(work = lease.name, token = lease.token, "another instance does this work from now on");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use store::{Action, Draft, EntryActor, OperationId, Stage, clock::Clock, private_file};
    use tempfile::TempDir;
    use time::OffsetDateTime;
    use tokio::sync::oneshot;

    use super::*;
    use crate::{Settings, vault::Vault};

    /// Two instances of one portal, which read the same clock.
    struct Two {
        one: Arc<Portal>,
        other: Arc<Portal>,
        clock: Clock,
        _folder: TempDir,
    }

    impl Two {
        async fn start() -> Self {
            let folder = TempDir::with_prefix("portal-two-").unwrap();
            let key = folder.path().join("key");
            private_file::create(&key, Vault::new_key().unwrap().as_bytes()).unwrap();
            // On SQLite, also where tests use PostgreSQL: nobody sets the clock of its server. The store's tests of leases do
            // without that, on both.
            let data = folder.path().join("data");
            std::fs::create_dir(&data).unwrap();
            private_file::create(&data.join(store::DATABASE), b"").unwrap();
            let clock = Clock::at(OffsetDateTime::now_utc());
            let settings = Settings { has_other_instances: true, clock: clock.clone(), ..Settings::new(data, key) };
            let one = Portal::open(settings.clone()).await.unwrap();
            Self { one, other: Portal::open(settings).await.unwrap(), clock, _folder: folder }
        }

        fn forward(&self, by: Duration) {
            self.clock.set(self.one.now() + by);
        }
    }

    fn does(portal: &Portal) -> usize {
        Work::ALL.iter().filter(|work| portal.instance.does(**work)).count()
    }

    async fn ran(portal: &Portal, work: Work) -> bool {
        let mut ran = false;
        let run = async {
            ran = true;
            Ok::<(), StoreError>(())
        };
        portal.do_for_all(work, run).await.unwrap();
        ran
    }

    fn draft() -> Draft {
        Draft::new(OperationId::new(), Stage::Recorded, EntryActor::system(), Action::AuditExport)
    }

    #[tokio::test]
    async fn one_instance_does_the_work_until_it_stops_and_then_the_other() {
        let two = Two::start().await;
        assert_eq!((does(&two.one), does(&two.other)), (0, 0));
        two.one.renew_leases().await.unwrap();
        two.other.renew_leases().await.unwrap();
        assert_eq!((does(&two.one), does(&two.other)), (Work::ALL.len(), 0));
        assert!(ran(&two.one, Work::Jobs).await);
        assert!(!ran(&two.other, Work::Jobs).await);
        two.forward(TERM / 2);
        two.one.renew_leases().await.unwrap();
        two.forward(TERM / 2);
        two.other.renew_leases().await.unwrap();
        assert_eq!(does(&two.other), 0, "the first has renewed its leases");
        two.one.close().await;
        two.other.renew_leases().await.unwrap();
        assert_eq!(
            does(&two.other),
            Work::ALL.len(),
            "a stopped instance does not keep its work for the rest of the term"
        );
    }

    #[tokio::test]
    async fn an_instance_that_was_frozen_writes_nothing_of_the_work_that_another_has_taken_over() {
        let two = Two::start().await;
        two.one.renew_leases().await.unwrap();
        let (thaw, thawed) = oneshot::channel::<()>();
        let frozen = tokio::spawn({
            let portal = Arc::clone(&two.one);
            async move {
                let work = async {
                    thawed.await.unwrap();
                    portal.record(draft()).await
                };
                portal.do_for_all(Work::Jobs, work).await
            }
        });
        tokio::task::yield_now().await;
        two.forward(TERM);
        two.other.renew_leases().await.unwrap();
        assert_eq!(does(&two.other), Work::ALL.len());
        thaw.send(()).unwrap();
        let late = frozen.await.unwrap();
        assert!(matches!(&late, Err(StoreError::LeaseLost { name }) if name == "jobs"), "{late:?}");
        // What a person asks this instance for is no work for all.
        two.one.record(draft()).await.unwrap();
        two.other.do_for_all(Work::Jobs, two.other.record(draft())).await.unwrap();
        two.one.renew_leases().await.unwrap();
        assert_eq!(does(&two.one), 0, "it notices that its leases are lost");
    }

    #[tokio::test]
    async fn a_portal_that_is_alone_does_everything_and_writes_no_lease() {
        let folder = TempDir::with_prefix("portal-alone-").unwrap();
        let key = folder.path().join("key");
        private_file::create(&key, Vault::new_key().unwrap().as_bytes()).unwrap();
        let portal = Portal::open(Settings::new(folder.path().join("data"), key)).await.unwrap();
        let before = portal.store.version().await.unwrap();
        portal.renew_leases().await.unwrap();
        assert!(ran(&portal, Work::Jobs).await);
        assert_eq!(does(&portal), Work::ALL.len());
        assert_eq!(portal.store.version().await.unwrap(), before);
        portal.close().await;
    }
}
