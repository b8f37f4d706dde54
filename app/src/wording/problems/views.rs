//! What is wrong with saving a view.

use portal::ViewProblem;

use crate::wording::numbers::{grouped, grouped_i64};

pub fn problem(problem: &ViewProblem) -> String {
    match problem {
        ViewProblem::EmptyView => "Change the list before you save the view.".to_owned(),
        ViewProblem::ViewTooLong { most } => {
            format!(
                "This view is too long to save. Remove filters until its URL has at most {} characters.",
                grouped(*most)
            )
        }
        ViewProblem::ViewNameTaken => "You already have a view with this name.".to_owned(),
        ViewProblem::TooManyViews { most } => {
            format!("You already have {} views of this list. Delete one first.", grouped_i64(*most))
        }
        ViewProblem::TooManySharedViews { most } => {
            format!("{} views of this list are already shared. Save this one for yourself.", grouped_i64(*most))
        }
    }
}
