//! Connectors: which versions are released, which one is shared, and how many releases it is behind.

mod asked_for;
mod column;
mod filter;
mod name;
mod order;
mod page;

use std::{collections::HashSet, fmt, str::FromStr, sync::Arc};

use serde_json::{Value, json};
use workato::{Connector, ConnectorId, ConnectorQuery, ConnectorVersion, IdError, List, ReadError};

use crate::{
    Error, Portal, Result, TeamReader,
    names::folded,
    unreadable::without_unreadable,
    upstream::{Asker, Shown, Snapshot},
};

pub(crate) use asked_for::is_asked_for;
pub use column::Column;
pub use filter::{Filter, FilterInput, PARAMETERS, ReleaseFilter};
pub use name::name;
pub use order::{Key, Order, released_at, used_by};
pub use page::{ConnectorPage, ViewCounts};

/// The fewest characters of a name that is searched for in a text.
const SHORTEST_NAME: usize = 3;

/// How many released versions are newer than the shared one. `None` if none is shared.
#[must_use]
pub fn releases_behind(connector: &Connector) -> Option<usize> {
    let shared = connector.shared_version()?;
    Some(connector.released_versions.iter().filter(|released| released.version > shared).count())
}

/// The connectors that a text names by title or technical name, in the order of the text. A name within a longer name
/// does not count.
#[must_use]
pub fn named_in<'a>(connectors: &'a [Connector], text: &str) -> Vec<&'a Connector> {
    let text = folded(text);
    let mut found: Vec<(usize, usize, &Connector)> = Vec::new();
    for connector in connectors {
        for name in [&connector.title, &connector.name].into_iter().flatten() {
            let name = folded(name);
            // Shorter names are in almost every sentence.
            if name.chars().count() >= SHORTEST_NAME {
                found.extend(whole_words(&text, &name).map(|at| (at, at + name.len(), connector)));
            }
        }
    }
    let is_within_longer = |(start, end, _): &(usize, usize, &Connector)| {
        found.iter().any(|(from, to, _)| from <= start && end <= to && end - start < to - from)
    };
    let mut named: Vec<_> = found.iter().filter(|one| !is_within_longer(one)).copied().collect();
    named.sort_by_key(|(start, ..)| *start);
    let mut seen = HashSet::new();
    named.into_iter().map(|(.., connector)| connector).filter(|connector| seen.insert(connector.id)).collect()
}

/// Where `text` has `words` as whole words.
fn whole_words<'a>(text: &'a str, words: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(words).map(|(at, _)| at).filter(move |at| {
        let before = text[..*at].chars().next_back();
        let after = text[at + words.len()..].chars().next();
        let is_apart = |letter: Option<char>| !letter.is_some_and(char::is_alphanumeric);
        is_apart(before) && is_apart(after)
    })
}

/// What sharing a version would do. The call to Workato is the same for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareKind {
    /// No version is shared yet.
    Create,
    /// An older version is shared.
    Update,
    /// A newer version is shared.
    RollBack,
    /// This version is shared already.
    Again,
}

impl ShareKind {
    /// What sharing `version` of `connector` would do now.
    #[must_use]
    pub fn of(connector: &Connector, version: ConnectorVersion) -> Self {
        match connector.shared_version() {
            None => Self::Create,
            Some(shared) if shared < version => Self::Update,
            Some(shared) if shared > version => Self::RollBack,
            Some(_) => Self::Again,
        }
    }
}

/// The shared version in a form: its number, or `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedVersion(pub Option<ConnectorVersion>);

impl fmt::Display for SharedVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(version) => version.fmt(f),
            None => f.write_str("none"),
        }
    }
}

impl FromStr for SharedVersion {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text == "none" { Ok(Self(None)) } else { text.parse().map(|version| Self(Some(version))) }
    }
}

impl Portal {
    /// The team's connectors that the query asks for.
    ///
    /// # Errors
    /// `Workato` if they cannot be read.
    pub async fn connectors(&self, reader: &TeamReader, query: ConnectorQuery) -> Result<Shown<List<Connector>>> {
        self.workato(reader.team(), reader.actor()).await?.connectors(query).await
    }

    /// One connector with its released versions.
    ///
    /// # Errors
    /// `NotFound` if Workato has no connector with this id, `Workato` if it cannot be read.
    pub async fn connector(&self, reader: &TeamReader, id: ConnectorId) -> Result<Shown<Connector>> {
        known(self.workato(reader.team(), reader.actor()).await?.connector(id).await)
    }

    /// A connector's current code. Not kept for when Workato is down.
    ///
    /// # Errors
    /// `NotFound` if Workato has no connector with this id, `Workato` if the code cannot be read, for example because
    /// the token's role lacks the privilege.
    pub async fn connector_code(&self, reader: &TeamReader, id: ConnectorId) -> Result<String> {
        let code = known(self.workato(reader.team(), reader.actor()).await?.connector_code(id).await)?;
        Ok(code.items.clone())
    }

    /// A connector as it is now. The state before a change must not be half a minute old.
    pub(crate) async fn connector_now(&self, reader: &TeamReader, id: ConnectorId) -> Result<Arc<Snapshot<Connector>>> {
        let asker = Asker::before_a_change(reader.actor());
        known(self.workato(reader.team(), asker).await?.connector_now(id).await)
    }
}

impl Portal {
    /// A connector's code as it is now, for a change.
    pub(crate) async fn connector_code_now(&self, reader: &TeamReader, id: ConnectorId) -> Result<String> {
        let asker = Asker::before_a_change(reader.actor());
        let client = self.workato(reader.team(), asker).await?.client();
        known(client.connector_code(id).await.map_err(|error| Error::Workato(Arc::new(error))))
    }

    /// The ids of the connectors that have this title now.
    pub(crate) async fn connectors_called(&self, reader: &TeamReader, title: &str) -> Result<Vec<ConnectorId>> {
        let asker = Asker::before_a_change(reader.actor());
        let list = self.workato(reader.team(), asker).await?.connectors_now().await?;
        let is_called = |one: &&Connector| one.title.as_deref() == Some(title);
        Ok(list.items.iter().filter(is_called).map(|one| one.id).collect())
    }
}

/// Turns Workato's "not found" into the portal's.
fn known<T>(answer: Result<T>) -> Result<T> {
    match answer {
        Err(Error::Workato(error)) if matches!(*error, ReadError::NotFound { .. }) => Err(Error::NotFound),
        answer => answer,
    }
}

/// The connector's name and state before a change, for the log.
pub(crate) fn before(connector: &Connector) -> (Option<String>, Value) {
    let mut state = json!({
        "found": true,
        "shared_version": connector.shared_version(),
        "shared_at": connector.oem_shared_at,
        "latest_released_version": connector.latest_version(),
    });
    if let Some(state) = state.as_object_mut().filter(|_| !connector.is_share_known()) {
        state.remove("shared_version");
    }
    (name(connector).map(str::to_owned), without_unreadable(state, &connector.unreadable))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use workato::Connector;

    use super::{ShareKind, name, named_in, releases_behind};

    fn connector(shared: Option<i64>) -> Connector {
        let released = [4, 3, 1].map(|version| json!({ "version": version }));
        serde_json::from_value(json!({ "id": 3066, "oem_shared_version": shared, "released_versions": released }))
            .expect("a connector")
    }

    #[test]
    fn only_releases_newer_than_the_shared_one_put_it_behind() {
        let behind = |shared| releases_behind(&connector(shared));
        assert_eq!(
            [behind(None), behind(Some(1)), behind(Some(2)), behind(Some(4))],
            [None, Some(2), Some(2), Some(0)]
        );
    }

    #[test]
    fn sharing_creates_updates_rolls_back_or_repeats_a_share() {
        let kind = |shared, version: i64| ShareKind::of(&connector(shared), version.try_into().expect("a version"));
        assert_eq!(kind(None, 4), ShareKind::Create);
        assert_eq!(kind(Some(3), 4), ShareKind::Update);
        assert_eq!(kind(Some(3), 1), ShareKind::RollBack);
        assert_eq!(kind(Some(3), 3), ShareKind::Again);
    }

    #[test]
    fn a_connector_is_called_by_its_title_or_else_by_its_technical_name() {
        let called = |title: Value, technical: Value| {
            let connector: Connector =
                serde_json::from_value(json!({ "id": 1, "title": title, "name": technical })).expect("a connector");
            name(&connector).map(str::to_owned)
        };
        assert_eq!(called(json!("Acme"), json!("acme_1")).as_deref(), Some("Acme"));
        assert_eq!(called(json!(" \u{200b}"), json!("acme_1")).as_deref(), Some("acme_1"));
        assert_eq!(called(Value::Null, Value::Null), None);
    }

    #[test]
    fn connectors_are_found_in_a_text_by_their_whole_names_only() {
        let connectors: Vec<Connector> =
            [(1, "Sage", "sage_1"), (2, "Sage  People", "sage_people_2"), (3, "A", "a"), (4, "Škoda", "skoda_4")]
                .map(|(id, title, name)| json!({ "id": id, "title": title, "name": name }))
                .map(|connector| serde_json::from_value(connector).expect("a connector"))
                .into();
        let named = |text| named_in(&connectors, text).iter().map(|one| one.id.get()).collect::<Vec<_>>();
        assert_eq!(named("Not shared: škoda, SAGE People and a third"), [4, 2]);
        assert_eq!(named("share sage people, then sage; sage again"), [2, 1]);
        assert_eq!(named("sage_people_2 is not shared"), [2]);
        assert_eq!(named("Sagebrush was refused"), [0; 0]);
    }
}
