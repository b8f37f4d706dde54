//! Each fault that the sandbox can produce, in each call: what the audit log holds and what the page shows. This file
//! has the faults and what they mean for any call; the calls are in `changes` and `reads`. Calls run side by side, each
//! in a portal of its own. The faults of a call run one after the other, each with a fresh client.

mod changes;
mod reads;

use std::time::Duration;

use portal::audit::Outcome::{self, Failed, Rejected, Succeeded, Unknown};
use sandbox::Options;

use crate::support::{Browser, Installation, PAYMENTS, Page, TestPortal};

/// A fault, and what it means.
struct Fault {
    /// As the sandbox takes it.
    text: &'static str,
    change: Change,
    /// The status and words of a page without a copy to fall back on; `None` if the read succeeds all the same.
    read: Option<(u16, &'static str)>,
}

/// The result of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Change {
    outcome: Outcome,
    /// What came back, in the log's words.
    detail: &'static str,
    made: Made,
}

/// Whether Workato carried it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Made {
    Yes,
    No,
}

use Made::{No, Yes};

const fn fault(
    text: &'static str,
    (outcome, detail, made): (Outcome, &'static str, Made),
    read: Option<(u16, &'static str)>,
) -> Fault {
    Fault { text, change: Change { outcome, detail, made }, read }
}

const TOO_MANY: &str = "was refused because too many calls were made in this workspace";

/// Every kind of fault that the sandbox knows.
const FAULTS: [Fault; 22] = [
    fault("500", (Unknown, "server_error", No), Some((502, "failed at Workato (500): Server error"))),
    fault("500-after", (Unknown, "server_error", Yes), Some((502, "failed at Workato (500): Server error"))),
    fault("html", (Unknown, "server_error", No), Some((502, "failed at Workato (502): it gave no reason"))),
    fault("html-after", (Unknown, "server_error", Yes), Some((502, "failed at Workato (502): it gave no reason"))),
    fault("status 403", (Rejected, "answered", No), Some((502, "was refused (403)"))),
    fault("redirect https://elsewhere.example/", (Unknown, "redirected", No), Some((502, "failed at Workato (302)"))),
    fault("truncate", (Unknown, "unreadable", Yes), Some((502, "returned an answer that can't be read"))),
    fault("cut", (Unknown, "unreadable", Yes), Some((502, "the connection broke"))),
    fault("reset", (Unknown, "reset", No), Some((502, "the connection broke"))),
    fault("reset-after", (Unknown, "reset", Yes), Some((502, "the connection broke"))),
    fault("hang", (Unknown, "timed_out", No), Some((504, "got no answer within"))),
    fault("hang-after", (Unknown, "timed_out", Yes), Some((504, "got no answer within"))),
    fault("429", (Failed, "rate_limited", No), Some((503, TOO_MANY))),
    fault("429 retry-after=2", (Failed, "rate_limited", No), Some((503, TOO_MANY))),
    fault("429 retry-after=date:3", (Failed, "rate_limited", No), Some((503, TOO_MANY))),
    fault("latency 60ms", (Succeeded, "answered", Yes), None),
    fault("latency-after 60ms", (Succeeded, "answered", Yes), None),
    fault("extra-fields", (Succeeded, "answered", Yes), None),
    fault("absent-fields", (Succeeded, "answered", Yes), None),
    fault("odd-values", (Succeeded, "answered", Yes), None),
    fault("odd-field name", (Succeeded, "answered", Yes), None),
    fault("ignored-query", (Succeeded, "answered", Yes), None),
];

/// A portal whose calls to Workato can be made to fail.
struct Scene {
    portal: TestPortal,
    operator: Browser,
    admin: Browser,
}

impl Scene {
    /// Nothing is settled in the background, and the time limit is long enough for a busy machine.
    async fn new() -> Self {
        let options = Options { connections: 150, connectors: 60, ..Options::on_any_port() };
        let portal = TestPortal::serve_with(Installation::with(options).await, |settings| {
            settings.upstream.timeout = Duration::from_secs(2);
            settings.settle_every = Duration::from_secs(86_400);
        })
        .await;
        let (operator, admin) = (portal.browser_of("operator").await, portal.browser_of("admin").await);
        Self { portal, operator, admin }
    }

    /// Makes every such call fail in this way, for a fresh client.
    async fn put(&self, call: &str, fault: &Fault) {
        self.portal.sandbox.faults().clear();
        let token = &self.portal.sandbox.tokens[0];
        let page = self.admin.post_and_follow("/api/fn/set_token", &[("team", PAYMENTS), ("token", token)]).await;
        page.assert_says("Token saved and working.");
        self.portal.sandbox.faults().put("fault", format!("{call}: {}", fault.text).parse().unwrap());
    }
}

/// The beginning of a page's text, for an error message.
fn summary(page: &Page) -> String {
    let text = page.text();
    let content = text.split_once("Sign out").map_or(text.as_str(), |(_, content)| content);
    format!("{} {}", page.status, content.chars().take(400).collect::<String>())
}

#[test]
fn every_kind_of_fault_is_tried() {
    let readme = include_str!("../../../../crates/sandbox/README.md");
    let (_, table) = readme.split_once("| kind | what the client sees | the change |\n| --- | --- | --- |\n").unwrap();
    let kinds = table.lines().take_while(|line| line.starts_with('|'));
    let kinds: Vec<&str> =
        kinds.flat_map(|line| line.split('|').nth(1).unwrap().split('`').skip(1).step_by(2)).collect();
    assert!(kinds.len() >= FAULTS.len(), "{kinds:?}");
    for kind in kinds {
        let same = |text: &str| word(text) == word(kind) && text.contains("date:") == kind.contains("date:");
        assert!(FAULTS.iter().any(|fault| same(fault.text)), "{kind} is not tried");
    }
}

/// A fault's name, and whether it has a `Retry-After`.
fn word(fault: &str) -> (&str, bool) {
    (fault.split(' ').next().unwrap_or_default(), fault.contains("retry-after"))
}
