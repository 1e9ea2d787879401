//! What is likely not what was meant, as runs show it: commands that the desk refused, an agent who got a whole backlog, a precision
//! that was not reached.

use crate::desk::{Command, Desk, Effect, How, Refusal, UserId};
use crate::simulation::{Input, Model, Observer, Step, command_text};
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// A remark on the runs of an experiment.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Note {
    /// The desk refused a command; commands on tickets count together.
    Refused {
        /// The command, in the log's words; of several the first.
        command: String,
        /// By which rule.
        rule: String,
        /// Why.
        why: String,
        /// The replication in which it was refused first.
        replication: u32,
        /// When it was, in civil time.
        time: String,
        /// How often, over all replications.
        times: u64,
    },
    /// One agent was given much of a backlog at one instant, though others share their groups (QUE-5).
    Rush {
        /// Who.
        agent: String,
        /// How many tickets; the most over all replications.
        tickets: u32,
        /// How many were given out then, to anybody.
        of: u32,
        /// The replication in which it was.
        replication: u32,
        /// When it was, in civil time.
        time: String,
        /// In how many replications this happened.
        replications: u32,
    },
    /// `run.precision` was not reached with as many replications as it allows.
    Imprecise {
        /// The metric that `run.precision` names.
        metric: String,
        /// Half-width of its interval, in its own unit; `None` if it has none.
        half_width: Option<f64>,
        /// The half-width that was asked for; `None` if there is no mean.
        asked: Option<f64>,
        /// How many replications the interval needs for its skewness.
        needs: Option<u64>,
        /// How many have a value.
        n: u64,
    },
}

/// Different commands that are told of, at most; the metric `commands.refused` counts all.
const MOST: usize = 64;

/// The fewest tickets at one instant that are a rush; they are half of what is given out, too, and twice what anybody else is given.
const RUSH: u32 = 10;

/// What is noted of a run, and of several together.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Notes {
    refused: Vec<Refused>,
    rush: Option<Rush>,
    /// Replications with a rush.
    rushes: u32,
}

#[derive(Clone, PartialEq, Debug)]
struct Refused {
    command: Command,
    refusal: Refusal,
    text: String,
    replication: u32,
    at: Instant,
    times: u64,
}

#[derive(Clone, Copy, PartialEq, Debug)]
struct Rush {
    user: UserId,
    tickets: u32,
    of: u32,
    replication: u32,
    at: Instant,
}

/// Takes notes of one run.
pub(super) struct NoteTaker<'m> {
    model: &'m Model,
    replication: u32,
    notes: Notes,
}

impl<'m> NoteTaker<'m> {
    pub(super) fn new(model: &'m Model, replication: u32) -> NoteTaker<'m> {
        NoteTaker { model, replication, notes: Notes::default() }
    }

    pub(super) fn into_notes(self) -> Notes {
        self.notes
    }

    #[cold]
    #[inline(never)]
    fn look(&mut self, step: &Step<'_>, desk: &Desk) {
        let (at, replication) = (step.now, self.replication);
        if let (Some(refusal), Input::Command(command)) = (step.refused, step.input) {
            let model = self.model;
            self.notes.refuse(command, refusal, 1, || {
                let text = command_text(&command, model, desk);
                Refused { command, refusal, text, replication, at, times: 0 }
            });
        }
        let given: Vec<UserId> = step
            .effects
            .iter()
            .filter_map(|effect| match *effect {
                Effect::Assigned { to, how: How::Auto, .. } => Some(to),
                _ => None,
            })
            .collect();
        let to = |user: UserId| given.iter().filter(|&&to| to == user).count() as u32;
        let Some(user) = given.iter().copied().max_by_key(|&user| (to(user), std::cmp::Reverse(user))) else { return };
        let (tickets, of) = (to(user), given.len() as u32);
        let next = given.iter().copied().filter(|&other| other != user).map(to).max().unwrap_or(0);
        let is_uneven = tickets * 2 >= of && tickets >= 2 * next;
        if tickets >= RUSH && is_uneven && self.has_colleagues(user) {
            self.notes.rush(Rush { user, tickets, of, replication, at });
            self.notes.rushes = 1;
        }
    }

    /// Whether others share a group with them.
    fn has_colleagues(&self, user: UserId) -> bool {
        let users = &self.model.settings.users;
        let groups = &users[user.index()].groups;
        let shares = |other: &Vec<_>| other.iter().any(|group| groups.contains(group));
        users.iter().enumerate().any(|(at, other)| at != user.index() && shares(&other.groups))
    }
}

impl Observer for NoteTaker<'_> {
    #[inline(always)]
    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        if step.refused.is_some() || step.effects.len() >= RUSH as usize {
            self.look(step, desk);
        }
    }
}

impl Notes {
    fn refuse(&mut self, command: Command, refusal: Refusal, times: u64, new: impl FnOnce() -> Refused) {
        let same = |known: &&mut Refused| known.refusal == refusal && is_alike(&known.command, &command);
        if let Some(known) = self.refused.iter_mut().find(same) {
            known.times += times;
        } else if self.refused.len() < MOST {
            self.refused.push(Refused { times, ..new() });
        }
    }

    fn rush(&mut self, rush: Rush) {
        if self.rush.is_none_or(|known| known.tickets < rush.tickets) {
            self.rush = Some(rush);
        }
    }

    /// Adds those of the next replication.
    pub(super) fn add(&mut self, other: &Notes) {
        for refused in &other.refused {
            self.refuse(refused.command, refused.refusal, refused.times, || refused.clone());
        }
        if let Some(rush) = other.rush {
            self.rush(rush);
            self.rushes += 1;
        }
    }

    /// The remarks, in the order in which they came up first.
    pub(super) fn list(&self, model: &Model) -> Vec<Note> {
        let time = |at: Instant| model.plan.civil.at(at).strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let refused = self.refused.iter().map(|of| Note::Refused {
            command: of.text.clone(),
            rule: of.refusal.rule().to_string(),
            why: of.refusal.why().to_owned(),
            replication: of.replication,
            time: time(of.at),
            times: of.times,
        });
        let rush = self.rush.map(|of| Note::Rush {
            agent: model.names.user(of.user).to_owned(),
            tickets: of.tickets,
            of: of.of,
            replication: of.replication,
            time: time(of.at),
            replications: self.rushes,
        });
        refused.chain(rush).collect()
    }
}

/// Whether two commands are told of together: the same, or one that may be given on any ticket.
fn is_alike(one: &Command, other: &Command) -> bool {
    let on_ticket = |command: &Command| {
        matches!(
            command,
            Command::Answer { .. }
                | Command::Active { .. }
                | Command::Reply { .. }
                | Command::Close { .. }
                | Command::SetField { .. }
                | Command::Assign { .. }
                | Command::Transfer { .. }
                | Command::Escalate { .. }
                | Command::Reopen { .. }
                | Command::Message { .. }
        )
    };
    one == other || on_ticket(one) && std::mem::discriminant(one) == std::mem::discriminant(other)
}
