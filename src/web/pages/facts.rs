//! From rows to what the views show; what mails show alike is in `workflow::facts`.

use crate::domain::audit::{Actor, EventKind};
use crate::domain::catalogue::{Catalogue, PartnerType, role};
use crate::domain::evidence::Evidence;
use crate::domain::ids::ContactId;
use crate::domain::microsoft::{Cloud, Links, Step, StepState};
use crate::domain::novelty::Novelty;
use crate::domain::time::Timestamp;
use crate::locale::Texts;
use crate::storage;
use crate::storage::dossier::Dossier;
use crate::storage::event::Event;
use crate::storage::grant::Grant;
use crate::storage::partner::Partner;
use crate::storage::relationship::Relationship;
use crate::storage::step::KnownStep;
use crate::web::views::{self, Page, Said};
use crate::workflow::facts::{self, readable, step_with_link};
use crate::workflow::manage::Managed;
use crate::workflow::{stored, zone};

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
    novelty: Option<Novelty>,
    now: Timestamp,
) -> Result<views::Terms, storage::Error> {
    let offer = facts::offer(dossier)?;
    let links = facts::links(dossier)?;
    Ok(views::Terms {
        expected_end: facts::expected_end(&offer, dossier, now),
        agreement: text
            .filter(|_| offer.agreement())
            .map(|text| agreement(text, links.mca.map(|link| link.to_string()))),
        novelty,
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
        novelty: None,
    }
}

/// A step on Microsoft's side, and what is known of it.
pub(super) fn step(known: &KnownStep, links: &Links) -> views::Step {
    let at = known.changed_at;
    views::Step {
        kind: known.step,
        link: step_with_link(known.step, links).url,
        said: match known.state {
            StepState::Unknown => Said::Nothing,
            StepState::SaidByCustomer => Said::ByCustomer(at),
            StepState::SaidByPartner => Said::ByPartner(at),
            StepState::Confirmed => Said::Confirmed(at),
        },
    }
}

/// What a page says of a relationship besides what holds in it.
pub(super) struct Beside {
    /// The cloud of the customer's tenant, whose admin center the page leads to.
    pub(super) cloud: Cloud,
    pub(super) ended_by: Option<views::EndedBy>,
}

/// What holds in a relationship; `receipt` is where its receipt is.
pub(super) fn relation(
    managed: &Managed,
    beside: &Beside,
    receipt: Option<String>,
) -> Result<views::Relation, storage::Error> {
    let links = facts::links(&managed.dossier)?;
    let place = beside.cloud.partner_relationships_url();
    let evidence = managed.dossier.evidence.as_deref();
    let evidence: Option<Evidence> = evidence.map(stored).transpose()?;
    let ended = managed.relationship.ended_at;
    let ended = ended.map(|at| views::Ended {
        at,
        by: beside.ended_by,
    });
    let mut steps: Vec<_> = managed
        .steps
        .iter()
        .map(|known| {
            let known = step(known, &links);
            let link = known.link.or_else(|| {
                let is_removal = known.kind == Step::RolesRemoved;
                is_removal.then(|| place.to_owned())
            });
            views::Step { link, ..known }
        })
        .collect();
    steps.sort_by_key(|step| step.kind);
    let grants = managed.grants.iter().filter(|_| ended.is_none());
    Ok(views::Relation {
        organization: managed.dossier.organization_name.clone(),
        kind: partner_type(&managed.relationship)?,
        since: managed.relationship.since,
        ended,
        roles: grants.clone().filter_map(held).collect(),
        extension: grants.map(extension).max(),
        agreement: evidence
            .and_then(|evidence| evidence.agreement)
            .map(|text| views::AgreementLine {
                title: text.title,
                version: text.version,
                language: text.language,
                receipt_url: receipt,
            }),
        steps,
        cloud: beside.cloud,
    })
}

/// The type of a relationship, as the version of the catalogue has it that it was agreed with.
fn partner_type(relationship: &Relationship) -> Result<&'static PartnerType, storage::Error> {
    let key = &relationship.partner_type;
    Catalogue::find(&relationship.catalogue)
        .and_then(|catalogue| catalogue.partner_type(key))
        .map_err(|error| storage::Error::Unreadable(error.to_string()))
}

/// The type of that key, as the newest version of the catalogue that has it lists it.
pub(super) fn listed_type(key: &str) -> Result<&'static PartnerType, storage::Error> {
    Catalogue::with_type(key)
        .and_then(|catalogue| catalogue.partner_type(key))
        .map_err(|error| storage::Error::Unreadable(error.to_string()))
}

/// Who ended a relationship, by the record of what happened to its invitation.
pub(super) fn ended_by(events: &[Event]) -> Option<views::EndedBy> {
    let mut latest_first = events.iter().rev();
    let end = latest_first.find(|event| event.kind == EventKind::RelationshipEnded.as_str())?;
    if end.actor.parse::<ContactId>().is_ok() {
        Some(views::EndedBy::Customer)
    } else if end.actor == Actor::System.to_string() {
        None
    } else {
        Some(views::EndedBy::Partner)
    }
}

/// A role that is active.
pub(super) fn held(grant: &Grant) -> Option<views::HeldRole> {
    Some(views::HeldRole {
        role: role(&grant.role).ok()?,
        until: grant.expected_end_at,
        is_counted: grant.activated_at.is_some(),
    })
}

/// What happens to a role on the day on which it ends.
const fn extension(grant: &Grant) -> views::Extension {
    if grant.auto_extend {
        views::Extension::On
    } else {
        views::Extension::Off
    }
}
