//! A bar for who waits.

use super::terminal::Terminal;
use crate::experiment::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Positions of a bar for each replication.
const FINE: u64 = crate::simulation::PARTS as u64;

/// Does work that takes long with a bar on the terminal, if there is one; `what` is counted ("replications"). The bar moves with the
/// simulated time of what is under way, so that a single long replication shows how far it has come.
pub(super) fn with_bar<T>(terminal: &Terminal, what: &str, work: impl FnOnce(&(dyn Fn(Progress) + Sync)) -> T) -> T {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    let template = format!("{{bar:30}} {{percent}} %, {{msg}} {what}, about {{eta}} left");
    bar.set_style(ProgressStyle::with_template(&template).expect("the template is well formed"));
    let furthest = AtomicU64::new(0);
    let done = work(&|progress: Progress| {
        if !terminal.progress {
            return;
        }
        // Another stage of the work has a length of its own.
        if bar.length() != Some(progress.of * FINE) {
            bar.set_length(progress.of * FINE);
            furthest.store(0, Ordering::Relaxed);
        }
        // Who comes late from another thread moves nothing back.
        let at = position(progress);
        if furthest.fetch_max(at, Ordering::Relaxed) >= at {
            return;
        }
        bar.set_message(format!("{} of {}", progress.done, progress.of));
        bar.set_position(furthest.load(Ordering::Relaxed));
        // Whoever waits for a second wants to know how long it will be.
        if bar.is_hidden() && bar.elapsed() > Duration::from_secs(1) {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    });
    bar.finish_and_clear();
    done
}

/// Where a bar stands: a hundredth of a replication is a step.
fn position(progress: Progress) -> u64 {
    (progress.done * FINE + progress.hundredths).min(progress.of * FINE)
}

/// Does work of unknown length with a count on the terminal, if there is one; `what` is counted ("runs").
pub(super) fn with_count<T>(terminal: &Terminal, what: &str, work: impl FnOnce(&(dyn Fn(Progress) + Sync)) -> T) -> T {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    let template = format!("{{spinner}} {{pos}} {what} in {{elapsed}}");
    bar.set_style(ProgressStyle::with_template(&template).expect("the template is well formed"));
    let done = work(&|progress: Progress| {
        bar.inc(progress.done);
        if terminal.progress && bar.is_hidden() && bar.elapsed() > Duration::from_secs(1) {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    });
    bar.finish_and_clear();
    done
}
