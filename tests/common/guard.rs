//! Ends the test program where one input takes 20 seconds, or the program 4 GB: a hang cannot be asserted from inside.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

const LONGEST: Duration = Duration::from_secs(20);
const MOST_KB: u64 = 4 << 20;

/// What is tried now, and since when; a thread looks at it until the guard is gone.
pub struct Guard(Arc<Mutex<Option<(Instant, String)>>>);

impl Guard {
    pub fn new() -> Guard {
        let tried = Arc::new(Mutex::new(None));
        let seen = Arc::downgrade(&tried);
        std::thread::spawn(move || {
            while let Some(tried) = seen.upgrade() {
                look(&tried.lock().unwrap_or_else(PoisonError::into_inner));
                drop(tried);
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        Guard(tried)
    }

    /// Tries one input; `name` must be enough to make it again.
    pub fn watch<T>(&self, name: &str, work: impl FnOnce() -> T) -> T {
        self.set(Some((Instant::now(), name.to_owned())));
        let made = work();
        self.set(None);
        made
    }

    fn set(&self, now: Option<(Instant, String)>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

#[allow(clippy::print_stderr)] // the program ends here, and nothing else can say of what
fn look(tried: &Option<(Instant, String)>) {
    let Some((since, name)) = tried else { return };
    if since.elapsed() > LONGEST {
        eprintln!("this takes more than {} s:\n{name}", LONGEST.as_secs());
        std::process::abort();
    }
    if memory_kb().is_some_and(|kb| kb > MOST_KB) {
        eprintln!("more than {MOST_KB} KB are in use; this is tried:\n{name}");
        std::process::abort();
    }
}

/// The memory that the program uses, where the system says so.
fn memory_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
