//! Which kernel this processor runs.

use footnote_model_import::panels::{Activation, PANEL_ROWS, PanelFormat};

use super::inputs::{GROUP_ROWS, Group, Writer};
use crate::operators::processor::InstructionSet;

/// Products of one panel with one group of inputs: sixteen numbers a row of the group.
///
/// # Safety
/// The processor must be the one the function was chosen for; the pointer must be to a whole panel of the format
/// the function was chosen for, with rows of the group's length; the group must have the number of rows the function
/// was chosen for, as many as the last argument, and not be written meanwhile.
pub(super) type Product = unsafe fn(*const u8, &Group, &mut [[f32; PANEL_ROWS]]);
/// Quantises one group; safety as for [`Writer::quantise`].
pub(super) type Quantise = unsafe fn(&Writer, usize, &[f32]);
/// Gates products; safe on the processor it was chosen for.
pub(super) type ApplyGate = unsafe fn(Activation, &[[f32; PANEL_ROWS]], &mut [[f32; PANEL_ROWS]]);

/// The functions of one kernel.
#[derive(Clone, Copy)]
pub(super) struct Kernel {
    pub quantise: Quantise,
    pub apply_gate: ApplyGate,
    products: fn(PanelFormat) -> [Product; GROUP_ROWS],
}

macro_rules! kernel {
    ($module:ident) => {
        Kernel {
            quantise: super::$module::quantise,
            apply_gate: super::$module::apply_gate,
            products: |format| match format {
                PanelFormat::Q4_0 => kernel!(@rows $module, 0),
                PanelFormat::Q4_1 => kernel!(@rows $module, 1),
                PanelFormat::Q5_0 => kernel!(@rows $module, 2),
                PanelFormat::Q5_1 => kernel!(@rows $module, 3),
                PanelFormat::Q8_0 => kernel!(@rows $module, 4),
                PanelFormat::Q4K => kernel!(@rows $module, 5),
                PanelFormat::Q5K => kernel!(@rows $module, 6),
                PanelFormat::Q6K => kernel!(@rows $module, 7),
            },
        }
    };
    (@rows $module:ident, $format:literal) => {
        [
            super::$module::product::<$format, 1>,
            super::$module::product::<$format, 2>,
            super::$module::product::<$format, 3>,
            super::$module::product::<$format, 4>,
            super::$module::product::<$format, 5>,
            super::$module::product::<$format, 6>,
            super::$module::product::<$format, 7>,
            super::$module::product::<$format, 8>,
        ]
    };
}

impl Kernel {
    /// The kernel for an instruction set, which the processor must have.
    pub(super) fn of(set: InstructionSet) -> Self {
        match set {
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512Vnni => kernel!(avx512),
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => kernel!(avx2),
            InstructionSet::Portable => kernel!(portable),
        }
    }

    /// The products of a format, by number of rows less one.
    pub(super) fn products(self, format: PanelFormat) -> [Product; GROUP_ROWS] {
        (self.products)(format)
    }
}
