//! One module a command.

pub mod add;
pub mod ask;
pub mod chat;
pub mod conversations;
pub mod doctor;
pub mod documents;
pub mod eval;
pub mod extract;
pub mod models;
pub mod search;
