//! The workspace as the rules see it: its members with their manifests and sources.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    error::Error,
    manifest::{Manifest, members},
    modules::{self, Modules},
    source::{Source, relative},
};

/// Endings of the files that people write and the rules read.
const ENDINGS: &[&str] = &["css", "js", "mjs", "rs", "sh", "sql", "ts"];
/// Folders that hold what was built or installed.
const NOT_OURS: &[&str] = &["node_modules", "target"];
/// Folders that hold tests.
const TESTS: &[&str] = &["benches", "end2end", "tests"];

/// The workspace.
pub struct Workspace {
    /// Its members, in the manifest's order.
    pub crates: Vec<Crate>,
    /// The files that belong to no member.
    pub other_files: Vec<Source>,
}

/// A member of the workspace.
pub struct Crate {
    /// Its manifest.
    pub manifest: Manifest,
    /// Its folder, relative to the workspace.
    pub folder: String,
    /// Its files.
    pub sources: Vec<Source>,
}

impl Workspace {
    /// Reads the workspace in `root`.
    pub fn read(root: &Path) -> Result<Self, Error> {
        let folders: Vec<PathBuf> = members(root)?.into_iter().map(|member| root.join(member)).collect();
        let mut crates = Vec::new();
        for folder in &folders {
            let sources = read_all(root, folder, &folders)?;
            crates.push(Crate { manifest: Manifest::read(root, folder)?, folder: relative(root, folder), sources });
        }
        Ok(Self { crates, other_files: read_all(root, root, &folders)? })
    }

    /// Every file of every member and beside them.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.crates.iter().flat_map(|member| &member.sources).chain(&self.other_files)
    }

    /// The files that only tests have.
    pub fn test_files(&self) -> Result<BTreeSet<String>, Error> {
        let in_folders = self.sources().filter(|source| source.path.split('/').any(|folder| TESTS.contains(&folder)));
        let mut files: BTreeSet<String> = in_folders.map(|source| source.path.clone()).collect();
        for member in &self.crates {
            files.extend(member.modules()?.into_iter().flat_map(|modules| modules.test_files));
        }
        Ok(files)
    }
}

impl Crate {
    /// Its module trees: the library's and the programs'.
    pub fn modules(&self) -> Result<Vec<Modules>, Error> {
        let source_folder = format!("{}/src", self.folder);
        let is_root = |path: &str| {
            let within = path.strip_prefix(&source_folder).unwrap_or_default();
            let is_program = within.starts_with("/bin/") && within.matches('/').count() == 2;
            is_program || within == "/lib.rs" || within == "/main.rs"
        };
        let roots = self.sources.iter().filter(|source| is_root(&source.path));
        roots.map(|root| modules::modules(&self.sources, &root.path)).collect()
    }
}

/// The files in `folder`, but not those of the members inside it.
fn read_all(root: &Path, folder: &Path, members: &[PathBuf]) -> Result<Vec<Source>, Error> {
    let mut paths = Vec::new();
    find(folder, members, &mut paths)?;
    paths.sort();
    paths.iter().map(|path| Source::read(root, path)).collect()
}

fn find(folder: &Path, members: &[PathBuf], found: &mut Vec<PathBuf>) -> Result<(), Error> {
    let unreadable = |error| Error::Unreadable(folder.to_owned(), error);
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(unreadable)?);
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if kind.is_dir() {
            let skipped = name.starts_with('.') || NOT_OURS.contains(&name.as_ref()) || members.contains(&path);
            if !skipped {
                find(&path, members, found)?;
            }
        } else if kind.is_file() && path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known))
        {
            found.push(path);
        }
    }
    Ok(())
}
