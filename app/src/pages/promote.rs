//! `/teams/{team}/connectors/{id}/promote?to={team}`: a connector and its counterpart in another team: what is promoted,
//! what is not yet, and the forms that pair the two and promote a version.

mod between;
mod forms;
mod progress;
mod standing;

use futures::future::join;
use leptos::prelude::*;
use portal::{
    Error, TeamReader,
    impact::Wanted,
    promotions::{Counterpart, Source},
    teams::Team,
};
use workato::{Connector, ConnectorId};

use self::between::Between;
use crate::{
    components::{DoneNotice, Frame, Rendered, Section, connector_name, page, set_status_of},
    context,
    forms::{
        names::{PAIR_CONNECTORS, PROMOTE_CONNECTOR, RESUME_PROMOTION},
        refused,
    },
    wording::{promotions as words, refusals},
};

/// How many lines of a difference the page shows.
const MOST_SHOWN: usize = 1_000;

#[component]
pub fn PromotePage() -> impl IntoView {
    page(promote(context::path_part("team"), context::path_part("id")))
}

async fn promote(team: String, id: String) -> Result<Rendered, Error> {
    let (frame, from) = Frame::of_team(&team).await?;
    let id: ConnectorId = id.parse().map_err(|_| Error::NotFound)?;
    let portal = context::portal();
    let others: Vec<Team> = portal
        .teams(from.actor())
        .await?
        .into_iter()
        .filter(|other| other.id != from.team().id && other.retired_at.is_none())
        .collect();
    let to = context::query().get("to");
    let frame = frame.section(Section::Connectors).document();
    let connector = portal.connector(&from, id).await?.items.clone();
    let name = connector_name(&connector);
    let title = format!("Promote {name}");
    let head = head(&from, id, &name, &title, &others, &to);
    let frame = frame.title(title);
    if to.is_empty() {
        let words = match others.is_empty() {
            true => "You can see no other team. Ask an admin to make you a member of the team that you promote to.",
            false => "Choose the team that you promote to.",
        };
        return Ok(frame.render(view! { {head}<p class="card card-body">{words}</p> }));
    }
    let to = portal.team(from.actor(), &to).await?;
    if to.team().id == from.team().id {
        return Err(Error::NotFound);
    }
    let between = Between { from: &from, to: &to, connector: id };
    Ok(frame.render(view! { {head}{content(&between, &connector).await?} }))
}

fn head(from: &TeamReader, id: ConnectorId, name: &str, title: &str, others: &[Team], to: &str) -> AnyView {
    let page = format!("/teams/{}/connectors/{id}", from.team().slug);
    let links = others.iter().map(|other| {
        let href = format!("{page}/promote?to={}", other.slug);
        let current = (other.slug.as_str() == to).then_some("page");
        view! { <li><a class="btn sm" href=href aria-current=current>{other.name.clone()}</a></li> }
    });
    view! {
        <div class="head">
            <div class="head-main">
                <nav class="crumbs" aria-label="Breadcrumb"><ol><li><a href=page.clone()>{name.to_owned()}</a></li></ol></nav>
                <h1>{title.to_owned()}</h1>
            </div>
        </div>
        <DoneNotice/>
        <nav class="row" aria-label="Promote to"><span class="t3 sm">"From "{from.team().name.clone()}" to"</span>
            <ul class="row">{links.collect_view()}</ul>
        </nav>
    }
    .into_any()
}

async fn content(between: &Between<'_>, connector: &Connector) -> Result<AnyView, Error> {
    let portal = context::portal();
    let history = portal.promotions(between.from, between.connector, between.to).await?;
    let newest = history.first();
    if let Some(running) = newest.filter(|newest| newest.is_running) {
        // The page reads itself again and again. The promotion needs Workato's limits for itself.
        let progress = progress::region(between, running);
        let earlier = progress::history(between, &history);
        return Ok(view! { <div class="cols"><div>{progress}</div><div>{earlier}</div></div> }.into_any());
    }
    let (source, counterpart) = join(
        portal.promotion_source(between.from, between.connector),
        portal.counterpart(between.from, connector, between.to),
    )
    .await;
    let unsent = [PAIR_CONNECTORS, PROMOTE_CONNECTOR, RESUME_PROMOTION].into_iter().find_map(|name| {
        let form = refused(name);
        // The rest is shown beside the fields.
        ["version", "promotion", "to", "counterpart", "draft"].into_iter().find_map(|field| form.problem(field))
    });
    let unsent = unsent.map(|why| view! { <p class="callout notice bad" role="alert">{why}</p> });
    let body = match (source, counterpart) {
        (Ok(source), Ok(counterpart)) => promotable(between, &source, &counterpart).await?,
        (Err(error @ (Error::Workato(_) | Error::Invalid(_) | Error::NoToken)), _)
        | (_, Err(error @ (Error::Workato(_) | Error::Invalid(_) | Error::NoToken))) => not_readable(&error),
        (Err(error), _) | (_, Err(error)) => return Err(error),
    };
    let progress = newest.map(|newest| progress::region(between, newest));
    let standing = standing::card(between, connector, newest);
    let earlier = progress::history(between, &history);
    Ok(view! {
        {unsent}
        <div class="cols">
            <div>{progress}{body}</div>
            <div>{standing}{earlier}</div>
        </div>
    }
    .into_any())
}

fn not_readable(error: &Error) -> AnyView {
    let words = match error {
        Error::Invalid(problems) => words::problems(problems),
        error => {
            let error = error.public();
            set_status_of(&error);
            refusals::message(&error)
        }
    };
    view! {
        <section class="panel empty" role="alert"><h2>"Nothing can be promoted now"</h2><p>{words}</p></section>
    }
    .into_any()
}

async fn promotable(between: &Between<'_>, source: &Source, counterpart: &Counterpart) -> Result<AnyView, Error> {
    let portal = context::portal();
    let creates = context::query().get("create") == "yes";
    match counterpart {
        Counterpart::Suggested(_) if creates => {
            let guarded = portal.guarded(between.to).await?;
            Ok(forms::promote(between, source, None, None, &guarded))
        }
        Counterpart::Suggested(alike) => {
            let all = portal.connectors(between.to, workato::ConnectorQuery::default()).await?;
            Ok(forms::pair(between, source, alike, &all.items))
        }
        Counterpart::Paired(paired) => {
            let (compared, customers) = join(
                portal.compare_with_counterpart(source, between.to, paired.id, MOST_SHOWN),
                portal.customers_in_use(between.to, Wanted::Fresh),
            )
            .await;
            let guarded = portal.guarded(between.to).await?;
            Ok(forms::promote(between, source, Some((paired, compared.ok())), Some(&customers), &guarded))
        }
    }
}
