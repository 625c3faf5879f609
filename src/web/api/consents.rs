//! `/v1/consents`: what customers agreed to, with what proves it.
//!
//! A list says what matters of each. One alone comes with the record as it was written, byte by byte: it holds the address and
//! the browser from which it came, as the audit chain commits to these very bytes.

use std::sync::Arc;

use axum::extract::State;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::caller::Reader;
use super::json::Answer;
use super::list::{Limit, List, Query};
use super::problem::Problem;
use super::{Id, Site};
use crate::domain::ids::{
    AcceptanceId, AgreementId, ConsentId, ContactId, EventId, InvitationId, OrganizationId,
    PartnerId, RelationshipId,
};
use crate::domain::time::Timestamp;
use crate::storage::listing::Acceptances;
use crate::workflow::evidence;
use crate::workflow::view::{self, ConsentView};

/// What a customer agreed to by accepting an invitation. It is evidence for both sides; Microsoft's own acceptance is another one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Consent {
    /// Always `consent`.
    #[schema(pattern = "^consent$")]
    object: &'static str,
    id: AcceptanceId,
    invitation: InvitationId,
    /// Nothing where the agreement alone was accepted.
    relationship: Option<RelationshipId>,
    organization: OrganizationId,
    /// The organization's name.
    organization_name: String,
    /// Whose mailbox the link was sent to.
    contact: ContactId,
    /// Who signed, as they named themselves; nothing once they were erased.
    signer: Option<ConsentSigner>,
    /// The texts that were agreed to; none where a relationship alone was.
    agreements: Vec<AgreedText>,
    /// The roles that were granted.
    roles: Vec<String>,
    /// Whether the record was erased. What proves that there was one stays.
    erased: bool,
    accepted_at: Timestamp,
}

/// Who signed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ConsentSigner {
    family_name: String,
    given_name: String,
    email: String,
    phone: Option<String>,
}

/// A text that was agreed to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct AgreedText {
    /// The consent to this very text.
    id: ConsentId,
    agreement: AgreementId,
    /// Which agreement: `mca` is the Microsoft Customer Agreement.
    kind: String,
    title: String,
    version: String,
    /// BCP 47.
    language: String,
    /// SHA-256 of the exact bytes that were shown, in hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    sha256: String,
}

impl From<&ConsentView> for Consent {
    fn from(view: &ConsentView) -> Self {
        let accepted = &view.accepted;
        let named = view.record.as_ref().filter(|_| !view.signer_is_erased());
        let agreements = view.agreements.iter().map(|text| AgreedText {
            id: text.id,
            agreement: text.agreement_id,
            kind: text.kind.clone(),
            title: text.title.clone(),
            version: text.version.clone(),
            language: text.language.to_string(),
            sha256: HEXLOWER.encode(&text.agreement_sha256),
        });
        let roles = view.record.iter().flat_map(|record| &record.grants);
        Self {
            object: "consent",
            id: accepted.id,
            invitation: accepted.invitation_id,
            relationship: accepted.relationship_id,
            organization: accepted.organization_id,
            organization_name: accepted.organization_name.clone(),
            contact: accepted.contact_id,
            signer: named.map(|record| ConsentSigner {
                family_name: record.signer.family_name.clone(),
                given_name: record.signer.given_name.clone(),
                email: record.signer.email.clone(),
                phone: record.signer.phone.clone(),
            }),
            agreements: agreements.collect(),
            roles: roles.map(|grant| grant.role.clone()).collect(),
            erased: view.is_erased(),
            accepted_at: accepted.accepted_at,
        }
    }
}

/// A consent with what proves it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ConsentWithProof {
    #[serde(flatten)]
    consent: Consent,
    proof: Proof,
}

/// What proves a consent, to whoever has it: the record, the commitment to it, and its place in a signed chain.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ConsentProof)]
pub(super) struct Proof {
    /// The record as it was written, byte by byte: JSON. It says who, what, when, and from which address and browser. Nothing once it
    /// was erased.
    canonical: Option<String>,
    /// What its hash is salted with, in hexadecimal; nothing once it was erased.
    salt: Option<String>,
    /// What the chain commits to: SHA-256(`countersign/v1/consent` + a zero byte + eight bytes with the length of the salt + the salt
    /// + the record), in hexadecimal. It stays after an erasure.
    evidence_sha256: Option<String>,
    /// Whether the record is the one that the chain commits to; nothing once it was erased.
    holds: Option<bool>,
    /// The chain's entry of the acceptance.
    entry: Option<ChainEntry>,
    /// A signed head of the chain at or after the entry; nothing while it is not sealed, which takes a second.
    head: Option<ChainHead>,
    /// How to check it by hand.
    how_to_verify: Vec<&'static str>,
}

/// An entry of the partner's chain.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ChainEntry {
    /// Its place in the chain, from 1; nothing while it is not sealed.
    sequence: Option<i64>,
    id: EventId,
    /// What happened.
    #[schema(example = "invitation.accepted")]
    kind: String,
    subject: InvitationId,
    actor: String,
    /// JSON as it is stored.
    data: String,
    /// When, in microseconds since 1970.
    at_us: i64,
    /// The hash of the entry before it, in hexadecimal.
    previous: Option<String>,
    /// Its own.
    hash: Option<String>,
}

/// A signed head of the partner's chain.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ChainHead {
    /// The installation, as the signature names it.
    audience: String,
    partner: PartnerId,
    /// How many entries.
    sequence: i64,
    /// The hash of the last one, in hexadecimal.
    hash: String,
    key_id: i64,
    /// The public half of the key (Ed25519), in hexadecimal.
    public_key: Option<String>,
    /// In hexadecimal.
    signature: String,
    signed_at: Timestamp,
}

impl From<view::Proof> for Proof {
    fn from(proof: view::Proof) -> Self {
        Self {
            canonical: proof.canonical,
            salt: proof.salt,
            evidence_sha256: proof.evidence_sha256,
            holds: proof.holds,
            entry: proof.entry.map(|entry| ChainEntry {
                sequence: entry.seq,
                id: entry.id,
                kind: entry.kind,
                subject: entry.subject,
                actor: entry.actor,
                data: entry.data,
                at_us: entry.at_us,
                previous: entry.previous,
                hash: entry.hash,
            }),
            head: proof.head.map(|head| ChainHead {
                audience: head.audience,
                partner: head.partner,
                sequence: head.seq,
                hash: head.hash,
                key_id: head.key_id,
                public_key: head.public_key,
                signature: head.signature,
                signed_at: head.signed_at,
            }),
            how_to_verify: evidence::HOW.to_vec(),
        }
    }
}

fn example() -> Value {
    json!({
        "object": "consent",
        "id": "acc_019c3f1e0b7a7c1291d4a5c8f2e6b071",
        "invitation": "inv_019c3f1e0b7a7c1291d4a5c8f2e6b071",
        "relationship": "rel_019c3f1e0b7a7c1291d4a5c8f2e6b071",
        "organization": "org_019c3f1e0b7a7c1291d4a5c8f2e6b071",
        "organization_name": "Contoso",
        "contact": "ctc_019c3f1e0b7a7c1291d4a5c8f2e6b071",
        "signer": {
            "family_name": "Kim",
            "given_name": "Minsu",
            "email": "kim@contoso.example",
            "phone": null
        },
        "agreements": [{
            "id": "cns_019c3f1e0b7a7c1291d4a5c8f2e6b071",
            "agreement": "agr_019c3f1e0b7a7c1291d4a5c8f2e6b071",
            "kind": "mca",
            "title": "Microsoft Customer Agreement",
            "version": "2024-09",
            "language": "en",
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
        }],
        "roles": ["helpdesk_administrator"],
        "erased": false,
        "accepted_at": "2026-11-23T09:00:00Z"
    })
}

fn example_list() -> Value {
    json!({"object": "list", "data": [example()], "has_more": false})
}

fn example_with_proof() -> Value {
    let mut shown = example();
    shown["proof"] = json!({
        "canonical": "{\"version\":1,\"acceptance\":\"acc_019c3f1e0b7a7c1291d4a5c8f2e6b071\",…}",
        "salt": "5f1d0c5bb5e64d0e9b1f6f4c0a7d9e21",
        "evidence_sha256": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
        "holds": true,
        "entry": {
            "sequence": 12,
            "id": "evt_019c3f1e0b7a7c1291d4a5c8f2e6b071",
            "kind": "invitation.accepted",
            "subject": "inv_019c3f1e0b7a7c1291d4a5c8f2e6b071",
            "actor": "ctc_019c3f1e0b7a7c1291d4a5c8f2e6b071",
            "data": "{\"acceptance\":\"acc_019c3f1e0b7a7c1291d4a5c8f2e6b071\",…}",
            "at_us": 1_795_424_400_000_000_i64,
            "previous": "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9",
            "hash": "baa5a0964d3320fbc0c6a922140453c8513ea24ab8fd0577034804a967248096"
        },
        "head": {
            "audience": "f2a9d1",
            "partner": "prt_019c3f1e0b7a7c1291d4a5c8f2e6b071",
            "sequence": 12,
            "hash": "baa5a0964d3320fbc0c6a922140453c8513ea24ab8fd0577034804a967248096",
            "key_id": 1,
            "public_key": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "signature": "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            "signed_at": "2026-11-23T09:00:01Z"
        },
        "how_to_verify": ["All hashes are SHA-256 in hexadecimal digits; …"]
    });
    shown
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Only that of this invitation.
    #[param(inline)]
    invitation: Option<InvitationId>,
    /// Only those to this text.
    #[param(inline)]
    agreement: Option<AgreementId>,
    /// How many objects a page has.
    #[param(inline)]
    limit: Option<Limit>,
    /// Only what is older than this one: the last of the page before.
    #[param(inline)]
    starting_after: Option<AcceptanceId>,
}

/// List consents
///
/// What customers agreed to, newest first: one for each invitation that was accepted.
#[utoipa::path(
    get,
    path = "/v1/consents",
    operation_id = "list_consents",
    tag = "Consents",
    params(Asked),
    security(("key" = ["read"])),
    responses((status = 200, description = "A page of consents.", body = List<Consent>, example = example_list)),
)]
pub(super) async fn list(
    State(site): State<Arc<Site>>,
    Reader(caller): Reader,
    Query(asked): Query<Asked>,
) -> Result<Answer<List<Consent>>, Problem> {
    let filter = Acceptances {
        invitation: asked.invitation,
        agreement: asked.agreement,
    };
    let limit = asked.limit.unwrap_or_default().number();
    let after = asked.starting_after;
    let page = view::consents(&site.engine, caller.partner, filter, after, limit).await?;
    Ok(Answer(List::of(page, |view| Consent::from(&view))))
}

/// Show a consent
///
/// One consent with the record as it was written, the commitment to it, its place in the partner's chain, and a signed head.
#[utoipa::path(
    get,
    path = "/v1/consents/{id}",
    operation_id = "get_consent",
    tag = "Consents",
    params(("id" = inline(AcceptanceId), Path, description = "The consent.")),
    security(("key" = ["read"])),
    responses((status = 200, description = "The consent.", body = ConsentWithProof, example = example_with_proof)),
)]
pub(super) async fn get(
    State(site): State<Arc<Site>>,
    Reader(caller): Reader,
    Id(id): Id<AcceptanceId>,
) -> Result<Answer<ConsentWithProof>, Problem> {
    let found = view::consent(&site.engine, caller.partner, id).await?;
    let (consent, proof) = found.ok_or_else(Problem::not_found)?;
    Ok(Answer(ConsentWithProof {
        consent: (&consent).into(),
        proof: proof.into(),
    }))
}
