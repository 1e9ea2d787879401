//! One long replication in place of many: its time after the warm-up is cut into batches, each of which is measured for itself.
//!
//! A figure's interval comes from how the batches differ, where the metric is a mean, a share, a quantile or a count
//! ([`crate::stats::ratio_interval`], [`crate::stats::quantile_interval`]). Largest values, what is left at the end, and how evenly work
//! was spread (which depends on how long one looks) have none.
//!
//! Batches have to pass for independent, and there has to be enough of the run that its rare bad times show. No test of how the figures
//! went says that: it passes a short run just when that happened to be calm. So the condition goes by the desk's load, which a run shows
//! far more surely. The desk forgets how full it was after its relaxation time ([`Stability::relaxation`]), and a figure what tickets were
//! about after a fourth of the time that a ticket takes: a batch has to be [`MEMORIES`] times the longer of the two, and all batches
//! together [`LENGTHS`] times that. Of M/M/2 at load 0.8 then 93.8 to 96.7 % of the intervals cover the truth, for means, shares and
//! percentiles up to the 99th (`tests/intervals.rs`).

use super::Stability;
use super::results::Results;
use super::rhythm::Pieces;
use crate::desk::{Desk, UserId};
use crate::measures::{Batching, Cast, Key, Measures, Sheet};
use crate::simulation::{Model, Observer, Step};
use crate::stats::{Interval, Part, Steps, quantile_interval, ratio_interval};
use crate::time::{Instant, Span};

/// How a single replication was cut.
#[derive(Clone, PartialEq, Debug)]
pub struct Batches {
    /// How many batches there are.
    pub count: usize,
    /// How long each is.
    pub length: Span,
    /// How long each has to be, and 40 of them together, before intervals can be believed; `None` where the desk is overloaded, or
    /// nobody can tell.
    pub needs: Option<Span>,
    /// How many figures have an interval: none where batches are too short.
    pub with_interval: usize,
}

/// Fewer than this say too little about their own spread.
const FEWEST_BATCHES: u32 = 20;
/// How many times as long as the desk remembers a batch has to be.
const MEMORIES: f64 = 15.0;
/// How many times as long as a batch has to be the run has to be.
const LENGTHS: u64 = 40;

impl Batches {
    /// The batches of a run with those results, whose stability is known.
    pub(super) fn of(pieces: Pieces, results: &Results, stability: &Stability) -> Batches {
        let ticket = results.mean("customer.resolution.mean").unwrap_or(0.0);
        let needs = stability.relaxation.map(|relaxation| Span::from_secs_f64(MEMORIES * relaxation.max(ticket / 4.0)));
        Batches { count: pieces.count, length: pieces.length, needs, with_interval: 0 }
    }

    /// How long the run has to be, without its warm-up, before its intervals can be believed.
    pub fn needs_in_all(&self) -> Option<Span> {
        self.needs.map(|needs| Span::from_micros(needs.as_micros().saturating_mul(LENGTHS)))
    }

    /// Whether they are long enough, each and all together.
    pub fn are_long_enough(&self) -> bool {
        let all = self.length.as_micros().saturating_mul(self.count as u64);
        self.needs.is_some_and(|needs| self.length >= needs)
            && self.needs_in_all().is_some_and(|needs| all >= needs.as_micros())
    }
}

/// Measures each batch of a run for itself.
pub(super) struct Sections<'a> {
    pieces: Pieces,
    from: Instant,
    /// Follows who has which ticket, and counts nothing.
    follower: Measures<'a>,
    /// Measures the batch at hand.
    section: Option<Measures<'a>>,
    sheets: Vec<Sheet>,
    /// What agents took in hand since the last step: batches end in between, and only a step shows the desk.
    work: Vec<(Instant, UserId, u16)>,
}

impl<'a> Sections<'a> {
    /// Of a run of the model; `None` where it is not long enough for that many batches of whole cycles.
    pub(super) fn new(model: &'a Model, cast: &'a Cast, warmup: Span, most: u32) -> Option<Sections<'a>> {
        let pieces = Pieces::of(model, warmup, most as usize);
        (pieces.count >= FEWEST_BATCHES as usize).then(|| Sections {
            pieces,
            from: Instant::ZERO + warmup,
            follower: Measures::new(cast, &model.names, Span::MAX),
            section: None,
            sheets: Vec::new(),
            work: Vec::new(),
        })
    }

    pub(super) fn pieces(&self) -> Pieces {
        self.pieces
    }

    pub(super) fn sheets(self) -> Vec<Sheet> {
        self.sheets
    }

    /// When the batch at hand, or the next one, begins.
    fn begins(&self) -> Instant {
        self.from + Span::from_micros(self.pieces.length.as_micros() * self.sheets.len() as u64)
    }

    /// Goes on to `now`.
    fn advance(&mut self, now: Instant, desk: &Desk) {
        let mut work = std::mem::take(&mut self.work);
        for (at, user, in_hand) in work.drain(..) {
            self.turn(at, desk);
            self.follower.work(at, user, in_hand);
            if let Some(section) = &mut self.section {
                section.work(at, user, in_hand);
            }
        }
        self.work = work;
        self.turn(now, desk);
    }

    /// Ends and begins batches up to `now`.
    fn turn(&mut self, now: Instant, desk: &Desk) {
        while self.sheets.len() < self.pieces.count {
            let begins = self.begins();
            let ends = begins + self.pieces.length;
            if let Some(mut section) = self.section.take_if(|_| now >= ends) {
                section.finish(ends, desk);
                self.sheets.push(section.sheet_with_grounds());
            } else if self.section.is_none() && now >= begins {
                self.section = Some(self.follower.clone().counting_from(begins));
            } else {
                return;
            }
        }
    }
}

impl Observer for Sections<'_> {
    fn start(&mut self, now: Instant, desk: &Desk) {
        self.follower.start(now, desk);
        self.turn(now, desk);
    }

    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        self.advance(step.now, desk);
        if self.sheets.len() < self.pieces.count {
            self.follower.step(step, desk);
            if let Some(section) = &mut self.section {
                section.step(step, desk);
            }
        }
    }

    fn work(&mut self, now: Instant, user: UserId, in_hand: u16) {
        self.work.push((now, user, in_hand));
    }

    fn finish(&mut self, now: Instant, desk: &Desk) {
        self.advance(now, desk);
    }
}

/// What batches say of one figure, as an interval of that confidence; `share` is that of the whole that a batch takes, for counts.
pub(super) fn interval(key: &Key, whole: f64, sheets: &[Sheet], share: f64, confidence: f64) -> Option<Interval> {
    let parts = || -> Vec<Part> { sheets.iter().map(|sheet| sheet.part(key)).collect() };
    match key.metric.metric().batching {
        Batching::Mean => ratio_interval(&parts(), confidence),
        Batching::Total => {
            let scaled: Vec<Part> = parts().into_iter().map(|part| Part { sum: part.sum / share, over: 1.0 }).collect();
            // What is left over at the end is in no batch, but in the figure.
            let interval = ratio_interval(&scaled, confidence)?;
            let shift = whole - scaled.iter().map(|part| part.sum).sum::<f64>() / scaled.len() as f64;
            Some(Interval { low: interval.low + shift, high: interval.high + shift })
        }
        Batching::Quantile { level, .. } => {
            let none = Steps::new();
            let times: Vec<&Steps> = sheets.iter().map(|sheet| sheet.times(key).unwrap_or(&none)).collect();
            let [low, high] = quantile_interval(&times, level, confidence)?.map(|micros| micros as f64 / 1e6);
            Some(Interval { low, high })
        }
        Batching::None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Experiment, Repetition, Results, Summary, replicate, samples};
    use super::*;
    use crate::measures::Scope;
    use crate::simulation::simulate;

    /// A desk that is the same at any time.
    fn steady(hours: u64) -> Model {
        let mut model = samples::model(6, 40.0, hours);
        samples::round_the_clock(&mut model);
        model
    }

    fn sections(model: &Model, warmup: Span, most: u32) -> (Pieces, Vec<Sheet>) {
        let cast = Cast::new(model);
        let mut sections = Sections::new(model, &cast, warmup, most).unwrap();
        simulate(model, 5, 0, &mut sections).unwrap();
        (sections.pieces(), sections.sheets())
    }

    /// Each batch is measured as a run that ends with it would measure it after a warm-up up to it.
    #[test]
    fn a_batch_is_a_window_of_its_own() {
        let model = steady(44);
        let warmup = Span::from_secs(4 * 3_600);
        let (pieces, sheets) = sections(&model, warmup, 20);
        assert_eq!((pieces.length, sheets.len()), (Span::from_secs(2 * 3_600), 20));
        for (index, sheet) in (0_u64..).zip(&sheets) {
            let mut alone = model.clone();
            let begins = warmup + Span::from_secs(index * 2 * 3_600);
            alone.run.duration = begins + pieces.length;
            let cast = Cast::new(&alone);
            let mut measures = Measures::new(&cast, &alone.names, begins);
            simulate(&alone, 5, 0, &mut measures).unwrap();
            assert!(*sheet == measures.sheet_with_grounds(), "batch {index}");
        }
    }

    #[test]
    fn counts_of_batches_add_up_to_the_whole() {
        let model = steady(40);
        let (_, sheets) = sections(&model, Span::ZERO, 20);
        let cast = Cast::new(&model);
        let mut measures = Measures::new(&cast, &model.names, Span::ZERO);
        simulate(&model, 5, 0, &mut measures).unwrap();
        for metric in ["tickets.created", "tickets.closed", "sla.closure.met", "agents.available_hours"] {
            let sum: f64 = sheets.iter().map(|sheet| sheet.value(metric, Scope::Desk).unwrap()).sum();
            let whole = measures.sheet().desk(metric).unwrap();
            assert!(whole > 0.0 && (sum - whole).abs() < 1e-9 * whole, "{metric}: {sum} of {whole}");
        }
    }

    fn results(model: &Model, times: u32) -> Results {
        let experiment = Experiment { seed: 5, repetition: Repetition::Times(times), threads: Some(2) };
        replicate(model, &experiment, &|_| ()).unwrap()
    }

    #[test]
    fn one_run_in_batches_has_intervals_where_they_make_sense() {
        let mut model = steady(800);
        assert!(results(&model, 1).get("queue.wait.mean").unwrap().summary.unwrap().ci95.is_none());
        model.run.batches = Some(40);
        let found = results(&model, 1);
        let batches = found.batches.clone().unwrap();
        assert_eq!((batches.count, batches.length), (40, Span::from_secs(20 * 3_600)));
        assert!(batches.are_long_enough() && batches.with_interval > 50, "{batches:?}");
        let summary = |metric: &str| found.get(metric).unwrap().summary.unwrap();
        for metric in ["tickets.created", "customer.first_response.mean", "agents.occupancy", "queue.wait.p95"] {
            let [low, high] = summary(metric).ci95.unwrap_or_else(|| panic!("{metric}: {batches:?}"));
            let Summary { mean, n, .. } = summary(metric);
            assert!(low < mean && mean < high && n == 1, "{metric}: {low} {mean} {high}");
        }
        for metric in ["queue.wait.max", "queue.length.max", "tickets.open_at_end", "balance.assigned.jain"] {
            assert_eq!(summary(metric).ci95, None, "{metric}");
        }
        // The figures themselves are those of the run without batches; several replications need none.
        model.run.batches = None;
        assert_eq!(results(&model, 1).mean("queue.wait.p95"), found.mean("queue.wait.p95"));
        model.run.batches = Some(20);
        assert_eq!(results(&model, 2).batches, None);
        model.run.duration = Span::from_micros(19);
        assert_eq!(results(&model, 1).batches, None, "too short for twenty");
    }

    #[test]
    fn batches_that_are_too_short_for_the_desk_s_memory_give_no_interval() {
        let mut model = steady(800);
        model.run.batches = Some(40);
        let enough = results(&model, 1).batches.unwrap();
        let needs = enough.needs.unwrap();
        assert_eq!(enough.needs_in_all(), Some(Span::from_micros(needs.as_micros() * 40)));
        // A run of half of what it takes, and batches of half of what they take.
        for (hours, most) in [(needs.as_micros() * 20 / 3_600_000_000, 20), (800, 1_000)] {
            model.run.duration = Span::from_secs(hours * 3_600);
            model.run.batches = Some(most);
            let found = results(&model, 1);
            let batches = found.batches.clone().unwrap();
            assert!(!batches.are_long_enough() && batches.with_interval == 0, "{batches:?}");
            assert_eq!(found.get("agents.occupancy").unwrap().summary.unwrap().ci95, None);
        }
    }
}
