//! An inquiry by its links: the mailbox that asks confirms it, the partner who is asked answers it.

use askama::Template;
use axum::http::StatusCode;

use super::{Page, View};
use crate::domain::catalogue::{Catalogue, PartnerType};
use crate::domain::inquiry::Need;
use crate::domain::profile::OrganizationSize;
use crate::domain::time::Timestamp;

/// What is asked, and by whom.
#[derive(Clone, Debug)]
pub struct Asks {
    /// The business.
    pub organization: String,
    /// How many people work there.
    pub size: Option<OrganizationSize>,
    /// Who asks.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Telephone.
    pub phone: Option<String>,
    /// What is needed.
    pub needs: Vec<Need>,
    /// More of it.
    pub text: Option<String>,
}

/// Where an inquiry stands, as its page shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InquiryStanding {
    /// It can be confirmed until then.
    Open(Timestamp),
    /// It was confirmed then, and went to the partners.
    Sent(Timestamp),
    /// Too many went to one of the partners today: it can be confirmed later, until then.
    Later(Timestamp),
    /// It can no longer be confirmed.
    Over,
}

/// The page behind `/inquiry/<token>`: what goes to whom, and the button that sends it.
#[derive(Clone, Debug, Template)]
#[template(path = "page/inquiry.html")]
pub struct ConfirmInquiry {
    /// What every page has; no partner, for it may be several.
    pub page: Page,
    /// The token of purpose *inquiry*.
    pub token: String,
    /// What is asked.
    pub asks: Asks,
    /// Names of those who are asked.
    pub partners: Vec<String>,
    /// Where it stands.
    pub standing: InquiryStanding,
}

impl View for ConfirmInquiry {
    fn page(&self) -> &Page {
        &self.page
    }

    fn status(&self) -> StatusCode {
        match self.standing {
            InquiryStanding::Open(_) | InquiryStanding::Sent(_) => StatusCode::OK,
            InquiryStanding::Later(_) => StatusCode::TOO_MANY_REQUESTS,
            InquiryStanding::Over => StatusCode::GONE,
        }
    }
}

impl ConfirmInquiry {
    fn heading(&self) -> String {
        let t = self.page.t;
        match self.standing {
            InquiryStanding::Open(_) => t.m("page-inquiry-title"),
            InquiryStanding::Sent(_) => t.m("page-inquiry-sent-title"),
            InquiryStanding::Later(_) => t.m("page-inquiry-later-title"),
            InquiryStanding::Over => t.m("page-inquiry-over-title"),
        }
    }

    fn lede(&self) -> String {
        let dated = |key: &str, at: &Timestamp| {
            let moment = self.page.moment(at);
            self.page.t.f(key, &[("moment", (&moment).into())])
        };
        match &self.standing {
            InquiryStanding::Open(at) => dated("page-inquiry-lede", at),
            InquiryStanding::Sent(at) => dated("page-inquiry-sent-lede", at),
            InquiryStanding::Later(at) => dated("page-inquiry-later-lede", at),
            InquiryStanding::Over => self.page.t.m("page-inquiry-over-lede"),
        }
    }
}

/// Why a partner's answer made no invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedAnswer {
    /// No type of the list was chosen.
    Type,
    /// Whoever asks has a mailbox at the partner's own domain, and a partner cannot consent for its customer.
    OwnDomain,
    /// Their mailbox is suppressed.
    TakesNoMail,
    /// The partner has a customer of that name, whom the mailbox never signed for.
    KnownOrganization,
    /// What nobody foresaw.
    Other,
}

/// Where a request stands, as the partner's page shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestStanding {
    /// It can be answered until then.
    Open(Timestamp),
    /// It cannot be answered like this.
    Refused(RefusedAnswer),
    /// The partner answered it then.
    Answered(Timestamp),
    /// It can no longer be answered.
    Over,
}

/// The page behind `/respond/<token>`: what a business asks, and the button that invites it.
#[derive(Clone, Debug, Template)]
#[template(path = "page/respond.html")]
pub struct Respond {
    /// What every page has: the partner's own page.
    pub page: Page,
    /// The token of purpose *respond*.
    pub token: String,
    /// What is asked.
    pub asks: Asks,
    /// Key of the type that is chosen.
    pub chosen: String,
    /// Where it stands.
    pub standing: RequestStanding,
}

impl View for Respond {
    fn page(&self) -> &Page {
        &self.page
    }

    fn status(&self) -> StatusCode {
        match self.standing {
            RequestStanding::Open(_) | RequestStanding::Answered(_) => StatusCode::OK,
            RequestStanding::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            RequestStanding::Over => StatusCode::GONE,
        }
    }
}

impl Respond {
    fn heading(&self) -> String {
        let t = self.page.t;
        match self.standing {
            RequestStanding::Open(_) | RequestStanding::Refused(_) => t.m("page-respond-title"),
            RequestStanding::Answered(_) => t.m("page-respond-done-title"),
            RequestStanding::Over => t.m("page-respond-over-title"),
        }
    }

    fn lede(&self) -> String {
        let dated = |key: &str, at: &Timestamp| {
            let moment = self.page.moment(at);
            self.page.t.f(key, &[("moment", (&moment).into())])
        };
        match &self.standing {
            RequestStanding::Open(at) => dated("page-respond-lede", at),
            RequestStanding::Refused(_) => self.page.t.m("page-respond-refused"),
            RequestStanding::Answered(at) => dated("page-respond-done-lede", at),
            RequestStanding::Over => self.page.t.m("page-respond-over-lede"),
        }
    }

    fn is_open(&self) -> bool {
        let standing = &self.standing;
        matches!(
            standing,
            RequestStanding::Open(_) | RequestStanding::Refused(_)
        )
    }

    /// Why not, and what to do.
    fn refusal(&self) -> Option<String> {
        let t = self.page.t;
        let RequestStanding::Refused(why) = self.standing else {
            return None;
        };
        Some(match why {
            RefusedAnswer::Type => t.m("page-error-choice"),
            RefusedAnswer::OwnDomain => t.m("page-respond-own-domain"),
            RefusedAnswer::TakesNoMail => t.m("page-respond-takes-no-mail"),
            RefusedAnswer::KnownOrganization => t.m("page-respond-known-organization"),
            RefusedAnswer::Other => t.m("page-respond-other"),
        })
    }

    fn types(&self) -> Vec<(&'static PartnerType, bool)> {
        let types = Catalogue::current().types().iter();
        types.map(|kind| (kind, kind.key == self.chosen)).collect()
    }
}
