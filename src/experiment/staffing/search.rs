//! The cheapest point of a box of whole numbers that meets something, with few questions.
//!
//! More of a count is expected to help, never to harm: a point that does not meet rules out all that have no more of anything.
//! Along one count the search gallops from its start and halves. Along several it first lowers one count after the other, and
//! then looks for a cheaper point that is not ruled out: the cheapest such point is found by branch and bound, raised as far as
//! the best cost so far allows, and asked about; so each answer rules out much, or lowers the cost. When no point is left, the best
//! one is the cheapest of all, as far as more helps.

use std::collections::BTreeMap;

/// A box of whole numbers with a cost for each unit.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Space {
    pub(super) low: Vec<u32>,
    pub(super) high: Vec<u32>,
    pub(super) cost: Vec<f64>,
}

/// The cheapest point found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Found {
    pub(super) point: Vec<u32>,
    /// Whether every cheaper point is ruled out; otherwise there were too many to ask about.
    pub(super) all_ruled_out: bool,
}

impl Space {
    /// What a point costs, to nine digits after the point: the same sum in another order is the same cost.
    pub(super) fn cost(&self, point: &[u32]) -> f64 {
        let sum: f64 = self.cost.iter().zip(point).map(|(cost, count)| cost * f64::from(*count)).sum();
        if sum < 1e6 { libm::rint(sum * 1e9) / 1e9 } else { sum }
    }

    /// Whether a cost is below another by more than rounding.
    fn is_cheaper(one: f64, other: f64) -> bool {
        one < other - 1e-9 * other.abs()
    }

    fn clamp(&self, point: &[u32]) -> Vec<u32> {
        (0..point.len()).map(|at| point[at].clamp(self.low[at], self.high[at])).collect()
    }

    /// The point `steps` up in every count.
    fn up(&self, point: &[u32], steps: u32) -> Vec<u32> {
        self.clamp(&point.iter().map(|count| count.saturating_add(steps)).collect::<Vec<_>>())
    }
}

/// The cheapest point that meets, beginning at `start`; `None` if not even the whole box's top does. After `most` questions the
/// search ends with what it has.
///
/// # Errors
/// Those of `ask`.
pub(super) fn cheapest<E>(
    space: &Space,
    start: &[u32],
    most: usize,
    ask: impl FnMut(&[u32]) -> Result<bool, E>,
) -> Result<Option<Found>, E> {
    let mut search = Search { space, ask, told: BTreeMap::new(), out: Vec::new() };
    let start = space.clamp(start);
    let Some(point) = search.climb(&start)? else { return Ok(None) };
    let mut best = search.lower(point)?;
    if best.len() == 1 {
        return Ok(Some(Found { point: best, all_ruled_out: true }));
    }
    loop {
        let hope = match search.hope(&best) {
            Ok(Some(hope)) => hope,
            Ok(None) => return Ok(Some(Found { point: best, all_ruled_out: true })),
            Err(TooMany) => return Ok(Some(Found { point: best, all_ruled_out: false })),
        };
        if search.told.len() >= most {
            return Ok(Some(Found { point: best, all_ruled_out: false }));
        }
        let raised = search.raise(hope, &best);
        if search.meets(&raised)? {
            best = search.lower(raised)?;
        }
    }
}

struct Search<'s, A> {
    space: &'s Space,
    ask: A,
    told: BTreeMap<Vec<u32>, bool>,
    /// Points that do not meet; none has at least as much of everything as another.
    out: Vec<Vec<u32>>,
}

/// Branch and bound would take too long.
struct TooMany;

impl<E, A: FnMut(&[u32]) -> Result<bool, E>> Search<'_, A> {
    fn meets(&mut self, point: &[u32]) -> Result<bool, E> {
        if let Some(known) = self.told.get(point) {
            return Ok(*known);
        }
        let meets = (self.ask)(point)?;
        self.told.insert(point.to_owned(), meets);
        if !meets && !self.out.iter().any(|out| is_below(point, out)) {
            self.out.retain(|out| !is_below(out, point));
            self.out.push(point.to_owned());
        }
        Ok(meets)
    }

    /// From a point up in all counts at once, to the first that meets.
    fn climb(&mut self, start: &[u32]) -> Result<Option<Vec<u32>>, E> {
        if self.meets(start)? {
            return Ok(Some(start.to_owned()));
        }
        let mut short = 0;
        let mut enough = 1;
        loop {
            let point = self.space.up(start, enough);
            if self.meets(&point)? {
                break;
            }
            if point == self.space.high {
                return Ok(None);
            }
            short = enough;
            enough = enough.saturating_mul(2);
        }
        while enough - short > 1 {
            let middle = short + (enough - short) / 2;
            if self.meets(&self.space.up(start, middle))? { enough = middle } else { short = middle }
        }
        Ok(Some(self.space.up(start, enough)))
    }

    /// Lowers one count after the other, the dearest first, until none can be; the point meets.
    fn lower(&mut self, mut point: Vec<u32>) -> Result<Vec<u32>, E> {
        let mut order: Vec<usize> = (0..point.len()).collect();
        order.sort_by(|one, other| self.space.cost[*other].total_cmp(&self.space.cost[*one]));
        loop {
            let before = point.clone();
            for &at in &order {
                self.lower_one(&mut point, at)?;
            }
            if point == before {
                return Ok(point);
            }
        }
    }

    fn lower_one(&mut self, point: &mut [u32], at: usize) -> Result<(), E> {
        let (top, bottom) = (point[at], self.space.low[at]);
        let mut with = |count: u32, search: &mut Self| {
            point[at] = count;
            search.meets(point)
        };
        // Down by 1, 2, 4, … until it no longer meets.
        let (mut enough, mut short, mut step) = (top, None, 1);
        while short.is_none() && enough > bottom {
            let count = top.saturating_sub(step).max(bottom);
            if with(count, self)? {
                enough = count
            } else {
                short = Some(count)
            }
            step *= 2;
        }
        if let Some(mut short) = short {
            while enough - short > 1 {
                let middle = short + (enough - short) / 2;
                if with(middle, self)? { enough = middle } else { short = middle }
            }
        }
        point[at] = enough;
        Ok(())
    }

    /// The cheapest point that is not ruled out and is cheaper than the best so far.
    fn hope(&self, best: &[u32]) -> Result<Option<Vec<u32>>, TooMany> {
        let space = self.space;
        let mut branch = Branch {
            space,
            out: &self.out,
            // What all counts from each one on cost at least.
            rest: (0..=best.len())
                .map(|at| (at..best.len()).map(|n| space.cost[n] * f64::from(space.low[n])).sum())
                .collect(),
            bound: space.cost(best),
            found: None,
            left: 2_000_000,
        };
        let active = (0..self.out.len()).collect();
        branch.walk(&mut Vec::new(), 0.0, active)?;
        Ok(branch.found)
    }

    /// Raises a point as far as it stays cheaper than the best: towards that first, then where it is cheapest.
    fn raise(&self, mut point: Vec<u32>, best: &[u32]) -> Vec<u32> {
        let space = self.space;
        let bound = space.cost(best);
        loop {
            let cost = space.cost(&point);
            let can = (0..point.len())
                .filter(|&at| point[at] < space.high[at] && Space::is_cheaper(cost + space.cost[at], bound));
            let next = can.min_by(|&one, &other| {
                let lag = |at: usize| best[at].saturating_sub(point[at]);
                lag(other).cmp(&lag(one)).then(space.cost[one].total_cmp(&space.cost[other]))
            });
            let Some(next) = next else { return point };
            point[next] += 1;
        }
    }
}

/// Whether a point has no more of anything than another.
fn is_below(one: &[u32], other: &[u32]) -> bool {
    one.iter().zip(other).all(|(one, other)| one <= other)
}

struct Branch<'a> {
    space: &'a Space,
    out: &'a [Vec<u32>],
    rest: Vec<f64>,
    bound: f64,
    found: Option<Vec<u32>>,
    left: u32,
}

impl Branch<'_> {
    /// Tries counts one after the other; `active` are the ruled-out points that still have as much of everything.
    fn walk(&mut self, point: &mut Vec<u32>, cost: f64, active: Vec<usize>) -> Result<(), TooMany> {
        self.left = self.left.checked_sub(1).ok_or(TooMany)?;
        let at = point.len();
        if !Space::is_cheaper(cost + self.rest[at], self.bound) {
            return Ok(());
        }
        if at == self.space.low.len() {
            if active.is_empty() {
                self.bound = cost;
                self.found = Some(point.clone());
            }
            return Ok(());
        }
        // Only just above a ruled-out point is anything gained.
        let (low, high) = (self.space.low[at], self.space.high[at]);
        let above = active.iter().map(|&out| self.out[out][at].saturating_add(1));
        let mut counts: Vec<u32> = above.filter(|count| (low..=high).contains(count)).chain([low]).collect();
        counts.sort_unstable();
        counts.dedup();
        for count in counts {
            let still = active.iter().copied().filter(|&out| self.out[out][at] >= count).collect();
            point.push(count);
            self.walk(point, cost + self.space.cost[at] * f64::from(count), still)?;
            point.pop();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::convert::Infallible as Sure;

    fn space(low: &[u32], high: &[u32], cost: &[f64]) -> Space {
        Space { low: low.to_vec(), high: high.to_vec(), cost: cost.to_vec() }
    }

    fn found(space: &Space, start: &[u32], meets: impl Fn(&[u32]) -> bool) -> (Option<Found>, usize) {
        let mut asked = std::collections::BTreeSet::new();
        let Ok(found) = cheapest(space, start, 1_000, |point| {
            asked.insert(point.to_vec());
            Ok::<bool, Sure>(meets(point))
        });
        (found, asked.len())
    }

    #[test]
    fn a_good_start_takes_two_questions() {
        let space = space(&[1], &[1_000], &[1.0]);
        let (best, asked) = found(&space, &[137], |point| point[0] >= 137);
        assert_eq!((best.unwrap().point, asked), (vec![137], 2));
        // Steps that double, then halves: at most two questions for each bit of the range, and the first.
        let (best, asked) = found(&space, &[1], |point| point[0] >= 137);
        assert!(best.unwrap().point == [137] && asked <= 21, "{asked}");
        let (best, asked) = found(&space, &[5_000], |point| point[0] >= 137);
        assert!(best.unwrap().point == [137] && asked <= 21, "{asked}");
    }

    #[test]
    fn what_cannot_be_met_is_none() {
        let space = space(&[1, 1], &[4, 9], &[1.0, 2.0]);
        assert_eq!(found(&space, &[2, 2], |_| false).0, None);
        assert_eq!(found(&space, &[2, 2], |_| true).0.unwrap().point, [1, 1]);
        assert_eq!(found(&space, &[2, 2], |point| point == [4, 9]).0.unwrap().point, [4, 9]);
    }

    #[test]
    fn lowering_alone_may_end_beside_the_cheapest() {
        // Three of the second do for five of the first, which cost more together.
        let space = space(&[0, 0], &[20, 20], &[1.0, 1.2]);
        let (best, asked) = found(&space, &[10, 10], |point| 3 * point[0] + 5 * point[1] >= 60);
        let best = best.unwrap();
        assert!(best.all_ruled_out && best.point == [0, 12], "{best:?}");
        assert!(asked < 60, "{asked}");
    }

    #[test]
    fn too_many_questions_are_told() {
        let space = space(&[0, 0, 0], &[50, 50, 50], &[1.0, 1.01, 1.02]);
        let mut asked = 0;
        let Ok(best) = cheapest(&space, &[25, 25, 25], 30, |point| {
            asked += 1;
            Ok::<bool, Sure>(point.iter().map(|count| count * count).sum::<u32>() >= 1_900)
        });
        assert!(!best.unwrap().all_ruled_out && asked < 80, "{asked}");
    }

    proptest! {
        /// Beside the slow and obvious way: all points of the box.
        #[test]
        fn nothing_cheaper_meets(
            weights in prop::collection::vec(1u32..6, 1..4),
            costs in prop::collection::vec(1u32..5, 3),
            need in 0u32..40,
            floor in 0u32..4,
            start in prop::collection::vec(0u32..9, 3),
        ) {
            let dimensions = weights.len();
            let cost: Vec<f64> = costs[..dimensions].iter().map(|cost| f64::from(*cost) * 0.7).collect();
            let space = space(&vec![1; dimensions], &vec![6; dimensions], &cost);
            let meets = |point: &[u32]| {
                point[0] >= floor && weights.iter().zip(point).map(|(weight, count)| weight * count).sum::<u32>() >= need
            };
            let mut all = vec![vec![]];
            for _ in 0..dimensions {
                all = all.into_iter().flat_map(|point: Vec<u32>| (1..=6).map(move |n| [&point[..], &[n]].concat())).collect();
            }
            let least = all.iter().filter(|point| meets(point)).map(|point| space.cost(point)).min_by(f64::total_cmp);
            let (found, _) = found(&space, &start[..dimensions], meets);
            prop_assert_eq!(found.is_some(), least.is_some());
            if let (Some(found), Some(least)) = (found, least) {
                prop_assert!(meets(&found.point) && found.all_ruled_out);
                prop_assert!((space.cost(&found.point) - least).abs() < 1e-9, "{:?}", found);
            }
        }
    }
}
