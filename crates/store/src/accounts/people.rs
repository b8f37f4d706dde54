//! The table `person`.

use time::OffsetDateTime;

use crate::{
    Entry, FactorId, PersonId, PortalRole, Read, StoreError, Target, TargetType, Write,
    rows::{
        cells::{Cell, Checked, Fields},
        tables::PERSON,
    },
    sql::{self, Row},
    values::{micros, parsed},
};

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The id, which never changes.
    pub id: PersonId,
    /// The e-mail, in lower case.
    pub email: String,
    /// The name.
    pub name: String,
    /// The role in the whole portal.
    pub role: PortalRole,
    /// Whether the person can sign in: with a password, or with an account at the provider.
    pub joined: bool,
    /// The account at an OpenID Connect provider, which takes the place of a password: issuer and subject, separated by
    /// a space.
    pub subject: Option<String>,
    /// Since when the person cannot sign in, if so.
    pub disabled_at: Option<OffsetDateTime>,
    /// The second factors, oldest first.
    pub factors: Vec<FactorId>,
    /// When the person was created.
    pub created_at: OffsetDateTime,
}

impl Person {
    /// The person as the log names them.
    #[must_use]
    pub fn target(&self) -> Target {
        Target::new(TargetType::Person, self.id, Some(&self.name))
    }

    /// The second factors as they are stored and as entries name them: their ids, separated by spaces.
    #[must_use]
    pub fn factors_text(&self) -> String {
        self.factors.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT person.*, 'log' AS \"table\",
                    (SELECT sequence FROM operation INDEXED BY operation_on_person
                      WHERE target_type = 'person' AND outcome = 'succeeded' AND target_id = person.id
                        AND team_id IS NULL
                        AND action IN ('person.invite', 'person.create', 'person.join', 'person.role',
                                       'person.disable', 'person.enable', 'person.password', 'person.release',
                                       'person.provider', 'factor.add', 'factor.remove')
                      ORDER BY sequence DESC LIMIT 1) AS newest
               FROM person ",
            $rest
        )
    };
}

const BY_ID: &str = select!("WHERE id = ?");
const BY_EMAIL: &str = select!("WHERE email = ?");
const BY_SUBJECT: &str = select!("WHERE subject = ?");
const LIST: &str = select!("ORDER BY lower(name), email");

/// Everybody, by name.
pub async fn list(conn: &mut Read) -> Result<Vec<Person>, StoreError> {
    let rows = sql::query(LIST).fetch_all(conn.database()).await?;
    let mut people = Vec::new();
    for row in &rows {
        if let Some(row) = checked(conn, row)? {
            people.push(person(&row)?);
        }
    }
    Ok(people)
}

/// Whether there is anybody, or ever was: if somebody removes everybody from the database, the portal does not set itself
/// up for a new admin.
pub async fn were_any(conn: &mut Read) -> Result<bool, StoreError> {
    Ok(sql::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM person)
             OR EXISTS (SELECT 1 FROM operation INDEXED BY operation_on_person
                         WHERE target_type = 'person' AND outcome = 'succeeded')",
    )
    .fetch_one(conn.database())
    .await?)
}

pub async fn by_id(conn: &mut Read, id: PersonId) -> Result<Option<Person>, StoreError> {
    find(conn, BY_ID, &id.to_string()).await?.map(|row| person(&row)).transpose()
}

/// By e-mail, which is kept in lower case.
pub async fn by_email(conn: &mut Read, email: &str) -> Result<Option<Person>, StoreError> {
    find(conn, BY_EMAIL, email).await?.map(|row| person(&row)).transpose()
}

/// By the account at an OpenID Connect provider.
pub async fn by_subject(conn: &mut Read, subject: &str) -> Result<Option<Person>, StoreError> {
    find(conn, BY_SUBJECT, subject).await?.map(|row| person(&row)).transpose()
}

/// The stored password of a person who has one.
pub async fn password_hash(conn: &mut Read, id: PersonId) -> Result<Option<String>, StoreError> {
    let Some(row) = find(conn, BY_ID, &id.to_string()).await? else { return Ok(None) };
    Ok(row.opt_text("password_hash")?.map(str::to_owned))
}

/// The entry that records the newest change of a person.
pub async fn recorded_in(conn: &mut Read, id: PersonId) -> Result<Option<i64>, StoreError> {
    let Some(row) = find(conn, BY_ID, &id.to_string()).await? else { return Ok(None) };
    row.recorded_in()
}

pub async fn insert(
    tx: &mut Write,
    person: &Person,
    password_hash: Option<&str>,
    told: &Entry,
) -> Result<(), StoreError> {
    sql::query(
        "INSERT INTO person (id, email, name, role, password_hash, subject, factors, created_at, recorded_in, mac)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, zeroblob(32))",
    )
    .bind(person.id.to_string())
    .bind(&person.email)
    .bind(&person.name)
    .bind(person.role.as_str())
    .bind(password_hash)
    .bind(&person.subject)
    .bind(person.factors_text())
    .bind(micros(told.at))
    .bind(told.sequence)
    .execute(tx.database())
    .await?;
    PERSON.seal(tx, &key(person.id)).await
}

pub async fn set_password(tx: &mut Write, id: PersonId, hash: &str, told: &Entry) -> Result<(), StoreError> {
    PERSON.guard(tx, &key(id)).await?;
    sql::query("UPDATE person SET password_hash = ?, recorded_in = ? WHERE id = ?")
        .bind(hash)
        .bind(told.sequence)
        .bind(id.to_string())
        .execute(tx.database())
        .await?;
    PERSON.seal(tx, &key(id)).await
}

/// Links a person who has no password with an account at an OpenID Connect provider.
pub async fn set_subject(tx: &mut Write, id: PersonId, subject: &str, told: &Entry) -> Result<(), StoreError> {
    PERSON.guard(tx, &key(id)).await?;
    sql::query("UPDATE person SET subject = ?, recorded_in = ? WHERE id = ?")
        .bind(subject)
        .bind(told.sequence)
        .bind(id.to_string())
        .execute(tx.database())
        .await?;
    PERSON.seal(tx, &key(id)).await
}

/// Writes which second factors a person has.
pub async fn set_factors(tx: &mut Write, person: &Person, told: &Entry) -> Result<(), StoreError> {
    PERSON.guard(tx, &key(person.id)).await?;
    sql::query("UPDATE person SET factors = ?, recorded_in = ? WHERE id = ?")
        .bind(person.factors_text())
        .bind(told.sequence)
        .bind(person.id.to_string())
        .execute(tx.database())
        .await?;
    PERSON.seal(tx, &key(person.id)).await
}

pub async fn set_role(tx: &mut Write, id: PersonId, role: PortalRole, told: &Entry) -> Result<(), StoreError> {
    PERSON.guard(tx, &key(id)).await?;
    sql::query("UPDATE person SET role = ?, recorded_in = ? WHERE id = ?")
        .bind(role.as_str())
        .bind(told.sequence)
        .bind(id.to_string())
        .execute(tx.database())
        .await?;
    PERSON.seal(tx, &key(id)).await
}

/// Disables a person as of this entry, or enables them again.
pub async fn set_disabled(tx: &mut Write, id: PersonId, disabled: bool, told: &Entry) -> Result<(), StoreError> {
    PERSON.guard(tx, &key(id)).await?;
    sql::query("UPDATE person SET disabled_at = ?, recorded_in = ? WHERE id = ?")
        .bind(disabled.then(|| micros(told.at)))
        .bind(told.sequence)
        .bind(id.to_string())
        .execute(tx.database())
        .await?;
    PERSON.seal(tx, &key(id)).await
}

/// Notes the newest entry about a person, where it changes nothing else in the row.
pub async fn note(tx: &mut Write, id: PersonId, told: &Entry) -> Result<(), StoreError> {
    PERSON.guard(tx, &key(id)).await?;
    sql::query("UPDATE person SET recorded_in = ? WHERE id = ?")
        .bind(told.sequence)
        .bind(id.to_string())
        .execute(tx.database())
        .await?;
    PERSON.seal(tx, &key(id)).await
}

/// How many other admins can sign in.
pub async fn other_admins(tx: &mut Write, id: PersonId) -> Result<usize, StoreError> {
    let others = |person: &Person| {
        person.role == PortalRole::Admin && person.disabled_at.is_none() && person.joined && person.id != id
    };
    Ok(list(tx).await?.iter().filter(|person| others(person)).count())
}

async fn find(conn: &mut Read, sql: &'static str, by: &str) -> Result<Option<Checked>, StoreError> {
    let row = sql::query(sql).bind(by).fetch_optional(conn.database()).await?;
    row.map_or(Ok(None), |row| checked(conn, &row))
}

/// A person's row, if the portal wrote it and no later entry has changed it.
fn checked(conn: &Read, row: &Row) -> Result<Option<Checked>, StoreError> {
    let mut parts = Fields::parts(row)?.into_iter();
    let (Some(person), Some(log)) = (parts.next(), parts.next()) else { return Ok(None) };
    newest(conn, person, Checked::unsealed(log).opt_number("newest")?)
}

/// A person's row, if the portal wrote it and `newest` is the entry that it was last changed by.
pub(super) fn newest(conn: &Read, fields: Fields, newest: Option<i64>) -> Result<Option<Checked>, StoreError> {
    let key = conn.row_key();
    PERSON.check(key.as_ref(), fields).map_or(Ok(None), |row| PERSON.check_newest(key.as_ref(), row, newest))
}

pub(super) fn person(row: &Checked) -> Result<Person, StoreError> {
    Ok(Person {
        id: row.parsed("id")?,
        email: row.text("email")?.to_owned(),
        name: row.text("name")?.to_owned(),
        role: row.parsed("role")?,
        joined: row.opt_text("password_hash")?.is_some() || row.opt_text("subject")?.is_some(),
        subject: row.opt_text("subject")?.map(str::to_owned),
        disabled_at: row.opt_instant("disabled_at")?,
        factors: row.text("factors")?.split_whitespace().map(|id| parsed("factors", id)).collect::<Result<_, _>>()?,
        created_at: row.instant("created_at")?,
    })
}

fn key(id: PersonId) -> [Cell; 1] {
    [id.to_string().into()]
}
