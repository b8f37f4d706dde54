//! The table `team_token`: sealed tokens.

use time::OffsetDateTime;

use crate::{
    Entry, Read, Sealed, StoreError, TeamId, Write, data_keys,
    rows::{
        cells::{Checked, Fields},
        tables::TEAM_TOKEN,
    },
    sql,
    values::micros,
};

/// Sets or replaces a team's token, even if somebody forged the row that was there.
pub async fn set(
    tx: &mut Write,
    team: TeamId,
    sealed: &Sealed,
    fingerprint: &str,
    told: &Entry,
) -> Result<(), StoreError> {
    data_keys::check_sealed(tx, &sealed.key_id).await?;
    sql::query(
        "INSERT INTO team_token (team_id, key_id, nonce, sealed, fingerprint, set_at, recorded_in, mac)
         VALUES (?, ?, ?, ?, ?, ?, ?, zeroblob(32))
         ON CONFLICT (team_id) DO UPDATE
            SET key_id = excluded.key_id, nonce = excluded.nonce, sealed = excluded.sealed,
                fingerprint = excluded.fingerprint, set_at = excluded.set_at, refused_at = NULL,
                last_used_at = NULL, recorded_in = excluded.recorded_in",
    )
    .bind(team.to_string())
    .bind(&sealed.key_id)
    .bind(&sealed.nonce)
    .bind(&sealed.bytes)
    .bind(fingerprint)
    .bind(micros(told.at))
    .bind(told.sequence)
    .execute(tx.database())
    .await?;
    TEAM_TOKEN.seal(tx, &[team.to_string().into()]).await
}

/// A team's sealed token, if the portal wrote it and it was not replaced since.
pub async fn get(conn: &mut Read, team: TeamId) -> Result<Option<Sealed>, StoreError> {
    let row = sql::query(
        "SELECT team_token.*, 'log' AS \"table\",
                (SELECT sequence FROM operation
                  WHERE team_id = team_token.team_id AND target_type = 'team' AND target_id = team_token.team_id
                    AND outcome = 'succeeded' AND action IN ('team.token.set', 'team.token.replace', 'team.token.refuse', 'team.token.accept',
                                'team.token.withdraw', 'team.retire')
                  ORDER BY sequence DESC LIMIT 1) AS newest
           FROM team_token WHERE team_id = ?",
    )
    .bind(team.to_string())
    .fetch_optional(conn.database())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut parts = Fields::parts(&row)?.into_iter();
    let (Some(row), Some(log)) = (parts.next(), parts.next()) else { return Ok(None) };
    let Some(row) = checked(conn, row, log)? else { return Ok(None) };
    Ok(Some(Sealed {
        key_id: row.text("key_id")?.to_owned(),
        nonce: row.bytes("nonce")?.to_vec(),
        bytes: row.bytes("sealed")?.to_vec(),
    }))
}

/// A token's row, if the portal wrote it and it was not replaced since.
pub(super) fn checked(conn: &Read, row: Fields, log: Fields) -> Result<Option<Checked>, StoreError> {
    let key = conn.row_key();
    let newest = Checked::unsealed(log).opt_number("newest")?;
    TEAM_TOKEN.check(key.as_ref(), row).map_or(Ok(None), |row| TEAM_TOKEN.check_newest(key.as_ref(), row, newest))
}

/// Notes that Workato refuses a team's token, or with `refused` false that it accepts it again.
pub async fn set_refused(tx: &mut Write, team: TeamId, refused: bool, told: &Entry) -> Result<(), StoreError> {
    let key = [team.to_string().into()];
    TEAM_TOKEN.guard(tx, &key).await?;
    sql::query("UPDATE team_token SET refused_at = ?, recorded_in = ? WHERE team_id = ?")
        .bind(refused.then(|| micros(told.at)))
        .bind(told.sequence)
        .bind(team.to_string())
        .execute(tx.database())
        .await?;
    TEAM_TOKEN.seal(tx, &key).await
}

/// Notes when a token was last used.
pub async fn touch(tx: &mut Write, team: TeamId, now: OffsetDateTime) -> Result<(), StoreError> {
    sql::query("UPDATE team_token SET last_used_at = ? WHERE team_id = ?")
        .bind(micros(now))
        .bind(team.to_string())
        .execute(tx.database())
        .await?;
    Ok(())
}

/// Destroys a team's token.
pub async fn remove(tx: &mut Write, team: TeamId) -> Result<(), StoreError> {
    sql::query("DELETE FROM team_token WHERE team_id = ?").bind(team.to_string()).execute(tx.database()).await?;
    Ok(())
}
