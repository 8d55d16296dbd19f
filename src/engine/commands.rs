//! Commands: one match, each arm one call. What needs the network or the disk runs as a task of its own.

use std::future::Future;

use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

use super::actor::{Actor, Flow};
use super::counting::Countable;
use super::deletion::Deletable;
use super::orphans::{KnownUploads, Why};
use super::receipts::ReceiptPlace;
use super::upload::Leftover;
use crate::model::{
    BucketName, Command, ConnectionId, Event, Failure, FailureKind, Notice, RequestId, Secret, Selection, Settings,
    Severity, TransferAction, UnfinishedUpload, UploadOwner,
};
use crate::platform::{Opened, Request, open_in_browser, open_unless_runnable};
use crate::s3::UploadId;

/// Only a window has anything to notify of; a program without one prints what it has to say.
fn notify_desktop(title: &str, body: &str) {
    #[cfg(feature = "gui")]
    crate::platform::notify(title, body);
    #[cfg(not(feature = "gui"))]
    tracing::debug!(title, body, "no desktop notifications in this build");
}

impl Actor {
    /// `None` comes when the front end is gone.
    pub(super) fn take_command(&mut self, command: Option<Command>) -> Flow {
        let Some(command) = command else { return Flow::Leave };
        let Some(command) = self.keep_early(command) else { return Flow::GoOn };
        let tools = self.tools.clone();
        match command {
            Command::SaveConnection { request, draft, place, open } => {
                run(tools.save_connection(request, draft, place, open));
            }
            Command::TestConnection { request, draft } => run(tools.test_connection(request, draft)),
            Command::DeleteConnection { request, id, open } => run(tools.delete_connection(request, id, open)),
            Command::DuplicateConnection { request, id, name } => run(tools.duplicate_connection(request, id, name)),
            Command::OpenConnection { request, id } => run(tools.open_connection(request, id)),
            Command::UseConnection { request, connection, credentials } => {
                run(tools.use_connection(request, connection, credentials));
            }
            Command::LendLocalStorage { request, port } => run(tools.lend_local_storage(request, port)),
            Command::OpenLocalStorage { request } => run(tools.open_connection(request, ConnectionId::local())),
            Command::ListAwsProfiles { request } => run(tools.list_aws_profiles(request)),
            Command::ListBuckets { request, connection } => run(tools.list_buckets(request, connection)),
            Command::ListObjects { request, at, after } => {
                replace(&mut self.listing, tools.list_objects(request, at, after));
            }
            Command::ListObjectsBelow { request, at, after } => {
                replace(&mut self.listing, tools.list_objects_below(request, at, after));
            }
            Command::FindRows { request, at, keys } => run(tools.find_rows(request, at, keys)),
            Command::InspectObject { request, object } => {
                replace(&mut self.inspecting, tools.inspect_object(request, object));
            }
            Command::CreateBucket { request, connection, name, region } => {
                run(tools.create_bucket(request, connection, name, region));
            }
            Command::DeleteBucket { request, connection, name } => run(tools.delete_bucket(request, connection, name)),
            Command::CreateFolder { request, at } => run(tools.create_folder(request, at)),
            Command::SignLinks { request, objects, expires_secs } => {
                run(tools.sign_links(request, objects, expires_secs));
            }
            Command::FindBucketRegion { request, connection, bucket } => {
                run(tools.find_bucket_region(request, connection, bucket));
            }
            Command::UpdateSettings(settings) => self.update_settings(*settings),
            Command::OpenPath(path) => self.open_path(path),
            Command::OpenAddress(address) => self.open_address(address),
            Command::Notify { title, body } => notify_desktop(&title, &body),
            Command::ReadClipboardFiles { request, image_name } => self.read_clipboard(request, image_name),
            Command::MeasureDrop { request, paths } => {
                let stop = CancellationToken::new();
                self.run_stoppable(request, stop.clone(), tools.measure_drop(request, paths, stop));
            }
            Command::ReadKeys { request, path } => run(tools.read_keys(request, path)),
            Command::Shutdown(_mode) => return Flow::Leave,
            other => self.take_transfer_command(other),
        }
        Flow::GoOn
    }

    fn take_transfer_command(&mut self, command: Command) {
        match command {
            Command::CountObjects { request, at, targets, known_sizes } => {
                self.count(request, Countable { at, targets, known_sizes });
            }
            Command::DeleteObjects { request, at, targets, counted } => {
                self.delete(request, Deletable { at, targets, counted });
            }
            Command::StopRequest { request } => self.stop_request(request),
            Command::Enqueue { batch, paths, to, options } => self.enqueue(batch, paths, &to, *options),
            Command::EnqueuePlanned { batch, paths, to, options, planned } => {
                self.enqueue_planned(batch, paths, &to, *options, planned);
            }
            Command::PlanUpload { request, paths, to, options } => {
                let stop = CancellationToken::new();
                let task = self.tools.clone().plan_upload(request, paths, to, options, stop.clone());
                self.run_stoppable(request, stop, task);
            }
            Command::LimitFiles(files) => self.tools.book.limit_files(files),
            Command::LimitBandwidth(limit) => self.limit_bandwidth(limit),
            Command::HoldQueue(switch) => self.hold_queue(switch),
            Command::MoveTransfer { transfer, before } => {
                let asks = self.queue.move_before(transfer, before);
                self.carry_out(asks, None);
            }
            Command::TryConnection(connection) => {
                self.try_missing_buckets(&connection);
                self.health.try_now(&connection);
            }
            Command::SetWhenDone(then) => self.set_when_done(then),
            Command::Download { batch, at, targets, to, on_conflict, then } => {
                self.download(batch, at, targets, to, on_conflict, then);
            }
            Command::ResolveNames { batch, answers } => self.resolve_names(batch, answers),
            Command::ResolveConflict { transfer, policy, scope } => self.resolve_conflict(transfer, policy, scope),
            Command::Transfers { selection, action } => self.act(&selection, action),
            Command::CountTransfers { request, selection } => {
                let stake = Box::new(self.stake(&selection));
                self.tools.sink.send(Event::TransfersCounted { request, stake });
            }
            Command::ListUntold { request, batch, after } => self.list_untold(request, batch, after),
            Command::NoteTold { transfers, batches } => self.note_told(transfers, &batches),
            Command::CleanServers { request } => self.wait_for_cleaning(request),
            Command::ResumeQueue => self.go_on_as_told(),
            Command::ListUnfinished { request, connection, bucket } => {
                let waiting = self.kept.values().filter(|kept| kept.connection == connection && kept.bucket == bucket);
                let known =
                    KnownUploads { orphans: self.orphans.clone(), waiting: waiting.map(Leftover::from).collect() };
                run(self.tools.clone().read_cleaning(request, connection.clone(), bucket.clone()));
                run(self.tools.clone().list_unfinished(known, request, connection, bucket));
            }
            Command::AbortUnfinished { request, connection, bucket, upload } => {
                self.abort_unfinished(request, connection, bucket, *upload);
            }
            Command::ShowTransfers(rows) => {
                self.rows_wanted = rows;
                self.picture.is_stale = true;
            }
            Command::SaveReceipt { request, batch, path, format, over } => {
                self.save_receipt(request, batch, ReceiptPlace { path, format, over });
            }
            Command::CheckReceipt { request, path, connection, verify } => {
                let stop = CancellationToken::new();
                let task = self.tools.clone().check_receipt(request, path, connection, verify, stop.clone());
                self.run_stoppable(request, stop, task);
            }
            Command::DiagnoseConnection { request, at } => run(self.tools.clone().diagnose(request, at)),
            Command::ListUploaded { request } => {
                let objects = self.queue.uploaded();
                self.tools.sink.send(Event::UploadedObjects { request, objects });
            }
            other => self.take_link_command(other),
        }
    }

    fn abort_unfinished(
        &mut self,
        request: RequestId,
        connection: ConnectionId,
        bucket: BucketName,
        upload: UnfinishedUpload,
    ) {
        let tools = self.tools.clone();
        let id = UploadId(upload.upload_id.clone());
        let place =
            Leftover { connection: connection.clone(), bucket: bucket.clone(), key: upload.key.clone(), upload: id };
        let owner = self.orphans.owner(&place);
        if let UploadOwner::InQueue(transfer) = owner {
            self.act(&Selection::One(transfer), TransferAction::Cancel);
            // One that has failed stays so; only what it has kept for another try goes.
            if self.queue.has_failed(transfer) {
                self.drop_kept(transfer, Why::NotNeeded);
            }
        }
        run(tools.abort_unfinished(self.orphans.clone(), request, (connection, bucket, owner), upload));
    }

    /// What a later start of the program asks for.
    pub(super) fn take_instance_request(&mut self, request: Request) -> Flow {
        match request {
            Request::OpenFiles(paths) => self.tools.sink.send(Event::FilesHandedOver(paths)),
            Request::Show => self.tools.sink.send(Event::FilesHandedOver(Vec::new())),
            Request::OpenConnection(name) => self.tools.sink.send(Event::ConnectionNamed(name)),
            Request::Upload { paths, job, reply } => self.take_handed(paths, &job, reply),
            Request::Resume(reply) => self.go_on_for(reply),
            Request::LendLocalStorage(reply) => {
                let local = self.tools.local.clone();
                run(async move { reply.send(local.lend().await.ok()) });
            }
        }
        Flow::GoOn
    }

    fn count(&mut self, request: RequestId, what: Countable) {
        let stop = CancellationToken::new();
        let task = self.tools.clone().count_objects(request, what, stop.clone());
        self.run_stoppable(request, stop, task);
    }

    fn delete(&mut self, request: RequestId, what: Deletable) {
        let stop = CancellationToken::new();
        let task = self.tools.clone().delete_objects(request, what, stop.clone());
        self.run_stoppable(request, stop, task);
    }

    pub(super) fn run_stoppable(
        &mut self,
        request: RequestId,
        stop: CancellationToken,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        self.stoppable.retain(|_, (_, task)| !task.is_finished());
        self.stoppable.insert(request, (stop, tokio::spawn(task).abort_handle()));
    }

    fn stop_request(&mut self, request: RequestId) {
        if let Some((stop, _task)) = self.stoppable.remove(&request) {
            stop.cancel();
        }
        // What was counted or shown is not wanted any more.
        drop((self.tools.counts.take(request), self.tools.plans.take(request)));
    }

    /// New settings hold at once; that they could not be written is told.
    fn update_settings(&mut self, settings: Settings) {
        self.tools.book.set_settings(settings.clone());
        self.health.bandwidth().set_plan(settings.bandwidth);
        self.apply_hold();
        self.tools.sink.send(Event::SettingsChanged(Box::new(settings)));
        let tools = self.tools.clone();
        run(async move {
            if let Err(failure) = tools.book.save_settings().await {
                tools.sink.notice_failure(failure);
            }
        });
    }

    /// Opens a local file or folder with its program; what is a program itself is only shown, with a word why.
    pub(super) fn open_path(&self, path: std::path::PathBuf) {
        let sink = self.tools.sink.clone();
        run(async move {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let opened = tokio::task::spawn_blocking(move || open_unless_runnable(&path)).await;
            let failure = match opened {
                Ok(Ok(Opened::ByItsProgram)) => return,
                Ok(Ok(Opened::ShownOnly)) => {
                    return sink.notice(Notice::message(Severity::Info, "notice-shown-not-run").with("name", name));
                }
                Ok(Err(error)) => error.to_failure(),
                Err(error) => Failure::new(FailureKind::Internal).detail(error),
            };
            sink.notice_failure(failure);
        });
    }

    /// Opens an address in the browser; that none opens it is told.
    fn open_address(&self, address: Secret) {
        let sink = self.tools.sink.clone();
        run(async move {
            match tokio::task::spawn_blocking(move || open_in_browser(address.expose())).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => sink.notice_failure(error.to_failure()),
                Err(error) => sink.notice_failure(Failure::new(FailureKind::Internal).detail(error)),
            }
        });
    }

    /// The clipboard's owner is another program that may take its time: on a thread of its own.
    #[cfg(feature = "gui")]
    fn read_clipboard(&self, request: RequestId, image_name: String) {
        let (sink, root, now) = (self.tools.sink.clone(), self.tools.home.pasted_dir(), self.tools.clock.now());
        let read = move || {
            sink.send(Event::ClipboardFiles { request, result: super::pasted::paste(&root, &image_name, now) });
        };
        if let Err(error) = std::thread::Builder::new().name("clipboard".to_owned()).spawn(read) {
            tracing::warn!(%error, "no thread for the clipboard");
            self.tools.sink.send(Event::ClipboardFiles { request, result: Ok(Vec::new()) });
        }
    }

    /// Without a window there is nothing to paste into.
    #[cfg(not(feature = "gui"))]
    fn read_clipboard(&self, request: RequestId, _image_name: String) {
        self.tools.sink.send(Event::ClipboardFiles { request, result: Ok(Vec::new()) });
    }
}

/// Runs a request on its own; it answers through the event channel.
pub(super) fn run(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(task);
}

/// Runs a request in place of the one before it.
fn replace(slot: &mut Option<AbortHandle>, task: impl Future<Output = ()> + Send + 'static) {
    if let Some(older) = slot.replace(tokio::spawn(task).abort_handle()) {
        older.abort();
    }
}
