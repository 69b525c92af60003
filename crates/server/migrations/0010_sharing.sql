-- Links by which an owner shows one badge to whoever has them, until a day. What opens them is reckoned, and lies nowhere.
CREATE TABLE share (
    id BLOB PRIMARY KEY,
    account BLOB NOT NULL,
    award BLOB NOT NULL,
    label TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT;
CREATE INDEX share_account ON share (account, created);
CREATE INDEX share_expires ON share (expires);
-- Badges put together by their owner, on a page of their own.
CREATE TABLE collection (
    id BLOB PRIMARY KEY,
    account BLOB NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    shown INTEGER NOT NULL,
    created INTEGER NOT NULL
) STRICT;
CREATE INDEX collection_account ON collection (account, created);
CREATE TABLE collected (collection BLOB NOT NULL, award BLOB NOT NULL, PRIMARY KEY (collection, award)) STRICT;
