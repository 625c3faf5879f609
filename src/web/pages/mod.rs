//! The handlers of the customer's pages: verify the token, follow the link, show or change, answer with a view.

pub(super) mod accept;
pub(super) mod agreement;
mod facts;
pub(super) mod finder;
mod guest;
pub(super) mod inquiry;
mod link;
pub(super) mod manage;
pub(super) mod people;
pub(super) mod receipt;
pub(super) mod reduce;
pub(super) mod stop;

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use axum::http::Uri;
use axum::http::request::Parts;
use axum::response::Response;
use serde::Deserialize;

use super::views::{self, FailureKind, Front, LinkAsked};
use crate::domain::link_path;
use crate::domain::token::Purpose;
use crate::workflow::resend;
use guest::{Answer, Guest, Instead, Sent};
pub(super) use link::invalid;

pub(super) async fn front(guest: Guest) -> Response {
    views::render(&Front { page: guest.page() })
}

/// No route of ours. A mangled link, of no character or with a slash in it, gets the page of every other one.
pub(super) async fn not_found(guest: Guest, uri: Uri) -> Instead {
    if link_path::ALL
        .iter()
        .any(|start| uri.path().starts_with(start))
    {
        return guest.invalid();
    }
    guest.failure(FailureKind::NotFound)
}

/// What stands in the path of a link. One that is no UTF-8 has no token, and gets the page of a wrong one.
#[derive(Default, Deserialize)]
pub(super) struct Linked {
    token: String,
    /// Of an agreement, where the route has one.
    #[serde(default)]
    id: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Linked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let path = Path::<Self>::from_request_parts(parts, state).await;
        Ok(path.map(|Path(linked)| linked).unwrap_or_default())
    }
}

pub(super) async fn method_not_allowed(guest: Guest) -> Instead {
    guest.failure(FailureKind::MethodNotAllowed)
}

pub(super) async fn asset(guest: Guest, Path(file): Path<String>) -> Answer {
    let found = super::assets::find(&file).map(super::assets::answer);
    found.ok_or_else(|| guest.failure(FailureKind::NotFound))
}

#[derive(Deserialize)]
pub(super) struct ResendForm {
    token: String,
}

/// A new link to the address on file. The answer is the same whatever happens.
pub(super) async fn resend(guest: Guest, sent: Sent<ResendForm>) -> Answer {
    let form = guest.form(sent)?;
    let purposes = [Purpose::Accept, Purpose::Receipt, Purpose::StopReminders];
    let claims = purposes
        .into_iter()
        .find_map(|purpose| guest.genuine(&form.token, purpose));
    if let Some(claims) = claims {
        guest.not_too_often(guest.site.limits.resend(claims.subject))?;
        guest.or_later(resend::ask_for_link(&guest.site.engine, claims).await)?;
    } else if let Some(purpose @ (Purpose::Manage | Purpose::List)) = guest.purpose_of(&form.token)
    {
        manage::ask_again(&guest, &form.token, purpose).await?;
    }
    Ok(views::render(&LinkAsked { page: guest.page() }))
}
