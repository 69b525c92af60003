-- When somebody last proved in a session to be the owner of its account, and how.
ALTER TABLE session ADD COLUMN proved INTEGER;
ALTER TABLE session ADD COLUMN proved_by TEXT;

-- Whoever leaves for a provider to prove that, with the session, and when anybody left.
ALTER TABLE departure ADD COLUMN session BLOB;
ALTER TABLE departure ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
