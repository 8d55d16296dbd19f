//! `upload` and `download` (and what `resume` goes on with): one or more batches, told file by file.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;
use std::time::Duration;

use super::args::{DownloadArgs, GlobalArgs, UploadArgs, split_download, split_upload};
use super::client::{Client, Outcome, Stop, ends_it};
use super::connect::named;
use super::handing;
use super::json::Line;
use super::output::About;
use super::stored::StoredLinks;
use crate::model::{
    AfterDownload, BatchId, BatchSummary, Command, ConflictPolicy, ConflictScope, Connection, Event, Failure,
    FailureKind, KeyProblem, Location, NameAnswer, NameQuestion, Prefix, PutOptions, RequestId, RowsWanted,
    ScanProgress, SkipReason, SkippedItem, Target, TransferReport, TransferState, UploadAccess,
};

/// Rows of the queue that the progress line adds up; more are never under way.
const ROWS_UNDER_WAY: usize = 64;

/// `upload`.
pub(super) fn upload(client: &mut Client<'_>, connection: &Connection, args: &UploadArgs) -> Result<Outcome, Stop> {
    let (paths, target) = split_upload(&args.paths_and_target).map_err(Stop::Usage)?;
    let to = target.location(&connection.id);
    let options = Box::new(put_options(args));
    if args.dry_run {
        return plan(client, paths, to, options);
    }
    if let Some(files) = args.jobs {
        client.send(Command::LimitFiles(files));
    }
    if let Some(bytes_per_sec) = args.bandwidth {
        client.send(Command::LimitBandwidth(Some(bytes_per_sec)));
    }
    if client.waiting.files > 0 {
        let files = client.waiting.files;
        client
            .printer
            .remark(&format!("Waiting from an earlier run: {files}; `bucketdrop-cli resume` goes on with them."))?;
    }
    client.is_resumable = client.keeps_journal();
    let batch = BatchId::next();
    client.send(Command::Enqueue { batch, paths, to, options });
    let mut batches = Batches::new([(batch, connection.clone())]);
    batches.links.checks = args.check;
    let outcome = batches.follow(client)?;
    client.is_resumable = false;
    if let Some(file) = &args.receipt {
        super::receipt::save(client, batch, file)?;
    }
    Ok(outcome)
}

/// `upload` while a Bucketdrop runs: handed to it where that can be. `None` if it is to be done here.
pub(super) fn hand_over(
    client: &mut Client<'_>,
    saved: &[Connection],
    global: &GlobalArgs,
    args: &UploadArgs,
) -> Result<Option<Outcome>, Stop> {
    if args.dry_run || client.window().is_none() {
        return Ok(None);
    }
    let (paths, target) = split_upload(&args.paths_and_target).map_err(Stop::Usage)?;
    let (id, connection) = named(saved, global)?;
    let handed = handing::handed(target.location(&id), put_options(args), connection);
    handing::upload(client, args, &paths, &handed)
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
        access: if args.public { UploadAccess::Public } else { UploadAccess::AsBucket },
        verify: args.verify.map(Into::into),
    }
}

/// `upload --dry-run`.
fn plan(client: &mut Client<'_>, paths: Vec<PathBuf>, to: Location, options: Box<PutOptions>) -> Result<Outcome, Stop> {
    let asked = RequestId::next();
    let bucket = to.bucket.clone();
    client.send(Command::PlanUpload { request: asked, paths, to, options });
    let mut outcome = Outcome::AllDone;
    loop {
        let (files, skipped, questions, progress) = client.answer(|event| match event {
            Event::UploadPlanned { request, files, skipped, questions, progress } if request == asked => {
                Some((files, skipped, questions, progress))
            }
            _ => None,
        })?;
        for file in &files {
            let path = file.path.to_string_lossy();
            let line =
                Line::Planned { path: &path, bucket: bucket.as_str(), key: file.key.as_str(), bytes: file.bytes };
            client.printer.result(&format!("{path} -> s3://{bucket}/{}", file.key), &line)?;
        }
        for item in &skipped {
            client.printer.skipped(&item.path, None, &item.reason)?;
        }
        for question in &questions {
            outcome = Outcome::SomethingFailed;
            tell_bad_name(client, question)?;
        }
        if progress == ScanProgress::Complete {
            return Ok(outcome);
        }
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
    let mut ids = Vec::new();
    for (at, targets) in batches {
        let batch = BatchId::next();
        ids.push(batch);
        let (to, on_conflict, then) = (Some(folder.clone()), ConflictPolicy::Skip, AfterDownload::Keep);
        client.send(Command::Download { batch, at, targets, to, on_conflict, then });
    }
    Batches::new(ids.into_iter().map(|batch| (batch, connection.clone()))).follow(client)
}

/// A name that cannot be a key is never changed behind the user's back, and nobody is there to be asked.
fn tell_bad_name(client: &mut Client<'_>, question: &NameQuestion) -> Result<(), Stop> {
    let kind = match question.problem {
        KeyProblem::NotUnicode => FailureKind::SourceNameNotUnicode,
        KeyProblem::TooLong(_) => FailureKind::KeyTooLong,
        KeyProblem::Empty | KeyProblem::ControlCharacter | KeyProblem::DotSegment => FailureKind::InvalidKey,
        KeyProblem::Taken => FailureKind::AlreadyExists,
    };
    let name = question.path.to_string_lossy();
    let failure = Failure::new(kind)
        .with("path", &name)
        .with("key", &question.suggestion)
        .detail(format!("{:?}", question.problem));
    client.failure(&failure, About { path: Some(&question.path), key: None })
}

/// What is known of the batches under way.
pub(super) struct Batches {
    connections: BTreeMap<BatchId, Connection>,
    open: BTreeSet<BatchId>,
    /// Stored objects that are not told yet.
    links: StoredLinks,
    bad_names: HashSet<PathBuf>,
    /// What was to be public is not.
    is_refused_public: bool,
    sums: Sums,
}

/// The last line.
#[derive(Debug, Default)]
struct Sums {
    done: u64,
    skipped: u64,
    failed: u64,
    bytes: u64,
    elapsed: Duration,
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
            is_refused_public: false,
            sums: Sums::default(),
        }
    }

    /// Tells what happens until every batch is through.
    pub(super) fn follow(mut self, client: &mut Client<'_>) -> Result<Outcome, Stop> {
        if client.printer.progress.is_some() {
            client.send(Command::ShowTransfers(RowsWanted { count: ROWS_UNDER_WAY, ..RowsWanted::default() }));
        }
        while !self.open.is_empty() || !self.links.is_empty() {
            let event = client.next()?;
            self.take(client, event)?;
        }
        client.printer.progress = None;
        self.finish(client)
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
            // Nobody will give other keys while this command waits; what is queued can go on later.
            Event::Transfers(view) => match view.holds.iter().find_map(ends_it) {
                Some(failure) => Err(Stop::Failed(Box::new(failure.clone()))),
                None => Ok(()),
            },
            Event::PublicRefused { batch, failure } if self.open.contains(&batch) => {
                self.is_refused_public = true;
                client.failure(&failure, About::default())
            }
            Event::BatchFinished { batch, summary } if self.open.remove(&batch) => {
                self.batch_finished(client, &summary)
            }
            other => self.links.take(client, other),
        }
    }

    fn left_out(&mut self, client: &mut Client<'_>, skipped: &[SkippedItem]) -> Result<(), Stop> {
        for item in skipped {
            if item.reason == SkipReason::NameDeclined && self.bad_names.contains(&item.path) {
                continue;
            }
            // What cannot be read or is gone was not left out by a rule: the upload is not what was asked for.
            let failure = match &item.reason {
                SkipReason::Unreadable(why) => Some(Failure::new(FailureKind::SourceUnreadable).detail(why)),
                SkipReason::Missing => Some(Failure::new(FailureKind::SourceMissing)),
                _ => None,
            };
            if let Some(failure) = failure {
                self.sums.failed += 1;
                let failure = failure.with("path", item.path.to_string_lossy());
                client.failure(&failure, About { path: Some(&item.path), key: None })?;
            } else {
                self.sums.skipped += 1;
                client.printer.skipped(&item.path, None, &item.reason)?;
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
            tell_bad_name(client, question)?;
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
            TransferState::Done(_) => {
                self.sums.done += 1;
                self.sums.bytes += report.bytes;
                self.links.add(client, self.connections.get(&report.batch), report)
            }
            TransferState::Skipped(SkipReason::NameDeclined) if self.bad_names.contains(&report.path) => Ok(()),
            TransferState::Skipped(reason) => {
                self.sums.skipped += 1;
                Ok(client.printer.skipped(&report.path, Some(&report.object.key), reason)?)
            }
            TransferState::Failed(failure) => {
                self.sums.failed += 1;
                client.failure(failure, About { path: Some(&report.path), key: Some(&report.object.key) })
            }
            state => {
                self.sums.failed += 1;
                let failure = Failure::new(FailureKind::Cancelled).detail(format!("{state:?}"));
                client.failure(&failure, About { path: Some(&report.path), key: Some(&report.object.key) })
            }
        }
    }

    fn batch_finished(&mut self, client: &mut Client<'_>, summary: &BatchSummary) -> Result<(), Stop> {
        self.sums.elapsed = self.sums.elapsed.max(summary.elapsed);
        // A batch that could not even begin, such as a download of a folder that cannot be listed.
        let told = summary.done + summary.skipped + summary.failed + summary.cancelled;
        if let (0, Some(failure)) = (told, &summary.first_failure) {
            self.sums.failed += 1;
            client.failure(failure, About::default())?;
        }
        Ok(())
    }

    fn finish(self, client: &mut Client<'_>) -> Result<Outcome, Stop> {
        let Sums { done, skipped, failed, bytes, elapsed } = self.sums;
        let seconds = elapsed.as_secs_f64();
        client.printer.only_json(&Line::Finished { uploaded: done, skipped, failed, bytes, seconds })?;
        let bytes = super::sizes::bytes(bytes);
        client
            .printer
            .remark(&format!("{done} done ({bytes}), {skipped} left out, {failed} failed, {seconds:.1} s"))?;
        Ok(if failed == 0 && !self.is_refused_public { Outcome::AllDone } else { Outcome::SomethingFailed })
    }
}
