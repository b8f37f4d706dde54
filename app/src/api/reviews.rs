//! Reviewing and flagging operations, and answering flags.

use leptos::prelude::*;
use portal::{
    Error, OperationId,
    audit::{Action, TargetType},
};
use server_fn::codec::PostUrl;

use super::{attempted_on, log_page};
use crate::{
    answer::{ApiError, Form, actor},
    context,
    done::Done,
    forms::names::{ANSWER_FLAG, FLAG_OPERATION, REVIEW_OPERATION},
};

/// `POST /api/fn/review_operation`: `page` is the URL that has the button, either the operation's page or a list. In a
/// list, `next` is the operation in the next row.
#[server(prefix = "/api/fn", endpoint = "review_operation", input = PostUrl)]
pub async fn review_operation(
    #[server(default)] id: String,
    #[server(default)] page: String,
    #[server(default)] next: String,
) -> Result<(), ApiError> {
    let form = Form { page: part(&id, "review"), name: REVIEW_OPERATION, typed: &[] };
    form.answer(async {
        let (actor, portal) = (actor()?, context::portal());
        let target = attempted_on(TargetType::Operation, &id);
        let reviewer = portal.reviewer(&actor, Action::OperationReview, target).await?;
        portal.review(&reviewer, read(&id)?).await?;
        Ok(Done::Reviewed.on(&back_to(&page, &next, &id)))
    })
    .await
}

/// `POST /api/fn/flag_operation`: `operation` is the id for the new entry, made when the form was rendered.
#[server(prefix = "/api/fn", endpoint = "flag_operation", input = PostUrl)]
pub async fn flag_operation(
    #[server(default)] id: String,
    #[server(default)] operation: String,
    #[server(default)] note: String,
) -> Result<(), ApiError> {
    let typed = [("operation", operation.as_str()), ("note", &note)];
    let form = Form { page: part(&id, "review"), name: FLAG_OPERATION, typed: &typed };
    form.answer(async {
        let (actor, portal) = (actor()?, context::portal());
        let target = attempted_on(TargetType::Operation, &id);
        let reviewer = portal.reviewer(&actor, Action::OperationFlag, target).await?;
        portal.flag(&reviewer, read(&id)?, read(&operation)?, &note).await?;
        Ok(Done::Flagged.on(&part(&id, "review")))
    })
    .await
}

/// `POST /api/fn/answer_flag`: `operation` is as in `flag_operation`.
#[server(prefix = "/api/fn", endpoint = "answer_flag", input = PostUrl)]
pub async fn answer_flag(
    #[server(default)] id: String,
    #[server(default)] operation: String,
    #[server(default)] answer: String,
) -> Result<(), ApiError> {
    let typed = [("operation", operation.as_str()), ("answer", &answer)];
    let form = Form { page: part(&id, "review"), name: ANSWER_FLAG, typed: &typed };
    form.answer(async {
        let (actor, portal) = (actor()?, context::portal());
        let answerer = portal.answerer(&actor, read(&id)?).await?;
        portal.answer_flag(&answerer, read(&operation)?, &answer).await?;
        Ok(Done::FlagAnswered.on(&part(&id, "review")))
    })
    .await
}

fn read(id: &str) -> Result<OperationId, Error> {
    id.parse().map_err(|_| Error::Malformed)
}

/// A section of an operation's page, or the log if `id` is invalid.
fn part(id: &str, part: &str) -> String {
    id.parse::<OperationId>().map_or("/audit".to_owned(), |id| format!("/audit/{id}#{part}"))
}

/// Where to go after a review: to the next row of the list, or to the operation's page.
fn back_to(page: &str, next: &str, id: &str) -> String {
    match (log_page(page), next.parse::<OperationId>()) {
        (None, _) => part(id, "review"),
        (Some(list), Ok(next)) => format!("{list}#row-{next}"),
        (Some(list), Err(_)) => list,
    }
}

#[cfg(test)]
mod tests {
    use super::{back_to, part};

    const ID: &str = "018f3c4e-0000-7000-8000-000000000001";
    const NEXT: &str = "018f3c4e-0000-7000-8000-000000000002";

    #[test]
    fn a_review_redirects_to_the_next_row_or_to_the_operation() {
        assert_eq!(back_to("/audit?reviewed=no", NEXT, ID), format!("/audit?reviewed=no#row-{NEXT}"));
        assert_eq!(back_to("/audit?reviewed=no", "", ID), "/audit?reviewed=no");
        for elsewhere in ["", "//evil.example", "/login", "/auditors", &format!("/audit/{ID}")] {
            assert_eq!(back_to(elsewhere, NEXT, ID), format!("/audit/{ID}#review"), "{elsewhere}");
        }
        assert_eq!(part("x\r\ny", "review"), "/audit");
    }
}
