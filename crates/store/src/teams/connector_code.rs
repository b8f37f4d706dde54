//! The table `connector_code`: the code of connectors' released versions, as the portal first saw it. Sealed like a token,
//! since code may hold secrets.

use std::collections::BTreeSet;

use time::OffsetDateTime;

use crate::{
    Entry, Read, Sealed, StoreError, TeamId, Write, data_keys,
    rows::{
        cells::{Cell, Checked, Fields},
        tables::CONNECTOR_CODE,
    },
    sql::{self, Row},
    values::{micros, parsed},
};

/// Which code: that of a released version of a connector in a team's workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CodeOf {
    /// The team.
    pub team: TeamId,
    /// Workato's id of the workspace that the team's token opened; 0 if it was not known.
    pub workspace: i64,
    /// The connector.
    pub connector: i64,
    /// The version.
    pub version: i64,
}

impl CodeOf {
    fn key(&self) -> [Cell; 4] {
        [self.team.to_string().into(), self.workspace.into(), self.connector.into(), self.version.into()]
    }

    /// The values of the row's key.
    #[must_use]
    pub fn row(&self) -> String {
        format!("{} {} {} {}", self.team, self.workspace, self.connector, self.version)
    }
}

/// What is known of code that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCode {
    /// Which code it is.
    pub of: CodeOf,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: i64,
    /// When the portal read it.
    pub seen_at: OffsetDateTime,
}

/// What is kept of a team's connectors: each connector with a version.
pub async fn known(conn: &mut Read, team: TeamId, workspace: i64) -> Result<BTreeSet<(i64, i64)>, StoreError> {
    let rows = sql::query_as("SELECT connector_id, version FROM connector_code WHERE team_id = ? AND workspace_id = ?")
        .bind(team.to_string())
        .bind(workspace)
        .fetch_all(conn.database())
        .await?;
    Ok(rows.into_iter().collect())
}

/// The versions of a connector whose code is kept, oldest first.
pub async fn of_connector(
    conn: &mut Read,
    team: TeamId,
    workspace: i64,
    connector: i64,
) -> Result<Vec<KeptCode>, StoreError> {
    let key = conn.row_key();
    let rows = sql::query(
        "SELECT team_id, workspace_id, connector_id, version, sha256, bytes, seen_at, recorded_in, mac
           FROM connector_code WHERE team_id = ? AND workspace_id = ? AND connector_id = ? ORDER BY version",
    )
    .bind(team.to_string())
    .bind(workspace)
    .bind(connector)
    .fetch_all(conn.database())
    .await?;
    let mut kept = Vec::with_capacity(rows.len());
    for row in &rows {
        if let Some(row) = CONNECTOR_CODE.check(key.as_ref(), Fields::of(row)?) {
            kept.push(kept_code(&row)?);
        }
    }
    Ok(kept)
}

fn kept_code(row: &Checked) -> Result<KeptCode, StoreError> {
    let of = CodeOf {
        team: row.parsed("team_id")?,
        workspace: row.number("workspace_id")?,
        connector: row.number("connector_id")?,
        version: row.number("version")?,
    };
    let sha256 = row.text("sha256")?.to_owned();
    Ok(KeptCode { of, sha256, bytes: row.number("bytes")?, seen_at: row.instant("seen_at")? })
}

/// The code, if it is kept. Whoever opens it compares it with its hash.
pub async fn get(conn: &mut Read, of: &CodeOf) -> Result<Option<(KeptCode, Sealed)>, StoreError> {
    let found = of_connector(conn, of.team, of.workspace, of.connector).await?;
    let Some(kept) = found.into_iter().find(|kept| kept.of == *of) else { return Ok(None) };
    let row = sql::query(
        "SELECT key_id, nonce, sealed FROM connector_code
          WHERE team_id = ? AND workspace_id = ? AND connector_id = ? AND version = ?",
    )
    .bind(of.team.to_string())
    .bind(of.workspace)
    .bind(of.connector)
    .bind(of.version)
    .fetch_optional(conn.database())
    .await?;
    row.map(|row| Ok((kept, sealed(&row)?))).transpose()
}

fn sealed(row: &Row) -> Result<Sealed, StoreError> {
    Ok(Sealed { key_id: row.try_get("key_id")?, nonce: row.try_get("nonce")?, bytes: row.try_get("sealed")? })
}

/// Keeps code that the entry `told` names.
pub async fn keep(tx: &mut Write, kept: &KeptCode, sealed: &Sealed, told: &Entry) -> Result<(), StoreError> {
    data_keys::check_sealed(tx, &sealed.key_id).await?;
    let of = &kept.of;
    sql::query(
        "INSERT INTO connector_code
                (team_id, workspace_id, connector_id, version, sha256, bytes, seen_at, recorded_in, mac,
                 key_id, nonce, sealed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, zeroblob(32), ?9, ?10, ?11)
         ON CONFLICT (team_id, workspace_id, connector_id, version) DO UPDATE
            SET sha256 = ?5, bytes = ?6, seen_at = ?7, recorded_in = ?8, key_id = ?9, nonce = ?10, sealed = ?11",
    )
    .bind(of.team.to_string())
    .bind(of.workspace)
    .bind(of.connector)
    .bind(of.version)
    .bind(&kept.sha256)
    .bind(kept.bytes)
    .bind(micros(told.at))
    .bind(told.sequence)
    .bind(&sealed.key_id)
    .bind(&sealed.nonce)
    .bind(&sealed.bytes)
    .execute(tx.database())
    .await?;
    CONNECTOR_CODE.seal(tx, &of.key()).await
}

/// Destroys the code that is kept of a team.
pub async fn forget(tx: &mut Write, team: TeamId) -> Result<(), StoreError> {
    sql::query("DELETE FROM connector_code WHERE team_id = ?").bind(team.to_string()).execute(tx.database()).await?;
    Ok(())
}

/// Code that is sealed with another key than this one, at most `limit`, behind `after`.
pub async fn sealed_with_another_key(
    conn: &mut Read,
    key_id: &str,
    after: Option<CodeOf>,
    limit: i64,
) -> Result<Vec<(CodeOf, Sealed)>, StoreError> {
    let after =
        after.map_or((String::new(), 0, 0, 0), |of| (of.team.to_string(), of.workspace, of.connector, of.version));
    let rows = sql::query(
        "SELECT team_id, workspace_id, connector_id, version, key_id, nonce, sealed FROM connector_code
          WHERE (team_id, workspace_id, connector_id, version) > (?, ?, ?, ?) AND key_id <> ?
          ORDER BY team_id, workspace_id, connector_id, version LIMIT ?",
    )
    .bind(after.0)
    .bind(after.1)
    .bind(after.2)
    .bind(after.3)
    .bind(key_id)
    .bind(limit)
    .fetch_all(conn.database())
    .await?;
    rows.iter()
        .map(|row| {
            let of = CodeOf {
                team: parsed("team id", row.try_get("team_id")?)?,
                workspace: row.try_get("workspace_id")?,
                connector: row.try_get("connector_id")?,
                version: row.try_get("version")?,
            };
            Ok((of, sealed(row)?))
        })
        .collect()
}

/// Stores the same code, sealed with the current key.
///
/// # Errors
/// [`StoreError::SealedWithOldKey`] if it is not the current key.
pub async fn seal_again(tx: &mut Write, of: &CodeOf, sealed: &Sealed) -> Result<(), StoreError> {
    data_keys::check_sealed(tx, &sealed.key_id).await?;
    sql::query(
        "UPDATE connector_code SET key_id = ?, nonce = ?, sealed = ?
          WHERE team_id = ? AND workspace_id = ? AND connector_id = ? AND version = ?",
    )
    .bind(&sealed.key_id)
    .bind(&sealed.nonce)
    .bind(&sealed.bytes)
    .bind(of.team.to_string())
    .bind(of.workspace)
    .bind(of.connector)
    .bind(of.version)
    .execute(tx.database())
    .await?;
    Ok(())
}
