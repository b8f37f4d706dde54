//! A table of sessions: your own, or for an admin somebody else's.

use leptos::prelude::*;
use portal::accounts::SessionFacts;

use super::{Ago, Moment};
use crate::wording::devices::device;

/// A session, with the forms that end it.
pub fn session_row(session: SessionFacts, is_this: bool, action: Option<AnyView>) -> AnyView {
    let elsewhere = session.elsewhere.map(|elsewhere| {
        let address = elsewhere.ip.unwrap_or_else(|| "an unknown address".to_owned());
        view! {
            <p class="problem">
                {format!("Also used from {address} with {} ", device(elsewhere.user_agent.as_deref()))}
                <Ago at=elsewhere.at/>
            </p>
        }
    });
    view! {
        <tr>
            <th scope="row">
                <span title=session.user_agent.clone()>{device(session.user_agent.as_deref())}</span>
                {is_this.then(|| view! { " "<span class="badge info">"this session"</span> })}
                {session.sign_in.kept.then(|| view! { " "<span class="badge">"kept signed in"</span> })}
                " "
                <span class="id soft">{session.label}</span>
                {elsewhere}
            </th>
            <td>{session.ip.unwrap_or_else(|| "unknown".to_owned())}</td>
            <td class="minor"><Moment at=session.created_at/></td>
            <td><Ago at=session.last_used_at/></td>
            {action.map(|action| view! { <td>{action}</td> })}
        </tr>
    }
    .into_any()
}

/// What the rows have in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actions {
    Each,
    Nothing,
}

/// The table around the rows.
pub fn sessions_table(caption: String, rows: AnyView, actions: Actions) -> AnyView {
    let actions = (actions == Actions::Each).then(|| view! { <th scope="col">"Action"</th> });
    view! {
        <div class="sheet">
            <table class="cards">
                <caption>{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Device"</th>
                        <th scope="col">"Address"</th>
                        <th scope="col" class="minor">"Signed in"</th>
                        <th scope="col" aria-sort="descending">"Last used"</th>
                        {actions}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
