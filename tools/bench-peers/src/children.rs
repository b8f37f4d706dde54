//! The processes under load, and how much memory they hold. They end with the run.

use std::{fs, net::SocketAddr, process::Stdio, time::Duration};

use tokio::{
    net::TcpListener,
    process::{Child, Command},
    time::{Instant, sleep},
};

use crate::{client, client::Page, error::Result};

/// How long a process may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process that serves.
pub struct Server(Child);

impl Server {
    /// Starts `command`, whose output is not shown.
    pub fn start(command: &mut Command) -> Result<Self> {
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self(quiet.kill_on_drop(true).spawn()?))
    }

    /// Takes over a process that was started.
    pub const fn of(child: Child) -> Self {
        Self(child)
    }

    /// Waits until it answers.
    pub async fn ready(&mut self, page: &Page) -> Result<()> {
        let begun = Instant::now();
        while !client::answers(page).await {
            if let Some(status) = self.0.try_wait()? {
                return Err(format!("it ended with {status}").into());
            }
            if begun.elapsed() > PATIENCE {
                return Err("it does not answer".into());
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// What it and its children hold in memory, in bytes. What they share counts once.
    pub fn memory(&self) -> u64 {
        self.0.id().map_or(0, |id| family(id).into_iter().map(held).sum())
    }

    /// Ends it and its children.
    pub async fn stop(mut self) {
        if let Some(id) = self.0.id() {
            for member in family(id) {
                // It may have ended by itself.
                let _ = Command::new("kill").arg(member.to_string()).stderr(Stdio::null()).status().await;
            }
        }
        let _ = tokio::time::timeout(Duration::from_secs(10), self.0.wait()).await;
    }
}

/// A free address on the loopback.
pub async fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?)
}

fn family(id: u32) -> Vec<u32> {
    let mut all = vec![id];
    let mut at = 0;
    while let Some(parent) = all.get(at).copied() {
        let children = fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten();
        for thread in children {
            let listed = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            all.extend(listed.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
        }
        at += 1;
    }
    all
}

fn held(id: u32) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1024
}
