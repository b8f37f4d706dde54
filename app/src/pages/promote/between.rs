//! The two ends of a promotion, as the parts of the page share them.

use leptos::prelude::*;
use portal::TeamReader;
use workato::ConnectorId;

/// The connector and the other team of the page.
pub struct Between<'a> {
    pub from: &'a TeamReader,
    pub to: &'a TeamReader,
    pub connector: ConnectorId,
}

impl Between<'_> {
    /// Whether the reader may promote.
    pub fn may_promote(&self) -> bool {
        self.from.may_operate() && self.to.may_operate()
    }

    /// The hidden fields that every form has.
    pub fn fields(&self) -> AnyView {
        view! {
            <input type="hidden" name="team" value=self.from.team().slug.to_string()/>
            <input type="hidden" name="connector" value=self.connector.to_string()/>
            <input type="hidden" name="to" value=self.to.team().slug.to_string()/>
        }
        .into_any()
    }
}
