//! A million files.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::{Change, NewJob};
use super::model::{batch, folder, job};
use super::{Opened, Place};
use crate::model::TransferId;

const JOBS: u64 = 1_000_000;
const BLOCK: u64 = 4_096;

fn jobs(first: u64, end: u64) -> Vec<NewJob> {
    (first..end).map(|id| job(id, 1, 1 + u32::try_from(id / 1_000).unwrap())).collect()
}

/// Resident memory, where the system tells.
fn resident_mib() -> u64 {
    let Ok(text) = std::fs::read_to_string("/proc/self/status") else { return 0 };
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}

#[tokio::test]
async fn a_million_jobs_are_written_and_read_in_seconds_with_flat_memory() {
    let place = Place::new();
    let idle = resident_mib();
    let Opened { journal, restored } = place.open();
    drop(restored);
    let start = Instant::now();
    journal.note(batch(1));
    for id in 1..=u32::try_from(JOBS / 1_000 + 1).unwrap() {
        journal.note(folder(id));
    }
    let mut most = 0;
    for first in (1..=JOBS).step_by(usize::try_from(BLOCK).unwrap()) {
        journal.room().await;
        journal.note(Change::Jobs(jobs(first, (first + BLOCK).min(JOBS + 1))));
        most = most.max(resident_mib());
    }
    journal.commit(batch(2)).await;
    let written = start.elapsed();
    journal.close().await;
    let file_mib = std::fs::metadata(place.path()).unwrap().len() / (1 << 20);

    let start = Instant::now();
    let opened = tokio::task::spawn_blocking(move || (place.open(), place)).await.unwrap();
    let (Opened { journal, restored }, _place) = opened;
    let checked = start.elapsed();
    let count = tokio::task::spawn_blocking(move || {
        let (mut count, mut most) = (0, 0);
        for row in restored.jobs {
            count += 1;
            assert_eq!(row.job.id, TransferId::restored(count));
            if count % 100_000 == 0 {
                most = most.max(resident_mib());
            }
        }
        (count, most)
    });
    let (count, most_reading) = count.await.unwrap();
    let read = start.elapsed();
    assert_eq!(count, JOBS);
    println!(
        "{JOBS} jobs: written in {written:?} ({:.0} a second), {file_mib} MiB; opened and checked in {checked:?}, all \
         read after {read:?}; {idle} MiB idle, {most} MiB writing, {most_reading} MiB reading",
        JOBS as f64 / written.as_secs_f64()
    );
    journal.close().await;
    // Very generous: debug builds on busy machines.
    assert!(written < Duration::from_mins(5) && read < Duration::from_mins(4), "{written:?}, {read:?}");
    assert!(file_mib <= 90, "{file_mib} MiB");
    assert!(
        most.saturating_sub(idle) < 120 && most_reading.saturating_sub(idle) < 120,
        "{idle}, {most}, {most_reading}"
    );
}

#[test]
fn ten_thousand_jobs_are_back_at_once() {
    let place = Place::new();
    let folder = Arc::new(folder(1));
    super::write(&place, &[batch(1), (*folder).clone(), Change::Jobs((1..=10_000).map(|id| job(id, 1, 1)).collect())]);
    let start = Instant::now();
    let Opened { journal, restored } = place.open();
    assert_eq!(restored.jobs.count(), 10_000);
    let took = start.elapsed();
    println!("10,000 jobs were back after {took:?}");
    // A fraction of a second on a machine that has nothing else to do.
    assert!(took < Duration::from_secs(30), "{took:?}");
    super::wait(journal.close());
}
