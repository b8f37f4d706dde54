//! The released versions of a connector on a time line, newest first, each with the form that shares it.

use leptos::prelude::*;
use portal::{TeamReader, connectors::SharedVersion, one_line, teams::Team};
use workato::{Connector, ConnectorVersion, ReleasedVersion};

use super::shared::SharedBy;
use crate::{
    components::{Moment, ReasonField},
    form_memory::Refused,
    islands::SubmitOnce,
    wording::connectors,
};

/// The time line. Operators get a form for each version. `refused` is the refused form, if any.
pub fn versions(reader: &TeamReader, connector: &Connector, by: Option<&SharedBy>, refused: &Refused) -> AnyView {
    let released = newest_first(connector);
    let unreadable = (!connector.are_releases_known()).then(|| {
        view! { <p class="callout warn" role="note">"Workato sent released versions whose numbers cannot be read. They are not shown here."</p> }
    });
    let line = if released.is_empty() && unreadable.is_some() {
        ().into_any()
    } else if released.is_empty() {
        view! {
            <p class="panel empty">
                "No version of it is released yet, so there is nothing to share. Release one in Workato; it then appears here."
            </p>
        }
        .into_any()
    } else {
        let items = released.into_iter().map(|released| {
            let operator_form =
                reader.may_operate().then(|| share_form(reader.team(), connector, released.version, refused));
            item(connector, released, by, operator_form)
        });
        view! { <ol class="trail">{items.collect_view()}</ol> }.into_any()
    };
    // The version of the refused form may be gone, and with it the form that would show the problem.
    let elsewhere = refused
        .typed("version")
        .filter(|version| !connector.released_versions.iter().any(|released| released.version.to_string() == **version))
        .and_then(|version| {
            let problem = refused.problem("reason")?;
            Some(view! {
                <p class="callout notice bad" role="alert">
                    {format!("Nothing was sent for version {version}, which is no longer among the released ones. {problem}")}
                </p>
            })
        });
    view! {
        <section aria-labelledby="versions">
            <h2 id="versions">"Versions"</h2>
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

fn item(connector: &Connector, released: &ReleasedVersion, by: Option<&SharedBy>, form: Option<AnyView>) -> AnyView {
    let version = released.version;
    let is_shared = connector.shared_version() == Some(version);
    let at = |word: &'static str, at: Option<workato::Timestamp>| {
        at.map(|at| view! { <span class="soft">{word}" "<Moment at=at.get()/></span> })
    };
    let note = released.version_note.as_deref().map(str::trim).filter(|note| !note.is_empty());
    let note = match note {
        Some(note) => view! { <p>{note.to_owned()}</p> }.into_any(),
        None => view! { <p class="soft">"No note."</p> }.into_any(),
    };
    let mark = is_shared.then(|| {
        let since = connector.oem_shared_at.map(|at| view! { " since "<Moment at=at.get()/> });
        let operation = by.map(|by| {
            view! { <a class="push" href=format!("/audit/{}", by.operation)>"See who and why"</a> }
        });
        let by = by.map(|by| format!(" by {}", by.actor));
        view! {
            <span class="badge info">"shared"{since}{by}</span>
            {operation}
        }
    });
    let effect = form.is_some().then(|| {
        view! { <p class="soft" id=effect_id(version)>{connectors::sharing(connector, version)}</p> }
    });
    view! {
        <li class=is_shared.then_some("current") id=format!("version-{version}")>
            <div class="row">
                <strong>{format!("Version {version}")}</strong>
                {at("released", released.released_at)}
                {at("made", released.created_at)}
                {mark}
            </div>
            {note}
            {effect}
            {form}
        </li>
    }
    .into_any()
}

fn effect_id(version: ConnectorVersion) -> String {
    format!("share-{version}-would")
}

fn share_form(team: &Team, connector: &Connector, version: ConnectorVersion, refused: &Refused) -> AnyView {
    let nothing = Refused::default();
    let is_this = refused.typed("version") == Some(version.to_string().as_str());
    let refused = if is_this { refused } else { &nothing };
    let reason = ReasonField { refused, team, destructive: false, id: format!("share-{version}-reason"), initial: "" };
    let is_next = connector.latest_version() == Some(version) && connector.shared_version() != Some(version);
    let shown_name = portal::connectors::name(connector).map(one_line).unwrap_or_default();
    let meanwhile = refused.problem("replaces").map(|problem| view! { <p class="problem" role="alert">{problem}</p> });
    view! {
        // The portal shows problems beside the fields.
        <form
            class="row share"
            method="post"
            action="/api/fn/share_version"
            aria-label=format!("Version {version}")
            aria-describedby=effect_id(version)
            novalidate
        >
            <input type="hidden" name="team" value=team.slug.to_string()/>
            <input type="hidden" name="connector" value=connector.id.to_string()/>
            <input type="hidden" name="version" value=version.to_string()/>
            <input type="hidden" name="replaces" value=SharedVersion(connector.shared_version()).to_string()/>
            <input type="hidden" name="operation" value=refused.operation().to_string()/>
            <input type="hidden" name="name" value=shown_name/>
            {meanwhile}
            {reason.render()}
            <SubmitOnce label=format!("Share version {version}") class=if is_next { "primary" } else { "" }/>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workato::Connector;

    use super::newest_first;

    fn connector() -> Connector {
        let released = [1, 4, 2].map(|version| json!({ "version": version }));
        serde_json::from_value(json!({ "id": 3066, "released_versions": released })).expect("a connector")
    }

    #[test]
    fn versions_are_newest_first_however_workato_lists_them() {
        let versions: Vec<_> = newest_first(&connector()).iter().map(|released| released.version.get()).collect();
        assert_eq!(versions, [4, 2, 1]);
    }
}
