//! A desk that is driven by commands from outside, without people.

use super::decode::{DecodeError, Resolve, decode_command};
use super::encode::{write_effect, write_refusal};
use crate::desk::{
    ChangeId, ChannelChange, ChannelId, Command, Desk, Effect, FieldId, FieldKind, FieldValue, FormId, Refusal,
    StatusId, Symbol, TicketId,
};
use crate::simulation::run::open_desk;
use crate::simulation::{Input, Model, Names, Observer, Step};
use crate::time::Instant;
use crate::workload::Chance;
use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

/// Reads the settings that a `configure_channel` names, as a scenario would write them.
pub type ReadChange<'a> = dyn Fn(&Names, ChannelId, &Map<String, Value>) -> Result<ChannelChange, DecodeError> + 'a;

/// A desk with its names: takes commands in the log's words, acts on deadlines between them, and answers in the log's words.
pub struct Bench<'a> {
    names: Names,
    ledger: Ledger<'a>,
    now: Instant,
    effects: Vec<Effect>,
    observer: Option<&'a mut dyn Observer>,
}

/// The desk and what is prepared on it.
struct Ledger<'a> {
    desk: Desk,
    kinds: Vec<FieldKind>,
    forms: FxHashMap<String, FormId>,
    /// Somebody watches, and may want to know what messages say.
    keeps_content: bool,
    read: &'a ReadChange<'a>,
}

impl<'a> Bench<'a> {
    /// The desk of a model as replication 0 opens it; `seed` matters to policies that assign at random.
    ///
    /// # Panics
    /// If the desk refuses the model's settings: lowering a scenario has checked them.
    pub fn new(model: &Model, seed: u64, read: &'a ReadChange<'a>) -> Bench<'a> {
        Bench {
            names: model.names.clone(),
            ledger: Ledger {
                desk: open_desk(model, Chance::new(seed, 0)),
                kinds: model.settings.fields.iter().map(|field| field.kind).collect(),
                forms: FxHashMap::default(),
                keeps_content: false,
                read,
            },
            now: Instant::ZERO,
            effects: Vec::new(),
            observer: None,
        }
    }

    /// Lets somebody watch from now on.
    pub fn watch(&mut self, observer: &'a mut dyn Observer) {
        observer.start(self.now, &self.ledger.desk);
        self.observer = Some(observer);
        self.ledger.keeps_content = true;
    }

    /// Tells whoever watches that nothing more comes.
    pub fn finish(&mut self) {
        if let Some(observer) = self.observer.take() {
            observer.finish(self.now, &self.ledger.desk);
        }
    }

    /// What everything is called.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The desk as it is.
    pub fn desk(&self) -> &Desk {
        &self.ledger.desk
    }

    /// Reads a command in the log's words.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn decode(&mut self, command: &Value) -> Result<Command, DecodeError> {
        decode_command(command, &mut self.names, &mut self.ledger)
    }

    /// Acts on the deadlines before `at`; appends the effects to `out`, one line each.
    pub fn pass_to(&mut self, at: Instant, out: &mut Vec<u8>) {
        while let Some(due) = self.ledger.desk.next_deadline()
            && due < at
        {
            self.wake(due, out);
        }
    }

    /// Acts on the deadlines of `at` and before; commands of that instant must have been given (SLA-4).
    pub fn pass_over(&mut self, at: Instant, out: &mut Vec<u8>) {
        while let Some(due) = self.ledger.desk.next_deadline()
            && due <= at
        {
            self.wake(due, out);
        }
    }

    /// Does the draining that `set_status` with `more` deferred (QUE-5), if `command`, in the log's words, is another command;
    /// appends the effects to `out`, one line each.
    pub fn drain_before(&mut self, command: &Value, out: &mut Vec<u8>) {
        if command.get("set_status").is_none() {
            self.drain_deferred(out);
        }
    }

    fn drain_deferred(&mut self, out: &mut Vec<u8>) {
        if self.ledger.desk.defers_draining() {
            self.ledger.desk.drain_deferred(&mut self.effects);
            self.show_deadline(out);
        }
    }

    /// Carries a command out; appends its effects to `out`, one line each. A refusal is an effect.
    pub fn apply(&mut self, at: Instant, command: Command, out: &mut Vec<u8>) {
        assert!(self.now <= at, "time runs forwards: {at:?} comes after {:?}", self.now);
        if !matches!(command, Command::SetStatus { .. }) {
            self.drain_deferred(out);
        }
        self.now = at;
        let refused = self.ledger.desk.apply(at, &command, &mut self.effects).err();
        self.show(Input::Command(command), refused);
        match refused {
            None => self.write_effects(out),
            Some(refusal) => write_refusal(out, at, refusal),
        }
    }

    fn wake(&mut self, due: Instant, out: &mut Vec<u8>) {
        // A deadline that a command set in its own past falls due at once.
        self.now = self.now.max(due);
        self.ledger.desk.wake(self.now, &mut self.effects);
        assert!(
            self.ledger.desk.next_deadline().is_none_or(|next| next > self.now),
            "a desk that was woken has acted on every deadline due by {:?}",
            self.now
        );
        self.show_deadline(out);
    }

    fn show_deadline(&mut self, out: &mut Vec<u8>) {
        if !self.effects.is_empty() {
            self.show(Input::Deadline, None);
        }
        self.write_effects(out);
    }

    fn show(&mut self, input: Input, refused: Option<Refusal>) {
        if let Some(observer) = &mut self.observer {
            let step = Step { now: self.now, input, customer: None, refused, effects: &self.effects };
            observer.step(&step, &self.ledger.desk);
        }
    }

    fn write_effects(&mut self, out: &mut Vec<u8>) {
        for effect in &self.effects {
            write_effect(out, self.now, effect, &self.names, &self.ledger.desk);
        }
        self.effects.clear();
    }
}

impl Resolve for Ledger<'_> {
    fn ticket(&self, number: u32) -> Option<TicketId> {
        self.desk.find(number)
    }

    fn status(&self, folded: Symbol) -> Option<StatusId> {
        self.desk.status_named(folded)
    }

    fn field_kind(&self, field: FieldId) -> FieldKind {
        self.kinds[field.index()]
    }

    fn change(
        &mut self,
        names: &mut Names,
        channel: ChannelId,
        settings: &Map<String, Value>,
    ) -> Result<ChangeId, DecodeError> {
        let change = (self.read)(names, channel, settings)?;
        Ok(self.desk.prepare(change))
    }

    fn form(&mut self, values: &[(FieldId, FieldValue)]) -> FormId {
        // Forms stay on the desk for good, and a long log repeats them.
        let key = format!("{values:?}");
        match self.forms.get(&key) {
            Some(&form) => form,
            None => {
                let form = self.desk.prepare_form(values);
                self.forms.insert(key, form);
                form
            }
        }
    }

    /// Commands are echoed as they were given, so nobody but who watches asks for it again.
    fn keeps_content(&self) -> bool {
        self.keeps_content
    }
}
