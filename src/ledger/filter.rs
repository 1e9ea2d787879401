//! Which cycles are wanted (DSH-4, EXP-1, EXP-3).

use super::{StatusCard, TicketRow};
use crate::desk::{ChannelId, GroupId, UserId};
use crate::time::Instant;

/// A choice of cycles. What is empty or `None` chooses everything; of several values one must fit, and all kinds must.
///
/// Dates choose the cycles that were open at any time in their range. Two statuses tell of what happened, whether or not the
/// cycle was closed since: `Reopened` chooses the cycles that a reopening began in the range, `Escalated` those that were
/// escalated in it. The others tell of the card that the cycle is on (EXP-3).
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Filter {
    /// Not before this.
    pub from: Option<Instant>,
    /// Before this.
    pub to: Option<Instant>,
    /// On one of these.
    pub channels: Vec<ChannelId>,
    /// Had by a member of one of these groups, waiting for one, or assigned through one before it was moved on.
    pub groups: Vec<GroupId>,
    /// Assigned to one of these.
    pub agents: Vec<UserId>,
    /// Of one of these statuses.
    pub cards: Vec<StatusCard>,
    /// The ticket's last cycle alone.
    pub latest: bool,
}

impl Filter {
    /// Whether a cycle is wanted.
    pub fn passes(&self, row: &TicketRow) -> bool {
        self.has_status(row, self.meets(row)) && self.fits_otherwise(row)
    }

    /// Whether a cycle is wanted, whenever it was open; the dates of a reopening and of escalations count all the same.
    pub fn fits(&self, row: &TicketRow) -> bool {
        self.has_status(row, true) && self.fits_otherwise(row)
    }

    /// Whether an instant lies in the range of dates.
    pub fn spans(&self, at: Instant) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }

    /// Whether a cycle was open at any time in the range of dates; one that ended as it began was open at that instant.
    fn meets(&self, row: &TicketRow) -> bool {
        let begins = self.to.is_none_or(|to| row.began_at < to);
        let lasts =
            self.from.is_none_or(|from| row.began_at >= from || row.closed_at.is_none_or(|closed| closed > from));
        begins && lasts
    }

    fn has_status(&self, row: &TicketRow, meets: bool) -> bool {
        let has = |card: &StatusCard| match card {
            StatusCard::Reopened => row.cycle > 1 && self.spans(row.began_at),
            StatusCard::Escalated => row.escalated_at.iter().any(|at| self.spans(*at)),
            card => meets && row.card() == *card,
        };
        if self.cards.is_empty() { meets } else { self.cards.iter().any(has) }
    }

    fn fits_otherwise(&self, row: &TicketRow) -> bool {
        fn one_of<T: PartialEq>(wanted: &[T], value: Option<T>) -> bool {
            wanted.is_empty() || value.is_some_and(|value| wanted.contains(&value))
        }
        one_of(&self.channels, Some(row.channel))
            && (one_of(&self.groups, row.group) || one_of(&self.groups, row.assigned_group))
            && one_of(&self.agents, row.assigned_agent)
            && (!self.latest || row.is_latest())
    }

    /// Whether everything is wanted, dates aside.
    pub fn fits_all(&self) -> bool {
        let Filter { from: _, to: _, channels, groups, agents, cards, latest } = self;
        channels.is_empty() && groups.is_empty() && agents.is_empty() && cards.is_empty() && !latest
    }
}
