//! The example in `docs/evidence-bundle.md` is what the portal writes, byte for byte.

use evidence::{
    bundle::BundleWriter,
    canonical,
    checkpoint::Checkpoint,
    key::SigningKey,
    tree::{GrowingTree, leaf_hash},
};
use serde_json::{Value, json};
use store::{Entry, entries::RemovedBody, tree::Tree};

use super::put;
use crate::{
    audit::{test_log::TestLog, verify_bundle},
    moment,
};

const NAME: &str = "audit.example.com/portal";
const EXAMPLE: &str = include_str!("../../../../../docs/evidence-bundle/example.jsonl");
const PAGE: &str = include_str!("../../../../../docs/evidence-bundle.md");
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
        entry(2, "session.start", "2025-11-20T09:12:44.018230Z", person("Ada Lovelace"), json!({ "targets": session })),
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
        entry(4, "session.start", "2026-11-22T10:41:07.612006Z", person("Ben Brewster"), json!({ "targets": session })),
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
    let secret: [u8; 32] = std::array::from_fn(|at| at as u8);
    let key: SigningKey = SigningKey::from_secret(NAME, &secret).parse().unwrap();

    let log = TestLog::empty().await;
    let mut tx = log.store.write().await.unwrap();
    let mut tree = GrowingTree::default();
    let mut hashes = Vec::new();
    for entry in example_log(&key) {
        let leaf = leaf_hash(&canonical::to_bytes(&entry).unwrap());
        let subtrees = tree.push(leaf).to_vec();
        tx.put_entry(&entry, &subtrees.concat()).await.unwrap();
        hashes.push(leaf);
        hashes.extend(subtrees);
    }
    let mut stored = store::entries::after(&mut tx, 0, 10).await.unwrap();
    let at = moment::parse("2026-11-22T11:00:00.000417Z", time::OffsetDateTime::UNIX_EPOCH).unwrap();
    let operation_id = stored[1].body.take().unwrap().operation_id;
    stored[1].removed = Some(RemovedBody { operation_id, run: 6, days: 365, at });

    let checkpoint = Checkpoint::sign(&key, 7, tree.root()).unwrap();
    let mut written = Vec::new();
    let mut writer = BundleWriter::begin(&checkpoint, &mut written).unwrap();
    let mut proofs = Tree::default();
    for sequence in [2, 3, 5, 7] {
        let proof = proofs.proofs(&mut tx, 7, &[sequence]).await.unwrap().remove(0);
        put(&mut writer, &stored[sequence as usize - 1], &proof, &mut written).unwrap();
    }
    let length = written.len();
    writer.seal(&key, &mut written).unwrap();
    let written = String::from_utf8(written).unwrap();
    assert_eq!(EXAMPLE, written);

    let found = verify_bundle(written.as_bytes(), key.verifier()).unwrap();
    assert_eq!((found.entries, found.removed, found.checkpoint.size), (4, 1, 7));
    let seal: Value = serde_json::from_str(written.lines().last().unwrap()).unwrap();
    let (sealed, _) = seal["seal"].as_str().unwrap().rsplit_once("\n\n").unwrap();
    let mut shown = vec![key.verifier().to_string(), checkpoint.note, sealed.to_owned(), format!("the {length} bytes")];
    shown.extend(hashes.iter().map(hex::encode));
    shown.push(String::from_utf8(stored[2].body.as_ref().unwrap().bytes.clone()).unwrap());
    for shown in shown {
        assert!(PAGE.contains(&shown), "the page does not show {shown}");
    }
}
