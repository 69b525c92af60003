-- What a wallet says that somebody else may have made, until it is called one's own (store/apart.rs).

CREATE TABLE trusted_apart (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    added INTEGER NOT NULL,
    seal BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE numbered_apart (
    key TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    seal BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- One row while something is set apart.
CREATE TABLE apart (
    one INTEGER PRIMARY KEY CHECK (one = 1)
) STRICT;
