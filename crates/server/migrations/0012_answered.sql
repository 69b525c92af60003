-- Whose an answer is, so that it is erased with the account. Whose those of before are is known no more: a request that is sent again now is
-- answered by what has become of it.
DELETE FROM answered;
ALTER TABLE answered ADD COLUMN account BLOB;
CREATE INDEX answered_account ON answered (account);
