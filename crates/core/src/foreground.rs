//! Somebody waits for an answer; ingestion can wait.

use tokio::sync::watch;

/// Counts what people wait for, so that work in the background stands back meanwhile: on a processor, embedding
/// beside generation would make the answer take twice as long.
#[derive(Debug, Default)]
pub struct Foreground {
    waited_for: watch::Sender<usize>,
}

/// Held while somebody waits.
pub struct Waiting<'a>(&'a Foreground);

impl Foreground {
    /// Somebody waits until the guard is dropped.
    pub fn enter(&self) -> Waiting<'_> {
        self.waited_for.send_modify(|count| *count += 1);
        Waiting(self)
    }

    /// Returns when nobody waits.
    pub async fn clear(&self) {
        // The sender is this struct's own, so the channel cannot be closed.
        let _ = self.waited_for.subscribe().wait_for(|count| *count == 0).await;
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waited_for.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn is_clear(foreground: &Foreground) -> bool {
        tokio::select! {
            biased;
            () = foreground.clear() => true,
            () = std::future::ready(()) => false,
        }
    }

    #[tokio::test]
    async fn the_background_goes_on_when_the_last_one_is_served() {
        let foreground = Foreground::default();
        assert!(is_clear(&foreground).await);
        let (one, two) = (foreground.enter(), foreground.enter());
        assert!(!is_clear(&foreground).await);
        drop(one);
        assert!(!is_clear(&foreground).await);
        drop(two);
        assert!(is_clear(&foreground).await);
    }
}
