//! Synthetic people: customers and agents. They see effects, draw chances, and put events on the agenda.
//!
//! Reading order: [`Plan`] (what people are like), `event`, `purpose` (how chances are named), `arrival`, `customer`,
//! `shift`, `agent`, and `people`, which brings them together.

mod agent;
mod arrival;
mod customer;
mod event;
mod people;
mod plan;
mod purpose;
mod shift;

pub(crate) use event::Event;
pub use people::Expected;
pub(crate) use people::{Cause, FORESIGHT, Order, People, Scene};
pub(crate) use purpose::{Chance, Purpose};

pub use plan::{
    Abandons, AgentPlan, ArrivalRow, Arrivals, BreakPlan, CustomerPlan, FieldPlan, Plan, Rates, Reopens, ShiftPlan,
    WorkOrder,
};
