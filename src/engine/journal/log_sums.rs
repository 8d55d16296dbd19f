//! The write-ahead log, held against its own sums. SQLite takes the first frame whose sum is wrong for the end of the
//! log, and drops without a word whatever was committed behind it. So each start looks first: one bit that has turned
//! over is found by the sums and put right; worse damage in front of good commits is told.
//!
//! Nothing here touches files. The format: a head of 32 bytes, then frames of 24 bytes and a page; each sum goes on from
//! the one before it. <https://sqlite.org/fileformat2.html#the_write_ahead_log>

use super::sums::PAGE_BYTES;

const HEAD_BYTES: usize = 32;
const FRAME_HEAD_BYTES: usize = 24;
const FRAME_BYTES: usize = FRAME_HEAD_BYTES + PAGE_BYTES;
/// The last bit tells the order of bytes that sums are made in.
const MAGIC: u32 = 0x377f_0682;
const VERSION: u32 = 3_007_000;
/// So many commits behind a frame that is not what was written, in one run: a crash leaves one at most, the one that was
/// not synced.
const SURELY_SYNCED: usize = 2;
/// More turned bits are no accident of a single one.
const MOST_BITS: usize = 64;

/// What a look came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// As it was written, as far as it was.
    Whole,
    /// But for these bits, surely: each makes a sum of 64 bits right.
    Turned(Vec<Bit>),
    /// So many commits stand behind what cannot be read, or an unknown number.
    Broken { commits: Option<usize> },
}

/// A bit that has turned over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bit {
    /// Its byte, from the log's begin.
    pub(super) at: usize,
    /// It alone.
    pub(super) mask: u8,
}

impl Bit {
    fn behind(self, bytes: usize) -> Self {
        Self { at: self.at + bytes, ..self }
    }

    /// The only one in which two texts of the same length differ.
    fn between(one: &[u8], other: &[u8]) -> Option<Self> {
        let mut differing = one.iter().zip(other).enumerate().filter(|(_, (one, other))| one != other);
        let (at, (one, other)) = differing.next()?;
        let mask = one ^ other;
        (mask.is_power_of_two() && differing.next().is_none()).then_some(Self { at, mask })
    }
}

/// Looks at a log.
pub(super) fn examine(log: &[u8]) -> Seen {
    let Some((head, frames)) = log.split_first_chunk::<HEAD_BYTES>() else { return Seen::Whole };
    let frames: Vec<Frame<'_>> = frames.chunks_exact(FRAME_BYTES).filter_map(Frame::of).collect();
    if frames.is_empty() {
        return Seen::Whole;
    }
    let mut turned = Vec::new();
    let Some(head) = Head::of(head).or_else(|| Head::mended(head, &frames, &mut turned)) else {
        return Seen::Broken { commits: None };
    };
    let mut sum = head.sum;
    for (number, frame) in frames.iter().enumerate() {
        let computed = head.order.of_frame(sum, frame);
        if frame.salt == head.salt && frame.sum == computed {
            sum = computed;
            continue;
        }
        let (of_sums, of_content) = frame.turned_bits(&head, computed);
        let next = frames.get(number + 1);
        let goes_on_from = |sum: Sum| next.is_some_and(|next| head.order.of_frame(sum, next) == next.sum);
        let bit = match (of_sums, of_content) {
            // Some bits of a page change the sums as those may have changed by themselves: the next frame tells.
            (Some(bit), _) if goes_on_from(computed) => Some(bit),
            (Some(_), Candidates::One(bit)) if goes_on_from(frame.sum) => Some(bit),
            (Some(bit), Candidates::None) | (None, Candidates::One(bit)) => Some(bit),
            (None, Candidates::None) => None,
            _ => return Seen::Broken { commits: Some(1) },
        };
        if let Some(bit) = bit.filter(|_| turned.len() < MOST_BITS) {
            sum = if bit.is_of_content() { frame.sum } else { computed };
            turned.push(bit.behind(HEAD_BYTES + number * FRAME_BYTES));
            continue;
        }
        let commits = commits_behind(&head, &frames, number);
        if commits >= SURELY_SYNCED {
            return Seen::Broken { commits: Some(commits) };
        }
        break;
    }
    if turned.is_empty() { Seen::Whole } else { Seen::Turned(turned) }
}

/// Commits behind a frame that is not what was written: the most in one unbroken run of frames, each going on from the
/// one before it. What disks have refused leaves runs of one commit each, which later ones cover only in part.
fn commits_behind(head: &Head, frames: &[Frame<'_>], number: usize) -> usize {
    let (mut most, mut run) = (0, 0);
    for (before, frame) in frames.iter().zip(frames.iter().skip(1)).skip(number) {
        let goes_on = frame.salt == head.salt && head.order.of_frame(before.sum, frame) == frame.sum;
        run = if goes_on { run + usize::from(frame.is_commit()) } else { 0 };
        most = most.max(run);
    }
    most
}

/// Two sums, each of 32 bits, as they stand there and as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sum(u32, u32);

impl Sum {
    fn of(bytes: [u8; 8]) -> Self {
        let number = |bytes: Option<&[u8; 4]>| u32::from_be_bytes(bytes.copied().unwrap_or_default());
        Self(number(bytes.first_chunk()), number(bytes.last_chunk()))
    }

    fn bytes(self) -> [u8; 8] {
        ((u64::from(self.0) << 32) | u64::from(self.1)).to_be_bytes()
    }
}

/// The order of bytes in the words that are summed up.
#[derive(Clone, Copy, Debug)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn words(self, pair: [u8; 8]) -> (u32, u32) {
        let Sum(one, other) = Sum::of(pair);
        match self {
            Self::Big => (one, other),
            Self::Little => (one.swap_bytes(), other.swap_bytes()),
        }
    }

    /// Goes on with a sum.
    fn add(self, sum: Sum, pairs: impl Iterator<Item = [u8; 8]>) -> Sum {
        pairs.fold(sum, |Sum(first, second), pair| {
            let (one, other) = self.words(pair);
            let first = first.wrapping_add(one).wrapping_add(second);
            Sum(first, second.wrapping_add(other).wrapping_add(first))
        })
    }

    fn of_frame(self, sum: Sum, frame: &Frame<'_>) -> Sum {
        self.add(sum, frame.pairs())
    }
}

fn pairs(bytes: &[u8]) -> impl DoubleEndedIterator<Item = [u8; 8]> + ExactSizeIterator + '_ {
    bytes.chunks_exact(8).map(|pair| pair.try_into().unwrap_or_default())
}

/// The log's head.
struct Head {
    order: Order,
    salt: [u8; 8],
    sum: Sum,
}

impl Head {
    /// `None` if it is not what was written.
    fn of(bytes: &[u8; HEAD_BYTES]) -> Option<Self> {
        let mut pairs = pairs(bytes);
        let (magic, page, salt, sum) = (pairs.next()?, pairs.next()?, pairs.next()?, Sum::of(pairs.next()?));
        let Sum(magic_number, version) = Sum::of(magic);
        let order = if magic_number & 1 == 0 { Order::Little } else { Order::Big };
        let is_ours = magic_number & !1 == MAGIC && version == VERSION && Sum::of(page).0 as usize == PAGE_BYTES;
        let is_whole = order.add(Sum(0, 0), [magic, page, salt].into_iter()) == sum;
        (is_ours && is_whole).then_some(Self { order, salt, sum })
    }

    /// With the one bit put right that makes it whole, and the one that its frames belong to.
    fn mended(bytes: &[u8; HEAD_BYTES], frames: &[Frame<'_>], turned: &mut Vec<Bit>) -> Option<Self> {
        let bits = (0..HEAD_BYTES).flat_map(|at| (0..8).map(move |bit| Bit { at, mask: 1 << bit }));
        for bit in bits {
            let mut bytes = *bytes;
            if let Some(byte) = bytes.get_mut(bit.at) {
                *byte ^= bit.mask;
            }
            if let Some(head) = Self::of(&bytes)
                && frames.first().is_some_and(|frame| frame.salt == head.salt)
            {
                turned.push(bit);
                return Some(head);
            }
        }
        None
    }
}

/// A page in the log.
struct Frame<'a> {
    /// The page's number, and the size of the whole file if this is the last frame of a commit.
    about: [u8; 8],
    salt: [u8; 8],
    sum: Sum,
    page: &'a [u8],
}

impl<'a> Frame<'a> {
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let (about, bytes) = bytes.split_first_chunk::<8>()?;
        let (salt, bytes) = bytes.split_first_chunk::<8>()?;
        let (sum, page) = bytes.split_first_chunk::<8>()?;
        Some(Self { about: *about, salt: *salt, sum: Sum::of(*sum), page })
    }

    fn is_commit(&self) -> bool {
        Sum::of(self.about).1 != 0
    }

    /// What its sum is of.
    fn pairs(&self) -> impl DoubleEndedIterator<Item = [u8; 8]> + '_ {
        std::iter::once(self.about).chain(pairs(self.page))
    }

    /// The one bit, counted from the frame's begin, without which it would be what was written: one of its salt or sums,
    /// or one of what those are of.
    fn turned_bits(&self, head: &Head, computed: Sum) -> (Option<Bit>, Candidates) {
        if self.salt != head.salt {
            let bit = Bit::between(&self.salt, &head.salt).filter(|_| self.sum == computed);
            return (bit.map(|bit| bit.behind(SALT_AT)), Candidates::None);
        }
        let of_sums = Bit::between(&self.sum.bytes(), &computed.bytes()).map(|bit| bit.behind(SUM_AT));
        (of_sums, self.turned_bit_of_content(head.order, computed))
    }

    /// Sums are linear: what a change of one word does to them is the change times two factors that depend on how many
    /// words follow. So each bit is tried without summing up anything again. More than one
    /// may do: the highest bits of words far apart change the sums in the same way.
    fn turned_bit_of_content(&self, order: Order, computed: Sum) -> Candidates {
        let missing = Sum(self.sum.0.wrapping_sub(computed.0), self.sum.1.wrapping_sub(computed.1));
        let step = |Sum(first, second): Sum| {
            let first = first.wrapping_add(second);
            Sum(first, first.wrapping_add(second))
        };
        // What 1 more in the first and in the second word of the last pair does.
        let mut factors = (Sum(1, 1), Sum(0, 1));
        let mut found = Candidates::None;
        let places = (0..PAGE_BYTES / 8).rev().map(|pair| FRAME_HEAD_BYTES + pair * 8).chain([0]);
        for (at, pair) in places.zip(self.pairs().rev()) {
            let words = order.words(pair);
            for (word, factor, at) in [(words.0, factors.0, at), (words.1, factors.1, at + 4)] {
                if let Some(bit) = turned_bit_of_word(word, factor, missing) {
                    // Bits of the word, from its least one; where that one's byte stands depends on the order.
                    let byte = match order {
                        Order::Little => bit / 8,
                        Order::Big => 3 - bit / 8,
                    };
                    if found != Candidates::None {
                        return Candidates::Many;
                    }
                    found = Candidates::One(Bit { at: at + byte as usize, mask: 1 << (bit % 8) });
                }
            }
            factors = (step(factors.0), step(factors.1));
        }
        found
    }
}

/// Bits that would explain a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Candidates {
    None,
    One(Bit),
    Many,
}

/// Where the two stand in a frame.
const SALT_AT: usize = 8;
const SUM_AT: usize = 16;

impl Bit {
    /// Whether it is one of those that the frame's sum is of.
    fn is_of_content(self) -> bool {
        !(SALT_AT..FRAME_HEAD_BYTES).contains(&self.at)
    }
}

/// The bit of a word that, turned over, changes the sums by what is missing.
fn turned_bit_of_word(word: u32, factor: Sum, missing: Sum) -> Option<u32> {
    (0..u32::BITS).find(|bit| {
        let value = 1_u32 << bit;
        let change = if word & value == 0 { value } else { value.wrapping_neg() };
        factor.0.wrapping_mul(change) == missing.0 && factor.1.wrapping_mul(change) == missing.1
    })
}
