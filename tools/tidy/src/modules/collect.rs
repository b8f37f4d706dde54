//! Walks the syntax trees and fills in the modules: `mod` declarations, names, imports, and the paths in the code.

use std::path::PathBuf;

use proc_macro2::TokenStream;
use syn::{
    Attribute, ImplItem, Item, ItemMod, ItemUse, Macro, Meta, TraitItem, UseTree, Visibility,
    spanned::Spanned,
    visit::{self, Visit},
};

use super::model::{Binding, Kind, Module, Modules, Reference};
use crate::{
    error::Error,
    items::{attributes, is_only_for_tests},
    source::Source,
    tokens,
};

/// The modules of the crate whose root is the file `root`, one of `sources`.
pub fn modules(sources: &[Source], root: &str) -> Result<Modules, Error> {
    let mut modules = Modules::default();
    file(&mut modules, sources, root, None, false)?;
    Ok(modules)
}

/// Adds the module in the file `path`, and those it declares. With `only_for_tests`, notes the files and adds nothing.
fn file(
    modules: &mut Modules,
    sources: &[Source],
    path: &str,
    parent: Option<usize>,
    only_for_tests: bool,
) -> Result<Option<usize>, Error> {
    let source = sources.iter().find(|source| source.path == path);
    let Some(syntax) = source.and_then(|source| source.syntax.as_ref()) else {
        return Err(Error::Manifest(PathBuf::from(path), "this file of a module is missing".to_owned()));
    };
    if only_for_tests {
        modules.test_files.insert(path.to_owned());
    }
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_folder_itself = parent.is_none() || name == "mod.rs";
    let stem = name.strip_suffix(".rs").unwrap_or(name);
    let scope = Scope {
        sources,
        file: path,
        folder: folder.to_owned(),
        child_folder: if is_folder_itself { folder.to_owned() } else { format!("{folder}/{stem}") },
        only_for_tests,
    };
    module(modules, &scope, &syntax.items, parent)
}

/// Where a module's items are, and where to look for the files of its children.
struct Scope<'a> {
    sources: &'a [Source],
    file: &'a str,
    /// The folder of the file, which `#[path]` starts from.
    folder: String,
    /// The folder of the children.
    child_folder: String,
    only_for_tests: bool,
}

fn module(
    modules: &mut Modules,
    scope: &Scope<'_>,
    items: &[Item],
    parent: Option<usize>,
) -> Result<Option<usize>, Error> {
    let at = modules.all.len();
    if !scope.only_for_tests {
        modules.all.push(Module {
            file: scope.file.to_owned(),
            parent,
            children: Default::default(),
            names: Default::default(),
            globs: Vec::new(),
            references: Vec::new(),
        });
    }
    for item in items {
        if let Item::Mod(declaration) = item {
            let child = child(modules, scope, declaration, at)?;
            if let Some(child) = child {
                modules.all[at].children.insert(declaration.ident.to_string(), child);
            }
        } else if !scope.only_for_tests {
            if !is_only_for_tests(attributes(item)) {
                declare(modules, at, item);
            }
            Code { module: &mut modules.all[at] }.visit_item(item);
        }
    }
    Ok((!scope.only_for_tests).then_some(at))
}

fn child(modules: &mut Modules, scope: &Scope<'_>, declaration: &ItemMod, at: usize) -> Result<Option<usize>, Error> {
    let name = declaration.ident.to_string();
    let only_for_tests = scope.only_for_tests || is_only_for_tests(&declaration.attrs);
    if let Some((_, items)) = &declaration.content {
        let inline = Scope {
            sources: scope.sources,
            file: scope.file,
            folder: scope.folder.clone(),
            child_folder: format!("{}/{name}", scope.child_folder),
            only_for_tests,
        };
        return module(modules, &inline, items, Some(at));
    }
    let path = match explicit_path(&declaration.attrs) {
        Some(path) => format!("{}/{path}", scope.folder),
        None => {
            let flat = format!("{}/{name}.rs", scope.child_folder);
            let is_there = scope.sources.iter().any(|source| source.path == flat);
            if is_there { flat } else { format!("{}/{name}/mod.rs", scope.child_folder) }
        }
    };
    file(modules, scope.sources, &path, Some(at), only_for_tests)
}

/// The file in `#[path = "…"]`.
fn explicit_path(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. }) => Some(path.value()),
            _ => None,
        },
        _ => None,
    })
}

/// Adds the names that an item brings into its module.
fn declare(modules: &mut Modules, at: usize, item: &Item) {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        Item::Macro(item) => {
            if let (Some(name), true) = (&item.ident, item.mac.path.is_ident("macro_rules")) {
                modules.macros.insert(name.to_string(), at);
            }
            return;
        }
        _ => return,
    };
    modules.all[at].names.entry(name.to_string()).or_default().push(Binding::Item);
}

/// Collects the paths in a module's code.
struct Code<'a> {
    module: &'a mut Module,
}

impl Code<'_> {
    fn note(&mut self, path: Vec<String>, line: usize, kind: Kind) {
        self.module.references.push(Reference { path, line, kind });
    }

    fn note_tokens(&mut self, tokens: TokenStream) {
        let mut found = Vec::new();
        tokens::paths(tokens, &mut found);
        for (path, line) in found {
            self.note(path, line, Kind::Use);
        }
    }

    /// The imports in a tree of `use`, each bound to its name.
    fn import(&mut self, tree: &UseTree, prefix: &mut Vec<String>, is_public: bool) {
        let (one, all) = if is_public { (Kind::Reexport, Kind::GlobReexport) } else { (Kind::Use, Kind::Glob) };
        let line = tree.span().start().line;
        match tree {
            UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.import(&path.tree, prefix, is_public);
                prefix.pop();
            }
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                let mut path = prefix.clone();
                if name != "self" {
                    path.push(name);
                }
                self.bind(path.last().cloned(), path, line, one);
            }
            UseTree::Rename(rename) => {
                let mut path = prefix.clone();
                if rename.ident != "self" {
                    path.push(rename.ident.to_string());
                }
                self.bind(Some(rename.rename.to_string()), path, line, one);
            }
            UseTree::Glob(_) => {
                self.module.globs.push(prefix.clone());
                self.note(prefix.clone(), line, all);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, prefix, is_public);
                }
            }
        }
    }

    fn bind(&mut self, name: Option<String>, path: Vec<String>, line: usize, kind: Kind) {
        if let Some(name) = name.filter(|name| name != "_") {
            self.module.names.entry(name).or_default().push(Binding::Import(path.clone()));
        }
        self.note(path, line, kind);
    }
}

impl<'ast> Visit<'ast> for Code<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_only_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes = match item {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Type(item) => &item.attrs,
            _ => return visit::visit_impl_item(self, item),
        };
        if !is_only_for_tests(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        let is_test = matches!(item, TraitItem::Fn(item) if is_only_for_tests(&item.attrs));
        if !is_test {
            visit::visit_trait_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        // `use ::name` is always another crate.
        if item.leading_colon.is_none() {
            let is_public = !matches!(item.vis, Visibility::Inherited);
            self.import(&item.tree, &mut Vec::new(), is_public);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let names = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.note(names, path.span().start().line, Kind::Use);
        }
        visit::visit_path(self, path);
    }

    fn visit_visibility(&mut self, _: &'ast Visibility) {
        // `pub(in path)` names no dependency.
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.note_tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.note_tokens(list.tokens.clone());
        }
    }
}
