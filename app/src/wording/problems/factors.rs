//! What is wrong with a second factor.

use portal::FactorProblem;

pub fn problem(problem: FactorProblem) -> String {
    let text = match problem {
        FactorProblem::WrongCode => {
            "This code is wrong, or it was used already. Wait until your app shows the next one."
        }
        FactorProblem::WrongFirstCode => {
            "This code is wrong. Check that the app has this key and that your device's clock is right, then enter the \
             code it shows now."
        }
        FactorProblem::KeyExpired => "The earlier key has expired. Add this new one to your app.",
        FactorProblem::PasskeyRefused => "The portal does not accept this passkey. Try again, or use another way.",
        FactorProblem::PasskeyKnown => "This passkey is registered already.",
        FactorProblem::ChallengeOver => "This took more than five minutes, or was sent twice. Try again.",
        FactorProblem::NoPasskeysHere => "Passkeys do not work at this address of the portal.",
        FactorProblem::LastFactor => "Your role needs a second factor. Add another one before you remove this one.",
        FactorProblem::NoFactor => "You have no second factor. Set one up first.",
        FactorProblem::TooManyFactors { most } => {
            return format!("You have {most} second factors already. Remove one first.");
        }
    };
    text.to_owned()
}
