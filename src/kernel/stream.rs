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
        const UNIT: f64 = 1.0 / (1u64 << 53) as f64;
        ((self.bits() >> 12 << 1) | 1) as f64 * UNIT
    }
}

/// A one-to-one scrambling of 64 bits: each bit of the input changes each of the output with probability one half.
#[inline]
fn mix(mut bits: u64) -> u64 {
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
