//! How much the index has: a quick look that finds missing documents and counts.

use sqlx::{Connection, Row, SqliteConnection};

use super::database::{Index, Progress};
use crate::StoreError;

/// How many documents, texts and counted operations an index has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inventory {
    /// Documents: how many, and the sum of their sequences.
    pub documents: (i64, i64),
    /// The same by the table of texts.
    pub texts: (i64, i64),
    /// How many operations the charts count.
    pub counted: i64,
}

impl Inventory {
    /// What an index of these operations has.
    #[must_use]
    pub fn of(operations: (i64, i64)) -> Self {
        Self { documents: operations, texts: operations, counted: operations.0 }
    }

    async fn read(conn: &mut SqliteConnection) -> Result<Self, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT count(*) FROM document), (SELECT coalesce(sum(sequence), 0) FROM document),
                    (SELECT count(*) FROM search_text_docsize), (SELECT coalesce(sum(id), 0) FROM search_text_docsize),
                    (SELECT coalesce(sum(operations), 0) FROM operation_count)",
        )
        .fetch_one(conn)
        .await?;
        Ok(Self {
            documents: (row.try_get(0)?, row.try_get(1)?),
            texts: (row.try_get(2)?, row.try_get(3)?),
            counted: row.try_get(4)?,
        })
    }
}

impl Index {
    /// How much the index has, and how far it is.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub async fn inventory(&self) -> Result<(Progress, Inventory), StoreError> {
        let mut conn = self.read().await?;
        let read = async {
            let mut tx = conn.connection.begin().await?;
            Ok((Progress::read(&mut tx).await?, Inventory::read(&mut tx).await?))
        };
        self.noticing(read.await)
    }
}
