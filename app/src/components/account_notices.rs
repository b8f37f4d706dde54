//! What others did to a person's ways to sign in, and without approval in the person's teams, above every page until the
//! person dismisses it.

use leptos::prelude::*;
use portal::accounts::Notice;

use super::{SubmitButton, time::Moment};
use crate::{context, wording::account_notices::sentence};

pub fn account_notices(notices: Vec<Notice>) -> Option<AnyView> {
    if notices.is_empty() {
        return None;
    }
    let here = context::uri().path_and_query().map_or("/".to_owned(), ToString::to_string);
    let items = notices
        .iter()
        .map(|notice| {
            view! {
                <li>
                    <Moment at=notice.at/>": "{sentence(notice)}" "
                    <a href=format!("/audit/{}", notice.operation)>"Details"</a>
                </li>
            }
        })
        .collect_view();
    let about_account = notices.iter().filter(|notice| notice.what.is_about_account()).count();
    let heading = if about_account == notices.len() { "About your account" } else { "For your attention" };
    let advice = (about_account > 0).then(|| view! { <p>"If you did not expect this, tell an admin at once."</p> });
    let notices = view! {
        <section class="callout warn notice" aria-labelledby="account-notices">
            <h2 id="account-notices">{heading}</h2>
            <ul>{items}</ul>
            {advice}
            <form method="post" action="/api/fn/dismiss_notices">
                <input type="hidden" name="page" value=here/>
                <SubmitButton>"Dismiss"</SubmitButton>
            </form>
        </section>
    };
    Some(notices.into_any())
}
