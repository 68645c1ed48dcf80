//! Stub.
use crate::page::Sink;
use footnote_core::types::ExtractSummary;
use footnote_core::{Error, Result};
pub(crate) fn read(_: &[u8], _: &mut ExtractSummary, _: &mut Sink<'_>) -> Result<u32> {
    Err(Error::user("not yet").hint("wait"))
}
pub(crate) fn read_sheets(_: &[u8], _: &mut ExtractSummary, _: &mut Sink<'_>) -> Result<u32> {
    Err(Error::user("not yet").hint("wait"))
}
