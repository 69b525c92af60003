-- Awards of whom this desk's key succeeded that were revoked here: their places in that one's lists.
CREATE TABLE inherited (
    credential TEXT PRIMARY KEY,
    did TEXT NOT NULL REFERENCES predecessor (did),
    list INTEGER NOT NULL,
    position INTEGER NOT NULL,
    invitation TEXT,
    revoked INTEGER NOT NULL,
    reason TEXT NOT NULL,
    seal BLOB NOT NULL
) STRICT;
