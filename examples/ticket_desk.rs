//! Prints the ticket desk of `benches/ticket_desk` as a scenario, for `desksim run`:
//!
//! ```sh
//! cargo run --release --example ticket_desk -- 1000 [TICKETS] > ticket-desk.toml
//! ```

#[path = "../benches/ticket_desk/mod.rs"]
mod ticket_desk;

use std::io::{Error, Write};

fn main() -> Result<(), Error> {
    let arguments: Option<Vec<u32>> = std::env::args().skip(1).map(|argument| argument.parse().ok()).collect();
    let (agents, tickets) = match arguments.as_deref() {
        Some(&[agents @ 1..=u32::MAX]) => (agents, 1_000_000),
        Some(&[agents @ 1..=u32::MAX, tickets @ 1..=u32::MAX]) => (agents, tickets),
        _ => {
            return Err(Error::other(
                "ticket_desk AGENTS [TICKETS]: two numbers above 0; TICKETS is 1000000 unless given",
            ));
        }
    };
    std::io::stdout().write_all(ticket_desk::scenario(agents, tickets).as_bytes())
}
