-- A wall is known by its text, which is the same at many addresses of a host, also after a restart.

ALTER TABLE addresses ADD COLUMN text_digest TEXT NOT NULL DEFAULT ''; -- of the host and the text read last; or ''
CREATE INDEX addresses_by_text ON addresses (text_digest) WHERE text_digest <> '';
