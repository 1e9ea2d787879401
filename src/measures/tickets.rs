//! Tickets: how many came, went, moved and stayed.

use super::catalog::MetricId;
use super::cells::Merge;
use super::sheet::{Scope, Sheet};

/// The family's counts.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Counts {
    pub(super) created: u64,
    pub(super) reopened: u64,
    pub(super) closed: u64,
    pub(super) abandoned: u64,
    pub(super) escalated: u64,
    pub(super) assigned: u64,
    pub(super) transferred: u64,
    /// Open now, whenever they came; of one cell, less those that came to it from another.
    open: i64,
}

impl Counts {
    pub(super) fn created(&mut self, counted: bool) {
        self.open += 1;
        self.created += u64::from(counted);
    }

    pub(super) fn reopened(&mut self, counted: bool) {
        self.open += 1;
        self.reopened += u64::from(counted);
    }

    pub(super) fn closed(&mut self, counted: bool, abandoned: bool) {
        self.open -= 1;
        self.closed += u64::from(counted);
        self.abandoned += u64::from(counted & abandoned);
    }

    pub(super) fn is_blank(&self) -> bool {
        *self == Counts::default()
    }

    pub(super) fn write(&self, scopes: &[Scope], sheet: &mut Sheet) {
        let mut put = |name, count| sheet.put_count(MetricId::named(name), scopes, count);
        put("tickets.created", self.created);
        put("tickets.closed", self.closed);
        put("tickets.abandoned", self.abandoned);
        put("tickets.reopened", self.reopened);
        put("tickets.escalated", self.escalated);
        put("tickets.assigned", self.assigned);
        put("tickets.transferred", self.transferred);
        put("tickets.open_at_end", self.open as u64);
        let came = self.created + self.reopened;
        sheet.put_share(MetricId::named("tickets.abandon_rate"), scopes, self.abandoned, came);
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
