//! The facts of mails about a relationship as their templates want them.

use super::voice::Voice;
use crate::domain::ids::InvitationId;
use crate::domain::span::GrantDuration;
use crate::locale::{Args, Texts};
use crate::outbound::mails::{
    Audience, By, Change, Happened, ManageLink, Partner, Reader, RoleTerm, Step, StepsOpen, Told,
};

/// A change, to either side.
pub(super) struct ChangeView<'a> {
    pub happened: Happened,
    pub partner: &'a Partner,
    pub organization: &'a Told,
    /// The first sentence.
    pub lead: String,
    /// The roles it is about, each with its time where that still matters.
    pub roles: Vec<String>,
    /// The roles that are granted besides, with their time.
    pub remaining: Vec<String>,
    pub partner_type: &'a str,
    /// Who did it; empty where time did.
    pub by: String,
    /// Whether the partner did it: the customer is told then, and has nothing to be alarmed about.
    pub by_partner: bool,
    /// When, in words; empty for what lies ahead.
    pub at: String,
    pub microsoft_url: &'a str,
    /// Whether some of the roles extend themselves, and whether some do not.
    pub extends: bool,
    pub ends: bool,
    /// What the partner does next.
    pub next: String,
    pub for_customer: Option<CustomerView<'a>>,
    pub for_partner: Option<PartnerView<'a>>,
}

/// What only the customer reads.
pub(super) struct CustomerView<'a> {
    pub manage_url: Option<&'a str>,
    pub stop_url: Option<&'a str>,
}

/// What only the partner reads.
pub(super) struct PartnerView<'a> {
    pub id: InvitationId,
    pub reference: Option<&'a Told>,
    /// The command that shows the invitation.
    pub show: String,
}

impl<'a> ChangeView<'a> {
    pub(super) fn new(change: &'a Change) -> (Voice<'a>, Self) {
        let reader = &change.reader;
        let texts = Texts::of(&reader.language);
        let (for_customer, for_partner) = sides(&change.audience);
        let name = match &change.audience {
            Audience::Customer { person, .. } => person.name.as_str(),
            Audience::Partner { .. } => "",
        };
        let address = match &change.audience {
            Audience::Customer { person, .. } => person.email.as_str(),
            Audience::Partner { .. } => "",
        };
        // The subject names the other side.
        let company = match &change.audience {
            Audience::Customer { .. } => change.partner.display_name.as_str(),
            Audience::Partner { .. } => change.organization.as_str(),
        };
        let actor = match &change.by {
            By::Customer(name) => name.as_str(),
            By::Partner | By::Calendar => "",
        };
        let args = Args::new(&[
            ("partner", change.partner.display_name.as_str().into()),
            ("organization", change.organization.as_str().into()),
            ("company", company.into()),
            ("name", name.into()),
            ("address", address.into()),
            ("actor", actor.into()),
        ])
        .and("day", texts.short_date(change.at, &reader.zone))
        .and("date", texts.date(change.at, &reader.zone))
        .and("moment", texts.moment(change.at, &reader.zone))
        .and("period", texts.period(&GrantDuration::EXTENSION))
        .and("until", until(change, texts));
        let lies_ahead = change.happened == Happened::Ending;
        let view = Self {
            happened: change.happened,
            partner: &change.partner,
            organization: &change.organization,
            lead: texts.say(lead(change), &args),
            roles: roles(change, texts),
            remaining: terms(&change.remaining, texts, reader),
            partner_type: &change.partner_type,
            by: by(change, texts),
            by_partner: change.by == By::Partner,
            at: if lies_ahead {
                String::new()
            } else {
                texts.moment(change.at, &reader.zone)
            },
            microsoft_url: &change.microsoft_url,
            extends: change.extends_some(),
            ends: change.ends_some(),
            next: texts.say(next(change), &args),
            for_customer,
            for_partner,
        };
        (Voice::new(texts, args), view)
    }

    /// The subject of what lies ahead says whether it is an end.
    pub(super) fn subject(&self) -> &'static str {
        if self.ends {
            "mail-ending-subject"
        } else {
            "mail-ending-subject-extends"
        }
    }

    /// As [`Self::subject`].
    pub(super) fn title(&self) -> &'static str {
        if self.ends {
            "mail-ending-title"
        } else {
            "mail-ending-title-extends"
        }
    }

    /// Where roles are gone, it is worth a line that no other is left.
    pub(super) fn says_that_none_remains(&self) -> bool {
        matches!(self.happened, Happened::RolesRemoved | Happened::Ended)
            && self.remaining.is_empty()
    }

    /// What the partner type is: the one that holds, or the one that is over.
    pub(super) fn relationship_label(&self) -> &'static str {
        match self.happened {
            Happened::RelationshipEnded => "label-relationship-ended",
            _ => "label-relationship-now",
        }
    }

    /// What is offered to a reader who did not make the change.
    pub(super) fn not_you(&self) -> [&'static str; 2] {
        if self.by_partner {
            ["mail-change-by-partner", "mail-change-by-partner-help"]
        } else {
            ["mail-change-not-you", "mail-change-not-you-help"]
        }
    }

    /// Whether there is something to take away at Microsoft.
    pub(super) fn leaves_a_step(&self) -> bool {
        matches!(
            self.happened,
            Happened::RolesRemoved | Happened::RelationshipEnded
        )
    }
}

fn sides(audience: &Audience) -> (Option<CustomerView<'_>>, Option<PartnerView<'_>>) {
    match audience {
        Audience::Customer {
            manage_url,
            stop_url,
            ..
        } => {
            let customer = CustomerView {
                manage_url: manage_url.as_deref(),
                stop_url: stop_url.as_deref(),
            };
            (Some(customer), None)
        }
        Audience::Partner { id, reference } => {
            let partner = PartnerView {
                id: *id,
                reference: reference.as_ref(),
                show: format!("countersign invitation show {id}"),
            };
            (None, Some(partner))
        }
    }
}

fn lead(change: &Change) -> &'static str {
    match (change.happened, &change.by) {
        (Happened::Ending, _) if !change.ends_some() => "mail-ending-lead-extends",
        (Happened::Ending, _) => "mail-ending-lead",
        (Happened::Ended, _) => "mail-ended-lead",
        (Happened::Extended, _) => "mail-extended-lead",
        (Happened::RolesRemoved, By::Customer(_)) => "mail-roles-removed-lead-customer",
        (Happened::RolesRemoved, _) => "mail-roles-removed-lead",
        (Happened::RelationshipEnded, By::Customer(_)) => "mail-relationship-ended-lead-customer",
        (Happened::RelationshipEnded, By::Partner) => "mail-relationship-ended-lead-partner",
        (Happened::RelationshipEnded, _) => "mail-relationship-ended-lead",
    }
}

fn next(change: &Change) -> &'static str {
    match change.happened {
        Happened::Ending if !change.ends_some() => "mail-change-next-extends",
        Happened::Ending => "mail-change-next-ending",
        Happened::Extended => "mail-change-next-extended",
        Happened::Ended | Happened::RolesRemoved => "mail-change-next-gone",
        Happened::RelationshipEnded => "mail-change-next-relationship-ended",
    }
}

fn by(change: &Change, texts: Texts) -> String {
    match &change.by {
        By::Customer(name) => {
            let organization = change.organization.as_str().into();
            let args = [
                ("organization", organization),
                ("name", name.as_str().into()),
            ];
            texts.f("by-customer", &args)
        }
        By::Partner => change.partner.display_name.to_string(),
        By::Calendar => String::new(),
    }
}

/// The end that is new: of what was extended, or will be.
fn until(change: &Change, texts: Texts) -> String {
    let ends = change.roles.iter();
    let end = ends.map(|role| role.extends_to.unwrap_or(role.until)).min();
    end.map(|end| texts.date(end, &change.reader.zone))
        .unwrap_or_default()
}

fn roles(change: &Change, texts: Texts) -> Vec<String> {
    match change.happened {
        Happened::Ending | Happened::Extended => terms(&change.roles, texts, &change.reader),
        // Until when they would have lasted does not matter any more.
        Happened::Ended | Happened::RolesRemoved | Happened::RelationshipEnded => {
            let names = change.roles.iter();
            names.map(|it| texts.name("role", &it.role)).collect()
        }
    }
}

fn terms(roles: &[RoleTerm], texts: Texts, reader: &Reader) -> Vec<String> {
    let term = |it: &RoleTerm| {
        let role = texts.name("role", &it.role);
        let day = texts.day(it.until, &reader.zone);
        let args = Args::new(&[]).and("role", role).and("day", day);
        match it.extends_to {
            Some(end) => {
                let args = args.and("until", texts.day(end, &reader.zone));
                texts.say("role-extends", &args)
            }
            None => texts.say("role-until", &args),
        }
    };
    roles.iter().map(term).collect()
}

/// The link to all partners.
pub(super) struct ManageLinkView<'a> {
    pub list_url: &'a str,
    pub host: &'a str,
}

impl<'a> ManageLinkView<'a> {
    pub(super) fn new(link: &'a ManageLink) -> (Voice<'a>, Self) {
        let reader = &link.reader;
        let texts = Texts::of(&reader.language);
        let args = Args::new(&[
            ("host", (&link.host).into()),
            ("address", (&link.address).into()),
            ("count", link.partners.into()),
        ])
        .and("moment", texts.moment(link.until, &reader.zone));
        let view = Self {
            list_url: &link.list_url,
            host: &link.host,
        };
        (Voice::new(texts, args), view)
    }
}

/// The steps at Microsoft that are open.
pub(super) struct StepsOpenView<'a> {
    pub partner: &'a Partner,
    pub open: &'a [Step],
    pub receipt_url: &'a str,
    pub manage_url: Option<&'a str>,
    pub stop_url: &'a str,
}

impl<'a> StepsOpenView<'a> {
    pub(super) fn new(steps: &'a StepsOpen) -> (Voice<'a>, Self) {
        let reader = &steps.reader;
        let texts = Texts::of(&reader.language);
        let args = Args::new(&[
            ("partner", steps.partner.display_name.as_str().into()),
            ("organization", steps.organization.as_str().into()),
            ("name", steps.person.name.as_str().into()),
            ("address", (&steps.person.email).into()),
            ("count", steps.open.len().into()),
            ("admin-center", steps.cloud.admin_center().into()),
        ])
        .and("date", texts.date(steps.accepted_at, &reader.zone));
        let view = Self {
            partner: &steps.partner,
            open: &steps.open,
            receipt_url: &steps.receipt_url,
            manage_url: steps.manage_url.as_deref(),
            stop_url: &steps.stop_url,
        };
        (Voice::new(texts, args), view)
    }
}
