//! Documents to try the program with: they come inside it, and become files when they are asked for.

use std::fs;
use std::path::{Path, PathBuf};

use footnote_core::{Error, Problem, Result};

/// Name and bytes of each.
const FILES: [(&str, &[u8]); 4] = [
    (
        "lighthouse-handbook.pdf",
        include_bytes!("../../assets/samples/lighthouse-handbook.pdf"),
    ),
    (
        "rental-agreement.docx",
        include_bytes!("../../assets/samples/rental-agreement.docx"),
    ),
    (
        "council-meeting.html",
        include_bytes!("../../assets/samples/council-meeting.html"),
    ),
    (
        "lab-protocol.md",
        include_bytes!("../../assets/samples/lab-protocol.md"),
    ),
];

/// Something that they answer.
pub(crate) const QUESTION: &str = include_str!("../../assets/sample-question.txt");

/// Writes them into `folder`, and gives their paths. What has one of their names there already is left as it is.
///
/// # Errors
/// The folder cannot be written to.
pub(crate) fn unpack(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |path: &Path, error: &std::io::Error| {
        Error::user(format!(
            "The samples cannot be put in {}: {error}",
            path.display()
        ))
        .problem(Problem::SamplesFailed {
            folder: path.display().to_string(),
            detail: error.to_string(),
        })
        .hint("Make room, or give this folder the right to be written to; or add files of your own")
    };
    fs::create_dir_all(folder).map_err(|e| failed(folder, &e))?;
    let mut paths = Vec::new();
    for (name, bytes) in FILES {
        let path = folder.join(name);
        if !path.exists() {
            // Under another name first: half a file must not look like a sample.
            let part = folder.join(format!("{name}.part"));
            fs::write(&part, bytes)
                .and_then(|()| fs::rename(&part, &path))
                .map_err(|e| failed(&path, &e))?;
        }
        paths.push(path);
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_written_once_and_not_over_what_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("samples");
        let paths = unpack(&folder).unwrap();
        assert_eq!(fs::read(&paths[0]).unwrap(), FILES[0].1);
        fs::write(&paths[3], "mine").unwrap();
        assert_eq!(unpack(&folder).unwrap(), paths);
        assert_eq!(fs::read_to_string(&paths[3]).unwrap(), "mine");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), FILES.len());
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("file");
        fs::write(&folder, "").unwrap();
        let error = unpack(&folder).unwrap_err();
        assert!(error.to_string().contains("cannot be put in"), "{error}");
    }
}
