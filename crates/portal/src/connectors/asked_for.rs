//! Which connectors a query asks for. Workato can apply the same query, but it may ignore it, and it compares titles byte
//! by byte.

use workato::{Connector, ConnectorQuery};

use crate::names::folded;

/// Whether the query asks for this connector.
pub(crate) fn is_asked_for(query: &ConnectorQuery, connector: &Connector) -> bool {
    let has_title = query.title.as_deref().map(folded).is_none_or(|part| {
        connector.title.as_deref().is_some_and(|title| folded(title).contains(&part))
            || part.parse() == Ok(connector.id)
    });
    // If the shared version cannot be read, it is neither known to be shared nor known not to be.
    let is_shared = connector.is_share_known().then(|| connector.shared_version().is_some());
    has_title && query.oem_shared.is_none_or(|shared| is_shared == Some(shared))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workato::{Connector, ConnectorQuery};

    use super::is_asked_for;

    #[test]
    fn a_title_is_found_however_its_letters_are_encoded_or_by_its_id() {
        let connector: Connector = serde_json::from_value(
            json!({ "id": 3066, "title": "Cafe\u{301}  Acme\u{200b}", "name": "acme_1", "oem_shared_version": 2 }),
        )
        .expect("a connector");
        let finds = |title: &str, oem_shared: Option<bool>| {
            let title = Some(title.to_owned()).filter(|title| !title.is_empty());
            is_asked_for(&ConnectorQuery { title, oem_shared }, &connector)
        };
        assert!(finds("CAF\u{c9} acme", Some(true)) && finds("3066", None));
        for (title, shared) in [("cafe", None), ("306", None), ("acme_1", None), ("", Some(false))] {
            assert!(!finds(title, shared), "{title}");
        }
    }

    #[test]
    fn a_share_that_cannot_be_read_is_neither_there_nor_missing() {
        let connector = serde_json::from_value(json!({ "id": 1, "oem_shared_version": "two" })).expect("a connector");
        let asks = |oem_shared| is_asked_for(&ConnectorQuery { title: None, oem_shared }, &connector);
        assert_eq!([asks(None), asks(Some(true)), asks(Some(false))], [true, false, false]);
    }
}
