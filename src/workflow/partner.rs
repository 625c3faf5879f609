//! A partner is added: who asks, as its customers will read it.

use super::{Engine, fresh_id};
use crate::domain::address::EmailAddress;
use crate::domain::audit::{Actor, EventKind};
use crate::domain::draft::{FieldError, check_time_zone};
use crate::domain::ids::PartnerId;
use crate::domain::language::Language;
use crate::domain::person::{PersonName, Phone};
use crate::domain::text::{CompanyName, PostalAddress, Reference};
use crate::storage::partner::Partner;
use crate::storage::{self, event};

/// A partner in words.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// A short name for the command line: `[a-z0-9-]`, 2 to 40 characters.
    pub handle: String,
    /// The name that people know.
    pub name: String,
    /// The name in the register; the same as `name` where none is given.
    pub legal_name: Option<String>,
    /// Where its own notices go.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// Postal address.
    pub address: String,
    /// Website.
    pub website: Option<String>,
    /// Who represents it.
    pub representative: Option<String>,
    /// Number in the register of businesses.
    pub registration_number: Option<String>,
    /// BCP 47.
    pub language: String,
    /// IANA.
    pub time_zone: String,
    /// Whether its invitations count as advertising.
    pub advertising_mark: bool,
}

/// Why a partner was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// Fields that have to be mended.
    #[error("{}", crate::workflow::invite::sentences(.0))]
    Fields(Vec<FieldError>),
    /// The handle is taken.
    #[error("handle: another partner has it; take another one")]
    HandleTaken,
    /// The database.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// Adds a partner.
///
/// # Errors
/// Fields that do not hold, a handle that is taken, or the database is away.
pub async fn add(engine: &Engine, draft: &Draft) -> Result<PartnerId, AddError> {
    let now = engine.clock.now();
    let partner = check(draft, fresh_id(now), now).map_err(AddError::Fields)?;
    let id = partner.id;
    let added = engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                storage::partner::insert(tx, &partner).await?;
                let event = event::New {
                    id: fresh_id(now),
                    partner: id,
                    kind: EventKind::PartnerAdded,
                    subject: id.uuid(),
                    actor: Actor::Operator,
                    data: serde_json::json!({}),
                    at: now,
                };
                event::insert(tx, &event).await
            })
        })
        .await;
    match added {
        Ok(()) => Ok(id),
        Err(error) if error.is_duplicate() => Err(AddError::HandleTaken),
        Err(error) => Err(error.into()),
    }
}

fn check(
    draft: &Draft,
    id: PartnerId,
    now: crate::domain::time::Timestamp,
) -> Result<Partner, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut wrong = |field, message: String| errors.push(FieldError { field, message });
    let handle = draft.handle.trim();
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !(2..=40).contains(&handle.len()) || !handle.chars().all(fits) || handle.starts_with('-') {
        wrong(
            "handle",
            "2 to 40 characters of a-z, 0-9 and -, not beginning with -".to_owned(),
        );
    }
    let legal_name = draft.legal_name.as_deref().unwrap_or(&draft.name);
    for (field, result) in [
        ("name", draft.name.parse::<CompanyName>().map(drop)),
        ("legal_name", legal_name.parse::<CompanyName>().map(drop)),
        ("address", draft.address.parse::<PostalAddress>().map(drop)),
        ("phone", draft.phone.parse::<Phone>().map(drop)),
    ] {
        if let Err(error) = result {
            wrong(field, error.to_string());
        }
    }
    if let Some(Err(error)) = draft
        .representative
        .as_deref()
        .map(str::parse::<PersonName>)
    {
        wrong("representative", error.to_string());
    }
    if let Some(Err(error)) = draft
        .registration_number
        .as_deref()
        .map(str::parse::<Reference>)
    {
        wrong("registration_number", error.to_string());
    }
    if let Some(website) = &draft.website
        && !is_website(website)
    {
        wrong(
            "website",
            "an address that begins with https:// (or http://), without blanks".to_owned(),
        );
    }
    let email = draft.email.trim().parse::<EmailAddress>();
    if let Err(error) = &email {
        wrong("email", error.to_string());
    }
    let language = draft.language.parse::<Language>();
    if let Err(error) = &language {
        wrong("language", error.to_string());
    }
    if let Err(message) = check_time_zone(&draft.time_zone) {
        wrong("time_zone", message);
    }
    match (email, language) {
        (Ok(email), Ok(language)) if errors.is_empty() => Ok(Partner {
            id,
            handle: handle.to_owned(),
            name: cleaned(&draft.name),
            legal_name: cleaned(legal_name),
            email: email.for_smtp(),
            phone: draft.phone.trim().to_owned(),
            address: cleaned(&draft.address),
            website: draft.website.clone(),
            representative: draft.representative.as_deref().map(cleaned),
            registration_number: draft.registration_number.as_deref().map(cleaned),
            language,
            time_zone: draft.time_zone.clone(),
            advertising_mark: draft.advertising_mark,
            created_at: now,
        }),
        _ => Err(errors),
    }
}

/// The text as its type cleaned it; only called for texts that were checked.
fn cleaned(text: &str) -> String {
    text.parse::<CompanyName>()
        .map_or_else(|_| text.trim().to_owned(), |name| name.as_str().to_owned())
}

fn is_website(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        rest.len() <= 200
            && rest.contains('.')
            && rest
                .chars()
                .all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\'))
    })
}
