//! What became of a document, and reading it again on request.

use super::*;
use crate::history::History;

impl Engine {
    /// What became of a document, and which of its revisions answers cite.
    ///
    /// # Errors
    /// There is no such document, or what the ledger says.
    pub async fn history(&self, id: &DocumentId) -> Result<History> {
        self.document(id).await?;
        let ledger = &self.inner.parts.ledger;
        Ok(History {
            events: ledger.events(id).await?,
            cited: ledger.cited_revisions(id).await?,
        })
    }

    /// Reads documents again, even if their files did not change, for instance after a reader became better. What
    /// was read before is found until then, and stays if it cannot be done. Text that is the same is not embedded
    /// again. A document that is gone is left out.
    ///
    /// # Errors
    /// What the ledger says; what is wrong with a file is in its job.
    pub async fn read_again(
        &self,
        documents: &[DocumentId],
        reporter: &dyn Reporter,
        cancel: &CancellationToken,
    ) -> Result<Vec<IndexJob>> {
        let ledger = &self.inner.parts.ledger;
        // One at work may have read half of the file; it is read again after that.
        let mut known = ledger.jobs(true).await?;
        known.retain(|job| job.status != JobStatus::Running);
        let mut jobs = Vec::with_capacity(documents.len());
        for id in documents {
            let Some(document) = ledger.document(id).await? else {
                continue;
            };
            let same = |job: &IndexJob| job.path == document.path && job.collection == document.collection;
            let mut job = match known.iter().position(same) {
                Some(at) => known.swap_remove(at),
                None => queued(document.path.clone(), &document.collection),
            };
            job.read_again = true;
            (job.status, job.step, job.error) = (JobStatus::Queued, Step::Queued, None);
            // Writes it, whether or not it is there.
            ledger.add_job(&job).await?;
            reporter.report(IngestEvent::Job { job: job.clone() });
            jobs.push(job);
        }
        self.run(jobs, None, reporter, cancel).await
    }
}
