//! A small file: read into one buffer, and sent by one PUT.

use std::sync::Arc;

use bytes::Bytes;

use super::buffers::Share;
use super::file::{Finished, Halt, Upload, UploadNews, is_taken};
use super::mend::Mend;
use super::own::{Found, InTheWay, Told, Unheard};
use super::verify::{Checked, Content, Damage, by_the_answer, look_into};
use crate::engine::journal::Change;
use crate::engine::queue::{Intent, Past, Stage};
use crate::engine::source::SourceFile;
use crate::model::{Failure, FailureKind};
use crate::s3::{Destination, PartBody, S3Store, Stored, WriteCondition, Written};

impl Upload {
    /// Sends the file by one PUT. Where an earlier try may have stored it already, that is looked into first: a
    /// bucket with versions must not get a second one.
    pub(super) async fn put(
        &mut self,
        store: &S3Store,
        source: &Arc<SourceFile>,
        to: &Destination,
    ) -> Result<Finished, Halt> {
        if self.job.intent == Intent::Missing {
            self.durable(Change::Putting(vec![self.job.id])).await?;
            self.job.intent = Intent::Durable;
        }
        let (bytes, crc64nvme) = self.read_whole(source).await?;
        // Made when needed: it takes the MD5 of everything.
        let opened = self.job.spec.opened;
        let written = || Written::by_put(&bytes, crc64nvme, opened);
        let content = Content::Bytes { bytes: &bytes, crc64nvme };
        let (mut backoff, mut mend, mut to) = (self.backoff(), Mend::whole(source, crc64nvme), to.clone());
        if self.is_doubtful() {
            match self.find_written(store, &to, written(), content).await? {
                Found::Ours(finished) => return Ok(finished),
                Found::Damaged(damage) => self.mend(&mut mend, &mut to, damage).await?,
                Found::NotOurs => {
                    self.find_older(store, Some(crc64nvme)).await?;
                }
            }
        }
        if self.in_the_way != InTheWay::Unknown {
            to.condition = WriteCondition::Any;
        }
        let mut sending = self.note_sending(source, crc64nvme).await?;
        loop {
            self.keep_to_own_older(store, &mut to).await?;
            let body = PartBody { bytes: bytes.clone(), crc64nvme, sent: self.sent.clone() };
            let sent = tokio::select! {
                () = self.control.stopped() => {
                    self.note_unheard(source, crc64nvme);
                    return Err(Halt::Stopped);
                }
                sent = store.put_object(&to, body) => sent,
            };
            let failure = match sent {
                Ok(stored) => {
                    sending.take().into_iter().for_each(|sending| self.note(sending));
                    match self.check_put(store, &to, stored, content).await? {
                        Checked::Proven(proven) => return Ok(Finished { proven, crc64nvme }),
                        Checked::Missing(failure) => self.unless_stopped(mend.again(failure)).await?,
                        Checked::Differs(damage) => self.mend(&mut mend, &mut to, damage).await?,
                    }
                    self.sent.take_back(source.size_bytes());
                    continue;
                }
                Err(error) if self.leaves_list_out(&mut to, &error) => continue,
                Err(error) if error.kind() == FailureKind::ChecksumMismatch => {
                    self.unless_stopped(mend.again(error.to_failure())).await?;
                    continue;
                }
                Err(error) if is_taken(&error) => {
                    if !backoff.has_failed() && !self.may_be_stored() {
                        return Err(Halt::Exists(self.facts_of_existing(store).await));
                    }
                    match self.find_written(store, &to, written(), content).await? {
                        Found::Ours(finished) => return Ok(finished),
                        Found::Damaged(damage) => self.mend(&mut mend, &mut to, damage).await?,
                        Found::NotOurs => {
                            Box::pin(self.replace_older(store, &mut to, crc64nvme)).await?;
                            sending = self.note_sending(source, crc64nvme).await?;
                        }
                    }
                    continue;
                }
                Err(error) => error.to_failure(),
            };
            let may_be_stored = may_be_stored(failure.kind);
            if may_be_stored {
                self.note_unheard(source, crc64nvme);
            }
            self.wait_or_give_up(&mut backoff, failure).await?;
            // A blind repeat would be a second version if only the answer was lost; with a condition it is refused.
            let is_blind = may_be_stored && to.condition != WriteCondition::OnlyIfAbsent;
            if is_blind {
                match self.find_written(store, &to, written(), content).await? {
                    Found::Ours(finished) => return Ok(finished),
                    Found::Damaged(damage) => self.mend(&mut mend, &mut to, damage).await?,
                    Found::NotOurs => {}
                }
            }
        }
    }

    /// The server may have stored it, and nobody heard.
    fn note_unheard(&mut self, source: &SourceFile, crc64nvme: u64) {
        self.doubt_told(crc64nvme);
        self.unheard = Some(Unheard { crc64nvme, stamp: source.stamp() });
    }

    /// The key is taken, and not by these bytes: a PUT of what the file was before may have come to its end meanwhile.
    async fn replace_older(&mut self, store: &S3Store, to: &mut Destination, crc64nvme: u64) -> Result<(), Halt> {
        if !self.find_older(store, Some(crc64nvme)).await? {
            return Err(Halt::Exists(self.facts_of_existing(store).await));
        }
        to.condition = WriteCondition::Any;
        Ok(())
    }

    /// The content, and its checksum.
    async fn read_whole(&mut self, source: &Arc<SourceFile>) -> Result<(Bytes, u64), Halt> {
        let len = usize::try_from(source.size_bytes()).map_err(|_too_large| Failure::new(FailureKind::TooLarge))?;
        let grant = tokio::select! {
            () = self.control.stopped() => return Err(Halt::Stopped),
            grant = self.context.shared.pool.grant(Share::Files, len) => grant.ok_or(Halt::Stopped)?,
        };
        if self.job.stage != Stage::Active {
            self.tell(UploadNews::Stage(Stage::Active));
        }
        let mut buffer = grant.buffer();
        let crc64nvme = self.read_consistently(source, buffer.as_mut()).await?;
        Ok((buffer.freeze(), crc64nvme))
    }

    /// Notes what is about to be sent. Where an earlier try has stored something, the journal goes on knowing that as ours
    /// beside what takes its place, and durably: after a kill either may stand there. Then the change is given back that
    /// is to be noted with the answer.
    async fn note_sending(&mut self, source: &SourceFile, crc64nvme: u64) -> Result<Option<Change>, Halt> {
        let (job, stamp) = (self.job.id, source.stamp());
        let sending = Change::Sending { job, crc64nvme, stamp };
        if self.stored_before.is_none() {
            self.note(sending);
            return Ok(None);
        }
        self.durable(Change::Replacing { job, crc64nvme, stamp }).await?;
        Ok(Some(sending))
    }

    /// The answer was good: is it what was read? Where the answer alone does not prove that, whoever goes on after a kill
    /// during the check knows the object by what is noted here.
    async fn check_put(
        &mut self,
        store: &S3Store,
        to: &Destination,
        stored: Stored,
        content: Content<'_>,
    ) -> Result<Checked, Halt> {
        self.note_list_sent(to);
        self.unheard = None;
        self.stored_before = Some(Told { stored: stored.clone(), crc64nvme: Some(content.crc64nvme()) });
        if let Some(checked) = by_the_answer(store, to, &stored, content) {
            return Ok(checked);
        }
        let (etag, version_id) = (stored.etag.clone(), stored.version_id.clone());
        self.note(Change::Stored { job: self.job.id, etag, version_id });
        look_into(self, store, to, stored, content).await
    }

    /// After a try in doubt, under a rule that looks at the object first: the object may be our own.
    pub(super) async fn find_own(&mut self, store: &S3Store, source: &Arc<SourceFile>) -> Result<Found, Halt> {
        let len = usize::try_from(source.size_bytes()).map_err(|_too_large| Failure::new(FailureKind::TooLarge))?;
        let grant = tokio::select! {
            () = self.control.stopped() => return Err(Halt::Stopped),
            grant = self.context.shared.pool.grant(Share::Files, len) => grant.ok_or(Halt::Stopped)?,
        };
        let mut buffer = grant.buffer();
        let crc64nvme = self.read_consistently(source, buffer.as_mut()).await?;
        let bytes = buffer.freeze();
        let written = Written::by_put(&bytes, crc64nvme, self.job.spec.opened);
        let to = self.destination(WriteCondition::Any);
        let found = self.find_written(store, &to, written, Content::Bytes { bytes: &bytes, crc64nvme }).await?;
        if matches!(found, Found::NotOurs) {
            self.find_older(store, Some(crc64nvme)).await?;
        }
        Ok(found)
    }

    /// What stands there is our own, damaged: whether to write it once more, and then in its place.
    async fn mend(&mut self, mend: &mut Mend<'_>, to: &mut Destination, damage: Damage) -> Result<(), Halt> {
        self.note_damage(&damage);
        self.unless_stopped(mend.again(damage.failure)).await?;
        if self.in_the_way != InTheWay::Unknown {
            to.condition = WriteCondition::Any;
        }
        Ok(())
    }

    /// Reads the whole file as it is at one moment: twice where its times prove nothing.
    async fn read_consistently(&self, source: &Arc<SourceFile>, buffer: &mut [u8]) -> Result<u64, Halt> {
        let reading = async {
            let (now, crc64nvme) = source.read_all(buffer, 0).await?;
            if self.is_racy || now.changed_ns != source.stamp().changed_ns {
                let (_stamp, again) = source.read_all(buffer, 0).await?;
                if again != crc64nvme {
                    return Err(Failure::new(FailureKind::SourceChanged).with("path", source.path().display()));
                }
            }
            source.ask(SourceFile::check_not_replaced).await?;
            Ok(crc64nvme)
        };
        // On a disk all of it is done on the spot.
        if source.share().is_none() { Ok(reading.await?) } else { self.unless_stopped(reading).await }
    }

    /// Whether an earlier try may have stored the object without hearing of it.
    pub(super) fn is_doubtful(&self) -> bool {
        self.job.past == Past::Doubtful || self.unheard.is_some()
    }
}

/// Whether the server may have done what it did not answer well.
pub(crate) fn may_be_stored(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Offline | FailureKind::Timeout | FailureKind::ServerError | FailureKind::NotS3)
}
