-- How long bytes of the answer lay in the kernel before they were read (p99 of its reads), in ns; none without the
-- kernel's stamps.

ALTER TABLE exchange ADD COLUMN d_client_lag BIGINT;
