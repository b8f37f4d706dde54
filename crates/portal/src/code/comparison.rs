//! Comparing the code of two released versions of a connector, for a page and for the log.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::{sync::Semaphore, task::spawn_blocking};
use workato::{ConnectorId, ConnectorVersion};

use super::{
    diff::{CodeDiff, TooLarge, diff},
    kept::VersionCode,
    naming::code_of,
};
use crate::{Error, Portal, Result, TeamReader};

/// How many comparisons run at the same time. Each takes a thread for up to a fraction of a second.
static RUNNING: Semaphore = Semaphore::const_new(2);

/// Two versions, and what differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The earlier one, or the one that is replaced.
    pub from: ConnectorVersion,
    /// The other.
    pub to: ConnectorVersion,
    /// What the portal has seen of `from`; `None` if nothing.
    pub from_code: Option<VersionCode>,
    /// What the portal has seen of `to`; `None` if nothing.
    pub to_code: Option<VersionCode>,
    /// What differs. `None` if the portal has not seen both.
    pub compared: Option<Compared>,
}

/// What a comparison found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// The two are the same, byte for byte.
    Same,
    /// These lines differ.
    Differ(CodeDiff),
    /// There is too much code to compare.
    TooLarge(TooLarge),
}

/// Which code somebody could see when they asked for a share or made it: the hashes, as an entry has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeInEntry {
    /// The version that is replaced; `None` if none was shared.
    pub from: Option<VersionInEntry>,
    /// The version that is shared.
    pub to: VersionInEntry,
}

/// A version, with the hash of its code if the portal has seen it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionInEntry {
    /// The version.
    pub version: ConnectorVersion,
    /// The SHA-256 of its code, in hexadecimal digits; `None` if the portal has not seen it.
    pub sha256: Option<String>,
}

/// Compares two texts on a thread for blocking work.
///
/// # Errors
/// `Internal` if comparing panics.
pub(crate) async fn compare_texts(from: SecretString, to: SecretString, most_lines: usize) -> Result<Compared> {
    if from.expose_secret() == to.expose_secret() {
        return Ok(Compared::Same);
    }
    let permit = RUNNING.acquire().await.map_err(|error| Error::Internal(error.to_string()))?;
    let comparing = spawn_blocking(move || {
        let _permit = permit;
        diff(from.expose_secret(), to.expose_secret(), most_lines)
    });
    let compared = comparing.await.map_err(|error| Error::Internal(format!("comparing code: {error}")))?;
    Ok(compared.map_or_else(Compared::TooLarge, Compared::Differ))
}

impl Portal {
    /// Compares two versions of a connector, as far as the portal has seen their code, and shows at most `most_lines` lines.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn compare_code(
        &self,
        reader: &TeamReader,
        connector: ConnectorId,
        (from, to): (ConnectorVersion, ConnectorVersion),
        most_lines: usize,
    ) -> Result<Comparison> {
        let seen = self.seen_code(reader, connector).await?;
        let of = |version| seen.iter().find(|seen| seen.version == version).cloned();
        let (from_code, to_code) = (of(from), of(to));
        let compared = match (&from_code, &to_code) {
            (Some(a), Some(b)) if a.sha256 == b.sha256 => Some(Compared::Same),
            (Some(_), Some(_)) => self.compare_kept(reader, connector, (from, to), most_lines).await?,
            _ => None,
        };
        Ok(Comparison { from, to, from_code, to_code, compared })
    }

    async fn compare_kept(
        &self,
        reader: &TeamReader,
        connector: ConnectorId,
        (from, to): (ConnectorVersion, ConnectorVersion),
        most_lines: usize,
    ) -> Result<Option<Compared>> {
        let team = reader.team();
        let mut conn = self.store.read().await?;
        let from = self.opened_code(&mut conn, &code_of(team, connector, from)).await?;
        let to = self.opened_code(&mut conn, &code_of(team, connector, to)).await?;
        drop(conn);
        let (Some((_, from)), Some((_, to))) = (from, to) else { return Ok(None) };
        compare_texts(from, to, most_lines).await.map(Some)
    }

    /// The hashes of the code of two versions, as far as the portal has seen it, for an entry.
    pub(crate) async fn code_in_entry(
        &self,
        reader: &TeamReader,
        connector: ConnectorId,
        (from, to): (Option<ConnectorVersion>, ConnectorVersion),
    ) -> Result<CodeInEntry> {
        let seen = self.seen_code(reader, connector).await?;
        let of = |version| VersionInEntry {
            version,
            sha256: seen.iter().find(|seen| seen.version == version).map(|seen| seen.sha256.clone()),
        };
        Ok(CodeInEntry { from: from.map(of), to: of(to) })
    }
}
