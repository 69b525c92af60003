-- Terms and privacy notices, of the server (`owner` is sixteen zeros) and of issuers, in versions that are never changed once they hold. `texts`
-- is JSON: a text for each language.
CREATE TABLE notice (
    owner BLOB NOT NULL,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    texts TEXT NOT NULL,
    published INTEGER NOT NULL,
    PRIMARY KEY (owner, kind, version)
) STRICT;
-- Which version was shown, and when first: to an account, a registration, or with a request for a badge.
CREATE TABLE shown (
    subject BLOB NOT NULL,
    owner BLOB NOT NULL,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (subject, owner, kind, version)
) STRICT;
CREATE INDEX shown_notice ON shown (owner, kind, version);

-- When the owner of an account that nobody uses was told that it will be erased.
ALTER TABLE account ADD COLUMN warned INTEGER;
CREATE INDEX account_seen ON account (seen);
