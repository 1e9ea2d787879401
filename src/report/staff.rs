//! The answer of `staff`: JSON and a tidy table for machines, a page for people.

use super::json::SCHEMA;
use super::long_csv::{LongCsv, count, json_number};
use super::outline::outline;
use super::page::{Style, WIDTH, bold, clean, length, rough, wrapped};
use super::quantity::{FIRM, LONG, NONE, figure, quantity, with_power};
use super::table::{Column, table};
use super::unsettled::{warnings, word as word_of_stability};
use crate::experiment::Summary;
use crate::experiment::staffing::{
    DeskVerdict, Holds, PeakLoad, Proof, Scope, StaffPlan, StaffTarget, Staffed, Staffing, TargetFigure,
};
use crate::measures::Unit;
use crate::time::Span;
use serde::Serialize;
use serde_json::Value;
use std::fmt::Write;
use std::io;

/// The frontier for people has at most so many rows.
const ROWS: usize = 20;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    kind: &'static str,
    #[serde(flatten)]
    staffing: &'a Staffing,
}

/// The answer as JSON text: one object, one line for each desk.
pub fn staff_json(staffing: &Staffing) -> String {
    outline(&Document { schema: SCHEMA, kind: "staff", staffing }, 2)
}

/// All desks that were looked at as a long table in CSV: a row for each desk and metric, with its counts in columns.
///
/// # Errors
/// Those of the writer.
pub fn staff_csv(staffing: &Staffing, out: impl io::Write) -> io::Result<()> {
    let mut rows = LongCsv::new(out);
    let paths = staffing.plan.counts.iter().map(|count| count.path.as_str());
    let own = [
        "cost",
        "verdict",
        "proved",
        "frontier",
        "metric",
        "mean",
        "ci95_low",
        "ci95_high",
        "n",
        "sd",
        "p10",
        "p50",
        "p90",
        "stability",
    ];
    rows.row(paths.chain(own))?;
    for desk in &staffing.desks {
        let targets = desk.targets.iter().map(|target| (&target.metric, target.figure));
        let beside = desk.metrics.iter().map(|(metric, summary)| (metric, *summary));
        for (metric, summary) in targets.chain(beside) {
            let end = |end: usize| json_number(summary.and_then(|summary: Summary| summary.ci95).map(|ends| ends[end]));
            let tail =
                |tail: usize| json_number(summary.and_then(|summary: Summary| summary.tails).map(|tails| tails[tail]));
            let row = [
                json_number(Some(desk.cost)),
                serde_json::to_value(desk.verdict)?.as_str().unwrap_or_default().to_owned().into(),
                count(desk.proved),
                count(desk.frontier),
                metric.to_string().into(),
                json_number(summary.map(|summary| summary.mean)),
                end(0),
                end(1),
                count(summary.map_or(0, |summary| summary.n)),
                json_number(summary.and_then(|summary| summary.sd)),
                tail(0),
                tail(1),
                tail(2),
                word_of_stability(desk.stability.as_ref()).into(),
            ];
            rows.row(desk.counts.values().map(count).chain(row))?;
        }
    }
    rows.finish()
}

/// The answer as a page of text: the staff, why there is nothing less, and what other costs would buy.
pub fn staff_page(staffing: &Staffing, style: Style) -> String {
    let mut page = Page { staffing, style, out: String::new() };
    page.head();
    page.answer();
    page.frontier();
    page.start();
    page.foot();
    page.out
}

struct Page<'a> {
    staffing: &'a Staffing,
    style: Style,
    out: String,
}

impl Page<'_> {
    fn head(&mut self) {
        for line in wrapped(&clean(&self.staffing.title), WIDTH) {
            bold(&line, self.style, &mut self.out);
        }
        about(self.staffing).iter().for_each(|words| self.words(0, words));
        self.heading("Targets");
        targets(&self.staffing.plan).iter().for_each(|words| self.words(2, words));
    }

    fn answer(&mut self) {
        let (Some(answer), Some(proof)) = (&self.staffing.answer, &self.staffing.proof) else {
            self.heading("Nearest to them");
            let nearest: Vec<(String, &Staffed)> =
                self.staffing.nearest.iter().map(|desk| (String::new(), desk)).collect();
            self.desks(&nearest);
            let stability = self.staffing.nearest.as_ref().and_then(|desk| desk.stability.as_ref());
            warnings(stability).iter().for_each(|warning| self.words(2, warning));
            self.words(2, "Raise a bound, lower a target, or give the desk less to do.");
            return;
        };
        self.heading(&format!("Proof, on customers that the search did not see (seed {})", self.staffing.proof_seed));
        let fewer = proof.one_fewer.iter().map(|desk| ("one fewer".to_owned(), desk));
        let rows: Vec<(String, &Staffed)> = std::iter::once(("answer".to_owned(), answer)).chain(fewer).collect();
        self.desks(&rows);
        self.words(2, &proved(self.staffing, proof));
        warnings(answer.stability.as_ref()).iter().for_each(|warning| self.words(2, warning));
        refuted(self.staffing).iter().for_each(|words| self.words(2, words));
    }

    fn frontier(&mut self) {
        self.heading("What a cost buys");
        let (shown, left) = frontier(self.staffing);
        let rows: Vec<(String, &Staffed)> = shown.iter().map(|desk| (String::new(), *desk)).collect();
        self.desks(&rows);
        if left > 0 {
            self.words(2, &format!("… and {left} more, in the JSON."));
        }
    }

    fn start(&mut self) {
        if self.staffing.loads.is_empty() {
            return;
        }
        self.heading("What Erlang's formulas say of the busiest time");
        let columns: Vec<Column> =
            peak_loads(self.staffing).into_iter().map(|(name, cells)| Column::new(name, cells)).collect();
        table(&columns, &mut self.out);
        self.words(2, &started(self.staffing));
    }

    fn foot(&mut self) {
        let Staffing { version, draws, scenario, digest, .. } = self.staffing;
        self.out.push('\n');
        self.words(0, &format!("desksim {version}, draws {draws}"));
        self.words(0, &format!("scenario {scenario}"));
        self.words(0, &format!("digest   {digest}"));
    }

    /// Desks beside what they cost and how they do; every target is shown, in a table more where one has no room for all.
    fn desks(&mut self, rows: &[(String, &Staffed)]) {
        let (keys, facts) = facts(self.staffing, rows);
        let columns: Vec<Column> = facts.into_iter().map(|(name, cells)| Column::new(&name, cells)).collect();
        let targets_end = keys + 2 + self.staffing.plan.targets.len();
        let mut shown = table(&columns, &mut self.out);
        while (keys..targets_end).contains(&shown) {
            let more: Vec<Column> = columns[..keys].iter().chain(&columns[shown..targets_end]).cloned().collect();
            self.out.push('\n');
            let fit = table(&more, &mut self.out);
            if fit <= keys {
                break;
            }
            shown += fit - keys;
        }
    }

    fn heading(&mut self, text: &str) {
        self.out.push('\n');
        bold(text, self.style, &mut self.out);
    }

    fn words(&mut self, indent: usize, text: &str) {
        for line in wrapped(text, WIDTH - indent) {
            writeln!(self.out, "{}", format!("{:indent$}{line}", "").trim_end()).expect("text grows");
        }
    }
}

/// What was found, and by how much work, in sentences.
pub(super) fn about(staffing: &Staffing) -> Vec<String> {
    let Staffing { desks, replications, duration, seed, .. } = staffing;
    let found = match &staffing.answer {
        Some(answer) => {
            let counts: Vec<String> =
                answer.counts.iter().map(|(path, heads)| format!("{} {heads}", clean(path))).collect();
            format!(
                "The least staff that meets the targets: {}, for a cost of {}.",
                counts.join(", "),
                cost(answer.cost)
            )
        }
        None => "No staff within the bounds meets the targets.".to_owned(),
    };
    let runs = length(Span::from_secs_f64(*duration));
    let mut about =
        vec![found, format!("{} desks were looked at, in {replications} runs of {runs}, seed {seed}.", desks.len())];
    if staffing.warmup.max(staffing.proof_warmup) > 0.0 {
        about.push(format!("{}.", left_out_words(staffing)));
    }
    let summaries = desks.iter().flat_map(|desk| desk.targets.iter().filter_map(|target| target.figure));
    let marks = rough(summaries);
    if !marks.is_empty() {
        about.push(format!("Figures are means ± the longer side of their 95\u{a0}% interval.{marks}"));
    }
    about
}

/// What must hold, a line for each target, and the sense where all share it.
pub(super) fn targets(plan: &StaffPlan) -> Vec<String> {
    let alike = sense_of_all(plan);
    let line = |target: &StaffTarget| {
        let own = if alike.is_none() { format!(" {}", sense(plan, target)) } else { String::new() };
        format!("{} {}{own}", clean(&target.metric.to_string()), limits(target))
    };
    plan.targets.iter().map(line).chain(alike.as_ref().map(|sense| format!("({sense})"))).collect()
}

/// What the proof shows, in sentences.
pub(super) fn proved(staffing: &Staffing, proof: &Proof) -> String {
    let untold = proof.one_fewer.iter().any(|desk| desk.verdict == DeskVerdict::CannotTell);
    let mut words = match (proof.one_fewer.is_empty(), untold) {
        (true, _) => "Every count is at its least.".to_owned(),
        (false, false) => "With one head fewer of anything the targets are missed.".to_owned(),
        (false, true) => format!(
            "With one head fewer of anything the targets are missed, or {} runs cannot tell that they are met.",
            staffing.plan.max_replications
        ),
    };
    if staffing.plan.counts.len() > 1 {
        words.push_str(match proof.scope {
            Scope::Everywhere => " As far as more heads never harm, nothing cheaper meets them.",
            Scope::Nearby => {
                " There may be something cheaper with more of one and fewer of another: the search ended before all such \
                 desks were ruled out."
            }
        });
    }
    words
}

/// How often the search was wrong, where it was.
pub(super) fn refuted(staffing: &Staffing) -> Option<String> {
    match staffing.approach.refuted {
        0 => None,
        1 => Some("One desk met the targets in the search by luck, and did not here.".to_owned()),
        more => Some(format!("{more} desks met the targets in the search by luck, and did not here.")),
    }
}

/// The part of the frontier that is of most interest, about the answer, and how many desks of it are not shown.
pub(super) fn frontier(staffing: &Staffing) -> (Vec<&Staffed>, usize) {
    let all: Vec<&Staffed> = staffing.desks.iter().filter(|desk| desk.frontier).collect();
    let centre = staffing.answer.as_ref().map_or(f64::INFINITY, |answer| answer.cost);
    let at = all.iter().take_while(|desk| desk.cost < centre).count();
    let from = at.saturating_sub(ROWS / 2).min(all.len().saturating_sub(ROWS));
    let shown = all[from..all.len().min(from + ROWS)].to_vec();
    let left = all.len() - shown.len();
    (shown, left)
}

/// What Erlang's formulas say, as columns.
pub(super) fn peak_loads(staffing: &Staffing) -> [(&'static str, Vec<String>); 6] {
    let of = |text: &dyn Fn(&PeakLoad) -> String| staffing.loads.iter().take(ROWS).map(text).collect::<Vec<_>>();
    [
        ("group", of(&|load| load.group.clone())),
        ("an hour", of(&|load| quantity(load.per_hour, Unit::Count, load.per_hour))),
        ("work each", of(&|load| quantity(load.work, Unit::Seconds, load.work))),
        ("load", of(&|load| quantity(load.load, Unit::Count, load.load))),
        ("heads", of(&|load| load.heads.to_string())),
        ("by", of(&|load| format!("{:?}", load.formula).replace("Erlang", "Erlang "))),
    ]
}

/// Where the search started, in a sentence.
pub(super) fn started(staffing: &Staffing) -> String {
    let start: Vec<String> =
        staffing.approach.start.iter().map(|(path, heads)| format!("{} {heads}", clean(path))).collect();
    format!("They know of no shifts, caps and pauses; the search started at {}.", start.join(", "))
}

/// Desks beside what they cost and how they do, as columns; the first of them, how many is said first, tell the desks apart.
pub(super) fn facts(staffing: &Staffing, rows: &[(String, &Staffed)]) -> (usize, Vec<(String, Vec<String>)>) {
    let mut columns = Vec::new();
    if rows.iter().any(|(label, _)| !label.is_empty()) {
        columns.push((String::new(), rows.iter().map(|(label, _)| label.clone()).collect()));
    }
    let keys = columns.len() + staffing.plan.counts.len();
    let mut add = |name: &str, of: &dyn Fn(&Staffed) -> String| {
        columns.push((name.to_owned(), rows.iter().map(|(_, desk)| of(desk)).collect()));
    };
    for count in &staffing.plan.counts {
        add(&count.path, &|desk| desk.counts.get(&count.path).map_or(String::new(), Value::to_string));
    }
    add("cost", &|desk| cost(desk.cost));
    add("targets", &|desk| word(desk.verdict).to_owned());
    for (at, target) in staffing.plan.targets.iter().enumerate() {
        let unit = target.metric.metric().unit;
        add(&target.metric.to_string(), &|desk| desk.targets.get(at).map_or(NONE.to_owned(), |told| shown(told, unit)));
    }
    add("runs", &|desk| desk.replications.to_string());
    let beside = rows.first().into_iter().flat_map(|(_, desk)| &desk.metrics).map(|(metric, _)| metric);
    for metric in beside {
        let of = |desk: &Staffed| desk.metrics.iter().find(|(known, _)| known == metric).and_then(|(_, told)| *told);
        if rows.iter().all(|(_, desk)| of(desk).is_none()) {
            continue;
        }
        add(&metric.to_string(), &|desk| figure(of(desk), metric.metric().unit));
    }
    (keys, columns)
}

/// What is left out of all desks' figures, in words.
fn left_out_words(staffing: &Staffing) -> String {
    let span = |secs: f64| length(Span::from_secs_f64(secs));
    let (search, proof) = (span(staffing.warmup), span(staffing.proof_warmup));
    if search == proof || staffing.proof.is_none() {
        return format!("The first {search} of each run is left out");
    }
    format!("The first {search} of each run is left out, of the proof's {proof}")
}

/// In which sense a target must hold, and how surely.
pub(super) fn sense(plan: &StaffPlan, target: &StaffTarget) -> String {
    let confidence = quantity(plan.confidence(target), Unit::Share, 1.0);
    match plan.holds(target) {
        Holds::Mean => format!("in the mean over the runs, with {confidence} confidence"),
        Holds::ShareOfDays(share) => {
            format!("in {} of the runs, with {confidence} confidence", quantity(share, Unit::Share, 1.0))
        }
    }
}

/// The sense of all targets, where it is the same.
pub(super) fn sense_of_all(plan: &StaffPlan) -> Option<String> {
    let mut senses = plan.targets.iter().map(|target| sense(plan, target));
    let first = senses.next()?;
    senses.all(|other| other == first).then_some(first)
}

/// A target's figure: the share of runs within the limit where that is what counts, else the mean.
pub(super) fn shown(told: &TargetFigure, unit: Unit) -> String {
    match told.share {
        Some(share) => format!("{} of runs", quantity(share, Unit::Share, 1.0)),
        None => figure(told.figure, unit),
    }
}

pub(super) fn limits(target: &StaffTarget) -> String {
    let unit = target.metric.metric().unit;
    let limit =
        |words: &str, limit: Option<f64>| limit.map(|limit| format!("{words}{FIRM}{}", quantity(limit, unit, limit)));
    let both = [limit("at most", target.at_most), limit("at least", target.at_least)];
    both.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

pub(super) fn word(verdict: DeskVerdict) -> &'static str {
    match verdict {
        DeskVerdict::Meets => "met",
        DeskVerdict::Fails => "missed",
        DeskVerdict::CannotTell => "cannot tell",
    }
}

pub(super) fn cost(cost: f64) -> String {
    if libm::fabs(cost) >= LONG {
        return with_power(cost);
    }
    let text = format!("{cost:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
