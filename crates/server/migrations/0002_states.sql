-- Where an award's status stands, so that a list that revokes it reaches the pages that show it.
ALTER TABLE award ADD COLUMN status_path TEXT;
ALTER TABLE award ADD COLUMN status_index INTEGER;
CREATE INDEX award_status ON award (issuer, status_path, status_index);

-- Since when an account waits for its erasure, because its owner is too young.
ALTER TABLE account ADD COLUMN suspended INTEGER;
CREATE INDEX account_suspended ON account (suspended);
CREATE INDEX account_role ON account (role);

-- A desk pages through its invitations by their ids, which rise with time.
CREATE INDEX invitation_issuer_id ON invitation (issuer, id);

-- Mails that left for an invitation, by the id in their Message-ID, so that one that comes back is known.
CREATE TABLE sent (id BLOB PRIMARY KEY, invitation BLOB NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX sent_at ON sent (at);
CREATE INDEX sent_invitation ON sent (invitation);

-- Who finds an achievement that an issuer published.
CREATE TABLE listing (
    issuer BLOB NOT NULL,
    slug TEXT NOT NULL,
    achievement TEXT NOT NULL,
    state TEXT NOT NULL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (issuer, slug)
) STRICT;
CREATE INDEX listing_achievement ON listing (issuer, achievement);

CREATE INDEX outbox_kind ON outbox (kind, due);
