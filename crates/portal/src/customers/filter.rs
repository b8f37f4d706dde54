//! The filter of the list of customers, as it stands in a URL, and what it lets through. Workato has none of its own.

use workato::Customer;

use super::name;
use crate::{
    FieldProblems,
    fields::{field, folded, page, part_of_name},
};

/// The filter as it stands in a URL or a form; an empty field does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterInput {
    /// Part of a name or of an external id, or an account id.
    pub q: String,
    /// Which page, from 1.
    pub page: String,
}

/// A filter that has been read and is right.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Part of a name or of an external id, or an account id; [`folded`].
    text: Option<String>,
    /// Which page, from 1.
    pub page: usize,
}

impl FilterInput {
    /// Reads the filter.
    ///
    /// # Errors
    /// What is wrong, field by field. A filter that cannot be read never lets everything through.
    pub fn read(&self) -> Result<Filter, FieldProblems> {
        let mut problems = FieldProblems::default();
        let filter = Filter {
            text: field(&mut problems, "q", &self.q, part_of_name).map(|text| folded(&text)),
            page: field(&mut problems, "page", &self.page, page).unwrap_or(1),
        };
        if problems.is_empty() { Ok(filter) } else { Err(problems) }
    }
}

impl Filter {
    /// Whether this customer is let through.
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

    fn lets_through(q: &str) -> bool {
        let customer: Customer =
            serde_json::from_value(json!({ "id": 19029, "external_id": "U/7 b", "name": "Škoda & Søn" }))
                .expect("a customer");
        FilterInput { q: q.to_owned(), page: String::new() }.read().expect("a filter").matches(&customer)
    }

    #[test]
    fn a_customer_is_found_by_part_of_its_name_or_external_id_and_by_its_whole_account_id() {
        for found in ["", "škoda", "& SØ", "&\nsø", "u/7", "19029"] {
            assert!(lets_through(found), "{found:?}");
        }
        for not_found in ["1902", "Skoda", "U7", "\0", &"x".repeat(1_000)] {
            assert!(!lets_through(not_found), "{not_found:?}");
        }
    }

    #[test]
    fn every_bad_value_is_named_by_its_field() {
        let input = FilterInput { q: "x".repeat(1_001), page: "0".to_owned() };
        let problems = input.read().expect_err("problems");
        assert!(problems.of("q").is_some() && problems.of("page").is_some());
    }
}
