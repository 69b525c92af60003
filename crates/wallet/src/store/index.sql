-- All that is derived from wallet.db; thrown away when it does not fit. Its version is in store/index.rs.

-- Issuers, as badges name them: by identifier, or by name where there is none. The name is that of the badge that is worth most, and of those
-- that are intact the one that was checked last: who forges a badge renames nobody (security.md, V05).
CREATE TABLE issuer (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    worth INTEGER NOT NULL
) STRICT;

-- A row keeps its number as long as its badge is there.
CREATE TABLE entry (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    added INTEGER NOT NULL,
    removed INTEGER,
    bin INTEGER NOT NULL GENERATED ALWAYS AS (removed IS NOT NULL) STORED,
    name TEXT,
    -- By what it is sorted: folded, and after all others where it is missing.
    name_key TEXT NOT NULL,
    issuer INTEGER REFERENCES issuer (number),
    issuer_name TEXT,
    issuer_key TEXT NOT NULL,
    issued_on INTEGER,
    year INTEGER,
    expires INTEGER,
    state TEXT NOT NULL,
    mark TEXT,
    picture INTEGER NOT NULL,
    checked INTEGER NOT NULL,
    -- When the verdict may become another one, by the passing of time alone.
    due INTEGER
) STRICT;
CREATE INDEX entry_due ON entry (due) WHERE due IS NOT NULL;
CREATE INDEX entry_issuer ON entry (issuer);
-- One for each order, with all that a filter asks for, so that no row is read that is not shown.
CREATE INDEX entry_by_added ON entry (bin, added DESC, name_key, state, issuer, year);
CREATE INDEX entry_by_issued ON entry (bin, issued_on DESC, name_key, state, issuer, year);
CREATE INDEX entry_by_name ON entry (bin, name_key, added DESC, state, issuer, year);
CREATE INDEX entry_by_issuer ON entry (bin, issuer_key, name_key, added DESC, state, issuer, year);
CREATE INDEX entry_facets ON entry (bin, state, issuer, year);

CREATE VIRTUAL TABLE words USING fts5 (
    name, issuer, description, tags, tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3'
);
-- A word that is taken out leaves no trace in the file.
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);

-- One row: the wallet that this was made from, how far, and whom its owner trusted.
CREATE TABLE seen (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    wallet BLOB NOT NULL,
    erasures INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    trust BLOB NOT NULL,
    -- When the wallet was opened last, and when an opening first found that the time of something in the bin was up.
    opened INTEGER,
    bin_due INTEGER,
    -- How far the clock went forward between two openings, at most, since something is in the bin.
    leap INTEGER NOT NULL DEFAULT 0
) STRICT;
