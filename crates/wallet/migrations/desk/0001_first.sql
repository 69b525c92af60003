-- What a desk keeps. `seal` is the SHA-256 of a row's other columns (store/seal.rs), so that a damaged row is never taken for a whole one.

-- One row: who issues. `next_key` is the hash of the key that will succeed this one; `statement` is that of the issuer's key over its RSA key.
CREATE TABLE issuer (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    did TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT,
    email TEXT,
    key_url TEXT NOT NULL,
    next_key TEXT NOT NULL,
    rsa_pem TEXT NOT NULL,
    statement TEXT NOT NULL,
    server TEXT,
    made INTEGER NOT NULL,
    seal BLOB NOT NULL
) STRICT;

-- The badges that can be awarded: as the file of each said it, and its picture.
CREATE TABLE badge (
    slug TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    picture BLOB NOT NULL,
    made INTEGER NOT NULL,
    seal BLOB NOT NULL
) STRICT;

-- Each award of many: which badge, and the SHA-256 of the file of recipients.
CREATE TABLE run (
    number INTEGER PRIMARY KEY,
    badge TEXT NOT NULL REFERENCES badge (slug),
    recipients BLOB NOT NULL CHECK (length(recipients) = 32),
    begun INTEGER NOT NULL,
    finished INTEGER,
    seal BLOB NOT NULL
) STRICT;

-- What was signed. `number` counts from 0 without gaps: it is the place in the award log, whose leaf is `leaf`. `email` and `name` go when the
-- award is uploaded; `person` stays, by which the same person is known again to this desk alone.
CREATE TABLE award (
    number INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES run (number),
    line INTEGER NOT NULL,
    badge TEXT NOT NULL REFERENCES badge (slug),
    person BLOB NOT NULL CHECK (length(person) = 32),
    email TEXT,
    name TEXT,
    credential TEXT NOT NULL UNIQUE,
    ob3 BLOB NOT NULL,
    ob2 BLOB,
    list INTEGER,
    position INTEGER,
    made INTEGER NOT NULL,
    expires INTEGER,
    leaf BLOB NOT NULL CHECK (length(leaf) = 32),
    revoked INTEGER,
    reason TEXT,
    sent INTEGER,
    invitation TEXT,
    refused TEXT,
    seal BLOB NOT NULL,
    UNIQUE (run, line),
    UNIQUE (list, position)
) STRICT;
CREATE INDEX award_person ON award (badge, person);
CREATE INDEX award_unsent ON award (number) WHERE sent IS NULL;
CREATE INDEX award_revoked ON award (number) WHERE revoked IS NOT NULL;

-- Lists of revoked awards, as last signed. `version` only rises.
CREATE TABLE list (
    number INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    made INTEGER NOT NULL,
    seal BLOB NOT NULL
) STRICT;

-- Every head of the award log that was signed with a list: so many leaves, and their root.
CREATE TABLE head (
    size INTEGER PRIMARY KEY,
    root BLOB NOT NULL CHECK (length(root) = 32),
    made INTEGER NOT NULL,
    seal BLOB NOT NULL
) STRICT;

-- The SHA-256 of each document as the server last took it.
CREATE TABLE upload (
    path TEXT PRIMARY KEY,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32)
) STRICT;
