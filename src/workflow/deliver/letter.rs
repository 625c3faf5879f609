//! The mail of a notice: rendered, composed and signed.
//!
//! The links in it are computed here, from the row and the key ring. Message-ID and Date are those of its first body, if one
//! has begun to leave before: a retry is the same mail.

use super::{Job, Post};
use crate::domain::evidence::Evidence;
use crate::domain::invitation::{DeclineReason, StateName};
use crate::domain::language::Language;
use crate::domain::microsoft::StepState;
use crate::domain::notice::{Irrelevant, Kind};
use crate::domain::time::Timestamp;
use crate::domain::token::{Tag, UnknownKey};
use crate::outbound::compose::{ComposeError, Composed, Letter, compose};
use crate::outbound::mails::{self, Mail, Person, Reader, Terms, Told};
use crate::outbound::render::render;
use crate::outbound::sign::DkimError;
use crate::storage;
use crate::storage::dossier::Dossier;
use crate::storage::partner::Partner;
use crate::workflow::facts::{self, readable, signer_name, step_with_link};
use crate::workflow::link::LinkRow;
use crate::workflow::{Engine, stored, undeliverable, zone};

/// What becomes of a job.
pub enum Prepared {
    /// A mail, ready to leave.
    Mail(Box<Parcel>),
    /// It is not worth sending any more.
    Irrelevant(Irrelevant),
    /// No mail can be made of it; an operator has to look.
    Broken(Broken),
}

/// A mail with its envelope and what its mark will say.
#[derive(Debug)]
pub struct Parcel {
    /// The return path.
    pub mail_from: String,
    /// The recipient.
    pub rcpt_to: String,
    /// The recipient's normalized address, for suppression; none where it asked for this mail itself.
    pub address: Option<String>,
    /// The mail.
    pub mail: Composed,
    /// Its Message-ID, without the angle brackets.
    pub message_id: String,
    /// Its Date.
    pub dated_at: Timestamp,
    /// It was begun before, and it is not the same bytes any more: release, templates or data changed.
    pub drifted: bool,
}

/// Why no mail can be made.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The rows are not there.
    #[error("the invitation, its partner or its agreement is not in the database")]
    Missing,
    /// The key of its links is gone.
    #[error("its links are made with a key that is not in the key ring: {0}")]
    Key(#[from] UnknownKey),
    /// A stored value does not read back.
    #[error(transparent)]
    Stored(#[from] storage::Error),
    /// A row does not read back.
    #[error("{0}")]
    Unreadable(String),
    /// No mail can be composed.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// It cannot be signed.
    #[error(transparent)]
    Sign(#[from] DkimError),
}

/// Makes the mail of a job, unless it is not worth sending any more.
pub fn prepare(engine: &Engine, post: &Post, job: &Job) -> Prepared {
    let now = engine.clock.now();
    if let Some(why) = &job.unreadable {
        return Prepared::Broken(Broken::Unreadable(why.clone()));
    }
    let (Some(dossier), Some(partner)) = (&job.dossier, &job.partner) else {
        return Prepared::Broken(Broken::Missing);
    };
    if let Err(why) = job.relevant(dossier, now) {
        return Prepared::Irrelevant(why);
    }
    let writer = Writer {
        engine,
        post,
        job,
        dossier,
        partner,
        now,
    };
    match writer.parcel() {
        Ok(parcel) => Prepared::Mail(Box::new(parcel)),
        Err(broken) => Prepared::Broken(broken),
    }
}

struct Writer<'a> {
    engine: &'a Engine,
    post: &'a Post,
    job: &'a Job,
    dossier: &'a Dossier,
    partner: &'a Partner,
    now: Timestamp,
}

impl Writer<'_> {
    fn parcel(&self) -> Result<Parcel, Broken> {
        let claimed = &self.job.claimed;
        let (message_id, dated_at) = match &self.job.first {
            Some(first) => (first.message_id.clone(), first.dated_at),
            None => (
                format!("{}@{}", claimed.id, self.post.mail_domain),
                self.now,
            ),
        };
        let key = LinkRow::from(self.dossier).key;
        let tagged = |tag| -> Result<String, Broken> {
            Ok(format!(
                "{}@{}",
                self.post.tags.mint(tag, key, claimed.id)?,
                self.post.mail_domain
            ))
        };
        let is_for_customer = claimed.kind.is_for_customer();
        let rendered = render(&self.mail(dated_at)?);
        let rcpt_to = if is_for_customer {
            &self.dossier.smtp_address
        } else {
            &self.partner.email
        };
        let letter = Letter {
            message_id: format!("<{message_id}>"),
            date: dated_at,
            boundary: format!("countersign-{}", claimed.id),
            from_name: self.partner.name.clone(),
            from_address: format!("{}@{}", self.post.from_local, self.post.mail_domain),
            reply_to: tagged(Tag::Reply)?,
            to_name: is_for_customer.then(|| self.dossier.recipient_name.clone()),
            to_address: rcpt_to.clone(),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            language: self.language().to_string(),
            list_unsubscribe: if claimed.kind.is_reminder() {
                Some(self.engine.stop_url(self.dossier.into())?)
            } else {
                None
            },
        };
        let mut mail = compose(&letter)?;
        let drifted = self
            .job
            .first
            .as_ref()
            .is_some_and(|first| first.body_sha256 != mail.sha256);
        self.post.signers.sign(&mut mail, dated_at)?;
        Ok(Parcel {
            mail_from: tagged(Tag::Bounce)?,
            rcpt_to: rcpt_to.clone(),
            address: self.job.address().filter(|_| !self.job.is_asked_for()),
            mail,
            message_id,
            dated_at,
            drifted,
        })
    }

    fn language(&self) -> &Language {
        if self.job.claimed.kind.is_for_customer() {
            &self.dossier.language
        } else {
            &self.partner.language
        }
    }

    fn mail(&self, dated_at: Timestamp) -> Result<Mail, Broken> {
        Ok(match self.job.claimed.kind {
            Kind::Invitation => Mail::Invitation(self.request(dated_at)?),
            Kind::Reminder => Mail::Reminder(self.follow_up(dated_at)?),
            Kind::LastChance => Mail::LastChance(self.follow_up(dated_at)?),
            Kind::Receipt => Mail::Receipt(self.receipt()?),
            Kind::Accepted => Mail::Accepted(self.accepted()?),
            Kind::Declined => Mail::Declined(mails::Declined {
                reader: self.reader(),
                invited: self.invited(dated_at)?,
                reason: self.dossier.decline_reason.unwrap_or(DeclineReason::Other),
                comment: self.dossier.decline_text.as_ref().map(Told::from),
                declined_at: self.dossier.ended_at.unwrap_or(self.now),
            }),
            Kind::Expired => Mail::Expired(mails::Expired {
                reader: self.reader(),
                invited: self.invited(dated_at)?,
                expired_at: self.dossier.expires_at,
            }),
            Kind::Undeliverable => Mail::Undeliverable(self.undeliverable(dated_at)?),
        })
    }

    fn reader(&self) -> Reader {
        let is_for_customer = self.job.claimed.kind.is_for_customer();
        let name = if is_for_customer {
            &self.dossier.time_zone
        } else {
            &self.partner.time_zone
        };
        Reader {
            language: self.language().clone(),
            zone: zone(name),
        }
    }

    fn partner(&self) -> mails::Partner {
        let partner = self.partner;
        mails::Partner {
            display_name: (&partner.name).into(),
            legal_name: (&partner.legal_name).into(),
            email: partner.email.clone(),
            phone: partner.phone.clone(),
            address: (&partner.address).into(),
            website: partner.website.clone(),
            representative: partner.representative.as_ref().map(Told::from),
            registration_number: partner.registration_number.as_ref().map(Told::from),
            advertising: partner.advertising_mark,
        }
    }

    fn evidence(&self) -> Result<Evidence, Broken> {
        let record = self.dossier.evidence.as_deref().ok_or(Broken::Missing)?;
        Ok(stored(record)?)
    }

    /// What is asked; the end of the roles counts from the mail's Date, so that a retry says the same.
    fn terms(&self, dated_at: Timestamp) -> Result<Terms, Broken> {
        let offer = facts::offer(self.dossier)?;
        Ok(Terms {
            expected_end: facts::expected_end(&offer, self.dossier, dated_at),
            agreement: self
                .job
                .agreement
                .as_ref()
                .filter(|_| offer.agreement())
                .map(|agreement| mails::Agreement {
                    title: agreement.title.clone(),
                    version: agreement.version.clone(),
                }),
            offer,
        })
    }

    /// What was agreed to.
    fn agreed(evidence: &Evidence) -> Terms {
        Terms {
            offer: evidence.offer.clone(),
            expected_end: facts::agreed_end(evidence),
            agreement: evidence.agreement.as_ref().map(|text| mails::Agreement {
                title: text.title.clone(),
                version: text.version.clone(),
            }),
        }
    }

    fn recipient(&self) -> Person {
        Person {
            name: (&self.dossier.recipient_name).into(),
            email: readable(&self.dossier.smtp_address),
        }
    }

    fn request(&self, dated_at: Timestamp) -> Result<mails::Request, Broken> {
        let terms = self.terms(dated_at)?;
        let links = facts::links(self.dossier)?;
        let steps = terms.offer.steps().map(|step| step_with_link(step, &links));
        Ok(mails::Request {
            reader: self.reader(),
            partner: self.partner(),
            organization: (&self.dossier.organization_name).into(),
            recipient: self.recipient(),
            steps: steps.collect(),
            terms,
            note: self.dossier.note.clone(),
            accept_url: self.engine.accept_url(self.dossier.into())?,
            expires: self.dossier.expires_at,
        })
    }

    fn follow_up(&self, dated_at: Timestamp) -> Result<mails::FollowUp, Broken> {
        Ok(mails::FollowUp {
            request: self.request(dated_at)?,
            stop_url: self.engine.stop_url(self.dossier.into())?,
        })
    }

    fn remaining(&self) -> Result<Vec<mails::Step>, Broken> {
        let links = facts::links(self.dossier)?;
        let open = self
            .job
            .steps
            .iter()
            .filter(|(_, state)| *state == StepState::Unknown);
        Ok(open
            .map(|(step, _)| step_with_link(*step, &links))
            .collect())
    }

    fn receipt(&self) -> Result<mails::Receipt, Broken> {
        let evidence = self.evidence()?;
        let row = LinkRow::from(self.dossier);
        let accepted_text = match &evidence.agreement {
            Some(text) => Some(mails::AcceptedText {
                sha256: text.sha256.clone(),
                url: self.engine.agreement_url(row, text.id)?,
            }),
            None => None,
        };
        Ok(mails::Receipt {
            reader: self.reader(),
            partner: self.partner(),
            organization: (&evidence.organization.name).into(),
            signer: Person {
                name: signer_name(&evidence, self.language()).into(),
                email: readable(&evidence.signer.email),
            },
            terms: Self::agreed(&evidence),
            accepted_text,
            accepted_at: evidence.at,
            receipt_url: self.engine.receipt_url(row)?,
            remaining: self.remaining()?,
        })
    }

    fn invited(&self, dated_at: Timestamp) -> Result<mails::Invited, Broken> {
        Ok(mails::Invited {
            id: self.dossier.id,
            reference: self.dossier.reference.as_ref().map(Told::from),
            partner: (&self.partner.name).into(),
            organization: (&self.dossier.organization_name).into(),
            recipient: self.recipient(),
            terms: match self.dossier.state {
                StateName::Accepted => Self::agreed(&self.evidence()?),
                _ => self.terms(dated_at)?,
            },
        })
    }

    fn accepted(&self) -> Result<mails::Accepted, Broken> {
        let evidence = self.evidence()?;
        Ok(mails::Accepted {
            reader: self.reader(),
            invited: self.invited(evidence.at)?,
            signer: signer_name(&evidence, self.language()).into(),
            accepted_at: evidence.at,
            remaining: self.remaining()?,
        })
    }

    fn undeliverable(&self, dated_at: Timestamp) -> Result<mails::Undeliverable, Broken> {
        let failure: undeliverable::Failure = stored(&self.job.claimed.payload)?;
        Ok(mails::Undeliverable {
            reader: self.reader(),
            invited: self.invited(dated_at)?,
            mail: failure.mail,
            failure: match (failure.reason, &failure.reply) {
                (undeliverable::Reason::Refused, Some(reply)) => mails::Failure::of(reply),
                (undeliverable::Reason::Refused, None) => mails::Failure::Refused,
                (undeliverable::Reason::GivenUp, _) => mails::Failure::GaveUp,
                (undeliverable::Reason::OurFault, _) => mails::Failure::OurFault,
            },
            reply: failure.reply,
        })
    }
}
