//! What explaining an assignment needs to read of a desk. Nothing here is used while a desk runs, nothing of its indexes is asked.

use super::assignment::hash;
use super::{Assignment, ChannelId, Desk, Limit, Skill, TicketId, UserId};
use crate::time::Instant;

impl Desk {
    /// How a channel's tickets find an assignee (CHN-3).
    pub fn assignment(&self, channel: ChannelId) -> &Assignment {
        &self.channels[channel.index()].assignment
    }

    /// A channel's limit on open tickets (CAP-1).
    pub fn limit(&self, channel: ChannelId) -> Option<Limit> {
        self.channels[channel.index()].limit
    }

    /// How much one of a channel's tickets counts towards a limit, in thousandths (CAP-2).
    pub fn weight_milli(&self, channel: ChannelId) -> u32 {
        self.channels[channel.index()].weight_milli
    }

    /// Whether the tickets of a channel's conversations go to their last assignee first (TIC-6, ASG-11).
    pub fn is_sticky(&self, channel: ChannelId) -> bool {
        self.channels[channel.index()].sticky
    }

    /// A user's own cap, in place of the channels' (CAP-3).
    pub fn own_cap(&self, user: UserId) -> Option<u32> {
        Some(self.users[user.index()].max_open).filter(|&most| most != u32::MAX)
    }

    /// The product of a user's factors on handle time that apply to a ticket, which the key `proficiency` compares.
    pub fn factor(&self, user: UserId, ticket: TicketId) -> f64 {
        let (channel, values) = (self.channel(ticket), self.field_values(ticket));
        let applies = |skill: &Skill| match *skill {
            Skill::Channel(of) => of == channel,
            Skill::Value(field, value) => values[field.index()] == Some(value),
        };
        self.proficiencies[user.index()].iter().filter(|(skill, _)| applies(skill)).map(|(_, factor)| factor).product()
    }

    /// What policies that assign at random go by: the same for the same ticket, instant and number.
    pub fn chance(&self, ticket: TicketId, now: Instant, number: u64) -> u64 {
        hash(&[self.salt, ticket.number.into(), now.as_micros(), number])
    }
}
