//! The export of tickets (EXP-3).

use super::table::{Cell, Column, Kind, Rows};
use crate::desk::{FieldKind, FieldValue, Settings, Timer, UserId};
use crate::ledger::{Content, TicketRow, TimerRow};
use crate::simulation::Names;
use crate::time::{Instant, Span};
use std::fmt::Write;
use std::io;

/// The columns of EXP-3 before the custom fields, in their order.
const COLUMNS: [(&str, Kind); 29] = [
    ("ticket_id", Kind::Text),
    ("conversation", Kind::Text),
    ("channel", Kind::Text),
    ("group", Kind::Text),
    ("status", Kind::Text),
    ("session", Kind::Text),
    ("cycle", Kind::Count),
    ("created_at", Kind::Time),
    ("queued_at", Kind::Time),
    ("assigned_at", Kind::Time),
    ("first_response_at", Kind::Time),
    ("closed_at", Kind::Time),
    ("closed_by", Kind::Text),
    ("assigned_agent", Kind::Text),
    ("first_response_target_s", Kind::Seconds),
    ("first_response_s", Kind::Seconds),
    ("first_response_sla", Kind::Text),
    ("closure_target_s", Kind::Seconds),
    ("closure_s", Kind::Seconds),
    ("closure_sla", Kind::Text),
    ("queue_s", Kind::Seconds),
    ("customer_first_response_s", Kind::Seconds),
    ("customer_resolution_s", Kind::Seconds),
    ("escalations", Kind::Count),
    ("escalated_to", Kind::Text),
    ("reopens", Kind::Count),
    ("transfers", Kind::Count),
    ("last_message", Kind::Text),
    ("sentiment", Kind::Text),
];

/// The columns after the custom fields; the last ones name who the timers are charged to (SLA-12).
const MORE_COLUMNS: [(&str, Kind); 10] = [
    ("customer", Kind::Text),
    ("priority", Kind::Number),
    ("first_response_due", Kind::Time),
    ("first_response_remaining_s", Kind::Seconds),
    ("closure_due", Kind::Time),
    ("closure_remaining_s", Kind::Seconds),
    ("remaining_s", Kind::Seconds),
    ("assigned_group", Kind::Text),
    ("first_response_charged_to", Kind::Text),
    ("closure_charged_to", Kind::Text),
];

/// Writes tickets' rows as cells.
#[derive(Clone, Debug)]
pub struct TicketTable<'a> {
    names: &'a Names,
    content: Content<'a>,
    columns: Vec<Column>,
    text: String,
}

impl<'a> TicketTable<'a> {
    /// The table of a desk's tickets; `content` knows what was written.
    pub fn new(settings: &Settings, names: &'a Names, content: Content<'a>) -> TicketTable<'a> {
        let mut columns: Vec<Column> =
            COLUMNS.iter().map(|&(name, kind)| Column { name: name.to_owned(), kind }).collect();
        for (field, name) in settings.fields.iter().zip(names.field_names()) {
            let kind = match field.kind {
                FieldKind::Text | FieldKind::Choice(_) => Kind::Text,
                FieldKind::Number => Kind::Number,
                FieldKind::Date => Kind::Date,
                FieldKind::Checkbox => Kind::Flag,
            };
            debug_assert!(COLUMNS.iter().all(|(column, _)| *column != name), "a scenario keeps these names free");
            let taken = MORE_COLUMNS.iter().any(|(column, _)| *column == name);
            columns.push(Column { name: if taken { format!("field.{name}") } else { name.to_owned() }, kind });
        }
        columns.extend(MORE_COLUMNS.iter().map(|&(name, kind)| Column { name: name.to_owned(), kind }));
        TicketTable { names, content, columns, text: String::new() }
    }

    /// The columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Writes a row.
    ///
    /// # Errors
    /// If it could not be written.
    pub fn write(&mut self, row: &TicketRow, out: &mut dyn Rows) -> io::Result<()> {
        let names = self.names;
        let user = |user: Option<UserId>| text(user.map(|user| names.user(user)));
        self.text.clear();
        let _ = write!(self.text, "{}", row.ticket);
        out.cell(Cell::Text(&self.text))?;
        out.cell(Cell::Text(&names.conversation(row.conversation)))?;
        out.cell(Cell::Text(names.channel(row.channel)))?;
        out.cell(text(row.group.map(|group| names.group(group))))?;
        out.cell(Cell::Text(row.card().name()))?;
        out.cell(Cell::Text(row.session().name()))?;
        out.cell(Cell::Count(row.cycle))?;
        out.cell(Cell::Time(row.created_at))?;
        for at in [row.queued_at, row.assigned_at, row.first_response_at, row.closed_at] {
            out.cell(time(at))?;
        }
        out.cell(text(row.closed_by.map(|by| names.closer(by))))?;
        out.cell(user(row.assigned_agent))?;
        for TimerRow { target, took, outcome, .. } in [row.first_response, row.closure] {
            out.cell(seconds(target))?;
            out.cell(seconds(took))?;
            out.cell(text(outcome.map(|outcome| outcome.name())))?;
        }
        for span in [row.queued_for, row.customer_first_response, row.customer_resolution] {
            out.cell(seconds(span))?;
        }
        out.cell(Cell::Count(row.escalations))?;
        out.cell(user(row.escalated_to))?;
        out.cell(Cell::Count(row.reopens))?;
        out.cell(Cell::Count(row.transfers))?;
        match &row.last_message {
            None => out.cell(Cell::Empty)?,
            Some(message) => out.cell(Cell::Text(&self.content.text(message)))?,
        }
        out.cell(text(row.sentiment.map(|sentiment| sentiment.name())))?;
        for (field, value) in (0..).zip(&row.fields) {
            out.cell(match *value {
                None => Cell::Empty,
                Some(FieldValue::Text(symbol)) => Cell::Text(names.text(symbol)),
                Some(FieldValue::Number(number)) => Cell::Number(number),
                Some(FieldValue::Choice(choice)) => Cell::Text(names.choice(crate::desk::FieldId(field), choice)),
                Some(FieldValue::Date(days)) => Cell::Date(days),
                Some(FieldValue::Checkbox(ticked)) => Cell::Flag(ticked),
            })?;
        }
        out.cell(text(row.customer.map(|class| names.customer(class.into()))))?;
        out.cell(Cell::Number(row.priority.into()))?;
        for timer in Timer::ALL {
            out.cell(time(row.due[timer as usize]))?;
            out.cell(seconds(row.remaining[timer as usize]))?;
        }
        out.cell(seconds(row.least_remaining()))?;
        out.cell(text(row.assigned_group.map(|group| names.group(group))))?;
        for timer in [row.first_response, row.closure] {
            out.cell(user(timer.user))?;
        }
        out.end_row()
    }
}

fn text(text: Option<&str>) -> Cell<'_> {
    text.map_or(Cell::Empty, Cell::Text)
}

fn time(at: Option<Instant>) -> Cell<'static> {
    at.map_or(Cell::Empty, Cell::Time)
}

fn seconds(span: Option<Span>) -> Cell<'static> {
    span.map_or(Cell::Empty, Cell::Seconds)
}
