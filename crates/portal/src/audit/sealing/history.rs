//! Compares the log with every signed statement about it that the portal can get at: the high-water mark, its own
//! checkpoints, and what destinations hold. Changes nothing.

use std::collections::BTreeSet;

use evidence::{
    checkpoint::{Checkpoint, root_text},
    key::VerifierKey,
    tree::Hash,
};
use store::{
    EntryKey, Read, StoreError,
    checkpoints::{Handed, StoredCheckpoint},
    micros,
    schema::{SchemaDifference, SchemaFault},
    tree::Tree,
};

use super::{
    acknowledgement::{Acknowledgement, acknowledgements, digest},
    mark::{FoundMark, Mark},
};
use crate::alarms::{Alarm, Holder};

/// The root of a statement that cannot be read.
const UNREADABLE: &str = "unreadable";

/// What a destination holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::audit) struct Held {
    /// The destination, as the setting spells it.
    pub place: String,
    /// Its checkpoints, each signed with a key of this log, the largest first.
    pub checkpoints: Vec<Checkpoint>,
    /// The largest checkpoint that has this log's name and is not signed with a key of this log.
    pub foreign: Option<Checkpoint>,
}

/// The log, as statements about it are compared with it.
pub(in crate::audit) struct History<'a> {
    pub conn: &'a mut Read,
    /// How many entries there are.
    pub size: i64,
    tree: Tree,
    /// The keys of checkpoints.
    keys: Vec<VerifierKey>,
    /// The key of the mark and of acknowledgements: the one that signs now. What the database says about keys does not
    /// count for them, since somebody who can write it could add a key. Only where the key is not known, all do.
    anchors: Vec<VerifierKey>,
    /// Read when the first contradiction asks for them.
    acknowledged: Option<Vec<Acknowledgement>>,
}

impl<'a> History<'a> {
    /// `own` is the key that signs, if it is known.
    pub async fn of(conn: &'a mut Read, own: Option<&VerifierKey>) -> Result<Self, StoreError> {
        let size = store::tree::size(conn).await?;
        let keys = known_keys(conn, own).await?;
        let anchors = own.map_or_else(|| keys.clone(), |own| vec![own.clone()]);
        Ok(Self { conn, size, tree: Tree::default(), keys, anchors, acknowledged: None })
    }

    /// Everything that the log contradicts, unless it was acknowledged.
    pub async fn contradictions(&mut self, mark: &FoundMark, held: &[Held]) -> Result<Vec<Alarm>, StoreError> {
        let mut alarms = Vec::new();
        let newest = store::checkpoints::newest(self.conn).await?;
        let is_valid = self.compare_mark(mark, newest.as_ref(), &mut alarms).await?;
        if is_valid && newest.is_none() && !store::checkpoints::keys(self.conn).await?.is_empty() {
            // A key and its first checkpoint are written together.
            alarms.push(Alarm::CheckpointsMissing { signed: 1, found: 0 });
        }
        if let Some(newest) = newest {
            self.compare_own(&newest, &mut alarms).await?;
        }
        for name in store::checkpoints::destinations(self.conn).await? {
            self.compare_delivered(name, &mut alarms).await?;
        }
        for held in held {
            if let Some(alarm) = self.compare_held(held).await? {
                alarms.push(alarm);
            }
            if let Some(foreign) = &held.foreign
                && !self.agrees(foreign.size, &foreign.root).await?
            {
                let (place, size) = (held.place.clone(), foreign.size);
                alarms.push(Alarm::KeyUnknown { place, size, root: foreign.root_text() });
            }
        }
        let changed = store::schema::differences(self.conn).await?.into_iter().filter(|it| !is_missing_trigger(it));
        alarms.extend(changed.map(|SchemaDifference { fault, kind, name }| Alarm::SchemaChanged { fault, kind, name }));
        let unique: BTreeSet<Alarm> = alarms.into_iter().collect();
        Ok(unique.into_iter().collect())
    }

    /// Whether there is a valid mark.
    async fn compare_mark(
        &mut self,
        found: &FoundMark,
        newest: Option<&StoredCheckpoint>,
        alarms: &mut Vec<Alarm>,
    ) -> Result<bool, StoreError> {
        let mark = match found {
            FoundMark::Text(text) => Mark::read(text, &self.anchors).map_err(str::to_owned),
            FoundMark::Unreadable(why) => Err(why.clone()),
            FoundMark::Missing => {
                // It is made before the first entry.
                alarms.push(Alarm::MarkMissing);
                return Ok(false);
            }
        };
        let mark = match mark {
            Ok(mark) => mark,
            Err(why) => {
                alarms.push(Alarm::MarkInvalid { why });
                return Ok(false);
            }
        };
        if !self.agrees(mark.size, &mark.root).await? {
            let root = root_text(&mark.root);
            alarms.push(Alarm::HistoryContradicted { holder: Holder::Mark, size: mark.size, root });
        }
        let found = store::checkpoints::count(self.conn).await?;
        if found < mark.checkpoints {
            alarms.push(Alarm::CheckpointsMissing { signed: mark.checkpoints, found });
        } else if newest.map_or(0, |newest| newest.size) < mark.newest {
            // As many as there were, but others: what is missing is at least the newest.
            alarms.push(Alarm::CheckpointsMissing { signed: mark.checkpoints, found: mark.checkpoints - 1 });
        }
        let compared = store::seen::compared(self.conn).await?;
        let now = micros(self.conn.now());
        for (team, at) in &mark.compared {
            // An instant that is still to come says that the clock was set back.
            if compared.get(team).is_some_and(|found| found < at) && *at <= now {
                alarms.push(Alarm::RowOutdated { table: "watch".to_owned(), row: team.to_string() });
            }
        }
        Ok(true)
    }

    /// The newest of the log's own checkpoints vouches for all before it.
    async fn compare_own(&mut self, newest: &StoredCheckpoint, alarms: &mut Vec<Alarm>) -> Result<(), StoreError> {
        if self.is_true(newest).await? || self.acknowledged().await?.iter().any(|it| newest.number <= it.last_number) {
            return Ok(());
        }
        let root = Checkpoint::read_unchecked(&newest.note).map(|said| said.root_text());
        let root = root.unwrap_or_else(|_| UNREADABLE.to_owned());
        alarms.push(Alarm::HistoryContradicted { holder: Holder::Database, size: newest.size, root });
        Ok(())
    }

    /// A destination cannot have taken what was never signed.
    async fn compare_delivered(&mut self, name: String, alarms: &mut Vec<Alarm>) -> Result<(), StoreError> {
        let Some(handed) = store::checkpoints::handed(self.conn, &name).await? else { return Ok(()) };
        if !self.was_delivered(handed.size, &handed.root).await? {
            let (size, root) = (handed.size, handed.root);
            alarms.push(Alarm::HistoryContradicted { holder: Holder::Destination(name), size, root });
        }
        Ok(())
    }

    /// Whether the log's own checkpoints include one of this size with this root, or there is none to deliver.
    pub async fn was_delivered(&mut self, size: i64, root: &str) -> Result<bool, StoreError> {
        if size == 0 && root.is_empty() {
            return Ok(true);
        }
        for stored in store::checkpoints::of_sizes(self.conn, size - 1, size).await? {
            let is_it = Checkpoint::read(&stored.note, &self.keys).is_ok_and(|said| said.root_text() == root);
            if is_it && self.is_true(&stored).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The largest checkpoint vouches for all before it. If it contradicts the log, all that do are taken together.
    async fn compare_held(&mut self, held: &Held) -> Result<Option<Alarm>, StoreError> {
        let Some(largest) = held.checkpoints.first() else { return Ok(None) };
        if self.agrees(largest.size, &largest.root).await? {
            return Ok(None);
        }
        let digest = digest(&self.contradicting(held).await?);
        let is_known =
            |it: &Acknowledgement| it.held.iter().any(|(place, known)| *place == held.place && *known == digest);
        if self.acknowledged().await?.iter().any(is_known) {
            return Ok(None);
        }
        let (size, root) = (largest.size, largest.root_text());
        Ok(Some(Alarm::HistoryContradicted { holder: Holder::Destination(held.place.clone()), size, root }))
    }

    /// What a destination holds that contradicts the log.
    async fn contradicting<'h>(&mut self, held: &'h Held) -> Result<Vec<&'h Checkpoint>, StoreError> {
        let mut contradicting = Vec::new();
        for checkpoint in &held.checkpoints {
            if !self.agrees(checkpoint.size, &checkpoint.root).await? {
                contradicting.push(checkpoint);
            }
        }
        Ok(contradicting)
    }

    /// A digest of it for each destination that holds any.
    pub async fn contradicting_digests(&mut self, held: &[Held]) -> Result<Vec<(String, String)>, StoreError> {
        let mut digests = Vec::new();
        for held in held {
            let contradicting = self.contradicting(held).await?;
            if !contradicting.is_empty() {
                digests.push((held.place.clone(), digest(&contradicting)));
            }
        }
        Ok(digests)
    }

    /// The largest size up to which a destination holds this log.
    pub async fn held_up_to(&mut self, held: &Held) -> Result<Option<Checkpoint>, StoreError> {
        for checkpoint in &held.checkpoints {
            if self.agrees(checkpoint.size, &checkpoint.root).await? {
                return Ok(Some(checkpoint.clone()));
            }
        }
        Ok(None)
    }

    /// What a destination is taken to have that is to begin with the newest checkpoint.
    pub async fn all_but_newest(&mut self) -> Result<Handed, StoreError> {
        let Some(newest) = store::checkpoints::newest_up_to(self.conn, self.size).await? else {
            return Ok(Handed::default());
        };
        let before = store::checkpoints::newest_up_to(self.conn, newest.size - 1).await?;
        let said = before.as_ref().and_then(|before| Checkpoint::read(&before.note, &self.keys).ok());
        Ok(said.map(|said| Handed { size: said.size, root: said.root_text(), ..Handed::default() }).unwrap_or_default())
    }

    /// Whether one of the log's own checkpoints has a valid signature and agrees with the log.
    pub async fn is_true(&mut self, stored: &StoredCheckpoint) -> Result<bool, StoreError> {
        match Checkpoint::read(&stored.note, &self.keys) {
            Ok(said) if said.size == stored.size => self.agrees(said.size, &said.root).await,
            _ => Ok(false),
        }
    }

    /// Whether the log had this root at this size.
    pub async fn agrees(&mut self, size: i64, root: &Hash) -> Result<bool, StoreError> {
        if size == 0 {
            return Ok(*root == Mark::zero().root);
        }
        if size > self.size {
            return Ok(false);
        }
        match self.tree.root(self.conn, size).await {
            Ok(found) => Ok(found == *root),
            // A part of the tree is missing.
            Err(StoreError::Damaged { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// What was acknowledged.
    pub async fn acknowledged(&mut self) -> Result<&[Acknowledgement], StoreError> {
        if self.acknowledged.is_none() {
            self.acknowledged = Some(acknowledgements(self.conn, &self.anchors).await?);
        }
        Ok(self.acknowledged.as_deref().unwrap_or_default())
    }
}

/// The first entry behind the newest checkpoint, and up to this one, that the portal did not append. A checkpoint covers all
/// before it.
pub(in crate::audit) async fn forged_entry(
    conn: &mut Read,
    key: &EntryKey,
    up_to: i64,
) -> Result<Option<Alarm>, StoreError> {
    let covered = store::checkpoints::newest(conn).await?.map_or(0, |newest| newest.size);
    let forged = store::entries::first_forged(conn, covered, up_to, key).await?;
    Ok(forged.map(|sequence| Alarm::EntryForged { sequence }))
}

/// The triggers that refuse changes of the log and are not there.
pub(in crate::audit) async fn missing_triggers(conn: &mut Read) -> Result<Vec<Alarm>, StoreError> {
    let missing = store::schema::differences(conn).await?.into_iter().filter(is_missing_trigger);
    Ok(missing.map(|it| Alarm::TriggerMissing { name: it.name }).collect())
}

fn is_missing_trigger(difference: &SchemaDifference) -> bool {
    difference.fault == SchemaFault::Missing && difference.kind == "trigger"
}

/// The keys that the database knows, and the one that signs.
pub(in crate::audit) async fn known_keys(
    conn: &mut Read,
    own: Option<&VerifierKey>,
) -> Result<Vec<VerifierKey>, StoreError> {
    let mut keys: Vec<VerifierKey> =
        store::checkpoints::keys(conn).await?.iter().filter_map(|key| key.parse().ok()).collect();
    if let Some(own) = own
        && !keys.iter().any(|key| key.to_string() == own.to_string())
    {
        keys.push(own.clone());
    }
    Ok(keys)
}
