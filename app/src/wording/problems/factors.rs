//! What is wrong with a second factor.

use portal::FactorProblem;

pub fn problem(problem: FactorProblem) -> String {
    let text = match problem {
        FactorProblem::WrongCode => "This code is incorrect or already used. Wait until your app shows the next one.",
        FactorProblem::WrongFirstCode => {
            "This code is incorrect. Check that the app has this key and that your device's clock is right, then enter \
             the code it shows now."
        }
        FactorProblem::KeyExpired => "The earlier key has expired. Add this new one to your app.",
        FactorProblem::PasskeyRefused => "This passkey wasn't accepted. Try again, or use another way.",
        FactorProblem::PasskeyKnown => "This passkey is already registered.",
        FactorProblem::ChallengeOver => "This took more than five minutes, or was sent twice. Try again.",
        FactorProblem::NoPasskeysHere => "Passkeys don't work at this address.",
        FactorProblem::LastFactor => "Your role needs a second factor. Add another one before you remove this one.",
        FactorProblem::NoFactor => "You have no second factor. Set one up first.",
        FactorProblem::TooManyFactors { most } => {
            return format!("You already have {most} second factors. Remove one first.");
        }
    };
    text.to_owned()
}
