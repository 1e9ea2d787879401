//! Tickets: how many came, went, moved and stayed.

use super::cast::{Cast, Origin};
use super::catalog::MetricId;
use super::sheet::{Scope, Sheet};
use super::split::{Merge, Split};
use crate::desk::GroupId;

#[derive(Clone, Copy, Default, Debug)]
struct Counts {
    created: u64,
    reopened: u64,
    closed: u64,
    abandoned: u64,
    escalated: u64,
    assigned: u64,
    transferred: u64,
    /// Open now, whenever they came.
    open: u64,
}

/// The family's counts.
#[derive(Clone, Debug)]
pub(super) struct Tickets {
    counts: Split<Counts>,
}

impl Tickets {
    pub(super) fn new(cast: &Cast) -> Tickets {
        Tickets { counts: Split::new(cast) }
    }

    pub(super) fn created(&mut self, counted: bool, origin: Origin) {
        let counts = self.counts.of_origin(origin);
        counts.open += 1;
        counts.created += u64::from(counted);
    }

    pub(super) fn reopened(&mut self, counted: bool, origin: Origin) {
        let counts = self.counts.of_origin(origin);
        counts.open += 1;
        counts.reopened += u64::from(counted);
    }

    pub(super) fn closed(&mut self, counted: bool, origin: Origin, group: Option<GroupId>, abandoned: bool) {
        self.counts.of_origin(origin).open -= 1;
        if counted {
            let counts = self.counts.of(origin, group);
            counts.closed += 1;
            counts.abandoned += u64::from(abandoned);
        }
    }

    pub(super) fn assigned(&mut self, origin: Origin, to: Option<GroupId>) {
        self.counts.of(origin, to).assigned += 1;
    }

    pub(super) fn escalated(&mut self, origin: Origin, from: Option<GroupId>) {
        self.counts.of(origin, from).escalated += 1;
    }

    pub(super) fn transferred(&mut self, origin: Origin, to: GroupId) {
        self.counts.of(origin, Some(to)).transferred += 1;
    }

    pub(super) fn write(&self, cast: &Cast, scope: Scope, sheet: &mut Sheet) {
        let counts = self.counts.total(cast, scope);
        let mut put = |name, count| sheet.put_count(MetricId::named(name), scope, count);
        put("tickets.created", counts.created);
        put("tickets.closed", counts.closed);
        put("tickets.abandoned", counts.abandoned);
        put("tickets.reopened", counts.reopened);
        put("tickets.escalated", counts.escalated);
        put("tickets.assigned", counts.assigned);
        put("tickets.transferred", counts.transferred);
        put("tickets.open_at_end", counts.open);
        let rate = super::share(counts.abandoned, counts.created + counts.reopened);
        sheet.put(MetricId::named("tickets.abandon_rate"), scope, rate);
    }
}

impl Merge for Counts {
    fn merge(&mut self, other: &Counts) {
        self.created += other.created;
        self.reopened += other.reopened;
        self.closed += other.closed;
        self.abandoned += other.abandoned;
        self.escalated += other.escalated;
        self.assigned += other.assigned;
        self.transferred += other.transferred;
        self.open += other.open;
    }
}
