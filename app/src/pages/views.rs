//! `/views`: the visitor's own saved views of every list, and those that others share.

use leptos::prelude::*;
use portal::{
    Actor, Error,
    views::{SavedView, ViewOfTeam, ViewedList},
};

use crate::{
    components::{
        DoneNotice, Field, Frame, Rendered, SubmitButton, by_id, count_title, finds, page, problem_summary, view_path,
    },
    context, forms,
    query::Query,
};

#[component]
pub fn ViewsPage() -> impl IntoView {
    page(views())
}

async fn views() -> Result<Rendered, Error> {
    let frame = Frame::signed_in()?.with_teams().await?.title("Saved views");
    let actor = frame.actor()?.clone();
    let views = context::portal().every_view(&actor).await?;
    let content = if views.is_empty() {
        view! {
            <div class="panel empty">
                <h2>"No saved views yet"</h2>
                <p>"Filter a list of connections or connectors, or "<a href="/audit">"the audit log"</a>", then choose Save this view."</p>
            </div>
        }
        .into_any()
    } else {
        let rows = views.iter().map(|view| row(view, &actor)).collect_view();
        view! {
            <div class="sheet">
                <table class="cards">
                    <caption>"Saved views, your own first"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th>
                            <th scope="col">"List"</th>
                            <th scope="col" class="minor">"Shows"</th>
                            <th scope="col">"Owner"</th>
                            <th scope="col" class="num">"Rows"</th>
                            <th scope="col">"Change"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    Ok(frame.render(view! {
        <div class="head">
            <div><h1>"Saved views"</h1><p class="soft">"Your own views, and those that others share with you."</p></div>
        </div>
        <DoneNotice/>
        {content}
    }))
}

/// The list that a view is of.
fn list_of(of: &ViewOfTeam) -> String {
    let list = match of.view.saved.list {
        ViewedList::Audit => return "Audit log".to_owned(),
        ViewedList::Connections => "Connections",
        ViewedList::Connectors => "Connectors",
    };
    match &of.team {
        Some(team) => format!("{list} of {}", team.name),
        None => format!("{list} of a team you are no longer in"),
    }
}

/// What a view shows, as the audit log's search box or the list's URL has it.
fn shows(saved: &SavedView) -> String {
    match saved.list {
        ViewedList::Audit => saved.query.clone(),
        ViewedList::Connections | ViewedList::Connectors => {
            let query = Query::parse(&saved.query);
            let pairs: Vec<_> = query.pairs().map(|(name, value)| format!("{name}:{value}")).collect();
            pairs.join(" ")
        }
    }
}

fn row(of: &ViewOfTeam, actor: &Actor) -> AnyView {
    let saved = &of.view.saved;
    let own = actor.may_rename(saved);
    let whom = if saved.list == ViewedList::Audit { "everyone" } else { "the team" };
    let owner = match (own, saved.shared) {
        (true, true) => format!("You, shared with {whom}"),
        (true, false) => "You".to_owned(),
        (false, _) => format!("{}, shared with {whom}", saved.owner),
    };
    let form = format!("rename-{}", saved.id);
    let refused = forms::refused(&form);
    let rename = own.then(|| {
        view! {
            <details class="rename" open=!refused.is_empty()>
                <summary>"Rename"</summary>
                <form class="row" method="post" action="/api/fn/rename_view" aria-label=format!("Rename {}", saved.name)>
                    {problem_summary(&refused, by_id([("name", form.clone())]))}
                    <input type="hidden" name="id" value=saved.id.to_string()/>
                    <Field
                        label="New name"
                        name="name"
                        id=form.clone()
                        value=refused.value("name", &saved.name)
                        required=true
                        autocomplete="off"
                        problem=refused.problem("name")
                    />
                    <SubmitButton>"Rename"</SubmitButton>
                </form>
            </details>
        }
    });
    let delete = actor.may_delete(saved).then(|| {
        view! {
            <form method="post" action="/api/fn/delete_view">
                <input type="hidden" name="id" value=saved.id.to_string()/>
                <SubmitButton label=format!("Delete {}", saved.name)>"Delete"</SubmitButton>
            </form>
        }
    });
    let name = match view_path(saved, of.team.as_ref().map(|team| team.slug.as_str())) {
        Some(href) => view! { <a href=href>{saved.name.clone()}</a> }.into_any(),
        None => saved.name.clone().into_any(),
    };
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td>{list_of(of)}</td>
            <td class="minor"><code>{shows(saved)}</code></td>
            <td>{owner}</td>
            <td class="num" title=count_title(of.view.finds)>{finds(of.view.finds)}</td>
            <td><div class="row change">{delete}{rename}</div></td>
        </tr>
    }
    .into_any()
}
