//! The long forms of the crash tests: `tests/soak` runs them. Several programs at a time; every trial is counted, a
//! violation does not end the run, and the last line says how many trials stand behind every zero.

#![cfg(unix)]
#![expect(clippy::print_stdout, reason = "long runs say how far they are, and how many trials stand behind a zero")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bucketdrop::model::ConflictPolicy;

use crate::crash::{Files, Kill, Sources, Trial, Violations, commits, policy, wire_events};
use crate::line::Line;
use crate::support::{MIB, Server};

/// 40 files, 4 of them in 6 parts.
const MANY: Files = Files { small: 36, large: 4, large_bytes: 41 * MIB };
/// Programs that run at a time.
const AT_A_TIME: usize = 3;

/// One trial: the rule for taken keys, and where the starts are killed.
type Plan = (ConflictPolicy, Vec<Kill>);

/// The trials of this call: all, or those of a slice such as `2/5`, for machines that cannot be had for so long.
pub(crate) fn wanted<T>(plans: Vec<T>) -> Vec<T> {
    let Ok(slice) = std::env::var("BUCKETDROP_SOAK_SLICE") else { return plans };
    let (number, of) = slice.split_once('/').unwrap();
    let (number, of): (usize, usize) = (number.parse().unwrap(), of.parse().unwrap());
    println!("slice {number} of {of}");
    plans.into_iter().skip(number - 1).step_by(of).collect()
}

fn run_all(name: &str, sources: &Arc<Sources>, plans: Vec<Plan>) {
    let plans = wanted(plans);
    let next = AtomicUsize::new(0);
    let bad: Mutex<Vec<(Plan, Violations)>> = Mutex::default();
    let (kills, too_late, more_starts) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    let Some(plan) = plans.get(at) else { return };
                    let (late, found) = match plan.1[..] {
                        [Kill::After(after)] => Trial::killed_after(sources, plan.0, after),
                        _ => (0, Trial::new(sources, plan.0).violations(&plan.1)),
                    };
                    too_late.fetch_add(late, Ordering::SeqCst);
                    more_starts.fetch_add(found.more_starts, Ordering::SeqCst);
                    kills.fetch_add(found.kills, Ordering::SeqCst);
                    if !found.is_none() {
                        println!("{name}: VIOLATION in trial {at}, {plan:?}: {found:?}");
                        bad.lock().unwrap().push((plan.clone(), found));
                    }
                    if (at + 1).is_multiple_of(20) {
                        println!("{name}: {} of {} trials, {} s", at + 1, plans.len(), begin.elapsed().as_secs());
                    }
                }
            });
        }
    });
    let bad = bad.into_inner().unwrap();
    let count = |of: fn(&Violations) -> usize| bad.iter().map(|(_, found)| of(found)).sum::<usize>();
    println!(
        "{name}: {} more runs had ended before their kill; {} starts more than one after the last kill",
        too_late.load(Ordering::SeqCst),
        more_starts.load(Ordering::SeqCst),
    );
    println!(
        "{name}: {} trials in {} s, {} of {} kills before the end: {} files lost, {} corrupt, {} duplicate versions, \
         {} unfinished uploads left, {} other keys, {} bad ends, {} first kills too late; {} trials with a violation",
        plans.len(),
        begin.elapsed().as_secs(),
        kills.load(Ordering::SeqCst),
        plans.iter().map(|(_, kills)| kills.len()).sum::<usize>(),
        count(|found| found.lost.len()),
        count(|found| found.corrupt.len()),
        count(|found| found.duplicate_versions.len()),
        count(|found| found.unfinished_uploads),
        count(|found| found.strangers.len()),
        count(|found| found.bad_ends.len()),
        count(|found| usize::from(found.missed.is_some())),
        bad.len(),
    );
    assert!(bad.is_empty(), "{bad:#?}");
}

/// Which points are counted: those of a run and those of the one that recovers from it.
#[derive(Clone, Copy)]
enum Of {
    Commits,
    Wire,
}

impl Of {
    fn kill(self, at: u64) -> Kill {
        match self {
            Self::Commits => Kill::AtCommit(at),
            Self::Wire => Kill::AtWire(at),
        }
    }

    /// At how many points a recovery from a kill at `at` can be killed in its turn.
    fn points_of_recovery(self, sources: &Arc<Sources>, at: u64) -> u64 {
        let trial = Trial::new(sources, ConflictPolicy::Overwrite);
        trial.run(self.kill(at)).unwrap();
        trial.run(Kill::Never).unwrap();
        let points = trial.points_of_last_start();
        match self {
            Self::Commits => points.commits,
            Self::Wire => points.wire,
        }
    }

    /// One kill at every point of the first run; a second one at points that are spread over all of its recovery, whose
    /// length is known for some first points; and after a kill in the middle, one at every point of the recovery.
    fn plans(self, sources: &Arc<Sources>, points: u64) -> Vec<Plan> {
        let known: Vec<(u64, u64)> = (0..=KNOWN_RECOVERIES)
            .map(|n| 1 + n * (points - 1) / KNOWN_RECOVERIES)
            .map(|at| (at, self.points_of_recovery(sources, at).max(1)))
            .collect();
        println!("points of the first run and of its recovery: {known:?}");
        let length =
            |at: u64| known.iter().min_by_key(|(point, _)| point.abs_diff(at)).map_or(1, |(_, length)| *length);
        let one_by_one = (1..=points).flat_map(|at| {
            let again = vec![self.kill(at), self.kill(1 + at * 7 % length(at))];
            [(policy(at), vec![self.kill(at)]), (policy(at + 1), again)]
        });
        let middle = points.div_ceil(2);
        let every = (1..=length(middle)).map(|second| (policy(second), vec![self.kill(middle), self.kill(second)]));
        println!(
            "{points} first points, each alone and with a second one; {} second points after {middle}",
            length(middle)
        );
        one_by_one.chain(every).collect()
    }
}

/// Recoveries that are looked at for their lengths, beside the first.
const KNOWN_RECOVERIES: u64 = 8;

#[test]
#[ignore = "takes long: tests/soak runs it"]
fn killed_at_every_commit_and_again_while_it_recovers() {
    let sources = Sources::new(MANY);
    let commits = commits(&sources);
    let plans = Of::Commits.plans(&sources, commits);
    run_all("killed at every commit, and again", &sources, plans);
}

#[test]
#[ignore = "takes long: tests/soak runs it"]
fn killed_at_every_event_on_the_wire_and_again_while_it_recovers() {
    let sources = Sources::new(MANY);
    let events = wire_events(&sources);
    let plans = Of::Wire.plans(&sources, events);
    run_all("killed at every event on the wire, and again", &sources, plans);
}

#[test]
#[ignore = "takes long: tests/soak runs it"]
fn killed_at_random_moments() {
    let sources = Sources::new(MANY);
    let begin = Instant::now();
    let undisturbed = Trial::new(&sources, ConflictPolicy::Overwrite).violations(&[]);
    assert!(undisturbed.is_none(), "{undisturbed:?}");
    // Several at a time are slower.
    let whole_ms = u64::try_from(begin.elapsed().as_millis()).unwrap() * 2;
    let mut random = Random::new();
    println!("a run takes {whole_ms} ms; seed {}", random.0);
    let plan = |number| (policy(number), vec![Kill::After(Duration::from_millis(random.next() % whole_ms))]);
    let plans: Vec<Plan> = (0..200).map(plan).collect();
    run_all("killed at random moments", &sources, plans);
}

/// Killed once 90 % of 1 GiB have left, five times: what goes over the line a second time.
#[test]
#[ignore = "takes long: tests/soak runs it"]
fn killed_at_nine_tenths_of_a_gibibyte() {
    const WHOLE: usize = 1024 * MIB;
    let sources = Sources::new(Files { small: 0, large: 1, large_bytes: WHOLE });
    let mut worst_per_mille = 0;
    for number in 0..5 {
        let server = Server::start();
        let line = {
            let _inside = server.runtime.enter();
            Line::start(server.endpoint.trim_start_matches("http://").parse().unwrap())
        };
        let trial = Trial::over(server, &line.endpoint(), &sources, policy(number));
        let nine_tenths = WHOLE as u64 / 10 * 9;
        let mut child = trial.spawn(Kill::Never);
        trial.server.runtime.block_on(line.wait_for_up_bytes(nine_tenths));
        child.kill().unwrap();
        child.wait().unwrap();
        trial.settle();
        let found = trial.violations(&[]);
        assert!(found.is_none(), "{found:?}");
        let again = line.up_bytes().saturating_sub(WHOLE as u64);
        let per_mille = again * 1000 / WHOLE as u64;
        println!("trial {number}: {} MiB sent again, {} ‰", again / MIB as u64, per_mille);
        worst_per_mille = worst_per_mille.max(per_mille);
    }
    println!("killed at 90 % of 1 GiB: 5 trials, at most {worst_per_mille} ‰ sent again");
    assert!(worst_per_mille <= 120, "{worst_per_mille} ‰");
}

/// Enough chance for moments; the seed is printed.
struct Random(u64);

impl Random {
    fn new() -> Self {
        let seed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
        Self(u64::try_from(seed & u128::from(u64::MAX)).unwrap() | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
