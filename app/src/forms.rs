//! The forms of the pages: their names, and the form that the current request shows again.

use http::Uri;
use portal::{FieldProblems, PersonId};

use crate::{
    context,
    form_memory::{Refused, Sent, Why},
    form_shelf::Owner,
    query::Query,
    urls::{confirm_path, sign_in_path, with_parameter},
};

/// The names of forms, shared by the page that shows a form and the server function that receives it.
pub mod names {
    pub const CREATE_CONNECTION: &str = "create-connection";
    pub const UPDATE_CONNECTION: &str = "update-connection";
    pub const TAG_CONNECTION: &str = "tag-connection";
    pub const DISCONNECT_CONNECTION: &str = "disconnect-connection";
    pub const DELETE_CONNECTION: &str = "delete-connection";
    pub const EXPORT_CONNECTIONS: &str = "export-connections";
    pub const EXPORT_AUDIT: &str = "export-audit";
    pub const SHARE_RECIPE: &str = "share-recipe";
    pub const SHARE_VERSION: &str = "share-version";
    pub const SUPPRESS_CONNECTOR: &str = "suppress-connector";
    pub const PAIR_CONNECTORS: &str = "pair-connectors";
    pub const PROMOTE_CONNECTOR: &str = "promote-connector";
    pub const RESUME_PROMOTION: &str = "resume-promotion";
    pub const REVIEW_OPERATION: &str = "review-operation";
    pub const FLAG_OPERATION: &str = "flag-operation";
    pub const ANSWER_FLAG: &str = "answer-flag";
    pub const SAVE_VIEW: &str = "save-view";
    pub const WITHDRAW_TOKEN: &str = "withdraw-token";
    pub const ROTATE_TOKEN: &str = "rotate-token";
    pub const APPROVE_REQUEST: &str = "approve-request";
    pub const DECLINE_REQUEST: &str = "decline-request";
    pub const WITHDRAW_REQUEST: &str = "withdraw-request";
    pub const TEAM_POLICY: &str = "team-policy";
    pub const DRY_RUN: &str = "dry-run";
    pub const START_JOB: &str = "start-job";
    pub const CONTROL_JOB: &str = "control-job";
    pub const REVIEW_JOB: &str = "review-job";
    pub const RETIRE_TEAM: &str = "retire-team";
    pub const CREATE_FEED_TOKEN: &str = "create-feed-token";
    pub const SIGN_IN_CODE: &str = "sign-in-code";
    pub const SIGN_IN_PASSKEY: &str = "sign-in-passkey";
    pub const ADD_TOTP: &str = "add-totp";
    pub const ADD_PASSKEY: &str = "add-passkey";
    pub const REMOVE_FACTOR: &str = "remove-factor";
    pub const RECOVERY_CODES: &str = "recovery-codes";
    pub const CONFIRM: &str = "confirm";
}

/// The URL parameter with the id of a form to show again.
pub const PARAMETER: &str = "problem";
/// The parameter of the sign-in page that says that the form which led there was not kept.
const NOT_KEPT: &str = "unsent";

/// Keeps the input of a form that was accepted and then rejected by Workato, and returns the id to find it by.
pub fn keep_typed(form: &str, typed: &[(&str, &str)]) -> String {
    keep_refused(form, typed, FieldProblems::default())
}

/// Keeps the input and the problems of a refused form, and returns the id to find them by.
pub fn keep_refused(form: &str, typed: &[(&str, &str)], problems: FieldProblems) -> String {
    let visitor = context::visitor();
    let owner = match visitor.actor {
        Some(actor) => Owner::Person(actor.id()),
        None => Owner::stranger(visitor.origin.ip),
    };
    context::services().forms.keep(owner, Sent { name: form, typed, problems, why: Why::Refused })
}

/// Keeps the input of a form whose operation's id was used before, and returns the id to find it by.
pub fn keep_for_another_id(form: &str, typed: &[(&str, &str)]) -> Option<String> {
    let person = person()?;
    let sent = Sent { name: form, typed, problems: FieldProblems::default(), why: Why::IdUsed };
    Some(context::services().forms.keep(Owner::Person(person), sent))
}

/// The sign-in page for a form of `page` that was sent after its session ended. The form is kept for the person whose
/// session it was, and for nobody else; after signing in, `page` shows it again.
pub fn sign_in_page(page: &str, form: &str, typed: &[(&str, &str)]) -> String {
    match keep_signed_out(form, typed) {
        Some(id) => sign_in_path(&with_parameter(page, PARAMETER, &id)),
        None => with_parameter(&sign_in_path(page), NOT_KEPT, "yes"),
    }
}

/// The page on which the sender of a form of `page` confirms who they are. The form is kept, and `page` shows it again
/// afterwards.
pub fn confirm_page(page: &str, form: &str, typed: &[(&str, &str)]) -> String {
    let Some(person) = person() else { return sign_in_path(page) };
    let sent = Sent { name: form, typed, problems: FieldProblems::default(), why: Why::FactorNeeded };
    let id = context::services().forms.keep(Owner::Person(person), sent);
    confirm_path(&with_parameter(page, PARAMETER, &id))
}

fn keep_signed_out(form: &str, typed: &[(&str, &str)]) -> Option<String> {
    let person = context::visitor().origin.last_person?;
    let sent = Sent { name: form, typed, problems: FieldProblems::default(), why: Why::SignedOut };
    let forms = context::services().forms;
    let id = forms.keep(Owner::Person(person), sent);
    forms.waits_for_sign_in(&id).then_some(id)
}

/// The form of this name, if the URL of this request names it. Otherwise it is empty.
pub fn refused(form: &str) -> Refused {
    context::services().forms.refused(person(), form, &context::query().get(PARAMETER))
}

/// What became of a form that was sent after its session ended. It was not sent to Workato, and it changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// The page after signing in shows it again with what was typed.
    Kept,
    /// It has to be filled in again.
    Lost,
}

/// Why this page shows a form again that was not sent.
pub fn back() -> Option<Why> {
    let why = context::services().forms.why(person(), &context::query().get(PARAMETER));
    why.filter(|why| matches!(why, Why::SignedOut | Why::FactorNeeded))
}

/// What became of the form that led to the sign-in page. `next` is the page after it.
pub fn unsent(next: &str) -> Option<Unsent> {
    let next: Option<Uri> = next.parse().ok();
    let id = next.map(|next| Query::of(&next).get(PARAMETER)).unwrap_or_default();
    let is_kept = context::services().forms.waits_for_sign_in(&id);
    let is_lost = || !context::query().get(NOT_KEPT).is_empty();
    if is_kept { Some(Unsent::Kept) } else { is_lost().then_some(Unsent::Lost) }
}

fn person() -> Option<PersonId> {
    context::visitor().actor.map(|actor| actor.id())
}
