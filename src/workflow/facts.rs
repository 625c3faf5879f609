//! From rows to what mails and pages show alike.

use super::{stored, zone};
use crate::domain::address::EmailAddress;
use crate::domain::evidence::Evidence;
use crate::domain::language::Language;
use crate::domain::microsoft::{Links, Step};
use crate::domain::offer::Offer;
use crate::domain::person::{FamilyName, GivenName, SignerName};
use crate::domain::time::Timestamp;
use crate::outbound::mails;
use crate::storage;
use crate::storage::dossier::Dossier;

/// What is offered.
///
/// # Errors
/// It does not read back.
pub fn offer(dossier: &Dossier) -> Result<Offer, storage::Error> {
    stored(&dossier.offer)
}

/// The links of Microsoft's that the partner supplied.
///
/// # Errors
/// They do not read back.
pub fn links(dossier: &Dossier) -> Result<Links, storage::Error> {
    stored(&dossier.links)
}

/// When the roles of an offer would end if it was accepted at `from`.
pub fn expected_end(offer: &Offer, dossier: &Dossier, from: Timestamp) -> Option<Timestamp> {
    let zone = zone(&dossier.time_zone);
    offer.duration().map(|span| span.end_from(from, &zone))
}

/// When the roles that were agreed to are expected to end.
pub fn agreed_end(evidence: &Evidence) -> Option<Timestamp> {
    evidence.grants.first().map(|grant| grant.expected_end)
}

/// A step with the link that the partner supplied for it.
pub fn step_with_link(step: Step, links: &Links) -> mails::Step {
    let url = match step {
        Step::Mca => links.mca.map(|link| link.to_string()),
        Step::Relationship => links.reseller.map(|link| link.to_string()),
        Step::Gdap => links.gdap.map(|link| link.to_string()),
        Step::RolesRemoved => None,
    };
    mails::Step { step, url }
}

/// The signer's name in the order of its script and the reader's language.
pub fn signer_name(evidence: &Evidence, language: &Language) -> String {
    let signer = &evidence.signer;
    match (
        signer.family_name.parse::<FamilyName>(),
        signer.given_name.parse::<GivenName>(),
    ) {
        (Ok(family), Ok(given)) => SignerName { family, given }.full(language),
        _ => format!("{} {}", signer.given_name, signer.family_name),
    }
}

/// An address as people read it.
pub fn readable(address: &str) -> String {
    if address.is_ascii() && !address.contains("xn--") {
        return address.to_owned();
    }
    address
        .parse::<EmailAddress>()
        .map_or_else(|_| address.to_owned(), |email| email.display())
}
