//! The form that adds and removes tags: a button per tag to remove it, and one button to add another. All are in one
//! form, so that they share its reason field.

use leptos::prelude::*;
use portal::{one_line, teams::Team, upstream::Names};
use workato::{Connection, TagHandle};

use crate::{
    components::{ReasonField, SubmitButton, TagField, by_id, problem_summary, tag},
    form_memory::Refused,
    forms::{self, names::TAG_CONNECTION},
};

/// The form, with the input of a refused one.
pub fn form(team: &Team, connection: &Connection, names: &Names) -> AnyView {
    let refused = forms::refused(TAG_CONNECTION);
    let tags = connection.tags.as_deref().unwrap_or_default();
    let present: Vec<_> = tags.iter().map(|handle| present(handle, names)).collect();
    let present = if present.is_empty() {
        view! { <p class="soft">"No tags"</p> }.into_any()
    } else {
        view! { <ul class="tags" aria-label="Tags of this connection">{present}</ul> }.into_any()
    };
    let reason = ReasonField { refused: &refused, team, destructive: false, id: "tags-reason".to_owned(), initial: "" };
    view! {
        <form
            id="tags"
            class="panel"
            method="post"
            action="/api/fn/tag_connection"
            aria-labelledby="tags-title"
            novalidate
        >
            <h2 id="tags-title">"Tags"</h2>
            {problem_summary(&refused, by_id([("reason", "tags-reason".to_owned()), ("add", "add".to_owned())]))}
            <input type="hidden" name="team" value=team.slug.to_string()/>
            <input type="hidden" name="connection" value=connection.id.to_string()/>
            <input type="hidden" name="operation" value=refused.operation().to_string()/>
            <input type="hidden" name="name" value=connection.name.as_deref().map(one_line).unwrap_or_default()/>
            // Before the other buttons, so that Enter activates it.
            {add(tags, names, &refused)}
            {reason.render()}
            {present}
            {refused.problem("remove").map(|problem| view! { <p class="problem">{problem}</p> })}
        </form>
    }
    .into_any()
}

fn present(handle: &TagHandle, names: &Names) -> AnyView {
    let title = names.tag(handle).to_owned();
    view! {
        <li>
            {tag(handle, names)}
            <button type="submit" class="btn quiet" name="remove" value=handle.to_string() aria-label=format!("Remove the tag {title}")>
                "Remove"
            </button>
        </li>
    }
    .into_any()
}

fn add(present: &[TagHandle], names: &Names, refused: &Refused) -> AnyView {
    let field = TagField {
        names,
        label: "Add a tag",
        name: "add",
        none: "choose",
        without: present,
        chosen: refused.value("add", ""),
        problem: refused.problem("add"),
    };
    view! {
        <div class="row beside">
            {field.render()}
            <SubmitButton>"Add tag"</SubmitButton>
        </div>
    }
    .into_any()
}
