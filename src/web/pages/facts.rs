//! From rows to what the views show; what mails show alike is in `workflow::facts`.

use crate::domain::evidence::Evidence;
use crate::domain::time::Timestamp;
use crate::locale::Texts;
use crate::storage;
use crate::storage::dossier::Dossier;
use crate::storage::partner::Partner;
use crate::web::views::{self, Page};
use crate::workflow::facts::{self, readable};
use crate::workflow::zone;

/// The frame of a page about an invitation: its language, its zone, its partner's name.
pub(super) fn page(dossier: &Dossier, partner: &Partner) -> Page {
    Page {
        t: Texts::of(&dossier.language),
        zone: zone(&dossier.time_zone),
        partner: Some(card(partner)),
    }
}

pub(super) fn card(partner: &Partner) -> views::Partner {
    views::Partner {
        display_name: partner.name.clone(),
        legal_name: partner.legal_name.clone(),
        representative: partner.representative.clone(),
        registration_number: partner.registration_number.clone(),
        address: Some(partner.address.clone()),
        phone: Some(partner.phone.clone()),
        email: Some(readable(&partner.email)),
        website: partner.website.as_deref().map(bare),
    }
}

/// An address of the web as people say it: shown as text, it is no link.
fn bare(website: &str) -> String {
    website
        .trim_start_matches("https://")
        .trim_end_matches('/')
        .to_owned()
}

pub(super) fn recipient(dossier: &Dossier) -> views::Recipient {
    views::Recipient {
        name: dossier.recipient_name.clone(),
        email: readable(&dossier.smtp_address),
    }
}

pub(super) fn note(dossier: &Dossier) -> Option<views::Note> {
    dossier.note.clone().map(|text| views::Note { text })
}

/// What is asked for, as long as nobody answered.
pub(super) fn asked(
    dossier: &Dossier,
    text: Option<&storage::agreement::Agreement>,
    now: Timestamp,
) -> Result<views::Terms, storage::Error> {
    let offer = facts::offer(dossier)?;
    let links = facts::links(dossier)?;
    Ok(views::Terms {
        expected_end: facts::expected_end(&offer, dossier, now),
        agreement: text
            .filter(|_| offer.agreement())
            .map(|text| agreement(text, links.mca.map(|link| link.to_string()))),
        offer,
    })
}

/// A text, with Microsoft's own page for it if the partner gave one.
pub(super) fn agreement(
    text: &storage::agreement::Agreement,
    microsoft: Option<String>,
) -> views::Agreement {
    views::Agreement {
        id: text.id.to_string(),
        title: text.title.clone(),
        version: text.version.clone(),
        language: text.language.to_string(),
        sha256: data_encoding::HEXLOWER.encode(&text.sha256),
        microsoft,
    }
}

/// What was agreed to.
pub(super) fn agreed(evidence: &Evidence, microsoft: Option<String>) -> views::Terms {
    views::Terms {
        offer: evidence.offer.clone(),
        expected_end: facts::agreed_end(evidence),
        agreement: evidence.agreement.as_ref().map(|text| views::Agreement {
            id: text.id.to_string(),
            title: text.title.clone(),
            version: text.version.clone(),
            language: text.language.clone(),
            sha256: text.sha256.clone(),
            microsoft,
        }),
    }
}
