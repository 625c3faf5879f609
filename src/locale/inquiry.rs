//! The words for what a business asks of partners: on its pages, and in the mails.

use super::Texts;
use crate::domain::inquiry::Need;
use crate::domain::profile::OrganizationSize;

impl Texts {
    /// What is needed: `라이선스 구매`.
    pub fn need(&self, need: &Need) -> String {
        match need {
            Need::Licences => self.m("need-licences"),
            Need::Manage => self.m("need-manage"),
            Need::Support => self.m("need-support"),
            Need::App => self.m("need-app"),
            Need::Devices => self.m("need-devices"),
            Need::Other => self.m("need-other"),
        }
    }

    /// How many people: `50~249명`.
    pub fn size(&self, size: &OrganizationSize) -> String {
        match size {
            OrganizationSize::UpTo9 => self.m("size-1-9"),
            OrganizationSize::UpTo49 => self.m("size-10-49"),
            OrganizationSize::UpTo249 => self.m("size-50-249"),
            OrganizationSize::UpTo999 => self.m("size-250-999"),
            OrganizationSize::From1000 => self.m("size-1000"),
        }
    }
}
