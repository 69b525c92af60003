-- Whose proposals are signed for without a click: a key and a badge, how many within a day, and the signature of the issuer's own key over that.
CREATE TABLE rule (
    key TEXT NOT NULL,
    badge TEXT NOT NULL REFERENCES badge (slug),
    name TEXT NOT NULL,
    daily INTEGER NOT NULL,
    made INTEGER NOT NULL,
    signature BLOB NOT NULL CHECK (length(signature) = 64),
    seal BLOB NOT NULL,
    PRIMARY KEY (key, badge)
) STRICT;

-- Proposals that were decided here: the award that was signed for one, if it was; and the key and number of one that was signed, so that it
-- counts once, under whatever id a server shows it.
CREATE TABLE proposed (
    proposal TEXT PRIMARY KEY,
    badge TEXT NOT NULL,
    credential TEXT UNIQUE,
    key TEXT,
    number TEXT,
    by_rule INTEGER NOT NULL,
    at INTEGER NOT NULL,
    seal BLOB NOT NULL,
    UNIQUE (key, number)
) STRICT;
CREATE INDEX proposed_rule ON proposed (key, badge, at) WHERE by_rule = 1;
