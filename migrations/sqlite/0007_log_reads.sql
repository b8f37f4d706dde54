-- Whose logs were read by people who do not belong to the team.

-- A session that has read a team's log, or every team's (''), has its entry already.
CREATE TABLE log_read (
    session TEXT    NOT NULL,
    team_id TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (session, team_id)
) STRICT, WITHOUT ROWID;
