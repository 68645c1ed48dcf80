//! Whether a graphics processor computes decoders: found out with a small one.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use footnote_core::{Error, Result};
use footnote_model_import::{Existing, GRAPH_FILE, GeneratorManifest, ImportOptions, Role, import_gguf};
use ort::session::RunOptions;

use super::model::{GeneratorModel, Wanted};
use crate::GeneratorForm;
use crate::errors::from_ort;
use crate::provider::Provider;
use crate::runtime::{Runtime, Workload};

/// A decoder of four layers with weights drawn by chance, in every type of block: the fixture `types.gguf` of the importer.
const MODEL: &[u8] = include_bytes!("../../assets/trial.gguf");
/// Tokens read at once, and then one by one.
const READ: usize = 24;
const WRITTEN: usize = 8;
/// Greatest mean divergence, in nats, of the distributions over next tokens. Rounding to half precision in another
/// order gives less than a thousandth; a wrong operator gives whole nats.
const DIVERGENCE: f64 = 0.02;

/// Computes a small decoder of this form, one for graphics processors, on `provider` and on the processor, and holds them
/// against each other. The decoder is imported into `folder`, which is removed again.
///
/// # Errors
/// Says why the provider is not to be used.
pub(crate) fn trial(runtime: &Runtime, provider: Provider, form: GeneratorForm, folder: &Path) -> Result<()> {
    let tried = compare(runtime, provider, form, folder);
    // Left behind it costs a megabyte, and the next trial replaces it.
    let _ = fs::remove_dir_all(folder);
    tried
}

fn compare(runtime: &Runtime, provider: Provider, form: GeneratorForm, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let source = folder.join("trial.gguf");
    fs::write(&source, MODEL)?;
    let options = ImportOptions {
        profile: form.profile,
        operators: form.operators,
        existing: Existing::Replace,
    };
    let imported = import_gguf(&source, &folder.join("model"), options, |_| {
        ControlFlow::Continue(())
    });
    let imported = imported.map_err(|error| Error::runtime(error.to_string()))?;
    let Role::Generator(manifest) = &imported.manifest.role else {
        return Err(Error::bug("The model of the trial does not write text"));
    };
    let compute = |provider| logits(runtime, provider, &imported.folder, manifest);
    let (theirs, known) = (compute(provider)?, compute(Provider::Cpu)?);
    let divergence = mean_divergence(&known, &theirs, manifest.vocab_size);
    if divergence.is_finite() && divergence <= DIVERGENCE {
        Ok(())
    } else {
        Err(Error::runtime("it computed a wrong result for a language model"))
    }
}

/// Logits of a prompt read at once and of tokens after it, one by one.
fn logits(
    runtime: &Runtime,
    provider: Provider,
    folder: &Path,
    manifest: &GeneratorManifest,
) -> Result<Vec<f32>> {
    let failed = |error| from_ort("try a language model", error);
    let workload = Workload::Decoder(manifest.operators);
    let session = runtime.open(&folder.join(GRAPH_FILE), provider, workload);
    let mut model = GeneratorModel::on(session.map_err(failed)?, provider, manifest, READ + WRITTEN)?;
    let options = RunOptions::new().map_err(failed)?;
    let tokens: Vec<u32> = (0..READ + WRITTEN)
        .map(|at| ((7 * at * at + 3 * at) % manifest.vocab_size) as u32)
        .collect();
    let mut rows = model.feed(0, &tokens[..READ], Wanted::All, &options)?.to_vec();
    for at in READ..tokens.len() {
        rows.extend_from_slice(model.feed(at, &tokens[at..=at], Wanted::Last, &options)?);
    }
    Ok(rows)
}

/// Mean Kullback-Leibler divergence, in nats, of the distributions that rows of `vocab` logits stand for.
fn mean_divergence(known: &[f32], other: &[f32], vocab: usize) -> f64 {
    if known.len() != other.len() || known.is_empty() {
        return f64::NAN;
    }
    let rows = known.chunks_exact(vocab).zip(other.chunks_exact(vocab));
    let sum: f64 = rows
        .map(|(known, other)| {
            let (known, other) = (log_softmax(known), log_softmax(other));
            let terms = known.iter().zip(&other);
            terms
                .map(|(known, other)| known.exp() * (known - other))
                .sum::<f64>()
        })
        .sum();
    sum / (known.len() / vocab) as f64
}

fn log_softmax(logits: &[f32]) -> Vec<f64> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let shifted: Vec<f64> = logits.iter().map(|logit| f64::from(logit - most)).collect();
    let sum = shifted.iter().map(|value| value.exp()).sum::<f64>().ln();
    shifted.into_iter().map(|value| value - sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RuntimeOptions;

    /// The processor in the graphics processor's place: every operator of the trial is there, the model is in half
    /// precision, and nothing is left behind.
    #[test]
    fn the_processor_passes_its_own_trial() {
        let runtime = match Runtime::load(RuntimeOptions::default()) {
            Ok(runtime) => runtime,
            Err(error) => {
                let required = std::env::var("FOOTNOTE_REQUIRE_MODELS").is_ok_and(|value| value == "1");
                assert!(!required, "FOOTNOTE_REQUIRE_MODELS=1, but {error}");
                eprintln!("SKIPPED: {error}");
                return;
            }
        };
        let cache = tempfile::tempdir().expect("folder");
        let folder = cache.path().join("trial");
        for form in GeneratorForm::FOR_GRAPHICS {
            trial(&runtime, Provider::Cpu, form, &folder).expect("the trial is passed");
            assert!(!folder.exists());
        }
        // A provider that is not in this library refuses with a reason.
        let missing = Provider::candidates()
            .iter()
            .find(|provider| **provider != runtime.report().providers.chosen);
        if let Some(missing) = missing {
            let refused =
                trial(&runtime, *missing, GeneratorForm::GRAPHICS, &folder).expect_err("must be refused");
            assert!(!refused.message.is_empty() && !folder.exists());
        }
    }

    #[test]
    fn what_is_near_passes_and_what_is_wrong_does_not() {
        let known = [1.0, 2.0, 3.0, -1.0, 0.5, 0.0];
        assert!(mean_divergence(&known, &known, 3).abs() < 1e-12);
        let near = known.map(|logit| logit + 0.004);
        assert!(mean_divergence(&known, &near, 3) < DIVERGENCE);
        let wrong = [3.0, 2.0, 1.0, 0.0, 0.5, -1.0];
        assert!(mean_divergence(&known, &wrong, 3) > DIVERGENCE);
        let broken = [f32::NAN, 2.0, 3.0, -1.0, 0.5, 0.0];
        assert!(!mean_divergence(&known, &broken, 3).is_finite());
        assert!(mean_divergence(&known, &known[..3], 3).is_nan());
    }
}
