//! How a list of connections looks: which columns it has, in which order, and how dense it is. All of it is in the URL.

use leptos::prelude::*;
use portal::{FieldProblems, Problem, connections::SortKey};

use super::{Icon, icon};
use crate::query::Query;

/// A column that can be left out. The name and the status are always there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Application,
    Folder,
    Tags,
    ExternalId,
    Recipes,
    Updated,
}

impl Column {
    const ALL: [Self; 6] =
        [Self::Application, Self::Folder, Self::Tags, Self::ExternalId, Self::Recipes, Self::Updated];

    /// As in the URL.
    const fn word(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Folder => "folder",
            Self::Tags => "tags",
            Self::ExternalId => "external_id",
            Self::Recipes => "recipes",
            Self::Updated => "updated",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::Application => "Application",
            Self::Folder => "Folder",
            Self::Tags => "Tags",
            Self::ExternalId => "External ID",
            Self::Recipes => "Recipes",
            Self::Updated => "Updated",
        }
    }

    /// The class of its cells, by which `style/tables.css` sets its width and hides it on narrow screens.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Application => "c-app",
            Self::Folder => "c-folder",
            Self::Tags => "c-tags",
            Self::ExternalId => "c-ext",
            Self::Recipes => "c-used",
            Self::Updated => "c-when",
        }
    }

    pub const fn sort_key(self) -> Option<SortKey> {
        match self {
            Self::Application => Some(SortKey::Application),
            Self::Updated => Some(SortKey::UpdatedAt),
            Self::Recipes => Some(SortKey::Recipes),
            Self::Folder | Self::Tags | Self::ExternalId => None,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Density {
    #[default]
    Comfortable,
    Compact,
}

impl Density {
    /// The classes of a table of this density.
    pub fn table_class(self, class: &str) -> String {
        match self {
            Self::Comfortable => class.to_owned(),
            Self::Compact => format!("{class} compact"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListLook {
    pub columns: Vec<Column>,
    pub density: Density,
}

impl Default for ListLook {
    fn default() -> Self {
        Self { columns: Column::ALL.to_vec(), density: Density::default() }
    }
}

impl ListLook {
    /// The parameters in the URL.
    #[cfg(test)]
    pub const PARAMETERS: [&'static str; 2] = ["columns", "density"];

    /// Reads the look from the URL. Adds a problem for each word that is not known.
    pub fn read(query: &Query, problems: &mut FieldProblems) -> Self {
        let mut look = Self::default();
        let (columns, density) = (query.get("columns"), query.get("density"));
        if !columns.trim().is_empty() {
            look.columns.clear();
            for word in columns.split(',').map(str::trim).filter(|word| *word != "none") {
                match Column::ALL.into_iter().find(|column| column.word() == word) {
                    Some(column) if !look.columns.contains(&column) => look.columns.push(column),
                    Some(_) => {}
                    None => problems.add("columns", Problem::NotAColumn),
                }
            }
        }
        match density.trim() {
            "" => {}
            "compact" => look.density = Density::Compact,
            _ => problems.add("density", Problem::NotADensity),
        }
        look
    }

    /// The columns in a URL. Empty for the default.
    fn word(columns: &[Column]) -> String {
        if columns == Column::ALL {
            return String::new();
        }
        let words: Vec<_> = columns.iter().map(|column| column.word()).collect();
        if words.is_empty() { "none".to_owned() } else { words.join(",") }
    }

    /// A button that opens links to the same list with other columns and another density. `query` is the list's.
    pub fn chooser(&self, path: &str, query: &Query) -> AnyView {
        let link = |columns: &[Column]| query.with("columns", &Self::word(columns)).on(path);
        let shown = self.columns.iter().enumerate().map(|(at, column)| {
            let mut without = self.columns.clone();
            without.remove(at);
            let earlier = (at > 0).then(|| {
                let mut moved = self.columns.clone();
                moved.swap(at - 1, at);
                let label = format!("Move {} before {}", column.label(), self.columns[at - 1].label());
                view! { <a class="icon-btn" href=link(&moved) aria-label=label>{icon(Icon::Up)}</a> }
            });
            view! {
                <li>
                    <a class="menu-row" href=link(&without) aria-label=format!("Hide {}", column.label())>
                        {icon(Icon::Check)}<span>{column.label()}</span>
                    </a>
                    {earlier}
                </li>
            }
        });
        let hidden = Column::ALL.into_iter().filter(|column| !self.columns.contains(column)).map(|column| {
            let with: Vec<_> = self.columns.iter().copied().chain([column]).collect();
            view! {
                <li>
                    <a class="menu-row off" href=link(&with) aria-label=format!("Show {}", column.label())>
                        {icon(Icon::Plus)}<span>{column.label()}</span>
                    </a>
                </li>
            }
        });
        let densities = [(Density::Comfortable, "", "Comfortable"), (Density::Compact, "compact", "Compact")];
        let densities = densities.map(|(density, word, label)| {
            let here = (density == self.density).then_some("true");
            view! { <a class="btn sm quiet" href=query.with("density", word).on(path) aria-current=here>{label}</a> }
        });
        view! {
            <button type="button" class="btn sm push wide-only" popovertarget="look">{icon(Icon::Columns)}"Columns"</button>
            <div class="pop menu-pop end" id="look" popover="auto" role="dialog" aria-label="Columns and density">
                <ul class="columns">{shown.collect_view()}{hidden.collect_view()}</ul>
                <hr/>
                <p class="acts">{densities.collect_view()}</p>
            </div>
        }
        .into_any()
    }
}

#[cfg(test)]
mod tests {
    use portal::FieldProblems;

    use super::{Column, Density, ListLook};
    use crate::query::Query;

    fn read(query: &str) -> (ListLook, usize) {
        let mut problems = FieldProblems::default();
        let query = Query::of(&format!("/x?{query}").parse().expect("a path"));
        let look = ListLook::read(&query, &mut problems);
        (look, problems.iter().count())
    }

    #[test]
    fn columns_and_their_order_are_in_the_url() {
        assert_eq!(read(""), (ListLook::default(), 0));
        let (look, _) = read("columns=updated,tags,tags&density=compact");
        assert_eq!(look, ListLook { columns: vec![Column::Updated, Column::Tags], density: Density::Compact });
        assert_eq!(ListLook::word(&look.columns), "updated,tags");
        assert_eq!(read("columns=none").0.columns, []);
        assert_eq!(ListLook::word(&[]), "none");
        assert_eq!(ListLook::word(&Column::ALL), "");
    }

    #[test]
    fn an_unknown_column_or_density_is_a_problem() {
        assert_eq!(read("columns=colour&density=airy").1, 2);
    }
}
