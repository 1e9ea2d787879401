//! Remarks on runs, in sentences.

use super::page::clean;
use super::quantity::{NONE, apart, thousands};
use crate::experiment::{Note, Results};
use crate::measures::{Selector, Unit};

/// So many are shown one by one.
const SHOWN: usize = 12;

/// What is likely not what was meant, in sentences: for the terminal and for pages.
pub fn notes(results: &Results) -> Vec<String> {
    let mut lines: Vec<String> = results.notes.iter().take(SHOWN).map(sentence).collect();
    if results.notes.len() > SHOWN {
        lines.push(format!("… and {} more notes, in the JSON.", results.notes.len() - SHOWN));
    }
    lines
}

fn sentence(note: &Note) -> String {
    match note {
        Note::Refused { command, rule, why, replication, time, times } => {
            let times = match times {
                1 => String::new(),
                times => format!("; refused {} times in all", thousands(&times.to_string())),
            };
            format!("Refused in run {replication} at {time}: {} ({rule}: {why}){times}.", clean(command))
        }
        Note::Rush { agent, tickets, of, replication, time, replications } => {
            let runs = if *replications == 1 { "1 run".to_owned() } else { format!("{replications} runs") };
            let given = if tickets == of { "all".to_owned() } else { format!("of {of}") };
            format!(
                "One agent got a backlog in {runs}: {} was given {tickets} tickets at once, {given} that were given out, in run \
                 {replication} at {time}. It goes to whoever is there first, or comes first by the policy; `limit.max_open` spreads it \
                 (QUE-5).",
                clean(agent)
            )
        }
        Note::Imprecise { metric, half_width, asked, needs, n } => {
            let unit = metric.parse::<Selector>().map_or(Unit::Ratio, |metric| metric.metric().unit);
            let text = |half: &Option<f64>| half.map_or(NONE.to_owned(), |half| apart(half, unit));
            let (half, least) = (text(half_width), text(asked));
            let short = match needs {
                Some(needs) if needs > n => {
                    format!("; for its skewness the interval needs {} replications", thousands(&needs.to_string()))
                }
                _ => String::new(),
            };
            format!(
                "Precision not reached after {} replications: the half-width of {} is {half}, and {least} was asked for{short}. Raise \
                 `run.precision.at_most`.",
                thousands(&n.to_string()),
                clean(metric)
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::quantity::FIRM;
    use crate::report::samples;

    #[test]
    fn notes_say_what_when_and_by_which_rule() {
        let mut results = samples::tiny();
        assert!(notes(&results).is_empty());
        let refused = |times| Note::Refused {
            command: "{\"tick\":{}}".to_owned(),
            rule: "STA-7".to_owned(),
            why: "no status has that name".to_owned(),
            replication: 3,
            time: "2026-03-02T12:00:00".to_owned(),
            times,
        };
        let rush = Note::Rush {
            agent: "ana".to_owned(),
            tickets: 60,
            of: 60,
            replication: 0,
            time: "2026-03-02T09:00:02".to_owned(),
            replications: 18,
        };
        results.notes = vec![refused(1), refused(1200), rush];
        let said = notes(&results);
        let reason = "(STA-7: no status has that name)";
        assert_eq!(said[0], format!("Refused in run 3 at 2026-03-02T12:00:00: {{\"tick\":{{}}}} {reason}."));
        assert!(said[1].ends_with(&format!("{reason}; refused 1,200 times in all.")), "{}", said[1]);
        assert!(said[2].starts_with("One agent got a backlog in 18 runs: ana was given 60 tickets at once, all that"));
        let imprecise = Note::Imprecise {
            metric: "tickets.abandon_rate".to_owned(),
            half_width: Some(0.04),
            asked: Some(0.012),
            needs: Some(93),
            n: 40,
        };
        results.notes = vec![imprecise];
        assert_eq!(
            notes(&results)[0].replace(FIRM, " "),
            "Precision not reached after 40 replications: the half-width of tickets.abandon_rate is 4.0 pp, and 1.2 pp was asked for; \
             for its skewness the interval needs 93 replications. Raise `run.precision.at_most`."
        );
        results.notes = vec![refused(1); SHOWN + 3];
        assert_eq!(notes(&results).last().map(String::as_str), Some("… and 3 more notes, in the JSON."));
    }
}
