//! The machine itself.

#![allow(clippy::todo, unused_variables, missing_docs)] // skeleton

use super::*;
use crate::time::Instant;

/// A ticket's state (TIC-4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TicketState {
    /// Outside the queue until the customer consents (CHN-7).
    Consent,
    /// Waits for an assignee.
    Queued,
    /// Assigned; the agent owes a reply.
    Pending,
    /// Assigned; the customer owes an answer.
    AwaitingCustomer,
    /// Closed.
    Closed,
}

/// The desk.
#[derive(Clone, Debug)]
pub struct Desk {}

impl Desk {
    /// Opens a desk.
    ///
    /// # Errors
    /// What the settings break.
    pub fn new(settings: Settings) -> Result<Desk, Refusal> {
        todo!()
    }
    /// Prepares a change of settings, for [`Command::ConfigureChannel`].
    pub fn prepare(&mut self, change: ChannelChange) -> ChangeId {
        todo!()
    }
    /// Prepares field values that come with a message, for [`Command::Message`].
    pub fn prepare_form(&mut self, values: &[(FieldId, FieldValue)]) -> FormId {
        todo!()
    }
    /// Carries a command out. Deadlines before `now` must have been acted on ([`Desk::wake`]).
    ///
    /// # Errors
    /// The refusal; the command then changed nothing and `effects` is as it was.
    pub fn apply(&mut self, now: Instant, command: Command, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        todo!()
    }
    /// When [`Desk::wake`] has something to do.
    pub fn next_deadline(&self) -> Option<Instant> {
        todo!()
    }
    /// Acts on the deadlines due by `now`, in order; early calls do nothing.
    pub fn wake(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        todo!()
    }

    // What may be read. All O(1).
    /// The ticket with that number, if there ever was one (also a closed one).
    pub fn find(&self, number: u32) -> Option<TicketId> {
        todo!()
    }
    /// The latest ticket of a conversation.
    pub fn ticket_of(&self, conversation: ConversationId) -> Option<TicketId> {
        todo!()
    }
    pub fn state(&self, ticket: TicketId) -> TicketState {
        todo!()
    }
    pub fn assignee(&self, ticket: TicketId) -> Option<UserId> {
        todo!()
    }
    pub fn cycle(&self, ticket: TicketId) -> u32 {
        todo!()
    }
    pub fn is_escalated(&self, ticket: TicketId) -> bool {
        todo!()
    }
    pub fn is_breached(&self, ticket: TicketId) -> bool {
        todo!()
    }
    pub fn channel(&self, ticket: TicketId) -> ChannelId {
        todo!()
    }
    pub fn conversation(&self, ticket: TicketId) -> ConversationId {
        todo!()
    }
    /// The deadline of a running timer.
    pub fn due(&self, ticket: TicketId, timer: Timer) -> Option<Instant> {
        todo!()
    }
    /// The mandatory fields that apply to the ticket and are empty.
    pub fn empty_fields(&self, ticket: TicketId) -> FieldSet {
        todo!()
    }
    /// How many tickets wait in the queue.
    pub fn queue_length(&self) -> usize {
        todo!()
    }
    /// How many tickets are not closed.
    pub fn open_tickets(&self) -> usize {
        todo!()
    }
    /// The head of the lane that would be served first among those that the user may reply on (for a manual channel).
    pub fn head_for(&self, user: UserId) -> Option<TicketId> {
        todo!()
    }
    pub fn lane_channel(&self, lane: LaneId) -> ChannelId {
        todo!()
    }
    /// The group of a lane for tickets transferred to it; `None` for a channel's own lane.
    pub fn lane_group(&self, lane: LaneId) -> Option<GroupId> {
        todo!()
    }
    pub fn user_status(&self, user: UserId) -> StatusId {
        todo!()
    }
    pub fn status_since(&self, user: UserId) -> Instant {
        todo!()
    }
    pub fn user_state(&self, user: UserId) -> UserState {
        todo!()
    }
    /// Whether the user's status is assignable and they are enabled (ASG-1, less group, permission and cap).
    pub fn is_available(&self, user: UserId) -> bool {
        todo!()
    }
    pub fn open_count(&self, user: UserId) -> u32 {
        todo!()
    }
    pub fn pending_count(&self, user: UserId) -> u32 {
        todo!()
    }
    /// Whether the user holds more than some channel's cap allows them (CAP-3).
    pub fn is_over_cap(&self, user: UserId) -> bool {
        todo!()
    }
    pub fn is_in_group(&self, user: UserId, group: GroupId) -> bool {
        todo!()
    }
    pub fn may(&self, user: UserId, permission: Permission, channel: ChannelId) -> bool {
        todo!()
    }
    /// Statuses ever made, deleted ones included: ids run from 0 to this.
    pub fn statuses(&self) -> u32 {
        todo!()
    }
    pub fn status_name(&self, status: StatusId) -> StatusName {
        todo!()
    }
    pub fn connection(&self, status: StatusId) -> Connection {
        todo!()
    }
    /// The living status of that name.
    pub fn status_named(&self, folded: Symbol) -> Option<StatusId> {
        todo!()
    }
    /// Checks what must hold at every moment.
    ///
    /// # Errors
    /// The first thing that does not, in words.
    pub fn audit(&self) -> Result<(), String> {
        todo!()
    }
}
