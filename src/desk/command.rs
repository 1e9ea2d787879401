//! Commands: what people, and the run's script, ask of the desk (RULES, Log).

use super::{
    AutoMessage, ChangeId, ChannelId, Connection, ConversationId, FieldId, FormId, Grantee, GroupId, Permission,
    StatusId, Symbol, TicketId, UserId,
};

/// What the desk is asked to do, stamped with an instant by whoever asks.
///
/// A `None` in place of an id is a name that nobody bears; the desk refuses it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Command {
    /// A customer writes (TIC-1, TIC-5, TIC-6).
    Message {
        /// The lasting thread with the customer.
        conversation: ConversationId,
        /// Where it runs; one channel for good.
        channel: ChannelId,
        /// Marked as spam (CHN-6).
        spam: bool,
        /// Points of priority of the customer's own, on top of the channel's (QUE-2).
        priority: i16,
        /// Field values that the customer filled in (TIC-11).
        form: Option<FormId>,
        /// What the message says; the desk never reads it.
        content: Option<Symbol>,
    },
    /// A customer answers the question for consent (CHN-7).
    Consent {
        /// Whose ticket waits for it.
        conversation: ConversationId,
        /// Yes or no.
        granted: bool,
    },
    /// A customer gives up (TIC-9).
    Abandon {
        /// Whose ticket is closed.
        conversation: ConversationId,
    },
    /// A conversation is closed (TIC-9).
    EndConversation {
        /// Whose ticket is closed.
        conversation: ConversationId,
    },
    /// A user picks a ticket up before the reply is done, as one answers a call (TIC-12).
    Answer {
        /// Who picks it up.
        user: UserId,
        /// Which ticket.
        ticket: Option<TicketId>,
    },
    /// A user is at work: on a ticket of theirs that they take in hand, or on anything else (STA-11).
    Active {
        /// Who.
        user: UserId,
        /// The ticket; an outer `None` names none.
        ticket: Option<Option<TicketId>>,
    },
    /// A user answers the customer (TIC-5, SLA-3).
    Reply {
        /// Who answers.
        user: UserId,
        /// Which ticket.
        ticket: Option<TicketId>,
    },
    /// A user closes a ticket (TIC-8).
    Close {
        /// Who closes.
        user: UserId,
        /// Which ticket.
        ticket: Option<TicketId>,
    },
    /// A user fills in a custom field (TIC-11).
    SetField {
        /// Who fills it in.
        user: UserId,
        /// Which ticket.
        ticket: Option<TicketId>,
        /// Which field.
        field: FieldName,
        /// With what; `None` does not fit the field's type.
        value: Option<FieldValue>,
    },
    /// A user takes a ticket or gives it to another (ASG-7, QUE-7).
    Assign {
        /// Who does it.
        by: UserId,
        /// Which ticket.
        ticket: Option<TicketId>,
        /// Who gets it.
        to: UserId,
    },
    /// A user hands a ticket to a group (ASG-8).
    Transfer {
        /// Who does it.
        by: UserId,
        /// Which ticket.
        ticket: Option<TicketId>,
        /// To which group.
        group: GroupId,
    },
    /// A user escalates a ticket (ESC-2).
    Escalate {
        /// Who does it.
        by: UserId,
        /// Which ticket.
        ticket: Option<TicketId>,
        /// To whom.
        to: UserId,
    },
    /// A user reopens a closed ticket (TIC-7).
    Reopen {
        /// Who does it, and gets it.
        by: UserId,
        /// Which ticket.
        ticket: Option<TicketId>,
    },
    /// A user opens a conversation of their own (TIC-1).
    OpenConversation {
        /// Who opens it, and gets its ticket.
        user: UserId,
        /// Which.
        conversation: ConversationId,
        /// On which channel.
        channel: ChannelId,
    },
    /// A user selects a status (STA-7).
    SetStatus {
        /// Who.
        user: UserId,
        /// Which.
        status: Option<StatusId>,
        /// More users change their status at this instant, so the draining waits for them (QUE-5).
        more: bool,
    },
    /// An admin makes a status (STA-2 to STA-7).
    CreateStatus {
        /// Who.
        by: UserId,
        /// What it is called.
        name: StatusName,
        /// STA-4.
        connection: Connection,
        /// STA-5.
        assignable: bool,
        /// MSG-3.
        auto_message: Option<AutoMessage>,
    },
    /// An admin changes a custom status; what is `None` stays (STA-7, STA-9).
    EditStatus {
        /// Who.
        by: UserId,
        /// Which.
        status: Option<StatusId>,
        /// What it is called from now on.
        rename: Option<StatusName>,
        /// STA-4.
        connection: Option<Connection>,
        /// STA-5.
        assignable: Option<bool>,
        /// MSG-3; an inner `None` is no message.
        auto_message: Option<Option<AutoMessage>>,
    },
    /// An admin puts the custom statuses in order (STA-7).
    OrderStatuses {
        /// Who.
        by: UserId,
        /// All custom statuses, each once; `None` for a name nobody bears. Entries past the last are left out.
        order: StatusOrder,
    },
    /// An admin deletes a custom status (STA-8).
    DeleteStatus {
        /// Who.
        by: UserId,
        /// Which.
        status: Option<StatusId>,
        /// Where everybody in it goes.
        replacement: Option<StatusId>,
    },
    /// A user is enabled (USR-1).
    EnableUser {
        /// Who does it.
        by: UserId,
        /// Who is enabled.
        user: UserId,
    },
    /// A user is disabled (USR-2).
    DisableUser {
        /// Who does it.
        by: UserId,
        /// Who is disabled.
        user: UserId,
    },
    /// A user joins a group.
    AddToGroup {
        /// Who does it.
        by: UserId,
        /// Who joins.
        user: UserId,
        /// What.
        group: GroupId,
    },
    /// A user leaves a group (USR-3).
    RemoveFromGroup {
        /// Who does it.
        by: UserId,
        /// Who leaves.
        user: UserId,
        /// What.
        group: GroupId,
    },
    /// An admin grants a permission (CHN-1, CHN-2).
    Grant {
        /// Who does it.
        by: UserId,
        /// On which channel.
        channel: ChannelId,
        /// Which.
        permission: Permission,
        /// To whom.
        to: Grantee,
    },
    /// An admin takes a permission back (CHN-1, CHN-2, USR-3).
    Revoke {
        /// Who does it.
        by: UserId,
        /// On which channel.
        channel: ChannelId,
        /// Which.
        permission: Permission,
        /// From whom.
        from: Grantee,
    },
    /// An admin changes a channel's settings (CHN-2).
    ConfigureChannel {
        /// Who does it.
        by: UserId,
        /// Which channel.
        channel: ChannelId,
        /// To what.
        change: ChangeId,
    },
    /// Nothing but the passing of time.
    Tick,
}

impl Command {
    /// The ticket that a user's command names.
    pub const fn ticket(&self) -> Option<TicketId> {
        match *self {
            Command::Active { ticket: Some(ticket), .. }
            | Command::Answer { ticket, .. }
            | Command::Reply { ticket, .. }
            | Command::Close { ticket, .. }
            | Command::SetField { ticket, .. }
            | Command::Assign { ticket, .. }
            | Command::Transfer { ticket, .. }
            | Command::Escalate { ticket, .. }
            | Command::Reopen { ticket, .. } => ticket,
            _ => None,
        }
    }
}

/// Which field a command names (TIC-3, TIC-11).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldName {
    /// A custom field.
    Custom(FieldId),
    /// A field that the system keeps; nobody may edit it.
    System,
    /// No field bears that name.
    Unknown,
}

/// A status's name: as it is shown, and as it is compared, trimmed and without case (STA-3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StatusName {
    /// The trimmed text.
    pub shown: Symbol,
    /// The text that is compared; `None` where it is empty.
    pub folded: Option<Symbol>,
}

/// An order of custom statuses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StatusOrder {
    /// How many names were given, also if more than fit.
    pub given: u32,
    /// The first of them.
    pub statuses: [Option<StatusId>; 7],
}

/// A value of a custom field (TIC-11).
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum FieldValue {
    /// A text that is not empty.
    Text(Symbol),
    /// A finite number.
    Number(f64),
    /// The choice of that index.
    Choice(u16),
    /// Days since 1970-01-01.
    Date(i32),
    /// Ticked or not.
    Checkbox(bool),
}
