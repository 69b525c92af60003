-- Programs that registered themselves (RFC 7591). What they say of themselves is unproven.
CREATE TABLE client (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    redirects TEXT NOT NULL,
    created INTEGER NOT NULL,
    used INTEGER NOT NULL
) STRICT;
CREATE INDEX client_used ON client (used);

-- What an account allowed a program on one device. Whatever it holds ends with it.
CREATE TABLE device (
    id BLOB PRIMARY KEY,
    account BLOB NOT NULL,
    client BLOB NOT NULL,
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    created INTEGER NOT NULL,
    seen INTEGER NOT NULL
) STRICT;
CREATE INDEX device_account ON device (account);
CREATE INDEX device_client ON device (client);

-- Authorization codes: only the hash is here, and the device once the code was used.
CREATE TABLE code (
    hash BLOB PRIMARY KEY,
    client BLOB NOT NULL,
    account BLOB NOT NULL,
    scope TEXT NOT NULL,
    redirect TEXT NOT NULL,
    challenge BLOB NOT NULL,
    expires INTEGER NOT NULL,
    device BLOB
) STRICT;
CREATE INDEX code_account ON code (account);
CREATE INDEX code_expires ON code (expires);

-- Access and refresh tokens: only the hash is here. A refresh token that was used says when, and which one came after it.
CREATE TABLE token (
    hash BLOB PRIMARY KEY,
    device BLOB NOT NULL,
    kind TEXT NOT NULL,
    expires INTEGER NOT NULL,
    used INTEGER,
    successor BLOB
) STRICT;
CREATE INDEX token_device ON token (device);
CREATE INDEX token_expires ON token (expires);

-- Answers to requests that carry an idempotency key, so that the same request counts once (law 10).
CREATE TABLE answered (
    key BLOB PRIMARY KEY,
    request BLOB NOT NULL,
    answer TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX answered_at ON answered (at);

-- For what waits for changes: which feeds changed lately.
CREATE INDEX change_at ON change (at);
