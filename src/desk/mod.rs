//! The desk's rules (RULES.md): commands in, effects out. Pure: no clock, no chance, no I/O.
//!
//! Reading order: [`Settings`], [`Command`], [`Effect`], [`Refusal`]; then [`Desk`] in `machine`, and what it is made
//! of: `life` (TIC, ASG-7, ASG-8), `queue` (QUE), `assignment` (ASG), `cap` (CAP), `sla` (SLA), `escalation` (ESC),
//! `message` (MSG), `people` (STA, USR, CHN); `view` is what may be read, `explain` what an explanation reads
//! besides, `audit` what always holds.

mod assignment;
mod audit;
mod cap;
mod change;
mod channel;
mod command;
mod deadline;
mod effect;
mod escalation;
mod explain;
mod groups;
mod heap;
mod id;
mod life;
mod line;
mod machine;
mod message;
mod people;
mod policy;
mod queue;
mod refusal;
mod settings;
mod sla;
mod status;
mod ticket;
mod tree;
mod user;
mod view;

pub(crate) use change::default_grantees;
pub use change::{AssignmentChange, LimitChange, QueueChange, Rotates, SlaChange};
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
    Limit, OnReassign, OnRequeue, Overflow, Permission, QueueOrder, Role, Scope, Settings, Skill, Sla, Standby,
    StatusSettings, UserSettings, UserState,
};
