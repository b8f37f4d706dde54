//! What a connector is called.

use workato::Connector;

use crate::names::is_blank;

/// A connector's title, or its technical name if it has no title. `None` if both are blank.
#[must_use]
pub fn name(connector: &Connector) -> Option<&str> {
    let names = [&connector.title, &connector.name];
    names.into_iter().flatten().map(String::as_str).find(|name| !is_blank(name))
}
