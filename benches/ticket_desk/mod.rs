//! The ticket desk: a large desk to measure speed with, as a scenario.
//!
//! So many agents are each in 3 of 50 groups, drawn with a fixed seed; each group has a channel. Customers come 3.1 times
//! an hour for each agent, on any channel alike. A reply takes lognormal 6 minutes (cv 0.795) and solves the case with
//! probability 0.45; else the customer answers after an exponential 30 minutes. Round robin, cap 5, first response
//! within an hour.

use desksim::kernel::Streams;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Groups, and channels.
pub(crate) const GROUPS: usize = 50;
/// How many of them an agent is in.
const GROUPS_EACH: usize = 3;
const TICKETS_PER_AGENT_HOUR: f64 = 3.1;
const SOLVED_BY_A_REPLY: f64 = 0.45;

/// Replies of a ticket, in the mean.
pub(crate) const REPLIES: f64 = 1.0 / SOLVED_BY_A_REPLY;
/// Events of a ticket, in the mean: its arrival, its replies, the answers to all but the last, and its SLA deadline.
#[allow(dead_code, reason = "whoever prints the scenario counts no events")]
pub(crate) const EVENTS: f64 = 1.0 + REPLIES + (REPLIES - 1.0) + 1.0;

/// The groups that an agent is in, ascending.
pub(crate) fn groups_of(agent: u32) -> [usize; GROUPS_EACH] {
    let mut draw = Streams::new(1, 0).stream(0, agent.into(), 0);
    let mut groups = [GROUPS; GROUPS_EACH];
    for at in 0..GROUPS_EACH {
        groups[at] = loop {
            let group = (draw.uniform() * GROUPS as f64) as usize;
            if !groups.contains(&group) {
                break group;
            }
        };
    }
    groups.sort_unstable();
    groups
}

/// The scenario with so many agents, as long as about so many tickets take.
pub(crate) fn scenario(agents: u32, tickets: u32) -> String {
    let per_hour = TICKETS_PER_AGENT_HOUR * f64::from(agents);
    let seconds = (f64::from(tickets) / per_hour * 3600.0).ceil();
    let mut text = format!(
        "schema = 1\ntitle = \"Ticket desk, {agents} agents\"\n\
         [run]\nstart = \"2026-03-02T00:00:00\"\nduration = \"{seconds}s\"\nseed = 1\nreplications = 1\n\
         [desk]\ntimezone = \"UTC\"\n"
    );
    for group in 0..GROUPS {
        let rate = per_hour / GROUPS as f64;
        write!(
            text,
            "[group.g{group}]\n\
             [channel.c{group}]\n\
             assignment = {{ rule = \"round_robin\", groups = [\"g{group}\"] }}\n\
             limit = {{ max_open = 5 }}\n\
             sla = {{ first_response = \"1h\" }}\n\
             [customer.k{group}]\n\
             channel = \"c{group}\"\n\
             arrivals = {{ per_hour = {rate} }}\n\
             handle_time = {{ lognormal = {{ mean = \"6m\", cv = 0.795 }} }}\n\
             replies = {{ geometric = {{ mean = {REPLIES} }} }}\n\
             reply_delay = {{ exponential = {{ mean = \"30m\" }} }}\n"
        )
        .expect("a string takes what is written");
    }
    // Agents in the same groups are one entry.
    let mut counts = BTreeMap::new();
    for agent in 0..agents {
        *counts.entry(groups_of(agent)).or_insert(0) += 1;
    }
    for ([a, b, c], count) in counts {
        write!(text, "[agent.a{a}-{b}-{c}]\ncount = {count}\ngroups = [\"g{a}\", \"g{b}\", \"g{c}\"]\n")
            .expect("a string takes what is written");
    }
    text
}
