-- The longest that bytes of the answer lay in the kernel before they were read, in ns; none without the kernel's stamps.

ALTER TABLE exchange ADD COLUMN d_client_lag BIGINT;
