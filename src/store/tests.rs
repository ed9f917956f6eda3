//! Any sample survives the way into the store and back.
