//! A source file: its text and, for Rust, its syntax tree.

use std::{
    fs,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use syn::spanned::Spanned;

use crate::{
    error::Error,
    items::{attributes, is_only_for_tests},
};

/// A file of a crate.
pub struct Source {
    /// Relative to the workspace, with `/` between its parts.
    pub path: String,
    /// The whole text.
    pub text: String,
    /// The syntax tree; only Rust has one.
    pub syntax: Option<syn::File>,
}

impl Source {
    /// Reads the file `path` of the workspace in `root`.
    pub fn read(root: &Path, path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(|error| Error::Unreadable(path.to_owned(), error))?;
        let relative = relative(root, path);
        let syntax = if relative.ends_with(".rs") {
            let parsed = syn::parse_file(&text).map_err(|error| {
                Error::Syntax(PathBuf::from(&relative), error.span().start().line, error.to_string())
            })?;
            Some(parsed)
        } else {
            None
        };
        Ok(Self { path: relative, text, syntax })
    }

    /// The lines of the file's own items under `#[cfg(test)]`.
    pub fn test_lines(&self) -> Vec<RangeInclusive<usize>> {
        let items = self.syntax.iter().flat_map(|syntax| &syntax.items);
        let tests = items.filter(|item| is_only_for_tests(attributes(item)));
        tests.map(|item| item.span().start().line..=item.span().end().line).collect()
    }
}

/// `path` as findings name it.
pub fn relative(root: &Path, path: &Path) -> String {
    let parts = path.strip_prefix(root).unwrap_or(path).components();
    parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
