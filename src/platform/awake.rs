//! The machine's sleep: kept away while there is work, asked for when it is done.

use std::process::Command;
use std::sync::mpsc::{Sender, channel};

use super::PlatformError;

/// Keeps the machine from falling asleep by itself until dropped; the screen may go dark, and who wants the machine to
/// sleep can still let it. Where the system knows no such wish this is only logged.
///
/// A thread of its own holds the wish, since the system may take its time to hear it, and on some systems it ends
/// with the thread that had it.
#[derive(Debug)]
pub struct Awake {
    /// Dropped, it ends the thread.
    _until: Sender<()>,
}

impl Awake {
    /// What a test keeps in its place: the other end of the channel closes when it is dropped.
    pub fn stand_in(until: Sender<()>) -> Self {
        Self { _until: until }
    }

    /// Asks for it. Never waits.
    pub fn keep() -> Self {
        let (until, dropped) = channel::<()>();
        let held = std::thread::Builder::new().name("keep-awake".to_owned()).spawn(move || {
            let wish = keepawake::Builder::default()
                .idle(true)
                .reason("Files are being transferred")
                .app_name("Bucketdrop")
                .app_reverse_domain(super::APP_ID)
                .create();
            match wish {
                Ok(wish) => {
                    // Nothing is ever sent: this ends when the other side is dropped.
                    dropped.recv().ok();
                    drop(wish);
                }
                Err(error) => tracing::info!(%error, "the computer may fall asleep during transfers"),
            }
        });
        if let Err(error) = held {
            tracing::warn!(%error, "no thread to keep the computer awake");
        }
        Self { _until: until }
    }
}

/// Lets the machine sleep, as its own menu would. Blocks until the system has taken the wish; call it off the
/// window's thread.
pub fn suspend() -> Result<(), PlatformError> {
    let mut command = suspend_command();
    let status = command.status().map_err(|source| PlatformError::NoSleep { source })?;
    if status.success() {
        return Ok(());
    }
    let source = std::io::Error::other(format!("the system's own command ended with {status}"));
    Err(PlatformError::NoSleep { source })
}

#[cfg(target_os = "macos")]
fn suspend_command() -> Command {
    let mut command = Command::new("/usr/bin/pmset");
    command.arg("sleepnow");
    command
}

#[cfg(windows)]
fn suspend_command() -> Command {
    let mut command = Command::new("rundll32.exe");
    command.args(["powrprof.dll,SetSuspendState", "0,1,0"]);
    command
}

#[cfg(not(any(target_os = "macos", windows)))]
fn suspend_command() -> Command {
    let mut command = Command::new("systemctl");
    command.arg("suspend");
    command
}
