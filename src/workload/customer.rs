//! Customers: what is kept of each while they are about, and what is drawn for them.
//!
//! ```text
//!            (asked for consent) Asked ──granted──┐
//!                                                 ▼          resolving reply
//! first message ─────────────────────────────► Waiting ───────────────────────► Settled
//!                                              ▲  │                                │ closed
//!                                    message   │  │ reply                          ▼
//!                                  Answering ◄─┴──┴──► Silent ──closed──► Gone (comes back) or done
//! ```

use super::plan::{Abandons, ArrivalRow, Arrivals, CustomerPlan};
use super::purpose::{Chance, Purpose};
use crate::desk::{ChannelId, ConversationId, FieldId, FieldValue, FormId};
use crate::kernel::Stream;
use prefetch_index::prefetch_index;

/// What a customer is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mood {
    /// Was asked for consent (CHN-7).
    Asked,
    /// Waits for a reply.
    Waiting,
    /// Has a reply, and will answer it.
    Answering,
    /// Has a reply, and will not answer it.
    Silent,
    /// An agent opened the conversation; nothing was said yet.
    Addressed,
    /// Has what they wanted; the ticket is about to be closed.
    Settled,
    /// The ticket is closed; they will be back.
    Gone,
    /// Wrote spam that nobody filtered, and waits for nothing.
    Spammer,
    /// The slot is free.
    Done,
}

/// A class of customers: what is asked of it again and again, so that its plan, which is long, is read where there is
/// something to draw.
#[derive(Clone, Copy, Debug)]
pub(super) struct Class<'m> {
    pub(super) plan: &'m CustomerPlan,
    pub(super) channel: ChannelId,
    /// Points of priority, where no arrival file says otherwise.
    priority: i16,
    pub(super) abandons: Abandons,
    /// They come by an arrival file.
    recorded: bool,
    /// They come with field values.
    informs: bool,
    /// Each ticket takes one reply.
    one_reply: bool,
    /// Work is left after the last reply.
    wraps_up: bool,
    /// They wait for ever.
    patient: bool,
    /// They write again while they wait.
    nudges: bool,
    spams: bool,
    /// Some never answer.
    falls_silent: bool,
    returns: bool,
}

/// A customer who is about; two to a cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
pub(super) struct Customer {
    /// Their ticket's.
    pub(super) slot: u32,
    pub(super) conversation: ConversationId,
    /// Of arrival within the class; for a conversation that the script began, the conversation.
    pub(super) ordinal: u32,
    /// Changes whenever events that were meant for this customer become void.
    pub(super) stamp: u32,
    pub(super) class: u16,
    /// Lives of the ticket so far; 0 before the first.
    pub(super) cycle: u16,
    /// Agent replies until resolved.
    pub(super) left: u16,
    /// Replies that counted in this cycle.
    pub(super) answered: u16,
    /// Messages sent while waiting, in this cycle.
    pub(super) nudges: u16,
    /// How often an agent of theirs escalated instead of replying, in this cycle.
    pub(super) level: u8,
    /// Messages from those who took over while they were not waiting, in this cycle.
    pub(super) hand_overs: u8,
    pub(super) mood: Mood,
    /// Their ticket was assigned in this cycle: patience with the queue is over.
    pub(super) assigned: bool,
    /// They came by the script, not by the class's arrivals.
    pub(super) scripted: bool,
    /// Somebody picked their ticket up in this cycle (TIC-12): patience is over.
    pub(super) picked_up: bool,
}

// Memory goes by who is about.
const _: () = assert!(size_of::<Customer>() == 32);

/// No customer.
pub(super) const NOBODY: u32 = u32::MAX;

/// Everybody who is about, in slots that are used again.
#[derive(Clone, Debug, Default)]
pub(super) struct Customers {
    slots: Vec<Customer>,
    free: Vec<u32>,
    /// How many ever came.
    entered: u64,
}

impl Customers {
    /// Lets a customer in.
    #[inline]
    pub(super) fn enter(&mut self, class: u16, ordinal: u32, conversation: ConversationId, scripted: bool) -> u32 {
        self.entered += 1;
        let mut customer = Customer {
            slot: 0,
            conversation,
            ordinal,
            stamp: 0,
            class,
            cycle: 0,
            left: 0,
            answered: 0,
            nudges: 0,
            level: 0,
            hand_overs: 0,
            mood: Mood::Waiting,
            assigned: false,
            scripted,
            picked_up: false,
        };
        if let Some(slot) = self.free.pop() {
            let old = &mut self.slots[slot as usize];
            customer.stamp = old.stamp;
            *old = customer;
            slot
        } else {
            self.slots.push(customer);
            u32::try_from(self.slots.len() - 1).expect("fewer than 2^32 customers at once")
        }
    }

    /// How many ever came.
    pub(super) fn entered(&self) -> u64 {
        self.entered
    }

    /// How many there are.
    pub(super) fn about(&self) -> u64 {
        (self.slots.len() - self.free.len()) as u64
    }

    /// Shows everybody who is there.
    pub(super) fn each(&self, mut show: impl FnMut(&Customer)) {
        self.slots.iter().filter(|customer| customer.mood != Mood::Done).for_each(&mut show);
    }

    /// Forgets a customer, and voids their events.
    pub(super) fn leave(&mut self, slot: u32) {
        let customer = &mut self.slots[slot as usize];
        debug_assert!(customer.mood != Mood::Done, "customers leave once");
        customer.mood = Mood::Done;
        customer.stamp = customer.stamp.wrapping_add(1);
        self.free.push(slot);
    }

    /// The customer in a slot, if an event with that stamp is still meant for them.
    pub(super) fn if_current(&mut self, slot: u32, stamp: u32) -> Option<&mut Customer> {
        Some(&mut self.slots[slot as usize]).filter(|customer| customer.stamp == stamp)
    }

    /// Fetches a customer into the cache.
    pub(super) fn fetch(&self, slot: u32) {
        prefetch_index(&self.slots, slot as usize);
    }

    /// Who runs that conversation; looks through everybody, for scripted commands alone.
    pub(super) fn of(&self, conversation: ConversationId) -> Option<u32> {
        let found = self
            .slots
            .iter()
            .position(|customer| customer.mood != Mood::Done && customer.conversation == conversation)?;
        Some(found as u32)
    }
}

impl std::ops::Index<u32> for Customers {
    type Output = Customer;
    fn index(&self, slot: u32) -> &Customer {
        &self.slots[slot as usize]
    }
}

impl std::ops::IndexMut<u32> for Customers {
    fn index_mut(&mut self, slot: u32) -> &mut Customer {
        &mut self.slots[slot as usize]
    }
}

impl<'m> Class<'m> {
    pub(super) fn new(plan: &'m CustomerPlan) -> Class<'m> {
        let recorded = matches!(plan.arrivals, Arrivals::File(_));
        Class {
            plan,
            channel: plan.channel,
            priority: plan.priority,
            abandons: plan.abandons,
            recorded,
            informs: recorded || !plan.forms.is_empty(),
            // Neither replies below 1 nor times below 0 are ever drawn.
            one_reply: plan.replies.mean() == 1.0,
            wraps_up: plan.wrap_up.mean() != 0.0,
            patient: plan.patience.is_never(),
            nudges: !plan.nudges.is_never(),
            spams: plan.spam > 0.0,
            falls_silent: plan.silent > 0.0,
            returns: plan.reopens.is_some(),
        }
    }
}

impl Customer {
    /// Whose draws these are, whatever becomes of the ticket.
    pub(super) fn entity(&self) -> u64 {
        u64::from(self.scripted) << 63 | u64::from(self.class) << 32 | u64::from(self.ordinal)
    }

    fn stream(&self, chance: Chance, purpose: Purpose, within_cycle: u64) -> Stream {
        chance.stream(purpose, self.entity(), u64::from(self.cycle) << 32 | within_cycle)
    }

    /// The reply that is to come: level, then those before it.
    fn reply(&self) -> u64 {
        u64::from(self.level) << 16 | u64::from(self.answered)
    }

    /// Begins the next life of the ticket.
    #[inline]
    pub(super) fn begin_cycle(&mut self, slot: u32, class: &Class<'_>, chance: Chance) {
        self.slot = slot;
        self.cycle = self.cycle.saturating_add(1);
        (self.answered, self.nudges, self.level, self.hand_overs) = (0, 0, 0, 0);
        (self.assigned, self.picked_up) = (false, false);
        let replies = match self.recorded(class).and_then(|row| row.replies) {
            Some(replies) => replies,
            None if class.one_reply => 1,
            None => class.plan.replies.draw(&mut self.stream(chance, Purpose::Replies, 0)),
        };
        self.left = replies.clamp(1, u32::from(u16::MAX)) as u16;
    }

    /// What the arrival file says of them: of the first life of their ticket alone.
    #[inline]
    fn recorded<'m>(&self, class: &Class<'m>) -> Option<&'m ArrivalRow> {
        if self.cycle <= 1 { self.row(class) } else { None }
    }

    /// Their row of the arrival file.
    #[inline]
    fn row<'m>(&self, class: &Class<'m>) -> Option<&'m ArrivalRow> {
        match &class.plan.arrivals {
            Arrivals::File(rows) if class.recorded && !self.scripted => rows.get(self.ordinal as usize),
            _ => None,
        }
    }

    /// The next reply's work, in seconds at pace 1.
    #[inline]
    pub(super) fn handle_time(&self, class: &Class<'_>, chance: Chance) -> f64 {
        match self.recorded(class).and_then(|row| row.handle_time) {
            // What was recorded is the first agent's work; whoever they escalate to does work of their own.
            Some(seconds) if self.level == 0 => seconds,
            _ => class.plan.handle_time.draw(&mut self.stream(chance, Purpose::HandleTime, self.reply())),
        }
    }

    /// The work, in seconds at pace 1, of one who takes over while nobody waits, and writes to say so.
    #[inline(never)]
    pub(super) fn hand_over_time(&self, class: &Class<'_>, chance: Chance) -> f64 {
        class.plan.handle_time.draw(&mut self.stream(chance, Purpose::HandOver, u64::from(self.hand_overs)))
    }

    /// The work between the last reply and closing, in seconds at pace 1.
    #[inline]
    pub(super) fn wrap_up(&self, class: &Class<'_>, chance: Chance) -> f64 {
        if !class.wraps_up {
            return 0.0;
        }
        class.plan.wrap_up.draw(&mut self.stream(chance, Purpose::WrapUp, 0))
    }

    /// How long they wait in this cycle, in seconds; infinite is for ever.
    #[inline]
    pub(super) fn patience(&self, class: &Class<'_>, chance: Chance) -> f64 {
        match self.recorded(class).and_then(|row| row.patience) {
            Some(seconds) => seconds,
            None if class.patient => f64::INFINITY,
            None => class.plan.patience.draw(&mut self.stream(chance, Purpose::Patience, 0)),
        }
    }

    /// How long they take to answer the reply that they got last, in seconds; infinite is for ever.
    #[inline]
    pub(super) fn reply_delay(&self, class: &Class<'_>, chance: Chance) -> f64 {
        class.plan.reply_delay.draw(&mut self.stream(chance, Purpose::ReplyDelay, u64::from(self.answered)))
    }

    /// How long until they write again if they still wait, in seconds; infinite is for ever.
    #[inline]
    pub(super) fn nudge(&self, class: &Class<'_>, chance: Chance) -> f64 {
        if !class.nudges {
            return f64::INFINITY;
        }
        class.plan.nudges.draw(&mut self.stream(chance, Purpose::Nudge, u64::from(self.nudges)))
    }

    /// Whether their first message is spam.
    #[inline]
    pub(super) fn is_spam(&self, class: &Class<'_>, chance: Chance) -> bool {
        class.spams && chance.happens(class.plan.spam, Purpose::Spam, self.entity(), 0)
    }

    /// Whether they answer no reply of this cycle.
    #[inline]
    pub(super) fn is_silent(&self, class: &Class<'_>, chance: Chance) -> bool {
        class.falls_silent && chance.happens(class.plan.silent, Purpose::Silence, self.entity(), u64::from(self.cycle))
    }

    /// Whether they consent (CHN-7), and how many seconds they take to say so.
    #[inline(never)]
    pub(super) fn consents(&self, plan: &CustomerPlan, chance: Chance) -> (bool, f64) {
        let mut stream = self.stream(chance, Purpose::Consent, 0);
        let granted = stream.uniform() < plan.consents;
        (granted, plan.consent_delay.draw(&mut stream))
    }

    /// How many seconds after this closure they come back; `None` if they do not.
    #[inline]
    pub(super) fn reopens(&self, class: &Class<'_>, chance: Chance) -> Option<f64> {
        if class.returns { self.may_reopen(class.plan, chance) } else { None }
    }

    #[inline(never)]
    fn may_reopen(&self, plan: &CustomerPlan, chance: Chance) -> Option<f64> {
        let reopens = plan.reopens.as_ref()?;
        let mut stream = self.stream(chance, Purpose::Reopening, 0);
        (stream.uniform() < reopens.probability)
            .then(|| reopens.after.draw(&mut stream))
            .filter(|after| after.is_finite())
    }

    /// Whether an agent escalates instead of sending the next reply, who does so with that probability.
    pub(super) fn is_escalated(&self, probability: f64, chance: Chance) -> bool {
        chance.happens(probability, Purpose::Escalation, self.entity(), u64::from(self.cycle) << 32 | self.reply())
    }

    /// Where the next reply stands among others in random order.
    pub(super) fn work_order(&self, chance: Chance) -> u64 {
        self.stream(chance, Purpose::WorkOrder, self.reply()).bits()
    }

    /// Points of priority of their own (QUE-2).
    #[inline]
    pub(super) fn priority(&self, class: &Class<'_>) -> i16 {
        self.row(class).and_then(|row| row.priority).unwrap_or(class.priority)
    }

    /// The index among a field's values that this customer has.
    fn choice(&self, at: usize, plan: &CustomerPlan, chance: Chance) -> usize {
        let field = &plan.fields[at];
        let total: f64 = field.values.iter().map(|(_, weight)| weight).sum();
        let draw = chance.stream(Purpose::Field, self.entity(), u64::from(field.field.0)).uniform() * total;
        let mut reached = 0.0;
        for (index, (_, weight)) in field.values.iter().enumerate() {
            reached += weight;
            if draw < reached {
                return index;
            }
        }
        field.values.len() - 1
    }

    /// What they fill in with a first message (TIC-11).
    #[inline]
    pub(super) fn form(&self, class: &Class<'_>, asked: &[FieldId], chance: Chance) -> Option<FormId> {
        if class.informs { self.some_form(class, asked, chance) } else { None }
    }

    #[inline(never)]
    fn some_form(&self, class: &Class<'_>, asked: &[FieldId], chance: Chance) -> Option<FormId> {
        if let Some(form) = self.row(class).and_then(|row| row.form) {
            return Some(form);
        }
        let plan = class.plan;
        if plan.forms.is_empty() {
            return None;
        }
        let (mut at, mut radix) = (0, 1);
        for (index, field) in plan.fields.iter().enumerate() {
            if asked.contains(&field.field) {
                at += radix * self.choice(index, plan, chance);
                radix *= field.values.len();
            }
        }
        Some(plan.forms[at])
    }

    /// Their value of a field, whoever fills it in.
    #[inline(never)]
    pub(super) fn value(
        &self,
        field: FieldId,
        class: &Class<'_>,
        forms: &[Vec<(FieldId, FieldValue)>],
        chance: Chance,
    ) -> Option<FieldValue> {
        let plan = class.plan;
        if let Some(form) = self.row(class).and_then(|row| row.form)
            && let Some((_, value)) = forms[form.index()].iter().find(|(known, _)| *known == field)
        {
            return Some(*value);
        }
        let at = plan.fields.iter().position(|known| known.field == field)?;
        Some(plan.fields[at].values[self.choice(at, plan, chance)].0)
    }
}
