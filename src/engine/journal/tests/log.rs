//! Bits of the log that turn over: SQLite would drop every commit behind them without a word.

use super::super::config::JournalFound;
use super::super::types::{JobStage, JobState};
use super::model::{State, changes};
use super::{Opened, Place, state_in, wait};
use crate::model::FailureKind;

const HEAD: usize = 32;
const FRAME: usize = 24 + 4096;
const WAL: &str = "queue.db-wal";

/// A journal as a kill leaves it: nearly all of it in its log. With what it holds.
fn killed() -> (Place, State) {
    let place = Place::new();
    let Opened { journal, .. } = place.open();
    let all = changes(31, 150);
    for change in &all {
        wait(journal.commit(change.clone()));
    }
    let killed = place.copy();
    wait(journal.close());
    (killed, State::after(&all).shown())
}

/// The same with another log, opened: what there is of it, and what was found.
fn with_log(place: &Place, log: &[u8]) -> (Place, State, JournalFound) {
    let copy = place.copy();
    std::fs::write(copy.folder().join(WAL), log).unwrap();
    let Opened { journal, restored } = copy.open();
    let found = restored.found.clone();
    let state = State::of(restored).shown();
    wait(journal.close());
    (copy, state, found)
}

#[test]
fn a_bit_that_turned_over_anywhere_in_the_log_is_put_right_and_told() {
    let (place, whole) = killed();
    let log = std::fs::read(place.folder().join(WAL)).unwrap();
    let frames = (log.len() - HEAD) / FRAME;
    assert!(frames >= 50, "{frames} frames");
    for at in [FRAME - 3, 21] {
        let mut turned = log.clone();
        turned[HEAD + (frames - 1) * FRAME + at] ^= 2;
        let (_, state, found) = with_log(&place, &turned);
        match found.to_failure().map(|failure| failure.kind) {
            Some(FailureKind::JournalMended) => assert!(state == whole, "{at}"),
            other => assert_eq!(other, Some(FailureKind::JournalDamaged), "{at}"),
        }
    }
    let of_head = 0..HEAD;
    let of_frames = (0..frames).flat_map(|frame| {
        // Page number, size, salts, sums, and two places of the page.
        // Low bits of words: of the highest ones the sums do not say in which word they are.
        let low = |at: usize| 24 + (at % 4096) / 4 * 4;
        let places = [0, 4, 9, 14, 17, 23, low(frame * 53), low(frame * 1009), FRAME - 4];
        // Of the last frame's last word and second sum nobody can always tell which it was.
        let is_last = frame + 1 == frames;
        let chosen = [places[if is_last { 0 } else { frame % 6 }], places[if is_last { 6 } else { 6 + frame % 3 }]];
        chosen.map(|at| HEAD + frame * FRAME + at)
    });
    let mut trials = 0;
    for at in of_head.chain(of_frames) {
        let mut turned = log.clone();
        turned[at] ^= 1 << (at % 8);
        let (copy, state, found) = with_log(&place, &turned);
        assert_eq!(state, whole, "byte {at}");
        let JournalFound::Mended { to } = &found else { panic!("byte {at}: {found:?}") };
        assert!(std::fs::read(to).unwrap() == turned, "byte {at}: it is kept as it was found");
        assert_eq!(found.to_failure().unwrap().kind, FailureKind::JournalMended);
        assert_eq!(state_in(&copy).shown(), whole, "byte {at}: the next start finds nothing wrong");
        trials += 1;
    }
    for frame in 0..frames - 12 {
        let mut turned = log.clone();
        turned[HEAD + frame * FRAME + 24 + ((frame * 53 % 4096) | 3)] ^= 0x80;
        let (_, state, found) = with_log(&place, &turned);
        match found.to_failure().map(|failure| failure.kind) {
            Some(FailureKind::JournalMended) => assert!(state == whole, "frame {frame}: another bit was turned"),
            other => assert_eq!(other, Some(FailureKind::JournalDamaged), "frame {frame}"),
        }
    }
    println!("{trials} bits turned over in the log, {trials} put right");
}

#[test]
fn worse_damage_in_front_of_good_commits_is_told_and_nothing_is_sent_unseen() {
    let (place, whole) = killed();
    let log = std::fs::read(place.folder().join(WAL)).unwrap();
    let frames = (log.len() - HEAD) / FRAME;
    for frame in [3, frames / 4, frames / 2, frames - 12] {
        let mut damaged = log.clone();
        for byte in &mut damaged[HEAD + frame * FRAME + 100..][..600] {
            *byte ^= 0x5a;
        }
        let (_copy, state, found) = with_log(&place, &damaged);
        let JournalFound::MovedAside { to, .. } = &found else { panic!("frame {frame}: {found:?}") };
        let aside = to.with_file_name(format!("{}-wal", to.file_name().unwrap().to_str().unwrap()));
        assert!(std::fs::read(aside).unwrap() == damaged, "frame {frame}: it is kept as it was found");
        assert_eq!(found.to_failure().unwrap().kind, FailureKind::JournalDamaged);
        assert!(state != whole, "frame {frame}");
        let unseen =
            |row: &&super::super::JobRow| !matches!(row.state, JobState::Ended(_)) && row.stage == JobStage::Untouched;
        assert_eq!(state.jobs.values().find(unseen), None, "frame {frame}: it may have been stored since");
    }
}

#[test]
fn a_last_commit_that_was_never_synced_is_no_damage() {
    let (place, _whole) = killed();
    let log = std::fs::read(place.folder().join(WAL)).unwrap();
    let commits: Vec<usize> =
        (0..(log.len() - HEAD) / FRAME).filter(|frame| log[HEAD + frame * FRAME + 4..][..4] != [0; 4]).collect();
    let (last, before) = (commits[commits.len() - 1], commits[commits.len() - 2]);
    for frame in before + 1..=last {
        let mut torn = log.clone();
        torn[HEAD + frame * FRAME..][..FRAME].fill(0);
        let (_copy, _state, found) = with_log(&place, &torn);
        assert_eq!(found, JournalFound::Good, "frame {frame} of {before} to {last}");
    }
}
