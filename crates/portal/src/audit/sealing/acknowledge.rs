//! Acknowledging, on the command line, that the log contradicts what was signed or is held elsewhere. From then on it is
//! signed and changed again.

use store::{
    Action, Draft, EntryActor, Store, StoreError, Target, TargetType, append, checkpoints::Handed, tree::Tree,
};

use super::{
    acknowledgement::Acknowledgement,
    history::{Held, History, forged_entry, missing_triggers},
    seal::Seal,
    sign_error::SignError,
    signing::{key_set, sign_at},
};
use crate::{Reason, alarms::Alarm};

/// Appends the acknowledgement of all that the log contradicts, signs the log with it, and makes the high-water mark
/// that of the log as it is. Returns what was acknowledged; nothing is written if there is nothing.
pub(in crate::audit) async fn acknowledge(
    store: &Store,
    seal: &Seal,
    account: &str,
    reason: &Reason,
    held: &[Held],
) -> Result<Vec<Alarm>, SignError> {
    let mark = seal.mark.read();
    let mut tx = store.write().await?;
    let said = {
        let mut history = History::of(&mut tx, Some(seal.verifier())).await?;
        let mut alarms = history.contradictions(&mark, held).await?;
        alarms.extend(forged_entry(history.conn, &seal.entry_key(), i64::MAX).await?);
        alarms.extend(missing_triggers(history.conn).await?);
        alarms.extend(store::schema::damage(history.conn).await?.map(|why| Alarm::DatabaseDamaged { why }));
        if alarms.is_empty() {
            return Ok(alarms);
        }
        let last_number = store::checkpoints::last_number(history.conn).await?;
        let gaps = last_number - store::checkpoints::count(history.conn).await?;
        Acknowledgement { alarms, last_number, gaps, held: history.contradicting_digests(held).await? }
    };
    let is_repairable = |alarm: &Alarm| {
        matches!(alarm, Alarm::SchemaChanged { .. } | Alarm::DatabaseDamaged { .. } | Alarm::TriggerMissing { .. })
    };
    if said.alarms.iter().any(is_repairable) {
        // Before anything is appended, which a trigger could change.
        store::schema::repair(&mut tx).await?;
    }
    let verifier = seal.verifier().to_string();
    if !store::checkpoints::is_named(&mut tx, &verifier).await? {
        // Nobody who reads the log would meet the key otherwise.
        let entry = append(&mut tx, key_set(&verifier)).await?;
        if !store::checkpoints::keys(&mut tx).await?.contains(&verifier) {
            store::checkpoints::insert_key(&mut tx, &verifier, entry.at).await?;
        }
    }
    let mut draft = Draft::recorded(EntryActor::command_line(account), Action::AuditAcknowledge)
        .target(Target::new(TargetType::AuditLog, "history", None))
        .reason(Some(reason.as_str().to_owned()));
    draft.parameters = said.parameters(&seal.key)?;
    let entry = append(&mut tx, draft).await?;
    forget_false_deliveries(&mut tx, seal).await?;
    sign_at(&mut tx, &mut Tree::default(), &seal.key, entry.sequence).await?;
    tx.commit().await?;
    // After the commit: a mark of what is not there would be a contradiction. If this fails, the alarm stays.
    seal.reset_mark(&mut store.snapshot().await?).await?;
    Ok(said.alarms)
}

/// Destinations that are said to have taken what was never signed begin with the newest checkpoint again.
async fn forget_false_deliveries(tx: &mut store::Write, seal: &Seal) -> Result<(), StoreError> {
    for name in store::checkpoints::destinations(tx).await? {
        let Some(handed) = store::checkpoints::handed(tx, &name).await? else { continue };
        let mut history = History::of(tx, Some(seal.verifier())).await?;
        if !history.was_delivered(handed.size, &handed.root).await? {
            let forgotten =
                Handed { failing_since: handed.failing_since, failure: handed.failure, ..Handed::default() };
            store::checkpoints::set_handed(tx, &name, &forgotten).await?;
        }
    }
    Ok(())
}
