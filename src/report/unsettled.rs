//! What keeps figures from describing a state that lasts, for the pages of whatever rests on runs.

use super::page::{clean, length};
use crate::experiment::{Bound, GroupLoad, Stability, StabilityVerdict};
use crate::time::Span;

/// So many are named one by one.
const NAMED: usize = 4;

/// A group's utilisation and what limits it, in a sentence.
pub(super) fn load(group: &GroupLoad) -> String {
    let name = clean(&group.group);
    let what = match group.bound {
        Bound::Work => "agent time",
        Bound::Places => "places under the cap",
    };
    match (group.verdict, group.load) {
        (StabilityVerdict::Overloaded, Some(load)) => {
            format!("{name}: overloaded, offered load {load:.2} (limited by {what}).")
        }
        (StabilityVerdict::Overloaded, None) if group.capacity_hours == 0.0 => {
            format!("{name}: overloaded, work is offered and nobody is there to do it.")
        }
        (StabilityVerdict::Overloaded, None) => {
            format!("{name}: overloaded, agents are always busy while open tickets grow (limited by {what}).")
        }
        (_, Some(0.0)) => format!("{name}: no work comes by assignment."),
        (StabilityVerdict::Unknown, Some(load)) => {
            format!("{name}: too close to its limit to tell, utilisation {load:.2} (limited by {what}).")
        }
        (_, Some(load)) if group.loss && load >= 1.0 => {
            format!("{name}: stable because customers leave, offered load {load:.2} (limited by {what}).")
        }
        (_, Some(load)) => format!("{name}: stable, utilisation {load:.2} (limited by {what})."),
        (_, None) if group.capacity_hours == 0.0 => {
            format!("{name}: work is offered, nobody is there to do it, and customers leave.")
        }
        (_, None) => format!("{name}: utilisation unknown, because the offered work has no mean."),
    }
}

/// What the loads and the trend mean for the figures, in sentences.
pub(super) fn consequences(stability: &Stability) -> Vec<String> {
    let mut lines = Vec::new();
    match stability.verdict {
        StabilityVerdict::Overloaded => lines.push(DEPENDS.to_owned()),
        StabilityVerdict::Unknown => lines.push(longer(stability)),
        StabilityVerdict::Unsettled | StabilityVerdict::Stable => {}
    }
    lines.push(growth(stability));
    lines
}

const DEPENDS: &str = "Overloaded: these figures depend on how long the run is.";

/// What it takes to say more.
fn longer(stability: &Stability) -> String {
    match (stability.growth, stability.cycle) {
        (None, Some(_)) => format!("Whether it is overloaded needs {}.", needed(stability)),
        _ => "Whether it is overloaded needs a longer run or more replications.".to_owned(),
    }
}

/// What a test of growth takes.
fn needed(stability: &Stability) -> String {
    let of = match stability.cycle.map(|cycle| cycle / 86_400.0) {
        None => "",
        Some(1.0) => " of at least 4 days after the warm-up",
        Some(7.0) => " of at least 4 weeks after the warm-up",
        Some(days) => &format!(" of at least {} after the warm-up", length(Span::from_secs_f64(4.0 * days * 86_400.0))),
    };
    format!("2 replications{of}")
}

/// How open tickets went, in a sentence.
fn growth(stability: &Stability) -> String {
    let Some(growth) = stability.growth else {
        return format!("Backlog trend not tested: this needs {}.", needed(stability));
    };
    let rate = format!("{:.2} an hour", growth.per_hour);
    match stability.verdict {
        StabilityVerdict::Unsettled if stability.never_closed => {
            format!(
                "Not settled: open tickets grow by {rate} over the window. Tickets of customers who stop answering are never closed: set \
                 close_after_silence."
            )
        }
        StabilityVerdict::Unsettled => {
            format!("Not settled: open tickets grow by {rate} over the window; use a longer warm-up or a longer run.")
        }
        StabilityVerdict::Overloaded => format!("Open tickets grow by {rate} over the window."),
        _ if growth.p < 0.01 && growth.per_hour > 0.0 => format!("Open tickets grow by {rate} over the window."),
        StabilityVerdict::Unknown => {
            format!("Open tickets grow by {rate} over the window, which may be chance (p = {:.2}).", growth.p)
        }
        StabilityVerdict::Stable => "Open tickets do not grow over the window.".to_owned(),
    }
}

/// What is wrong, in sentences; none where the figures describe a state that lasts.
pub(super) fn warnings(stability: Option<&Stability>) -> Vec<String> {
    let Some(stability) = stability else { return Vec::new() };
    let named = |verdict: StabilityVerdict| {
        let groups = stability.groups.iter().filter(move |group| group.verdict == verdict);
        let mut lines: Vec<String> = groups.clone().take(NAMED).map(load).collect();
        lines.extend(match groups.count() {
            count if count > NAMED => Some(format!("The same holds for {} more groups.", count - NAMED)),
            _ => None,
        });
        lines
    };
    match stability.verdict {
        StabilityVerdict::Stable => Vec::new(),
        StabilityVerdict::Unsettled => vec![growth(stability)],
        StabilityVerdict::Unknown => named(StabilityVerdict::Unknown).into_iter().chain([longer(stability)]).collect(),
        StabilityVerdict::Overloaded => {
            named(StabilityVerdict::Overloaded).into_iter().chain([DEPENDS.to_owned()]).collect()
        }
    }
}

/// In one word; empty where nothing is known.
pub(super) fn word(stability: Option<&Stability>) -> &'static str {
    match stability.map(|stability| stability.verdict) {
        Some(StabilityVerdict::Stable) => "stable",
        Some(StabilityVerdict::Unsettled) => "unsettled",
        Some(StabilityVerdict::Unknown) => "unknown",
        Some(StabilityVerdict::Overloaded) => "overloaded",
        None => "",
    }
}

/// The highest load of a group that has one.
fn highest(stability: &Stability) -> Option<f64> {
    stability.groups.iter().filter_map(|group| group.load).max_by(f64::total_cmp)
}

/// Which of several are in no state that lasts, in sentences; `all` is what they are called together.
pub(super) fn warnings_of_several<'a>(
    several: impl Iterator<Item = (String, Option<&'a Stability>)>,
    all: &str,
) -> Vec<String> {
    let several: Vec<(String, Option<&Stability>)> = several.collect();
    let of = |wanted: StabilityVerdict| -> Vec<(&str, Option<f64>)> {
        let of = several.iter().filter_map(|(name, stability)| Some((name.as_str(), (*stability)?)));
        of.filter(|(_, stability)| stability.verdict == wanted).map(|(name, of)| (name, highest(of))).collect()
    };
    let listed = |some: &[(&str, Option<f64>)]| -> String {
        let load = |load: &Option<f64>| load.map_or(String::new(), |load| format!(" (load {load:.2})"));
        if some.len() == several.len() && some.len() > 1 {
            let loads = some.iter().filter_map(|(_, load)| *load);
            let (least, most) =
                loads.fold((f64::INFINITY, 0.0_f64), |(low, high), load| (low.min(load), high.max(load)));
            return match (format!("{least:.2}"), format!("{most:.2}")) {
                _ if most == 0.0 => all.to_owned(),
                (least, most) if least == most => format!("{all} (load {most})"),
                (least, most) => format!("{all} (load {least} to {most})"),
            };
        }
        let named: Vec<String> =
            some.iter().take(NAMED).map(|(name, of)| format!("{}{}", clean(name), load(of))).collect();
        let more = if some.len() > NAMED { format!(" and {} more", some.len() - NAMED) } else { String::new() };
        format!("{}{more}", named.join(", "))
    };
    let mut lines = Vec::new();
    for (verdict, word, meaning) in [
        (StabilityVerdict::Overloaded, "Overloaded", "Their figures depend on how long the run is."),
        (
            StabilityVerdict::Unsettled,
            "Not settled",
            "Open tickets grow over the window; use a longer warm-up or a longer run.",
        ),
        (
            StabilityVerdict::Unknown,
            "Too close to the limit to tell",
            "A longer run or more replications would say more.",
        ),
    ] {
        let found = of(verdict);
        if !found.is_empty() {
            lines.push(format!("{word}: {}. {meaning}", listed(&found)));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Growth;

    fn of(verdict: StabilityVerdict, loads: &[f64]) -> Stability {
        let group = |(n, load): (usize, &f64)| GroupLoad {
            group: format!("g{n}"),
            offered_hours: Some(*load),
            capacity_hours: 1.0,
            load: Some(*load),
            bound: Bound::Work,
            loss: false,
            verdict: if *load < 1.0 { StabilityVerdict::Stable } else { StabilityVerdict::Overloaded },
        };
        let growth = Some(Growth { per_hour: 1.5, p: 0.001 });
        Stability {
            verdict,
            groups: loads.iter().enumerate().map(group).collect(),
            growth,
            cycle: None,
            relaxation: None,
            never_closed: false,
        }
    }

    #[test]
    fn what_lasts_has_no_warning_and_what_does_not_names_the_groups() {
        assert!(warnings(None).is_empty());
        assert!(warnings(Some(&of(StabilityVerdict::Stable, &[0.5]))).is_empty());
        let unsettled = warnings(Some(&of(StabilityVerdict::Unsettled, &[0.5])));
        assert!(unsettled.len() == 1 && unsettled[0].starts_with("Not settled: open tickets grow by 1.50 an hour"));
        let unknown = warnings(Some(&Stability {
            growth: None,
            cycle: Some(7.0 * 86_400.0),
            relaxation: None,
            ..of(StabilityVerdict::Unknown, &[])
        }));
        assert_eq!(unknown, ["Whether it is overloaded needs 2 replications of at least 4 weeks after the warm-up."]);
        let unstable = warnings(Some(&of(StabilityVerdict::Overloaded, &[0.5, 1.25, 1.5])));
        assert_eq!(unstable.len(), 3, "{unstable:?}");
        assert_eq!(unstable[0], "g1: overloaded, offered load 1.25 (limited by agent time).");
        assert!(unstable[1].contains("g2: overloaded, offered load 1.50"));
        let many = warnings(Some(&of(StabilityVerdict::Overloaded, &[2.0; 9])));
        assert_eq!((many.len(), many[NAMED].as_str()), (NAMED + 2, "The same holds for 5 more groups."));
    }

    #[test]
    fn of_several_those_are_named_that_do_not_last() {
        let (good, bad) = (of(StabilityVerdict::Stable, &[0.5]), of(StabilityVerdict::Overloaded, &[0.5, 1.25]));
        let slow = of(StabilityVerdict::Unsettled, &[0.9]);
        let say = |of: &[(&str, &Stability)]| {
            warnings_of_several(of.iter().map(|(name, of)| ((*name).to_owned(), Some(*of))), "all of them")
        };
        assert!(say(&[("a", &good), ("b", &good)]).is_empty());
        let some = say(&[("a", &good), ("b", &bad), ("c", &slow)]);
        assert!(some[0].starts_with("Overloaded: b (load 1.25). Their figures depend"), "{some:?}");
        assert!(some[1].starts_with("Not settled: c (load 0.90). Open tickets grow"), "{some:?}");
        let all = say(&[("a", &bad), ("b", &bad)]);
        assert!(all.len() == 1 && all[0].starts_with("Overloaded: all of them (load 1.25)."), "{all:?}");
        let many: Vec<(&str, &Stability)> = [("x", &good)].into_iter().chain([("b", &bad); 9]).collect();
        assert!(say(&many)[0].contains(" and 5 more."), "{:?}", say(&many));
    }
}
