//! Which of many links are asked for.

use std::collections::BTreeMap;

use crate::model::CheckExtent;

/// So many of each bucket and address form are all asked for; of more, so many.
const SAMPLE: usize = 20;

/// The places of the links to ask for, in order. `groups` names bucket and address form of each link, `seed` decides
/// which of the middle are taken.
pub(super) fn choose(groups: &[String], extent: CheckExtent, seed: u64) -> Vec<usize> {
    if extent == CheckExtent::All {
        return (0..groups.len()).collect();
    }
    let mut members: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, group) in groups.iter().enumerate() {
        members.entry(group).or_default().push(place);
    }
    let mut chosen: Vec<usize> = members.into_values().flat_map(|places| some_of(&places, seed)).collect();
    chosen.sort_unstable();
    chosen
}

/// First, last, and one of each of equal stretches between.
fn some_of(places: &[usize], seed: u64) -> Vec<usize> {
    let [first, middle @ .., last] = places else { return places.to_vec() };
    if places.len() <= SAMPLE {
        return places.to_vec();
    }
    let stretches = SAMPLE - 2;
    let mut state = seed;
    let picked = (0..stretches).filter_map(|number| {
        let (from, to) = (number * middle.len() / stretches, (number + 1) * middle.len() / stretches);
        let stretch = middle.get(from..to)?;
        let step = usize::try_from(next(&mut state) % stretch.len().max(1) as u64).ok()?;
        stretch.get(step).copied()
    });
    std::iter::once(*first).chain(picked).chain(std::iter::once(*last)).collect()
}

/// SplitMix64: evenly spread is all that is wanted.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_all_asked_for_and_many_by_a_sample() {
        let group = |count: usize, name: &str| vec![name.to_owned(); count];
        assert_eq!(choose(&group(20, "a"), CheckExtent::Sample, 1), (0..20).collect::<Vec<_>>());
        let many = [group(300, "a"), group(3, "b"), group(1, "c")].concat();
        for seed in 0..50 {
            let chosen = choose(&many, CheckExtent::Sample, seed);
            assert_eq!(chosen.len(), 24);
            assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]));
            assert!(chosen.contains(&0) && chosen.contains(&299) && chosen.ends_with(&[300, 301, 302, 303]));
        }
        assert_ne!(choose(&many, CheckExtent::Sample, 1), choose(&many, CheckExtent::Sample, 2));
        assert_eq!(choose(&many, CheckExtent::All, 1).len(), 304);
        assert!(choose(&[], CheckExtent::Sample, 1).is_empty());
    }
}
