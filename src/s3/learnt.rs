//! What the answers of a service have told, beside what they were asked for. Shared by all stores of a connection,
//! so that each lesson is paid for once; the lasting ones ([`LearntFacts`]) can be kept beyond the run.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use serde::{Deserialize, Serialize};

use super::RegionCache;
use super::proof::is_amazons;
use crate::model::{ConnectionId, SERVER_NAME, Service};

/// Clock differences beyond this are not believed (a hostile or broken server).
const MAX_OFFSET_SECS: i64 = 24 * 60 * 60;
/// Services refuse signatures that are 15 minutes off; smaller differences than this are left alone.
const MIN_CORRECTION_SECS: i64 = 4 * 60;
/// Lessons are believed for so long: services learn, too.
const MAX_AGE_SECS: i64 = 30 * 24 * 60 * 60;
/// Version of the written form; others are not read.
const FACTS_VERSION: u32 = 1;

/// Whose host a service is asked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// One of its own.
    ItsOwn,
    /// Perhaps another service's, or a gateway's.
    Another,
}

/// The checksum that goes with a write, from best to none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChecksumMode {
    /// `x-amz-checksum-crc64nvme`, of parts and of the whole object.
    Crc64Nvme,
    /// `x-amz-checksum-crc32`, for services that know checksums but not that one.
    Crc32,
    /// `Content-MD5`, which every S3 knows; five times the work of everything else, so only where it must be.
    ContentMd5,
    /// None: the service refuses them all.
    None,
}

impl ChecksumMode {
    /// What a service is known to take; `None` where it has to be found out, as behind a host that is not its own.
    pub(super) fn known_of(service: Service, host: Host) -> Option<Self> {
        match (service, host) {
            (Service::BackblazeB2 | Service::GoogleCloud, _) => Some(Self::ContentMd5),
            (Service::AmazonS3 | Service::CloudflareR2 | Service::ThisComputer, Host::ItsOwn) => Some(Self::Crc64Nvme),
            _ => None,
        }
    }

    /// What to try when this one is refused.
    pub(super) fn next(self) -> Option<Self> {
        match self {
            Self::Crc64Nvme => Some(Self::Crc32),
            Self::Crc32 => Some(Self::ContentMd5),
            Self::ContentMd5 => Some(Self::None),
            Self::None => None,
        }
    }
}

/// A lesson and when it was learnt, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dated<T> {
    /// The lesson.
    pub value: T,
    /// When, in seconds since 1970.
    pub learnt_secs: i64,
}

/// What lasts of the lessons about an endpoint. Holds no secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LearntFacts {
    version: u32,
    /// Host and port that this was learnt of; facts of another endpoint are not taken over.
    pub endpoint: String,
    /// The checksum that a write has worked with.
    pub checksum: Option<Dated<ChecksumMode>>,
    /// Whether a wrong checksum is refused, so that an echoed one proves something.
    pub verifies_checksums: Option<Dated<bool>>,
    /// Whether `If-None-Match: *` on a write does what it says.
    pub honours_conditions: Option<Dated<bool>>,
    /// Whether `If-None-Match: *` on a Complete was seen to do what it says; what a PUT does says nothing about that.
    pub honours_on_complete: Option<Dated<bool>>,
    /// Whether the entity tag of an object stored by one PUT is the MD5 of its bytes.
    pub md5_tags: Option<Dated<bool>>,
    /// Whether the entity tag of a multipart object is the MD5 of its parts' MD5s.
    pub md5_multipart_tags: Option<Dated<bool>>,
}

impl LearntFacts {
    /// The written form.
    pub fn to_json(&self) -> String {
        let versioned = Self { version: FACTS_VERSION, ..self.clone() };
        // Plain numbers and texts always become JSON.
        serde_json::to_string(&versioned).unwrap_or_default()
    }

    /// Reads the written form; `None` for what another version wrote or what is no such thing.
    pub fn from_json(json: &str) -> Option<Self> {
        // A list would be taken for the fields in order.
        let facts = serde_json::from_str::<Self>(json.trim_start().strip_prefix('{').map(|_| json)?).ok()?;
        (facts.version == FACTS_VERSION).then_some(facts)
    }
}

/// Keeps lessons beyond the run. Called from any thread; must not wait.
pub trait LearntKeeper: fmt::Debug + Send + Sync {
    /// What was kept for a connection.
    fn load(&self, connection: &ConnectionId) -> Option<String>;
    /// Keeps facts in their written form, in place of older ones.
    fn keep(&self, connection: &ConnectionId, facts_json: String);
}

/// One thing that was seen, or not yet.
#[derive(Debug, Default)]
pub(super) struct Seen(AtomicBool);

impl Seen {
    /// Whether it was seen.
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// It was.
    pub(super) fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Lessons about one service.
#[derive(Debug, Default)]
pub(super) struct Learnt {
    /// It answered as S3 does.
    pub(super) spoke_s3: Seen,
    /// It accepted our keys.
    pub(super) signed_in: Seen,
    /// It does not delete many objects by one request.
    pub(super) refuses_batch_delete: Seen,
    /// It does not take `If-None-Match` on writes.
    pub(super) refuses_conditions: Seen,
    /// It names itself as one that verifies checksums: Amazon at its own hosts, or the storage of this program.
    pub(super) is_named_verifier: Seen,
    /// Held by the one write that finds out which checksum is taken, while others wait.
    pub(super) first_write: tokio::sync::Mutex<()>,
    /// A write has looked whether its key is free.
    pub(super) has_looked: Seen,
    /// Held by the first one that does, while others wait.
    pub(super) first_look: tokio::sync::Mutex<()>,
    offset_secs: AtomicI64,
    offset_known: AtomicBool,
    /// The same as the last answer told, however absurd; 0 if none did.
    offset_told_secs: AtomicI64,
    facts: RwLock<LearntFacts>,
    /// The best checksum that was not refused in this run.
    not_refused: RwLock<Option<ChecksumMode>>,
    keeper: OnceLock<(ConnectionId, Arc<dyn LearntKeeper>)>,
}

impl Learnt {
    /// Server's clock minus ours, once any answer carried a believable `Date`.
    pub(super) fn clock_offset_secs(&self) -> Option<i64> {
        self.offset_known.load(Ordering::Acquire).then(|| self.offset_secs.load(Ordering::Relaxed))
    }

    /// What has to be added to our clock for signatures: nothing, unless it is wrong by minutes.
    pub(super) fn clock_correction_secs(&self) -> i64 {
        self.clock_offset_secs().filter(|secs| secs.abs() >= MIN_CORRECTION_SECS).unwrap_or_default()
    }

    /// The same whether it is believable or not: for people, never for signatures.
    pub(super) fn clock_offset_told_secs(&self) -> i64 {
        self.offset_told_secs.load(Ordering::Relaxed)
    }

    /// Notes the server's clock minus ours.
    pub(super) fn note_clock_offset(&self, offset_secs: i64) {
        self.offset_told_secs.store(offset_secs, Ordering::Relaxed);
        if offset_secs.abs() <= MAX_OFFSET_SECS {
            self.offset_secs.store(offset_secs, Ordering::Relaxed);
            self.offset_known.store(true, Ordering::Release);
        }
    }

    /// Notes the `Server` header of an answer from a host. Many servers call themselves Amazon's, so that is taken from
    /// Amazon's own hosts only.
    pub(super) fn note_server(&self, name: &str, host: &str) {
        if name == SERVER_NAME || name == "AmazonS3" && is_amazons(host) {
            self.is_named_verifier.note();
        }
    }

    /// From now on every lasting lesson goes to a keeper; what it has kept is taken over.
    pub(super) fn keep_with(&self, connection: ConnectionId, keeper: Arc<dyn LearntKeeper>) {
        if let Some(facts) = keeper.load(&connection).as_deref().and_then(LearntFacts::from_json) {
            *self.facts.write().unwrap_or_else(PoisonError::into_inner) = facts;
        }
        // A second keeper would be a mistake of the caller; the first one stays.
        self.keeper.set((connection, keeper)).ok();
    }

    /// Whether it answered as S3 does, in this run or, as far as what is kept tells, before: a write has worked, or an
    /// entity tag was understood.
    pub(super) fn has_spoken_s3(&self) -> bool {
        let facts = self.facts.read().unwrap_or_else(PoisonError::into_inner);
        let was_s3 = facts.checksum.is_some() || facts.md5_tags.is_some() || facts.md5_multipart_tags.is_some();
        was_s3 || self.spoke_s3.get()
    }

    /// All lasting lessons.
    pub(super) fn facts(&self) -> LearntFacts {
        self.facts.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes facts over from elsewhere.
    pub(super) fn set_facts(&self, facts: LearntFacts) {
        *self.facts.write().unwrap_or_else(PoisonError::into_inner) = facts;
    }

    /// Says which endpoint this is about; facts of another one are forgotten.
    pub(super) fn bind(&self, endpoint: &str) {
        let mut facts = self.facts.write().unwrap_or_else(PoisonError::into_inner);
        if facts.endpoint != endpoint {
            let is_unbound = facts.endpoint.is_empty();
            let old = std::mem::take(&mut *facts);
            *facts = if is_unbound { old } else { LearntFacts::default() };
            endpoint.clone_into(&mut facts.endpoint);
        }
    }

    /// The checksum that a write has worked with; `None` until one has, and again when that is long ago: a service
    /// that refused the best checksum may have learnt it since.
    pub(super) fn proven_checksum(&self, now_secs: i64) -> Option<ChecksumMode> {
        let known = self.facts.read().unwrap_or_else(PoisonError::into_inner).checksum?;
        (known.value == ChecksumMode::Crc64Nvme || is_fresh(known.learnt_secs, now_secs)).then_some(known.value)
    }

    /// A write worked with this checksum.
    pub(super) fn note_checksum(&self, mode: ChecksumMode, now_secs: i64) {
        self.note(now_secs, mode, |facts| &mut facts.checksum);
    }

    /// A checksum was refused in this run, and this is what is left to try.
    /// `None`: nothing was refused after all.
    pub(super) fn note_next(&self, mode: Option<ChecksumMode>) {
        *self.not_refused.write().unwrap_or_else(PoisonError::into_inner) = mode;
    }

    /// The best checksum that was not refused in this run.
    pub(super) fn not_refused(&self) -> Option<ChecksumMode> {
        *self.not_refused.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A lasting yes or no that is not too old.
    pub(super) fn known(&self, which: Lesson, now_secs: i64) -> Option<bool> {
        let facts = self.facts.read().unwrap_or_else(PoisonError::into_inner);
        which.of(&facts).filter(|known| is_fresh(known.learnt_secs, now_secs)).map(|known| known.value)
    }

    /// Notes a lasting yes or no.
    #[expect(clippy::fn_params_excessive_bools, reason = "the lesson itself is a yes or a no")]
    pub(super) fn note_known(&self, which: Lesson, value: bool, now_secs: i64) {
        self.note(now_secs, value, |facts| which.of_mut(facts));
    }

    fn note<T: Copy + PartialEq>(
        &self,
        now_secs: i64,
        value: T,
        place: impl Fn(&mut LearntFacts) -> &mut Option<Dated<T>>,
    ) {
        let is_news = |known: &Option<Dated<T>>| {
            known.is_none_or(|known| known.value != value || !is_fresh(known.learnt_secs, now_secs))
        };
        let mut facts = self.facts.write().unwrap_or_else(PoisonError::into_inner);
        let known = place(&mut facts);
        if !is_news(known) {
            return;
        }
        *known = Some(Dated { value, learnt_secs: now_secs });
        let json = facts.to_json();
        drop(facts);
        if let Some((connection, keeper)) = self.keeper.get() {
            keeper.keep(connection, json);
        }
    }
}

/// The lasting yes-or-no lessons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lesson {
    /// [`LearntFacts::verifies_checksums`].
    VerifiesChecksums,
    /// [`LearntFacts::honours_conditions`].
    HonoursConditions,
    /// [`LearntFacts::honours_on_complete`].
    HonoursOnComplete,
    /// [`LearntFacts::md5_tags`].
    Md5Tags,
    /// [`LearntFacts::md5_multipart_tags`].
    Md5MultipartTags,
}

impl Lesson {
    fn of(self, facts: &LearntFacts) -> Option<Dated<bool>> {
        match self {
            Self::VerifiesChecksums => facts.verifies_checksums,
            Self::HonoursConditions => facts.honours_conditions,
            Self::HonoursOnComplete => facts.honours_on_complete,
            Self::Md5Tags => facts.md5_tags,
            Self::Md5MultipartTags => facts.md5_multipart_tags,
        }
    }

    fn of_mut(self, facts: &mut LearntFacts) -> &mut Option<Dated<bool>> {
        match self {
            Self::VerifiesChecksums => &mut facts.verifies_checksums,
            Self::HonoursConditions => &mut facts.honours_conditions,
            Self::HonoursOnComplete => &mut facts.honours_on_complete,
            Self::Md5Tags => &mut facts.md5_tags,
            Self::Md5MultipartTags => &mut facts.md5_multipart_tags,
        }
    }
}

/// A time so many seconds later.
pub(super) fn shifted(time: SystemTime, by_secs: i64) -> SystemTime {
    let span = Duration::from_secs(by_secs.unsigned_abs());
    let shifted = if by_secs >= 0 { time.checked_add(span) } else { time.checked_sub(span) };
    shifted.unwrap_or(time)
}

/// The time by which requests are signed: ours, corrected where the server's is known to be another.
#[derive(Clone, Debug)]
pub(super) struct SigningTime {
    pub(super) ours: SharedTimeSource,
    pub(super) known: RegionCache,
}

impl TimeSource for SigningTime {
    fn now(&self) -> SystemTime {
        shifted(self.ours.now(), self.known.learnt().clock_correction_secs())
    }
}

/// Whether a lesson may still be believed. One from the future was dated by a wrong clock.
fn is_fresh(learnt_secs: i64, now_secs: i64) -> bool {
    (-MAX_OFFSET_SECS..MAX_AGE_SECS).contains(&now_secs.saturating_sub(learnt_secs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    const NOW: i64 = 1_790_000_000;

    #[test]
    fn absurd_clocks_are_not_believed() {
        let learnt = Learnt::default();
        learnt.note_clock_offset(10 * 365 * 24 * 3600);
        assert_eq!((learnt.clock_offset_secs(), learnt.clock_correction_secs()), (None, 0));
        assert_eq!(learnt.clock_offset_told_secs(), 10 * 365 * 24 * 3600);
        learnt.note_clock_offset(-3600);
        assert_eq!(learnt.clock_offset_secs(), Some(-3600));
    }

    #[test]
    fn the_ladder_ends() {
        let rungs: Vec<_> = std::iter::successors(Some(ChecksumMode::Crc64Nvme), |mode| mode.next()).collect();
        assert_eq!(rungs.len(), 4);
    }

    #[test]
    fn who_calls_itself_amazon_is_believed_at_amazons_hosts_only() {
        for (name, host, expected) in [
            ("AmazonS3", "b.s3.eu-west-1.amazonaws.com", true),
            ("AmazonS3", "s3.cn-north-1.amazonaws.com.cn", true),
            ("AmazonS3", "127.0.0.1", false),
            ("AmazonS3", "s3.example.com", false),
            ("AmazonS3", "s3.amazonaws.com.example", false),
            (SERVER_NAME, "127.0.0.1", true),
            ("MinIO", "s3.example.com", false),
        ] {
            let learnt = Learnt::default();
            learnt.note_server(name, host);
            assert_eq!(learnt.is_named_verifier.get(), expected, "{name} at {host}");
        }
    }

    #[derive(Debug, Default)]
    struct Memory(Mutex<Vec<String>>);

    impl LearntKeeper for Memory {
        fn load(&self, _: &ConnectionId) -> Option<String> {
            self.0.lock().unwrap().last().cloned()
        }
        fn keep(&self, _: &ConnectionId, facts_json: String) {
            self.0.lock().unwrap().push(facts_json);
        }
    }

    #[test]
    fn lessons_outlive_the_run_and_grow_old() {
        let memory = Arc::new(Memory::default());
        let id = ConnectionId::new("c");
        let learnt = Learnt::default();
        learnt.keep_with(id.clone(), memory.clone());
        learnt.bind("h:1");
        learnt.note_checksum(ChecksumMode::ContentMd5, NOW);
        learnt.note_checksum(ChecksumMode::ContentMd5, NOW + 60);
        learnt.note_known(Lesson::VerifiesChecksums, true, NOW);
        assert_eq!(memory.0.lock().unwrap().len(), 2, "what is known already is not kept again");

        let next_run = Learnt::default();
        assert!(!next_run.has_spoken_s3());
        next_run.keep_with(id.clone(), memory.clone());
        next_run.bind("h:1");
        let (soon, late) = (NOW + 29 * 86_400, NOW + 31 * 86_400);
        assert!(next_run.has_spoken_s3());
        assert_eq!(next_run.proven_checksum(soon), Some(ChecksumMode::ContentMd5));
        assert_eq!(next_run.known(Lesson::VerifiesChecksums, soon), Some(true));
        assert_eq!(next_run.proven_checksum(late), None, "tried again from the top");
        assert_eq!(next_run.known(Lesson::VerifiesChecksums, late), None);

        let elsewhere = Learnt::default();
        elsewhere.keep_with(id, memory);
        elsewhere.bind("other:1");
        assert_eq!(elsewhere.facts(), LearntFacts { endpoint: "other:1".to_owned(), ..LearntFacts::default() });
    }

    #[test]
    fn odd_texts_are_no_facts() {
        for text in ["", "{}", "[1]", "{\"version\":2,\"endpoint\":\"h\"}"] {
            assert_eq!(LearntFacts::from_json(text), None, "{text}");
        }
        let facts = LearntFacts { endpoint: "h".to_owned(), ..LearntFacts::default() };
        assert_eq!(LearntFacts::from_json(&facts.to_json()).map(|facts| facts.endpoint), Some("h".to_owned()));
    }
}
