-- The newest of an issuer, of a kind and of a language stand in their order.
CREATE INDEX catalogue_issuer ON catalogue (issuer, published, number);
DROP INDEX catalogue_kind;
CREATE INDEX catalogue_kind ON catalogue (kind, published, number);
DROP INDEX catalogue_language;
CREATE INDEX catalogue_language ON catalogue (language, published, number);
