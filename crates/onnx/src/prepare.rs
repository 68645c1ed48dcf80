//! Importing a model file once and finding the result again.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use footnote_core::{Error, ErrorCode, Problem, Result};
use footnote_model_import::{
    Existing, FORMAT_VERSION, ImportError, ImportOptions, ImportStep, MANIFEST_FILE, Operators, Profile,
    Progress, import_e5_small_q4, import_gguf, import_model, safetensors_sources,
};
use sha2::{Digest, Sha256};

use crate::form::{Forms, GeneratorForm};

/// Remembers which folder a source file became, so that start-up need not hash gigabytes.
const INDEX_FILE: &str = "sources.json";

/// Stands in a folder whose graph the graphics processor refused, and says why.
pub(crate) const REFUSED_FILE: &str = "refused.txt";

/// The folder of a GGUF generator, imported into `cache_dir` on first use.
///
/// The folder is keyed by the file's content, the importer's version and the form; a changed file or a
/// newer importer gives a new one. A model that the graphics processor refused is imported for the processor.
/// `progress` may stop the work with `Break`.
///
/// # Errors
/// Names the file and the remedy; [`ErrorCode::Canceled`] if `progress` stopped it.
pub fn prepare_generator(
    gguf: &Path,
    cache_dir: &Path,
    forms: impl Into<Forms>,
    mut progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<PathBuf> {
    let source = Source::file(gguf);
    in_forms(forms.into(), |form| {
        prepare(
            &source,
            cache_dir,
            variant(form),
            &mut progress,
            |out, progress| import_gguf(gguf, out, replacing(form), progress).map(|_| ()),
        )
    })
}

/// The folder of any model that can be imported, imported into `cache_dir` on first use: a GGUF file, or a folder
/// of safetensors (see [`footnote_model_import::import_model`]). What it became stands in the manifest of the
/// folder, which [`crate::imported_facts`] reads.
///
/// # Errors
/// As for [`prepare_generator`].
pub fn prepare_model(
    path: &Path,
    cache_dir: &Path,
    forms: impl Into<Forms>,
    mut progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<PathBuf> {
    let source = if path.is_dir() {
        let absolute = path.canonicalize();
        let name = absolute
            .as_deref()
            .unwrap_or(path)
            .file_name()
            .unwrap_or_default();
        Source {
            name: name.to_string_lossy().into_owned(),
            files: safetensors_sources(path).map_err(from_import)?,
        }
    } else {
        Source::file(path)
    };
    in_forms(forms.into(), |form| {
        let form = GeneratorForm {
            operators: match form.operators {
                // Folders hold floats, and encoders among them: neither has panels.
                Operators::Panels if path.is_dir() => Operators::Portable,
                operators => operators,
            },
            ..form
        };
        prepare(
            &source,
            cache_dir,
            variant(form),
            &mut progress,
            |out, progress| import_model(path, out, replacing(form), progress).map(|_| ()),
        )
    })
}

/// What `import` makes in the preferred form, or, if the graphics processor refused that, in the processor's.
fn in_forms(forms: Forms, mut import: impl FnMut(GeneratorForm) -> Result<PathBuf>) -> Result<PathBuf> {
    let folder = import(forms.preferred)?;
    if forms.preferred != forms.processor && folder.join(REFUSED_FILE).is_file() {
        return import(forms.processor);
    }
    Ok(folder)
}

fn variant(form: GeneratorForm) -> &'static str {
    match (form.operators, form.profile) {
        (Operators::Portable, Profile::Exact) => "exact",
        (Operators::Portable, Profile::Fast) => "fast",
        (Operators::Panels, Profile::Exact) => "panels-exact",
        (Operators::Panels, Profile::Fast) => "panels-fast",
        (Operators::Half, Profile::Exact) => "half-exact",
        (Operators::Half, Profile::Fast) => "half-fast",
        (Operators::HalfFourBit, Profile::Exact) => "half4-exact",
        (Operators::HalfFourBit, Profile::Fast) => "half4-fast",
    }
}

fn replacing(form: GeneratorForm) -> ImportOptions {
    ImportOptions {
        profile: form.profile,
        operators: form.operators,
        existing: Existing::Replace,
    }
}

/// The folder of the 4-bit multilingual-e5-small embedder, imported into `cache_dir` on first use. `operators` that are
/// Footnote's own are for the processor only: see [`crate::Runtime::encoder_operators`].
///
/// # Errors
/// As for [`prepare_generator`].
pub fn prepare_embedder(
    weights: &Path,
    tokenizer: &Path,
    cache_dir: &Path,
    operators: Operators,
    mut progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<PathBuf> {
    let source = Source {
        files: vec![weights.into(), tokenizer.into()],
        ..Source::file(weights)
    };
    let variant = match operators {
        Operators::Portable | Operators::Half | Operators::HalfFourBit => "e5",
        Operators::Panels => "e5-panels",
    };
    prepare(&source, cache_dir, variant, &mut progress, |out, progress| {
        import_e5_small_q4(weights, tokenizer, out, operators, progress).map(|_| ())
    })
}

/// What an imported folder is made of.
struct Source {
    /// Begins the folder's name.
    name: String,
    files: Vec<PathBuf>,
}

impl Source {
    fn file(path: &Path) -> Self {
        Self {
            name: path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            files: vec![path.into()],
        }
    }
}

type Callback<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

fn prepare(
    source: &Source,
    cache_dir: &Path,
    variant: &str,
    progress: Callback<'_>,
    import: impl FnOnce(&Path, Callback<'_>) -> Result<(), ImportError>,
) -> Result<PathBuf> {
    fs::create_dir_all(cache_dir).map_err(|error| Error::from(error).at(cache_dir.display()))?;
    let stamp = stamp(&source.files)?;
    let key = format!("{stamp}|{variant}|{}|{FORMAT_VERSION}", env!("CARGO_PKG_VERSION"));
    let complete = |folder: &Path| folder.join(MANIFEST_FILE).is_file();
    let mut index = read_index(cache_dir);
    if let Some(folder) = index.get(&key).map(|name| cache_dir.join(name))
        && complete(&folder)
    {
        return Ok(folder);
    }
    let hash = hash(&source.files, progress)?;
    let stem: String = source
        .name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' {
                c
            } else {
                '-'
            }
        })
        .collect();
    let prefix = format!("{stem}-{}-{variant}-v", &hash[..16]);
    let name = format!("{prefix}{}.{FORMAT_VERSION}", env!("CARGO_PKG_VERSION"));
    let folder = cache_dir.join(&name);
    if !complete(&folder) {
        import(&folder, progress).map_err(from_import)?;
        remove_others(cache_dir, &prefix, &name);
    }
    index.retain(|_, name| complete(&cache_dir.join(name)));
    index.insert(key, name);
    write_index(cache_dir, &index);
    Ok(folder)
}

/// Removes what other versions of Footnote made of the same file: a gigabyte each. What cannot be removed, because
/// it is in use, stays until the next import.
fn remove_others(cache_dir: &Path, prefix: &str, name: &str) {
    let entries = fs::read_dir(cache_dir).into_iter().flatten().flatten();
    for entry in entries {
        let other = entry.file_name();
        if other
            .to_str()
            .is_some_and(|other| other.starts_with(prefix) && other != name)
            && let Err(error) = fs::remove_dir_all(entry.path())
        {
            tracing::info!(path = %entry.path().display(), %error, "an import of another version could not be removed");
        }
    }
}

/// Path, size and time of change: what a file is recognised by without reading it.
fn stamp(sources: &[PathBuf]) -> Result<String> {
    let mut parts = Vec::new();
    for source in sources {
        let data = fs::metadata(source).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                Error::user(format!("{}: the model file is not there", source.display()))
                    .code(ErrorCode::ModelMissing)
                    .problem(Problem::ModelMissing)
                    .hint("Fetch it with `footnote models fetch`, or import a file of your own")
            }
            _ => Error::from(error).at(source.display()),
        })?;
        let changed = data
            .modified()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let path = source.canonicalize().unwrap_or_else(|_| source.clone());
        parts.push(format!(
            "{}|{}|{}",
            path.display(),
            data.len(),
            changed.unwrap_or_default().as_nanos()
        ));
    }
    Ok(parts.join("|"))
}

fn hash(sources: &[PathBuf], progress: Callback<'_>) -> Result<String> {
    let total = sources
        .iter()
        .filter_map(|path| fs::metadata(path).ok())
        .map(|data| data.len())
        .sum();
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 4 << 20];
    let mut finished = 0;
    for source in sources {
        let fail = |error: std::io::Error| Error::from(error).at(source.display());
        let mut file = fs::File::open(source).map_err(fail)?;
        loop {
            let count = file.read(&mut buffer).map_err(fail)?;
            if count == 0 {
                break;
            }
            hasher.update(&buffer[..count]);
            finished += count as u64;
            if progress(Progress {
                step: ImportStep::Hash,
                finished,
                total,
            })
            .is_break()
            {
                return Err(Error::canceled());
            }
        }
    }
    Ok(hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// An unreadable index costs a hash, nothing more.
fn read_index(cache_dir: &Path) -> BTreeMap<String, String> {
    let text = fs::read(cache_dir.join(INDEX_FILE)).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

fn write_index(cache_dir: &Path, index: &BTreeMap<String, String>) {
    let write = || -> std::io::Result<()> {
        let partial = cache_dir.join(format!("{INDEX_FILE}.{}", std::process::id()));
        fs::write(&partial, serde_json::to_vec_pretty(index)?)?;
        fs::rename(partial, cache_dir.join(INDEX_FILE))
    };
    if let Err(error) = write() {
        tracing::warn!(%error, "the index of imported models could not be written");
    }
}

fn named(error: &ImportError) -> Problem {
    let detail = error.to_string();
    match error {
        ImportError::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
            Problem::DiskFull
        }
        ImportError::Io { .. } | ImportError::Cancelled => Problem::ImportIo { detail },
        ImportError::Malformed { format, what, .. } => Problem::ImportMalformed {
            format: (*format).to_owned(),
            detail: what.clone(),
        },
        ImportError::Unsupported {
            key,
            value,
            supported,
            ..
        } => Problem::ImportUnsupported {
            key: key.clone(),
            value: value.clone(),
            supported: (*supported).to_owned(),
        },
        ImportError::Metadata { .. } | ImportError::Tensor { .. } => Problem::ImportInconsistent { detail },
        ImportError::DestinationExists { .. } => Problem::ImportExists,
    }
}

fn from_import(error: ImportError) -> Error {
    let hint = error.hint().trim_end_matches('.').to_owned();
    let converted = match &error {
        ImportError::Cancelled => return Error::canceled(),
        ImportError::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
            Error::runtime(error.to_string()).code(ErrorCode::DiskFull)
        }
        ImportError::Io { .. } => Error::runtime(error.to_string()),
        ImportError::Unsupported { .. } => Error::user(error.to_string()).code(ErrorCode::Unsupported),
        _ => Error::user(error.to_string()),
    };
    converted.problem(named(&error)).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn go_on(_: Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    #[test]
    fn imports_once_and_again_when_the_source_changes() {
        let folder = tempfile::tempdir().expect("folder");
        let source = folder.path().join("my model.gguf");
        let cache = folder.path().join("cache");
        fs::write(&source, b"one").expect("write");
        let mut imports = 0;
        let mut run = || {
            prepare(&Source::file(&source), &cache, "exact", &mut go_on, |out, _| {
                imports += 1;
                fs::create_dir_all(out).expect("folder");
                fs::write(out.join(MANIFEST_FILE), b"{}").expect("write");
                Ok(())
            })
            .expect("prepare")
        };
        let first = run();
        assert_eq!(run(), first);
        fs::write(&source, b"three").expect("write");
        assert_ne!(run(), first);
        // Same content under another time of change: recognised by its hash.
        fs::write(&source, b"one").expect("write");
        assert_eq!(run(), first);
        assert_eq!(imports, 2);
        assert!(
            first
                .file_name()
                .expect("name")
                .to_string_lossy()
                .starts_with("my-model-")
        );
    }

    #[test]
    fn what_another_version_made_of_the_same_file_is_removed() {
        let folder = tempfile::tempdir().expect("folder");
        let source = folder.path().join("model.gguf");
        let cache = folder.path().join("cache");
        fs::write(&source, b"one").expect("write");
        let run = |variant| {
            let import = |out: &Path, _: Callback<'_>| {
                fs::create_dir_all(out).expect("folder");
                fs::write(out.join(MANIFEST_FILE), b"{}").expect("write");
                Ok(())
            };
            prepare(&Source::file(&source), &cache, variant, &mut go_on, import).expect("prepare")
        };
        let now = run("exact");
        let name = now.file_name().expect("name").to_string_lossy();
        let (prefix, _) = name.rsplit_once("-v").expect("version");
        let earlier = cache.join(format!("{prefix}-v0.0.9.1"));
        fs::rename(&now, &earlier).expect("rename");
        let fast = run("fast");
        assert!(earlier.exists(), "another variant is not another version");
        assert_eq!(run("exact"), now);
        assert!(!earlier.exists() && fast.exists());
    }

    #[test]
    fn a_stopped_preparation_is_taken_up_by_the_next() {
        let source =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../model-import/tests/fixtures/decoders/types.gguf");
        let folder = tempfile::tempdir().expect("folder");
        let [cache, fresh] = ["cache", "fresh"].map(|name| folder.path().join(name));
        let stop = |progress: Progress| match progress.step {
            ImportStep::Tokenizer => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        };
        let stopped = prepare_generator(&source, &cache, GeneratorForm::PANELS, stop);
        assert!(stopped.expect_err("must stop").is_canceled());
        let names = || -> Vec<String> {
            let entries = fs::read_dir(&cache).expect("cache");
            entries
                .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
                .collect()
        };
        assert!(names().iter().all(|name| name.starts_with('.')), "{:?}", names());
        let taken_up = prepare_generator(&source, &cache, GeneratorForm::PANELS, go_on).expect("prepare");
        assert!(names().iter().all(|name| !name.starts_with('.')), "{:?}", names());
        let whole = prepare_generator(&source, &fresh, GeneratorForm::PANELS, go_on).expect("prepare");
        for entry in fs::read_dir(&whole).expect("folder") {
            let name = entry.expect("entry").file_name();
            let both = [&whole, &taken_up].map(|folder| fs::read(folder.join(&name)).expect("file"));
            assert!(both[0] == both[1], "{name:?}");
        }
    }

    #[test]
    fn a_missing_source_is_a_missing_model() {
        let folder = tempfile::tempdir().expect("folder");
        let error = prepare_generator(
            Path::new("nowhere.gguf"),
            folder.path(),
            GeneratorForm::PANELS,
            go_on,
        );
        let error = error.expect_err("must fail");
        assert_eq!(error.code, Some(ErrorCode::ModelMissing));
    }

    #[test]
    fn what_the_graphics_processor_refused_is_imported_for_the_processor() {
        let folder = tempfile::tempdir().expect("folder");
        let forms = Forms {
            preferred: GeneratorForm::GRAPHICS,
            processor: GeneratorForm::PANELS,
        };
        let import = |form| {
            let made = folder.path().join(variant(form));
            fs::create_dir_all(&made)?;
            Ok(made)
        };
        let graphics = in_forms(forms, import).expect("prepare");
        assert!(graphics.ends_with("half-exact"));
        fs::write(graphics.join(REFUSED_FILE), "no room").expect("write");
        let processor = in_forms(forms, import).expect("prepare");
        assert!(processor.ends_with("panels-exact"));
        // Asked for by name, it is what it is.
        let asked = in_forms(GeneratorForm::GRAPHICS.into(), import).expect("prepare");
        assert_eq!(asked, graphics);
    }

    #[test]
    fn hashing_can_be_stopped() {
        let folder = tempfile::tempdir().expect("folder");
        let source = folder.path().join("model.gguf");
        fs::write(&source, b"one").expect("write");
        let stop = |_| ControlFlow::Break(());
        let error = prepare_generator(&source, &folder.path().join("cache"), GeneratorForm::PANELS, stop);
        assert!(error.expect_err("must fail").is_canceled());
    }
}
