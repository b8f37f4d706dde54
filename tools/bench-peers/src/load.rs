//! Load: so many connections that each ask again as soon as they were answered, for a time.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::{
    client::{Client, Page},
    error::Result,
};

/// What was measured.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// How long each page took, in the order of length.
    times: Vec<Duration>,
    length: Duration,
}

impl Measured {
    pub fn per_second(&self) -> f64 {
        self.times.len() as f64 / self.length.as_secs_f64().max(f64::EPSILON)
    }

    /// The time within which this share of the pages came.
    pub fn within(&self, share: f64) -> Duration {
        let last = self.times.len().saturating_sub(1);
        self.times.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
    }

    pub fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.times.sort_unstable();
        self.length += other.length;
    }
}

/// Asks for `page` on `connections` connections for `length`.
pub async fn load(page: &Page, connections: usize, length: Duration) -> Result<Measured> {
    let begun = Instant::now();
    let mut all = JoinSet::new();
    for _ in 0..connections {
        let mut client = Client::new(page.clone());
        all.spawn(async move {
            let mut times = Vec::new();
            while begun.elapsed() < length {
                let asked = Instant::now();
                client.ask().await.map_err(|error| error.to_string())?;
                times.push(asked.elapsed());
            }
            Ok::<_, String>(times)
        });
    }
    let mut measured = Measured::default();
    while let Some(times) = all.join_next().await {
        measured.times.extend(times??);
    }
    measured.length = begun.elapsed();
    measured.times.sort_unstable();
    Ok(measured)
}

/// Asks for `page` this many times, on ten connections.
pub async fn ask_often(page: &Page, times: usize) -> Result<()> {
    let mut all = JoinSet::new();
    for _ in 0..10 {
        let mut client = Client::new(page.clone());
        all.spawn(async move {
            for _ in 0..times / 10 {
                client.ask().await.map_err(|error| error.to_string())?;
            }
            Ok::<_, String>(())
        });
    }
    while let Some(done) = all.join_next().await {
        done??;
    }
    Ok(())
}
