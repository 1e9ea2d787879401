//! A parsed TOML document: values with their places, before anything is known about what they mean.
//!
//! `serde` stops at the first thing that does not fit; a scenario's author wants to hear of all of them. So the parser's own
//! tree is kept, [`super::read`] walks it, and `--set`, variants and sweeps change it ([`super::overrides`]).

use super::diagnostic::Report;
use super::source::{Place, Source};
use crate::simulation::syntax_help;
use std::fmt::Write;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::Datetime;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Flag(bool),
    Datetime(Datetime),
    List(Vec<Node>),
    Table(Table),
}

/// A table's entries in the order of the file, which matters: users, channels, fields and statuses stand in listed order.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) entries: Vec<(Key, Node)>,
}

/// A key and where it stands.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Key {
    pub(super) place: Place,
    pub(super) name: String,
}

impl Table {
    /// The value of a key.
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        self.entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| node)
    }

    /// A key of that name.
    pub(super) fn key(&self, name: &str) -> Option<&Key> {
        self.entries.iter().find(|(key, _)| key.name == name).map(|(key, _)| key)
    }

    /// The value of a key, to be changed.
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Node> {
        self.entries.iter_mut().find(|(key, _)| key.name == name).map(|(_, node)| node)
    }
}

impl Value {
    /// What it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Value::Text(_) => "a text",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Flag(_) => "true or false",
            Value::Datetime(_) => "a date",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
}

/// Parses a document. What does not parse is reported; then there is no document.
pub(super) fn parse(source: Source, report: &mut Report) -> Option<Node> {
    if u32::try_from(source.text.len()).is_err() {
        report.error_nowhere(
            format!("{} is longer than 4 GB", source.name),
            "split off recorded arrivals into CSV files",
        );
        return None;
    }
    let index = report.add_source(source);
    let text = report.source(index).text.clone();
    let (root, errors) = DeTable::parse_recoverable(&text);
    if !errors.is_empty() {
        for error in errors {
            let range = error.span().unwrap_or(text.len()..text.len());
            let message = error.message();
            report.error(Place::new(index, range), format!("this is not TOML: {message}"), "", syntax_help(message));
        }
        return None;
    }
    let before = report.errors();
    let root =
        Node { place: Place::new(index, 0..0), value: Value::Table(convert_table(root.into_inner(), index, report)) };
    (report.errors() == before).then_some(root)
}

/// Parses a single value; `None` if it is not one.
pub(super) fn parse_value(text: &str, source: u32, offset: usize, report: &mut Report) -> Option<Node> {
    let mut node = convert(DeValue::parse(text).ok()?, source, report);
    node.shift(offset as u32);
    Some(node)
}

fn convert(value: Spanned<DeValue<'_>>, source: u32, report: &mut Report) -> Node {
    let place = Place::new(source, value.span());
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(integer) => Value::Integer(integer),
            Err(_) => {
                report.error(
                    place,
                    "a number that does not fit",
                    "too large",
                    "whole numbers go up to 9223372036854775807",
                );
                Value::Integer(0)
            }
        },
        DeValue::Float(float) => Value::Float(float.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(flag) => Value::Flag(flag),
        DeValue::Datetime(datetime) => Value::Datetime(datetime),
        DeValue::Array(items) => Value::List(items.into_iter().map(|item| convert(item, source, report)).collect()),
        DeValue::Table(table) => Value::Table(convert_table(table, source, report)),
    };
    Node { place, value }
}

fn convert_table(table: DeTable<'_>, source: u32, report: &mut Report) -> Table {
    let entries = table
        .into_iter()
        .map(|(key, value)| {
            let place = Place::new(source, key.span());
            (Key { place, name: key.into_inner().into_owned() }, convert(value, source, report))
        })
        .collect();
    Table { entries }
}

impl Node {
    /// Moves every place in it by `offset` bytes.
    fn shift(&mut self, offset: u32) {
        self.each_place(&mut |place| {
            place.start += offset;
            place.end += offset;
        });
    }

    fn each_place(&mut self, change: &mut impl FnMut(&mut Place)) {
        change(&mut self.place);
        match &mut self.value {
            Value::List(items) => items.iter_mut().for_each(|item| item.each_place(change)),
            Value::Table(table) => {
                for (key, node) in &mut table.entries {
                    change(&mut key.place);
                    node.each_place(change);
                }
            }
            _ => {}
        }
    }

    /// The value as TOML on one line: the same for every way of writing it down.
    pub(super) fn to_toml(&self) -> String {
        let mut out = String::new();
        self.write_toml(&mut out);
        out
    }

    fn write_toml(&self, out: &mut String) {
        match &self.value {
            Value::Text(text) => write_text(text, out),
            Value::Integer(integer) => write!(out, "{integer}").expect("writing to a string cannot fail"),
            Value::Float(float) => write!(out, "{float:?}").expect("writing to a string cannot fail"),
            Value::Flag(flag) => write!(out, "{flag}").expect("writing to a string cannot fail"),
            Value::Datetime(datetime) => write!(out, "{datetime}").expect("writing to a string cannot fail"),
            Value::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    item.write_toml(out);
                }
                out.push(']');
            }
            Value::Table(table) => {
                out.push('{');
                for (index, (key, node)) in table.entries.iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { " " });
                    write_text(&key.name, out);
                    out.push_str(" = ");
                    node.write_toml(out);
                }
                out.push_str(" }");
            }
        }
    }

    /// Puts the keys of every table in it in order.
    pub(super) fn sort_keys(&mut self) {
        match &mut self.value {
            Value::List(items) => items.iter_mut().for_each(Node::sort_keys),
            Value::Table(table) => {
                table.entries.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
                table.entries.iter_mut().for_each(|(_, node)| node.sort_keys());
            }
            _ => {}
        }
    }

    /// The value as JSON; dates become texts.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Text(text) => text.as_str().into(),
            Value::Integer(integer) => (*integer).into(),
            Value::Float(float) => (*float).into(),
            Value::Flag(flag) => (*flag).into(),
            Value::Datetime(datetime) => datetime.to_string().into(),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Table(table) => serde_json::Value::Object(
                table.entries.iter().map(|(key, node)| (key.name.clone(), node.to_json())).collect(),
            ),
        }
    }

    /// A value from JSON. Its place is an index into `paths`, which gets the keys that lead to each value. `null`s are left out of
    /// tables and lists.
    pub(super) fn from_json(value: &serde_json::Value, paths: &mut Vec<Vec<String>>) -> Node {
        Node::from_json_at(value, &mut Vec::new(), paths)
    }

    fn from_json_at(value: &serde_json::Value, path: &mut Vec<String>, paths: &mut Vec<Vec<String>>) -> Node {
        use serde_json::Value as Json;
        let place = Place::new(0, paths.len()..paths.len());
        paths.push(path.clone());
        let value = match value {
            Json::Null => Value::Table(Table::default()),
            Json::Bool(flag) => Value::Flag(*flag),
            Json::Number(number) => match number.as_i64() {
                Some(integer) => Value::Integer(integer),
                None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Value::Text(text.clone()),
            Json::Array(items) => Value::List(
                items.iter().filter(|item| !item.is_null()).map(|item| Node::from_json_at(item, path, paths)).collect(),
            ),
            Json::Object(entries) => {
                let mut table = Table::default();
                for (name, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
                    path.push(name.clone());
                    let node = Node::from_json_at(value, path, paths);
                    path.pop();
                    table.entries.push((Key { place: node.place, name: name.clone() }, node));
                }
                Value::Table(table)
            }
        };
        Node { place, value }
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                write!(out, "\\u{:04X}", c as u32).expect("writing to a string cannot fail");
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
