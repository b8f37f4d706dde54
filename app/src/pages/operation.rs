//! `/audit/{operation}`: one operation, from intent to outcome: who, what, why, what it changed, what Workato said, every
//! entry of it with the exact bytes that are hashed, what reviewers said of it, and what else happened.

mod change;
mod entries;
mod facts;
mod related;
mod review;
mod settle;

use leptos::prelude::*;
use portal::{
    Error, OperationId,
    audit::{LogOf, Logged, Outcome, Sentence},
};

use crate::{
    components::{Ago, Drawn, Frame, OutcomePill, Section, SentenceView, Standing, page},
    context,
    done::DoneNotice,
    islands::ReviewKeys,
};

#[component]
pub fn OperationPage() -> impl IntoView {
    page(operation(context::path_part("operation")))
}

async fn operation(id: String) -> Result<Drawn, Error> {
    let frame = Frame::signed_in()?;
    let id: OperationId = id.parse().map_err(|_| Error::NotFound)?;
    let portal = context::portal();
    let logged = portal.operation(frame.actor()?, id).await?;
    let frame = match &logged.summary.team_slug {
        // Whoever may read the operation may read its team.
        Some(team) => Frame::of_team(team.as_str()).await?.0,
        None => frame.with_teams().await?,
    };
    let actor = frame.actor()?.clone();
    if let Some(whose) = LogOf::operation(&logged.summary) {
        portal.note_reading(&actor, whose).await;
    }
    let viewer = actor.role();
    let sentence = Sentence::of(&logged.summary);
    let unrecorded = portal.unrecorded_outcome(id);
    let settle = logged.summary.team_slug.as_ref().filter(|_| {
        let operates = logged.summary.team_id.is_some_and(|team| actor.operates(team));
        operates && Standing::of(&logged.summary) == Standing::Waiting
    });
    let settle = settle.map(|team| settle::form(&logged.summary, team));
    let (title, beside, at) = (sentence.text(), sentence.beside.clone(), logged.summary.at);
    let said = portal.reviews(&logged).await?;
    let related = portal.related(&actor, &logged.summary).await?;
    let keys = (actor.reviews() && logged.summary.action.is_reviewable()).then(|| view! { <ReviewKeys/> });
    let content = view! {
        <p class="back"><a href="/audit">"Audit log"</a></p>
        <div class="head">
            <div>
                <h1><SentenceView sentence=sentence viewer=viewer/></h1>
                <p class="row">
                    <OutcomePill standing=Standing::of(&logged.summary)/>
                    <span class="soft"><Ago at=at/></span>
                </p>
                {beside.map(|beside| view! { <p class="soft">{beside}</p> })}
            </div>
            {keys}
        </div>
        <DoneNotice/>
        {what_follows(&logged, unrecorded).map(|words| view! { <p class="callout notice warn" role="status">{words}</p> })}
        {settle}
        <div class="split">
            <div>
                {change::table(&logged)}
                {entries::entries(&logged)}
                {related::section(related, viewer)}
            </div>
            <div>
                {review::panel(&logged, &said, &actor)}
                {facts::facts(&logged, viewer)}
            </div>
        </div>
    };
    Ok(frame.section(Section::Audit).title(title).draw(content))
}

/// What is still to come, where the log does not tell the end yet.
fn what_follows(logged: &Logged, unrecorded: Option<Outcome>) -> Option<String> {
    match Standing::of(&logged.summary) {
        Standing::NotRecorded => Some(match unrecorded {
            Some(Outcome::Succeeded) => {
                "Done, but its outcome is not recorded yet. The portal tries again by itself.".to_owned()
            }
            Some(_) => "Its outcome is known, but not recorded yet. The portal tries again by itself.".to_owned(),
            None => {
                "Its outcome is not recorded yet. If none comes by its deadline, the portal looks it up in Workato."
                    .to_owned()
            }
        }),
        Standing::Unknown => Some(
            "Whether it was done is not known yet. The portal looks it up in Workato until a read tells.".to_owned(),
        ),
        Standing::Waiting => {
            Some("No read of Workato could tell whether it was done. A person has to look into Workato.".to_owned())
        }
        Standing::Succeeded | Standing::Rejected | Standing::Failed | Standing::Denied => None,
    }
}

#[cfg(test)]
mod tests {
    use portal::audit::{Logged, Outcome, State};
    use time::macros::datetime;

    use super::what_follows;
    use crate::components::fixture;

    fn logged(outcome: Option<Outcome>, state: State) -> Logged {
        let mut summary = fixture::share_of(4, datetime!(2026-11-22 12:00 UTC));
        (summary.outcome, summary.state) = (outcome, state);
        Logged { summary, entries: Vec::new(), removed: Vec::new() }
    }

    #[test]
    fn only_what_has_no_certain_end_says_what_is_to_come() {
        assert_eq!(what_follows(&logged(Some(Outcome::Rejected), State::Closed), None), None);
        let open = what_follows(&logged(None, State::Open), Some(Outcome::Succeeded));
        assert!(open.is_some_and(|words| words.starts_with("Done, but its outcome is not recorded yet")));
        let waiting = what_follows(&logged(Some(Outcome::Unknown), State::Waiting), None);
        assert!(waiting.is_some_and(|words| words.contains("A person")));
    }
}
