//! Erlang's closed forms for queues of equal servers: B (loss), C (patient customers), A (customers who abandon).
//!
//! Rates and times may be in any unit of time, the same for all. Customers come as a Poisson process; services, and
//! patience, are exponential; the queue is first come, first served and without bound.

use super::special::incomplete_beta;

/// The probability that all of `servers` are busy where those who find them so are lost; `load` is the arrival rate
/// times the mean service.
///
/// By the recursion 1/B(n) = 1 + n/load · 1/B(n-1), which cannot cancel or overflow to nonsense (D. L. Jagerman, "Some
/// properties of the Erlang loss function", Bell System Technical Journal 53 (1974) 525-551). Takes time in `servers`.
pub fn erlang_b(servers: u32, load: f64) -> f64 {
    assert!(load >= 0.0, "{load} is no load");
    let inverse = (1..=servers).fold(1.0, |inverse, n| 1.0 + f64::from(n) / load * inverse);
    1.0 / inverse
}

/// The queue M/M/c in its steady state (A. K. Erlang 1917; L. Kleinrock, "Queueing Systems" I, 1975, section 3.5).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ErlangC {
    utilisation: f64,
    prob_wait: f64,
    /// The rate at which the wait of those who wait ends.
    drain: f64,
    arrival_rate: f64,
}

impl ErlangC {
    /// `None` where there is no steady state: the load is not below the number of servers.
    ///
    /// # Panics
    /// If a rate or time is not above 0.
    pub fn new(servers: u32, arrival_rate: f64, mean_service: f64) -> Option<ErlangC> {
        assert!(arrival_rate > 0.0 && mean_service > 0.0, "rates and times are above 0");
        let load = arrival_rate * mean_service;
        let utilisation = load / f64::from(servers);
        if servers == 0 || utilisation >= 1.0 {
            return None;
        }
        let blocked = erlang_b(servers, load);
        Some(ErlangC {
            utilisation,
            prob_wait: blocked / (1.0 - utilisation * (1.0 - blocked)),
            drain: (f64::from(servers) - load) / mean_service,
            arrival_rate,
        })
    }

    /// The share of their time for which servers are busy.
    pub fn utilisation(&self) -> f64 {
        self.utilisation
    }

    /// The probability of having to wait.
    pub fn prob_wait(&self) -> f64 {
        self.prob_wait
    }

    /// The mean wait of all ("average speed of answer").
    pub fn mean_wait(&self) -> f64 {
        self.prob_wait / self.drain
    }

    /// The mean wait of those who wait.
    pub fn mean_wait_given_wait(&self) -> f64 {
        1.0 / self.drain
    }

    /// The mean number waiting.
    pub fn mean_queue(&self) -> f64 {
        self.arrival_rate * self.mean_wait()
    }

    /// The probability of waiting longer than `time`.
    pub fn prob_wait_above(&self, time: f64) -> f64 {
        self.prob_wait * libm::exp(-self.drain * time)
    }

    /// The service level: the share served within `time`.
    pub fn service_level(&self, time: f64) -> f64 {
        1.0 - self.prob_wait_above(time)
    }

    /// The wait that is not exceeded with probability `level`, below 1.
    pub fn wait_quantile(&self, level: f64) -> f64 {
        (libm::log(self.prob_wait / (1.0 - level)) / self.drain).max(0.0)
    }
}

/// The queue M/M/c+M in its steady state (C. Palm 1946; A. Mandelbaum and S. Zeltyn, "Service engineering in action: the
/// Palm/Erlang-A queue", 2007). It always has one.
#[derive(Clone, PartialEq, Debug)]
pub struct ErlangA {
    servers: f64,
    arrival_rate: f64,
    service_rate: f64,
    patience_rate: f64,
    /// The shortest queue worth counting, and the probabilities of all being busy with it, with one more waiting, and so on.
    shortest: u64,
    waiting: Vec<f64>,
}

impl ErlangA {
    /// # Panics
    /// If there is no server, or a rate or time is not above 0.
    pub fn new(servers: u32, arrival_rate: f64, mean_service: f64, mean_patience: f64) -> ErlangA {
        assert!(servers > 0, "a queue needs a server");
        assert!(arrival_rate > 0.0 && mean_service > 0.0 && mean_patience > 0.0, "rates and times are above 0");
        let (service_rate, patience_rate) = (1.0 / mean_service, 1.0 / mean_patience);
        let busy_rate = f64::from(servers) * service_rate;
        // Out from the likeliest queue, relative to it, until what is left out is below rounding: far off in overload, the
        // empty queue cannot even be written as a number.
        let likeliest = ((arrival_rate - busy_rate) / patience_rate).max(0.0) as u64;
        let leaving = |waiting: u64| busy_rate + waiting as f64 * patience_rate;
        let mut shortest = likeliest;
        let mut term = 1.0;
        let mut waiting = vec![term];
        while shortest > 0 && term > 1e-20 {
            term *= leaving(shortest) / arrival_rate;
            shortest -= 1;
            waiting.push(term);
        }
        // States below the empty queue are those of the loss system, where its own has probability B.
        let below =
            if shortest == 0 { term * (1.0 / erlang_b(servers, arrival_rate * mean_service) - 1.0) } else { 0.0 };
        waiting.reverse();
        let mut longest = likeliest;
        term = 1.0;
        while term > 1e-20 {
            longest += 1;
            term *= arrival_rate / leaving(longest);
            waiting.push(term);
        }
        let total = below + waiting.iter().sum::<f64>();
        waiting.iter_mut().for_each(|probability| *probability /= total);
        ErlangA { servers: f64::from(servers), arrival_rate, service_rate, patience_rate, shortest, waiting }
    }

    /// The probability of having to wait.
    pub fn prob_wait(&self) -> f64 {
        self.waiting.iter().sum()
    }

    /// The mean number waiting.
    pub fn mean_queue(&self) -> f64 {
        self.sum_over_waiting(|waiting| waiting)
    }

    /// The share that abandons: those who wait do so at the rate of patience.
    pub fn prob_abandon(&self) -> f64 {
        self.patience_rate * self.mean_queue() / self.arrival_rate
    }

    /// The mean wait of all, served or not.
    pub fn mean_wait(&self) -> f64 {
        self.mean_queue() / self.arrival_rate
    }

    /// The mean wait of the served.
    pub fn mean_wait_served(&self) -> f64 {
        // Behind `ahead` others a customer is served with probability cμ/(cμ + (ahead+1)θ); how long each step of the
        // queue takes does not hang on what ends it.
        let busy_rate = self.servers * self.service_rate;
        let rate = |place: u64| busy_rate + place as f64 * self.patience_rate;
        let mut steps: f64 = (1..=self.shortest).map(|place| 1.0 / rate(place)).sum();
        let mut wait = 0.0;
        for (place, probability) in (self.shortest + 1..).zip(&self.waiting) {
            steps += 1.0 / rate(place);
            wait += probability * busy_rate / rate(place) * steps;
        }
        wait / (1.0 - self.prob_abandon())
    }

    /// The mean wait of those who abandon.
    pub fn mean_wait_abandoned(&self) -> f64 {
        let abandon = self.prob_abandon();
        (self.mean_wait() - (1.0 - abandon) * self.mean_wait_served()) / abandon
    }

    /// The share of their time for which servers are busy.
    pub fn utilisation(&self) -> f64 {
        self.arrival_rate * (1.0 - self.prob_abandon()) / (self.servers * self.service_rate)
    }

    /// The probability of waiting longer than `time`, served or not.
    pub fn prob_wait_above(&self, time: f64) -> f64 {
        // The wait V that infinite patience would meet behind `ahead` others is a sum of exponentials of rates cμ + iθ;
        // of such a sum, exp(-θV) is a beta variable with parameters cμ/θ and ahead + 1.
        let patient = libm::exp(-self.patience_rate * time);
        self.sum_over_waiting(|ahead| patient * incomplete_beta(self.first_parameter(), ahead + 1.0, patient))
    }

    /// The share served within `time` (of all who come).
    pub fn prob_served_within(&self, time: f64) -> f64 {
        let (first, patient) = (self.first_parameter(), libm::exp(-self.patience_rate * time));
        1.0 - self.prob_wait()
            + self.sum_over_waiting(|ahead| {
                first / (first + ahead + 1.0) * (1.0 - incomplete_beta(first + 1.0, ahead + 1.0, patient))
            })
    }

    fn first_parameter(&self) -> f64 {
        self.servers * self.service_rate / self.patience_rate
    }

    fn sum_over_waiting(&self, of: impl Fn(f64) -> f64) -> f64 {
        (self.shortest..).zip(&self.waiting).map(|(ahead, probability)| probability * of(ahead as f64)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-11, "{found} for {expected}");
    }

    #[test]
    fn erlang_b_is_right() {
        check(erlang_b(10, 8.0), 0.121_661_064_252_952);
        check(erlang_b(1, 1.0), 0.5);
        assert_eq!((erlang_b(0, 3.0), erlang_b(4, 0.0)), (1.0, 0.0));
        // Where factorials have long overflowed: the normal approximation sqrt(2 / (pi n)) for a load of n.
        let large = erlang_b(100_000, 100_000.0);
        assert!((large / (2.0 / (std::f64::consts::PI * 1e5)).sqrt() - 1.0).abs() < 0.01, "{large}");
    }

    #[test]
    fn erlang_c_is_right() {
        let one = ErlangC::new(1, 1.0 / 75.0, 60.0).unwrap();
        check(one.prob_wait(), 0.8);
        check(one.mean_wait(), 240.0);
        check(one.prob_wait_above(60.0), 0.654_984_602_462_385);
        check(one.wait_quantile(0.9), 623.832_462_503_951);

        let twelve = ErlangC::new(12, 0.07, 120.0).unwrap();
        check(twelve.prob_wait(), 0.183_888_630_393_5);
        check(twelve.mean_wait(), 6.129_621_013_116_66);
        check(twelve.mean_queue(), 0.429_073_470_918_166);
        check(twelve.utilisation(), 0.7);
        check(1.0 - twelve.service_level(20.0), 0.100_920_220_105_346);
        check(twelve.wait_quantile(0.9), 20.305_337_292_358_6);
        assert_eq!(twelve.wait_quantile(0.5), 0.0);

        let fifty = ErlangC::new(50, 0.8, 60.0).unwrap();
        check(fifty.prob_wait(), 0.694_455_611_196_834);
        check(fifty.mean_wait(), 20.833_668_335_905);
        check(fifty.mean_wait_given_wait(), 30.0);
        check(fifty.prob_wait_above(30.0), 0.255_475_942_165_464);
    }

    #[test]
    fn too_much_load_has_no_steady_state() {
        assert_eq!(ErlangC::new(10, 1.0, 10.0), None);
        assert_eq!(ErlangC::new(0, 1.0, 10.0), None);
    }

    #[test]
    fn erlang_a_is_right() {
        let fifty = ErlangA::new(50, 0.8, 60.0, 120.0);
        check(fifty.prob_wait(), 0.467_774_068_553_79);
        check(fifty.prob_abandon(), 0.030_912_249_162_193_2);
        check(fifty.mean_wait(), 3.709_469_899_463_19);
        check(fifty.mean_wait_served(), 3.615_900_239_553_11);
        check(fifty.mean_wait_abandoned(), 6.642_844_653_048_29);
        check(fifty.mean_queue(), 2.967_575_919_570_55);
        check(fifty.utilisation(), 0.930_324_240_804_295);
        check(fifty.prob_served_within(10.0), 0.832_576_472_082_809);
        check(fifty.prob_wait_above(10.0), 0.143_637_089_488_633);
        check(fifty.prob_wait_above(30.0), 0.003_155_558_927_108_71);

        let twelve = ErlangA::new(12, 0.07, 120.0, 60.0);
        check(twelve.prob_wait(), 0.127_372_281_808_747);
        check(twelve.prob_abandon(), 0.029_678_905_542_373_4);
        check(twelve.mean_wait_served(), 1.443_604_620_551_87);
        check(twelve.mean_wait_abandoned(), 12.802_841_284_761_1);
        check(twelve.prob_served_within(20.0), 0.945_269_575_558_999);
        check(twelve.prob_wait_above(20.0), 0.031_378_189_909_731_2);
    }

    #[test]
    fn erlang_a_lies_between_its_neighbours() {
        // With endless patience it is Erlang C; with twice the load that can be served, every other customer abandons.
        let (patient, c) = (ErlangA::new(12, 0.07, 120.0, 1e9), ErlangC::new(12, 0.07, 120.0).unwrap());
        assert!((patient.prob_wait() / c.prob_wait() - 1.0).abs() < 1e-5);
        assert!((patient.mean_wait() / c.mean_wait() - 1.0).abs() < 1e-5);
        let swamped = ErlangA::new(10, 2.0, 10.0, 100_000.0);
        assert!((swamped.prob_abandon() - 0.5).abs() < 1e-9 && swamped.prob_wait() > 1.0 - 1e-9);
        check(swamped.prob_served_within(1e9), 1.0 - swamped.prob_abandon());
    }
}
