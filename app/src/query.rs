//! The query of a URL.

use http::Uri;
use portal::{FieldProblems, Problem};

/// The parameters, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    pub fn of(uri: &Uri) -> Self {
        Self::parse(uri.query().unwrap_or_default())
    }

    /// The query of a URL, without the question mark.
    pub fn parse(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// As in a URL, without the question mark.
    pub fn text(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }

    /// Whether both have the same parameters with the same values, in whatever order.
    pub fn is_same(&self, other: &Self) -> bool {
        let sorted = |query: &Self| {
            let mut pairs: Vec<_> =
                query.0.iter().map(|(name, value)| (name.clone(), value.trim().to_owned())).collect();
            pairs.sort();
            pairs
        };
        sorted(self) == sorted(other)
    }

    /// The parameter's value. Empty if it is missing.
    pub fn get(&self, name: &str) -> String {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// All parameters with their values, in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// `filter`, parsed from this query, unless one of these parameters is given twice.
    ///
    /// # Errors
    /// The problems of `filter`, and each parameter that is given twice.
    pub fn with_filter<T>(&self, names: &[&str], filter: Result<T, FieldProblems>) -> Result<T, FieldProblems> {
        let mut problems = FieldProblems::default();
        self.refuse_duplicates(names, &mut problems);
        let filter = filter.map_err(|more| {
            for problem in more.iter() {
                problems.add(&problem.field, problem.problem.clone());
            }
        });
        filter.ok().filter(|_| problems.is_empty()).ok_or(problems)
    }

    /// Adds a problem for each of these parameters that is given twice, since either value could be the intended one.
    pub fn refuse_duplicates(&self, names: &[&str], problems: &mut FieldProblems) {
        for name in names {
            if self.0.iter().filter(|(key, _)| key == name).count() > 1 {
                problems.add(*name, Problem::GivenTwice);
            }
        }
    }

    /// The same query with this parameter set to `value`, or removed if `value` is empty.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut pairs: Vec<_> = self.0.iter().filter(|(key, _)| key != name).cloned().collect();
        if !value.is_empty() {
            pairs.push((name.to_owned(), value.to_owned()));
        }
        Self(pairs)
    }

    /// The same query without these parameters.
    pub fn without(&self, names: &[&str]) -> Self {
        Self(
            self.0.iter().filter(|(key, value)| !names.contains(&key.as_str()) && !value.is_empty()).cloned().collect(),
        )
    }

    /// The same query with only those of these parameters that have a value.
    pub fn only(&self, names: &[&str]) -> Self {
        let has_value = |(key, value): &&(String, String)| names.contains(&key.as_str()) && !value.trim().is_empty();
        Self(self.0.iter().filter(has_value).cloned().collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The URL of `path` with this query.
    pub fn on(&self, path: &str) -> String {
        if self.0.is_empty() {
            return path.to_owned();
        }
        format!("{path}?{}", self.text())
    }
}

#[cfg(test)]
mod tests {
    use portal::FieldProblems;

    use super::Query;

    fn query(text: &str) -> Query {
        Query::of(&format!("/x?{text}").parse().expect("a valid path"))
    }

    #[test]
    fn a_parameter_given_twice_is_a_problem() {
        let mut problems = FieldProblems::default();
        query("a=1&a=1&b=2").refuse_duplicates(&["a", "b"], &mut problems);
        assert_eq!(problems.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn changing_one_parameter_keeps_the_others() {
        let query = query("q=a%26b&page=3");
        assert_eq!(query.with("page", "4").on("/c"), "/c?q=a%26b&page=4");
        assert_eq!(query.without(&["page"]).on("/c"), "/c?q=a%26b");
        assert_eq!(query.without(&["page", "q"]).on("/c"), "/c");
    }

    #[test]
    fn two_queries_are_the_same_in_whatever_order() {
        assert!(query("a=1&b=2").is_same(&query("b=+2&a=1")));
        assert!(!query("a=1&b=2").is_same(&query("a=1")) && !query("a=1").is_same(&query("a=2")));
        assert_eq!(Query::parse(&query("q=a%26b").text()), query("q=a%26b"));
    }

    #[test]
    fn only_known_parameters_with_a_value_are_kept() {
        assert_eq!(query("q=a&tag=&folder_id=+&problem=1&page=2").only(&["q", "tag", "folder_id"]).on("/c"), "/c?q=a");
    }
}
