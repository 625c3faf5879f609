//! The steps of a play, drawn at random.

use countersign::domain::time::MINUTE;
use proptest::prelude::*;

use super::WORKERS;

/// How an attempt ends, for the step that settles one.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    Sent,
    Retried,
    Failed,
    Dead,
    Cancelled,
    Paused,
    Released,
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Enqueue {
        count: usize,
        later: bool,
    },
    /// The same notice once more.
    Repeat(usize),
    Claim {
        worker: usize,
        limit: usize,
    },
    Mark {
        worker: usize,
        which: usize,
    },
    Settle {
        worker: usize,
        which: usize,
        end: End,
    },
    /// The worker goes away without a word, and its lease runs out; it does not know.
    Die(usize),
    Sweep,
    Release(usize),
    Cancel(usize),
    Retry(usize),
    Pass(i64),
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let worker = 0..WORKERS;
    let end = prop_oneof![
        4 => Just(End::Sent),
        3 => Just(End::Retried),
        1 => Just(End::Failed),
        1 => Just(End::Dead),
        1 => Just(End::Cancelled),
        1 => Just(End::Paused),
        1 => Just(End::Released),
    ];
    prop_oneof![
        3 => (1..6_usize, any::<bool>()).prop_map(|(count, later)| Step::Enqueue { count, later }),
        1 => any::<usize>().prop_map(Step::Repeat),
        6 => (worker.clone(), 1..5_usize).prop_map(|(worker, limit)| Step::Claim { worker, limit }),
        6 => (worker.clone(), any::<usize>()).prop_map(|(worker, which)| Step::Mark { worker, which }),
        6 => (worker.clone(), any::<usize>(), end)
            .prop_map(|(worker, which, end)| Step::Settle { worker, which, end }),
        2 => worker.clone().prop_map(Step::Die),
        2 => Just(Step::Sweep),
        1 => worker.prop_map(Step::Release),
        1 => any::<usize>().prop_map(Step::Cancel),
        1 => any::<usize>().prop_map(Step::Retry),
        2 => (1..10 * MINUTE).prop_map(Step::Pass),
    ]
}
