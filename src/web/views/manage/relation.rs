//! One relationship, as its pages show it.

use crate::domain::catalogue::{PartnerType, Risk, Role};
use crate::domain::microsoft::{self, Cloud};
use crate::domain::time::Timestamp;
use crate::web::views::{Page, Step};

/// What holds, or held, between the customer's organization and a partner.
#[derive(Clone, Debug)]
pub struct Relation {
    /// The customer's organization or school.
    pub organization: String,
    /// The type of the partner.
    pub kind: &'static PartnerType,
    /// Since when.
    pub since: Timestamp,
    /// Its end, if it has ended.
    pub ended: Option<Ended>,
    /// The roles that are active; none once it has ended.
    pub roles: Vec<HeldRole>,
    /// What happens on the day on which the roles end; nothing where there are none.
    pub extension: Option<Extension>,
    /// The agreement that was accepted with it.
    pub agreement: Option<AgreementLine>,
    /// The steps on Microsoft's side.
    pub steps: Vec<Step>,
    /// The cloud in whose admin center the customer's administrator takes the access away.
    pub cloud: Cloud,
}

/// When and by whom a relationship was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// By whom, where that is known.
    pub by: Option<EndedBy>,
}

/// Who ended a relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// Somebody at the customer's.
    Customer,
    /// The partner, or who runs the service for it.
    Partner,
}

/// What happens on the day on which the roles end; if any is extended, that is what there is to switch off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extension {
    /// They end.
    Off,
    /// They are extended by 180 days, again and again.
    On,
}

/// A role that the partner has.
#[derive(Clone, Copy, Debug)]
pub struct HeldRole {
    /// Which.
    pub role: &'static Role,
    /// Until when.
    pub until: Timestamp,
    /// Whether that counts from activation at Microsoft; else from consent, and is expected only.
    pub is_counted: bool,
}

impl HeldRole {
    /// Whether Microsoft marks the role as privileged.
    pub fn is_privileged(&self) -> bool {
        self.role.risk == Risk::High
    }

    /// Until when, in words.
    pub fn until_text(&self, page: &Page) -> String {
        let day = page.date(&self.until);
        let args = [("day", (&day).into())];
        if self.is_counted {
            page.t.f("page-role-until", &args)
        } else {
            page.t.f("page-role-until-expected", &args)
        }
    }
}

/// The agreement that was accepted.
#[derive(Clone, Debug)]
pub struct AgreementLine {
    /// Its title, in its own language.
    pub title: String,
    /// Its version, as its publisher names it.
    pub version: String,
    /// The tag of its language.
    pub language: String,
    /// Where the receipt is; nothing for a viewer.
    pub receipt_url: Option<String>,
}

impl Relation {
    /// What the link to that admin center says: whether it leads to the place itself.
    pub(super) fn place_text(&self, page: &Page) -> String {
        if self.cloud.leads_to_partner_relationships() {
            page.t.m("page-at-microsoft-open")
        } else {
            page.t.m("page-step-open")
        }
    }

    /// Whether roles were said to be removed here, and not yet at Microsoft.
    pub(super) fn is_open_at_microsoft(&self) -> bool {
        self.urgent().iter().any(Step::is_open)
    }

    /// The step that a change here leaves to be done at Microsoft.
    pub(super) fn urgent(&self) -> Vec<Step> {
        self.steps_that(|kind| kind == microsoft::Step::RolesRemoved)
    }

    /// The steps that acceptance led to. None is asked for any more once all is ended, nor roles that are gone.
    pub(super) fn others(&self) -> Vec<Step> {
        let mut steps = self.steps_that(|kind| kind != microsoft::Step::RolesRemoved);
        let is_over = |step: &Step| {
            let is_of_roles = step.kind == microsoft::Step::Gdap;
            self.ended.is_some() || is_of_roles && self.roles.is_empty()
        };
        steps.retain(|step| !(step.is_open() && is_over(step)));
        steps
    }

    /// How many of them are open.
    pub(super) fn open_others(&self) -> usize {
        self.others().iter().filter(|step| step.is_open()).count()
    }

    fn steps_that(&self, fits: impl Fn(microsoft::Step) -> bool) -> Vec<Step> {
        let steps = self.steps.iter();
        steps.filter(|step| fits(step.kind)).cloned().collect()
    }

    /// That it holds, or since when and by whom it is ended.
    pub(super) fn state_text(&self, page: &Page) -> String {
        let Some(Ended { at, by }) = self.ended else {
            return page.t.m("page-relation-active");
        };
        let moment = page.moment(&at);
        let args = [("moment", (&moment).into())];
        match by {
            Some(EndedBy::Customer) => page.t.f("page-relation-ended-by-customer", &args),
            Some(EndedBy::Partner) => page.t.f("page-relation-ended-by-partner", &args),
            None => page.t.f("page-relation-ended", &args),
        }
    }
}
