//! Sentences for people stand in `app`: a crate below it answers with codes and values. Logs and errors are phrases
//! without a capital letter and a full stop, as is usual in Rust, so a literal that is a whole sentence, that holds the
//! end of one and the beginning of the next, or that says "you" is meant for a reader.

use proc_macro2::TokenTree;

use crate::{
    error::Error,
    finding::Finding,
    policy::{SENTENCE_EXCEPTIONS, WITHOUT_SENTENCES, is_excepted},
    source::Source,
    tokens,
    workspace::Workspace,
};

pub fn check(workspace: &Workspace) -> Result<Vec<Finding>, Error> {
    let tests = workspace.test_files()?;
    let mut findings = Vec::new();
    for member in workspace.crates.iter().filter(|member| WITHOUT_SENTENCES.contains(&member.manifest.name.as_str())) {
        for source in member.sources.iter().filter(|source| !tests.contains(&source.path)) {
            let test_lines = source.test_lines();
            let found = of_source(source);
            findings
                .extend(found.into_iter().filter(|found| !test_lines.iter().any(|lines| lines.contains(&found.line))));
        }
    }
    findings.retain(|found| !is_excepted(SENTENCE_EXCEPTIONS, &found.file));
    Ok(findings)
}

fn of_source(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    if source.syntax.is_none() {
        return findings;
    }
    // It has been parsed as a file, so its tokens are sound.
    let tokens = source.text.parse().unwrap_or_default();
    tokens::walk(tokens, &mut |token| {
        if let TokenTree::Literal(literal) = token
            && let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string())
            && is_for_people(&text.value())
        {
            let message = "a sentence for people belongs in `app/src/wording`; answer with a code and its values";
            findings.push(Finding::new(&source.path, literal.span().start().line, message.to_owned()));
        }
    });
    findings
}

/// Whether `text` reads like a sentence that a person is to read.
fn is_for_people(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() < 2 || is_code(text) {
        return false;
    }
    let ends = |word: &str| word.len() > 1 && word.ends_with(['.', '!', '?']) && !word.ends_with("..");
    let begins = |word: &str| word.starts_with(char::is_uppercase);
    let is_whole = begins(words[0]) && words.len() > 2 && words.last().is_some_and(|word| ends(word));
    let goes_on = words.windows(2).any(|pair| ends(pair[0]) && begins(pair[1]));
    let is_to_a_reader = words.iter().any(|word| {
        let word = word.trim_matches(|letter: char| !letter.is_alphabetic()).to_lowercase();
        ["you", "your", "yours"].contains(&word.as_str())
    });
    is_whole || goes_on || is_to_a_reader
}

/// SQL, paths and templates of documents hold words and full stops of their own.
fn is_code(text: &str) -> bool {
    text.contains(['\n', ';', '<']) || text.contains("${")
}
