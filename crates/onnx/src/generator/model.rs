//! The decoder's session with its key-value cache.

use std::collections::BTreeMap;
use std::path::Path;

use footnote_core::{Error, Problem, Result};
use footnote_model_import::{GRAPH_FILE, GeneratorManifest, Operators, ROPE_START};
use ort::memory::{AllocationDevice, Allocator, AllocatorType, MemoryInfo, MemoryType};
use ort::session::{IoBinding, NoSelectedOutputs, RunOptions, Session};
use ort::value::Tensor;

use super::cache::{Cache, CacheShape, Place, Saved};
use super::lookup::Agreement;
use super::prefix::{Prefixes, reusable};
use crate::errors::from_ort;
use crate::prepare::REFUSED_FILE;
use crate::provider::Provider;
use crate::runtime::{Runtime, Workload};

/// Positions the cache begins with; it doubles when they are used up.
const FIRST_CAPACITY: usize = 1024;

/// A prompt's tokens.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    /// All of them.
    pub tokens: Vec<u32>,
    /// How many come first in other prompts too (the instructions): worth keeping when another prompt
    /// takes the cache.
    pub shared: usize,
    /// Whether the sequence may become long enough for the model to turn all its positions by other angles. Keys
    /// turned by one kind of angles mean nothing among the other, so this holds from the first token on.
    pub long: bool,
}

/// Which logits are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Those after the last token.
    Last,
    /// Those after each token; the tokens are proposals and may be cut off again.
    All,
}

/// A loaded generator. The cache keeps the last prompt and answer, for the next prompt to build on.
///
/// The cache's length is told by the graph's inputs, so going back to a shorter sequence costs nothing.
pub(crate) struct GeneratorModel {
    // Declared first: binding and cache must be gone before their session.
    binding: IoBinding,
    cache: Cache,
    session: Session,
    context: usize,
    vocab: usize,
    /// By number of rows.
    logits: BTreeMap<usize, Tensor<f32>>,
    /// Tokens whose keys and values are in the cache.
    tokens: Vec<u32>,
    /// How many of them are to the bit what chunks of a prompt give.
    exact: usize,
    /// How many of them begin other prompts too.
    shared: usize,
    /// Of short sequences and of long ones.
    prefixes: [Prefixes<Saved>; 2],
    agreement: Agreement,
    /// [`GeneratorManifest::original_context_length`].
    original_context: Option<usize>,
    /// Whether what is in the cache is of a long sequence.
    long: bool,
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
        let graph = folder.join(GRAPH_FILE);
        let (session, provider) = runtime.session(&graph, Workload::Decoder(manifest.operators))?;
        match Self::on(session, provider, manifest, context) {
            Err(error) if provider != Provider::Cpu => {
                let session = runtime.session_on_cpu(&graph, &error.message)?;
                note_refusal(folder, &error.message);
                Self::on(session, Provider::Cpu, manifest, context)
            }
            made => {
                if manifest.operators.is_half() && provider == Provider::Cpu {
                    note_refusal(folder, "no graphics processor took the graph");
                }
                made
            }
        }
    }

    /// Over a session of `provider`.
    ///
    /// # Errors
    /// Without memory for the cache, and if the model's numbers leave the range of half precision.
    pub(super) fn on(
        session: Session,
        provider: Provider,
        manifest: &GeneratorManifest,
        context: usize,
    ) -> Result<Self> {
        let shape = CacheShape {
            layers: manifest.layers,
            heads: manifest.kv_heads,
            head_dim: manifest.head_dim,
        };
        let binding = session.create_binding().map_err(failed)?;
        let cache = match manifest.operators {
            Operators::Half | Operators::HalfFourBit => {
                Cache::half(shape, place(&session, provider).map_err(failed)?)
            }
            Operators::Portable | Operators::Panels => Cache::single(shape),
        };
        // What cannot be read cannot be moved, either.
        let first = if cache.is_readable() {
            FIRST_CAPACITY.min(context)
        } else {
            context
        };
        let mut model = Self {
            binding,
            cache,
            session,
            context,
            vocab: manifest.vocab_size,
            logits: BTreeMap::new(),
            tokens: Vec::new(),
            exact: 0,
            shared: 0,
            prefixes: Default::default(),
            agreement: Agreement::None,
            original_context: manifest.original_context_length,
            long: false,
        };
        model.grow(first)?;
        model.agreement = model.try_rows()?;
        Ok(model)
    }

    /// Which steps agree to the bit on this processor; without that, nothing may be proposed.
    pub(crate) fn agreement(&self) -> Agreement {
        self.agreement
    }

    /// Computes eight rows at once, as two and six, and two of them one by one.
    fn try_rows(&mut self) -> Result<Agreement> {
        const ROWS: usize = 8;
        if self.context < ROWS || self.vocab < ROWS {
            return Ok(Agreement::None);
        }
        let tokens: Vec<u32> = (0..ROWS).map(|row| (row * (self.vocab / ROWS)) as u32).collect();
        let options = RunOptions::new().map_err(failed)?;
        let whole = self.feed(0, &tokens, Wanted::All, &options)?.to_vec();
        let mut parts = self.feed(0, &tokens[..2], Wanted::All, &options)?.to_vec();
        parts.extend_from_slice(self.feed(2, &tokens[2..], Wanted::All, &options)?);
        let mut alone = self.feed(0, &tokens[..1], Wanted::Last, &options)?.to_vec();
        alone.extend_from_slice(self.feed(1, &tokens[1..2], Wanted::Last, &options)?);
        self.tokens.clear();
        if !whole.iter().all(|logit| logit.is_finite()) {
            return Err(Error::runtime(
                "The model's numbers leave the range of the precision that it is computed in",
            )
            .problem(Problem::ModelMiscomputes {
                detail: "its numbers leave the range of the precision that it is computed in".into(),
            }));
        }
        let same = |other: &[f32]| whole.iter().zip(other).all(|(a, b)| a.to_bits() == b.to_bits());
        Ok(match (same(&parts), same(&alone)) {
            (true, true) => Agreement::All,
            (true, false) => Agreement::Even,
            (false, _) => {
                tracing::info!("rows of a step differ by its size on this processor: nothing is proposed");
                Agreement::None
            }
        })
    }

    /// Goes back to what `prompt` shares with the cached sequence, or with the beginning of an earlier one;
    /// returns its length.
    pub(crate) fn rewind(&mut self, prompt: &Prompt) -> usize {
        let mut kept = reusable(&self.tokens, self.exact, &prompt.tokens);
        if self.long != prompt.long {
            kept = 0;
        }
        let shared = self.shared.min(self.exact);
        if kept < shared
            && !self.prefixes[usize::from(self.long)].has(&self.tokens[..shared])
            && let Some(saved) = self.cache.copy_out(shared)
        {
            self.prefixes[usize::from(self.long)].keep(self.tokens[..shared].to_vec(), saved);
        }
        self.long = prompt.long;
        if let Some((tokens, saved)) = self.prefixes[usize::from(self.long)].find(&prompt.tokens, kept)
            && tokens.len() <= self.cache.capacity()
        {
            kept = reusable(tokens, tokens.len(), &prompt.tokens);
            self.tokens.clone_from(tokens);
            self.cache.copy_in(saved, tokens.len());
        }
        self.tokens.truncate(kept);
        self.exact = kept;
        self.shared = prompt.shared;
        kept
    }

    /// Cuts the sequence to `keep` tokens and appends `tokens`; returns the wanted rows of logits. On an
    /// error the sequence is as long as `keep`, or empty if there was no memory for it.
    pub(crate) fn feed(
        &mut self,
        keep: usize,
        tokens: &[u32],
        wanted: Wanted,
        options: &RunOptions<NoSelectedOutputs>,
    ) -> Result<&[f32]> {
        if keep > self.tokens.len() || tokens.is_empty() {
            return Err(Error::bug("A generation built on tokens that are not there"));
        }
        self.tokens.truncate(keep);
        self.exact = self.exact.min(keep);
        let total = keep + tokens.len();
        if total > self.cache.capacity() {
            if total > self.context {
                return Err(Error::bug(format!(
                    "{total} tokens in a context of {}",
                    self.context
                )));
            }
            self.grow((self.cache.capacity() * 2).max(total).min(self.context))?;
        }
        let rows = match wanted {
            Wanted::Last => 1,
            Wanted::All => tokens.len(),
        };
        self.run(tokens, rows, total, options).map_err(failed)?;
        // A chunk of a prompt; single tokens and proposals may be rounded in another way.
        let alike = self.agreement == Agreement::All || wanted == Wanted::Last && tokens.len() > 1;
        if alike && self.exact == keep {
            self.exact = total;
        }
        self.tokens.extend_from_slice(tokens);
        match self.logits.get(&rows) {
            Some(logits) => Ok(logits.extract_tensor().1),
            None => Err(Error::bug("The model has no place for its logits")),
        }
    }

    fn run(
        &mut self,
        tokens: &[u32],
        rows: usize,
        total: usize,
        options: &RunOptions<NoSelectedOutputs>,
    ) -> ort::Result<()> {
        let ids: Vec<i64> = tokens.iter().map(|&id| i64::from(id)).collect();
        let first = ids.len() - rows;
        let wanted: Vec<i64> = (first..ids.len()).map(|row| row as i64).collect();
        // Lengths fit: the context is at most a million tokens.
        let bind = &mut self.binding;
        bind.bind_input("input_ids", &Tensor::from_array(([1, ids.len()], ids))?)?;
        bind.bind_input("seqlens_k", &Tensor::from_array(([1], vec![total as i32 - 1]))?)?;
        bind.bind_input("total_len", &Tensor::from_array(((), vec![total as i32]))?)?;
        bind.bind_input("logits_idx", &Tensor::from_array(([rows], wanted))?)?;
        if let Some(original) = self.original_context {
            let start = if self.long { original as i64 } else { 0 };
            bind.bind_input(ROPE_START, &Tensor::from_array(([1], vec![start]))?)?;
        }
        if !self.logits.contains_key(&rows) {
            let place = Tensor::new(&Allocator::default(), [1, rows, self.vocab])?;
            self.logits.insert(rows, place);
        }
        if let Some(logits) = self.logits.get_mut(&rows) {
            bind.bind_output("logits", logits)?;
        }
        self.session.run_binding_with_options(&self.binding, options)?;
        Ok(())
    }

    /// Makes room for at least `capacity` positions. Without memory for it the sequence is forgotten, so that the next
    /// prompt can try again.
    fn grow(&mut self, capacity: usize) -> Result<()> {
        let grown = self.cache.enlarge(&mut self.binding, self.tokens.len(), capacity);
        if grown.is_err() {
            self.binding.clear();
            self.cache.clear();
            self.tokens.clear();
            self.exact = 0;
        }
        grown.map_err(failed)
    }
}

/// Has the next start import the model for the processor, which computes that form faster than this one.
fn note_refusal(folder: &Path, reason: &str) {
    if let Err(error) = std::fs::write(folder.join(REFUSED_FILE), reason) {
        tracing::warn!(%error, "the refusal of a model could not be noted");
    }
}

/// The memory of a provider that only it reads; none for those that compute in the machine's.
fn place(session: &Session, provider: Provider) -> ort::Result<Place> {
    let device = match provider {
        Provider::Cuda => AllocationDevice::CUDA,
        Provider::DirectMl => AllocationDevice::DIRECTML,
        Provider::WebGpu => AllocationDevice::WEBGPU_BUFFER,
        Provider::CoreMl | Provider::Cpu => return Ok(Place::Host),
    };
    let memory = MemoryInfo::new(device, 0, AllocatorType::Device, MemoryType::Default)?;
    Ok(Place::Device(Allocator::new(session, memory)?))
}
