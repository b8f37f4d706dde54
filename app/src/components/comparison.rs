//! The line that says when a team's workspace was last compared with the audit log, and its button.

use leptos::prelude::*;
use portal::{Error, TeamReader, audit::EntryActor};

use super::{Age, SubmitButton};
use crate::{context, query::Query};

/// The audit log, filtered to changes that were made in the team's workspace outside the portal.
pub fn changes_outside(team: &str) -> String {
    Query::default().with("team", team).with("actor", EntryActor::OUTSIDE).on("/audit")
}

/// "Checked for outside changes 3 min ago · Changes outside the portal", and a button that checks now.
///
/// # Errors
/// `Store` if the database cannot be read.
pub async fn comparison(reader: &TeamReader) -> Result<AnyView, Error> {
    let compared_at = context::portal().watched_at(reader).await?;
    let team = reader.team().slug.to_string();
    let changes = changes_outside(&team);
    let when = match compared_at {
        Some(at) => view! { "Checked for outside changes "<Age at=at/> }.into_any(),
        None => "Not checked for outside changes yet".into_any(),
    };
    Ok(view! {
        <form class="row t3 sm" method="post" action="/api/fn/compare_with_log">
            <span>{when}" · "<a href=changes>"Changes outside the portal"</a></span>
            <input type="hidden" name="team" value=team/>
            <SubmitButton small=true>"Check now"</SubmitButton>
        </form>
    }
    .into_any())
}
