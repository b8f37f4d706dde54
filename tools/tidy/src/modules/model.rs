//! What is known about the modules of a crate.

use std::collections::{BTreeMap, BTreeSet};

/// The modules of one crate.
#[derive(Default)]
pub struct Modules {
    pub(super) all: Vec<Module>,
    /// Macros that `#[macro_use]` makes known everywhere, with their modules.
    pub(super) macros: BTreeMap<String, usize>,
    /// Files that only tests have.
    pub test_files: BTreeSet<String>,
}

/// One module.
pub(super) struct Module {
    pub(super) file: String,
    pub(super) parent: Option<usize>,
    pub(super) children: BTreeMap<String, usize>,
    /// What each name stands for. A name can stand for a type, a function and a macro at once.
    pub(super) names: BTreeMap<String, Vec<Binding>>,
    pub(super) globs: Vec<Vec<String>>,
    pub(super) references: Vec<Reference>,
}

/// What a name stands for.
pub(super) enum Binding {
    /// Declared in the module itself.
    Item,
    /// Imported from this path.
    Import(Vec<String>),
}

/// A place where a module's code names a path.
pub(super) struct Reference {
    pub(super) path: Vec<String>,
    pub(super) line: usize,
    pub(super) kind: Kind,
}

/// How a path is named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Code, or an import for the module's own use.
    Use,
    /// `pub use`
    Reexport,
    /// `use path::*`
    Glob,
    /// `pub use path::*`
    GlobReexport,
}
