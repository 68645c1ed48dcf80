//! One call of the operator, and how it is shared out among threads.

use std::collections::TryReserveError;
use std::ops::Range;

use footnote_model_import::attention::{KEY_BLOCK, LARGEST_HEAD};

use super::kernel::Kernel;
use super::tile::{CHUNK, QUERIES, Tile, sums_len};
use crate::operators::processor::InstructionSet;

/// Pieces of work a thread, so that a thread that wakes late leaves more to the others.
const PIECES: usize = 8;

/// What a node's attributes say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spec {
    pub heads: usize,
    pub kv_heads: usize,
    pub scale: f32,
    /// Which elements are turned together: `2i` and `2i + 1`, or `i` and `i + turned / 2`.
    pub adjacent: bool,
    /// Positions that a row sees, itself included.
    pub window: Option<usize>,
    /// `cap * tanh(score / cap)`.
    pub cap: Option<f32>,
}

impl Spec {
    /// Query heads that share keys and values.
    #[inline(always)]
    pub(super) fn group(&self) -> usize {
        self.heads / self.kv_heads
    }
}

/// Rows of numbers, of which each has those of all heads at `offset`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows<'a> {
    pub data: &'a [f32],
    pub stride: usize,
    pub offset: usize,
}

impl<'a> Rows<'a> {
    #[inline(always)]
    fn head(&self, row: usize, head: usize, size: usize) -> &'a [f32] {
        &self.data[row * self.stride + self.offset + head * size..][..size]
    }
}

/// Cosines and sines by position.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tables<'a> {
    pub cos: &'a [f32],
    pub sin: &'a [f32],
    /// Pairs of elements that are turned.
    pub pairs: usize,
}

/// What one call computes with.
pub(super) struct Step<'a> {
    pub spec: &'a Spec,
    /// Numbers of a head.
    pub size: usize,
    pub rows: usize,
    /// Position of the first row.
    pub start: usize,
    /// Positions of the cache.
    pub capacity: usize,
    pub query: Rows<'a>,
    pub key: Rows<'a>,
    pub value: Rows<'a>,
    pub tables: Option<Tables<'a>>,
    pub keys: *mut f32,
    pub values: *mut f32,
    /// Where queries go when they are turned: `[kv_heads, rows, group, size]`.
    pub queries: *mut f32,
    /// `[rows, heads, size]`.
    pub output: *mut f32,
}

// SAFETY: every thread writes places of its own: rows while they are placed, tiles afterwards.
unsafe impl Sync for Step<'_> {}

impl Step<'_> {
    /// Positions that the query at `position` sees.
    #[inline(always)]
    pub(super) fn seen(&self, position: usize) -> Range<usize> {
        let window = self.spec.window.unwrap_or(usize::MAX);
        (position + 1).saturating_sub(window)..position + 1
    }

    /// Turns the queries and the keys of a row, and appends its keys and values to the cache.
    ///
    /// # Safety
    /// The pointers must be to what their fields say, and no other thread may place this row or compute meanwhile.
    #[inline(always)]
    pub(super) unsafe fn place(&self, row: usize) {
        let (size, group, position) = (self.size, self.spec.group(), self.start + row);
        let mut turned = [0f32; LARGEST_HEAD];
        let turned = &mut turned[..size];
        for head in 0..self.spec.kv_heads {
            let cache = head * self.capacity * size;
            self.turn(self.key.head(row, head, size), position, 1.0, turned);
            let block = cache + position / KEY_BLOCK * KEY_BLOCK * size + position % KEY_BLOCK;
            let value = self.value.head(row, head, size);
            // SAFETY: the position lies inside of the cache.
            unsafe {
                let keys = self.keys.add(block);
                for (element, key) in turned.iter().enumerate() {
                    *keys.add(element * KEY_BLOCK) = *key;
                }
                let values = self.values.add(cache + position * size);
                values.copy_from_nonoverlapping(value.as_ptr(), size);
            }
            for member in 0..group {
                let query = self.query.head(row, head * group + member, size);
                self.turn(query, position, self.spec.scale, turned);
                let at = ((head * self.rows + row) * group + member) * size;
                // SAFETY: there is a place for every query.
                unsafe {
                    self.queries
                        .add(at)
                        .copy_from_nonoverlapping(turned.as_ptr(), size);
                }
            }
        }
    }

    /// `factor` times `head`, turned by the angles of its position.
    #[inline(always)]
    fn turn(&self, head: &[f32], position: usize, factor: f32, turned: &mut [f32]) {
        for (turned, element) in turned.iter_mut().zip(head) {
            *turned = element * factor;
        }
        let Some(Tables { cos, sin, pairs }) = self.tables else {
            return;
        };
        let (cos, sin) = (
            &cos[position * pairs..][..pairs],
            &sin[position * pairs..][..pairs],
        );
        let turn = |[first, second]: [&mut f32; 2], cos: f32, sin: f32| {
            (*first, *second) = (*first * cos - *second * sin, *first * sin + *second * cos);
        };
        let angles = cos.iter().zip(sin);
        if self.spec.adjacent {
            for ([first, second], (cos, sin)) in turned.as_chunks_mut::<2>().0.iter_mut().zip(angles) {
                turn([first, second], *cos, *sin);
            }
        } else {
            let (first, second) = turned.split_at_mut(pairs);
            for ((first, second), (cos, sin)) in first.iter_mut().zip(second).zip(angles) {
                turn([first, second], *cos, *sin);
            }
        }
    }
}

/// Runs work for each index below a count, in any order and on any thread.
pub(super) type Parallel<'a> = &'a dyn Fn(usize, &(dyn Fn(usize) + Sync)) -> ort::Result<()>;

/// A node's kernel with room to compute in.
pub(super) struct Attention {
    pub spec: Spec,
    kernel: Kernel,
    threads: usize,
    queries: Vec<f32>,
    parts: Vec<f32>,
}

fn room(list: &mut Vec<f32>, len: usize) -> Result<*mut f32, TryReserveError> {
    if list.len() < len {
        list.try_reserve_exact(len - list.len())?;
        list.resize(len, 0.0);
    }
    Ok(list.as_mut_ptr())
}

impl Attention {
    pub(super) fn new(spec: Spec, set: InstructionSet, threads: usize) -> Self {
        Self {
            spec,
            kernel: Kernel::of(set),
            threads: threads.max(1),
            queries: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// A place for the queries of that many rows.
    ///
    /// # Errors
    /// If there is no memory: a long prompt must not end the program.
    pub(super) fn queries(&mut self, rows: usize, size: usize) -> Result<*mut f32, TryReserveError> {
        room(&mut self.queries, rows * self.spec.heads * size)
    }

    /// Computes a step.
    ///
    /// # Safety
    /// The step's pointers must be to what their fields say, and nobody else's meanwhile.
    ///
    /// # Errors
    /// Those of `parallel`, and a lack of memory.
    pub(super) unsafe fn compute(&mut self, step: &Step<'_>, parallel: Parallel<'_>) -> ort::Result<()> {
        let (kernel, rows) = (self.kernel, step.rows);
        let pieces = if rows < PIECES {
            1
        } else {
            rows.min(self.threads * PIECES)
        };
        parallel(pieces, &|piece| {
            for row in piece * rows / pieces..(piece + 1) * rows / pieces {
                // SAFETY: the caller's; a row belongs to one piece, and the kernel is this processor's.
                unsafe { (kernel.place)(step, row) };
            }
        })?;

        let tiles = (rows * self.spec.group()).div_ceil(QUERIES);
        let units = tiles * self.spec.kv_heads;
        let tile = |unit: usize| Tile::new(step, unit / tiles, unit % tiles);
        let chunks = (step.start + rows).div_ceil(CHUNK);
        if units >= self.threads || chunks == 1 {
            // SAFETY: as above; rows are placed, and a tile belongs to one unit.
            return parallel(units, &|unit| unsafe { (kernel.whole)(&tile(unit)) });
        }

        // Few queries and many processors: the chunks of a tile are shared out too.
        let len = sums_len(step.size);
        let parts = room(&mut self.parts, units * chunks * len)
            .map_err(|error| ort::Error::new(format!("out of memory for {chunks} chunks: {error}")))?;
        let parts = Parts(parts);
        parallel(units * chunks, &|index| {
            let (unit, chunk) = (index / chunks, index % chunks);
            // SAFETY: as above; each index has a place of its own.
            unsafe {
                let sums = std::slice::from_raw_parts_mut(parts.get().add(index * len), len);
                (kernel.part)(&tile(unit), chunk, sums);
            }
        })?;
        parallel(units, &|unit| {
            // SAFETY: as above; all parts are written and nobody writes any more.
            unsafe {
                let sums = std::slice::from_raw_parts(parts.get().add(unit * chunks * len), chunks * len);
                (kernel.join)(&tile(unit), sums);
            }
        })
    }
}

/// Sums of parts, written by several threads.
struct Parts(*mut f32);

// SAFETY: each thread writes places of its own.
unsafe impl Sync for Parts {}

impl Parts {
    fn get(&self) -> *mut f32 {
        self.0
    }
}
