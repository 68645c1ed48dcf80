//! Which models a person chose for a data folder, and which they come back to.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, ModelEntry, Role, is_plain_name};
use crate::error::{FetchError, FetchErrorKind};
use crate::store::{ModelStore, write_whole};

const FILE: &str = "models.json";
const VERSION: u32 = 1;
const IMPORTED: &str = "imported/";

/// What a model is called: a catalog id, or `imported/` and the name of an imported model's folder.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ModelName {
    /// An id of the catalog.
    Catalog(String),
    /// A folder of [`ModelStore::prepared_dir`].
    Imported(String),
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Catalog(id) => f.write_str(id),
            Self::Imported(folder) => write!(f, "{IMPORTED}{folder}"),
        }
    }
}

impl From<ModelName> for String {
    fn from(name: ModelName) -> Self {
        name.to_string()
    }
}

impl FromStr for ModelName {
    type Err = FetchError;

    /// Refuses whatever could lead out of the folder of models.
    fn from_str(text: &str) -> Result<Self, FetchError> {
        let (name, imported) = match text.strip_prefix(IMPORTED) {
            Some(folder) => (folder, true),
            None => (text, false),
        };
        match (is_plain_name(name), imported) {
            (false, _) => Err(FetchError::unknown("model", text)),
            (true, true) => Ok(Self::Imported(name.to_owned())),
            (true, false) => Ok(Self::Catalog(name.to_owned())),
        }
    }
}

impl TryFrom<String> for ModelName {
    type Error = FetchError;

    fn try_from(text: String) -> Result<Self, FetchError> {
        text.parse()
    }
}

/// Where a model's files come from.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelSource {
    /// The catalog.
    Catalog(Box<ModelEntry>),
    /// A folder that an import made.
    Folder(PathBuf),
}

impl ModelSource {
    /// What it is called; none for a folder that lies elsewhere than imports put theirs.
    pub fn name(&self, store: &ModelStore) -> Option<ModelName> {
        match self {
            Self::Catalog(entry) => Some(ModelName::Catalog(entry.id.clone())),
            Self::Folder(folder) => {
                let inside = folder.parent() == Some(&*store.prepared_dir());
                let name = folder.file_name().filter(|_| inside)?;
                Some(ModelName::Imported(name.to_string_lossy().into_owned()))
            }
        }
    }

    /// The folder that it is kept in, and what was measured of it.
    pub fn folder(&self, store: &ModelStore) -> PathBuf {
        match self {
            Self::Catalog(entry) => store.path(entry),
            Self::Folder(folder) => folder.clone(),
        }
    }
}

/// A choice of one role. `None` stands for what the app would take by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Choice {
    current: Option<ModelName>,
    /// What was in use before, and worked.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    before: Option<Option<ModelName>>,
}

/// A field that is there, be it null: by itself serde takes null for a field that is not.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<ModelName>>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

/// The models chosen for a data folder. The command and the window both go by it, because an index read with one
/// embedder and written with another would be made anew at every turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenModels {
    version: u32,
    roles: BTreeMap<Role, Choice>,
}

impl Default for ChosenModels {
    fn default() -> Self {
        Self {
            version: VERSION,
            roles: BTreeMap::new(),
        }
    }
}

impl ChosenModels {
    /// What was chosen for the data folder `dir`; nothing if nothing was.
    ///
    /// # Errors
    /// The file is there and cannot be read, or another version of Footnote wrote it.
    pub fn load(dir: &Path) -> Result<Self, FetchError> {
        let file = dir.join(FILE);
        let bytes = match std::fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(FetchError::io(&file, &error)),
        };
        let wrong = |what: String| {
            FetchError::new(FetchErrorKind::Io, format!("{}: {what}", file.display()))
                .hint("Delete the file to go back to the models that Footnote takes by itself")
        };
        let chosen: Self = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
        if chosen.version != VERSION {
            return Err(wrong(format!(
                "written by another version of Footnote ({})",
                chosen.version
            )));
        }
        Ok(chosen)
    }

    /// Writes the choices into the data folder `dir`, whole or not at all.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn save(&self, dir: &Path) -> Result<(), FetchError> {
        let file = dir.join(FILE);
        std::fs::create_dir_all(dir).map_err(|error| FetchError::io(dir, &error))?;
        let json = serde_json::to_vec_pretty(self).map_err(|error| FetchError::io(&file, &error.into()))?;
        write_whole(&file, &json)
    }

    /// What was chosen for a role; none: what the app takes by itself.
    pub fn current(&self, role: Role) -> Option<&ModelName> {
        self.roles.get(&role)?.current.as_ref()
    }

    /// What was in use before the current choice: none if there was no other, `Some(None)` if it was what the app
    /// takes by itself.
    pub fn before(&self, role: Role) -> Option<Option<&ModelName>> {
        Some(self.roles.get(&role)?.before.as_ref()?.as_ref())
    }

    /// The model in use before the current choice, by name; none if there was no other, or the app did without.
    pub fn name_before(&self, role: Role, catalog: &Catalog) -> Option<ModelName> {
        match self.before(role)? {
            Some(model) => Some(model.clone()),
            None => {
                let entry = catalog.choose(role, None).ok()?;
                Some(ModelName::Catalog(entry.id.clone()))
            }
        }
    }

    /// Chooses a model; the one in use until now is remembered.
    pub fn choose(&mut self, role: Role, model: Option<ModelName>) {
        let choice = self.roles.entry(role).or_default();
        if choice.current != model {
            choice.before = Some(std::mem::replace(&mut choice.current, model));
        }
    }

    /// Goes back to what was in use before, and forgets the current choice. False if there is nothing to go back to.
    pub fn go_back(&mut self, role: Role) -> bool {
        let Some(choice) = self.roles.get_mut(&role) else {
            return false;
        };
        match choice.before.take() {
            Some(before) => {
                choice.current = before;
                true
            }
            None => false,
        }
    }

    /// Forgets a model that is gone as one to come back to.
    pub fn forget(&mut self, model: &ModelName) {
        for choice in self.roles.values_mut() {
            if choice
                .before
                .as_ref()
                .is_some_and(|before| before.as_ref() == Some(model))
            {
                choice.before = None;
            }
        }
    }

    /// The model of a role that the catalog knows or an import made: `wanted`, as typed for this run (an id, or a
    /// folder), else what was chosen, else this machine's default.
    ///
    /// # Errors
    /// No model of that role has the id.
    pub fn source(
        &self,
        role: Role,
        wanted: Option<&str>,
        catalog: &Catalog,
        store: &ModelStore,
    ) -> Result<ModelSource, FetchError> {
        if let Some(folder) = wanted.map(Path::new).filter(|path| path.is_dir()) {
            return Ok(ModelSource::Folder(folder.to_owned()));
        }
        let entry = match (wanted, self.current(role)) {
            (None, Some(ModelName::Imported(folder))) => {
                return Ok(ModelSource::Folder(store.prepared_dir().join(folder)));
            }
            (None, Some(ModelName::Catalog(id))) => catalog.choose(role, Some(id))?,
            (wanted, _) => catalog.choose(role, wanted)?,
        };
        Ok(ModelSource::Catalog(Box::new(entry.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Option<ModelName> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_choice_is_kept_and_leads_back_to_what_was_before() {
        let dir = tempfile::tempdir().unwrap();
        let mut chosen = ChosenModels::load(dir.path()).unwrap();
        assert_eq!(chosen.current(Role::Generator), None);
        chosen.choose(Role::Generator, name("smollm2-135m-instruct"));
        chosen.choose(Role::Generator, name("imported/mine-v1.2"));
        chosen.choose(Role::Generator, name("imported/mine-v1.2"));
        chosen.save(dir.path()).unwrap();
        let mut chosen = ChosenModels::load(dir.path()).unwrap();
        assert_eq!(
            chosen.current(Role::Generator),
            name("imported/mine-v1.2").as_ref()
        );
        assert!(chosen.go_back(Role::Generator));
        assert_eq!(
            chosen.current(Role::Generator),
            name("smollm2-135m-instruct").as_ref()
        );
        assert!(!chosen.go_back(Role::Generator));
        assert_eq!(chosen.current(Role::Embedder), None);
    }

    #[test]
    fn a_name_cannot_lead_out_of_the_folder_of_models() {
        for name in [
            "../x",
            "imported/../x",
            "imported/",
            "a/b",
            "imported/a/b",
            "",
            "/etc",
        ] {
            assert!(name.parse::<ModelName>().is_err(), "{name}");
        }
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(
            dir.path().join(FILE),
            r#"{"version":1,"roles":{"generator":{"current":"imported/../../x"}}}"#,
        )
        .unwrap();
        let error = ChosenModels::load(dir.path()).unwrap_err();
        assert!(error.message().contains("imported/../../x"), "{error}");
        assert!(error.remedy().is_some());
    }

    #[test]
    fn a_source_is_named_unless_it_lies_elsewhere_than_imports_put_theirs() {
        let store = ModelStore::new("/models");
        let folder = |path: &str| ModelSource::Folder(path.into());
        assert_eq!(
            folder("/models/prepared/mine").name(&store),
            name("imported/mine")
        );
        assert_eq!(folder("/elsewhere/mine").name(&store), None);
        let catalog = Catalog::builtin().unwrap();
        let mut chosen = ChosenModels::default();
        assert_eq!(chosen.name_before(Role::Generator, &catalog), None);
        chosen.choose(Role::Generator, name("imported/mine"));
        let default = catalog.choose(Role::Generator, None).unwrap();
        assert_eq!(chosen.name_before(Role::Generator, &catalog), name(&default.id));
    }

    #[test]
    fn a_converted_model_is_known_by_what_it_was_made_of() {
        let catalog = Catalog::builtin().unwrap();
        let entry = catalog.choose(Role::Generator, None).unwrap();
        let file = &entry.files[0];
        // As the importer names its folders.
        let stem = file.name.rsplit_once('.').unwrap().0.replace('_', "-");
        let folder = PathBuf::from(format!("/models/prepared/{stem}-v0.1.0"));
        assert!(entry.made(Path::new("/models/prepared/any"), Some(&file.sha256)));
        assert!(
            !entry.made(&folder, Some("00")),
            "the hash counts where it is known"
        );
        assert!(entry.made(&folder, None));
        assert!(!entry.made(Path::new("/models/prepared/mine"), None));
    }

    #[test]
    fn what_is_typed_wins_over_what_was_chosen_and_that_over_the_default() {
        let catalog = Catalog::builtin().unwrap();
        let store = ModelStore::new("/models");
        let mut chosen = ChosenModels::default();
        chosen.choose(Role::Embedder, name("all-minilm-l6-v2"));
        chosen.choose(Role::Generator, name("imported/mine"));
        let id = |wanted| match chosen.source(Role::Embedder, wanted, &catalog, &store).unwrap() {
            ModelSource::Catalog(entry) => entry.id,
            ModelSource::Folder(folder) => folder.display().to_string(),
        };
        assert_eq!(id(None), "all-minilm-l6-v2");
        assert_eq!(id(Some("multilingual-e5-small")), "multilingual-e5-small");
        assert_eq!(
            chosen.source(Role::Generator, None, &catalog, &store).unwrap(),
            ModelSource::Folder("/models/prepared/mine".into())
        );
        let none = ChosenModels::default();
        assert!(none.source(Role::Embedder, None, &catalog, &store).is_ok());
    }
}
