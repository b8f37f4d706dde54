//! How a list looks: which columns it has, in which order, and how dense it is. All of it is in the URL.

use std::{fmt::Display, str::FromStr};

use crate::{FieldProblems, Problem};

/// The parameters in the URL.
pub const PARAMETERS: [&str; 2] = ["columns", "density"];

/// A column that can be left out. A list's first columns are always there, so they are none of these.
pub trait Column: Copy + Eq + Display + FromStr + Send + Sync + 'static {
    /// All of them.
    const EVERY: &'static [Self];
    /// Those of a list that nobody has changed, in order.
    const USUAL: &'static [Self];
}

store::words! {
    /// How high the rows are.
    #[derive(Default)]
    pub enum Density {
        /// As usual.
        #[default]
        Comfortable => "comfortable",
        /// Lower.
        Compact => "compact",
    }
}

/// How a list looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look<C> {
    /// The columns that can be left out, in order.
    pub columns: Vec<C>,
    /// How high the rows are.
    pub density: Density,
}

impl<C: Column> Default for Look<C> {
    fn default() -> Self {
        Self { columns: C::USUAL.to_vec(), density: Density::default() }
    }
}

impl<C: Column> Look<C> {
    /// Reads the look from the values of [`PARAMETERS`]. Adds a problem for each word that is not known.
    pub fn read(columns: &str, density: &str, problems: &mut FieldProblems) -> Self {
        let mut look = Self::default();
        if !columns.trim().is_empty() {
            look.columns.clear();
            for word in columns.split(',').map(str::trim).filter(|word| *word != "none") {
                match word.parse() {
                    Ok(column) if !look.columns.contains(&column) => look.columns.push(column),
                    Ok(_) => {}
                    Err(_) => problems.add("columns", Problem::NotAColumn),
                }
            }
        }
        match density.trim() {
            "" => {}
            word => match word.parse() {
                Ok(density) => look.density = density,
                Err(_) => problems.add("density", Problem::NotADensity),
            },
        }
        look
    }

    /// Columns in a URL. Empty for the usual ones.
    #[must_use]
    pub fn word(columns: &[C]) -> String {
        if columns == C::USUAL {
            return String::new();
        }
        let words: Vec<_> = columns.iter().map(ToString::to_string).collect();
        if words.is_empty() { "none".to_owned() } else { words.join(",") }
    }
}

#[cfg(test)]
mod tests {
    use super::{Column as _, Density, Look};
    use crate::{FieldProblems, connections::Column};

    fn read(columns: &str, density: &str) -> (Look<Column>, usize) {
        let mut problems = FieldProblems::default();
        let look = Look::read(columns, density, &mut problems);
        (look, problems.iter().count())
    }

    #[test]
    fn columns_and_their_order_are_in_the_url() {
        assert_eq!(read("", ""), (Look::default(), 0));
        let (look, _) = read("updated,tags,tags", "compact");
        assert_eq!(look, Look { columns: vec![Column::Updated, Column::Tags], density: Density::Compact });
        assert_eq!(Look::word(&look.columns), "updated,tags");
        assert_eq!(read("none", "").0.columns, []);
        assert_eq!(Look::<Column>::word(&[]), "none");
        assert_eq!(Look::word(Column::USUAL), "");
    }

    #[test]
    fn an_unknown_column_or_density_is_a_problem() {
        assert_eq!(read("colour", "airy").1, 2);
    }
}
