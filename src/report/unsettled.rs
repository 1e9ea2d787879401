//! What keeps figures from describing a state that lasts, for the pages of whatever rests on runs.

use super::page::{growth, load};
use crate::experiment::{Stability, StabilityVerdict};

/// So many are named one by one.
const NAMED: usize = 4;

/// What is wrong, in sentences; none where the figures describe a state that lasts.
pub(super) fn warnings(stability: Option<&Stability>) -> Vec<String> {
    let Some(stability) = stability else { return Vec::new() };
    let unstable = stability.groups.iter().filter(|group| group.verdict == StabilityVerdict::Unstable);
    match stability.verdict {
        StabilityVerdict::Stable => Vec::new(),
        StabilityVerdict::Unsettled => vec![growth(stability)],
        StabilityVerdict::Unstable => {
            let mut lines: Vec<String> = unstable.clone().take(NAMED).map(load).collect();
            match unstable.count() {
                count if count > NAMED => lines.push(format!("So have {} groups more.", count - NAMED)),
                _ => {}
            }
            lines.push("How bad the figures are hangs on how long the run is.".to_owned());
            lines
        }
    }
}

/// In one word; empty where nothing is known.
pub(super) fn word(stability: Option<&Stability>) -> &'static str {
    match stability.map(|stability| stability.verdict) {
        Some(StabilityVerdict::Stable) => "stable",
        Some(StabilityVerdict::Unsettled) => "unsettled",
        Some(StabilityVerdict::Unstable) => "unstable",
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
            some.iter().take(NAMED).map(|(name, of)| format!("{}{}", super::page::clean(name), load(of))).collect();
        let more = if some.len() > NAMED { format!(" and {} more", some.len() - NAMED) } else { String::new() };
        format!("{}{more}", named.join(", "))
    };
    let mut lines = Vec::new();
    let (unstable, unsettled) = (of(StabilityVerdict::Unstable), of(StabilityVerdict::Unsettled));
    if !unstable.is_empty() {
        lines.push(format!(
            "Unstable: {}. More comes than can be done, so how bad the figures are hangs on how long the run is.",
            listed(&unstable)
        ));
    }
    if !unsettled.is_empty() {
        lines.push(format!(
            "Not settled: {}. Open tickets grow over the window; leave more of the beginning out, or run longer.",
            listed(&unsettled)
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{Bound, GroupLoad, Growth};

    fn of(verdict: StabilityVerdict, loads: &[f64]) -> Stability {
        let group = |(n, load): (usize, &f64)| GroupLoad {
            group: format!("g{n}"),
            offered_hours: Some(*load),
            capacity_hours: 1.0,
            load: Some(*load),
            bound: Bound::Work,
            verdict: if *load < 1.0 { StabilityVerdict::Stable } else { StabilityVerdict::Unstable },
        };
        let growth = Some(Growth { per_hour: 1.5, p: 0.001 });
        Stability { verdict, groups: loads.iter().enumerate().map(group).collect(), growth }
    }

    #[test]
    fn what_lasts_has_no_warning_and_what_does_not_names_the_groups() {
        assert!(warnings(None).is_empty());
        assert!(warnings(Some(&of(StabilityVerdict::Stable, &[0.5]))).is_empty());
        let unsettled = warnings(Some(&of(StabilityVerdict::Unsettled, &[0.5])));
        assert!(unsettled.len() == 1 && unsettled[0].starts_with("Not settled: open tickets grow by 1.50 an hour"));
        let unstable = warnings(Some(&of(StabilityVerdict::Unstable, &[0.5, 1.25, 1.5])));
        assert_eq!(unstable.len(), 3, "{unstable:?}");
        assert!(unstable[0].contains("g1 has a load of 1.25") && unstable[1].contains("g2 has a load of 1.50"));
        let many = warnings(Some(&of(StabilityVerdict::Unstable, &[2.0; 9])));
        assert_eq!((many.len(), many[NAMED].as_str()), (NAMED + 2, "So have 5 groups more."));
    }

    #[test]
    fn of_several_those_are_named_that_do_not_last() {
        let (good, bad) = (of(StabilityVerdict::Stable, &[0.5]), of(StabilityVerdict::Unstable, &[0.5, 1.25]));
        let slow = of(StabilityVerdict::Unsettled, &[0.9]);
        let say = |of: &[(&str, &Stability)]| {
            warnings_of_several(of.iter().map(|(name, of)| ((*name).to_owned(), Some(*of))), "all of them")
        };
        assert!(say(&[("a", &good), ("b", &good)]).is_empty());
        let some = say(&[("a", &good), ("b", &bad), ("c", &slow)]);
        assert!(some[0].starts_with("Unstable: b (load 1.25). More comes"), "{some:?}");
        assert!(some[1].starts_with("Not settled: c (load 0.90). Open tickets grow"), "{some:?}");
        let all = say(&[("a", &bad), ("b", &bad)]);
        assert!(all.len() == 1 && all[0].starts_with("Unstable: all of them (load 1.25)."), "{all:?}");
        let many: Vec<(&str, &Stability)> = [("x", &good)].into_iter().chain([("b", &bad); 9]).collect();
        assert!(say(&many)[0].contains(" and 5 more."), "{:?}", say(&many));
    }
}
