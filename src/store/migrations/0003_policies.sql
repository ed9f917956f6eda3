-- Conversations: which turn an exchange belongs to, from 0; none where it is the only one.

ALTER TABLE exchange ADD COLUMN turn BIGINT;
