//! Chunks, vectors and full text in LanceDB.
