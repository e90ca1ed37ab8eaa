//! Differences between machines, so that they do not come back at the same moment.

/// A number below `bound`, or 0 where that is 0, spread evenly over seeds.
pub(crate) fn spread(seed: u64, bound: u64) -> u64 {
    let mut mixed = seed.wrapping_add(u64::from(std::process::id())).wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)).checked_rem(bound).unwrap_or(0)
}
