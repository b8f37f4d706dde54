//! The schema as PostgreSQL has it.

use std::sync::{LazyLock, PoisonError, RwLock};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, migrate::Migrator};

use super::object::Object;
use crate::StoreError;

/// The number of the newest change, of all that a schema is made of.
pub(super) const VERSION: &str = "
    SELECT CAST(coalesce(sum(hashint8extended(oid::bigint, changed)), 0) % 9223372036854775807 AS BIGINT) FROM (
        SELECT oid, xmin::text::bigint AS changed FROM pg_class WHERE relnamespace = current_schema()::regnamespace
        UNION ALL
        SELECT oid, xmin::text::bigint FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
        UNION ALL
        SELECT pg_trigger.oid, pg_trigger.xmin::text::bigint FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
         WHERE relnamespace = current_schema()::regnamespace) AS objects";

/// Tables with their columns and constraints, indexes, triggers, views and functions of the schema that statements use.
const OBJECTS: &str = "
    WITH here AS (SELECT current_schema()::regnamespace AS id, quote_ident(current_schema()) || '.' AS prefix)
    SELECT kind, name, of, replace(definition, here.prefix, '') FROM here, LATERAL (
        SELECT CASE WHEN relkind IN ('r', 'p', 'f') THEN 'table' ELSE 'view' END AS kind,
               relname::text AS name, relname::text AS of,
               concat_ws(E'\\n', relkind::text, relpersistence::text, relrowsecurity::text,
                   (SELECT string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull,
                                                attcollation::regcollation, attgenerated,
                                                pg_get_expr(adbin, adrelid)), E'\\n' ORDER BY attnum)
                      FROM pg_attribute LEFT JOIN pg_attrdef ON (adrelid, adnum) = (attrelid, attnum)
                     WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped),
                   (SELECT string_agg(pg_get_constraintdef(oid), E'\\n' ORDER BY conname)
                      FROM pg_constraint WHERE conrelid = pg_class.oid AND contype <> 'n'),
                   (SELECT string_agg(pg_get_ruledef(oid), E'\\n' ORDER BY rulename)
                      FROM pg_rewrite WHERE ev_class = pg_class.oid)) AS definition
          FROM pg_class
         WHERE relnamespace = here.id AND relkind IN ('r', 'p', 'f', 'v', 'm') AND relname <> '_sqlx_migrations'
        UNION ALL
        SELECT 'index', pg_class.relname::text, indrelid::regclass::text,
               CASE WHEN indisvalid THEN pg_get_indexdef(indexrelid) ELSE 'invalid' END
          FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_class AS of ON of.oid = indrelid
         WHERE pg_class.relnamespace = here.id AND of.relname <> '_sqlx_migrations'
        UNION ALL
        SELECT 'trigger', tgname::text, relname::text,
               pg_get_triggerdef(pg_trigger.oid)
               || CASE tgenabled WHEN 'O' THEN ''
                       WHEN 'A' THEN format('; ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', relname, tgname)
                       WHEN 'R' THEN format('; ALTER TABLE %I ENABLE REPLICA TRIGGER %I', relname, tgname)
                       ELSE format('; ALTER TABLE %I DISABLE TRIGGER %I', relname, tgname) END
          FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
         WHERE relnamespace = here.id AND NOT tgisinternal
        UNION ALL
        SELECT 'function', proname::text, pg_get_function_identity_arguments(oid), pg_get_functiondef(oid)
          FROM pg_proc WHERE pronamespace = here.id AND prokind IN ('f', 'p')
    ) AS objects ORDER BY kind, name, of";

/// A schema that exists only within one transaction.
const SCRATCH: &str = "partner_portal_scratch";

/// What the migrations make, by the server that was asked first: all that a process connects to have the same version.
static EXPECTED: LazyLock<RwLock<Option<&'static [Object]>>> = LazyLock::new(RwLock::default);

/// Takes note of what the migrations make. They are run in a schema of their own, in a transaction that is rolled back.
pub(crate) async fn learn(connection: &mut PgConnection, migrations: &Migrator) -> Result<(), StoreError> {
    if expected().is_ok() {
        return Ok(());
    }
    let mut transaction = connection.begin().await?;
    let here = format!("CREATE SCHEMA {SCRATCH}; SET LOCAL search_path TO {SCRATCH}");
    transaction.execute(sqlx::raw_sql(AssertSqlSafe(here))).await.map_err(refused)?;
    for migration in migrations.iter() {
        transaction.execute(sqlx::raw_sql(migration.sql.clone())).await?;
    }
    let made = objects(&mut transaction).await?;
    transaction.rollback().await?;
    *EXPECTED.write().unwrap_or_else(PoisonError::into_inner) = Some(made.leak());
    Ok(())
}

fn refused(error: sqlx::Error) -> StoreError {
    const INSUFFICIENT_PRIVILEGE: &str = "42501";
    match error.as_database_error().and_then(|error| error.code()) {
        Some(code) if code == INSUFFICIENT_PRIVILEGE => StoreError::Unsuitable {
            why: "the role may not create schemas, which the portal needs to know what its own must look like: run GRANT \
                  CREATE ON DATABASE for it"
                .to_owned(),
        },
        _ => error.into(),
    }
}

/// What the migrations make.
pub(super) fn expected() -> Result<&'static [Object], StoreError> {
    EXPECTED.read().unwrap_or_else(PoisonError::into_inner).ok_or_else(|| StoreError::Unsuitable {
        why: "its schema cannot be checked, since the role may not create one to compare it with".to_owned(),
    })
}

/// The whole schema, but for the table of migrations.
pub(super) async fn objects(connection: &mut PgConnection) -> Result<Vec<Object>, StoreError> {
    Ok(sqlx::query_as(OBJECTS).fetch_all(connection).await?)
}

/// The statement that removes a trigger, index, view or function.
pub(super) fn drop((kind, name, of, _): &Object) -> String {
    match kind.as_str() {
        "trigger" => format!("DROP TRIGGER \"{name}\" ON \"{of}\""),
        "function" => format!("DROP FUNCTION \"{name}\" ({of}) CASCADE"),
        _ => format!("DROP {kind} IF EXISTS \"{name}\" CASCADE"),
    }
}
