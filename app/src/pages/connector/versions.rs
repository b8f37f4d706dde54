//! The released versions of a connector, newest first: one line each, which opens to the form that shares it.

use std::collections::BTreeSet;

use leptos::prelude::*;
use portal::{
    TeamReader,
    connectors::{ShareKind, SharedVersion},
    impact::{CustomersRecipes, Known},
    one_line,
    teams::{Guarded, Team},
};
use workato::{Connector, ConnectorVersion, ReleasedVersion};

use super::{code::CodeChanges, shared::SharedBy};
use crate::{
    components::{
        self, Ago, Glyph, Icon, Moment, ReasonField, SubmitChange, Tone, by_id, customers_using, glyph, icon, notice,
        problem_summary, remark, share_impact,
    },
    form_memory::Refused,
    wording::{connectors, impact},
};

/// What a version without a release note says.
const NO_NOTE: &str = "No release note";

/// The versions. Operators get a form for each version. `refused` is the refused form, if any.
pub fn versions(
    reader: &TeamReader,
    connector: &Connector,
    known: (&Known<CustomersRecipes>, &CodeChanges),
    by: Option<&SharedBy>,
    refused: &Refused,
    guarded: &BTreeSet<Guarded>,
) -> AnyView {
    let released = newest_first(connector);
    let count = match released.len() {
        0 | 1 => String::new(),
        many => format!("{many}, newest first"),
    };
    let unreadable = (!connector.are_releases_known()).then(|| {
        remark(Tone::Warn, "Workato sent released versions whose numbers can't be read. They are not shown here.")
    });
    let line = if released.is_empty() && unreadable.is_some() {
        ().into_any()
    } else if released.is_empty() {
        view! {
            <p class="card card-body sm">"No version is released yet. Release one in Workato; it then appears here."</p>
        }
        .into_any()
    } else {
        let items = released
            .iter()
            .map(|one| item(reader, connector, known, one, &released, by, (refused, guarded)))
            .collect_view();
        view! { <div class="vers">{items}</div> }.into_any()
    };
    // The version of the refused form may be gone, and with it the form that would show the problem.
    let elsewhere = refused
        .typed("version")
        .filter(|version| !connector.released_versions.iter().any(|released| released.version.to_string() == **version))
        .and_then(|version| {
            let problem = refused.problem("reason")?;
            let words = format!(
                "Nothing was sent for version {version}, which is no longer among the released ones. {problem}"
            );
            Some(notice(Tone::Bad, view! { <p>{words}</p> }))
        });
    view! {
        <section aria-labelledby="versions">
            <div class="row">
                <h2 id="versions">"Versions"</h2>
                <span class="push t3 xs">{count}</span>
            </div>
            {elsewhere}
            {unreadable}
            {line}
        </section>
    }
    .into_any()
}

fn newest_first(connector: &Connector) -> Vec<&ReleasedVersion> {
    let mut released: Vec<_> = connector.released_versions.iter().collect();
    released.sort_by_key(|released| std::cmp::Reverse(released.version));
    released.dedup_by_key(|released| released.version);
    released
}

/// One version: a line that opens to its notes and the form that shares it. Only one is open at a time.
fn item(
    reader: &TeamReader,
    connector: &Connector,
    (customers, code): (&Known<CustomersRecipes>, &CodeChanges),
    released: &ReleasedVersion,
    all: &[&ReleasedVersion],
    by: Option<&SharedBy>,
    (refused, guarded): (&Refused, &BTreeSet<Guarded>),
) -> AnyView {
    let version = released.version;
    let is_shared = connector.shared_version() == Some(version);
    let is_latest = connector.latest_version() == Some(version);
    let kind = connector.is_share_known().then(|| ShareKind::of(connector, version));
    let is_refused = refused.typed("version") == Some(version.to_string().as_str());
    let is_next = reader.may_operate() && is_latest && !is_shared;
    let note = release_note(released);
    let badge = match (is_shared, is_latest) {
        (true, _) => view! { <span class="badge ok">{glyph(Glyph::Ok)}"Customers get this"</span> }.into_any(),
        (false, true) => view! { <span class="badge">"Latest"</span> }.into_any(),
        (false, false) => view! { <span></span> }.into_any(),
    };
    let date = released.released_at.or(released.created_at);
    let date = date.map(|at| view! { <Ago at=at.get()/> });
    let verb = reader.may_operate().then(|| verb(kind)).flatten();
    let verb = verb.unwrap_or_else(|| view! { <span></span> }.into_any());
    view! {
        <details class=if is_shared { "ver now" } else { "ver" } name="version" open=is_refused || (is_next && refused.is_empty())>
            <summary>
                <svg class="i i-turn" aria-hidden="true"><use href=Icon::Right.href()></use></svg>
                <b>"v"{version.to_string()}</b>
                <span class="what">{note.clone().unwrap_or_else(|| NO_NOTE.to_owned())}</span>
                {badge}
                <span class="date">{date}</span>
                {verb}
            </summary>
            // A link to the id opens the line.
            <div class="ver-body" id=format!("version-{version}")>
                {about(connector, released, all, note, kind, by, code.of(reader, connector, version))}
                {reader.may_operate().then(|| share_form(reader.team(), connector, customers, version, kind, refused, guarded))}
            </div>
        </details>
    }
    .into_any()
}

fn release_note(released: &ReleasedVersion) -> Option<String> {
    released.version_note.as_deref().map(str::trim).filter(|note| !note.is_empty()).map(ToOwned::to_owned)
}

/// What looks like a button at the end of the line, which opens the form.
fn verb(kind: Option<ShareKind>) -> Option<AnyView> {
    let (class, of, words) = match kind {
        Some(ShareKind::RollBack) => ("btn sm back", Icon::Undo, "Roll back…"),
        Some(ShareKind::Update) => ("btn sm", Icon::Up, "Update…"),
        Some(ShareKind::Create) | None => ("btn sm", Icon::Up, "Share…"),
        Some(ShareKind::Again) => return None,
    };
    Some(view! { <span class=class aria-hidden="true">{icon(of)}{words}</span> }.into_any())
}

/// What is known about a version, and what sharing it would change for customers.
fn about(
    connector: &Connector,
    released: &ReleasedVersion,
    all: &[&ReleasedVersion],
    note: Option<String>,
    kind: Option<ShareKind>,
    by: Option<&SharedBy>,
    code: Option<AnyView>,
) -> AnyView {
    let version = released.version;
    let at = |word: &'static str, at: Option<workato::Timestamp>| {
        at.map(|at| view! { <span>{word}" "<Moment at=at.get()/></span> })
    };
    let shared = (connector.shared_version() == Some(version)).then(|| {
        let since = connector.oem_shared_at.map(|at| view! { " since "<Moment at=at.get()/> });
        let by = by.map(|by| {
            let href = format!("/audit/{}", by.operation);
            view! { ", by "{by.actor.clone()}". "<a href=href>"View operation"</a> }
        });
        view! { <p class="sm">"Shared"{since}{by}</p> }
    });
    let effect = view! { <p class="sm" id=effect_id(version)>{connectors::sharing(connector, version)}</p> };
    let effect = if kind == Some(ShareKind::RollBack) {
        components::note(Tone::Warn, Glyph::Exc, effect)
    } else {
        effect.into_any()
    };
    let between = between(connector, version, all);
    let between = (!between.is_empty()).then(|| {
        let heading = if kind == Some(ShareKind::RollBack) { "Customers lose" } else { "What customers gain" };
        let notes = between.into_iter().map(|text| view! { <li>{text}</li> }).collect_view();
        view! { <h3>{heading}</h3><ul class="bullets">{notes}</ul> }
    });
    view! {
        <div>
            {effect}
            {between}
            {code}
            {note.map(|note| view! { <h3>"Release note"</h3><p class="sm note-text">{note}</p> })}
            {shared}
            <p class="row t3 xs">{at("Released", released.released_at)}{at("Created", released.created_at)}</p>
        </div>
    }
    .into_any()
}

/// The releases between the shared version and this one, which customers would gain or lose, newest first.
fn between(connector: &Connector, version: ConnectorVersion, all: &[&ReleasedVersion]) -> Vec<String> {
    let Some(shared) = connector.shared_version() else { return Vec::new() };
    let (older, newer) = if shared < version { (shared, version) } else { (version, shared) };
    all.iter()
        .filter(|released| released.version > older && released.version <= newer)
        .map(|released| {
            let note = release_note(released).unwrap_or_else(|| NO_NOTE.to_owned());
            format!("{}: {}", released.version, one_line(&note))
        })
        .collect()
}

fn effect_id(version: ConnectorVersion) -> String {
    format!("share-{version}-would")
}

fn share_form(
    team: &Team,
    connector: &Connector,
    customers: &Known<CustomersRecipes>,
    version: ConnectorVersion,
    kind: Option<ShareKind>,
    refused: &Refused,
    guarded: &BTreeSet<Guarded>,
) -> AnyView {
    let whom = impact::for_customers(customers_using(customers, connector));
    let nothing = Refused::default();
    let is_this = refused.typed("version") == Some(version.to_string().as_str());
    let refused = if is_this { refused } else { &nothing };
    let reason = ReasonField { refused, team, destructive: false, id: format!("share-{version}-reason"), initial: "" };
    let shown_name = portal::connectors::name(connector).map(one_line).unwrap_or_default();
    let problems = problem_summary(refused, by_id([("reason", format!("share-{version}-reason"))]));
    let (ask, class, label) = match kind {
        Some(ShareKind::RollBack) => ("ask back form", "back solid", format!("Roll back to version {version}{whom}")),
        Some(ShareKind::Again) => ("ask form", "", format!("Share version {version} again{whom}")),
        Some(ShareKind::Create | ShareKind::Update) | None => {
            ("ask form", "primary", format!("Share version {version}{whom}"))
        }
    };
    let needs_approval = match kind {
        Some(ShareKind::RollBack) => guarded.contains(&Guarded::RollBack),
        // A newer version may have been shared until somebody suppressed the connector.
        Some(ShareKind::Create) if connector.latest_version() != Some(version) => {
            guarded.contains(&Guarded::RollBack) || guarded.contains(&Guarded::Share)
        }
        Some(_) => guarded.contains(&Guarded::Share),
        None => guarded.contains(&Guarded::RollBack) || guarded.contains(&Guarded::Share),
    };
    let submit = SubmitChange { label, class, team, needs_approval, refused };
    let from = connector.shared_version().filter(|shared| *shared != version);
    let from = from.map(|from| view! { {from.to_string()}" "<span>"→"</span>" " });
    view! {
        // The portal shows problems beside the fields.
        <form
            class=ask
            method="post"
            action="/api/fn/share_version"
            aria-label=format!("Version {version}")
            aria-describedby=effect_id(version)
            novalidate
        >
            <p class="move">{from}{version.to_string()}</p>
            <input type="hidden" name="team" value=team.slug.to_string()/>
            <input type="hidden" name="connector" value=connector.id.to_string()/>
            <input type="hidden" name="version" value=version.to_string()/>
            <input type="hidden" name="replaces" value=SharedVersion(connector.shared_version()).to_string()/>
            <input type="hidden" name="operation" value=refused.operation().to_string()/>
            <input type="hidden" name="name" value=shown_name/>
            {share_impact(customers, connector, version)}
            {problems}
            {reason.render()}
            {submit.render()}
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workato::Connector;

    use super::{between, newest_first};

    fn connector() -> Connector {
        let released = [(1, ""), (4, "Faster"), (2, " Retries ")]
            .map(|(version, note)| json!({ "version": version, "version_note": note }));
        serde_json::from_value(json!({ "id": 3066, "oem_shared_version": 2, "released_versions": released }))
            .expect("a connector")
    }

    #[test]
    fn customers_gain_or_lose_the_releases_between_two_versions() {
        let connector = connector();
        let all = newest_first(&connector);
        let notes = |at: usize| between(&connector, all[at].version, &all);
        assert_eq!(notes(0), ["4: Faster"]);
        assert_eq!(notes(1), [""; 0]);
        assert_eq!(notes(2), ["2: Retries"]);
    }

    #[test]
    fn versions_are_newest_first_however_workato_lists_them() {
        let versions: Vec<_> = newest_first(&connector()).iter().map(|released| released.version.get()).collect();
        assert_eq!(versions, [4, 2, 1]);
    }
}
