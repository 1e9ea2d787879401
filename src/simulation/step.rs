//! What an observer sees of a run.

use crate::desk::{Command, Desk, Effect, Refusal, UserId};
use crate::time::Instant;
use crate::workload::Expected;

/// One step of a run: something was asked of the desk, or a deadline fell due, and this came of it.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// When.
    pub now: Instant,
    /// What set it off.
    pub input: Input,
    /// The class of the customer who acted, where one did.
    pub customer: Option<u16>,
    /// Why it was refused, if it was; then there are no effects.
    pub refused: Option<Refusal>,
    /// What happened, in order.
    pub effects: &'a [Effect],
}

/// What set a step off.
#[derive(Clone, Copy, Debug)]
pub enum Input {
    /// A command.
    Command(Command),
    /// A deadline of the desk's own.
    Deadline,
}

/// Watches a run without touching it.
pub trait Observer {
    /// The run begins; the desk is as it opened.
    fn start(&mut self, _now: Instant, _desk: &Desk) {}
    /// A step was taken; the desk is as it is after it.
    fn step(&mut self, step: &Step<'_>, desk: &Desk);
    /// An agent works on this many replies at once from now on.
    fn work(&mut self, _now: Instant, _user: UserId, _in_hand: u16) {}
    /// So many of [`super::PARTS`] of the run's time have passed.
    fn passed(&mut self, _parts: u32) {}
    /// The run is over.
    fn finish(&mut self, _now: Instant, _desk: &Desk) {}
    /// This may soon be asked for: whoever keeps a record of it may fetch that into the cache. Means nothing else.
    fn expect(&self, _expected: Expected) {}
}

impl<O: Observer + ?Sized> Observer for &mut O {
    fn expect(&self, expected: Expected) {
        (**self).expect(expected);
    }

    fn start(&mut self, now: Instant, desk: &Desk) {
        (**self).start(now, desk);
    }

    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        (**self).step(step, desk);
    }

    fn work(&mut self, now: Instant, user: UserId, in_hand: u16) {
        (**self).work(now, user, in_hand);
    }

    fn passed(&mut self, parts: u32) {
        (**self).passed(parts);
    }

    fn finish(&mut self, now: Instant, desk: &Desk) {
        (**self).finish(now, desk);
    }
}

/// Watches if there is anybody to watch.
impl<O: Observer> Observer for Option<O> {
    fn expect(&self, expected: Expected) {
        if let Some(observer) = self {
            observer.expect(expected);
        }
    }

    fn start(&mut self, now: Instant, desk: &Desk) {
        if let Some(observer) = self {
            observer.start(now, desk);
        }
    }

    #[inline]
    fn step(&mut self, step: &Step<'_>, desk: &Desk) {
        if let Some(observer) = self {
            observer.step(step, desk);
        }
    }

    fn work(&mut self, now: Instant, user: UserId, in_hand: u16) {
        if let Some(observer) = self {
            observer.work(now, user, in_hand);
        }
    }

    fn passed(&mut self, parts: u32) {
        if let Some(observer) = self {
            observer.passed(parts);
        }
    }

    fn finish(&mut self, now: Instant, desk: &Desk) {
        if let Some(observer) = self {
            observer.finish(now, desk);
        }
    }
}

macro_rules! together {
    ($($name:ident)*) => {
        /// Several observers watch one run, each in its turn.
        #[allow(non_snake_case, unused_variables)]
        impl<$($name: Observer),*> Observer for ($($name,)*) {
            fn expect(&self, expected: Expected) {
                let ($($name,)*) = self;
                $($name.expect(expected);)*
            }

            fn start(&mut self, now: Instant, desk: &Desk) {
                let ($($name,)*) = self;
                $($name.start(now, desk);)*
            }

            fn step(&mut self, step: &Step<'_>, desk: &Desk) {
                let ($($name,)*) = self;
                $($name.step(step, desk);)*
            }

            fn work(&mut self, now: Instant, user: UserId, in_hand: u16) {
                let ($($name,)*) = self;
                $($name.work(now, user, in_hand);)*
            }

            fn passed(&mut self, parts: u32) {
                let ($($name,)*) = self;
                $($name.passed(parts);)*
            }

            fn finish(&mut self, now: Instant, desk: &Desk) {
                let ($($name,)*) = self;
                $($name.finish(now, desk);)*
            }
        }
    };
}

together!();
together!(A);
together!(A B);
together!(A B C);
together!(A B C D);
together!(A B C D E);
together!(A B C D E F);
