-- The journal: what was done, why, and how it ended. Evidence for people, never an input to a plan.
-- Losing this file loses history only (and `images`: then none is removed any more). Times are
-- milliseconds since 1970, UTC. Every statement may run again on a database that has it already. No
-- secret is ever written here.

-- One round of the loop that changed something, or that failed.
CREATE TABLE IF NOT EXISTS passes (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    instance    TEXT    NOT NULL,
    revision    TEXT    NOT NULL,
    began_ms    INTEGER NOT NULL,
    ended_ms    INTEGER,                -- empty: it runs, or was cut off
    outcome     TEXT    NOT NULL,       -- running | ok | failed | unknown
    message     TEXT    NOT NULL
);

-- One step: the row is written before the Engine is called (outcome 'intent') and completed after.
-- A row that is still 'intent' when the controller starts was cut off: it becomes 'unknown'.
CREATE TABLE IF NOT EXISTS steps (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    pass        INTEGER NOT NULL,
    at_ms       INTEGER NOT NULL,
    instance    TEXT    NOT NULL,
    revision    TEXT    NOT NULL,
    action      TEXT    NOT NULL,       -- verb of reconcilers/action.hpp
    resource    TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    outcome     TEXT    NOT NULL,       -- intent | ok | failed | unknown
    error       TEXT    NOT NULL,
    took_ms     INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS steps_of_instance ON steps (instance, id);
CREATE INDEX IF NOT EXISTS steps_cut_off ON steps (outcome) WHERE outcome = 'intent';

-- What people follow with `events -f`: the id only grows.
CREATE TABLE IF NOT EXISTS events (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms       INTEGER NOT NULL,
    instance    TEXT    NOT NULL,       -- empty: about the controller itself
    kind        TEXT    NOT NULL,
    message     TEXT    NOT NULL,
    revision    TEXT    NOT NULL
);

-- Each commit that was seen for an instance, and what became of it.
CREATE TABLE IF NOT EXISTS revisions (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    instance    TEXT    NOT NULL,
    revision    TEXT    NOT NULL,       -- the commit
    author      TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    seen_ms     INTEGER NOT NULL,
    settled_ms  INTEGER,                -- last time it was reached; empty: never
    outcome     TEXT    NOT NULL,       -- seen | settled | invalid | blocked | failed
    message     TEXT    NOT NULL,
    UNIQUE (instance, revision)
);

-- Every change of a condition. The newest row of a type is how it is now.
CREATE TABLE IF NOT EXISTS conditions (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    instance    TEXT    NOT NULL,
    type        TEXT    NOT NULL,       -- Ready, Progressing, Stalled, ...
    status      TEXT    NOT NULL,       -- True | False | Unknown
    reason      TEXT    NOT NULL,
    message     TEXT    NOT NULL,
    since_ms    INTEGER NOT NULL        -- when the status last changed
);
CREATE INDEX IF NOT EXISTS conditions_of_instance ON conditions (instance, type, id);

-- What differed from the commit in force without a commit asking for it.
CREATE TABLE IF NOT EXISTS drifts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    instance    TEXT    NOT NULL,
    revision    TEXT    NOT NULL,       -- the commit in force when it was first seen
    resource    TEXT    NOT NULL,
    field       TEXT    NOT NULL,
    desired     TEXT    NOT NULL,
    actual      TEXT    NOT NULL,
    risk        TEXT    NOT NULL,
    heal        TEXT    NOT NULL,
    cause       TEXT    NOT NULL,       -- what the Engine said before it was seen; empty: nothing
    seen_ms     INTEGER NOT NULL,
    healed_ms   INTEGER,                -- empty: it is still so
    ending      TEXT    NOT NULL        -- '' | healed | accepted | gone
);
CREATE INDEX IF NOT EXISTS drifts_open ON drifts (instance, id) WHERE healed_ms IS NULL;
CREATE INDEX IF NOT EXISTS drifts_healed ON drifts (healed_ms);

-- Of a difference that the file says to ignore: until which day, and why.
CREATE TABLE IF NOT EXISTS ignored_drifts (
    drift       INTEGER PRIMARY KEY,
    until       TEXT    NOT NULL,
    reason      TEXT    NOT NULL
);

-- Images that we pulled: no other is ever removed. Where this is lost, none is.
CREATE TABLE IF NOT EXISTS images (
    reference   TEXT    PRIMARY KEY,
    id          TEXT    NOT NULL,
    pulled_ms   INTEGER NOT NULL
) WITHOUT ROWID;

-- Free bytes of the Engine's disk, about one an hour.
CREATE TABLE IF NOT EXISTS disk_samples (
    at_ms       INTEGER PRIMARY KEY,
    free        INTEGER NOT NULL
);

-- What a pull request was last said to do, so that what is merged can be compared with it. Where
-- this is lost, a host that takes only what was reviewed holds commits until that is done again.
CREATE TABLE IF NOT EXISTS reviewed_plans (
    number      INTEGER NOT NULL,       -- of the pull request
    head        TEXT    NOT NULL,
    instance    TEXT    NOT NULL,
    digest      TEXT    NOT NULL,       -- of the instance as the head wants it
    plan        TEXT    NOT NULL,
    at_ms       INTEGER NOT NULL,
    PRIMARY KEY (number, instance)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reviewed_as ON reviewed_plans (instance, digest);

-- Facts that never change, by a key that says their content, such as the migrations of an image id.
CREATE TABLE IF NOT EXISTS facts (
    key         TEXT    PRIMARY KEY,
    value       TEXT    NOT NULL,
    at_ms       INTEGER NOT NULL
) WITHOUT ROWID;
