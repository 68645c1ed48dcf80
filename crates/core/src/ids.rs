//! Identifiers, one type each, so that none is taken for another.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// A new identifier; later ones sort after earlier ones.
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7().simple().to_string())
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

id!(
    /// One imported source. Stable across edits and moves of its content.
    DocumentId
);
id!(
    /// One attempt to index one state of a document. Its content hash stands beside it.
    RevisionId
);
id!(
    /// A stored, embedded slice of a document.
    ChunkId
);
id!(
    /// One persisted unit of ingestion.
    JobId
);
id!(
    /// Documents that were removed together and can be brought back yet.
    RemovalId
);
id!(
    /// A chat.
    ConversationId
);
id!(
    /// One question with its answer.
    TurnId
);
id!(
    /// A folder that is watched.
    FolderId
);
id!(
    /// A case of the user's own regression set.
    CaseId
);
