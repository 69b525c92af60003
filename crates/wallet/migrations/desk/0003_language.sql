-- The language of the invitation, where the table of recipients has one.
ALTER TABLE award ADD COLUMN language TEXT;
