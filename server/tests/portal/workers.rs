//! The background jobs of a whole portal: none waits for a slow peer of another.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use portal::audit::{Action, Destination, Stage};
use sandbox::Alteration;
use tokio::net::TcpListener;

use crate::support::{Installation, PAYMENTS, Targets, TestPortal, eventually};

/// Far longer than anything here should take, far shorter than the slow peers'.
const SOON: Duration = Duration::from_secs(8);

/// Takes connections and never answers.
#[derive(Clone)]
struct SlowPeer {
    address: String,
    connections: Arc<AtomicUsize>,
}

impl SlowPeer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let connections = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            let mut held = Vec::new();
            loop {
                held.push(listener.accept().await.unwrap());
                count.store(held.len(), Ordering::Relaxed);
            }
        });
        Self { address, connections }
    }

    async fn until_somebody_waits(&self) {
        let is_waited_for = || async { (self.connections.load(Ordering::Relaxed) > 0).then_some(()) };
        eventually("somebody waits for the slow peer", Duration::from_secs(30), is_waited_for).await;
    }
}

#[tokio::test]
async fn a_slow_place_for_checkpoints_delays_neither_signing_nor_another_place() {
    let slow = SlowPeer::start().await;
    let installation = Installation::new().await;
    let folder = installation.data_dir().parent().unwrap().join("outside");
    fs::create_dir(&folder).unwrap();
    let to = vec![slow.address.parse().unwrap(), Destination::Folder(folder.clone())];
    let portal = TestPortal::serve_with(installation, |settings| {
        settings.checkpoint_every = Duration::from_millis(100);
        settings.checkpoints_to = to;
    })
    .await;
    // It holds the delivery for 10 s from now on.
    slow.until_somebody_waits().await;
    portal.browser_of("operator").await;
    let size = portal.entries().await.len();
    eventually("what is new is signed and handed to the other place", SOON, || async {
        let begin = format!("{size:012}-");
        let mut files = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name());
        files.any(|name| name.to_string_lossy().starts_with(&begin)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_team_whose_workato_is_slow_delays_no_other_teams_comparison() {
    let slow = SlowPeer::start().await;
    let installation = Installation::new().await;
    // Teams are listed by name: this one comes before the other.
    let point_at_it = format!("UPDATE team SET workato_url = '{}' WHERE slug = 'lending'", slow.address);
    installation.write_with_key("team", &point_at_it).await;
    let portal = TestPortal::serve_with(installation, |settings| {
        settings.watch_every = Duration::from_millis(200);
        settings.first_watch_after = None;
        settings.workato_hosts.push(slow.address.clone());
        settings.upstream.timeout = Duration::from_secs(60);
    })
    .await;
    slow.until_somebody_waits().await;
    eventually("the other team's first comparison is over", SOON, || async {
        let entries = portal.entries().await;
        let mut watched = entries.iter().filter(|entry| entry.action == Action::TeamWatch);
        watched.any(|entry| entry.team.as_ref().is_some_and(|team| team.slug.as_str() == PAYMENTS)).then_some(())
    })
    .await;
    let (connector_id, version) = Targets::of(&portal).shareable_connector();
    portal.sandbox.workspace(0).unwrap().alter(&Alteration::ShareConnector { connector_id, version }).unwrap();
    eventually("it is compared again", SOON, || async {
        portal.entries().await.iter().any(|entry| entry.stage == Stage::Observed).then_some(())
    })
    .await;
    // Shutdown does not wait for the slow Workato either.
    tokio::time::timeout(SOON, portal.stop()).await.expect("it stops");
}
