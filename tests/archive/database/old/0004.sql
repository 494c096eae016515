-- 0004_text_digests bbcd8978e669bdf79b98d033b9fc9a17eac42b30661fbfb92104c0c4ee64ac32
-- The schema of the first release.
-- Instants are ISO 8601 in UTC with milliseconds and Z, so that they sort as text; lists are JSON.

PRAGMA application_id = 1802006370; -- 'khob'

-- Who published what is here.
CREATE TABLE outlets (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    home TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    timezone TEXT NOT NULL DEFAULT '',
    unproven INTEGER NOT NULL DEFAULT 0         -- 1: its declaration is a guess
) STRICT;

-- Lines that recur in the articles of an outlet; learned from them, and made anew when they are read again.
CREATE TABLE lines (
    outlet TEXT NOT NULL REFERENCES outlets (id),
    line TEXT NOT NULL,                         -- numbers as 0, the article's own headline as U+FFFC
    articles INTEGER NOT NULL,                  -- how many have it
    first_on TEXT NOT NULL,                     -- the date of the oldest
    last_on TEXT NOT NULL,                      -- the date of the newest
    example TEXT NOT NULL,                      -- the id of one
    PRIMARY KEY (outlet, line)
) STRICT, WITHOUT ROWID;

-- How far the articles of an outlet are counted in `lines`.
CREATE TABLE lines_learned (
    outlet TEXT PRIMARY KEY REFERENCES outlets (id),
    number INTEGER NOT NULL                     -- of the last article that is counted
) STRICT;

-- Articles of several outlets on one event.
CREATE TABLE stories (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,                        -- of the article that was first
    first_published_at TEXT NOT NULL            -- only a day, where no more is known of that article
) STRICT;
CREATE INDEX stories_by_time ON stories (first_published_at);

-- The newest revision of every article.
CREATE TABLE articles (
    number INTEGER PRIMARY KEY,                 -- in the order of arrival; what the search index refers to
    id TEXT NOT NULL UNIQUE,                    -- 16 hex digits of SHA-256 over '<outlet>:<article key>'
    outlet TEXT NOT NULL REFERENCES outlets (id),
    url TEXT,                                   -- the canonical address; NULL for an imported document
    date TEXT NOT NULL,                         -- the outlet-local civil date
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    document TEXT GENERATED ALWAYS AS           -- the dated format, derived and not stored
        (' date ' || date || ' ' || title || CASE text WHEN '' THEN '' ELSE char(10, 10) || text END) VIRTUAL,
    standfirst TEXT NOT NULL DEFAULT '',        -- also the first paragraph of the text
    captions TEXT NOT NULL DEFAULT '[]',        -- each also a paragraph of the text
    signature TEXT NOT NULL DEFAULT '',         -- the byline as printed, also the end of the text
    byline TEXT NOT NULL DEFAULT '[]',          -- the authors' names
    credits TEXT NOT NULL DEFAULT '[]',         -- the agencies and outlets credited
    tags TEXT NOT NULL DEFAULT '[]',
    section TEXT NOT NULL DEFAULT '',
    published_at TEXT,                          -- NULL where only the day is known
    date_source TEXT NOT NULL DEFAULT '',       -- json-ld, meta, feed, sitemap, page, url or document
    date_raw TEXT NOT NULL DEFAULT '',          -- the source's own words, and another's that is days away
    modified_at TEXT,                           -- as the outlet says
    language TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT 'article',       -- article, photo, video, live, emagazine or opinion
    words INTEGER NOT NULL DEFAULT 0,
    noarchive INTEGER NOT NULL DEFAULT 0,       -- 1: the page asks not to be shown from an archive
    reader TEXT NOT NULL DEFAULT '',            -- the version of the reader, and the rules, that read it
    first_seen_at TEXT NOT NULL,
    last_checked_at TEXT,                       -- NULL: never asked for, it came from a file
    revision INTEGER NOT NULL DEFAULT 1,        -- the number of this, the newest
    gone_at TEXT,                               -- since when it is missing, once that is confirmed; its text stays
    story INTEGER REFERENCES stories (id)
) STRICT;
CREATE INDEX articles_by_outlet ON articles (outlet, date);
CREATE INDEX articles_by_date ON articles (date, outlet); -- and not the rows, which are long, to count a day
CREATE INDEX articles_by_story ON articles (story) WHERE story IS NOT NULL;

-- Articles whose text is another's, such as an agency's that several outlets printed.
CREATE TABLE copies (
    article TEXT PRIMARY KEY REFERENCES articles (id),
    of TEXT NOT NULL REFERENCES articles (id),  -- that had it first
    likeness REAL NOT NULL                      -- of their texts, from 0 to 1
) STRICT;
CREATE INDEX copies_by_first ON copies (of);

-- What of each article is compared with others, so that no text is read again for it (see archive/sketch.py).
CREATE TABLE sketches (
    article INTEGER PRIMARY KEY REFERENCES articles (number),
    lead BLOB NOT NULL,                         -- what the headline and the lead speak of
    text BLOB NOT NULL                          -- MinHash of the text
) STRICT;

-- Every version of every article. What the newest says is not repeated here: its date, title and text are NULL until
-- another supersedes it.
CREATE TABLE revisions (
    id INTEGER PRIMARY KEY,
    article TEXT NOT NULL REFERENCES articles (id),
    revision INTEGER NOT NULL,                  -- from 1
    seen_at TEXT NOT NULL,
    date TEXT,
    title TEXT,
    text TEXT,
    change TEXT NOT NULL,                       -- first, cosmetic, headline, material, correction or reread
    reader TEXT NOT NULL DEFAULT '',
    UNIQUE (article, revision)
) STRICT;
CREATE INDEX revisions_by_time ON revisions (seen_at) WHERE revision > 1;

-- When articles were found missing, were gone, and came back; their text stays.
CREATE TABLE tombstones (
    article TEXT NOT NULL REFERENCES articles (id),
    missed_at TEXT NOT NULL,                    -- when it was first found missing
    confirmed_at TEXT,                          -- when a later visit found the same; NULL: not yet, so it is not gone
    back_at TEXT,                               -- when it was there again; NULL: it is not
    url TEXT NOT NULL,                          -- that was asked first
    reason TEXT NOT NULL,                       -- what it answered
    detail TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (article, missed_at)
) STRICT;
CREATE INDEX tombstones_by_time ON tombstones (confirmed_at) WHERE confirmed_at IS NOT NULL;

-- Every version of every article, with what it says.
CREATE VIEW versions AS
    SELECT r.article, r.revision, r.seen_at, coalesce(r.date, a.date) AS date, coalesce(r.title, a.title) AS title,
        coalesce(r.text, a.text) AS text, r.change, r.reader
    FROM revisions AS r JOIN articles AS a ON a.id = r.article;

-- The newest revision of every article without its text: what strangers may be shown of an archive.
CREATE VIEW headlines AS
    SELECT number, id, outlet, date, published_at, title, section, kind, words, revision, gone_at, story, url
    FROM articles;

-- Where answers are kept, byte for byte.
CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    article TEXT REFERENCES articles (id),      -- NULL for feeds, sitemaps and pages that are no article
    url TEXT NOT NULL,                          -- that was asked, as in addresses or sources
    fetched_at TEXT NOT NULL,
    status INTEGER NOT NULL,                    -- of HTTP
    file TEXT NOT NULL,                         -- in the folder of captures
    offset INTEGER NOT NULL,                    -- bytes
    length INTEGER NOT NULL,                    -- bytes
    digest TEXT NOT NULL,                       -- of the payload, 'sha1:' and base 32
    reader TEXT NOT NULL DEFAULT '',            -- what read it again last; '' for never
    UNIQUE (file, offset)
) STRICT;
CREATE INDEX captures_by_article ON captures (article);
CREATE INDEX captures_by_url ON captures (url);

-- The ledger: what was asked, what came back, when it is due again, and why.

-- Every command that writes.
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,                         -- crawl, add, backfill, …
    started_at TEXT NOT NULL,
    ended_at TEXT,
    beat_at TEXT,                               -- when it last said that it is alive
    arguments TEXT NOT NULL DEFAULT '{}',       -- what was asked of it
    plan TEXT NOT NULL DEFAULT '{}',            -- what that comes to: days, addresses, requests
    served INTEGER NOT NULL DEFAULT 0,          -- 1: handed to the service, which goes on with it after a restart
    -- running, done, stopped (by a person), failed, killed, cancelled, or waiting for the service
    state TEXT NOT NULL DEFAULT 'running',
    counts TEXT NOT NULL DEFAULT '{}',          -- what it did
    troubles TEXT NOT NULL DEFAULT '[]'         -- what keeps a service from its work, a line each
) STRICT;
CREATE INDEX runs_running ON runs (state) WHERE state IN ('running', 'waiting');

-- Addresses that list articles.
CREATE TABLE sources (
    url TEXT PRIMARY KEY,
    outlet TEXT NOT NULL REFERENCES outlets (id),
    kind TEXT NOT NULL,                         -- feed, sitemap, section, listing, archive or unknown
    status INTEGER,                             -- of HTTP, when last asked
    reason TEXT NOT NULL DEFAULT '',            -- why the last poll failed
    detail TEXT NOT NULL DEFAULT '',
    failures INTEGER NOT NULL DEFAULT 0,        -- in a row
    polls INTEGER NOT NULL DEFAULT 0,
    candidates INTEGER NOT NULL DEFAULT 0,      -- of the last poll
    new INTEGER NOT NULL DEFAULT 0,             -- of all polls
    polled_at TEXT,
    news_at TEXT,                               -- when a poll last brought something unknown
    interval REAL,                              -- seconds of its outlet's mean activity for one unknown address
    overruns INTEGER NOT NULL DEFAULT 0,        -- polls in which nothing was known: its window may have been overrun
    next_due_at TEXT,                           -- NULL: now
    claims INTEGER NOT NULL DEFAULT 0,          -- times it was asked since that was last settled, see addresses
    etag TEXT NOT NULL DEFAULT '',
    last_modified TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX sources_by_outlet ON sources (outlet, next_due_at);

-- Addresses of pages: every one that a source listed or that led to an article.
CREATE TABLE addresses (
    url TEXT PRIMARY KEY,                       -- canonical
    outlet TEXT NOT NULL REFERENCES outlets (id),
    article TEXT NOT NULL,                      -- the id of the article it leads to, archived or not
    source TEXT NOT NULL DEFAULT '',            -- in which it was first found
    discovered_at TEXT NOT NULL,
    title_hint TEXT NOT NULL DEFAULT '',        -- what the source says of it
    published_hint TEXT,
    published_raw TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'due',          -- due, archived, rejected, failed, or alias: another address is asked
    status INTEGER,                             -- of HTTP, when last asked
    reason TEXT NOT NULL DEFAULT '',            -- why it is not archived
    detail TEXT NOT NULL DEFAULT '',
    failures INTEGER NOT NULL DEFAULT 0,        -- in a row
    asked_at TEXT,
    next_due_at TEXT,                           -- NULL: never by itself
    -- Times it was asked since that was last settled: 1 while it is being asked, and where who asked was killed. The next
    -- to write takes it back then; but what was in flight at two such ends may be their cause, and waits for its hour.
    claims INTEGER NOT NULL DEFAULT 0,
    etag TEXT NOT NULL DEFAULT '',
    last_modified TEXT NOT NULL DEFAULT '',
    backfill INTEGER REFERENCES runs (id)       -- that asks for it, and nobody else does; NULL: none
) STRICT;
CREATE INDEX addresses_by_article ON addresses (article);
CREATE INDEX addresses_due ON addresses (outlet, next_due_at) WHERE next_due_at IS NOT NULL AND backfill IS NULL;
CREATE INDEX addresses_by_backfill ON addresses (backfill, outlet, next_due_at) WHERE backfill IS NOT NULL;
CREATE INDEX addresses_by_source ON addresses (source, discovered_at) WHERE source <> '';
CREATE INDEX addresses_due_at ON addresses (next_due_at) WHERE next_due_at IS NOT NULL AND backfill IS NULL;
CREATE INDEX addresses_claimed ON addresses (url) WHERE claims = 1;

-- The lists that backfills and audits read: their plan, and how far they have come.
CREATE TABLE lists (
    id INTEGER PRIMARY KEY,                     -- in the order in which they are read
    run INTEGER NOT NULL REFERENCES runs (id),
    url TEXT NOT NULL,
    outlet TEXT NOT NULL REFERENCES outlets (id),
    kind TEXT NOT NULL,                         -- as in sources, or cdx or captured (a CDX server)
    way TEXT NOT NULL DEFAULT '',               -- the source, as it is declared, that leads here
    page INTEGER NOT NULL DEFAULT 1,
    depth INTEGER NOT NULL DEFAULT 0,           -- indexes above it
    first_day TEXT,                             -- that it can hold, as far as its address tells; NULL: unknown
    last_day TEXT,
    state TEXT NOT NULL DEFAULT 'due',          -- due, done or failed
    reason TEXT NOT NULL DEFAULT '',            -- why it failed
    detail TEXT NOT NULL DEFAULT '',            -- what was odd about it, or why nothing behind it was read
    failures INTEGER NOT NULL DEFAULT 0,        -- in a row
    next_due_at TEXT,                           -- NULL: now, where it is due
    candidates INTEGER NOT NULL DEFAULT 0,      -- the outlet's articles that it lists
    wanted INTEGER NOT NULL DEFAULT 0,          -- of which these were entered, to be asked for
    left_out INTEGER NOT NULL DEFAULT 0,        -- of which these are of other days
    digest TEXT NOT NULL DEFAULT '',            -- of what it lists
    middle TEXT,                                -- the median of the days of its articles; NULL: unknown
    UNIQUE (run, url)
) STRICT;
CREATE INDEX lists_by_state ON lists (run, outlet, state);
CREATE INDEX lists_by_url ON lists (url);

-- What is here of what outlets published, day by day, as `khobao audit` found it last.
CREATE TABLE coverage (
    outlet TEXT NOT NULL REFERENCES outlets (id),
    day TEXT NOT NULL,
    announced INTEGER NOT NULL,                 -- articles that were published, as far as is known
    archived INTEGER NOT NULL,
    rejected INTEGER NOT NULL,                  -- no article, by what was read
    missing INTEGER NOT NULL,
    unseen INTEGER NOT NULL,                    -- article numbers between those of the day that nothing was seen of
    reasons TEXT NOT NULL DEFAULT '{}',         -- why articles are rejected or missing, and how many
    audited_at TEXT NOT NULL,
    PRIMARY KEY (outlet, day)
) STRICT, WITHOUT ROWID;

-- Every request for a page, and what it came to.
CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,                          -- as in addresses
    run INTEGER REFERENCES runs (id),
    asked_at TEXT NOT NULL,
    status INTEGER,                             -- of HTTP; NULL: no answer
    outcome TEXT NOT NULL,                      -- archived, revised, unchanged, churned, rejected, failed or gone
    reason TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    size INTEGER NOT NULL DEFAULT 0,            -- bytes transferred
    milliseconds INTEGER NOT NULL DEFAULT 0,
    capture INTEGER REFERENCES captures (id)    -- where the answer is kept; NULL: nowhere
) STRICT;
CREATE INDEX requests_by_capture ON requests (capture) WHERE capture IS NOT NULL;
CREATE INDEX requests_by_url ON requests (url);
CREATE INDEX requests_by_time ON requests (asked_at);

-- Articles that files brought: where they came from, and what the file says of how it came by them.
CREATE TABLE imports (
    id INTEGER PRIMARY KEY,
    article TEXT NOT NULL REFERENCES articles (id),
    run INTEGER REFERENCES runs (id),
    imported_at TEXT NOT NULL,
    format TEXT NOT NULL,                       -- txt, jsonl, parquet, news-please or fundus
    place TEXT NOT NULL,                        -- the file, and the line or row in it
    digest TEXT NOT NULL,                       -- SHA-256 of what was read there
    facts TEXT NOT NULL DEFAULT '{}',           -- what it says, by its own names
    UNIQUE (article, format, digest)
) STRICT;

-- What a site asks of us in its robots.txt.
CREATE TABLE robots (
    origin TEXT PRIMARY KEY,                    -- 'https://host' or 'https://host:port'
    status INTEGER NOT NULL,                    -- of HTTP
    text TEXT NOT NULL DEFAULT '',
    fetched_at TEXT NOT NULL,
    expires_at TEXT NOT NULL                    -- until when it is believed
) STRICT;

-- How a host fares, so that a restart, or another process, treats it no worse than the last one did.
CREATE TABLE hosts (
    host TEXT PRIMARY KEY,                      -- 'host' or 'host:port', whatever the scheme
    crawl_delay REAL NOT NULL DEFAULT 0,        -- seconds between two requests that its robots.txt asks for
    free_at TEXT,                               -- when its next turn begins, whichever process takes it
    failures INTEGER NOT NULL DEFAULT 0,        -- of the host itself, in a row
    reason TEXT NOT NULL DEFAULT '',            -- of the last of them
    failed_at TEXT,                             -- when that was
    resting_until TEXT                          -- left alone until then
) STRICT;

-- How many there are of what in each outlet, kept by triggers, so that nobody has to count millions of rows.
CREATE TABLE tallies (
    outlet TEXT NOT NULL REFERENCES outlets (id),
    what TEXT NOT NULL,                         -- article, or a state of addresses
    reason TEXT NOT NULL DEFAULT '',            -- of addresses
    n INTEGER NOT NULL,
    PRIMARY KEY (outlet, what, reason)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER articles_tallied_insert AFTER INSERT ON articles BEGIN
    INSERT INTO tallies (outlet, what, reason, n) VALUES (new.outlet, 'article', '', 1)
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;
CREATE TRIGGER articles_tallied_delete AFTER DELETE ON articles BEGIN
    INSERT INTO tallies (outlet, what, reason, n) VALUES (old.outlet, 'article', '', -1)
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;
CREATE TRIGGER articles_tallied_update AFTER UPDATE OF outlet ON articles BEGIN
    INSERT INTO tallies (outlet, what, reason, n) VALUES (old.outlet, 'article', '', -1)
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
    INSERT INTO tallies (outlet, what, reason, n) VALUES (new.outlet, 'article', '', 1)
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;
CREATE TRIGGER addresses_tallied_insert AFTER INSERT ON addresses BEGIN
    INSERT INTO tallies (outlet, what, reason, n) VALUES (new.outlet, new.state, new.reason, 1)
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;
CREATE TRIGGER addresses_tallied_delete AFTER DELETE ON addresses BEGIN
    INSERT INTO tallies (outlet, what, reason, n) VALUES (old.outlet, old.state, old.reason, -1)
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;
CREATE TRIGGER addresses_tallied_update AFTER UPDATE OF outlet, state, reason ON addresses BEGIN
    INSERT INTO tallies (outlet, what, reason, n) VALUES (old.outlet, old.state, old.reason, -1)
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
    INSERT INTO tallies (outlet, what, reason, n) VALUES (new.outlet, new.state, new.reason, 1)
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;

-- The search index has everything twice: as it is written, and folded (no marks, đ as d). So a word with its marks
-- finds just that word, and one without them all that it may stand for, whoever asks: no tokenizer of SQLite's folds đ,
-- and none keeps the marks beside what it folds. The triggers use no functions but SQLite's own, so that any client that
-- writes to `articles` keeps the index right. Folding goes letter for letter, so that a headline keeps its length; and
-- by steps, as the parser of SQLite stacks no more than a hundred things. GROUP BY changes nothing, but that SQLite
-- works out once what is folded, and not again for each column that is made of it.
CREATE VIEW articles_folded AS
    WITH lower_a (number, said) AS (SELECT number,
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
        replace(replace(replace(replace(replace(replace(title || text, 'à', 'a'), 'ả', 'a'), 'ã', 'a'),
        'á', 'a'), 'ạ', 'a'), 'ă', 'a'), 'ằ', 'a'), 'ẳ', 'a'), 'ẵ', 'a'), 'ắ', 'a'), 'ặ', 'a'), 'â', 'a'), 'ầ', 'a'),
        'ẩ', 'a'), 'ẫ', 'a'), 'ấ', 'a'), 'ậ', 'a')
        FROM articles),
    upper_a (number, said) AS (SELECT number,
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
        replace(replace(replace(replace(replace(replace(said, 'À', 'A'), 'Ả', 'A'), 'Ã', 'A'), 'Á', 'A'),
        'Ạ', 'A'), 'Ă', 'A'), 'Ằ', 'A'), 'Ẳ', 'A'), 'Ẵ', 'A'), 'Ắ', 'A'), 'Ặ', 'A'), 'Â', 'A'), 'Ầ', 'A'), 'Ẩ', 'A'),
        'Ẫ', 'A'), 'Ấ', 'A'), 'Ậ', 'A')
        FROM lower_a),
    any_e (number, said) AS (SELECT number,
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(said,
        'è', 'e'), 'ẻ', 'e'), 'ẽ', 'e'), 'é', 'e'), 'ẹ', 'e'), 'ê', 'e'), 'ề', 'e'), 'ể', 'e'), 'ễ', 'e'), 'ế', 'e'),
        'ệ', 'e'), 'È', 'E'), 'Ẻ', 'E'), 'Ẽ', 'E'), 'É', 'E'), 'Ẹ', 'E'), 'Ê', 'E'), 'Ề', 'E'), 'Ể', 'E'), 'Ễ', 'E'),
        'Ế', 'E'), 'Ệ', 'E')
        FROM upper_a),
    any_i (number, said) AS (SELECT number,
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(said,
        'ì', 'i'), 'ỉ', 'i'), 'ĩ', 'i'), 'í', 'i'), 'ị', 'i'), 'Ì', 'I'), 'Ỉ', 'I'), 'Ĩ', 'I'), 'Í', 'I'), 'Ị', 'I')
        FROM any_e),
    lower_o (number, said) AS (SELECT number,
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
        replace(replace(replace(replace(replace(replace(said, 'ò', 'o'), 'ỏ', 'o'), 'õ', 'o'), 'ó', 'o'),
        'ọ', 'o'), 'ô', 'o'), 'ồ', 'o'), 'ổ', 'o'), 'ỗ', 'o'), 'ố', 'o'), 'ộ', 'o'), 'ơ', 'o'), 'ờ', 'o'), 'ở', 'o'),
        'ỡ', 'o'), 'ớ', 'o'), 'ợ', 'o')
        FROM any_i),
    upper_o (number, said) AS (SELECT number,
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
        replace(replace(replace(replace(replace(replace(said, 'Ò', 'O'), 'Ỏ', 'O'), 'Õ', 'O'), 'Ó', 'O'),
        'Ọ', 'O'), 'Ô', 'O'), 'Ồ', 'O'), 'Ổ', 'O'), 'Ỗ', 'O'), 'Ố', 'O'), 'Ộ', 'O'), 'Ơ', 'O'), 'Ờ', 'O'), 'Ở', 'O'),
        'Ỡ', 'O'), 'Ớ', 'O'), 'Ợ', 'O')
        FROM lower_o),
    any_u (number, said) AS (SELECT number,
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(said,
        'ù', 'u'), 'ủ', 'u'), 'ũ', 'u'), 'ú', 'u'), 'ụ', 'u'), 'ư', 'u'), 'ừ', 'u'), 'ử', 'u'), 'ữ', 'u'), 'ứ', 'u'),
        'ự', 'u'), 'Ù', 'U'), 'Ủ', 'U'), 'Ũ', 'U'), 'Ú', 'U'), 'Ụ', 'U'), 'Ư', 'U'), 'Ừ', 'U'), 'Ử', 'U'), 'Ữ', 'U'),
        'Ứ', 'U'), 'Ự', 'U')
        FROM upper_o),
    any_y (number, said) AS (SELECT number,
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(said,
        'ỳ', 'y'), 'ỷ', 'y'), 'ỹ', 'y'), 'ý', 'y'), 'ỵ', 'y'), 'Ỳ', 'Y'), 'Ỷ', 'Y'), 'Ỹ', 'Y'), 'Ý', 'Y'), 'Ỵ', 'Y')
        FROM any_u),
    any_d (number, said) AS (SELECT number,
        replace(replace(said, 'đ', 'd'), 'Đ', 'D')
        FROM any_y GROUP BY number)
    SELECT f.number, a.text, a.title, substr(f.said, length(a.title) + 1) AS text_folded,
        substr(f.said, 1, length(a.title)) AS title_folded, a.outlet AS publisher,
        replace(substr(a.date, 1, 7), '-', '') AS month
    FROM any_d AS f JOIN articles AS a ON a.number = f.number;
-- The comment within is for those who look for content="articles", as Datasette and sqlite-utils do. The outlet, and the
-- month such as 202602, are words of an article too: so a search looks at the newest months first, and no farther than
-- it must, in whatever order articles arrived.
CREATE VIRTUAL TABLE articles_fts USING fts5 ( -- content="articles", folded
    text, title, text_folded, title_folded, publisher, month,
    content = 'articles_folded', content_rowid = 'number', tokenize = 'unicode61 remove_diacritics 0'
);
-- Headlines once more and by themselves, folded: a small index, in which all of the archive is searched at once.
CREATE VIEW headlines_folded AS
    SELECT number, replace(replace(title, 'đ', 'd'), 'Đ', 'D') AS title, outlet AS publisher,
        replace(substr(date, 1, 7), '-', '') AS month
    FROM articles;
CREATE VIRTUAL TABLE headlines_fts USING fts5 (
    title, publisher, month,
    content = 'headlines_folded', content_rowid = 'number', tokenize = 'unicode61 remove_diacritics 2'
);
-- An index is in pieces, of which so many of a size are merged into a larger one. With eight, where FTS5 would take four,
-- a text is written fewer times as the archive grows, and a search asks a few pieces more until these are merged idly.
INSERT INTO articles_fts (articles_fts, rank) VALUES ('automerge', 8);
INSERT INTO headlines_fts (headlines_fts, rank) VALUES ('automerge', 8);
-- SQLite writes the index to disk whenever a statement that may fail begins, so articles that come many at a time are
-- indexed in one go, at the end of their transaction: the trigger on what says so does it. No reader ever sees a row.
CREATE TABLE unindexed (
    since INTEGER NOT NULL                      -- the number from which on articles wait for that
) STRICT;
CREATE TRIGGER articles_fts_insert AFTER INSERT ON articles
WHEN NOT EXISTS (SELECT 1 FROM unindexed WHERE new.number >= since) BEGIN
    INSERT INTO articles_fts (rowid, text, title, text_folded, title_folded, publisher, month)
    SELECT number, text, title, text_folded, title_folded, publisher, month
    FROM articles_folded WHERE number = new.number;
    INSERT INTO headlines_fts (rowid, title, publisher, month)
    SELECT number, title, publisher, month FROM headlines_folded WHERE number = new.number;
END;
CREATE TRIGGER articles_fts_before_delete BEFORE DELETE ON articles
WHEN NOT EXISTS (SELECT 1 FROM unindexed WHERE old.number >= since) BEGIN
    INSERT INTO articles_fts (articles_fts, rowid, text, title, text_folded, title_folded, publisher, month)
    SELECT 'delete', number, text, title, text_folded, title_folded, publisher, month
    FROM articles_folded WHERE number = old.number;
    INSERT INTO headlines_fts (headlines_fts, rowid, title, publisher, month)
    SELECT 'delete', number, title, publisher, month FROM headlines_folded WHERE number = old.number;
END;
CREATE TRIGGER articles_fts_before_update BEFORE UPDATE OF title, text, outlet, date ON articles
WHEN NOT EXISTS (SELECT 1 FROM unindexed WHERE old.number >= since) BEGIN
    INSERT INTO articles_fts (articles_fts, rowid, text, title, text_folded, title_folded, publisher, month)
    SELECT 'delete', number, text, title, text_folded, title_folded, publisher, month
    FROM articles_folded WHERE number = old.number;
    INSERT INTO headlines_fts (headlines_fts, rowid, title, publisher, month)
    SELECT 'delete', number, title, publisher, month FROM headlines_folded WHERE number = old.number;
END;
CREATE TRIGGER articles_fts_after_update AFTER UPDATE OF title, text, outlet, date ON articles
WHEN NOT EXISTS (SELECT 1 FROM unindexed WHERE new.number >= since) BEGIN
    INSERT INTO articles_fts (rowid, text, title, text_folded, title_folded, publisher, month)
    SELECT number, text, title, text_folded, title_folded, publisher, month
    FROM articles_folded WHERE number = new.number;
    INSERT INTO headlines_fts (rowid, title, publisher, month)
    SELECT number, title, publisher, month FROM headlines_folded WHERE number = new.number;
END;
CREATE TRIGGER articles_fts_together AFTER DELETE ON unindexed BEGIN
    INSERT INTO articles_fts (rowid, text, title, text_folded, title_folded, publisher, month)
    SELECT number, text, title, text_folded, title_folded, publisher, month
    FROM articles_folded WHERE number >= old.since;
    INSERT INTO headlines_fts (rowid, title, publisher, month)
    SELECT number, title, publisher, month FROM headlines_folded WHERE number >= old.since;
END;
-- Facts that stood inside sentences get columns of their own.

-- The day of an article that no run asked for stood at the beginning of `detail`.
ALTER TABLE addresses ADD COLUMN article_date TEXT; -- the date of an article that was read but not asked for; or NULL
UPDATE addresses SET article_date = substr(detail, 1, 10)
WHERE reason = 'out_of_range' AND detail GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] *';

-- The rules that read an article stood behind the version of the reader, as in '1 trafilatura-2.3.1 rules-5f3a9c1b today'.
ALTER TABLE articles ADD COLUMN rules TEXT NOT NULL DEFAULT ''; -- of the outlet, that read it: today, until DATE or generic
ALTER TABLE revisions ADD COLUMN rules TEXT NOT NULL DEFAULT ''; -- of the outlet, that read it: today, until DATE or generic
UPDATE articles SET
    rules = substr(reader, instr(reader, ' rules-') + 16),
    reader = substr(reader, 1, instr(reader, ' rules-') + 14)
WHERE reader GLOB '* trafilatura-* rules-???????? ?*';
UPDATE revisions SET
    rules = substr(reader, instr(reader, ' rules-') + 16),
    reader = substr(reader, 1, instr(reader, ' rules-') + 14)
WHERE reader GLOB '* trafilatura-* rules-???????? ?*';

-- How sure the reader was of an article, which no column said before.
ALTER TABLE articles ADD COLUMN doubts TEXT; -- why the reading may be wrong, a list of sentences; NULL where khobao 0.1 read it
ALTER TABLE articles ADD COLUMN confidence TEXT AS (CASE WHEN reader <> '' AND doubts IS NOT NULL THEN
    CASE json_array_length(doubts) WHEN 0 THEN 'high' WHEN 1 THEN 'medium' ELSE 'low' END END); -- in the reading: high without doubts, medium with one, low with more; NULL where no reader told

DROP VIEW versions;
-- Every version of every article, with what it says.
CREATE VIEW versions AS
    SELECT r.article, r.revision, r.seen_at, coalesce(r.date, a.date) AS date, coalesce(r.title, a.title) AS title,
        coalesce(r.text, a.text) AS text, r.change, r.reader, r.rules
    FROM revisions AS r JOIN articles AS a ON a.id = r.article;
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
-- A wall is known by its text, which is the same at many addresses of a host, also after a restart.

ALTER TABLE addresses ADD COLUMN text_digest TEXT NOT NULL DEFAULT ''; -- of the host and the text read last; or ''
CREATE INDEX addresses_by_text ON addresses (text_digest) WHERE text_digest <> '';
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO _sqlite_migrations (id, migration_set, name, applied_at) VALUES (1, 'khobao', '0001_first_schema', '2026-11-29 00:05:30.951620+00:00');
INSERT INTO _sqlite_migrations (id, migration_set, name, applied_at) VALUES (2, 'khobao', '0002_facts_in_columns', '2026-11-29 00:05:30.959549+00:00');
INSERT INTO _sqlite_migrations (id, migration_set, name, applied_at) VALUES (3, 'khobao', '0003_words_and_watches', '2026-11-29 00:05:30.964389+00:00');
INSERT INTO _sqlite_migrations (id, migration_set, name, applied_at) VALUES (4, 'khobao', '0004_text_digests', '2026-11-29 00:05:30.965490+00:00');
INSERT INTO outlets (id, name, home, language, timezone, unproven) VALUES ('bao', 'Báo', '', '', '', 0);
INSERT INTO articles (number, id, outlet, url, date, title, text, standfirst, captions, signature, byline, credits, tags, section, published_at, date_source, date_raw, modified_at, language, kind, words, noarchive, reader, first_seen_at, last_checked_at, revision, gone_at, story, rules, doubts) VALUES (1, '1bd541870058ac99', 'bao', 'http://bao.example/tin-1.html', '2026-02-04', 'Cầu Mới thông xe', 'Cầu dài 820 mét.', '', '[]', '', '[]', '[]', '["cầu"]', 'Thời sự', '2026-02-04T12:00:00.000Z', '', '', NULL, '', 'article', 4, 0, '', '2026-02-04T13:00:00.000Z', '2026-02-04T14:00:00.000Z', 2, NULL, NULL, '', '[]');
INSERT INTO articles (number, id, outlet, url, date, title, text, standfirst, captions, signature, byline, credits, tags, section, published_at, date_source, date_raw, modified_at, language, kind, words, noarchive, reader, first_seen_at, last_checked_at, revision, gone_at, story, rules, doubts) VALUES (2, 'dfca6300b9602ee1', 'bao', 'http://bao.example/tin-2.html', '2026-02-04', 'Cầu Mới thông xe', 'Cầu dài 812 mét.

Minh Khôi', '', '[]', '', '[]', '[]', '["cầu"]', 'Thời sự', '2026-02-04T12:00:00.000Z', '', '', NULL, '', 'article', 6, 0, '', '2026-02-04T15:00:00.000Z', '2026-02-04T15:00:00.000Z', 1, '2026-02-04T16:00:00.000Z', NULL, '', '[]');
INSERT INTO revisions (id, article, revision, seen_at, date, title, text, change, reader, rules) VALUES (1, '1bd541870058ac99', 1, '2026-02-04T13:00:00.000Z', '2026-02-04', 'Cầu Mới thông xe', 'Cầu dài 812 mét.

Minh Khôi', 'first', '', '');
INSERT INTO revisions (id, article, revision, seen_at, date, title, text, change, reader, rules) VALUES (2, '1bd541870058ac99', 2, '2026-02-04T14:00:00.000Z', NULL, NULL, NULL, 'material', '', '');
INSERT INTO revisions (id, article, revision, seen_at, date, title, text, change, reader, rules) VALUES (3, 'dfca6300b9602ee1', 1, '2026-02-04T15:00:00.000Z', NULL, NULL, NULL, 'first', '', '');
INSERT INTO tombstones (article, missed_at, confirmed_at, back_at, url, reason, detail) VALUES ('dfca6300b9602ee1', '2026-02-04T16:00:00.000Z', '2026-02-05T01:00:00.000Z', NULL, 'http://bao.example/tin-2.html', 'gone', '404 Not Found');
INSERT INTO runs (id, kind, started_at, ended_at, beat_at, arguments, plan, served, state, counts, troubles) VALUES (1, 'crawl', '2026-02-04T12:00:00.000Z', '2026-02-05T01:00:00.000Z', NULL, '{"folder": "/tmp/tmp308nz1sx/captures"}', '{}', 0, 'done', '{}', '[]');
INSERT INTO captures (id, article, url, fetched_at, status, file, offset, length, digest, reader) VALUES (1, '1bd541870058ac99', 'http://bao.example/tin-1.html', '2026-02-04T13:00:00.000Z', 200, 'khobao-20260204-00000.warc', 350, 454, 'sha1:O5QUN34UMVJEVJYMR5CRFEG7Z5W3J6Y6', '');
INSERT INTO captures (id, article, url, fetched_at, status, file, offset, length, digest, reader) VALUES (2, '1bd541870058ac99', 'http://bao.example/tin-1.html', '2026-02-04T14:00:00.000Z', 200, 'khobao-20260204-00000.warc', 1318, 442, 'sha1:AWB4YA6PJ7M2YR2XK4HKF47VDBBYMBFI', '');
INSERT INTO captures (id, article, url, fetched_at, status, file, offset, length, digest, reader) VALUES (3, 'dfca6300b9602ee1', 'http://bao.example/tin-2.html', '2026-02-04T15:00:00.000Z', 200, 'khobao-20260204-00000.warc', 2274, 695, 'sha1:O5QUN34UMVJEVJYMR5CRFEG7Z5W3J6Y6', '');
INSERT INTO addresses (url, outlet, article, source, discovered_at, title_hint, published_hint, published_raw, state, status, reason, detail, failures, asked_at, next_due_at, claims, etag, last_modified, backfill, article_date, text_digest) VALUES ('http://bao.example/tin-1.html', 'bao', '1bd541870058ac99', '', '2026-02-04T13:00:00.000Z', '', NULL, '', 'archived', 200, '', '', 0, '2026-02-04T14:00:00.000Z', NULL, 0, '', '', NULL, NULL, '');
INSERT INTO addresses (url, outlet, article, source, discovered_at, title_hint, published_hint, published_raw, state, status, reason, detail, failures, asked_at, next_due_at, claims, etag, last_modified, backfill, article_date, text_digest) VALUES ('http://bao.example/tin-2.html', 'bao', 'dfca6300b9602ee1', '', '2026-02-04T15:00:00.000Z', '', NULL, '', 'archived', 404, 'gone', '404 Not Found', 0, '2026-02-05T01:00:00.000Z', NULL, 0, '', '', NULL, NULL, '');
INSERT INTO requests (id, url, run, asked_at, status, outcome, reason, detail, size, milliseconds, capture) VALUES (1, 'http://bao.example/tin-1.html', 1, '2026-02-04T13:00:00.000Z', 200, 'archived', '', '', 0, 0, 1);
INSERT INTO requests (id, url, run, asked_at, status, outcome, reason, detail, size, milliseconds, capture) VALUES (2, 'http://bao.example/tin-1.html', 1, '2026-02-04T14:00:00.000Z', 200, 'revised', '', '', 0, 0, 2);
INSERT INTO requests (id, url, run, asked_at, status, outcome, reason, detail, size, milliseconds, capture) VALUES (3, 'http://bao.example/tin-2.html', 1, '2026-02-04T15:00:00.000Z', 200, 'archived', '', '', 0, 0, 3);
INSERT INTO requests (id, url, run, asked_at, status, outcome, reason, detail, size, milliseconds, capture) VALUES (4, 'http://bao.example/tin-2.html', 1, '2026-02-04T16:00:00.000Z', 404, 'failed', 'gone', '404 Not Found', 0, 0, NULL);
INSERT INTO requests (id, url, run, asked_at, status, outcome, reason, detail, size, milliseconds, capture) VALUES (5, 'http://bao.example/tin-2.html', 1, '2026-02-05T01:00:00.000Z', 404, 'gone', 'gone', '404 Not Found', 0, 0, NULL);
