//! Recording what a comparison found, in short transactions with other writers in between. Each transaction checks that
//! the team's token is still the one that the lists were read with; otherwise it writes nothing.

use serde_json::{Value, json};
use store::{
    Read, StoreError, Team, Write,
    seen::{Seen, SeenChanges, Watch},
};
use time::OffsetDateTime;
use workato::ActivityEvent;

use super::{
    compare::{Difference, Explained},
    lists::Lists,
};
use crate::{
    OperationId, Portal, TeamId,
    audit::{Action, Draft, EntryActor, Outcome, Stage, append, instant_text},
};

/// How many differences one transaction records. A change waits for one such transaction at most.
const BATCH: usize = 100;

/// A view of a team's workspace: what one token shows.
pub(super) struct View {
    pub team: TeamId,
    /// The fingerprint of the token.
    pub fingerprint: String,
    /// When the lists were requested.
    pub began_at: OffsetDateTime,
}

/// What a comparison has to record.
pub(super) struct Findings {
    pub differences: Vec<Difference>,
    /// Workato's activity log, as far as it can be read.
    pub events: Vec<ActivityEvent>,
    /// Operations that ended before are not considered.
    pub since: OffsetDateTime,
    /// Whether an operation whose outcome is not known yet may explain a difference.
    pub has_pending: bool,
}

impl Default for Findings {
    fn default() -> Self {
        Self { differences: Vec::new(), events: Vec::new(), since: OffsetDateTime::UNIX_EPOCH, has_pending: false }
    }
}

impl View {
    /// The team as it is now. `None` if its token is not the view's.
    async fn team_with_same_token(&self, tx: &mut Write) -> Result<Option<Team>, StoreError> {
        // Whatever was written with a key that is being replaced comes first: the watch depends on its rows.
        store::seen::follow_keys(tx, self.team).await?;
        let team = store::teams::by_id(tx, self.team).await?;
        Ok(team.filter(|team| team.token.as_ref().is_some_and(|token| token.fingerprint == self.fingerprint)))
    }

    /// The same. `None` as well if the team is watched with another token, or no longer.
    async fn watched_team(&self, tx: &mut Write) -> Result<Option<Team>, StoreError> {
        let watch = store::seen::watch(tx, self.team).await?;
        match watch.is_some_and(|watch| watch.fingerprint == self.fingerprint) {
            true => self.team_with_same_token(tx).await,
            false => Ok(None),
        }
    }
}

impl Portal {
    /// Begins to watch a team with this token. Returns whether it did: not if the token was replaced meanwhile.
    pub(super) async fn begin_watch(&self, view: &View, lists: &Lists) -> Result<bool, StoreError> {
        // Without a watch, the next comparison begins anew if this one ends halfway.
        let mut tx = self.store.write().await?;
        if view.team_with_same_token(&mut tx).await?.is_none() {
            return Ok(false);
        }
        store::seen::forget(&mut tx, view.team).await?;
        tx.commit().await?;
        for batch in lists.seen().await.chunks(BATCH) {
            let mut tx = self.store.write().await?;
            if view.team_with_same_token(&mut tx).await?.is_none() {
                return Ok(false);
            }
            for seen in batch {
                // The watch is written with all of them at the end.
                store::seen::put(&mut tx, view.team, seen, &mut SeenChanges::default()).await?;
            }
            tx.commit().await?;
        }
        let mut tx = self.store.write().await?;
        let Some(team) = view.team_with_same_token(&mut tx).await? else { return Ok(false) };
        let watch = Watch { fingerprint: view.fingerprint.clone(), compared_at: view.began_at };
        store::seen::set_watch(&mut tx, view.team, &watch).await?;
        let draft = Draft::recorded(EntryActor::system(), Action::TeamWatch)
            .team(team.entry_team())
            .target(team.target())
            .parameter("connectors", lists.connectors.items.len())
            .parameter("connections", lists.connections.items.len());
        append(&mut tx, draft).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Appends an entry for each difference that no operation explains, and notes what was seen. Returns the number of
    /// entries. `None` if the token was replaced meanwhile.
    pub(super) async fn record_findings(
        &self,
        view: &View,
        watch: &Watch,
        findings: &Findings,
    ) -> Result<Option<usize>, StoreError> {
        let mut observed = 0;
        let mut has_pending = findings.has_pending;
        for batch in findings.differences.chunks(BATCH) {
            let mut tx = self.store.write().await?;
            let Some(team) = view.watched_team(&mut tx).await? else { return Ok(None) };
            let mut changes = SeenChanges::default();
            for difference in batch {
                // Checked again under the write lock: an operation may have begun or ended since.
                match explained(&mut tx, view.team, difference, findings.since).await? {
                    Explained::NotYet => {
                        has_pending = true;
                        continue;
                    }
                    Explained::ByNothing { before, related } => {
                        append(&mut tx, observed_draft(&team, difference, before, related, view, &findings.events))
                            .await?;
                        observed += 1;
                    }
                    Explained::ByAnOperation => {}
                }
                note(&mut tx, view.team, difference, &mut changes).await?;
            }
            store::seen::note_changes(&mut tx, view.team, &changes).await?;
            tx.commit().await?;
        }
        let mut tx = self.store.write().await?;
        if view.watched_team(&mut tx).await?.is_none() {
            return Ok(None);
        }
        // The next comparison has to find the pending operations again.
        let compared_at = if has_pending { watch.compared_at.min(view.began_at) } else { view.began_at };
        store::seen::set_compared(&mut tx, view.team, compared_at).await?;
        tx.commit().await?;
        Ok(Some(observed))
    }
}

/// What explains a difference.
pub(super) async fn explained(
    conn: &mut Read,
    team: TeamId,
    difference: &Difference,
    since: OffsetDateTime,
) -> Result<Explained, StoreError> {
    match difference {
        Difference::Noted(_) => Ok(Explained::ByAnOperation),
        _ => {
            let operations = store::seen::operations_since(conn, team, &difference.seen().target(), since).await?;
            Ok(difference.explained(&operations))
        }
    }
}

async fn note(
    tx: &mut Write,
    team: TeamId,
    difference: &Difference,
    changes: &mut SeenChanges,
) -> Result<(), StoreError> {
    match difference {
        Difference::Gone(seen) => store::seen::remove(tx, team, seen, changes).await,
        Difference::Share { now, .. } | Difference::Noted(now) => store::seen::put(tx, team, now, changes).await,
    }
}

fn observed_draft(
    team: &Team,
    difference: &Difference,
    before: Value,
    related: Option<OperationId>,
    view: &View,
    events: &[ActivityEvent],
) -> Draft {
    let seen: &Seen = difference.seen();
    let mut evidence = json!({ "read_at": instant_text(view.began_at), "seen": difference.seen_now() });
    if let Some(related) = related {
        evidence["operation_that_waits"] = json!(related);
    }
    if let Some(event) = difference.event_in(events) {
        evidence["source"] = json!("Workato's activity log");
        evidence["event"] = json!(event.event_type);
        evidence["at"] = json!(event.timestamp);
        evidence["person"] = json!(event.user);
    }
    let mut draft = Draft::new(OperationId::new(), Stage::Observed, EntryActor::outside(), difference.action())
        .team(team.entry_team())
        .target(seen.target())
        .before(before);
    if let Some(version) = difference.shared_version() {
        draft = draft.parameter("version", version);
    }
    draft.outcome = Some(Outcome::Succeeded);
    draft.evidence = Some(evidence);
    draft
}
