//! What is wrong with pairing, promoting or releasing a connector.

use portal::PromotionProblem;

/// Why a connector cannot be paired, promoted, or released.
pub const fn problem(problem: PromotionProblem) -> &'static str {
    match problem {
        PromotionProblem::DraftChanged => {
            "The draft’s code is no longer the code that was promoted. Nothing was released. Someone may be working on it in \
             Workato; promote again to replace it."
        }
        PromotionProblem::DraftUnknown => {
            "Workato doesn’t say which code the draft has, so nothing was released. Try again later."
        }
        PromotionProblem::SameTeam => "Choose another team.",
        PromotionProblem::SameWorkspace => "Both teams have the same Workato workspace. There is nothing to promote.",
        PromotionProblem::NoCounterpart => "Workato has no such connector in the other team. Choose another one.",
        PromotionProblem::NotPaired => "Choose the counterpart in the other team first.",
        PromotionProblem::NothingReleased => "No version is released yet. Release one in Workato first.",
        PromotionProblem::CodeUnknown => "The portal can’t read the code of this version, so it can’t promote it.",
        PromotionProblem::CodeChanged => {
            "Another version or other code is there now than the page showed. Nothing was sent. Look at it again."
        }
        PromotionProblem::AlreadyRunning => "This connector is being promoted to this team. Wait until that has ended.",
        PromotionProblem::NothingToResume => {
            "This promotion has ended, or what became of its last step isn’t known yet. Try again in a minute."
        }
    }
}
