//! The arena over its own routes, on a store in memory.
