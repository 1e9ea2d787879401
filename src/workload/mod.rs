//! Synthetic people: customers and agents. They see effects, draw chances, and put events on the agenda.

mod plan;

pub use plan::{
    Abandons, AgentPlan, ArrivalRow, Arrivals, BreakPlan, CustomerPlan, FieldPlan, Plan, Rates, Reopens, ShiftPlan,
    WorkOrder,
};
