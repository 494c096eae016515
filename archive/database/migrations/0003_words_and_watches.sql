-- Words that the archive uses, counted by week; saved searches and what they found.

-- How often words and pairs of words stand in a sample of each week's articles, without copies.
CREATE TABLE terms_by_week (
    week TEXT NOT NULL,                         -- its Monday, by the articles' own dates
    term TEXT NOT NULL,                         -- a word, or two words side by side, in lower case
    occurrences INTEGER NOT NULL,               -- in the sample of that week
    articles INTEGER NOT NULL,                  -- that have it, in the sample of that week
    PRIMARY KEY (week, term)
) STRICT, WITHOUT ROWID;

-- The same for all weeks together: the background that a query's, an outlet's or a week's words are compared with.
CREATE TABLE terms (
    term TEXT PRIMARY KEY,                      -- a word, or two words side by side, in lower case
    occurrences INTEGER NOT NULL,               -- in the samples of all weeks
    articles INTEGER NOT NULL                   -- that have it, in the samples of all weeks
) STRICT, WITHOUT ROWID;

-- The weeks whose words are counted.
CREATE TABLE weeks (
    week TEXT PRIMARY KEY,                      -- its Monday
    articles INTEGER NOT NULL,                  -- how many the week had when it was counted
    last_number INTEGER NOT NULL,               -- the largest number of these articles
    sampled INTEGER NOT NULL,                   -- of them were read
    words INTEGER NOT NULL,                     -- in the articles that were read
    pairs INTEGER NOT NULL                      -- of words side by side in the articles that were read
) STRICT, WITHOUT ROWID;

-- Saved searches, as the settings had them last.
CREATE TABLE watches (
    name TEXT PRIMARY KEY,
    query TEXT NOT NULL,
    outlets TEXT NOT NULL DEFAULT '[]',         -- ids; none for all outlets
    last_number INTEGER NOT NULL,               -- of the last article that was searched
    sent_at TEXT,                               -- when its last message went out; NULL before the first
    checked_at TEXT                             -- when its week was last compared with those before; NULL before that
) STRICT;

-- New articles that saved searches found.
CREATE TABLE watch_hits (
    watch TEXT NOT NULL REFERENCES watches (name) ON DELETE CASCADE,
    article INTEGER NOT NULL REFERENCES articles (number),
    found_at TEXT NOT NULL,
    sent_at TEXT,                               -- NULL: no message told of it yet
    PRIMARY KEY (watch, article)
) STRICT, WITHOUT ROWID;
CREATE INDEX watch_hits_waiting ON watch_hits (watch) WHERE sent_at IS NULL;
