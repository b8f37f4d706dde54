//! Bundles that differ from one that was sealed, in every way that somebody may try: the program and the documented
//! verifier in Python must refuse all of them. Some are sealed again with the log's own key, so that the seal does not
//! hide what is wrong with the line itself.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer, SigningKey as Ed25519Key};
use portal::audit::{GrowingTree, VerifierKey, leaf_hash, root_text, verify_bundle};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::process::Command;

const VERIFIER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/evidence-bundle/verify.py");
const EXAMPLE: &str = include_str!("../../../docs/evidence-bundle/example.jsonl");
const KEY: &str = "audit.example.com/portal+bc5e8eb8+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
const NAME: &str = "audit.example.com/portal";
const KEY_ID: [u8; 4] = [0xbc, 0x5e, 0x8e, 0xb8];

/// Mutated bundles by what was done to them.
#[derive(Default)]
struct Mutations(BTreeMap<String, Vec<u8>>);

impl Mutations {
    fn add(&mut self, what: String, bundle: Vec<u8>) {
        assert_ne!(bundle, EXAMPLE.as_bytes(), "{what} changes nothing");
        self.0.insert(what, bundle);
    }
}

/// The lines of the example, each with its line feed.
fn lines() -> Vec<String> {
    EXAMPLE.split_inclusive('\n').map(str::to_owned).collect()
}

fn secret() -> Ed25519Key {
    Ed25519Key::from_bytes(&std::array::from_fn(|at| at as u8))
}

/// A signature line by the example's key, whatever the text.
fn signature(text: &str) -> String {
    let signature = secret().sign(text.as_bytes()).to_bytes();
    format!("— {NAME} {}\n", STANDARD.encode([KEY_ID.as_slice(), &signature].concat()))
}

fn signed(text: &str) -> String {
    format!("{text}\n{}", signature(text))
}

fn checkpoint_line(note: &str) -> String {
    format!("{}\n", json!({ "checkpoint": note, "format": "partner-portal-evidence-bundle/1" }))
}

fn seal_line(note: &str) -> String {
    format!("{}\n", json!({ "seal": note }))
}

fn seal_text(before: &[u8]) -> String {
    let digest = STANDARD.encode(Sha256::digest(before));
    let lines = before.iter().filter(|byte| **byte == b'\n').count();
    format!("partner-portal-evidence-bundle/1\nentries {}\nsha256 {digest}\n", lines.saturating_sub(1))
}

/// The lines with a seal of their own.
fn sealed(lines: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let before: Vec<u8> = lines.iter().flat_map(|line| line.as_ref().to_vec()).collect();
    let seal = seal_line(&signed(&seal_text(&before)));
    [before, seal.into_bytes()].concat()
}

fn note_in(line: &str, key: &str) -> String {
    let line: Value = serde_json::from_str(line).unwrap();
    line[key].as_str().unwrap().to_owned()
}

/// Every way to change a note whose text and signature line are these.
fn changed_notes(note: &str) -> Vec<(String, String)> {
    let mut changed = Vec::new();
    let mut add = |what: String, note: String| changed.push((what, note));
    let lines: Vec<&str> = note.split_inclusive('\n').collect();
    let (text, line) = note.split_once("\n\n").unwrap();
    let text = format!("{text}\n");

    for at in 0..lines.len() {
        let mut dropped = lines.clone();
        dropped.remove(at);
        add(format!("line {at} dropped"), dropped.concat());
        for to in 0..=lines.len() {
            let mut repeated = lines.clone();
            repeated.insert(to, lines[at]);
            add(format!("line {at} repeated at {to}"), repeated.concat());
        }
        for other in at + 1..lines.len() {
            let mut swapped = lines.clone();
            swapped.swap(at, other);
            add(format!("lines {at} and {other} swapped"), swapped.concat());
        }
    }

    // One more signature line, before or behind the valid one.
    let (name_part, base64) = line.trim_end().rsplit_once(' ').unwrap();
    let bytes = STANDARD.decode(base64).unwrap();
    let with = |bytes: &[u8]| format!("{name_part} {}\n", STANDARD.encode(bytes));
    let garbage = with(&[&bytes[..4], &[7; 64]].concat());
    let flipped = with(&[&bytes[..67], &[bytes[67] ^ 1]].concat());
    let others = [
        ("the same signature", line.to_owned()),
        ("a garbage signature by the same key", garbage.clone()),
        ("a flipped signature by the same key", flipped.clone()),
        ("a short signature by the same key", with(&bytes[..67])),
        ("an empty signature by the same key", with(&bytes[..4])),
        ("a signature with another id", with(&[&[1, 2, 3, 4], &bytes[4..]].concat())),
        ("a signature with another name", format!("— witness.example.com {base64}\n")),
        ("another log's line", line.replace("portal", "Portal")),
        ("a line that is no signature", "— \n".to_owned()),
        ("a line of text", "text\n".to_owned()),
        ("an empty line", "\n".to_owned()),
    ];
    for (what, other) in others {
        add(format!("{what} behind"), format!("{text}\n{line}{other}"));
        add(format!("{what} before"), format!("{text}\n{other}{line}"));
        add(format!("{what} alone"), format!("{text}\n{other}"));
    }

    // The signature in other spellings and with other bytes.
    let mut malleable = bytes.clone();
    // The order of the group, added to the second half: the same signature to a verifier that does not check its range.
    let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
    let mut carry = 0;
    for (byte, of_order) in malleable[36..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(of_order) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    for (what, signature) in [
        ("trailing bits", base64.replace("M=", "N=").replace("o=", "p=")),
        ("no padding", base64.trim_end_matches('=').to_owned()),
        ("more padding", format!("{base64}=")),
        ("the URL's alphabet", base64.replace('+', "-").replace('/', "_")),
        ("a space at its end", format!("{base64} ")),
        ("a space in it", format!("{} {}", &base64[..9], &base64[9..])),
        ("a carriage return", format!("{base64}\r")),
        ("a line feed in it", format!("{}\n{}", &base64[..76], &base64[76..])),
        ("a second half beyond the group's order", STANDARD.encode(&malleable)),
        ("one byte more", STANDARD.encode([bytes.as_slice(), &[0]].concat())),
        ("one byte less", STANDARD.encode(&bytes[..67])),
        ("its highest bit set", STANDARD.encode([&bytes[..67], &[bytes[67] | 0x80]].concat())),
        ("nothing in it", String::new()),
    ] {
        if signature != base64 {
            add(format!("the signature with {what}"), format!("{text}\n{name_part} {signature}\n"));
        }
    }

    // Every character replaced, removed and joined by others of each kind.
    let characters: Vec<char> = note.chars().collect();
    for at in 0..characters.len() {
        let around = |new: &str, from: usize| -> String {
            let (before, after) = (&characters[..at], &characters[from..]);
            before.iter().copied().chain(new.chars()).chain(after.iter().copied()).collect()
        };
        add(format!("character {at} dropped"), around("", at + 1));
        add(format!("character {at} repeated"), around(&characters[at].to_string().repeat(2), at + 1));
        for new in ["0", "A", "=", "+", " ", "\n", "\r", "\t", "\0", "\u{a0}", "\u{200b}", "\u{2028}", "\u{feff}"] {
            // In the middle of long words only now and then: all their places are alike.
            let is_boundary = at < 3 || !characters[at].is_alphanumeric() || !characters[at - 1].is_alphanumeric();
            if is_boundary || at.is_multiple_of(17) {
                add(format!("{new:?} inserted at {at}"), around(new, at));
                add(format!("{new:?} in place of character {at}"), around(new, at + 1));
            }
        }
    }
    changed.retain(|(_, changed)| changed != note);
    changed
}

/// Texts that look like a checkpoint of the example's log, but are not one.
fn changed_checkpoints() -> Vec<String> {
    let root = "t7UfR8kuCpjjmlhAg79TKuM1rNNIcggPihUXjCwmJSM=";
    let mut texts: Vec<String> =
        ["07", "+7", "-7", " 7", "7 ", "7.0", "٧", "0x7", "8", "6", "0", "9223372036854775808", ""]
            .into_iter()
            .map(|size| format!("{NAME}\n{size}\n{root}\n"))
            .collect();
    texts.push(format!("{NAME}\n7{}\n{root}\n", "0".repeat(5_000)));
    for more in ["an extension\n", "\n", "7\n", "— no signature\n", &signature("x\n")] {
        texts.push(format!("{NAME}\n7\n{root}\n{more}"));
        texts.push(format!("{more}{NAME}\n7\n{root}\n"));
        texts.push(format!("{NAME}\n7\n{more}{root}\n"));
    }
    for root in [root.trim_end_matches('='), "t7UfR8kuCpjjmlhAg79TKuM1rNNIcggPihUXjCwmJSN=", "AAAA", ""] {
        texts.push(format!("{NAME}\n7\n{root}\n"));
    }
    for name in
        ["audit.example.com/Portal", "audit.example.com/portal ", "another.example", "\u{feff}audit.example.com/portal"]
    {
        texts.push(format!("{name}\n7\n{root}\n"));
    }
    texts.push(format!("{NAME}\r\n7\r\n{root}\r\n"));
    texts.push(format!("{NAME}\n7\n{root}\n\0\n"));
    texts
}

/// The example with lines added, repeated, dropped, swapped and garbled, under the seal that it had.
fn under_the_old_seal() -> Mutations {
    let mut mutations = Mutations::default();
    let lines = lines();
    let all = |lines: &[String]| lines.concat().into_bytes();
    for at in 0..lines.len() {
        let mut dropped = lines.clone();
        dropped.remove(at);
        mutations.add(format!("line {at} dropped"), all(&dropped));
        for to in 0..=lines.len() {
            let mut repeated = lines.clone();
            repeated.insert(to, lines[at].clone());
            mutations.add(format!("line {at} repeated at {to}"), all(&repeated));
            for line in ["\n", " \n", "{}\n", "null\n", "{\"entry\":{},\"proof\":[]}\n"] {
                let mut added = lines.clone();
                added.insert(to, line.to_owned());
                mutations.add(format!("{line:?} at {to}"), all(&added));
            }
        }
        for other in at + 1..lines.len() {
            let mut swapped = lines.clone();
            swapped.swap(at, other);
            mutations.add(format!("lines {at} and {other} swapped"), all(&swapped));
        }
        let mut respelled = lines.clone();
        respelled[at] = lines[at].replace('\n', "\r\n");
        mutations.add(format!("line {at} ends with CR LF"), all(&respelled));
    }
    mutations.add("no line feed at the end".to_owned(), EXAMPLE.trim_end().into());
    for (what, before, after) in
        [("a BOM", "\u{feff}", ""), ("NUL", "", "\0"), ("a space", "", " "), ("text", "", "x\n")]
    {
        mutations.add(format!("{what} beside"), format!("{before}{EXAMPLE}{after}").into());
    }
    for bytes in [&b""[..], b"\n", b"\n\n\n", b"{}\n{}\n{}\n"] {
        mutations.add(format!("only {:?}", String::from_utf8_lossy(bytes)), bytes.to_vec());
    }

    // The seal's note changed, and its line spelled otherwise.
    let (body, seal) = lines.split_at(lines.len() - 1);
    let note = note_in(&seal[0], "seal");
    for (what, changed) in changed_notes(&note) {
        mutations.add(format!("seal: {what}"), [body.concat(), seal_line(&changed)].concat().into());
    }
    for line in respelled_json(&seal[0], "seal") {
        mutations.add(format!("seal's line: {line}"), [body.concat(), line].concat().into());
    }
    mutations
}

/// A line of JSON that holds the same in other spellings.
fn respelled_json(line: &str, key: &str) -> Vec<String> {
    let member = format!("\"{key}\":");
    let escaped = format!("\"\\u{:04x}{}\":", u32::from(key.as_bytes()[0]), &key[1..]);
    vec![
        line.replacen(&member, &format!("\"{key}\": "), 1),
        line.replacen(&member, &format!("\"{key}\" :"), 1),
        line.replacen(&member, &escaped, 1),
        line.replacen(&member, &format!("{member}\"\",{member}"), 1),
        line.replacen(&member, &format!("\"more\":1,{member}"), 1),
        line.replacen('{', " {", 1),
        line.replacen('{', "{ ", 1),
        line.replace("}\n", "} \n"),
        line.replace("}\n", "}\t\n"),
        line.replace("}\n", "}\r\n"),
        line.replace("}\n", "}\0\n"),
        line.replace("}\n", ",\"more\":1}\n"),
        line.replace("}\n", "}}\n"),
        line.replace("}\n", "\n"),
        line.replacen("\\n", "\\u000a", 1),
        line.replacen('—', "\\u2014", 1),
        line.replacen("audit", "\\u0061udit", 1),
    ]
    .into_iter()
    .filter(|changed| changed != line)
    .collect()
}

/// The example with a line changed, and sealed again.
fn under_a_new_seal() -> Mutations {
    let mut mutations = Mutations::default();
    let lines = lines();
    let body = &lines[..lines.len() - 1];
    assert_eq!(sealed(body), EXAMPLE.as_bytes(), "the seal is not that of the example");
    let with = |at: usize, line: String| {
        let mut changed = body.to_vec();
        changed[at] = line;
        sealed(&changed)
    };
    let checkpoint = note_in(&body[0], "checkpoint");
    for (number, (what, changed)) in changed_notes(&checkpoint).into_iter().enumerate() {
        // A note goes through the same parser as the seal's, where all of these were tried.
        if number.is_multiple_of(3) || what.contains("signature") || what.contains("line") {
            mutations.add(format!("checkpoint: {what}"), with(0, checkpoint_line(&changed)));
        }
    }
    for text in changed_checkpoints() {
        mutations.add(format!("checkpoint signed as {text:?}"), with(0, checkpoint_line(&signed(&text))));
    }
    for line in respelled_json(&body[0], "checkpoint") {
        mutations.add(format!("first line: {line}"), with(0, line));
    }
    mutations.add("another format".to_owned(), with(0, body[0].replace("bundle/1", "bundle/2")));
    for at in 1..body.len() {
        let first = if body[at].starts_with("{\"entry\"") { "entry" } else { "leaf_hash" };
        for line in respelled_json(&body[at], first) {
            mutations.add(format!("line {at}: {line}"), with(at, line));
        }
        for line in changed_proofs(&body[at]) {
            mutations.add(format!("line {at}: {line}"), with(at, line));
        }
        // When and why a body was removed is vouched for by the seal alone.
        let end = body[at].find("\"removed\":{").unwrap_or(body[at].len() - 1);
        for place in (1..end).step_by(41) {
            let mut bytes = body[at].clone().into_bytes();
            bytes[place] ^= 0x01;
            let mut changed: Vec<Vec<u8>> = body.iter().map(|line| line.clone().into_bytes()).collect();
            changed[at] = bytes;
            mutations.add(format!("line {at}: byte {place} changed"), sealed(&changed));
        }
        let mut dropped = body.to_vec();
        dropped.push(dropped[at].clone());
        mutations.add(format!("line {at} twice, sealed"), sealed(&dropped));
    }
    // What retention left of an entry.
    let removed = &body[1];
    for (from, to) in [
        ("\"days\":365", "\"days\":\"365\""),
        ("\"days\":365", "\"days\":365.0"),
        ("\"days\":365", "\"days\":99999999999999999999"),
        ("\"days\":365", "\"days\":null"),
        ("\"days\":365,", ""),
        ("\"days\":365", "\"days\":365,\"days\":365"),
        ("\"days\":365", "\"days\":365,\"dozens\":30"),
        ("\"at\":\"", "\"at\":1,\"was\":\""),
        ("\"sequence\":2", "\"sequence\":2.0"),
        ("\"sequence\":2", "\"sequence\":\"2\""),
        ("\"sequence\":2", "\"sequence\":true"),
        ("\"sequence\":2", "\"sequence\":1"),
        ("\"sequence\":2", "\"sequence\":0"),
        ("\"sequence\":2", "\"sequence\":-9223372036854775808"),
        ("\"sequence\":2", "\"sequence\":02"),
        ("\"removed\":{", "\"removed\":[{"),
    ] {
        assert!(removed.contains(from), "{from}");
        mutations.add(format!("removed: {from} as {to}"), with(1, removed.replacen(from, to, 1)));
    }
    // The last line must be the export's own.
    mutations.add("the export's line is missing".to_owned(), sealed(&body[..body.len() - 1]));
    let mut moved = body.to_vec();
    moved.swap(body.len() - 1, body.len() - 2);
    mutations.add("the export's line is not the last".to_owned(), sealed(&moved));
    mutations
}

/// The line with another proof.
fn changed_proofs(line: &str) -> Vec<String> {
    let from = line.rfind("\"proof\":[").unwrap() + "\"proof\":[".len();
    let to = from + line[from..].find(']').unwrap();
    let nodes: Vec<&str> = line[from..to].split(',').collect();
    let with = |nodes: Vec<String>| format!("{}{}{}", &line[..from], nodes.join(","), &line[to..]);
    let owned = || nodes.iter().map(|node| (*node).to_owned()).collect::<Vec<String>>();
    let mut changed = vec![with(Vec::new()), with(vec!["null".to_owned()]), with(vec!["1".to_owned()])];
    for at in 0..nodes.len() {
        for other in [
            nodes[at].to_uppercase(),
            nodes[at].replace("\"", ""),
            format!("\"{}\"", "0".repeat(64)),
            format!("{}00\"", nodes[at].trim_end_matches('"')),
            format!("\" {}", &nodes[at][1..]),
        ] {
            let mut replaced = owned();
            replaced[at] = other;
            changed.push(with(replaced));
        }
        let mut repeated = owned();
        repeated.insert(at, nodes[at].to_owned());
        changed.push(with(repeated));
        let mut dropped = owned();
        dropped.remove(at);
        changed.push(with(dropped));
        let mut swapped = owned();
        swapped.rotate_left(1);
        changed.push(with(swapped));
    }
    changed.retain(|changed| changed != line);
    changed
}

/// A bundle of a log with these bytes as its only entry.
fn bundle_of_one(entry: &[u8]) -> Vec<u8> {
    let mut tree = GrowingTree::default();
    tree.push(leaf_hash(entry));
    let checkpoint = checkpoint_line(&signed(&format!("{NAME}\n1\n{}\n", root_text(&tree.root()))));
    let line = [b"{\"entry\":", entry, b",\"proof\":[]}\n"].concat();
    sealed(&[checkpoint.into_bytes(), line])
}

/// Entries that the log's key has signed and that parsers of JSON read differently, or not at all.
fn ambiguous_entries() -> Mutations {
    let mut mutations = Mutations::default();
    let with = |more: &str| format!("{{\"action\":\"audit.export\",{more}\"sequence\":1}}").into_bytes();
    let deep = |levels: usize| format!("\"a\":{}{},", "[".repeat(levels), "]".repeat(levels));
    let mut entries = vec![
        with("\"sequence\":2,"),
        with("\"action\":\"audit.export\","),
        with("\"a\":{\"b\":1,\"b\":2},"),
        with("\"a\":{\"b\":1,\"\\u0062\":1},"),
        with("\"a\":NaN,"),
        with("\"a\":Infinity,"),
        with("\"a\":-Infinity,"),
        with("\"a\":1e400,"),
        with(&format!("\"a\":{},", "9".repeat(400))),
        with(&format!("\"a\":{},", "9".repeat(5_000))),
        with("\"a\":\"\\ud800\","),
        with("\"a\":\"\\udc00\\ud800\","),
        with("\"\\ud800\":1,"),
        with("\"a\":\"\t\","),
        with("\"a\":\"\0\","),
        with("\"a\":'b',"),
        with("\"a\":01,"),
        with("\"a\":.5,"),
        with("\"a\":1.,"),
        with("\"a\":True,"),
        with("/* a */"),
        with(&deep(127)),
        with(&deep(2_000)),
        with("\"a\":1,}"),
        b"{\"action\":\"audit.export\",\"sequence\":1.0}".to_vec(),
        b"{\"action\":\"audit.export\",\"sequence\":1e0}".to_vec(),
        b"{\"action\":\"audit.export\",\"sequence\":\"1\"}".to_vec(),
        b"{\"action\":\"audit.export\",\"sequence\":true}".to_vec(),
        b"{\"action\":\"audit.export\",\"sequence\":18446744073709551617}".to_vec(),
        b"{\"action\":\"audit.export\"}".to_vec(),
        b"{\"action\":[\"audit.export\"],\"sequence\":1}".to_vec(),
        b"[{\"action\":\"audit.export\",\"sequence\":1}]".to_vec(),
        b"\xef\xbb\xbf{\"action\":\"audit.export\",\"sequence\":1}".to_vec(),
        b"null".to_vec(),
        b"".to_vec(),
    ];
    // A parser that guesses the encoding takes these for JSON as well.
    let plain = "{\"action\":\"audit.export\",\"sequence\":1}";
    entries.push(plain.encode_utf16().flat_map(u16::to_le_bytes).collect());
    entries.push(plain.encode_utf16().flat_map(u16::to_be_bytes).collect());
    entries.push(plain.chars().flat_map(|character| u32::from(character).to_le_bytes()).collect());
    let invalid =
        |bytes: &[u8]| [b"{\"a\":\"".as_slice(), bytes, b"\",\"action\":\"audit.export\",\"sequence\":1}"].concat();
    for bytes in [&b"\xff"[..], b"\xe9", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"] {
        entries.push(invalid(bytes));
    }
    for entry in entries {
        mutations
            .add(format!("entry {:?}", String::from_utf8_lossy(&entry[..entry.len().min(80)])), bundle_of_one(&entry));
    }
    mutations
}

/// What the verifier in Python says of each file, in order: `accepted`, `refused`, or how it crashed.
async fn verdicts_of_python(bundles: impl Iterator<Item = &Vec<u8>>) -> Vec<String> {
    let folder = TempDir::with_prefix("portal-mutations-").unwrap();
    let mut file = Vec::new();
    for bundle in bundles {
        file.extend((bundle.len() as u64).to_le_bytes());
        file.extend(bundle);
    }
    let path = folder.path().join("bundles");
    std::fs::write(&path, file).unwrap();
    let program = "
import importlib.util, sys
spec = importlib.util.spec_from_file_location('verifier', sys.argv[1])
verifier = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verifier)
bundles, key = open(sys.argv[2], 'rb'), verifier.Key(sys.argv[3])
while length := bundles.read(8):
    bundle = bundles.read(int.from_bytes(length, 'little'))
    try:
        verifier.verify(bundle, key)
        print('accepted')
    except verifier.Refused:
        print('refused')
    except Exception as error:
        print(repr(error))
";
    let output = Command::new("python3").args(["-c", program, VERIFIER]).arg(&path).arg(KEY).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Demands that both verifiers refuse all of these.
async fn assert_refused(mutations: Mutations, at_least: usize) {
    let key: VerifierKey = KEY.parse().unwrap();
    assert!(mutations.0.len() >= at_least, "only {} mutations", mutations.0.len());
    let verdicts = verdicts_of_python(mutations.0.values()).await;
    assert_eq!(verdicts.len(), mutations.0.len());
    let mut wrong = Vec::new();
    for ((what, bundle), by_python) in mutations.0.iter().zip(verdicts) {
        let by_program = verify_bundle(bundle.as_slice(), &key).is_err();
        if !by_program || by_python != "refused" {
            wrong.push(format!(
                "{what}: Python {by_python}, the program {}",
                if by_program { "refused" } else { "accepted" }
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), mutations.0.len(), wrong.join("\n"));
}

#[tokio::test]
async fn both_verifiers_refuse_every_change_under_the_old_seal() {
    assert_refused(under_the_old_seal(), 1_000).await;
}

#[tokio::test]
async fn both_verifiers_refuse_lines_that_are_not_in_their_one_spelling_even_if_they_are_sealed() {
    assert_refused(under_a_new_seal(), 400).await;
}

#[tokio::test]
async fn both_verifiers_refuse_entries_that_could_be_read_in_two_ways() {
    assert_refused(ambiguous_entries(), 40).await;
}

#[tokio::test]
async fn both_verifiers_accept_what_is_sealed_and_in_its_one_spelling() {
    let with = |more: &str| format!("{{\"action\":\"audit.export\",{more}\"sequence\":1}}").into_bytes();
    let bundles: Vec<Vec<u8>> = [
        String::new(),
        "\"a\":[1,-2,3.5,1e300,5e-324,true,null,\"ü — \\u0001 \\ud83d\\ude00 \u{200b}\"],".to_owned(),
        "\"a\":123456789012345678901234567890,".to_owned(),
        format!("\"a\":{}{},", "[".repeat(100), "]".repeat(100)),
        "\"a\":\",\\\"proof\\\":[]\",".to_owned(),
    ]
    .map(|more| bundle_of_one(&with(&more)))
    .into();
    let key: VerifierKey = KEY.parse().unwrap();
    for (bundle, by_python) in bundles.iter().zip(verdicts_of_python(bundles.iter()).await) {
        let shown = String::from_utf8_lossy(bundle);
        assert_eq!(by_python, "accepted", "{shown}");
        verify_bundle(bundle.as_slice(), &key).unwrap_or_else(|error| panic!("{error}: {shown}"));
    }
}
