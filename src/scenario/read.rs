//! From a document's values to the types of [`super::schema`], reporting everything that does not fit on the way.

use super::diagnostic::{Report, help_with_name};
use super::document::{Key, Node, Table, Value};
use super::source::{At, Place};
use crate::simulation::{limits, nearest};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// What can be read from a value.
pub(super) trait Read: Sized {
    /// What was meant to stand here, for messages: "a duration such as \"15m\"".
    const EXPECTED: &str;

    /// The value; `None` if it does not fit, which is then reported.
    fn read(node: &Node, report: &mut Report) -> Option<Self>;

    /// What stands for a key that is left out; `None` if it must not be.
    fn absent() -> Option<Self> {
        None
    }
}

/// Reports a value of the wrong type.
pub(super) fn wrong_type<T: Read>(node: &Node, report: &mut Report) {
    let help = match &node.value {
        // The most likely slip of all: a duration or a text without its quotes.
        Value::Integer(number) if T::EXPECTED.starts_with("a duration") => {
            format!("durations are texts with a unit: \"{number}s\", \"15m\", \"1h30m\"")
        }
        _ => format!("write {}", T::EXPECTED),
    };
    report.error(
        node.place,
        format!("expected {}, found {}", T::EXPECTED, node.value.kind()),
        format!("this is {}", node.value.kind()),
        help,
    );
}

/// A key as TOML has it: a field's name without the `r#` that Rust's own words need.
pub(super) fn key_of(field: &'static str) -> &'static str {
    field.strip_prefix("r#").unwrap_or(field)
}

/// The keys of a table as they are taken out one by one.
pub(super) struct Fields<'a> {
    table: &'a Table,
    place: Place,
    taken: Vec<bool>,
    broken: Vec<&'static str>,
    /// Keys that must be there and are not, and what was meant to stand there.
    missing: Vec<(&'static str, &'static str)>,
}

impl<'a> Fields<'a> {
    pub(super) fn of<T: Read>(node: &'a Node, report: &mut Report) -> Option<Fields<'a>> {
        let Value::Table(table) = &node.value else {
            wrong_type::<T>(node, report);
            return None;
        };
        let taken = vec![false; table.entries.len()];
        Some(Fields { table, place: node.place, taken, broken: Vec::new(), missing: Vec::new() })
    }

    /// Reads one key; a missing one is what its type makes of that, or a problem.
    pub(super) fn take<T: Read>(&mut self, field: &'static str, report: &mut Report) -> Option<T> {
        let name = key_of(field);
        match self.table.entries.iter().position(|(key, _)| key.name == name) {
            Some(index) => {
                self.taken[index] = true;
                let value = T::read(&self.table.entries[index].1, report);
                if value.is_none() {
                    self.broken.push(name);
                }
                value.or_else(T::absent)
            }
            None => {
                let absent = T::absent();
                if absent.is_none() {
                    self.missing.push((name, T::EXPECTED));
                }
                absent
            }
        }
    }

    /// Reports the keys that nobody knows, and those that are missing; gives those that were given and did not fit, be it that
    /// they were misspelt.
    pub(super) fn finish(mut self, known: &[&'static str], report: &mut Report) -> Vec<&'static str> {
        let known = known.iter().map(|field| key_of(field));
        for ((key, _), taken) in self.table.entries.iter().zip(&self.taken) {
            if !taken {
                report.error(
                    key.place,
                    format!("unknown key `{}`", key.name),
                    "nothing has this name here",
                    help_with_name(&key.name, known.clone(), "the keys here", "remove it"),
                );
                self.broken.extend(nearest(&key.name, known.clone()));
            }
        }
        for (name, expected) in self.missing {
            if !self.broken.contains(&name) {
                missing(self.place, name, expected, report);
            }
        }
        self.broken
    }
}

/// Reports a key that is needed and not there.
pub(super) fn missing(place: Place, name: &str, expected: &str, report: &mut Report) {
    report.error(place, format!("`{name}` is missing"), "in this table", format!("add `{name} = …`: {expected}"));
}

/// Declares a table of the file: its fields, how it is read, and its JSON Schema.
///
/// Besides its fields such a struct knows its place, and which of its keys were given but did not fit, so that lowering
/// does not call them missing.
macro_rules! table {
    ($($(#[$doc:meta])* $name:ident, $expected:literal { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, schemars::JsonSchema)]
        #[schemars(deny_unknown_fields)]
        pub(super) struct $name {
            $($(#[$field_doc])* pub(super) $field: $ty,)*
            /// Where the table stands.
            #[schemars(skip)]
            #[allow(dead_code)] // not every table is asked
            pub(super) place: $crate::scenario::source::Place,
            /// Keys that were given and did not fit.
            #[schemars(skip)]
            #[allow(dead_code)] // not every table is asked
            pub(super) broken: Vec<&'static str>,
        }

        impl $crate::scenario::read::Read for $name {
            const EXPECTED: &str = $expected;

            fn read(
                node: &$crate::scenario::document::Node,
                report: &mut $crate::scenario::diagnostic::Report,
            ) -> Option<Self> {
                #[allow(unused_mut)] // a table may have no fields
                let mut fields = $crate::scenario::read::Fields::of::<Self>(node, report)?;
                $(let $field: Option<$ty> = fields.take(stringify!($field), report);)*
                let broken = fields.finish(&[$(stringify!($field)),*], report);
                Some($name { $($field: $field?,)* place: node.place, broken })
            }
        }
    )*};
}
pub(super) use table;

/// Declares a set of words, one of which stands in the file.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident, $expected:literal { $($(#[$word_doc:meta])* $variant:ident = $word:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, schemars::JsonSchema)]
        pub(super) enum $name {
            $($(#[$word_doc])* #[schemars(rename = $word)] $variant,)*
        }

        impl $crate::scenario::read::Read for $name {
            const EXPECTED: &str = $expected;

            fn read(
                node: &$crate::scenario::document::Node,
                report: &mut $crate::scenario::diagnostic::Report,
            ) -> Option<Self> {
                let $crate::scenario::document::Value::Text(text) = &node.value else {
                    $crate::scenario::read::wrong_type::<Self>(node, report);
                    return None;
                };
                match text.as_str() {
                    $($word => Some($name::$variant),)*
                    _ => {
                        report.error(
                            node.place,
                            format!("`{text}` is not {}", $expected),
                            "",
                            $crate::scenario::diagnostic::help_with_name(
                                text, [$($word),*].into_iter(), "the possible words", "",
                            ),
                        );
                        None
                    }
                }
            }
        }
    )*};
}
pub(super) use words;

impl<T: Read> Read for Option<T> {
    const EXPECTED: &str = T::EXPECTED;

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        T::read(node, report).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Read> Read for At<T> {
    const EXPECTED: &str = T::EXPECTED;

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        T::read(node, report).map(|value| At::new(node.place, value))
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl Read for String {
    const EXPECTED: &str = "a text in double quotes";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        match &node.value {
            Value::Text(text) => Some(text.clone()),
            _ => {
                wrong_type::<Self>(node, report);
                None
            }
        }
    }
}

impl Read for bool {
    const EXPECTED: &str = "true or false";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        match &node.value {
            Value::Flag(flag) => Some(*flag),
            _ => {
                wrong_type::<Self>(node, report);
                None
            }
        }
    }
}

impl Read for f64 {
    const EXPECTED: &str = "a number";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let number = match &node.value {
            Value::Integer(integer) => *integer as f64,
            Value::Float(float) => *float,
            _ => {
                wrong_type::<Self>(node, report);
                return None;
            }
        };
        if !number.is_finite() {
            report.error(node.place, "a number must be finite", "", "write an ordinary number");
            return None;
        }
        if number.abs() > limits::NUMBER {
            let most = format!("at most {:e}", limits::NUMBER);
            report.error(node.place, format!("{number:e} is too large"), most, "write an ordinary number");
            return None;
        }
        Some(number)
    }
}

/// A whole number between two bounds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Whole<const MIN: i64, const MAX: i64>(pub(super) i64);

impl<const MIN: i64, const MAX: i64> Read for Whole<MIN, MAX> {
    const EXPECTED: &str = "a whole number";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let Value::Integer(number) = node.value else {
            wrong_type::<Self>(node, report);
            return None;
        };
        if number < MIN {
            report.error(
                node.place,
                format!("{number} is too small"),
                format!("at least {MIN}"),
                format!("write {MIN} or more"),
            );
            return None;
        }
        if number > MAX {
            report.error(
                node.place,
                format!("{number} is too large"),
                format!("at most {MAX}"),
                format!("write {MAX} or less"),
            );
            return None;
        }
        Some(Whole(number))
    }
}

impl<const MIN: i64, const MAX: i64> JsonSchema for Whole<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Whole_{MIN}_{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }
}

impl<T: Read> Read for Vec<T> {
    const EXPECTED: &str = "a list in square brackets";

    /// Items that do not fit are reported and left out.
    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let Value::List(items) = &node.value else {
            wrong_type::<Self>(node, report);
            return None;
        };
        Some(items.iter().filter_map(|item| T::read(item, report)).collect())
    }
}

/// A keyed table: names of the author's choice, in listed order.
#[derive(Clone, Debug)]
pub(super) struct Map<T> {
    pub(super) entries: Vec<Entry<T>>,
}

/// An entry of a keyed table; without a value if that did not fit, so that its name is known all the same.
#[derive(Clone, Debug)]
pub(super) struct Entry<T> {
    pub(super) name: At<String>,
    pub(super) value: Option<T>,
}

impl<T: Read> Read for Map<T> {
    const EXPECTED: &str = "a table";

    fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let Value::Table(table) = &node.value else {
            wrong_type::<Self>(node, report);
            return None;
        };
        let entries = table
            .entries
            .iter()
            .map(|(Key { place, name }, node)| Entry {
                name: At::new(*place, name.clone()),
                value: T::read(node, report),
            })
            .collect();
        Some(Map { entries })
    }
}

impl<T: JsonSchema> JsonSchema for Map<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Map_of_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": generator.subschema_for::<T>() })
    }
}

/// Any value at all, kept as it is.
#[derive(Clone, Debug)]
pub(super) struct Anything(pub(super) Node);

impl Read for Anything {
    const EXPECTED: &str = "a value";

    fn read(node: &Node, _: &mut Report) -> Option<Self> {
        Some(Anything(node.clone()))
    }
}

impl JsonSchema for Anything {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Anything".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!(true)
    }
}
