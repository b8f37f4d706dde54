-- Functions of SQLite that the statements of tests use.
CREATE SCHEMA sqlite;
CREATE FUNCTION sqlite.zeroblob(BIGINT) RETURNS BYTEA LANGUAGE sql IMMUTABLE
    AS $$ SELECT decode(repeat('00', $1::int), 'hex') $$;
CREATE FUNCTION sqlite.randomblob(BIGINT) RETURNS BYTEA LANGUAGE sql VOLATILE
    AS $$ SELECT substr(decode(string_agg(md5(random()::text), ''), 'hex'), 1, $1::int) FROM generate_series(0, $1 / 16) $$;
CREATE FUNCTION sqlite.typeof(BIGINT) RETURNS TEXT LANGUAGE sql IMMUTABLE
    AS $$ SELECT CASE WHEN $1 IS NULL THEN 'null' ELSE 'integer' END $$;
CREATE FUNCTION sqlite.typeof(TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE
    AS $$ SELECT CASE WHEN $1 IS NULL THEN 'null' ELSE 'text' END $$;
CREATE FUNCTION sqlite.typeof(BYTEA) RETURNS TEXT LANGUAGE sql IMMUTABLE
    AS $$ SELECT CASE WHEN $1 IS NULL THEN 'null' ELSE 'blob' END $$;
GRANT USAGE ON SCHEMA sqlite TO PUBLIC;
