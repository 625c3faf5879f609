//! The agreement, apart from any relationship: whether it stands in a partner's way, and asking again where a newer text is in
//! force. Until it is accepted, a partner cannot buy or manage subscriptions on the customer's behalf.

use std::collections::{HashMap, HashSet};

use super::invite::{AGREEMENT, InviteError, Item, Outcome, Trigger, invite, rehearse};
use super::link::LinkRow;
use super::{Engine, facts};
use crate::domain::audit::Actor;
use crate::domain::draft::{Draft, FieldError, Source};
use crate::domain::erasure::is_erased;
use crate::domain::ids::{ContactId, OrganizationId, PartnerId};
use crate::domain::language::Language;
use crate::domain::microsoft::Cloud;
use crate::domain::time::Timestamp;
use crate::storage::acceptance::{self, Consented};
use crate::storage::agreement::{self, Agreement};
use crate::storage::customer::{self, Customer};
use crate::storage::dossier::Dossier;
use crate::storage::{self, Conn, dossier, organization, recipient};

/// Whether an organization's consent to the agreement is what is in force.
#[derive(Clone, Debug)]
pub enum Standing {
    /// Its cloud has no such agreement.
    NotThere,
    /// No consent is on record.
    Missing,
    /// A newer text is in force since.
    Older(Consented),
    /// It consented to the text in force.
    Current(Consented),
}

impl Standing {
    /// A word for it, for JSON.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NotThere => "not_in_this_cloud",
            Self::Missing => "missing",
            Self::Older(_) => "older",
            Self::Current(_) => "current",
        }
    }

    /// The consent that is on record.
    pub const fn consent(&self) -> Option<&Consented> {
        match self {
            Self::Older(consent) | Self::Current(consent) => Some(consent),
            Self::NotThere | Self::Missing => None,
        }
    }

    /// Whether it keeps the partner from buying and managing subscriptions.
    pub const fn stands_in_the_way(&self) -> bool {
        matches!(self, Self::Missing | Self::Older(_))
    }
}

/// How the agreement stands with each of these organizations.
///
/// # Errors
/// The database is away.
pub async fn standings(
    conn: &mut Conn,
    organizations: impl Iterator<Item = (OrganizationId, Cloud)> + Clone,
    now: Timestamp,
) -> Result<HashMap<OrganizationId, Standing>, storage::Error> {
    let ids = organizations.clone().map(|(id, _)| id);
    let consents = acceptance::consents_of(conn, AGREEMENT, ids).await?;
    let latest: HashMap<OrganizationId, Consented> = consents
        .into_iter()
        .map(|consent| (consent.organization_id, consent))
        .collect();
    let mut texts: HashMap<Language, Option<Agreement>> = HashMap::new();
    let mut standings = HashMap::new();
    for (id, cloud) in organizations {
        let standing = match latest.get(&id) {
            _ if !cloud.offers_mca() => Standing::NotThere,
            None => Standing::Missing,
            Some(consent) => {
                let current = current(conn, &mut texts, &consent.language, now).await?;
                match current {
                    Some(text) if text.effective_at > consent.effective_at => {
                        Standing::Older(consent.clone())
                    }
                    _ => Standing::Current(consent.clone()),
                }
            }
        };
        standings.insert(id, standing);
    }
    Ok(standings)
}

/// The same of customers.
async fn standings_of(
    conn: &mut Conn,
    customers: &[Customer],
    now: Timestamp,
) -> Result<HashMap<OrganizationId, Standing>, storage::Error> {
    let organizations = customers.iter().map(|it| (it.organization_id, it.cloud));
    standings(conn, organizations, now).await
}

async fn current(
    conn: &mut Conn,
    texts: &mut HashMap<Language, Option<Agreement>>,
    language: &Language,
    now: Timestamp,
) -> Result<Option<Agreement>, storage::Error> {
    if let Some(known) = texts.get(language) {
        return Ok(known.clone());
    }
    let found = agreement::current(conn, AGREEMENT, language, now).await?;
    texts.insert(language.clone(), found.clone());
    Ok(found)
}

/// Who is asked again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Customers of this partner.
    pub partner: Option<PartnerId>,
    /// Also those of whom no consent is on record.
    pub missing: bool,
    /// Nothing is made: it is only told who would be asked.
    pub dry_run: bool,
}

/// One customer who is asked to accept the agreement.
pub struct Asked {
    /// The customer.
    pub customer: Customer,
    /// Who is asked: those who agreed last.
    pub dossier: Dossier,
    /// How the agreement stood.
    pub standing: Standing,
    /// The invitation, or why there is none.
    pub outcome: Result<Outcome, InviteError>,
}

/// At most so many customers are looked at in one go.
const PAGE: i64 = 500;

/// Asks every customer whose consent is older than the text in force to accept that, by an invitation to the agreement alone:
/// those with a relationship that holds, and those that had never more than the agreement. Running it again asks nobody twice
/// for the same text.
///
/// # Errors
/// The database is away.
pub async fn ask_again(engine: &Engine, wanted: &Wanted) -> Result<Vec<Asked>, storage::Error> {
    let mut asked = Vec::new();
    let mut after = None;
    loop {
        let now = engine.clock.now();
        let mut conn = engine.db.read().await?;
        let page = customer::list(&mut conn, wanted.partner, after, PAGE).await?;
        let mut standings = standings_of(&mut conn, &page, now).await?;
        drop(conn);
        let Some(last) = page.last() else {
            return Ok(asked);
        };
        after = Some(last.organization_id);
        for customer in page {
            let standing = standings.remove(&customer.organization_id);
            let standing = standing.unwrap_or(Standing::Missing);
            let is_wanted = match &standing {
                Standing::Older(_) => true,
                Standing::Missing => wanted.missing,
                Standing::NotThere | Standing::Current(_) => false,
            };
            if is_wanted {
                asked.extend(ask(engine, wanted, customer, standing).await?);
            }
        }
    }
}

/// The organizations of a mailbox in whose way the agreement stands, as far as it was the one who agreed for them last; each
/// once.
///
/// # Errors
/// The database is away.
pub async fn open_for(
    conn: &mut Conn,
    contact: ContactId,
    now: Timestamp,
) -> Result<Vec<Customer>, storage::Error> {
    let mut customers = customer::of_contact(conn, contact).await?;
    let standings = standings_of(conn, &customers, now).await?;
    let mut seen = HashSet::new();
    customers.retain(|customer| {
        let standing = standings.get(&customer.organization_id);
        standing.is_some_and(Standing::stands_in_the_way) && seen.insert(customer.organization_id)
    });
    Ok(customers)
}

/// A mailbox that proved itself asks for the agreement of one of its organizations: the row of the link to accept it by. An
/// invitation to it that waits already is that one, and stays as it is. `None` where there is nothing to accept.
///
/// # Errors
/// The database is away.
pub async fn begin(
    engine: &Engine,
    contact: ContactId,
    id: OrganizationId,
) -> Result<Option<LinkRow>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let open = open_for(&mut conn, contact, engine.clock.now()).await?;
    drop(conn);
    let Some(customer) = open.iter().find(|it| it.organization_id == id) else {
        return Ok(None);
    };
    let Some((_, draft)) = prepare(engine, customer).await? else {
        return Ok(None);
    };
    let refused = |errors: &[FieldError]| {
        let fields: Vec<_> = errors.iter().map(|error| error.field).collect();
        tracing::warn!(organization = %id, ?fields, "a customer asked for the agreement, and cannot be asked");
        Ok(None)
    };
    let request = match draft.check() {
        Ok(request) => request,
        Err(errors) => return refused(&errors),
    };
    let trigger = Trigger {
        partner: customer.partner_id,
        source: Source::Agreement,
        actor: Actor::Contact(contact),
        api_key: None,
        asked_for: true,
    };
    let made = match invite(engine, trigger, request).await {
        Ok(outcome) => outcome.id(),
        Err(InviteError::Storage(error)) => return Err(error),
        Err(error) => return refused(&error.into_fields().unwrap_or_default()),
    };
    let mut conn = engine.db.read().await?;
    let signer = recipient::signer(&mut conn, made).await?;
    Ok(signer
        .filter(|signer| signer.contact_id == contact)
        .map(|signer| LinkRow::from(&signer)))
}

/// The invitation to the agreement alone, to whoever agreed last.
async fn prepare(
    engine: &Engine,
    customer: &Customer,
) -> Result<Option<(Dossier, Draft)>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let Some(dossier) = dossier::of_invitation(&mut conn, customer.invitation_id).await? else {
        return Ok(None);
    };
    let Some(organization) = organization::find(&mut conn, customer.organization_id).await? else {
        return Ok(None);
    };
    let links = facts::links(&dossier)?;
    let draft = Draft {
        organization: organization.name,
        organization_kind: Some(organization.kind.to_string()),
        cloud: Some(organization.cloud.to_string()),
        name: dossier.recipient_name.clone(),
        email: dossier.smtp_address.clone(),
        agreement: true,
        language: Some(dossier.language.to_string()),
        time_zone: Some(dossier.time_zone.clone()),
        mca_link: links.mca.map(|link| link.to_string()),
        ..Draft::default()
    };
    Ok(Some((dossier, draft)))
}

async fn ask(
    engine: &Engine,
    wanted: &Wanted,
    customer: Customer,
    standing: Standing,
) -> Result<Option<Asked>, storage::Error> {
    let Some((dossier, draft)) = prepare(engine, &customer).await? else {
        return Ok(None);
    };
    let mut conn = engine.db.read().await?;
    let now = engine.clock.now();
    let text = agreement::current(&mut conn, AGREEMENT, &dossier.language, now).await?;
    drop(conn);
    // The text's own id: who was asked for it once is not asked again, whatever the answer was.
    let key = text.map(|text| format!("agreement/{}/{}", text.id, customer.organization_id));
    let trigger = Trigger {
        partner: customer.partner_id,
        source: Source::Agreement,
        actor: Actor::Operator,
        api_key: None,
        asked_for: false,
    };
    let outcome = match draft.check() {
        _ if is_erased(&dossier.address) => Err(InviteError::field(
            "email",
            "whoever signed for this organization was erased: invite somebody else of it by hand",
        )),
        Err(errors) => Err(InviteError::Fields(errors)),
        Ok(request) => {
            let item = Item {
                request,
                idempotency_key: key,
            };
            if wanted.dry_run {
                rehearse(engine, trigger, item).await
            } else {
                invite(engine, trigger, item).await
            }
        }
    };
    if let Err(InviteError::Storage(error)) = outcome {
        return Err(error);
    }
    Ok(Some(Asked {
        customer,
        dossier,
        standing,
        outcome,
    }))
}
