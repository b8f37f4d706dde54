//! The table `recovery_codes`: the codes that a person has not used yet, as keyed hashes.

use crate::{
    Entry, PersonId, Read, StoreError, Write,
    rows::{
        cells::{Cell, Checked, Fields},
        tables::RECOVERY_CODES,
    },
    sql,
};

/// The length of a hash.
const HASH: usize = 32;

/// The keyed hashes of a person's unused codes. Empty if the row is not the portal's own, or an older one.
pub async fn of_person(conn: &mut Read, person: PersonId) -> Result<Vec<[u8; HASH]>, StoreError> {
    let row = sql::query(
        "SELECT recovery_codes.*, 'log' AS \"table\",
                (SELECT sequence FROM operation INDEXED BY operation_on_person
                  WHERE target_type = 'person' AND outcome = 'succeeded' AND target_id = recovery_codes.person_id
                    AND team_id IS NULL AND action IN ('recovery.create', 'recovery.use')
                  ORDER BY sequence DESC LIMIT 1) AS newest
           FROM recovery_codes WHERE person_id = ?",
    )
    .bind(person.to_string())
    .fetch_optional(conn.database())
    .await?;
    let Some(row) = row else { return Ok(Vec::new()) };
    let mut parts = Fields::parts(&row)?.into_iter();
    let (Some(row), Some(log)) = (parts.next(), parts.next()) else { return Ok(Vec::new()) };
    let key = conn.row_key();
    let Some(row) = RECOVERY_CODES.check(key.as_ref(), row) else { return Ok(Vec::new()) };
    let newest = Checked::unsealed(log).opt_number("newest")?;
    let Some(row) = RECOVERY_CODES.check_newest(key.as_ref(), row, newest)? else { return Ok(Vec::new()) };
    let (hashes, _) = row.bytes("hashes")?.as_chunks::<HASH>();
    Ok(hashes.to_vec())
}

/// Replaces a person's codes. `told` is the entry that records it.
pub async fn set(tx: &mut Write, person: PersonId, hashes: &[[u8; HASH]], told: &Entry) -> Result<(), StoreError> {
    sql::query(
        "INSERT INTO recovery_codes (person_id, hashes, left_over, recorded_in, mac) VALUES (?, ?, ?, ?, zeroblob(32))
         ON CONFLICT (person_id) DO UPDATE
            SET hashes = excluded.hashes, left_over = excluded.left_over, recorded_in = excluded.recorded_in",
    )
    .bind(person.to_string())
    .bind(hashes.as_flattened())
    .bind(i64::try_from(hashes.len()).unwrap_or(i64::MAX))
    .bind(told.sequence)
    .execute(tx.database())
    .await?;
    let key: [Cell; 1] = [person.to_string().into()];
    RECOVERY_CODES.seal(tx, &key).await
}

pub async fn remove(tx: &mut Write, person: PersonId) -> Result<(), StoreError> {
    sql::query("DELETE FROM recovery_codes WHERE person_id = ?")
        .bind(person.to_string())
        .execute(tx.database())
        .await?;
    Ok(())
}
