-- What prices tell apart beside the first buckets: longer cache writes, sound and pictures, searches (a number of them, no
-- tokens), energy apart from hardware; the service tier in the provider's word, and what the provider says it cost
-- (nano-USD). None of it was known of what is there already: its tokens and tier are none, its amounts 0.

ALTER TABLE exchange ADD COLUMN tok_cache_write_1h BIGINT;
ALTER TABLE exchange ADD COLUMN tok_audio_input BIGINT;
ALTER TABLE exchange ADD COLUMN tok_image_input BIGINT;
ALTER TABLE exchange ADD COLUMN tok_audio_output BIGINT;
ALTER TABLE exchange ADD COLUMN tok_image_output BIGINT;
ALTER TABLE exchange ADD COLUMN searches BIGINT;
ALTER TABLE exchange ADD COLUMN tier TEXT;
ALTER TABLE exchange ADD COLUMN reported_cost BIGINT;

ALTER TABLE ledger_entry ADD COLUMN cache_write_1h BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_entry ADD COLUMN audio_input BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_entry ADD COLUMN image_input BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_entry ADD COLUMN audio_output BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_entry ADD COLUMN image_output BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_entry ADD COLUMN search BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_entry ADD COLUMN energy BIGINT NOT NULL DEFAULT 0;

ALTER TABLE ledger_fold ADD COLUMN cache_write_1h BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_fold ADD COLUMN audio_input BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_fold ADD COLUMN image_input BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_fold ADD COLUMN audio_output BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_fold ADD COLUMN image_output BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_fold ADD COLUMN search BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_fold ADD COLUMN energy BIGINT NOT NULL DEFAULT 0;
