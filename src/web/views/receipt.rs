//! The receipt: what was recorded, what remains to be done at Microsoft, and whom this mailbox authorized.
//!
//! It follows acceptance, and every later use of the same link: a second click is no error.

use askama::Template;

use super::{HeldRole, Page, Partner, Terms, View};
use crate::domain::catalogue::PartnerType;
use crate::domain::link_path;
use crate::domain::microsoft;
use crate::domain::offer::OfferKind;
use crate::domain::time::Timestamp;

/// The page behind `/receipt/<token>`, and the answer to an accepted POST.
#[derive(Clone, Debug, Template)]
#[template(path = "page/receipt.html")]
pub struct Receipt {
    /// What every page has.
    pub page: Page,
    /// Who was authorized, or whose agreement it was.
    pub partner: Partner,
    /// A token of purpose *receipt*; goes back with "I have done this".
    pub token: String,
    /// What was recorded.
    pub record: Record,
    /// The steps on Microsoft's side, in order; empty where there are none.
    pub steps: Vec<Step>,
    /// The step that was marked a moment ago.
    pub marked: Option<microsoft::Step>,
    /// The partners that this mailbox authorized, this one among them.
    pub partners: Vec<Authorized>,
}

impl View for Receipt {
    fn page(&self) -> &Page {
        &self.page
    }
}

/// What was recorded.
#[derive(Clone, Debug)]
pub struct Record {
    /// `acc_…`
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// The signer's name as the language writes it (홍길동; Jane Doe).
    pub signer: String,
    /// The mailbox that the link was sent to.
    pub email: String,
    /// The telephone number, if given.
    pub phone: Option<String>,
    /// For which organization.
    pub organization: String,
    /// What was agreed to.
    pub terms: Terms,
    /// Where the agreement's text can be read.
    pub agreement_url: Option<String>,
    /// The sentences that were ticked, word for word.
    pub sentences: Vec<String>,
    /// SHA-256 of the record, 64 hexadecimal digits.
    pub sha256: String,
}

/// A step on Microsoft's side.
#[derive(Clone, Debug)]
pub struct Step {
    /// Which.
    pub kind: microsoft::Step,
    /// Where it is done, on `admin.microsoft.com`; none until the partner gives it.
    pub link: Option<String>,
    /// What is known of it.
    pub said: Said,
}

/// Who said that a step is done, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Nobody.
    Nothing,
    /// The customer.
    ByCustomer(Timestamp),
    /// The partner.
    ByPartner(Timestamp),
    /// Microsoft confirmed it.
    Confirmed(Timestamp),
}

impl Step {
    /// Whether nobody said that it is done.
    pub(super) fn is_open(&self) -> bool {
        self.said == Said::Nothing
    }

    /// What is known of it, in words.
    pub(super) fn state_text(&self, page: &Page) -> String {
        let said =
            |key: &str, at: &Timestamp| page.t.f(key, &[("moment", (&page.moment(at)).into())]);
        match &self.said {
            Said::Nothing => page.t.m("page-step-unknown"),
            Said::ByCustomer(at) => said("page-step-said-by-customer", at),
            Said::ByPartner(at) => said("page-step-said-by-partner", at),
            Said::Confirmed(at) => said("page-step-confirmed", at),
        }
    }
}

impl Receipt {
    fn heading(&self) -> String {
        match self.record.terms.offer.kind() {
            OfferKind::RelationshipOnly => self.page.t.m("page-receipt-title-partner"),
            OfferKind::RelationshipAndAgreement | OfferKind::AgreementOnly => {
                self.page.t.m("page-receipt-title")
            }
        }
    }

    fn open_steps(&self) -> usize {
        self.steps.iter().filter(|step| step.is_open()).count()
    }

    /// Only a signer has a receipt.
    #[expect(
        clippy::unused_self,
        reason = "the steps' template asks it of each page"
    )]
    const fn may_mark(&self) -> bool {
        true
    }

    fn just_marked(&self, step: &Step) -> bool {
        self.marked == Some(step.kind)
    }
}

/// One partner that this mailbox authorized.
#[derive(Clone, Debug)]
pub struct Authorized {
    /// Who.
    pub partner: Partner,
    /// For which organization.
    pub organization: String,
    /// The type of the partner.
    pub kind: &'static PartnerType,
    /// The roles that it has.
    pub roles: Vec<HeldRole>,
    /// Since when.
    pub since: Timestamp,
    /// Where it can be seen and reduced: for the receipt's own relationship its page, for others where a link is asked for,
    /// since a link in a mail leads to one relationship alone.
    pub details: String,
}

impl Authorized {
    /// Whether a link has to be asked for to see the details.
    fn asks_for_link(&self) -> bool {
        self.details == link_path::ASK
    }
}
