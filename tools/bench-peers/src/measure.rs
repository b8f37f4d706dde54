//! The run: parity first, then every peer in turn, round after round, so that all meet the same machine.

use std::{fs, io::Write, path::Path, time::Duration};

use flate2::{Compression, write::GzEncoder};
use tokio::{process::Command, time::sleep};

use crate::{
    client::Page,
    error::Result,
    goals::{self, Goal},
    load::{Measured, ask_often, load},
    peers,
    portal::{Portal, start_to_first_page},
    rows::{Rows, of_page, thousand},
    served::PAGE,
    table::{Line, print_lines},
};

/// At how many connections at once.
const CONNECTIONS: [usize; 3] = [1, 10, 64];
/// How many rounds, each of this length for each of them.
const ROUNDS: usize = 2;
const LENGTH: Duration = Duration::from_secs(2);
const WARM_UP: Duration = Duration::from_millis(1_500);
/// How many of Workato's connections there are.
const USUAL: usize = 500;
const MANY: usize = 50_000;
const HELD: usize = 20_000;
/// How many pages are asked for before memory is read, twice.
const PAGES: usize = 10_000;

const LIST: &str = "/teams/payments/connections";
const AUDIT: &str = "/audit";

/// A page under load.
struct Subject {
    name: &'static str,
    page: Page,
    measured: Vec<Measured>,
}

impl Subject {
    fn new(name: &'static str, page: Page) -> Self {
        Self { name, page, measured: vec![Measured::default(); CONNECTIONS.len()] }
    }
}

/// Measures the portal `program` beside its peers, and prints the tables.
pub async fn measure(program: &str) -> Result<()> {
    let program = Path::new(program);
    let folder = std::env::temp_dir().join(format!("bench-peers-rows-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let name = folder.to_str().ok_or("the temporary folder has no plain name")?;
    let measured = measure_in(program, name).await;
    fs::remove_dir_all(&folder)?;
    measured
}

async fn measure_in(program: &Path, folder: &str) -> Result<()> {
    let portal = Portal::start(program, USUAL).await?;
    let (list, audit) = (portal.page(LIST), portal.page(AUDIT));
    for page in [&list, &audit] {
        load(page, 10, WARM_UP).await?;
    }
    let rows = settled_rows(&list).await?;
    rows.write(folder)?;
    fs::write(format!("{folder}/{PAGE}"), list.html().await?)?;
    let peers = peers::start(folder).await?;
    for peer in &peers {
        let shown = of_page(&peer.connections.html().await?)?;
        check(peer.name, &shown.1, &rows.connections)?;
        check(peer.name, &of_page(&peer.thousand.html().await?)?.1, &rows.thousand)?;
    }
    println!("Parity: all show the same text in the same {} rows, and in 1,000 rows.\n", rows.connections.len());

    let mut subjects = vec![Subject::new("The portal", list), Subject::new("The portal, audit log", audit)];
    subjects.extend(peers.iter().map(|peer| Subject::new(peer.name, peer.connections.clone())));
    let mut thousand: Vec<Subject> = peers.iter().map(|peer| Subject::new(peer.name, peer.thousand.clone())).collect();
    rounds(&mut subjects, &CONNECTIONS).await?;
    rounds(&mut thousand, &CONNECTIONS[1..2]).await?;

    let memory: Vec<u64> =
        [portal.server.memory(); 2].into_iter().chain(peers.iter().map(|peer| peer.server.memory())).collect();
    let mut lines = Vec::new();
    for (subject, memory) in subjects.iter().zip(&memory) {
        lines.push(line(subject, *memory).await?);
    }
    for (at, connections) in CONNECTIONS.iter().enumerate() {
        print_lines(&format!("The page of {USUAL} connections, 50 rows, {connections} at once"), &lines, at);
    }
    let mut of_thousand = Vec::new();
    for (subject, memory) in thousand.iter().zip(&memory[2..]) {
        of_thousand.push(line(subject, *memory).await?);
    }
    print_lines("A table of 1,000 rows, 10 at once (no page of the portal has more than 200)", &of_thousand, 1);
    for peer in peers {
        peer.server.stop().await;
    }

    portal.stop().await?;
    let many = against_many(program).await?;
    let [first, second] = memory_after_pages(program).await?;
    let started = start_to_first_page(program).await?;
    goals::print(&goals(&lines, many, [first, second], started, program).await?);
    Ok(())
}

/// The rows of the portal's page, once they read the same twice.
async fn settled_rows(list: &Page) -> Result<Rows> {
    for _ in 0..20 {
        let (first, second) = (of_page(&list.html().await?)?, of_page(&list.html().await?)?);
        if first == second && first.1.len() == 50 {
            return Ok(Rows { headings: first.0, connections: first.1, thousand: thousand() });
        }
        sleep(Duration::from_millis(500)).await;
    }
    Err("the portal’s page has no 50 rows that stay".into())
}

fn check(name: &str, shown: &[Vec<String>], meant: &[Vec<String>]) -> Result<()> {
    if shown.len() != meant.len() {
        return Err(format!("{name} shows {} rows instead of {}", shown.len(), meant.len()).into());
    }
    match shown.iter().zip(meant).find(|(shown, meant)| shown != meant) {
        None => Ok(()),
        Some((shown, meant)) => Err(format!("{name} shows {shown:?} instead of {meant:?}").into()),
    }
}

/// Loads all in turn.
async fn rounds(subjects: &mut [Subject], connections: &[usize]) -> Result<()> {
    for round in 0..=ROUNDS {
        for subject in &mut *subjects {
            if round == 0 {
                load(&subject.page, 10, WARM_UP).await?;
                continue;
            }
            for count in connections {
                let measured = load(&subject.page, *count, LENGTH).await?;
                let at = CONNECTIONS.iter().position(|known| known == count).unwrap_or_default();
                subject.measured[at].add(measured);
            }
        }
    }
    Ok(())
}

async fn line(subject: &Subject, memory: u64) -> Result<Line> {
    let html = subject.page.html().await?;
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(html.as_bytes())?;
    // Most peers leave compression to a proxy; the portal does it itself.
    let gzip = match subject.name.starts_with("The portal") {
        true => subject.page.packed().await?.len(),
        false => packed.finish()?.len(),
    };
    Ok(Line { name: subject.name, measured: subject.measured.clone(), bytes: html.len(), gzip, memory })
}

/// How much longer the page takes with many connections upstream than with few, in turn.
async fn against_many(program: &Path) -> Result<f64> {
    let (usual, many) = (Portal::alone(program, USUAL).await?, Portal::alone(program, MANY).await?);
    let (few, crowded) = (usual.page(LIST), many.page(LIST));
    load(&few, 10, WARM_UP).await?;
    load(&crowded, 10, WARM_UP * 2).await?;
    let mut medians = [Vec::new(), Vec::new()];
    for _ in 0..4 {
        for (page, medians) in [&few, &crowded].into_iter().zip(&mut medians) {
            medians.push(load(page, 1, LENGTH).await?.within(0.5).as_secs_f64());
        }
    }
    usual.stop().await?;
    many.stop().await?;
    let [few, many] = medians.map(|mut medians| {
        medians.sort_by(f64::total_cmp);
        medians[medians.len() / 2]
    });
    Ok(many / few)
}

async fn memory_after_pages(program: &Path) -> Result<[u64; 2]> {
    let portal = Portal::alone(program, HELD).await?;
    let list = portal.page(LIST);
    ask_often(&list, PAGES).await?;
    let first = portal.server.memory();
    ask_often(&list, PAGES).await?;
    let second = portal.server.memory();
    portal.stop().await?;
    Ok([first, second])
}

async fn goals(lines: &[Line], many: f64, memory: [u64; 2], started: Duration, program: &Path) -> Result<Vec<Goal>> {
    let portal = &lines[0];
    let mut goals = Vec::new();
    for (name, least) in [("Leptos islands, bare", 0.6), ("Django admin", 100.0), ("Next.js", 30.0)] {
        if let Some(peer) = lines.iter().find(|line| line.name == name) {
            let ratio = portal.per_second(1) / peer.per_second(1);
            goals.push(Goal::at_least(format!("pages a second against: {name}"), least, ratio, "×"));
        }
    }
    let spread = portal.measured[1].within(0.99).as_secs_f64() / portal.measured[1].within(0.5).as_secs_f64();
    goals.push(Goal::at_most("p99 ÷ p50, 10 at once", 4.0, spread, "×"));
    goals.push(Goal::at_most("bytes of the page of 50 rows", 30.0, portal.bytes as f64 / 1e3, "KB"));
    goals.push(Goal::at_most("the same, gzip", 6.0, portal.gzip as f64 / 1e3, "KB"));
    goals.push(Goal::at_most(format!("time of a page with {MANY} connections, against {USUAL}"), 1.3, many, "×"));
    let [first, second] = memory.map(|bytes| bytes as f64 / f64::from(1 << 20));
    goals.push(Goal::at_most(format!("memory after {PAGES} pages of {HELD} connections"), 128.0, first, "MiB"));
    goals.push(Goal::at_most("the same after as many again, against that", 1.05, second / first, "×"));
    goals.push(Goal::at_most("start to first page, an empty log", 200.0, started.as_secs_f64() * 1e3, "ms"));
    goals.push(Goal::at_most("the program", 40.0, fs::metadata(program)?.len() as f64 / 1e6, "MB"));
    goals.push(Goal::at_most("first visit: scripts, WebAssembly and styles, brotli", 80.0, first_visit().await?, "KB"));
    Ok(goals)
}

/// What a browser fetches at its first visit, in kilobytes. The build has it packed.
async fn first_visit() -> Result<f64> {
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/site/pkg");
    let listed = Command::new("find").arg(site).args(["-name", "*.br", "-printf", "%s\n"]).output().await?.stdout;
    let sizes = String::from_utf8(listed)?;
    Ok(sizes.lines().filter_map(|size| size.parse::<f64>().ok()).sum::<f64>() / 1e3)
}
