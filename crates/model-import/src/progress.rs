//! How far an import has come, and how it is stopped.

use std::ops::ControlFlow;

use crate::error::ImportError;

/// A named stage of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportStep {
    /// Hashing the source file; units are bytes.
    Hash,
    /// Converting weights; units are bytes of the source.
    Weights,
    /// Rebuilding the tokenizer; one unit.
    Tokenizer,
    /// Writing the graph and moving the folder into place; one unit.
    Finish,
}

/// A report to the progress callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub step: ImportStep,
    /// Units done.
    pub finished: u64,
    /// Units in all; zero when not known.
    pub total: u64,
}

/// The callback with its state.
pub(crate) struct Reporter<'a> {
    callback: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
    step: ImportStep,
    finished: u64,
    total: u64,
}

impl<'a> Reporter<'a> {
    pub(crate) fn new(callback: &'a mut dyn FnMut(Progress) -> ControlFlow<()>) -> Self {
        Self {
            callback,
            step: ImportStep::Hash,
            finished: 0,
            total: 0,
        }
    }

    /// Begins a step of `total` units.
    pub(crate) fn begin(&mut self, step: ImportStep, total: u64) -> Result<(), ImportError> {
        (self.step, self.finished, self.total) = (step, 0, total);
        self.advance(0)
    }

    /// Adds finished units. Totals are estimates from the source (a shared table counts once), so the
    /// count is kept from running past them.
    pub(crate) fn advance(&mut self, units: u64) -> Result<(), ImportError> {
        self.finished = (self.finished + units).min(self.total);
        let progress = Progress {
            step: self.step,
            finished: self.finished,
            total: self.total,
        };
        match (self.callback)(progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ImportError::Cancelled),
        }
    }
}
