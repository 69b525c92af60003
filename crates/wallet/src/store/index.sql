-- All that is derived from wallet.db; thrown away when it does not fit. Its version is in store/index.rs.

CREATE TABLE entry (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    added INTEGER NOT NULL,
    removed INTEGER,
    name TEXT,
    issuer TEXT,
    issuer_id TEXT,
    description TEXT,
    tags TEXT NOT NULL,
    issued_on INTEGER,
    expires INTEGER,
    verdict TEXT NOT NULL,
    checked INTEGER NOT NULL,
    -- When the verdict may become another one, by the passing of time alone.
    due INTEGER
) STRICT;
CREATE INDEX entry_added ON entry (added);
CREATE INDEX entry_due ON entry (due) WHERE due IS NOT NULL;

CREATE VIRTUAL TABLE words USING fts5 (
    name, issuer, description, tags, tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3'
);
-- A word that is taken out leaves no trace in the file.
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);

-- One row: the wallet that this was made from, and how far.
CREATE TABLE seen (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    wallet BLOB NOT NULL,
    erasures INTEGER NOT NULL,
    seq INTEGER NOT NULL
) STRICT;
