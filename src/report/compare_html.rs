//! The page of a comparison: what differs from the reference, how surely, and who is best by what.

use super::axis_words::in_unit;
use super::chart::{Chart, Forest, Interval, Table};
use super::comparison::warnings;
use super::html::{Article, Section};
use super::quantity::{FIRM, NONE, apart, difference, quantity, signed};
use crate::experiment::comparison::{Compared, Comparison, Difference, Verdict, Way};
use crate::measures::{Selector, Unit};
use crate::time::Span;

/// A comparison as a page for a browser.
pub fn comparison_html(comparison: &Comparison) -> String {
    let charts = comparison_charts(comparison);
    let level = percent(comparison.level);
    let differences = format!(
        "Contender less {}, in pairs of runs that meet the same customers, with {level} intervals. Verdicts hold for all {} \
         tests together (Holm).",
        comparison.reference, comparison.family
    );
    let mut sections = vec![Section::new("Who is best by what", "").table(
        "Means; in words how each differs from the reference",
        winners(comparison),
        true,
    )];
    if !charts.is_empty() {
        sections.push(Section::new("Differences", &differences).charts(charts));
    }
    let title = comparison.title.trim();
    let first = comparison.contenders.first();
    Article {
        title: if title.is_empty() { "Untitled".to_owned() } else { title.to_owned() },
        about: [
            ("Comparison", format!("{} contenders", comparison.contenders.len())),
            ("Runs", format!("{} of {} each", comparison.replications, Span::from_secs_f64(comparison.duration))),
            ("Reference", comparison.reference.clone()),
            ("Seed", comparison.seed.to_string()),
        ]
        .into_iter()
        .chain(Some(warnings(comparison).join(" ")).filter(|words| !words.is_empty()).map(|words| ("Stability", words)))
        .collect(),
        verdict: verdict(comparison),
        sections,
        foot: vec![
            format!("desksim {} · seed {} · draws {}", comparison.desksim, comparison.seed, comparison.draws),
            first.map_or(String::new(), |first| format!("scenario {} · digest {}", first.scenario, first.digest)),
        ],
        version: comparison.desksim.clone(),
    }
    .html()
}

/// The charts of a comparison: one for each metric in which contenders differ.
pub(crate) fn comparison_charts(comparison: &Comparison) -> Vec<Chart> {
    comparison.metrics.iter().filter_map(|compared| chart(comparison, compared)).collect()
}

fn percent(share: f64) -> String {
    format!("{}{FIRM}%", super::chart::plain(libm::rint(share * 1e4) / 1e2))
}

fn unit(compared: &Compared) -> Unit {
    compared.metric.parse::<Selector>().map_or(Unit::Count, |metric| metric.metric().unit)
}

/// How often each contender is really better or worse.
fn verdict(comparison: &Comparison) -> String {
    let count = |n: usize, wanted: Verdict| {
        let said = |compared: &Compared| compared.entries.get(n)?.difference.as_ref().map(|found| found.verdict);
        comparison.metrics.iter().filter(|compared| said(compared) == Some(wanted)).count()
    };
    let metrics = comparison.metrics.len();
    let said: Vec<String> = comparison
        .contenders
        .iter()
        .enumerate()
        .filter(|(_, contender)| contender.name != comparison.reference)
        .map(|(n, contender)| {
            let (better, worse) = (count(n, Verdict::Better), count(n, Verdict::Worse));
            format!("{} is better in {better} and worse in {worse}", contender.name)
        })
        .collect();
    format!("Against {}, of {metrics} figures: {}.", comparison.reference, said.join("; "))
}

fn word(difference: &Difference) -> &'static str {
    match difference.verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::Higher => "higher",
        Verdict::Lower => "lower",
        Verdict::Same => "the same",
        Verdict::Open => "cannot be told apart",
    }
}

/// The difference, to as many decimals as its interval has need of.
fn told(found: &Difference, unit: Unit) -> String {
    let half = found.ci.map(|[low, high]| (high - low) / 2.0);
    let text = difference(found.mean.abs(), half, unit);
    let size = text.split('±').next().unwrap_or_default().trim_end();
    let sign = match found.mean {
        more if more > 0.0 => "+",
        less if less < 0.0 => "−",
        _ => "",
    };
    format!("{sign}{size}")
}

fn winners(comparison: &Comparison) -> Table {
    let mut head = vec!["figure".to_owned(), "best".to_owned()];
    head.extend(comparison.contenders.iter().map(|contender| match contender.name == comparison.reference {
        true => format!("{} (reference)", contender.name),
        false => contender.name.clone(),
    }));
    let rows = comparison.metrics.iter().map(|compared| {
        let unit = unit(compared);
        let mut row = vec![compared.metric.clone(), winner(comparison, compared)];
        row.extend(compared.entries.iter().map(|entry| {
            let mean = entry.mean.map_or(NONE.to_owned(), |mean| signed(mean, unit, mean));
            entry.difference.as_ref().map_or(mean.clone(), |found| format!("{mean}, {}", word(found)))
        }));
        row
    });
    Table { head, rows: rows.collect() }
}

/// The contender with the best mean among those that are really better than the reference; the reference, if all others are
/// really worse.
fn winner(comparison: &Comparison, compared: &Compared) -> String {
    let Some(way) = compared.better else { return "neither way is better".to_owned() };
    let said =
        |wanted: Verdict| {
            compared.entries.iter().enumerate().filter(move |(_, entry)| {
                entry.difference.as_ref().is_some_and(|difference| difference.verdict == wanted)
            })
        };
    let best = said(Verdict::Better).filter_map(|(n, entry)| Some((n, entry.mean?))).min_by(|one, other| match way {
        Way::Lower => one.1.total_cmp(&other.1),
        Way::Higher => other.1.total_cmp(&one.1),
    });
    match best {
        Some((n, _)) => comparison.contenders[n].name.clone(),
        None if said(Verdict::Worse).count() + 1 == compared.entries.len() => comparison.reference.clone(),
        None => "none for sure".to_owned(),
    }
}

fn chart(comparison: &Comparison, compared: &Compared) -> Option<Chart> {
    let unit = unit(compared);
    let found = comparison.contenders.iter().zip(&compared.entries);
    let found: Vec<_> = found.filter_map(|(contender, entry)| Some((contender, entry.difference.as_ref()?))).collect();
    if found.iter().all(|(_, difference)| difference.verdict == Verdict::Same) {
        return None;
    }
    let ends = found.iter().flat_map(|(_, of)| of.ci.unwrap_or([of.mean; 2]));
    let (name, size, words) = in_unit(unit, ends.fold(0.0, |most: f64, end| most.max(end.abs())));
    let say = |value: f64| {
        let text = apart(value, unit);
        if value > 0.0 { format!("+{text}") } else { text }
    };
    let interval = |difference: &Difference| match difference.ci {
        Some([low, high]) => format!("{} to {}", say(low), say(high)),
        None => NONE.to_owned(),
    };
    let intervals = found.iter().map(|(contender, difference)| Interval {
        name: contender.name.clone(),
        value: difference.mean / size,
        ends: difference.ci.map(|ends| ends.map(|end| end / size)),
        words: format!("{} {}", told(difference, unit), word(difference)),
        kind: match difference.verdict {
            Verdict::Worse => 1,
            Verdict::Better => 2,
            Verdict::Higher | Verdict::Lower => 3,
            Verdict::Same | Verdict::Open => 0,
        },
    });
    let rows = found.iter().map(|(contender, difference)| {
        let needed = difference.needed.map_or(NONE.to_owned(), |needed| needed.to_string());
        let p = difference.p_holm.map_or(NONE.to_owned(), |p| format!("{p:.4}"));
        let name = contender.name.clone();
        vec![name, say(difference.mean), interval(difference), p, word(difference).to_owned(), needed]
    });
    let head = ["contender", "difference", "interval", "p (Holm)", "verdict", "runs to tell"].map(str::to_owned);
    let reference = compared.entries.iter().find(|entry| entry.difference.is_none()).and_then(|entry| entry.mean);
    let of_reference = reference.map_or(NONE.to_owned(), |mean| quantity(mean, unit, mean));
    let saved =
        compared.variance_saved.map_or(String::new(), |saved| format!(" Pairing saves {saved:.1} times the runs."));
    let sides = match compared.better {
        Some(Way::Lower) => Some(("better".to_owned(), "worse".to_owned())),
        Some(Way::Higher) => Some(("worse".to_owned(), "better".to_owned())),
        None => Some(("lower".to_owned(), "higher".to_owned())),
    };
    let in_words = match name {
        "" => String::new(),
        "percent" => ", in percentage points".to_owned(),
        name => format!(", in {name}"),
    };
    Some(Chart {
        kind: "difference",
        title: compared.metric.clone(),
        description: format!("{} has {of_reference}.", comparison.reference),
        note: format!(
            "Difference to {}{in_words}. Square: worse; triangle: better; round: cannot be told apart.{saved}",
            comparison.reference
        ),
        table: Table { head: head.to_vec(), rows: rows.collect() },
        drawing: Box::new(Forest { intervals: intervals.collect(), words, zero: Some(0.0), sides, from_zero: false }),
        wide: false,
    })
}
