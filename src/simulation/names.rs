//! What everything is called: ids inside, names at the edge.

use crate::desk::{
    AutoMessage, ChangeId, ChannelId, Closer, ConversationId, FieldId, FieldValue, GroupId, StatusName, Symbol, UserId,
};
use crate::time::date_of;
use rustc_hash::FxHashMap;
use std::borrow::Cow;

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
    changes: Vec<String>,
    auto_messages: FxHashMap<(Speaker, AutoMessage), String>,
}

/// Whose an automatic message is (MSG-1, MSG-5).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Speaker {
    /// The organisation's.
    Desk,
    /// A channel's own.
    Channel(ChannelId),
    /// A user's own.
    User(UserId),
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
    ($($table:ident: $id:ident, $add:ident, $find:ident, $name:ident, $names:ident, $count:ident;)*) => {
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

            /// All names, in the order of their ids.
            pub fn $names(&self) -> impl Iterator<Item = &str> + Clone {
                self.$table.names.iter().map(String::as_str)
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
        users: UserId, add_user, find_user, user, user_names, user_count;
        groups: GroupId, add_group, find_group, group, group_names, group_count;
        channels: ChannelId, add_channel, find_channel, channel, channel_names, channel_count;
        fields: FieldId, add_field, find_field, field, field_names, field_count;
        texts: Symbol, intern, find_text, text, text_names, text_count;
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

    /// A custom field's value as text: numbers as they are written, dates as 2026-03-02, checkboxes as true or false.
    pub fn value(&self, field: FieldId, value: FieldValue) -> String {
        match value {
            FieldValue::Text(text) => self.text(text).to_owned(),
            FieldValue::Number(number) => number.to_string(),
            FieldValue::Choice(choice) => self.choice(field, choice).to_owned(),
            FieldValue::Date(days) => date_of(days).to_string(),
            FieldValue::Checkbox(ticked) => ticked.to_string(),
        }
    }

    /// Who closed a ticket, as the log and exports call them.
    pub fn closer(&self, by: Closer) -> &str {
        match by {
            Closer::User(user) => self.user(user),
            Closer::Customer => "customer",
            Closer::System => "system",
        }
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

    /// How many conversations bear a name; a run's own are numbered from here.
    pub fn conversation_count(&self) -> usize {
        self.conversations.names.len()
    }

    /// A conversation's name: as the log had it, or `c` and its number counted from 1.
    pub fn conversation(&self, id: ConversationId) -> Cow<'_, str> {
        if let Some(name) = self.conversations.names.get(id.index()) {
            return name.as_str().into();
        }
        let mut name = format!("c{}", u64::from(id.0) + 1);
        while self.conversations.find(&name).is_some() {
            name.push('~');
        }
        name.into()
    }

    /// Keeps the words of a change of settings, so that a log can say them again: JSON members without the braces.
    pub fn name_change(&mut self, change: ChangeId, words: String) {
        if self.changes.len() <= change.index() {
            self.changes.resize_with(change.index() + 1, String::new);
        }
        self.changes[change.index()] = words;
    }

    /// The words of a change of settings; empty if it was made without any.
    pub fn change(&self, change: ChangeId) -> &str {
        self.changes.get(change.index()).map_or("", String::as_str)
    }

    /// Keeps what an automatic message says.
    pub fn say(&mut self, speaker: Speaker, kind: AutoMessage, text: &str) {
        self.auto_messages.insert((speaker, kind), text.to_owned());
    }

    /// What an automatic message says on a channel, of that user if it is of anybody's: their own text, else the channel's,
    /// else the organisation's (MSG-1, MSG-5); `None` where the scenario does not say.
    pub fn said(&self, kind: AutoMessage, channel: ChannelId, user: Option<UserId>) -> Option<&str> {
        let own = user.map(Speaker::User);
        let mut speakers = own.into_iter().chain([Speaker::Channel(channel), Speaker::Desk]);
        speakers.find_map(|speaker| self.auto_messages.get(&(speaker, kind))).map(String::as_str)
    }

    /// The user whose name is nearest to one that nobody bears.
    pub fn nearest_user(&self, name: &str) -> Option<&str> {
        nearest(name, self.user_names())
    }
}

/// A way out for somebody who wrote a name that is not known: the one they may have meant, or else what there is.
pub fn offer<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    if let Some(nearest) = nearest(name, known.clone()) {
        return format!("did you mean `{nearest}`?");
    }
    match listed(known) {
        None => "there is none".to_owned(),
        Some((_, list)) => format!("there is {list}"),
    }
}

/// Names in a sentence, with their number: all of them, or of many the first and how many more there are.
pub(crate) fn listed<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Option<(usize, String)> {
    const ALL: usize = 24;
    const FIRST: usize = 8;
    let count = names.clone().count();
    let shown = if count <= ALL { count } else { FIRST };
    let list: Vec<String> = names.take(shown).map(|name| format!("`{name}`")).collect();
    let more = if shown < count { format!(" and {} more", count - shown) } else { String::new() };
    (count > 0).then(|| (count, format!("{}{more}", list.join(", "))))
}

/// The candidate that somebody who wrote `name` may have meant: the fewest slips of the pen away, a third of its letters at most.
///
/// Case is no slip. Of candidates equally near, the first.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let most = (wanted.chars().count() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        // A difference in length alone costs that many slips; long lists are mostly dismissed by it.
        if candidate.len().abs_diff(name.len()) > 4 * most {
            continue;
        }
        let slips = strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase());
        if slips <= most && best.is_none_or(|(fewest, _)| slips < fewest) {
            best = Some((slips, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_the_one_that_was_meant() {
        assert_eq!(nearest("supprot", ["sales", "support"]), Some("support"));
        assert_eq!(nearest("Support", ["sales", "support"]), Some("support"));
        assert_eq!(nearest("legal", ["sales", "support"]), None);
        assert_eq!(nearest("", ["a", "bb"]), Some("a"));
        assert_eq!(offer("supprot", ["sales", "support"].into_iter()), "did you mean `support`?");
        assert_eq!(offer("legal", ["sales", "support"].into_iter()), "there is `sales`, `support`");
        assert_eq!(offer("legal", [].into_iter()), "there is none");
        assert_eq!(offer("legal", ["x"; 9].into_iter()), format!("there is {}`x`", "`x`, ".repeat(8)));
        assert_eq!(offer("legal", ["x"; 99].into_iter()), format!("there is {}`x` and 91 more", "`x`, ".repeat(7)));
    }

    #[test]
    fn the_nearest_speaker_is_heard() {
        let mut names = Names::default();
        let (ana, ben, chat, mail) = (UserId(0), UserId(1), ChannelId(0), ChannelId(1));
        let away = AutoMessage::Away;
        assert_eq!(names.said(away, chat, Some(ana)), None);
        names.say(Speaker::Desk, away, "desk");
        names.say(Speaker::Channel(chat), away, "chat");
        names.say(Speaker::User(ana), away, "ana");
        assert_eq!(names.said(away, chat, Some(ana)), Some("ana"), "MSG-5");
        assert_eq!(names.said(away, chat, Some(ben)), Some("chat"), "MSG-1");
        assert_eq!(names.said(away, mail, None), Some("desk"), "MSG-1");
        assert_eq!(names.said(AutoMessage::Greeting, chat, Some(ana)), None);
    }

    #[test]
    fn a_numbered_conversation_never_bears_the_name_of_another() {
        let mut names = Names::default();
        assert_eq!(names.conversation(ConversationId(4)), "c5");
        names.add_conversation("c5");
        assert_eq!(names.conversation(ConversationId(0)), "c5");
        assert_eq!(names.conversation(ConversationId(4)), "c5~");
    }

    #[test]
    fn status_names_are_compared_trimmed_and_without_case() {
        let mut names = Names::default();
        let (lunch, same, empty) = (names.status_name("Lunch"), names.status_name(" LUNCH "), names.status_name("  "));
        assert_eq!(lunch.folded, same.folded, "STA-3");
        assert_ne!(lunch.shown, same.shown);
        assert_eq!(empty.folded, None);
        assert_eq!(names.find_status_name(" lunch"), lunch.folded);
        assert_eq!(names.find_status_name("tea"), None);
    }
}
