//! The whole check.
//!
//! Every verdict rests on numbers of replications that are fixed before the first is made: the scenario's own number, then twice as
//! many as before, up to the limit. A test looks again only while it cannot tell, and keeps the verdict of the look that could. Who
//! looks K times has K chances to err, so each look errs with at most a K-th of one less the confidence, and all of them together
//! with no more than that (Bonferroni's inequality, which holds however the looks depend on one another). A test that is planned to
//! look once, as all are without a limit above the scenario's own number, has all of it to spend.
//!
//! An end of an interval decides nothing before there are as many replications as the interval needs for its skewness, so its first
//! look is at no fewer than any interval needs.

use super::baseline::Baseline;
use super::expectation::{Condition, Expectation, Gate, On};
use super::finding::{BaselineFacts, BatchFacts, Check, Consequence, Exact, Finding, Verdict};
use super::judge::{Evidence, judge};
use crate::experiment::warmup::ChosenWarmup;
use crate::experiment::{Experiment, ExperimentError, Progress, Results, Sample, Workers};
use crate::kernel::fingerprint;
use crate::simulation::Model;
use crate::stats::{FEWEST_BELIEVED, tails};
use crate::time::Span;

/// What a run is compared with.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    /// How it was.
    pub baseline: &'a Baseline,
    /// The parts of the scenario that were changed since, as [`Baseline::comparable`] lists them.
    pub changed: &'a [String],
}

/// One condition on its way to a verdict.
struct Open<'a> {
    expectation: &'a Expectation,
    condition: Condition,
    /// The replications at each look.
    looks: Vec<u32>,
    finding: Option<Finding>,
}

/// The replications at the first look at an end of an interval: a fourth more than the fewest, as most intervals need a few more.
const FIRST_LOOK: u32 = FEWEST_BELIEVED as u32 * 5 / 4;

/// Holds a model's results to what is expected of them. The sample that was made for it comes with the check.
///
/// With `keep`, as many replications are made as the gate allows, needed or not: for a baseline to be saved.
///
/// # Errors
/// If the machine does not give the threads, or a run passes a limit.
pub fn check<'m>(
    model: &'m Model,
    expectations: &[Expectation],
    gate: &Gate,
    experiment: &Experiment,
    comparison: Option<Comparison<'_>>,
    keep: bool,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(Check, Sample<'m>), ExperimentError> {
    let workers = Workers::new(experiment.threads)?;
    let mut sample = Sample::new(model, experiment.seed);
    if let Some(comparison) = comparison.filter(|_| model.run.auto_warmup) {
        // Runs are paired over the same time.
        sample.leave_out(ChosenWarmup::Settles(comparison.baseline.warmup()));
    }
    experiment.carry_out(&mut sample, &workers, progress)?;
    let first = sample.replications();
    let limit = gate.max_replications.unwrap_or(first).max(first);
    let digest = sample.digest();
    let Results { stability, batches, .. } = sample.results();
    let exact = gate.exact.then(|| exact(&sample, comparison));

    let conditions = expectations
        .iter()
        .flat_map(|expectation| expectation.conditions.iter().map(move |&condition| (expectation, condition)));
    let mut open: Vec<Open<'_>> = conditions
        .map(|(expectation, condition)| {
            // Pairs are only as many as the baseline has.
            let limit = match comparison {
                Some(comparison) if condition.needs_baseline() => limit.min(comparison.baseline.replications),
                _ => limit,
            };
            let on_an_end = !condition.needs_baseline() && matches!(expectation.on, On::CiUpper | On::CiLower);
            let first = if on_an_end && batches.is_none() { first.max(FIRST_LOOK) } else { first };
            Open { expectation, condition, looks: looks(first, limit), finding: None }
        })
        .collect();
    loop {
        for one in &mut open {
            one.look(&sample, gate, comparison);
        }
        let Some(next) = open.iter().filter_map(|one| one.wants(sample.replications())).min() else { break };
        sample.grow_until(next, &workers, progress, |_| false)?;
    }
    if keep {
        sample.grow_until(limit, &workers, progress, |_| false)?;
    }

    let findings: Vec<Finding> = open.into_iter().filter_map(|one| one.finding).collect();
    let failed = findings.iter().any(|finding| finding.consequence == Consequence::Fails)
        || exact.as_ref().is_some_and(|exact| exact.verdict == Verdict::Fail);
    let check = Check {
        title: model.title.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: model.hash.clone(),
        seed: experiment.seed,
        replications: sample.replications(),
        duration: model.run.duration.as_secs_f64(),
        digest,
        draws: format!("{:016x}", fingerprint()),
        warmup: sample.warmup().as_secs_f64(),
        batches: batches.map(|cut| BatchFacts {
            count: cut.count,
            length: cut.length.as_secs_f64(),
            needs: cut.needs.map(Span::as_secs_f64),
        }),
        stability,
        baseline: comparison.map(|Comparison { baseline, changed }| BaselineFacts {
            version: baseline.desksim.clone(),
            scenario: baseline.scenario.clone(),
            replications: baseline.replications,
            digest: baseline.digest.clone(),
            changed: changed.to_vec(),
        }),
        obstacles: Vec::new(),
        failed,
        exact,
        findings,
    };
    Ok((check, sample))
}

/// The numbers of replications at which an open question is looked at: `first`, then twice as many as before, up to `limit`.
pub(super) fn looks(first: u32, limit: u32) -> Vec<u32> {
    let mut looks = vec![first.min(limit)];
    while let Some(&last) = looks.last()
        && last < limit
    {
        looks.push(last.saturating_mul(2).min(limit));
    }
    looks
}

impl Open<'_> {
    /// Looks at the sample if this number of replications was planned for, and nothing was decided before.
    fn look(&mut self, sample: &Sample<'_>, gate: &Gate, comparison: Option<Comparison<'_>>) {
        let made = sample.replications();
        if self.finding.as_ref().is_some_and(|finding| finding.verdict != Verdict::Inconclusive) {
            return;
        }
        let planned = self.looks.len() as u32;
        // A baseline may hold fewer replications than the scenario now asks for.
        let Some(look) = self.looks.iter().position(|&look| look == made || planned == 1) else { return };
        let count = self.looks[look].min(made);
        let Expectation { metric, on, severity, .. } = self.expectation;
        let confidence = self.expectation.confidence.unwrap_or(gate.confidence);
        let on_inconclusive = self.expectation.on_inconclusive.unwrap_or(gate.on_inconclusive);
        let alpha = (1.0 - confidence) / f64::from(planned);
        let first = |values: &[Option<f64>]| values[..values.len().min(count as usize)].to_vec();
        let values = sample.values(metric).map(first).unwrap_or_default();
        let baseline = comparison.and_then(|comparison| comparison.baseline.values(metric)).map(first);
        let evidence = Evidence {
            values: &values,
            baseline: baseline.as_deref().unwrap_or_default(),
            better: metric.metric().better,
            batched: sample.batch_interval(metric, 1.0 - alpha),
            alpha,
        };
        let mut judgement = judge(self.condition, *on, evidence);
        if let (Some(difference), Some(test)) = (&mut judgement.difference, judgement.test) {
            difference.finds = test.finds();
            if judgement.verdict == Verdict::Inconclusive {
                difference.needs = test.needs(matches!(self.condition, Condition::SameAsBaseline { .. }));
            }
        }
        if self.condition.needs_baseline() && comparison.is_none() {
            judgement.verdict = Verdict::Skipped;
        }
        self.finding = Some(Finding {
            metric: metric.to_string(),
            condition: self.condition,
            on: *on,
            severity: *severity,
            on_inconclusive,
            verdict: judgement.verdict,
            consequence: Finding::consequence(judgement.verdict, *severity, on_inconclusive),
            held: judgement.held,
            mean: judgement.mean,
            interval: judgement.interval,
            tails: tails(values.iter().copied().flatten()),
            needs: judgement.needs,
            n: judgement.n,
            replications: count,
            replication: judgement.replication,
            alpha,
            look: [look as u32 + 1, planned],
            difference: judgement.difference,
            values,
        });
    }

    /// The number of replications at which it wants to look next, if it could not tell so far.
    fn wants(&self, made: u32) -> Option<u32> {
        let undecided = self.finding.as_ref().is_none_or(|finding| finding.verdict == Verdict::Inconclusive);
        self.looks.iter().copied().find(|&look| undecided && look > made)
    }
}

/// Compares the digests of each replication with the baseline's.
fn exact(sample: &Sample<'_>, comparison: Option<Comparison<'_>>) -> Exact {
    let Some(Comparison { baseline, .. }) = comparison else {
        return Exact {
            verdict: Verdict::Skipped,
            replications: 0,
            first: None,
            differing: 0,
            traced: None,
            divergence: None,
        };
    };
    let pairs = sample.digests().iter().zip(&baseline.digests);
    let differing: Vec<u32> = (0..)
        .zip(pairs.clone())
        .filter(|(_, (now, then))| format!("{now:032x}") != **then)
        .map(|(replication, _)| replication)
        .collect();
    Exact {
        verdict: if differing.is_empty() { Verdict::Pass } else { Verdict::Fail },
        replications: pairs.len() as u32,
        first: differing.first().copied(),
        differing: differing.len() as u32,
        traced: None,
        divergence: None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::expectation::{OnInconclusive, Severity};
    use super::*;
    use crate::experiment::{Repetition, samples};

    fn expectation(metric: &str, condition: Condition, on: On) -> Expectation {
        Expectation {
            metric: metric.parse().unwrap(),
            conditions: vec![condition],
            on,
            severity: Severity::Error,
            confidence: None,
            on_inconclusive: None,
            holds: None,
        }
    }

    fn experiment(seed: u64, replications: u32) -> Experiment {
        Experiment { seed, repetition: Repetition::Times(replications), threads: Some(2) }
    }

    fn checked(model: &Model, expectations: &[Expectation], gate: &Gate, replications: u32) -> Check {
        check(model, expectations, gate, &experiment(1, replications), None, false, &|_| ()).unwrap().0
    }

    #[test]
    fn looks_double_up_to_the_limit() {
        assert_eq!(looks(20, 20), [20]);
        assert_eq!(looks(20, 100), [20, 40, 80, 100]);
        assert_eq!(looks(20, 7), [7], "a baseline may have fewer");
        assert_eq!(looks(1, u32::MAX).len(), 33);
    }

    #[test]
    fn all_is_judged_and_each_by_its_own_number_of_replications() {
        let model = samples::model(2, 20.0, 2);
        let limit = Condition::AtMost;
        let mut expectations = vec![
            expectation("tickets.created", limit(1.0), On::Mean),
            // Of the mean itself, of as many replications as there may be, an interval never says on which side it lies.
            expectation("tickets.created", limit(0.0), On::CiUpper),
            expectation("tickets.created", limit(1e6), On::CiUpper),
            expectation("sla.closure.breach_rate{agent=\"nobody\"}", limit(1.0), On::Mean),
            expectation("tickets.created", Condition::SameAsBaseline { margin: 1.0 }, On::Mean),
        ];
        let mean = checked(&model, &expectations[..1], &Gate::default(), 160).findings[0].mean.unwrap();
        expectations[1].conditions = vec![limit(mean)];
        let gate = Gate { max_replications: Some(160), ..Gate::default() };
        let check = checked(&model, &expectations, &gate, 6);
        let verdicts: Vec<_> = check.findings.iter().map(|finding| (finding.verdict, finding.replications)).collect();
        assert_eq!(
            verdicts,
            [
                (Verdict::Fail, 6),
                (Verdict::Inconclusive, 160),
                // An end is not looked at before there are more than any interval needs.
                (Verdict::Pass, 100),
                (Verdict::NoData, 6),
                (Verdict::Skipped, 6),
            ]
        );
        assert!(check.failed && check.replications == 160);
        assert_eq!(check.findings[1].look, [2, 2]);
        assert!((check.findings[1].alpha - 0.05 / 2.0).abs() < 1e-15);
        let alone = checked(&model, &expectations[2..3], &gate, 6);
        assert_eq!((alone.replications, alone.failed), (100, false), "what is sure needs no more");
        assert_eq!(alone.findings[0], check.findings[2], "and what else is expected changes nothing");
    }

    #[test]
    fn an_open_question_counts_as_was_said() {
        let model = samples::model(2, 20.0, 2);
        let one = |on_inconclusive, severity| Expectation {
            on_inconclusive,
            severity,
            ..expectation("tickets.created", Condition::AtMost(1e6), On::CiUpper)
        };
        // One replication has no interval.
        let (fail, pass, warn) = (OnInconclusive::Fail, OnInconclusive::Pass, OnInconclusive::Warn);
        for (gate, own, severity, expected) in [
            (fail, None, Severity::Error, Consequence::Fails),
            (pass, None, Severity::Error, Consequence::Passes),
            (warn, None, Severity::Error, Consequence::Warns),
            (pass, Some(fail), Severity::Error, Consequence::Fails),
            (fail, Some(pass), Severity::Error, Consequence::Passes),
            (fail, None, Severity::Warning, Consequence::Warns),
        ] {
            let gate = Gate { on_inconclusive: gate, ..Gate::default() };
            let check = checked(&model, &[one(own, severity)], &gate, 1);
            assert_eq!(check.findings[0].verdict, Verdict::Inconclusive);
            assert_eq!(check.findings[0].consequence, expected);
            assert_eq!(check.failed, expected == Consequence::Fails);
        }
        let mut missing = expectation("sla.closure.breach_rate{agent=\"nobody\"}", Condition::AtMost(1.0), On::Mean);
        missing.on_inconclusive = Some(pass);
        assert!(checked(&model, &[missing.clone()], &Gate::default(), 2).failed, "no data is no open question");
        missing.severity = Severity::Warning;
        assert!(!checked(&model, &[missing], &Gate::default(), 2).failed);
    }

    #[test]
    fn the_same_desk_passes_a_hundred_times_of_a_hundred() {
        let model = samples::model(3, 30.0, 2);
        let expectations = [
            expectation("tickets.created", Condition::SameAsBaseline { margin: 0.0 }, On::Mean),
            expectation("queue.wait.mean", Condition::NoWorseThanBaseline { margin: 0.0 }, On::Mean),
            expectation("balance.assigned.jain", Condition::AtLeast(0.3), On::Mean),
        ];
        let gate = Gate { exact: true, ..Gate::default() };
        for seed in 0..100 {
            let threads = Some(seed as usize % 3 + 1);
            let run = |comparison| {
                let experiment = Experiment { threads, ..experiment(seed, 5) };
                check(&model, &expectations, &gate, &experiment, comparison, true, &|_| ()).unwrap()
            };
            let (_, sample) = run(None);
            let baseline = Baseline::parse(&Baseline::of(&sample, seed, &expectations).json()).unwrap();
            assert_eq!(baseline.comparable(&model, seed, false), Ok(Vec::new()));
            let (again, _) = run(Some(Comparison { baseline: &baseline, changed: &[] }));
            assert!(!again.failed, "seed {seed}: {again:?}");
        }
    }

    /// Whole gates over runs of a desk: the baseline is of the same desk and other customers, so that nothing but chance differs.
    #[test]
    fn between_runs_that_differ_by_chance_alone_a_gate_fails_at_most_at_its_level() {
        const GATES: u64 = 200;
        let model = samples::model(2, 24.0, 1);
        let expectations = [expectation("queue.wait.mean", Condition::NoWorseThanBaseline { margin: 0.0 }, On::Mean)];
        for limit in [8, 32] {
            let gate = Gate { max_replications: Some(limit), ..Gate::default() };
            let failed = (0..GATES).filter(|&seed| {
                let (_, other) =
                    check(&model, &expectations, &gate, &experiment(seed + GATES, 8), None, true, &|_| ()).unwrap();
                let baseline = Baseline::of(&other, seed, &expectations);
                let comparison = Some(Comparison { baseline: &baseline, changed: &[] });
                let (check, _) =
                    check(&model, &expectations, &gate, &experiment(seed, 8), comparison, false, &|_| ()).unwrap();
                check.findings[0].verdict == Verdict::Fail
            });
            let share = failed.count() as f64 / GATES as f64;
            assert!(share <= 0.05 + 3.0 * libm::sqrt(0.05 * 0.95 / GATES as f64), "{share} with at most {limit}");
        }
    }

    /// A warm-up that is chosen by a look at the runs is chosen once, for the baseline.
    #[test]
    fn runs_are_paired_over_the_same_time() {
        let mut model = samples::model(20, 60.0, 24 * 10);
        samples::round_the_clock(&mut model);
        model.run.auto_warmup = true;
        let expectations = [expectation("queue.wait.mean", Condition::SameAsBaseline { margin: 0.0 }, On::Mean)];
        let run = |comparison: Option<&Baseline>| {
            let comparison = comparison.map(|baseline| Comparison { baseline, changed: &[] });
            check(&model, &expectations, &Gate::default(), &experiment(1, 2), comparison, true, &|_| ()).unwrap()
        };
        let (_, sample) = run(None);
        assert!(sample.warmup() > crate::time::Span::ZERO, "the desk fills up");
        let baseline = Baseline::parse(&Baseline::of(&sample, 1, &expectations).json()).unwrap();
        let (same, _) = run(Some(&baseline));
        assert_eq!(same.findings[0].difference.unwrap().mean, 0.0);
        let line = |seconds: f64| format!("\"warmup\": {seconds:?}");
        let later = baseline.json().replace(&line(baseline.warmup().as_secs_f64()), &line(90_000.0));
        let (_, again) = run(Some(&Baseline::parse(&later).unwrap()));
        assert_eq!(again.warmup(), crate::time::Span::from_secs(90_000), "the baseline's, whatever it would choose");
    }

    #[test]
    fn the_first_replication_that_is_not_exactly_as_it_was_is_named() {
        let (before, after) = (samples::model(3, 30.0, 1), samples::model(4, 30.0, 1));
        let gate = Gate { exact: true, ..Gate::default() };
        let (_, sample) = check(&before, &[], &gate, &experiment(1, 4), None, true, &|_| ()).unwrap();
        let baseline = Baseline::of(&sample, 1, &[]);
        let compare = |model: &Model, baseline: &Baseline, replications| {
            let comparison = Some(Comparison { baseline, changed: &[] });
            let (check, _) =
                check(model, &[], &gate, &experiment(1, replications), comparison, false, &|_| ()).unwrap();
            assert_eq!(check.failed, check.exact.as_ref().unwrap().verdict == Verdict::Fail);
            check.exact.unwrap()
        };
        for replications in [2, 4, 6] {
            let same = compare(&before, &baseline, replications);
            assert_eq!((same.verdict, same.replications), (Verdict::Pass, replications.min(4)));
        }
        let other = compare(&after, &baseline, 4);
        assert_eq!((other.verdict, other.first, other.differing), (Verdict::Fail, Some(0), 4));
        let mut late = baseline.clone();
        late.digests[2] = "0".repeat(32);
        let other = compare(&before, &late, 4);
        assert_eq!((other.first, other.differing), (Some(2), 1));
    }
}
