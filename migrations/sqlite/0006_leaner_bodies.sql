-- What search needs of an entry stands in the index; what a run of retention removed is asked for by the run.

ALTER TABLE entry_body DROP COLUMN search;

CREATE INDEX removed_body_by_run ON removed_body (run);
