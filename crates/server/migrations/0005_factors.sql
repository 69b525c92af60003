-- Second factors: apps that make one-time codes, and passkeys. `seen` is the step of the last code, or the last count of a passkey.
CREATE TABLE factor (
    id BLOB PRIMARY KEY,
    account BLOB NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    secret BLOB,
    credential BLOB UNIQUE,
    public_key BLOB,
    algorithm INTEGER,
    seen INTEGER NOT NULL,
    created INTEGER NOT NULL,
    used INTEGER
) STRICT;
CREATE INDEX factor_account ON factor (account);

-- Codes for when the device is lost: only their hashes are here.
CREATE TABLE recovery (hash BLOB PRIMARY KEY, account BLOB NOT NULL, created INTEGER NOT NULL) STRICT;
CREATE INDEX recovery_account ON recovery (account);

-- Whether a second factor was shown when the session began.
ALTER TABLE session ADD COLUMN strong INTEGER NOT NULL DEFAULT 0;
