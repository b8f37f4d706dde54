//! `/audit/searches`: the visitor's own saved searches, and those that others share.

use leptos::prelude::*;
use portal::{
    Actor, Error,
    audit::{CountedSearch, Finds},
};

use crate::{
    components::{DoneNotice, Field, Frame, Rendered, Section, by_id, page, problem_summary, search_path},
    context, forms,
    wording::numbers,
};

#[component]
pub fn SearchesPage() -> impl IntoView {
    page(searches())
}

async fn searches() -> Result<Rendered, Error> {
    let frame = Frame::signed_in()?.with_teams().await?.section(Section::Audit).title("Saved views");
    let actor = frame.actor()?.clone();
    let searches = context::portal().saved_searches(&actor, None).await?;
    let content = if searches.is_empty() {
        view! {
            <div class="panel empty">
                <h2>"No saved views yet"</h2>
                <p>"Search "<a href="/audit">"the audit log"</a>", then save the view below the list."</p>
            </div>
        }
        .into_any()
    } else {
        let rows = searches.iter().map(|search| row(search, &actor)).collect_view();
        view! {
            <div class="sheet">
                <table class="cards">
                    <caption>"Saved views, your own first"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th>
                            <th scope="col" class="minor">"Asks"</th>
                            <th scope="col">"Whose"</th>
                            <th scope="col" class="num">"Finds"</th>
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
        <p class="back"><a href="/audit">"Audit log"</a></p>
        <div class="head">
            <div><h1>"Saved views"</h1><p class="soft">"Your own views, and those shared with everyone."</p></div>
        </div>
        <DoneNotice/>
        {content}
    }))
}

fn row(counted: &CountedSearch, actor: &Actor) -> AnyView {
    let saved = &counted.saved;
    let own = actor.may_rename(saved);
    let owner = match (own, saved.shared) {
        (true, true) => "Yours, shared with everyone".to_owned(),
        (true, false) => "yours".to_owned(),
        (false, _) => format!("From {}, shared with everyone", saved.owner),
    };
    let finds = match counted.finds {
        Finds::Operations(count) => numbers::count(count),
        Finds::NotCounted => "Not counted yet".to_owned(),
        Finds::CannotBeAsked => "Not valid any longer".to_owned(),
    };
    let form = format!("rename-{}", saved.id);
    let refused = forms::refused(&form);
    let rename = own.then(|| {
        view! {
            <details class="rename" open=!refused.is_empty()>
                <summary>"Rename"</summary>
                <form class="row" method="post" action="/api/fn/rename_search" aria-label=format!("Rename {}", saved.name)>
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
                    <button class="btn" type="submit">"Rename"</button>
                </form>
            </details>
        }
    });
    let delete = actor.may_delete(saved).then(|| {
        view! {
            <form method="post" action="/api/fn/delete_search">
                <input type="hidden" name="id" value=saved.id.to_string()/>
                <button class="btn" type="submit" aria-label=format!("Delete {}", saved.name)>"Delete"</button>
            </form>
        }
    });
    view! {
        <tr>
            <th scope="row"><a href=search_path(&saved.search)>{saved.name.clone()}</a></th>
            <td class="minor"><code>{saved.search.clone()}</code></td>
            <td>{owner}</td>
            <td class="num">{finds}</td>
            <td><div class="row change">{delete}{rename}</div></td>
        </tr>
    }
    .into_any()
}
