//! Writes the log of a run as it goes.

use super::encode::{Lexicon, write_command, write_effect, write_refusal};
use crate::desk::{Command, Desk, StatusId, StatusName};
use crate::simulation::{Input, Model, Observer, Step};
use crate::time::Instant;
use std::io::{self, Write};

/// An observer that writes every command and effect of a run, and at its end a `tick`, so that a replay knows how long time ran.
#[derive(Debug)]
pub struct Trace<'m, W> {
    model: &'m Model,
    out: W,
    line: Vec<u8>,
    /// What statuses were called before the step: an edit names a status by the name that it then takes away.
    statuses: Vec<StatusName>,
    failed: Option<io::Error>,
}

impl<'m, W: Write> Trace<'m, W> {
    /// A trace of a run of `model`; `out` should be buffered.
    pub fn new(model: &'m Model, out: W) -> Trace<'m, W> {
        Trace { model, out, line: Vec::with_capacity(256), statuses: Vec::new(), failed: None }
    }

    /// Ends the trace.
    ///
    /// # Errors
    /// The first failure to write; what came after it was not written.
    pub fn into_inner(mut self) -> io::Result<W> {
        match self.failed.take() {
            Some(error) => Err(error),
            None => self.out.flush().map(|()| self.out),
        }
    }

    fn learn_statuses(&mut self, desk: &Desk) {
        self.statuses.clear();
        self.statuses.extend((0..desk.status_count()).map(|status| desk.status_name(StatusId::at(status))));
    }

    fn write(&mut self) {
        if self.failed.is_none()
            && let Err(error) = self.out.write_all(&self.line)
        {
            self.failed = Some(error);
        }
        self.line.clear();
    }
}

impl<W: Write> Observer for Trace<'_, W> {
    fn start(&mut self, _now: Instant, desk: &Desk) {
        self.learn_statuses(desk);
    }

    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        if self.failed.is_some() {
            return;
        }
        if let Input::Command(command) = step.input {
            let lexicon = Lexicon { names: &self.model.names, forms: &self.model.forms, statuses: &self.statuses };
            write_command(&mut self.line, step.now, &command, &lexicon);
            if matches!(command, Command::CreateStatus { .. } | Command::EditStatus { .. }) {
                self.learn_statuses(desk);
            }
        }
        if let Some(refusal) = step.refused {
            write_refusal(&mut self.line, step.now, refusal);
        }
        for effect in step.effects {
            write_effect(&mut self.line, step.now, effect, &self.model.names, desk);
        }
        self.write();
    }

    fn finish(&mut self, now: Instant, _desk: &Desk) {
        // A run's end is no part of it: deadlines that fall due just then are not acted on, and shall not be in a replay.
        let last = Instant::from_micros(now.as_micros().saturating_sub(1));
        let lexicon = Lexicon { names: &self.model.names, forms: &self.model.forms, statuses: &self.statuses };
        write_command(&mut self.line, last, &Command::Tick, &lexicon);
        self.write();
    }
}
