//! Faults on demand, for tests: which request goes wrong, and how; and a log of what came in.
//!
//! Without a plan in the configuration nothing of this runs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::operation::Asked;

/// Which requests fail, and everything that was asked. Shared between a test and the storage it started.
#[derive(Debug, Default)]
pub struct FaultPlan {
    state: Mutex<State>,
    changed: Notify,
    released: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    faults: Vec<Fault>,
    attempts: HashMap<Asked, u32>,
    log: Vec<RequestRecord>,
}

/// One rule of a plan. Made with [`Fault::on`] or [`Fault::anywhere`]; the first rule that fits a request acts.
#[derive(Clone, Debug)]
pub struct Fault {
    operation: Option<String>,
    bucket: Option<String>,
    key: Option<String>,
    part_number: Option<u32>,
    attempts: Attempts,
    left: Option<u32>,
    action: Action,
}

/// Which attempts of the same request (operation, bucket, key and part number) a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attempts {
    All,
    Only(u32),
    First(u32),
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Answers with an S3 error; nothing is done.
    Error {
        /// HTTP status, e.g. 503.
        status: u16,
        /// S3 code, e.g. `SlowDown`.
        code: String,
    },
    /// Does what was asked, then answers with an S3 error all the same.
    ErrorAfter {
        /// HTTP status, e.g. 500.
        status: u16,
        /// S3 code, e.g. `InternalError`.
        code: String,
    },
    /// Answers with exactly this; nothing is done.
    Answer {
        /// HTTP status.
        status: u16,
        /// Headers by name and value.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
    /// Waits, then goes on as usual.
    Delay(Duration),
    /// Closes the connection before anything is read or done.
    CloseBefore,
    /// Closes the connection when so many bytes of the request's body have come; nothing is kept.
    CloseInRequest {
        /// Bytes of the body.
        after_bytes: u64,
    },
    /// Stops reading when so many bytes of the request's body have come, for ever.
    StallInRequest {
        /// Bytes of the body.
        after_bytes: u64,
    },
    /// Reads the request's body no faster than this.
    SlowRequest {
        /// Bytes per second.
        bytes_per_sec: u64,
    },
    /// Does nothing until the test calls [`FaultPlan::release`], then goes on as usual.
    Hold,
    /// Does what was asked, then closes the connection without an answer.
    CloseAfter,
    /// Sends so many bytes of the answer's body, then closes the connection.
    TruncateAnswer {
        /// Bytes of the body.
        after_bytes: u64,
    },
    /// Reads and does nothing, and never answers.
    StallBefore,
    /// Does what was asked, and never answers.
    StallAfter,
    /// Sends so many bytes of the answer's body, then nothing more.
    StallAnswer {
        /// Bytes of the body.
        after_bytes: u64,
    },
    /// Does what was asked and leaves a header out of the answer, e.g. `etag`.
    WithoutHeader(String),
    /// Does what was asked and sets a header of the answer.
    WithHeader(String, String),
}

impl Action {
    /// An S3 error without the request being handled.
    pub fn error(status: u16, code: &str) -> Self {
        Self::Error { status, code: code.to_owned() }
    }

    /// What a captive portal says: 200 and a page.
    pub fn html_page() -> Self {
        Self::Answer {
            status: 200,
            headers: vec![("content-type".into(), "text/html".into())],
            body: "<!DOCTYPE html><html><body><h1>Please log in to the network</h1></body></html>".into(),
        }
    }
}

impl Fault {
    /// For one operation by its S3 name, e.g. `UploadPart`.
    pub fn on(operation: &str, action: Action) -> Self {
        Self { operation: Some(operation.to_owned()), ..Self::anywhere(action) }
    }

    /// For every request.
    pub fn anywhere(action: Action) -> Self {
        Self {
            operation: None,
            bucket: None,
            key: None,
            part_number: None,
            attempts: Attempts::All,
            left: None,
            action,
        }
    }

    /// Only in this bucket.
    #[must_use]
    pub fn bucket(mut self, bucket: &str) -> Self {
        self.bucket = Some(bucket.to_owned());
        self
    }

    /// Only for this key.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// Only for this part.
    #[must_use]
    pub fn part(mut self, number: u32) -> Self {
        self.part_number = Some(number);
        self
    }

    /// Only the nth time the same request comes, counted from 1.
    #[must_use]
    pub fn attempt(mut self, nth: u32) -> Self {
        self.attempts = Attempts::Only(nth);
        self
    }

    /// Only the first n times each same request comes.
    #[must_use]
    pub fn first_attempts(mut self, n: u32) -> Self {
        self.attempts = Attempts::First(n);
        self
    }

    /// At most n times in all.
    #[must_use]
    pub fn times(mut self, n: u32) -> Self {
        self.left = Some(n);
        self
    }

    fn fits(&self, asked: &Asked, attempt: u32) -> bool {
        let same = |wanted: &Option<String>, given: &Option<String>| wanted.is_none() || wanted == given;
        let now = match self.attempts {
            Attempts::All => true,
            Attempts::Only(nth) => attempt == nth,
            Attempts::First(n) => attempt <= n,
        };
        now && self.left != Some(0)
            && self.operation.as_deref().is_none_or(|operation| operation == asked.operation)
            && same(&self.bucket, &asked.bucket)
            && same(&self.key, &asked.key)
            && (self.part_number.is_none() || self.part_number == asked.part_number)
    }
}

/// One request as it was seen. It is in the log from its arrival on; `end` says how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRecord {
    /// S3 name of the operation.
    pub operation: &'static str,
    /// Bucket, where there is one.
    pub bucket: Option<String>,
    /// Key, where there is one.
    pub key: Option<String>,
    /// Part number, where there is one.
    pub part_number: Option<u32>,
    /// How often the same request had come, this one included.
    pub attempt: u32,
    /// What the plan did to it.
    pub fault: Option<Action>,
    /// Bytes of the body that were read.
    pub request_bytes: u64,
    /// Bytes of the answer's body that were handed to the network.
    pub response_bytes: u64,
    /// How it ended.
    pub end: RequestEnd,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestEnd {
    /// Not yet.
    UnderWay,
    /// With an answer of this status.
    Answered(u16),
    /// The connection was closed without a (whole) answer, by either side.
    Closed,
}

impl FaultPlan {
    /// An empty plan: logs, disturbs nothing.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a rule, behind those that are there.
    pub fn add(&self, fault: Fault) {
        self.lock().faults.push(fault);
    }

    /// Removes all rules; the log stays.
    pub fn clear(&self) {
        self.lock().faults.clear();
    }

    /// Lets every request go on that is held now by [`Action::Hold`]. One that comes later waits for the next call;
    /// remove its rule first if it shall not.
    pub fn release(&self) {
        self.released.send_modify(|count| *count += 1);
    }

    /// Everything that was asked so far, in order of arrival.
    pub fn log(&self) -> Vec<RequestRecord> {
        self.lock().log.clone()
    }

    /// Forgets the log and the counts of attempts.
    pub fn clear_log(&self) {
        let mut state = self.lock();
        state.log.clear();
        state.attempts.clear();
    }

    /// How many requests of an operation have come.
    pub fn count(&self, operation: &str) -> usize {
        self.lock().log.iter().filter(|record| record.operation == operation).count()
    }

    /// Waits until the log fulfils a condition. There is no time limit: put one around it.
    pub async fn wait_until(&self, mut condition: impl FnMut(&[RequestRecord]) -> bool) {
        loop {
            let changed = self.changed.notified();
            if condition(&self.lock().log) {
                return;
            }
            changed.await;
        }
    }

    /// Notes a request and finds out what shall happen to it.
    pub(super) fn begin(self: &Arc<Self>, asked: Asked) -> (Option<Action>, Ticket) {
        let released = self.released.subscribe();
        let mut state = self.lock();
        let seen = state.attempts.entry(asked.clone()).or_default();
        *seen += 1;
        let attempt = *seen;
        let fault = state.faults.iter_mut().find(|fault| fault.fits(&asked, attempt)).map(|fault| {
            fault.left = fault.left.map(|left| left.saturating_sub(1));
            fault.action.clone()
        });
        let Asked { operation, bucket, key, part_number } = asked;
        state.log.push(RequestRecord {
            operation,
            bucket,
            key,
            part_number,
            attempt,
            fault: fault.clone(),
            request_bytes: 0,
            response_bytes: 0,
            end: RequestEnd::UnderWay,
        });
        let at = state.log.len() - 1;
        drop(state);
        self.changed.notify_waiters();
        (
            fault,
            Ticket {
                plan: Arc::clone(self),
                at,
                released,
                end: RequestEnd::Closed,
                request_bytes: 0,
                response_bytes: 0,
            },
        )
    }
}

/// Writes down how a request ended when it is dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    plan: Arc<FaultPlan>,
    at: usize,
    released: watch::Receiver<u64>,
    pub end: RequestEnd,
    pub request_bytes: u64,
    pub response_bytes: u64,
}

impl Ticket {
    /// Waits for the first [`FaultPlan::release`] since the request came.
    pub(super) async fn release(&mut self) {
        self.released.changed().await.ok(); // the plan is gone: nobody will release
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(record) = self.plan.lock().log.get_mut(self.at) {
            record.end = self.end;
            record.request_bytes = self.request_bytes;
            record.response_bytes = self.response_bytes;
        }
        self.plan.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(key: &str) -> Asked {
        Asked { operation: "PutObject", bucket: Some("b".into()), key: Some(key.into()), part_number: None }
    }

    #[test]
    fn rules_count_attempts_of_the_same_request() {
        let plan = FaultPlan::new();
        plan.add(Fault::on("PutObject", Action::CloseAfter).attempt(2));
        plan.add(Fault::on("PutObject", Action::error(503, "SlowDown")).key("x").times(1));
        assert_eq!(plan.begin(asked("a")).0, None);
        assert_eq!(plan.begin(asked("x")).0, Some(Action::error(503, "SlowDown")));
        assert_eq!(plan.begin(asked("a")).0, Some(Action::CloseAfter));
        assert_eq!(plan.begin(asked("a")).0, None);
        assert_eq!(plan.begin(asked("x")).0, Some(Action::CloseAfter));
        assert_eq!(plan.begin(asked("x")).0, None);
        assert_eq!(plan.count("PutObject"), 6);
        assert!(plan.log().iter().all(|record| record.end == RequestEnd::Closed));
    }
}
