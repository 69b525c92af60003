-- Whom this desk's key succeeded: it signs that one's lists from then on.
CREATE TABLE predecessor (
    did TEXT PRIMARY KEY,
    compromised INTEGER NOT NULL,
    seal BLOB NOT NULL
) STRICT;
