-- What was erased, so that a restored backup erases it again: accounts, and the people in what came to nothing.
ALTER TABLE tombstone ADD COLUMN kind TEXT NOT NULL DEFAULT 'account';
CREATE INDEX tombstone_at ON tombstone (at);
CREATE INDEX suppressed_at ON suppressed (at);

-- What desks, staff and operators did, a book for each issuer and one for the server; each entry holds the hash of the one before it.
CREATE TABLE act (
    book BLOB NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    by_whom TEXT NOT NULL,
    did TEXT NOT NULL,
    about TEXT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (book, number)
) STRICT;
