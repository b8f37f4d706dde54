//! The display name of a connector, always one line and never empty.

use portal::{connectors, one_line};
use workato::Connector;

/// The connector's title, or else its technical name, or else its id.
pub fn connector_name(connector: &Connector) -> String {
    match connectors::name(connector) {
        Some(name) => one_line(name),
        None => format!("Connector {}", connector.id),
    }
}

#[cfg(test)]
mod tests {
    use workato::Connector;

    use super::connector_name;

    #[test]
    fn a_connector_always_has_a_display_name() {
        let called = |reply: &str| connector_name(&serde_json::from_str::<Connector>(reply).expect("a connector"));
        assert_eq!(called(r#"{"id":1,"title":" Acme \n Connector"}"#), "Acme Connector");
        assert_eq!(called(r#"{"id":1,"title":" ","name":"acme_1"}"#), "acme_1");
        assert_eq!(called(r#"{"id":1}"#), "Connector 1");
    }
}
