//! stub
mod formula;
