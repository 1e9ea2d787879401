//! Results as a page of text, for planners: the verdict first, then the queue, the customers and the agents.
//!
//! It fits 80 columns. Figures are means over the replications, each with half the width of its 95 % interval. Colour
//! only repeats what the words say.

use super::quantity::{FIRM, NONE, duration, figure, mean, quantity};
use super::unsettled::{consequences, load};
use crate::experiment::{Batches, ChosenWarmup, Picture, Results, Summary, Target};
use crate::measures::{Label, Unit};
use crate::text::visible;
use crate::time::Span;
use std::fmt::Write;

/// How wide the page is at most, in characters.
pub const WIDTH: usize = 80;

/// A table shows this many channels or groups; the JSON has all.
const ROWS: usize = 20;

/// Whether the page is coloured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// Text alone.
    Plain,
    /// Headings stand out by ANSI escape codes.
    Colour,
}

/// Results as a page of text, with a newline at the end.
pub fn page(results: &Results, style: Style) -> String {
    written(results, None, style)
}

/// The same with how the run went over time.
pub fn page_with_picture(results: &Results, picture: &Picture, style: Style) -> String {
    written(results, Some(picture), style)
}

fn written(results: &Results, picture: Option<&Picture>, style: Style) -> String {
    let mut page = Page { results, style, out: String::new() };
    page.head();
    page.verdict();
    if let Some(picture) = picture {
        page.course(picture);
    }
    page.stability();
    page.notes();
    page.queue();
    page.customers();
    page.channels();
    page.groups();
    page.foot();
    page.out
}

/// What was run, and what its figures mean.
pub(super) fn about(results: &Results) -> String {
    let Results { facts, replications, seed, .. } = results;
    let runs = if *replications == 1 { "1 run".to_owned() } else { format!("{replications} runs") };
    let left_out = format!(", the first {} left out", length(facts.warmup));
    let warmup = match (facts.warmup, facts.chosen_warmup) {
        (_, Some(ChosenWarmup::Settles(_))) => format!("{left_out} (MSER-5)"),
        (_, Some(ChosenWarmup::DoesNotSettle(_))) => {
            format!("{left_out} (half: MSER-5 finds no end of the warm-up)")
        }
        (_, Some(ChosenWarmup::TooShort)) => ", nothing left out (too short for MSER-5)".to_owned(),
        (Span::ZERO, None) => String::new(),
        (_, None) => left_out,
    };
    let batched;
    let interval = if let Some(batches) = &results.batches {
        batched = match too_short(batches) {
            Some(why) => format!("No figure has an interval: {why}."),
            None => format!(
                "Each figure is the run's ± the longer side of its 95\u{a0}% interval, from {} batches of {}; largest values, what is \
                 left at the end, balance and what is rare have none.",
                batches.count,
                length(batches.length),
            ),
        };
        &batched
    } else if *replications == 1 {
        "One run has no interval: ask for more replications to know how sure the figures are."
    } else {
        "Each figure is a mean over the runs ± the longer side of its 95\u{a0}% interval."
    };
    format!(
        "{runs} of {}{warmup}, seed {seed}. {interval}{}",
        length(facts.duration),
        rough(results.figures.iter().filter_map(|figure| figure.summary))
    )
}

/// What marks those figures that have fewer replications than their interval needs; nothing where none has.
pub(super) fn rough(summaries: impl Iterator<Item = Summary>) -> String {
    let needs: Vec<u64> = summaries.filter(|summary| !summary.is_believable()).filter_map(|of| of.needs).collect();
    let (Some(least), Some(most)) = (needs.iter().min(), needs.iter().max()) else { return String::new() };
    let range = if least == most { least.to_string() } else { format!("{least} to {most}") };
    format!(" * marks intervals with too few runs to be believed: they need {range}.")
}

/// What it came to, in sentences that begin with what they are about.
pub(super) fn verdict(results: &Results) -> Vec<String> {
    let page = Page { results, style: Style::Plain, out: String::new() };
    let started = |timer: &str| page.desk(&format!("sla.{timer}.started")).is_some_and(|of| of.mean > 0.0);
    let mut lines = if started("first_response") || started("closure") {
        vec![
            page.timer("First response", "first_response", "first reply", |target| target.first_response),
            page.timer("Closure", "closure", "closure", |target| target.closure),
        ]
    } else {
        vec![page.service()]
    };
    lines.extend([page.balance(), page.tickets()]);
    lines
}

/// Whether the figures describe a state that lasts, and how well the main ones are known, in sentences.
pub(super) fn stability(results: &Results) -> Vec<String> {
    let Some(stability) = &results.stability else { return Vec::new() };
    let mut lines: Vec<String> = stability.groups.iter().take(ROWS).map(load).collect();
    lines.extend(more(stability.groups.len()));
    lines.extend(consequences(stability));
    let precision: Vec<String> = results
        .precision()
        .filter_map(|(metric, share)| {
            let name = match metric {
                "sla.first_response.breach_rate" => "first replies breached",
                "customer.first_response.mean" => "first reply",
                "queue.wait.mean" => "wait",
                _ => "occupancy",
            };
            Some(format!("{name}{FIRM}{:.1}{FIRM}%", share? * 100.0))
        })
        .collect();
    if !precision.is_empty() {
        lines.push(format!("Precision, half the interval over the mean: {}.", precision.join(", ")));
    }
    lines
}

fn more(count: usize) -> Option<String> {
    (count > ROWS).then(|| format!("… and {} more, in the JSON.", count - ROWS))
}

struct Page<'a> {
    results: &'a Results,
    style: Style,
    out: String,
}

impl Page<'_> {
    fn head(&mut self) {
        let facts = &self.results.facts;
        let title = if facts.title.trim().is_empty() { "Untitled" } else { &facts.title };
        for line in wrapped(&clean(title), WIDTH) {
            self.bold(&line);
        }
        self.words(0, &about(self.results));
    }

    fn verdict(&mut self) {
        self.heading("Verdict");
        for line in verdict(self.results) {
            self.words(2, &line);
        }
    }

    fn stability(&mut self) {
        let lines = stability(self.results);
        if !lines.is_empty() {
            self.heading("Stability");
        }
        for line in lines {
            self.words(2, &line);
        }
    }

    fn notes(&mut self) {
        let lines = super::notes(self.results);
        if !lines.is_empty() {
            self.heading("Notes");
        }
        for line in lines {
            self.words(2, &line);
        }
    }

    fn timer(&self, name: &str, timer: &str, end: &str, target: fn(&Target) -> Option<Span>) -> String {
        let targets: Vec<String> = self
            .results
            .facts
            .targets
            .iter()
            .filter_map(|channel| target(channel).map(|span| format!("{} {}", clean(&channel.channel), length(span))))
            .collect();
        let of = |suffix: &str| self.desk(&format!("sla.{timer}.{suffix}"));
        let own = if timer == "closure" { "customer.resolution.mean" } else { "customer.first_response.mean" };
        let own = figure(self.desk(own), Unit::Seconds);
        if of("started").is_none_or(|started| started.mean == 0.0) {
            let why = if targets.is_empty() { "no channel has a target" } else { "no timer started" };
            let waited = if own == NONE { String::new() } else { format!(" Customers waited {own}, queue included.") };
            return format!("{name}: {why}.{waited}");
        }
        let mut text = format!("{name}: {} of the timers breached", figure(of("breach_rate"), Unit::Share));
        if !targets.is_empty() {
            let shown = targets.iter().take(6).cloned().collect::<Vec<_>>().join(", ");
            let more = if targets.len() > 6 { ", …" } else { "" };
            write!(text, " (target: {shown}{more})").expect("text grows");
        }
        if of("overrun.mean").is_some() {
            write!(text, ", late by {} on average", mean(of("overrun.mean"), Unit::Seconds)).expect("text grows");
        }
        let time = figure(of("time.mean"), Unit::Seconds);
        let waits = match (time != NONE, own != NONE) {
            (true, true) => {
                format!(
                    " By the SLA clock it took {time} from assignment to {end}; customers waited {own}, queue included."
                )
            }
            (true, false) => format!(" By the SLA clock it took {time} from assignment to {end}."),
            (false, true) => format!(" Customers waited {own}, queue included."),
            (false, false) => String::new(),
        };
        write!(text, ".{waits}").expect("text grows");
        text
    }

    /// What customers put up with, where no timer started that would say it.
    fn service(&self) -> String {
        let mut parts = Vec::new();
        if let Some(rate) = self.desk("tickets.abandon_rate").filter(|rate| rate.mean > 0.0) {
            parts.push(format!("{} of the tickets abandoned", figure(Some(rate), Unit::Share)));
        }
        for (metric, words) in [
            ("customer.first_response.mean", "customers waited {} for a first reply, queue included"),
            ("queue.wait.p95", "95\u{a0}% of those assigned from the queue waited no longer than {}"),
            ("customer.resolution.mean", "resolution took {}"),
        ] {
            if let Some(of) = self.desk(metric) {
                parts.push(words.replace("{}", &figure(Some(of), Unit::Seconds)));
            }
        }
        let targets = &self.results.facts.targets;
        let why = match targets.iter().all(|of| of.first_response.or(of.closure).is_none()) {
            true => "No channel has an SLA.",
            false => "No SLA timer started.",
        };
        match parts.is_empty() {
            true => format!("Service: {why}"),
            false => format!("Service: {}. {why}", parts.join("; ")),
        }
    }

    fn balance(&self) -> String {
        let of = |metric| self.desk(metric);
        if of("balance.assigned.jain").is_none() {
            return "Balance: no agent of a group was assigned a ticket while available.".to_owned();
        }
        format!(
            "Balance: tickets per available hour are spread over a group's agents with a Jain index of {} (1 is even); \
             the most laden has {} times the mean. Agents are occupied {} of the time they are connected.",
            figure(of("balance.assigned.jain"), Unit::Ratio),
            figure(of("balance.assigned.max_over_mean"), Unit::Ratio),
            figure(of("agents.occupancy"), Unit::Share),
        )
    }

    fn tickets(&self) -> String {
        let count = |metric: &str| figure(self.desk(metric), Unit::Count);
        let some = |metric: &str| self.desk(metric).is_some_and(|summary| summary.mean > 0.0);
        let mut text = format!("Tickets: {} created, {} closed", count("tickets.created"), count("tickets.closed"));
        for (metric, words) in [("tickets.reopened", "reopened"), ("tickets.escalated", "escalated")] {
            if some(metric) {
                write!(text, ", {} {words}", count(metric)).expect("text grows");
            }
        }
        if some("tickets.abandoned") {
            let share = figure(self.desk("tickets.abandon_rate"), Unit::Share);
            write!(text, ", {} abandoned ({share})", count("tickets.abandoned")).expect("text grows");
        }
        write!(text, "; {} open at the end.", count("tickets.open_at_end")).expect("text grows");
        text
    }

    fn queue(&mut self) {
        self.heading("Queue");
        self.row("", &["mean", "90 % within", "95 % within"].map(str::to_owned));
        self.times("wait until assigned", "queue.wait");
        let share = |metric: &str| figure(self.desk(metric), Unit::Share);
        let count = |metric: &str| figure(self.desk(metric), Unit::Count);
        let lines = [
            format!("assigned at once    {}", share("queue.wait.zero_share")),
            format!(
                "waited over 60s     {}; over{FIRM}5m{FIRM}{}; over{FIRM}1h{FIRM}{}",
                share("queue.wait.over.60s"),
                share("queue.wait.over.300s"),
                share("queue.wait.over.3600s")
            ),
            format!("tickets in it       {}; at most {}", count("queue.length.mean"), count("queue.length.max")),
        ];
        for line in lines {
            self.words(2, &line);
        }
    }

    fn customers(&mut self) {
        self.heading("Customers, and the SLA's clock beside");
        self.row("", &["mean", "90 % within", "95 % within"].map(str::to_owned));
        self.times("first reply", "customer.first_response");
        self.times("  by the SLA clock", "sla.first_response.time");
        self.times("resolution", "customer.resolution");
        self.times("  by the SLA clock", "sla.closure.time");
    }

    fn channels(&mut self) {
        let targets = &self.results.facts.targets;
        if targets.len() < 2 {
            return;
        }
        self.heading("Channels");
        self.row("", &["reply breached", "closure breached", "mean wait"].map(str::to_owned));
        for target in targets.iter().take(ROWS) {
            let of = |metric: &str| self.labelled(metric, "channel", &target.channel);
            let cells = [
                figure(of("sla.first_response.breach_rate"), Unit::Share),
                figure(of("sla.closure.breach_rate"), Unit::Share),
                figure(of("queue.wait.mean"), Unit::Seconds),
            ];
            self.row(&target.channel, &cells);
        }
        self.more(targets.len());
    }

    fn groups(&mut self) {
        self.heading("Agents by group");
        let groups = &self.results.facts.groups;
        if groups.is_empty() {
            self.words(2, "There are no groups.");
            return;
        }
        self.row("", &["occupancy", "open tickets each", "balance (Jain)"].map(str::to_owned));
        for group in groups.iter().take(ROWS) {
            let of = |metric: &str| self.labelled(metric, "group", &group.name);
            let cells = [
                figure(of("agents.occupancy"), Unit::Share),
                figure(of("agents.open.mean"), Unit::Count),
                figure(of("balance.assigned.jain"), Unit::Ratio),
            ];
            let size = format!(" ({})", group.agents);
            self.row(&(cut(&clean(&group.name), LABEL - size.len()) + &size), &cells);
        }
        self.more(groups.len());
        self.each_agent();
        if self.desk("agents.over_cap_share").is_some_and(|share| share.mean > 0.0) {
            let share = figure(self.desk("agents.over_cap_share"), Unit::Share);
            self.words(2, &format!("Over their cap for {share} of the time they are connected."));
        }
    }

    /// A bar for each agent, in listed order, where that shows more than the spread's number does.
    fn each_agent(&mut self) {
        for (name, metric, unit) in [
            ("tickets by agent", "tickets.assigned", Unit::Count),
            ("occupancy by agent", "agents.occupancy", Unit::Share),
        ] {
            let figures = self.results.figures.iter().filter(|figure| {
                figure.selector.metric().name == metric && figure.selector.label(Label::Agent).is_some()
            });
            let values: Vec<f64> = figures.filter_map(|figure| Some(figure.summary?.mean)).collect();
            if !(2..=BARS).contains(&values.len()) {
                continue;
            }
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let most = values.iter().copied().fold(0.0, f64::max);
            let (least, most) = (quantity(least, unit, least), quantity(most, unit, most));
            writeln!(self.out, "  {}{}  {least} to {most}", pad(name, LABEL), sparkline(&values).replace(FIRM, " "))
                .expect("text grows");
        }
    }

    /// How the run went over time, a bar for each stretch of it; means over the replications.
    fn course(&mut self, picture: &Picture) {
        self.heading("Over the run");
        for (name, label, unit) in [
            ("queue", "tickets in the queue", Unit::Count),
            ("wait", "wait until assigned", Unit::Seconds),
            ("arrivals", "come per hour", Unit::Count),
            ("available", "available agents", Unit::Count),
        ] {
            let Some(series) = picture.series.iter().find(|series| series.name == name) else { continue };
            let values = condensed(&series.mean, BARS);
            let most = series.mean.iter().flatten().copied().fold(0.0, f64::max);
            let bars = sparkline(&values);
            let most = quantity(most, unit, most).replace(FIRM, " ");
            writeln!(self.out, "  {}{bars}  at most {most}", pad(label, LABEL)).expect("text grows");
        }
    }

    fn foot(&mut self) {
        let Results { version, scenario, seed, replications, digest, draws, .. } = self.results;
        self.out.push('\n');
        let lines = [
            format!("desksim {version}, seed {seed}, replications {replications}, draws {draws}"),
            format!("scenario {scenario}"),
            format!("digest   {digest}"),
        ];
        for line in lines {
            self.words(0, &line);
        }
    }

    fn desk(&self, metric: &str) -> Option<Summary> {
        self.results.get(metric)?.summary
    }

    fn labelled(&self, metric: &str, label: &str, value: &str) -> Option<Summary> {
        self.results.labelled(metric, label, value)?.summary
    }

    fn times(&mut self, name: &str, metric: &str) {
        let cells =
            ["mean", "p90", "p95"].map(|suffix| figure(self.desk(&format!("{metric}.{suffix}")), Unit::Seconds));
        self.row(name, &cells);
    }

    /// A line of a table: a label and three cells.
    fn row(&mut self, label: &str, cells: &[String; 3]) {
        let mut line = format!("  {}", pad(&cut(&clean(label), LABEL), LABEL));
        for cell in cells {
            // A number too wide for its cell stands without its interval.
            let wide = cell.chars().count() >= CELL;
            let cell = if wide { cell.split('±').next().unwrap_or(cell).trim_end() } else { cell };
            let cell = cut(cell, CELL - 1);
            line.push_str(&" ".repeat(CELL - cell.chars().count()));
            line.push_str(&cell);
        }
        writeln!(self.out, "{}", line.trim_end().replace(FIRM, " ")).expect("text grows");
    }

    fn more(&mut self, count: usize) {
        if let Some(line) = more(count) {
            self.words(2, &line);
        }
    }

    fn heading(&mut self, text: &str) {
        self.out.push('\n');
        self.bold(text);
    }

    fn bold(&mut self, text: &str) {
        bold(text, self.style, &mut self.out);
    }

    /// Words that run on, wrapped; lines after the first stand two further in.
    fn words(&mut self, indent: usize, text: &str) {
        for (n, line) in wrapped(text, WIDTH - indent - 2).into_iter().enumerate() {
            let indent = " ".repeat(if n == 0 || indent == 0 { indent } else { indent + 2 });
            writeln!(self.out, "{indent}{line}").expect("text grows");
        }
    }
}

/// Columns of tables: the label, then three cells; with the margin of two they fill the page.
const LABEL: usize = 21;
const CELL: usize = 19;

/// A line that stands out, where there is colour.
pub(super) fn bold(text: &str, style: Style, out: &mut String) {
    match style {
        Style::Plain => writeln!(out, "{text}"),
        Style::Colour => writeln!(out, "\u{1b}[1m{text}\u{1b}[0m"),
    }
    .expect("text grows");
}

/// Bars in a line, at most.
const BARS: usize = 40;

/// Values from zero up as a line of bars; what is zero is a line at the bottom.
fn sparkline(values: &[f64]) -> String {
    let most = values.iter().copied().fold(0.0, f64::max);
    let bar = |value: &f64| match value / most {
        part if part > 0.0 => ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'][((part * 8.0) as usize).min(7)],
        _ => '▁',
    };
    values.iter().map(bar).collect()
}

/// Values taken together until there are at most `most`: means of those there are.
fn condensed(values: &[Option<f64>], most: usize) -> Vec<f64> {
    let together = values.len().div_ceil(most).max(1);
    let mean = |part: &[Option<f64>]| {
        let there: Vec<f64> = part.iter().flatten().copied().collect();
        if there.is_empty() { 0.0 } else { there.iter().sum::<f64>() / there.len() as f64 }
    };
    values.chunks(together).map(mean).collect()
}

/// Why batches give no intervals, if they give none.
pub(super) fn too_short(batches: &Batches) -> Option<String> {
    if batches.are_long_enough() {
        return None;
    }
    let (count, of) = (batches.count, length(batches.length));
    Some(match (batches.needs, batches.needs_in_all()) {
        (Some(needs), Some(all)) => format!(
            "{count} batches of {of} are too short for this desk: the run needs {} after its warm-up, and each batch {}",
            length(all),
            length(needs),
        ),
        _ => format!("{count} batches of {of} give none, as the desk is overloaded or its load cannot be told"),
    })
}

/// A span as people say it.
pub(super) fn length(span: Span) -> String {
    let shown = span.to_string();
    // The scenario's own way where it is short, else rounded.
    if shown.chars().count() <= 8 { shown } else { duration(span.as_secs_f64()) }
}

/// Names come from files: what would break a line becomes a space, and what has no shape is written out.
pub(super) fn clean(text: &str) -> String {
    let line: String =
        text.trim_end().chars().map(|letter| if BREAKS.contains(&letter) { ' ' } else { letter }).collect();
    visible(&line).into_owned()
}

/// What would break a line.
const BREAKS: [char; 6] = ['\n', '\r', '\t', '\u{b}', '\u{c}', '\u{85}'];

pub(super) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width - 1).chain(['…']).collect()
}

pub(super) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.chars().count())))
}

/// Text in lines of at most `width` characters, broken at spaces that are not firm; a word that is longer is broken
/// anywhere.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let word: Vec<char> = word.chars().map(|letter| if letter == FIRM { ' ' } else { letter }).collect();
        let line = lines.last_mut().expect("there is always a line");
        let used = line.chars().count();
        if used > 0 && used + 1 + word.len() <= width {
            line.push(' ');
            line.extend(word);
            continue;
        }
        if used > 0 {
            lines.push(String::new());
        }
        // In one pass, however long the word.
        for (n, piece) in word.chunks(width.max(1)).enumerate() {
            if n > 0 {
                lines.push(String::new());
            }
            lines.last_mut().expect("there is always a line").extend(piece);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn a_page_of_results() {
        insta::assert_snapshot!(page(&samples::tiny(), Style::Plain), @r#"
        Web shop
        2 runs of 1d, seed 7. Each figure is a mean over the runs ± the longer side of
        its 95 % interval. * marks intervals with too few runs to be believed: they
        need 80.

        Verdict
          First response: 9.0 % ± 12.7 %* of the timers breached (target: chat 5m),
            late by 1m 40s on average. By the SLA clock it took 3m 11s ± 12.7s* from
            assignment to first reply; customers waited 4m 11s ± 7.6s*, queue included.
          Closure: 25.0 % of the timers breached (target: chat 8h, mail 8h). Customers
            waited 2h 5m ± 21m 11s*, queue included.
          Balance: tickets per available hour are spread over a group's agents with a
            Jain index of 0.985 ± 0.064* (1 is even); the most laden has 1.225 ± 0.318*
            times the mean. Agents are occupied 71.5 % ± 6.4 %* of the time they are
            connected.
          Tickets: 1,030 ± 889* created, 1,024 ± 940* closed, 11.0 ± 12.7* abandoned
            (1.1 % ± 0.3 %*); 6.0 ± 50.8* open at the end.

        Stability
          support: stable, utilisation 0.62 (limited by agent time).
          Open tickets do not grow over the window.
          Precision, half the interval over the mean: first replies breached 141.2 %,
            first reply 3.0 %, wait 25.7 %, occupancy 8.9 %.

        Queue
                                              mean        90 % within        95 % within
          wait until assigned        30.9s ± 7.9s*      1m 1s ± 7.9s*                  –
          assigned at once    50.5 % ± 6.4 %*
          waited over 60s     10.5 % ± 6.4 %*; over 5m –; over 1h –
          tickets in it       3.2 ± 1.3*; at most 15.5 ± 19.1*

        Customers, and the SLA's clock beside
                                              mean        90 % within        95 % within
          first reply               4m 11s ± 7.6s*                  –                  –
            by the SLA clock       3m 11s ± 12.7s*                  –                  –
          resolution              2h 5m ± 21m 11s*                  –                  –
            by the SLA clock                     –                  –                  –

        Channels
                                    reply breached   closure breached          mean wait
          chat                     9.0 % ± 12.7 %*                  –                  –
          mail                                   –                  –                  –

        Agents by group
                                         occupancy  open tickets each     balance (Jain)
          support (12)             71.5 % ± 6.4 %*         1.4 ± 0.6*                  –

        desksim 0.0.0, seed 7, replications 2, draws f1
        scenario d0c5
        digest   0123456789abcdef0123456789abcdef
        "#);
    }

    #[test]
    fn no_line_is_wider_than_the_page() {
        for results in [samples::tiny(), samples::wide(), samples::single(), samples::empty()] {
            let page = page(&results, Style::Plain);
            for line in page.lines() {
                assert!(line.chars().count() <= WIDTH, "{} columns: {line}", line.chars().count());
                assert_eq!(line, line.trim_end());
            }
        }
    }

    #[test]
    fn colour_adds_nothing_but_escape_codes() {
        let plain = page(&samples::tiny(), Style::Plain);
        let coloured = page(&samples::tiny(), Style::Colour);
        assert_ne!(plain, coloured);
        assert_eq!(coloured.replace("\u{1b}[1m", "").replace("\u{1b}[0m", ""), plain);
    }

    #[test]
    fn bars_grow_with_their_values() {
        assert_eq!(sparkline(&[0.0, 1.0, 4.0, 6.9, 8.0]), "▁▂▅▇█");
        assert_eq!(sparkline(&[0.0, 0.0]), "▁▁");
        assert_eq!(condensed(&[Some(1.0), None, Some(4.0), Some(6.0), None], 3), [1.0, 5.0, 0.0]);
        assert_eq!(condensed(&[], 3), [0.0; 0]);
    }

    #[test]
    fn words_wrap_and_keep_numbers_whole() {
        let text = "it took 3m_±_2s or 8_%_±_1_% of it".replace('_', "\u{a0}");
        assert_eq!(wrapped(&text, 12), ["it took", "3m ± 2s or", "8 % ± 1 % of", "it"]);
        assert_eq!(wrapped("abcdefgh", 3), ["abc", "def", "gh"]);
    }
}
