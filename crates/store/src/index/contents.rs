//! What an index holds, in a form in which two can be compared: a fingerprint of each document with all its postings, and
//! the counts behind the charts. One side is read from the file, the other is made of the log's own documents.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasher, Hash, RandomState},
    path::Path,
};

use futures::TryStreamExt;
use sqlx::{Connection, Row, SqliteConnection};

use super::{
    counts::day_of,
    database::{FILE, Progress, SCHEMA},
    document::Document,
    documents::SPAN,
    facets::{ALL, facet_token},
};
use crate::{
    StoreError, Took,
    sqlite::{ROWS_AHEAD, readable},
    values::micros,
};

/// What makes fingerprints. Its keys are random, so that nobody can prepare two documents with the same one.
#[derive(Clone, Default)]
pub struct Fingerprints([RandomState; 2]);

impl Fingerprints {
    fn of(&self, value: impl Hash) -> u128 {
        let [high, low] = &self.0;
        (u128::from(high.hash_one(&value)) << 64) | u128::from(low.hash_one(&value))
    }
}

/// What an index holds.
pub struct Contents {
    fingerprints: Fingerprints,
    /// By sequence: the sum of the fingerprints of all its parts.
    documents: HashMap<i64, u128>,
    /// By day, team, actor, action and outcome.
    counts: BTreeMap<[String; 5], i64>,
    /// By day, team and time that it took.
    tooks: BTreeMap<[String; 3], i64>,
    /// The earliest and the latest beginning in each span.
    spans: BTreeMap<i64, (i64, i64)>,
}

/// Where two indexes differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// In the document of the operation that begins at this sequence.
    Document(i64),
    /// In the counts behind the charts.
    Counts,
    /// In the times of the operations from this sequence on.
    Times(i64),
}

impl Contents {
    /// An empty one, to be compared with what has the same fingerprints.
    #[must_use]
    pub fn new(fingerprints: &Fingerprints) -> Self {
        Self {
            fingerprints: fingerprints.clone(),
            documents: HashMap::new(),
            counts: BTreeMap::new(),
            tooks: BTreeMap::new(),
            spans: BTreeMap::new(),
        }
    }

    /// Adds a document as it should be.
    pub fn add(&mut self, document: &Document) {
        for (column, tokens) in [(0_i64, &document.actor), (1, &document.target), (2, &document.words)] {
            for (offset, token) in (0_i64..).zip(tokens) {
                self.part(document.sequence, (column, token.as_str(), offset));
            }
        }
        for exact in &document.exact {
            self.part(document.sequence, (3_i64, exact.token().as_str(), 0_i64));
        }
        for facet in document.facets.iter().map(String::as_str).chain([ALL]) {
            self.part(document.sequence, (4_i64, facet, 0_i64));
        }
        let (team, took) = (document.team.map(|team| team.to_string()), document.took.map(Took::as_str));
        let (at, outcome) = (micros(document.at), document.outcome.as_str());
        self.part(document.sequence, (team.as_deref(), at, outcome, took));
        let (day, team) = (day_of(document.at).to_string(), team.unwrap_or_default());
        let count = [&*day, &*team, &*document.counted_actor, document.action.as_str(), outcome].map(str::to_owned);
        *self.counts.entry(count).or_insert(0) += 1;
        if let Some(took) = took {
            *self.tooks.entry([day, team, took.to_owned()]).or_insert(0) += 1;
        }
        let span = self.spans.entry(document.sequence / SPAN).or_insert((at, at));
        *span = (span.0.min(at), span.1.max(at));
    }

    fn part(&mut self, sequence: i64, part: impl Hash) {
        let fingerprint = self.fingerprints.of(part);
        let document = self.documents.entry(sequence).or_insert(0);
        *document = document.wrapping_add(fingerprint);
    }

    /// Reads the index in a data folder, without writing there. `None` if there is none, or one of another format.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn read(folder: &Path, fingerprints: &Fingerprints) -> Result<Option<(Progress, Self)>, StoreError> {
        let path = folder.join(FILE);
        if !path.is_file() {
            return Ok(None);
        }
        let (options, _copy) = readable(&path)?;
        let mut conn = sqlx::ConnectOptions::connect(&options.row_buffer_size(ROWS_AHEAD)).await?;
        let found = async {
            let mut contents = Self::new(fingerprints);
            let mut tx = conn.begin().await?;
            // Before anything is read that an older format does not have.
            let format: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *tx).await?;
            if format != SCHEMA {
                return Ok(None);
            }
            let progress = Progress::read(&mut tx).await?;
            contents.read_postings(&mut tx).await?;
            contents.read_rows(&mut tx).await?;
            Ok(Some((progress, contents)))
        };
        let found = found.await;
        conn.close().await?;
        found
    }

    async fn read_postings(&mut self, conn: &mut SqliteConnection) -> Result<(), StoreError> {
        let mut facets = HashMap::new();
        for row in sqlx::query("SELECT code, word FROM facet").fetch_all(&mut *conn).await? {
            facets.insert(facet_token(row.try_get("code")?), row.try_get::<String, _>("word")?);
        }
        sqlx::query("CREATE VIRTUAL TABLE temp.posting USING fts5vocab (main, search_text, instance)")
            .execute(&mut *conn)
            .await?;
        let mut rows = sqlx::query("SELECT term, doc, col, \"offset\" FROM temp.posting").fetch(&mut *conn);
        while let Some(row) = rows.try_next().await? {
            let (token, sequence): (&str, i64) = (row.try_get(0)?, row.try_get(1)?);
            let (column, offset): (&str, i64) = (row.try_get(2)?, row.try_get(3)?);
            match column {
                "actor" => self.part(sequence, (0_i64, token, offset)),
                "target" => self.part(sequence, (1_i64, token, offset)),
                "words" => self.part(sequence, (2_i64, token, offset)),
                "exact" => self.part(sequence, (3_i64, token, 0_i64)),
                _ => {
                    let word = facets.get(token).map_or("", String::as_str);
                    self.part(sequence, (4_i64, word, 0_i64));
                }
            }
        }
        Ok(())
    }

    async fn read_rows(&mut self, conn: &mut SqliteConnection) -> Result<(), StoreError> {
        let mut rows = sqlx::query("SELECT sequence, team_id, at, outcome, took FROM document").fetch(&mut *conn);
        while let Some(row) = rows.try_next().await? {
            let (team, at): (Option<&str>, i64) = (row.try_get(1)?, row.try_get(2)?);
            let (outcome, took): (&str, Option<&str>) = (row.try_get(3)?, row.try_get(4)?);
            self.part(row.try_get(0)?, (team, at, outcome, took));
        }
        drop(rows);
        let counts =
            "SELECT day, team_id, actor, action, outcome, operations FROM operation_count WHERE operations <> 0";
        for row in sqlx::query(counts).fetch_all(&mut *conn).await? {
            let day: i64 = row.try_get(0)?;
            let count = [day.to_string(), row.try_get(1)?, row.try_get(2)?, row.try_get(3)?, row.try_get(4)?];
            self.counts.insert(count, row.try_get(5)?);
        }
        let tooks = "SELECT day, team_id, took, operations FROM operation_took WHERE operations <> 0";
        for row in sqlx::query(tooks).fetch_all(&mut *conn).await? {
            let day: i64 = row.try_get(0)?;
            self.tooks.insert([day.to_string(), row.try_get(1)?, row.try_get(2)?], row.try_get(3)?);
        }
        for row in sqlx::query("SELECT span, earliest, latest FROM span").fetch_all(&mut *conn).await? {
            self.spans.insert(row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?));
        }
        Ok(())
    }

    /// Leaves out the documents of operations that changed between the two readings, and with them the counts.
    pub fn leave_out(&mut self, sequences: &[i64]) {
        for sequence in sequences {
            self.documents.remove(sequence);
        }
        if !sequences.is_empty() {
            self.counts.clear();
            self.tooks.clear();
        }
    }

    /// How many documents there are.
    #[must_use]
    pub fn documents(&self) -> usize {
        self.documents.len()
    }

    /// The first difference between this, which is right, and what was found.
    #[must_use]
    pub fn difference(&self, found: &Self) -> Option<Difference> {
        let differs = |sequence: &&i64| self.documents.get(*sequence) != found.documents.get(*sequence);
        if let Some(sequence) = self.documents.keys().chain(found.documents.keys()).filter(differs).min() {
            return Some(Difference::Document(*sequence));
        }
        if self.counts != found.counts || self.tooks != found.tooks {
            return Some(Difference::Counts);
        }
        // A span may be wider than what it holds, which costs time and hides nothing.
        let is_covered = |(span, (earliest, latest)): (&i64, &(i64, i64))| {
            found.spans.get(span).is_some_and(|found| found.0 <= *earliest && found.1 >= *latest)
        };
        let span = self.spans.iter().find(|span| !is_covered(*span))?;
        Some(Difference::Times(span.0 * SPAN))
    }
}
