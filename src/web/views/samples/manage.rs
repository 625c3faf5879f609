//! The customer's own pages for what was granted, in every state.

use super::{Cast, NOW, Sample, TOKEN, add};
use crate::domain::catalogue::{Catalogue, role};
use crate::domain::microsoft;
use crate::domain::time::{DAY, HOUR};
use crate::web::views::{
    AgreedEntry, AgreementLine, AskForList, ContactToEnd, Details, EndRelationship, Ended, EndedBy,
    Entry, Extension, HeldRole, ListAsked, PartnerEntry, Partners, Problem, Relation, RemoveRoles,
    RoleChoice, Said, Step, Tick, Told, Wanted,
};

const UNTICKED: Tick = Tick {
    ticked: false,
    missing: false,
};
const MISSING: Tick = Tick {
    ticked: false,
    missing: true,
};

pub(super) fn add_all(cast: &Cast, samples: &mut Vec<Sample>) {
    add(samples, "ask", cast.ask());
    let page = cast.page(false);
    let wanted = Wanted::Partners;
    add(samples, "ask", vec![("done", ListAsked { page, wanted })]);
    let page = cast.page(false);
    let wanted = Wanted::Agreement;
    let asked = ListAsked { page, wanted };
    add(samples, "ask", vec![("agreement-done", asked)]);
    add_relations(cast, samples);
}

/// What differs from cloud to cloud.
pub(super) fn add_relations(cast: &Cast, samples: &mut Vec<Sample>) {
    add(samples, "list", cast.list());
    add(samples, "manage", cast.details());
    add(samples, "manage-roles", cast.remove_roles());
    add(samples, "manage-end", cast.end());
    add(samples, "manage-contact", cast.contact());
}

impl Cast {
    fn ask(&self) -> Vec<(&'static str, AskForList)> {
        let view = |value: &str, problem| AskForList {
            page: self.page(false),
            wanted: Wanted::Partners,
            email: Entry {
                value: value.to_owned(),
                problem,
            },
        };
        let agreement = AskForList {
            wanted: Wanted::Agreement,
            ..view("", None)
        };
        vec![
            ("", view("", None)),
            ("agreement", agreement),
            ("missing", view("", Some(Problem::Missing))),
            (
                "error",
                view("jihun.park@\"><b>gaon", Some(Problem::Unusable)),
            ),
        ]
    }

    /// A relationship of a type of 2020, with the roles of these keys.
    fn relation(&self, kind: &str, roles: &[&str]) -> Relation {
        let catalogue = Catalogue::version("2020").expect("a version that is embedded");
        let held = |key: &&str| HeldRole {
            role: role(key).expect("a role of the catalogue"),
            until: NOW.plus_micros(180 * DAY),
            is_counted: false,
        };
        let roles = roles.iter().filter(|_| self.cloud.offers_gdap());
        let roles: Vec<_> = roles.map(held).collect();
        let agreement = self.cloud.offers_mca().then(|| self.agreement());
        Relation {
            organization: self.organization(),
            kind: catalogue
                .partner_type(kind)
                .expect("a type of that version"),
            since: NOW,
            ended: None,
            extension: (!roles.is_empty()).then_some(Extension::Off),
            roles,
            agreement: agreement.map(|agreement| AgreementLine {
                title: agreement.title,
                version: agreement.version,
                language: agreement.language,
                receipt_url: Some(format!("/receipt/{TOKEN}")),
            }),
            steps: self.steps([
                Said::Confirmed(NOW.plus_micros(DAY)),
                Said::ByPartner(NOW.plus_micros(2 * DAY)),
                Said::Nothing,
            ]),
            cloud: self.cloud,
        }
    }

    pub(super) fn administrator(&self) -> Relation {
        let roles = ["global_administrator", "helpdesk_administrator"];
        self.relation("reseller_delegated_admin", &roles)
    }

    /// Its roles end on a day that is known, and are extended.
    pub(super) fn advisor(&self) -> Relation {
        let mut relation = self.relation("advisor", &["helpdesk_administrator"]);
        for held in &mut relation.roles {
            relation.extension = Some(Extension::On);
            held.is_counted = true;
        }
        relation.agreement = None;
        relation.steps.clear();
        relation
    }

    fn ended(&self, by: Option<EndedBy>) -> Relation {
        let mut relation = self.relation("advisor", &[]);
        let at = NOW.plus_micros(40 * DAY);
        relation.ended = Some(Ended { at, by });
        relation
    }

    fn list(&self) -> Vec<(&'static str, Partners)> {
        let entry = |relation| PartnerEntry {
            partner: self.partner(),
            relation,
            url: format!("/manage/{TOKEN}"),
            agreement: None,
        };
        let mut second = entry(self.advisor());
        second.partner.legal_name = self.either("㈜누리클라우드", "Penrose IT Services LLP");
        let mut third = entry(self.relation("lob_partner", &[]));
        third.partner.legal_name = self.either("㈜다온소프트", "Larkfield Apps Ltd");
        let mut removed = entry(removed(self.relation("reseller", &[]), Said::Nothing));
        removed.partner.legal_name = self.either("㈜새론", "Thornbury Licensing Ltd");
        let id = "org_019aaf3c61d07b44a2f5c8801e9b3d7a";
        third.agreement = self.cloud.offers_mca().then(|| id.to_owned());
        let full = Partners {
            page: self.page(false),
            token: TOKEN.to_owned(),
            email: self.recipient().email,
            good_until: NOW.plus_micros(HOUR / 4),
            entries: vec![entry(self.administrator()), second, third, removed],
            agreed: Vec::new(),
        };
        let agreed = AgreedEntry {
            partner: self.partner(),
            organization: self.organization(),
            accepted_at: NOW.plus_micros(-400 * DAY),
            url: crate::domain::link_path::receipt(TOKEN),
            agreement: Some(id.to_owned()),
        };
        let current = AgreedEntry {
            agreement: None,
            ..agreed.clone()
        };
        let alone = Partners {
            entries: Vec::new(),
            agreed: vec![agreed],
            ..full.clone()
        };
        let beside = Partners {
            entries: full.entries[..1].to_vec(),
            agreed: vec![current],
            ..full.clone()
        };
        let one = Partners {
            entries: full.entries[..1].to_vec(),
            ..full.clone()
        };
        let empty = Partners {
            entries: Vec::new(),
            ..full.clone()
        };
        let mut pages = vec![("", full), ("one", one), ("empty", empty)];
        if self.cloud.offers_mca() {
            pages.push(("agreement-alone", alone));
            pages.push(("agreement-beside", beside));
        }
        pages
    }

    fn view(&self, relation: Relation, told: Option<Told>) -> Details {
        Details {
            page: self.page(true),
            partner: self.partner(),
            token: TOKEN.to_owned(),
            relation,
            may_change: true,
            told,
        }
    }

    fn details(&self) -> Vec<(&'static str, Details)> {
        let bare = || self.relation("reseller", &[]);
        let mut viewer = self.view(self.administrator(), None);
        viewer.may_change = false;
        if let Some(agreement) = &mut viewer.relation.agreement {
            agreement.receipt_url = None;
        }
        let mut refused = viewer.clone();
        refused.told = Some(Told::ViewerOnly);
        let marked = Some(Told::Marked(microsoft::Step::RolesRemoved));
        let done = Said::ByCustomer(NOW.plus_micros(41 * DAY));
        let stopped = Relation {
            extension: Some(Extension::Off),
            ..self.advisor()
        };
        let mut hostile = self.view(self.administrator(), None);
        hostile.partner.email = Some("a?bcc=x@y.example&\"><b>".to_owned());
        hostile.relation.organization = "<img src=x>\r\nBcc: x@y.example".into();
        let by_customer = || self.ended(Some(EndedBy::Customer));
        vec![
            ("", self.view(self.administrator(), None)),
            ("extended", self.view(self.advisor(), None)),
            (
                "extension-stopped",
                self.view(stopped, Some(Told::ExtensionStopped)),
            ),
            ("no-roles", self.view(bare(), None)),
            (
                "roles-removed",
                self.view(removed(bare(), Said::Nothing), Some(Told::RolesRemoved)),
            ),
            (
                "roles-already-removed",
                self.view(bare(), Some(Told::RolesAlreadyRemoved)),
            ),
            ("marked", self.view(removed(bare(), done), marked)),
            (
                "ended",
                self.view(removed(by_customer(), Said::Nothing), Some(Told::Ended)),
            ),
            (
                "already-ended",
                self.view(removed(by_customer(), done), Some(Told::AlreadyEnded)),
            ),
            (
                "ended-by-partner",
                self.view(self.ended(Some(EndedBy::Partner)), None),
            ),
            ("ended-by-nobody", self.view(self.ended(None), None)),
            ("viewer", viewer),
            ("viewer-refused", refused),
            ("hostile", hostile),
        ]
    }

    fn remove_roles(&self) -> Vec<(&'static str, RemoveRoles)> {
        let relation = self.administrator();
        let choose = |ticked: bool| {
            relation.roles.iter().map(move |held| RoleChoice {
                held: *held,
                ticked,
            })
        };
        let asks = RemoveRoles {
            page: self.page(true),
            partner: self.partner(),
            token: TOKEN.to_owned(),
            choices: choose(true).collect(),
            none_ticked: false,
            confirmed: UNTICKED,
            relation: relation.clone(),
        };
        let errors = RemoveRoles {
            choices: choose(false).collect(),
            none_ticked: true,
            confirmed: MISSING,
            ..asks.clone()
        };
        vec![("", asks), ("errors", errors)]
    }

    fn end(&self) -> Vec<(&'static str, EndRelationship)> {
        let asks = EndRelationship {
            page: self.page(true),
            partner: self.partner(),
            token: TOKEN.to_owned(),
            relation: self.relation("delegated_admin", &["helpdesk_administrator"]),
            confirmed: UNTICKED,
        };
        let mut bare = asks.clone();
        bare.relation = self.relation("advisor", &[]);
        let mut error = asks.clone();
        error.confirmed = MISSING;
        vec![("", asks), ("no-roles", bare), ("error", error)]
    }

    fn contact(&self) -> Vec<(&'static str, ContactToEnd)> {
        let asks = ContactToEnd {
            page: self.page(true),
            partner: self.partner(),
            token: TOKEN.to_owned(),
            relation: self.administrator(),
            refused: false,
        };
        let mut refused = asks.clone();
        refused.refused = true;
        refused.relation = self.relation("lob_partner", &[]);
        vec![("", asks), ("refused", refused)]
    }
}

/// With the step that a removal leaves to be done at Microsoft.
fn removed(mut relation: Relation, said: Said) -> Relation {
    relation.steps.push(Step {
        kind: microsoft::Step::RolesRemoved,
        link: Some(relation.cloud.partner_relationships_url().to_owned()),
        said,
    });
    relation
}
