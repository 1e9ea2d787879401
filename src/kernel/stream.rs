//! Random streams found by name (DESIGN, Sameness).

/// All streams of one replication: keyed by (seed, replication).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Streams {
    key: u64,
}

/// One stream: the draws of one (purpose, entity, ordinal).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stream {
    state: u64,
}

// The constants of rapidhash, odd and with as many ones as zeros; the last is 2^64 over the golden ratio.
const SEED: u64 = 0x2d35_8dcc_aa6c_78a5;
const REPLICATION: u64 = 0x8bb8_4b93_962e_acc9;
const PURPOSE: u64 = 0x4b33_a62e_d433_d4a3;
const ENTITY: u64 = 0x4d5a_2da5_1de1_aa47;
const ORDINAL: u64 = 0xa076_1d64_78bd_642f;
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Streams {
    /// The streams of a replication.
    pub fn new(seed: u64, replication: u64) -> Streams {
        Streams { key: mix(mix(seed ^ SEED).wrapping_add(replication.wrapping_mul(REPLICATION))) }
    }

    /// The stream of that name; no state is kept, so who asks when changes nothing.
    #[inline]
    pub fn stream(&self, purpose: u32, entity: u64, ordinal: u64) -> Stream {
        let purpose = u64::from(purpose).wrapping_mul(PURPOSE);
        let named = fold(self.key ^ purpose, entity ^ ENTITY);
        // The key goes in again: had the first product vanished, the seed would still count.
        Stream { state: fold(named ^ self.key.rotate_left(32), ordinal ^ ORDINAL) ^ named }
    }
}

impl Stream {
    /// The next 64 random bits: SplitMix64 (Steele, Lea and Flood 2014, with Stafford's variant 13 of the mix).
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mix(self.state)
    }

    /// The next uniform draw, strictly between 0 and 1: an odd multiple of 2⁻⁵³, so that `1 - u` is exact and as likely.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        unit(self.bits())
    }
}

#[inline]
fn unit(bits: u64) -> f64 {
    const STEP: f64 = 1.0 / (1u64 << 53) as f64;
    ((bits >> 12 << 1) | 1) as f64 * STEP
}

/// A one-to-one scrambling of 64 bits: each bit of the input changes each of the output with probability one half.
#[inline]
pub(super) fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Both halves of the 128-bit product, folded: the step of wyhash (Wang Yi) and its kin.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts of a name, in the order of the arguments below.
    const PARTS: [&str; 5] = ["seed", "replication", "purpose", "entity", "ordinal"];

    fn named([seed, replication, purpose, entity, ordinal]: [u64; 5]) -> Stream {
        Streams::new(seed, replication).stream(purpose as u32, entity, ordinal)
    }

    /// First draws of streams whose names differ in one part alone, by one each.
    fn row(part: usize, length: u64) -> Vec<f64> {
        let draw = |step| {
            let mut name = [1, 0, 3, 17, 0];
            name[part] += step;
            named(name).uniform()
        };
        (0..length).map(draw).collect()
    }

    /// How far the counts of equal bins are from even, in standard deviations of chi-square.
    fn unevenness(counts: &[u32]) -> f64 {
        let expected = counts.iter().sum::<u32>() as f64 / counts.len() as f64;
        let chi_square: f64 = counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
        let degrees = counts.len() as f64 - 1.0;
        (chi_square - degrees) / (2.0 * degrees).sqrt()
    }

    #[test]
    fn uniforms_lie_strictly_inside() {
        assert_eq!([unit(0), unit(u64::MAX)], [2f64.powi(-53), 1.0 - 2f64.powi(-53)]);
        assert_eq!(1.0 - unit(0x0123_4567_89ab_cdef), unit(!0x0123_4567_89ab_cdef));
    }

    #[test]
    fn neighbours_by_name_are_strangers() {
        const LENGTH: usize = 1 << 17;
        for (part, name) in PARTS.iter().enumerate() {
            let row = row(part, LENGTH as u64);
            let mut bins = vec![0; 1024];
            let mut pairs = vec![0; 1024];
            for (draw, next) in row.iter().zip(&row[1..]) {
                bins[(draw * 1024.0) as usize] += 1;
                pairs[(draw * 32.0) as usize * 32 + (next * 32.0) as usize] += 1;
            }
            assert!(unevenness(&bins).abs() < 4.0, "{name}: bins {}", unevenness(&bins));
            assert!(unevenness(&pairs).abs() < 4.0, "{name}: pairs {}", unevenness(&pairs));
            for lag in [1, 2, 3, 7, 64, 1024] {
                let products = row.iter().zip(&row[lag..]).map(|(a, b)| (a - 0.5) * (b - 0.5));
                let correlation = products.sum::<f64>() * 12.0 / (LENGTH - lag) as f64;
                assert!(correlation.abs() * (LENGTH as f64).sqrt() < 4.0, "{name}: lag {lag} {correlation}");
            }
        }
    }

    #[test]
    fn later_draws_of_neighbours_are_strangers_too() {
        let streams = Streams::new(1, 0);
        let mut pairs = vec![0; 1024];
        for ordinal in 0..1 << 17 {
            let (mut one, mut next) = (streams.stream(0, 0, ordinal), streams.stream(0, 0, ordinal + 1));
            one.bits();
            // The second draw of the one with the first of the next.
            pairs[(one.uniform() * 32.0) as usize * 32 + (next.uniform() * 32.0) as usize] += 1;
        }
        assert!(unevenness(&pairs).abs() < 4.0, "{}", unevenness(&pairs));
    }

    #[test]
    fn every_bit_of_a_name_changes_every_bit_of_a_draw_half_the_time() {
        const TRIALS: u64 = 1 << 12;
        for (part, name) in PARTS.iter().enumerate() {
            for bit in (0..if part == 2 { 32 } else { 64 }).step_by(3) {
                let mut flips = [0u32; 64];
                for trial in 0..TRIALS {
                    let mut one = [trial, 0, trial % 50, trial * 31, trial % 7];
                    let before = named(one).bits();
                    one[part] ^= 1 << bit;
                    let changed = before ^ named(one).bits();
                    (0..64).for_each(|out| flips[out] += (changed >> out & 1) as u32);
                }
                for (out, flips) in flips.iter().enumerate() {
                    // Six standard deviations of a fair coin: 20,000 bits are looked at.
                    let bias = (f64::from(*flips) - TRIALS as f64 / 2.0) / (TRIALS as f64 / 4.0).sqrt();
                    assert!(bias.abs() < 6.0, "{name} bit {bit} to bit {out}: {bias}");
                }
            }
        }
    }

    #[test]
    fn a_million_names_are_a_million_streams() {
        let streams = Streams::new(0, 0);
        let mut firsts: Vec<u64> = (0..1 << 20)
            .map(|index: u64| streams.stream((index & 15) as u32, index >> 4 & 0xfff, index >> 16).bits())
            .collect();
        firsts.sort_unstable();
        firsts.dedup();
        assert_eq!(firsts.len(), 1 << 20);
    }
}
