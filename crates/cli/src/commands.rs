//! One module a command.

pub mod add;
pub mod ask;
pub mod chat;
pub mod collections;
pub mod conversations;
pub mod data;
pub mod doctor;
pub mod documents;
pub mod eval;
pub mod extract;
pub mod jobs;
pub mod models;
pub mod preflight;
pub mod prompts;
pub mod search;
pub mod trace;
pub mod watch;
pub mod why;
