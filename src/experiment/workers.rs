//! Threads that do independent pieces of work; what comes of them is taken in the pieces' order.

use crate::simulation::RunError;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};

/// Threads for replications, cells and policies alike.
#[derive(Debug)]
pub struct Workers(rayon::ThreadPool);

/// Why there are no workers.
#[derive(Debug)]
pub struct WorkersError(rayon::ThreadPoolBuildError);

impl fmt::Display for WorkersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "threads could not be started: {}", self.0)
    }
}

impl std::error::Error for WorkersError {}

/// Why an experiment ended without results.
#[derive(Debug)]
pub enum ExperimentError {
    /// The machine gave no threads.
    Workers(WorkersError),
    /// A run passed a limit.
    Run(RunError),
}

impl fmt::Display for ExperimentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExperimentError::Workers(error) => error.fmt(f),
            ExperimentError::Run(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ExperimentError {}

impl From<WorkersError> for ExperimentError {
    fn from(error: WorkersError) -> ExperimentError {
        ExperimentError::Workers(error)
    }
}

impl From<RunError> for ExperimentError {
    fn from(error: RunError) -> ExperimentError {
        ExperimentError::Run(error)
    }
}

/// So many pieces for each thread may be under way or wait to be taken: a slow one holds the others up only then.
const AHEAD: usize = 32;

/// Where the work stands.
struct Progress {
    next: usize,
    taken: usize,
    over: bool,
}

impl Workers {
    /// That many threads; `None` is as many as the machine has cores.
    ///
    /// # Errors
    /// If the machine does not give them.
    pub fn new(threads: Option<usize>) -> Result<Workers, WorkersError> {
        rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).build().map(Workers).map_err(WorkersError)
    }

    /// How many threads there are.
    pub fn count(&self) -> usize {
        self.0.current_num_threads()
    }

    /// Does the pieces of work 0, 1, … below `pieces` on all threads, and takes what comes of each in that order, on the
    /// calling thread, until `take` breaks off. So the outcome is the same for any number of threads; pieces past the one
    /// that broke off may have been done for nothing.
    pub fn in_order<T: Send>(
        &self,
        pieces: usize,
        work: impl Fn(usize) -> T + Sync,
        mut take: impl FnMut(usize, T) -> ControlFlow<()>,
    ) {
        let threads = self.count().min(pieces);
        let progress = Mutex::new(Progress { next: 0, taken: 0, over: false });
        let moved = Condvar::new();
        let claim = || {
            let mut progress = lock(&progress);
            while !progress.over && progress.next < pieces && progress.next >= progress.taken + AHEAD * threads {
                progress = moved.wait(progress).unwrap_or_else(PoisonError::into_inner);
            }
            let piece = progress.next;
            (!progress.over && piece < pieces).then(|| {
                progress.next += 1;
                piece
            })
        };
        let over = || {
            lock(&progress).over = true;
            moved.notify_all();
        };
        let (send, receive) = mpsc::channel();
        self.0.in_place_scope(|scope| {
            for _ in 0..threads {
                let send = send.clone();
                let (claim, over, work) = (&claim, &over, &work);
                scope.spawn(move |_| {
                    // A panic elsewhere ends everybody's work; the scope passes it on.
                    let _end = OnPanic(over);
                    while let Some(piece) = claim() {
                        if send.send((piece, work(piece))).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(send);
            let _end = OnPanic(&over);
            let mut waiting = std::collections::BTreeMap::new();
            let mut next = 0;
            for (piece, done) in receive {
                waiting.insert(piece, done);
                while let Some(done) = waiting.remove(&next) {
                    let flow = take(next, done);
                    next += 1;
                    lock(&progress).taken = next;
                    moved.notify_all();
                    if flow.is_break() {
                        over();
                        return;
                    }
                }
            }
        });
    }

    /// The same where work may fail.
    ///
    /// # Errors
    /// The first in the pieces' order: of the work, or of taking what came of it.
    pub fn try_in_order<T: Send, E: Send>(
        &self,
        pieces: usize,
        work: impl Fn(usize) -> Result<T, E> + Sync,
        mut take: impl FnMut(usize, T) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let mut failed = None;
        self.in_order(pieces, work, |piece, done| {
            done.and_then(|done| take(piece, done)).unwrap_or_else(|error| {
                failed = Some(error);
                ControlFlow::Break(())
            })
        });
        failed.map_or(Ok(()), Err)
    }
}

fn lock(progress: &Mutex<Progress>) -> MutexGuard<'_, Progress> {
    progress.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does something if its thread panics.
struct OnPanic<'a, F: Fn()>(&'a F);

impl<F: Fn()> Drop for OnPanic<'_, F> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            (self.0)();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn taken(threads: usize, pieces: usize, until: usize) -> Vec<(usize, usize)> {
        let mut taken = Vec::new();
        Workers::new(Some(threads)).unwrap().in_order(
            pieces,
            |piece| {
                // Early pieces take longest.
                std::thread::sleep(std::time::Duration::from_micros(if piece % 64 == 0 { 2_000 } else { 1 }));
                piece * piece
            },
            |piece, square| {
                taken.push((piece, square));
                if piece == until { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        taken
    }

    #[test]
    fn what_comes_of_it_is_taken_in_order_with_any_number_of_threads() {
        let all: Vec<_> = (0..500).map(|piece| (piece, piece * piece)).collect();
        for threads in [1, 2, 5] {
            assert_eq!(taken(threads, 500, usize::MAX), all, "{threads} threads");
            assert_eq!(taken(threads, 500, 123), all[..124], "{threads} threads");
        }
        assert_eq!(taken(2, 0, 0), []);
    }

    #[test]
    fn a_slow_piece_is_not_left_far_behind() {
        let (workers, done) = (Workers::new(Some(2)).unwrap(), AtomicUsize::new(0));
        let mut most = 0;
        workers.in_order(
            1_000,
            |piece| {
                if piece == 0 {
                    std::thread::sleep(std::time::Duration::from_millis(30));
                }
                done.fetch_add(1, Ordering::SeqCst);
            },
            |piece, ()| {
                most = most.max(done.load(Ordering::SeqCst) - piece);
                ControlFlow::Continue(())
            },
        );
        assert!(most <= AHEAD * 2 + 2, "{most} pieces waited");
    }

    #[test]
    fn a_panic_is_passed_on() {
        let workers = Workers::new(Some(2)).unwrap();
        let panics = |work: fn(usize), take: fn(usize)| {
            let all = || {
                workers.in_order(10_000, work, |piece, ()| {
                    take(piece);
                    ControlFlow::Continue(())
                });
            };
            catch_unwind(AssertUnwindSafe(all)).is_err()
        };
        assert!(panics(|piece| assert!(piece != 77), |_| ()));
        assert!(panics(|_| (), |piece| assert!(piece != 77)));
        assert!(!panics(|_| (), |_| ()));
    }
}
