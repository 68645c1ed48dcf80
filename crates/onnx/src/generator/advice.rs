//! How the model's publisher advises to sample from it.

use std::path::Path;

use footnote_core::{Error, Problem, Result};
use serde::Deserialize;

/// Where publishers write it, beside safetensors weights; an imported folder may hold a copy.
const FILE: &str = "generation_config.json";

/// Settings of `generation_config.json` (Transformers' `GenerationConfig`) that are followed here. Absent ones
/// have no effect.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Advice {
    /// Whether to sample at all.
    pub do_sample: Option<bool>,
    /// Divides the logits.
    pub temperature: Option<f32>,
    /// Keeps so many of the likeliest tokens.
    pub top_k: Option<usize>,
    /// Keeps the likeliest tokens that together have this probability.
    pub top_p: Option<f32>,
    /// Keeps tokens at least this likely, relative to the likeliest.
    pub min_p: Option<f32>,
    /// Above 1: makes what was written less likely.
    pub repetition_penalty: Option<f32>,
}

impl Advice {
    /// The advice in a model's folder; none is none.
    ///
    /// # Errors
    /// If there is a file that cannot be read or makes no sense.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(Error::from(error).at(path.display())),
        };
        let wrong = |reason: String| {
            Error::user(format!("{}: {reason}", path.display()))
                .problem(Problem::ModelDamaged { detail: reason })
                .hint("Remove the file, or fetch the model again")
        };
        let advice: Self = serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
        advice.check().map_err(wrong)?;
        Ok(advice)
    }

    fn check(&self) -> Result<(), String> {
        let limits = [
            ("temperature", self.temperature, 0.0, 10.0),
            ("top_p", self.top_p, 0.0, 1.0),
            ("min_p", self.min_p, 0.0, 1.0),
            ("repetition_penalty", self.repetition_penalty, 0.5, 4.0),
        ];
        for (name, value, least, most) in limits {
            if let Some(value) = value.filter(|value| !(least..=most).contains(value)) {
                return Err(format!("{name} is {value}, not {least} to {most}"));
            }
        }
        Ok(())
    }

    /// Whether it says anything about sampling.
    pub(crate) fn samples(&self) -> bool {
        self.do_sample
            .unwrap_or(self.temperature.is_some() || self.top_k.is_some() || self.top_p.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Advice> {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(folder.path().join(FILE), text).expect("write");
        Advice::read(folder.path())
    }

    #[test]
    fn advice_is_read_and_absent_advice_is_none() {
        let text = r#"{"do_sample": true, "temperature": 0.7, "top_k": 20, "top_p": 0.8, "eos_token_id": [1, 2],
            "repetition_penalty": 1.05, "transformers_version": "4.44.0"}"#;
        let advice = read(text).expect("advice");
        assert!(advice.samples());
        assert_eq!(
            (advice.top_k, advice.top_p, advice.min_p),
            (Some(20), Some(0.8), None)
        );
        let folder = tempfile::tempdir().expect("folder");
        let none = Advice::read(folder.path()).expect("no file");
        assert!(none == Advice::default() && !none.samples());
        assert!(
            !read(r#"{"do_sample": false, "temperature": 0.7}"#)
                .expect("advice")
                .samples()
        );
    }

    #[test]
    fn nonsense_is_refused_with_the_file_s_name() {
        for text in [
            "[",
            r#"{"top_p": 7}"#,
            r#"{"temperature": -1}"#,
            r#"{"top_k": "many"}"#,
        ] {
            let error = read(text).expect_err(text);
            assert!(error.message.contains(FILE) && error.hint.is_some(), "{error}");
        }
    }
}
