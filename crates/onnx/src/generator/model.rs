//! The decoder's session with its key-value cache.

use std::path::Path;

use footnote_core::{Error, Result};
use footnote_model_import::{GRAPH_FILE, GeneratorManifest};

use ort::memory::Allocator;
use ort::session::{IoBinding, NoSelectedOutputs, RunOptions, Session};
use ort::value::Tensor;

use super::prefix::reusable;
use crate::errors::from_ort;
use crate::runtime::{Runtime, Workload};

/// Positions the cache begins with; it doubles when they are used up.
const FIRST_CAPACITY: usize = 1024;

/// A loaded generator. The cache keeps the last prompt and answer, for the next prompt to build on.
///
/// Keys and values of a layer are one buffer each, bound as input and output at once: the attention
/// operator then appends in place instead of copying the cache at every token. Its length is told by
/// the graph's inputs, so going back to a shorter sequence costs nothing.
pub(crate) struct GeneratorModel {
    // Declared first: a binding must be gone before its session.
    binding: IoBinding,
    session: Session,
    cache: Vec<Tensor<f32>>,
    capacity: usize,
    context: usize,
    shape: CacheShape,
    logits: Tensor<f32>,
    /// Tokens whose keys and values are in the cache.
    tokens: Vec<u32>,
    /// How many of them were computed in chunks.
    exact: usize,
}

#[derive(Clone, Copy)]
struct CacheShape {
    layers: usize,
    heads: usize,
    head_dim: usize,
}

fn failed(error: ort::Error) -> Error {
    from_ort("run the language model", error)
}

impl GeneratorModel {
    /// `context`: most positions the cache may grow to.
    pub(crate) fn load(
        runtime: &Runtime,
        folder: &Path,
        manifest: &GeneratorManifest,
        context: usize,
    ) -> Result<Self> {
        let session = runtime.session(&folder.join(GRAPH_FILE), Workload::Decoder)?;
        let shape = CacheShape {
            layers: manifest.layers,
            heads: manifest.kv_heads,
            head_dim: manifest.head_dim,
        };
        let binding = session.create_binding().map_err(failed)?;
        let logits = Tensor::new(&Allocator::default(), [1, 1, manifest.vocab_size]).map_err(failed)?;
        let mut model = Self {
            binding,
            session,
            cache: Vec::new(),
            capacity: 0,
            context,
            shape,
            logits,
            tokens: Vec::new(),
            exact: 0,
        };
        model.grow(FIRST_CAPACITY.min(context))?;
        Ok(model)
    }

    /// Goes back to what `prompt` shares with the cached sequence; returns its length.
    pub(crate) fn rewind(&mut self, prompt: &[u32]) -> usize {
        let kept = reusable(&self.tokens, self.exact, prompt);
        self.tokens.truncate(kept);
        self.exact = kept;
        kept
    }

    /// Appends tokens; returns the logits after the last. On an error the sequence stays as it was.
    pub(crate) fn feed(
        &mut self,
        tokens: &[u32],
        is_prompt: bool,
        options: &RunOptions<NoSelectedOutputs>,
    ) -> Result<&[f32]> {
        let total = self.tokens.len() + tokens.len();
        if total > self.capacity {
            if total > self.context {
                return Err(Error::bug(format!(
                    "{total} tokens in a context of {}",
                    self.context
                )));
            }
            self.grow((self.capacity * 2).max(total).min(self.context))?;
        }
        self.run(tokens, total, options).map_err(failed)?;
        if is_prompt && self.exact == self.tokens.len() {
            self.exact = total;
        }
        self.tokens.extend_from_slice(tokens);
        Ok(self.logits.extract_tensor().1)
    }

    fn run(
        &mut self,
        tokens: &[u32],
        total: usize,
        options: &RunOptions<NoSelectedOutputs>,
    ) -> ort::Result<()> {
        let ids: Vec<i64> = tokens.iter().map(|&id| i64::from(id)).collect();
        // Lengths fit: the context is at most a million tokens.
        let bind = &mut self.binding;
        bind.bind_input("input_ids", &Tensor::from_array(([1, ids.len()], ids))?)?;
        bind.bind_input("seqlens_k", &Tensor::from_array(([1], vec![total as i32 - 1]))?)?;
        bind.bind_input("total_len", &Tensor::from_array(((), vec![total as i32]))?)?;
        bind.bind_input(
            "logits_idx",
            &Tensor::from_array(([1], vec![tokens.len() as i64 - 1]))?,
        )?;
        self.session.run_binding_with_options(&self.binding, options)?;
        Ok(())
    }

    fn grow(&mut self, capacity: usize) -> Result<()> {
        let CacheShape {
            layers,
            heads,
            head_dim,
        } = self.shape;
        let used = self.tokens.len() * head_dim;
        let (old_stride, stride) = (self.capacity * head_dim, capacity * head_dim);
        let mut old = std::mem::take(&mut self.cache).into_iter();
        self.binding.clear();
        let names = (0..layers).flat_map(|layer| ["key", "value"].map(|part| (layer, part)));
        for (layer, part) in names {
            let mut buffer =
                Tensor::<f32>::new(&Allocator::default(), [1, heads, capacity, head_dim]).map_err(failed)?;
            let (_, data) = buffer.extract_tensor_mut();
            data.fill(0.0);
            // One layer at a time, so that only one is in memory twice.
            if let Some(old) = old.next() {
                let (_, from) = old.extract_tensor();
                for head in 0..heads {
                    data[head * stride..][..used].copy_from_slice(&from[head * old_stride..][..used]);
                }
            }
            self.binding
                .bind_input(format!("past.{layer}.{part}"), &buffer)
                .map_err(failed)?;
            self.binding
                .bind_output(format!("present.{layer}.{part}"), &mut buffer)
                .map_err(failed)?;
            self.cache.push(buffer);
        }
        self.binding
            .bind_output("logits", &mut self.logits)
            .map_err(failed)?;
        self.capacity = capacity;
        Ok(())
    }
}
