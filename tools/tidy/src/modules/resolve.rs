//! Follows a path to the modules that declare what it names, through imports and re-exports.

use super::model::{Binding, Kind, Modules, Reference};

/// What a part of a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Module(usize),
    /// Something declared in this module.
    ItemOf(usize),
}

/// The names being looked up. Imports may lead to themselves; such a lookup ends at once.
type UnderWay = Vec<(usize, String)>;

impl Modules {
    /// The modules that `reference`, in the module `at`, makes its file need.
    pub(super) fn targets(&self, at: usize, reference: &Reference) -> Vec<usize> {
        let found = self.resolve(at, &reference.path, &mut Vec::new()).unwrap_or_default();
        let is_reexport = matches!(reference.kind, Kind::Reexport | Kind::GlobReexport);
        let is_glob = matches!(reference.kind, Kind::Glob | Kind::GlobReexport);
        let needed = found.into_iter().filter_map(|target| match target {
            Target::ItemOf(module) => Some(module),
            // A module's name alone is no need; the paths that go through it are.
            Target::Module(module) => is_glob.then_some(module),
        });
        needed.filter(|module| !(is_reexport && self.is_within(*module, at))).collect()
    }

    /// `None` if the path is not of this crate.
    fn resolve(&self, at: usize, path: &[String], under_way: &mut UnderWay) -> Option<Vec<Target>> {
        let (first, mut rest) = path.split_first()?;
        let mut targets = match first.as_str() {
            "crate" => vec![Target::Module(0)],
            "self" => vec![Target::Module(at)],
            "super" => {
                let mut module = self.all[at].parent?;
                while rest.first().is_some_and(|next| next == "super") {
                    module = self.all[module].parent?;
                    rest = &rest[1..];
                }
                vec![Target::Module(module)]
            }
            name => match self.lookup(at, name, under_way) {
                Some(targets) => targets,
                None if path.len() == 1 => vec![Target::ItemOf(*self.macros.get(name)?)],
                None => return None,
            },
        };
        for name in rest {
            // A function or macro may share a module's name, but nothing is within it.
            if targets.iter().any(|target| matches!(target, Target::Module(_))) {
                targets.retain(|target| matches!(target, Target::Module(_)));
            }
            let mut within = Vec::new();
            for target in targets {
                match target {
                    Target::Module(module) => match self.lookup(module, name, under_way) {
                        Some(found) => within.extend(found),
                        // It is a macro, or a macro has made it.
                        None => within.push(Target::ItemOf(*self.macros.get(name).unwrap_or(&module))),
                    },
                    // A variant or an associated item.
                    Target::ItemOf(module) => within.push(Target::ItemOf(module)),
                }
            }
            targets = within;
        }
        Some(targets)
    }

    /// What `name` stands for in a module; `None` if the module does not have it.
    fn lookup(&self, at: usize, name: &str, under_way: &mut UnderWay) -> Option<Vec<Target>> {
        let module = &self.all[at];
        let child = module.children.get(name).map(|child| Target::Module(*child));
        let this = (at, name.to_owned());
        if under_way.contains(&this) {
            return child.map(|child| vec![child]);
        }
        under_way.push(this);
        let found = match (child, module.names.get(name)) {
            (None, None) => self.lookup_in_globs(at, name, under_way),
            (child, bindings) => {
                let mut found: Vec<Target> = child.into_iter().collect();
                for binding in bindings.into_iter().flatten() {
                    match binding {
                        Binding::Item => found.push(Target::ItemOf(at)),
                        Binding::Import(path) => found.extend(self.resolve(at, path, under_way).unwrap_or_default()),
                    }
                }
                Some(found)
            }
        };
        under_way.pop();
        found
    }

    fn lookup_in_globs(&self, at: usize, name: &str, under_way: &mut UnderWay) -> Option<Vec<Target>> {
        self.all[at].globs.iter().find_map(|glob| {
            let places = self.resolve(at, glob, under_way)?;
            places.into_iter().find_map(|place| match place {
                Target::Module(place) => self.lookup(place, name, under_way),
                Target::ItemOf(_) => None,
            })
        })
    }

    fn is_within(&self, mut inner: usize, outer: usize) -> bool {
        while let Some(parent) = self.all[inner].parent {
            if parent == outer {
                return true;
            }
            inner = parent;
        }
        false
    }
}
