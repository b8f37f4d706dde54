//! The status of a connection as a shape, a colour and words, and its error on demand. `outcome` has the status of
//! operations.

use leptos::prelude::*;
use maud::{Markup, html};
use portal::is_blank;
use workato::{AuthorizationStatus, Connection};

use super::{
    Glyph, Icon, ReaderTimes, Tone, UNREADABLE,
    drawn::drawn,
    icon::{glyph_markup, icon_markup},
    popover::popover_in_row,
    state,
    state::state_in_row,
};
use crate::wording::{connection_errors::Cause, connections};

/// The status of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionStatus {
    glyph: Glyph,
    tone: Tone,
    words: String,
    cause: Option<Cause>,
    /// The application's error, word for word.
    error: Option<String>,
    /// Why Workato lost the connection, word for word.
    lost: Option<String>,
}

impl ConnectionStatus {
    pub fn of(connection: &Connection) -> Self {
        let (glyph, tone) = match &connection.authorization_status {
            Some(AuthorizationStatus::Success) => (Glyph::Ok, Tone::Good),
            Some(AuthorizationStatus::Failed) => (Glyph::Bad, Tone::Bad),
            Some(AuthorizationStatus::Exception) => (Glyph::Exc, Tone::Warn),
            Some(AuthorizationStatus::Other(_)) => (Glyph::Unk, Tone::None),
            None if connection.unreadable.has("authorization_status") => (Glyph::Unk, Tone::None),
            None => (Glyph::None, Tone::None),
        };
        let said = |text: &Option<String>| text.clone().filter(|text| !is_blank(text));
        Self {
            glyph,
            tone,
            words: connections::status(connection),
            cause: connections::cause(connection),
            error: if connection.unreadable.has("authorization_error") {
                Some(UNREADABLE.to_owned())
            } else {
                said(&connection.authorization_error)
            },
            lost: said(&connection.connection_lost_reason),
        }
    }

    /// Whether the connection does not work although it once did.
    pub fn is_broken(&self) -> bool {
        matches!(self.tone, Tone::Bad | Tone::Warn)
    }

    /// What to do about it, if the error is known.
    pub fn advice(&self) -> Option<&'static str> {
        self.cause.filter(|_| self.is_broken()).map(Cause::advice)
    }

    /// What Workato and the application say, word for word.
    pub fn raw(&self) -> Option<AnyView> {
        self.raw_markup().map(drawn)
    }

    fn raw_markup(&self) -> Option<Markup> {
        (self.lost.is_some() || self.error.is_some()).then(|| {
            html! {
                @if let Some(text) = &self.lost { p { span class="t3" { "Workato: " } (text) } }
                @if let Some(text) = &self.error { pre { (text) } }
            }
        })
    }
}

/// The connection's name, or its id if it has no name.
pub fn connection_name(connection: &Connection) -> String {
    match connection.name.as_deref().filter(|name| !is_blank(name)).map(str::trim) {
        None if connection.unreadable.has("name") => format!("Connection {} (name unreadable)", connection.id),
        None => format!("Connection {}", connection.id),
        Some(name) => name.to_owned(),
    }
}

#[component]
pub fn StatusPill(status: ConnectionStatus) -> impl IntoView {
    state(status.glyph, status.tone, status.words)
}

/// The status in a row: a broken one is a button that opens what is known about it, without script.
pub fn status_cell(connection: &Connection, times: ReaderTimes) -> Markup {
    let status = ConnectionStatus::of(connection);
    if !status.is_broken() {
        return state_in_row(status.glyph, status.tone, &status.words);
    }
    let id = format!("error-{}", connection.id);
    let raw = status.raw_markup();
    let advice = match status.advice() {
        Some(advice) => advice,
        None if raw.is_some() => "The portal doesn’t know this error. Here is what Workato says:",
        None => "Workato gives no reason.",
    };
    let known = html! {
        p { (advice) }
        @if let Some(raw) = raw { (raw) }
    };
    html! {
        div class="state" {
            button type="button" class=(status.tone.class()) popovertarget=(id) {
                (glyph_markup(status.glyph))
                span { (status.words) }
                (icon_markup(Icon::Down))
            }
            @if let Some(at) = connection.connection_lost_at { span class="t3 xs" { (times.ago(at.get())) } }
        }
        (popover_in_row(&id, &status.words, &known))
    }
}

#[cfg(test)]
mod tests {
    use workato::Connection;

    use super::{ConnectionStatus, connection_name};

    fn status(reply: &str) -> ConnectionStatus {
        let connection: Connection = serde_json::from_str(reply).expect("a connection");
        ConnectionStatus::of(&connection)
    }

    #[test]
    fn a_connection_is_never_nameless() {
        let called = |name: &str| {
            let reply = format!(r#"{{"id":36,"name":{name}}}"#);
            connection_name(&serde_json::from_str(&reply).expect("a connection"))
        };
        assert_eq!(called(r#"" Acme ""#), "Acme");
        assert_eq!(called("null"), "Connection 36");
        assert_eq!(called(r#"" \u200b""#), "Connection 36");
        assert_eq!(called("{}"), "Connection 36 (name unreadable)");
    }

    #[test]
    fn different_statuses_have_different_shapes() {
        let shapes: std::collections::BTreeSet<_> = ["\"success\"", "\"failed\"", "\"exception\"", "\"new\"", "null"]
            .map(|word| status(&format!(r#"{{"id":1,"authorization_status":{word}}}"#)).glyph.href())
            .into();
        assert_eq!(shapes.len(), 5);
    }
}
