//! The desk's rules (RULES.md): commands in, effects out. Pure: no clock, no chance, no I/O.
//!
//! Reading order: [`Settings`], [`Command`], [`Effect`], [`Refusal`], then [`Desk`].

mod command;
mod effect;
mod id;
mod machine;
mod policy;
mod refusal;
mod settings;

pub use command::{Command, FieldName, FieldValue, StatusName, StatusOrder};
pub use effect::{About, Cause, Closer, Effect, FieldSet, How, Outcome, Session, Timer};
pub use id::{
    ChangeId, ChannelId, ConversationId, FieldId, FormId, GroupId, LaneId, StatusId, Symbol, TicketId, UserId,
};
pub use machine::{Desk, TicketState};
pub use policy::{KEYS, Key, KeyKind, NAMED, Policy};
pub use refusal::{Refusal, Rule};
pub use settings::{
    Assignment, AutoMessage, ChannelChange, ChannelSettings, Connection, Counts, FieldKind, FieldSettings, Grantee,
    Limit, OnReassign, OnRequeue, Overflow, Permission, QueueOrder, Role, Scope, Settings, Skill, Sla, StatusSettings,
    UserSettings, UserState,
};
