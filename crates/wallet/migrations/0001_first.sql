-- What a wallet keeps. `seal` is the SHA-256 of a row's other columns (store/seal.rs), so that a damaged row is never taken for a whole one.

-- Files as they came, byte for byte.
CREATE TABLE original (
    number INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
    format TEXT NOT NULL,
    name TEXT NOT NULL,
    added INTEGER NOT NULL,
    seal BLOB NOT NULL,
    bytes BLOB NOT NULL
) STRICT;

-- Badges, by the SHA-256 of their credential. `removed`: when it was put into the bin. `seq` rises with each change of any badge.
CREATE TABLE badge (
    id BLOB PRIMARY KEY CHECK (length(id) = 32),
    original BLOB NOT NULL REFERENCES original (sha256),
    part INTEGER NOT NULL,
    seq INTEGER NOT NULL UNIQUE,
    added INTEGER NOT NULL,
    removed INTEGER,
    seal BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX badge_original ON badge (original);

-- Other files that carry the same credential.
CREATE TABLE copy (
    badge BLOB NOT NULL REFERENCES badge (id) ON DELETE CASCADE,
    original BLOB NOT NULL REFERENCES original (sha256),
    part INTEGER NOT NULL,
    PRIMARY KEY (badge, original, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX copy_original ON copy (original);

-- Documents that verifications rest on, by URL or DID.
CREATE TABLE evidence (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    status INTEGER NOT NULL,
    media_type TEXT,
    fetched INTEGER,
    origin TEXT NOT NULL,
    seal BLOB NOT NULL,
    bytes BLOB NOT NULL
) STRICT;

-- Which badge rests on which of them.
CREATE TABLE uses (
    badge BLOB NOT NULL REFERENCES badge (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    PRIMARY KEY (badge, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX uses_key ON uses (key);

-- One row: which wallet this is, and how often something was erased from it; the index sees by them what it missed.
CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    wallet BLOB NOT NULL,
    erasures INTEGER NOT NULL,
    seq INTEGER NOT NULL
) STRICT;
INSERT INTO meta (one, wallet, erasures, seq) VALUES (1, randomblob(16), 0, 0);
