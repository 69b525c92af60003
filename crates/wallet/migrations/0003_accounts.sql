-- Accounts at servers, what is known of them, and what waits to be sent there. What a server can tell again is kept too, so that it is seen
-- when a server forgets something.

-- `profile`, `place`: JSON (sync/plan.rs). `server`: its address, or `embedded`, whose address changes.
CREATE TABLE account (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    server TEXT NOT NULL,
    profile TEXT NOT NULL,
    place TEXT NOT NULL,
    synced INTEGER,
    added INTEGER NOT NULL,
    seal BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Invitations and awards, as the server told them last; `round` counts how often everything was read, `badge` is what an award became here.
CREATE TABLE known (
    account BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    round INTEGER NOT NULL,
    is_open INTEGER NOT NULL,
    document TEXT NOT NULL,
    badge BLOB,
    seal BLOB NOT NULL,
    PRIMARY KEY (account, kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX known_badge ON known (badge);
CREATE INDEX known_open ON known (account, kind, is_open, round);

-- What the owner did and the server does not know yet, in this order; `id` is the idempotency key.
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    account BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    action TEXT NOT NULL,
    made INTEGER NOT NULL,
    seal BLOB NOT NULL
) STRICT;

-- What the owner is to be told, until it was read.
CREATE TABLE notice (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    account BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    told TEXT NOT NULL,
    at INTEGER NOT NULL,
    seal BLOB NOT NULL
) STRICT;
