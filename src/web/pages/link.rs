//! What a link leads to: the rows behind it, or the page of one that no longer works.

use axum::http::HeaderMap;
use axum::response::Response;

use crate::domain::invitation::StateName;
use crate::domain::time::Timestamp;
use crate::domain::token::Claims;
use crate::telemetry::TokenFault;
use crate::web::Site;
use crate::web::views::{self, DeadLink, LinkState, Page};
use crate::workflow::link::{Opened, Standing};

/// A link that leads somewhere.
pub(super) struct Followed {
    pub(super) claims: Claims,
    pub(super) opened: Opened,
}

/// The page of every link that is none of ours.
pub(in crate::web) fn invalid(site: &Site, headers: &HeaderMap) -> Response {
    views::render(&DeadLink {
        page: site.page(headers),
        state: LinkState::Invalid,
        offer: None,
    })
}

/// The page of a link whose invitation, or whose own time, is over; `token` where a new one may be asked for by it.
pub(super) fn dead(site: &Site, page: Page, token: Option<&str>, opened: &Opened) -> Response {
    site.metrics.token_refused(TokenFault::Refused);
    let dossier = &opened.dossier;
    let ended: Timestamp = dossier.ended_at.unwrap_or(dossier.expires_at);
    let (state, offers) = match dossier.state {
        // Somebody else may ask for a link to it, and nobody by this one.
        _ if opened.standing == Standing::HandedOver => (LinkState::HandedOver, false),
        StateName::Revoked => (LinkState::Revoked(ended), false),
        StateName::Expired => (LinkState::Expired(dossier.expires_at), true),
        _ if opened.standing == Standing::Replaced => {
            (LinkState::Replaced, dossier.state == StateName::Pending)
        }
        StateName::Pending => (LinkState::Expired(dossier.expires_at), true),
        // A receipt that is no longer shown: there is no new link to it.
        StateName::Accepted | StateName::Declined => {
            (LinkState::Expired(dossier.links_expire_at), false)
        }
    };
    views::render(&DeadLink {
        page,
        state,
        offer: token.filter(|_| offers).map(str::to_owned),
    })
}
