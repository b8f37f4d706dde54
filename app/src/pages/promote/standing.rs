//! Which version of the connector is in the other team, and which versions are not promoted yet.

use leptos::prelude::*;
use portal::{one_line, promotions::Progress};
use workato::{Connector, ConnectorVersion};

use super::between::Between;
use crate::wording::promotions as words;

/// The card. `newest` is the newest promotion.
pub fn card(between: &Between<'_>, connector: &Connector, newest: Option<&Progress>) -> AnyView {
    let promoted = newest.filter(|newest| newest.made().is_some()).map(|newest| newest.promotion.version);
    let left = left(connector, promoted);
    let list = (!left.is_empty()).then(
        || view! { <ul class="bullets">{left.into_iter().map(|text| view! { <li>{text}</li> }).collect_view()}</ul> },
    );
    let to = &between.to.team().name;
    let standing = match newest {
        Some(newest) if promoted.is_some() => words::standing(newest, to),
        _ => words::never_promoted(to),
    };
    view! {
        <section class="card" aria-labelledby="standing">
            <div class="card-head"><h2 id="standing">{format!("In {to}")}</h2></div>
            <div class="card-body">
                <p>{standing}</p>
                <h3>"Not promoted yet"</h3>
                {match list {
                    Some(list) => list.into_any(),
                    None => view! { <p class="sm t2">"Nothing: the latest release is promoted."</p> }.into_any(),
                }}
            </div>
        </section>
    }
    .into_any()
}

/// The releases after the promoted one, newest first.
fn left(connector: &Connector, promoted: Option<ConnectorVersion>) -> Vec<String> {
    let mut left: Vec<_> = connector.released_versions.iter().filter(|one| Some(one.version) > promoted).collect();
    left.sort_by_key(|released| std::cmp::Reverse(released.version));
    left.into_iter()
        .map(|released| match released.version_note.as_deref().map(str::trim) {
            None | Some("") => format!("{}: No release note", released.version),
            Some(note) => format!("{}: {}", released.version, one_line(note)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::left;

    #[test]
    fn releases_after_the_promoted_one_are_left() {
        let released = [(1, ""), (4, "Faster"), (2, "Retries")]
            .map(|(version, note)| json!({ "version": version, "version_note": note }));
        let connector = serde_json::from_value(json!({ "id": 1, "released_versions": released })).expect("a connector");
        let of = |version: Option<i64>| left(&connector, version.map(|it| it.try_into().expect("a version")));
        assert_eq!(of(None), ["4: Faster", "2: Retries", "1: No release note"]);
        assert_eq!(of(Some(2)), ["4: Faster"]);
        assert_eq!(of(Some(4)), [""; 0]);
    }
}
