//! How many writes may be in flight on one connection: found by measuring, not set.
//!
//! A window ends once as many requests are through as were let out at a time. Where answers come at once, few requests
//! fill the line, and more would only cost connections and memory. Elsewhere the first windows double the number while
//! that brings more. Then it holds, and now and then tries a few more or a few less: more must pay, less
//! must not cost. A server that says "slow down" halves the number at once; afterwards it grows by one each window.

use std::time::Duration;

use super::speed::Speed;

/// Requests in flight at first.
const START: usize = 8;
/// Most that any line is given.
const MOST: usize = 256;
/// Fewer are not tried unless the server asks for it or the line is very slow.
const LEAST_TRIED: usize = 8;
/// Requests in flight at first where a look has shown that the server is far.
const FAR_START: usize = 128;
/// An answer within so little says that the server is near.
pub(crate) const NEAR: Duration = Duration::from_millis(8);
/// If the quickest of the first answers took so long, the server is far. In between, the first window tells.
const FAR: Duration = Duration::from_millis(16);
/// On a line that is not near, small requests are tried in so many times more after the first window.
const FIRST_LEAP: usize = 4;
/// Requests up to this size are small.
const SMALL_BYTES: u64 = 1024 * 1024;
/// What a request costs besides its bytes, in bytes.
const REQUEST_WORTH: u64 = 64 * 1024;
/// Windows are not shorter, so that chance does not decide.
const SHORTEST_WINDOW: Duration = Duration::from_millis(40);
/// When nothing has come through for so long, the line is slow: fewer requests share it.
const LONG_SILENCE: Duration = Duration::from_secs(20);
/// Between two trials of another number.
const HOLD: Duration = Duration::from_secs(2);
/// On a slow line each request gets at least so much of it.
const LEAST_SHARE_BYTES_PER_SEC: u64 = 10_000;

/// What the controller is doing.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// Growing in leaps; the number before and its rate.
    Start { before: Option<(usize, f64)> },
    /// Staying at a number whose rate is known.
    Hold { since: Duration, rate: Option<f64>, next: Trial },
    /// Trying another number; where it came from and the rate there.
    Try { trial: Trial, home: usize, rate: f64 },
    /// Growing again, by one each window, up to where the server said stop.
    Recover { ceiling: usize },
}

/// Another number to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trial {
    More,
    Less,
}

/// Finds the number of writes in flight. Pure: time is told.
#[derive(Debug)]
pub(crate) struct Controller {
    limit: usize,
    phase: Phase,
    began: Duration,
    through: usize,
    bytes: u64,
    /// The shortest time from a request's start to its answer in this window.
    quickest: Option<Duration>,
    /// The shortest time from a short request to its answer, on a connection that was open.
    distance: Option<Duration>,
    /// Whether requests had to wait for their turn in this window: else its rate says nothing about the limit.
    was_full: bool,
    last_cut: Option<Duration>,
    last_through: Duration,
    speed: Speed,
}

impl Controller {
    /// Nothing is known of the line.
    pub(crate) fn new(now: Duration) -> Self {
        Self {
            limit: START,
            phase: Phase::Start { before: None },
            began: now,
            through: 0,
            bytes: 0,
            quickest: None,
            distance: None,
            was_full: false,
            last_cut: None,
            last_through: now,
            speed: Speed::default(),
        }
    }

    /// Writes that may be in flight. A bandwidth limit leaves room for so many only that none of them starves.
    pub(crate) fn limit(&self, bandwidth: Option<u64>) -> usize {
        let most = bandwidth.map_or(MOST, |bytes| usize::try_from(bytes / LEAST_SHARE_BYTES_PER_SEC).unwrap_or(MOST));
        self.limit.min(most).max(1)
    }

    /// Whether the line was fast when it was measured last.
    pub(crate) fn is_fast(&self) -> Option<bool> {
        self.speed.is_fast()
    }

    /// Somebody had to wait for a place.
    pub(crate) fn note_full(&mut self) {
        self.was_full = true;
    }

    /// The line was idle: what comes next is measured anew.
    pub(crate) fn note_idle(&mut self, now: Duration) {
        self.restart_window(now);
        self.last_through = now;
        self.speed.rest();
    }

    /// A body of so many bytes that left then has arrived.
    pub(crate) fn note_arrived(&mut self, bytes: u64, left_at: Duration, now: Duration) {
        self.speed.note(bytes, left_at, now);
    }

    /// How far the server is: the quickest answer so far. What is known before anything was sent decides with how many
    /// writes to begin.
    pub(crate) fn note_distance(&mut self, quickest: Duration) {
        let distance = self.distance.map_or(quickest, |known| known.min(quickest));
        if self.distance.is_none() && distance >= FAR && self.is_untried() {
            self.limit = FAR_START;
        }
        self.distance = Some(distance);
    }

    fn is_untried(&self) -> bool {
        self.phase == Phase::Start { before: None } && self.through == 0 && self.limit == START
    }

    /// A write that left then is through with so many bytes.
    pub(crate) fn note_through(&mut self, bytes: u64, left_at: Duration, now: Duration) {
        let took = now.saturating_sub(left_at);
        self.quickest = Some(self.quickest.map_or(took, |quickest| quickest.min(took)));
        self.through += 1;
        self.bytes += bytes;
        self.last_through = now;
        let elapsed = now.saturating_sub(self.began);
        let enough = if matches!(self.phase, Phase::Recover { .. }) { self.limit } else { self.limit.max(LEAST_TRIED) };
        if self.through >= enough && elapsed >= SHORTEST_WINDOW {
            self.end_window(elapsed, now);
        }
    }

    /// The server asked for less. Requests that left before the last cut have no say.
    pub(crate) fn note_throttled(&mut self, left_at: Duration, now: Duration) {
        if self.last_cut.is_some_and(|cut| left_at <= cut) {
            return;
        }
        self.last_cut = Some(now);
        let ceiling = match self.phase {
            Phase::Recover { ceiling } => ceiling.max(self.limit),
            _ => self.limit,
        };
        self.limit = (self.limit / 2).max(1);
        self.phase = Phase::Recover { ceiling };
        self.restart_window(now);
    }

    /// Time has passed with requests in flight. Nothing through for long means that they starve each other.
    pub(crate) fn tick(&mut self, in_flight: usize, now: Duration) {
        if in_flight == 0 {
            self.note_idle(now);
        } else if now.saturating_sub(self.last_through) >= LONG_SILENCE {
            self.last_through = now;
            self.speed.forget();
            self.limit = (self.limit.min(in_flight) / 2).max(2);
            self.phase = Phase::Recover { ceiling: START };
            self.restart_window(now);
        }
    }

    fn restart_window(&mut self, now: Duration) {
        (self.began, self.through, self.bytes, self.was_full, self.quickest) = (now, 0, 0, false, None);
    }

    fn end_window(&mut self, elapsed: Duration, now: Duration) {
        let secs = elapsed.as_secs_f64();
        let worth = self.bytes + self.through as u64 * REQUEST_WORTH;
        let rate = worth as f64 / secs;
        let was_full = self.was_full;
        let are_small = self.bytes <= self.through as u64 * SMALL_BYTES;
        // How long a large body takes says more of the body.
        let quickest = self.quickest.filter(|_| are_small).into_iter().chain(self.distance).min();
        let is_near = quickest.is_some_and(|quickest| quickest < NEAR);
        self.restart_window(now);
        if !was_full {
            return;
        }
        match self.phase {
            Phase::Start { before: None } if is_near => {
                self.phase = Phase::Hold { since: now, rate: None, next: Trial::More };
            }
            Phase::Start { before } => {
                let leap = if self.limit == START && are_small { FIRST_LEAP } else { 2 };
                self.start(before, leap, rate, now);
            }
            Phase::Hold { since, rate: known, next } => self.hold(since, known, next, rate, now),
            Phase::Try { trial, home, rate: at_home } => self.judge(trial, home, at_home, rate, now),
            Phase::Recover { ceiling } => {
                self.limit += 1;
                if self.limit >= ceiling {
                    self.phase = Phase::Hold { since: now, rate: None, next: Trial::More };
                }
            }
        }
    }

    fn start(&mut self, before: Option<(usize, f64)>, leap: usize, rate: f64, now: Duration) {
        let home = self.limit;
        match before {
            // More must bring a good deal more.
            Some((fewer, rate_before)) if rate <= rate_before * 1.2 => {
                self.limit = fewer;
                self.phase = Phase::Hold { since: now, rate: None, next: Trial::Less };
            }
            _ if home < MOST => {
                self.limit = (home * leap).min(MOST);
                self.phase = Phase::Start { before: Some((home, rate)) };
            }
            _ => self.phase = Phase::Hold { since: now, rate: Some(rate), next: Trial::Less },
        }
    }

    fn hold(&mut self, since: Duration, known: Option<f64>, next: Trial, rate: f64, now: Duration) {
        let rate = known.map_or(rate, |known| known * 0.7 + rate * 0.3);
        if now.saturating_sub(since) < HOLD {
            self.phase = Phase::Hold { since, rate: Some(rate), next };
            return;
        }
        let home = self.limit;
        self.limit = match next {
            Trial::More => (home + (home / 4).max(1)).min(MOST),
            Trial::Less => (home - home / 4).max(LEAST_TRIED.min(home)),
        };
        if self.limit == home {
            let other = if next == Trial::More { Trial::Less } else { Trial::More };
            self.phase = Phase::Hold { since: now, rate: Some(rate), next: other };
        } else {
            self.phase = Phase::Try { trial: next, home, rate };
        }
    }

    fn judge(&mut self, trial: Trial, home: usize, at_home: f64, rate: f64, now: Duration) {
        let (pays, other) = match trial {
            Trial::More => (rate > at_home * 1.06, Trial::Less),
            Trial::Less => (rate > at_home * 0.98, Trial::More),
        };
        if pays {
            // On in the same direction, without waiting.
            self.phase = Phase::Hold { since: now.saturating_sub(HOLD), rate: Some(rate), next: trial };
        } else {
            self.limit = home;
            self.phase = Phase::Hold { since: now, rate: Some(at_home), next: other };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

    use super::*;

    /// A line on which every request takes `round_trip`, and bytes and requests pass one after the other.
    struct Line {
        round_trip: Duration,
        bytes_per_sec: u64,
        requests_per_sec: u64,
        /// Above this rate a second the server answers 503.
        refuses_above: Option<u64>,
    }

    struct Run {
        controller: Controller,
        elapsed: Duration,
        refused: u64,
        peak: usize,
    }

    /// Sends requests of a size over the line, always as many as the controller lets out.
    fn run(line: &Line, request_bytes: u64, count: usize) -> Run {
        let mut controller = Controller::new(Duration::ZERO);
        let mut now = Duration::ZERO;
        let mut free_at = Duration::ZERO;
        let mut under_way: BinaryHeap<Reverse<(Duration, Duration, bool)>> = BinaryHeap::new();
        let (mut sent, mut refused, mut peak) = (0, 0, 0);
        let mut second = (0, 0);
        let mut done = 0;
        while done < count {
            while under_way.len() < controller.limit(None) && sent < count {
                if second.0 != now.as_secs() {
                    second = (now.as_secs(), 0);
                }
                second.1 += 1;
                let is_refused = line.refuses_above.is_some_and(|most| second.1 > most);
                let cost = Duration::from_secs_f64(
                    (request_bytes as f64 / line.bytes_per_sec as f64).max(1.0 / line.requests_per_sec as f64),
                );
                free_at = free_at.max(now) + if is_refused { Duration::ZERO } else { cost };
                under_way.push(Reverse((free_at.max(now) + line.round_trip, now, is_refused)));
                sent += 1;
            }
            if sent < count {
                controller.note_full();
            }
            peak = peak.max(under_way.len());
            let Some(Reverse((at, left, is_refused))) = under_way.pop() else { break };
            now = at;
            if is_refused {
                controller.note_throttled(left, now);
                refused += 1;
                sent -= 1;
            } else {
                controller.note_through(request_bytes, left, now);
                done += 1;
            }
        }
        Run { controller, elapsed: now, refused, peak }
    }

    #[test]
    fn a_fast_near_line_is_left_at_few() {
        let near = Line {
            round_trip: Duration::from_micros(500),
            bytes_per_sec: 2_000_000_000,
            requests_per_sec: 12_000,
            refuses_above: None,
        };
        let end = run(&near, 16 * 1024, 200_000);
        let limit = end.controller.limit(None);
        assert!((8..=24).contains(&limit), "{limit}");
        // Each one more is a connection, made and kept for nothing.
        assert!(run(&near, 16 * 1024, 2_000).peak <= 10);
    }

    #[test]
    fn a_far_line_gets_many_small_files_at_once() {
        let far = Line {
            round_trip: Duration::from_millis(50),
            bytes_per_sec: 125_000_000,
            requests_per_sec: 20_000,
            refuses_above: None,
        };
        let end = run(&far, 16 * 1024, 2_000);
        assert!(end.peak >= 128, "{}", end.peak);
        // 2,000 files at a fixed 256 would take eight round trips.
        assert!(end.elapsed < Duration::from_millis(900), "{:?}", end.elapsed);
        let long = run(&far, 16 * 1024, 100_000);
        assert!((128..=256).contains(&long.controller.limit(None)), "{}", long.controller.limit(None));
    }

    #[test]
    fn the_first_answer_tells_how_far_the_server_is() {
        let at = |ms| Duration::from_millis(ms);
        let mut near = Controller::new(Duration::ZERO);
        near.note_distance(at(2));
        assert_eq!(near.limit(None), START);
        // A large body takes long on any line, and so do small ones that share it.
        for bytes in [8 << 20, 1_000] {
            for _ in 0..START {
                near.note_full();
                near.note_through(bytes, at(2), at(60));
            }
        }
        assert_eq!(near.limit(None), START, "the line is near all the same");

        let mut far = Controller::new(Duration::ZERO);
        far.note_distance(at(60));
        assert_eq!(far.limit(None), FAR_START);
        let mut late = Controller::new(Duration::ZERO);
        late.note_through(1_000, at(0), at(1));
        late.note_distance(at(60));
        assert_eq!(late.limit(None), START, "what is under way tells more");
    }

    #[test]
    fn large_parts_do_not_pile_up_on_a_full_line() {
        let far = Line {
            round_trip: Duration::from_millis(50),
            bytes_per_sec: 125_000_000,
            requests_per_sec: 20_000,
            refuses_above: None,
        };
        let end = run(&far, 8 << 20, 400);
        assert!(end.controller.limit(None) <= 32, "{}", end.controller.limit(None));
        let floor = 400.0 * f64::from(8 << 20) / 125e6;
        assert!(end.elapsed.as_secs_f64() < floor * 1.05, "{:?}", end.elapsed);
    }

    #[test]
    fn a_throttling_server_is_obeyed_and_still_used() {
        let strict = Line {
            round_trip: Duration::from_millis(50),
            bytes_per_sec: 125_000_000,
            requests_per_sec: 20_000,
            refuses_above: Some(500),
        };
        let end = run(&strict, 16 * 1024, 10_000);
        assert!(end.refused < 2_500, "{} refused", end.refused);
        assert!(end.elapsed < Duration::from_secs(45), "{:?}", end.elapsed);
    }

    #[test]
    fn slow_down_halves_once_for_all_that_were_under_way() {
        let mut controller = Controller::new(Duration::ZERO);
        let at = |ms| Duration::from_millis(ms);
        for _ in 0..16 {
            controller.note_throttled(at(10), at(60));
        }
        assert_eq!(controller.limit(None), 4);
        controller.note_throttled(at(70), at(120));
        assert_eq!(controller.limit(None), 2);
        for window in 0..3 {
            for _ in 0..8 {
                controller.note_full();
                controller.note_through(1000, at(900 + window * 100), at(1000 + window * 100));
            }
        }
        assert_eq!(controller.limit(None), 5, "one more each window");
    }

    #[test]
    fn a_silent_line_is_shared_by_few() {
        let mut controller = Controller::new(Duration::ZERO);
        for secs in (5..100).step_by(5) {
            controller.tick(8, Duration::from_secs(secs));
        }
        assert_eq!(controller.limit(None), 2);
        assert_eq!(controller.is_fast(), None);
        controller.note_arrived(8 << 20, Duration::ZERO, Duration::from_secs(500));
        assert_eq!(controller.is_fast(), Some(false));
        controller.note_idle(Duration::from_secs(500));
        controller.note_arrived(8 << 20, Duration::from_secs(500), Duration::from_secs(501));
        assert_eq!(controller.is_fast(), Some(true));
    }

    #[test]
    fn a_bandwidth_limit_leaves_room_for_few() {
        let controller = Controller::new(Duration::ZERO);
        assert_eq!(controller.limit(Some(20_000)), 2);
        assert_eq!(controller.limit(Some(1_000)), 1);
        assert_eq!(controller.limit(Some(100_000_000)), START);
    }
}
