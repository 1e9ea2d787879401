//! The answer of `staff` as Markdown, for pasting: the staff, its proof, and what other costs would buy.

use super::markdown::{code, heading, paragraph, plain, table};
use super::staff::{about, facts, frontier, peak_loads, proved, refuted, started, targets};
use super::unsettled::warnings;
use crate::experiment::staffing::{Staffed, Staffing};
use std::fmt::Write;

/// The answer as Markdown, with a newline at the end.
pub fn staff_markdown(staffing: &Staffing) -> String {
    let mut out = heading(3, &staffing.title);
    let about = about(staffing);
    paragraph(&mut out, &format!("**{}**", plain(&about[0])));
    about[1..].iter().for_each(|words| paragraph(&mut out, &plain(words)));
    section(&mut out, "Targets");
    out.push('\n');
    targets(&staffing.plan).iter().for_each(|words| writeln!(out, "- {}", plain(words)).expect("text grows"));
    match (&staffing.answer, &staffing.proof) {
        (Some(answer), Some(proof)) => {
            let title = format!("Proof, on customers that the search did not see (seed {})", staffing.proof_seed);
            section(&mut out, &title);
            let fewer = proof.one_fewer.iter().map(|desk| ("one fewer".to_owned(), desk));
            desks(&mut out, staffing, &std::iter::once(("answer".to_owned(), answer)).chain(fewer).collect::<Vec<_>>());
            paragraph(&mut out, &plain(&proved(staffing, proof)));
            let notes = warnings(answer.stability.as_ref()).into_iter().chain(refuted(staffing));
            notes.for_each(|words| paragraph(&mut out, &plain(&words)));
        }
        _ => {
            section(&mut out, "Nearest to them");
            let nearest: Vec<(String, &Staffed)> = staffing.nearest.iter().map(|desk| (String::new(), desk)).collect();
            desks(&mut out, staffing, &nearest);
            let stability = staffing.nearest.as_ref().and_then(|desk| desk.stability.as_ref());
            warnings(stability).iter().for_each(|words| paragraph(&mut out, &plain(words)));
            paragraph(&mut out, "Raise a bound, lower a target, or give the desk less to do.");
        }
    }
    section(&mut out, "What a cost buys");
    let (shown, left) = frontier(staffing);
    desks(&mut out, staffing, &shown.into_iter().map(|desk| (String::new(), desk)).collect::<Vec<_>>());
    if left > 0 {
        paragraph(&mut out, &format!("… and {left} more, in the JSON."));
    }
    if !staffing.loads.is_empty() {
        section(&mut out, "What Erlang's formulas say of the busiest time");
        let columns = peak_loads(staffing).into_iter().map(|(name, cells)| (name.to_owned(), cells));
        columns_of(&mut out, columns.collect());
        paragraph(&mut out, &plain(&started(staffing)));
    }
    let Staffing { version, draws, scenario, digest, .. } = staffing;
    let foot = format!(
        "desksim {}, draws {}, scenario {}, digest {}.",
        plain(version),
        code(draws),
        code(scenario),
        code(digest)
    );
    paragraph(&mut out, &foot);
    out
}

fn section(out: &mut String, title: &str) {
    write!(out, "\n{}", heading(4, title)).expect("text grows");
}

fn desks(out: &mut String, staffing: &Staffing, rows: &[(String, &Staffed)]) {
    columns_of(out, facts(staffing, rows).1);
}

fn columns_of(out: &mut String, columns: Vec<(String, Vec<String>)>) {
    let heads: Vec<String> = columns.iter().map(|(name, _)| plain(name)).collect();
    let count = columns.first().map_or(0, |(_, cells)| cells.len());
    let row = |n: usize| columns.iter().map(|(_, cells)| plain(&cells[n])).collect();
    table(out, &heads, 0, (0..count).map(row));
}
