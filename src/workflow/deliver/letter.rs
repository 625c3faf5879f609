//! The mail of a notice: rendered, composed and signed.
//!
//! The links in it are computed here, from the row and the key ring. Message-ID and Date are those of its first body, if one
//! has begun to leave before: a retry is the same mail.

mod change;
mod inquiry;
mod list;
mod people;
mod urls;
mod webhook;

use super::{About, Job, Post, RelationGrant};
use crate::domain::erasure::is_erased;
use crate::domain::evidence::Evidence;
use crate::domain::invitation::{DeclineReason, StateName};
use crate::domain::language::Language;
use crate::domain::microsoft::StepState;
use crate::domain::notice::{Due, Irrelevant, Kind, Side};
use crate::domain::time::Timestamp;
use crate::domain::token::{Tag, UnknownKey};
use crate::locale::Texts;
use crate::outbound::compose::{ComposeError, Composed, Letter, compose};
use crate::outbound::mails::{self, Happened, Mail, Person, Reader, Terms, Told};
use crate::outbound::render::render;
use crate::outbound::sign::DkimError;
use crate::storage;
use crate::storage::dossier::Dossier;
use crate::storage::partner::Partner;
use crate::storage::recipient::Part;
use crate::workflow::facts::{self, readable, signer_name, step_with_link};
use crate::workflow::link::LinkRow;
use crate::workflow::{Engine, stored, undeliverable, zone};

pub use urls::SAMPLE;
pub(super) use urls::Urls;

/// What becomes of a job.
pub enum Prepared {
    /// A mail, ready to leave.
    Mail(Box<Parcel>),
    /// Nobody waits for it, and it is no time to send it: not before then.
    NotNow(Timestamp),
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
    #[error(
        "the invitation, its partner, its agreement or its relationship is not in the database"
    )]
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
    match job.due(engine, now) {
        Due::Leaves => {}
        Due::Waits(until) => return Prepared::NotNow(until),
        Due::Irrelevant(why) => return Prepared::Irrelevant(why),
    }
    let (Some(about), Some(partner)) = (&job.about, &job.partner) else {
        return Prepared::Broken(Broken::Missing);
    };
    let dated_at = job.first.as_ref().map_or(now, |first| first.dated_at);
    let draft = match about {
        About::Invitation(dossier) => {
            let writer = Writer {
                urls: Urls::Genuine(engine),
                job,
                dossier,
                partner,
                side: job.side(),
                now,
            };
            writer.draft(dated_at)
        }
        About::Contact(contact, partners) => {
            list::draft(engine, contact, *partners, partner, dated_at)
        }
        About::Inquiry(asked) => inquiry::confirm_draft(engine, asked),
        About::Request(asked) => inquiry::request_draft(engine, asked, partner),
        About::Endpoint(endpoint) => {
            webhook::draft(engine, endpoint, partner, &job.claimed.payload)
        }
    };
    match draft.and_then(|draft| parcel(post, job, draft, dated_at)) {
        Ok(parcel) => Prepared::Mail(Box::new(parcel)),
        Err(broken) => Prepared::Broken(broken),
    }
}

/// What a letter is made of besides what every letter has.
struct Draft {
    mail: Mail,
    /// The key of its tags.
    key: u16,
    from_name: String,
    to_name: Option<String>,
    to_address: String,
    language: Language,
    list_unsubscribe: Option<String>,
}

fn parcel(post: &Post, job: &Job, draft: Draft, dated_at: Timestamp) -> Result<Parcel, Broken> {
    let id = job.claimed.id;
    let message_id = match &job.first {
        Some(first) => first.message_id.clone(),
        None => format!("{id}@{}", post.mail_domain),
    };
    let tagged = |tag| -> Result<String, Broken> {
        let tag = post.tags.mint(tag, draft.key, id)?;
        Ok(format!("{tag}@{}", post.mail_domain))
    };
    let rendered = render(&draft.mail);
    let letter = Letter {
        message_id: format!("<{message_id}>"),
        date: dated_at,
        boundary: format!("countersign-{id}"),
        from_name: draft.from_name,
        from_address: format!("{}@{}", post.from_local, post.mail_domain),
        reply_to: tagged(Tag::Reply)?,
        to_name: draft.to_name,
        to_address: draft.to_address,
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
        language: draft.language.to_string(),
        list_unsubscribe: draft.list_unsubscribe,
    };
    let mut mail = compose(&letter)?;
    let first = job.first.as_ref();
    let drifted = first.is_some_and(|first| first.body_sha256 != mail.sha256);
    post.signers.sign(&mut mail, dated_at)?;
    Ok(Parcel {
        mail_from: tagged(Tag::Bounce)?,
        rcpt_to: letter.to_address,
        address: job.address().filter(|_| !job.is_asked_for()),
        mail,
        message_id,
        dated_at,
        drifted,
    })
}

/// The host of the pages, without scheme and port.
fn host(public_url: &str) -> &str {
    let host = public_url
        .split_once("://")
        .map_or(public_url, |(_, rest)| rest);
    // An IPv6 address keeps its brackets, and the colons between them.
    let end = host
        .rfind(':')
        .filter(|colon| !host[*colon..].contains(']'));
    &host[..end.unwrap_or(host.len())]
}

pub(super) struct Writer<'a> {
    pub(super) urls: Urls<'a>,
    pub(super) job: &'a Job,
    pub(super) dossier: &'a Dossier,
    pub(super) partner: &'a Partner,
    pub(super) side: Side,
    pub(super) now: Timestamp,
}

impl Writer<'_> {
    fn draft(&self, dated_at: Timestamp) -> Result<Draft, Broken> {
        let (to_name, to_address) = match self.side {
            // Only their address is known.
            Side::Customer if let Some(viewer) = self.job.viewer() => (None, &viewer.smtp_address),
            Side::Customer => (
                Some(self.dossier.recipient_name.clone()),
                &self.dossier.smtp_address,
            ),
            Side::Partner => (None, &self.partner.email),
        };
        Ok(Draft {
            mail: self.mail(dated_at)?,
            key: LinkRow::from(self.dossier).key,
            from_name: self.partner.name.clone(),
            to_name,
            to_address: to_address.clone(),
            language: self.language().clone(),
            list_unsubscribe: self.list_unsubscribe()?,
        })
    }

    /// The link that stops such mails; a partner never gets one, as it is the customer's.
    fn list_unsubscribe(&self) -> Result<Option<String>, Broken> {
        if self.side == Side::Partner || !self.job.claimed.kind.is_reminder() {
            return Ok(None);
        }
        Ok(Some(self.urls.stop(self.dossier.into())?))
    }

    fn language(&self) -> &Language {
        match self.side {
            Side::Customer => &self.dossier.language,
            Side::Partner => &self.partner.language,
        }
    }

    pub(super) fn mail(&self, dated_at: Timestamp) -> Result<Mail, Broken> {
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
            Kind::Ending => Mail::Change(self.change(Happened::Ending, dated_at)?),
            Kind::Ended => Mail::Change(self.change(Happened::Ended, dated_at)?),
            Kind::Extended => Mail::Change(self.change(Happened::Extended, dated_at)?),
            Kind::RolesRemoved => Mail::Change(self.change(Happened::RolesRemoved, dated_at)?),
            Kind::RelationshipEnded => {
                Mail::Change(self.change(Happened::RelationshipEnded, dated_at)?)
            }
            // They are about a mailbox, an inquiry or an endpoint, not about an invitation; and a call is no mail.
            Kind::ManageLink
            | Kind::InquiryConfirm
            | Kind::Inquiry
            | Kind::WebhookDisabled
            | Kind::Webhook => return Err(Broken::Missing),
            Kind::StepsOpen => Mail::StepsOpen(self.steps_open()?),
            Kind::HandedOver => Mail::HandedOver(self.handed_over(dated_at)?),
            Kind::Viewer => Mail::Viewer(self.viewer(dated_at)?),
        })
    }

    fn reader(&self) -> Reader {
        let name = match self.side {
            Side::Customer => &self.dossier.time_zone,
            Side::Partner => &self.partner.time_zone,
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

    fn person(&self, part: &Part) -> Person {
        Person {
            name: self.named(&part.name, &part.address).into(),
            email: readable(&part.smtp_address),
        }
    }

    /// A name of the customer's side, as this mail may tell it.
    pub(super) fn named(&self, name: &str, address: &str) -> String {
        if is_erased(address) {
            Texts::of(self.language()).m("erased-name")
        } else {
            name.to_owned()
        }
    }

    fn recipient(&self) -> Person {
        let dossier = self.dossier;
        Person {
            name: self.named(&dossier.recipient_name, &dossier.address).into(),
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
            accept_url: self.urls.accept(self.dossier.into())?,
            expires: self.dossier.expires_at,
            manage_url: self.manage_url()?,
        })
    }

    fn follow_up(&self, dated_at: Timestamp) -> Result<mails::FollowUp, Broken> {
        Ok(mails::FollowUp {
            request: self.request(dated_at)?,
            stop_url: self.urls.stop(self.dossier.into())?,
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
                url: self.urls.agreement(row, text.id)?,
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
            receipt_url: self.urls.receipt(row)?,
            remaining: self.remaining()?,
            cloud: self.dossier.cloud,
            manage_url: self.manage_url()?,
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
            signer: self
                .named(
                    &signer_name(&evidence, self.language()),
                    &self.dossier.address,
                )
                .into(),
            accepted_at: evidence.at,
            remaining: self.remaining()?,
        })
    }

    fn undeliverable(&self, dated_at: Timestamp) -> Result<mails::Undeliverable, Broken> {
        let failure: undeliverable::Failure = stored(&self.job.claimed.payload)?;
        let mut invited = self.invited(dated_at)?;
        if let Some(viewer) = &self.job.concerns {
            invited.recipient = self.person(viewer);
        }
        Ok(mails::Undeliverable {
            reader: self.reader(),
            invited,
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

#[cfg(test)]
mod tests;
