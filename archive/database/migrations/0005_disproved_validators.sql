-- Some servers answer 304 Not Modified for ever: what proved it is remembered, so that they are requested in full.

ALTER TABLE sources ADD COLUMN disproved_at TEXT; -- when its content last contradicted its ETag or Last-Modified; or NULL
