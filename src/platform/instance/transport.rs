//! The socket itself: a Unix socket in a folder of the user's own, or a named pipe on Windows.

#[cfg(unix)]
pub(super) use unix::{Caller, Listener, Stream, connect, remove, wait_without_limit};
#[cfg(windows)]
pub(super) use windows::{Caller, Listener, Stream, connect, remove, wait_without_limit};

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::io;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::net as std_net;
    use std::path::Path;
    use std::time::Instant;

    /// A connection from a later start.
    pub(in super::super) type Stream = tokio::net::UnixStream;
    /// The later start's end of it.
    pub(in super::super) type Caller = std_net::UnixStream;

    /// The first one's socket. Its file stays until [`remove`].
    #[derive(Debug)]
    pub(in super::super) enum Listener {
        /// Bound, but not yet known to a runtime.
        Bound(Option<std_net::UnixListener>),
        Listening(tokio::net::UnixListener),
    }

    impl Listener {
        /// Binds the socket. Whatever stands there is of a process that died: the caller holds the lock.
        pub(in super::super) fn bind(path: &Path) -> io::Result<Self> {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let listener = std_net::UnixListener::bind(path)?;
            // The folder is the user's alone already; this is for folders that were there before.
            fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
            listener.set_nonblocking(true)?;
            Ok(Self::Bound(Some(listener)))
        }

        /// The next connection of the same user; others are hung up on. Needs a runtime with I/O.
        pub(in super::super) async fn next(&mut self) -> io::Result<Stream> {
            if let Self::Bound(listener) = self {
                let listener = listener.take().ok_or(io::ErrorKind::NotConnected)?;
                *self = Self::Listening(tokio::net::UnixListener::from_std(listener)?);
            }
            let Self::Listening(listener) = self else { return Err(io::ErrorKind::NotConnected.into()) };
            loop {
                let (stream, _) = listener.accept().await?;
                let peer = stream.peer_cred()?.uid();
                if is_same_user(peer) {
                    return Ok(stream);
                }
                tracing::warn!(peer, "another user knocked at the socket");
            }
        }
    }

    /// Takes the socket's name away; open connections end by themselves.
    pub(in super::super) fn remove(path: &Path) {
        // The next first one replaces a socket that stays.
        fs::remove_file(path).ok();
    }

    /// Whether a user id is the one this process runs as.
    pub(super) fn is_same_user(uid: u32) -> bool {
        uid == rustix::process::geteuid().as_raw()
    }

    /// Connects as a later start. Refuses a socket that somebody else has put there.
    pub(in super::super) fn connect(path: &Path, deadline: Instant) -> io::Result<std_net::UnixStream> {
        if !is_same_user(fs::symlink_metadata(path)?.uid()) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let stream = std_net::UnixStream::connect(path)?;
        let left = deadline.saturating_duration_since(Instant::now()).max(std::time::Duration::from_millis(1));
        stream.set_read_timeout(Some(left))?;
        stream.set_write_timeout(Some(left))?;
        Ok(stream)
    }

    /// Lets reads take as long as they will: what is waited for next has no time.
    pub(in super::super) fn wait_without_limit(stream: &std_net::UnixStream) -> io::Result<()> {
        stream.set_read_timeout(None)
    }

    #[cfg(test)]
    mod tests {
        #[test]
        fn another_user_is_not_the_same() {
            let own = rustix::process::geteuid().as_raw();
            assert!(super::is_same_user(own));
            assert!(!super::is_same_user(own.wrapping_add(1)));
        }
    }
}

#[cfg(windows)]
mod windows {
    use std::fs::{File, OpenOptions};
    use std::io;
    use std::path::{Path, PathBuf};
    use std::time::Instant;
    use tokio::net::windows::named_pipe::{NamedPipeServer, ServerOptions};

    /// A connection from a later start.
    pub(in super::super) type Stream = NamedPipeServer;
    /// The later start's end of it.
    pub(in super::super) type Caller = File;

    /// The first one's pipe. A pipe's default rights let only its owner and administrators write to it.
    #[derive(Debug)]
    pub(in super::super) struct Listener {
        path: PathBuf,
        waiting: Option<NamedPipeServer>,
    }

    impl Listener {
        /// Notes the name; the pipe needs a runtime and is made by the first [`Listener::next`].
        pub(in super::super) fn bind(path: &Path) -> io::Result<Self> {
            Ok(Self { path: path.to_path_buf(), waiting: None })
        }

        /// The next connection. Needs a runtime with I/O.
        pub(in super::super) async fn next(&mut self) -> io::Result<Stream> {
            let waiting = match self.waiting.take() {
                Some(pipe) => pipe,
                // Fails if somebody else has made a pipe of this name before.
                None => ServerOptions::new().first_pipe_instance(true).create(&self.path)?,
            };
            waiting.connect().await?;
            self.waiting = Some(ServerOptions::new().create(&self.path)?);
            Ok(waiting)
        }
    }

    /// Connects as a later start.
    pub(in super::super) fn connect(path: &Path, _deadline: Instant) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).open(path)
    }

    /// Reads of a pipe have no limit anyway.
    pub(in super::super) fn wait_without_limit(_stream: &File) -> io::Result<()> {
        Ok(())
    }

    /// A pipe goes with its last handle.
    pub(in super::super) fn remove(_path: &Path) {}
}
