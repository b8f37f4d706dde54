//! Which passwords can be chosen: none that is common, made of names, or otherwise easy to guess. There are no rules
//! about kinds of characters: they make passwords worse, not better.

use zxcvbn::{Score, feedback::Warning, zxcvbn};

use super::{Password, common_passwords, hasher::Turn};
use crate::{
    Error, Portal, Result,
    problem::{Guessable, PasswordProblem},
};

/// The fewest letters and digits of a password apart from names.
const LEAST_BESIDE_NAMES: usize = 6;
/// The shortest name that counts.
const SHORTEST_NAME: usize = 3;
/// What the portal is called.
const PORTAL_NAMES: [&str; 2] = ["Workato", "Partner Portal"];

/// Who chooses a password.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chooser<'a> {
    pub name: &'a str,
    pub email: &'a str,
}

impl Portal {
    /// The hash of a password that somebody chooses, if it is not too easy to guess.
    ///
    /// # Errors
    /// `Invalid` for the field `password`.
    pub(super) async fn hash_chosen(&self, turn: Turn, password: Password, chooser: Chooser<'_>) -> Result<String> {
        let url = self.settings.public_url.as_deref().unwrap_or_default();
        let names = names([chooser.name, chooser.email, url].into_iter().chain(PORTAL_NAMES));
        let judge = password.clone();
        // Rating takes up to some milliseconds.
        let judged = tokio::task::spawn_blocking(move || problem(judge.text(), &names)).await;
        match judged.map_err(|error| Error::Internal(error.to_string()))? {
            Some(problem) => Err(crate::Problem::from(problem).of("password")),
            None => self.hasher.hash(turn, password).await,
        }
    }
}

/// What is wrong with a password, if anything.
fn problem(password: &str, names: &[String]) -> Option<PasswordProblem> {
    let trimmed = password.trim_end_matches(|c: char| !c.is_alphabetic());
    if common_passwords::contain(password) || common_passwords::contain(trimmed) {
        return Some(PasswordProblem::CommonPassword);
    }
    if is_made_of(password, names) {
        return Some(PasswordProblem::PasswordOfNames);
    }
    let inputs: Vec<&str> = names.iter().map(String::as_str).collect();
    let rated = zxcvbn(password, &inputs);
    (rated.score() < Score::Three).then(|| {
        let warning = rated.feedback().and_then(|feedback| feedback.warning());
        PasswordProblem::GuessablePassword { why: warning.map_or(Guessable::TooSimple, why) }
    })
}

const fn why(warning: Warning) -> Guessable {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess => Guessable::Keys,
        Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            Guessable::Repeats
        }
        Warning::SequencesLikeAbcAreEasyToGuess => Guessable::Sequence,
        Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => Guessable::Date,
        Warning::ThisIsATop10Password
        | Warning::ThisIsATop100Password
        | Warning::ThisIsACommonPassword
        | Warning::ThisIsSimilarToACommonlyUsedPassword => Guessable::Common,
        Warning::AWordByItselfIsEasyToGuess => Guessable::Word,
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess | Warning::CommonNamesAndSurnamesAreEasyToGuess => {
            Guessable::Names
        }
    }
}

/// The words of these texts, and each text as one word, longest first.
fn names<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut names = Vec::new();
    for text in texts {
        let text = text.to_lowercase();
        names.push(letters_and_digits(&text));
        names.extend(text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned));
    }
    names.retain(|name| name.chars().count() >= SHORTEST_NAME && name.chars().any(char::is_alphabetic));
    names.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    names.dedup();
    names
}

/// Whether little is left of a password without the names in it, also backwards and with digits and signs for letters.
fn is_made_of(password: &str, names: &[String]) -> bool {
    let password = password.to_lowercase();
    let plain = letters_and_digits(&password);
    let spelled = letters_and_digits(&password.chars().map(letter_for).collect::<String>());
    [plain, spelled].into_iter().any(|password| {
        let mut rest = password.clone();
        for name in names {
            let backwards: String = name.chars().rev().collect();
            // Something stays between what was around the name, so that it does not become another one.
            rest = rest.replace(name, " ").replace(&backwards, " ");
        }
        rest != password && rest.chars().filter(|c| *c != ' ').count() < LEAST_BESIDE_NAMES
    })
}

fn letters_and_digits(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The letter that a digit or sign is often typed for.
const fn letter_for(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::{Guessable, PORTAL_NAMES, PasswordProblem, names, problem};

    fn of(password: &str) -> Option<PasswordProblem> {
        let person = ["Olga Operator-Schmidt", "olga.schmidt@vendor.example", "https://portal.vendor.example"];
        problem(password, &names(person.into_iter().chain(PORTAL_NAMES)))
    }

    #[test]
    fn common_passwords_are_refused_however_they_are_decorated() {
        for common in [
            "1qaz2wsx3edc",
            "q1w2e3r4t5y6",
            "leavemealone",
            "LEAVEMEALONE",
            "LeaveMeAlone",
            "leavemealone1",
            "leavemealone2026!",
            "sonyericsson",
            "motherfucker",
            "123qweasdzxc",
        ] {
            assert_eq!(of(common), Some(PasswordProblem::CommonPassword), "{common}");
        }
    }

    #[test]
    fn passwords_made_of_names_are_refused_however_they_are_written() {
        for named in [
            "olga.schmidt@vendor.example",
            "OLGA.SCHMIDT@VENDOR.EXAMPLE",
            "olgaschmidt2026",
            "Olga-Schmidt-1!",
            "Schmidt, Olga",
            "0lg4 5chm1d7 1",
            "tdimhcsaglo1",
            "operatorolga",
            "OperatorSchmidt",
            "workatoworkato",
            "W0rk4t0-p0rtal!",
            "partnerportal",
            "Partner Portal 2026",
            "portal.vendor.example",
            "workato1234!?!?",
            "vendorvendorvendor",
            "olga-olga-olga-olga",
        ] {
            assert_eq!(of(named), Some(PasswordProblem::PasswordOfNames), "{named}");
        }
    }

    #[test]
    fn guessable_passwords_are_refused_with_the_reason() {
        for (guessable, expected) in [
            ("            ", Guessable::Repeats),
            ("aaaaaaaaaaaaaaaaaaaaaaaa", Guessable::Repeats),
            ("\u{1f600}".repeat(12).as_str(), Guessable::Repeats),
            ("abcabcabcabcabc", Guessable::Repeats),
            ("abcdefghijklm", Guessable::Sequence),
        ] {
            let why = of(guessable);
            assert_eq!(why, Some(PasswordProblem::GuessablePassword { why: expected }), "{guessable}");
        }
        let accepted: Vec<&str> = [
            "password1234",
            "Password1234",
            "PASSWORD1234",
            "p4ssw0rd1234",
            "passwordpassword",
            "password 1234",
            "1234password",
            "drowssap1234",
            "Pa$$w0rd1234",
            "qwertyuiop12",
            "qwertyuiop[]",
            "asdfghjkl;'#",
            "zxcvbnm,./12",
            "letmein12345",
            "welcome12345",
            "iloveyou1234",
            "111111111111",
            "123456789012",
            "121212121212",
            "98765432109876",
            "administrator",
            "changemenow1",
            "olga12345678",
            "aaaaaaaaaaab",
            "\t\t\t\t\t\t\t\t\t\t\t\t",
            "............",
            "-_-_-_-_-_-_",
            "qazwsxedcrfv1",
        ]
        .into_iter()
        .filter(|guessable| of(guessable).is_none())
        .collect();
        assert!(accepted.is_empty(), "{accepted:?}");
    }

    #[test]
    fn passwords_that_are_hard_to_guess_are_taken_whatever_they_are_made_of() {
        for good in [
            "tangerine lantern orbit",
            "correct horse battery",
            "olga shares on mondays",
            "operator-knows-four-words",
            "four words of ada",
            "seven-herons-left-at-dawn",
            "kJ8#vQ2$xL9z",
            "8f3b1c7e9a2d4f60",
            "zwölf Bögen grünes Papier",
            "昨日の夕食は美味しかった魚",
            "workato is where my connections live",
            "\u{1f98a}\u{1f511}\u{1f3d4}\u{1f9c0} four pictures",
        ] {
            assert_eq!(of(good), None, "{good}");
        }
    }

    #[test]
    fn names_of_two_letters_and_numbers_do_not_count() {
        let names = names(["Jo Li", "jo@127.0.0.1"]);
        assert_eq!(names, ["jo127001", "joli"]);
    }

    #[test]
    fn rating_takes_little_time_whatever_is_typed() {
        for hard in
            ["a1".repeat(64), "1".repeat(128), "2026-11-27 ".repeat(11), "p4$5w0rd".repeat(16), "qwer".repeat(32)]
        {
            let begun = Instant::now();
            let _ = of(&hard);
            assert!(begun.elapsed() < Duration::from_secs(2), "{hard}: {:?}", begun.elapsed());
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_can_be_rated(password in "\\PC{12,128}") {
            let _ = of(&password);
        }
    }
}
