//! Ctrl-C and its like: the first one asks the command to leave, the second one leaves at once.

use std::process::exit;
use std::sync::Arc;
use std::time::Duration;

use super::client::Bell;

/// By then the command has left, even if whoever reads its output does not read. What is in flight is in the journal.
const LEFT_BY: Duration = Duration::from_millis(1950);
/// Two seconds are promised.
const _: () = assert!(LEFT_BY.as_millis() < 2_000);

/// What to do with each signal to leave, given the exit status that stands for it.
pub fn leave(bell: Arc<Bell>) -> impl FnMut(u8) + Send + 'static {
    move |status| {
        if bell.asked_to_leave().is_some() {
            // Whatever the first one waits for.
            exit(i32::from(status));
        }
        bell.leave_with(status);
        let wait = move || {
            std::thread::sleep(LEFT_BY);
            exit(i32::from(status));
        };
        // Without such a thread the command leaves as it can.
        std::thread::Builder::new().name("leave".to_owned()).spawn(wait).ok();
    }
}
