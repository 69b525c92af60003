-- What a wallet says that somebody else may have made, until it is called one's own (store/apart.rs): whom it trusts, the numbers of lists, and one
-- row that says so.
CREATE TABLE apart (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT,
    number INTEGER NOT NULL,
    seal BLOB NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
