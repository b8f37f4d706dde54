//! Ten people click through one team's pages for some minutes against a sandbox with Workato's limits. The sandbox must
//! not refuse a single call, and everybody must get pages. Run it with `make soak`.

use std::{
    env, fmt,
    time::{Duration, Instant},
};

use portal::{
    Portal, PortalRole, TeamRole,
    accounts::{Password, PersonInput},
    audit::Stage,
    upstream::UpstreamSettings,
};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use sandbox::Options;
use secrecy::SecretString;
use time::OffsetDateTime;
use tokio::{task::JoinSet, time::sleep};

use crate::{
    routes::jobs::start,
    support::{Browser, ChangeKind, Installation, PAYMENTS, Page, Targets, TestPortal, email, password},
};

/// How long the people click, in minutes.
const MINUTES: &str = "PORTAL_SOAK_MINUTES";
const SEED: u64 = 20_261_122;
/// The first one, `ann`, clicks four times as often as the others, who must not be slowed down by that.
const PEOPLE: [&str; 10] = ["ann", "ben", "cleo", "dan", "eve", "finn", "gus", "hal", "ida", "jo"];
const LIST: &str = "/teams/payments/connections";
const CONNECTORS: &str = "/teams/payments/connectors";
const CUSTOMERS: &str = "/teams/payments/customers";

/// An installation with all of them; every second one is an operator.
async fn installation() -> Installation {
    let installation =
        Installation::with(Options { connections: 2_000, connectors: 60, ..Options::on_any_port() }).await;
    let portal = Portal::open(installation.settings()).await.unwrap();
    let admin = portal.command_line("soak");
    let team = portal.team_for_admin(&admin, PAYMENTS).await.unwrap();
    for (number, who) in PEOPLE.into_iter().enumerate() {
        let input = PersonInput { email: email(who), name: format!("The {who}"), role: PortalRole::Member };
        let password = Password::try_from(SecretString::from(password(who))).unwrap();
        let person = portal.create_person(&admin, &input, password).await.unwrap();
        let role = if number % 2 == 0 { TeamRole::Operator } else { TeamRole::Viewer };
        portal.set_member(&admin, team.id, person.id, role).await.unwrap();
    }
    portal.close().await;
    installation.sandbox.set_limited(true);
    installation
}

/// What one person saw.
#[derive(Debug, Default)]
struct Statistics {
    /// How long each page took, in order.
    pages: Vec<Duration>,
    /// Pages that showed a stale copy.
    stale: usize,
    /// Pages that mention a wait in the queue.
    waited: usize,
    /// 503: there was no copy, and the limit allowed no call.
    refused: usize,
    /// The longest run of them.
    refused_in_a_row: usize,
    in_this_row: usize,
    /// Changes that were sent.
    changes: usize,
}

impl Statistics {
    fn note(&mut self, page: &Page, took: Duration, path: &str) {
        self.pages.push(took);
        let text = page.text();
        self.stale += usize::from(text.contains("Showing the copy from"));
        self.waited += usize::from(text.contains("s in the queue"));
        if page.status == 503 {
            self.refused += 1;
            self.in_this_row += 1;
            self.refused_in_a_row = self.refused_in_a_row.max(self.in_this_row);
            assert!(!page.header("retry-after").is_empty(), "{path}: {text}");
        } else {
            self.in_this_row = 0;
            assert!(matches!(page.status, 200 | 303), "{path} is {}: {text}", page.status);
        }
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut pages = self.pages.clone();
        pages.sort();
        let at = |share: usize| pages[(pages.len() - 1) * share / 100].as_secs_f64();
        write!(
            f,
            "{:4} pages, half within {:.3} s, 95 % within {:.2} s, all within {:.1} s; {:3} from a copy, {:2} after a wait, \
             {:2} refused ({} in a row), {:2} changes",
            pages.len(),
            at(50),
            at(95),
            at(100),
            self.stale,
            self.waited,
            self.refused,
            self.refused_in_a_row,
            self.changes,
        )
    }
}

struct Person {
    browser: Browser,
    rng: StdRng,
    statistics: Statistics,
    is_operator: bool,
    /// The average time between two clicks.
    thinks: Duration,
    /// The last page, for its links.
    last: Option<Page>,
}

impl Person {
    async fn click(&mut self) {
        let path = match self.rng.random_range(0..100) {
            0..15 => LIST.to_owned(),
            15..40 => self.filtered(),
            40..55 => self.linked(LIST),
            55..65 => CONNECTORS.to_owned(),
            65..80 => self.linked(CONNECTORS),
            80..85 => CUSTOMERS.to_owned(),
            85..90 => self.linked(CUSTOMERS),
            90..95 => return self.refresh().await,
            _ if self.is_operator => return self.share().await,
            _ => "/audit?team=payments".to_owned(),
        };
        self.open(&path).await;
    }

    async fn open(&mut self, path: &str) {
        let begun = Instant::now();
        let page = self.browser.get(path).await;
        self.statistics.note(&page, begun.elapsed(), path);
        self.last = Some(page);
    }

    /// A filtered list.
    fn filtered(&mut self) -> String {
        let filter = match self.rng.random_range(0..5) {
            0 => format!("status={}", ["success", "failed", "exception", "none"].choose(&mut self.rng).unwrap()),
            1 => format!("provider={}", ["salesforce", "jira", "netsuite", "xero"].choose(&mut self.rng).unwrap()),
            2 => {
                let ago = Duration::from_secs(60 * 60 * self.rng.random_range(1..24 * 30));
                format!("updated_after={}", (OffsetDateTime::now_utc() - ago).date())
            }
            3 => format!("q={}", ["a", "prod", "uk", "2"].choose(&mut self.rng).unwrap()),
            _ => return format!("{CONNECTORS}?title={}", ["a", "pay", "s"].choose(&mut self.rng).unwrap()),
        };
        format!("{LIST}?{filter}&page={}", self.rng.random_range(1..3))
    }

    /// Something that the last page links to, or the list itself.
    fn linked(&mut self, list: &str) -> String {
        let links = self.last.iter().flat_map(|page| page.links());
        let links: Vec<_> = links.filter(|href| href.starts_with(&format!("{list}/"))).collect();
        links.choose(&mut self.rng).cloned().unwrap_or_else(|| list.to_owned())
    }

    async fn refresh(&mut self) {
        let form = self.last.as_ref().and_then(|page| page.forms("/api/fn/refresh").into_iter().next());
        let Some(form) = form else { return self.open(LIST).await };
        let begun = Instant::now();
        let answer = self.browser.submit(&form).await;
        self.statistics.note(&answer, begun.elapsed(), "refresh");
        self.open(answer.location()).await;
    }

    /// Shares some version of a connector.
    async fn share(&mut self) {
        let connector = self.linked(CONNECTORS);
        self.open(&connector).await;
        let forms = self.last.as_ref().map(|page| page.forms("/api/fn/share_version")).unwrap_or_default();
        let Some(form) = forms.choose(&mut self.rng) else { return };
        let begun = Instant::now();
        let answer = self.browser.submit(&form.clone().with("reason", "The soak")).await;
        self.statistics.note(&answer, begun.elapsed(), "share_version");
        if answer.is_redirect() {
            self.statistics.changes += usize::from(answer.location().contains("operation="));
            self.open(answer.location()).await;
        }
    }

    async fn click_until(mut self, end: Instant) -> Statistics {
        while Instant::now() < end {
            self.click().await;
            let pause = self.thinks.mul_f64(self.rng.random_range(0.2..1.8));
            sleep(pause).await;
        }
        self.statistics
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: `make soak`"]
async fn ten_people_get_their_pages_within_workatos_limits() {
    let minutes: f64 = env::var(MINUTES).ok().map_or(10.0, |minutes| minutes.parse().expect("minutes as a number"));
    let portal = TestPortal::serve_with(installation().await, |settings| {
        // The program's own settings: Workato's limits and the full waiting times.
        settings.upstream = UpstreamSettings::default();
        settings.settle_every = Duration::from_secs(60);
    })
    .await;
    let operator = portal.browser_of(PEOPLE[0]).await;
    let job = job_over_everything(&portal, &operator).await;
    let end = Instant::now() + Duration::from_secs_f64(minutes * 60.0);
    println!("{} people click for {minutes} minutes, with rng of seed {SEED}", PEOPLE.len());
    let mut clicking = JoinSet::new();
    for (number, who) in PEOPLE.into_iter().enumerate() {
        let person = Person {
            browser: portal.browser_of(who).await,
            rng: StdRng::seed_from_u64(SEED + number as u64),
            statistics: Statistics::default(),
            is_operator: number % 2 == 0,
            thinks: Duration::from_millis(if number == 0 { 750 } else { 3_000 }),
            last: None,
        };
        clicking.spawn(async move { (who, person.click_until(end).await) });
    }
    let mut days = clicking.join_all().await;
    days.sort_by_key(|(who, _)| *who);
    for (who, statistics) in &days {
        println!("{who:>4}: {statistics}");
    }
    let calls = portal.sandbox.workspace(0).unwrap().calls();
    let changes: usize = days.iter().map(|(_, statistics)| statistics.changes).sum();
    let ledger = portal.sandbox.ledger().len();
    println!(
        "Workato counted {} calls and refused {}; {changes} changes, {ledger} in the ledger",
        calls.counted, calls.refused
    );

    operator.post("/api/fn/cancel_job", &[("team", PAYMENTS), ("job", &job)]).await;
    portal.until_settled().await;
    let of_job = portal.entries().await.iter().filter(|it| it.batch.is_some() && it.stage == Stage::Intent).count();
    println!("the job sent {of_job} items");
    assert!(of_job as f64 >= minutes * 5.0, "the job hardly went on");
    assert_eq!(calls.refused, 0, "the sandbox had to refuse calls");
    assert!(calls.counted > 0, "the sandbox got no calls");
    let others: Vec<_> = days.iter().filter(|(who, _)| *who != PEOPLE[0]).collect();
    let average = others.iter().map(|(_, statistics)| statistics.pages.len()).sum::<usize>() / others.len();
    for (who, statistics) in &days {
        assert!(
            statistics.pages.len() * 3 >= average * 2,
            "{who} got {} pages, the others {average}",
            statistics.pages.len()
        );
        // The queue is 20 s long at most, and every call of the sandbox is quick.
        assert!(statistics.pages.iter().all(|took| *took < Duration::from_secs(30)), "{who} waited too long");
        assert!(statistics.refused * 20 <= statistics.pages.len(), "{who} was refused {} pages", statistics.refused);
    }
    portal.assert_every_call_was_logged().await;
}

/// Starts a job that tags every connection, which takes longer than the soak.
async fn job_over_everything(portal: &TestPortal, operator: &Browser) -> String {
    let tag = portal.sandbox.workspace(0).unwrap().tags()[0].handle.clone();
    let form = operator.get(LIST).await.form("/api/fn/dry_run");
    let answer = operator.submit(&form.with("scope", "all").with("act", "tag").with("tag", &tag)).await;
    let page = answer.location().to_owned();
    start(operator, &page).await;
    page.rsplit('/').next().expect("an id").to_owned()
}

/// Without links to follow, the soak would show nothing.
#[tokio::test]
async fn the_pages_of_the_soak_have_links_to_follow() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    for list in [LIST, CONNECTORS, CUSTOMERS] {
        let page = browser.get(list).await;
        assert!(page.links().iter().any(|href| href.starts_with(&format!("{list}/"))), "{list}");
        assert_eq!(page.forms("/api/fn/refresh").len(), 1, "{list}");
    }
    let change = Targets::of(&portal).prepare(ChangeKind::Share, &browser).await;
    assert!(!browser.get(&change.page).await.forms("/api/fn/share_version").is_empty());
}
