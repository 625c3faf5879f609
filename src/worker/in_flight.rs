//! What this worker has claimed and not settled, by lease.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::ids::LeaseId;

/// How many notices are under way under each of our leases.
#[derive(Debug, Default)]
pub(super) struct InFlight(Mutex<HashMap<LeaseId, usize>>);

impl InFlight {
    fn counts(&self) -> MutexGuard<'_, HashMap<LeaseId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn claimed(&self, lease: LeaseId, count: usize) {
        if count > 0 {
            *self.counts().entry(lease).or_default() += count;
        }
    }

    pub(super) fn settled(&self, lease: LeaseId) {
        let mut counts = self.counts();
        if let Some(count) = counts.get_mut(&lease) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&lease);
            }
        }
    }

    pub(super) fn count(&self) -> usize {
        self.counts().values().sum()
    }

    /// The leases under which something is under way.
    pub(super) fn leases(&self) -> Vec<LeaseId> {
        self.counts().keys().copied().collect()
    }
}
