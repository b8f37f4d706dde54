//! The fields of a form or URL that need another look.

use serde::{Deserialize, Serialize};

use super::Problem;

/// One field that needs another look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// The field's name, as in the form or the URL.
    pub field: String,
    /// What is wrong with it.
    #[serde(flatten)]
    pub problem: Problem,
}

/// All fields that need another look.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblems {
    problems: Vec<FieldProblem>,
}

impl FieldProblems {
    /// Notes that `field` needs another look.
    pub fn add(&mut self, field: impl Into<String>, problem: impl Into<Problem>) {
        self.problems.push(FieldProblem { field: field.into(), problem: problem.into() });
    }

    /// The first problem of `field`.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.field == field).map(|problem| &problem.problem)
    }

    /// Whether there is no problem.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// Every problem, in the order in which it was found.
    pub fn iter(&self) -> impl Iterator<Item = &FieldProblem> {
        self.problems.iter()
    }
}

impl<P: Into<Problem>, const N: usize> From<[(&str, P); N]> for FieldProblems {
    fn from(problems: [(&str, P); N]) -> Self {
        let mut all = Self::default();
        for (field, problem) in problems {
            all.add(field, problem);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::FieldProblems;
    use crate::{CredentialsProblem, Problem, SearchProblem};

    #[test]
    fn codes_with_files_of_their_own_look_like_the_others() {
        let mut problems = FieldProblems::default();
        problems.add("credentials_json", CredentialsProblem::TooMany { most: 50 });
        problems.add("q", SearchProblem::NoSuchAction { word: "connector.explode".to_owned() });
        problems.add("name", Problem::NameLength { most: 80 });
        let expected = json!({ "problems": [
            { "field": "credentials_json", "code": "too_many_credentials", "most": 50 },
            { "field": "q", "code": "no_such_action", "word": "connector.explode" },
            { "field": "name", "code": "name_length", "most": 80 },
        ] });
        assert_eq!(serde_json::to_value(&problems).expect("JSON"), expected);
        assert_eq!(serde_json::from_value::<FieldProblems>(expected).expect("problems"), problems);
    }
}
