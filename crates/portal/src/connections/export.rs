//! Exporting connections as a file for spreadsheets: all pages of the filtered list, in its order. The export is in the
//! log before the first byte is sent.

use std::{collections::HashSet, sync::Arc};

use time::{format_description::well_known::Rfc3339, macros::format_description};
use workato::{Connection, ConnectionId, List, Timestamp};

use super::{FilterInput, filtered, of_runtime_users};
use crate::{
    Error, Portal, Result, TeamReader,
    audit::{Action, Draft},
    gathering::Exports,
    spreadsheet::{BYTE_ORDER_MARK, write_rows},
    upstream::{Names, Snapshot},
};

/// How many connections one piece of the file has.
const CHUNK: usize = 500;

/// What a cell has whose value could not be read.
const UNREADABLE: &str = "unreadable";

const COLUMNS: [&str; 19] = [
    "id",
    "name",
    "application",
    "status",
    "authorization_error",
    "authorized_at",
    "lost_at",
    "lost_reason",
    "folder_id",
    "folder",
    "tags",
    "tag_handles",
    "external_id",
    "parent_id",
    "runtime_user",
    "description",
    "created_at",
    "updated_at",
    "team",
];

/// A file of connections: positions in the copy that everybody shares, written piece by piece.
#[derive(Debug)]
pub struct ConnectionsFile {
    /// The file's name, with the team and the day.
    pub name: String,
    team: String,
    snapshot: Arc<Snapshot<List<Connection>>>,
    places: Vec<usize>,
    of_runtime_users: HashSet<ConnectionId>,
    names: Arc<Names>,
}

impl Portal {
    /// Exports the filtered list. Records the export first.
    ///
    /// # Errors
    /// `Invalid` for an invalid filter, `Workato` if the list cannot be read, `LogUnavailable` if the log cannot be
    /// written.
    pub async fn export_connections(
        self: &Arc<Self>,
        reader: &TeamReader,
        input: &FilterInput,
    ) -> Result<ConnectionsFile> {
        let now = self.now();
        let filter = input.read(now).map_err(Error::Invalid)?;
        let workato = self.workato(reader.team(), reader.actor()).await?;
        let recipes = self.recipes_for(reader, &filter).await.read;
        let (snapshot, places) = filtered(&workato, &filter, recipes).await?;
        let of_runtime_users = of_runtime_users(&workato, &filter, &snapshot, &places).await?;
        let names = workato.names().await;
        let draft = Draft::recorded(reader.actor().entry_actor(), Action::ConnectionExport)
            .team(reader.team().entry_team())
            .parameter("filter", input.in_force())
            .parameter("count", places.len());
        let draft = match snapshot.items.left_out {
            0 => draft,
            left_out => draft.parameter("left_out", left_out),
        };
        let exports = Exports { gatherer: &self.gatherer, person: reader.actor().id() };
        let team = Some(reader.team().id);
        if !exports.admit(Action::ConnectionExport, team, &draft)? {
            self.record(draft.clone()).await.map_err(Error::LogUnavailable)?;
            exports.wrote(Action::ConnectionExport, team, &draft);
        }
        let day = now.date().format(format_description!("[year]-[month]-[day]")).unwrap_or_default();
        let team = reader.team().slug.to_string();
        let name = format!("connections-{team}-{day}.csv");
        Ok(ConnectionsFile { name, team, snapshot, places, of_runtime_users, names })
    }
}

impl ConnectionsFile {
    /// The number of connections in it.
    #[must_use]
    pub fn count(&self) -> usize {
        self.places.len()
    }

    /// The file in pieces.
    pub fn chunks(self) -> impl Iterator<Item = std::io::Result<Vec<u8>>> + Send + 'static {
        let pieces = self.places.len().div_ceil(CHUNK);
        let head = std::iter::once_with(|| {
            let mut text = BYTE_ORDER_MARK.as_bytes().to_vec();
            text.extend(written([COLUMNS.map(str::to_owned)])?);
            Ok(text)
        });
        let rows = (0..pieces).map(move |piece| {
            let places = self.places[piece * CHUNK..].iter().take(CHUNK);
            written(places.filter_map(|place| self.snapshot.items.get(*place)).map(|one| self.cells(one)))
        });
        head.chain(rows)
    }

    fn cells(&self, connection: &Connection) -> [String; COLUMNS.len()] {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let tags = connection.tags.as_deref().unwrap_or_default();
        let titles: Vec<&str> = tags.iter().map(|tag| self.names.tag(tag)).collect();
        let handles: Vec<&str> = tags.iter().map(workato::TagHandle::as_str).collect();
        let folder = connection.folder_id.and_then(|id| self.names.folder(id));
        let mut cells = [
            connection.id.to_string(),
            text(&connection.name),
            text(&connection.application),
            connection.authorization_status.as_ref().map_or("", |status| status.as_str()).to_owned(),
            text(&connection.authorization_error),
            moment(connection.authorized_at),
            moment(connection.connection_lost_at),
            text(&connection.connection_lost_reason),
            connection.folder_id.map(|id| id.to_string()).unwrap_or_default(),
            folder.map(str::to_owned).unwrap_or_default(),
            titles.join("; "),
            handles.join("; "),
            text(&connection.external_id),
            connection.parent_id.map(|id| id.to_string()).unwrap_or_default(),
            if self.of_runtime_users.contains(&connection.id) { "yes" } else { "no" }.to_owned(),
            text(&connection.description),
            moment(connection.created_at),
            moment(connection.updated_at),
            self.team.clone(),
        ];
        for field in connection.unreadable.iter() {
            if let Some(at) = COLUMNS.iter().position(|column| *column == column_of(field)) {
                // The tags that can be read stay.
                let cell = &mut cells[at];
                *cell = if cell.is_empty() { UNREADABLE.to_owned() } else { format!("{cell}; {UNREADABLE}") };
            }
        }
        cells
    }
}

/// The column that shows a field of Workato's.
fn column_of(field: &str) -> &str {
    match field {
        "authorization_status" => "status",
        "connection_lost_at" => "lost_at",
        "connection_lost_reason" => "lost_reason",
        "provider" => "application",
        field => field,
    }
}

fn written(rows: impl IntoIterator<Item = [String; COLUMNS.len()]>) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    write_rows(rows, &mut text).map_err(std::io::Error::other)?;
    Ok(text)
}

fn moment(at: Option<Timestamp>) -> String {
    at.and_then(|at| at.get().to_offset(time::UtcOffset::UTC).format(&Rfc3339).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, sync::Arc};

    use workato::Connection;

    use super::{CHUNK, ConnectionsFile};
    use crate::{
        spreadsheet::{BYTE_ORDER_MARK, first_formula},
        upstream::{Names, Snapshot},
    };

    fn file(items: Vec<Connection>) -> ConnectionsFile {
        let (began_at, read_at) = (time::OffsetDateTime::now_utc(), time::OffsetDateTime::now_utc());
        ConnectionsFile {
            name: String::new(),
            team: "payments".to_owned(),
            places: (0..items.len()).collect(),
            of_runtime_users: HashSet::from([items.last().expect("one").id]),
            snapshot: Arc::new(Snapshot { items: items.into(), began_at, read_at, waited: std::time::Duration::ZERO }),
            names: Arc::new(Names::default()),
        }
    }

    fn text(file: ConnectionsFile) -> String {
        String::from_utf8(file.chunks().collect::<Result<Vec<_>, _>>().unwrap().concat()).unwrap()
    }

    fn read(file: ConnectionsFile) -> Vec<csv::StringRecord> {
        let text = text(file);
        let text = text.strip_prefix(BYTE_ORDER_MARK).expect("the mark of UTF-8");
        csv::Reader::from_reader(text.as_bytes()).records().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn every_connection_is_a_row_however_many_pieces_there_are() {
        let connection = |id: usize| serde_json::from_str(&format!(r#"{{"id":{id},"name":"Nº {id}"}}"#)).unwrap();
        let rows = read(file((1..=2 * CHUNK + 1).map(connection).collect()));
        assert_eq!(rows.len(), 2 * CHUNK + 1);
        assert_eq!((&rows[CHUNK][0], &rows[CHUNK][1]), ("501", "Nº 501"));
        assert_eq!((&rows[CHUNK][14], &rows[2 * CHUNK][14]), ("no", "yes"));
    }

    #[test]
    fn a_field_that_cannot_be_read_is_marked_in_its_cell_and_in_no_other() {
        let json =
            r#"{"id":1,"name":{},"folder_id":"home","authorization_status":[],"tags":["tag-1",{}],"updated_at":""}"#;
        let rows = read(file(vec![serde_json::from_str(json).unwrap()]));
        let marked: Vec<_> = (0..rows[0].len()).filter(|at| rows[0][*at].contains("unreadable")).collect();
        assert_eq!(marked, [1, 3, 8, 10, 17]);
        assert_eq!((&rows[0][1], &rows[0][10]), ("unreadable", "tag-1; unreadable"));
    }

    #[test]
    fn no_cell_is_a_formula_if_a_spreadsheet_assumes_another_separator() {
        let names = ["Acme;=1+1;x", "Acme\t=1+1", "Acme, =1+1", "Acme\r\n＝1+1", "Acme;\"=1+1\"", "＝1+1", "x|@A1"];
        let connection = |name: &&str| {
            serde_json::from_value(serde_json::json!({ "id": 1, "name": name, "description": name, "tags": [name] }))
                .unwrap()
        };
        let text = text(file(names.iter().map(connection).collect()));
        assert_eq!(first_formula(&text), None, "{text}");
        assert_eq!(&read(file(names.iter().map(connection).collect()))[0][1], "Acme;'=1+1;x");
    }

    #[test]
    fn no_cell_is_a_formula_and_line_breaks_stay_in_their_cell() {
        let json = r#"{"id":1,"name":"=HYPERLINK(\"https://evil.example\")","application":"+x","authorization_status":
            "-1","authorization_error":"@SUM(A1)","connection_lost_reason":"\tx","external_id":"-7","description":"a\n=b",
            "tags":["=tag"],"updated_at":"2020-12-23T14:11:18.052-08:00"}"#;
        assert_eq!(first_formula(&text(file(vec![serde_json::from_str(json).unwrap()]))), None);
        let rows = read(file(vec![serde_json::from_str(json).unwrap()]));
        assert_eq!(&rows[0][1], "'=HYPERLINK(\"https://evil.example\")");
        assert_eq!(&rows[0][15], "a\n'=b");
        assert_eq!(&rows[0][17], "2020-12-23T22:11:18.052Z");
    }
}
