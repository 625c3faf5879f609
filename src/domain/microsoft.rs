//! Microsoft's side: its clouds, the links that lead the customer there, and what is known of each step.
//!
//! What Microsoft knows is kept apart from what was agreed here: a step is done there by the customer alone.

mod links;

use super::words::words;

pub use links::{GdapLink, LinkError, Links, McaLink, OtherCloud, ResellerLink};

words! {
    /// The Microsoft cloud that a customer's tenant lives in.
    Cloud, "cloud" {
        /// The public cloud.
        Global = "global",
        /// Microsoft 365 in China, run by 21Vianet.
        China21Vianet = "21vianet",
        /// Microsoft 365 US Government.
        UsGovernment = "us_gov",
    }
}

impl Cloud {
    /// Whether the Microsoft Customer Agreement exists there.
    pub const fn offers_mca(self) -> bool {
        !matches!(self, Self::China21Vianet)
    }

    /// The host of its Microsoft 365 admin center, where a customer signs in and the links of partners lead.
    pub const fn admin_center(self) -> &'static str {
        match self {
            Self::Global => "admin.microsoft.com",
            Self::UsGovernment => "portal.office365.us",
            Self::China21Vianet => "portal.partner.microsoftonline.cn",
        }
    }

    /// Whether an address is known that leads to the partner relationships themselves; else there is the front page alone.
    pub const fn leads_to_partner_relationships(self) -> bool {
        matches!(self, Self::Global)
    }

    /// Where access really ends: the partner relationships in the Microsoft 365 admin center; where no address leads there, the
    /// front page of that cloud's admin center.
    pub const fn partner_relationships_url(self) -> &'static str {
        match self {
            Self::Global => "https://go.microsoft.com/fwlink/p/?linkid=2074649",
            Self::UsGovernment => "https://portal.office365.us/adminportal/home",
            Self::China21Vianet => "https://portal.partner.microsoftonline.cn/adminportal/home",
        }
    }

    /// Whether delegated-admin roles for a time (GDAP) exist there.
    pub const fn offers_gdap(self) -> bool {
        !matches!(self, Self::China21Vianet)
    }
}

words! {
    /// A step on Microsoft's side, which only the customer can take there.
    Step, "step" {
        /// Accept the Microsoft Customer Agreement.
        Mca = "mca",
        /// Approve the partner relationship.
        Relationship = "relationship",
        /// Approve the delegated-admin roles.
        Gdap = "gdap",
        /// Remove the delegated-admin roles.
        RolesRemoved = "roles_removed",
    }
}

words! {
    /// What is known of a step; the later ones weigh more.
    StepState, "state of a step" {
        /// Nothing.
        Unknown = "unknown",
        /// The customer said that it is done.
        SaidByCustomer = "said_by_customer",
        /// The partner said that it is done.
        SaidByPartner = "said_by_partner",
        /// Microsoft confirmed it.
        Confirmed = "confirmed",
    }
}

words! {
    /// What a partner may say of a step: all but what the customer says.
    PartnersWord, "state of a step" {
        /// It knows nothing.
        Unknown = "unknown",
        /// It is done.
        Done = "said_by_partner",
        /// Microsoft confirmed it.
        Confirmed = "confirmed",
    }
}

impl From<PartnersWord> for StepState {
    fn from(word: PartnersWord) -> Self {
        match word {
            PartnersWord::Unknown => Self::Unknown,
            PartnersWord::Done => Self::SaidByPartner,
            PartnersWord::Confirmed => Self::Confirmed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn china_has_neither_agreement_nor_roles() {
        let cloud: Cloud = "21vianet".parse().unwrap();
        assert!(!cloud.offers_mca() && !cloud.offers_gdap());
        assert!(Cloud::Global.offers_mca() && Cloud::Global.offers_gdap());
    }

    #[test]
    fn what_a_partner_says_of_a_step_has_one_name() {
        for &word in PartnersWord::ALL {
            assert_eq!(StepState::from(word).as_str(), word.as_str());
        }
    }

    #[test]
    fn a_later_state_of_a_step_weighs_more() {
        assert!(StepState::ALL.is_sorted());
        assert!(StepState::Unknown < StepState::SaidByCustomer);
        assert!(StepState::SaidByPartner < StepState::Confirmed);
    }
}
