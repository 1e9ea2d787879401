//! The two SLA timers: outcomes, times and overruns (SLA-12).
//!
//! A timer that starts has one outcome or runs at the end: started = met + breached + cancelled + unanswered + running,
//! over a whole run. A timer that restarts is cancelled or breached, and another one starts.
//!
//! A reply or closure has one time: from the start of the timer that it meets, or from the start of the first one that
//! was breached while it was awaited, so an escalation that restarts the timer does not make the time look short. Every
//! breach has its own overrun. Times are of the clock on the wall, also where the timer itself pauses (SLA-3) or counts
//! business hours alone (SLA-10).

use super::cast::{Cast, Origin};
use super::catalog::MetricId;
use super::sheet::{Scope, Sheet};
use super::split::{Merge, Split};
use super::timing::{Times, Total};
use crate::desk::{GroupId, Outcome, Timer};
use crate::time::Span;

#[derive(Clone, Default, Debug)]
struct Record {
    started: u64,
    met: u64,
    breached: u64,
    cancelled: u64,
    unanswered: u64,
    /// Running now, whenever they started.
    running: u64,
    overrun: Total,
    time: Times,
}

/// The family of one timer.
#[derive(Clone, Debug)]
pub(super) struct SlaTimer {
    records: Split<Record>,
    /// Where its metrics begin in the catalog.
    first: MetricId,
}

impl SlaTimer {
    pub(super) fn new(cast: &Cast, timer: Timer) -> SlaTimer {
        let name = match timer {
            Timer::FirstResponse => "sla.first_response.breach_rate",
            Timer::Closure => "sla.closure.breach_rate",
        };
        SlaTimer { records: Split::new(cast), first: MetricId::named(name) }
    }

    pub(super) fn started(&mut self, counted: bool, origin: Origin) {
        let record = self.records.of_origin(origin);
        record.running += 1;
        record.started += u64::from(counted);
    }

    pub(super) fn ended(&mut self, counted: bool, origin: Origin, group: Option<GroupId>, outcome: Outcome) {
        self.records.of_origin(origin).running -= 1;
        if !counted {
            return;
        }
        let record = self.records.of(origin, group);
        match outcome {
            Outcome::Met => record.met += 1,
            Outcome::Breached => record.breached += 1,
            Outcome::Cancelled => record.cancelled += 1,
            Outcome::Unanswered => record.unanswered += 1,
        }
    }

    /// The reply or closure came, so long after assignment.
    pub(super) fn took(&mut self, origin: Origin, group: Option<GroupId>, time: Span) {
        self.records.of(origin, group).time.add(time);
    }

    /// The reply or closure came, so long after a deadline.
    pub(super) fn overran(&mut self, origin: Origin, group: Option<GroupId>, by: Span) {
        self.records.of(origin, group).overrun.add(by);
    }

    pub(super) fn write(&self, cast: &Cast, scope: Scope, sheet: &mut Sheet) {
        let record = self.records.total(cast, scope);
        sheet.put(self.first, scope, super::share(record.breached, record.met + record.breached));
        let counts = [record.started, record.met, record.breached, record.cancelled, record.unanswered, record.running];
        for (n, count) in (1..).zip(counts) {
            sheet.put_count(self.first.plus(n), scope, count);
        }
        sheet.put(self.first.plus(7), scope, record.overrun.mean());
        sheet.put_times(self.first.plus(8), scope, &record.time);
    }

    /// The same metrics of one agent, who only has the counts of timers that ended on them.
    pub(super) fn write_agent(&self, scope: Scope, met: u64, breached: u64, sheet: &mut Sheet) {
        sheet.put(self.first, scope, super::share(breached, met + breached));
        sheet.put_count(self.first.plus(2), scope, met);
        sheet.put_count(self.first.plus(3), scope, breached);
    }
}

impl Merge for Record {
    fn merge(&mut self, other: &Record) {
        self.started += other.started;
        self.met += other.met;
        self.breached += other.breached;
        self.cancelled += other.cancelled;
        self.unanswered += other.unanswered;
        self.running += other.running;
        self.overrun.merge(&other.overrun);
        self.time.merge(&other.time);
    }
}
