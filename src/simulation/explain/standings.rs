//! What policies look at, kept from effects alone.

use super::choice::{Amount, Asked, Candidate, Choice, Decision, Exclusion, choose_among, sort};
use crate::desk::{
    Assignment, ChannelId, Command, ConversationId, Counts, Desk, Effect, How, Key, KeyKind, LaneId, Limit, Permission,
    Policy, Scope, StatusId, TicketId, UserId, UserState,
};
use crate::simulation::{Input, Step};
use crate::time::{Civil, Instant, Span};
use std::collections::BTreeMap;

/// Follows a run from its start, step by step, and stands between any two effects where the desk stood.
#[derive(Clone, Debug)]
pub struct Standings {
    civil: Civil,
    people: Vec<Person>,
    /// By number, from 1.
    cases: Vec<Case>,
    /// The latest ticket of each conversation (ASG-11).
    latest: BTreeMap<ConversationId, TicketId>,
    rows: BTreeMap<LaneId, Row>,
}

/// What is known of a user.
#[derive(Clone, Debug)]
struct Person {
    state: UserState,
    status: StatusId,
    /// Enabled and in an assignable status.
    available: bool,
    /// By channel.
    held: Vec<Held>,
    last_closed: Option<Instant>,
    available_since: Instant,
    idle_since: Instant,
    /// Every assignment (ASG-4), in order.
    assigned: Vec<Instant>,
}

/// Tickets of one channel that a user holds.
#[derive(Clone, Copy, Default, Debug)]
struct Held {
    open: u32,
    pending: u32,
}

/// What is known of a ticket.
#[derive(Clone, Debug)]
struct Case {
    channel: ChannelId,
    /// Where it waits or waited last.
    lane: Option<LaneId>,
    assignee: Option<UserId>,
    last_assignee: Option<UserId>,
    /// Of an assigned one: whether its agent owes the reply.
    pending: bool,
    /// Whether anybody owes a reply: it will be pending once assigned.
    owed: bool,
    closed: bool,
    /// It has entered the queue in this cycle (QUE-6).
    entered: bool,
    wait_start: Instant,
    /// TIC-6, ASG-11.
    prefers_last: bool,
    /// ASG-8.
    avoids_last: bool,
}

/// The row of a lane under `rotation`.
#[derive(Clone, Default, Debug)]
struct Row {
    turns: u64,
    last: BTreeMap<UserId, u64>,
}

impl Standings {
    /// Of a desk that has just opened; `civil` is its civil time.
    pub fn new(civil: Civil, desk: &Desk, channels: usize) -> Standings {
        let person = |user: UserId| Person {
            state: desk.user_state(user),
            status: desk.user_status(user),
            available: desk.is_available(user),
            held: vec![Held::default(); channels],
            last_closed: None,
            available_since: Instant::ZERO,
            idle_since: Instant::ZERO,
            assigned: Vec::new(),
        };
        let people = (0..desk.user_count()).map(|user| person(UserId::at(user))).collect();
        Standings { civil, people, cases: Vec::new(), latest: BTreeMap::new(), rows: BTreeMap::new() }
    }

    /// Follows a step; `desk` is as it is after it. `about_to_assign` is called before each automatic assignment in it, with the
    /// standings as the desk then was, the ticket and who got it.
    pub fn follow(
        &mut self,
        step: &Step<'_>,
        desk: &Desk,
        mut about_to_assign: impl FnMut(&Standings, TicketId, UserId),
    ) {
        if step.refused.is_some() {
            return;
        }
        let now = step.now;
        if let Input::Command(command) = step.input {
            // What a command changes of people and settings it has changed before the queue is drained.
            self.learn_people(now, &command, desk);
            self.hear(&command, step.effects, desk);
        }
        for effect in step.effects {
            if let Effect::Assigned { ticket, to, how: How::Auto, .. } = *effect {
                about_to_assign(self, ticket, to);
                self.turn(ticket, to, desk);
            }
            self.take_in(now, step, effect, desk);
        }
    }

    /// Who is in which state and status after a command that may have to do with it.
    fn learn_people(&mut self, now: Instant, command: &Command, desk: &Desk) {
        let concerns_people = matches!(
            command,
            Command::SetStatus { .. }
                | Command::EditStatus { .. }
                | Command::DeleteStatus { .. }
                | Command::EnableUser { .. }
                | Command::DisableUser { .. }
        );
        for user in (0..if concerns_people { self.people.len() } else { 0 }).map(UserId::at) {
            self.stand(now, user, desk.user_state(user), desk.user_status(user), desk.is_available(user));
        }
    }

    fn stand(&mut self, now: Instant, user: UserId, state: UserState, status: StatusId, available: bool) {
        let person = &mut self.people[user.index()];
        if available && !person.available {
            (person.available_since, person.idle_since) = (now, now);
        }
        (person.state, person.status, person.available) = (state, status, available);
    }

    /// What a command says of a ticket that no effect does.
    fn hear(&mut self, command: &Command, effects: &[Effect], desk: &Desk) {
        match *command {
            // A word of the customer's is owed an answer (TIC-5); filtered spam is none (CHN-6).
            Command::Message { conversation, .. } if !matches!(effects, [Effect::SpamFiltered { .. }]) => {
                if let Some(ticket) = desk.ticket_of(conversation)
                    && let Some(case) = self.cases.get_mut(ticket.number as usize - 1)
                    && !case.closed
                {
                    case.owed = true;
                }
            }
            Command::Transfer { ticket: Some(ticket), .. } => {
                let case = self.case_mut(ticket);
                case.avoids_last |= case.assignee.is_some();
                case.prefers_last = false;
            }
            _ => {}
        }
    }

    fn take_in(&mut self, now: Instant, step: &Step<'_>, effect: &Effect, desk: &Desk) {
        let opens = matches!(step.input, Input::Command(Command::OpenConversation { .. }));
        match *effect {
            Effect::Created { ticket, conversation, channel } => {
                debug_assert_eq!(ticket.number as usize, self.cases.len() + 1, "numbers count up (TIC-2)");
                let earlier = self.latest.insert(conversation, ticket);
                let last_assignee = earlier.and_then(|earlier| self.case(earlier).last_assignee);
                self.cases.push(Case {
                    channel,
                    lane: None,
                    assignee: None,
                    last_assignee,
                    pending: false,
                    owed: !opens,
                    closed: false,
                    entered: false,
                    wait_start: now,
                    prefers_last: last_assignee.is_some() && desk.is_sticky(channel),
                    avoids_last: false,
                });
            }
            Effect::Reactivated { ticket, .. } => {
                self.latest.insert(desk.conversation(ticket), ticket);
                let by_customer = matches!(step.input, Input::Command(Command::Message { .. }));
                let case = self.case_mut(ticket);
                let prefers_last = by_customer && desk.is_sticky(case.channel);
                (case.closed, case.owed, case.entered, case.wait_start) = (false, !opens, false, now);
                (case.prefers_last, case.avoids_last) = (prefers_last, false);
            }
            Effect::Queued { ticket, lane, .. } => {
                self.detach(now, ticket);
                let case = self.case_mut(ticket);
                case.lane = Some(lane);
                if !std::mem::replace(&mut case.entered, true) {
                    case.wait_start = now;
                }
            }
            Effect::Assigned { ticket, to, .. } => {
                self.detach(now, ticket);
                let case = self.case_mut(ticket);
                (case.assignee, case.pending) = (Some(to), case.owed);
                (case.prefers_last, case.avoids_last) = (false, false);
                let (channel, pending) = (case.channel, case.pending);
                let person = &mut self.people[to.index()];
                person.held[channel.index()].open += 1;
                person.held[channel.index()].pending += u32::from(pending);
                person.assigned.push(now);
            }
            Effect::Replied { ticket, .. } => {
                self.case_mut(ticket).owed = false;
                self.set_pending(now, ticket, false);
            }
            Effect::Pending { ticket } => self.set_pending(now, ticket, true),
            Effect::Closed { ticket, .. } => {
                if let Some(user) = self.detach(now, ticket) {
                    self.people[user.index()].last_closed = Some(now);
                }
                self.case_mut(ticket).closed = true;
            }
            // Of commands this is known already, and the same; deadlines move people one by one.
            Effect::StatusChanged { user, to, .. } => {
                let state = self.people[user.index()].state;
                self.stand(now, user, state, to, state == UserState::Enabled && desk.is_assignable(to));
            }
            Effect::Answered { .. }
            | Effect::SlaStarted { .. }
            | Effect::SlaEnded { .. }
            | Effect::Escalated { .. }
            | Effect::Notified { .. }
            | Effect::AutoMessageSent { .. }
            | Effect::SpamFiltered { .. }
            | Effect::Warning { .. }
            | Effect::Refused(_) => {}
        }
    }

    fn set_pending(&mut self, now: Instant, ticket: TicketId, pending: bool) {
        let case = self.case_mut(ticket);
        let Some(user) = case.assignee else { return };
        let channel = case.channel;
        let was = std::mem::replace(&mut case.pending, pending);
        if was != pending {
            self.count_pending(now, user, channel, pending);
        }
    }

    fn count_pending(&mut self, now: Instant, user: UserId, channel: ChannelId, more: bool) {
        let person = &mut self.people[user.index()];
        let count = &mut person.held[channel.index()].pending;
        *count = if more { *count + 1 } else { *count - 1 };
        if !more && person.pending() == 0 {
            person.idle_since = now;
        }
    }

    /// Takes a ticket from whoever holds it.
    fn detach(&mut self, now: Instant, ticket: TicketId) -> Option<UserId> {
        let case = self.case_mut(ticket);
        let user = case.assignee.take()?;
        case.last_assignee = Some(user);
        let (channel, pending) = (case.channel, std::mem::take(&mut case.pending));
        self.people[user.index()].held[channel.index()].open -= 1;
        if pending {
            self.count_pending(now, user, channel, false);
        }
        Some(user)
    }

    /// `rotation`: whoever is chosen goes to the end of the row.
    fn turn(&mut self, ticket: TicketId, to: UserId, desk: &Desk) {
        let case = self.case(ticket);
        if let (Some(lane), Assignment::RoundRobin { policy: Policy::Rotation, .. }) =
            (case.lane, desk.assignment(case.channel))
        {
            let row = self.rows.entry(lane).or_default();
            row.turns += 1;
            row.last.insert(to, row.turns);
        }
    }

    fn case(&self, ticket: TicketId) -> &Case {
        &self.cases[ticket.number as usize - 1]
    }

    fn case_mut(&mut self, ticket: TicketId) -> &mut Case {
        &mut self.cases[ticket.number as usize - 1]
    }

    /// How many tickets a user holds, and how many of them are pending.
    pub fn held(&self, user: UserId) -> (u32, u32) {
        let person = &self.people[user.index()];
        (person.open(), person.pending())
    }

    /// Who may take a waiting ticket of a channel with automatic assignment, who may not, and whom the policy in force takes; `None`
    /// where the ticket waits in no such lane. Settings are read from `desk`.
    pub fn decide(&self, now: Instant, ticket: TicketId, desk: &Desk) -> Option<Decision> {
        let case = self.case(ticket);
        let Assignment::RoundRobin { policy, .. } = desk.assignment(case.channel) else { return None };
        self.decide_by(now, ticket, policy, desk)
    }

    /// The same under another policy, the people being where they are. A row that was never turned stands in listed order, and
    /// `recent` looks back on all that was assigned.
    pub fn decide_by(&self, now: Instant, ticket: TicketId, policy: &Policy, desk: &Desk) -> Option<Decision> {
        let case = self.case(ticket);
        let lane = case.lane.filter(|_| !case.closed && case.assignee.is_none())?;
        let Assignment::RoundRobin { groups, overflow, .. } = desk.assignment(case.channel) else { return None };
        let group = desk.lane_group(lane);
        let waited = now.since(case.wait_start);
        // QUE-9: the groups of the lane, each tier once the ticket has waited so long; a group's lane is that group's alone.
        let mut tiers: Vec<(Span, Vec<crate::desk::GroupId>)> = vec![(Span::ZERO, groups.clone())];
        match group {
            Some(group) => tiers[0].1 = vec![group],
            None => tiers.extend(overflow.iter().map(|overflow| (overflow.after, overflow.groups.clone()))),
        }
        let mut eligible = Vec::new();
        let mut excluded = Vec::new();
        for (index, person) in self.people.iter().enumerate() {
            let user = UserId::at(index);
            match self.eligibility(user, person, case.channel, &tiers, waited, desk) {
                Ok(tier) => eligible.push(self.candidate(now, ticket, user, tier, policy, lane, desk)),
                Err(why) => excluded.push((user, why)),
            }
        }
        eligible.sort_by_key(|one| (one.tier, one.user));
        let asked =
            Asked { last_assignee: case.last_assignee, prefers_last: case.prefers_last, avoids_last: case.avoids_last };
        let choice: Option<Choice> = choose_among(policy, &eligible, asked, |number| desk.chance(ticket, now, number));
        if matches!(policy, Policy::Keys(_)) {
            let mut order: Vec<&Candidate> = eligible.iter().collect();
            sort(&mut order);
            eligible = order.into_iter().cloned().collect();
        }
        Some(Decision {
            at: now,
            ticket,
            channel: case.channel,
            lane,
            group,
            waited,
            policy: policy.clone(),
            eligible,
            excluded,
            choice,
        })
    }

    /// ASG-1: the tier by which a user is eligible, or the first reason why not.
    fn eligibility(
        &self,
        user: UserId,
        person: &Person,
        channel: ChannelId,
        tiers: &[(Span, Vec<crate::desk::GroupId>)],
        waited: Span,
        desk: &Desk,
    ) -> Result<u32, Exclusion> {
        if person.state != UserState::Enabled {
            return Err(Exclusion::NotEnabled(person.state));
        }
        let in_tier = |(_, groups): &(Span, Vec<_>)| groups.iter().any(|&group| desk.is_in_group(user, group));
        let Some(tier) = tiers.iter().position(in_tier) else { return Err(Exclusion::OtherGroup) };
        let after = tiers[tier].0;
        // Tiers open in order: a later one that is due waits for those before it.
        if !tiers[..=tier].iter().all(|(after, _)| *after <= waited) {
            return Err(Exclusion::NotYet { after });
        }
        if !desk.may(user, Permission::Reply, channel) {
            return Err(Exclusion::MayNotReply);
        }
        if !person.available {
            return Err(Exclusion::Status(person.status, desk.status_name(person.status)));
        }
        let limit = desk.limit(channel);
        let (counted, cap) = person.cap(user, channel, desk);
        match cap {
            Some(cap) if counted >= cap => Err(Exclusion::AtCap {
                counted,
                cap,
                own: desk.own_cap(user).is_some(),
                pending: limit.is_some_and(|limit| limit.counts == Counts::Pending),
            }),
            _ => Ok(tier as u32),
        }
    }

    #[allow(clippy::too_many_arguments, reason = "what a key may ask for")]
    fn candidate(
        &self,
        now: Instant,
        ticket: TicketId,
        user: UserId,
        tier: u32,
        policy: &Policy,
        lane: LaneId,
        desk: &Desk,
    ) -> Candidate {
        let person = &self.people[user.index()];
        let keys: &[Key] = if let Policy::Keys(keys) = policy { keys } else { &[] };
        let amounts = keys.iter().map(|key| (*key, self.amount(key.kind, now, ticket, user, tier, desk))).collect();
        let turn = self.rows.get(&lane).and_then(|row| row.last.get(&user)).copied().unwrap_or(0);
        Candidate { user, tier, amounts, turn, pending: person.pending() }
    }

    /// What a key says of a user (RULES, Policies).
    fn amount(&self, kind: KeyKind, now: Instant, ticket: TicketId, user: UserId, tier: u32, desk: &Desk) -> Amount {
        let person = &self.people[user.index()];
        let case = self.case(ticket);
        let ago = |at: Instant| now.since(at);
        let (counted, cap) = person.cap(user, case.channel, desk);
        match kind {
            KeyKind::Pending => Amount::Count(person.pending().into()),
            KeyKind::Open => Amount::Count(person.open().into()),
            KeyKind::Load => Amount::Load(counted, cap),
            KeyKind::Spare => Amount::Spare(cap.map(|cap| cap.saturating_sub(counted))),
            KeyKind::SinceAssigned => Amount::Since(person.assigned.last().copied().map(ago)),
            KeyKind::SinceAvailable => Amount::Since(Some(ago(person.available_since))),
            KeyKind::SinceClosed => Amount::Since(person.last_closed.map(ago)),
            KeyKind::Idle => Amount::Idle((person.pending() == 0).then(|| ago(person.idle_since))),
            KeyKind::AssignedToday => {
                let midnight = self.civil.day_start(self.civil.day(now));
                Amount::Count(person.assigned_since(midnight))
            }
            KeyKind::AssignedTotal => Amount::Count(person.assigned.len() as u64),
            KeyKind::Recent(span) => {
                let since = Instant::from_micros(now.as_micros().saturating_sub(span.as_micros()));
                Amount::Count(person.assigned_since(since))
            }
            KeyKind::LastAgent => Amount::Last(case.last_assignee == Some(user)),
            KeyKind::Tier => Amount::Count(tier.into()),
            KeyKind::Proficiency => Amount::Factor(desk.factor(user, ticket)),
            KeyKind::Random => Amount::Hash(desk.chance(ticket, now, u64::from(user.0) + 2)),
        }
    }
}

impl Person {
    fn open(&self) -> u32 {
        self.held.iter().map(|held| held.open).sum()
    }

    fn pending(&self) -> u32 {
        self.held.iter().map(|held| held.pending).sum()
    }

    fn assigned_since(&self, since: Instant) -> u64 {
        self.assigned.iter().rev().take_while(|&&at| at >= since).count() as u64
    }

    /// What counts towards the user's cap on a channel, and the cap, both in thousandths of a ticket (CAP-1 to CAP-3).
    fn cap(&self, user: UserId, channel: ChannelId, desk: &Desk) -> (u32, Option<u32>) {
        let limit = desk.limit(channel);
        let of_channel = limit.map(|limit| limit.max_open).filter(|&most| most != Limit::NONE);
        let cap = desk.own_cap(user).or(of_channel).map(|cap| cap.saturating_mul(1000));
        let pending = matches!(limit, Some(Limit { counts: Counts::Pending, .. }));
        let alone = matches!(limit, Some(Limit { scope: Scope::Channel, .. }));
        let counted = (0..).map(ChannelId).zip(&self.held).filter(|(of, _)| !alone || *of == channel);
        let counted =
            counted.map(|(of, held)| desk.weight_milli(of) * if pending { held.pending } else { held.open }).sum();
        (counted, cap)
    }
}
