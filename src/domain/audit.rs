//! The audit record: what happened, linked into one hash chain a partner, its heads signed.
//!
//! An entry commits to the one before it, so that an edited, deleted or reordered entry shows; a signed head shows a chain
//! that was computed anew by whoever edited it; an exported head (a checkpoint) shows a cut tail. Entries hold no personal
//! data: they name rows and commit to salted hashes.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::ids::{ContactId, EventId, PartnerId};
use super::time::Timestamp;
use super::words::words;

words! {
    /// What happened.
    EventKind, "kind of event" {
        /// A partner was added.
        PartnerAdded = "partner.added",
        /// What a partner sets of its own schedule was changed.
        PartnerScheduleChanged = "partner.schedule_changed",
        /// How many invitations a partner may make was changed.
        PartnerLimitsChanged = "partner.limits_changed",
        /// An invitation was made.
        InvitationCreated = "invitation.created",
        /// It was sent again: older links ended.
        InvitationResent = "invitation.resent",
        /// The customer consented.
        InvitationAccepted = "invitation.accepted",
        /// The customer said no.
        InvitationDeclined = "invitation.declined",
        /// Nobody answered in time.
        InvitationExpired = "invitation.expired",
        /// The partner took it back.
        InvitationRevoked = "invitation.revoked",
        /// Its mail was refused for good.
        InvitationUndeliverable = "invitation.undeliverable",
        /// The customer named a colleague to answer.
        InvitationHandedOver = "invitation.handed_over",
        /// The partner corrected the address.
        InvitationCorrected = "invitation.corrected",
        /// Somebody may read along.
        ViewerAdded = "viewer.added",
        /// Somebody may read along no more.
        ViewerRemoved = "viewer.removed",
        /// The customer stopped the reminders.
        RemindersStopped = "reminders.stopped",
        /// The partner supplied Microsoft's links.
        LinksSupplied = "links.supplied",
        /// Somebody said how a step on Microsoft's side stands.
        StepMarked = "step.marked",
        /// The partner changed what its profile says.
        ProfileChanged = "profile.changed",
        /// Its profile can be found.
        ProfilePublished = "profile.published",
        /// Its profile can no longer be found.
        ProfileWithdrawn = "profile.withdrawn",
        /// A business asks the partner, and has confirmed that.
        InquiryReceived = "inquiry.received",
        /// The partner answered it with an invitation.
        InquiryAnswered = "inquiry.answered",
        /// Roles became active at Microsoft: their time counts from then.
        RolesActivated = "roles.activated",
        /// Roles were extended by themselves.
        RolesExtended = "roles.extended",
        /// The time of roles was over.
        RolesEnded = "roles.ended",
        /// The customer removed roles.
        RolesRemoved = "roles.removed",
        /// The customer no longer lets roles be extended.
        ExtensionStopped = "extension.stopped",
        /// The customer or the partner ended the relationship.
        RelationshipEnded = "relationship.ended",
        /// What was held of a person about it was erased.
        PersonErased = "person.erased",
        /// The evidence of its acceptance was erased; the commitment to it stays.
        EvidenceErased = "evidence.erased",
        /// The partner wants to be told at a URL.
        WebhookCreated = "webhook.created",
        /// It changed its URL, what it is told of, or whether it is called.
        WebhookUpdated = "webhook.updated",
        /// It is told there no more.
        WebhookDeleted = "webhook.deleted",
        /// Its calls are signed with a new secret, too.
        WebhookRotated = "webhook.rotated",
        /// Calls are made again.
        WebhookReplayed = "webhook.replayed",
        /// It failed for days, or is gone, and is not called any more.
        WebhookDisabled = "webhook.disabled",
        /// A call to try it.
        WebhookTest = "webhook.test",
        /// A mailbox is mailed again that had been left alone.
        SuppressionRemoved = "suppression.removed",
        /// A key of the partner's interface was made.
        ApiKeyCreated = "api_key.created",
        /// It was made in the place of another one, which ends soon.
        ApiKeyRotated = "api_key.rotated",
        /// It was taken back.
        ApiKeyRevoked = "api_key.revoked",
    }
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The partner, by whichever interface.
    Partner(PartnerId),
    /// A customer, by a link to their mailbox.
    Contact(ContactId),
    /// An operator at the command line.
    Operator,
    /// The program itself: time passed, a server answered.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Partner(id) => id.fmt(f),
            Self::Contact(id) => id.fmt(f),
            Self::Operator => f.write_str("operator"),
            Self::System => f.write_str("system"),
        }
    }
}

/// One entry as the chain sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the partner's chain, from 1.
    pub seq: u64,
    /// Its identifier.
    pub id: EventId,
    /// Whose chain.
    pub partner: PartnerId,
    /// What happened, by its written name: a name that this release does not know still verifies.
    pub kind: String,
    /// To what: the row's UUID.
    pub subject: uuid::Uuid,
    /// By whom ([`Actor`]'s text form).
    pub actor: String,
    /// More of it: JSON as it is stored, without personal data.
    pub data: String,
    /// When.
    pub at: Timestamp,
}

/// A link of the chain: SHA-256.
pub type Link = [u8; 32];

/// What the first entry of a chain follows.
pub const GENESIS: Link = [0; 32];

/// The hash of an entry that follows `previous`: SHA-256(domain tag ‖ previous ‖ the entry's fields, each with its length).
pub fn link(previous: &Link, entry: &Entry) -> Link {
    let mut hash = Sha256::new();
    hash.update(b"countersign/v1/event\0");
    hash.update(previous);
    hash.update(entry.seq.to_be_bytes());
    hash.update(entry.id.uuid().as_bytes());
    hash.update(entry.partner.uuid().as_bytes());
    hash.update(entry.subject.as_bytes());
    hash.update(entry.at.as_micros().to_be_bytes());
    for text in [&entry.kind, &entry.actor, &entry.data] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().into()
}

/// The state of a chain, to be signed, and to be exported as a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Whose chain.
    pub partner: PartnerId,
    /// How many entries.
    pub seq: u64,
    /// The hash of the last one.
    pub hash: Link,
}

impl Head {
    /// The bytes that an audit key signs: a domain tag, the installation's audience, partner, number and hash.
    pub fn message(&self, audience: &str) -> Vec<u8> {
        let mut message = b"countersign/v1/head\0".to_vec();
        message.extend((audience.len() as u64).to_be_bytes());
        message.extend(audience.as_bytes());
        message.extend(self.partner.uuid().as_bytes());
        message.extend(self.seq.to_be_bytes());
        message.extend(self.hash);
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn entry(seq: u64, data: &str) -> Entry {
        Entry {
            seq,
            id: Uuid::from_u128(u128::from(seq)).into(),
            partner: Uuid::from_u128(7).into(),
            kind: EventKind::InvitationCreated.as_str().to_owned(),
            subject: Uuid::from_u128(9),
            actor: Actor::System.to_string(),
            data: data.to_owned(),
            at: Timestamp::from_micros(1_700_000_000_000_000),
        }
    }

    fn head_of(entries: &[Entry]) -> Link {
        entries
            .iter()
            .fold(GENESIS, |previous, entry| link(&previous, entry))
    }

    proptest! {
        #[test]
        fn an_edited_deleted_or_reordered_entry_changes_the_head(
            data in prop::collection::vec("[a-z]{0,8}", 2..8),
            index in any::<prop::sample::Index>(),
        ) {
            let chain: Vec<_> = data.iter().zip(1..).map(|(d, seq)| entry(seq, d)).collect();
            let head = head_of(&chain);
            let at = index.index(chain.len());

            let mut edited = chain.clone();
            edited[at].data.push('!');
            prop_assert_ne!(head_of(&edited), head);

            let mut deleted = chain.clone();
            deleted.remove(at);
            prop_assert_ne!(head_of(&deleted), head);

            let mut reordered = chain.clone();
            reordered.swap(at, (at + 1) % data.len());
            prop_assert_ne!(head_of(&reordered), head);
        }
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        let mut one = entry(1, "ab");
        one.kind = "x".to_owned();
        let mut other = entry(1, "b");
        other.kind = "xa".to_owned();
        assert_ne!(link(&GENESIS, &one), link(&GENESIS, &other));
    }

    #[test]
    fn a_head_is_signed_for_one_installation() {
        let ring = crate::domain::keys::KeyRing::fresh(Timestamp::from_micros(0), &mut rand::rng());
        let head = Head {
            partner: Uuid::from_u128(7).into(),
            seq: 3,
            hash: [5; 32],
        };
        let signature = ring.sign(&head.message("here"));
        assert!(ring.verify_signature(&head.message("here"), &signature));
        assert!(!ring.verify_signature(&head.message("elsewhere"), &signature));
        let longer = Head { seq: 4, ..head };
        assert!(!ring.verify_signature(&longer.message("here"), &signature));
    }
}
