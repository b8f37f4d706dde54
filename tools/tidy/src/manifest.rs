//! Reads `Cargo.toml`: the members of a workspace; a crate's name, dependencies and features.

use std::{fs, path::Path};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{error::Error, source::relative};

/// A crate's manifest.
pub struct Manifest {
    /// Relative to the workspace.
    pub path: String,
    /// The crate's name.
    pub name: String,
    /// What it depends on, in every section.
    pub dependencies: Vec<Dependency>,
    /// Its features.
    pub features: Vec<Feature>,
    /// Whether it has the lints of the workspace.
    pub has_shared_lints: bool,
}

/// One dependency.
pub struct Dependency {
    /// The package, which may have another name in the crate.
    pub package: String,
    /// When it is needed.
    pub section: Section,
    /// Whether a feature must turn it on.
    pub optional: bool,
    /// The features asked for.
    pub features: Vec<String>,
    /// The line in the manifest.
    pub line: usize,
}

/// When a dependency is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// To build the crate.
    Normal,
    /// For its tests, examples and benches.
    Dev,
    /// For its build script.
    Build,
}

/// A feature of a crate.
pub struct Feature {
    /// Its name.
    pub name: String,
    /// What it turns on.
    pub turns_on: Vec<String>,
    /// The line in the manifest.
    pub line: usize,
}

impl Section {
    const ALL: [Self; 3] = [Self::Normal, Self::Dev, Self::Build];

    /// The section's name in a manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "dependencies",
            Self::Dev => "dev-dependencies",
            Self::Build => "build-dependencies",
        }
    }
}

/// The folders of the workspace's members.
pub fn members(root: &Path) -> Result<Vec<String>, Error> {
    let path = root.join("Cargo.toml");
    let text = read(&path)?;
    let manifest = parse(&path, &text)?;
    let members = table(manifest.get_ref(), "workspace").and_then(|workspace| workspace.get("members"));
    let members = members.map(strings).unwrap_or_default();
    if members.is_empty() || members.iter().any(|member| member.contains('*')) {
        let problem = "tidy needs the members of the workspace listed one by one".to_owned();
        return Err(Error::Manifest(path, problem));
    }
    Ok(members)
}

impl Manifest {
    /// Reads the manifest in `folder`.
    pub fn read(root: &Path, folder: &Path) -> Result<Self, Error> {
        let path = folder.join("Cargo.toml");
        let text = read(&path)?;
        let manifest = parse(&path, &text)?;
        let manifest = manifest.get_ref();
        let name = table(manifest, "package").and_then(|package| package.get("name")?.get_ref().as_str());
        let name = name.ok_or_else(|| Error::Manifest(path.clone(), "no package.name".to_owned()))?.to_owned();

        let mut dependencies = dependencies(manifest, &text);
        for (_, target) in table(manifest, "target").into_iter().flatten() {
            dependencies.extend(
                target.get_ref().as_table().map(|target| self::dependencies(target, &text)).unwrap_or_default(),
            );
        }
        let features = table(manifest, "features").into_iter().flatten().map(|(name, turns_on)| Feature {
            name: name.get_ref().to_string(),
            turns_on: strings(turns_on),
            line: line_at(&text, name.span().start),
        });
        let shared = table(manifest, "lints").and_then(|lints| lints.get("workspace")?.get_ref().as_bool());
        let has_shared_lints = shared == Some(true);
        Ok(Self { path: relative(root, &path), name, dependencies, features: features.collect(), has_shared_lints })
    }
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|error| Error::Unreadable(path.to_owned(), error))
}

fn parse<'a>(path: &Path, text: &'a str) -> Result<Spanned<DeTable<'a>>, Error> {
    DeTable::parse(text).map_err(|error| Error::Manifest(path.to_owned(), error.to_string()))
}

fn dependencies(manifest: &DeTable<'_>, text: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    for section in Section::ALL {
        for (name, value) in table(manifest, section.name()).into_iter().flatten() {
            let details = value.get_ref().as_table();
            let detail = |key: &str| details.and_then(|details| details.get(key)).map(Spanned::get_ref);
            found.push(Dependency {
                package: detail("package").and_then(DeValue::as_str).unwrap_or(name.get_ref()).to_owned(),
                section,
                optional: detail("optional").and_then(DeValue::as_bool).unwrap_or(false),
                features: details.and_then(|details| details.get("features")).map(strings).unwrap_or_default(),
                line: line_at(text, name.span().start),
            });
        }
    }
    found
}

fn table<'a, 'i>(parent: &'a DeTable<'i>, key: &str) -> Option<&'a DeTable<'i>> {
    parent.get(key)?.get_ref().as_table()
}

fn strings(value: &Spanned<DeValue<'_>>) -> Vec<String> {
    let array = value.get_ref().as_array();
    array.into_iter().flatten().filter_map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
}

fn line_at(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}
