//! A mail as it would read, without sending it: of a real invitation, with links that open nothing.
//!
//! What has not happened yet is assumed: an acceptance by whoever is asked, today; an end that the roles would have. The letter
//! is written by what writes the mails that leave, with `Urls::Sample` in the place of the engine: no key is within its
//! reach, and so no token can come into what a partner reads.

use std::sync::Arc;

use super::letter::{Broken, Urls, Writer};
use super::{About, Job, Relation, RelationGrant, load};
use crate::domain::delivery::Reply;
use crate::domain::erasure::is_erased;
use crate::domain::evidence::{AgreedText, Evidence, GrantedRole, Means, Party, Signer};
use crate::domain::ids::{ContactId, InvitationId, PartnerId};
use crate::domain::invitation::{RecipientRole, StateName};
use crate::domain::language::Language;
use crate::domain::microsoft::StepState;
use crate::domain::notice::{Concerns, Kind, Side, Subject};
use crate::domain::offer::Offer;
use crate::domain::time::{DAY, Timestamp};
use crate::outbound::mails::Mail;
use crate::outbound::render::{Rendered, render};
use crate::storage::agreement::Agreement;
use crate::storage::dossier::Dossier;
use crate::storage::partner::Partner;
use crate::storage::queue::Claimed;
use crate::storage::recipient::Part;
use crate::storage::{self, agreement, dossier, recipient};
use crate::workflow::change::{By, Told, ToldRole};
use crate::workflow::invite::AGREEMENT;
use crate::workflow::link::LinkRow;
use crate::workflow::undeliverable::{Failure, Reason};
use crate::workflow::{Engine, facts};

/// Which mail is to be shown.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Of which kind.
    pub kind: Kind,
    /// To whom, of a kind that goes to both sides; the customer where it is not said.
    pub side: Option<Side>,
    /// In which language; its reader's own where it is not said.
    pub language: Option<Language>,
}

/// A mail that was not sent.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Of which kind.
    pub kind: Kind,
    /// Who would read it.
    pub side: Side,
    /// In which language.
    pub language: Language,
    /// Whose names or addresses it may hold, as far as they are the customer's.
    pub contacts: Vec<ContactId>,
    /// The mail.
    pub mail: Rendered,
}

/// Why a mail cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// There is no such invitation, or it is another partner's.
    #[error("invitation: there is none with this id")]
    NotFound,
    /// A mail of that kind is about no invitation.
    #[error("kind: a mail of the kind `{0}` is not about an invitation")]
    NotOfInvitations(Kind),
    /// That side gets no mail of that kind.
    #[error("side: a mail of the kind `{0}` does not go to the {1}")]
    NotToThem(Kind, Side),
    /// What is offered never leads to such a mail.
    #[error("kind: what this invitation offers never leads to a mail of the kind `{0}`")]
    NeverSent(Kind),
    /// Its reader was erased: nobody mails them any more.
    #[error("invitation: its recipient was erased, and gets no mail any more")]
    Erased,
    /// A stored value does not read back.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// The database.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// Shows a mail of a kind for an invitation of a partner.
///
/// # Errors
/// The partner has no such invitation, it never leads to such a mail, or the database is away.
pub async fn preview(
    engine: &Engine,
    partner: PartnerId,
    id: InvitationId,
    wanted: &Wanted,
) -> Result<Preview, PreviewError> {
    let kind = wanted.kind;
    let side = side(wanted)?;
    let now = engine.clock.now();
    let mut conn = engine.db.read().await?;
    let found = dossier::of_invitation(&mut conn, id).await?;
    let found = found.filter(|dossier| dossier.partner_id == partner);
    let dossier = found.ok_or(PreviewError::NotFound)?;
    if side == Side::Customer && is_erased(&dossier.address) {
        return Err(PreviewError::Erased);
    }
    let parts = recipient::of_invitation(&mut conn, id).await?;
    drop(conn);
    let concerned = parts.into_iter().find(|part| concerns(kind, part));
    let mut contacts = vec![dossier.contact_id];
    contacts.extend(concerned.as_ref().map(|part| part.contact_id));
    let claimed = claimed(kind, side, &dossier, concerned.as_ref(), now);
    let job = load(engine, &[claimed]).await?.pop();
    let mut job = job.ok_or(PreviewError::NotFound)?;
    let of_reader = match (side, job.partner.as_deref()) {
        (Side::Partner, Some(partner)) => partner.language.clone(),
        _ => dossier.language.clone(),
    };
    let language = wanted.language.clone().unwrap_or(of_reader);
    let mut conn = engine.db.read().await?;
    // A text that is not there in that language stands in its own.
    let mut text = agreement::current(&mut conn, AGREEMENT, &language, now).await?;
    if text.is_none() {
        text = agreement::current(&mut conn, AGREEMENT, &dossier.language, now).await?;
    }
    drop(conn);
    job.agreement = text.map(Arc::new);
    let scene = Scene {
        public_url: &engine.settings.public_url,
        side,
        language: &language,
        now,
    };
    let mail = scene.write(job, dossier)?;
    Ok(Preview {
        kind,
        side,
        language,
        contacts,
        mail: render(&mail),
    })
}

fn side(wanted: &Wanted) -> Result<Side, PreviewError> {
    let kind = wanted.kind;
    if kind.subject() != Subject::Invitation {
        return Err(PreviewError::NotOfInvitations(kind));
    }
    let sides = kind.sides();
    match (wanted.side, sides) {
        (Some(side), _) if sides.contains(&side) => Ok(side),
        (Some(side), _) => Err(PreviewError::NotToThem(kind, side)),
        (None, [first, ..]) => Ok(*first),
        (None, []) => Err(PreviewError::NotOfInvitations(kind)),
    }
}

/// Whether a mail of that kind is about this one of those who take part.
fn concerns(kind: Kind, part: &Part) -> bool {
    match kind {
        Kind::Viewer => part.role == RecipientRole::Viewer && !is_erased(&part.address),
        Kind::HandedOver => part.role == RecipientRole::Former,
        _ => false,
    }
}

/// The notice that such a mail would be made of.
fn claimed(
    kind: Kind,
    side: Side,
    dossier: &Dossier,
    concerned: Option<&Part>,
    now: Timestamp,
) -> Claimed {
    let payload = match (kind, concerned) {
        (Kind::Undeliverable, _) => serde_json::to_string(&Failure {
            mail: Kind::Invitation,
            reason: Reason::Refused,
            reply: Some(Reply {
                code: 550,
                enhanced: Some((5, 1, 1)),
                text: "User unknown".to_owned(),
            }),
            concerns: None,
        }),
        (_, Some(part)) => serde_json::to_string(&Concerns { recipient: part.id }),
        (_, None) => Ok("{}".to_owned()),
    };
    Claimed {
        id: uuid::Uuid::nil().into(),
        partner_id: dossier.partner_id,
        domain: String::new(),
        kind,
        subject_id: dossier.id.uuid(),
        target_id: match side {
            Side::Customer => dossier.contact_id.uuid(),
            Side::Partner => dossier.partner_id.uuid(),
        },
        generation: dossier.generation,
        payload: payload.unwrap_or_else(|_| "{}".to_owned()),
        due_at: now,
        attempts: 1,
        failures: 0,
    }
}

/// What a preview is written with: no engine, and so no key.
struct Scene<'a> {
    public_url: &'a str,
    side: Side,
    language: &'a Language,
    now: Timestamp,
}

impl Scene<'_> {
    fn write(&self, mut job: Job, dossier: Dossier) -> Result<Mail, PreviewError> {
        let kind = job.claimed.kind;
        if let Some(why) = job.unreadable {
            return Err(Broken::Unreadable(why).into());
        }
        let mut dossier = dossier;
        let offer = facts::offer(&dossier)?;
        let partner = job.partner.as_deref().ok_or(Broken::Missing)?;
        let mut partner = partner.clone();
        let is_assumed = dossier.evidence.is_none();
        self.assume(&mut job, &mut dossier, &offer, &partner)?;
        // What its reader's own are, each way that the letter looks at them.
        dossier.language = self.language.clone();
        partner.language = self.language.clone();
        job.about = Some(About::Invitation(Arc::new(dossier.clone())));
        let writer = Writer {
            urls: Urls::Sample {
                public_url: self.public_url,
            },
            job: &job,
            dossier: &dossier,
            partner: &partner,
            side: self.side,
            now: self.now,
        };
        let mut mail = writer.mail(self.now)?;
        if is_assumed && needs_acceptance(kind) {
            // Nobody has signed: whoever is asked would.
            let name = writer.named(&dossier.recipient_name, &dossier.address);
            match &mut mail {
                Mail::Receipt(receipt) => receipt.signer.name = name.into(),
                Mail::Accepted(accepted) => accepted.signer = name.into(),
                Mail::StepsOpen(open) => open.person.name = name.into(),
                _ => {}
            }
        }
        Ok(mail)
    }

    /// Fills in what has not happened.
    fn assume(
        &self,
        job: &mut Job,
        dossier: &mut Dossier,
        offer: &Offer,
        partner: &Partner,
    ) -> Result<(), PreviewError> {
        let kind = job.claimed.kind;
        if needs_acceptance(kind) && dossier.evidence.is_none() {
            let text = job.agreement.as_deref();
            let evidence = self.evidence(dossier, offer, partner, text);
            dossier.evidence = Some(
                evidence
                    .canonical()
                    .map_err(|error| Broken::Stored(storage::Error::Refused(error.to_string())))?,
            );
            dossier.state = StateName::Accepted;
            job.steps = offer
                .steps()
                .map(|step| (step, StepState::Unknown))
                .collect();
        }
        if kind == Kind::StepsOpen {
            if offer.steps().next().is_none() {
                return Err(PreviewError::NeverSent(kind));
            }
            let is_open = |(_, state): &(_, StepState)| *state == StepState::Unknown;
            if !job.steps.iter().any(is_open) {
                let open = offer.steps().map(|step| (step, StepState::Unknown));
                job.steps = open.collect();
            }
        }
        if kind.is_about_relationship() {
            self.assume_change(job, dossier, offer)?;
        }
        if matches!(kind, Kind::Viewer | Kind::HandedOver) && job.concerns.is_none() {
            job.concerns = Some(Arc::new(somebody(kind, dossier)));
        }
        Ok(())
    }

    fn assume_change(
        &self,
        job: &mut Job,
        dossier: &Dossier,
        offer: &Offer,
    ) -> Result<(), PreviewError> {
        let kind = job.claimed.kind;
        let never = || PreviewError::NeverSent(kind);
        let partner_type = offer.relationship().ok_or_else(never)?;
        let end = facts::expected_end(offer, dossier, self.now);
        let mut relation = match job.relation.as_deref() {
            Some(relation) => relation.clone(),
            None => Relation {
                id: uuid::Uuid::nil().into(),
                partner_type: partner_type.to_owned(),
                cloud: dossier.cloud,
                since: self.now,
                is_active: true,
                revision: 1,
                grants: Vec::new(),
                link: LinkRow::from(dossier),
            },
        };
        if relation.grants.is_empty() {
            let granted = |role: &String| RelationGrant {
                role: role.clone(),
                granted_at: self.now,
                expected_end: end.unwrap_or(self.now),
                auto_extend: offer.auto_extend(),
                revision: relation.revision,
            };
            relation.grants = offer.roles().iter().map(granted).collect();
        }
        let is_of_roles = kind != Kind::RelationshipEnded;
        // Whoever signs may let them, where it is offered.
        let extends = offer.auto_extend() || relation.grants.iter().any(|it| it.auto_extend);
        if is_of_roles && relation.grants.is_empty() || kind == Kind::Extended && !extends {
            return Err(never());
        }
        for grant in &mut relation.grants {
            grant.revision = relation.revision;
            if grant.expected_end <= self.now {
                grant.expected_end = end.unwrap_or(self.now.plus_micros(30 * DAY));
            }
        }
        let told = |grant: &RelationGrant| ToldRole {
            role: grant.role.clone(),
            until: grant.expected_end,
            auto_extend: grant.auto_extend,
        };
        let payload = Told {
            by: match kind {
                Kind::RolesRemoved => By::Customer {
                    name: dossier.recipient_name.clone(),
                },
                Kind::RelationshipEnded => By::Partner,
                _ => By::Calendar,
            },
            at: self.now,
            partner_type: relation.partner_type.clone(),
            roles: relation.grants.iter().map(told).collect(),
            remaining: Vec::new(),
        };
        job.claimed.payload = payload.payload();
        job.claimed.generation = i64::from(relation.revision);
        job.relation = Some(Arc::new(relation));
        Ok(())
    }

    /// What would be recorded if whoever is asked consented now.
    fn evidence(
        &self,
        dossier: &Dossier,
        offer: &Offer,
        partner: &Partner,
        text: Option<&Agreement>,
    ) -> Evidence {
        let end = facts::expected_end(offer, dossier, self.now);
        let granted = |role: &String| {
            Some(GrantedRole {
                role: role.clone(),
                template_id: String::new(),
                duration: offer.duration()?.to_string(),
                expected_end: end?,
                auto_extend: offer.auto_extend(),
            })
        };
        Evidence {
            version: 1,
            acceptance: uuid::Uuid::nil().into(),
            invitation: dossier.id,
            partner: Party {
                id: partner.id,
                name: partner.legal_name.clone(),
            },
            organization: Party {
                id: dossier.organization_id,
                name: dossier.organization_name.clone(),
            },
            signer: Signer {
                family_name: String::new(),
                given_name: dossier.recipient_name.clone(),
                email: dossier.smtp_address.clone(),
                phone: None,
                authority: String::new(),
            },
            agreement: text.filter(|_| offer.agreement()).map(|text| AgreedText {
                id: text.id,
                title: text.title.clone(),
                version: text.version.clone(),
                language: text.language.to_string(),
                sha256: data_encoding::HEXLOWER.encode(&text.sha256),
                sentence: String::new(),
            }),
            grants: offer.roles().iter().filter_map(granted).collect(),
            offer: offer.clone(),
            forced: false,
            at: self.now,
            how: Means {
                client_address: None,
                user_agent: None,
                key_id: 0,
                generation: 0,
                language: self.language.to_string(),
            },
        }
    }
}

/// Whether a mail of that kind tells of an acceptance.
const fn needs_acceptance(kind: Kind) -> bool {
    matches!(kind, Kind::Receipt | Kind::Accepted | Kind::StepsOpen) || kind.is_about_relationship()
}

/// Somebody who is not there: the one who would read along, or would have been asked first. Their address is nobody's
/// (RFC 2606 §3).
fn somebody(kind: Kind, dossier: &Dossier) -> Part {
    Part {
        id: uuid::Uuid::nil().into(),
        contact_id: uuid::Uuid::nil().into(),
        role: match kind {
            Kind::Viewer => RecipientRole::Viewer,
            _ => RecipientRole::Former,
        },
        name: dossier.recipient_name.clone(),
        generation: 0,
        key_id: 0,
        links_expire_at: dossier.links_expire_at,
        address: "somebody@example.com".to_owned(),
        smtp_address: "somebody@example.com".to_owned(),
    }
}
