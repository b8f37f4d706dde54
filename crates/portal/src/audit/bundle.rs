//! Evidence bundles: entries with the proof that each is in the log, under a signed checkpoint, sealed as a whole.
//! Here their lines are written; `docs/evidence-bundle.md` defines them, and `verify::bundle` checks them.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use signed_note::NoteError;

use super::{Hash, SigningKey, instant_text};
use crate::store::{StoreError, entries::StoredEntry};

/// The name and version of the format.
pub(crate) const FORMAT: &str = "partner-portal-evidence-bundle/1";

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    pub checkpoint: String,
    pub format: String,
}

/// The line of an entry whose body retention has removed. Keys stand in the order of RFC 8785.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemovedLine {
    pub leaf_hash: String,
    pub proof: Vec<String>,
    pub removed: Removed,
    pub sequence: i64,
}

/// When the body went, how many days bodies were kept then, and which entry tells of it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Removed {
    pub at: String,
    pub days: i64,
    pub entry: i64,
}

/// The last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SealLine {
    pub seal: String,
}

/// What stands in a line between an entry's own bytes and its proof.
pub(crate) const ENTRY: &str = "{\"entry\":";
pub(crate) const PROOF: &str = ",\"proof\":";

/// Writes a bundle's lines and keeps account of them for the seal.
pub(crate) struct BundleWriter {
    hasher: Sha256,
    entries: usize,
}

impl BundleWriter {
    /// Begins with the checkpoint that every proof leads to.
    pub fn begin(note: &str, out: &mut Vec<u8>) -> Result<Self, StoreError> {
        let head = Head { checkpoint: note.to_owned(), format: FORMAT.to_owned() };
        let mut writer = Self { hasher: Sha256::new(), entries: 0 };
        writer.line(&json(&head)?, out);
        Ok(writer)
    }

    pub fn entry(&mut self, stored: &StoredEntry, proof: &[Hash], out: &mut Vec<u8>) -> Result<(), StoreError> {
        let proof: Vec<String> = proof.iter().map(hex::encode).collect();
        let line = match (&stored.body, &stored.removed) {
            (Some(body), _) => [ENTRY.as_bytes(), &body.bytes, PROOF.as_bytes(), &json(&proof)?, b"}"].concat(),
            (None, Some(removed)) => json(&RemovedLine {
                leaf_hash: hex::encode(&stored.leaf),
                proof,
                removed: Removed { at: instant_text(removed.at), days: removed.days, entry: removed.run },
                sequence: stored.sequence,
            })?,
            (None, None) => {
                return Err(StoreError::damaged("audit entry", format!("{} has no body", stored.sequence)));
            }
        };
        self.entries += 1;
        self.line(&line, out);
        Ok(())
    }

    /// Ends with a signature over all that was written.
    pub fn seal(self, key: &SigningKey, out: &mut Vec<u8>) -> Result<(), SealError> {
        let text = seal_text(self.entries, &self.hasher.finalize().into());
        let seal = SealLine { seal: key.sign(&text)? };
        out.extend(json(&seal)?);
        out.push(b'\n');
        Ok(())
    }

    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        self.hasher.update(line);
        self.hasher.update(b"\n");
        out.extend(line);
        out.push(b'\n');
    }
}

/// Why a bundle could not be sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The signature.
    #[error("the seal: {0}")]
    Note(#[from] NoteError),
    /// The line.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The text that the seal signs. No checkpoint looks like it: its second line is no number.
pub(crate) fn seal_text(entries: usize, hash: &Hash) -> String {
    format!("{FORMAT}\nentries {entries}\nsha256 {}\n", STANDARD.encode(hash))
}

pub(crate) fn json(value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value).map_err(|error| StoreError::damaged("line of a bundle", error))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::BundleWriter;
    use crate::{
        audit::verify_bundle,
        audit::{Checkpoint, Entry, GrowingTree, SigningKey, append::canonical_bytes, fixture::TestLog, leaf_hash},
        moment,
        store::{self, entries::RemovedBody, tree::Tree},
    };

    const NAME: &str = "audit.example.com/portal";
    const EXAMPLE: &str = include_str!("../../../../docs/evidence-bundle/example.jsonl");
    const PAGE: &str = include_str!("../../../../docs/evidence-bundle.md");
    const SHARE: &str = "019aab3c-5a00-7a3e-9c41-2f5d8e1b7c90";

    fn person(name: &str) -> Value {
        let (first, _) = name.split_once(' ').unwrap();
        json!({ "id": format!("019a0000-0000-7000-8000-00000000{:04x}", name.bytes().map(u32::from).sum::<u32>()), "name": name,
                "email": format!("{}@partner.example", first.to_lowercase()), "session": "0f1e2d3c4b5a6978",
                "ip": "192.0.2.17", "user_agent": "Mozilla/5.0" })
    }

    fn system() -> Value {
        json!({ "id": null, "name": "system", "email": null, "session": null, "ip": null, "user_agent": null })
    }

    /// What all have in common, with this in place of it.
    fn entry(sequence: i64, action: &str, at: &str, actor: Value, rest: Value) -> Entry {
        let mut entry = json!({
            "sequence": sequence, "operation_id": format!("019aab3c-0000-7000-8000-{sequence:012}"), "stage": "recorded",
            "at": at, "actor": actor, "team": null, "action": action, "targets": [], "parameters": {}, "before": null,
            "outcome": "succeeded", "workato": null, "reason": null, "deadline": null, "evidence": null,
            "portal": "0.1.0",
        });
        let (Value::Object(entry_parts), Value::Object(rest)) = (&mut entry, rest) else { panic!("no objects") };
        entry_parts.extend(rest);
        serde_json::from_value(entry).unwrap()
    }

    fn example_log(key: &SigningKey) -> Vec<Entry> {
        let log = |id: &str| json!([{ "type": "audit_log", "id": id, "name": "the audit log" }]);
        let team = json!({ "id": "019a0000-0000-7000-8000-00000000beef", "slug": "payments", "name": "Payments",
                           "workspace": { "id": 98_201, "name": "ACME" } });
        let target = json!([{ "type": "connector", "id": "3066", "name": "Acme Connector" }]);
        let session = json!([{ "type": "session", "id": "0f1e2d3c4b5a6978", "name": null }]);
        vec![
            entry(
                1,
                "audit.key.set",
                "2025-11-03T08:00:00.000000Z",
                system(),
                json!({
                "targets": log("signing_key"), "parameters": { "verifier_key": key.verifier().to_string() } }),
            ),
            entry(
                2,
                "session.start",
                "2025-11-20T09:12:44.018230Z",
                person("Ada Lovelace"),
                json!({ "targets": session }),
            ),
            entry(
                3,
                "connector.share",
                "2026-11-22T10:41:07.250113Z",
                person("Ada Lovelace"),
                json!({
                "operation_id": SHARE, "stage": "intent", "team": team, "targets": target, "parameters": { "version": 4 },
                "before": { "found": true, "shared_version": 2, "shared_at": "2026-08-08T15:05:22.047Z" },
                "outcome": null, "reason": "Müller & Söhne wait for the fix – “urgent”",
                "deadline": "2026-11-22T10:41:54.250113Z" }),
            ),
            entry(
                4,
                "session.start",
                "2026-11-22T10:41:07.612006Z",
                person("Ben Brewster"),
                json!({ "targets": session }),
            ),
            entry(
                5,
                "connector.share",
                "2026-11-22T10:41:08.401556Z",
                person("Ada Lovelace"),
                json!({
                "operation_id": SHARE, "stage": "outcome", "team": team, "targets": target, "parameters": { "version": 4 },
                "workato": { "http_status": 200, "status": "updated", "message": null, "detail": "answered" } }),
            ),
            entry(
                6,
                "audit.expire",
                "2026-11-22T11:00:00.000417Z",
                system(),
                json!({
                "targets": log("bodies"), "parameters": { "days": 365, "from": 2, "up_to": 2, "removed": 1 } }),
            ),
            entry(
                7,
                "audit.export",
                "2026-11-23T16:30:12.090871Z",
                person("Aude Auditor"),
                json!({
                "targets": log("entries"), "parameters": { "format": "bundle", "operations": 2, "search": "actor:ada" } }),
            ),
        ]
    }

    #[tokio::test]
    async fn the_example_in_the_documentation_is_what_the_portal_writes() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let secret: [u8; 32] = std::array::from_fn(|at| at as u8);
        std::fs::write(file.path(), crate::audit::signing_key::key_text(NAME, &secret).as_bytes()).unwrap();
        let key = SigningKey::from_file(file.path()).unwrap();

        let log = TestLog::empty().await;
        let mut tx = log.store.write().await.unwrap();
        let mut tree = GrowingTree::default();
        let mut hashes = Vec::new();
        for entry in example_log(&key) {
            let bytes = canonical_bytes(&entry).unwrap();
            let leaf = leaf_hash(&bytes);
            let subtrees = tree.push(leaf).to_vec();
            store::appending::append(&mut tx, &entry, &bytes, leaf, &subtrees.concat()).await.unwrap();
            hashes.push(leaf);
            hashes.extend(subtrees);
        }
        let mut stored = store::entries::after(&mut tx, 0, 10).await.unwrap();
        let at = moment::parse("2026-11-22T11:00:00.000417Z", time::OffsetDateTime::UNIX_EPOCH).unwrap();
        let operation_id = stored[1].body.take().unwrap().operation_id;
        stored[1].removed = Some(RemovedBody { operation_id, run: 6, days: 365, at });

        let checkpoint = Checkpoint::sign(&key, 7, tree.root()).unwrap();
        let mut written = Vec::new();
        let mut writer = BundleWriter::begin(&checkpoint.note, &mut written).unwrap();
        let mut proofs = Tree::default();
        for sequence in [2, 3, 5, 7] {
            let proof = proofs.proofs(&mut tx, 7, &[sequence]).await.unwrap().remove(0);
            writer.entry(&stored[sequence as usize - 1], &proof, &mut written).unwrap();
        }
        let length = written.len();
        writer.seal(&key, &mut written).unwrap();
        let written = String::from_utf8(written).unwrap();
        assert_eq!(EXAMPLE, written);

        let found = verify_bundle(written.as_bytes(), key.verifier()).unwrap();
        assert_eq!((found.entries, found.removed, found.checkpoint.size), (4, 1, 7));
        let seal: Value = serde_json::from_str(written.lines().last().unwrap()).unwrap();
        let (sealed, _) = seal["seal"].as_str().unwrap().rsplit_once("\n\n").unwrap();
        let mut shown =
            vec![key.verifier().to_string(), checkpoint.note, sealed.to_owned(), format!("the {length} bytes")];
        shown.extend(hashes.iter().map(hex::encode));
        shown.push(String::from_utf8(stored[2].body.as_ref().unwrap().bytes.clone()).unwrap());
        for shown in shown {
            assert!(PAGE.contains(&shown), "the page does not show {shown}");
        }
    }
}
