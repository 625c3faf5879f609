//! What is held of a person, in one document for them: each kind of data with what it is for and how long it is kept.
//!
//! It holds no link, no token and no key, and of others only what stands in the person's own record.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::evidence::{Fate, Why};
use super::{PrivacyError, absent, contact_of, remains};
use crate::domain::address::EmailAddress;
use crate::domain::ids::ContactId;
use crate::domain::retention::Class;
use crate::domain::time::Timestamp;
use crate::storage::contact::Contact;
use crate::storage::privacy::{self, Kept, held};
use crate::storage::{self, Conn, event, notice, partner, suppression, visit};
use crate::workflow::{Engine, stored};

/// The form of this document.
const FORM: &str = "countersign/v1/person";

/// All that is held of a person.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    /// The form of this document.
    pub form: &'static str,
    /// When it was made.
    pub exported_at: Timestamp,
    /// Of which mailbox: its normalized address.
    pub address: String,
    /// Each kind of data that something is held of.
    pub sections: Vec<Section>,
}

/// One kind of data.
#[derive(Clone, Debug, Serialize)]
pub struct Section {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// How long it is kept.
    pub kept: String,
    /// What is held.
    pub items: Vec<Value>,
}

/// Tells what is held of a person.
///
/// # Errors
/// Nothing is, or the database is away.
pub async fn export(engine: &Engine, address: &EmailAddress) -> Result<Document, PrivacyError> {
    let mut conn = engine.db.read().await?;
    let found = contact_of(&mut conn, address).await?;
    let remaining = remains(&mut conn, address).await?;
    let left_alone = left_alone(engine, &mut conn, address).await?;
    if found.is_none() && remaining.is_empty() {
        // A suppression with its address, or with what was said of it, is data of that person, though nothing else is known
        // of them.
        let says = |row: &Value, name| row.get(name).is_some_and(|it| !it.is_null());
        let mut rows = left_alone.iter();
        if rows.any(|row| says(row, "address") || says(row, "why")) {
            let writer = Writer::new(engine);
            return Ok(writer.document(address, vec![suppressions(left_alone)]));
        }
        return Err(absent(engine, &mut conn, address).await?);
    }
    let writer = Writer::new(engine);
    let mut sections = Vec::new();
    let mut evidence = remaining;
    if let Some(contact) = found {
        let rows = held::rows(&mut conn, contact.id).await?;
        evidence.extend(privacy::evidence(&mut conn, contact.id).await?);
        sections.push(contact_section(&contact));
        let activity = activity(&mut conn, contact.id, &rows).await?;
        sections.extend(writer.rows(rows)?);
        sections.extend(writer.activity(activity));
        sections.extend(writer.own_partners(&mut conn, address).await?);
    }
    sections.push(writer.evidence(&evidence));
    sections.push(suppressions(left_alone));
    sections.retain(|section| !section.items.is_empty());
    Ok(writer.document(address, sections))
}

async fn left_alone(
    engine: &Engine,
    conn: &mut Conn,
    address: &EmailAddress,
) -> Result<Vec<Value>, storage::Error> {
    let mailbox = engine.keys.mailbox(address.as_str());
    let found = suppression::find(conn, &mailbox).await?;
    let current = found.map(|found| {
        json!({
            "address": found.address,
            "reason": found.reason,
            "detail": found.detail,
            "since": found.created_at,
        })
    });
    let removed = suppression::removals(conn, &mailbox).await?;
    let removed = removed.into_iter().map(|removal| {
        json!({
            "reason": removal.reason,
            "since": removal.suppressed_at,
            "removed_at": removal.removed_at,
            "why": removal.why,
        })
    });
    Ok(removed.chain(current).collect())
}

/// What happened around the rows.
struct Activity {
    notices: Vec<Value>,
    visits: Vec<Value>,
    events: Vec<Value>,
}

async fn activity(
    conn: &mut Conn,
    id: ContactId,
    rows: &held::Rows,
) -> Result<Activity, storage::Error> {
    let asked: BTreeSet<Uuid> = rows
        .invitations
        .iter()
        .map(|it| it.invitation.uuid())
        .collect();
    let taking_part = rows.parts.iter().map(|it| it.invitation.uuid());
    let requests = rows.requests.iter().map(|it| it.request.uuid());
    let subjects: BTreeSet<Uuid> = std::iter::once(id.uuid())
        .chain(taking_part)
        .chain(requests)
        .chain(rows.inquiries.iter().map(|it| it.inquiry.uuid()))
        .collect();
    let mut notices = Vec::new();
    let mut events = Vec::new();
    for subject in subjects {
        let attempts = notice::attempts_of_subject(conn, subject).await?;
        for row in notice::of_subject(conn, subject).await? {
            // What went to others about an invitation that is theirs by now is no matter of this person.
            let is_own = row.target_id == id.uuid();
            let is_to_partner = row.target_id == row.partner_id.uuid();
            if !(is_own || is_to_partner && asked.contains(&subject)) {
                continue;
            }
            let tries = attempts.iter().filter(|it| it.notice_id == row.id).map(|it| {
                json!({
                    "number": it.number, "begun_at": it.begun_at, "body_started_at": it.body_started_at,
                    "ended_at": it.ended_at, "outcome": it.outcome, "stage": it.stage, "reply": it.reply,
                })
            });
            notices.push(json!({
                "notice": row.id, "kind": row.kind, "to": if is_own { "you" } else { "the partner" },
                "about": subject.as_simple().to_string(), "domain": row.domain, "state": row.state, "payload": row.payload,
                "due_at": row.due_at, "run_at": row.run_at, "settled_at": row.settled_at, "last_reply": row.last_reply,
                "attempts": tries.collect::<Vec<_>>(),
            }));
        }
        for row in event::of_subject(conn, subject).await? {
            events.push(json!({
                "event": row.id, "kind": row.kind, "about": subject.as_simple().to_string(), "actor": row.actor,
                "data": stored::<Value>(&row.data).unwrap_or(Value::Null), "at": row.happened_at,
            }));
        }
    }
    let mut visits = Vec::new();
    for part in &rows.parts {
        for seen in visit::of_recipient(conn, part.recipient).await? {
            visits.push(json!({
                "recipient": part.recipient, "page": seen.purpose, "label": seen.label, "evidence": seen.evidence,
                "client_address": seen.client_address, "user_agent": seen.user_agent, "at": seen.visited_at,
                "times": seen.times, "last_at": seen.last_at,
            }));
        }
    }
    Ok(Activity {
        notices,
        visits,
        events,
    })
}

struct Writer<'a> {
    engine: &'a Engine,
    now: Timestamp,
}

impl<'a> Writer<'a> {
    fn new(engine: &'a Engine) -> Self {
        Self {
            engine,
            now: engine.clock.now(),
        }
    }

    fn document(&self, address: &EmailAddress, sections: Vec<Section>) -> Document {
        Document {
            form: FORM,
            exported_at: self.now,
            address: address.as_str().to_owned(),
            sections,
        }
    }

    /// How long a class is kept, in words.
    fn kept(&self, class: Class, after: &str) -> String {
        match self.engine.settings.retention.days(class) {
            Some(days) => format!("{days} days after {after}, or until it is erased on request"),
            None => "until it is erased on request".to_owned(),
        }
    }

    fn rows(&self, rows: held::Rows) -> Result<Vec<Section>, storage::Error> {
        let invitations = self.kept(
            Class::Invitations,
            "it was declined, revoked or not answered in time; an accepted one as long as its consent",
        );
        let inquiries = self.kept(Class::Inquiries, "it was confirmed");
        Ok(vec![
            section(
                "recipients",
                "whom an invitation asks or lets read along; their links are made from these rows",
                invitations.clone(),
                rows.parts,
            )?,
            section(
                "invitations",
                "what a partner asks this person for, and the answer",
                invitations,
                rows.invitations,
            )?,
            section(
                "relationships",
                "what holds between the organization and the partner since this person consented",
                "as long as the partner keeps its books; it names no person".to_owned(),
                rows.relationships,
            )?,
            section(
                "consents",
                "to which text of an agreement this person consented; it names no person",
                "with the evidence".to_owned(),
                rows.consents,
            )?,
            section(
                "inquiries",
                "what this person asked of partners",
                inquiries.clone(),
                rows.inquiries,
            )?,
            section(
                "inquiries_to_partners",
                "to which partners it went, and whether they answered",
                inquiries,
                rows.requests,
            )?,
        ])
    }

    fn activity(&self, activity: Activity) -> [Section; 3] {
        [
            Section {
                name: "notices",
                purpose: "mails to this person, or to the partner about what this person was asked, with each try and what \
                          servers said; the mails themselves are not stored",
                kept: self.kept(Class::Notices, "it left, or was given up"),
                items: activity.notices,
            },
            Section {
                name: "visits",
                purpose: "to answer who saw what when an invitation is disputed, and to tell people from mail scanners",
                kept: self.kept(Class::Visits, "the last of them"),
                items: activity.visits,
            },
            Section {
                name: "events",
                purpose: "the audit record, by which others can verify what happened; it names rows and no person",
                kept: "for ever: each entry is linked to the one before it".to_owned(),
                items: activity.events,
            },
        ]
    }

    async fn own_partners(
        &self,
        conn: &mut Conn,
        address: &EmailAddress,
    ) -> Result<Option<Section>, storage::Error> {
        let is_own = |email: &str| {
            email
                .parse::<EmailAddress>()
                .is_ok_and(|own| own == *address)
        };
        let partners = partner::list(conn).await?.into_iter();
        let items: Vec<_> = partners
            .filter(|partner| is_own(&partner.email))
            .map(|partner| json!({ "partner": partner.id, "handle": partner.handle, "name": partner.name, "email": partner.email }))
            .collect();
        Ok((!items.is_empty()).then(|| Section {
            name: "partners",
            purpose: "the address that these partners publish as theirs",
            kept: "as long as the partner is one; it is not erased with the person".to_owned(),
            items,
        }))
    }

    fn evidence(&self, all: &[Kept]) -> Section {
        let rules = &self.engine.settings.retention;
        let item = |kept: &Kept| {
            let fate = Fate::of(kept, rules, self.now);
            json!({
                "acceptance": kept.id,
                "invitation": kept.invitation_id,
                "accepted_at": kept.accepted_at,
                "if_erased_today": match fate.why {
                    Why::RelationshipHolds => "it would be kept until the relationship has ended, and for years after that".to_owned(),
                    Why::TimeNotOver => format!("it would be kept until {}", fate.kept_until.unwrap_or(self.now)),
                    Why::TimeOver => "it would be erased, too".to_owned(),
                    Why::ErasedBefore => "it was erased before".to_owned(),
                },
                "record": stored::<Value>(&kept.canonical).unwrap_or(Value::Null),
            })
        };
        Section {
            name: "evidence",
            purpose: "proof of this person's consent, for both sides: who, to what, for how long, when and by which means",
            kept: format!(
                "at least {} years after the end of the relationship, also when the person is erased; after that it is erased \
                 with the person, or when they ask for it",
                rules.consents_years
            ),
            items: all.iter().map(item).collect(),
        }
    }
}

fn section<T: Serialize>(
    name: &'static str,
    purpose: &'static str,
    kept: String,
    rows: Vec<T>,
) -> Result<Section, storage::Error> {
    let items = rows
        .into_iter()
        .map(serde_json::to_value)
        .collect::<Result<_, _>>()
        .map_err(crate::workflow::accept::refused)?;
    Ok(Section {
        name,
        purpose,
        kept,
        items,
    })
}

fn suppressions(items: Vec<Value>) -> Section {
    Section {
        name: "suppressions",
        purpose: "so that this mailbox gets no mail from here; after an erasure only as a keyed hash",
        kept: "until the mailbox is to be mailed again".to_owned(),
        items,
    }
}

fn contact_section(contact: &Contact) -> Section {
    Section {
        name: "contact",
        purpose: "to mail this mailbox in its language and time zone, and to know it again",
        kept: "as long as an invitation, a consent or an inquiry names it, or until it is erased on request".to_owned(),
        items: vec![json!({
            "contact": contact.id, "address": contact.address, "smtp_address": contact.smtp_address,
            "domain": contact.domain, "language": contact.language, "time_zone": contact.time_zone,
            "created_at": contact.created_at,
        })],
    }
}
