//! Whether a series rises.

/// The slope of the least-squares line through a series, per step; `None` with fewer than two numbers.
pub fn slope(series: &[f64]) -> Option<f64> {
    if series.len() < 2 {
        return None;
    }
    let middle = (series.len() - 1) as f64 / 2.0;
    let (mut product, mut squares) = (0.0, 0.0);
    for (step, value) in series.iter().enumerate() {
        let distance = step as f64 - middle;
        product += distance * value;
        squares += distance * distance;
    }
    Some(product / squares)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_slope_and_symmetry_has_none() {
        assert_eq!(slope(&[5.0, 3.0, 1.0, -1.0]), Some(-2.0));
        assert_eq!(slope(&[1.0, 4.0, 9.0, 4.0, 1.0]), Some(0.0));
        // By hand: Σ(n - 1)(x) = -1·2 + 1·5 = 3, over 2.
        assert_eq!(slope(&[2.0, 9.0, 5.0]), Some(1.5));
        assert_eq!((slope(&[]), slope(&[1.0])), (None, None));
    }
}
