-- What the owner decides, and what a wallet must not forget. Nothing of the first version is touched, so that a damaged wallet of either
-- version is read in the same way.

-- Whom the owner trusts, by the identifier that badges give.
CREATE TABLE trusted (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    added INTEGER NOT NULL,
    seal BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The highest number that was seen of each list of revoked badges, by its address. No lower one is taken later.
CREATE TABLE numbered (
    key TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    seal BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The address that a file was fetched from.
CREATE TABLE source (
    original BLOB PRIMARY KEY REFERENCES original (sha256) ON DELETE CASCADE,
    url TEXT NOT NULL,
    fetched INTEGER NOT NULL,
    seal BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Documents of an address for which `evidence` has one of a better origin.
CREATE TABLE beside (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    status INTEGER NOT NULL,
    media_type TEXT,
    fetched INTEGER,
    origin TEXT NOT NULL,
    seal BLOB NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (key, origin)
) STRICT;
