//! The command line, as a process: exit codes, what goes to stdout and what to stderr, on both databases.

mod api_keys;
mod checks;
mod clouds;
mod install;
mod invitations;
mod links;
mod moving;
mod parties;
mod privacy;
mod profiles;
pub(crate) mod program;
mod queue;
mod rows;
mod simulate;
mod suppressions;
mod usage;

use crate::harness::Case;

pub(crate) fn cases() -> Vec<Case> {
    [
        usage::cases(),
        api_keys::cases(),
        install::cases(),
        checks::cases(),
        parties::cases(),
        invitations::cases(),
        links::cases(),
        clouds::cases(),
        moving::cases(),
        rows::cases(),
        queue::cases(),
        profiles::cases(),
        privacy::cases(),
        simulate::cases(),
        suppressions::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
