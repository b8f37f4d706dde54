//! A table of ratios: how many pages the portal serves for each page of a peer.

use std::time::Duration;

use crate::load::Measured;

/// What is known of one page.
pub struct Line {
    pub name: &'static str,
    /// By how many connections at once.
    pub measured: Vec<Measured>,
    pub bytes: usize,
    pub gzip: usize,
    pub memory: u64,
}

impl Line {
    pub fn per_second(&self, at: usize) -> f64 {
        self.measured[at].per_second()
    }
}

/// Prints the lines as they were measured at one number of connections. Ratios are to the first line.
pub fn print_lines(title: &str, lines: &[Line], at: usize) {
    println!("{title}");
    println!(
        "{:24} {:>10} {:>12} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "", "pages/s", "first ÷ it", "p50 ms", "p99 ms", "KB", "gzip KB", "MiB"
    );
    let first = lines.first().map_or(0.0, |line| line.per_second(at));
    for line in lines {
        let measured = &line.measured[at];
        println!(
            "{:24} {:>10.0} {:>12.2} {:>9} {:>9} {:>9.1} {:>9.1} {:>9.0}",
            line.name,
            measured.per_second(),
            first / measured.per_second(),
            milliseconds(measured.within(0.5)),
            milliseconds(measured.within(0.99)),
            line.bytes as f64 / 1e3,
            line.gzip as f64 / 1e3,
            line.memory as f64 / f64::from(1 << 20),
        );
    }
    println!();
}

fn milliseconds(took: Duration) -> String {
    format!("{:.2}", took.as_secs_f64() * 1e3)
}
