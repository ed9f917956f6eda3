-- The spine: runs, trials, exchanges, answers, findings, the ledger and the board's checkpoint.
--
-- Only BIGINT, DOUBLE PRECISION and TEXT, so that the same text serves PostgreSQL. Times that people and retention
-- read are ms since the Unix epoch (`…_unix_ms`); instants of an exchange are absolute ns of the monotonic clock (`t_…`),
-- stretches are ns (`d_…`). Unsigned 64-bit figures are stored by their bits as signed ones. Money is nano-USD.
-- U+0000 in texts is escaped (see text.rs). Ids are given by the one writer.

CREATE TABLE run (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    plan TEXT NOT NULL,
    seed BIGINT NOT NULL,
    started_unix_ms BIGINT NOT NULL,
    finished_unix_ms BIGINT,
    result TEXT
);
CREATE INDEX run_unfinished ON run (name) WHERE finished_unix_ms IS NULL;

-- state: open (asked, not over), done (answered or failed: never asked again), unknown (was in flight at a kill).
-- seq: 0, and for a trial of purpose `measure` more only where all before are unknown; other purposes repeat freely.
-- earlier: attempts that a process made which died before the trial was over; later ones are numbered after them.
-- position: the order of recording over all runs; none while open.
CREATE TABLE trial (
    id BIGINT NOT NULL PRIMARY KEY,
    run_id BIGINT NOT NULL REFERENCES run (id),
    target TEXT NOT NULL,
    scenario TEXT NOT NULL,
    item TEXT NOT NULL,
    repeat BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    seq BIGINT NOT NULL,
    state TEXT NOT NULL,
    earlier BIGINT NOT NULL,
    cluster TEXT NOT NULL,
    domain TEXT NOT NULL,
    capability TEXT NOT NULL,
    language TEXT NOT NULL,
    split TEXT NOT NULL,
    provenance TEXT NOT NULL,
    at_unix_ms BIGINT NOT NULL,
    position BIGINT,
    good BIGINT NOT NULL,
    hardware BIGINT NOT NULL
);
CREATE UNIQUE INDEX trial_key ON trial (run_id, target, scenario, item, repeat, purpose, seq);
CREATE UNIQUE INDEX trial_position ON trial (position) WHERE position IS NOT NULL;
CREATE INDEX trial_run ON trial (run_id, position) WHERE position IS NOT NULL;
CREATE INDEX trial_open ON trial (id) WHERE state = 'open';

-- charge: in_flight (only its intent is known), settled (components in the ledger), unpriced, unknown (at most `bound`).
-- place: its rank in the sample. fault: the failure's label, none on success.
CREATE TABLE exchange (
    trial_id BIGINT NOT NULL REFERENCES trial (id),
    purpose TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    place BIGINT NOT NULL,
    at_unix_ms BIGINT NOT NULL,
    reserve BIGINT,
    charge TEXT NOT NULL,
    bound BIGINT,
    t_scheduled BIGINT,
    d_dns BIGINT,
    d_connect BIGINT,
    d_tls BIGINT,
    t_send BIGINT,
    t_first BIGINT,
    t_visible BIGINT,
    t_last BIGINT,
    t_end BIGINT,
    events BIGINT,
    gaps TEXT,
    stamps TEXT,
    finish TEXT,
    model TEXT,
    tok_input BIGINT,
    tok_cache_read BIGINT,
    tok_cache_write BIGINT,
    tok_output BIGINT,
    tok_reasoning BIGINT,
    fault TEXT,
    fault_detail TEXT,
    fault_status BIGINT,
    fault_retry_ns BIGINT,
    PRIMARY KEY (trial_id, purpose, attempt)
);
CREATE INDEX exchange_in_flight ON exchange (trial_id) WHERE charge = 'in_flight';

-- Apart from `exchange`, so that figures are read without paging through texts. No row: nothing was said, or kept.
CREATE TABLE answer (
    trial_id BIGINT NOT NULL REFERENCES trial (id),
    purpose TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    text TEXT NOT NULL,
    reasoning TEXT NOT NULL,
    tool_calls TEXT NOT NULL,
    refusal TEXT,
    PRIMARY KEY (trial_id, purpose, attempt)
);

-- Append-only: re-grading adds a version and rewrites nothing; the latest version holds.
CREATE TABLE finding (
    trial_id BIGINT NOT NULL REFERENCES trial (id),
    version BIGINT NOT NULL,
    grader TEXT NOT NULL,
    at_unix_ms BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    score DOUBLE PRECISION,
    extracted TEXT,
    rule TEXT NOT NULL,
    PRIMARY KEY (trial_id, version)
);

-- Append-only. kind: reserve (amount is held), and then one of settle (amount is the sum of the components), unknown
-- (amount is the bound), unpriced or release (not sent after all), each of which ends the reserve. Attempt 0 is the
-- trial's share of hardware.
CREATE TABLE ledger_entry (
    trial_id BIGINT NOT NULL REFERENCES trial (id),
    purpose TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    kind TEXT NOT NULL,
    run_id BIGINT NOT NULL,
    at_unix_ms BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    input BIGINT NOT NULL,
    cache_read BIGINT NOT NULL,
    cache_write BIGINT NOT NULL,
    output BIGINT NOT NULL,
    reasoning BIGINT NOT NULL,
    request BIGINT NOT NULL,
    hardware BIGINT NOT NULL,
    PRIMARY KEY (trial_id, purpose, attempt, kind)
);

-- What the entries of pruned trials came to.
CREATE TABLE ledger_fold (
    run_id BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    kind TEXT NOT NULL,
    entries BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    input BIGINT NOT NULL,
    cache_read BIGINT NOT NULL,
    cache_write BIGINT NOT NULL,
    output BIGINT NOT NULL,
    reasoning BIGINT NOT NULL,
    request BIGINT NOT NULL,
    hardware BIGINT NOT NULL,
    PRIMARY KEY (run_id, purpose, kind)
);

-- The sums of settle and unknown entries by minute, kept in the same transaction: budgets read these few rows, never
-- the ledger itself.
CREATE TABLE spending (
    run_id BIGINT NOT NULL,
    minute BIGINT NOT NULL,
    settled BIGINT NOT NULL,
    unknown BIGINT NOT NULL,
    PRIMARY KEY (run_id, minute)
);
CREATE INDEX spending_minute ON spending (minute, settled, unknown);

-- One row: the board's totals up to and including `position`.
CREATE TABLE checkpoint (
    id BIGINT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    text TEXT NOT NULL
);
