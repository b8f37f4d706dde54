//! The filter of the customer list: as text in a URL, and which customers match it. Workato has no such filter.

use workato::Customer;

use super::name::name;
use crate::{
    FieldProblems, Paging,
    fields::{field, paging, part_of_name},
    names::folded,
};

/// The filter as text in a URL or a form. An empty field does not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterInput {
    /// Part of a name or of an external id, or an account id.
    pub q: String,
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
    /// Which page, of how many rows.
    pub paging: Paging,
}

impl FilterInput {
    /// Reads the filter.
    ///
    /// # Errors
    /// The problems, by field. An invalid filter never matches everything.
    pub fn read(&self) -> Result<Filter, FieldProblems> {
        let mut problems = FieldProblems::default();
        let filter = Filter {
            text: field(&mut problems, "q", &self.q, part_of_name).map(|text| folded(&text)),
            paging: paging(&mut problems, &self.page, &self.rows),
        };
        if problems.is_empty() { Ok(filter) } else { Err(problems) }
    }
}

impl Filter {
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
        let input = FilterInput { q: "x".repeat(1_001), page: "0".to_owned(), rows: "51".to_owned() };
        let problems = input.read().expect_err("problems");
        assert!(["q", "page", "rows"].iter().all(|field| problems.of(field).is_some()));
    }
}
