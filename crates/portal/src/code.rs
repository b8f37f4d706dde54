//! The code of connectors' released versions. Workato hands out the current code only, so the portal keeps the code of each
//! version as it first sees it, sealed, and compares versions with it.

mod comparison;
mod diff;
mod keep;
mod kept;
mod naming;
mod reads;

pub(crate) use self::{
    comparison::compare_texts,
    naming::{code_of, code_with, sealed_for, sha256_of, workspace_of},
    reads::{CodeReads, NewCode},
};
pub use self::{
    comparison::{CodeInEntry, Compared, Comparison, VersionInEntry},
    diff::{CodeDiff, DiffLine, LineKind, MOST_LINES, Section, TooLarge},
    kept::VersionCode,
};
