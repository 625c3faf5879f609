//! What is offered, by flags: for one invitation, or for the rows of a file that do not say.

use crate::cli::choice::{self, one_of};
use crate::cli::csv::values;
use crate::domain::draft::{Draft, OrganizationKind};
use crate::domain::microsoft::Cloud;

/// What is offered, and how it is said.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "What is offered (for a file: where a row does not say)")]
pub(in crate::cli) struct OfferArgs {
    /// The partner type, such as `reseller`; without one, the agreement alone is offered (--help lists them)
    #[arg(long, visible_alias = "type", value_name = "TYPE", long_help = choice::partner_types())]
    partner_type: Option<String>,
    /// A delegated-admin role, such as `helpdesk_administrator`; may be repeated [default: those of the type] (--help lists
    /// them)
    #[arg(long = "role", value_name = "ROLE", long_help = choice::roles())]
    roles: Vec<String>,
    /// No delegated-admin roles, though the type has some
    #[arg(long, conflicts_with = "roles")]
    no_roles: bool,
    /// For how long the roles are asked: `P1D` to `P2Y` [default: `P1Y`]
    #[arg(long, value_name = "ISO8601")]
    duration: Option<String>,
    /// Let the customer choose that the roles extend themselves by 180 days, again and again
    #[arg(long)]
    auto_extend: bool,
    /// Ask for the Microsoft Customer Agreement
    #[arg(long)]
    mca: bool,
    /// What the customer is [default: `organization`]
    #[arg(long, value_name = "KIND", value_parser = one_of(OrganizationKind::ALL))]
    organization_kind: Option<OrganizationKind>,
    /// The cloud of the customer's tenant [default: `global`]
    #[arg(long, value_parser = one_of(Cloud::ALL))]
    cloud: Option<Cloud>,
    /// The language of mails and pages, BCP 47 [default: the contact's, else the partner's]
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// The customer's IANA time zone [default: the contact's, else the partner's]
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Some words of the partner: plain text of at most 500 characters, without links
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// The partner's own reference; the customer does not see it
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
    /// Somebody who may read along and not answer, such as the customer's counsel; may be repeated
    #[arg(long = "viewer", value_name = "ADDRESS")]
    viewers: Vec<String>,
    /// Microsoft's page on which the customer approves the roles
    #[arg(long, value_name = "URL")]
    gdap_link: Option<String>,
    /// Microsoft's page on which the customer approves the relationship
    #[arg(long, value_name = "URL")]
    reseller_link: Option<String>,
    /// Microsoft's page on which the customer accepts the agreement
    #[arg(long, value_name = "URL")]
    mca_link: Option<String>,
    /// For how many days it can be accepted: 1 to 90 [default: `invitation.expires_days` of the settings]
    #[arg(long, value_name = "DAYS")]
    expires_in_days: Option<u16>,
}

impl OfferArgs {
    /// A draft that says what is offered, and to nobody yet.
    pub(in crate::cli) fn draft(&self) -> Draft {
        let roles: Vec<String> = self
            .roles
            .iter()
            .flat_map(|role| values::roles(role))
            .collect();
        Draft {
            organization_kind: self.organization_kind.map(|kind| kind.to_string()),
            cloud: self.cloud.map(|cloud| cloud.to_string()),
            partner_type: self.partner_type.as_deref().map(values::partner_type),
            roles: (self.no_roles || !roles.is_empty()).then_some(roles),
            duration: self.duration.as_deref().map(values::duration),
            auto_extend: self.auto_extend,
            agreement: self.mca,
            language: self.language.clone(),
            time_zone: self.time_zone.clone(),
            note: self.note.clone(),
            reference: self.reference.clone(),
            viewers: self.viewers.clone(),
            gdap_link: self.gdap_link.clone(),
            reseller_link: self.reseller_link.clone(),
            mca_link: self.mca_link.clone(),
            expires_in_days: self.expires_in_days,
            ..Draft::default()
        }
    }
}
