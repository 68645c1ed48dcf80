//! Manifests of imported folders.

use std::fs;
use std::path::Path;

use footnote_core::{Error, ErrorCode, Problem, Result};
use footnote_model_import::{FORMAT_VERSION, MANIFEST_FILE, ModelManifest, Profile};

/// Reads and checks the manifest of an imported folder.
pub(crate) fn read_manifest(folder: &Path) -> Result<ModelManifest> {
    let path = folder.join(MANIFEST_FILE);
    let bytes = fs::read(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => missing(folder),
        _ => Error::from(error).at(path.display()),
    })?;
    let again = "Import the model again with `footnote models import`";
    let manifest: ModelManifest = serde_json::from_slice(&bytes).map_err(|error| {
        Error::runtime(format!("{}: not a usable manifest: {error}", path.display()))
            .problem(Problem::ModelDamaged {
                detail: error.to_string(),
            })
            .hint(again)
    })?;
    if manifest.format_version != FORMAT_VERSION {
        return Err(Error::runtime(format!(
            "{}: imported by another version of Footnote (layout {}, this one reads {FORMAT_VERSION})",
            folder.display(),
            manifest.format_version
        ))
        .problem(Problem::ModelOfOtherVersion)
        .hint(again));
    }
    Ok(manifest)
}

pub(crate) fn missing(folder: &Path) -> Error {
    Error::user(format!("{}: there is no model here", folder.display()))
        .code(ErrorCode::ModelMissing)
        .problem(Problem::ModelMissing)
        .hint("Fetch it with `footnote models fetch`, or import a file of your own")
}

/// Enough of a hash to tell models apart.
pub(crate) fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

/// A model's id: its name with the start of its hash, and how its weights are stored where that is not exactly
/// as published, because other numbers come out then.
pub(crate) fn id(manifest: &ModelManifest, profile: Profile) -> String {
    let name = manifest.name.as_ref().unwrap_or(&manifest.source.file_name);
    let variant = match profile {
        Profile::Exact => "",
        Profile::Fast => "-fast",
    };
    format!("{name}@{}{variant}", short(&manifest.source.sha256))
}
