//! What became of words that answers quoted from documents which were read again since.

use crate::error::{Error, Result};
use crate::ids::{DocumentId, RevisionId};
use crate::ports::PageText;
use crate::standing::{Quoted, Search, Standing};

use super::Engine;

/// Pages read at a time.
const PAGES: u32 = 64;

/// What became of quotes of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standings {
    /// The revision that was looked through; none if the document has none yet.
    pub revision: Option<RevisionId>,
    /// In the order of the quotes.
    pub standings: Vec<Standing>,
}

impl Engine {
    /// Looks for words that were quoted from an earlier revision of a document in the one that it has now.
    ///
    /// # Errors
    /// There is no such document, or what the ledger says.
    pub async fn standing(&self, id: &DocumentId, quoted: Vec<Quoted>) -> Result<Standings> {
        // A revision that is retired loses its pages; none is while it is looked through.
        let _visible = self.inner.visibility.read().await;
        let revision = self.document(id).await?.revision;
        let mut search = Search::new(quoted);
        if let Some(revision) = &revision {
            search = self.through(revision, search, Search::exactly).await?;
            if search.incomplete() {
                search = self.through(revision, search, Search::alike).await?;
            }
        }
        let standings = at_work(move || search.finish()).await?;
        Ok(Standings { revision, standings })
    }

    async fn through(
        &self,
        revision: &RevisionId,
        mut search: Search,
        look: fn(&mut Search, &PageText),
    ) -> Result<Search> {
        let mut from = 0;
        loop {
            let pages = self.inner.parts.ledger.page_texts(revision, from, PAGES).await?;
            let Some(last) = pages.last() else {
                return Ok(search);
            };
            from = last.number + 1;
            search = at_work(move || {
                pages.iter().for_each(|page| look(&mut search, page));
                search
            })
            .await?;
        }
    }
}

/// Runs what computes for long aside from what waits.
async fn at_work<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Error::bug(format!("comparing quotes stopped: {e}")))
}
