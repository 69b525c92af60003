-- What the names of issuers that a person could take for one another have in common.
ALTER TABLE issuer ADD COLUMN likeness TEXT;
CREATE INDEX issuer_likeness ON issuer (likeness);
