//! `/admin/feeds`: the tokens of collectors that read the audit log. A new token is shown once.

use leptos::prelude::*;
use portal::{Error, audit::FeedToken};
use secrecy::ExposeSecret;

use crate::{
    components::{
        Ago, ButtonLook, DoneNotice, Field, Frame, Glyph, Moment, Rendered, Section, SubmitButton, by_name, page,
        problem_summary,
    },
    context,
    forms::{self, names::CREATE_FEED_TOKEN},
    islands::{CopyButton, SubmitOnce},
    wording::numbers::grouped,
};

#[component]
pub fn AdminFeedsPage() -> impl IntoView {
    page(admin_feeds())
}

async fn admin_feeds() -> Result<Rendered, Error> {
    let (frame, admin) = Frame::admin().await?;
    let services = context::services();
    let tokens = services.portal.feed_tokens(&admin).await?;
    let maker = frame.actor()?.id();
    let fresh = tokens.iter().filter_map(|token| {
        let secret = services.forms.tokens.take(maker, token.id)?;
        let id = format!("token-{}", token.id);
        Some(view! {
            <div class="callout ok notice" role="status">
                <p><strong>{format!("Token of {}. Copy it now. It won't be shown again.", token.name)}</strong></p>
                <p><code id=id.clone()>{secret.expose_secret().to_owned()}</code>" "<CopyButton of=id label="Copy token"/></p>
            </div>
        })
    });
    let fresh = fresh.collect_view();
    let address = format!("{}/api/v1/audit", services.public_url.trim_end_matches('/'));
    let refused = forms::refused(CREATE_FEED_TOKEN);
    let frame = frame.with_teams().await?.section(Section::Streams).title("Log streams");
    let list = if tokens.is_empty() {
        view! { <p class="soft">"No log streams yet"</p> }.into_any()
    } else {
        let rows = tokens.into_iter().map(row).collect_view();
        view! {
            <div class="sheet">
                <table class="cards">
                    <caption>"Log streams, newest first"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th>
                            <th scope="col">"State"</th>
                            <th scope="col">"Use"</th>
                            <th scope="col" class="minor">"Made"</th>
                            <th scope="col">"Revoke"</th>
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
            <div>
                <h1>"Log streams"</h1>
                <p class="soft">"Collectors such as Vector or Fluent Bit can read the audit log at "<code>{address}</code>". Each has its own token, which gives access to nothing else."</p>
            </div>
        </div>
        <DoneNotice/>
        {fresh}
        <div class="cols">
            <div>{list}</div>
            <section class="panel" aria-labelledby="create">
                <h2 id="create">"Add a log stream"</h2>
                <form class="fields" method="post" action="/api/fn/create_feed_token">
                    {problem_summary(&refused, by_name(["name"]))}
                    <Field
                        label="Name"
                        name="name"
                        value=refused.value("name", "")
                        required=true
                        autocomplete="off"
                        hint="Such as Vector in the cluster"
                        problem=refused.problem("name")
                    />
                    <SubmitOnce label="Create token" class="primary"/>
                </form>
            </section>
        </div>
    }))
}

fn row(token: FeedToken) -> AnyView {
    let (class, shape, word) = match token.revoked_at {
        Some(_) => ("st none", Glyph::None, "revoked"),
        None => ("st ok", Glyph::Ok, "good"),
    };
    let used = token.last_used_at.map_or_else(
        || view! { <span class="soft">"not used yet"</span> }.into_any(),
        |at| {
            let up_to = token.last_sequence.and_then(|sequence| usize::try_from(sequence).ok());
            let up_to = up_to.map(|sequence| format!(", up to entry {}", grouped(sequence)));
            view! { "used "<Ago at=at/>{up_to} }.into_any()
        },
    );
    let revoke = token.revoked_at.is_none().then(|| {
        view! {
            <form method="post" action="/api/fn/revoke_feed_token">
                <input type="hidden" name="id" value=token.id.to_string()/>
                <SubmitButton look=ButtonLook::Danger label=format!("Revoke {}", token.name)>"Revoke"</SubmitButton>
            </form>
        }
    });
    view! {
        <tr>
            <th scope="row">{token.name.clone()}</th>
            <td><span class=class><svg class="g" aria-hidden="true"><use href=shape.href()></use></svg>{word}</span></td>
            <td>{used}</td>
            <td class="minor"><Moment at=token.created_at/>" by "{token.created_by}</td>
            <td>{revoke}</td>
        </tr>
    }
    .into_any()
}
