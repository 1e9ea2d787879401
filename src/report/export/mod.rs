//! Exports: the rows of a run as tables (EXP-1 to EXP-3).
//!
//! Reading order: [`Column`], [`Cell`] and [`Rows`] (what a table is made of), [`TicketTable`] and its like (which
//! columns there are and what stands in them), `guard` (text that a spreadsheet might run), then [`FileFormat`] and one
//! file for each format. Rows go to the writer as they come; none is kept longer than its format needs.

mod csv;
mod format;
mod guard;
mod jsonl;
mod messages;
mod notifications;
#[cfg(feature = "parquet")]
mod parquet;
mod table;
#[cfg(test)]
mod tests;
mod tickets;
mod users;
mod xlsx;

pub use format::{FileFormat, OpenError};
pub(in crate::report) use guard::guarded_csv;
pub use messages::MessageTable;
pub use notifications::NotificationTable;
pub use table::{Cell, Column, Kind, Rows};
pub use tickets::TicketTable;
pub use users::UserTable;
pub use xlsx::TooManyRows;
