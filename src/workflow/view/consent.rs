//! Acceptances with the record of each: who consented to what, and what proves it.
//!
//! The record is the partner's and the customer's evidence alike, and is shown as it was written, with the address and the
//! browser from which it came: the audit chain commits to these very bytes, and without one of them nobody could check it. A
//! list says what matters in it; the bytes are told of one alone.

use std::collections::HashMap;

use super::{Page, more_than};
use crate::domain::audit::EventKind;
use crate::domain::erasure::is_erased;
use crate::domain::evidence::{Evidence, commitment};
use crate::domain::ids::{AcceptanceId, PartnerId};
use crate::storage::listing::{self, Acceptances, Accepted, Consented};
use crate::storage::{self, Conn, event};
use crate::workflow::evidence::{Entry, SignedHead, entry, hex, signed};
use crate::workflow::{Engine, stored};

/// An acceptance as its partner sees it.
#[derive(Clone)]
pub struct ConsentView {
    /// It, for which organization.
    pub accepted: Accepted,
    /// The texts that were agreed to; none where roles alone were granted.
    pub agreements: Vec<Agreed>,
    /// What was recorded; none once its signer's time of evidence was over, and it was erased.
    pub record: Option<Evidence>,
}

/// A text that was agreed to.
pub type Agreed = Consented;

impl ConsentView {
    /// Whether its signer was erased: nothing but the record itself, which is kept for its time, names them still.
    pub fn signer_is_erased(&self) -> bool {
        is_erased(&self.accepted.address)
    }

    /// Whether the record was erased. What it was about stays: the rows that name no person.
    pub fn is_erased(&self) -> bool {
        self.accepted.canonical.is_empty() && self.accepted.salt.is_empty()
    }
}

/// What proves an acceptance.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The record, byte by byte as it was stored: JSON; none once it was erased.
    pub canonical: Option<String>,
    /// What its hash is salted with, in hexadecimal digits; none once it was erased.
    pub salt: Option<String>,
    /// What the audit chain commits to: SHA-256 in hexadecimal digits. It stays after an erasure.
    pub evidence_sha256: Option<String>,
    /// Whether the record is the one that the chain commits to; nothing once it was erased.
    pub holds: Option<bool>,
    /// The chain's entry of the acceptance, with its place once it is sealed.
    pub entry: Option<Entry>,
    /// A signed head of the chain at or after it; none while it is not sealed.
    pub head: Option<SignedHead>,
}

/// The acceptances of a partner's invitations after that one, newest first.
///
/// # Errors
/// The database is away.
pub async fn consents(
    engine: &Engine,
    partner: PartnerId,
    filter: Acceptances,
    after: Option<AcceptanceId>,
    limit: u16,
) -> Result<Page<ConsentView>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let found = listing::acceptances(&mut conn, partner, filter, after, more_than(limit)).await?;
    let page = Page::of(found, limit);
    Ok(Page {
        items: viewed(&mut conn, page.items).await?,
        has_more: page.has_more,
    })
}

/// One acceptance with what proves it, if it is of the partner's.
///
/// # Errors
/// The database is away.
pub async fn consent(
    engine: &Engine,
    partner: PartnerId,
    id: AcceptanceId,
) -> Result<Option<(ConsentView, Proof)>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let found = listing::acceptance(&mut conn, partner, id).await?;
    let view = viewed(&mut conn, found.into_iter().collect()).await?.pop();
    let Some(view) = view else {
        return Ok(None);
    };
    let proof = proof(engine, &mut conn, partner, &view).await?;
    Ok(Some((view, proof)))
}

async fn viewed(conn: &mut Conn, found: Vec<Accepted>) -> Result<Vec<ConsentView>, storage::Error> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let mut agreements: HashMap<_, Vec<Agreed>> = HashMap::new();
    let invitations = found.iter().map(|accepted| accepted.invitation_id);
    for agreed in listing::consents_of(conn, invitations).await? {
        let of_one = agreements.entry(agreed.invitation_id).or_default();
        of_one.push(agreed);
    }
    let views = found.into_iter().map(|accepted| ConsentView {
        agreements: agreements
            .remove(&accepted.invitation_id)
            .unwrap_or_default(),
        record: stored(&accepted.canonical).ok(),
        accepted,
    });
    Ok(views.collect())
}

async fn proof(
    engine: &Engine,
    conn: &mut Conn,
    partner: PartnerId,
    view: &ConsentView,
) -> Result<Proof, storage::Error> {
    let accepted = &view.accepted;
    let invitation = accepted.invitation_id;
    let events = event::of_subject(conn, invitation.uuid()).await?;
    let recorded = events
        .into_iter()
        .find(|event| event.kind == EventKind::InvitationAccepted.as_str());
    let (entry, head) = match recorded {
        None => (None, None),
        Some(recorded) => {
            let head = match recorded.seq {
                Some(seq) => event::head_at(conn, partner, seq).await?,
                None => None,
            };
            let head = head.map(|head| signed(engine, &head));
            (Some(entry(conn, invitation, recorded).await?), head)
        }
    };
    let committed = entry.as_ref().and_then(|entry| {
        let data: serde_json::Value = serde_json::from_str(&entry.data).ok()?;
        Some(data.get("evidence_sha256")?.as_str()?.to_owned())
    });
    let is_kept = !view.is_erased();
    let made = hex(&commitment(&accepted.salt, &accepted.canonical));
    Ok(Proof {
        holds: is_kept.then(|| committed.as_ref() == Some(&made)),
        evidence_sha256: committed,
        canonical: is_kept.then(|| accepted.canonical.clone()),
        salt: is_kept.then(|| hex(&accepted.salt)),
        entry,
        head,
    })
}
