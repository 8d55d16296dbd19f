//! Ctrl-C: the first one asks the command to leave, the second one leaves at once.

use std::io;
use std::sync::Arc;

use super::client::Bell;
use super::run::INTERRUPTED;

/// Listens from now on, on a thread of its own.
pub fn listen(bell: Arc<Bell>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let listen = move || {
        runtime.block_on(async {
            if tokio::signal::ctrl_c().await.is_ok() {
                bell.interrupt();
            }
            if tokio::signal::ctrl_c().await.is_ok() {
                std::process::exit(i32::from(INTERRUPTED));
            }
        });
    };
    std::thread::Builder::new().name("interrupt".to_owned()).spawn(listen).map(drop)
}
