//! Small results by hand, for tests.

use crate::experiment::check::{
    BaselineFacts, Check, Condition, Consequence, Difference, Exact, Finding, On, OnInconclusive, Severity, Verdict,
};
use crate::experiment::{
    Bound, Facts, Figure, GroupFacts, GroupLoad, Growth, Results, Stability, StabilityVerdict, Summary, Target,
};
use crate::measures::{Label, Unit, catalog};
use crate::simulation::Divergence;
use crate::time::Span;

fn results(replications: u32, figures: Vec<Figure>) -> Results {
    let target = |channel: &str, first_response| Target {
        channel: channel.to_owned(),
        first_response,
        closure: Some(Span::from_secs(28_800)),
    };
    Results {
        version: "0.0.0".to_owned(),
        scenario: "d0c5".to_owned(),
        seed: 7,
        replications,
        digest: "0123456789abcdef0123456789abcdef".to_owned(),
        draws: "f1".to_owned(),
        facts: Facts {
            title: "Web shop".to_owned(),
            duration: Span::from_secs(86_400),
            warmup: Span::ZERO,
            chosen_warmup: None,
            targets: vec![target("chat", Some(Span::from_secs(300))), target("mail", None)],
            groups: vec![GroupFacts { name: "support".to_owned(), agents: 12 }],
        },
        batches: None,
        stability: Some(stability(0.62)),
        notes: Vec::new(),
        figures,
    }
}

fn stability(load: f64) -> Stability {
    let verdict = if load < 1.0 { StabilityVerdict::Stable } else { StabilityVerdict::Overloaded };
    let group = GroupLoad {
        group: "support".to_owned(),
        offered_hours: Some(load * 125.0),
        capacity_hours: 125.0,
        load: Some(load),
        bound: Bound::Work,
        loss: false,
        verdict,
    };
    Stability {
        verdict,
        groups: vec![group],
        growth: Some(Growth { per_hour: 0.125, p: 0.25 }),
        cycle: None,
        relaxation: None,
        never_closed: false,
    }
}

fn figure(selector: &str, values: &[Option<f64>]) -> Figure {
    Figure { selector: selector.parse().unwrap(), values: values.to_vec(), summary: Summary::of(values) }
}

/// Two replications and some figures of every kind.
pub(super) fn tiny() -> Results {
    let of = |selector: &str, one: f64, two: f64| figure(selector, &[Some(one), Some(two)]);
    results(
        2,
        vec![
            of("sla.first_response.breach_rate", 0.08, 0.1),
            of("sla.first_response.breach_rate{channel=\"chat\"}", 0.08, 0.1),
            of("sla.first_response.started", 950.0, 960.0),
            of("sla.first_response.overrun.mean", 95.0, 105.0),
            of("sla.first_response.time.mean", 190.0, 192.0),
            figure("sla.closure.breach_rate", &[None, Some(0.25)]),
            of("sla.closure.started", 0.0, 4.0),
            of("customer.first_response.mean", 250.1, 251.3),
            of("customer.resolution.mean", 7_400.0, 7_600.0),
            of("queue.wait.mean", 31.5, 30.25),
            of("queue.wait.p90", 61.5, 60.25),
            of("queue.wait.zero_share", 0.5, 0.51),
            of("queue.wait.over.60s", 0.11, 0.1),
            of("queue.length.mean", 3.3, 3.1),
            of("queue.length.max", 14.0, 17.0),
            of("tickets.created", 960.0, 1_100.0),
            of("tickets.closed", 950.0, 1_098.0),
            of("tickets.abandoned", 10.0, 12.0),
            of("tickets.abandon_rate", 0.0104, 0.0109),
            of("tickets.open_at_end", 10.0, 2.0),
            of("agents.occupancy", 0.71, 0.72),
            of("agents.occupancy{group=\"support\"}", 0.71, 0.72),
            of("agents.open.mean{group=\"support\"}", 1.4, 1.5),
            of("agents.status_share{status=\"Lunch\"}", 0.1, 1.0 / 3.0),
            figure("balance.assigned.jain", &[Some(0.98), Some(0.99)]),
            of("balance.assigned.max_over_mean", 1.2, 1.25),
        ],
    )
}

/// One replication: no intervals.
pub(super) fn single() -> Results {
    let figures = tiny().figures;
    let first = |row: &Figure| Figure {
        selector: row.selector.clone(),
        values: row.values[..1].to_vec(),
        summary: Summary::of(&row.values[..1]),
    };
    results(1, figures.iter().map(first).collect())
}

/// No figures at all.
pub(super) fn empty() -> Results {
    let mut results = results(2, Vec::new());
    results.facts.title = String::new();
    results.facts.targets.clear();
    results.facts.groups.clear();
    results
}

/// Every metric, large and spread wide, under long names.
pub(super) fn wide() -> Results {
    let long = "ein sehr langer Name ".repeat(9);
    let mut figures = Vec::new();
    for metric in catalog::catalog() {
        let labels: Vec<Option<Label>> = std::iter::once(None).chain(metric.labels.iter().copied().map(Some)).collect();
        for label in labels {
            let name = match label {
                Some(label) => format!("{}{{{}=\"{long}\"}}", metric.name, label.name()),
                None => metric.name.clone(),
            };
            let scale = if metric.unit == Unit::Share { 1.0 } else { 1e9 };
            figures.push(figure(&name, &[0.999, 0.001, 0.555].map(|value| Some(value * scale))));
        }
    }
    let mut results = results(1_000_000, figures);
    results.seed = u64::MAX;
    results.scenario = "0123456789abcdef".repeat(6);
    results.facts.title = format!("{long}\nmit\tZeilen");
    results.facts.duration = Span::from_micros(123_456_789_012_345);
    results.facts.warmup = Span::from_micros(12_345_678_901);
    results.facts.targets =
        vec![Target { channel: long.clone(), first_response: Some(Span::from_micros(1_234_567)), closure: None }; 30];
    results.facts.groups = vec![GroupFacts { name: long, agents: 100_000 }; 30];
    results
}

fn finding(metric: &str, condition: Condition, on: On, verdict: Verdict, held: Option<f64>) -> Finding {
    let consequence = match verdict {
        Verdict::Pass | Verdict::Skipped => Consequence::Passes,
        Verdict::NotComparable => Consequence::Warns,
        Verdict::Fail | Verdict::Inconclusive | Verdict::NoData => Consequence::Fails,
    };
    Finding {
        metric: metric.to_owned(),
        condition,
        on,
        severity: Severity::Error,
        on_inconclusive: OnInconclusive::Fail,
        verdict,
        consequence,
        held,
        mean: held,
        needs: None,
        interval: held.map(|held| [held * 0.9, held * 1.1]),
        tails: None,
        n: held.map_or(0, |_| 20),
        replications: 20,
        replication: None,
        alpha: 0.05,
        look: [1, 1],
        difference: None,
        values: vec![held; 20],
    }
}

/// A check with a finding of every kind.
pub(super) fn check() -> Check {
    let reply = "sla.first_response.breach_rate";
    let difference = |mean: f64, interval: Option<[f64; 2]>| {
        Some(Difference { baseline: 30.0, mean, interval, pairs: 20, finds: Some(7.5), needs: None })
    };
    let no_worse = Condition::NoWorseThanBaseline { margin: 5.0 };
    let same = Condition::SameAsBaseline { margin: 5.0 };
    Check {
        obstacles: Vec::new(),
        title: "Web shop".to_owned(),
        version: "0.0.0".to_owned(),
        scenario: "d0c5".to_owned(),
        seed: 7,
        replications: 40,
        duration: 86_400.0,
        digest: "0123456789abcdef0123456789abcdef".to_owned(),
        draws: "f1".to_owned(),
        warmup: 0.0,
        batches: None,
        stability: Some(stability(1.25)),
        baseline: Some(BaselineFacts {
            version: "0.0.0".to_owned(),
            scenario: "d0c4".to_owned(),
            replications: 40,
            digest: "fedcba9876543210fedcba9876543210".to_owned(),
            changed: vec!["channel.chat".to_owned()],
        }),
        failed: true,
        exact: Some(Exact {
            verdict: Verdict::Fail,
            replications: 20,
            first: Some(0),
            differing: 12,
            traced: Some(0),
            divergence: Some(Divergence {
                step: 31,
                at: 95.25,
                command: Some(
                    "{\"at\":95.25,\"do\":{\"message\":{\"conversation\":\"c8\",\"channel\":\"chat\"}}}".to_owned(),
                ),
                line: 88,
                before: Some(
                    "{\"at\":95.25,\"effect\":{\"assigned\":{\"ticket\":\"0000008\",\"to\":\"ana\",\"how\":\"auto\"}}}"
                        .to_owned(),
                ),
                now: None,
            }),
        }),
        findings: vec![
            finding(reply, Condition::AtMost(0.3), On::Mean, Verdict::Pass, Some(0.123)),
            finding("balance.assigned.jain", Condition::AtLeast(0.9), On::Mean, Verdict::Fail, Some(0.341)),
            Finding {
                severity: Severity::Warning,
                consequence: Consequence::Warns,
                mean: Some(0.1818),
                ..finding(reply, Condition::AtMost(0.2), On::CiUpper, Verdict::Fail, Some(0.200_04))
            },
            Finding {
                replication: Some(3),
                n: 18,
                ..finding("queue.wait.p95", Condition::AtMost(60.0), On::WorstReplication, Verdict::Pass, Some(51.0))
            },
            Finding {
                difference: difference(1.0, Some([-0.5, 2.5])),
                ..finding("queue.wait.mean", no_worse, On::Mean, Verdict::Pass, Some(31.0))
            },
            Finding {
                difference: difference(3.0, Some([-2.0, 8.0])).map(|found| Difference { needs: Some(85), ..found }),
                look: [2, 2],
                replications: 40,
                alpha: 0.025,
                ..finding("queue.wait.mean", same, On::Mean, Verdict::Inconclusive, Some(33.0))
            },
            Finding {
                difference: difference(0.0, Some([0.0, 0.0])).map(|found| Difference { finds: None, ..found }),
                ..finding("queue.wait.mean", Condition::WithinOfBaseline(1.0), On::Mean, Verdict::Pass, Some(30.0))
            },
            finding("sla.closure.breach_rate", Condition::AtMost(0.1), On::Mean, Verdict::NoData, None),
            finding("tickets.created", same, On::Mean, Verdict::Skipped, Some(955.0)),
        ],
    }
}

/// The same under long names with everything in them that could break a form.
pub(super) fn wide_check() -> Check {
    let mut check = check();
    let name = "a|b`c*d_<e>&\"\u{1b}[31m]]> ein sehr langer Name ".repeat(5);
    check.title.clone_from(&name);
    check.seed = u64::MAX;
    check.scenario = "0123456789abcdef".repeat(6);
    for finding in &mut check.findings {
        let letters: String = name.chars().filter(|letter| !matches!(letter, '"' | '\\')).collect();
        finding.metric = format!("queue.wait.mean{{channel=\"{letters}\"}}");
        finding.held = finding.held.map(|held| held * 123_456_789.0);
        finding.mean = finding.mean.map(|mean| mean * -123_456_789.0);
    }
    if let Some(facts) = &mut check.baseline {
        facts.changed = vec![name.clone(); 20];
    }
    check
}
