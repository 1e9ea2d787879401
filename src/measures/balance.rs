//! Balance: how evenly work is spread over the agents of a group.
//!
//! Over the agents in a group that were available at all, with everything that they did, through whichever group it came:
//! who is in several groups counts in each of them. The desk's figure is the mean over its groups, each weighted by how many
//! such agents it has. Where there is nothing to share out (nobody has any), a group has no figure.

use super::catalog::{MetricId, SPREADS};
use super::sheet::{Scope, Sheet};
use crate::desk::GroupId;
use crate::stats::{coefficient_of_variation, gini, jain, max_over_mean};

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
            let spread = spread(&values);
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
        sheet.put(first.plus(n as u16), &[scope], spread.map(|figures| figures[n]));
    }
}

/// The figures of [`SPREADS`]; `None` where there is nothing to share out.
fn spread(shares: &[f64]) -> Option<[f64; SPREADS.len()]> {
    Some([jain(shares)?, gini(shares)?, coefficient_of_variation(shares)?, max_over_mean(shares)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(assigned: f64, busy: Option<f64>) -> Load {
        Load { assigned, busy, open: 0.0, breaches: None }
    }

    #[test]
    fn the_desk_weighs_its_groups_by_size() {
        let even = vec![load(2.0, None), load(2.0, None), load(2.0, Some(0.5))];
        let one_has_it_all = vec![load(0.0, None), load(9.0, None), load(0.0, None), load(0.0, None), load(0.0, None)];
        let mut sheet = Sheet::default();
        write(&[even, Vec::new(), one_has_it_all], &mut sheet);
        sheet.seal(Vec::new());
        let of = |metric, scope| sheet.value(metric, scope);
        let groups = [0, 1, 2].map(|group| of("balance.assigned.jain", Scope::Group(GroupId(group))));
        assert_eq!(groups, [Some(1.0), None, Some(0.2)]);
        assert_eq!(of("balance.assigned.jain", Scope::Desk), Some((3.0 + 5.0 * 0.2) / 8.0));
        assert_eq!(of("balance.assigned.max_over_mean", Scope::Desk), Some((3.0 + 5.0 * 5.0) / 8.0));
        assert_eq!(of("balance.assigned.gini", Scope::Group(GroupId(2))), Some(0.8));
        assert_eq!(of("balance.busy.cv", Scope::Desk), Some(0.0), "of the one who has a figure");
        assert_eq!(of("balance.open.jain", Scope::Desk), None, "nothing to share out");
        assert_eq!(of("balance.breaches.jain", Scope::Desk), None);
    }
}
