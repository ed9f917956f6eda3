-- What an adaptive run knew of a scenario when it began (costs foretold, earlier models' answers, its part of the budget): a
-- run that goes on after a kill draws the same items in the same order only out of the same knowledge.

CREATE TABLE campaign (
    run_id BIGINT NOT NULL REFERENCES run (id),
    scenario TEXT NOT NULL,
    knowledge TEXT NOT NULL,
    PRIMARY KEY (run_id, scenario)
);
