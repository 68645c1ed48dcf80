//! Finding the ONNX Runtime library, and refusing one that cannot work before it is used.

use std::env;
use std::ffi::CStr;
use std::path::{Path, PathBuf};

use footnote_core::{Error, ErrorCode, Problem, Result};
use serde::{Deserialize, Serialize};

/// Environment variable that names the library, or a folder that holds it.
pub const LIBRARY_VARIABLE: &str = "FOOTNOTE_ORT_LIBRARY";

/// Oldest ONNX Runtime that works, as (major, minor).
pub const MINIMUM_VERSION: (u32, u32) = (1, 24);

/// What the processor offers, as far as the kernels care.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CpuFeatures {
    /// Architecture, for example `x86_64`.
    pub architecture: String,
    /// Vector extensions present.
    pub present: Vec<String>,
    /// Extensions that the kernels need and that are missing.
    pub missing: Vec<String>,
}

impl CpuFeatures {
    /// Asks the processor.
    pub fn detect() -> Self {
        let (required, optional) = known_features();
        let names = |wanted: bool, of: &[(&str, bool)]| -> Vec<String> {
            of.iter()
                .filter(|(_, has)| *has == wanted)
                .map(|(name, _)| (*name).to_owned())
                .collect()
        };
        let mut present = names(true, &required);
        present.extend(names(true, &optional));
        Self {
            architecture: env::consts::ARCH.into(),
            present,
            missing: names(false, &required),
        }
    }

    /// # Errors
    /// Names the extensions that are missing.
    pub(crate) fn check(&self) -> Result<()> {
        if self.missing.is_empty() {
            return Ok(());
        }
        Err(Error::runtime(format!(
            "This processor lacks {}, which the models need",
            self.missing.join(" and ")
        ))
        .code(ErrorCode::RuntimeMissing)
        .problem(Problem::ProcessorTooOld {
            missing: self.missing.join(", "),
        })
        .hint("Use a computer whose processor was made in 2015 or later (Intel Haswell, AMD Excavator)"))
    }
}

type Named = Vec<(&'static str, bool)>;

#[cfg(target_arch = "x86_64")]
fn known_features() -> (Named, Named) {
    use std::arch::is_x86_feature_detected as has;
    (
        vec![("AVX2", has!("avx2")), ("FMA", has!("fma"))],
        vec![
            ("AVX-VNNI", has!("avxvnni")),
            ("AVX512F", has!("avx512f")),
            ("AVX512BW", has!("avx512bw")),
            ("AVX512-VNNI", has!("avx512vnni")),
        ],
    )
}

#[cfg(target_arch = "aarch64")]
fn known_features() -> (Named, Named) {
    use std::arch::is_aarch64_feature_detected as has;
    (
        vec![("NEON", has!("neon"))],
        vec![
            ("dot product", has!("dotprod")),
            ("I8MM", has!("i8mm")),
            ("SVE", has!("sve")),
        ],
    )
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn known_features() -> (Named, Named) {
    (Vec::new(), Vec::new())
}

/// A library that was found and answers with a usable version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoundLibrary {
    pub path: PathBuf,
    pub version: String,
}

/// Finds a usable library. A path given by the caller or by [`LIBRARY_VARIABLE`] is the only one tried.
pub(crate) fn find(explicit: Option<&Path>) -> Result<FoundLibrary> {
    let variable = env::var_os(LIBRARY_VARIABLE)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from);
    if let Some(path) = explicit.map(Path::to_path_buf).or(variable) {
        let file = if path.is_dir() {
            library_in(&path).unwrap_or(path)
        } else {
            path
        };
        return check(file);
    }
    let folders = search_folders();
    let mut refused = None;
    for file in folders.iter().filter_map(|folder| library_in(folder)) {
        match check(file) {
            Ok(found) => return Ok(found),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    Err(refused.unwrap_or_else(|| {
        Error::runtime("The ONNX Runtime library was not found")
            .code(ErrorCode::RuntimeMissing)
            .problem(Problem::RuntimeMissing)
            .hint(format!(
                "Put {} into a folder `runtime` beside the program, or name it in {LIBRARY_VARIABLE}",
                library_name()
            ))
    }))
}

/// Folders to look into, nearest first.
fn search_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    let exe = env::current_exe().ok().and_then(|exe| exe.canonicalize().ok());
    if let Some(beside) = exe.as_deref().and_then(Path::parent) {
        folders.push(beside.to_path_buf());
        folders.push(beside.join("runtime"));
        // Where installers put libraries: a macOS bundle, and Linux packages.
        let around = beside.parent().unwrap_or(beside);
        for part in [
            "Frameworks",
            "Resources/runtime",
            "lib/footnote",
            "lib/footnote/runtime",
        ] {
            folders.push(around.join(part));
        }
        folders.extend(beside.ancestors().skip(1).map(|folder| folder.join("runtime")));
    }
    if let Ok(current) = env::current_dir() {
        folders.extend(current.ancestors().map(|folder| folder.join("runtime")));
    }
    folders
}

fn library_name() -> &'static str {
    match env::consts::OS {
        "windows" => "onnxruntime.dll",
        "macos" => "libonnxruntime.dylib",
        _ => "libonnxruntime.so",
    }
}

/// The library in a folder. Published packages put the version into its name.
fn library_in(folder: &Path) -> Option<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.file_name()
                .and_then(|name| name.to_str())
                .is_some_and(is_library_name)
        })
        .collect();
    files.sort();
    files.into_iter().next()
}

fn is_library_name(name: &str) -> bool {
    match env::consts::OS {
        "windows" => name.eq_ignore_ascii_case("onnxruntime.dll"),
        // The dot keeps the provider libraries (`libonnxruntime_providers_...`) out.
        "macos" => name.starts_with("libonnxruntime.") && name.ends_with(".dylib"),
        _ => name == "libonnxruntime.so" || name.starts_with("libonnxruntime.so."),
    }
}

fn check(path: PathBuf) -> Result<FoundLibrary> {
    let shown = path.display().to_string();
    let missing = |message: String, hint: &str| {
        Error::runtime(message.clone())
            .code(ErrorCode::RuntimeMissing)
            .problem(Problem::RuntimeUnusable { detail: message })
            .hint(hint.to_owned())
    };
    if !path.is_file() {
        return Err(missing(
            format!("{shown}: there is no ONNX Runtime library here"),
            &format!(
                "Correct the path, or unset {LIBRARY_VARIABLE} to use the library that came with Footnote"
            ),
        ));
    }
    let version = read_version(&path).map_err(|reason| {
        missing(
            format!("{shown}: this is not a usable ONNX Runtime library: {reason}"),
            "Use the library made for this system and processor; on Linux it needs glibc 2.28 or later",
        )
    })?;
    let (major, minor) = MINIMUM_VERSION;
    if parse_version(&version).is_none_or(|found| found < MINIMUM_VERSION) {
        return Err(missing(
            format!("{shown}: this is ONNX Runtime {version}, Footnote needs {major}.{minor} or later"),
            "Replace it with a newer one, or remove it to use the library that came with Footnote",
        ));
    }
    Ok(FoundLibrary { path, version })
}

fn parse_version(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn read_version(path: &Path) -> Result<String, String> {
    type BaseGetter = unsafe extern "C" fn() -> *const ort::sys::OrtApiBase;
    // SAFETY: loading runs the library's initialisers. The user or the package named this file as the
    // runtime, which is about to be loaded for good anyway.
    let library = unsafe { libloading::Library::new(path) }.map_err(|error| error.to_string())?;
    // SAFETY: every ONNX Runtime since 1.0 exports this symbol with this signature.
    let getter = unsafe { library.get::<BaseGetter>(b"OrtGetApiBase") }
        .map_err(|_| "it does not export OrtGetApiBase".to_owned())?;
    // SAFETY: the function takes nothing and returns a static table.
    let base = unsafe { getter().as_ref() }.ok_or("OrtGetApiBase returned nothing")?;
    // SAFETY: the table's second entry returns a static string that ends with NUL.
    let text = unsafe { CStr::from_ptr((base.GetVersionString)()) };
    Ok(text.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_path_is_named_with_its_remedy() {
        let error = find(Some(Path::new("nowhere/libonnxruntime.so"))).expect_err("must fail");
        assert_eq!(error.code, Some(ErrorCode::RuntimeMissing));
        assert_eq!(
            error.message,
            "nowhere/libonnxruntime.so: there is no ONNX Runtime library here"
        );
        assert!(error.hint.is_some_and(|hint| hint.contains(LIBRARY_VARIABLE)));
    }

    #[test]
    fn a_file_that_is_no_library_is_refused() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join(library_name());
        std::fs::write(&file, b"not a library").expect("write");
        let error = find(Some(folder.path())).expect_err("must fail");
        assert_eq!(error.code, Some(ErrorCode::RuntimeMissing));
        assert!(
            error.message.contains("not a usable ONNX Runtime library"),
            "{}",
            error.message
        );
    }

    #[test]
    fn versions_compare_by_number() {
        assert_eq!(parse_version("1.31.1"), Some((1, 31)));
        assert!(parse_version("1.9.0") < Some(MINIMUM_VERSION));
        assert_eq!(parse_version("dev"), None);
    }

    #[test]
    fn missing_processor_features_are_named() {
        let features = CpuFeatures {
            missing: vec!["AVX2".into(), "FMA".into()],
            ..CpuFeatures::default()
        };
        let error = features.check().expect_err("must fail");
        assert_eq!(
            error.message,
            "This processor lacks AVX2 and FMA, which the models need"
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn provider_libraries_are_not_the_library() {
        assert!(is_library_name("libonnxruntime.so.1.31.1"));
        assert!(!is_library_name("libonnxruntime_providers_shared.so"));
    }
}
