//! Assignment policies: ordered lists of keys over the eligible users (RULES, Policies; ASG-2, ASG-3, ASG-5).

use crate::time::Span;

/// One key of a policy: what is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum KeyKind {
    /// Pending responses over all channels.
    Pending,
    /// Open tickets.
    Open,
    /// What counts towards the cap, divided by the cap; 0 without a cap.
    Load,
    /// The cap less what counts towards it; largest without a cap.
    Spare,
    /// Time since last assigned (ASG-4); never is longest.
    SinceAssigned,
    /// Time since the user last became assignable.
    SinceAvailable,
    /// Time since a ticket of theirs was last closed; never is longest.
    SinceClosed,
    /// Time with nothing pending since the later of the last reply owed and becoming assignable; nothing while something is pending.
    Idle,
    /// Tickets assigned since civil midnight.
    AssignedToday,
    /// Tickets assigned ever.
    AssignedTotal,
    /// Tickets assigned within this span.
    Recent(Span),
    /// 1 for the assignee of the conversation's latest ticket, this one or an earlier one, else 0 (ASG-11).
    LastAgent,
    /// 0 for the lane's own groups, 1 for the first overflow, and so on (QUE-9).
    Tier,
    /// The user's factor on this ticket's handle time.
    Proficiency,
    /// A hash of the ticket, its assignment and the user.
    Random,
}

/// A key and its direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Key {
    /// What is compared.
    pub kind: KeyKind,
    /// `-`: the largest comes first.
    pub largest_first: bool,
}

/// How one of the eligible users is chosen; listed order always decides last.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum Policy {
    /// The first key that differs decides.
    Keys(Vec<Key>),
    /// Users stand in a row, at first in listed order; the first eligible one is chosen and goes to its end.
    Rotation,
    /// Of two eligible users taken at random, the one with fewer pending responses.
    TwoChoices,
}

/// The names of the ready-made policies with their keys, as RULES (Policies) lists them.
pub const NAMED: [(&str, &[&str]); 13] = [
    ("round_robin", &["pending", "-since_assigned"]),
    ("wait_time", &["-since_assigned", "pending"]),
    ("rotation", &[]),
    ("least_open", &["open", "-since_assigned"]),
    ("least_open_biased", &["open"]),
    ("most_spare", &["-spare", "-since_assigned"]),
    ("lowest_load", &["load", "-since_assigned"]),
    ("longest_idle", &["-idle"]),
    ("least_total", &["assigned_total"]),
    ("first_listed", &[]),
    ("random", &["random"]),
    ("two_choices", &[]),
    ("sticky", &["-last_agent", "pending", "-since_assigned"]),
];

/// The names of the keys; `recent` takes a span in brackets.
pub const KEYS: [&str; 15] = [
    "pending",
    "open",
    "load",
    "spare",
    "since_assigned",
    "since_available",
    "since_closed",
    "idle",
    "assigned_today",
    "assigned_total",
    "recent(15m)",
    "last_agent",
    "tier",
    "proficiency",
    "random",
];

impl Policy {
    /// The ready-made policy of that name.
    pub fn named(name: &str) -> Option<Policy> {
        let (_, keys) = NAMED.iter().find(|(known, _)| *known == name)?;
        Some(match name {
            "rotation" => Policy::Rotation,
            "two_choices" => Policy::TwoChoices,
            _ => Policy::Keys(
                keys.iter().map(|key| Key::parse(key).expect("the table's keys are well formed")).collect(),
            ),
        })
    }

    /// ASG-2, the default.
    pub fn round_robin() -> Policy {
        Policy::named("round_robin").expect("round_robin is in the table")
    }
}

impl Key {
    /// Reads `pending`, `-since_assigned`, `recent(15m)`.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub fn parse(text: &str) -> Result<Key, String> {
        let (largest_first, name) = match text.trim().strip_prefix('-') {
            Some(rest) => (true, rest.trim()),
            None => (false, text.trim()),
        };
        let kind = match name {
            "pending" => KeyKind::Pending,
            "open" => KeyKind::Open,
            "load" => KeyKind::Load,
            "spare" => KeyKind::Spare,
            "since_assigned" => KeyKind::SinceAssigned,
            "since_available" => KeyKind::SinceAvailable,
            "since_closed" => KeyKind::SinceClosed,
            "idle" => KeyKind::Idle,
            "assigned_today" => KeyKind::AssignedToday,
            "assigned_total" => KeyKind::AssignedTotal,
            "last_agent" => KeyKind::LastAgent,
            "tier" => KeyKind::Tier,
            "proficiency" => KeyKind::Proficiency,
            "random" => KeyKind::Random,
            _ => match name.strip_prefix("recent(").and_then(|rest| rest.strip_suffix(')')) {
                Some(span) => KeyKind::Recent(span.parse().map_err(|error| format!("`{span}`: {error}"))?),
                None => return Err(format!("no policy key is called `{name}`")),
            },
        };
        Ok(Key { kind, largest_first })
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.largest_first {
            f.write_str("-")?;
        }
        match self.kind {
            KeyKind::Recent(span) => write!(f, "recent({span})"),
            kind => f.write_str(match kind {
                KeyKind::Pending => "pending",
                KeyKind::Open => "open",
                KeyKind::Load => "load",
                KeyKind::Spare => "spare",
                KeyKind::SinceAssigned => "since_assigned",
                KeyKind::SinceAvailable => "since_available",
                KeyKind::SinceClosed => "since_closed",
                KeyKind::Idle => "idle",
                KeyKind::AssignedToday => "assigned_today",
                KeyKind::AssignedTotal => "assigned_total",
                KeyKind::LastAgent => "last_agent",
                KeyKind::Tier => "tier",
                KeyKind::Proficiency => "proficiency",
                KeyKind::Random => "random",
                KeyKind::Recent(_) => unreachable!("written above"),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_policy_and_every_key_reads_and_prints_alike() {
        for (name, keys) in NAMED {
            assert!(Policy::named(name).is_some(), "{name}");
            for key in keys {
                assert_eq!(Key::parse(key).unwrap().to_string(), *key);
            }
        }
        for key in KEYS {
            assert_eq!(Key::parse(key).unwrap().to_string(), key);
            assert_eq!(Key::parse(&format!("-{key}")).unwrap().to_string(), format!("-{key}"));
        }
        assert!(Policy::named("fair").is_none());
        assert!(Key::parse("recent(soon)").is_err() && Key::parse("recent").is_err() && Key::parse("").is_err());
    }
}
