-- Samples as comparisons read them: a row of numbers each, in the order of recording, so that millions are read in seconds.
-- What is text elsewhere is a number here: where a sample belongs has a row of its own (`stratum`), items and extracted
-- answers are hashes (see outcomes.rs). Nothing here is known only here: what is missing is made of the other tables.
-- Verdicts and extracted answers are those of the latest finding; cost is what is known of it, shares included, bound what
-- is unknown or unpriced can have cost at the most.

CREATE TABLE stratum (
    id BIGINT NOT NULL PRIMARY KEY,
    run_id BIGINT NOT NULL REFERENCES run (id),
    target TEXT NOT NULL,
    scenario TEXT NOT NULL,
    domain TEXT NOT NULL,
    capability TEXT NOT NULL,
    language TEXT NOT NULL,
    split TEXT NOT NULL,
    length TEXT NOT NULL,
    hard BIGINT NOT NULL,
    provenance TEXT NOT NULL
);
CREATE UNIQUE INDEX stratum_key
    ON stratum (run_id, target, scenario, domain, capability, language, split, length, hard, provenance);

CREATE TABLE outcome (
    position BIGINT NOT NULL PRIMARY KEY,
    stratum_id BIGINT NOT NULL REFERENCES stratum (id),
    cluster BIGINT NOT NULL,
    form BIGINT,
    verdict BIGINT NOT NULL,
    good BIGINT NOT NULL,
    said BIGINT,
    cost BIGINT NOT NULL,
    bound BIGINT NOT NULL,
    unpriced BIGINT NOT NULL,
    d_lag BIGINT,
    d_first BIGINT,
    d_whole BIGINT,
    tokens BIGINT,
    microjoules BIGINT
);
