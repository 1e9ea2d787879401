//! Whether results that were read back hang together: before anything is drawn of them, every list is as long as it must be, every index
//! leads somewhere, every name is one that there is, and every number lies where it can.

use super::chart::Clock;
use crate::experiment::bench::Bench;
use crate::experiment::check::{Check, Condition};
use crate::experiment::comparison::Comparison;
use crate::experiment::staffing::{Staffed, Staffing};
use crate::experiment::sweep::Sweep;
use crate::experiment::{CUSTOMER_OUTCOMES, DiaryText, OUTCOMES, Picture, Results, Stay, Story};
use crate::ledger::Dashboard;
use crate::measures::{HALF_HOURS, WEEK_HOURS};
use crate::simulation::limits;
use serde_json::Value;
use std::fmt::Display;

/// Nothing, or the place that is wrong and what is wrong about it.
pub(super) type Sound = Result<(), String>;

/// Whole numbers beyond this are no counts.
const MOST_COUNTED: u64 = 1 << 53;

/// The longest run, in seconds.
const LONGEST: f64 = 36_500.0 * 86_400.0;

/// More replications than a run may have are none.
const MOST_REPLICATIONS: u32 = 1_000_000;

/// Every number of a document is one that can be counted with; only seeds may be as large as they like.
pub(super) fn numbers(document: &Value) -> Sound {
    fn look(value: &Value, place: &mut Vec<String>) -> Sound {
        let within = |place: &mut Vec<String>, name: String, value: &Value| {
            place.push(name);
            look(value, place)?;
            place.pop();
            Ok(())
        };
        match value {
            Value::Number(number) => {
                let is_seed = matches!(place.last().map(String::as_str), Some("seed" | "proof_seed"))
                    // A sweep may be over seeds.
                    || place.iter().any(|name| name == "axes" || name == "settings");
                let fits = match (number.as_u64(), number.as_i64()) {
                    (Some(count), _) => is_seed || count <= MOST_COUNTED,
                    (None, Some(count)) => count.unsigned_abs() <= MOST_COUNTED,
                    (None, None) => number.as_f64().is_some_and(|number| number.abs() <= limits::RESULT),
                };
                ensure(fits, || format!("{}: {number} is too large", place.join(".")))
            }
            Value::Array(items) => {
                items.iter().enumerate().try_for_each(|(n, item)| within(place, n.to_string(), item))
            }
            Value::Object(entries) => entries.iter().try_for_each(|(key, value)| within(place, key.clone(), value)),
            Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
        }
    }
    look(document, &mut Vec::new())
}

fn ensure(holds: bool, words: impl FnOnce() -> String) -> Sound {
    if holds { Ok(()) } else { Err(words()) }
}

fn count(place: impl Display, found: usize, expected: usize) -> Sound {
    ensure(found == expected, || format!("{place}: {found} entries, where {expected} belong"))
}

fn index(place: impl Display, found: i64, least: i64, length: usize) -> Sound {
    let within = found >= least && i128::from(found) < length as i128;
    ensure(within, || format!("{place}: {found} is no index of {length} entries"))
}

fn share(place: impl Display, found: f64) -> Sound {
    ensure((0.0..=1.0).contains(&found), || format!("{place}: {found} is no share of 0 to 1"))
}

fn seconds(place: impl Display, found: f64) -> Sound {
    ensure((0.0..=LONGEST).contains(&found), || format!("{place}: {found} is no time of a run, in seconds"))
}

fn replications(place: impl Display, found: u32) -> Sound {
    ensure((1..=MOST_REPLICATIONS).contains(&found), || format!("{place}: {found} is no number of replications"))
}

fn duration(found: f64) -> Sound {
    seconds("duration", found)?;
    ensure(found > 0.0, || "duration: a run takes some time".to_owned())
}

/// A run's results.
pub(super) fn results(results: &Results) -> Sound {
    replications("replications", results.replications)?;
    duration(results.facts.duration.as_secs_f64())?;
    ensure(results.facts.warmup <= results.facts.duration, || "warmup: it is longer than the run".to_owned())?;
    for figure in &results.figures {
        let Some(summary) = figure.summary else { continue };
        let place = format_args!("metrics.{}", figure.selector).to_string();
        let most =
            u64::from(results.replications).max(results.batches.as_ref().map_or(0, |batches| batches.count as u64));
        ensure((1..=most).contains(&summary.n), || format!("{place}.n: {} of {most} replications", summary.n))?;
        ensure(summary.sd.is_none_or(|sd| sd >= 0.0), || format!("{place}.sd: it is below zero"))?;
    }
    Ok(())
}

/// What stands beside the figures of a run.
pub(super) fn picture(results: &Results, picture: &Picture) -> Sound {
    let end = results.facts.duration.as_secs_f64();
    ensure((1..=results.replications).contains(&picture.replications), || {
        format!("picture.replications: {} of {}", picture.replications, results.replications)
    })?;
    ensure(Clock::new(&picture.start, &picture.zone, end).is_some(), || {
        format!("picture.start, picture.zone: `{}` is no time in `{}`", picture.start, picture.zone)
    })?;
    ensure(!picture.days.is_empty(), || "picture.days: there is none".to_owned())?;
    for (n, day) in picture.days.iter().enumerate() {
        let place = format_args!("picture.days.{n}").to_string();
        ensure((0.0..=end).contains(&day.at), || format!("{place}.at: {} lies outside the run", day.at))?;
        index(format_args!("{place}.weekday"), i64::from(day.weekday), 0, 7)?;
        let later = n == 0 || day.at > picture.days[n - 1].at;
        ensure(later, || format!("{place}.at: it is not after the day before"))?;
    }
    ensure(picture.stretch > 0.0 && end / picture.stretch <= 1e5, || {
        format!("picture.stretch: {} s is no part of the run", picture.stretch)
    })?;
    // To the microsecond, as it was cut.
    let micros = |secs: f64| libm::rint(secs * 1e6) as u64;
    let stretches = micros(end).div_ceil(micros(picture.stretch).max(1)) as usize;
    let names = ["arrivals", "queue", "open", "available", "wait"];
    count("picture.series", picture.series.len(), names.len())?;
    for name in names {
        let found = picture.series.iter().filter(|series| series.name == name).count();
        ensure(found == 1, || format!("picture.series: `{name}` is there {found} times, and belongs once"))?;
    }
    for series in &picture.series {
        for (part, values) in [("mean", &series.mean), ("low", &series.low), ("high", &series.high)] {
            count(format_args!("picture.series.{}.{part}", series.name), values.len(), stretches)?;
        }
    }
    for (part, ends, length) in
        [("half_hours", &picture.half_hours, HALF_HOURS), ("week_hours", &picture.week_hours, WEEK_HOURS)]
    {
        count(format_args!("picture.{part}.first_response"), ends.first_response.len(), length)?;
        count(format_args!("picture.{part}.closure"), ends.closure.len(), length)?;
    }
    waits(picture)?;
    for (n, lorenz) in picture.lorenz.iter().enumerate() {
        for (share_of, part) in &lorenz.points {
            share(format_args!("picture.lorenz.{n}.points"), *share_of)?;
            share(format_args!("picture.lorenz.{n}.points"), *part)?;
        }
        ensure(lorenz.points.len() > 1, || format!("picture.lorenz.{n}.points: a curve has two points or more"))?;
    }
    story(&picture.story, picture.days.len())?;
    dashboard(&picture.story.dashboard)?;
    diary(&picture.story, end)
}

fn waits(picture: &Picture) -> Sound {
    let waits = &picture.waits;
    if waits.count == 0 && waits.edges.is_empty() && waits.bars.is_empty() {
        return Ok(());
    }
    count("picture.waits.bars", waits.bars.len(), waits.edges.len() + 1)?;
    let rise =
        waits.edges.windows(2).all(|two| two[0] < two[1]) && waits.edges.first().is_none_or(|first| *first > 0.0);
    ensure(rise, || "picture.waits.edges: they do not rise from above zero".to_owned())?;
    let counted = waits.bars.iter().fold(u128::from(waits.zero), |sum, bar| sum + u128::from(*bar));
    ensure(counted <= u128::from(waits.count), || {
        format!("picture.waits.bars: they hold {counted} waits, where there are {}", waits.count)
    })?;
    for (n, (level, secs)) in waits.quantiles.iter().enumerate() {
        share(format_args!("picture.waits.quantiles.{n}"), *level)?;
        seconds(format_args!("picture.waits.quantiles.{n}"), *secs)?;
    }
    let rise = waits.quantiles.is_sorted_by(|one, other| one.0 < other.0 && one.1 <= other.1);
    ensure(rise, || "picture.waits.quantiles: they do not rise".to_owned())
}

fn story(story: &Story, days: usize) -> Sound {
    let [channels, groups, users] = [&story.channels, &story.groups, &story.users].map(Vec::len);
    let cards = story.cards.len();
    ensure(story.days_together > 0, || "picture.story.days_together: 0".to_owned())?;
    ensure(story.every > 0, || "picture.story.every: 0".to_owned())?;
    let mut sums = [0_u64; crate::experiment::CELL_NUMBERS.len()];
    for (n, cell) in story.cells.iter().enumerate() {
        let [day, channel, group, agent, card, last, through, later] = cell.of;
        let place = format_args!("picture.story.cells.{n}.of").to_string();
        index(&place, day, 0, days)?;
        index(&place, channel, 0, channels)?;
        index(&place, group, -1, groups)?;
        index(&place, agent, -1, if story.by_agent { users } else { 0 })?;
        index(&place, card, -1, cards)?;
        index(&place, last, -1, days)?;
        index(&place, through, -1, groups)?;
        index(&place, later, 0, 2)?;
        for day in &cell.escalated {
            index(format_args!("picture.story.cells.{n}.escalated"), *day, 0, days)?;
        }
        for (sum, more) in sums.iter_mut().zip(cell.sums) {
            *sum += more;
            ensure(*sum <= MOST_COUNTED, || format!("picture.story.cells.{n}.sums: they add up to too much"))?;
        }
    }
    let outcomes = OUTCOMES.len();
    for (n, row) in story.rows.iter().enumerate() {
        let [channel, group, agent, card] = &row.1;
        let place = format_args!("picture.story.rows.{n}").to_string();
        index(&place, *channel, 0, channels)?;
        index(&place, *group, -1, groups)?;
        let more = u32::try_from(*agent).is_ok_and(|agent| story.more_users.contains_key(&agent));
        if !more {
            index(&place, *agent, -1, users)?;
        }
        index(&place, *card, -1, cards)?;
        seconds(&place, row.3)?;
        for timer in [row.5, row.6] {
            index(&place, timer.1, -1, outcomes)?;
            index(&place, timer.3, -1, CUSTOMER_OUTCOMES.len())?;
        }
        let (began, ended) = row.8;
        [Some(began), ended]
            .into_iter()
            .flatten()
            .chain(row.9.iter().copied())
            .try_for_each(|at| seconds(&place, at))?;
        index(&place, row.10, -1, groups)?;
    }
    ensure(story.stays.is_empty() || story.stays_every > 0, || "picture.story.stays_every: 0".to_owned())?;
    for (n, Stay(_, [channel, group], session, _, from, until)) in story.stays.iter().enumerate() {
        let place = format_args!("picture.story.stays.{n}").to_string();
        index(&place, *channel, 0, channels)?;
        index(&place, *group, -1, groups)?;
        index(&place, i64::from(*session), 0, 2)?;
        [Some(*from), *until].into_iter().flatten().try_for_each(|at| seconds(&place, at))?;
    }
    Ok(())
}

/// How the desk stood at the end: lists that are cut short have no more lines than there are.
fn dashboard(dashboard: &Dashboard) -> Sound {
    let Dashboard { connections: of, users, queue, queue_length, timers, live_timers, notifications, .. } = dashboard;
    let all = of.connected + of.inactive + of.disconnected;
    for (part, found, most) in [
        ("users", users.len(), all),
        ("queue", queue.len(), *queue_length),
        ("timers", timers.len(), *live_timers),
        ("notifications", notifications.list.len(), notifications.count),
    ] {
        let place = format_args!("picture.story.dashboard.{part}").to_string();
        ensure(found as u64 <= most, || format!("{place}: {found} entries, where there are {most}"))?;
    }
    Ok(())
}

fn diary(story: &Story, end: f64) -> Sound {
    let DiaryText { step, moments, statuses, agents, others_hands, connections, queues, .. } = &story.diary;
    ensure(*step > 0.0 && *step <= LONGEST, || format!("picture.story.diary.step: {step} s is no time"))?;
    for (n, status) in statuses.iter().enumerate() {
        let known = ["connected", "inactive", "disconnected"].contains(&status.connection.as_str());
        ensure(known, || format!("picture.story.diary.statuses.{n}.connection: `{}` is none", status.connection))?;
    }
    fn times<const N: usize>(place: impl Display, changes: &[(u32, [u32; N])], moments: u32) -> Sound {
        let fit =
            changes.iter().all(|change| change.0 <= moments) && changes.is_sorted_by(|one, other| one.0 < other.0);
        ensure(fit, || format!("{place}: moments do not rise up to {moments}"))
    }
    for (n, agent) in agents.iter().enumerate() {
        let place = format_args!("picture.story.diary.agents.{n}").to_string();
        index(format_args!("{place}.user"), i64::from(agent.user), 0, story.users.len())?;
        index(format_args!("{place}.group"), agent.group, -1, story.groups.len())?;
        times(format_args!("{place}.hands"), &agent.hands, *moments)?;
        for (at, status) in &agent.spells {
            ensure((0.0..=end).contains(at), || format!("{place}.spells: {at} lies outside the run"))?;
            index(format_args!("{place}.spells"), i64::from(*status), 0, statuses.len())?;
        }
        ensure(agent.spells.is_sorted_by(|one, other| one.0 <= other.0), || {
            format!("{place}.spells: they are out of order")
        })?;
    }
    times("picture.story.diary.others_hands", others_hands, *moments)?;
    times("picture.story.diary.connections", connections, *moments)?;
    for (n, change) in connections.iter().enumerate() {
        let all = change.1.iter().fold(0_u64, |sum, part| sum + u64::from(*part));
        ensure(u32::try_from(all).is_ok(), || format!("picture.story.diary.connections.{n}: too many"))?;
    }
    count("picture.story.diary.queues", queues.len(), story.channels.len())?;
    queues
        .iter()
        .enumerate()
        .try_for_each(|(n, queue)| times(format_args!("picture.story.diary.queues.{n}"), queue, *moments))
}

/// A comparison.
pub(super) fn comparison(comparison: &Comparison) -> Sound {
    compared("", comparison)
}

fn compared(before: &str, comparison: &Comparison) -> Sound {
    let Comparison { contenders, metrics, reference, level, replications: runs, .. } = comparison;
    replications(format_args!("{before}replications"), *runs)?;
    duration(comparison.duration).map_err(|words| format!("{before}{words}"))?;
    share(format_args!("{before}level"), *level)?;
    for (n, contender) in contenders.iter().enumerate() {
        let twice = contenders[..n].iter().any(|other| other.name == contender.name);
        ensure(!twice, || format!("{before}contenders.{n}.name: `{}` is there twice", contender.name))?;
    }
    ensure(contenders.iter().any(|contender| contender.name == *reference), || {
        format!("{before}reference: `{reference}` is not among the contenders")
    })?;
    for (n, compared) in metrics.iter().enumerate() {
        let place = format_args!("{before}metrics.{n}").to_string();
        count(format_args!("{place}.entries"), compared.entries.len(), contenders.len())?;
        for (m, (entry, contender)) in compared.entries.iter().zip(contenders).enumerate() {
            count(format_args!("{place}.entries.{m}.values"), entry.values.len(), *runs as usize)?;
            let none = contender.name != *reference || entry.difference.is_none();
            ensure(none, || format!("{place}.entries.{m}.difference: the reference differs from itself"))?;
        }
    }
    Ok(())
}

/// A board of policies.
pub(super) fn bench(bench: &Bench) -> Sound {
    let (policies, metrics, desks) = (bench.policies.len(), bench.metrics.len(), bench.desks.len());
    share("level", bench.level)?;
    ensure(policies > 1, || "policies: a board has two or more".to_owned())?;
    let rank = |place: &dyn Display, found: Option<usize>| {
        let fits = found.is_none_or(|rank| (1..=policies).contains(&rank));
        ensure(fits, || format!("{place}: a rank that is not 1 to {policies}"))
    };
    count("boards", bench.boards.len(), metrics)?;
    for (n, board) in bench.boards.iter().enumerate() {
        ensure(board.metric == bench.metrics[n], || format!("boards.{n}.metric: `{}` is another", board.metric))?;
        ensure(board.desks <= desks, || format!("boards.{n}.desks: {} of {desks}", board.desks))?;
        count(format_args!("boards.{n}.rows"), board.rows.len(), policies)?;
        for (m, row) in board.rows.iter().enumerate() {
            let place = format_args!("boards.{n}.rows.{m}").to_string();
            ensure(bench.policies.contains(&row.policy), || format!("{place}.policy: there is no `{}`", row.policy))?;
            count(format_args!("{place}.ranks"), row.ranks.len(), desks)?;
            row.ranks.iter().try_for_each(|found| rank(&format_args!("{place}.ranks"), *found))?;
        }
    }
    for (n, desk) in bench.desks.iter().enumerate() {
        count(format_args!("desks.{n}.ranks"), desk.ranks.len(), metrics)?;
        for (m, ranks) in desk.ranks.iter().enumerate() {
            let place = format_args!("desks.{n}.ranks.{m}").to_string();
            count(&place, ranks.len(), policies)?;
            ranks.iter().try_for_each(|found| rank(&place, *found))?;
        }
        let place = format!("desks.{n}.comparison.");
        compared(&place, &desk.comparison)?;
        count(format_args!("{place}contenders"), desk.comparison.contenders.len(), policies)?;
        count(format_args!("{place}metrics"), desk.comparison.metrics.len(), metrics)?;
    }
    Ok(())
}

/// The cells of a grid.
pub(super) fn sweep(sweep: &Sweep) -> Sound {
    replications("replications", sweep.replications)?;
    duration(sweep.duration)?;
    for (n, axis) in sweep.axes.iter().enumerate() {
        ensure(!axis.values.is_empty(), || format!("axes.{n}.values: there is none"))?;
        let twice = sweep.axes[..n].iter().any(|other| other.path == axis.path);
        ensure(!twice, || format!("axes.{n}.path: `{}` is there twice", axis.path))?;
    }
    let cells = sweep.axes.iter().fold(1_usize, |cells, axis| cells.saturating_mul(axis.values.len()));
    count("cells", sweep.cells.len(), cells)?;
    for (n, cell) in sweep.cells.iter().enumerate() {
        count(format_args!("cells.{n}.settings"), cell.settings.len(), sweep.axes.len())?;
        for axis in &sweep.axes {
            let known = cell.settings.get(&axis.path).is_some_and(|value| axis.values.contains(value));
            ensure(known, || format!("cells.{n}.settings.{}: it is no value of the axis", axis.path))?;
        }
        count(format_args!("cells.{n}.metrics"), cell.metrics.len(), sweep.metrics.len())?;
        for ((found, _), expected) in cell.metrics.iter().zip(&sweep.metrics) {
            ensure(found == expected, || format!("cells.{n}.metrics: `{found}` stands where `{expected}` belongs"))?;
        }
    }
    Ok(())
}

/// A check.
pub(super) fn check(check: &Check) -> Sound {
    replications("replications", check.replications)?;
    duration(check.duration)?;
    seconds("warmup", check.warmup)?;
    for (n, finding) in check.findings.iter().enumerate() {
        let compares = match finding.condition {
            Condition::AtMost(_) | Condition::AtLeast(_) => false,
            Condition::WithinOfBaseline(_)
            | Condition::NoWorseThanBaseline { .. }
            | Condition::SameAsBaseline { .. } => true,
        };
        ensure(compares || finding.difference.is_none(), || {
            format!("findings.{n}.difference: a plain limit is not compared with a baseline")
        })?;
        share(format_args!("findings.{n}.alpha"), finding.alpha)?;
        let [look, planned] = finding.look;
        ensure(look <= planned, || format!("findings.{n}.look: {look} of {planned}"))?;
    }
    Ok(())
}

/// An answer of `staff`.
pub(super) fn staffing(staffing: &Staffing) -> Sound {
    duration(staffing.duration)?;
    ensure(!staffing.plan.counts.is_empty(), || "plan.counts: there is none".to_owned())?;
    let others = staffing.answer.iter().chain(&staffing.nearest);
    let others = others.map(|desk| ("answer, nearest".to_owned(), desk));
    let fewer = staffing.proof.iter().flat_map(|proof| &proof.one_fewer).enumerate();
    let fewer = fewer.map(|(n, desk)| (format!("proof.one_fewer.{n}"), desk));
    let desks = staffing.desks.iter().enumerate().map(|(n, desk)| (format!("desks.{n}"), desk));
    let all: Vec<(String, &Staffed)> = others.chain(fewer).chain(desks).collect();
    for (place, desk) in &all {
        count(format_args!("{place}.counts"), desk.counts.len(), staffing.plan.counts.len())?;
        for known in &staffing.plan.counts {
            let there = desk.counts.get(&known.path).is_some_and(Value::is_u64);
            ensure(there, || format!("{place}.counts.{}: there is no such number", known.path))?;
        }
        count(format_args!("{place}.targets"), desk.targets.len(), staffing.plan.targets.len())?;
        for (found, asked) in desk.targets.iter().zip(&staffing.plan.targets) {
            ensure(found.metric == asked.metric, || {
                format!("{place}.targets: `{}` stands where `{}` belongs", found.metric, asked.metric)
            })?;
        }
        let (first, own) = (&all[0].1.metrics, &desk.metrics);
        count(format_args!("{place}.metrics"), own.len(), first.len())?;
        for ((found, _), (expected, _)) in own.iter().zip(first) {
            ensure(found == expected, || format!("{place}.metrics: `{found}` stands where `{expected}` belongs"))?;
        }
    }
    Ok(())
}
