//! What a report with charts shows of an experiment beside its figures: how runs went over time, how waits and breaches are
//! spread, and what happened in replication 0, ticket by ticket and agent by agent.
//!
//! It is plain data that a report can be made from again, and of bounded size: what is too much to be shown one by one is
//! summed up. The charts are of the first [`PICTURED`] replications at most.

use super::replicate::Experiment;
use super::results::Results;
use super::sample::{Progress, Sample};
use super::story::Story;
use super::workers::{ExperimentError, Workers};
use crate::desk::{GroupId, Timer};
use crate::measures::{AgentWork, Cast, Course, Ends, HALF_HOURS, Quantity, Stretches, WEEK_HOURS};
use crate::simulation::Model;
use crate::stats::{Histogram, quantile};
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// Replications that the charts are of, at most.
pub const PICTURED: usize = 200;

/// Stretches that a run is cut into for charts over time, at most.
const STRETCHES: u64 = 340;

/// Points of a Lorenz curve, at most.
const CURVE: usize = 101;

/// Edges of the bars of waits: this many to a power of ten.
const EDGES: i32 = 5;

/// What a report shows beside figures.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Picture {
    /// How many replications the charts are of.
    pub replications: u32,
    /// When a run starts, in the desk's time zone.
    pub start: String,
    /// The time zone's name.
    pub zone: String,
    /// When the civil days begin; thinned out where there are many.
    pub days: Vec<Day>,
    /// How long a stretch of the series is, in seconds.
    pub stretch: f64,
    /// Quantities by stretch.
    pub series: Vec<Series>,
    /// How timers ended by half hour of the day.
    pub half_hours: Spread,
    /// How timers ended by hour of the week, from Monday's first.
    pub week_hours: Spread,
    /// Stays in the queue that ended with assignment.
    pub waits: Waits,
    /// How evenly tickets per available hour are spread over each group's agents.
    pub lorenz: Vec<Lorenz>,
    /// Replication 0.
    pub story: Story,
    /// The scenario as it was written.
    pub source: SourceText,
}

/// A civil day of the run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Day {
    /// When it begins, in seconds from the start; the first day at 0.
    pub at: f64,
    /// Its date.
    pub date: String,
    /// Which day of the week: Monday is 0.
    pub weekday: u8,
}

/// A quantity over time, over replications.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Series {
    /// Which: `arrivals`, `queue`, `open`, `available` or `wait`.
    pub name: String,
    /// The mean over the replications, by stretch.
    pub mean: Vec<Option<f64>>,
    /// What a tenth of the replications lie below.
    pub low: Vec<Option<f64>>,
    /// What a tenth of them lie above.
    pub high: Vec<Option<f64>>,
}

/// How timers ended, over all pictured replications.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Spread {
    /// First-response timers: met and breached.
    pub first_response: Vec<[u64; 2]>,
    /// Closure timers.
    pub closure: Vec<[u64; 2]>,
}

/// How long tickets waited.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Waits {
    /// How many were assigned from the queue, over all pictured replications.
    pub count: u64,
    /// How many of them did not wait.
    pub zero: u64,
    /// Seconds up to which bars go; the first from just above zero, the others from the one before.
    pub edges: Vec<f64>,
    /// How many waits each bar holds; one more than edges.
    pub bars: Vec<u64>,
    /// Quantiles in seconds, as level and value.
    pub quantiles: Vec<(f64, f64)>,
}

/// A Lorenz curve.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Lorenz {
    /// Of which group's agents.
    pub group: String,
    /// How many of them were available at all.
    pub agents: u64,
    /// Shares of the agents, the least laden first, and the shares of the load that they bear together.
    pub points: Vec<(f64, f64)>,
}

/// A scenario as it was written.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct SourceText {
    /// The file's name.
    pub name: String,
    /// What it says; its beginning where it is very long.
    pub text: String,
    /// Changes that were made to it, in order.
    pub sets: Vec<String>,
}

/// Scenario texts longer than this are cut, in bytes.
const LONGEST_TEXT: usize = 200_000;

impl SourceText {
    /// A scenario's text under its file's name, with the changes made to it.
    pub fn new(name: &str, text: &str, sets: &[String]) -> SourceText {
        let mut end = text.len().min(LONGEST_TEXT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let cut = if end < text.len() { "\n# … cut here\n" } else { "" };
        SourceText { name: name.to_owned(), text: format!("{}{cut}", &text[..end]), sets: sets.to_vec() }
    }
}

/// Runs a model as told and watches more closely: gives its results, and a picture of them.
///
/// # Errors
/// If the machine does not give the threads, or a run passes a limit.
pub fn picture(
    model: &Model,
    experiment: &Experiment,
    source: SourceText,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(Results, Picture), ExperimentError> {
    let workers = Workers::new(experiment.threads)?;
    let mut sample = Sample::pictured(model, experiment.seed);
    experiment.carry_out(&mut sample, &workers, progress)?;
    let courses = sample.courses().expect("a pictured sample has courses");
    let story = Story::of(model, sample.cast(), experiment.seed)?;
    let picture = courses.picture(model, sample.cast(), story, source);
    Ok((sample.results(), picture))
}

/// How model's runs are cut into stretches.
pub(super) fn stretches(model: &Model) -> Stretches {
    Stretches::at_most(STRETCHES, model.run.duration)
}

/// One run's course, without what it borrowed.
#[derive(Clone, Debug)]
pub(super) struct CourseRecord {
    series: [Vec<Option<f64>>; QUANTITIES.len()],
    half_hours: Vec<[Ends; 2]>,
    week_hours: Vec<[Ends; 2]>,
    waits: Histogram,
    work: Vec<AgentWork>,
}

const QUANTITIES: [(Quantity, &str); 5] = [
    (Quantity::Arrivals, "arrivals"),
    (Quantity::Queue, "queue"),
    (Quantity::Open, "open"),
    (Quantity::Available, "available"),
    (Quantity::Wait, "wait"),
];

impl CourseRecord {
    pub(super) fn of(course: &Course<'_>, work: Vec<AgentWork>) -> CourseRecord {
        CourseRecord {
            series: QUANTITIES.map(|(quantity, _)| course.series(quantity)),
            half_hours: course.by_half_hour().to_vec(),
            week_hours: course.by_week_hour().to_vec(),
            waits: course.waits().clone(),
            work,
        }
    }
}

/// The courses of several runs, merged in their order.
#[derive(Clone, Debug)]
pub(super) struct Courses {
    series: [Vec<Vec<Option<f64>>>; QUANTITIES.len()],
    half_hours: Vec<[Ends; 2]>,
    week_hours: Vec<[Ends; 2]>,
    waits: Histogram,
    work: Vec<AgentWork>,
}

impl Default for Courses {
    fn default() -> Courses {
        Courses {
            series: Default::default(),
            half_hours: vec![[Ends::default(); 2]; HALF_HOURS],
            week_hours: vec![[Ends::default(); 2]; WEEK_HOURS],
            waits: Histogram::default(),
            work: Vec::new(),
        }
    }
}

impl Courses {
    pub(super) fn add(&mut self, record: &CourseRecord) {
        for (all, one) in self.series.iter_mut().zip(&record.series) {
            all.push(one.clone());
        }
        let merge = |all: &mut Vec<[Ends; 2]>, one: &[[Ends; 2]]| {
            for (all, one) in all.iter_mut().flatten().zip(one.iter().flatten()) {
                all.add(*one);
            }
        };
        merge(&mut self.half_hours, &record.half_hours);
        merge(&mut self.week_hours, &record.week_hours);
        self.waits.merge(&record.waits);
        if self.work.is_empty() {
            self.work = record.work.clone();
        } else {
            self.work.iter_mut().zip(&record.work).for_each(|(all, one)| all.add(one));
        }
    }

    fn picture(&self, model: &Model, cast: &Cast, story: Story, source: SourceText) -> Picture {
        let stretches = stretches(model);
        let series = QUANTITIES.iter().zip(&self.series).map(|((_, name), runs)| series(name, runs)).collect();
        Picture {
            replications: self.series[0].len() as u32,
            start: model.plan.civil.zoned(Instant::ZERO).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            zone: model.plan.civil.zone_name().to_owned(),
            days: days(model),
            stretch: stretches.length.as_secs_f64(),
            series,
            half_hours: spread(&self.half_hours),
            week_hours: spread(&self.week_hours),
            waits: waits(&self.waits),
            lorenz: self.lorenz(model, cast),
            story,
            source,
        }
    }

    fn lorenz(&self, model: &Model, cast: &Cast) -> Vec<Lorenz> {
        let groups = (0..cast.group_sizes().len()).map(GroupId::at);
        let curve = |group| {
            let is_in = |work: &&AgentWork| cast.groups_of(work.user).contains(&group) && work.available > 0;
            let of_group = self.work.iter().filter(is_in);
            let mut loads: Vec<f64> = of_group.map(|work| work.assigned as f64 / work.available as f64).collect();
            loads.sort_by(f64::total_cmp);
            let total: f64 = loads.iter().sum();
            (total > 0.0 && loads.len() > 1).then(|| {
                let mut points = vec![(0.0, 0.0)];
                let mut sum = 0.0;
                for (n, load) in loads.iter().enumerate() {
                    sum += load;
                    points.push(((n + 1) as f64 / loads.len() as f64, sum / total));
                }
                let agents = loads.len() as u64;
                Lorenz { group: model.names.group(group).to_owned(), agents, points: thinned(points) }
            })
        };
        groups.filter_map(curve).collect()
    }
}

/// Some of the points, the first and the last among them.
fn thinned(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let last = points.len() - 1;
    let kept = |n: usize| n * last / (CURVE - 1);
    let points = if last < CURVE { points } else { (0..CURVE).map(|n| points[kept(n)]).collect() };
    points.into_iter().map(|(share, of)| (fixed(share), fixed(of))).collect()
}

/// Days that are named at most; of more, every so many-th.
const DAYS: u32 = 800;

/// The first civil day of the run, and those that follow, every so many of them.
pub(super) fn days(model: &Model) -> Vec<Day> {
    let civil = &model.plan.civil;
    let end = Instant::ZERO + model.run.duration;
    let last = civil.day(Instant::from_micros(end.as_micros().saturating_sub(1)));
    let every = (last + 1).div_ceil(DAYS).max(1);
    (0..=last)
        .step_by(every as usize)
        .map(|day| Day {
            at: civil.day_start(day).as_secs_f64(),
            date: civil.date(day).to_string(),
            weekday: civil.date(day).weekday().to_monday_zero_offset() as u8,
        })
        .collect()
}

/// A number to six decimals: what is finer than that no chart shows.
pub(super) fn fixed(value: f64) -> f64 {
    libm::rint(value * 1e6) / 1e6
}

fn series(name: &str, runs: &[Vec<Option<f64>>]) -> Series {
    let count = runs.first().map_or(0, Vec::len);
    let mut series = Series { name: name.to_owned(), mean: Vec::new(), low: Vec::new(), high: Vec::new() };
    for index in 0..count {
        let mut values: Vec<f64> = runs.iter().filter_map(|run| run[index]).collect();
        let mean = (!values.is_empty()).then(|| fixed(values.iter().sum::<f64>() / values.len() as f64));
        values.sort_by(f64::total_cmp);
        series.mean.push(mean);
        series.low.push(quantile(&values, 0.1).map(fixed));
        series.high.push(quantile(&values, 0.9).map(fixed));
    }
    series
}

fn spread(ends: &[[Ends; 2]]) -> Spread {
    let of = |timer: Timer| ends.iter().map(|ends| [ends[timer as usize].met, ends[timer as usize].breached]).collect();
    Spread { first_response: of(Timer::FirstResponse), closure: of(Timer::Closure) }
}

fn waits(histogram: &Histogram) -> Waits {
    let secs = |micros: u64| fixed(micros as f64 / 1e6);
    let quantiles = [0.5, 0.9, 0.95, 0.99, 1.0]
        .into_iter()
        .filter_map(|level| Some((level, secs(histogram.quantile(level)?))))
        .collect();
    let longest = histogram.max().unwrap_or(0) as f64 / 1e6;
    let mut waits = Waits { count: histogram.count(), zero: histogram.zeros(), edges: vec![], bars: vec![], quantiles };
    let mut below = histogram.zeros();
    // From a tenth of a second up to the longest wait.
    for step in -EDGES.. {
        let edge = libm::exp10(f64::from(step) / f64::from(EDGES));
        if edge >= longest {
            break;
        }
        let up_to = histogram.count_up_to((edge * 1e6) as u64);
        waits.edges.push(fixed(edge));
        waits.bars.push(up_to - below);
        below = up_to;
    }
    waits.bars.push(histogram.count() - below);
    waits
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::super::{Repetition, replicate};
    use super::*;
    use crate::desk::{ChannelId, UserId};
    use crate::ledger::{Cards, Filter, Hindsight, Ledger, StatusCard, TicketRow};
    use crate::report::{html, json, json_with_picture, read};
    use crate::simulation::simulate;
    use crate::time::Span;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    fn experiment(times: u32, threads: usize) -> Experiment {
        Experiment { seed: 5, repetition: Repetition::Times(times), threads: Some(threads) }
    }

    fn made(model: &Model, times: u32, threads: usize) -> (Results, Picture) {
        picture(model, &experiment(times, threads), SourceText::new("a.toml", "x = 1", &[]), &|_| ()).unwrap()
    }

    #[test]
    fn a_picture_is_the_same_for_any_threads_and_changes_no_figure() {
        let model = samples::model(6, 80.0, 30);
        let [one, two] = [1, 2].map(|threads| made(&model, 3, threads));
        assert_eq!(json_with_picture(&one.0, &one.1), json_with_picture(&two.0, &two.1));
        assert_eq!(json(&one.0), json(&replicate(&model, &experiment(3, 2), &|_| ()).unwrap()));
    }

    #[test]
    fn a_page_is_made_again_from_its_json() {
        let (results, picture) = made(&samples::model(6, 80.0, 30), 3, 2);
        let (read, saved) = read(&json_with_picture(&results, &picture)).unwrap();
        assert_eq!(saved.as_ref(), Some(&picture));
        assert_eq!(html(&read, &saved.unwrap()), html(&results, &picture));
    }

    #[test]
    fn series_and_spreads_fit_the_run() {
        let (results, picture) = made(&samples::model(6, 80.0, 30), 3, 2);
        let series = |name: &str| picture.series.iter().find(|series| series.name == name).unwrap();
        let stretches = (30.0 * 3_600.0 / picture.stretch) as usize;
        for name in ["arrivals", "queue", "open", "available", "wait"] {
            let Series { mean, low, high, .. } = series(name);
            assert_eq!([mean.len(), low.len(), high.len()], [stretches; 3], "{name}");
            for ((low, mean), high) in low.iter().zip(mean).zip(high) {
                assert!(low <= high && low.is_some() == mean.is_some(), "{name}");
            }
        }
        let mean = |name: &str| series(name).mean.iter().flatten().sum::<f64>() / stretches as f64;
        let figure = |metric: &str| results.mean(metric).unwrap();
        assert!((mean("queue") - figure("queue.length.mean")).abs() < 1e-4);
        let came = figure("tickets.created") + figure("tickets.reopened");
        assert!((mean("arrivals") * 30.0 - came).abs() < 1e-3, "{} {came}", mean("arrivals") * 30.0);
        let ended = |spread: &Spread| spread.first_response.iter().flatten().sum::<u64>();
        let timers = figure("sla.first_response.met") + figure("sla.first_response.breached");
        assert_eq!(ended(&picture.half_hours), (timers * 3.0).round() as u64);
        assert_eq!(ended(&picture.week_hours), ended(&picture.half_hours));
        let waits = &picture.waits;
        assert_eq!(waits.zero + waits.bars.iter().sum::<u64>(), waits.count);
        assert_eq!(waits.bars.len(), waits.edges.len() + 1);
        assert!(waits.edges.windows(2).all(|two| two[0] < two[1]));
        for Lorenz { points, .. } in &picture.lorenz {
            assert_eq!((points[0], *points.last().unwrap()), ((0.0, 0.0), (1.0, 1.0)));
            assert!(points.iter().all(|(share, part)| part <= &(share + 1e-6)), "below the line of evenness");
        }
        assert_eq!(picture.days.iter().map(|day| day.weekday).collect::<Vec<_>>(), [0, 1]);
        assert_eq!((picture.days[1].at, picture.days[1].date.as_str()), (16.0 * 3_600.0, "2026-03-03"));
    }

    #[test]
    fn a_quantile_lies_between_its_neighbours() {
        assert_eq!([0.0, 0.1, 0.5, 1.0].map(|level| quantile(&[1.0, 2.0, 4.0], level)), [1.0, 1.2, 2.0, 4.0].map(Some));
        assert_eq!(quantile(&[], 0.5), None);
    }

    /// A run's rows, and the same summed up.
    static TOLD: LazyLock<(Vec<TicketRow>, Picture)> = LazyLock::new(|| {
        let model = samples::model(6, 50.0, 60);
        let (cast, hindsight) = (Cast::new(&model), Hindsight::of(&model, 5, 0, &mut ()).unwrap());
        let mut rows = Vec::new();
        simulate(&model, 5, 0, &mut Ledger::new(&cast, &hindsight, |row: &TicketRow| rows.push(row.clone()))).unwrap();
        (rows, made(&model, 1, 1).1)
    });

    proptest! {
        /// DSH-1, DSH-4: the six cards add up to all tickets, under every filter, and are those of the ledger.
        #[test]
        fn cards_are_a_partition_under_every_filter(
            days in (0usize..4, 0usize..4),
            channels in prop::collection::vec(0u32..2, 0..2),
            groups in prop::collection::vec(0u32..2, 0..2),
            agents in prop::collection::vec(0u32..7, 0..3),
            cards in prop::collection::vec(0usize..6, 0..3),
        ) {
            let (rows, picture) = &*TOLD;
            let story = &picture.story;
            let start = |day: usize| picture.days.get(day).map(|day| Instant::ZERO + Span::from_secs_f64(day.at));
            let filter = Filter {
                from: start(days.0),
                to: start(days.1 + 1),
                channels: channels.iter().copied().map(ChannelId).collect(),
                groups: groups.iter().copied().map(GroupId).collect(),
                agents: agents.iter().copied().map(UserId).collect(),
                cards: cards.iter().map(|card| StatusCard::ALL[*card]).collect(),
                latest: false,
            };
            let from = if start(days.0).is_none() { 0 } else { days.0 as i64 };
            let passing: Vec<&TicketRow> = rows.iter().filter(|row| filter.passes(row)).collect();
            let mut expected = Cards::default();
            passing.iter().for_each(|row| expected.count(row));
            let one_of = |wanted: &[u32], of: i64| wanted.is_empty() || wanted.iter().any(|wanted| i64::from(*wanted) == of);
            let cells = story.cells.iter().filter(|cell| {
                let [began, channel, group, agent, card, ended, came, later] = cell.of;
                let to = if start(days.1 + 1).is_none() { i64::MAX } else { days.1 as i64 };
                let spans = |day: i64| from <= day && day <= to;
                let open = began <= to && (ended < 0 || ended >= from);
                let has = |wanted: &usize| match StatusCard::ALL[*wanted] {
                    StatusCard::Reopened => later == 1 && spans(began),
                    StatusCard::Escalated => cell.escalated.iter().any(|day| spans(*day)),
                    _ => open && card as usize == *wanted,
                };
                (if cards.is_empty() { open } else { cards.iter().any(has) })
                    && one_of(&channels, channel)
                    && (one_of(&groups, group) || one_of(&groups, came))
                    && one_of(&agents, agent)
            });
            let mut sums = [0; 6];
            let mut cycles = 0;
            for cell in cells {
                sums[cell.of[4] as usize] += cell.sums[0];
                cycles += cell.sums[1];
            }
            prop_assert_eq!(sums, StatusCard::ALL.map(|card| expected.on(card)));
            prop_assert_eq!(sums.iter().sum::<u64>(), passing.iter().filter(|row| row.is_latest()).count() as u64);
            prop_assert_eq!(cycles, passing.len() as u64);
        }
    }

    #[test]
    fn every_cycle_is_listed_once() {
        let (rows, story) = (&TOLD.0, &TOLD.1.story);
        assert_eq!((story.rows.len(), story.every), (rows.len(), 1));
        let mut expected: Vec<(u32, u32)> = rows.iter().map(|row| (row.ticket.number, row.cycle)).collect();
        expected.sort_unstable();
        assert_eq!(story.rows.iter().map(|row| (row.0, row.2)).collect::<Vec<_>>(), expected);
        assert_eq!(story.cells.iter().map(|cell| cell.sums[1]).sum::<u64>(), rows.len() as u64);
        assert!(rows.len() as u64 > story.tickets, "some were reopened");
        // Tickets' cards, the queue and connection states are of the same run.
        assert!(!story.ticket_cards.is_empty() && story.ticket_cards.iter().all(|told| !told.history.is_empty()));
        let queued = rows.iter().filter(|row| row.card() == StatusCard::Queued).count();
        assert_eq!(story.dashboard.queue_length, queued as u64);
        let still = story.stays.iter().filter(|stay| stay.5.is_none()).count();
        assert!(still == queued || story.stays_every > 1, "{still} {queued}");
        assert_eq!(story.dashboard.users.len(), 7, "six agents and the lead");
    }
}
