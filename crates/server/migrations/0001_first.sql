-- The first tables. Ids are 16 bytes, times microseconds since 1970, hashes 32 bytes. See src/store/migrate.rs for what PostgreSQL reads.

CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;

-- Law 10: what changed for an account or an issuer. Records hold ids, never personal data.
CREATE TABLE feed (id BLOB PRIMARY KEY, head INTEGER NOT NULL, cut INTEGER NOT NULL) STRICT;
CREATE TABLE change (
    feed BLOB NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (feed, seq)
) STRICT;

-- Issuers, by the DID whose key was admitted.
CREATE TABLE issuer (
    id BLOB PRIMARY KEY,
    did TEXT NOT NULL UNIQUE,
    name TEXT,
    created INTEGER NOT NULL,
    suspended INTEGER
) STRICT;

-- Signed requests that came, until they would be too old.
CREATE TABLE nonce (hash BLOB PRIMARY KEY, expires INTEGER NOT NULL) STRICT;

-- What an issuer publishes: profile, keys, achievements, status lists, pictures.
CREATE TABLE document (
    issuer BLOB NOT NULL,
    path TEXT NOT NULL,
    media TEXT NOT NULL,
    bytes BLOB NOT NULL,
    hash BLOB NOT NULL,
    number INTEGER,
    updated INTEGER NOT NULL,
    PRIMARY KEY (issuer, path)
) STRICT;

-- Accounts and the addresses that they have verified.
CREATE TABLE account (
    id BLOB PRIMARY KEY,
    state TEXT NOT NULL,
    role TEXT,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    birth_date TEXT NOT NULL,
    password TEXT,
    language TEXT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    page TEXT NOT NULL,
    page_chosen INTEGER,
    indexed INTEGER NOT NULL,
    created INTEGER NOT NULL,
    seen INTEGER NOT NULL
) STRICT;
CREATE TABLE address (
    address TEXT PRIMARY KEY,
    shown TEXT NOT NULL,
    account BLOB NOT NULL,
    is_main INTEGER NOT NULL,
    verified INTEGER NOT NULL
) STRICT;
CREATE INDEX address_account ON address (account);
CREATE TABLE tombstone (id BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT;

-- Registrations whose address is not verified yet; erased with the link.
CREATE TABLE registration (
    id BLOB PRIMARY KEY,
    address TEXT NOT NULL,
    shown TEXT NOT NULL,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    birth_date TEXT NOT NULL,
    password TEXT NOT NULL,
    language TEXT NOT NULL,
    role TEXT,
    invitation BLOB,
    entry BLOB,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT;
-- Invitations to register without a badge, by the operator.
CREATE TABLE entry (
    id BLOB PRIMARY KEY,
    address TEXT,
    role TEXT,
    language TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used INTEGER
) STRICT;

-- Awards as signed, and their invitations.
CREATE TABLE award (
    id BLOB PRIMARY KEY,
    issuer BLOB NOT NULL,
    credential TEXT NOT NULL,
    achievement TEXT NOT NULL,
    name TEXT NOT NULL,
    ob3 BLOB,
    ob2 BLOB,
    issued INTEGER,
    expires INTEGER,
    holder BLOB,
    hidden INTEGER NOT NULL,
    revoked INTEGER,
    created INTEGER NOT NULL,
    UNIQUE (issuer, credential)
) STRICT;
CREATE INDEX award_holder ON award (holder, created);
CREATE TABLE invitation (
    id BLOB PRIMARY KEY,
    award BLOB NOT NULL UNIQUE,
    issuer BLOB NOT NULL,
    address TEXT,
    shown TEXT,
    name TEXT,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    account BLOB,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT;
CREATE INDEX invitation_address ON invitation (address);
CREATE INDEX invitation_issuer ON invitation (issuer, created);
CREATE INDEX invitation_expires ON invitation (expires);
CREATE TABLE suppressed (hash BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT;

-- Links sent by mail, and sessions: only the hash of the secret is here.
CREATE TABLE ticket (
    hash BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    subject BLOB NOT NULL,
    address TEXT,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used INTEGER
) STRICT;
CREATE INDEX ticket_subject ON ticket (subject);
CREATE INDEX ticket_expires ON ticket (expires);
CREATE TABLE session (
    hash BLOB PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    account BLOB NOT NULL,
    agent TEXT NOT NULL,
    created INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT;
CREATE INDEX session_account ON session (account);

-- Mail that is to leave. What it says is written when it leaves, so that no link lies here.
CREATE TABLE outbox (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    subject BLOB NOT NULL,
    address TEXT NOT NULL,
    language TEXT NOT NULL,
    tries INTEGER NOT NULL,
    due INTEGER NOT NULL,
    created INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_due ON outbox (due);

-- Counts against guessing.
CREATE TABLE attempt (key BLOB PRIMARY KEY, began INTEGER NOT NULL, count INTEGER NOT NULL) STRICT;
