//! What users were notified of (CHN-5, ESC-3, ESC-4).

use super::Filter;
use crate::desk::{About, ChannelId, Desk, Effect, TicketId, UserId};
use crate::simulation::{Observer, Step};
use crate::time::Instant;

/// A user was told something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Notification {
    /// When.
    pub at: Instant,
    /// Who.
    pub user: UserId,
    /// What about.
    pub about: About,
    /// Which ticket it concerns.
    pub ticket: Option<TicketId>,
    /// Which channel it concerns: its own, or its ticket's.
    pub channel: Option<ChannelId>,
}

/// Gives a run's notifications that pass a filter to a sink; give it to the run as its observer.
///
/// A filter's dates are those of the notification, its agents who was notified, and its groups those that they were in then.
#[derive(Clone, Debug)]
pub struct Notifications<'a, S> {
    filter: &'a Filter,
    sink: S,
}

impl<'a, S: FnMut(&Notification)> Notifications<'a, S> {
    /// The notifications of one run.
    pub fn new(filter: &'a Filter, sink: S) -> Notifications<'a, S> {
        Notifications { filter, sink }
    }

    fn passes(&self, of: &Notification, desk: &Desk) -> bool {
        let Filter { channels, groups, agents, .. } = self.filter;
        self.filter.spans(of.at)
            && (channels.is_empty() || of.channel.is_some_and(|channel| channels.contains(&channel)))
            && (groups.is_empty() || groups.iter().any(|group| desk.is_in_group(of.user, *group)))
            && (agents.is_empty() || agents.contains(&of.user))
    }
}

impl<S: FnMut(&Notification)> Observer for Notifications<'_, S> {
    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        for effect in step.effects {
            if let Effect::Notified { user, about, ticket, channel } = *effect {
                let channel = channel.or_else(|| ticket.map(|ticket| desk.channel(ticket)));
                let notification = Notification { at: step.now, user, about, ticket, channel };
                if self.passes(&notification, desk) {
                    (self.sink)(&notification);
                }
            }
        }
    }
}
