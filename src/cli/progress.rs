//! A bar for who waits.

use super::terminal::Terminal;
use crate::experiment::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

/// Does work that takes long with a bar on the terminal, if there is one; `what` is counted ("replications").
pub(super) fn with_bar<T>(terminal: &Terminal, what: &str, work: impl FnOnce(&(dyn Fn(Progress) + Sync)) -> T) -> T {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    let template = format!("{{bar:30}} {{pos}} of {{len}} {what}, about {{eta}} left");
    bar.set_style(ProgressStyle::with_template(&template).expect("the template is well formed"));
    let done = work(&|progress: Progress| {
        if bar.length() != Some(progress.of) {
            bar.set_length(progress.of);
        }
        bar.set_position(progress.done);
        // Whoever waits for a second wants to know how long it will be.
        if terminal.progress && bar.is_hidden() && bar.elapsed() > Duration::from_secs(1) {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    });
    bar.finish_and_clear();
    done
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
