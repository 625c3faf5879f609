//! Pages at the end of a way: declined, reminders stopped, a link that no longer works, a new link asked for.

use askama::Template;
use axum::http::StatusCode;

use super::{Page, View};
use crate::domain::link_path;
use crate::domain::time::Timestamp;
use crate::outbound::mails::DeclineReason;

/// The answer to a refusal, and to every later use of the same link.
#[derive(Clone, Debug, Template)]
#[template(path = "page/declined.html")]
pub struct Declined {
    /// What every page has.
    pub page: Page,
    /// For which organization.
    pub organization: String,
    /// When it was declined.
    pub at: Timestamp,
    /// The reason that was chosen.
    pub reason: Option<DeclineReason>,
    /// The message that goes to the partner.
    pub comment: Option<String>,
}

impl View for Declined {
    fn page(&self) -> &Page {
        &self.page
    }
}

/// The page behind `/stop/<token>`: asks on GET, tells on POST and ever after.
#[derive(Clone, Debug, Template)]
#[template(path = "page/stop.html")]
pub struct Stop {
    /// What every page has.
    pub page: Page,
    /// The token of purpose *stop reminders*; it stands in the form's address, as RFC 8058 has it.
    pub token: String,
    /// For which organization.
    pub organization: String,
    /// Until when the invitation can still be answered; none once it is answered or over.
    pub answer_by: Option<Timestamp>,
    /// Whether it was accepted: the reminders are then of roles that end and of steps at Microsoft.
    pub accepted: bool,
    /// Whether reminders are stopped.
    pub done: bool,
}

impl Stop {
    fn path(&self) -> String {
        link_path::stop(&self.token)
    }

    fn lede(&self) -> String {
        let partner = self.page.partner.as_ref();
        let partner = partner.map_or("", |partner| partner.display_name.as_str());
        let args = [
            ("organization", (&self.organization).into()),
            ("partner", partner.into()),
        ];
        self.page.t.f(
            match (self.done, self.accepted) {
                (false, false) => "page-stop-lede",
                (false, true) => "page-stop-lede-relationship",
                (true, false) => "page-stopped-lede",
                (true, true) => "page-stopped-lede-relationship",
            },
            &args,
        )
    }
}

impl View for Stop {
    fn page(&self) -> &Page {
        &self.page
    }
}

/// Why a link no longer works. (A used one shows its receipt, a declined one its refusal.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Its time is over.
    Expired(Timestamp),
    /// The partner withdrew the invitation.
    Revoked(Timestamp),
    /// A newer link was sent.
    Replaced,
    /// Somebody else is asked now.
    HandedOver,
    /// The link to what was granted, or to the list of partners, is over.
    ManageExpired(Timestamp),
    /// No link of this installation, whatever is wrong with it.
    Invalid,
}

/// A link that no longer works.
#[derive(Clone, Debug, Template)]
#[template(path = "page/dead_link.html")]
pub struct DeadLink {
    /// What every page has; no partner where the link is invalid.
    pub page: Page,
    /// Why.
    pub state: LinkState,
    /// The genuine token with which a new link to the address on file may be asked for; none where none will come.
    pub offer: Option<String>,
}

impl View for DeadLink {
    fn page(&self) -> &Page {
        &self.page
    }

    fn status(&self) -> StatusCode {
        match self.state {
            LinkState::Expired(_)
            | LinkState::Revoked(_)
            | LinkState::Replaced
            | LinkState::HandedOver
            | LinkState::ManageExpired(_) => StatusCode::GONE,
            LinkState::Invalid => StatusCode::NOT_FOUND,
        }
    }
}

impl DeadLink {
    fn heading(&self) -> String {
        match self.state {
            LinkState::Expired(_) | LinkState::ManageExpired(_) => {
                self.page.t.m("page-dead-expired-title")
            }
            LinkState::Revoked(_) => self.page.t.m("page-dead-revoked-title"),
            LinkState::Replaced => self.page.t.m("page-dead-replaced-title"),
            LinkState::HandedOver => self.page.t.m("page-dead-handed-over-title"),
            LinkState::Invalid => self.page.t.m("page-dead-invalid-title"),
        }
    }

    /// Where a new link goes.
    fn resend_lede(&self) -> String {
        match self.state {
            LinkState::ManageExpired(_) => self.page.t.m("page-resend-manage-lede"),
            _ => self.page.t.m("page-resend-lede"),
        }
    }

    fn text(&self) -> String {
        let dated = |key: &str, at: &Timestamp| {
            let moment = self.page.moment(at);
            self.page.t.f(key, &[("moment", (&moment).into())])
        };
        match &self.state {
            LinkState::Expired(at) => dated("page-dead-expired-text", at),
            LinkState::Revoked(at) => dated("page-dead-revoked-text", at),
            LinkState::ManageExpired(at) => dated("page-dead-manage-text", at),
            LinkState::Replaced => self.page.t.m("page-dead-replaced-text"),
            LinkState::HandedOver => self.page.t.m("page-dead-handed-over-text"),
            LinkState::Invalid => self.page.t.m("page-dead-invalid-text"),
        }
    }
}

/// The answer to `/resend`: the same whether or not a mail leaves, so that it tells a stranger nothing.
#[derive(Clone, Debug, Template)]
#[template(path = "page/link_asked.html")]
pub struct LinkAsked {
    /// What every page has; no partner, for the same reason.
    pub page: Page,
}

impl View for LinkAsked {
    fn page(&self) -> &Page {
        &self.page
    }
}
