//! What everything is called: ids inside, names at the edge.

use crate::desk::{ChannelId, ConversationId, FieldId, GroupId, StatusName, Symbol, UserId};
use rustc_hash::FxHashMap;

/// Names of the ids of one desk. Users, groups, channels, fields and customers are fixed; texts and conversations grow.
#[derive(Clone, Debug, Default)]
pub struct Names {
    users: Table,
    groups: Table,
    channels: Table,
    fields: Table,
    customers: Table,
    choices: Vec<Table>,
    texts: Table,
    conversations: Table,
}

#[derive(Clone, Debug, Default)]
struct Table {
    names: Vec<String>,
    ids: FxHashMap<String, u32>,
}

impl Table {
    fn intern(&mut self, name: &str) -> u32 {
        if let Some(&id) = self.ids.get(name) {
            return id;
        }
        let id = u32::try_from(self.names.len()).expect("fewer than 2^32 names");
        self.names.push(name.to_owned());
        self.ids.insert(name.to_owned(), id);
        id
    }

    fn find(&self, name: &str) -> Option<u32> {
        self.ids.get(name).copied()
    }
}

macro_rules! tables {
    ($($table:ident: $id:ident, $add:ident, $find:ident, $name:ident, $count:ident;)*) => {
        $(
            /// Adds a name, or finds it.
            pub fn $add(&mut self, name: &str) -> $id {
                $id(self.$table.intern(name))
            }

            /// The id of a name.
            pub fn $find(&self, name: &str) -> Option<$id> {
                self.$table.find(name).map($id)
            }

            /// The name of an id.
            pub fn $name(&self, id: $id) -> &str {
                &self.$table.names[id.index()]
            }

            /// How many there are.
            pub fn $count(&self) -> usize {
                self.$table.names.len()
            }
        )*
    };
}

impl Names {
    tables! {
        users: UserId, add_user, find_user, user, user_count;
        groups: GroupId, add_group, find_group, group, group_count;
        channels: ChannelId, add_channel, find_channel, channel, channel_count;
        fields: FieldId, add_field, find_field, field, field_count;
        texts: Symbol, intern, find_text, text, text_count;
    }

    /// Adds a class of customers; the index is its place in [`crate::workload::Plan::customers`].
    pub fn add_customer(&mut self, name: &str) -> usize {
        self.customers.intern(name) as usize
    }

    /// The name of a class of customers.
    pub fn customer(&self, class: usize) -> &str {
        &self.customers.names[class]
    }

    /// How many classes of customers there are.
    pub fn customer_count(&self) -> usize {
        self.customers.names.len()
    }

    /// Adds a choice of a field.
    pub fn add_choice(&mut self, field: FieldId, name: &str) -> u16 {
        if self.choices.len() <= field.index() {
            self.choices.resize_with(field.index() + 1, Table::default);
        }
        u16::try_from(self.choices[field.index()].intern(name)).expect("fewer than 2^16 choices")
    }

    /// The index of a choice.
    pub fn find_choice(&self, field: FieldId, name: &str) -> Option<u16> {
        self.choices.get(field.index())?.find(name).map(|id| id as u16)
    }

    /// The name of a choice.
    pub fn choice(&self, field: FieldId, choice: u16) -> &str {
        &self.choices[field.index()].names[choice as usize]
    }

    /// A status's name as it is shown and as it is compared (STA-3).
    pub fn status_name(&mut self, text: &str) -> StatusName {
        let shown = text.trim();
        let folded = shown.to_lowercase();
        StatusName { shown: self.intern(shown), folded: (!folded.is_empty()).then(|| self.intern(&folded)) }
    }

    /// The compared form of a status name, if it was ever interned.
    pub fn find_status_name(&self, text: &str) -> Option<Symbol> {
        self.find_text(&text.trim().to_lowercase())
    }

    /// The conversation of that name, new or known (for logs; a run's own conversations bear numbers alone).
    pub fn add_conversation(&mut self, name: &str) -> ConversationId {
        ConversationId(self.conversations.intern(name))
    }

    /// A conversation's name: as the log had it, or `c` and its number counted from 1.
    pub fn conversation(&self, id: ConversationId) -> std::borrow::Cow<'_, str> {
        match self.conversations.names.get(id.index()) {
            Some(name) => name.as_str().into(),
            None => format!("c{}", u64::from(id.0) + 1).into(),
        }
    }
}
