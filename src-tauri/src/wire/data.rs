//! The data folder, and moving it.

use serde::Serialize;
use specta::Type;

use super::{mirror, path_text};
use crate::state;

mirror!(
    /// How the data folder was told.
    DataOrigin of state::Origin {
        /// The system's folder for application data.
        Default,
        /// Where it was moved to.
        Moved,
        /// Named when Footnote was started; it cannot be moved from here.
        Named,
    }
);

/// Where everything is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DataFolder {
    /// The folder.
    pub path: String,
    /// How it was told.
    pub origin: DataOrigin,
    /// Bytes of the data.
    pub bytes: u64,
    /// Bytes that may still be written on its disk, where the system says.
    pub free: Option<u64>,
}

/// What moving the data would come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct MovePlan {
    /// The folder, in full.
    pub to: String,
    /// Bytes to be copied.
    pub bytes: u64,
}

impl From<state::MovePlan> for MovePlan {
    fn from(plan: state::MovePlan) -> Self {
        Self {
            to: path_text(&plan.to),
            bytes: plan.bytes,
        }
    }
}

/// What a move is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum MoveStage {
    /// Waiting for what is being read and answered to stop.
    Stopping,
    /// Copying.
    Copying,
    /// Reading the copy again and comparing it.
    Comparing,
    /// Opening the copy.
    Opening,
}

/// How far a move is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct MoveEvent {
    /// What it is doing.
    pub stage: MoveStage,
    /// Bytes done of this stage.
    pub done: u64,
    /// Bytes in all; 0 where nothing is counted.
    pub total: u64,
}

impl From<state::MoveProgress> for MoveEvent {
    fn from(progress: state::MoveProgress) -> Self {
        Self {
            stage: match progress.stage {
                state::CopyStage::Copying => MoveStage::Copying,
                state::CopyStage::Comparing => MoveStage::Comparing,
            },
            done: progress.done,
            total: progress.total,
        }
    }
}
