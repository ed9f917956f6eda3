-- The points of sweeps: rates that were held, and what came of each while it was looked at (see domain::Point). `place` is
-- the order in which they were tried. Stretches (`d_…`) are ns, rates are per second.

CREATE TABLE sweep_point (
    run_id BIGINT NOT NULL REFERENCES run (id),
    target TEXT NOT NULL,
    scenario TEXT NOT NULL,
    place BIGINT NOT NULL,
    rate DOUBLE PRECISION NOT NULL,
    d_window BIGINT NOT NULL,
    arrived BIGINT NOT NULL,
    answered BIGINT NOT NULL,
    inside BIGINT,
    delivered DOUBLE PRECISION NOT NULL,
    tokens DOUBLE PRECISION NOT NULL,
    in_flight DOUBLE PRECISION NOT NULL,
    d_first_token_p50 BIGINT,
    d_first_token_p99 BIGINT,
    d_per_output_token_p50 BIGINT,
    d_per_output_token_p99 BIGINT,
    d_duration_p50 BIGINT,
    d_duration_p99 BIGINT,
    cut BIGINT NOT NULL,
    PRIMARY KEY (run_id, target, scenario, place)
);
