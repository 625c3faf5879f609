//! A partner is added: who asks, as its customers will read it; and it gets a schedule of its own.

use super::{Engine, fresh_id};
use crate::domain::address::EmailAddress;
use crate::domain::audit::{Actor, EventKind};
use crate::domain::draft::{Errors, FieldError, check_time_zone};
use crate::domain::ids::PartnerId;
use crate::domain::language::Language;
use crate::domain::notice::OwnSchedule;
use crate::domain::person::{PersonName, Phone};
use crate::domain::text::{CompanyName, PostalAddress, RegistrationNumber};
use crate::domain::time::Timestamp;
use crate::storage::partner::Partner;
use crate::storage::{self, Tx, event};

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

/// Sets parts of the schedule of a partner's notices; `afresh` forgets first what it set before. Returns the partner as it is
/// then, and whether anything was changed; nothing where there is no such partner.
///
/// What was planned before stays as it was planned; the hours count for whatever leaves from now on.
///
/// # Errors
/// The database is away.
pub async fn set_schedule(
    engine: &Engine,
    of: PartnerId,
    newer: OwnSchedule,
    afresh: bool,
) -> Result<Option<(Partner, bool)>, storage::Error> {
    let now = engine.clock.now();
    let step = async move |tx: &mut Tx| {
        let Some(mut partner) = storage::partner::lock(tx, of).await? else {
            return Ok(None);
        };
        let before = partner.schedule.take();
        let kept = before.clone().filter(|_| !afresh).unwrap_or_default();
        partner.schedule = Some(kept.changed_by(newer)).filter(|own| !own.is_empty());
        let is_changed = partner.schedule != before;
        if is_changed {
            storage::partner::set_schedule(tx, of, partner.schedule.as_ref()).await?;
            let event = event::New {
                id: fresh_id(now),
                partner: of,
                kind: EventKind::PartnerScheduleChanged,
                subject: of.uuid(),
                actor: Actor::Operator,
                data: serde_json::json!(partner.schedule.clone().unwrap_or_default()),
                at: now,
            };
            event::insert(tx, &event).await?;
        }
        Ok(Some((partner, is_changed)))
    };
    engine
        .db
        .write(move |tx| Box::pin(async move { step(tx).await }))
        .await
}

/// What of its limits is set for one partner: so many, or 0 for no limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct OwnLimits {
    /// How many invitations each of its API keys makes a day.
    pub per_key_day: Option<u32>,
    /// How many it makes a day by whichever way.
    pub per_partner_day: Option<u32>,
}

/// Sets limits of a partner's own; `afresh` forgets first what was set before. Returns the partner as it is then, and whether
/// anything was changed; nothing where there is no such partner. What is used of them already stays used.
///
/// # Errors
/// The database is away.
pub async fn set_limits(
    engine: &Engine,
    of: PartnerId,
    newer: OwnLimits,
    afresh: bool,
) -> Result<Option<(Partner, bool)>, storage::Error> {
    let now = engine.clock.now();
    let step = async move |tx: &mut Tx| {
        let Some(mut partner) = storage::partner::lock(tx, of).await? else {
            return Ok(None);
        };
        let before = (partner.per_key_day, partner.per_partner_day);
        let set = |newer: Option<u32>, before: Option<i64>| {
            newer.map(i64::from).or(before.filter(|_| !afresh))
        };
        partner.per_key_day = set(newer.per_key_day, before.0);
        partner.per_partner_day = set(newer.per_partner_day, before.1);
        let is_changed = (partner.per_key_day, partner.per_partner_day) != before;
        if is_changed {
            let (per_key, per_partner) = (partner.per_key_day, partner.per_partner_day);
            storage::partner::set_limits(tx, of, per_key, per_partner).await?;
            let event = event::New {
                id: fresh_id(now),
                partner: of,
                kind: EventKind::PartnerLimitsChanged,
                subject: of.uuid(),
                actor: Actor::Operator,
                data: serde_json::json!({
                    "per_key_day": per_key, "per_partner_day": per_partner,
                }),
                at: now,
            };
            event::insert(tx, &event).await?;
        }
        Ok(Some((partner, is_changed)))
    };
    engine
        .db
        .write(move |tx| Box::pin(async move { step(tx).await }))
        .await
}

/// The row of a partner; what is stored is what the domain's types made of the words.
fn check(draft: &Draft, id: PartnerId, now: Timestamp) -> Result<Partner, Vec<FieldError>> {
    let mut errors = Errors::default();
    let handle = errors.keep("handle", checked_handle(&draft.handle));
    let name = errors.keep("name", draft.name.parse::<CompanyName>());
    let legal_name = draft.legal_name.as_deref().unwrap_or(&draft.name);
    let legal_name = errors.keep("legal_name", legal_name.parse::<CompanyName>());
    let address = errors.keep("address", draft.address.parse::<PostalAddress>());
    let phone = errors.keep("phone", draft.phone.parse::<Phone>());
    let representative =
        errors.optional::<PersonName>("representative", draft.representative.as_deref());
    let registration_number = errors.optional::<RegistrationNumber>(
        "registration_number",
        draft.registration_number.as_deref(),
    );
    let website = draft.website.as_deref().map(checked_website).transpose();
    let website = errors.keep("website", website);
    let email = errors.keep("email", draft.email.trim().parse::<EmailAddress>());
    let language = errors.keep("language", draft.language.parse::<Language>());
    errors.keep("time_zone", check_time_zone(&draft.time_zone));
    match (
        handle, name, legal_name, address, phone, website, email, language,
    ) {
        (
            Some(handle),
            Some(name),
            Some(legal_name),
            Some(address),
            Some(phone),
            Some(website),
            Some(email),
            Some(language),
        ) if errors.0.is_empty() => Ok(Partner {
            id,
            handle: handle.to_owned(),
            name: name.as_str().to_owned(),
            legal_name: legal_name.as_str().to_owned(),
            email: email.for_smtp(),
            phone: phone.as_str().to_owned(),
            address: address.as_str().to_owned(),
            website: website.map(str::to_owned),
            representative: representative.map(|name| name.as_str().to_owned()),
            registration_number: registration_number.map(|number| number.as_str().to_owned()),
            language,
            time_zone: draft.time_zone.clone(),
            advertising_mark: draft.advertising_mark,
            schedule: None,
            per_key_day: None,
            per_partner_day: None,
            created_at: now,
        }),
        _ => Err(errors.0),
    }
}

fn checked_handle(text: &str) -> Result<&str, &'static str> {
    let handle = text.trim();
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (2..=40).contains(&handle.len()) && handle.chars().all(fits) && !handle.starts_with('-') {
        Ok(handle)
    } else {
        Err("2 to 40 characters of a-z, 0-9 and -, not beginning with -")
    }
}

fn checked_website(text: &str) -> Result<&str, &'static str> {
    if is_website(text) {
        Ok(text)
    } else {
        Err("an address that begins with https:// (or http://), without blanks")
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        Draft {
            handle: "hanbit".to_owned(),
            name: "한빛테크".to_owned(),
            email: "partner@hanbit.example".to_owned(),
            phone: "+82 2 555 0100".to_owned(),
            address: "서울특별시 중구 세종대로 110".to_owned(),
            language: "ko".to_owned(),
            time_zone: "Asia/Seoul".to_owned(),
            ..Draft::default()
        }
    }

    fn checked(draft: &Draft) -> Result<Partner, Vec<FieldError>> {
        let id = uuid::Uuid::from_u128(1).into();
        check(draft, id, Timestamp::from_micros(0))
    }

    #[test]
    fn what_is_stored_is_clean() {
        let partner = checked(&Draft {
            phone: "\u{3164}02 \u{3000}555\t0100 ".to_owned(),
            registration_number: Some(" 110-81\u{3164}- 00000 ".to_owned()),
            representative: Some("김\u{1112}\u{1161}\u{11ab}빛 ".to_owned()),
            ..draft()
        })
        .unwrap();
        assert_eq!(partner.phone, "02 555 0100");
        assert_eq!(
            partner.registration_number.as_deref(),
            Some("110-81 - 00000")
        );
        assert_eq!(partner.representative.as_deref(), Some("김한빛"));
        assert_eq!(partner.legal_name, "한빛테크");
        let none = checked(&Draft {
            registration_number: Some(" ".to_owned()),
            ..draft()
        });
        assert_eq!(none.unwrap().registration_number, None);
    }

    #[test]
    fn a_number_that_is_none_is_refused_with_what_to_write() {
        let errors = checked(&Draft {
            phone: "call\u{202e} me".to_owned(),
            registration_number: Some("<b>1</b>".to_owned()),
            name: "한빛 bit.ly/x".to_owned(),
            legal_name: Some("한빛".to_owned()),
            ..draft()
        })
        .unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| error.field).collect();
        assert_eq!(fields, ["name", "phone", "registration_number"]);
        assert!(
            errors[2]
                .message
                .starts_with("the registration number is no number of a register: "),
            "{}",
            errors[2]
        );
    }
}
