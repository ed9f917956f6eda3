-- Strata of an item beyond its tags: how long the question is (short, long), and whether the data marks it as hard.

ALTER TABLE trial ADD COLUMN length TEXT NOT NULL DEFAULT 'short';
ALTER TABLE trial ADD COLUMN hard BIGINT NOT NULL DEFAULT 0;
