//! SQL stands in one crate, and in the migrations: no statement in another crate's string literals, no `.sql` file.
//! Some crates' tests may have it.

use proc_macro2::TokenTree;

use crate::{
    error::Error,
    finding::Finding,
    policy::{MIGRATIONS, SQL_EXCEPTIONS, SQL_HOME, SQL_IN_TESTS, is_excepted},
    source::Source,
    tokens,
    workspace::Workspace,
};

pub fn check(workspace: &Workspace) -> Result<Vec<Finding>, Error> {
    let tests = workspace.test_files()?;
    let mut findings = Vec::new();
    for member in workspace.crates.iter().filter(|member| member.manifest.name != SQL_HOME) {
        let may_in_tests = SQL_IN_TESTS.contains(&member.manifest.name.as_str());
        for source in member.sources.iter().filter(|source| !(may_in_tests && tests.contains(&source.path))) {
            let test_lines = if may_in_tests { source.test_lines() } else { Vec::new() };
            let found = of_source(source);
            findings
                .extend(found.into_iter().filter(|found| !test_lines.iter().any(|lines| lines.contains(&found.line))));
        }
    }
    findings.extend(workspace.other_files.iter().flat_map(of_source));
    findings.retain(|found| !found.file.starts_with(MIGRATIONS) && !is_excepted(SQL_EXCEPTIONS, &found.file));
    Ok(findings)
}

fn of_source(source: &Source) -> Vec<Finding> {
    let finding = |line, what: &str| {
        let message = format!("{what} belongs in the crate `{SQL_HOME}`");
        Finding::new(&source.path, line, message)
    };
    if source.path.ends_with(".sql") {
        return vec![finding(1, "SQL")];
    }
    let mut findings = Vec::new();
    if source.syntax.is_some() {
        // It has been parsed as a file, so its tokens are sound.
        let tokens = source.text.parse().unwrap_or_default();
        tokens::walk(tokens, &mut |token| {
            if let TokenTree::Literal(literal) = token
                && let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string())
                && let Some(verb) = statement(&text.value())
            {
                findings.push(finding(literal.span().start().line, &format!("this SQL statement ({verb} …)")));
            }
        });
    }
    findings
}

/// The verb of the SQL statement that `text` is or begins with. SQL is written in capitals here.
fn statement(text: &str) -> Option<&'static str> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let followed_by = |second: &[&str]| words.get(1).is_some_and(|word| second.contains(word));
    let objects = ["INDEX", "TABLE", "TEMP", "TEMPORARY", "TRIGGER", "UNIQUE", "VIEW", "VIRTUAL"];
    let matches = |verb: &str| match verb {
        "ALTER" | "CREATE" | "DROP" => followed_by(&objects),
        "BEGIN" => followed_by(&["DEFERRED", "EXCLUSIVE", "IMMEDIATE"]),
        "DELETE" => followed_by(&["FROM"]),
        "EXPLAIN" => followed_by(&["QUERY", "SELECT"]),
        "INSERT" | "REPLACE" => followed_by(&["INTO", "OR"]),
        "PRAGMA" | "SELECT" | "VACUUM" => words.len() > 1,
        "UPDATE" => words.contains(&"SET"),
        "WITH" => words.contains(&"SELECT"),
        _ => false,
    };
    const VERBS: &[&str] = &[
        "ALTER", "BEGIN", "CREATE", "DELETE", "DROP", "EXPLAIN", "INSERT", "PRAGMA", "REPLACE", "SELECT", "UPDATE",
        "VACUUM", "WITH",
    ];
    let first = *words.first()?;
    VERBS.iter().copied().find(|verb| *verb == first && matches(verb))
}
