-- What a run asked out of a scenario (a hash of items and template, without right answers), so that answers are graded
-- anew only as answers to what they were given to.

CREATE TABLE asked (
    run_id BIGINT NOT NULL REFERENCES run (id),
    scenario TEXT NOT NULL,
    items TEXT NOT NULL,
    PRIMARY KEY (run_id, scenario)
);
