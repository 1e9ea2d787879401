//! One number that tells whether two builds draw alike.

use super::stream::mix;
use super::{Count, Streams, Variate};

/// A hash of draws of every distribution. Results state it: where it differs, draws differ, and so would figures.
pub fn fingerprint() -> u64 {
    let streams = Streams::new(1, 0);
    let mut hash = 0;
    let mut absorb = |bits: u64| hash = mix(hash ^ bits);
    for (law, (_, variate)) in (0..).zip(variates()) {
        (0..16).for_each(|ordinal| absorb(variate.draw(&mut streams.stream(1, law, ordinal)).to_bits()));
    }
    for (law, (_, count)) in (0..).zip(counts()) {
        (0..16).for_each(|ordinal| absorb(u64::from(count.draw(&mut streams.stream(2, law, ordinal)))));
    }
    hash
}

/// One variate at least of every kind, and of every branch of those that have several.
pub(super) fn variates() -> Vec<(&'static str, Variate)> {
    let gamma = Variate::gamma(300.0, 0.5);
    let mixed =
        Variate::exponential(60.0).and_then(|short| Variate::mixture(vec![(0.7, short), (0.3, gamma.clone()?)]));
    let all = [
        ("never", Ok(Variate::never())),
        ("constant", Ok(Variate::constant(90.0))),
        ("exponential", Variate::exponential(300.0)),
        ("lognormal", Variate::lognormal(360.0, 1.5)),
        ("gamma", gamma),
        ("gamma below 1", Variate::gamma(300.0, 2.0)),
        ("weibull", Variate::weibull(300.0, 1.5)),
        ("weibull below 1", Variate::weibull(300.0, 0.7)),
        ("uniform", Variate::uniform(10.0, 20.0)),
        ("triangular", Variate::triangular(10.0, 15.0, 40.0)),
        ("empirical", Variate::empirical(vec![3.0, 1.0, 2.0], vec![])),
        ("empirical, weighted", Variate::empirical(vec![3.0, 1.0, 2.0], vec![1.0, 2.0, 0.5])),
        ("mixture", mixed),
    ];
    all.into_iter().map(|(name, law)| (name, law.expect("its parameters are right"))).collect()
}

/// One count of every kind.
pub(super) fn counts() -> Vec<(&'static str, Count)> {
    let all = [
        ("constant", Count::constant(3)),
        ("geometric", Count::geometric(2.5)),
        ("poisson", Count::poisson(2.0)),
        ("poisson, many", Count::poisson(5000.0)),
        ("weights", Count::weights(&[0.5, 0.3, 0.2])),
    ];
    all.into_iter().map(|(name, law)| (name, law.expect("its parameters are right"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_these_on_every_machine() {
        let streams = Streams::new(20_260_302, 7);
        let mut shown = String::new();
        for (law, (name, variate)) in (0..).zip(variates()) {
            let draws = [0, 1, 2].map(|ordinal| variate.draw(&mut streams.stream(1, law, ordinal)));
            shown += &format!("{name}: {draws:?}\n");
        }
        for (law, (name, count)) in (0..).zip(counts()) {
            let draws = [0, 1, 2, 3, 4, 5].map(|ordinal| count.draw(&mut streams.stream(2, law, ordinal)));
            shown += &format!("{name}: {draws:?}\n");
        }
        shown += &format!("fingerprint: {:016x}", fingerprint());
        insta::assert_snapshot!(shown, @r"
        never: [inf, inf, inf]
        constant: [90.0, 90.0, 90.0]
        exponential: [390.99834655392203, 45.14046964674041, 294.07534491803233]
        lognormal: [349.14911752604877, 856.5377405627141, 25.58180460956997]
        gamma: [187.7587200549642, 243.51878289344083, 24.455067864390262]
        gamma below 1: [192.76181357019038, 2.5099070694539, 0.3648035178845958]
        weibull: [143.53443034116682, 571.0923098145809, 241.17734556910113]
        weibull below 1: [24.70202451826016, 324.496357871794, 7.906198590998017]
        uniform: [11.449323283041492, 18.227427228764206, 19.321058504400284]
        triangular: [17.544657674679748, 20.2509322460438, 11.87734829058332]
        empirical: [3.0, 2.0, 2.0]
        empirical, weighted: [3.0, 1.0, 1.0]
        mixture: [21.691680051344566, 21.132352920370668, 4.079650659176179]
        constant: [3, 3, 3, 3, 3, 3]
        geometric: [2, 2, 1, 5, 3, 1]
        poisson: [1, 3, 3, 5, 1, 4]
        poisson, many: [5006, 4984, 4907, 5000, 4869, 5026]
        weights: [2, 3, 1, 3, 1, 2]
        fingerprint: 4a6b5fe8c2923a54
        ");
    }
}
