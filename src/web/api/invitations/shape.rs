//! What an invitation looks like. No link with a token is among it, and no address from which somebody looked at one.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::draft::OrganizationKind;
use crate::domain::ids::{ContactId, InvitationId, OrganizationId};
use crate::domain::invitation::{DeclineReason, RecipientRole, StateName};
use crate::domain::microsoft::{Cloud, Step, StepState};
use crate::domain::time::Timestamp;
use crate::storage::dossier::Dossier;
use crate::storage::step::KnownStep;
use crate::web::api::problem::Problem;
use crate::workflow::facts;
use crate::workflow::timeline::Timeline;

/// One offer to one organization, and what became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Invitation {
    /// Always `invitation`.
    #[schema(pattern = "^invitation$")]
    object: &'static str,
    id: InvitationId,
    state: StateName,
    organization: Organization,
    recipient: Recipient,
    offer: Offer,
    /// Microsoft's pages that the customer is led to.
    links: Links,
    /// The language of its mails and pages: BCP 47.
    #[schema(example = "en")]
    language: String,
    /// The IANA time zone in which its days are counted.
    #[schema(example = "Asia/Seoul")]
    time_zone: String,
    /// The partner's own reference.
    reference: Option<String>,
    /// The partner's words to the customer.
    note: Option<String>,
    created_at: Timestamp,
    /// From when on it can no longer be accepted.
    expires_at: Timestamp,
    /// When it was accepted, declined or revoked, or when it expired.
    ended_at: Option<Timestamp>,
    /// What the customer said when declining.
    decline: Option<Decline>,
    /// Since when the customer gets no reminders, as was asked for.
    reminders_stopped_at: Option<Timestamp>,
    /// Since when its mail is known to be refused for good.
    undeliverable_at: Option<Timestamp>,
    /// The steps on Microsoft's side that the offer asks for, and what is known of each.
    steps: Vec<KnownOf>,
}

/// The customer's organization.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Organization {
    id: OrganizationId,
    name: String,
    kind: OrganizationKind,
    cloud: Cloud,
}

/// Who is asked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Recipient {
    contact: ContactId,
    name: String,
    email: String,
}

/// What is offered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Offer {
    /// The version of the catalogue that the keys are from.
    #[schema(example = "2025")]
    catalogue: String,
    /// The kind of partner; nothing for the agreement alone.
    #[schema(example = "reseller")]
    partner_type: Option<String>,
    /// Delegated-admin roles.
    roles: Vec<String>,
    /// How long they are granted: ISO 8601.
    #[schema(example = "P1Y")]
    duration: Option<String>,
    /// Whether the customer may let the roles extend themselves.
    auto_extend: bool,
    /// Whether the Microsoft Customer Agreement is to be accepted.
    agreement: bool,
}

/// Microsoft's pages.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Links {
    /// To approve delegated-admin roles.
    gdap: Option<String>,
    /// To approve the relationship.
    reseller: Option<String>,
    /// To accept the Microsoft Customer Agreement.
    mca: Option<String>,
}

/// What the customer said when declining.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Decline {
    reason: DeclineReason,
    /// In the customer's words.
    text: Option<String>,
}

/// A step on Microsoft's side.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = KnownStep)]
pub(in crate::web::api) struct KnownOf {
    step: Step,
    state: StepState,
    /// Since when that is known.
    changed_at: Option<Timestamp>,
}

impl Invitation {
    /// Which one it is.
    pub(in crate::web::api) const fn id(&self) -> InvitationId {
        self.id
    }

    /// The invitation at `now`, with what is known of its steps.
    pub(in crate::web::api) fn of(
        dossier: Dossier,
        known: &[KnownStep],
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let offer = facts::offer(&dossier)?;
        let links = facts::links(&dossier)?;
        let steps = offer.steps().map(|step| {
            let of_this = known
                .iter()
                .find(|known| known.invitation_id == dossier.id && known.step == step);
            KnownOf {
                step,
                state: of_this.map_or(StepState::Unknown, |known| known.state),
                changed_at: of_this.map(|known| known.changed_at),
            }
        });
        Ok(Self {
            object: "invitation",
            id: dossier.id,
            state: dossier.state().name_at(now),
            steps: steps.collect(),
            organization: Organization {
                id: dossier.organization_id,
                name: dossier.organization_name,
                kind: dossier.organization_kind,
                cloud: dossier.cloud,
            },
            recipient: Recipient {
                contact: dossier.contact_id,
                name: dossier.recipient_name,
                email: dossier.smtp_address,
            },
            offer: Offer {
                catalogue: offer.catalogue().name().to_owned(),
                partner_type: offer.relationship().map(str::to_owned),
                roles: offer.roles().to_vec(),
                duration: offer.duration().map(|duration| duration.to_string()),
                auto_extend: offer.auto_extend(),
                agreement: offer.agreement(),
            },
            links: Links {
                gdap: links.gdap.map(|link| link.to_string()),
                reseller: links.reseller.map(|link| link.to_string()),
                mca: links.mca.map(|link| link.to_string()),
            },
            language: dossier.language.to_string(),
            time_zone: dossier.time_zone,
            reference: dossier.reference,
            note: dossier.note,
            created_at: dossier.created_at,
            expires_at: dossier.expires_at,
            ended_at: dossier.ended_at,
            decline: dossier.decline_reason.map(|reason| Decline {
                reason,
                text: dossier.decline_text,
            }),
            reminders_stopped_at: dossier.reminders_stopped_at,
            undeliverable_at: dossier.undeliverable_at,
        })
    }
}

/// An invitation with its people and its time line.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = InvitationWithTimeline)]
pub(in crate::web::api) struct Detailed {
    #[serde(flatten)]
    invitation: Invitation,
    /// All who take part, in the order in which they came to it.
    people: Vec<Person>,
    /// What happened, then what is planned.
    timeline: Vec<Line>,
}

/// Somebody who takes part.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Person {
    contact: ContactId,
    role: RecipientRole,
    /// Empty where only the address is known.
    name: String,
    email: String,
}

/// One line of a time line.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TimelineEntry)]
pub(in crate::web::api) struct Line {
    at: Timestamp,
    /// What, as a name: `invitation.created`, `mail.sent`, `mail.planned`, `visit` …
    #[schema(example = "invitation.created")]
    what: String,
    /// More of it, for people.
    detail: String,
}

impl Detailed {
    /// The invitation at `now`.
    pub(in crate::web::api) fn of(found: Timeline, now: Timestamp) -> Result<Self, Problem> {
        let people = found.parts.into_iter().map(|part| Person {
            contact: part.contact_id,
            role: part.role,
            name: part.name,
            email: part.smtp_address,
        });
        let lines = found.lines.into_iter().map(|line| Line {
            at: line.at,
            what: line.what,
            detail: line.facts,
        });
        Ok(Self {
            people: people.collect(),
            timeline: lines.collect(),
            invitation: Invitation::of(found.dossier, &found.steps, now)?,
        })
    }
}

/// An invitation, as answers are shown.
pub(in crate::web::api) fn example() -> Value {
    json!({
        "object": "invitation",
        "id": "inv_019c3f1e0b7a7c1291d4a5c8f2e6b071",
        "state": "pending",
        "organization": {
            "id": "org_019c3f1e0b7a7c1291d4a5c8f2e6b071",
            "name": "Contoso",
            "kind": "organization",
            "cloud": "global"
        },
        "recipient": {
            "contact": "ctc_019c3f1e0b7a7c1291d4a5c8f2e6b071",
            "name": "Kim Minsu",
            "email": "kim@contoso.example"
        },
        "offer": {
            "catalogue": "2025",
            "partner_type": "reseller",
            "roles": [],
            "duration": null,
            "auto_extend": false,
            "agreement": true
        },
        "links": {"gdap": null, "reseller": null, "mca": null},
        "language": "en",
        "time_zone": "Asia/Seoul",
        "reference": "crm-4711",
        "note": null,
        "created_at": "2026-11-22T01:00:00Z",
        "expires_at": "2026-12-22T01:00:00Z",
        "ended_at": null,
        "decline": null,
        "reminders_stopped_at": null,
        "undeliverable_at": null,
        "steps": [
            {"step": "mca", "state": "unknown", "changed_at": null},
            {"step": "relationship", "state": "unknown", "changed_at": null}
        ]
    })
}

/// An invitation with its time line, as answers are shown.
pub(in crate::web::api) fn example_detailed() -> Value {
    let mut shown = example();
    shown["people"] = json!([{
        "contact": "ctc_019c3f1e0b7a7c1291d4a5c8f2e6b071",
        "role": "signer",
        "name": "Kim Minsu",
        "email": "kim@contoso.example"
    }]);
    shown["timeline"] = json!([
        {"at": "2026-11-22T01:00:00Z", "what": "invitation.created", "detail": "by prt_019c3f1e0b7a7c1291d4a5c8f2e6b071; source api"},
        {"at": "2026-11-22T01:00:02Z", "what": "mail.sent", "detail": "invitation (try 1), at end"},
        {"at": "2026-11-25T01:00:00Z", "what": "mail.planned", "detail": "reminder"}
    ]);
    shown
}
