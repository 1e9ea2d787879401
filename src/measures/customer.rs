//! The customer's own clock, which runs in the queue too (SLA-12).
//!
//! It starts with creation or reactivation, or with the customer's first message where an agent opened the conversation
//! (SLA-11). Resolution is closure by a user or by the system; a customer who gave up was not helped, and is counted by
//! `tickets.abandoned`.

use super::cast::{Cast, Origin};
use super::catalog::MetricId;
use super::sheet::{Scope, Sheet};
use super::split::{Merge, Split};
use super::timing::Times;
use crate::desk::GroupId;
use crate::time::Span;

#[derive(Clone, Default, Debug)]
struct Record {
    first_response: Times,
    resolution: Times,
}

/// The family's times.
#[derive(Clone, Debug)]
pub(super) struct Customers {
    records: Split<Record>,
}

impl Customers {
    pub(super) fn new(cast: &Cast) -> Customers {
        Customers { records: Split::new(cast) }
    }

    pub(super) fn answered(&mut self, origin: Origin, group: Option<GroupId>, after: Span) {
        self.records.of(origin, group).first_response.add(after);
    }

    pub(super) fn resolved(&mut self, origin: Origin, group: Option<GroupId>, after: Span) {
        self.records.of(origin, group).resolution.add(after);
    }

    pub(super) fn write(&self, cast: &Cast, scope: Scope, sheet: &mut Sheet) {
        let record = self.records.total(cast, scope);
        sheet.put_times(MetricId::named("customer.first_response.mean"), scope, &record.first_response);
        sheet.put_times(MetricId::named("customer.resolution.mean"), scope, &record.resolution);
    }
}

impl Merge for Record {
    fn merge(&mut self, other: &Record) {
        self.first_response.merge(&other.first_response);
        self.resolution.merge(&other.resolution);
    }
}
