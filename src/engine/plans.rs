//! Uploads that were shown before they are queued: what was not shown stays out, however a folder has grown since.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::known::Known;
use crate::model::RequestId;

/// Plans that wait for an answer at a time; older ones are forgotten.
const MOST_PLANS: usize = 8;

/// The files of each plan, until the user has agreed to it or not. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plans(Arc<Mutex<VecDeque<(RequestId, Known)>>>);

impl Plans {
    /// Keeps what was shown, unless nobody wants it any more: whoever stops a plan does so before it is taken, so that
    /// one that is just being kept does not stay.
    pub(super) fn keep(&self, request: RequestId, files: Known, stop: &CancellationToken) {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if stop.is_cancelled() {
            return;
        }
        plans.push_back((request, files));
        if plans.len() > MOST_PLANS {
            plans.pop_front();
        }
    }

    /// Gives it back, once. Nothing was shown of a plan that is not known.
    pub(super) fn take(&self, request: RequestId) -> Known {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = plans.iter().position(|(known, _)| *known == request);
        at.and_then(|at| plans.remove(at)).map(|(_, files)| files).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stopped_before_or_after_it_is_kept_does_not_stay() {
        let (plans, stop) = (Plans::default(), CancellationToken::new());
        let kept = || plans.0.lock().unwrap_or_else(PoisonError::into_inner).len();
        let first = RequestId::next();
        plans.keep(first, Known::default(), &stop);
        assert_eq!(kept(), 1);
        stop.cancel();
        drop(plans.take(first));
        plans.keep(RequestId::next(), Known::default(), &stop);
        assert_eq!(kept(), 0);
    }
}
