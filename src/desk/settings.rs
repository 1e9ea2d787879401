//! What a desk is told before it opens: the organisation, its users and its channels.
//!
//! Settings are plain data over dense ids. [`crate::scenario`] makes them from a file and reports what does not fit;
//! [`crate::desk::Desk::new`] refuses what would break a rule.

use super::{
    AssignmentChange, ChannelId, FieldId, FieldValue, GroupId, LimitChange, Policy, QueueChange, SlaChange, StatusId,
    StatusName, UserId,
};
use crate::time::{Calendar, Span};

/// The whole desk.
#[derive(Clone, Debug)]
pub struct Settings {
    /// CHN-8: off means messages flow, and there are no tickets, queue or SLA.
    pub ticketing: bool,
    /// STA-11: a connected user who does nothing for this long is moved to Away.
    pub idle_timeout: Option<Span>,
    /// STA-12: after how long the tickets of a user who became unassignable return to the queue; `None` keeps them.
    pub requeue_after: Option<Span>,
    /// USR-2: whether disabling a user sends their open tickets back to the queue.
    pub requeue_on_disable: bool,
    /// MSG-1: the organisation has an away text.
    pub away_text: bool,
    /// MSG-1: the organisation has an outside-business-hours text.
    pub outside_text: bool,
    /// Business hours (SLA-10, MSG-4); `None` is always open.
    pub calendar: Option<Calendar>,
    /// Civil days, for `assigned_today`.
    pub civil: crate::time::Civil,
    /// What the system statuses are called: Available, Away, Offline (STA-1).
    pub system_statuses: [StatusName; 3],
    /// Custom statuses, in their order (STA-2).
    pub statuses: Vec<StatusSettings>,
    /// Custom fields, in their order (TIC-11); at most 64.
    pub fields: Vec<FieldSettings>,
    /// How many groups there are.
    pub groups: usize,
    /// Users, in listed order.
    pub users: Vec<UserSettings>,
    /// Channels, in their order.
    pub channels: Vec<ChannelSettings>,
    /// What the `random` and `two_choices` policies hash, so that replications differ; the desk itself draws nothing.
    pub salt: u64,
}

/// How a status connects its users (STA-4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Connection {
    /// Present.
    Connected,
    /// Away from the desk for a while.
    Inactive,
    /// Not there.
    Disconnected,
}

impl Connection {
    /// All of them.
    pub const ALL: [Connection; 3] = [Connection::Connected, Connection::Inactive, Connection::Disconnected];

    /// As the log and exports call it.
    pub const fn name(self) -> &'static str {
        match self {
            Connection::Connected => "connected",
            Connection::Inactive => "inactive",
            Connection::Disconnected => "disconnected",
        }
    }
}

/// A kind of automatic message (MSG-1, MSG-2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum AutoMessage {
    /// MSG-2.
    Greeting,
    /// MSG-3, MSG-4.
    Away,
    /// MSG-3, MSG-4.
    OutsideBusinessHours,
}

/// A custom status (STA-2 to STA-5, MSG-3).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct StatusSettings {
    /// Unique, trimmed and without case (STA-3).
    pub name: StatusName,
    /// STA-4.
    pub connection: Connection,
    /// STA-5.
    pub assignable: bool,
    /// MSG-3; never a greeting.
    pub auto_message: Option<AutoMessage>,
}

/// A custom field (TIC-11).
#[derive(Clone, Debug)]
pub struct FieldSettings {
    /// What values fit.
    pub kind: FieldKind,
    /// Whether a person may close a ticket without it (TIC-8).
    pub mandatory: bool,
    /// For tickets of this group alone; `None` is for all.
    pub group: Option<GroupId>,
    /// QUE-2: points of priority that a choice adds to the ticket, by choice; empty for none.
    pub priority: Vec<i16>,
}

/// The type of a custom field (TIC-11).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldKind {
    /// Any text; an empty one is no value.
    Text,
    /// Any finite number.
    Number,
    /// One of this many choices.
    Choice(u16),
    /// A civil date.
    Date,
    /// Ticked or not; either is a value.
    Checkbox,
}

/// A user's role (USR).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// May change statuses and channels (STA-7, CHN-2), and is notified (CHN-5, ESC-4).
    Admin,
    /// Works tickets.
    Agent,
}

/// A user's state (USR-1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UserState {
    /// May act and be assigned.
    Enabled,
    /// Neither.
    Disabled,
    /// Invited; neither as yet.
    Pending,
}

impl UserState {
    /// As scenarios and exports call it.
    pub const fn name(self) -> &'static str {
        match self {
            UserState::Enabled => "enabled",
            UserState::Disabled => "disabled",
            UserState::Pending => "pending",
        }
    }
}

/// A user.
#[derive(Clone, Debug)]
pub struct UserSettings {
    /// Admin or agent.
    pub role: Role,
    /// Enabled, disabled or pending.
    pub state: UserState,
    /// The groups they are in, in the order they were listed.
    pub groups: Vec<GroupId>,
    /// CAP-3: a cap of their own, in place of the channels'.
    pub max_open: Option<u32>,
    /// MSG-5: they have an away text of their own.
    pub away_text: bool,
    /// The status that they start in.
    pub status: StatusId,
    /// Factors on handle time (2.0 takes twice as long), which the policy key `proficiency` reads.
    pub proficiency: Vec<(Skill, f64)>,
}

/// What a user may be quicker or slower at.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Skill {
    /// A channel's tickets.
    Channel(ChannelId),
    /// Tickets with this value in that field.
    Value(FieldId, FieldValue),
}

/// Who holds a permission (CHN-1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
pub enum Grantee {
    /// Everybody in the group, as it is at the time.
    Group(GroupId),
    /// One user.
    User(UserId),
}

/// A channel's permissions (CHN-1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Permission {
    /// See it.
    View,
    /// Reply, take tickets, be assigned tickets.
    Reply,
    /// Close, escalate, transfer, reopen, assign to others.
    Manage,
}

/// A channel.
#[derive(Clone, Debug)]
pub struct ChannelSettings {
    /// CHN-3.
    pub assignment: Assignment,
    /// What round robin goes by once it is switched on, where assignment is by hand.
    pub standby: Standby,
    /// CHN-1: the base. Whoever may reply or manage is to be among these; what they do is refused where they are not.
    pub view: Vec<Grantee>,
    /// CHN-1.
    pub reply: Vec<Grantee>,
    /// CHN-1.
    pub manage: Vec<Grantee>,
    /// CAP-1; `None` is no limit.
    pub limit: Option<Limit>,
    /// CAP-2: how much one of this channel's tickets counts, in thousandths.
    pub weight_milli: u32,
    /// SLA-1.
    pub sla: Sla,
    /// QUE-2.
    pub order: QueueOrder,
    /// QUE-2: points of priority of the channel's tickets.
    pub priority: i16,
    /// MSG-2: it has a greeting.
    pub greeting: bool,
    /// MSG-1: it has an away text of its own.
    pub away_text: bool,
    /// MSG-1: it has an outside-business-hours text of its own.
    pub outside_text: bool,
    /// CHN-6.
    pub spam_filter: bool,
    /// CHN-7.
    pub consent: bool,
    /// TIC-9: the system closes a ticket that has awaited the customer for this long.
    pub close_after_silence: Option<Span>,
    /// TIC-6: the last assignee first.
    pub sticky: bool,
    /// TIC-6: a message later than this after closure makes a new ticket.
    pub reopen_within: Option<Span>,
    /// TIC-12: people pick a ticket up as they begin to work on it, as one does with calls.
    pub answers_at_start: bool,
}

/// How a channel's tickets find an assignee (CHN-3).
#[derive(Clone, PartialEq, Debug)]
pub enum Assignment {
    /// By hand alone.
    Manual,
    /// By the system.
    RoundRobin {
        /// Who is eligible from the start (ASG-1).
        groups: Vec<GroupId>,
        /// In what order (ASG-2, ASG-3, ASG-5).
        policy: Policy,
        /// Who is eligible too once the head has waited (QUE-9), in the order of `after`.
        overflow: Vec<Overflow>,
    },
}

/// What stays set while assignment is by hand (CHN-2): round robin goes by it once it is switched on.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Standby {
    /// `rule = "manual"` was said, so that naming groups does not switch round robin on.
    pub by_hand: bool,
    /// The groups of the assignment.
    pub groups: Vec<GroupId>,
    /// Its overflows.
    pub overflow: Vec<Overflow>,
}

/// Further groups for a lane whose head has waited long (QUE-9).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Overflow {
    /// Whose users become eligible.
    pub groups: Vec<GroupId>,
    /// Once the head has waited this long.
    pub after: Span,
}

/// A limit on open tickets (CAP).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Limit {
    /// From this many on nothing more is assigned automatically (CAP-1); at least 1. [`Limit::NONE`] where the channel has
    /// no limit of its own, and says how those of users count (CAP-3).
    pub max_open: u32,
    /// CAP-2.
    pub counts: Counts,
    /// CAP-2.
    pub scope: Scope,
}

impl Limit {
    /// No limit.
    pub const NONE: u32 = u32::MAX;
}

/// Which tickets count towards a limit (CAP-2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Counts {
    /// All that are not closed.
    Open,
    /// Those that the user owes a reply.
    Pending,
}

/// Over which channels tickets count towards a limit (CAP-2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Scope {
    /// All channels.
    User,
    /// The limit's own channel.
    Channel,
}

/// Service-level agreement of a channel (SLA-1) and its options.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sla {
    /// SLA-3: from assignment to the first reply.
    pub first_response: Option<Span>,
    /// SLA-3: from the cycle's first assignment to closure.
    pub closure: Option<Span>,
    /// ESC-1: the preset user.
    pub escalate_to: Option<UserId>,
    /// SLA-10: only business hours count.
    pub business_hours: bool,
    /// SLA-3: awaiting the customer pauses the closure timer.
    pub pause_awaiting_customer: bool,
    /// SLA-6.
    pub on_reassign: OnReassign,
    /// SLA-7.
    pub on_requeue: OnRequeue,
}

/// What giving a ticket to another user by hand does to its timers (SLA-6).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnReassign {
    /// Before the first response the first-response timer restarts in full.
    RestartFirstResponse,
    /// Nothing restarts.
    Keep,
    /// Both restart: first response while none was given, closure in any case.
    RestartBoth,
}

/// What the next assignment does to timers that a return to the queue cancelled (SLA-7).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnRequeue {
    /// They start afresh.
    Restart,
    /// They go on with the time that was left.
    Resume,
}

/// The order within a lane (QUE-2); priority comes first in all but `Aged`, ticket ID last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum QueueOrder {
    /// Longest wait first.
    Fifo,
    /// Shortest wait first.
    Lifo,
    /// Earliest deadline first, were the timers started when the wait did.
    SlaDue,
    /// New sessions before new conversations, then longest wait.
    SessionsFirst,
    /// By wait start, moved back by `head_start` for each point of priority.
    Aged {
        /// For each point of priority.
        head_start: Span,
    },
}

/// A change of a channel's settings (CHN-2): what it names is merged into what is set, the rest stays.
///
/// An inner `None` takes the setting away.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ChannelChange {
    /// CHN-3.
    pub assignment: Option<AssignmentChange>,
    /// CHN-1.
    pub view: Option<Option<Vec<Grantee>>>,
    /// CHN-1.
    pub reply: Option<Option<Vec<Grantee>>>,
    /// CHN-1.
    pub manage: Option<Option<Vec<Grantee>>>,
    /// CAP-1.
    pub limit: Option<LimitChange>,
    /// CAP-2.
    pub weight_milli: Option<u32>,
    /// SLA-1.
    pub sla: Option<SlaChange>,
    /// QUE-2.
    pub queue: Option<QueueChange>,
    /// QUE-2.
    pub priority: Option<i16>,
    /// MSG-2.
    pub greeting: Option<bool>,
    /// MSG-1.
    pub away_text: Option<bool>,
    /// MSG-1.
    pub outside_text: Option<bool>,
    /// CHN-6.
    pub spam_filter: Option<bool>,
    /// CHN-7.
    pub consent: Option<bool>,
    /// TIC-9.
    pub close_after_silence: Option<Option<Span>>,
    /// TIC-6.
    pub sticky: Option<bool>,
    /// TIC-6.
    pub reopen_within: Option<Option<Span>>,
    /// TIC-12.
    pub answers_at_start: Option<bool>,
}
