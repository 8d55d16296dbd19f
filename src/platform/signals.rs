//! Signals that ask a program to end: Ctrl-C, a polite kill, a terminal or session that closes.

use std::io;

/// Why to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndSignal {
    /// Ctrl-C.
    Interrupt,
    /// A kill, a shutdown.
    Terminate,
    /// The terminal or the session is gone.
    HangUp,
}

impl EndSignal {
    /// The exit status by which shells know it: 128 and its number.
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
            Self::HangUp => 129,
        }
    }
}

/// Hears every such signal from now on, on a thread of its own. What was told to ignore hang-ups (`nohup`) goes on
/// ignoring them.
pub fn listen(mut heard: impl FnMut(EndSignal) + Send + 'static) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let mut signals = {
        let _entered = runtime.enter();
        Signals::new()?
    };
    let listen = move || {
        runtime.block_on(async {
            while let Some(signal) = signals.next().await {
                heard(signal);
            }
        });
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(listen).map(drop)
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let hang_up = if ignores_hang_ups() { None } else { Some(signal(SignalKind::hangup())?) };
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())?, hang_up })
    }

    /// `None` if none can come any more.
    async fn next(&mut self) -> Option<EndSignal> {
        let hang_up = async {
            match &mut self.hang_up {
                Some(hang_up) => hang_up.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            came = self.interrupt.recv() => came.map(|()| EndSignal::Interrupt),
            came = self.terminate.recv() => came.map(|()| EndSignal::Terminate),
            came = hang_up => came.map(|()| EndSignal::HangUp),
        }
    }
}

/// Whether hang-ups are to be ignored. Where that cannot be known they are left to the system, which ends the program;
/// the journal bears that.
#[cfg(unix)]
fn ignores_hang_ups() -> bool {
    const HANG_UP: u32 = 1;
    if !cfg!(target_os = "linux") {
        return true;
    }
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return true };
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_none_or(|mask| mask >> (HANG_UP - 1) & 1 == 1)
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Option<EndSignal> {
        tokio::signal::ctrl_c().await.ok().map(|()| EndSignal::Interrupt)
    }
}
