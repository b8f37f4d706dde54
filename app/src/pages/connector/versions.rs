//! The released versions of a connector on a time line, newest first, each with the form that shares it.

use leptos::prelude::*;
use portal::{
    TeamReader,
    connectors::{ShareKind, SharedVersion},
    teams::Team,
};
use workato::{Connector, ConnectorVersion, ReleasedVersion};

use super::shared::SharedBy;
use crate::{
    components::{Field, Moment},
    forms::Refused,
    islands::SubmitOnce,
};

/// The time line. Operators get a form for each version; `refused` is the one that was refused, if one was.
pub fn versions(reader: &TeamReader, connector: &Connector, by: Option<&SharedBy>, refused: &Refused) -> AnyView {
    let released = newest_first(connector);
    let line = if released.is_empty() {
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
        view! { <ol class="line">{items.collect_view()}</ol> }.into_any()
    };
    // A version that vanished meanwhile has no form that could say what was wrong with it.
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
            <span class="chip on">"shared"{since}{by}</span>
            {operation}
        }
    });
    let would = form.is_some().then(|| {
        view! { <p class="soft" id=would_id(version)>{would(connector, version)}</p> }
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
            {would}
            {form}
        </li>
    }
    .into_any()
}

fn would_id(version: ConnectorVersion) -> String {
    format!("share-{version}-would")
}

/// What sharing this version would do.
fn would(connector: &Connector, version: ConnectorVersion) -> String {
    let from = connector.shared_version().map_or_else(String::new, |shared| shared.to_string());
    match ShareKind::of(connector, version) {
        ShareKind::Create => {
            format!("Create the share: embedded customers would get version {version}; they get none now.")
        }
        ShareKind::Update => {
            format!("Update to version {version}: embedded customers would move from {from} to {version}.")
        }
        ShareKind::RollBack => {
            format!("Roll back to version {version}: embedded customers would go back from {from} to {version}.")
        }
        ShareKind::Again => format!("Share again: embedded customers have version {version} already."),
    }
}

fn share_form(team: &Team, connector: &Connector, version: ConnectorVersion, refused: &Refused) -> AnyView {
    let nothing = Refused::default();
    let is_this = refused.typed("version") == Some(version.to_string().as_str());
    let refused = if is_this { refused } else { &nothing };
    let hint = if team.production { "Required: this is a production team." } else { "Optional." };
    let is_next = connector.latest_version() == Some(version) && connector.shared_version() != Some(version);
    let meanwhile = refused.problem("replaces").map(|problem| view! { <p class="problem" role="alert">{problem}</p> });
    view! {
        // The portal says itself what is wrong, beside the field.
        <form
            class="row share"
            method="post"
            action="/api/fn/share_version"
            aria-label=format!("Version {version}")
            aria-describedby=would_id(version)
            novalidate
        >
            <input type="hidden" name="team" value=team.slug.to_string()/>
            <input type="hidden" name="connector" value=connector.id.to_string()/>
            <input type="hidden" name="version" value=version.to_string()/>
            <input type="hidden" name="replaces" value=SharedVersion(connector.shared_version()).to_string()/>
            <input type="hidden" name="operation" value=refused.operation().to_string()/>
            {meanwhile}
            <Field
                label="Reason"
                name="reason"
                id=format!("share-{version}-reason")
                value=refused.value("reason", "")
                required=team.production
                autocomplete="off"
                hint=hint
                problem=refused.problem("reason")
            />
            <SubmitOnce label=format!("Share version {version}") class=if is_next { "primary" } else { "" }/>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workato::Connector;

    use super::{newest_first, would};

    fn connector(shared: Option<i64>) -> Connector {
        let released = [1, 4, 2].map(|version| json!({ "version": version }));
        serde_json::from_value(json!({ "id": 3066, "oem_shared_version": shared, "released_versions": released }))
            .expect("a connector")
    }

    #[test]
    fn versions_stand_newest_first_however_workato_lists_them() {
        let versions: Vec<_> = newest_first(&connector(None)).iter().map(|released| released.version.get()).collect();
        assert_eq!(versions, [4, 2, 1]);
    }

    #[test]
    fn each_version_says_what_sharing_it_would_do() {
        let would = |shared, version: i64| would(&connector(shared), version.try_into().expect("a version"));
        assert!(would(None, 4).starts_with("Create the share"));
        assert!(would(Some(2), 4).ends_with("would move from 2 to 4."));
        assert!(would(Some(2), 1).starts_with("Roll back to version 1"));
        assert!(would(Some(2), 2).starts_with("Share again"));
    }
}
