//! The tables `connector_pair` and `promotion`: which connectors of two teams are counterparts, and which versions were
//! promoted from one to the other. What a promotion does is in its entry; its row finds that entry.

use time::OffsetDateTime;

use crate::{
    Entry, OperationId, Read, StoreError, TeamId, Write,
    rows::{
        cells::{Cell, Checked, Fields},
        tables::{CONNECTOR_PAIR, PROMOTION},
    },
    sql::{self, Row},
    values::micros,
};

/// A connector in a team's workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectorIn {
    /// The team.
    pub team: TeamId,
    /// Workato's id of the workspace that the team's token opened; 0 if it was not known.
    pub workspace: i64,
    /// The connector.
    pub connector: i64,
}

/// A connector and its counterpart in another team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectorPair {
    /// Where versions come from.
    pub source: ConnectorIn,
    /// Where they are promoted to.
    pub target: ConnectorIn,
}

/// A promotion: its operation, and what it is between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PromotionRow {
    /// The operation of the entry that says what is promoted.
    pub id: OperationId,
    /// The connector that is promoted.
    pub source: ConnectorIn,
    /// The team that it is promoted to.
    pub team: TeamId,
    /// When it began.
    pub created_at: OffsetDateTime,
}

fn pair_key(source: &ConnectorIn, team: TeamId) -> [Cell; 4] {
    [source.team.to_string().into(), source.workspace.into(), source.connector.into(), team.to_string().into()]
}

/// The counterpart of a connector in a team.
pub async fn pair(conn: &mut Read, source: &ConnectorIn, team: TeamId) -> Result<Option<ConnectorPair>, StoreError> {
    let key = conn.row_key();
    let row = sql::query(
        "SELECT * FROM connector_pair
          WHERE source_team_id = ? AND source_workspace_id = ? AND source_connector_id = ? AND team_id = ?",
    )
    .bind(source.team.to_string())
    .bind(source.workspace)
    .bind(source.connector)
    .bind(team.to_string())
    .fetch_optional(conn.database())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let row = CONNECTOR_PAIR.check(key.as_ref(), Fields::of(&row)?);
    row.map(|row| read_pair(&row)).transpose()
}

fn read_pair(row: &Checked) -> Result<ConnectorPair, StoreError> {
    let target = ConnectorIn {
        team: row.parsed("team_id")?,
        workspace: row.number("workspace_id")?,
        connector: row.number("connector_id")?,
    };
    Ok(ConnectorPair { source: source_of(row)?, target })
}

fn source_of(row: &Checked) -> Result<ConnectorIn, StoreError> {
    Ok(ConnectorIn {
        team: row.parsed("source_team_id")?,
        workspace: row.number("source_workspace_id")?,
        connector: row.number("source_connector_id")?,
    })
}

/// Sets the counterpart of a connector, even if somebody forged the row that was there.
pub async fn set_pair(tx: &mut Write, pair: &ConnectorPair, told: &Entry) -> Result<(), StoreError> {
    let (source, target) = (&pair.source, &pair.target);
    sql::query(
        "INSERT INTO connector_pair
                (source_team_id, source_workspace_id, source_connector_id, team_id, workspace_id, connector_id,
                 recorded_in, mac)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, zeroblob(32))
         ON CONFLICT (source_team_id, source_workspace_id, source_connector_id, team_id) DO UPDATE
            SET workspace_id = ?5, connector_id = ?6, recorded_in = ?7",
    )
    .bind(source.team.to_string())
    .bind(source.workspace)
    .bind(source.connector)
    .bind(target.team.to_string())
    .bind(target.workspace)
    .bind(target.connector)
    .bind(told.sequence)
    .execute(tx.database())
    .await?;
    CONNECTOR_PAIR.seal(tx, &pair_key(source, target.team)).await
}

/// Adds a promotion, which the entry `told` describes.
pub async fn insert(tx: &mut Write, source: &ConnectorIn, team: TeamId, told: &Entry) -> Result<(), StoreError> {
    sql::query(
        "INSERT INTO promotion
                (id, source_team_id, source_workspace_id, source_connector_id, team_id, created_at, recorded_in, mac)
         VALUES (?, ?, ?, ?, ?, ?, ?, zeroblob(32))",
    )
    .bind(told.operation_id.to_string())
    .bind(source.team.to_string())
    .bind(source.workspace)
    .bind(source.connector)
    .bind(team.to_string())
    .bind(micros(told.at))
    .bind(told.sequence)
    .execute(tx.database())
    .await?;
    PROMOTION.seal(tx, &[told.operation_id.to_string().into()]).await
}

/// A promotion.
pub async fn find(conn: &mut Read, id: OperationId) -> Result<Option<PromotionRow>, StoreError> {
    let key = conn.row_key();
    let row =
        sql::query("SELECT * FROM promotion WHERE id = ?").bind(id.to_string()).fetch_optional(conn.database()).await?;
    let Some(row) = row else { return Ok(None) };
    let row = PROMOTION.check(key.as_ref(), Fields::of(&row)?);
    row.map(|row| read_promotion(&row)).transpose()
}

/// The promotions of a connector to a team, newest first.
pub async fn of_pair(
    conn: &mut Read,
    source: &ConnectorIn,
    team: TeamId,
    limit: i64,
) -> Result<Vec<PromotionRow>, StoreError> {
    let key = conn.row_key();
    let rows = sql::query(
        "SELECT * FROM promotion
          WHERE source_team_id = ? AND source_workspace_id = ? AND source_connector_id = ? AND team_id = ?
          ORDER BY recorded_in DESC LIMIT ?",
    )
    .bind(source.team.to_string())
    .bind(source.workspace)
    .bind(source.connector)
    .bind(team.to_string())
    .bind(limit)
    .fetch_all(conn.database())
    .await?;
    read_all(key.as_ref(), &rows)
}

/// The promotions that began after this time, newest first.
pub async fn since(conn: &mut Read, at: OffsetDateTime, limit: i64) -> Result<Vec<PromotionRow>, StoreError> {
    let key = conn.row_key();
    let rows = sql::query("SELECT * FROM promotion WHERE created_at > ? ORDER BY created_at DESC LIMIT ?")
        .bind(micros(at))
        .bind(limit)
        .fetch_all(conn.database())
        .await?;
    read_all(key.as_ref(), &rows)
}

fn read_all(key: Option<&crate::RowKey>, rows: &[Row]) -> Result<Vec<PromotionRow>, StoreError> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(row) = PROMOTION.check(key, Fields::of(row)?) {
            found.push(read_promotion(&row)?);
        }
    }
    Ok(found)
}

fn read_promotion(row: &Checked) -> Result<PromotionRow, StoreError> {
    Ok(PromotionRow {
        id: row.parsed("id")?,
        source: source_of(row)?,
        team: row.parsed("team_id")?,
        created_at: row.instant("created_at")?,
    })
}
