//! Leaving by a signal: drafts are taken away before the process ends as the signal says.
//!
//! This is the one place with state of the whole process, as signals are of the whole process.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The drafts that this process has begun and neither finished nor dropped.
static DRAFTS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn drafts() -> MutexGuard<'static, Vec<PathBuf>> {
    DRAFTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins a draft that goes when a signal ends the process.
pub(super) fn remember<T>(begin: impl FnOnce() -> io::Result<T>, path: impl FnOnce(&T) -> PathBuf) -> io::Result<T> {
    watch();
    // Whoever takes drafts away waits for this, so that there is none that is not remembered.
    let mut drafts = drafts();
    let draft = begin()?;
    drafts.push(path(&draft));
    Ok(draft)
}

/// A draft has taken its place or is gone.
pub(super) fn forget(path: &Path) {
    drafts().retain(|draft| draft != path);
}

#[cfg(unix)]
fn watch() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;
    use std::sync::Once;

    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // What was told to ignore a signal (`nohup`, or in the background of a script) goes on ignoring it.
        let wanted = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !is_ignored(*signal));
        let Ok(mut signals) = Signals::new(wanted) else { return };
        let leave = move || {
            for signal in signals.forever() {
                // Held to the end: nothing is begun meanwhile.
                let drafts = drafts();
                for draft in drafts.iter() {
                    let _ = std::fs::remove_file(draft);
                }
                let _ = emulate_default_handler(signal);
            }
        };
        // Without a thread a signal ends the process as ever, with drafts left behind.
        let _ = std::thread::Builder::new().name("signals".to_owned()).spawn(leave);
    });
}

#[cfg(not(unix))]
fn watch() {}

/// Whether this process was started with a signal ignored, where that can be told.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
