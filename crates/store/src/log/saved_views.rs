//! The table `saved_view`.

use time::OffsetDateTime;

use crate::{
    Entry, PersonId, Read, SavedViewId, StoreError, Target, TargetType, TeamId, Write,
    rows::{
        cells::{Cell, Checked, Fields},
        tables::SAVED_VIEW,
    },
    sql::{self, Row},
    values::micros,
    words,
};

words! {
    /// The kind of list that a view is of.
    pub enum ViewedList {
        /// The audit log, of all teams.
        Audit => "audit",
        /// A team's connections.
        Connections => "connections",
        /// A team's connectors.
        Connectors => "connectors",
    }
}

/// A saved view of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    /// Its id.
    pub id: SavedViewId,
    /// Its owner.
    pub person: PersonId,
    /// The owner's name.
    pub owner: String,
    /// The kind of list that it shows.
    pub list: ViewedList,
    /// The team whose list it is. `None` for the audit log.
    pub team: Option<TeamId>,
    /// Its name.
    pub name: String,
    /// What it shows: the text of the audit log's search box, or the query of a team's list.
    pub query: String,
    /// Whether everybody who sees the list sees the view.
    pub shared: bool,
}

impl SavedView {
    /// The view as the log names it.
    #[must_use]
    pub fn target(&self) -> Target {
        Target::new(TargetType::View, self.id, Some(&self.name))
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT saved_view.*, 'log' AS \"table\", person.name AS owner,
                    (SELECT sequence FROM operation
                      WHERE team_id IS saved_view.team_id AND target_type = 'view' AND target_id = saved_view.id
                        AND outcome = 'succeeded'
                      ORDER BY sequence DESC LIMIT 1) AS newest
               FROM saved_view JOIN person ON person.id = saved_view.person_id ",
            $rest
        )
    };
}

const OF_LIST: &str = select!(
    "WHERE list = ?1 AND team_id IS ?2 AND (person_id = ?3 OR shared = 1)
     ORDER BY person_id <> ?3, lower(saved_view.name), saved_view.id
     LIMIT ?4"
);

const OF_EVERY_LIST: &str = select!(
    "WHERE person_id = ?1 OR shared = 1
     ORDER BY person_id <> ?1, lower(saved_view.name), saved_view.id"
);

/// A person's own views of a list by name, then those that others share; at most `most`.
pub async fn of_list(
    conn: &mut Read,
    list: ViewedList,
    team: Option<TeamId>,
    person: PersonId,
    most: Option<u32>,
) -> Result<Vec<SavedView>, StoreError> {
    let query = sql::query(OF_LIST).bind(list.as_str()).bind(team.map(|team| team.to_string()));
    let rows = query.bind(person.to_string()).bind(most.map_or(i64::MAX, i64::from)).fetch_all(conn.database()).await?;
    views(conn, &rows)
}

/// A person's own views of every list by name, then those that others share, of all teams.
pub async fn of_every_list(conn: &mut Read, person: PersonId) -> Result<Vec<SavedView>, StoreError> {
    let rows = sql::query(OF_EVERY_LIST).bind(person.to_string()).fetch_all(conn.database()).await?;
    views(conn, &rows)
}

pub async fn find(conn: &mut Read, id: SavedViewId) -> Result<Option<SavedView>, StoreError> {
    let row =
        sql::query(select!("WHERE saved_view.id = ?")).bind(id.to_string()).fetch_optional(conn.database()).await?;
    row.map_or(Ok(None), |row| view(conn, &row))
}

/// How many views of this list the owner of `view` has, and whether another of them has its name.
pub async fn kept(conn: &mut Read, view: &SavedView) -> Result<(i64, bool), StoreError> {
    Ok(sql::query_as(
        "SELECT count(*), count(*) FILTER (WHERE name = ?4 AND id <> ?5) > 0 FROM saved_view
          WHERE person_id = ?1 AND list = ?2 AND coalesce(team_id, '') = coalesce(?3, '')",
    )
    .bind(view.person.to_string())
    .bind(view.list.as_str())
    .bind(view.team.map(|team| team.to_string()))
    .bind(&view.name)
    .bind(view.id.to_string())
    .fetch_one(conn.database())
    .await?)
}

/// How many views of a list are shared.
pub async fn shared(conn: &mut Read, list: ViewedList, team: Option<TeamId>) -> Result<i64, StoreError> {
    Ok(sql::query_scalar("SELECT count(*) FROM saved_view WHERE list = ? AND team_id IS ? AND shared = 1")
        .bind(list.as_str())
        .bind(team.map(|team| team.to_string()))
        .fetch_one(conn.database())
        .await?)
}

/// Saves a view. If it is shared, this entry records it.
pub async fn insert(
    tx: &mut Write,
    view: &SavedView,
    told: Option<&Entry>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sql::query(
        "INSERT INTO saved_view (id, person_id, list, team_id, name, query, shared, created_at, recorded_in, mac)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, zeroblob(32))",
    )
    .bind(view.id.to_string())
    .bind(view.person.to_string())
    .bind(view.list.as_str())
    .bind(view.team.map(|team| team.to_string()))
    .bind(&view.name)
    .bind(&view.query)
    .bind(view.shared)
    .bind(micros(told.map_or(now, |told| told.at)))
    .bind(told.map(|told| told.sequence))
    .execute(tx.database())
    .await?;
    SAVED_VIEW.seal(tx, &key(view.id)).await
}

pub async fn rename(tx: &mut Write, id: SavedViewId, name: &str, told: Option<&Entry>) -> Result<(), StoreError> {
    SAVED_VIEW.guard(tx, &key(id)).await?;
    sql::query("UPDATE saved_view SET name = ?, recorded_in = ? WHERE id = ?")
        .bind(name)
        .bind(told.map(|told| told.sequence))
        .bind(id.to_string())
        .execute(tx.database())
        .await?;
    SAVED_VIEW.seal(tx, &key(id)).await
}

pub async fn remove(tx: &mut Write, id: SavedViewId) -> Result<(), StoreError> {
    sql::query("DELETE FROM saved_view WHERE id = ?").bind(id.to_string()).execute(tx.database()).await?;
    Ok(())
}

/// The views of rows that the portal wrote.
fn views(conn: &Read, rows: &[Row]) -> Result<Vec<SavedView>, StoreError> {
    let mut views = Vec::new();
    for row in rows {
        views.extend(view(conn, row)?);
    }
    Ok(views)
}

/// A view, if the portal wrote its row and no later entry has changed it.
fn view(conn: &Read, row: &Row) -> Result<Option<SavedView>, StoreError> {
    let mut parts = Fields::parts(row)?.into_iter();
    let (Some(row), Some(log)) = (parts.next(), parts.next()) else { return Ok(None) };
    let (key, log) = (conn.row_key(), Checked::unsealed(log));
    let Some(row) = SAVED_VIEW.check(key.as_ref(), row) else { return Ok(None) };
    let Some(row) = SAVED_VIEW.check_newest(key.as_ref(), row, log.opt_number("newest")?)? else {
        return Ok(None);
    };
    let team = match row.opt_text("team_id")? {
        Some(_) => Some(row.parsed("team_id")?),
        None => None,
    };
    Ok(Some(SavedView {
        id: row.parsed("id")?,
        person: row.parsed("person_id")?,
        owner: log.text("owner")?.to_owned(),
        list: row.parsed("list")?,
        team,
        name: row.text("name")?.to_owned(),
        query: row.text("query")?.to_owned(),
        shared: row.number("shared")? != 0,
    }))
}

fn key(id: SavedViewId) -> [Cell; 1] {
    [id.to_string().into()]
}
