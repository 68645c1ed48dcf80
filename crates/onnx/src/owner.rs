//! One owner thread per model: it loads the model when the first request comes, serves requests one at a
//! time in order, and unloads the model when none came for a while.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use footnote_core::{Error, Result};
use tokio_util::sync::CancellationToken;

/// Requests that may wait; the next caller waits until one is served.
const QUEUE_LIMIT: usize = 64;
/// Interactive requests in a row after which a background request that waits gets its turn.
const PATIENCE: usize = 8;
/// How long a caller whose request was dropped waits to learn of a panic: the thread unwinds, which drops
/// the request, before it can say why.
const PANIC_WAIT: Duration = Duration::from_secs(1);
/// How often a waiting caller looks whether it was cancelled.
const CANCEL_POLL: Duration = Duration::from_millis(10);

/// Which waiting request is served first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Priority {
    /// A person waits for it.
    Interactive,
    /// Bulk work.
    Background,
}

type Work<M> = Box<dyn FnOnce(Result<&mut M>) + Send>;

struct Job<M> {
    /// Set when nobody waits for the result any more.
    abandoned: Arc<AtomicBool>,
    work: Work<M>,
}

struct State<M> {
    interactive: VecDeque<Job<M>>,
    background: VecDeque<Job<M>>,
    /// Interactive requests served while a background request waited.
    passed_over: usize,
    unload: bool,
    closed: bool,
    /// What the last panic said, for the caller whose request caused it.
    panic: Option<String>,
}

impl<M> State<M> {
    /// The job whose turn it is: each kind in order of arrival, interactive ones first, but bulk work is not
    /// starved by them.
    fn next(&mut self) -> Option<Job<M>> {
        if self.background.is_empty() {
            self.passed_over = 0;
        } else if self.interactive.is_empty() || self.passed_over >= PATIENCE {
            self.passed_over = 0;
            return self.background.pop_front();
        } else {
            self.passed_over += 1;
        }
        self.interactive.pop_front()
    }
}

struct Shared<M> {
    state: Mutex<State<M>>,
    changed: Condvar,
    loaded: AtomicBool,
}

impl<M> Shared<M> {
    fn lock(&self) -> MutexGuard<'_, State<M>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The owner of a model of type `M`. Dropping it ends the thread.
pub(crate) struct Owner<M> {
    shared: Arc<Shared<M>>,
    thread: Option<JoinHandle<()>>,
}

/// Abandons a request when its caller stops waiting, however it stops.
pub(crate) struct Ticket(Arc<AtomicBool>);

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

impl<M: 'static> Owner<M> {
    /// Starts the thread; `load` runs there when a request finds no model. `idle`: unload after.
    pub(crate) fn start(
        name: &str,
        idle: Option<Duration>,
        load: impl FnMut() -> Result<M> + Send + 'static,
    ) -> Result<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                interactive: VecDeque::new(),
                background: VecDeque::new(),
                passed_over: 0,
                unload: false,
                closed: false,
                panic: None,
            }),
            changed: Condvar::new(),
            loaded: AtomicBool::new(false),
        });
        let theirs = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name(name.into())
            .spawn(move || serve(&theirs, idle, load))
            .map_err(|error| Error::runtime(format!("Could not start a thread for the model: {error}")))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Puts `work` in line; it runs on the owner thread with the model, or with the error of loading it.
    /// The request counts as abandoned when the ticket is dropped.
    pub(crate) fn submit(
        &self,
        priority: Priority,
        cancel: &CancellationToken,
        work: impl FnOnce(Result<&mut M>) + Send + 'static,
    ) -> Result<Ticket> {
        let mut state = self.shared.lock();
        while state.interactive.len() + state.background.len() >= QUEUE_LIMIT {
            if cancel.is_cancelled() {
                return Err(Error::canceled());
            }
            let waited = self.shared.changed.wait_timeout(state, CANCEL_POLL);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let abandoned = Arc::new(AtomicBool::new(false));
        let job = Job {
            abandoned: Arc::clone(&abandoned),
            work: Box::new(work),
        };
        match priority {
            Priority::Interactive => state.interactive.push_back(job),
            Priority::Background => state.background.push_back(job),
        }
        drop(state);
        self.shared.changed.notify_all();
        Ok(Ticket(abandoned))
    }

    /// Runs `work` on the owner thread and waits for its result, or until `cancel`.
    pub(crate) fn call<T: Send + 'static>(
        &self,
        priority: Priority,
        cancel: &CancellationToken,
        work: impl FnOnce(&mut M) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, result) = sync_channel(1);
        let _ticket = self.submit(priority, cancel, move |model| {
            // A caller that left has dropped its end; that is no error.
            let _ = reply.send(model.and_then(work));
        })?;
        self.wait(&result, cancel, || Err(Error::canceled()))?
    }

    /// Waits for a message of the owner thread. `canceled` runs on every poll while `cancel` is set: it
    /// may give up with an error, or return `Ok` to go on waiting.
    pub(crate) fn wait<T>(
        &self,
        from: &Receiver<T>,
        cancel: &CancellationToken,
        mut canceled: impl FnMut() -> Result<()>,
    ) -> Result<T> {
        loop {
            match from.recv_timeout(CANCEL_POLL) {
                Ok(message) => return Ok(message),
                Err(RecvTimeoutError::Timeout) => {
                    if cancel.is_cancelled() {
                        canceled()?;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let state = self.shared.lock();
                    let waited = self
                        .shared
                        .changed
                        .wait_timeout_while(state, PANIC_WAIT, |state| state.panic.is_none());
                    let reason = waited.unwrap_or_else(PoisonError::into_inner).0.panic.take();
                    return Err(Error::bug(match reason {
                        Some(reason) => format!("The model's thread panicked: {reason}"),
                        None => "The model's thread dropped a request".into(),
                    }));
                }
            }
        }
    }
}

impl<M> Drop for Owner<M> {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
        // Joining keeps the runtime library from being torn down under a running computation.
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

fn serve<M>(shared: &Shared<M>, idle: Option<Duration>, mut load: impl FnMut() -> Result<M>) {
    let mut model: Option<M> = None;
    while let Some(next) = next_job(shared, idle, model.is_some()) {
        let Some(job) = next else {
            model = None;
            shared.loaded.store(false, Ordering::Release);
            continue;
        };
        if job.abandoned.load(Ordering::Acquire) {
            continue;
        }
        let slot = &mut model;
        let done = catch_unwind(AssertUnwindSafe(|| {
            if slot.is_none() {
                match load() {
                    Ok(loaded) => *slot = Some(loaded),
                    Err(error) => return (job.work)(Err(error)),
                }
                shared.loaded.store(true, Ordering::Release);
            }
            if let Some(model) = slot.as_mut() {
                (job.work)(Ok(model));
            }
        }));
        if let Err(payload) = done {
            let reason = panic_text(payload.as_ref());
            tracing::error!(reason, "a model's thread panicked");
            shared.lock().panic = Some(reason);
            shared.changed.notify_all();
            // What a panic left behind is not to be trusted.
            model = None;
            shared.loaded.store(false, Ordering::Release);
        }
    }
}

/// The next job; `Some(None)`: unload; `None`: the owner is gone.
fn next_job<M>(shared: &Shared<M>, idle: Option<Duration>, loaded: bool) -> Option<Option<Job<M>>> {
    let mut state = shared.lock();
    loop {
        if state.closed {
            return None;
        }
        if std::mem::take(&mut state.unload) && loaded {
            return Some(None);
        }
        if let Some(job) = state.next() {
            drop(state);
            shared.changed.notify_all();
            return Some(Some(job));
        }
        state = match idle.filter(|_| loaded) {
            None => shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            Some(idle) => {
                let waited = shared.changed.wait_timeout_while(state, idle, |state| {
                    !state.closed
                        && !state.unload
                        && state.interactive.is_empty()
                        && state.background.is_empty()
                });
                let (state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
                if timeout.timed_out() {
                    return Some(None);
                }
                state
            }
        };
    }
}

fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no reason given".into())
}

trait Control: Send + Sync {
    fn unload(&self);
    fn is_loaded(&self) -> bool;
}

impl<M> Control for Shared<M>
where
    Shared<M>: Send + Sync,
{
    fn unload(&self) {
        self.lock().unload = true;
        self.changed.notify_all();
    }

    fn is_loaded(&self) -> bool {
        self.loaded.load(Ordering::Acquire)
    }
}

/// Says whether a model occupies memory, and frees it.
#[derive(Clone)]
pub struct ModelHandle(Arc<dyn Control>);

impl ModelHandle {
    pub(crate) fn new<M: 'static>(owner: &Owner<M>) -> Self {
        Self(Arc::clone(&owner.shared) as Arc<dyn Control>)
    }

    /// Frees the model after the request being served; the next request loads it again.
    pub fn unload(&self) {
        self.0.unload();
    }

    /// Whether the model is in memory.
    pub fn is_loaded(&self) -> bool {
        self.0.is_loaded()
    }
}

impl std::fmt::Debug for ModelHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModelHandle")
            .field("loaded", &self.is_loaded())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::time::Instant;

    use footnote_core::ErrorKind;

    use super::*;

    fn counting(idle: Option<Duration>) -> (Owner<u32>, Arc<AtomicUsize>) {
        let loads = Arc::new(AtomicUsize::new(0));
        let theirs = Arc::clone(&loads);
        let owner = Owner::start("test", idle, move || {
            theirs.fetch_add(1, Ordering::SeqCst);
            Ok(7)
        });
        (owner.expect("thread"), loads)
    }

    fn eventually(mut condition: impl FnMut() -> bool) {
        let start = Instant::now();
        while !condition() {
            assert!(start.elapsed() < Duration::from_secs(60), "did not come about");
            thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn loads_on_first_use_and_unloads_when_idle() {
        let (owner, loads) = counting(Some(Duration::from_millis(20)));
        let handle = ModelHandle::new(&owner);
        assert!(!handle.is_loaded());
        let cancel = CancellationToken::new();
        let get = || {
            owner
                .call(Priority::Background, &cancel, |model| Ok(*model))
                .expect("call")
        };
        assert_eq!(get(), 7);
        eventually(|| !handle.is_loaded());
        assert_eq!(get(), 7);
        assert_eq!(loads.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn unload_on_request() {
        let (owner, _) = counting(None);
        let handle = ModelHandle::new(&owner);
        owner
            .call(Priority::Background, &CancellationToken::new(), |_| Ok(()))
            .expect("call");
        assert!(handle.is_loaded());
        handle.unload();
        eventually(|| !handle.is_loaded());
    }

    #[test]
    fn a_panic_becomes_an_error_and_the_next_request_works() {
        let (owner, loads) = counting(None);
        let cancel = CancellationToken::new();
        let result = owner.call::<()>(Priority::Background, &cancel, |_| panic!("boom"));
        let error = result.expect_err("must fail");
        assert_eq!(error.kind, ErrorKind::Bug);
        assert!(error.message.ends_with("boom"), "{}", error.message);
        assert_eq!(
            owner
                .call(Priority::Background, &cancel, |model| Ok(*model))
                .expect("call"),
            7
        );
        assert_eq!(loads.load(Ordering::SeqCst), 2, "the model is loaded afresh");
    }

    #[test]
    fn a_cancelled_caller_leaves_at_once_and_its_request_is_dropped() {
        let (owner, _) = counting(None);
        let cancel = CancellationToken::new();
        let ran = Arc::new(AtomicUsize::new(0));
        let (release, gate) = sync_channel::<()>(0);
        let busy = owner.submit(Priority::Background, &cancel, move |_| {
            let _ = gate.recv();
        });
        let waiting = CancellationToken::new();
        waiting.cancel();
        let theirs = Arc::clone(&ran);
        let result = owner.call(Priority::Background, &waiting, move |_| {
            theirs.fetch_add(1, Ordering::SeqCst);
            Ok(())
        });
        assert!(result.expect_err("cancelled").is_canceled());
        release.send(()).expect("release");
        drop(busy);
        owner
            .call(Priority::Background, &cancel, |_| Ok(()))
            .expect("call");
        assert_eq!(ran.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn a_person_is_served_before_bulk_work() {
        let (owner, _) = counting(None);
        let cancel = CancellationToken::new();
        let order = Arc::new(Mutex::new(Vec::new()));
        let (release, gate) = sync_channel::<()>(0);
        let mut tickets = vec![owner.submit(Priority::Background, &cancel, move |_| {
            let _ = gate.recv();
        })];
        for (priority, name) in [(Priority::Background, "bulk"), (Priority::Interactive, "person")] {
            let order = Arc::clone(&order);
            tickets.push(owner.submit(priority, &cancel, move |_| order.lock().expect("lock").push(name)));
        }
        release.send(()).expect("release");
        eventually(|| order.lock().expect("lock").len() == 2);
        assert_eq!(*order.lock().expect("lock"), ["person", "bulk"]);
    }

    #[test]
    fn turns_are_taken_in_order_and_bulk_work_is_not_starved() {
        let (owner, _) = counting(None);
        let cancel = CancellationToken::new();
        let order = Arc::new(Mutex::new(Vec::new()));
        let (release, gate) = sync_channel::<()>(0);
        let (begin, begun) = sync_channel::<()>(1);
        let mut tickets = vec![owner.submit(Priority::Interactive, &cancel, move |_| {
            let _ = begin.send(());
            let _ = gate.recv();
        })];
        begun.recv().expect("the first is being served");
        let persons = (0..PATIENCE + 4).map(|at| (Priority::Interactive, at));
        for (priority, name) in [(Priority::Background, 100)].into_iter().chain(persons) {
            let order = Arc::clone(&order);
            tickets.push(owner.submit(priority, &cancel, move |_| order.lock().expect("lock").push(name)));
        }
        release.send(()).expect("release");
        eventually(|| order.lock().expect("lock").len() == PATIENCE + 5);
        let mut expected: Vec<usize> = (0..PATIENCE + 4).collect();
        expected.insert(PATIENCE, 100);
        assert_eq!(*order.lock().expect("lock"), expected);
    }

    #[test]
    fn a_failure_to_load_reaches_the_caller() {
        let owner = Owner::<u32>::start("test", None, || Err(Error::runtime("no file"))).expect("thread");
        let result = owner.call(Priority::Background, &CancellationToken::new(), |model| {
            Ok(*model)
        });
        assert_eq!(result.expect_err("must fail").message, "no file");
    }
}
