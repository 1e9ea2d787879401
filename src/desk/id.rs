//! Dense ids: small numbers that index tables. Names are kept at the edge ([`crate::simulation::Names`]).

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($int:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub $int);

        impl $name {
            /// The id as an index into a table.
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// The id of a table's entry at `index`.
            pub fn at(index: usize) -> $name {
                $name(<$int>::try_from(index).expect("more entries than an id can number"))
            }
        }
    )*};
}

ids! {
    /// A user, in the order in which the scenario lists them (the last tie-break of ASG-2).
    UserId(u32);
    /// A group of users.
    GroupId(u32);
    /// A channel.
    ChannelId(u32);
    /// A user status: the three system statuses first (STA-1), then custom ones; never reused after deletion.
    StatusId(u32);
    /// A custom field (TIC-11), in the order of the scenario.
    FieldId(u32);
    /// A queue's lane (QUE-2).
    LaneId(u32);
    /// A conversation.
    ConversationId(u32);
    /// A text that the desk compares but never reads; its words are kept at the edge.
    Symbol(u32);
    /// A change of a channel's settings that was prepared with [`crate::desk::Desk::prepare`].
    ChangeId(u32);
    /// Field values that come with a customer's message, prepared with [`crate::desk::Desk::prepare_form`].
    FormId(u32);
}

impl StatusId {
    /// Connected and assignable (STA-1).
    pub const AVAILABLE: StatusId = StatusId(0);
    /// Inactive, not assignable (STA-1).
    pub const AWAY: StatusId = StatusId(1);
    /// Disconnected, not assignable (STA-1).
    pub const OFFLINE: StatusId = StatusId(2);
    /// What the system statuses are called, by id.
    pub const SYSTEM_NAMES: [&str; 3] = ["Available", "Away", "Offline"];
    /// How many system statuses there are.
    pub const SYSTEM: u32 = 3;
}

/// A ticket: its number for people (TIC-2) and, while it is open, the slot that tables beside the desk may use too.
///
/// Two ids are the same ticket when their numbers are; slots are reused once a ticket is closed.
#[derive(Clone, Copy, Debug)]
pub struct TicketId {
    /// Counts up from 1 across the organisation.
    pub number: u32,
    /// Where the open ticket's data lie; small, and below the most tickets that were ever open at once.
    pub slot: u32,
}

impl TicketId {
    /// The slot as an index into a table.
    pub const fn index(self) -> usize {
        self.slot as usize
    }
}

impl PartialEq for TicketId {
    fn eq(&self, other: &TicketId) -> bool {
        self.number == other.number
    }
}

impl Eq for TicketId {}

impl PartialOrd for TicketId {
    fn partial_cmp(&self, other: &TicketId) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for TicketId {
    fn cmp(&self, other: &TicketId) -> std::cmp::Ordering {
        self.number.cmp(&other.number)
    }
}

impl std::fmt::Display for TicketId {
    /// Seven digits, wider after 9999999 (TIC-2).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:07}", self.number)
    }
}
