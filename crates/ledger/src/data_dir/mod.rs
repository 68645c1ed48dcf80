//! The user's own data folder: where it is, and moving it.
//!
//! Unless a folder is named, everything is kept in the system's folder for application data, or where it was moved to:
//! then a small file in that folder says where ([`POINTER`]). What is named at the start is taken as it is.

mod moving;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use footnote_core::{Error, ErrorCode, Problem, Result};
use serde::{Deserialize, Serialize};

pub use moving::{Move, MovePlan, MoveProgress, MoveStage, Removed, remove as remove_data, size_of};

use crate::lock::DataDirLock;

/// In the default folder: says where the data was moved to.
pub const POINTER: &str = "data-folder.json";
const POINTER_VERSION: u32 = 1;

/// How the data folder was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The system's folder for application data.
    Default,
    /// Where it was moved to.
    Moved,
    /// Named when Footnote was started.
    Named,
}

/// The data folder of a run.
#[derive(Clone, Debug)]
pub struct DataDir {
    path: PathBuf,
    origin: Origin,
    default: PathBuf,
    /// Why it cannot be told where the data is.
    fault: Option<Error>,
}

#[derive(Serialize, Deserialize)]
struct Pointer {
    version: u32,
    path: String,
}

impl DataDir {
    /// The folder `named`, else the one that the default folder points to, else the default folder.
    pub fn find(named: Option<PathBuf>) -> Self {
        Self::find_from(named, default_data_dir())
    }

    pub(crate) fn find_from(named: Option<PathBuf>, default: PathBuf) -> Self {
        let (path, origin, fault) = match named {
            Some(named) => (named, Origin::Named, None),
            None => match read_pointer(&default) {
                Ok(Some(moved)) => (moved, Origin::Moved, None),
                Ok(None) => (default.clone(), Origin::Default, None),
                Err(error) => (default.clone(), Origin::Default, Some(error)),
            },
        };
        Self {
            path,
            origin,
            default,
            fault,
        }
    }

    /// Where everything is kept.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How it was told.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Where what belongs to this machine is kept, wherever the data is: the window's place on the screen, say.
    pub fn machine(&self) -> &Path {
        match self.origin {
            Origin::Named => &self.path,
            Origin::Default | Origin::Moved => &self.default,
        }
    }

    /// Takes the folder; makes it if it is not there, unless the data was moved to it: then its drive is missing, and an
    /// empty library in its place would look as if everything were lost.
    ///
    /// # Errors
    /// [`ErrorCode::StoreLocked`] if another process holds it; else why the folder cannot be used.
    pub fn acquire(&self) -> Result<DataDirLock> {
        self.check()?;
        DataDirLock::acquire(&self.path)
    }

    /// Whether it can be told where the data is, and is there if it was moved.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self) -> Result<()> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        if self.origin == Origin::Moved && !self.path.join(moving::REGISTER).is_file() {
            return Err(Error::runtime(format!("The data folder {} is not there", self.path.display()))
                .code(ErrorCode::NotFound)
                .problem(Problem::DataMissing {
                    folder: self.path.display().to_string(),
                    pointer: self.default.join(POINTER).display().to_string(),
                    other: self.default.display().to_string(),
                })
                .hint(format!(
                    "Your data was moved there. Plug in its drive and try again, or delete {} to begin with an empty \
                     library in {}",
                    self.default.join(POINTER).display(),
                    self.default.display()
                )));
        }
        Ok(())
    }

    /// The same, after the data was moved to `to`. Later runs that name no folder go there, too, unless this one's was
    /// named. Writes the pointer whole or not at all.
    ///
    /// # Errors
    /// The pointer cannot be written; the data is then used where it was.
    pub(crate) fn switched(&self, to: &Path) -> Result<Self> {
        if self.origin == Origin::Named {
            return Ok(Self {
                path: to.to_owned(),
                ..self.clone()
            });
        }
        let file = self.default.join(POINTER);
        if to == self.default {
            match std::fs::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::from(error).at(file.display()));
                }
                _ => {}
            }
        } else {
            write_pointer(&self.default, to)?;
        }
        Ok(Self::find_from(None, self.default.clone()))
    }
}

fn read_pointer(default: &Path) -> Result<Option<PathBuf>> {
    let file = default.join(POINTER);
    let broken = |what: &dyn std::fmt::Display| {
        Error::runtime(format!(
            "{} does not say where the data is: {what}",
            file.display()
        ))
        .problem(Problem::DataPointerDamaged {
            file: file.display().to_string(),
            other: default.display().to_string(),
            detail: what.to_string(),
        })
        .hint(format!(
            "Name the folder with --data-dir, or delete the file to use {}",
            default.display()
        ))
    };
    let bytes = match std::fs::read(&file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(broken(&error)),
    };
    let pointer: Pointer = serde_json::from_slice(&bytes).map_err(|error| broken(&error))?;
    if pointer.version != POINTER_VERSION {
        return Err(broken(&format_args!(
            "it was written by another version of Footnote ({})",
            pointer.version
        )));
    }
    let path = PathBuf::from(pointer.path);
    if !path.is_absolute() {
        return Err(broken(&"the path in it is not absolute"));
    }
    Ok(Some(path))
}

fn write_pointer(default: &Path, to: &Path) -> Result<()> {
    let path = to.to_str().ok_or_else(|| {
        Error::user(format!("The path is not Unicode: {}", to.display()))
            .problem(Problem::PathNotUnicode)
            .hint("Choose a folder with a plain name")
    })?;
    let pointer = Pointer {
        version: POINTER_VERSION,
        path: path.to_owned(),
    };
    let json = serde_json::to_vec_pretty(&pointer).map_err(|error| {
        Error::bug(format!(
            "the pointer to the data folder cannot be written: {error}"
        ))
    })?;
    std::fs::create_dir_all(default).map_err(|error| Error::from(error).at(default.display()))?;
    moving::write_whole(&default.join(POINTER), &json)
}

/// Where index, register and conversations are kept unless the user says otherwise: the system's folder
/// for application data.
pub fn default_data_dir() -> PathBuf {
    let var = |name| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    let home = std::env::home_dir().unwrap_or_else(|| PathBuf::from("."));
    let data = if cfg!(windows) {
        var("LOCALAPPDATA").unwrap_or_else(|| home.join("AppData").join("Local"))
    } else if cfg!(target_os = "macos") {
        home.join("Library").join("Application Support")
    } else {
        var("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local").join("share"))
    };
    data.join("footnote")
}
