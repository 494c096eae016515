-- The schema of the first release.
-- Instants are ISO 8601 in UTC with milliseconds and Z, so that they sort as text; lists are JSON.

PRAGMA application_id = 1802006370; -- 'khob'

CREATE TABLE outlets (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    home TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    timezone TEXT NOT NULL DEFAULT '',
    unproven INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Articles of several outlets on one event.
CREATE TABLE stories (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    first_published_at TEXT
) STRICT;

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
    standfirst TEXT NOT NULL DEFAULT '',
    captions TEXT NOT NULL DEFAULT '[]',
    signature TEXT NOT NULL DEFAULT '',
    byline TEXT NOT NULL DEFAULT '[]',
    credits TEXT NOT NULL DEFAULT '[]',
    tags TEXT NOT NULL DEFAULT '[]',
    section TEXT NOT NULL DEFAULT '',
    published_at TEXT,
    date_source TEXT NOT NULL DEFAULT '',
    date_raw TEXT NOT NULL DEFAULT '',
    modified_at TEXT,
    language TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT 'article',
    words INTEGER NOT NULL DEFAULT 0,
    noarchive INTEGER NOT NULL DEFAULT 0,
    reader TEXT NOT NULL DEFAULT '',
    first_seen_at TEXT NOT NULL,
    last_checked_at TEXT,
    revision INTEGER NOT NULL DEFAULT 1,
    gone_at TEXT,
    story INTEGER REFERENCES stories (id)
) STRICT;
CREATE INDEX articles_by_outlet ON articles (outlet, date);
CREATE INDEX articles_by_date ON articles (date);

-- Every version of every article; the title and text of the newest are in `articles`.
CREATE TABLE revisions (
    article TEXT NOT NULL REFERENCES articles (id),
    revision INTEGER NOT NULL,
    seen_at TEXT NOT NULL,
    title TEXT,
    text TEXT,
    change TEXT NOT NULL,                       -- first, cosmetic, headline, material, correction or reread
    PRIMARY KEY (article, revision)
) STRICT, WITHOUT ROWID;

-- Where answers are kept, byte for byte.
CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    article TEXT REFERENCES articles (id),      -- NULL for feeds, sitemaps and pages that are no article
    url TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    status INTEGER NOT NULL,
    file TEXT NOT NULL,
    offset INTEGER NOT NULL,
    length INTEGER NOT NULL,
    digest TEXT NOT NULL,
    UNIQUE (file, offset)
) STRICT;
CREATE INDEX captures_by_article ON captures (article);
CREATE INDEX captures_by_url ON captures (url);

-- The ledger: what was asked, what came back, when it is due again, and why.
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    arguments TEXT NOT NULL DEFAULT '{}',
    state TEXT NOT NULL DEFAULT 'running',      -- running, done, stopped or failed
    counts TEXT NOT NULL DEFAULT '{}'
) STRICT;

CREATE TABLE sources (
    url TEXT PRIMARY KEY,
    outlet TEXT NOT NULL REFERENCES outlets (id),
    kind TEXT NOT NULL,
    status INTEGER,
    reason TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    failures INTEGER NOT NULL DEFAULT 0,
    polls INTEGER NOT NULL DEFAULT 0,
    candidates INTEGER NOT NULL DEFAULT 0,      -- of the last poll
    new INTEGER NOT NULL DEFAULT 0,             -- of all polls
    polled_at TEXT,
    news_at TEXT,
    interval REAL,
    next_due_at TEXT,
    etag TEXT NOT NULL DEFAULT '',
    last_modified TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX sources_by_outlet ON sources (outlet, next_due_at);

CREATE TABLE addresses (
    url TEXT PRIMARY KEY,                       -- canonical
    outlet TEXT NOT NULL REFERENCES outlets (id),
    article TEXT NOT NULL,                      -- the id of the article it leads to, archived or not
    source TEXT NOT NULL DEFAULT '',            -- in which it was first found
    discovered_at TEXT NOT NULL,
    title_hint TEXT NOT NULL DEFAULT '',
    published_hint TEXT,
    published_raw TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'due',          -- due, archived, rejected or failed
    status INTEGER,
    reason TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    failures INTEGER NOT NULL DEFAULT 0,
    asked_at TEXT,
    next_due_at TEXT,                           -- NULL: never by itself
    etag TEXT NOT NULL DEFAULT '',
    last_modified TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX addresses_by_article ON addresses (article);
CREATE INDEX addresses_due ON addresses (outlet, next_due_at) WHERE next_due_at IS NOT NULL;
CREATE INDEX addresses_by_state ON addresses (outlet, state, reason);

CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,                          -- as in addresses
    run INTEGER REFERENCES runs (id),
    asked_at TEXT NOT NULL,
    status INTEGER,
    outcome TEXT NOT NULL,                      -- archived, revised, unchanged, rejected or failed
    reason TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    size INTEGER NOT NULL DEFAULT 0,
    milliseconds INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX requests_by_url ON requests (url);

-- What a host asks of us, and how it fares; it survives a restart.
CREATE TABLE hosts (
    origin TEXT PRIMARY KEY,
    robots_status INTEGER,
    robots_text TEXT NOT NULL DEFAULT '',
    robots_fetched_at TEXT,
    robots_expires_at TEXT
) STRICT, WITHOUT ROWID;

-- The search index. SQLite's tokenizers fold every Vietnamese letter but đ, so that one is folded here.
CREATE VIEW articles_folded AS
    SELECT number, replace(replace(title, 'đ', 'd'), 'Đ', 'D') AS title, replace(replace(text, 'đ', 'd'), 'Đ', 'D') AS text FROM articles;
CREATE VIRTUAL TABLE articles_fts USING fts5 (
    title, text, content = 'articles_folded', content_rowid = 'number', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER articles_fts_insert AFTER INSERT ON articles BEGIN
    INSERT INTO articles_fts (rowid, title, text)
    VALUES (new.number, replace(replace(new.title, 'đ', 'd'), 'Đ', 'D'), replace(replace(new.text, 'đ', 'd'), 'Đ', 'D'));
END;
CREATE TRIGGER articles_fts_delete AFTER DELETE ON articles BEGIN
    INSERT INTO articles_fts (articles_fts, rowid, title, text)
    VALUES ('delete', old.number, replace(replace(old.title, 'đ', 'd'), 'Đ', 'D'), replace(replace(old.text, 'đ', 'd'), 'Đ', 'D'));
END;
CREATE TRIGGER articles_fts_update AFTER UPDATE OF title, text ON articles BEGIN
    INSERT INTO articles_fts (articles_fts, rowid, title, text)
    VALUES ('delete', old.number, replace(replace(old.title, 'đ', 'd'), 'Đ', 'D'), replace(replace(old.text, 'đ', 'd'), 'Đ', 'D'));
    INSERT INTO articles_fts (rowid, title, text)
    VALUES (new.number, replace(replace(new.title, 'đ', 'd'), 'Đ', 'D'), replace(replace(new.text, 'đ', 'd'), 'Đ', 'D'));
END;
