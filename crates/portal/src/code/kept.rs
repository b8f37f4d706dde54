//! The code that is kept: reading it back, and comparing it with its hash.

use secrecy::{ExposeSecret, SecretString};
use store::{CodeOf, KeptCode, Read};
use time::OffsetDateTime;
use workato::{ConnectorId, ConnectorVersion};

use super::naming::{sealed_for, sha256_of, workspace_of};
use crate::{Portal, Result, TeamReader};

/// The code of a released version, as the portal first saw it, without the code itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionCode {
    /// The version.
    pub version: ConnectorVersion,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// When the portal read it.
    pub seen_at: OffsetDateTime,
}

impl Portal {
    /// The versions of a connector whose code the portal has seen, oldest first.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn seen_code(&self, reader: &TeamReader, connector: ConnectorId) -> Result<Vec<VersionCode>> {
        let team = reader.team();
        let mut conn = self.store.read().await?;
        let kept = store::connector_code::of_connector(&mut conn, team.id, workspace_of(team), connector.get()).await?;
        let version = |kept: KeptCode| {
            let version = ConnectorVersion::new(kept.of.version).ok()?;
            Some(VersionCode { version, sha256: kept.sha256, seen_at: kept.seen_at })
        };
        Ok(kept.into_iter().filter_map(version).collect())
    }

    /// The code of a version, if it is kept. Code that is not what the log says is as good as none.
    pub(crate) async fn opened_code(&self, conn: &mut Read, of: &CodeOf) -> Result<Option<(KeptCode, SecretString)>> {
        let Some((kept, sealed)) = store::connector_code::get(conn, of).await? else { return Ok(None) };
        let code = match self.vault.open_for(&sealed_for(of), &sealed) {
            Ok(code) if sha256_of(code.expose_secret()) == kept.sha256 => code,
            Ok(_) => {
                tracing::error!(code = of.row(), "code that is kept has another hash");
                return Ok(None);
            }
            Err(error) => {
                tracing::error!(code = of.row(), %error, "code that is kept cannot be opened");
                return Ok(None);
            }
        };
        Ok(Some((kept, code)))
    }
}
