//! Running a model again and again, each time with other draws.
//!
//! Replications run in parallel and are merged in their order, so results are the same for any number of threads.

use super::notes::Note;
use super::results::{Results, Summary};
use super::sample::{Progress, Sample};
use super::workers::{ExperimentError, Workers};
use crate::measures::Selector;
use crate::simulation::{Model, RunError};

/// How often a model is run.
#[derive(Clone, PartialEq, Debug)]
pub enum Repetition {
    /// That many times; at least once.
    Times(u32),
    /// Until a metric is known well enough.
    Until(Precision),
}

/// How well a metric is to be known.
#[derive(Clone, PartialEq, Debug)]
pub struct Precision {
    /// Which metric.
    pub metric: Selector,
    /// How narrow its 95 % interval is to be.
    pub to: Tolerance,
    /// No more replications than this.
    pub at_most: u32,
}

/// Half the width of an interval that is narrow enough.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Tolerance {
    /// As a share of the mean.
    Relative(f64),
    /// In the metric's own unit; times are seconds.
    Absolute(f64),
}

impl Precision {
    /// Whether these values, one for each replication so far, are enough: their interval is narrow, and has the replications it needs.
    pub fn is_reached(&self, values: &[Option<f64>]) -> bool {
        let narrow = |summary: Summary| summary.half_width().is_some_and(|half| half <= self.bound(summary.mean));
        Summary::of(values).is_some_and(|summary| summary.is_believable() && narrow(summary))
    }

    /// Returns the note on a precision that these values do not reach; `None` if they do.
    fn missed_by(&self, values: &[Option<f64>]) -> Option<Note> {
        if self.is_reached(values) {
            return None;
        }
        let summary = Summary::of(values);
        Some(Note::Imprecise {
            metric: self.metric.to_string(),
            half_width: summary.and_then(|summary| summary.half_width()),
            asked: summary.map(|summary| self.bound(summary.mean)),
            needs: summary.and_then(|summary| summary.needs),
            n: summary.map_or(0, |summary| summary.n),
        })
    }

    /// Half the width that is narrow enough about a mean.
    pub(super) fn bound(&self, mean: f64) -> f64 {
        match self.to {
            Tolerance::Relative(share) => share * mean.abs(),
            Tolerance::Absolute(width) => width,
        }
    }
}

/// What to run, apart from the model.
#[derive(Clone, PartialEq, Debug)]
pub struct Experiment {
    /// Names all random draws.
    pub seed: u64,
    /// How often.
    pub repetition: Repetition,
    /// On how many threads; `None` is as many as the machine has.
    pub threads: Option<usize>,
}

/// Runs a model as told; `progress` is called from any thread after each replication.
///
/// # Errors
/// If the machine does not give the threads, or a run passes a limit.
pub fn replicate(
    model: &Model,
    experiment: &Experiment,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Results, ExperimentError> {
    let workers = Workers::new(experiment.threads)?;
    let mut sample = Sample::new(model, experiment.seed);
    experiment.carry_out(&mut sample, &workers, progress)?;
    let mut results = sample.results();
    if let Repetition::Until(precision) = &experiment.repetition
        && let Some(figure) = results.get(&precision.metric.to_string())
    {
        let missed = precision.missed_by(&figure.values);
        results.notes.extend(missed);
    }
    Ok(results)
}

impl Experiment {
    /// Makes a sample grow until there is enough of it.
    pub(super) fn carry_out(
        &self,
        sample: &mut Sample<'_>,
        workers: &Workers,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(), RunError> {
        sample.grow_until(self.repetition.most(), workers, progress, |sample| match &self.repetition {
            Repetition::Times(_) => false,
            Repetition::Until(precision) => {
                sample.values(&precision.metric).is_some_and(|values| precision.is_reached(values))
            }
        })
    }
}

impl Repetition {
    /// How many replications there will be at most.
    pub fn most(&self) -> u32 {
        match self {
            Repetition::Times(times) => (*times).max(1),
            Repetition::Until(precision) => precision.at_most.max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::report::json;

    fn experiment(repetition: Repetition, threads: usize) -> Experiment {
        Experiment { seed: 5, repetition, threads: Some(threads) }
    }

    fn results(model: &Model, repetition: Repetition, threads: usize) -> Results {
        replicate(model, &experiment(repetition, threads), &|_| ()).unwrap()
    }

    /// Ten hours with breaches, abandonment, escalation and reopening.
    fn busy_day() -> Model {
        samples::model(6, 80.0, 10)
    }

    #[test]
    fn results_are_the_same_bytes_for_any_number_of_threads() {
        let model = busy_day();
        let [one, two, again] = [1, 2, 2].map(|threads| json(&results(&model, Repetition::Times(5), threads)));
        assert_eq!(one, two);
        assert_eq!(two, again);
    }

    #[test]
    fn every_replication_draws_anew_and_every_seed_too() {
        let model = busy_day();
        let first = results(&model, Repetition::Times(3), 2);
        let values = &first.get("queue.wait.mean").unwrap().values;
        assert!(values[0] != values[1] && values[1] != values[2], "{values:?}");
        let other = Experiment { seed: 6, ..experiment(Repetition::Times(3), 2) };
        let other = replicate(&model, &other, &|_| ()).unwrap();
        assert_ne!(first.digest, other.digest);
        assert_ne!(first.mean("queue.wait.mean"), other.mean("queue.wait.mean"));
        let fewer = results(&model, Repetition::Times(2), 2);
        assert_eq!(fewer.get("queue.wait.mean").unwrap().values, values[..2]);
        assert_ne!(fewer.digest, first.digest);
    }

    /// What came equals what went and what stays; every timer that started has one outcome or runs at the end.
    #[test]
    fn nothing_is_lost_in_a_whole_run() {
        let results = results(&busy_day(), Repetition::Times(4), 2);
        let of = |metric: &str, labels: &str, n: usize| {
            results.get(&format!("{metric}{labels}")).unwrap().values[n].unwrap_or_else(|| panic!("{metric}{labels}"))
        };
        for labels in ["", "{channel=\"chat\"}", "{channel=\"mail\"}", "{customer=\"shopper\"}"] {
            for n in 0..4 {
                assert_eq!(
                    of("tickets.created", labels, n) + of("tickets.reopened", labels, n),
                    of("tickets.closed", labels, n) + of("tickets.open_at_end", labels, n),
                    "{labels}, replication {n}"
                );
                for timer in ["sla.first_response", "sla.closure"] {
                    let ends = ["met", "breached", "cancelled", "unanswered", "running"];
                    let sum: f64 = ends.iter().map(|end| of(&format!("{timer}.{end}"), labels, n)).sum();
                    assert_eq!(of(&format!("{timer}.started"), labels, n), sum, "{timer} {labels}, replication {n}");
                }
            }
        }
        for metric in ["reopened", "abandoned", "escalated"] {
            assert!(of(&format!("tickets.{metric}"), "", 0) > 0.0, "a day without a ticket {metric} tests too little");
        }
        assert!(of("sla.first_response.breached", "", 0) > 0.0);
    }

    #[test]
    fn parts_add_up_to_the_desk() {
        let results = results(&busy_day(), Repetition::Times(2), 2);
        let of = |selector: &str| results.mean(selector).unwrap_or_else(|| panic!("{selector}"));
        let sum = |metric: &str, label: &str, values: &[&str]| -> f64 {
            values.iter().map(|value| of(&format!("{metric}{{{label}=\"{value}\"}}"))).sum()
        };
        assert_eq!(of("tickets.created"), sum("tickets.created", "channel", &["chat", "mail"]));
        assert_eq!(of("tickets.assigned"), sum("tickets.assigned", "group", &["support", "leads"]));
        let agents: Vec<String> = (1..=6).map(|n| format!("support-{n}")).chain(["lead".to_owned()]).collect();
        let agents: Vec<&str> = agents.iter().map(String::as_str).collect();
        assert_eq!(of("tickets.assigned"), sum("tickets.assigned", "agent", &agents));
        assert_eq!(of("sla.closure.met"), sum("sla.closure.met", "agent", &agents));
        let hours = of("agents.available_hours");
        assert!((hours - sum("agents.available_hours", "agent", &agents)).abs() < 1e-9 && hours > 0.0);
        let shares = sum("agents.status_share", "status", &["Available", "Away", "Offline"]);
        assert!((shares - 1.0).abs() < 1e-12, "{shares}");
        let occupancy = of("agents.occupancy");
        assert!(occupancy > 0.1 && occupancy < 1.0, "{occupancy}");
    }

    #[test]
    fn the_warmup_leaves_the_run_as_it_is() {
        let whole = results(&busy_day(), Repetition::Times(2), 2);
        let mut model = busy_day();
        model.run.warmup = crate::time::Span::from_secs(2 * 3_600);
        let later = results(&model, Repetition::Times(2), 2);
        assert_eq!(whole.digest, later.digest);
        assert!(later.mean("tickets.created").unwrap() < whole.mean("tickets.created").unwrap());
        assert_eq!(later.mean("tickets.open_at_end"), whole.mean("tickets.open_at_end"));
    }

    #[test]
    fn a_precision_asked_for_stops_as_soon_as_it_is_reached() {
        let model = busy_day();
        let precision =
            Precision { metric: "tickets.created".parse().unwrap(), to: Tolerance::Relative(0.005), at_most: 900 };
        let [one, two] = [1, 2].map(|threads| results(&model, Repetition::Until(precision.clone()), threads));
        assert_eq!(json(&one), json(&two));
        let relative = |values: &[Option<f64>]| {
            let summary = Summary::of(values).unwrap();
            summary.half_width().unwrap() / summary.mean
        };
        let values = &one.get("tickets.created").unwrap().values;
        assert_eq!(values.len(), one.replications as usize);
        assert!(values.len() > 80 && values.len() < 900, "{}", values.len());
        assert!(relative(values) <= 0.005 && relative(&values[..values.len() - 1]) > 0.005);
        let never = Precision { to: Tolerance::Relative(1e-9), at_most: 12, ..precision.clone() };
        let short = results(&model, Repetition::Until(never), 2);
        assert_eq!((short.replications, &one.notes[..]), (12, &[][..]));
        let [Note::Imprecise { metric, half_width: Some(half), asked: Some(asked), needs: Some(needs), n: 12 }] =
            &short.notes[..]
        else {
            panic!("{:?}", short.notes)
        };
        assert!(metric == "tickets.created" && half > asked && *needs >= 80, "{half} {asked} {needs}");
        // The same said in tickets stops at the same replication.
        let summary = Summary::of(values).unwrap();
        let absolute = Precision { to: Tolerance::Absolute(summary.half_width().unwrap()), ..precision };
        assert_eq!(results(&model, Repetition::Until(absolute), 2).replications, one.replications);
    }

    #[test]
    fn progress_is_told_of_each_replication_and_of_the_time_within_one() {
        let told = |times, threads| {
            let seen = std::sync::Mutex::new(Vec::new());
            let model = samples::model(1, 5.0, 1);
            let experiment = experiment(Repetition::Times(times), threads);
            replicate(&model, &experiment, &|progress| seen.lock().unwrap().push(progress)).unwrap();
            seen.into_inner().unwrap()
        };
        let several = told(7, 2);
        assert!(several.iter().all(|progress| progress.of == 7 && progress.done <= 7));
        assert!((1..=7).all(|done| several.iter().any(|progress| progress.done == done)));
        // A single replication tells every hundredth of its time, and then that it is done.
        let at = |progress: &Progress| progress.done * 100 + progress.hundredths;
        let expected: Vec<u64> = (1..=100).chain([100]).collect();
        assert_eq!(told(1, 1).iter().map(at).collect::<Vec<_>>(), expected);
    }
}
