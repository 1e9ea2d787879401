//! Refusals: why the desk would not do what it was asked, in order of precedence.

use std::fmt;

/// A rule's ID, as RULES.md has it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Rule(pub &'static str);

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident: $rule:literal, $why:literal;)*) => {
        /// Why a command was refused; it changed nothing. Where several reasons hold, the first listed here is given.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Refusal {$(
            #[doc = concat!($rule, ": ", $why, ".")]
            $name,
        )*}

        impl Refusal {
            /// Every refusal, in order of precedence.
            pub const ALL: &[Refusal] = &[$(Refusal::$name,)*];

            /// The rule that refuses.
            pub const fn rule(self) -> Rule {
                match self {$(Refusal::$name => Rule($rule),)*}
            }

            /// The reason, in words.
            pub const fn why(self) -> &'static str {
                match self {$(Refusal::$name => $why,)*}
            }
        }
    };
}

refusals! {
    TicketingOff: "CHN-8", "ticketing is off, so there are no tickets";
    ActorNotEnabled: "USR-1", "the user is disabled or pending and can do nothing";
    StatusNeedsAdmin: "STA-7", "only admins create, edit, reorder and delete statuses";
    ChannelNeedsAdmin: "CHN-2", "only admins change channel settings";
    UserNeedsAdmin: "USR-4", "only admins enable and disable users and change who is in a group";
    UnknownTicket: "TIC-2", "no ticket has that ID";
    UnknownStatus: "STA-7", "no status has that name";
    SystemStatus: "STA-1", "system statuses cannot be edited, renamed, reordered or deleted";
    StatusNameEmpty: "STA-3", "a status needs a name";
    StatusNameTaken: "STA-3", "another status has that name";
    TooManyStatuses: "STA-2", "there are 7 custom statuses already";
    ConnectedNotAssignable: "STA-5", "a connected status is always assignable";
    StatusOrderIncomplete: "STA-7", "an order names every custom status once";
    StatusNeedsReplacement: "STA-8", "somebody is in the status, so its deletion needs another status to move them to";
    NoViewPermission: "CHN-1", "the user lacks view permission on the channel";
    NoReplyPermission: "CHN-1", "the user lacks reply permission on the channel";
    NoManagePermission: "CHN-1", "the user lacks manage permission on the channel";
    AgedNeedsHeadStart: "QUE-2", "order = \"aged\" needs a head_start";
    HeadStartNeedsAged: "QUE-2", "head_start needs order = \"aged\"";
    NobodyMayReply: "CHN-4", "none of the users of the groups has reply permission";
    OtherChannel: "TIC-1", "the conversation runs on another channel";
    TicketOpenAlready: "TIC-1", "the conversation has a ticket that is not closed";
    NoOpenTicket: "TIC-9", "the conversation has no ticket that is not closed";
    NotAwaitingConsent: "CHN-7", "the conversation does not wait for consent";
    AwaitingConsent: "CHN-7", "the ticket waits for the customer's consent";
    TicketClosed: "TIC-4", "the ticket is closed";
    NotTheAssignee: "CHN-1", "only the ticket's assignee takes it in hand";
    TicketUnassigned: "TIC-12", "the ticket waits in the queue, so nobody can answer it yet";
    TicketNotClosed: "TIC-7", "the ticket is not closed";
    MandatoryFieldEmpty: "TIC-8", "a mandatory field is empty";
    SystemField: "TIC-3", "system fields cannot be edited";
    UnknownField: "TIC-11", "no custom field has that name";
    ValueDoesNotFit: "TIC-11", "the value does not fit the field's type";
    AssigneeNotEnabled: "ASG-7", "the assignee is disabled or pending";
    AssigneeCannotReply: "ASG-7", "the assignee lacks reply permission on the channel";
    AlreadyAssignee: "ASG-7", "the user is the assignee already";
    EscalatedToAssignee: "ESC-2", "the user to escalate to is the assignee already";
    EscalatedToNotEnabled: "ESC-2", "the user to escalate to is disabled or pending";
    EscalatedToCannotReply: "ESC-2", "the user to escalate to lacks reply permission on the channel";
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule(), self.why())
    }
}
