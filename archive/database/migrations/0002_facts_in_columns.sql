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
