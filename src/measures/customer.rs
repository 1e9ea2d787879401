//! The customer's own clock, which runs in the queue too (SLA-12).
//!
//! It starts with creation or reactivation, or with the customer's first message where an agent opened the conversation
//! (SLA-11). Resolution is closure by a user or by the system; a customer who gave up was not helped, and is counted by
//! `tickets.abandoned`.

use super::catalog::MetricId;
use super::cells::Merge;
use super::sheet::{Scope, Sheet};
use super::timing::Times;

/// The family's times.
#[derive(Clone, Default, Debug)]
pub(super) struct CustomerTimes {
    pub(super) first_response: Times,
    pub(super) resolution: Times,
}

impl CustomerTimes {
    pub(super) fn is_blank(&self) -> bool {
        self.first_response.is_blank() && self.resolution.is_blank()
    }

    pub(super) fn write(&self, scopes: &[Scope], sheet: &mut Sheet) {
        sheet.put_times(MetricId::named("customer.first_response.mean"), scopes, &self.first_response);
        sheet.put_times(MetricId::named("customer.resolution.mean"), scopes, &self.resolution);
    }
}

impl Merge for CustomerTimes {
    fn merge(&mut self, other: &CustomerTimes) {
        self.first_response.merge(&other.first_response);
        self.resolution.merge(&other.resolution);
    }
}
