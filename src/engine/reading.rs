//! Reading a source without holding a thread up that has other things to do. On disks of this computer a small file is
//! read on the spot; what is on a share is read by that share's threads ([`super::far`]), step by step, so that each of
//! its threads that hangs keeps no more than one step of memory, besides the open file.

use std::sync::Arc;

use bytes::BytesMut;

use super::download::blocking;
use super::journal::SourceStamp;
use super::source::SourceFile;
use crate::model::Failure;
use crate::s3::checksum;

/// Read at a time where a thread of its own does it.
pub(crate) const STEP_BYTES: usize = 1024 * 1024;

impl SourceFile {
    /// Asks something of the file that takes a moment on a disk, and perhaps for ever on a share.
    pub(crate) async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        question: impl FnOnce(&Self) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        match self.share() {
            None => question(self),
            Some(share) => {
                let source = Arc::clone(self);
                share.ask(move || question(&source)).await
            }
        }
    }

    /// [`SourceFile::read_hashed`]; of a share, the stamp is that after the last step.
    pub(crate) async fn read_all(
        self: &Arc<Self>,
        buffer: &mut [u8],
        offset: u64,
    ) -> Result<(SourceStamp, u64), Failure> {
        if self.share().is_none() {
            return self.read_hashed(buffer, offset);
        }
        if buffer.is_empty() {
            // There is no step in which the file would tell that it has more.
            return self.ask(move |source| source.read_hashed(&mut [], offset)).await;
        }
        let mut stamp = self.ask(Self::check_unchanged).await?;
        let (mut sum, mut at) = (checksum::Running::new(), offset);
        for chunk in buffer.chunks_mut(STEP_BYTES) {
            // Memory of its own for each step, which its thread takes as it begins: while others have their turn it has none.
            let (step, now) = self.read_step(BytesMut::new(), at, chunk.len()).await?;
            stamp = now;
            chunk.copy_from_slice(&step);
            sum.update(chunk);
            at += chunk.len() as u64;
        }
        Ok((stamp, sum.value()))
    }

    /// Fills `buffer` with `len` bytes from `offset`, never on the thread that asks. Dropped, the buffer is lost to it.
    pub(crate) async fn read_step(
        self: &Arc<Self>,
        mut buffer: BytesMut,
        offset: u64,
        len: usize,
    ) -> Result<(BytesMut, SourceStamp), Failure> {
        let source = Arc::clone(self);
        let read = move || {
            buffer.clear();
            buffer.resize(len, 0);
            let stamp = source.read_exact(&mut buffer, offset)?;
            Ok((buffer, stamp))
        };
        match self.share() {
            None => blocking(read).await,
            Some(share) => share.ask(read).await,
        }
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::engine::clock::SystemClock;
    use crate::engine::far::Far;
    use crate::model::FailureKind;
    use crate::platform::{FarMount, Mounts};

    /// As if everything were on one share.
    fn open_far(path: &Path) -> Arc<SourceFile> {
        let all = || Mounts::of([FarMount { root: "/".into(), identity: String::new() }]);
        let share = Far::new(Arc::new(SystemClock::new()), all, |_root| {}).share_of(path).unwrap();
        Arc::new(SourceFile::open(path).unwrap().on(share))
    }

    #[tokio::test]
    async fn a_file_of_a_share_with_more_than_the_0_bytes_it_is_said_to_have_is_refused() {
        let source = open_far(Path::new("/proc/self/status"));
        assert_eq!(source.size_bytes(), 0);
        assert_eq!(source.read_all(&mut [], 0).await.unwrap_err().kind, FailureKind::SourceSizeWrong);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("empty");
        std::fs::write(&path, b"").unwrap();
        let (stamp, sum) = open_far(&path).read_all(&mut [], 0).await.unwrap();
        assert_eq!((stamp.size_bytes, sum), (0, checksum::crc64nvme(b"")));
    }
}
