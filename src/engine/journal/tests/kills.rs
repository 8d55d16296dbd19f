//! Killed at any commit, at any write, and with a log that was not written to its end: what was durable is there, and
//! nothing that was not submitted.

use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use tokio::sync::mpsc::UnboundedReceiver;

use super::super::{Change, JournalObserver};
use super::model::{State, changes};
use super::{Opened, Place, config, copy_files, state_in, try_open, wait};
use crate::model::TransferId;

/// Copies the files at every commit, before anybody is told of it.
struct Copier {
    from: std::path::PathBuf,
    tokens: Mutex<UnboundedReceiver<TransferId>>,
    copies: Mutex<Vec<(usize, Place)>>,
    told: Mutex<usize>,
}

impl JournalObserver for Copier {
    fn committed(&self, _number: u64) {
        let mut told = self.told.lock().unwrap();
        while self.tokens.lock().unwrap().try_recv().is_ok() {
            *told += 1;
        }
        let copy = Place::new();
        copy_files(&self.from, copy.folder());
        self.copies.lock().unwrap().push((*told, copy));
    }
}

/// The number of first changes that make this state; the least one above `told`.
pub(super) fn prefix_of(state: &State, all: &[Change], told: usize) -> Option<usize> {
    let state = state.clone().shown();
    let mut model = State::after(&all[..told]);
    for count in told..=all.len() {
        if count > told {
            model.apply(&all[count - 1]);
        }
        if model.clone().shown() == state {
            return Some(count);
        }
    }
    None
}

fn killed_at_every_commit(all: &[Change], waits: &[bool]) -> usize {
    let place = Place::new();
    let (mut config, tokens) = config(&place.path());
    let copier = Arc::new(Copier {
        from: place.folder().to_owned(),
        tokens: Mutex::new(tokens),
        copies: Mutex::default(),
        told: Mutex::default(),
    });
    config.observer = Some(Arc::clone(&copier) as Arc<dyn JournalObserver>);
    let Opened { journal, .. } = try_open(config).unwrap();
    for (count, change) in all.iter().enumerate() {
        journal.record(change.clone(), TransferId::restored(count as u64 + 1));
        if waits[count % waits.len()] {
            // Changes nothing, and ends the group.
            wait(journal.commit(Change::PartsLost { job: TransferId::restored(1), numbers: Vec::new() }));
        }
    }
    wait(journal.close());
    let killed = std::mem::take(&mut *copier.copies.lock().unwrap());
    let mut last = 0;
    for (told, copy) in &killed {
        let state = state_in(copy);
        let count = prefix_of(&state, all, *told);
        assert!(count.is_some(), "killed with {told} of {} told: the state is none of theirs", all.len());
        assert!(count >= Some(last), "never backwards");
        last = last.max(*told);
    }
    killed.len()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn killed_at_every_commit_of_24_random_runs_of_up_to_60_changes(
        seed in any::<u64>(),
        count in 5_usize..60,
        waits in proptest::collection::vec(any::<bool>(), 1..9),
    ) {
        prop_assert!(killed_at_every_commit(&changes(seed, count), &waits) > 0);
    }
}

#[test]
fn killed_at_each_of_at_least_100_commits() {
    let kills = killed_at_every_commit(&changes(42, 120), &[true]);
    assert!(kills >= 100, "{kills} commits");
}

#[test]
fn the_log_cut_at_every_frame_and_in_the_middle_of_each_keeps_the_committed_prefix() {
    const HEADER: u64 = 32;
    const FRAME: u64 = 24 + 4096;
    let place = Place::new();
    let Opened { journal, .. } = place.open();
    let all = changes(5, 130);
    // How many changes are durable once the log is so long.
    let mut durable = Vec::new();
    let log = place.folder().join("queue.db-wal");
    for (count, change) in all.iter().enumerate() {
        wait(journal.commit(change.clone()));
        durable.push((std::fs::metadata(&log).unwrap().len(), count + 1));
    }
    let killed = place.copy();
    let whole = std::fs::metadata(killed.folder().join("queue.db-wal")).unwrap().len();
    let frames = (whole - HEADER) / FRAME;
    assert!(frames >= 60, "{frames} frames");
    let cuts = (0..=frames).flat_map(|frame| {
        let start = HEADER + frame * FRAME;
        [start, start + 1, start + 24, start + 24 + 2048, start + FRAME - 1]
    });
    let mut trials = 0;
    for cut in cuts.filter(|cut| *cut <= whole).chain([0, 1, 16, 31]) {
        let copy = killed.copy();
        let file = std::fs::OpenOptions::new().write(true).open(copy.folder().join("queue.db-wal")).unwrap();
        file.set_len(cut).unwrap();
        drop(file);
        let told = durable.iter().take_while(|(len, _)| *len <= cut).map(|(_, count)| *count).last().unwrap_or(0);
        let found = prefix_of(&state_in(&copy), &all, told);
        assert!(found.is_some(), "cut at {cut} of {whole}: {told} durable changes");
        trials += 1;
    }
    assert!(trials >= 300, "{trials} cuts");
}
