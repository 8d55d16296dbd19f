//! Which records stand under which tab, and the k-th of them, in O(log n) and less than two bits a record.

/// Positions of one word.
const WORD: usize = u64::BITS as usize;

/// A bit for each record position, and a Fenwick tree over how many of each 64 are set.
#[derive(Clone, Debug, Default)]
pub(super) struct TabIndex {
    /// Positions that there are.
    positions: usize,
    words: Vec<u64>,
    /// `tree[i]` holds the count of the words that end at `i` (1-based; `tree[0]` is unused).
    tree: Vec<u32>,
    total: usize,
}

impl TabIndex {
    /// Appends a position that does not count yet.
    pub(super) fn push(&mut self) {
        if self.positions.is_multiple_of(WORD) {
            self.push_word();
        }
        self.positions += 1;
    }

    fn push_word(&mut self) {
        self.words.push(0);
        if self.tree.is_empty() {
            self.tree.push(0);
        }
        let at = self.tree.len();
        let low_bit = at & at.wrapping_neg();
        // The new node sums the nodes below it.
        let mut sum = 0;
        let mut child = at - 1;
        while child > at - low_bit {
            sum += self.node(child);
            child -= child & child.wrapping_neg();
        }
        self.tree.push(sum);
    }

    /// Lets a position count, or no longer.
    pub(super) fn set(&mut self, position: usize, counts: Counts) {
        let Some(word) = self.words.get_mut(position / WORD) else { return };
        let bit = 1 << (position % WORD);
        if (*word & bit != 0) == (counts == Counts::In) {
            return;
        }
        *word ^= bit;
        let mut at = position / WORD + 1;
        while let Some(node) = self.tree.get_mut(at) {
            match counts {
                Counts::In => *node += 1,
                Counts::Out => *node = node.saturating_sub(1),
            }
            at += at & at.wrapping_neg();
        }
        match counts {
            Counts::In => self.total += 1,
            Counts::Out => self.total = self.total.saturating_sub(1),
        }
    }

    /// How many positions count.
    pub(super) fn len(&self) -> usize {
        self.total
    }

    /// How many positions before this one count.
    pub(super) fn before(&self, position: usize) -> usize {
        let position = position.min(self.positions);
        let (mut at, low_bits) = (position / WORD, (1 << (position % WORD)) - 1_u64);
        let mut sum = self.words.get(at).map_or(0, |word| (word & low_bits).count_ones());
        while at > 0 {
            sum += self.node(at);
            at -= at & at.wrapping_neg();
        }
        usize::try_from(sum).unwrap_or_default()
    }

    /// The position of the k-th that counts, from 0.
    pub(super) fn kth(&self, k: usize) -> Option<usize> {
        if k >= self.total {
            return None;
        }
        let mut left = u32::try_from(k).ok()?;
        let mut at = 0;
        let mut step = self.tree.len().next_power_of_two();
        while step > 0 {
            if let Some(node) = self.tree.get(at + step).filter(|node| **node <= left) {
                left -= node;
                at += step;
            }
            step /= 2;
        }
        let mut word = *self.words.get(at)?;
        for _ in 0..left {
            word &= word.wrapping_sub(1);
        }
        Some(at * WORD + usize::try_from(word.trailing_zeros()).ok()?)
    }

    fn node(&self, at: usize) -> u32 {
        self.tree.get(at).copied().unwrap_or_default()
    }
}

/// Whether a position counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counts {
    In,
    Out,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_million_places_take_little() {
        let mut index = TabIndex::default();
        for position in 0..1_000_000 {
            index.push();
            index.set(position, Counts::In);
        }
        assert!(index.words.len() * 8 + index.tree.len() * 4 <= 200_000);
        assert_eq!((index.len(), index.kth(999_999)), (1_000_000, Some(999_999)));
    }

    proptest! {
        #[test]
        fn kth_is_what_a_plain_list_says(steps in prop::collection::vec((0u8..4, 0usize..300), 0..900)) {
            let mut index = TabIndex::default();
            let mut plain: Vec<bool> = Vec::new();
            for (what, at) in steps {
                if what % 2 == 0 || plain.is_empty() {
                    index.push();
                    plain.push(false);
                    continue;
                }
                let at = at % plain.len();
                let wanted = what == 1;
                if plain[at] != wanted {
                    plain[at] = wanted;
                    index.set(at, if wanted { Counts::In } else { Counts::Out });
                }
            }
            let expected: Vec<usize> = (0..plain.len()).filter(|at| plain[*at]).collect();
            prop_assert_eq!(index.len(), expected.len());
            for (k, at) in expected.iter().enumerate() {
                prop_assert_eq!(index.kth(k), Some(*at));
            }
            prop_assert_eq!(index.kth(expected.len()), None);
            for position in 0..=plain.len() {
                let before = expected.iter().filter(|at| **at < position).count();
                prop_assert_eq!(index.before(position), before);
            }
        }
    }
}
