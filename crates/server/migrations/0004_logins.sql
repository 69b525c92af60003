-- Providers of OpenID Connect through which people sign in. The secret of a client is in a file of the operator's, never here.
CREATE TABLE provider (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    issuer TEXT NOT NULL UNIQUE,
    client TEXT NOT NULL,
    secret_file TEXT,
    subject TEXT NOT NULL,
    scopes TEXT NOT NULL,
    claims TEXT NOT NULL,
    domains TEXT NOT NULL,
    declared INTEGER NOT NULL,
    support TEXT,
    logo BLOB,
    roles TEXT NOT NULL,
    ends INTEGER,
    created INTEGER NOT NULL,
    seen INTEGER,
    lacked TEXT
) STRICT;

-- Logins by a provider. One is (issuer, subject) and never an address.
CREATE TABLE identity (
    id BLOB PRIMARY KEY,
    provider TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account BLOB NOT NULL,
    address TEXT NOT NULL,
    role TEXT,
    linked INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    ends INTEGER,
    warned INTEGER,
    UNIQUE (issuer, subject)
) STRICT;
CREATE INDEX identity_account ON identity (account);
CREATE INDEX identity_provider ON identity (provider);
CREATE INDEX identity_ends ON identity (ends);

-- Whoever was sent to a provider and is to come back, in the same browser: only the hash of the state is here.
CREATE TABLE departure (
    hash BLOB PRIMARY KEY,
    browser BLOB NOT NULL,
    provider TEXT NOT NULL,
    account BLOB,
    expires INTEGER NOT NULL
) STRICT;
CREATE INDEX departure_expires ON departure (expires);

-- Whoever came back and has no account yet, until it is known what becomes of them: one for each browser.
CREATE TABLE arrival (
    browser BLOB PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    provider TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    address TEXT NOT NULL,
    vouched INTEGER NOT NULL,
    role TEXT,
    ends INTEGER,
    sub BLOB NOT NULL,
    sid BLOB,
    birth_date TEXT,
    expires INTEGER NOT NULL
) STRICT;
CREATE INDEX arrival_expires ON arrival (expires);

-- Sessions that began at a provider, so that it can end them: hashes of what it calls the person and its session.
CREATE TABLE session_login (
    session BLOB PRIMARY KEY,
    identity BLOB NOT NULL,
    provider TEXT NOT NULL,
    sub BLOB NOT NULL,
    sid BLOB
) STRICT;
CREATE INDEX session_login_identity ON session_login (identity);
CREATE INDEX session_login_sub ON session_login (sub);
CREATE INDEX session_login_sid ON session_login (sid);

-- Logins that joined an account that was there before, and how it was, so that it can be undone. One that was undone bars another.
CREATE TABLE merge (
    id BLOB PRIMARY KEY,
    account BLOB NOT NULL,
    provider TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    address TEXT,
    at INTEGER NOT NULL,
    undone INTEGER
) STRICT;
CREATE INDEX merge_account ON merge (account);
CREATE INDEX merge_at ON merge (at);
