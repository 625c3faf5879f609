//! What is recorded when a customer consents: who, to what, which roles for how long, when and how.
//!
//! It is evidence for the partner and the customer. It is not Microsoft's own acceptance. The record is written once, as
//! canonical JSON; the audit chain commits to its salted hash, so that an edit shows and the chain holds no person.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::ids::{AcceptanceId, AgreementId, InvitationId, OrganizationId, PartnerId};
use super::offer::Offer;
use super::time::Timestamp;

/// For how many years after the end of a relationship a record of consent is kept at least, as the acceptance page says.
///
/// The least that `retention.consents_years` may say. Only the evidence of an erased person is deleted then.
pub const KEPT_YEARS: u16 = 5;

/// The whole record of one acceptance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The form of this record; 1.
    pub version: u8,
    /// The acceptance itself.
    pub acceptance: AcceptanceId,
    /// The invitation that was accepted.
    pub invitation: InvitationId,
    /// Who asked.
    pub partner: Party<PartnerId>,
    /// For whom the signer acted.
    pub organization: Party<OrganizationId>,
    /// Who consented.
    pub signer: Signer,
    /// The agreement, if the invitation offered one.
    pub agreement: Option<AgreedText>,
    /// What was offered, and so consented to.
    pub offer: Offer,
    /// The roles, with the end that is expected as long as Microsoft's activation is not known.
    pub grants: Vec<GrantedRole>,
    /// Whether the partner insisted on a recipient at its own domain.
    pub forced: bool,
    /// When.
    pub at: Timestamp,
    /// By which means.
    pub how: Means,
}

/// A party as it was named at that moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Party<Id> {
    /// Its identifier.
    pub id: Id,
    /// Its legal name.
    pub name: String,
}

/// The person who consented, as they named themselves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signer {
    /// Family name.
    pub family_name: String,
    /// Given name.
    pub given_name: String,
    /// The mailbox that the link was sent to.
    pub email: String,
    /// Telephone, if given.
    pub phone: Option<String>,
    /// The sentence by which they said that they may act for the organization.
    pub authority: String,
}

/// The agreement as it was shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgreedText {
    /// The stored text.
    pub id: AgreementId,
    /// Its title.
    pub title: String,
    /// Its version.
    pub version: String,
    /// Its language (BCP 47).
    pub language: String,
    /// SHA-256 of the exact bytes that were shown, in hexadecimal digits.
    pub sha256: String,
    /// The sentence beside the box that was ticked.
    pub sentence: String,
}

/// One role that was granted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GrantedRole {
    /// Its key in the catalogue.
    pub role: String,
    /// Its template in Microsoft Entra.
    pub template_id: String,
    /// For how long (ISO 8601).
    pub duration: String,
    /// When it is expected to end.
    pub expected_end: Timestamp,
    /// Whether the signer lets it extend itself.
    pub auto_extend: bool,
}

/// By which means consent was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Means {
    /// The client's address, as far as trusted proxies tell.
    pub client_address: Option<String>,
    /// The browser's own words, shortened.
    pub user_agent: Option<String>,
    /// The key of the link.
    pub key_id: u16,
    /// The generation of the link.
    pub generation: u32,
    /// The language of the page.
    pub language: String,
}

impl Evidence {
    /// The record as it is stored: JSON, the fields in this order, without blanks.
    ///
    /// # Errors
    /// None for a value of this type; serde's signature has one.
    pub fn canonical(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

/// What the audit chain knows of a record: SHA-256 over a domain tag, the salt and the stored text.
///
/// With the salt erased, the hash says nothing of a person any more.
pub fn commitment(salt: &[u8], canonical: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"countersign/v1/consent\0");
    hash.update((salt.len() as u64).to_be_bytes());
    hash.update(salt);
    hash.update(canonical.as_bytes());
    hash.finalize().into()
}
