//! Which file of a crate needs which.

use std::collections::BTreeMap;

use super::model::Modules;

/// That one file needs another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The file that needs the other.
    pub from: String,
    /// The line that says so.
    pub line: usize,
    /// The path in that line.
    pub path: String,
    /// The file that declares what the path names.
    pub to: String,
}

impl Modules {
    /// Which file needs which, the first line for each pair. A parent that declares or re-exports its child does not
    /// need it. Methods are not followed: a call names no file.
    pub fn edges(&self) -> Vec<Edge> {
        let mut first = BTreeMap::new();
        for (at, module) in self.all.iter().enumerate() {
            for reference in &module.references {
                for to in self.targets(at, reference) {
                    let edge = Edge {
                        from: module.file.clone(),
                        line: reference.line,
                        path: reference.path.join("::"),
                        to: self.all[to].file.clone(),
                    };
                    let known = first.entry((edge.from.clone(), edge.to.clone())).or_insert_with(|| edge.clone());
                    if edge.line < known.line {
                        *known = edge;
                    }
                }
            }
        }
        first.into_values().filter(|edge| edge.from != edge.to).collect()
    }
}
