-- Votes on two stored answers to one question: by people on the page (blind), or by a model that was asked in both orders.
-- `prompt` is a hash that near-duplicates of a question share. A vote belongs to its prompt, its pair (`low` and `high`, by
-- name) and its voter once. `low_first` says that `low` was shown first, or on the left; `preference` (left, right, tie,
-- both-bad) is of the order shown, `swapped` what was said in the other order, seen from the same sides. `voter` is a
-- pseudonym: a keyed hash. No text is kept, nor anything of who voted.

CREATE TABLE vote (
    id BIGINT NOT NULL PRIMARY KEY,
    scenario TEXT NOT NULL,
    item TEXT NOT NULL,
    prompt TEXT NOT NULL,
    low TEXT NOT NULL,
    high TEXT NOT NULL,
    low_provenance TEXT NOT NULL,
    high_provenance TEXT NOT NULL,
    low_first BIGINT NOT NULL,
    preference TEXT NOT NULL,
    swapped TEXT,
    voter TEXT NOT NULL,
    source TEXT NOT NULL,
    domain TEXT NOT NULL,
    capability TEXT NOT NULL,
    language TEXT NOT NULL,
    split TEXT NOT NULL,
    length TEXT NOT NULL,
    hard BIGINT NOT NULL,
    at_unix_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX vote_once ON vote (voter, prompt, low, high);
CREATE INDEX vote_time ON vote (at_unix_ms);

-- Words that the store made for itself, such as the key of voters' pseudonyms.
CREATE TABLE kept (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
