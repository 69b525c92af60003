-- Other systems that may propose awards of an issuer, each with a token of which the hash is here, and where it is told what became of them.
-- The secrets of its messages are here as they are: what is signed with them cannot be signed with a hash.
CREATE TABLE proposer (
    id BLOB PRIMARY KEY,
    issuer BLOB NOT NULL,
    name TEXT NOT NULL,
    token BLOB NOT NULL UNIQUE,
    badges TEXT NOT NULL,
    daily INTEGER NOT NULL,
    hook TEXT,
    secret BLOB NOT NULL,
    earlier BLOB,
    earlier_until INTEGER,
    created INTEGER NOT NULL,
    ended INTEGER
) STRICT;
CREATE INDEX proposer_issuer ON proposer (issuer);

-- What they proposed. Whom it is about is erased when it is decided.
CREATE TABLE proposal (
    id BLOB PRIMARY KEY,
    issuer BLOB NOT NULL,
    proposer BLOB NOT NULL,
    badge TEXT NOT NULL,
    address TEXT,
    wish TEXT,
    signed TEXT,
    state TEXT NOT NULL,
    reason TEXT,
    credential TEXT,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL
) STRICT;
CREATE INDEX proposal_issuer ON proposal (issuer, state, id);
CREATE INDEX proposal_proposer ON proposal (proposer, created);
CREATE INDEX proposal_address ON proposal (address);
CREATE INDEX proposal_state ON proposal (state, created);

-- Messages to them that are to leave.
CREATE TABLE hook (
    id BLOB PRIMARY KEY,
    proposer BLOB NOT NULL,
    proposal BLOB NOT NULL,
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    due INTEGER NOT NULL
) STRICT;
CREATE INDEX hook_due ON hook (due);

-- Keys that may speak for an issuer beside the one that its DID is: those of the desks of a did:web, as the operator admitted them, and that of a
-- successor.
CREATE TABLE issuer_key (
    issuer BLOB NOT NULL,
    url TEXT NOT NULL,
    admitted INTEGER NOT NULL,
    ended INTEGER,
    PRIMARY KEY (issuer, url)
) STRICT;

-- The hash of the key that an issuer announces as its next, and who succeeded it.
ALTER TABLE issuer ADD COLUMN next_key TEXT;
ALTER TABLE issuer ADD COLUMN successor TEXT;
