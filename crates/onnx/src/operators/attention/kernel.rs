//! What differs between processors: products of small matrices, and the instructions that the rest is compiled to.

use super::step::Step;
use super::tile::Tile;
use crate::operators::processor::InstructionSet;

/// Most rows of a product: their sums fit into the registers.
pub(super) const MOST_ROWS: usize = 6;
/// A product's columns are a multiple of this.
pub(super) const LANES: usize = 16;

/// `c = a * b`, where `b` has `depth` rows of `width` columns, a multiple of [`LANES`].
///
/// Each number is added up in the order of `depth`, one fused multiply-add at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Product {
    pub a: *const f32,
    pub b: *const f32,
    pub c: *mut f32,
    /// Numbers from one row to the next, of each.
    pub strides: [usize; 3],
    pub depth: usize,
    pub width: usize,
}

/// An instruction set's products.
pub(super) trait Multiply {
    /// A product with `ROWS` rows, at most [`MOST_ROWS`].
    ///
    /// # Safety
    /// The processor must have the instructions, the matrices must be there, and `c` must be nobody else's meanwhile.
    unsafe fn multiply<const ROWS: usize>(product: &Product);
}

/// The functions of one kernel. To be called on its processor only.
#[derive(Clone, Copy)]
pub(super) struct Kernel {
    /// [`Step::place`].
    pub place: unsafe fn(&Step<'_>, usize),
    /// [`Tile::whole`].
    pub whole: unsafe fn(&Tile<'_>),
    /// [`Tile::part`].
    pub part: unsafe fn(&Tile<'_>, usize, &mut [f32]),
    /// [`Tile::join`].
    pub join: unsafe fn(&Tile<'_>, &[f32]),
}

/// The functions of a kernel, compiled for `$features` with the products of `$multiply`.
macro_rules! functions {
    ($multiply:ty $(, $features:literal)?) => {
        /// [`Step::place`](crate::operators::attention::step::Step::place).
        ///
        /// # Safety
        /// As there; the processor must be the kernel's.
        $(#[target_feature(enable = $features)])?
        pub(super) unsafe fn place(step: &crate::operators::attention::step::Step<'_>, row: usize) {
            // SAFETY: the caller's.
            unsafe { step.place(row) }
        }

        /// [`Tile::whole`](crate::operators::attention::tile::Tile::whole).
        ///
        /// # Safety
        /// As there; the processor must be the kernel's.
        $(#[target_feature(enable = $features)])?
        pub(super) unsafe fn whole(tile: &crate::operators::attention::tile::Tile<'_>) {
            // SAFETY: the caller's.
            unsafe { tile.whole::<$multiply>() }
        }

        /// [`Tile::part`](crate::operators::attention::tile::Tile::part).
        ///
        /// # Safety
        /// As there; the processor must be the kernel's.
        $(#[target_feature(enable = $features)])?
        pub(super) unsafe fn part(
            tile: &crate::operators::attention::tile::Tile<'_>,
            chunk: usize,
            sums: &mut [f32],
        ) {
            // SAFETY: the caller's.
            unsafe { tile.part::<$multiply>(chunk, sums) }
        }

        /// [`Tile::join`](crate::operators::attention::tile::Tile::join).
        ///
        /// # Safety
        /// As there; the processor must be the kernel's.
        $(#[target_feature(enable = $features)])?
        pub(super) unsafe fn join(tile: &crate::operators::attention::tile::Tile<'_>, parts: &[f32]) {
            // SAFETY: the caller's.
            unsafe { tile.join(parts) }
        }
    };
}
pub(super) use functions;

macro_rules! kernel {
    ($module:ident) => {
        Kernel {
            place: super::$module::place,
            whole: super::$module::whole,
            part: super::$module::part,
            join: super::$module::join,
        }
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
}
