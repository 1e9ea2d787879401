//! After how long a desk's days repeat, and how a run is cut so that its pieces can be compared.

use crate::simulation::Model;
use crate::time::{Span, WeekdaySet};
use crate::workload::{Arrivals, Rates};

/// A civil day.
pub(super) const DAY: Span = Span::from_secs(86_400);
/// A civil week.
pub(super) const WEEK: Span = Span::from_secs(7 * 86_400);

/// After how long what a model's people do repeats: nothing where it is the same at any time, else a day or a week. Recorded
/// arrivals and rosters are taken to follow the week. Scripted events are not looked at.
pub(super) fn rhythm(model: &Model) -> Option<Span> {
    let plan = &model.plan;
    let mut rhythm = None;
    let mut slower = |span: Option<Span>| rhythm = rhythm.max(span);
    for customers in &plan.customers {
        slower(match &customers.arrivals {
            Arrivals::Every(_) => None,
            Arrivals::File(_) => Some(WEEK),
            Arrivals::Rates(rates) => of_rates(rates),
        });
    }
    for agent in &plan.agents {
        let shift = agent.shift.and_then(|shift| plan.shifts.get(shift));
        slower(match (&agent.roster, shift) {
            (Some(_), _) => Some(WEEK),
            (None, Some(shift)) if shift.days == WeekdaySet::ALL => Some(DAY),
            (None, Some(_)) => Some(WEEK),
            (None, None) => (!agent.breaks.is_empty()).then_some(DAY),
        });
    }
    rhythm
}

fn of_rates(rates: &Rates) -> Option<Span> {
    let monday = &rates.per_hour[0];
    if rates.per_hour.iter().any(|day| day != monday) {
        return Some(WEEK);
    }
    let flat = monday.iter().all(|rate| *rate == monday[0]) && rates.day_factor.is_none();
    (!flat).then_some(DAY)
}

/// Equal pieces of a run after its warm-up, each of whole cycles.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Pieces {
    /// How long each is.
    pub(super) length: Span,
    /// How many there are; what is left over at the end belongs to none.
    pub(super) count: usize,
}

impl Pieces {
    /// At most `most` pieces of what comes after the warm-up, as many as whole cycles allow.
    pub(super) fn of(model: &Model, warmup: Span, most: usize) -> Pieces {
        let rest = model.run.duration.as_micros().saturating_sub(warmup.as_micros());
        let cycle = rhythm(model).map_or(1, Span::as_micros);
        let cycles = rest / cycle;
        let count = cycles.min(most as u64);
        let length = cycles.checked_div(count).unwrap_or(0) * cycle;
        Pieces { length: Span::from_micros(length), count: count as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn the_slowest_of_what_repeats_sets_the_rhythm() {
        // Shifts on weekdays.
        let mut model = samples::model(2, 10.0, 24 * 30);
        assert_eq!(rhythm(&model), Some(WEEK));
        model.plan.shifts[0].days = WeekdaySet::ALL;
        assert_eq!(rhythm(&model), Some(DAY));
        model.plan.agents.iter_mut().for_each(|agent| agent.shift = None);
        assert_eq!(rhythm(&model), None);
        let rates = |rates: &mut dyn FnMut(&mut Rates)| {
            let mut model = model.clone();
            if let Arrivals::Rates(own) = &mut model.plan.customers[0].arrivals {
                rates(own);
            }
            rhythm(&model)
        };
        assert_eq!(rates(&mut |rates| rates.per_hour.iter_mut().for_each(|day| *day = [1.0, 2.0].into())), Some(DAY));
        assert_eq!(rates(&mut |rates| rates.per_hour[6] = [0.0].into()), Some(WEEK));
        assert_eq!(rates(&mut |rates| rates.day_factor = Some(crate::kernel::Variate::constant(1.0))), Some(DAY));
    }

    #[test]
    fn pieces_are_whole_cycles_and_as_many_as_fit() {
        let mut model = samples::model(2, 10.0, 24 * 30);
        assert_eq!(Pieces::of(&model, Span::ZERO, 20), Pieces { length: WEEK, count: 4 });
        assert_eq!(Pieces::of(&model, Span::from_secs(25 * 86_400), 20).count, 0);
        model.plan.agents.iter_mut().for_each(|agent| agent.shift = None);
        let tenth = Pieces { length: Span::from_secs(3 * 86_400), count: 10 };
        assert_eq!(Pieces::of(&model, Span::ZERO, 10), tenth);
    }
}
