//! Sentences and labels that the portal's pages used to have, and that a reader stumbles over. None may come back into
//! what people read: the sources of `app` and `server`, comments aside.

#![allow(clippy::unwrap_used, reason = "a test may end with a panic")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Each is part of a text that was replaced.
const PHRASES: &[&str] = &[
    "as Workato had it",
    "of waiting for a turn",
    "As Workato has it",
    "Status in Workato's word",
    "Derive another",
    "Derived from it",
    "Those of runtime users",
    "No connection is derived from it",
    "Never authorised",
    "Lost because",
    "It has no tags",
    "Nothing was done to it through the portal",
    "See them in the audit log",
    "It stands in the audit log",
    "beside your name",
    "See who and why",
    "Required: this is a production team",
    "No note.",
    "embedded customers would",
    "they get none now",
    "nothing: it is not shared",
    "nothing: never released",
    "one release behind",
    "Stop sharing",
    "Recipes of every embedded customer",
    "and would get none",
    "Type the name to confirm",
    "It has no name: type its id",
    "The current code, released or not",
    "This code holds characters",
    "Not compared with the audit log yet",
    "Compare now",
    "The portal has noted what Workato says",
    "since the last comparison",
    "Nothing is listed",
    "does not understand a part",
    "Loosen a filter",
    "Give less of the name",
    "give it once",
    "To the last page",
    "shows here within half a minute",
    "The list ends here",
    "Everything that was done through the portal",
    "stands here from then on",
    "The audit log in pictures",
    "What was done each day",
    "How it went each day",
    "Who changes what",
    "From intent to outcome",
    "whenever it was begun",
    "What can be typed into the search",
    "not so: a dash",
    "Keep this search",
    "Keep it",
    "For everybody",
    "It stands in the sidebar",
    "Nobody keeps a search",
    "waits for a person",
    "not recorded yet",
    "No read of Workato could tell",
    "What became of an earlier operation",
    "Settle it",
    "How you found out",
    "Somebody else than its actor",
    "You did this yourself",
    "What needs an answer",
    "By keyboard",
    "Listen to these keys",
    "the one before",
    "stays the same for ever",
    "Written before anything was sent",
    "That you export them is an entry",
    "for somebody who does not trust",
    "The actor had no right",
    "something below needs another look",
    "Under way:",
    "tries again by itself",
    "Look into Workato before",
    "By force",
    "by force",
    "cannot be taken back",
    "Meanwhile {now} is",
    "when you decided",
    "Say why:",
    "It is a shell",
    "A shell",
    "Leave it as it is",
    "authenticated anew",
    "external id is taken away",
    "not even for a moment",
    "Its technical name in Workato",
    "You have no right",
    "There is no such page",
    "The address leads nowhere",
    "This form was used before",
    "and start anew",
    "This is too much at once",
    "Workato is asked too often",
    "Workato does not answer",
    "under the request's id",
    "To the start page",
    "until it may be asked again",
    "This is how it was",
    "E-mail and password do not match",
    "This is no e-mail address",
    "e-mail",
    "E-mail",
    "opens nothing any more",
    "open nothing any more",
    "You belong to no team yet",
    "Let a collector in",
    "Make a token",
    "No collector reads",
    "and Workato takes it",
    "Invite somebody",
    "Hand it to",
    "and to nobody else",
    "The portal shows it only now",
    "It is kept sealed",
    "Stands in addresses",
    "he or she",
    "Everybody belongs to it",
    "ends every other session of yours",
    "Revoke what you do not know",
    "Share a recipe with it",
    "The way on",
    "As the list of customers has it",
    "The customer that is meant",
    "any more",
    "is told",
    "is asked of",
    "whoever",
    "as it stands",
    "by which",
    "anew",
];

#[test]
fn no_replaced_phrase_is_left() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let found: Vec<String> = sources(root).iter().flat_map(|file| found_in(root, file)).collect();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_replaced_phrase_is_found_across_lines_and_not_in_comments() {
    let planted = "//! This is how it was.\nlet text = \"It cannot be \\\n    taken back.\";\n";
    let text = spoken(planted);
    assert!(text.contains("cannot be taken back"), "{text}");
    assert!(!text.contains("This is how it was"), "{text}");
}

/// The Rust sources of `app` and `server`, their tests aside.
fn sources(root: &Path) -> Vec<PathBuf> {
    let mut folders = vec![root.join("app/src"), root.join("server/src")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    assert!(files.len() > 100, "the sources are where they are expected");
    files.sort();
    files
}

fn found_in(root: &Path, file: &Path) -> Vec<String> {
    let text = spoken(&fs::read_to_string(file).unwrap());
    let place = file.strip_prefix(root).unwrap().display().to_string();
    PHRASES.iter().filter(|phrase| text.contains(**phrase)).map(|phrase| format!("{place}: {phrase}")).collect()
}

/// A source without its comments and unit tests, and with string literals that span lines joined. clap turns doc
/// comments into help, so those of the command line's definition stay.
fn spoken(source: &str) -> String {
    let program = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let is_help = program.contains("use clap::");
    let is_comment = |line: &str| line.starts_with("//") && !(is_help && line.starts_with("/// "));
    let lines = program.lines().map(str::trim).filter(|line| !is_comment(line));
    lines.map(|line| line.strip_suffix('\\').unwrap_or(line)).fold(String::new(), |mut text, line| {
        let separator = if text.ends_with(' ') { "" } else { "\n" };
        text.push_str(separator);
        text.push_str(line);
        text
    })
}
