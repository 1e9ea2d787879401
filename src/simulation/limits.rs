//! How much of everything there may be: one table, which error messages name and README repeats.
//!
//! The numbers are generous: no real desk comes near them. They keep a slip in a scenario from filling the disk or the
//! memory, which one replication at all limits at once leaves below 4 GB.

use std::fmt;

/// Arrivals per hour of one class of customers.
pub const ARRIVALS_PER_HOUR: f64 = 1e7;
/// Arrivals in one replication, all classes together. About 50 bytes are kept of each.
pub const ARRIVALS: u64 = 50_000_000;
/// Customers with an open ticket, or who will come back, at one time. About 250 bytes are kept of each.
pub const CUSTOMERS_AT_ONCE: u64 = 5_000_000;
/// Steps (events and commands) within one second of simulated time; [`STEPS_PER_CUSTOMER`] and [`STEPS_PER_ARRIVAL`] come to it.
/// A desk on which work, answers and returns take no time, or a microsecond, passes it; a real burst does not.
pub const STEPS: u64 = 1_000_000;
/// Further steps within one second for each customer there is.
pub const STEPS_PER_CUSTOMER: u64 = 100;
/// Further steps within one second for each customer who arrives in it.
pub const STEPS_PER_ARRIVAL: u64 = 1_000;
/// Agents of a desk. About 1,000 bytes are kept of each.
pub const AGENTS: usize = 2_000_000;
/// Channels of a desk.
pub const CHANNELS: usize = 10_000;
/// Groups of a desk.
pub const GROUPS: usize = 10_000;
/// Classes of customers.
pub const CUSTOMER_CLASSES: usize = 10_000;
/// Values that results may hold: replications, times metrics with their labels.
pub const VALUES: u64 = 100_000_000;
/// Bytes of a scenario, a case, a baseline or saved results.
pub const FILE_BYTES: u64 = 256 << 20;
/// Bytes of a CSV file that a scenario names.
pub const CSV_BYTES: u64 = 1 << 30;
/// Bytes of one line of a log.
pub const LINE_BYTES: u64 = 16 << 20;
/// Characters of a name: of an agent, a group, a channel, a class, a field, a status.
pub const NAME_CHARS: usize = 200;
/// Characters of a title or of a message's text.
pub const TEXT_CHARS: usize = 10_000;
/// Replies that a ticket asks for.
pub const REPLIES: u64 = u16::MAX as u64;
/// The same on average, where their number is drawn: what is drawn does not come near [`REPLIES`].
pub const REPLIES_ON_AVERAGE: f64 = 1_000.0;
/// A number in a scenario, either side of zero: what is reckoned from such numbers stays far within [`RESULT`].
pub const NUMBER: f64 = 1e18;
/// A number in results and baselines, either side of zero. Larger ones cannot be squared and added without care, and are no
/// figures of a desk.
pub const RESULT: f64 = 1e100;

/// All limits, as documents list them: the name, the number, and what is counted.
pub const TABLE: [(&str, u64, &str); 16] = [
    ("arrivals per hour", ARRIVALS_PER_HOUR as u64, "of one class of customers"),
    ("arrivals", ARRIVALS, "in one replication"),
    ("customers at once", CUSTOMERS_AT_ONCE, "with an open ticket, or who will come back"),
    (
        "steps in one second",
        STEPS,
        "of simulated time; 100 more for each customer there is, 1,000 for each who arrives",
    ),
    ("agents", AGENTS as u64, "of a desk"),
    ("channels", CHANNELS as u64, "of a desk; the same for groups"),
    ("customer classes", CUSTOMER_CLASSES as u64, "of a scenario"),
    ("values", VALUES, "replications × metrics with their labels"),
    ("bytes of a file", FILE_BYTES, "a scenario, a case, a baseline, saved results"),
    ("bytes of a CSV file", CSV_BYTES, "that a scenario names"),
    ("bytes of a line", LINE_BYTES, "of a log"),
    ("characters of a name", NAME_CHARS as u64, "of an agent, a group, a channel, …"),
    ("characters of a text", TEXT_CHARS as u64, "a title, an automatic message"),
    ("replies", REPLIES, "that a ticket asks for"),
    ("replies on average", REPLIES_ON_AVERAGE as u64, "where their number is drawn"),
    ("size of a number", NUMBER as u64, "in a scenario"),
];

/// A run that passed a limit, so that it was stopped.
#[derive(Clone, PartialEq, Debug)]
pub struct RunError {
    /// What was passed, with its number.
    pub limit: RunLimit,
    /// The civil time at which the run stopped.
    pub at: String,
    /// The scenario's key that is the likely cause.
    pub key: String,
    /// What that key does, and what to write instead.
    pub help: String,
}

/// The limit that a run passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RunLimit {
    /// More steps within one second of simulated time than this: next to no time passes any more.
    Steps(u64),
    /// More arrivals than this.
    Arrivals(u64),
    /// More customers at once than this.
    CustomersAtOnce(u64),
    /// More values of metrics than this.
    Values(u64),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RunError { at, key, .. } = self;
        match self.limit {
            RunLimit::Steps(limit) => {
                write!(f, "time stands still at {at}: more than {} steps within one second, by `{key}`", grouped(limit))
            }
            RunLimit::Arrivals(limit) => {
                write!(f, "more than {} arrivals in one replication, at {at}, by `{key}`", grouped(limit))
            }
            RunLimit::CustomersAtOnce(limit) => {
                write!(f, "more than {} customers at once, at {at}, most of them by `{key}`", grouped(limit))
            }
            RunLimit::Values(limit) => {
                write!(
                    f,
                    "more than {} values (replications × metrics with their labels), by `{key}`: {at}",
                    grouped(limit)
                )
            }
        }
    }
}

impl std::error::Error for RunError {}

/// A number with commas between its thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_told_apart() {
        assert_eq!([0, 999, 1_000, 50_000_000].map(grouped), ["0", "999", "1,000", "50,000,000"]);
    }

    #[test]
    fn readme_lists_every_limit() {
        let readme = std::fs::read_to_string("README.md").unwrap();
        for (name, number, of) in TABLE {
            let row = format!("| {name} | {} | {of} |", grouped(number));
            assert!(readme.contains(&row), "README lacks the row {row}");
        }
    }
}
