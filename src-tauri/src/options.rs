//! What the program is told when it is started.

use std::ffi::OsString;
use std::path::PathBuf;

/// Settings of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Where everything is kept; the user's own folder if none.
    pub data_dir: Option<PathBuf>,
    /// Generator to use instead of the machine's default.
    pub generator: Option<String>,
    /// Embedder to use instead of the default.
    pub embedder: Option<String>,
    /// Folder of an imported reranker.
    pub reranker: Option<PathBuf>,
}

impl Options {
    /// From this process's arguments and environment.
    ///
    /// # Errors
    /// An argument that is not known, in words.
    pub(crate) fn from_process() -> Result<Self, String> {
        Self::parse(std::env::args_os().skip(1), |name| std::env::var_os(name))
    }

    fn parse(
        args: impl IntoIterator<Item = OsString>,
        var: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, String> {
        let var = |name| var(name).filter(|value| !value.is_empty());
        let text = |name| var(name).and_then(|value| value.into_string().ok());
        let mut options = Self {
            data_dir: var("FOOTNOTE_DATA_DIR").map(PathBuf::from),
            generator: text("FOOTNOTE_GENERATOR"),
            embedder: text("FOOTNOTE_EMBEDDER"),
            reranker: var("FOOTNOTE_RERANKER").map(PathBuf::from),
        };
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            let shown = arg.to_string_lossy().into_owned();
            if shown == "--data-dir" {
                let dir = args.next().ok_or("--data-dir needs a folder")?;
                options.data_dir = Some(dir.into());
            } else if let Some(dir) = shown.strip_prefix("--data-dir=") {
                options.data_dir = Some(dir.into());
            } else {
                return Err(format!(
                    "{shown} is not an argument of footnote-desktop; it takes --data-dir DIR"
                ));
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str], env: &[(&str, &str)]) -> Result<Options, String> {
        Options::parse(args.iter().map(OsString::from), |name| {
            env.iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| value.into())
        })
    }

    #[test]
    fn the_argument_wins_over_the_environment() {
        let env = [("FOOTNOTE_DATA_DIR", "/env"), ("FOOTNOTE_GENERATOR", "")];
        assert_eq!(parse(&[], &env).unwrap().data_dir, Some("/env".into()));
        assert_eq!(
            parse(&["--data-dir", "/arg"], &env).unwrap().data_dir,
            Some("/arg".into())
        );
        assert_eq!(
            parse(&["--data-dir=/arg"], &env).unwrap().data_dir,
            Some("/arg".into())
        );
        assert_eq!(parse(&[], &env).unwrap().generator, None);
    }

    #[test]
    fn a_wrong_argument_is_named() {
        assert!(parse(&["--data-dir"], &[]).is_err());
        assert!(parse(&["--verbose"], &[]).unwrap_err().contains("--verbose"));
    }
}
