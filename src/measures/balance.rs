//! Balance: how evenly work is spread over the agents of a group.
//!
//! Over a group's agents that were available at all. The desk's figure is the mean over its groups, each weighted by how
//! many such agents it has. Where there is nothing to share out (nobody has any), a group has no figure.

use super::catalog::{MetricId, SPREADS};
use super::sheet::{Scope, Sheet};
use crate::desk::GroupId;

/// What one agent had to bear.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    /// Tickets assigned per hour available.
    pub(super) assigned: f64,
    /// Time with a reply in hand per time connected.
    pub(super) busy: Option<f64>,
    /// Open tickets, averaged over the time available.
    pub(super) open: f64,
    /// Breaches per assigned ticket; none for those who were assigned nothing.
    pub(super) breaches: Option<f64>,
}

type Part = fn(&Load) -> Option<f64>;

/// Writes the figures of all groups and of the desk; `loads` are those of each group's agents.
pub(super) fn write(loads: &[Vec<Load>], sheet: &mut Sheet) {
    let kinds: [(&str, Part); 4] = [
        ("balance.assigned.jain", |load| Some(load.assigned)),
        ("balance.busy.jain", |load| load.busy),
        ("balance.open.jain", |load| Some(load.open)),
        ("balance.breaches.jain", |load| load.breaches),
    ];
    let mut values = Vec::new();
    for (name, of) in kinds {
        let first = MetricId::named(name);
        let mut weighted = [0.0; SPREADS.len()];
        let mut weight = 0.0;
        for (group, agents) in loads.iter().enumerate() {
            values.clear();
            values.extend(agents.iter().filter_map(of));
            let spread = spread(&mut values);
            put(first, Scope::Group(GroupId::at(group)), spread, sheet);
            if let Some(spread) = spread {
                let size = agents.len() as f64;
                weight += size;
                weighted.iter_mut().zip(spread).for_each(|(sum, figure)| *sum += figure * size);
            }
        }
        put(first, Scope::Desk, (weight > 0.0).then(|| weighted.map(|sum| sum / weight)), sheet);
    }
}

fn put(first: MetricId, scope: Scope, spread: Option<[f64; SPREADS.len()]>, sheet: &mut Sheet) {
    for n in 0..SPREADS.len() {
        sheet.put(first.plus(n as u16), scope, spread.map(|figures| figures[n]));
    }
}

/// The figures of [`SPREADS`] of values that are not negative, which it sorts: Jain's index (Jain, Chiu and Hawe 1984),
/// Gini's coefficient, the coefficient of variation (of the population, so that Jain's index is 1 / (1 + cv²)) and
/// largest / mean.
fn spread(values: &mut [f64]) -> Option<[f64; SPREADS.len()]> {
    values.sort_by(f64::total_cmp);
    let count = values.len() as f64;
    let sum: f64 = values.iter().sum();
    if sum <= 0.0 {
        return None;
    }
    let squares: f64 = values.iter().map(|value| value * value).sum();
    let mean = sum / count;
    let deviations: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    let ranked: f64 = values.iter().zip(1u32..).map(|(value, rank)| f64::from(rank) * value).sum();
    let gini = 2.0 * ranked / (count * sum) - (count + 1.0) / count;
    let largest = values.last().copied().unwrap_or_default();
    // Rounding may take even shares a hair past the ends.
    Some([(sum * sum / (count * squares)).min(1.0), gini.max(0.0), (deviations / count).sqrt() / mean, largest / mean])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[f64], expected: [f64; 4]) {
        let figures = spread(&mut values.to_vec()).unwrap();
        for (figure, expected) in figures.iter().zip(expected) {
            assert!((figure - expected).abs() < 1e-12, "{values:?}: {figures:?}");
        }
    }

    #[test]
    fn spreads_of_known_vectors() {
        check(&[2.0, 2.0, 2.0, 2.0], [1.0, 0.0, 0.0, 1.0]);
        check(&[7.0], [1.0, 0.0, 0.0, 1.0]);
        // One has it all: Jain is 1/n, Gini (n − 1)/n, cv √(n − 1).
        check(&[0.0, 12.0, 0.0, 0.0], [0.25, 0.75, libm::sqrt(3.0), 4.0]);
        check(&[1.0, 2.0, 3.0, 4.0], [100.0 / 120.0, 0.25, libm::sqrt(1.25) / 2.5, 1.6]);
    }

    #[test]
    fn nothing_to_share_out_has_no_spread() {
        assert_eq!(spread(&mut []), None);
        assert_eq!(spread(&mut [0.0, 0.0]), None);
    }
}
