-- When somebody was last reminded of an invitation, and how often.
ALTER TABLE invitation ADD COLUMN reminded INTEGER;
ALTER TABLE invitation ADD COLUMN reminders INTEGER NOT NULL DEFAULT 0;

-- Whom an issuer asked to act for it, by address: there may be an account with it, or not. Nobody acts before accepting.
CREATE TABLE staff_offer (
    id BLOB PRIMARY KEY,
    issuer BLOB NOT NULL,
    address TEXT NOT NULL,
    shown TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    UNIQUE (issuer, address)
) STRICT;
CREATE INDEX staff_offer_address ON staff_offer (address);
