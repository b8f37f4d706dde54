//! Words about promoting a connector from one team to another.

use portal::{
    FieldProblems, PublicError,
    promotions::{Progress, PromotionStep, StepState},
};
use workato::ConnectorVersion;

use super::{problems::problem as of_field, refusals};

/// Below the release note.
pub const NOTE_HINT: &str = "The new version has this note in Workato.";
/// Below the box that shares.
pub const SHARE_HINT: &str = "Without it, the promotion stops after the release. You can share the version later.";
/// Below the choice of a counterpart, if some have a similar name.
pub const SUGGESTED: &str = "Suggested by name. Check that it is the same connector. You confirm this once.";
/// Below the choice of a counterpart, if none has a similar name.
pub const NO_SUGGESTION: &str = "No connector there has a similar name. You confirm this once.";

/// Above the choice of a counterpart.
pub fn not_paired(connector: &str, to: &str) -> String {
    format!("Choose which connector of {to} is {connector}. Versions are promoted to that one.")
}

/// To somebody who may not promote.
pub fn needs_both(from: &str, to: &str) -> String {
    format!("To promote, you need to be an operator of both {from} and {to}.")
}

/// If the code in Workato is no longer that of the version.
pub fn newer_draft(version: ConnectorVersion, from: &str) -> String {
    format!(
        "{from} has a draft that is newer than version {version}. The draft is not promoted; release it first if you need it."
    )
}

/// If there is no counterpart yet.
pub fn creates(connector: &str, to: &str) -> String {
    format!("{to} gets a new connector, {connector}, with this version’s code.")
}

/// If the code of the other team cannot be compared.
pub fn unreadable_code(to: &str) -> String {
    format!("The code in {to} can’t be read, so what changes can’t be shown.")
}

/// If both have the same code.
pub fn same_code(to: &str) -> String {
    format!("{to} has this code already.")
}

/// "Code changes, Production to version 8".
pub fn code_title(to: &str, version: ConnectorVersion) -> String {
    format!("Code changes, {to} to version {version}")
}

/// Below the comparison.
pub fn code_shown(from: &str) -> String {
    format!(
        "The left side is the draft that is there now; the promotion replaces it. The right side is the version of {from}."
    )
}

/// Above the button, if the share needs a second person.
pub fn share_waits(to: &str) -> String {
    format!(
        "Sharing needs a second person in {to}. The release is made at once; the share waits until another operator approves it."
    )
}

/// What a promotion is, in a few words.
pub fn summary(progress: &Progress, from: &str) -> String {
    let version = progress.promotion.version;
    match progress.made() {
        Some(made) => format!("Version {version} of {from} became version {made}"),
        None => format!("Version {version} of {from}"),
    }
}

/// What a step does.
pub fn step(progress: &Progress, step: PromotionStep, to: &str) -> String {
    match (step, progress.made()) {
        (PromotionStep::Draft, _) if progress.promotion.counterpart.is_none() => {
            format!("Create the connector in {to}")
        }
        (PromotionStep::Draft, _) => format!("Write the draft in {to}"),
        (PromotionStep::Release, _) => "Release the draft".to_owned(),
        (PromotionStep::Read, Some(made)) => format!("Read back the new version: {made}"),
        (PromotionStep::Read, None) => "Read back the new version".to_owned(),
        (PromotionStep::Share, Some(made)) => format!("Share version {made}"),
        (PromotionStep::Share, None) => "Share the new version".to_owned(),
        (PromotionStep::Check, _) => format!("Check that {to} has this code"),
    }
}

/// How a step stands.
pub const fn step_state(state: StepState) -> &'static str {
    match state {
        StepState::NotStarted => "Not started",
        StepState::Running => "In progress",
        StepState::Waits => "Waiting for approval",
        StepState::Unknown => "Outcome unknown",
        StepState::Failed => "Failed",
        StepState::Done => "Done",
    }
}

/// What was done, what was not, and how to go on.
pub fn advice(progress: &Progress, to: &str) -> String {
    if progress.is_running {
        return "The promotion is running. This page refreshes itself.".to_owned();
    }
    let Some(next) = progress.next() else {
        return match progress.promotion.shares {
            true => format!("Done. {to} has this code, and its customers get it."),
            false => format!("Done. {to} has this code. It is released and not shared."),
        };
    };
    let resume = if progress.can_resume() {
        " Resume to go on: the portal reads Workato first and repeats nothing."
    } else {
        ""
    };
    match next.state {
        StepState::Waits => {
            format!("Another operator of {to} has to approve the share. The promotion then goes on by itself.")
        }
        StepState::Unknown => format!(
            "Whether this step was carried out is not known yet. The portal keeps reading Workato; nothing after it was sent.{resume}"
        ),
        StepState::Failed if matches!(next.step, PromotionStep::Read | PromotionStep::Check) => format!(
            "{to} has other code than was promoted, or shares another version. Someone may have changed it in Workato.{resume}"
        ),
        StepState::Failed => format!("This step was not carried out, and nothing after it was sent.{resume}"),
        _ => format!(
            "The promotion stopped before this step. What is marked as done was done; nothing else was sent.{resume}"
        ),
    }
}

/// Which version is there.
pub fn standing(progress: &Progress, to: &str) -> String {
    let (version, made) = (progress.promotion.version, progress.made());
    let made = made.map_or_else(String::new, |made| format!(" It is version {made} there."));
    format!("Version {version} was promoted to {to} last.{made}")
}

/// If none was promoted.
pub fn never_promoted(to: &str) -> String {
    format!("No version was promoted to {to} with the portal yet.")
}

/// Why it stopped before a step.
pub fn stopped_by(error: &PublicError) -> String {
    match error {
        PublicError::Invalid(found) => problems(found),
        error => refusals::message(error),
    }
}

/// Problems in one line.
pub fn problems(found: &FieldProblems) -> String {
    found.iter().map(|found| of_field(&found.problem)).collect::<Vec<_>>().join(" ")
}
