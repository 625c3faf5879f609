//! What was granted: a link to it is asked for, the list of a mailbox's partners, and the page of one relationship.

use std::collections::HashSet;
use std::time::Duration;

use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::facts::Beside;
use super::guest::{Answer, Guest, Instead, Sent};
use super::receipt::StepForm;
use super::{Linked, facts};
use crate::domain::address::{AddressError, EmailAddress};
use crate::domain::ids::OrganizationId;
use crate::domain::link_path;
use crate::domain::microsoft::Cloud;
use crate::domain::relationship::RelationshipState;
use crate::domain::text;
use crate::domain::time::{HOUR, SECOND, Timestamp};
use crate::domain::token::{Claims, Purpose};
use crate::locale::Texts;
use crate::storage::recipient::Recipient;
use crate::storage::{self, contact, event, organization, recipient};
use crate::telemetry::TokenFault;
use crate::web::views::{
    self, AgreedEntry, AskForList, DeadLink, Details, Entry, LinkState, ListAsked, Page,
    PartnerEntry, Partners, Problem, Relation, Told, Wanted,
};
use crate::workflow::facts::readable;
use crate::workflow::link::{LinkRow, Standing};
use crate::workflow::manage::{self, Agreed, Listing, Managed};
use crate::workflow::mca;
use crate::workflow::steps::done_by_customer;
use crate::workflow::zone;

/// How long the links of a list lead to details: long enough to read and to decide what was begun from it.
const READING: i64 = HOUR;

/// What an answer about an address takes at least, so that the time tells as little as the page whether it is known.
const EVEN: Duration = Duration::from_millis(250);

/// GET: the form that asks for the list.
pub(in crate::web) async fn form(guest: Guest) -> Response {
    empty(&guest, Wanted::Partners)
}

/// GET: the form that asks for the agreement alone.
pub(in crate::web) async fn agreement_form(guest: Guest) -> Response {
    empty(&guest, Wanted::Agreement)
}

fn empty(guest: &Guest, wanted: Wanted) -> Response {
    views::render(&AskForList {
        page: guest.page(),
        wanted,
        email: Entry::default(),
    })
}

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    #[serde(default)]
    email: String,
}

/// POST: mails a link to the list, if the mailbox works with a partner. The answer is the same if it does not.
pub(in crate::web) async fn ask(guest: Guest, sent: Sent<Asked>) -> Answer {
    answer(&guest, sent, Wanted::Partners).await
}

/// POST: mails the same link, for the list says where the agreement is still to be accepted.
pub(in crate::web) async fn ask_agreement(guest: Guest, sent: Sent<Asked>) -> Answer {
    answer(&guest, sent, Wanted::Agreement).await
}

async fn answer(guest: &Guest, sent: Sent<Asked>, wanted: Wanted) -> Answer {
    let form = guest.form(sent)?;
    guest.not_too_often(guest.site.limits.ask(guest.client))?;
    match form.email.trim().parse::<EmailAddress>() {
        Ok(address) => {
            mail_list(guest, &address).await?;
            let page = guest.page();
            Ok(views::render(&ListAsked { page, wanted }))
        }
        Err(error) => {
            let problem = match error {
                AddressError::Empty => Problem::Missing,
                _ => Problem::Unusable,
            };
            Ok(views::render(&AskForList {
                page: guest.page(),
                wanted,
                email: Entry {
                    value: text::visible(&form.email, 1_000, 1),
                    problem: Some(problem),
                },
            }))
        }
    }
}

async fn mail_list(guest: &Guest, address: &EmailAddress) -> Result<(), Instead> {
    guest.not_too_often(guest.site.limits.mailbox(address.as_str()))?;
    let asked = manage::ask_for_list(&guest.site.engine, address);
    let (asked, ()) = tokio::join!(asked, tokio::time::sleep(EVEN));
    guest.or_later(asked)
}

/// A link to the list, to the address on file of an old link to it or to one relationship.
pub(super) async fn ask_again(guest: &Guest, token: &str, purpose: Purpose) -> Result<(), Instead> {
    let Some(claims) = guest.genuine(token, purpose) else {
        return Ok(());
    };
    guest.not_too_often(guest.site.limits.resend(claims.subject))?;
    match guest.or_later(address_on_file(guest, &claims).await)? {
        Some(address) => mail_list(guest, &address).await,
        None => Ok(()),
    }
}

async fn address_on_file(
    guest: &Guest,
    claims: &Claims,
) -> Result<Option<EmailAddress>, storage::Error> {
    let mut conn = guest.site.engine.db.read().await?;
    let contact = if claims.purpose == Purpose::List {
        claims.subject.into()
    } else {
        match recipient::find(&mut conn, claims.subject.into()).await? {
            Some(recipient) => recipient.contact_id,
            None => return Ok(None),
        }
    };
    let contact = contact::find(&mut conn, contact).await?;
    Ok(contact.and_then(|contact| contact.smtp_address.parse().ok()))
}

/// GET: every partner of the mailbox.
pub(in crate::web) async fn list(guest: Guest, Linked { token, .. }: Linked) -> Answer {
    let claims = guest.genuine(&token, Purpose::List);
    let claims = claims.ok_or_else(|| guest.invalid())?;
    if claims.is_expired(guest.site.engine.clock.now()) {
        let state = LinkState::ManageExpired(end_of(&claims));
        return Ok(dead(&guest, guest.page(), state, token));
    }
    let listing = guest.or_later(manage::list(&guest.site.engine, &claims).await)?;
    let listing = listing.ok_or_else(|| guest.invalid())?;
    let open: HashSet<OrganizationId> = {
        let mut conn = guest.or_later(guest.site.engine.db.read().await)?;
        let now = guest.site.engine.clock.now();
        let open = mca::open_for(&mut conn, listing.contact.id, now).await;
        guest
            .or_later(open)?
            .into_iter()
            .map(|customer| customer.organization_id)
            .collect()
    };
    let view = guest.or_later(partners(&guest, &claims, token, &listing, &open))?;
    Ok(views::render(&view))
}

/// The form beside an organization in whose way the agreement stands, as it was posted.
#[derive(Deserialize)]
pub(in crate::web) struct Accepting {
    token: String,
    #[serde(default)]
    organization: String,
}

/// POST: leads on to the agreement alone, by a link like that of a mail: the link to the list has proved the mailbox.
pub(in crate::web) async fn accept_agreement(guest: Guest, sent: Sent<Accepting>) -> Answer {
    let form = guest.form(sent)?;
    let claims = guest.genuine(&form.token, Purpose::List);
    let claims = claims.ok_or_else(|| guest.invalid())?;
    guest.not_too_often(guest.site.limits.change(claims.subject))?;
    let engine = &guest.site.engine;
    let is_over = claims.is_expired(engine.clock.now());
    let organization = form.organization.parse().ok().filter(|_| !is_over);
    let row = match organization {
        Some(id) => guest.or_later(mca::begin(engine, claims.subject.into(), id).await)?,
        None => None,
    };
    match row {
        Some(row) => {
            let token = engine.token(row, Purpose::Accept).map_err(refused);
            let token = guest.or_later(token)?;
            Ok(Redirect::to(&link_path::accept(token)).into_response())
        }
        // It was accepted meanwhile, or the link is over: the list says so.
        None => Ok(Redirect::to(&link_path::list(form.token)).into_response()),
    }
}

fn partners(
    guest: &Guest,
    claims: &Claims,
    token: String,
    listing: &Listing,
    open: &HashSet<OrganizationId>,
) -> Result<Partners, storage::Error> {
    let engine = &guest.site.engine;
    let expires = engine.clock.now().plus_micros(READING);
    let contact = &listing.contact;
    let mut page = guest.page();
    if let Some(language) = &contact.language {
        page.t = Texts::of(language);
    }
    // As in the mail that led here: of whom it agreed with last.
    let latest = listing.entries.first().map(|(_, it)| &it.partner);
    let latest = latest.or(listing.agreed.first().map(|it| &it.partner));
    let time_zone = contact.time_zone.as_ref();
    let time_zone = time_zone.or(latest.map(|partner| &partner.time_zone));
    page.zone = zone(time_zone.unwrap_or(&engine.settings.time_zone));
    // The list shows none that has ended, and leads to no admin center: the details do.
    let beside = Beside {
        cloud: Cloud::Global,
        ended_by: None,
    };
    let token_of = |recipient: &Recipient, purpose| {
        let row = LinkRow {
            expire_at: expires,
            ..LinkRow::from(recipient)
        };
        engine.token(row, purpose).map_err(refused)
    };
    let is_open = |id: OrganizationId| open.contains(&id).then(|| id.to_string());
    let entry = |(recipient, managed): &(Recipient, Managed)| {
        Ok(PartnerEntry {
            partner: facts::card(&managed.partner),
            relation: facts::relation(managed, &beside, None)?,
            url: link_path::manage(token_of(recipient, Purpose::Manage)?),
            agreement: is_open(managed.relationship.organization_id),
        })
    };
    let agreed = |it: &Agreed| {
        Ok(AgreedEntry {
            partner: facts::card(&it.partner),
            organization: it.customer.organization_name.clone(),
            accepted_at: it.customer.accepted_at,
            url: link_path::receipt(token_of(&it.recipient, Purpose::Receipt)?),
            agreement: is_open(it.customer.organization_id),
        })
    };
    let entries: Result<_, storage::Error> = listing.entries.iter().map(entry).collect();
    let agreed: Result<_, storage::Error> = listing.agreed.iter().map(agreed).collect();
    Ok(Partners {
        page,
        token,
        email: readable(&contact.smtp_address),
        good_until: end_of(claims),
        entries: entries?,
        agreed: agreed?,
    })
}

/// A link to one relationship that works.
pub(super) struct Reached {
    pub(super) claims: Claims,
    pub(super) token: String,
    pub(super) managed: Managed,
    beside: Beside,
}

impl Reached {
    /// Follows `token`, or says why it leads nowhere.
    pub(super) async fn by(guest: &Guest, token: &str) -> Result<Self, Instead> {
        let claims = guest.genuine(token, Purpose::Manage);
        let claims = claims.ok_or_else(|| guest.invalid())?;
        let opened = guest.or_later(manage::open(&guest.site.engine, &claims).await)?;
        let managed = opened.ok_or_else(|| guest.invalid())?;
        let end = end_of(&claims);
        let state = match managed.standing {
            Standing::Replaced | Standing::HandedOver => LinkState::Replaced,
            // A link from a list is good for less long than the row's others: its own end counts.
            _ if claims.is_expired(guest.site.engine.clock.now()) => LinkState::ManageExpired(end),
            Standing::Expired => LinkState::ManageExpired(end.min(managed.dossier.links_expire_at)),
            Standing::Current => {
                let beside = guest.or_later(beside(guest, &managed).await)?;
                return Ok(Self {
                    claims,
                    token: token.to_owned(),
                    managed,
                    beside,
                });
            }
        };
        let page = facts::page(&managed.dossier, &managed.partner);
        Err(dead(guest, page, state, token.to_owned()).into())
    }

    /// The same, to change something: that has a rate.
    pub(super) async fn to_change(guest: &Guest, token: &str) -> Result<Self, Instead> {
        let reached = Self::by(guest, token).await?;
        guest.not_too_often(guest.site.limits.change(reached.claims.subject))?;
        Ok(reached)
    }

    pub(super) fn page(&self) -> Page {
        facts::page(&self.managed.dossier, &self.managed.partner)
    }

    pub(super) fn relation(&self, guest: &Guest) -> Result<Relation, Instead> {
        guest.or_later(self.look(guest))
    }

    fn look(&self, guest: &Guest) -> Result<Relation, storage::Error> {
        // The receipt says more than this page does, and marks steps: it is the signer's.
        let receipt = if self.managed.may_change {
            let claims = Claims {
                purpose: Purpose::Receipt,
                ..self.claims
            };
            let token = guest.site.engine.tokens.mint(&claims);
            Some(link_path::receipt(token.map_err(refused)?))
        } else {
            None
        };
        facts::relation(&self.managed, &self.beside, receipt)
    }

    /// The page of the relationship.
    pub(super) fn show(&self, guest: &Guest, told: Option<Told>) -> Answer {
        Ok(views::render(&Details {
            page: self.page(),
            partner: facts::card(&self.managed.partner),
            token: self.token.clone(),
            relation: self.relation(guest)?,
            may_change: self.managed.may_change,
            told,
        }))
    }
}

async fn beside(guest: &Guest, managed: &Managed) -> Result<Beside, storage::Error> {
    let mut conn = guest.site.engine.db.read().await?;
    let organization = organization::find(&mut conn, managed.dossier.organization_id).await?;
    let organization =
        organization.ok_or_else(|| storage::Error::Refused("no organization row".to_owned()))?;
    let ended_by = if managed.relationship.state == RelationshipState::Ended {
        let events = event::of_subject(&mut conn, managed.dossier.id.uuid()).await?;
        facts::ended_by(&events)
    } else {
        None
    };
    Ok(Beside {
        cloud: organization.cloud,
        ended_by,
    })
}

/// GET: one relationship.
pub(in crate::web) async fn show(guest: Guest, Linked { token, .. }: Linked) -> Answer {
    let reached = Reached::by(&guest, &token).await?;
    guest.visited(reached.claims.subject.into(), Purpose::Manage);
    reached.show(&guest, None)
}

/// POST: the customer says on this page that a step on Microsoft's side is done.
pub(super) async fn mark(guest: &Guest, form: &StepForm) -> Answer {
    let reached = Reached::to_change(guest, &form.token).await?;
    let step = form.step(guest)?;
    if !reached.managed.may_change {
        return reached.show(guest, Some(Told::ViewerOnly));
    }
    let done = done_by_customer(&guest.site.engine, reached.claims, step).await;
    let done = guest.or_later(done)?;
    let reached = Reached::by(guest, &form.token).await?;
    reached.show(guest, done.then_some(Told::Marked(step)))
}

/// The page of a link that is over.
fn dead(guest: &Guest, page: Page, state: LinkState, token: String) -> Response {
    guest.site.metrics.token_refused(TokenFault::Refused);
    views::render(&DeadLink {
        page,
        state,
        offer: Some(token),
    })
}

/// When a link is over.
fn end_of(claims: &Claims) -> Timestamp {
    let seconds = i64::try_from(claims.expires_at).unwrap_or(i64::MAX);
    Timestamp::from_micros(seconds.saturating_mul(SECOND))
}

fn refused(error: crate::domain::token::UnknownKey) -> storage::Error {
    storage::Error::Refused(error.to_string())
}
