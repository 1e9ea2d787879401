//! A comparison as JSON, as a long table, and as a page of text.

use super::long_csv::{LongCsv, count, number};
use super::outline::outline;
use super::page::{Style, WIDTH, clean, cut, length, pad, wrapped};
use super::quantity::{self, FIRM, NONE, quantity};
use super::unsettled::warnings_of_several;
use crate::experiment::comparison::{Compared, Comparison, Difference, Verdict};
use crate::measures::{Unit, find};
use crate::time::Span;
use serde::Serialize;
use std::fmt::Write;

/// The version of the form of comparisons.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    kind: &'static str,
    #[serde(flatten)]
    comparison: &'a Comparison,
}

/// A comparison as JSON text, with a newline at the end.
pub fn comparison_json(comparison: &Comparison) -> String {
    let document = Document { schema: SCHEMA, kind: "compare", comparison };
    outline(&document, 4)
}

/// A comparison as a long table: a row for each metric, contender and replication.
pub fn comparison_csv(comparison: &Comparison) -> String {
    let mut out = Vec::new();
    let mut rows = LongCsv::new(&mut out);
    let mut write = || {
        rows.row(["metric", "unit", "contender", "replication", "value"])?;
        for compared in &comparison.metrics {
            for (contender, entry) in comparison.contenders.iter().zip(&compared.entries) {
                for (replication, value) in entry.values.iter().enumerate() {
                    let texts = [&compared.metric, &compared.unit, &contender.name].map(|text| text.as_str().into());
                    rows.row(texts.into_iter().chain([count(replication), number(*value)]))?;
                }
            }
        }
        rows.finish()
    };
    write().expect("memory takes it");
    drop(rows);
    String::from_utf8(out).expect("texts and numbers")
}

/// Whose figures describe no state that lasts, in sentences.
pub(super) fn warnings(comparison: &Comparison) -> Vec<String> {
    let of = comparison.contenders.iter().map(|contender| (contender.name.clone(), contender.stability.as_ref()));
    warnings_of_several(of, "all contenders")
}

/// A comparison as a page of text of 80 columns, with a newline at the end.
pub fn comparison_page(comparison: &Comparison, style: Style) -> String {
    let mut page = Page { comparison, style, out: String::new() };
    page.head();
    page.tables();
    page.notes();
    page.out
}

struct Page<'a> {
    comparison: &'a Comparison,
    style: Style,
    out: String,
}

/// Columns: the contender, its figure with a bar, the difference, the verdict; with the margin of two they fill the page.
const NAME: usize = 17;
const VALUE: usize = 10;
const BAR: usize = 6;
const DIFFERENCE: usize = 23;
const VERDICT: usize = 22;

impl Page<'_> {
    fn head(&mut self) {
        let comparison = self.comparison;
        let title = if comparison.title.trim().is_empty() { "Untitled" } else { &comparison.title };
        for line in wrapped(&clean(title), WIDTH) {
            self.bold(&line);
        }
        let span = |seconds: f64| length(Span::from_secs_f64(seconds));
        let warmup = match comparison.warmup {
            0.0 => String::new(),
            warmup => format!(", the first {} left out", span(warmup)),
        };
        let runs = if comparison.replications == 1 { "1 run" } else { "runs" };
        let runs = match comparison.replications {
            1 => runs.to_owned(),
            many => format!("{many} {runs}"),
        };
        let text = format!(
            "{} contenders, {runs} of {} each{warmup}, seed {}: the same customers under each. Differences are to {}, with \
             their {}{FIRM}% intervals.",
            comparison.contenders.len(),
            span(comparison.duration),
            comparison.seed,
            clean(&comparison.reference),
            percent(comparison.level),
        );
        self.words(&text);
        warnings(comparison).iter().for_each(|warning| self.words(warning));
    }

    fn tables(&mut self) {
        let comparison = self.comparison;
        let mut same = Vec::new();
        for compared in &comparison.metrics {
            match common_value(compared) {
                Some(value) => same.push(format!("{} ({value})", compared.metric)),
                None => self.table(compared),
            }
        }
        if !same.is_empty() {
            self.out.push('\n');
            self.words(&format!("The same for all, in every run: {}.", same.join(", ")));
        }
    }

    fn table(&mut self, compared: &Compared) {
        self.out.push('\n');
        let way = match compared.better {
            Some(crate::experiment::comparison::Way::Lower) => ", lower is better",
            Some(crate::experiment::comparison::Way::Higher) => ", higher is better",
            None => "",
        };
        for line in wrapped(&format!("{}{way}", clean(&compared.metric)), WIDTH) {
            self.bold(&line);
        }
        let unit = unit_of(compared);
        let most = compared.entries.iter().filter_map(|entry| entry.mean).fold(0.0, f64::max);
        for (contender, entry) in self.comparison.contenders.iter().zip(&compared.entries) {
            let (name, value) =
                (clean(&contender.name), entry.mean.map_or(NONE.to_owned(), |mean| quantity(mean, unit, mean)));
            let (difference, verdict) = match &entry.difference {
                Some(difference) => (shown(difference, unit), verdict(difference)),
                None if contender.name == self.comparison.reference => (String::new(), String::new()),
                None => (NONE.to_owned(), "no data".to_owned()),
            };
            let bar = entry.mean.map_or(String::new(), |mean| bar(mean / most, BAR - 1));
            let line = format!(
                "  {}{} {}{}  {}",
                pad(&cut(&name, NAME - 1), NAME),
                right(&cut(&value, VALUE - 1), VALUE),
                pad(&bar, BAR - 1),
                right(&cut(&difference, DIFFERENCE - 1), DIFFERENCE),
                cut(&verdict, VERDICT - 2),
            );
            let line = line.trim_end().replace(FIRM, " ");
            writeln!(self.out, "{line}").expect("text grows");
        }
    }

    fn notes(&mut self) {
        let comparison = self.comparison;
        self.out.push('\n');
        let tests = comparison.family;
        if tests == 0 {
            let why = if comparison.replications < 2 { "one run each has no interval" } else { "nothing ever differs" };
            self.words(&format!("Nothing was tested: {why}."));
        } else {
            self.words(&format!(
                "Better and worse are said where p < {} by Student's paired test, corrected by Holm over {tests} {}. \
                 \"n runs\" is how many it would take to tell a difference of the size seen, with a power of {}{FIRM}%.",
                rounded(1.0 - comparison.level),
                if tests == 1 { "test" } else { "tests" },
                percent(comparison.power),
            ));
        }
        let saved: Vec<String> = comparison
            .metrics
            .iter()
            .filter_map(|compared| Some(format!("{} {}", compared.metric, times(compared.variance_saved?))))
            .collect();
        if !saved.is_empty() {
            self.words(&format!("Variance saved by pairing, (var a + var b) / var (a - b): {}.", saved.join(", ")));
        }
        self.out.push('\n');
        let foot = format!(
            "desksim {}, seed {}, replications {}, draws {}",
            comparison.desksim, comparison.seed, comparison.replications, comparison.draws
        );
        self.words(&foot);
    }

    fn bold(&mut self, text: &str) {
        match self.style {
            Style::Plain => writeln!(self.out, "{text}"),
            Style::Colour => writeln!(self.out, "\u{1b}[1m{text}\u{1b}[0m"),
        }
        .expect("text grows");
    }

    fn words(&mut self, text: &str) {
        for line in wrapped(text, WIDTH - 2) {
            writeln!(self.out, "{line}").expect("text grows");
        }
    }
}

/// The value that everybody has in every replication, in words; `None` where values differ.
pub(super) fn common_value(compared: &Compared) -> Option<String> {
    if !compared.is_the_same_for_all() {
        return None;
    }
    let entry = compared.entries.first()?;
    Some(entry.mean.map_or("no data".to_owned(), |mean| quantity(mean, unit_of(compared), mean)))
}

pub(super) fn unit_of(compared: &Compared) -> Unit {
    let name = compared.metric.split('{').next().unwrap_or_default();
    find(name).map_or(Unit::Ratio, |metric| metric.unit)
}

/// A difference with half the width of its interval, signed.
pub(super) fn shown(difference: &Difference, unit: Unit) -> String {
    let sign = if difference.mean < 0.0 { "-" } else { "+" };
    let half = difference.ci.map(|[low, high]| (high - low) / 2.0);
    format!("{sign}{}", quantity::difference(difference.mean.abs(), half, unit))
}

pub(super) fn verdict(difference: &Difference) -> String {
    let found = match difference.verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::Higher => "higher",
        Verdict::Lower => "lower",
        Verdict::Same => return "the same".to_owned(),
        Verdict::Open => {
            return match difference.needed {
                _ if difference.p.is_none() => "one run cannot tell".to_owned(),
                Some(needed) => format!("not told; {} runs", short(needed)),
                None => "not told".to_owned(),
            };
        }
    };
    match difference.p_holm {
        Some(p) if p < 0.000_5 => format!("{found}, p < 0.001"),
        Some(p) => format!("{found}, p = {p:.3}"),
        None => found.to_owned(),
    }
}

/// A large number in few letters.
fn short(number: u64) -> String {
    match number {
        small if small < 10_000 => small.to_string(),
        thousands if thousands < 1_000_000 => format!("{}k", thousands / 1_000),
        millions => format!("{}M", millions / 1_000_000),
    }
}

/// A ratio of variances.
fn times(ratio: f64) -> String {
    if ratio < 9.95 { format!("{ratio:.1}") } else { format!("{ratio:.0}") }
}

/// A share as a percentage, without needless zeros.
pub(super) fn percent(share: f64) -> String {
    rounded(share * 100.0)
}

pub(super) fn rounded(number: f64) -> String {
    format!("{number:.4}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A bar of that part of a width; nothing for nothing, and for what is no part.
fn bar(part: f64, width: usize) -> String {
    if !(part > 0.0 && part <= 1.0) {
        return String::new();
    }
    let eighths = (libm::rint(part * width as f64 * 8.0) as usize).max(1);
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    format!("{}{rest}", "█".repeat(eighths / 8))
}

fn right(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(text.chars().count())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Workers;
    use crate::experiment::comparison::{Bouts, Contest, HEADLINES, Rival, compare};
    use crate::simulation::sample;

    /// Two small desks that differ in their people alone.
    fn small() -> Comparison {
        let desk = |agents| {
            let mut model = sample::model(agents);
            model.settings.channels[0].limit = sample::cap(1);
            let plan = sample::customers(&mut model.names, sample::per_hour(30.0), 100.0);
            model.plan.customers.push(plan);
            model
        };
        let models = [("one", desk(1)), ("two, or \"more\"", desk(2)), ("one again", desk(1))];
        let rivals: Vec<Rival<'_>> = models.iter().map(|(name, model)| Rival { name, sets: &[], model }).collect();
        let metrics = ["queue.wait.mean", "tickets.created", "agents.occupancy"].iter().chain(&HEADLINES[..1]);
        let contest = Contest {
            metrics: metrics.map(|metric| metric.parse().unwrap()).collect(),
            reference: 0,
            level: 0.95,
            seed: 3,
            repetition: Bouts::Times(6),
        };
        compare(&rivals, &contest, &Workers::new(Some(1)).unwrap(), &|_| ()).unwrap()
    }

    #[test]
    fn bars_show_parts_of_the_largest() {
        let bars = [0.0, 0.001, 0.5, 0.77, 1.0, 1.5, -1.0, f64::NAN].map(|part| bar(part, 6));
        assert_eq!(bars, ["", "▏", "███", "████▋", "██████", "", "", ""]);
    }

    #[test]
    fn markdown_has_a_row_for_each_figure_that_differs() {
        let comparison = small();
        let text = crate::report::comparison_markdown(&comparison);
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
        assert_eq!(rows.len(), 4, "{text}");
        assert!(rows[0].contains("one (reference)") && rows[0].contains("two, or \"more\""), "{text}");
        assert!(
            rows.iter().all(|row| row.matches(" | ").count() == rows[0].matches(" | ").count() || row.contains("---"))
        );
        assert!(text.contains("**") && text.contains("better, p = 0.001") && text.contains("the same"), "{text}");
        assert!(text.contains("The same for all, in every run: tickets.created"), "{text}");
    }

    #[test]
    fn a_page_of_a_comparison_fits_and_says_it_all() {
        let comparison = small();
        let page = comparison_page(&comparison, Style::Plain);
        for line in page.lines() {
            assert!(line.chars().count() <= WIDTH && line == line.trim_end(), "{line:?}");
        }
        let row = |name: &str| page.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        assert!(row("two, or").contains("better, p = 0.001"), "{page}");
        assert!(row("one again").ends_with("the same"), "{page}");
        assert!(page.contains("The same for all, in every run: tickets.created"), "{page}");
        assert!(page.contains("sla.first_response.breach_rate (no data)"), "{page}");
        assert!(page.contains("Holm over 4 tests"), "{page}");
        let coloured = comparison_page(&comparison, Style::Colour);
        assert_ne!(coloured, page);
        assert_eq!(coloured.replace("\u{1b}[1m", "").replace("\u{1b}[0m", ""), page);
    }

    #[test]
    fn the_table_has_a_row_for_each_value_and_reads_back() {
        let comparison = small();
        let table = comparison_csv(&comparison);
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 4 * 3 * 6);
        let row = rows.iter().find(|row| row[0] == *"queue.wait.mean" && row[2] == *"two, or \"more\"").unwrap();
        let value = comparison.entry("queue.wait.mean", "two, or \"more\"").unwrap().values[0].unwrap();
        assert_eq!((row[3].parse(), row[4].parse()), (Ok(0_u32), Ok(value)));
        let read: serde_json::Value = serde_json::from_str(&comparison_json(&comparison)).unwrap();
        assert_eq!((read["schema"].as_u64(), read["kind"].as_str()), (Some(1), Some("compare")));
        let again: Comparison = serde_json::from_value(read).unwrap();
        assert!(again == comparison, "it reads back to something else");
    }
}
