//! Keys and values of a sequence, in the graph's precision and where the graph computes.

use footnote_model_import::attention::KEY_BLOCK;
use half::f16;
use ort::memory::Allocator;
use ort::session::IoBinding;
use ort::value::{PrimitiveTensorElementType, Tensor};

/// What every layer keeps of a position.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CacheShape {
    pub layers: usize,
    pub heads: usize,
    pub head_dim: usize,
}

/// Where the buffers lie.
pub(crate) enum Place {
    /// In the machine's memory.
    Host,
    /// In memory that only a graphics processor reads.
    Device(Allocator),
}

/// A number of the cache.
pub(crate) trait Element: PrimitiveTensorElementType + Copy + std::fmt::Debug {
    const ZERO: Self;
}

impl Element for f32 {
    const ZERO: Self = 0.0;
}

impl Element for f16 {
    const ZERO: Self = f16::ZERO;
}

/// Keys and values of the first positions, taken out of a [`Cache`].
pub(crate) enum Saved {
    Single(Vec<f32>),
    Half(Vec<f16>),
}

/// Keys and values of a layer are one buffer each, bound as input and output at once: the attention operator then
/// appends in place instead of copying the cache at every token.
pub(crate) enum Cache {
    Single(Buffers<f32>),
    Half(Buffers<f16>),
}

impl Cache {
    /// Without room yet.
    pub(crate) fn single(shape: CacheShape) -> Self {
        Self::Single(Buffers::new(shape, Place::Host))
    }

    /// The same in half precision, at `place`.
    pub(crate) fn half(shape: CacheShape, place: Place) -> Self {
        Self::Half(Buffers::new(shape, place))
    }

    /// Positions there is room for.
    pub(crate) fn capacity(&self) -> usize {
        match self {
            Self::Single(buffers) => buffers.capacity,
            Self::Half(buffers) => buffers.capacity,
        }
    }

    /// Whether what is in it can be read: kept when it grows, saved and put back.
    pub(crate) fn is_readable(&self) -> bool {
        match self {
            Self::Single(buffers) => buffers.is_readable(),
            Self::Half(buffers) => buffers.is_readable(),
        }
    }

    /// Makes room for at least `capacity` positions and binds it, keeping the first `length` if they can be read.
    pub(crate) fn enlarge(
        &mut self,
        binding: &mut IoBinding,
        length: usize,
        capacity: usize,
    ) -> ort::Result<()> {
        match self {
            Self::Single(buffers) => buffers.enlarge(binding, length, capacity),
            Self::Half(buffers) => buffers.enlarge(binding, length, capacity),
        }
    }

    /// Frees all room.
    pub(crate) fn clear(&mut self) {
        match self {
            Self::Single(buffers) => buffers.clear(),
            Self::Half(buffers) => buffers.clear(),
        }
    }

    /// Keys and values of the first `length` positions, if they can be read.
    pub(crate) fn copy_out(&self, length: usize) -> Option<Saved> {
        match self {
            Self::Single(buffers) => buffers.copy_out(length).map(Saved::Single),
            Self::Half(buffers) => buffers.copy_out(length).map(Saved::Half),
        }
    }

    /// Puts back what [`Self::copy_out`] saved of `length` positions.
    pub(crate) fn copy_in(&mut self, saved: &Saved, length: usize) {
        match (self, saved) {
            (Self::Single(buffers), Saved::Single(saved)) => buffers.copy_in(saved, length),
            (Self::Half(buffers), Saved::Half(saved)) => buffers.copy_in(saved, length),
            (Self::Single(_), Saved::Half(_)) | (Self::Half(_), Saved::Single(_)) => {
                debug_assert!(false, "a cache keeps its precision");
            }
        }
    }
}

/// The buffers of a [`Cache`]: keys, then values, layer by layer.
pub(crate) struct Buffers<T: Element> {
    tensors: Vec<Tensor<T>>,
    shape: CacheShape,
    capacity: usize,
    place: Place,
}

impl<T: Element> Buffers<T> {
    fn new(shape: CacheShape, place: Place) -> Self {
        Self {
            tensors: Vec::new(),
            shape,
            capacity: 0,
            place,
        }
    }

    fn is_readable(&self) -> bool {
        matches!(self.place, Place::Host)
    }

    fn clear(&mut self) {
        self.tensors.clear();
        self.capacity = 0;
    }

    /// Numbers of a head that hold the first `length` positions: whole blocks, since keys may lie block by block, as
    /// [`ATTENTION`](footnote_model_import::attention::ATTENTION) has them.
    fn used(&self, length: usize) -> usize {
        length.next_multiple_of(KEY_BLOCK) * self.shape.head_dim
    }

    fn enlarge(&mut self, binding: &mut IoBinding, length: usize, capacity: usize) -> ort::Result<()> {
        let CacheShape {
            layers,
            heads,
            head_dim,
        } = self.shape;
        let capacity = capacity.next_multiple_of(KEY_BLOCK);
        let used = self.used(length);
        let (old_stride, stride) = (self.capacity * head_dim, capacity * head_dim);
        let mut old = std::mem::take(&mut self.tensors).into_iter();
        binding.clear();
        let names = (0..layers).flat_map(|layer| ["key", "value"].map(|part| (layer, part)));
        for (layer, part) in names {
            let dims = [1, heads, capacity, head_dim];
            // One layer at a time, so that only one is in memory twice.
            let old = old.next();
            let mut buffer = match &self.place {
                Place::Device(allocator) => Tensor::<T>::new(allocator, dims)?,
                Place::Host => {
                    let mut buffer = Tensor::<T>::new(&Allocator::default(), dims)?;
                    let (_, data) = buffer.extract_tensor_mut();
                    data.fill(T::ZERO);
                    if let Some(old) = old {
                        let (_, from) = old.extract_tensor();
                        for head in 0..heads {
                            data[head * stride..][..used].copy_from_slice(&from[head * old_stride..][..used]);
                        }
                    }
                    buffer
                }
            };
            binding.bind_input(format!("past.{layer}.{part}"), &buffer)?;
            binding.bind_output(format!("present.{layer}.{part}"), &mut buffer)?;
            self.tensors.push(buffer);
        }
        self.capacity = capacity;
        Ok(())
    }

    fn copy_out(&self, length: usize) -> Option<Vec<T>> {
        if !self.is_readable() {
            return None;
        }
        let (used, stride) = (self.used(length), self.capacity * self.shape.head_dim);
        let mut saved = Vec::with_capacity(self.tensors.len() * self.shape.heads * used);
        for buffer in &self.tensors {
            let (_, data) = buffer.extract_tensor();
            for head in data.chunks_exact(stride) {
                saved.extend_from_slice(&head[..used]);
            }
        }
        Some(saved)
    }

    fn copy_in(&mut self, saved: &[T], length: usize) {
        let (used, stride) = (self.used(length), self.capacity * self.shape.head_dim);
        let mut parts = saved.chunks_exact(used.max(1));
        for buffer in &mut self.tensors {
            let (_, data) = buffer.extract_tensor_mut();
            let heads = data.chunks_exact_mut(stride);
            for (to, from) in heads.zip(parts.by_ref().take(self.shape.heads)) {
                to[..used].copy_from_slice(from);
            }
        }
    }
}
