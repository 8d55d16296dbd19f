//! What a store leaves to whoever queues its calls: when a call may go out, how fast bodies may leave, and the time
//! by which waits are measured. The engine decides; here are only the questions.

use std::fmt::{self, Debug};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::model::Failure;

/// A future behind a trait.
pub type GateFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What kind of call asks to go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// Puts something on the server; these are the ones whose number is limited.
    Write,
    /// Asks only.
    Look,
    /// Cleans up; it goes out whatever the state of the line is, and nobody waits for it long.
    Abort,
}

impl CallKind {
    /// By the action in the form policies use.
    pub(super) fn of_action(action: &str) -> Self {
        if action == "s3:AbortMultipartUpload" {
            Self::Abort
        } else if action.starts_with("s3:Put") {
            Self::Write
        } else {
            Self::Look
        }
    }
}

/// Asked before each call of a store made by [`super::S3Store::gated`].
pub trait CallGate: Debug + Send + Sync {
    /// Waits until a call may go out; `None` if it shall not any more. Dropping the future gives the place up.
    fn enter(&self, call: CallKind) -> GateFuture<'_, Option<Box<dyn CallPass>>>;
}

/// The leave of one call. Dropped without [`CallPass::ended`], the call was given up half-way.
pub trait CallPass: Debug + Send + Sync {
    /// Resolves when it is known from elsewhere that no answer will come: the machine was asleep.
    fn lost(&self) -> GateFuture<'static, ()>;
    /// The call is over.
    fn ended(self: Box<Self>, end: CallEnd);
}

/// How a call ended, and what that tells of the line.
#[derive(Debug)]
pub struct CallEnd {
    /// `None` if all is well.
    pub failure: Option<Failure>,
    /// Of the request's body.
    pub body_bytes: u64,
    /// The shortest time so far from a short request to its answer, without the time that its connection took to open.
    pub quickest_answer: Option<Duration>,
}

/// Decides how fast request bodies leave; asked for each step of each body.
pub trait BodyPacer: Debug + Send + Sync {
    /// Some of the wanted bytes now, or a wait before asking again. The wait is short, so that a new limit acts soon.
    fn take(&self, wanted_bytes: usize) -> Allowance;
    /// How patient to be with a line to this port on which nothing moves.
    fn patience(&self, server_port: u16) -> Patience;
}

/// An answer of a [`BodyPacer`].
pub enum Allowance {
    /// So many bytes may leave; at least one.
    Now(usize),
    /// Ask again after this.
    Later(GateFuture<'static, ()>),
}

/// What is known of a line's speed when nothing moves: buffers of the system take megabytes at once, and a slow line
/// is silent until they have drained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// The line was fast just now, or is known to stand still: silence means that it is broken.
    Fast,
    /// Everything that was handed over has left: now the server has to answer.
    Drained {
        /// How often that was waited for in vain of late: something on the way may take bytes faster than it passes
        /// them on. Each time doubles the patience.
        doublings: u32,
    },
    /// The line is slow, timed out before, or nothing is known of it: everything that is on its way drains before a
    /// request can move, and so many requests share the line.
    MaybeSlow {
        /// Writes that are out on this line, this one included; more after timeouts.
        sharing: u32,
    },
}

impl Default for Patience {
    fn default() -> Self {
        Self::MaybeSlow { sharing: 1 }
    }
}

/// Time for a store's own limits.
#[derive(Clone)]
pub struct Timers(Arc<dyn Fn(Duration) -> GateFuture<'static, ()> + Send + Sync>);

impl Timers {
    /// Timers that wait by this.
    pub fn new(sleep: impl Fn(Duration) -> GateFuture<'static, ()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(sleep))
    }

    pub(super) fn sleep(&self, duration: Duration) -> GateFuture<'static, ()> {
        (self.0)(duration)
    }
}

impl Default for Timers {
    fn default() -> Self {
        Self::new(|duration| Box::pin(tokio::time::sleep(duration)))
    }
}

impl Debug for Timers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Timers")
    }
}
