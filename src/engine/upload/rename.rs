//! The next name, where the rule is "rename" and the key is taken.
//!
//! A number is passed over, too, while another upload of this queue has that name or waits for it: both would look at
//! the key, find nothing, and write.

use tokio::sync::oneshot;

use super::file::{Halt, Upload, UploadNews};
use super::own::InTheWay;
use crate::engine::journal::Change;
use crate::engine::names;
use crate::model::{Failure, FailureKind};

/// Most names tried by the rule "rename".
pub(super) const MOST_NAMES: u32 = 10_000;

impl Upload {
    /// Goes on under the first name after this number that is nobody else's in the queue. Gives its number. Dropped
    /// while it asks, it has that name or its earlier one until it ends.
    pub(super) async fn take_next_name(&mut self, mut number: u32) -> Result<u32, Halt> {
        loop {
            number += 1;
            let key = names::numbered(&self.job.key, number)
                .ok_or_else(|| Failure::new(FailureKind::KeyTooLong).with("key", &self.job.key))?;
            let (is_granted, answer) = oneshot::channel();
            self.tell(UploadNews::Name { key: key.clone(), is_granted });
            let is_granted = tokio::select! {
                biased;
                answer = answer => answer,
                () = self.control.stopped() => return Err(Halt::Stopped),
            };
            // Nobody answers any more when the engine ends.
            let Ok(is_granted) = is_granted else { return Err(Halt::Stopped) };
            if is_granted {
                self.leave_key();
                self.key = key;
                (self.stored_before, self.unheard, self.in_the_way) = (None, None, InTheWay::Unknown);
                self.note(Change::Key { job: self.job.id, key: self.key.clone() });
                return Ok(number);
            }
            if number >= MOST_NAMES {
                return Err(Failure::new(FailureKind::AlreadyExists).with("key", &key).into());
            }
        }
    }
}
