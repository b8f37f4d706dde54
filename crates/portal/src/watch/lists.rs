//! The lists that a comparison reads.

use std::{collections::HashSet, sync::Arc};

use store::seen::Seen;
use time::OffsetDateTime;
use workato::{Connection, Connector, List};

use super::compare::{Difference, differences};
use crate::{
    Result,
    audit::TargetType,
    background::compute,
    connectors,
    upstream::{Snapshot, TeamWorkato},
};

/// All connectors and connections of a workspace.
#[derive(Clone)]
pub(super) struct Lists {
    pub connectors: Arc<Snapshot<List<Connector>>>,
    pub connections: Arc<Snapshot<List<Connection>>>,
}

impl Lists {
    /// Reads both lists now. A cached list could lack what the log has already.
    pub async fn read(workato: &TeamWorkato<'_>) -> Result<Self> {
        Ok(Self { connectors: workato.connectors_now().await?, connections: workato.every_connection_now().await? })
    }

    /// When the older list was requested.
    pub fn began_at(&self) -> OffsetDateTime {
        self.connectors.began_at.min(self.connections.began_at)
    }

    fn len(&self) -> usize {
        self.connectors.items.len() + self.connections.items.len()
    }

    pub async fn seen(&self) -> Vec<Seen> {
        let lists = self.clone();
        compute(self.len(), move || lists.to_seen(&[])).await
    }

    /// The differences from what was last seen, as far as this read can show them.
    pub async fn differences_from(&self, known: Vec<Seen>) -> Vec<Difference> {
        let lists = self.clone();
        compute(self.len().max(known.len()), move || {
            let mut found = differences(&known, &lists.to_seen(&known));
            // What is not in the list may be one of those without a readable id.
            found.retain(|difference| !difference.is_gone() || lists.left_out(difference.key().0) == 0);
            found
        })
        .await
    }

    /// How many of a kind have no readable id.
    pub fn left_out(&self, kind: TargetType) -> usize {
        match kind {
            TargetType::Connector => self.connectors.items.left_out,
            _ => self.connections.items.left_out,
        }
    }

    pub async fn keys(&self) -> HashSet<(TargetType, i64)> {
        let lists = self.clone();
        compute(self.len(), move || lists.to_seen(&[]).into_iter().map(|seen| (seen.kind, seen.id)).collect()).await
    }

    /// `known` has what was last seen. It stays where this read cannot show what is shared.
    fn to_seen(&self, known: &[Seen]) -> Vec<Seen> {
        let last_seen = |id| known.iter().find(|seen| seen.kind == TargetType::Connector && seen.id == id);
        let connectors = self.connectors.items.iter().map(|connector| {
            let seen = Seen {
                kind: TargetType::Connector,
                id: connector.id.get(),
                name: connectors::name(connector).map(str::to_owned),
                shared_version: connector.shared_version().map(|version| version.get()),
                // In whole seconds: Workato may send the same instant with more or fewer digits.
                shared_at: connector
                    .shared_version()
                    .and(connector.oem_shared_at)
                    .map(|at| at.get().truncate_to_second()),
            };
            let is_share_known = connector.is_share_known();
            let is_time_missing = seen.shared_version.is_some() && seen.shared_at.is_none();
            if is_share_known && !is_time_missing && !connector.unreadable.has("oem_shared_at") {
                return seen;
            }
            match last_seen(seen.id) {
                Some(last) if !is_share_known || last.shared_version == seen.shared_version => {
                    Seen { shared_version: last.shared_version, shared_at: last.shared_at, ..seen }
                }
                _ => seen,
            }
        });
        let connections = self.connections.items.iter().map(|connection| Seen {
            kind: TargetType::Connection,
            id: connection.id.get(),
            name: connection.name.clone(),
            shared_version: None,
            shared_at: None,
        });
        connectors.chain(connections).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use serde_json::{Value, json};
    use store::seen::Seen;
    use time::OffsetDateTime;
    use workato::List;

    use super::Lists;
    use crate::{audit::TargetType, upstream::Snapshot, watch::compare::Difference};

    fn snapshot<T: serde::de::DeserializeOwned>(rows: &[Value], left_out: usize) -> Arc<Snapshot<List<T>>> {
        let items = rows.iter().map(|row| serde_json::from_value(row.clone()).unwrap()).collect();
        let now = OffsetDateTime::now_utc();
        Arc::new(Snapshot {
            items: List { items, left_out, repeated: 0 },
            began_at: now,
            read_at: now,
            waited: Duration::ZERO,
        })
    }

    async fn differences(known: &[Seen], connectors: &[Value], left_out: usize) -> Vec<Difference> {
        let lists = Lists { connectors: snapshot(connectors, left_out), connections: snapshot(&[], 0) };
        lists.differences_from(known.to_vec()).await
    }

    fn shared(version: i64) -> Seen {
        let (kind, name) = (TargetType::Connector, Some("Acme".to_owned()));
        Seen { kind, id: 3066, name, shared_version: Some(version), shared_at: None }
    }

    #[tokio::test]
    async fn a_share_that_cannot_be_read_is_not_reported_as_suppressed() {
        let odd = json!({ "id": 3066, "title": "Acme", "oem_shared_version": {} });
        assert_eq!(differences(&[shared(2)], &[odd], 0).await, []);
        let suppressed = json!({ "id": 3066, "title": "Acme" });
        assert!(matches!(&differences(&[shared(2)], &[suppressed], 0).await[..], [Difference::Share { .. }]));
    }

    #[tokio::test]
    async fn nothing_is_reported_as_gone_while_rows_are_left_out() {
        assert_eq!(differences(&[shared(2)], &[], 1).await, []);
        assert_eq!(differences(&[shared(2)], &[], 0).await, [Difference::Gone(shared(2))]);
    }
}
