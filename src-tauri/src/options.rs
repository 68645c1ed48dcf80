//! What the program is told when it is started.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::wire::Arrivals;

/// Settings of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Where everything is kept; the user's own folder if none.
    pub data_dir: Option<PathBuf>,
    /// Where models are kept; the user's cache folder if none.
    pub models: Option<PathBuf>,
    /// Generator to use instead of the machine's default.
    pub generator: Option<String>,
    /// Embedder to use instead of the default.
    pub embedder: Option<String>,
    /// Folder of an imported reranker.
    pub reranker: Option<PathBuf>,
    /// Folder of an imported entailment model.
    pub entailment: Option<PathBuf>,
    /// Files to be offered, and links to be opened.
    pub(crate) arrivals: Arrivals,
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
            models: var("FOOTNOTE_MODELS").map(PathBuf::from),
            generator: text("FOOTNOTE_GENERATOR"),
            embedder: text("FOOTNOTE_EMBEDDER"),
            reranker: var("FOOTNOTE_RERANKER").map(PathBuf::from),
            entailment: var("FOOTNOTE_ENTAILMENT").map(PathBuf::from),
            arrivals: Arrivals::default(),
        };
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            let shown = arg.to_string_lossy().into_owned();
            if shown == "--data-dir" {
                let dir = args.next().ok_or("--data-dir needs a folder")?;
                options.data_dir = Some(dir.into());
            } else if let Some(dir) = shown.strip_prefix("--data-dir=") {
                options.data_dir = Some(dir.into());
            } else if shown == "--" {
                args.by_ref()
                    .for_each(|rest| options.arrivals.push(rest.as_ref()));
            } else if shown.starts_with('-') {
                return Err(format!(
                    "{shown} is not an argument of footnote-desktop; it takes --data-dir DIR, files, folders and \
                     footnote: links. A file of that name can be given after --"
                ));
            } else {
                options.arrivals.push(arg.as_ref());
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

    #[test]
    fn files_may_be_given_and_even_ones_named_like_arguments() {
        let told = parse(&["/a.pdf", "--data-dir=/arg", "--", "/b", "--verbose"], &[]).unwrap();
        assert_eq!(told.data_dir, Some("/arg".into()));
        assert_eq!(told.arrivals.paths[..2], ["/a.pdf", "/b"]);
        assert!(told.arrivals.paths[2].ends_with("--verbose"));
    }
}
