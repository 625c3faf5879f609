//! One acceptance as a file that others can check without this program: the consent, the agreement's exact text, what the
//! audit record says of it, and how the hashes are made.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::revoke::StepError;
use super::{Engine, stored};
use crate::domain::audit::{EventKind, GENESIS};
use crate::domain::evidence::{Evidence, commitment};
use crate::domain::ids::{AcceptanceId, AgreementId, EventId, InvitationId, PartnerId};
use crate::domain::time::Timestamp;
use crate::storage::agreement::Agreement;
use crate::storage::event::Event;
use crate::storage::{self, Conn, acceptance, agreement, event, invitation};

/// The form of this file.
const FORM: &str = "countersign/v1/evidence";

/// How to check the file by hand; `tests/evidence.py` does it with Python's standard library alone.
pub(crate) const HOW: [&str; 6] = [
    "All hashes are SHA-256 in hexadecimal digits; u64 and i64 stand for eight bytes, big-endian; the UUID of an id is its 32 \
     digits after the underscore, as 16 bytes; texts are UTF-8.",
    "evidence_sha256 = SHA-256(\"countersign/v1/consent\" + one zero byte + u64(length of salt) + salt + canonical), where \
     canonical is the text of that field, without a change of a single byte.",
    "The entry of kind invitation.accepted in events holds the same value in its data: evidence_sha256.",
    "The agreement inside canonical names sha256; it is SHA-256(agreement.text).",
    "An event's hash = SHA-256(\"countersign/v1/event\" + one zero byte + previous + u64(seq) + UUID of id + UUID of partner + \
     UUID of subject + i64(at_us) + for each of kind, actor and data: u64(its length in bytes) + its bytes).",
    "head is a head of the partner's chain at or after the acceptance, signed with Ed25519 over \"countersign/v1/head\" + one \
     zero byte + u64(length of audience) + audience + UUID of partner + u64(seq) + hash. `countersign audit verify`, where the \
     database is, shows that the chain leads from the events to this head; a checkpoint that was kept elsewhere shows that \
     nobody made the chain anew.",
];

/// One acceptance with all that proves it.
#[derive(Clone, Debug, Serialize)]
pub struct Export {
    /// The form of this file.
    pub form: &'static str,
    /// When it was written.
    pub exported_at: Timestamp,
    /// Which invitation was accepted.
    pub invitation: InvitationId,
    /// The acceptance.
    pub acceptance: AcceptanceId,
    /// The record of the consent, byte by byte as it was stored: JSON.
    pub canonical: String,
    /// What its hash is salted with, in hexadecimal digits.
    pub salt: String,
    /// The salted hash of `canonical`, made now.
    pub evidence_sha256: String,
    /// The text that was agreed to, if the invitation offered one.
    pub agreement: Option<Text>,
    /// What the audit record says of the invitation, in order.
    pub events: Vec<Entry>,
    /// A signed head of the partner's chain at or after the acceptance; none while the record is not sealed.
    pub head: Option<SignedHead>,
    /// How to check this file by hand.
    pub how_to_verify: [&'static str; 6],
}

/// The agreement that was consented to.
#[derive(Clone, Debug, Serialize)]
pub struct Text {
    /// The stored text.
    pub id: AgreementId,
    /// Its title.
    pub title: String,
    /// Its version.
    pub version: String,
    /// Its language (BCP 47).
    pub language: String,
    /// SHA-256 of `text`, made now.
    pub sha256: String,
    /// The exact text.
    pub text: String,
}

/// An entry of the audit record.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Its place in the partner's chain; none while it is not sealed.
    pub seq: Option<i64>,
    /// Its identifier.
    pub id: EventId,
    /// Whose chain.
    pub partner: PartnerId,
    /// What happened.
    pub kind: String,
    /// To what: the invitation.
    pub subject: InvitationId,
    /// By whom.
    pub actor: String,
    /// More of it: JSON as it is stored.
    pub data: String,
    /// When.
    pub at: Timestamp,
    /// The same in microseconds since 1970.
    pub at_us: i64,
    /// The hash of the entry before it.
    pub previous: Option<String>,
    /// Its own.
    pub hash: Option<String>,
}

/// A signed head of a chain.
#[derive(Clone, Debug, Serialize)]
pub struct SignedHead {
    /// The installation, as the signature names it.
    pub audience: String,
    /// Whose chain.
    pub partner: PartnerId,
    /// How many entries.
    pub seq: i64,
    /// The hash of the last one.
    pub hash: String,
    /// Which key signed it.
    pub key_id: i64,
    /// The public half of that key (32 bytes), as far as the key ring holds it.
    pub public_key: Option<String>,
    /// The signature (64 bytes).
    pub signature: String,
    /// When it was signed.
    pub signed_at: Timestamp,
}

impl Export {
    /// What does not hold of it: a sentence each, none where all does.
    ///
    /// What is not sealed yet is no fault.
    pub fn faults(&self) -> Vec<&'static str> {
        let committed = self.events.iter().any(|entry| {
            let data: serde_json::Value = serde_json::from_str(&entry.data).unwrap_or_default();
            entry.kind == EventKind::InvitationAccepted.as_str()
                && data["evidence_sha256"] == *self.evidence_sha256
        });
        let agreed = serde_json::from_str::<Evidence>(&self.canonical)
            .ok()
            .map(|record| record.agreement.map(|text| text.sha256));
        let texts = self.agreement.as_ref().map(|text| text.sha256.clone());
        [
            (
                !committed,
                "the record is not the one that the audit record commits to",
            ),
            (agreed.is_none(), "the record cannot be read"),
            (
                agreed.is_some_and(|agreed| agreed != texts),
                "the stored agreement is not the text that the record names",
            ),
        ]
        .into_iter()
        .filter_map(|(is_so, what)| is_so.then_some(what))
        .collect()
    }

    /// Whether a signed head covers it by now.
    pub const fn is_sealed(&self) -> bool {
        self.head.is_some()
    }
}

/// The acceptance of an invitation.
///
/// # Errors
/// There is no such invitation, nobody accepted it, or the database is away.
pub async fn export(engine: &Engine, id: InvitationId) -> Result<Export, StepError> {
    let mut conn = engine.db.read().await?;
    let found = invitation::find(&mut conn, id)
        .await?
        .ok_or(StepError::NotFound)?;
    let accepted = acceptance::of_invitation(&mut conn, id)
        .await?
        .ok_or(StepError::NotAccepted(found.state))?;
    if accepted.is_erased() {
        return Err(StepError::Erased);
    }
    let record: Option<Evidence> = stored(&accepted.canonical).ok();
    let agreement = match record.and_then(|record| record.agreement) {
        Some(agreed) => agreement::find(&mut conn, agreed.id).await?.map(text),
        None => None,
    };
    let hash = commitment(&accepted.salt, &accepted.canonical);
    let mut events = Vec::new();
    let mut sealed_as = None;
    for stored in event::of_subject(&mut conn, id.uuid()).await? {
        if stored.kind == EventKind::InvitationAccepted.as_str() {
            sealed_as = stored.seq;
        }
        events.push(entry(&mut conn, id, stored).await?);
    }
    let head = match sealed_as {
        Some(seq) => event::head_at(&mut conn, found.partner_id, seq).await?,
        None => None,
    };
    let head = head.map(|head| signed(engine, &head));
    Ok(Export {
        form: FORM,
        exported_at: engine.clock.now(),
        invitation: id,
        acceptance: accepted.id,
        canonical: accepted.canonical,
        salt: hex(&accepted.salt),
        evidence_sha256: hex(&hash),
        agreement,
        events,
        head,
        how_to_verify: HOW,
    })
}

pub(super) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn text(stored: Agreement) -> Text {
    Text {
        id: stored.id,
        title: stored.title,
        version: stored.version,
        language: stored.language.to_string(),
        sha256: hex(&Sha256::digest(&stored.body)),
        text: stored.body,
    }
}

pub(super) async fn entry(
    conn: &mut Conn,
    subject: InvitationId,
    stored: Event,
) -> Result<Entry, storage::Error> {
    let previous = match stored.seq {
        None => None,
        Some(1) => Some(hex(&GENESIS)),
        // The page of one entry after the one before the one before.
        Some(seq) => event::chain(conn, stored.partner_id, seq - 2, 1)
            .await?
            .first()
            .and_then(|before| before.hash.as_deref().map(hex)),
    };
    Ok(Entry {
        seq: stored.seq,
        id: stored.id,
        partner: stored.partner_id,
        kind: stored.kind,
        subject,
        actor: stored.actor,
        data: stored.data,
        at: stored.happened_at,
        at_us: stored.happened_at.as_micros(),
        previous,
        hash: stored.hash.as_deref().map(hex),
    })
}

pub(super) fn signed(engine: &Engine, head: &event::SignedHead) -> SignedHead {
    let key = engine
        .keys
        .audit_keys()
        .iter()
        .find(|key| i64::from(key.id()) == head.key_id);
    SignedHead {
        audience: engine.audience.to_string(),
        partner: head.partner_id,
        seq: head.seq,
        hash: hex(&head.hash),
        key_id: head.key_id,
        public_key: key.map(|key| hex(key.public())),
        signature: hex(&head.signature),
        signed_at: head.signed_at,
    }
}
