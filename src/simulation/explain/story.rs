//! A ticket's life, with the why of each assignment.

use super::choice::{Amount, Because, Choice, Decision, Exclusion};
use super::standings::Standings;
use crate::desk::{
    About, AutoMessage, Cause, ChannelId, Closer, Command, ConversationId, Desk, Effect, FieldId, FieldName, FieldSet,
    FieldValue, GroupId, How, LaneId, Outcome, Policy, Refusal, Session, StatusId, TicketId, TicketState, Timer,
    UserId, UserState,
};
use crate::simulation::{Input, Names, Observer, SlaClocks, Step};
use crate::time::{Civil, Instant, Span};
use serde::{Deserialize, Serialize};

/// A ticket's life: plain words and numbers, from which a report can be made again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Story {
    /// The ticket's ID.
    pub ticket: String,
    /// The IANA time zone of all civil times.
    pub timezone: String,
    /// What happened, in order.
    pub moments: Vec<Moment>,
}

/// Something that happened to the ticket.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Moment {
    /// When, in seconds from the start.
    pub at: f64,
    /// The same in civil time: `2026-03-02T08:12:05`.
    pub time: String,
    /// What.
    pub what: What,
}

/// What may happen to a ticket.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It came to be (TIC-1).
    Created {
        /// In which conversation.
        conversation: String,
        /// On which channel.
        channel: String,
        /// Who opened the conversation, if a user did.
        by: Option<String>,
    },
    /// It waits outside the queue until the customer consents (CHN-7).
    AwaitsConsent,
    /// The customer wrote again while an answer was owed anyway.
    Wrote,
    /// The customer answered: its agent owes a reply (TIC-5).
    Pending,
    /// Its next cycle began (TIC-6, TIC-7, TIC-10).
    Reactivated {
        /// Which.
        cycle: u32,
        /// Who reopened it; nobody if the customer wrote.
        by: Option<String>,
    },
    /// It was transferred to a group (ASG-8).
    Transferred {
        /// By whom.
        by: String,
        /// To which.
        group: String,
    },
    /// It entered the queue (QUE-1).
    Queued {
        /// On which channel.
        channel: String,
        /// In which group's lane, if not the channel's own.
        group: Option<String>,
        /// Whether in its first cycle.
        new_conversation: bool,
    },
    /// It stays in the queue, because nobody may take it or because it is taken by hand.
    Waits {
        /// How many wait in its lane, itself included.
        waiting: usize,
        /// Why nobody takes it; `None` where assignment is by hand (CHN-3).
        why: Option<Routing>,
    },
    /// It got an assignee.
    Assigned {
        /// Who.
        to: String,
        /// Who had it until then.
        from: Option<String>,
        /// By what way: `auto`, `manual`, `escalation`, `reopen`, `own`.
        how: String,
        /// Who did it, where a user did.
        by: Option<String>,
        /// Why them, where the system chose.
        why: Option<Routing>,
    },
    /// A user picked it up before the reply was done (TIC-12).
    Answered {
        /// Who.
        by: String,
    },
    /// A user answered the customer.
    Replied {
        /// Who.
        by: String,
    },
    /// An SLA timer started (SLA-2).
    TimerStarted {
        /// `first_response` or `closure`.
        timer: String,
        /// Its deadline in civil time; `None` where the calendar never opens.
        due: Option<String>,
    },
    /// An SLA timer ended (SLA-12).
    TimerEnded {
        /// `first_response` or `closure`.
        timer: String,
        /// `met`, `breached`, `cancelled` or `unanswered`.
        outcome: String,
        /// Who held the ticket.
        user: Option<String>,
        /// What it counted on its own clock, in seconds, where it was met (SLA-12).
        #[serde(default)]
        took: Option<f64>,
        /// The customer's clock, in seconds: since creation, reactivation or their first message, where it was met.
        #[serde(default)]
        customer: Option<f64>,
        /// Whether that is within the target by which the timer started.
        #[serde(default)]
        customer_in_time: Option<bool>,
    },
    /// It was escalated (ESC).
    Escalated {
        /// To whom; `None` where there was nowhere to go (ESC-4).
        to: Option<String>,
        /// `manual`, `first_response` or `closure`.
        cause: String,
    },
    /// A user filled in a custom field (TIC-11).
    FieldSet {
        /// Who.
        by: String,
        /// Which.
        field: String,
        /// With what.
        value: String,
    },
    /// A user was notified (ESC-3, ESC-4).
    Notified {
        /// Who.
        user: String,
        /// What about: `escalation` or `breach`.
        about: String,
    },
    /// The system wrote to the customer (MSG).
    AutoMessage {
        /// `greeting`, `away` or `outside_business_hours`.
        kind: String,
    },
    /// It was closed (TIC-8, TIC-9).
    Closed {
        /// A user, `customer` or `system`.
        by: String,
        /// Mandatory fields that were left empty.
        empty_fields: Vec<String>,
    },
    /// A user was refused what they wanted to do with it.
    Refused {
        /// What: the command's name.
        command: String,
        /// Who.
        by: Option<String>,
        /// By which rule.
        rule: String,
        /// Why.
        why: String,
    },
}

/// An automatic assignment, or why there is none.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Routing {
    /// The policy in force: its name, or its keys.
    pub policy: String,
    /// How long the ticket has waited in this cycle, in seconds.
    pub waited: f64,
    /// The groups that it may go to now.
    pub groups: Vec<String>,
    /// Who is eligible (ASG-1), in the order in which the policy takes them where it is by keys.
    pub eligible: Vec<Contender>,
    /// Who is not.
    pub excluded: Vec<LeftOut>,
    /// Whom the rules give it to; `None` if nobody is eligible.
    pub chosen: Option<String>,
    /// What decided: `only`, `last_assignee`, `key`, `listed_first`, `row`, `drawn`, `pair`.
    pub because: Option<String>,
    /// The key that decided, where one did.
    pub key: Option<String>,
    /// Who would be next; of a drawn pair, the other one.
    pub runner_up: Option<String>,
    /// Who would get it under other policies, everything else being as it is.
    pub otherwise: Vec<Alternative>,
}

/// A user who is eligible.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Contender {
    /// Who.
    pub user: String,
    /// 0 for the lane's own groups, 1 for the first overflow, and so on.
    pub tier: u32,
    /// What each key of the policy says of them, in the policy's order.
    pub keys: Vec<KeyValue>,
}

/// What a key says of a user.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct KeyValue {
    /// The key, with its direction.
    pub key: String,
    /// Seconds, a count, tickets or a share; `None` for never, busy and without a cap.
    pub value: Option<f64>,
    /// The same in words.
    pub words: String,
}

/// A user who is not eligible.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct LeftOut {
    /// Who.
    pub user: String,
    /// The rule.
    pub rule: String,
    /// Why: the same words for all to whom the same applies.
    pub why: String,
    /// The numbers, where it is a matter of numbers.
    pub numbers: Option<String>,
}

/// Whom another policy would take.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Alternative {
    /// The policy.
    pub policy: String,
    /// Whom; `None` if nobody is eligible.
    pub chosen: Option<String>,
}

/// Watches a run for one ticket.
pub struct Storyteller {
    number: u32,
    civil: Civil,
    channels: usize,
    /// What policies are called; the first name of equal ones is the one that is told.
    named: Vec<(String, Policy)>,
    others: Vec<String>,
    /// Assignments are told with their why.
    says_why: bool,
    standings: Option<Standings>,
    conversation: Option<ConversationId>,
    heard: Vec<(Instant, Raw)>,
    tickets: usize,
    sla: Option<SlaClocks>,
    /// What the timers' own clocks showed when they started, and their targets.
    started: [(Instant, Option<Span>); 2],
    /// When the customer's clock of the present cycle started; not yet, where an agent opened the conversation.
    asked: Option<Instant>,
}

/// Something that happened, by ids.
#[derive(Clone, Debug)]
enum Raw {
    Created(ConversationId, ChannelId, Option<UserId>),
    AwaitsConsent,
    Wrote,
    Pending,
    Reactivated(u32, Option<UserId>),
    Transferred(UserId, GroupId),
    Queued(ChannelId, Option<GroupId>, Session),
    Waits(usize, Option<Box<RawRouting>>),
    Assigned { to: UserId, from: Option<UserId>, how: How, by: Option<UserId>, why: Option<Box<RawRouting>> },
    Answered(UserId),
    Replied(UserId),
    TimerStarted(Timer, Instant),
    TimerEnded(Timer, Outcome, Option<UserId>, Option<Clocks>),
    Escalated(Option<UserId>, Cause),
    FieldSet(UserId, FieldId, FieldValue),
    Notified(UserId, About),
    AutoMessage(AutoMessage),
    Closed(Closer, FieldSet),
    Refused(&'static str, Option<UserId>, Refusal),
}

/// How long a timer that was met took by both clocks, and its target.
#[derive(Clone, Copy, Debug)]
struct Clocks {
    took: Span,
    customer: Span,
    target: Option<Span>,
}

#[derive(Clone, Debug)]
struct RawRouting {
    decision: Decision,
    /// The groups of the tiers that are open.
    groups: Vec<GroupId>,
    otherwise: Vec<(String, Option<Choice>)>,
}

impl Storyteller {
    /// Of the ticket of that number. `named` are policies by name, `others` those of which to tell whom they would take.
    pub fn new(
        number: u32,
        civil: Civil,
        channels: usize,
        named: Vec<(String, Policy)>,
        others: Vec<String>,
    ) -> Storyteller {
        Storyteller {
            number,
            civil,
            channels,
            named,
            others,
            says_why: true,
            standings: None,
            conversation: None,
            heard: Vec::new(),
            tickets: 0,
            sla: None,
            started: [(Instant::ZERO, None); 2],
            asked: None,
        }
    }

    /// Of the ticket of that number, without the why of its assignments; it may be shown the steps that touch the ticket alone.
    pub fn plain(number: u32, civil: Civil) -> Storyteller {
        Storyteller { says_why: false, ..Storyteller::new(number, civil, 0, Vec::new(), Vec::new()) }
    }

    /// How many moments there are so far.
    pub fn moments(&self) -> usize {
        self.heard.len()
    }

    /// How many tickets there were; the story of one that never was is empty.
    pub fn tickets(&self) -> usize {
        self.tickets
    }

    /// The story, in the words of `names`.
    pub fn tell(&self, names: &Names) -> Story {
        let teller = Teller { names, civil: &self.civil, named: &self.named };
        let moments = self.heard.iter().map(|(at, raw)| Moment {
            at: at.as_secs_f64(),
            time: teller.time(*at),
            what: teller.what(raw),
        });
        Story {
            ticket: format!("{:07}", self.number),
            timezone: self.civil.zone_name().to_owned(),
            moments: moments.collect(),
        }
    }

    fn is_it(&self, ticket: TicketId) -> bool {
        ticket.number == self.number
    }

    /// What a command that was carried out says of the ticket and no effect does.
    fn hear(&mut self, now: Instant, command: &Command, effects: &[Effect], desk: &Desk) {
        match *command {
            Command::Transfer { by, ticket: Some(ticket), group } if self.is_it(ticket) => {
                self.heard.push((now, Raw::Transferred(by, group)));
            }
            Command::SetField { user, ticket: Some(ticket), field: FieldName::Custom(field), value: Some(value) }
                if self.is_it(ticket) =>
            {
                self.heard.push((now, Raw::FieldSet(user, field, value)));
            }
            Command::Message { conversation, .. } if self.conversation == Some(conversation) => {
                let is_latest = desk.ticket_of(conversation).is_some_and(|ticket| self.is_it(ticket));
                let shows = effects.iter().any(|effect| {
                    matches!(
                        effect,
                        Effect::Created { .. }
                            | Effect::Reactivated { .. }
                            | Effect::Pending { .. }
                            | Effect::SpamFiltered { .. }
                    )
                });
                if is_latest {
                    self.asked.get_or_insert(now);
                }
                if is_latest && !shows {
                    self.heard.push((now, Raw::Wrote));
                }
            }
            _ => {}
        }
    }

    fn routing(&self, standings: &Standings, decision: Decision, desk: &Desk) -> RawRouting {
        let otherwise = self
            .others
            .iter()
            .filter_map(|name| {
                let (_, policy) = self.named.iter().find(|(known, _)| known == name)?;
                let other = standings.decide_by(decision.at, decision.ticket, policy, desk)?;
                Some((name.clone(), other.choice))
            })
            .collect();
        let groups = match decision.group {
            Some(group) => vec![group],
            None => match desk.assignment(decision.channel) {
                crate::desk::Assignment::Manual => Vec::new(),
                crate::desk::Assignment::RoundRobin { groups, overflow, .. } => {
                    let open = overflow.iter().take_while(|overflow| overflow.after <= decision.waited);
                    groups.iter().chain(open.flat_map(|overflow| &overflow.groups)).copied().collect()
                }
            },
        };
        RawRouting { decision, groups, otherwise }
    }

    /// Notes when clocks start, and says of a timer that was met how long it took by both (SLA-12).
    fn watch_clocks(&mut self, now: Instant, effect: &Effect, raw: &mut Raw, desk: &Desk) {
        let Some(clocks) = &self.sla else { return };
        match (raw, effect) {
            (Raw::Created(..) | Raw::Reactivated(..), _) => self.asked = Some(now),
            (Raw::Assigned { how: How::Own, .. }, _) => self.asked = None,
            (Raw::TimerStarted(timer, _), Effect::SlaStarted { ticket, .. }) => {
                // SLA-11: an agent's own conversation has no first-response timer before the customer writes.
                if *timer == Timer::FirstResponse {
                    self.asked.get_or_insert(now);
                }
                let (started, before) = (clocks.started(*ticket, *timer), &mut self.started[*timer as usize]);
                if before.0 != started || before.1.is_none() {
                    *before = (started, desk.target(desk.channel(*ticket), *timer));
                }
            }
            (Raw::TimerEnded(timer, Outcome::Met, _, of), Effect::SlaEnded { ticket, .. }) => {
                let (started, target) = self.started[*timer as usize];
                *of = self.asked.map(|asked| Clocks {
                    took: clocks.reading(now, *ticket, *timer) - started,
                    customer: now - asked,
                    target,
                });
            }
            _ => {}
        }
    }

    fn told(&self, effect: &Effect, input: &Input, desk: &Desk) -> Option<Raw> {
        let by = match input {
            Input::Command(Command::Assign { by, .. } | Command::Reopen { by, .. } | Command::Escalate { by, .. }) => {
                Some(*by)
            }
            Input::Command(Command::OpenConversation { user, .. }) => Some(*user),
            _ => None,
        };
        let mine = |ticket: TicketId| self.is_it(ticket);
        let lane = |lane: LaneId| (desk.lane_channel(lane), desk.lane_group(lane));
        Some(match *effect {
            Effect::Created { ticket, conversation, channel } if mine(ticket) => {
                Raw::Created(conversation, channel, by)
            }
            Effect::Reactivated { ticket, cycle } if mine(ticket) => Raw::Reactivated(cycle, by),
            Effect::Queued { ticket, session, lane: at } if mine(ticket) => {
                let (channel, group) = lane(at);
                Raw::Queued(channel, group, session)
            }
            Effect::Assigned { ticket, to, from, how } if mine(ticket) => {
                let by = by.filter(|_| how != How::Auto);
                Raw::Assigned { to, from, how, by, why: None }
            }
            Effect::Answered { ticket, by } if mine(ticket) => Raw::Answered(by),
            Effect::Replied { ticket, by } if mine(ticket) => Raw::Replied(by),
            Effect::Pending { ticket } if mine(ticket) => Raw::Pending,
            Effect::SlaStarted { ticket, timer, due } if mine(ticket) => Raw::TimerStarted(timer, due),
            Effect::SlaEnded { ticket, timer, outcome, user } if mine(ticket) => {
                Raw::TimerEnded(timer, outcome, user, None)
            }
            Effect::Escalated { ticket, to, cause, .. } if mine(ticket) => Raw::Escalated(to, cause),
            Effect::Notified { ticket: Some(ticket), user, about, .. } if mine(ticket) => Raw::Notified(user, about),
            Effect::AutoMessageSent { ticket: Some(ticket), kind, .. } if mine(ticket) => Raw::AutoMessage(kind),
            Effect::Closed { ticket, by, empty_fields } if mine(ticket) => Raw::Closed(by, empty_fields),
            _ => return None,
        })
    }
}

impl Observer for Storyteller {
    fn start(&mut self, _now: Instant, desk: &Desk) {
        self.standings = self.says_why.then(|| Standings::new(self.civil.clone(), desk, self.channels));
        self.sla = Some(SlaClocks::new(desk));
    }

    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        let now = step.now;
        if let (Some(refusal), Input::Command(command)) = (step.refused, &step.input) {
            if let Some((name, by)) =
                about(command).and_then(|(name, by, of)| (of? == self.number).then_some((name, by)))
            {
                self.heard.push((now, Raw::Refused(name, by, refusal)));
            }
            return;
        }
        if let Some(clocks) = &mut self.sla {
            clocks.follow(step, desk);
        }
        if let Input::Command(command) = &step.input {
            self.hear(now, command, step.effects, desk);
        }
        let mut standings = self.standings.take();
        let mut whys = Vec::new();
        if let Some(standings) = &mut standings {
            standings.follow(step, desk, |standings, ticket, _| {
                if self.is_it(ticket)
                    && let Some(decision) = standings.decide(now, ticket, desk)
                {
                    whys.push(self.routing(standings, decision, desk));
                }
            });
        }
        let mut whys = whys.into_iter();
        let mut entered = false;
        let mut made = false;
        for effect in step.effects {
            let Some(mut raw) = self.told(effect, &step.input, desk) else { continue };
            self.watch_clocks(now, effect, &mut raw, desk);
            match &mut raw {
                Raw::Assigned { how: How::Auto, why, .. } => *why = whys.next().map(Box::new),
                Raw::Created(conversation, ..) => (self.conversation, made) = (Some(*conversation), true),
                Raw::Reactivated(..) => made = true,
                Raw::Queued(..) => entered = true,
                _ => {}
            }
            self.heard.push((now, raw));
        }
        if (entered || made)
            && let Some(ticket) = desk.find(self.number)
        {
            match desk.state(ticket) {
                TicketState::Consent => self.heard.push((now, Raw::AwaitsConsent)),
                TicketState::Queued => {
                    let lane = step.effects.iter().rev().find_map(|effect| match *effect {
                        Effect::Queued { ticket, lane, .. } if self.is_it(ticket) => Some(lane),
                        _ => None,
                    });
                    let waiting = lane.map_or(1, |lane| desk.lane_length(lane));
                    let why = standings.as_ref().and_then(|standings| {
                        let decision = standings.decide(now, ticket, desk)?;
                        Some(Box::new(self.routing(standings, decision, desk)))
                    });
                    self.heard.push((now, Raw::Waits(waiting, why)));
                }
                _ => {}
            }
        }
        self.tickets = desk.ticket_count();
        self.standings = standings;
    }
}

/// A user's command about a ticket: its name, who, and the ticket's number.
fn about(command: &Command) -> Option<(&'static str, Option<UserId>, Option<u32>)> {
    let number = |ticket: Option<TicketId>| ticket.map(|ticket| ticket.number);
    Some(match *command {
        Command::Answer { user, ticket } => ("answer", Some(user), number(ticket)),
        Command::Active { user, ticket: Some(ticket) } => ("active", Some(user), number(ticket)),
        Command::Reply { user, ticket } => ("reply", Some(user), number(ticket)),
        Command::Close { user, ticket } => ("close", Some(user), number(ticket)),
        Command::SetField { user, ticket, .. } => ("set_field", Some(user), number(ticket)),
        Command::Assign { by, ticket, .. } => ("assign", Some(by), number(ticket)),
        Command::Transfer { by, ticket, .. } => ("transfer", Some(by), number(ticket)),
        Command::Escalate { by, ticket, .. } => ("escalate", Some(by), number(ticket)),
        Command::Reopen { by, ticket } => ("reopen", Some(by), number(ticket)),
        _ => return None,
    })
}

/// Finds the words.
struct Teller<'a> {
    names: &'a Names,
    civil: &'a Civil,
    named: &'a [(String, Policy)],
}

impl Teller<'_> {
    fn what(&self, raw: &Raw) -> What {
        let user = |user: UserId| self.names.user(user).to_owned();
        let somebody = |someone: &Option<UserId>| someone.map(user);
        let group = |group: GroupId| self.names.group(group).to_owned();
        let channel = |channel: ChannelId| self.names.channel(channel).to_owned();
        match raw {
            Raw::Created(conversation, of, by) => What::Created {
                conversation: self.names.conversation(*conversation).into_owned(),
                channel: channel(*of),
                by: somebody(by),
            },
            Raw::AwaitsConsent => What::AwaitsConsent,
            Raw::Wrote => What::Wrote,
            Raw::Pending => What::Pending,
            Raw::Reactivated(cycle, by) => What::Reactivated { cycle: *cycle, by: somebody(by) },
            Raw::Transferred(by, to) => What::Transferred { by: user(*by), group: group(*to) },
            Raw::Queued(of, to, session) => What::Queued {
                channel: channel(*of),
                group: to.map(group),
                new_conversation: *session == Session::NewConversation,
            },
            Raw::Waits(waiting, why) => {
                What::Waits { waiting: *waiting, why: why.as_deref().map(|why| self.routing(why)) }
            }
            Raw::Assigned { to, from, how, by, why } => What::Assigned {
                to: user(*to),
                from: somebody(from),
                how: match how {
                    How::Auto => "auto",
                    How::Manual => "manual",
                    How::Escalation => "escalation",
                    How::Reopen => "reopen",
                    How::Own => "own",
                }
                .to_owned(),
                by: somebody(by),
                why: why.as_deref().map(|why| self.routing(why)),
            },
            Raw::Answered(by) => What::Answered { by: user(*by) },
            Raw::Replied(by) => What::Replied { by: user(*by) },
            Raw::TimerStarted(timer, due) => What::TimerStarted {
                timer: timer.name().to_owned(),
                due: (*due != Instant::MAX).then(|| self.time(*due)),
            },
            Raw::TimerEnded(timer, outcome, holder, clocks) => What::TimerEnded {
                took: clocks.map(|of| of.took.as_secs_f64()),
                customer: clocks.map(|of| of.customer.as_secs_f64()),
                customer_in_time: clocks.and_then(|of| Some(of.customer <= of.target?)),
                timer: timer.name().to_owned(),
                outcome: match outcome {
                    Outcome::Met => "met",
                    Outcome::Breached => "breached",
                    Outcome::Cancelled => "cancelled",
                    Outcome::Unanswered => "unanswered",
                }
                .to_owned(),
                user: somebody(holder),
            },
            Raw::Escalated(to, cause) => What::Escalated {
                to: somebody(to),
                cause: match cause {
                    Cause::Manual => "manual",
                    Cause::FirstResponse => "first_response",
                    Cause::Closure => "closure",
                }
                .to_owned(),
            },
            Raw::FieldSet(by, field, value) => What::FieldSet {
                by: user(*by),
                field: self.names.field(*field).to_owned(),
                value: self.names.value(*field, *value),
            },
            Raw::Notified(who, about) => What::Notified { user: user(*who), about: about.name().to_owned() },
            Raw::AutoMessage(kind) => What::AutoMessage {
                kind: match kind {
                    AutoMessage::Greeting => "greeting",
                    AutoMessage::Away => "away",
                    AutoMessage::OutsideBusinessHours => "outside_business_hours",
                }
                .to_owned(),
            },
            Raw::Closed(by, empty) => What::Closed {
                by: match by {
                    Closer::User(by) => user(*by),
                    Closer::Customer => "customer".to_owned(),
                    Closer::System => "system".to_owned(),
                },
                empty_fields: empty.iter().map(|field| self.names.field(field).to_owned()).collect(),
            },
            Raw::Refused(command, by, refusal) => What::Refused {
                command: (*command).to_owned(),
                by: somebody(by),
                rule: refusal.rule().to_string(),
                why: refusal.why().to_owned(),
            },
        }
    }

    fn routing(&self, raw: &RawRouting) -> Routing {
        let decision = &raw.decision;
        let user = |user: UserId| self.names.user(user).to_owned();
        let (because, key, runner_up) = match decision.choice {
            None => (None, None, None),
            Some(Choice { because, runner_up, .. }) => {
                let (words, key, other) = match because {
                    Because::OnlyOne => ("only", None, None),
                    Because::OnlyOther => ("only_other", None, None),
                    Because::LastAssignee => ("last_assignee", None, None),
                    Because::Key(key) => ("key", Some(key.to_string()), None),
                    Because::ListedFirst => ("listed_first", None, None),
                    Because::Row => ("row", None, None),
                    Because::Drawn { .. } => ("drawn", None, None),
                    Because::Pair { other } => ("pair", None, Some(other)),
                };
                (Some(words.to_owned()), key, runner_up.or(other).map(user))
            }
        };
        let contenders = decision.eligible.iter().map(|one| {
            let mut keys: Vec<KeyValue> = one
                .amounts
                .iter()
                .map(|(key, amount)| KeyValue { key: key.to_string(), value: amount.value(), words: words(*amount) })
                .collect();
            let count = |key: &str, value: u64, words: String| KeyValue {
                key: key.to_owned(),
                value: Some(value as f64),
                words,
            };
            match decision.policy {
                Policy::Keys(_) => {}
                Policy::Rotation => keys.push(match one.turn {
                    0 => count("turn", 0, "none yet".to_owned()),
                    turn => count("turn", turn, turn.to_string()),
                }),
                Policy::TwoChoices => keys.push(count("pending", one.pending.into(), one.pending.to_string())),
            }
            Contender { user: user(one.user), tier: one.tier, keys }
        });
        Routing {
            policy: self.policy(&decision.policy),
            waited: decision.waited.as_secs_f64(),
            groups: raw.groups.iter().map(|&group| self.names.group(group).to_owned()).collect(),
            eligible: contenders.collect(),
            excluded: decision.excluded.iter().map(|&(who, why)| self.left_out(who, why, &raw.groups)).collect(),
            chosen: decision.choice.map(|choice| user(choice.user)),
            because,
            key,
            runner_up,
            otherwise: raw
                .otherwise
                .iter()
                .map(|(policy, choice)| Alternative {
                    policy: policy.clone(),
                    chosen: choice.map(|choice| user(choice.user)),
                })
                .collect(),
        }
    }

    fn left_out(&self, who: UserId, why: Exclusion, groups: &[GroupId]) -> LeftOut {
        let tickets = |milli: u32| format!("{}", f64::from(milli) / 1000.0);
        let (rule, words, numbers) = match why {
            Exclusion::NotEnabled(UserState::Pending) => ("USR-1", "invited, and not there yet".to_owned(), None),
            Exclusion::NotEnabled(_) => ("USR-1", "disabled".to_owned(), None),
            Exclusion::OtherGroup => {
                let groups: Vec<&str> = groups.iter().map(|&group| self.names.group(group)).collect();
                ("ASG-1", format!("not in {}", groups.join(" or ")), None)
            }
            Exclusion::NotYet { after } => ("QUE-9", format!("takes over after {} of waiting", length(after)), None),
            Exclusion::MayNotReply => ("CHN-1", "without reply permission".to_owned(), None),
            Exclusion::Status(status, name) => {
                let rule = if status.0 < StatusId::SYSTEM { "STA-1" } else { "STA-5" };
                (rule, format!("{}, not assignable", self.names.text(name.shown)), None)
            }
            Exclusion::AtCap { counted, cap, own, pending } => {
                let what = if pending { "pending" } else { "open" };
                let numbers = format!("{} of {} {what}", tickets(counted), tickets(cap));
                let [rule, words] = if own { ["CAP-3", "at a cap of their own"] } else { ["CAP-1", "at the cap"] };
                (rule, words.to_owned(), Some(numbers))
            }
        };
        LeftOut { user: self.names.user(who).to_owned(), rule: rule.to_owned(), why: words, numbers }
    }

    fn policy(&self, policy: &Policy) -> String {
        let known = self.named.iter().find(|(_, known)| known == policy).map(|(name, _)| name.clone());
        known.unwrap_or_else(|| match policy {
            Policy::Keys(keys) => keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            Policy::Rotation => "rotation".to_owned(),
            Policy::TwoChoices => "two_choices".to_owned(),
        })
    }

    fn time(&self, at: Instant) -> String {
        self.civil.at(at).strftime("%Y-%m-%dT%H:%M:%S").to_string()
    }
}

fn words(amount: Amount) -> String {
    let tickets = |milli: u32| format!("{}", f64::from(milli) / 1000.0);
    match amount {
        Amount::Count(count) => count.to_string(),
        Amount::Since(None) => "never".to_owned(),
        Amount::Since(Some(span)) | Amount::Idle(Some(span)) => length(span),
        Amount::Idle(None) => "busy".to_owned(),
        Amount::Load(_, None) | Amount::Spare(None) => "no cap".to_owned(),
        Amount::Load(counted, Some(cap)) => format!("{} of {}", tickets(counted), tickets(cap)),
        Amount::Spare(Some(spare)) => tickets(spare),
        Amount::Last(last) => if last { "yes" } else { "no" }.to_owned(),
        Amount::Factor(factor) => format!("{factor:.2}"),
        Amount::Hash(hash) => format!("{:.4}", hash as f64 / 2f64.powi(64)),
    }
}

/// A span to the second, or finer below one.
fn length(span: Span) -> String {
    let micros = span.as_micros();
    let shown = if micros < 1_000_000 { micros / 1_000 * 1_000 } else { micros / 1_000_000 * 1_000_000 };
    Span::from_micros(shown).to_string()
}
