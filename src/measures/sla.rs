//! The two SLA timers: outcomes, times and overruns (SLA-12).
//!
//! A timer that starts has one outcome or runs at the end: started = met + breached + cancelled + unanswered + running,
//! over a whole run. A timer that restarts is cancelled or breached, and another one starts.
//!
//! A reply or closure has one time: from the start of the timer that it meets, or from the start of the first one that
//! was breached while it was awaited, so an escalation that restarts the timer does not make the time look short. Every
//! breach has its own overrun, until the reply or closure. A first response that was never given has no time. Times are
//! on the timer's own clock: what was promised less what was left, and after a breach by
//! [`crate::simulation::SlaClocks`]. So they are without its pauses (SLA-3), and of business hours alone where
//! it counts those (SLA-10).

use super::catalog::MetricId;
use super::cells::Merge;
use super::sheet::{Scope, Sheet};
use super::timing::{Times, Total};
use crate::desk::{Outcome, Timer};

/// The timers of one kind.
#[derive(Clone, Default, Debug)]
pub(super) struct Timers {
    started: u64,
    /// Running now, whenever they started; of one cell, less those that started in another.
    running: i64,
    /// By [`Outcome`].
    ended: [u64; 4],
    /// From assignment to the reply or closure.
    pub(super) time: Times,
    /// From a deadline to the reply or closure.
    pub(super) overrun: Total,
}

impl Timers {
    pub(super) fn started(&mut self, counted: bool) {
        self.running += 1;
        self.started += u64::from(counted);
    }

    pub(super) fn ended(&mut self, counted: bool, outcome: Outcome) {
        self.running -= 1;
        self.ended[outcome as usize] += u64::from(counted);
    }

    pub(super) fn is_blank(&self) -> bool {
        (self.started, self.running, self.ended) == (0, 0, [0; 4]) && self.time.is_blank() && self.overrun.is_blank()
    }

    pub(super) fn write(&self, timer: Timer, scopes: &[Scope], sheet: &mut Sheet) {
        let first = first(timer);
        let of = |outcome: Outcome| self.ended[outcome as usize];
        let (met, breached) = (of(Outcome::Met), of(Outcome::Breached));
        sheet.put_share(first, scopes, breached, met + breached);
        let ends = [met, breached, of(Outcome::Cancelled), of(Outcome::Unanswered), self.running as u64];
        for (n, count) in (1..).zip(std::iter::once(self.started).chain(ends)) {
            sheet.put_count(first.plus(n), scopes, count);
        }
        sheet.put_mean(first.plus(7), scopes, self.overrun.mean(), self.overrun.count() as f64);
        sheet.put_times(first.plus(8), scopes, &self.time);
    }
}

/// Writes the same metrics of one agent, who only has the counts of timers that ended on them.
pub(super) fn write_agent(timer: Timer, agent: Scope, met: u64, breached: u64, sheet: &mut Sheet) {
    let first = first(timer);
    sheet.put_share(first, &[agent], breached, met + breached);
    sheet.put_count(first.plus(2), &[agent], met);
    sheet.put_count(first.plus(3), &[agent], breached);
}

/// Where a timer's metrics begin in the catalog.
fn first(timer: Timer) -> MetricId {
    MetricId::named(match timer {
        Timer::FirstResponse => "sla.first_response.breach_rate",
        Timer::Closure => "sla.closure.breach_rate",
    })
}

impl Merge for Timers {
    fn merge(&mut self, other: &Timers) {
        self.started += other.started;
        self.running += other.running;
        self.ended.iter_mut().zip(other.ended).for_each(|(count, more)| *count += more);
        self.time.merge(&other.time);
        self.overrun.merge(&other.overrun);
    }
}
