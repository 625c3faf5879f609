//! The worker's promises, on both databases: what leaves and what does not, and what faults of the mail server, of the
//! database and of the process itself may do.

mod afterwards;
mod faults;
mod hours;
mod life;
mod many;
mod refused;

use crate::harness::Case;

pub(crate) fn cases() -> Vec<Case> {
    [
        life::cases(),
        afterwards::cases(),
        refused::cases(),
        faults::cases(),
        many::cases(),
        hours::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
