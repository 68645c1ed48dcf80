//! Integration tests over the whole engine.
