//! `upload` and `download` (and what `resume` goes on with): one or more batches, told file by file.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;
use std::time::Duration;

use super::args::{DownloadArgs, GlobalArgs, UploadArgs, split_download, split_upload};
use super::client::{Client, Follows, Outcome, Rest, Stop};
use super::connect::{connect, named};
use super::forget;
use super::handing::{self, Handing};
use super::json::Line;
use super::left_out::{self, LeftOut};
use super::output::About;
use super::plan;
use super::receipt::{self, Placed};
use super::renewal::Renewal;
use super::stored::{StoredLinks, is_unverified};
use crate::engine::{Followed, FollowedQueue};
use crate::model::{
    AfterDownload, BatchId, BatchSummary, Command, ConflictPolicy, ConflictScope, Connection, ConnectionId, Event,
    Failure, FailureKind, Gathered, Location, NameAnswer, NameQuestion, ObjectKey, ObjectRef, Prefix, PutOptions,
    QueueHold, QueueStake, RequestId, RowsWanted, Selection, SkipReason, SkippedItem, Target, TransferKind,
    TransferReport, TransferState, UploadAccess, Verified, VerifyWish,
};

/// Rows of the queue that the progress line adds up; more are never under way.
const ROWS_UNDER_WAY: usize = 64;

/// `upload`.
pub(super) fn upload(client: &mut Client<'_>, connection: &Connection, args: &UploadArgs) -> Result<Outcome, Stop> {
    let (paths, target) = split_upload(&args.paths_and_target).map_err(Stop::Usage)?;
    let to = target.location(&connection.id);
    let options = Box::new(put_options(args));
    if args.dry_run {
        return plan::plan(client, paths, to, options);
    }
    if let Some(files) = args.jobs {
        client.send(Command::LimitFiles(files));
    }
    if let Some(bytes_per_sec) = args.bandwidth {
        client.send(Command::LimitBandwidth(Some(bytes_per_sec)));
    }
    if client.waiting.files > 0 {
        let files = client.waiting.files;
        client.printer.remark(&client.printer.words_count("cli-waiting-from-earlier", files, &[]))?;
    }
    client.begin_uploads()?;
    let (batch, named) = (BatchId::next(), paths.iter().cloned().collect());
    client.send(Command::Enqueue { batch, paths, to, options });
    let mut batches = Batches::new([(batch, connection.clone())]);
    batches.named = named;
    batches.proof = Proof::of(client, args);
    batches.links.checks = args.check;
    batches.links.tries_plain = is_public(args);
    let receipt = args.receipt.clone().map(|file| receipt::Wanted { batch, file });
    batches.with_receipts(receipt).follow(client)
}

/// `upload` while a Bucketdrop runs: handed to it where that can be, and followed to its end. `None` if it is to be done
/// here; else also the connection, as far as it is known here.
pub(super) fn hand_over(
    client: &mut Client<'_>,
    saved: &[Connection],
    global: &GlobalArgs,
    args: &UploadArgs,
) -> Result<Option<(Outcome, Option<Connection>)>, Stop> {
    if args.dry_run || client.window().is_none() {
        return Ok(None);
    }
    let (paths, target) = split_upload(&args.paths_and_target).map_err(Stop::Usage)?;
    let (id, connection) = named(saved, global)?;
    let to = target.location(&id);
    let handed = handing::handed(to.clone(), put_options(args), connection);
    let described = handed.connection.as_ref().or_else(|| saved.iter().find(|known| known.id == id));
    let offer = handing::Offer { args, paths: &paths, handed: &handed, through: described };
    if handing::upload(client, &offer)? == Handing::DoneHere {
        return Ok(None);
    }
    client.rest = Rest::Elsewhere;
    // For its links. Where it does not open here, as with keys that only the other process has, its description has to
    // do.
    let connection = match connect(client, saved, global) {
        Ok(connection) => Some(connection),
        Err(Stop::Failed(_)) => described.cloned(),
        Err(stop) => return Err(stop),
    };
    let batch = BatchId::next();
    let mut batches = Batches::new(connection.clone().map(|connection| (batch, connection)));
    batches.open.insert(batch);
    batches.named = paths.into_iter().collect();
    batches.proof = Proof::of(client, args);
    batches.links.checks = args.check;
    batches.links.tries_plain = is_public(args);
    client.follows = Some(Follows::Upload(Followed { batch, to }));
    batches.follow(client).map(|outcome| Some((outcome, connection)))
}

/// The end of a command that failed before it had a file to tell of.
pub(super) fn none(client: &mut Client<'_>, failure: Box<Failure>) -> Result<Outcome, Stop> {
    Batches::new([]).cut_short(client, Stop::Failed(failure))
}

/// The end of a command that does not get to know what becomes of what it has handed over.
pub(super) fn lost(client: &mut Client<'_>) -> Result<Outcome, Stop> {
    Batches::new([]).cut_short(client, Stop::Lost)
}

/// Whether what is uploaded is to be open for anyone.
fn is_public(args: &UploadArgs) -> bool {
    args.public || args.acl.as_deref().is_some_and(|acl| acl.starts_with("public-"))
}

fn put_options(args: &UploadArgs) -> PutOptions {
    PutOptions {
        on_conflict: args.on_conflict.into(),
        content_type: args.content_type.clone(),
        cache_control: args.cache_control.clone(),
        metadata: args.metadata.clone(),
        tags: args.tag.clone(),
        storage_class: args.storage_class.clone(),
        acl: args.acl.clone(),
        encryption: args.sse.clone(),
        exclude: args.exclude.clone(),
        gathered: Gathered::ByName,
        access: if args.public { UploadAccess::Public } else { UploadAccess::AsBucket },
        verify: args.verify.map(Into::into),
    }
}

/// `download`.
pub(super) fn download(client: &mut Client<'_>, connection: &Connection, args: &DownloadArgs) -> Result<Outcome, Stop> {
    let (objects, folder) = split_download(&args.objects_and_folder).map_err(Stop::Usage)?;
    // What is in one folder goes as one batch, since local paths are relative to it.
    let mut batches: Vec<(Location, Vec<Target>)> = Vec::new();
    for object in &objects {
        let parent: Prefix = object.key.parent();
        let at = Location { connection: connection.id.clone(), bucket: object.bucket.clone(), prefix: parent };
        match batches.iter_mut().find(|(known, _)| *known == at) {
            Some((_, targets)) => targets.push(object.target()),
            None => batches.push((at, vec![object.target()])),
        }
    }
    let (mut ids, mut folders) = (Vec::new(), BTreeMap::new());
    for (at, targets) in batches {
        let batch = BatchId::next();
        ids.push(batch);
        let prefixes = targets.iter().filter_map(|target| match target {
            Target::Folder(prefix) => Some(at.object(ObjectKey::new(prefix.as_str()))),
            Target::Object(_) => None,
        });
        folders.insert(batch, prefixes.collect::<Vec<_>>());
        let (to, on_conflict, then) = (Some(folder.clone()), ConflictPolicy::Skip, AfterDownload::Keep);
        client.send(Command::Download { batch, at, targets, to, on_conflict, then });
    }
    let mut batches = Batches::new(ids.into_iter().map(|batch| (batch, connection.clone())));
    batches.folders = folders;
    batches.follow(client)
}

/// What is known of the batches under way.
pub(super) struct Batches {
    connections: BTreeMap<BatchId, Connection>,
    open: BTreeSet<BatchId>,
    /// Stored objects that are not told yet.
    links: StoredLinks,
    bad_names: HashSet<PathBuf>,
    /// What the command line names.
    named: BTreeSet<PathBuf>,
    renewal: Renewal,
    /// The folders that a batch of downloads is of, by their markers.
    folders: BTreeMap<BatchId, Vec<ObjectRef>>,
    /// Those of batches that found nothing.
    nothing_in: Vec<ObjectRef>,
    receipts: receipt::Receipts,
    /// What another Bucketdrop carries out, and is followed once all else is through.
    elsewhere: Option<(FollowedQueue, BTreeSet<BatchId>)>,
    /// Something failed that the journal keeps, to be tried again.
    has_kept_failed: bool,
    /// Batches that have ended and whose links are perhaps not all told.
    through: Vec<BatchId>,
    proof: Proof,
    sums: Sums,
}

/// How what is stored and not verified can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    /// By uploading it again with options of the command that runs.
    Again,
    /// The same, by another command: this one has no such options.
    ByUpload,
    /// It was asked for already, and could not be had.
    Impossible,
}

impl Proof {
    /// For an upload; the settings decide where the command does not.
    fn of(client: &Client<'_>, args: &UploadArgs) -> Self {
        let wish = args.verify.map_or(client.model.settings.verify, Into::into);
        if wish == VerifyWish::ReadBack { Self::Impossible } else { Self::Again }
    }

    fn step(self) -> Option<&'static str> {
        match self {
            Self::Again => Some("cli-unverified-again"),
            Self::ByUpload => Some("cli-unverified-upload"),
            Self::Impossible => None,
        }
    }
}

/// The last line.
#[derive(Debug, Default)]
pub(super) struct Sums {
    done: u64,
    skipped: u64,
    failed: u64,
    /// Batches that were to be public and are not.
    not_public: u64,
    /// Batches that are stored without the list that was chosen.
    acl_left_out: u64,
    /// Uploads of which nothing proves that they arrived whole.
    unverified: u64,
    bytes: u64,
    elapsed: Duration,
}

impl Sums {
    /// A file is stored, and is told.
    pub(super) fn stored(&mut self, report: &TransferReport, verified: Verified) {
        self.unverified += u64::from(is_unverified(report.kind, verified));
        self.done += 1;
        self.bytes += report.bytes;
    }

    /// So many lines said that something failed.
    pub(super) fn failed_lines(&mut self, lines: u64) {
        self.failed += lines;
    }

    /// A receipt that stands elsewhere than it was wanted, or nowhere, is told as something that failed.
    fn receipt(&mut self, placed: Placed) {
        self.failed += u64::from(matches!(placed, Placed::Beside | Placed::Nowhere));
    }

    /// Whether no file of it was told.
    pub(super) fn is_nothing(&self) -> bool {
        self.done == 0
    }
}

impl Batches {
    /// Each with the connection it goes through.
    pub(super) fn new(batches: impl IntoIterator<Item = (BatchId, Connection)>) -> Self {
        let connections: BTreeMap<_, _> = batches.into_iter().collect();
        Self {
            open: connections.keys().copied().collect(),
            connections,
            links: StoredLinks::default(),
            bad_names: HashSet::new(),
            named: BTreeSet::new(),
            renewal: Renewal::default(),
            folders: BTreeMap::new(),
            nothing_in: Vec::new(),
            receipts: receipt::Receipts::default(),
            elsewhere: None,
            has_kept_failed: false,
            through: Vec::new(),
            proof: Proof::ByUpload,
            sums: Sums::default(),
        }
    }

    /// The same, and then what another Bucketdrop carries out, with the connections as far as they are known here.
    pub(super) fn and_then(mut self, queue: FollowedQueue, batches: Vec<(BatchId, Option<Connection>)>) -> Self {
        self.elsewhere = Some((queue, batches.iter().map(|(batch, _)| *batch).collect()));
        self.connections.extend(batches.into_iter().filter_map(|(batch, connection)| Some((batch, connection?))));
        self
    }

    /// The same, and at the end what they stored is written down.
    pub(super) fn with_receipts(mut self, wanted: impl IntoIterator<Item = receipt::Wanted>) -> Self {
        self.receipts = receipt::Receipts::of(wanted);
        self
    }

    /// The same, with what was told before the first of them.
    pub(super) fn after(mut self, told: Sums) -> Self {
        self.sums = told;
        self
    }

    /// Tells what happens until every batch is through, or until the command is stopped; the sum comes last either way.
    pub(super) fn follow(mut self, client: &mut Client<'_>) -> Result<Outcome, Stop> {
        if client.printer.progress.is_some() {
            client.send(Command::ShowTransfers(RowsWanted { count: ROWS_UNDER_WAY, ..RowsWanted::default() }));
        }
        match self.hear_to_the_end(client) {
            Ok(kept) => {
                let outcome = self.finish(client)?;
                if let Some(stake) = kept {
                    forget::tell_kept(client, &stake)?;
                }
                Ok(outcome)
            }
            Err(stop) => self.cut_short(client, stop),
        }
    }

    /// Everything before the last line; gives what has failed and is kept, if anything is.
    fn hear_to_the_end(&mut self, client: &mut Client<'_>) -> Result<Option<QueueStake>, Stop> {
        self.hear_both(client)?;
        let keeps_failed = self.has_kept_failed && client.keeps_journal();
        keeps_failed.then(|| forget::count(client, Selection::All)).transpose()
    }

    fn hear_both(&mut self, client: &mut Client<'_>) -> Result<(), Stop> {
        self.hear_all(client)?;
        match self.elsewhere.take() {
            Some((queue, batches)) if !batches.is_empty() => {
                client.rest = Rest::Elsewhere;
                client.follows = Some(Follows::Queue(queue));
                self.open = batches;
                self.hear_all(client)
            }
            _ => Ok(()),
        }
    }

    fn hear_all(&mut self, client: &mut Client<'_>) -> Result<(), Stop> {
        while !self.open.is_empty() || !self.links.is_empty() {
            let event = client.next()?;
            self.take(client, event)?;
        }
        client.told_batches.append(&mut self.through);
        client.rest = Rest::IsNotDone;
        for folder in std::mem::take(&mut self.nothing_in) {
            self.tell_missing_folder(client, folder)?;
        }
        while let Some(wanted) = self.receipts.next() {
            self.sums.receipt(receipt::save(client, &wanted)?);
        }
        Ok(())
    }

    /// Nothing was found below a folder's address: unless the folder is there and empty, somebody has mistyped it.
    fn tell_missing_folder(&mut self, client: &mut Client<'_>, marker: ObjectRef) -> Result<(), Stop> {
        let (asked, key) = (RequestId::next(), marker.key.clone());
        client.send(Command::InspectObject { request: asked, object: marker });
        let found = client.answer(|event| match event {
            Event::ObjectInspected { request, result, .. } if request == asked => Some(result),
            _ => None,
        })?;
        if found.is_ok() {
            return Ok(());
        }
        self.sums.failed += 1;
        let failure = Failure::new(FailureKind::NoSuchKey).with("key", &key);
        client.failure(&failure, About { path: None, key: Some(&key) })
    }

    /// The command is stopped: what is stored is told all the same, and the sum.
    pub(super) fn cut_short(mut self, client: &mut Client<'_>, stop: Stop) -> Result<Outcome, Stop> {
        if matches!(stop, Stop::Output(_) | Stop::Usage(_)) {
            return Err(stop);
        }
        while let Some(wanted) = self.receipts.next() {
            self.save_receipt_so_far(client, &wanted, &stop)?;
        }
        self.links.tell_rest(client)?;
        match &stop {
            Stop::Failed(failure) => {
                self.sums.failed += 1;
                client.upload_failure(failure, About::default())?;
            }
            Stop::Lost => {
                self.sums.failed += 1;
                client.printer.lost()?;
            }
            _ => {}
        }
        let rest = match client.rest_now() {
            _ if !matches!(stop, Stop::Failed(_)) => None,
            Rest::IsNotDone | Rest::IsNothing => None,
            Rest::Waits => Some(client.printer.words("cli-rest-waits", &[])),
            Rest::NothingSaved | Rest::NotAllSaved => Some(client.printer.words("cli-rest-unsaved", &[])),
            Rest::Elsewhere => Some(client.printer.words("cli-rest-elsewhere", &[])),
        };
        self.finish(client)?;
        if let Some(rest) = rest {
            client.printer.remark(&rest)?;
        }
        if matches!(stop, Stop::Failed(_)) { Ok(Outcome::SomethingFailed) } else { Err(stop) }
    }

    fn save_receipt_so_far(
        &mut self,
        client: &mut Client<'_>,
        wanted: &receipt::Wanted,
        stop: &Stop,
    ) -> Result<(), Stop> {
        if !matches!(stop, Stop::Interrupted) {
            return match receipt::save_so_far(client, wanted) {
                // Why the command was stopped is still to be told.
                Err(Stop::Failed(failure)) => {
                    self.sums.receipt(Placed::Nowhere);
                    client.failure(&failure, About::default())
                }
                saved => saved.map(|placed| self.sums.receipt(placed)),
            };
        }
        let (placed, ended) = receipt::save_while_leaving(client, wanted)?;
        self.sums.receipt(placed);
        ended.into_iter().try_for_each(|event| self.take(client, event))
    }

    fn take(&mut self, client: &mut Client<'_>, event: Event) -> Result<(), Stop> {
        match event {
            Event::BatchScanned { batch, counts, skipped, .. } if self.open.contains(&batch) => {
                if let Some(progress) = &mut client.printer.progress {
                    progress.files = progress.files.max(counts.files);
                    progress.total_bytes = progress.total_bytes.max(counts.total_bytes);
                }
                self.left_out(client, &skipped)
            }
            Event::NamesNeeded { batch, questions } if self.open.contains(&batch) => {
                self.refuse_names(client, batch, &questions)
            }
            // The rule was given, so this comes only where it cannot be held to.
            Event::ConflictFound(conflict) => {
                let (transfer, policy, scope) = (conflict.transfer, ConflictPolicy::Skip, ConflictScope::This);
                client.send(Command::ResolveConflict { transfer, policy, scope });
                Ok(())
            }
            Event::TransferEnded(report) if self.open.contains(&report.batch) => self.ended(client, report),
            Event::Transfers(view) => self.take_holds(client, &view.holds),
            Event::ConnectionOpened { request, result, .. } if self.renewal.is_of(request) => {
                self.renewal.answered();
                result.map(drop).map_err(Stop::Failed)
            }
            Event::PublicRefused { batch, failure, because } if self.open.contains(&batch) => {
                self.sums.not_public += 1;
                Ok(client.printer.not_public(&failure, because.as_deref())?)
            }
            Event::AclLeftOut { batch, failure } if self.open.contains(&batch) => {
                self.sums.acl_left_out += 1;
                Ok(client.printer.acl_left_out(&failure)?)
            }
            Event::BatchFinished { batch, summary } if self.open.remove(&batch) => {
                if client.follows.is_none() {
                    self.through.push(batch);
                }
                client.ended(batch);
                self.batch_finished(client, batch, &summary)
            }
            other => self.links.take(client, other),
        }
    }

    /// Why nothing moves. What only somebody else can mend ends the command: nobody is there to do it, and what is
    /// queued can go on later.
    fn take_holds(&mut self, client: &mut Client<'_>, holds: &[QueueHold]) -> Result<(), Stop> {
        for hold in holds {
            match hold {
                QueueHold::Refused { connection, .. } | QueueHold::CredentialsExpired { connection, .. }
                    if client.follows.is_none() && !self.goes_through(connection) => {}
                QueueHold::Refused { failure, .. } => return Err(Stop::Failed(Box::new(failure.clone()))),
                QueueHold::CredentialsExpired { connection, failure, .. } => {
                    let known = self.connections.values().find(|known| known.id == *connection);
                    let known = known.filter(|_| client.follows.is_none());
                    self.renewal.begin(client, known, failure)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether anything that is not through goes through this connection; others may wait beside it.
    fn goes_through(&self, connection: &ConnectionId) -> bool {
        self.open.iter().filter_map(|batch| self.connections.get(batch)).any(|known| known.id == *connection)
    }

    fn left_out(&mut self, client: &mut Client<'_>, skipped: &[SkippedItem]) -> Result<(), Stop> {
        for item in skipped {
            if item.reason == SkipReason::NameDeclined && self.bad_names.contains(&item.path) {
                continue;
            }
            match left_out::tell(client, item, &self.named)? {
                LeftOut::Failed => self.sums.failed += 1,
                LeftOut::ByRule => self.sums.skipped += 1,
            }
        }
        Ok(())
    }

    fn refuse_names(
        &mut self,
        client: &mut Client<'_>,
        batch: BatchId,
        questions: &[NameQuestion],
    ) -> Result<(), Stop> {
        for question in questions {
            self.sums.failed += 1;
            self.bad_names.insert(question.path.clone());
            left_out::tell_bad_name(client, question)?;
        }
        client.send(Command::ResolveNames { batch, answers: vec![NameAnswer::Skip; questions.len()] });
        Ok(())
    }

    fn ended(&mut self, client: &mut Client<'_>, report: Box<TransferReport>) -> Result<(), Stop> {
        if let Some(progress) = &mut client.printer.progress {
            progress.ended_files += 1;
            progress.ended_bytes += report.bytes;
        }
        match &report.state {
            TransferState::Done(verified) => {
                self.sums.stored(&report, *verified);
                self.renewal.worked();
                self.links.add(client, self.connections.get(&report.batch), report)
            }
            TransferState::Skipped(SkipReason::NameDeclined) if self.bad_names.contains(&report.path) => Ok(()),
            TransferState::Skipped(reason) => {
                self.sums.skipped += 1;
                Ok(client.printer.skipped(&report.path, Some(&report.object.key), reason)?)
            }
            TransferState::Failed(failure) => {
                self.sums.failed += 1;
                self.has_kept_failed |= report.kind == TransferKind::Upload && client.follows.is_none();
                client.upload_failure(failure, About { path: Some(&report.path), key: Some(&report.object.key) })
            }
            state => {
                self.sums.failed += 1;
                let failure = Failure::new(FailureKind::Cancelled).detail(format!("{state:?}"));
                client.failure(&failure, About { path: Some(&report.path), key: Some(&report.object.key) })
            }
        }
    }

    fn batch_finished(&mut self, client: &mut Client<'_>, batch: BatchId, summary: &BatchSummary) -> Result<(), Stop> {
        self.sums.elapsed = self.sums.elapsed.max(summary.elapsed);
        // A batch that could not even begin, such as a download of a folder that cannot be listed.
        let told = summary.done + summary.skipped + summary.failed + summary.cancelled;
        if let (0, Some(failure)) = (told, &summary.first_failure) {
            self.sums.failed += 1;
            client.failure(failure, About::default())?;
        } else if told == 0 && !client.incomplete.contains(&batch) {
            self.nothing_in.extend(self.folders.remove(&batch).into_iter().flatten());
        }
        Ok(())
    }

    fn finish(self, client: &mut Client<'_>) -> Result<Outcome, Stop> {
        client.end_waits()?;
        let Sums { done, skipped, failed, not_public, acl_left_out, unverified, bytes, elapsed } = self.sums;
        let failed = failed + u64::try_from(client.incomplete.len()).unwrap_or(u64::MAX);
        let (uploaded, seconds) = (done, elapsed.as_secs_f64());
        let last = Line::Finished { uploaded, skipped, failed, not_public, acl_left_out, bytes, seconds };
        client.printer.only_json(&last)?;
        client.printer.clear_progress();
        client.printer.progress = None;
        let values = [
            ("done", &*done.to_string()),
            ("bytes", &*super::sizes::bytes(bytes)),
            ("skipped", &*skipped.to_string()),
            ("failed", &*failed.to_string()),
            ("seconds", &*format!("{seconds:.1}")),
        ];
        if unverified > 0 {
            let told = client.printer.words_count("cli-unverified", unverified, &[]);
            let words = match self.proof.step() {
                Some(step) => format!("{told}. {}", client.printer.words_count(step, unverified, &[])),
                None => told,
            };
            client.printer.remark(&words)?;
        }
        client.printer.remark_words("cli-sum", &values)?;
        Ok(if failed == 0 && not_public == 0 && acl_left_out == 0 {
            Outcome::AllDone
        } else {
            Outcome::SomethingFailed
        })
    }
}
