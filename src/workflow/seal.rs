//! Sealing the audit record: events get their numbers, links and signed heads, in batches, within a second. Whoever is to be
//! told of them by a webhook gets its call in the same transaction.
//!
//! Two sealers may run at once: `UNIQUE (partner_id, seq)` lets one of them win, and one that finds an event numbered already
//! undoes all that it did, and reads anew what is left.
//! Verifying is here, too: it reads what sealing wrote.

use std::collections::HashSet;

use super::Engine;
use super::webhook::fanout::fan_out;
use crate::domain::audit::{self, GENESIS, Head, Link};
use crate::domain::evidence::commitment;
use crate::domain::ids::PartnerId;
use crate::domain::keys::{AuditSignature, KeyRing};
use crate::domain::time::Timestamp;
use crate::storage::event::{Event, SignedHead};
use crate::storage::{self, Tx, acceptance, event, partner};

/// At most so many events in one transaction.
const BATCH: i64 = 500;
/// So often a sealer lets another one go first, before it leaves the rest for its next round.
const OVERTAKEN: u32 = 5;

/// Seals what is unsealed; returns how many events were.
///
/// # Errors
/// The database is away.
pub async fn seal(engine: &Engine) -> Result<usize, storage::Error> {
    let mut total = 0;
    let mut overtaken = 0;
    loop {
        let step = engine.clone();
        let sealed = engine
            .db
            .write(move |tx| Box::pin(async move { seal_batch(tx, &step).await }))
            .await;
        match sealed {
            Ok((sealed, calls)) => {
                total += sealed;
                if calls > 0 {
                    engine.wake().await;
                }
                if sealed < usize::try_from(BATCH).unwrap_or(usize::MAX) {
                    return Ok(total);
                }
            }
            // Another sealer was faster: what it left is read anew, a few times.
            Err(error) if error.is_duplicate() => {
                overtaken += 1;
                if overtaken == OVERTAKEN {
                    return Ok(total);
                }
            }
            Err(error) => return Err(error),
        }
    }
}

/// Seals some; returns how many, and how many calls they bring.
async fn seal_batch(tx: &mut Tx, engine: &Engine) -> Result<(usize, u64), storage::Error> {
    let events = event::unsealed(tx, BATCH).await?;
    let now = engine.clock.now();
    for chain in events.chunk_by(|a, b| a.partner_id == b.partner_id) {
        let Some(first) = chain.first() else { continue };
        let head = event::last_head(tx, first.partner_id).await?;
        let mut seq = head.as_ref().map_or(0, |head| unsigned(head.seq));
        let mut hash = head.as_ref().map_or(GENESIS, |head| link_of(&head.hash));
        let mut sealed = Vec::with_capacity(chain.len());
        for event in chain {
            seq += 1;
            hash = audit::link(&hash, &event.entry(seq));
            sealed.push((event.id, seq, hash));
        }
        if event::seal(tx, &sealed).await? != sealed.len() as u64 {
            // Between the reading of the events and that of the head, another sealer was faster: the numbers are wrong, and
            // free, so that nothing else would refuse them.
            return Err(storage::Error::Duplicate("event".to_owned()));
        }
        let head = Head {
            partner: first.partner_id,
            seq,
            hash,
        };
        event::insert_head(tx, &signed(engine, &head, now)).await?;
    }
    let calls = match &*events {
        [] => 0,
        some => fan_out(tx, some, now).await?,
    };
    Ok((events.len(), calls))
}

fn signed(engine: &Engine, head: &Head, now: Timestamp) -> SignedHead {
    let signature = engine.keys.sign(&head.message(&engine.audience));
    SignedHead {
        partner_id: head.partner,
        seq: i64::try_from(head.seq).unwrap_or(i64::MAX),
        hash: head.hash.to_vec(),
        key_id: i64::from(signature.key_id),
        signature: signature.bytes.to_vec(),
        signed_at: now,
    }
}

fn unsigned(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or(0)
}

/// A stored hash; one of a wrong length matches nothing.
fn link_of(bytes: &[u8]) -> Link {
    bytes.try_into().unwrap_or([0xff; 32])
}

/// Whether a head was signed by a key of this ring, for the installation of this audience.
pub fn is_signed(ring: &KeyRing, audience: &str, stored: &SignedHead) -> bool {
    let head = Head {
        partner: stored.partner_id,
        seq: unsigned(stored.seq),
        hash: link_of(&stored.hash),
    };
    let signature = AuditSignature {
        key_id: u16::try_from(stored.key_id).unwrap_or(0),
        bytes: stored.signature.as_slice().try_into().unwrap_or([0; 64]),
    };
    ring.verify_signature(&head.message(audience), &signature)
}

/// What is wrong with a chain.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// Whose chain.
    pub partner: PartnerId,
    /// At which entry, where it can be told.
    pub seq: Option<u64>,
    /// A sentence.
    pub what: String,
}

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// How many partners' chains.
    pub chains: usize,
    /// How many entries.
    pub entries: u64,
    /// How many acceptances.
    pub acceptances: u64,
    /// Events that have no number yet.
    pub unsealed: usize,
    /// What does not hold; empty when all does.
    pub findings: Vec<Finding>,
}

/// A head that was exported: the chain has to contain it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Checkpoint {
    /// Whose chain.
    pub partner: PartnerId,
    /// How many entries it had.
    pub seq: u64,
    /// The hash of the last one, in hexadecimal digits.
    pub hash: String,
}

/// Verifies every chain, every head and every acceptance that an event commits to.
///
/// # Errors
/// The database is away. What does not hold is in the report.
pub async fn verify(engine: &Engine, checkpoints: &[Checkpoint]) -> Result<Report, storage::Error> {
    let mut conn = engine.db.read().await?;
    let mut report = Report::default();
    let partners = partner::list(&mut conn).await?;
    // A chain of which nothing is left: only the checkpoint knows of it.
    let is_gone = |checkpoint: &&Checkpoint| partners.iter().all(|p| p.id != checkpoint.partner);
    report.findings = checkpoints
        .iter()
        .filter(is_gone)
        .map(|checkpoint| Finding {
            partner: checkpoint.partner,
            seq: Some(checkpoint.seq),
            what: "the partner of the checkpoint is gone, and its chain".to_owned(),
        })
        .collect();
    for partner in partners {
        let mut chain = Verifier::new(partner.id, checkpoints);
        let (mut after, mut looked_up_to) = (0, 0);
        let heads = loop {
            let page = event::chain(&mut conn, partner.id, after, BATCH).await?;
            let Some(last) = page.last() else {
                // A worker may seal meanwhile. A head and what it signs are committed together: whatever was read has one
                // by now, and what has come since is read on.
                let heads = event::heads(&mut conn, partner.id).await?;
                let signed = heads.iter().map(|head| head.seq).max().unwrap_or(0);
                if signed <= after || signed == looked_up_to {
                    break heads;
                }
                looked_up_to = signed;
                continue;
            };
            after = last.seq.unwrap_or(i64::MAX);
            for event in &page {
                chain.entry(event);
                chain.erasure(event);
                if event.kind == audit::EventKind::InvitationAccepted.as_str() {
                    let stored =
                        acceptance::of_invitation(&mut conn, event.subject_id.into()).await?;
                    chain.acceptance(event, stored.as_ref());
                }
            }
        };
        for (seq, acceptance) in chain.unexplained() {
            // An erasure of this moment, whose entry is not sealed yet.
            let unsealed = event::of_subject(&mut conn, acceptance.invitation_id.uuid()).await?;
            let is_said = |event: &Event| {
                event.seq.is_none_or(|seq| seq > after) && says_erased(event, &acceptance)
            };
            if !unsealed.iter().any(is_said) {
                chain.find(seq, "the acceptance was changed after it was recorded");
            }
        }
        chain.heads(engine, &heads);
        report.chains += 1;
        report.entries += chain.seq;
        report.acceptances += chain.acceptances;
        report.findings.extend(chain.findings);
    }
    report.unsealed = event::unsealed_count(&mut conn).await?;
    Ok(report)
}

/// The heads of all chains, to be kept elsewhere.
///
/// # Errors
/// The database is away.
pub async fn checkpoints(engine: &Engine) -> Result<Vec<Checkpoint>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let mut checkpoints = Vec::new();
    for partner in partner::list(&mut conn).await? {
        if let Some(head) = event::last_head(&mut conn, partner.id).await? {
            checkpoints.push(Checkpoint {
                partner: partner.id,
                seq: unsigned(head.seq),
                hash: data_encoding::HEXLOWER.encode(&head.hash),
            });
        }
    }
    Ok(checkpoints)
}

struct Verifier<'a> {
    partner: PartnerId,
    checkpoints: Vec<&'a Checkpoint>,
    seq: u64,
    hash: Link,
    /// The links by number, for the heads.
    links: Vec<Link>,
    acceptances: u64,
    /// Those whose evidence is empty, with the entry that commits to it.
    blank: Vec<(Option<u64>, acceptance::Acceptance)>,
    /// The acceptances, by their text form, whose evidence was erased, as the chain says.
    erased: HashSet<String>,
    findings: Vec<Finding>,
}

/// The acceptance whose evidence an entry says to be erased.
fn erased_by(event: &Event) -> Option<String> {
    if event.kind != audit::EventKind::EvidenceErased.as_str() {
        return None;
    }
    let data: serde_json::Value = serde_json::from_str(&event.data).ok()?;
    Some(data.get("acceptance")?.as_str()?.to_owned())
}

fn says_erased(event: &Event, acceptance: &acceptance::Acceptance) -> bool {
    erased_by(event).is_some_and(|id| id == acceptance.id.to_string())
}

impl<'a> Verifier<'a> {
    fn new(partner: PartnerId, checkpoints: &'a [Checkpoint]) -> Self {
        Self {
            partner,
            checkpoints: checkpoints
                .iter()
                .filter(|c| c.partner == partner)
                .collect(),
            seq: 0,
            hash: GENESIS,
            links: Vec::new(),
            acceptances: 0,
            blank: Vec::new(),
            erased: HashSet::new(),
            findings: Vec::new(),
        }
    }

    fn find(&mut self, seq: Option<u64>, what: &str) {
        self.findings.push(Finding {
            partner: self.partner,
            seq,
            what: what.to_owned(),
        });
    }

    fn entry(&mut self, event: &Event) {
        let seq = unsigned(event.seq.unwrap_or(0));
        if seq != self.seq + 1 {
            self.find(Some(self.seq + 1), "an entry is missing");
        }
        self.seq = seq;
        self.hash = audit::link(&self.hash, &event.entry(seq));
        let stored = event.hash.as_deref().map_or([0xff; 32], link_of);
        if stored != self.hash {
            self.find(Some(seq), "the entry, or one before it, was changed");
            // Go on from what is stored, so that one change is one finding.
            self.hash = stored;
        }
        self.links
            .resize(usize::try_from(seq).unwrap_or(0), [0xff; 32]);
        if let Some(link) = self.links.last_mut() {
            *link = self.hash;
        }
    }

    fn acceptance(&mut self, event: &Event, stored: Option<&acceptance::Acceptance>) {
        let seq = event.seq.map(unsigned);
        let Some(stored) = stored else {
            self.find(seq, "the acceptance that the entry commits to is gone");
            return;
        };
        self.acceptances += 1;
        if stored.is_erased() {
            // Its erasure comes later in the chain, or it was none.
            self.blank.push((seq, stored.clone()));
            return;
        }
        let data: serde_json::Value = serde_json::from_str(&event.data).unwrap_or_default();
        let hash = data_encoding::HEXLOWER.encode(&commitment(&stored.salt, &stored.canonical));
        if data.get("evidence_sha256").and_then(|value| value.as_str()) != Some(&*hash) {
            self.find(seq, "the acceptance was changed after it was recorded");
        }
    }

    fn erasure(&mut self, event: &Event) {
        self.erased.extend(erased_by(event));
    }

    /// Acceptances whose evidence is empty, and no sealed entry says why.
    fn unexplained(&mut self) -> Vec<(Option<u64>, acceptance::Acceptance)> {
        let mut blank = std::mem::take(&mut self.blank);
        blank.retain(|(_, acceptance)| !self.erased.contains(&acceptance.id.to_string()));
        blank
    }

    fn link_at(&self, seq: u64) -> Option<&Link> {
        self.links.get(usize::try_from(seq.checked_sub(1)?).ok()?)
    }

    fn heads(&mut self, engine: &Engine, heads: &[SignedHead]) {
        for stored in heads {
            let seq = unsigned(stored.seq);
            let hash = link_of(&stored.hash);
            if self.link_at(seq) != Some(&hash) {
                self.find(
                    Some(seq),
                    "the chain does not lead to a head that was signed",
                );
            }
            if !is_signed(&engine.keys, &engine.audience, stored) {
                self.find(
                    Some(seq),
                    "a head is not signed by a key of this installation",
                );
            }
        }
        if heads
            .iter()
            .map(|head| unsigned(head.seq))
            .max()
            .unwrap_or(0)
            != self.seq
        {
            self.find(Some(self.seq), "the end of the chain has no signed head");
        }
        for checkpoint in std::mem::take(&mut self.checkpoints) {
            let link = self
                .link_at(checkpoint.seq)
                .map(|link| data_encoding::HEXLOWER.encode(link));
            if link.as_deref() != Some(&*checkpoint.hash) {
                self.find(Some(checkpoint.seq), "the chain does not contain the checkpoint: its end was cut off, or it was made anew");
            }
        }
    }
}
