//! How a sink misbehaves: per phase, and per recipient domain where one is known.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::delivery::Stage;

/// What the sink does in one phase.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Behaviour {
    /// What a good server does.
    #[default]
    Accept,
    /// Answers this instead, code and text without the line end: `450 4.2.0 try later`.
    Reply(String),
    /// Says nothing for as long as the client stays.
    Hang,
    /// Closes the connection instead of answering; at the body, once all of it has come, and without keeping it.
    Drop,
    /// Keeps the mail and closes the connection instead of answering: the window of RFC 1047. Other than at the body, as
    /// [`Behaviour::Drop`].
    KeepAndDrop,
    /// Waits, then does what a good server does.
    Slow(Duration),
}

/// The rules of a sink; those for a domain go before those for all.
#[derive(Debug, Default)]
pub(super) struct Rules(BTreeMap<(Option<String>, Stage), Behaviour>);

impl Rules {
    pub(super) fn set(&mut self, domain: Option<&str>, stage: Stage, behaviour: Behaviour) {
        let key = (domain.map(str::to_ascii_lowercase), stage);
        self.0.insert(key, behaviour);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// What holds for a mail to these domains.
    pub(super) fn of(&self, domains: &[String], stage: Stage) -> Behaviour {
        domains
            .iter()
            .map(Some)
            .chain([None])
            .find_map(|domain| self.0.get(&(domain.cloned(), stage)))
            .cloned()
            .unwrap_or_default()
    }
}
