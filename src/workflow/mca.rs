//! The agreement, apart from any relationship: whether it stands in a partner's way, and asking again where a newer text is in
//! force. Until it is accepted, a partner cannot buy or manage subscriptions on the customer's behalf.

use std::collections::{HashMap, HashSet};

use super::invite::{AGREEMENT, InviteError, Item, Outcome, Trigger, invite, rehearse};
use super::link::LinkRow;
use super::{Engine, facts};
use crate::domain::audit::Actor;
use crate::domain::draft::{Draft, FieldError, Source};
use crate::domain::erasure::is_erased;
use crate::domain::ids::{ContactId, OrganizationId, PartnerId, RelationshipId};
use crate::domain::language::Language;
use crate::domain::time::Timestamp;
use crate::storage::acceptance::{self, Consented};
use crate::storage::agreement::{self, Agreement};
use crate::storage::dossier::Dossier;
use crate::storage::relationship::{self, Filter, Kept};
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

/// How the agreement stands in each of these relationships.
///
/// # Errors
/// The database is away.
pub async fn standings(
    conn: &mut Conn,
    kept: &[Kept],
    now: Timestamp,
) -> Result<HashMap<RelationshipId, Standing>, storage::Error> {
    let organizations = kept.iter().map(|kept| kept.organization_id);
    let consents = acceptance::consents_of(conn, AGREEMENT, organizations).await?;
    let latest: HashMap<OrganizationId, Consented> = consents
        .into_iter()
        .map(|consent| (consent.organization_id, consent))
        .collect();
    let mut texts: HashMap<Language, Option<Agreement>> = HashMap::new();
    let mut standings = HashMap::new();
    for kept in kept {
        let standing = match latest.get(&kept.organization_id) {
            _ if !kept.cloud.offers_mca() => Standing::NotThere,
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
        standings.insert(kept.id, standing);
    }
    Ok(standings)
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
    /// The relationship.
    pub kept: Kept,
    /// Who is asked: those who agreed to the relationship last.
    pub dossier: Dossier,
    /// How the agreement stood.
    pub standing: Standing,
    /// The invitation, or why there is none.
    pub outcome: Result<Outcome, InviteError>,
}

/// At most so many relationships are looked at in one go.
const PAGE: i64 = 500;

/// Asks every customer whose consent is older than the text in force to accept that, by an invitation to the agreement alone.
/// Running it again asks nobody twice for the same text.
///
/// # Errors
/// The database is away.
pub async fn ask_again(engine: &Engine, wanted: &Wanted) -> Result<Vec<Asked>, storage::Error> {
    let mut asked = Vec::new();
    let mut filter = Filter {
        partner: wanted.partner,
        limit: PAGE,
        ..Filter::default()
    };
    let mut seen = HashSet::new();
    loop {
        let now = engine.clock.now();
        let mut conn = engine.db.read().await?;
        let page = relationship::list(&mut conn, &filter).await?;
        let mut standings = standings(&mut conn, &page, now).await?;
        drop(conn);
        filter.after = page.last().map(|kept| kept.id);
        let is_last = page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
        for kept in page {
            let standing = standings.remove(&kept.id).unwrap_or(Standing::Missing);
            let is_wanted = match &standing {
                Standing::Older(_) => true,
                Standing::Missing => wanted.missing,
                Standing::NotThere | Standing::Current(_) => false,
            };
            // One text for an organization, however many relationships it has.
            if is_wanted && seen.insert(kept.organization_id) {
                asked.extend(ask(engine, wanted, kept, standing).await?);
            }
        }
        if is_last {
            return Ok(asked);
        }
    }
}

/// The relationships of a mailbox in whose way the agreement stands, as far as it was the one who agreed to them last.
///
/// # Errors
/// The database is away.
pub async fn open_for(
    conn: &mut Conn,
    contact: ContactId,
    now: Timestamp,
) -> Result<Vec<Kept>, storage::Error> {
    let mut kept = relationship::kept_of_contact(conn, contact).await?;
    let standings = standings(conn, &kept, now).await?;
    let signed = dossier::of_invitations(conn, kept.iter().map(|kept| kept.invitation_id)).await?;
    let signed: HashSet<_> = signed
        .iter()
        .filter(|dossier| dossier.contact_id == contact)
        .map(|dossier| dossier.id)
        .collect();
    kept.retain(|kept| {
        signed.contains(&kept.invitation_id)
            && standings
                .get(&kept.id)
                .is_some_and(Standing::stands_in_the_way)
    });
    Ok(kept)
}

/// A mailbox that proved itself asks for the agreement of one of its relationships: the row of the link to accept it by. An
/// invitation to it that waits already is that one, and stays as it is. `None` where there is nothing to accept.
///
/// # Errors
/// The database is away.
pub async fn begin(
    engine: &Engine,
    contact: ContactId,
    id: RelationshipId,
) -> Result<Option<LinkRow>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let open = open_for(&mut conn, contact, engine.clock.now()).await?;
    drop(conn);
    let Some(kept) = open.iter().find(|kept| kept.id == id) else {
        return Ok(None);
    };
    let Some((_, draft)) = prepare(engine, kept).await? else {
        return Ok(None);
    };
    let refused = |errors: &[FieldError]| {
        let organization = kept.organization_id;
        let fields: Vec<_> = errors.iter().map(|error| error.field).collect();
        tracing::warn!(%organization, ?fields, "a customer asked for the agreement, and cannot be asked");
        Ok(None)
    };
    let request = match draft.check() {
        Ok(request) => request,
        Err(errors) => return refused(&errors),
    };
    let trigger = Trigger {
        partner: kept.partner_id,
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

/// The invitation to the agreement alone, to whoever agreed to a relationship last.
async fn prepare(engine: &Engine, kept: &Kept) -> Result<Option<(Dossier, Draft)>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let Some(dossier) = dossier::of_invitation(&mut conn, kept.invitation_id).await? else {
        return Ok(None);
    };
    let Some(organization) = organization::find(&mut conn, kept.organization_id).await? else {
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
    kept: Kept,
    standing: Standing,
) -> Result<Option<Asked>, storage::Error> {
    let Some((dossier, draft)) = prepare(engine, &kept).await? else {
        return Ok(None);
    };
    let mut conn = engine.db.read().await?;
    let now = engine.clock.now();
    let text = agreement::current(&mut conn, AGREEMENT, &dossier.language, now).await?;
    drop(conn);
    // The text's own id: who was asked for it once is not asked again, whatever the answer was.
    let key = text.map(|text| format!("agreement/{}/{}", text.id, kept.organization_id));
    let trigger = Trigger {
        partner: kept.partner_id,
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
        kept,
        dossier,
        standing,
        outcome,
    }))
}
