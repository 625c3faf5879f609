//! The evidence of a consent outlives the erasure of its signer for a time.

use serde::Serialize;

use crate::domain::address::EmailAddress;
use crate::domain::evidence::{Evidence, Signer};
use crate::domain::ids::{AcceptanceId, InvitationId};
use crate::domain::retention::Retention;
use crate::domain::time::Timestamp;
use crate::storage::privacy::Kept;
use crate::workflow::stored;

/// What becomes of the evidence of one acceptance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fate {
    /// The acceptance.
    pub acceptance: AcceptanceId,
    /// Of which invitation.
    pub invitation: InvitationId,
    /// Until when it is kept; none where it is erased now, or while a relationship holds.
    pub kept_until: Option<Timestamp>,
    /// Why.
    pub why: Why,
}

/// Why evidence is kept, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// A relationship of the two holds: its evidence is kept until that has ended, and for years after it.
    RelationshipHolds,
    /// For years after the end of the relationship, or after the consent where there was none.
    TimeNotOver,
    /// Its time is over: it is erased.
    TimeOver,
    /// It was erased before.
    ErasedBefore,
}

impl Fate {
    pub(super) fn of(kept: &Kept, rules: &Retention, now: Timestamp) -> Self {
        let until = rules.evidence_until(kept.accepted_at, kept.holding > 0, kept.ended_at);
        let (why, kept_until) = match until {
            _ if kept.canonical.is_empty() => (Why::ErasedBefore, None),
            None => (Why::RelationshipHolds, None),
            Some(until) if until > now => (Why::TimeNotOver, Some(until)),
            Some(_) => (Why::TimeOver, None),
        };
        Self {
            acceptance: kept.id,
            invitation: kept.invitation_id,
            kept_until,
            why,
        }
    }

    /// Whether it is kept.
    pub const fn is_kept(&self) -> bool {
        matches!(self.why, Why::RelationshipHolds | Why::TimeNotOver)
    }

    /// Whether it is to be erased now.
    pub const fn is_over(&self) -> bool {
        matches!(self.why, Why::TimeOver)
    }
}

impl Signer {
    /// Whether that is the mailbox of whoever signed.
    pub(super) fn is(&self, address: &EmailAddress) -> bool {
        self.email
            .parse::<EmailAddress>()
            .is_ok_and(|own| own == *address)
    }
}

/// Whoever signed, as the record says; none where it was erased or does not read back.
pub(super) fn signer_of(kept: &Kept) -> Option<Signer> {
    let evidence: Evidence = stored(&kept.canonical).ok()?;
    Some(evidence.signer)
}
