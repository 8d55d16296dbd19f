//! Files that change while they are uploaded, at any moment: what is called stored is one consistent reading, the file
//! as it was or as it is now, never a mixture. The short forms try a few moments, `tests/soak` fifty of each kind.

use std::fs::{self, File, FileTimes};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use bucketdrop::model::{ConflictPolicy, Location};

use crate::support::{MIB, Server, TestEngine, connected, on_conflict, pattern};

#[derive(Clone, Copy, Debug)]
enum How {
    Grows,
    Shrinks,
    Replaced,
    /// In place, with as many other bytes and the old time.
    Rewritten,
}

const ALL: [How; 4] = [How::Grows, How::Shrinks, How::Replaced, How::Rewritten];
/// One that is a single PUT, one in parts.
const SIZES: [usize; 2] = [3 * MIB, 17 * MIB];

impl How {
    /// The file as it will be.
    fn after(self, old: &[u8]) -> Vec<u8> {
        match self {
            Self::Grows => [old, b"one more line"].concat(),
            Self::Shrinks => old.iter().copied().take(old.len() / 2).collect(),
            Self::Replaced | Self::Rewritten => old.iter().map(|byte| !byte).collect(),
        }
    }

    fn change(self, path: &Path, new: &[u8], old_len: usize) {
        match self {
            Self::Grows => {
                let mut file = File::options().append(true).open(path).unwrap();
                file.write_all(new.get(old_len..).unwrap()).unwrap();
            }
            Self::Shrinks => {
                File::options().write(true).open(path).unwrap().set_len(new.len() as u64).unwrap();
            }
            Self::Replaced => {
                let beside = path.with_extension("beside");
                fs::write(&beside, new).unwrap();
                fs::rename(&beside, path).unwrap();
            }
            Self::Rewritten => {
                let modified = fs::metadata(path).unwrap().modified().unwrap();
                let mut file = File::options().write(true).open(path).unwrap();
                file.write_all(new).unwrap();
                file.set_times(FileTimes::new().set_modified(modified)).unwrap();
            }
        }
    }
}

/// When the file was written, by its time: what is new is read twice, what is old is guarded by its times alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    New,
    Hour,
}

/// What arrived in a trial. Something always does: a file that has become quiet is sent again as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Old,
    New,
}

struct Stage {
    server: Server,
    engine: TestEngine,
    at: Location,
}

impl Stage {
    /// How long an undisturbed upload takes, which is where the moments lie.
    fn whole(&self, size: usize) -> Duration {
        let path = self.engine.file("undisturbed", &pattern(size));
        let begin = Instant::now();
        self.engine.upload(vec![path], &self.at, on_conflict(ConflictPolicy::Overwrite));
        begin.elapsed()
    }

    fn trial(&self, how: How, (size, age): (usize, Age), after: Duration) -> Outcome {
        let old = pattern(size);
        let new = how.after(&old);
        let path = self.engine.file("changing", &old);
        if age == Age::Hour {
            let hour_ago = std::time::SystemTime::now() - Duration::from_hours(1);
            File::options().write(true).open(&path).unwrap().set_modified(hour_ago).unwrap();
        }
        let removed = self.server.client().delete_object().bucket(crate::support::BUCKET).key("changing").send();
        self.server.runtime.block_on(removed).unwrap();
        let batch = self.engine.enqueue(vec![path.clone()], &self.at, on_conflict(ConflictPolicy::Overwrite));
        let begin = Instant::now();
        while let Some(left) = after.checked_sub(begin.elapsed()).filter(|left| !left.is_zero()) {
            std::thread::park_timeout(left);
        }
        how.change(&path, &new, old.len());
        let summary = self.engine.finished(batch);
        let trial = format!("{how:?}, {size} bytes, {age:?}, after {after:?}");
        assert_eq!((summary.done, summary.failed), (1, 0), "{trial}: {summary:?}");
        let stored = self.server.bytes("changing").unwrap();
        let is_new = stored == new;
        assert!(is_new || stored == old, "{trial}: a mixture was stored");
        if is_new { Outcome::New } else { Outcome::Old }
    }
}

#[expect(clippy::print_stdout, reason = "says with how many trials its zeros were seen")]
fn change_at(moments: u32, ways: &[How]) {
    let (server, engine, at) = connected();
    let stage = Stage { server, engine, at };
    let mut random = 0x9e37_79b9_7f4a_7c15_u64 ^ u64::from(std::process::id());
    for size in SIZES {
        let whole_us = u64::try_from(stage.whole(size).as_micros()).unwrap().max(1);
        for how in ways.iter().copied() {
            let (mut old, mut new) = (0, 0);
            for (_, age) in (0..moments).zip([Age::New, Age::Hour].into_iter().cycle()) {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                match stage.trial(how, (size, age), Duration::from_micros(random % whole_us)) {
                    Outcome::Old => old += 1,
                    Outcome::New => new += 1,
                }
            }
            println!(
                "{how:?}, {} MiB: {moments} moments: {old} stored as it was, {new} as it is now, 0 not \
                 stored, 0 mixtures",
                size / MIB
            );
        }
    }
    stage.server.wait_for_unfinished(0);
}

#[test]
fn l1_a_file_that_grows_at_a_few_moments() {
    change_at(4, &[How::Grows]);
}

#[test]
fn l2_a_file_that_is_truncated_at_a_few_moments() {
    change_at(4, &[How::Shrinks]);
}

#[test]
fn l3_a_file_that_is_replaced_at_a_few_moments() {
    change_at(4, &[How::Replaced]);
}

#[test]
fn l4_a_file_that_is_rewritten_with_its_size_and_time_at_a_few_moments() {
    change_at(4, &[How::Rewritten]);
}

#[test]
#[ignore = "takes long: tests/soak runs it"]
fn long_a_file_that_changes_at_fifty_moments() {
    change_at(50, &ALL);
}
