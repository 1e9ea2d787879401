//! From the sums of replications to a figure with its standard error, and to a verdict.

use super::watch::Sums;

/// A figure as a function of sums.
pub(crate) type Of = Box<dyn Fn(&Sums) -> f64 + Sync + Send>;

/// An estimate from independent replications.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    /// The figure of all replications together.
    pub(crate) value: f64,
    /// Its standard error.
    pub(crate) error: f64,
    /// Half the width of its 95 % interval.
    pub(crate) half_width: f64,
}

/// The jackknife: the figure of the sums of all replications, and how it moves when one is left out. It gives ratios of sums
/// and what is made of several their standard errors alike.
pub(crate) fn estimate(replications: &[Sums], of: &Of) -> Estimate {
    let n = replications.len() as f64;
    let mut all = Sums::zero();
    for sums in replications {
        all.add(sums, 1.0);
    }
    let value = of(&all);
    let mut rest = all.clone();
    let without: Vec<f64> = replications
        .iter()
        .map(|sums| {
            rest.add(sums, -1.0);
            let figure = of(&rest);
            rest.clone_from(&all);
            figure
        })
        .collect();
    let mean = without.iter().sum::<f64>() / n;
    let squares: f64 = without.iter().map(|figure| (figure - mean) * (figure - mean)).sum();
    let error = (squares * (n - 1.0) / n).sqrt();
    Estimate { value, error, half_width: student_t(n - 1.0) * error }
}

/// The 97.5 % quantile of Student's t, by Cornish and Fisher's expansion: good to 1 % from 10 degrees of freedom on.
fn student_t(df: f64) -> f64 {
    let z: f64 = 1.959_964;
    z + (z.powi(3) + z) / (4.0 * df) + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * df * df)
}

#[test]
fn the_jackknife_of_a_mean_is_its_textbook_standard_error() {
    use super::watch::Sum;
    let values = [3.0, 5.0, 4.0, 8.0, 1.0, 6.0, 2.0, 7.0, 9.0, 5.0, 5.0, 5.0];
    let replications: Vec<Sums> = values
        .iter()
        .map(|value| {
            let mut sums = Sums::zero();
            sums[Sum::Wait] = *value;
            sums[Sum::Left] = 1.0;
            sums
        })
        .collect();
    let of: Of = Box::new(|sums| sums.share(Sum::Wait, Sum::Left));
    let found = estimate(&replications, &of);
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    assert!((found.value - mean).abs() < 1e-12);
    assert!((found.error - deviation / n.sqrt()).abs() < 1e-12);
    // t with 11 degrees of freedom is 2.201.
    assert!((found.half_width / found.error - 2.201).abs() < 0.005);
}
