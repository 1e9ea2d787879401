//! Which rows are wanted (DSH-4, EXP-1).

use super::{StatusCard, TicketRow};
use crate::desk::{ChannelId, GroupId, UserId};
use crate::time::Instant;

/// A choice of rows. What is empty or `None` chooses everything; of several values one must fit, and all kinds must.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Filter {
    /// Not before this.
    pub from: Option<Instant>,
    /// Before this.
    pub to: Option<Instant>,
    /// On one of these.
    pub channels: Vec<ChannelId>,
    /// Had by a member of one of these groups, or waiting for one.
    pub groups: Vec<GroupId>,
    /// Assigned to one of these.
    pub agents: Vec<UserId>,
    /// On one of these cards.
    pub cards: Vec<StatusCard>,
    /// The ticket's last cycle alone.
    pub latest: bool,
}

impl Filter {
    /// Whether a row is wanted: its ticket was created in the range of dates, and the rest of it fits.
    pub fn passes(&self, row: &TicketRow) -> bool {
        self.spans(row.created_at) && self.fits(row)
    }

    /// Whether an instant lies in the range of dates.
    pub fn spans(&self, at: Instant) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }

    /// Whether a row is wanted, dates aside.
    pub fn fits(&self, row: &TicketRow) -> bool {
        fn one_of<T: PartialEq>(wanted: &[T], value: Option<T>) -> bool {
            wanted.is_empty() || value.is_some_and(|value| wanted.contains(&value))
        }
        one_of(&self.channels, Some(row.channel))
            && one_of(&self.groups, row.group)
            && one_of(&self.agents, row.assigned_agent)
            && one_of(&self.cards, Some(row.card()))
            && (!self.latest || row.is_latest())
    }

    /// Whether everything is wanted, dates aside.
    pub fn fits_all(&self) -> bool {
        let Filter { from: _, to: _, channels, groups, agents, cards, latest } = self;
        channels.is_empty() && groups.is_empty() && agents.is_empty() && cards.is_empty() && !latest
    }
}
