//! Every change: its outcome in the audit log, whether Workato carried it out, and what the page says.

use futures::future::join_all;
use portal::audit::{Outcome, Stage};

use super::{Change, FAULTS, Fault, Made, Scene, summary};
use crate::support::{ChangeKind, Page, Targets};

/// What a fault means for a change; some calls answer in a way of their own.
fn expected(kind: ChangeKind, fault: &Fault) -> Change {
    match (kind, fault.text) {
        // The answer has no body that could be cut.
        (ChangeKind::Tag, "truncate" | "cut") => {
            Change { outcome: Outcome::Succeeded, detail: "answered", made: Made::Yes }
        }
        _ => fault.change,
    }
}

/// What the page says about the outcome.
fn says(kind: ChangeKind, outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => match kind {
            ChangeKind::Share => "is now shared",
            ChangeKind::Suppress => "is suppressed. Customers no longer get it.",
            // An answer with missing fields may not say whether it is authorised.
            ChangeKind::Create => "was created",
            ChangeKind::Update => "was updated. Its new name is Renamed",
            ChangeKind::Tag => "were changed.",
            ChangeKind::Disconnect => "was disconnected.",
            ChangeKind::Delete => "was deleted.",
            ChangeKind::ShareRecipe => "is shared with",
        },
        Outcome::Rejected => "Workato refused to",
        Outcome::Failed => "Nothing was changed. It is safe to try again.",
        Outcome::Unknown => "It's not known whether",
        Outcome::Denied => "wasn't allowed to",
    }
}

#[tokio::test]
async fn each_fault_in_each_change_is_logged_and_explained_on_the_page() {
    let wrong: Vec<String> = join_all(ChangeKind::ALL.map(every_fault_at)).await.concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A line for each result that is not as expected.
async fn every_fault_at(kind: ChangeKind) -> Vec<String> {
    let scene = Scene::new().await;
    let mut targets = Targets::of(&scene.portal);
    let mut wrong = Vec::new();
    for fault in &FAULTS {
        scene.put(kind.call(), fault).await;
        if let Err(why) = cell(&scene, &mut targets, kind, fault).await {
            wrong.push(format!("{kind:?}, {}: {why}", fault.text));
        }
    }
    scene.portal.stop().await.assert_every_call_was_logged().await;
    wrong
}

async fn cell(scene: &Scene, targets: &mut Targets, kind: ChangeKind, fault: &Fault) -> Result<(), String> {
    let expected = expected(kind, fault);
    let before = scene.portal.sandbox.ledger().len();
    let change = targets.prepare(kind, &scene.operator).await;
    let page = change.perform(&scene.operator).await;

    let entries = scene.portal.entries().await;
    let entries: Vec<_> = entries.iter().filter(|entry| entry.operation_id == change.operation).collect();
    let [intent, outcome] = &entries[..] else { return Err(format!("{} entries", entries.len())) };
    let detail = outcome.workato.as_ref().map_or("", |said| said.detail.as_str());
    let logged = (intent.stage, outcome.stage, outcome.outcome, detail);
    let as_it_should = (Stage::Intent, Stage::Outcome, Some(expected.outcome), expected.detail);
    if logged != as_it_should {
        return Err(format!("the log has {logged:?}, not {as_it_should:?}"));
    }
    let made = scene.portal.sandbox.ledger().len() - before;
    if made != usize::from(expected.made == Made::Yes) {
        return Err(format!("Workato made it {made} times"));
    }
    let words = says(kind, expected.outcome);
    if page.status != 200 || !page.text().contains(words) {
        return Err(format!("the page does not say {words:?}: {}", summary(&page)));
    }
    let others = [Outcome::Succeeded, Outcome::Rejected, Outcome::Failed].map(|outcome| (outcome, says(kind, outcome)));
    let said = notice(&page);
    // "It's not known whether connection Acme was created" has the words of a success, too.
    let is_unknown = said.contains(says(kind, Outcome::Unknown));
    let mut others = others
        .into_iter()
        .filter(|(outcome, _)| *outcome != expected.outcome && !(is_unknown && *outcome == Outcome::Succeeded));
    match others.find(|(_, words)| said.contains(words)) {
        Some((_, words)) => Err(format!("the page says {words:?}, too")),
        None => Ok(()),
    }
}

/// What the page says about the operation that led to it.
fn notice(page: &Page) -> String {
    page.select("div.callout.notice").into_iter().map(|notice| notice.text).collect()
}
