-- The catalogue is searched by words. Which words are like the one that was typed is told by groups of three letters over all words that there
-- are, of which there are far fewer than badges: the same on both databases, for every script.
DROP TABLE gram;
CREATE TABLE word (id INTEGER PRIMARY KEY, word TEXT NOT NULL) STRICT;
CREATE TABLE word_gram (gram INTEGER NOT NULL, word INTEGER NOT NULL, PRIMARY KEY (gram, word)) STRICT;
CREATE INDEX word_gram_word ON word_gram (word);
CREATE TABLE posting (word INTEGER NOT NULL, number INTEGER NOT NULL, weight INTEGER NOT NULL, PRIMARY KEY (number, word)) STRICT;
CREATE INDEX posting_word ON posting (word, number, weight);
