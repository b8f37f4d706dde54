//! What is promoted: the latest released version of a connector, with its code.

use secrecy::{ExposeSecret, SecretString};
use store::{ConnectorIn, Team};
use workato::{Connector, ConnectorId, ConnectorVersion};

use crate::{
    Error, Portal, Problem, PromotionProblem, Result, TeamReader,
    code::{Compared, NewCode, code_of, compare_texts, sha256_of, workspace_of},
};

/// The latest released version of a connector, with its code.
#[derive(Clone, Debug)]
pub struct Source {
    /// The connector.
    pub connector: Connector,
    /// Its latest released version.
    pub version: ConnectorVersion,
    /// The SHA-256 of the version's code, in hexadecimal digits.
    pub sha256: String,
    /// Whether the current code differs from that of the version: somebody works on a draft, which is not promoted.
    pub has_newer_draft: bool,
    pub(super) code: SecretString,
}

/// A connector of a team, for rows.
pub(super) fn connector_in(team: &Team, connector: ConnectorId) -> ConnectorIn {
    ConnectorIn { team: team.id, workspace: workspace_of(team), connector: connector.get() }
}

impl Portal {
    /// The latest released version of a connector, for a page: with the code that the portal kept of it, or else with the
    /// current code. What Workato said less than half a minute ago is not asked again.
    ///
    /// # Errors
    /// `NotFound` if there is no such connector, `Invalid` if no version is released, `Workato` if it or its code cannot be
    /// read.
    pub async fn promotion_source(&self, reader: &TeamReader, connector: ConnectorId) -> Result<Source> {
        let found = self.connector(reader, connector).await?.items.clone();
        self.source_of(reader, found, self.connector_code(reader, connector).await).await
    }

    /// The same as it is now, for a promotion.
    pub(super) async fn promotion_source_now(&self, reader: &TeamReader, connector: ConnectorId) -> Result<Source> {
        let found = self.connector_now(reader, connector).await?.items.clone();
        self.source_of(reader, found, self.connector_code_now(reader, connector).await).await
    }

    async fn source_of(&self, reader: &TeamReader, found: Connector, current: Result<String>) -> Result<Source> {
        let version = found.latest_version().ok_or_else(|| {
            let problem = Problem::from(PromotionProblem::NothingReleased);
            problem.of("version")
        })?;
        let of = code_of(reader.team(), found.id, version);
        let kept = self.opened_code(&mut self.store.read().await?, &of).await?;
        let (code, has_newer_draft) = match (kept, current) {
            (Some((kept, code)), current) => (code, current.is_ok_and(|current| sha256_of(&current) != kept.sha256)),
            (None, current) => (SecretString::from(current?), false),
        };
        let sha256 = sha256_of(code.expose_secret());
        Ok(Source { connector: found, version, sha256, has_newer_draft, code })
    }

    /// Keeps the version's code, if it is not kept, so that it can be promoted whatever becomes of the connector.
    pub(super) async fn keep_source(&self, reader: &TeamReader, source: &Source) -> Result<()> {
        let team = reader.team();
        let fingerprint = self.workato(team, reader.actor()).await?.fingerprint().to_owned();
        let of = code_of(team, source.connector.id, source.version);
        let new = NewCode::new(of, source.code.expose_secret().to_owned());
        self.keep_code(team, &fingerprint, &[new]).await.map_err(Error::LogUnavailable)
    }

    /// Compares the current code of the counterpart with that of the version.
    ///
    /// # Errors
    /// `Workato` if the counterpart's code cannot be read.
    pub async fn compare_with_counterpart(
        &self,
        source: &Source,
        target: &TeamReader,
        counterpart: ConnectorId,
        most_lines: usize,
    ) -> Result<Compared> {
        let there = self.connector_code(target, counterpart).await?;
        compare_texts(SecretString::from(there), source.code.clone(), most_lines).await
    }
}
