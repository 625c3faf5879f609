//! The words that name a person, and what is left of the words of others without them.

use super::evidence::signer_of;
use crate::domain::address::EmailAddress;
use crate::domain::notice::{Irrelevant, Kind, NoticeState};
use crate::storage::contact::Contact;
use crate::storage::privacy::{self, Kept, Notice, Part};
use crate::storage::{self, Tx};
use crate::workflow::change::{By, Told};
use crate::workflow::stored;
use crate::workflow::undeliverable::Failure;

/// What names a person: addresses, names, telephone numbers.
pub(super) struct Words(Vec<String>);

/// What is shorter is found in any text.
const SHORTEST: usize = 2;

impl Words {
    pub(super) async fn of(
        tx: &mut Tx,
        contact: &Contact,
        parts: &[Part],
        evidence: &[Kept],
    ) -> Result<Self, storage::Error> {
        let mut words = vec![contact.address.clone(), contact.smtp_address.clone()];
        words.extend(
            contact
                .smtp_address
                .parse()
                .map(|it: EmailAddress| it.display()),
        );
        words.extend(parts.iter().map(|part| part.name.clone()));
        for signer in evidence.iter().filter_map(signer_of) {
            let (family, given) = (&signer.family_name, &signer.given_name);
            words.extend([
                format!("{family}{given}"),
                format!("{family} {given}"),
                format!("{given} {family}"),
            ]);
            words.extend(signer.phone);
        }
        for inquired in privacy::held::rows(tx, contact.id).await?.inquiries {
            words.push(inquired.name);
            words.extend(inquired.phone);
        }
        let mut words: Vec<_> = words.iter().map(|word| word.to_lowercase()).collect();
        words.retain(|word| word.chars().count() >= SHORTEST);
        words.sort_unstable();
        words.dedup();
        Ok(Self(words))
    }

    pub(super) fn are_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.0.iter().any(|word| text.contains(word.as_str()))
    }

    /// What is said of how a notice ended, without the person; `own` is one that went to them.
    pub(super) fn reply(&self, notice: &Notice, own: bool) -> Option<String> {
        let can_run = matches!(
            notice.state,
            NoticeState::Scheduled | NoticeState::Ready | NoticeState::Running
        );
        if own && can_run {
            return Some(Irrelevant::Erased.to_string());
        }
        let reply = notice.last_reply.clone()?;
        // Our own words for a cancellation name nobody; a server may mean the person by any word.
        let stays = reply.parse::<Irrelevant>().is_ok() || !(own || self.are_in(&reply));
        stays.then_some(reply)
    }

    /// The payload of a notice, without the person.
    pub(super) fn payload(&self, notice: &Notice) -> String {
        let own = match notice.kind {
            Kind::Undeliverable => stored(&notice.payload).ok().map(|failure: Failure| {
                let without = Failure {
                    reply: None,
                    ..failure
                };
                serde_json::to_string(&without).unwrap_or_else(|_| "{}".to_owned())
            }),
            kind if kind.is_about_relationship() => {
                stored(&notice.payload).ok().map(|mut told: Told| {
                    if let By::Customer { name } = &mut told.by
                        && self.are_in(name)
                    {
                        name.clear();
                    }
                    told.payload()
                })
            }
            _ => None,
        };
        let payload = own.unwrap_or_else(|| notice.payload.clone());
        if self.are_in(&payload) {
            "{}".to_owned()
        } else {
            payload
        }
    }
}
