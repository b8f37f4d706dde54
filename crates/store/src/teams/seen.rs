//! The tables `watch` and `seen`: what was last read of each team's Workato.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use crate::{
    BadRow, OperationSummary, Read, RowFault, RowKey, StoreError, Target, TargetType, TeamId, Write,
    log::operations,
    rows::{
        cells::{Cell, Checked, Fields},
        row_key::IsCurrent,
        tables::{SEEN, WATCH},
    },
    sql,
    values::{micros, parsed},
};

/// When each team's Workato was last compared, in microseconds since 1970.
pub async fn compared(conn: &mut Read) -> Result<BTreeMap<TeamId, i64>, StoreError> {
    let rows: Vec<(String, i64)> =
        sql::query_as("SELECT team_id, compared_at FROM watch").fetch_all(conn.database()).await?;
    rows.into_iter().map(|(team, at)| Ok((parsed("team id", &team)?, at))).collect()
}

/// The state of watching a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// The fingerprint of the token that was used. Another token may see other things.
    pub fingerprint: String,
    pub compared_at: OffsetDateTime,
}

/// A connector with its shared version, or a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub kind: TargetType,
    pub id: i64,
    pub name: Option<String>,
    pub shared_version: Option<i64>,
    pub shared_at: Option<OffsetDateTime>,
}

impl Seen {
    pub fn target(&self) -> Target {
        Target::new(self.kind, self.id, self.name.as_deref())
    }

    /// The share, in the precision that is stored.
    pub fn share(&self) -> (Option<i64>, Option<i64>) {
        (self.shared_version, self.shared_at.map(micros))
    }
}

/// The fingerprint of a watch that has to begin again.
const NO_TOKEN: &str = "";

/// How a team is watched.
pub async fn watch(conn: &mut Read, team: TeamId) -> Result<Option<Watch>, StoreError> {
    row_of_watch(conn, team).await?.map(|row| read_watch(&row)).transpose()
}

async fn row_of_watch(conn: &mut Read, team: TeamId) -> Result<Option<Checked>, StoreError> {
    let row = sql::query("SELECT * FROM watch WHERE team_id = ?")
        .bind(team.to_string())
        .fetch_optional(conn.database())
        .await?;
    match (row, conn.row_key()) {
        (Some(row), key) => Ok(WATCH.check(key.as_ref(), Fields::of(&row)?)),
        (None, Some(key)) if was_watched(conn, team).await? => {
            key.report(&BadRow { table: WATCH.name, row: team.to_string(), fault: RowFault::Incomplete });
            Ok(None)
        }
        (None, _) => Ok(None),
    }
}

/// Whether the log says that the portal began to watch a team.
async fn was_watched(conn: &mut Read, team: TeamId) -> Result<bool, StoreError> {
    let found = sql::query(
        "SELECT 1 FROM operation
          WHERE team_id = ?1 AND target_type = 'team' AND target_id = ?1 AND action = 'team.watch' LIMIT 1",
    )
    .bind(team.to_string())
    .fetch_optional(conn.database())
    .await?;
    Ok(found.is_some())
}

fn read_watch(row: &Checked) -> Result<Watch, StoreError> {
    Ok(Watch { fingerprint: row.text("fingerprint")?.to_owned(), compared_at: row.instant("compared_at")? })
}

/// How a team is watched, and everything that was last seen of it. `None` as well if a row was changed, removed or put
/// back outside the portal: the team is then watched from the beginning.
pub async fn watch_and_all(conn: &mut Read, team: TeamId) -> Result<Option<(Watch, Vec<Seen>)>, StoreError> {
    let Some(watch) = row_of_watch(conn, team).await? else { return Ok(None) };
    let key = conn.row_key();
    let rows =
        sql::query("SELECT * FROM seen WHERE team_id = ?").bind(team.to_string()).fetch_all(conn.database()).await?;
    let mut checked = Vec::with_capacity(rows.len());
    for row in &rows {
        let Some(row) = SEEN.check(key.as_ref(), Fields::of(row)?) else { return Ok(None) };
        checked.push(row);
    }
    let mut macs = Vec::with_capacity(checked.len());
    for row in &checked {
        macs.push(row.bytes("mac")?);
    }
    if !is_complete(key.as_ref(), &watch, &macs)? {
        WATCH.report_incomplete(key.as_ref(), &watch);
        return Ok(None);
    }
    let all = checked.iter().map(|row| {
        Ok(Seen {
            kind: row.parsed("kind")?,
            id: row.number("id")?,
            name: row.opt_text("name")?.map(str::to_owned),
            shared_version: row.opt_number("shared_version")?,
            shared_at: row.opt_instant("shared_at")?,
        })
    });
    Ok(Some((read_watch(&watch)?, all.collect::<Result<_, StoreError>>()?)))
}

/// Whether the rows with these HMACs are those that the watch was written with.
fn is_complete(key: Option<&RowKey>, watch: &Checked, macs: &[&[u8]]) -> Result<bool, StoreError> {
    let Some(key) = key else { return Ok(true) };
    Ok(watch.number("seen_count")? == macs.len() as i64 && key.is_digest_of(watch.bytes("seen_digest")?, macs))
}

/// Begins to watch a team, or notes when it was compared, after the rows of what was seen were written.
pub async fn set_watch(tx: &mut Write, team: TeamId, watch: &Watch) -> Result<(), StoreError> {
    let key = tx.row_key().ok_or(StoreError::NoRowKey)?;
    let macs = macs(tx, team).await?;
    sql::query(
        "INSERT INTO watch (team_id, fingerprint, compared_at, seen_count, seen_digest, mac)
         VALUES (?1, ?2, ?3, ?4, ?5, zeroblob(32))
         ON CONFLICT (team_id) DO UPDATE
            SET fingerprint = ?2, compared_at = ?3, seen_count = ?4, seen_digest = ?5",
    )
    .bind(team.to_string())
    .bind(&watch.fingerprint)
    .bind(micros(watch.compared_at))
    .bind(macs.len() as i64)
    .bind(key.digest(macs.iter().map(Vec::as_slice)).to_vec())
    .execute(tx.database())
    .await?;
    WATCH.seal(tx, &[team.to_string().into()]).await
}

/// Notes when a team was compared, where nothing else changed.
pub async fn set_compared(tx: &mut Write, team: TeamId, at: OffsetDateTime) -> Result<(), StoreError> {
    let key = [team.to_string().into()];
    WATCH.guard(tx, &key).await?;
    sql::query("UPDATE watch SET compared_at = ? WHERE team_id = ?")
        .bind(micros(at))
        .bind(team.to_string())
        .execute(tx.database())
        .await?;
    WATCH.seal(tx, &key).await
}

/// How rows of what was seen have changed, for the watch that they belong to.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeenChanges {
    count: i64,
    digest: [u8; 32],
}

impl SeenChanges {
    fn add(&mut self, term: [u8; 32], count: i64) {
        self.count += count;
        for (sum, byte) in self.digest.iter_mut().zip(term) {
            *sum ^= byte;
        }
    }
}

/// Notes in the watch how its rows have changed. Rows that somebody removed or put back stay missing: the next
/// comparison finds them.
///
/// # Errors
/// [`StoreError::BadRow`] if the portal did not write the watch.
pub async fn note_changes(tx: &mut Write, team: TeamId, changes: &SeenChanges) -> Result<(), StoreError> {
    let row_key = [team.to_string().into()];
    WATCH.guard(tx, &row_key).await?;
    let Some(watch) = row_of_watch(tx, team).await? else { return Ok(()) };
    let digest = watch.bytes("seen_digest")?.iter().zip(changes.digest).map(|(sum, byte)| sum ^ byte);
    sql::query("UPDATE watch SET seen_count = seen_count + ?, seen_digest = ? WHERE team_id = ?")
        .bind(changes.count)
        .bind(digest.collect::<Vec<u8>>())
        .bind(team.to_string())
        .execute(tx.database())
        .await?;
    WATCH.seal(tx, &row_key).await
}

async fn macs(conn: &mut Read, team: TeamId) -> Result<Vec<Vec<u8>>, StoreError> {
    Ok(sql::query_scalar("SELECT mac FROM seen WHERE team_id = ?")
        .bind(team.to_string())
        .fetch_all(conn.database())
        .await?)
}

/// Writes what was seen. The watch is written after it, in the same transaction or, where it begins, a later one.
///
/// # Errors
/// [`StoreError::BadRow`] if the portal did not write the row that is replaced.
pub async fn put(tx: &mut Write, team: TeamId, seen: &Seen, changes: &mut SeenChanges) -> Result<(), StoreError> {
    take_out(tx, team, seen, changes).await?;
    let (shared_at, team) = (seen.shared_at.map(micros), team.to_string());
    let mac = SEEN.mac_of(
        tx,
        vec![
            ("team_id", Some(team.as_str().into())),
            ("kind", Some(seen.kind.as_str().into())),
            ("id", Some(seen.id.into())),
            ("name", seen.name.as_deref().map(Cell::from)),
            ("shared_version", seen.shared_version.map(Cell::from)),
            ("shared_at", shared_at.map(Cell::from)),
        ],
    )?;
    let key = tx.row_key().ok_or(StoreError::NoRowKey)?;
    changes.add(key.digest([mac.as_slice()]), 1);
    sql::query(
        "INSERT INTO seen (team_id, kind, id, name, shared_version, shared_at, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (team_id, kind, id)
             DO UPDATE SET name = ?4, shared_version = ?5, shared_at = ?6, mac = ?7",
    )
    .bind(team)
    .bind(seen.kind.as_str())
    .bind(seen.id)
    .bind(&seen.name)
    .bind(seen.shared_version)
    .bind(shared_at)
    .bind(mac)
    .execute(tx.database())
    .await?;
    Ok(())
}

/// Removes what is no longer there.
///
/// # Errors
/// [`StoreError::BadRow`] if the portal did not write the row.
pub async fn remove(tx: &mut Write, team: TeamId, seen: &Seen, changes: &mut SeenChanges) -> Result<(), StoreError> {
    take_out(tx, team, seen, changes).await?;
    sql::query("DELETE FROM seen WHERE team_id = ? AND kind = ? AND id = ?")
        .bind(team.to_string())
        .bind(seen.kind.as_str())
        .bind(seen.id)
        .execute(tx.database())
        .await?;
    Ok(())
}

/// Takes a row that is replaced or removed out of the digest.
async fn take_out(tx: &mut Write, team: TeamId, seen: &Seen, changes: &mut SeenChanges) -> Result<(), StoreError> {
    let key = tx.row_key().ok_or(StoreError::NoRowKey)?;
    let row = sql::query("SELECT * FROM seen WHERE team_id = ? AND kind = ? AND id = ?")
        .bind(team.to_string())
        .bind(seen.kind.as_str())
        .bind(seen.id)
        .fetch_optional(tx.database())
        .await?;
    let Some(row) = row else { return Ok(()) };
    let row = SEEN.check(Some(&key), Fields::of(&row)?);
    let row = row.ok_or_else(|| StoreError::BadRow("a row of what was seen of Workato is not used".to_owned()))?;
    changes.add(key.digest([row.bytes("mac")?]), -1);
    Ok(())
}

/// Forgets what was seen of a team, before it is watched with another token. A team that was watched keeps its row, for
/// a token that no team has: without the row somebody must have removed it.
pub async fn forget(tx: &mut Write, team: TeamId) -> Result<(), StoreError> {
    sql::query("DELETE FROM seen WHERE team_id = ?").bind(team.to_string()).execute(tx.database()).await?;
    let is_watched = sql::query("SELECT 1 FROM watch WHERE team_id = ?")
        .bind(team.to_string())
        .fetch_optional(tx.database())
        .await?
        .is_some();
    match is_watched {
        true => {
            let nothing = Watch { fingerprint: NO_TOKEN.to_owned(), compared_at: tx.now() };
            set_watch(tx, team, &nothing).await
        }
        false => Ok(()),
    }
}

/// Writes the HMACs of a team's watch and of everything that was seen of it with the current key, while the key is
/// rotated: the watch's digest depends on them. Rows that the portal did not write stay as they are, and so does the
/// watch that does not have all its rows.
///
/// # Errors
/// If the database cannot be written.
pub async fn follow_keys(tx: &mut Write, team: TeamId) -> Result<(), StoreError> {
    let Some(key) = tx.row_key().filter(RowKey::is_rotating) else { return Ok(()) };
    let row = sql::query("SELECT * FROM watch WHERE team_id = ?")
        .bind(team.to_string())
        .fetch_optional(tx.database())
        .await?;
    let Some(watch) = row.map(|row| Fields::of(&row)).transpose()? else { return Ok(()) };
    let rows =
        sql::query("SELECT * FROM seen WHERE team_id = ?").bind(team.to_string()).fetch_all(tx.database()).await?;
    let rows = rows.iter().map(Fields::of).collect::<Result<Vec<_>, _>>()?;
    let standings: Vec<_> = rows.iter().map(|row| SEEN.verify(&key, row)).collect();
    let is_current = |standing: &Option<IsCurrent>| *standing == Some(IsCurrent(true));
    let standing_of_watch = WATCH.verify(&key, &watch);
    if is_current(&standing_of_watch) && standings.iter().all(is_current) {
        return Ok(());
    }
    let mut macs = Vec::new();
    for row in &rows {
        if let Some(Cell::Bytes(mac)) = row.get("mac") {
            macs.push(mac.as_slice());
        }
    }
    let is_whole = standings.iter().all(Option::is_some)
        && watch.get("seen_count") == Some(&Cell::Number(rows.len() as i64))
        && matches!(watch.get("seen_digest"), Some(Cell::Bytes(digest)) if key.is_digest_of(digest, &macs));
    for (row, standing) in rows.iter().zip(&standings) {
        if let (Some(IsCurrent(false)), Some(kind), Some(id)) = (standing, row.get("kind"), row.get("id")) {
            SEEN.seal(tx, &[team.to_string().into(), kind.clone(), id.clone()]).await?;
        }
    }
    match (standing_of_watch, is_whole || watch.get("fingerprint") == Some(&Cell::from(NO_TOKEN))) {
        (Some(_), true) => {
            let watch = read_watch(&Checked::unsealed(watch))?;
            set_watch(tx, team, &watch).await
        }
        _ => Ok(()),
    }
}

/// The teams that have a watch.
///
/// # Errors
/// If the database cannot be read.
pub async fn watched(conn: &mut Read) -> Result<Vec<TeamId>, StoreError> {
    let ids: Vec<String> = sql::query_scalar("SELECT team_id FROM watch").fetch_all(conn.database()).await?;
    ids.iter().map(|id| parsed("team_id", id)).collect()
}

/// How many of the newest operations on a target are read.
const MORE_THAN_COULD_MATTER: i64 = 200;

/// The operations on a target that have an entry since then, oldest first.
pub async fn operations_since(
    conn: &mut Read,
    team: TeamId,
    target: &Target,
    since: OffsetDateTime,
) -> Result<Vec<OperationSummary>, StoreError> {
    let mut operations =
        operations::on_target(conn, Some(team), (target.kind, &target.id), MORE_THAN_COULD_MATTER).await?;
    operations.reverse();
    operations.retain(|operation| {
        let last = operation.last.as_ref().map_or(operation.at, |entry| entry.at);
        last >= since || operation.outcome.is_none()
    });
    Ok(operations)
}
