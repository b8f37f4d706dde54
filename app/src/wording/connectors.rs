//! How far the shared version of a connector is behind, and what sharing another version would do.

use portal::connectors::{self, ShareKind};
use workato::{Connector, ConnectorVersion};

use super::numbers::grouped;

/// "2 releases behind", if the shared version is not the latest.
pub fn behind(connector: &Connector) -> Option<String> {
    let releases = connectors::releases_behind(connector)?;
    if !connector.are_releases_known() {
        let behind = if connector.is_behind() { "behind" } else { "perhaps behind" };
        return Some(format!("{behind}: a released version is unreadable"));
    }
    match releases {
        // Workato names a newer release but does not list it.
        0 => connector.is_behind().then(|| "behind".to_owned()),
        1 => Some("1 release behind".to_owned()),
        releases => Some(format!("{} releases behind", grouped(releases))),
    }
}

/// What sharing this version would do.
pub fn sharing(connector: &Connector, version: ConnectorVersion) -> String {
    let from = connector.shared_version().map_or_else(String::new, |shared| shared.to_string());
    if !connector.is_share_known() {
        return "The shared version is unreadable, so the portal can't tell what this would replace.".to_owned();
    }
    match ShareKind::of(connector, version) {
        ShareKind::Create => {
            format!("Customers start to get version {version}.")
        }
        ShareKind::Update => {
            format!("Customers move from {from} to {version}.")
        }
        ShareKind::RollBack => {
            format!("This is a roll back. Customers go from {from} back to {version}.")
        }
        ShareKind::Again => "Customers already have this version.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workato::Connector;

    use super::{behind, sharing};

    fn connector(shared: Option<i64>, latest: Option<i64>, released: &[i64]) -> Connector {
        let released: Vec<_> = released.iter().map(|version| json!({ "version": version })).collect();
        serde_json::from_value(json!({
            "id": 3066, "oem_shared_version": shared, "latest_released_version": latest, "released_versions": released,
        }))
        .expect("a connector")
    }

    #[test]
    fn a_share_is_behind_by_releases_and_not_by_version_numbers() {
        let releases: Vec<i64> = (1..=20).collect();
        assert_eq!(behind(&connector(Some(2), Some(9), &[9, 4, 2])).as_deref(), Some("2 releases behind"));
        assert_eq!(behind(&connector(Some(4), Some(9), &[9, 4, 2])).as_deref(), Some("1 release behind"));
        assert_eq!(behind(&connector(Some(1), Some(20), &releases)).as_deref(), Some("19 releases behind"));
        assert_eq!(behind(&connector(Some(9), Some(9), &[9, 4, 2])), None);
        assert_eq!(behind(&connector(None, Some(9), &[9])), None);
    }

    #[test]
    fn a_newer_release_that_is_not_listed_still_puts_the_share_behind() {
        assert_eq!(behind(&connector(Some(2), Some(4), &[])).as_deref(), Some("behind"));
    }

    #[test]
    fn what_cannot_be_read_is_not_guessed() {
        let odd: Connector = serde_json::from_value(
            json!({ "id": 3066, "oem_shared_version": 2, "released_versions": [{ "version": 2 }, { "version": "x" }] }),
        )
        .expect("a connector");
        assert_eq!(behind(&odd).as_deref(), Some("perhaps behind: a released version is unreadable"));
        let odd: Connector =
            serde_json::from_value(json!({ "id": 3066, "oem_shared_version": {} })).expect("a connector");
        assert_eq!(behind(&odd), None);
        assert!(sharing(&odd, 4.try_into().expect("a version")).contains("unreadable"));
    }

    #[test]
    fn each_version_says_what_sharing_it_would_do() {
        let sharing = |shared, version: i64| {
            sharing(&connector(shared, None, &[1, 4, 2]), version.try_into().expect("a version"))
        };
        assert!(sharing(None, 4).starts_with("Customers start to get version 4"));
        assert!(sharing(Some(2), 4).ends_with("move from 2 to 4."));
        assert!(sharing(Some(2), 1).ends_with("go from 2 back to 1."));
        assert!(sharing(Some(2), 2).ends_with("already have this version."));
    }
}
