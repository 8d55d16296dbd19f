//! Uploads that were shown before they are queued: what was not shown stays out, however a folder has grown since.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::batches::Known;
use crate::model::RequestId;

/// Plans that wait for an answer at a time; older ones are forgotten.
const MOST_PLANS: usize = 8;

/// The files of each plan, until the user has agreed to it or not. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plans(Arc<Mutex<VecDeque<(RequestId, Known)>>>);

impl Plans {
    /// Keeps what was shown.
    pub(super) fn keep(&self, request: RequestId, files: Known) {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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
