-- The catalogue: what is published, as its document says it, made anew whenever that changes. What is not published is not here.
CREATE TABLE catalogue (
    issuer BLOB NOT NULL,
    slug TEXT NOT NULL,
    number INTEGER NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    kind TEXT,
    language TEXT,
    published INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    PRIMARY KEY (issuer, slug)
) STRICT;
CREATE INDEX catalogue_published ON catalogue (published, number);
CREATE INDEX catalogue_kind ON catalogue (kind, published);
CREATE INDEX catalogue_language ON catalogue (language, published);
CREATE TABLE skill (number INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (number, name)) STRICT;
CREATE INDEX skill_name ON skill (name, number);
-- Groups of three letters, packed into a number, by which it is searched: the same on both databases, for every script, and a slip of the
-- finger leaves most of them as they were.
CREATE TABLE gram (gram INTEGER NOT NULL, number INTEGER NOT NULL, weight INTEGER NOT NULL) STRICT;
CREATE INDEX gram_gram ON gram (gram, number, weight);
CREATE INDEX gram_number ON gram (number);
-- How often the catalogue changed: what pages of it are tagged with.
CREATE TABLE catalogue_head (one INTEGER PRIMARY KEY, head INTEGER NOT NULL) STRICT;
CREATE INDEX award_achievement ON award (issuer, achievement, holder);
