//! Mails kept in memory, for tests.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::transport::Outgoing;
use crate::domain::delivery::{Outcome, Reply};

/// A mail as it would have left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The return path.
    pub mail_from: String,
    /// The recipient.
    pub rcpt_to: String,
    /// Headers and body.
    pub bytes: Vec<u8>,
}

/// A transport that takes everything and keeps it. Cloning shares what is kept.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Vec<Kept>>>);

impl Memory {
    /// All mails so far, in the order in which they were taken.
    pub fn mails(&self) -> Vec<Kept> {
        self.lock().clone()
    }

    /// All mails so far, and none is kept any longer.
    pub fn take(&self) -> Vec<Kept> {
        std::mem::take(&mut self.lock())
    }

    /// Keeps one mail, if `mark` lets it.
    pub async fn send<F, Fut>(&self, mail: Outgoing<'_>, mark: F) -> Outcome
    where
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = bool> + Send,
    {
        if !mark().await {
            return Outcome::Fenced;
        }
        self.lock().push(Kept {
            mail_from: mail.mail_from.to_owned(),
            rcpt_to: mail.rcpt_to.to_owned(),
            bytes: mail.bytes.to_vec(),
        });
        Outcome::Accepted(Reply {
            code: 250,
            enhanced: Some((2, 0, 0)),
            text: "kept in memory".to_owned(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_marked_is_kept_and_what_is_fenced_is_not() {
        let memory = Memory::default();
        let mail = Outgoing {
            mail_from: "b+x@mail.example.com",
            rcpt_to: "kim@customer.example",
            bytes: b"Subject: x\r\n\r\n",
            needs_smtputf8: false,
        };
        assert_eq!(memory.send(mail, async || false).await, Outcome::Fenced);
        assert!(memory.mails().is_empty());
        assert!(matches!(
            memory.send(mail, async || true).await,
            Outcome::Accepted(_)
        ));
        assert_eq!(memory.take()[0].rcpt_to, "kim@customer.example");
        assert!(memory.mails().is_empty());
    }
}
