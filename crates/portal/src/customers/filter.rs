//! The filter of the customer list: as text in a URL, and which customers match it. Workato has no such filter.

use workato::Customer;

use super::{Sort, name::name};
use crate::{
    FieldProblems, Paging,
    fields::{field, paging, part_of_name},
    names::folded,
};

/// The parameters of the list in a URL.
pub const PARAMETERS: &[&str] = &["q", "sort", "page", "rows", "columns", "density"];

/// The filter as text in a URL or a form. An empty field does not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterInput {
    /// Part of a name or of an external id, or an account id.
    pub q: String,
    /// A column to sort by, with `-` before it to reverse.
    pub sort: String,
    /// The number of the page, counted from 1.
    pub page: String,
    /// How many rows a page has.
    pub rows: String,
}

/// A valid filter.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Part of a name or of an external id, as [`folded`], or an account id.
    text: Option<String>,
    /// The order.
    pub sort: Sort,
    /// Which page, of how many rows.
    pub paging: Paging,
}

impl FilterInput {
    /// The filter in a URL, whose parameters have these values.
    pub fn of(value: impl Fn(&str) -> String) -> Self {
        Self { q: value("q"), sort: value("sort"), page: value("page"), rows: value("rows") }
    }

    /// Reads the filter.
    ///
    /// # Errors
    /// The problems, by field. An invalid filter never matches everything.
    pub fn read(&self) -> Result<Filter, FieldProblems> {
        let mut problems = FieldProblems::default();
        let filter = Filter {
            text: field(&mut problems, "q", &self.q, part_of_name).map(|text| folded(&text)),
            sort: field(&mut problems, "sort", &self.sort, Sort::read).unwrap_or_default(),
            paging: paging(&mut problems, &self.page, &self.rows),
        };
        if problems.is_empty() { Ok(filter) } else { Err(problems) }
    }
}

impl Filter {
    /// The positions in `customers` of those that match, sorted.
    pub(super) fn places(&self, customers: &[Customer]) -> Vec<usize> {
        let mut places: Vec<usize> = (0..customers.len()).filter(|place| self.matches(&customers[*place])).collect();
        self.sort.apply(customers, &mut places);
        places
    }

    /// Whether the customer matches.
    #[must_use]
    pub fn matches(&self, customer: &Customer) -> bool {
        let Some(text) = &self.text else { return true };
        let holds = |field: Option<&str>| field.is_some_and(|field| folded(field).contains(text.as_str()));
        holds(name(customer)) || holds(customer.external_id.as_deref()) || customer.id.to_string() == *text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workato::Customer;

    use super::FilterInput;

    fn matches(q: &str) -> bool {
        let customer: Customer =
            serde_json::from_value(json!({ "id": 19029, "external_id": "U/7 b", "name": "Škoda & Søn" }))
                .expect("a customer");
        FilterInput { q: q.to_owned(), ..FilterInput::default() }.read().expect("a filter").matches(&customer)
    }

    #[test]
    fn a_customer_is_found_by_part_of_its_name_or_external_id_or_by_its_account_id() {
        for found in ["", "škoda", "s\u{30c}koda", "& SØ", "&\nsø", "u/7", "19029"] {
            assert!(matches(found), "{found:?}");
        }
        for not_found in ["1902", "Skoda", "U7", "\0", &"x".repeat(1_000)] {
            assert!(!matches(not_found), "{not_found:?}");
        }
    }

    #[test]
    fn each_invalid_value_has_a_problem_at_its_field() {
        let input =
            FilterInput { q: "x".repeat(1_001), sort: "x".to_owned(), page: "0".to_owned(), rows: "51".to_owned() };
        let problems = input.read().expect_err("problems");
        assert!(["q", "sort", "page", "rows"].iter().all(|field| problems.of(field).is_some()));
    }
}
