-- Who wants news of the service, or to be told once when registration opens. Confirmed by mail; erased when they leave.
CREATE TABLE subscriber (
    id BLOB PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,
    shown TEXT NOT NULL,
    language TEXT NOT NULL,
    news INTEGER NOT NULL,
    opening INTEGER NOT NULL,
    created INTEGER NOT NULL,
    confirmed INTEGER,
    told INTEGER
) STRICT;
CREATE INDEX subscriber_opening ON subscriber (opening, told);
-- What was written to them.
CREATE TABLE news (
    id BLOB PRIMARY KEY,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT;

-- What people write to the staff: proposals of badges, questions, reports about pages.
CREATE TABLE message (
    id BLOB PRIMARY KEY,
    reference TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    about TEXT,
    name TEXT,
    address TEXT,
    shown TEXT,
    language TEXT NOT NULL,
    title TEXT,
    text TEXT,
    answer TEXT,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL
) STRICT;
CREATE INDEX message_state ON message (kind, state, id);
CREATE INDEX message_address ON message (address);

-- Pages that staff hid, with the reason that their owner reads.
CREATE TABLE hidden (
    kind TEXT NOT NULL,
    subject BLOB NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (kind, subject)
) STRICT;
