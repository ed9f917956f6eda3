//! Cuts events out of a byte stream: server-sent events, NDJSON, whole bodies.
