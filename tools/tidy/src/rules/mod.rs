//! The rules, one check each.

mod confined_libraries;
mod cycles;
mod dependencies;
mod length;
mod module_docs;
mod removed_features;
mod sentences;
mod shared_lints;
mod sql;

use crate::{
    error::Error,
    finding::Finding,
    policy::{
        CONFINED, CYCLES, Exception, LONG_FILES, REMOVED_FEATURE_EXCEPTIONS, SENTENCE_EXCEPTIONS, SQL_EXCEPTIONS,
    },
    workspace::Workspace,
};

/// Checks one rule.
pub type Rule = fn(&Workspace) -> Result<Vec<Finding>, Error>;

/// Every rule.
pub const ALL: &[Rule] = &[
    dependencies::check,
    confined_libraries::check,
    sql::check,
    sentences::check,
    removed_features::check,
    shared_lints::check,
    module_docs::check,
    length::check,
    cycles::check,
];

/// Exceptions for places that are not there.
pub fn unused_exceptions(workspace: &Workspace) -> Result<Vec<Finding>, Error> {
    let confined = CONFINED.iter().flat_map(|confined| confined.exceptions);
    let exceptions = confined
        .chain(SQL_EXCEPTIONS)
        .chain(SENTENCE_EXCEPTIONS)
        .chain(REMOVED_FEATURE_EXCEPTIONS)
        .chain(LONG_FILES)
        .chain(CYCLES);
    let is_there = |exception: &Exception| {
        let manifests = workspace.crates.iter().map(|member| &member.manifest.path);
        let file = exception.path.split(' ').next().unwrap_or_default();
        let mut places = workspace.sources().map(|source| &source.path).chain(manifests);
        places.any(|place| exception.covers(place) || place == file)
    };
    let unused = exceptions.filter(|exception| !is_there(exception)).map(|exception| {
        let message = format!("the exception for {} ({}) covers no file", exception.path, exception.reason);
        Finding::new("tools/tidy/src/policy.rs", 1, message)
    });
    Ok(unused.collect())
}
