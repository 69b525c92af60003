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
CREATE TABLE gram (gram INTEGER NOT NULL, number INTEGER NOT NULL, weight INTEGER NOT NULL, PRIMARY KEY (number, gram)) STRICT;
CREATE INDEX gram_gram ON gram (gram, number, weight);
-- How often the catalogue changed: what pages of it are tagged with.
CREATE TABLE catalogue_head (one INTEGER PRIMARY KEY, head INTEGER NOT NULL) STRICT;
CREATE INDEX award_achievement ON award (issuer, achievement, holder);

-- What an issuer asks of those who ask for a badge, and who may ask. Of the secret link only the hash is here.
CREATE TABLE form (
    issuer BLOB NOT NULL,
    slug TEXT NOT NULL,
    access TEXT NOT NULL,
    intro TEXT NOT NULL,
    fields TEXT NOT NULL,
    files INTEGER NOT NULL,
    link BLOB,
    changed INTEGER NOT NULL,
    PRIMARY KEY (issuer, slug)
) STRICT;
CREATE INDEX form_link ON form (link);

-- Requests for badges: for that issuer alone, and erased some time after the decision. What stays is that there was one.
CREATE TABLE request (
    id BLOB PRIMARY KEY,
    issuer BLOB NOT NULL,
    slug TEXT NOT NULL,
    achievement TEXT NOT NULL,
    state TEXT NOT NULL,
    given_name TEXT,
    family_name TEXT,
    address TEXT,
    shown TEXT,
    language TEXT NOT NULL,
    answers TEXT,
    reason TEXT,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL
) STRICT;
CREATE INDEX request_queue ON request (issuer, state, id);
CREATE INDEX request_address ON request (address);
CREATE INDEX request_changed ON request (state, changed);
CREATE TABLE request_file (
    request BLOB NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (request, number)
) STRICT;
-- Which accounts act for an issuer on the pages of the staff.
CREATE TABLE staff (issuer BLOB NOT NULL, account BLOB NOT NULL, since INTEGER NOT NULL, PRIMARY KEY (issuer, account)) STRICT;
CREATE INDEX staff_account ON staff (account);
