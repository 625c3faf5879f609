//! How a repeated request is known, and what it leaves as it is: the invitation that waits is neither made anew nor changed by it.

use serde_json::json;
use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

use super::invite::spoken;
use super::{Engine, stored, zone};
use crate::domain::address::EmailAddress;
use crate::domain::draft::Request;
use crate::domain::ids::InvitationId;
use crate::domain::microsoft::Links;
use crate::domain::text::{Note, Reference};
use crate::storage::{self, dossier, recipient};

/// The fields of a request that the pending invitation `of` says otherwise, as whoever invites knows them: a repeated
/// request changes nothing of it.
///
/// # Errors
/// The database is away.
pub async fn not_taken_over(
    engine: &Engine,
    of: InvitationId,
    request: &Request,
) -> Result<Vec<&'static str>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let Some(there) = dossier::of_invitation(&mut conn, of).await? else {
        return Ok(Vec::new());
    };
    let parts = recipient::of_invitation(&mut conn, of).await?;
    let reads = |viewer: &EmailAddress| parts.iter().any(|part| part.address == viewer.as_str());
    let links: Links = stored(&there.links)?;
    let differs = |asked: Option<&str>, there: Option<&str>| asked.is_some() && asked != there;
    let language = request.language.as_ref().map(|asked| spoken(&[asked]));
    let expires_at = request.expires_in_days.map(|days| {
        let span = jiff::Span::new().days(i64::from(days));
        there.created_at.plus(span, &zone(&there.time_zone))
    });
    let others = [
        ("name", request.name.as_str() != there.recipient_name),
        (
            "language",
            language.is_some_and(|asked| asked != there.language),
        ),
        (
            "time_zone",
            differs(request.time_zone.as_deref(), Some(&there.time_zone)),
        ),
        (
            "note",
            differs(
                request.note.as_ref().map(Note::as_str),
                there.note.as_deref(),
            ),
        ),
        (
            "reference",
            differs(
                request.reference.as_ref().map(Reference::as_str),
                there.reference.as_deref(),
            ),
        ),
        (
            "expires_in_days",
            expires_at.is_some_and(|at| at != there.expires_at),
        ),
        ("viewers", !request.viewers.iter().all(reads)),
    ];
    let others = others
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field));
    let known: Vec<_> = links.given().collect();
    let asked = request.links.given().filter(|link| !known.contains(link));
    Ok(asked.map(|(field, ..)| field).chain(others).collect())
}

/// An idempotency key that a row of a file gets for what it says, whichever file it stands in.
pub fn row_key(request: &Request) -> String {
    format!(
        "row-{}",
        data_encoding::HEXLOWER.encode(&fingerprint(request))
    )
}

/// What two requests of one partner have in common when the second finds the invitation of the first pending: organization,
/// cloud, mailbox and offer, each as the database compares them.
pub fn twin_key(request: &Request) -> [String; 4] {
    [
        name_key(request),
        request.cloud.to_string(),
        request.email.as_str().to_owned(),
        request.offer.key(),
    ]
}

/// An organization's name as it is compared: width, case and composition do not count.
pub(super) fn name_key(request: &Request) -> String {
    let name = request.organization.as_str();
    name.nfkc().flat_map(char::to_lowercase).collect()
}

/// The request in one hash: the same key with another request is a mistake.
pub(super) fn fingerprint(request: &Request) -> [u8; 32] {
    let mut text = vec![
        json!(request.organization),
        json!(request.organization_kind),
        json!(request.cloud),
        json!(request.name),
        json!(request.email),
        json!(request.offer),
        json!(request.language.as_ref().map(ToString::to_string)),
        json!(request.time_zone),
        json!(request.note),
        json!(request.reference),
        json!(request.links),
        json!(request.expires_in_days),
        json!(request.force),
    ];
    // Nothing for none: what was asked before there were viewers is still the same.
    if !request.viewers.is_empty() {
        text.push(json!(request.viewers));
    }
    let text = serde_json::Value::from(text);
    Sha256::digest(text.to_string()).into()
}
