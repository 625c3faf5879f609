//! Every page in every state, with people and companies that do not exist: for tests, for screenshots, and for whoever
//! writes a translation and wants to see it.

mod finder;
mod manage;
mod people;

use axum::http::StatusCode;
use jiff::tz::TimeZone;

use super::{
    Acceptance, Agreement, AgreementText, Asking, Authorized, DeadLink, DeclineForm, Declined,
    Entry, Failure, FailureKind, Front, LinkAsked, LinkState, Note, Page, Partner, PrintView,
    Problem, Receipt, Recipient, Record, Said, SignForm, Step, Stop, Terms, Tick, View,
};
use crate::domain::microsoft::{self, Cloud};
use crate::domain::novelty::{Consented, Novelty};
use crate::domain::offer::{Offer, OfferRequest};
use crate::domain::time::{DAY, HOUR, Timestamp};
use crate::locale::Texts;
use crate::outbound::mails::DeclineReason;

/// A page, rendered.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Which page in which state, such as `acceptance-both-errors`.
    pub name: String,
    /// The status it is answered with.
    pub status: StatusCode,
    /// The page.
    pub html: String,
}

/// A token that no key ring ever made.
pub const TOKEN: &str =
    "AQEAAXNhbXBsZS1ub3QtYS1yZWFsLXRva2VuLWp1c3QtZm9yLXRoZS1wYWdlLXNhbXBsZXMteHh4eHh4eHh4";

/// A digest of nothing.
const SHOWN: &str = "5d41e0c7a93b16f28c4475be0d92a1f360b8e7d54c1f29aa83e60b7d12f5c948";

/// 2026-11-23T02:20:00Z, a Monday morning in Seoul.
const NOW: Timestamp = Timestamp::from_micros(1_795_400_400_000_000);

/// Every page in every state, in the language of `t`.
pub fn all(t: Texts) -> Vec<Sample> {
    let cast = Cast::new(t, Cloud::Global);
    let mut samples = Vec::new();
    add(&mut samples, "acceptance", cast.acceptance());
    add(&mut samples, "receipt", cast.receipt());
    add(&mut samples, "agreement", cast.agreement_text());
    add(&mut samples, "print", cast.print());
    add(&mut samples, "declined", cast.declined());
    add(&mut samples, "stop", cast.stop());
    add(&mut samples, "link", cast.dead_link());
    let page = cast.page(false);
    add(&mut samples, "link", vec![("asked", LinkAsked { page })]);
    add(&mut samples, "failure", cast.failure());
    let page = cast.page(false);
    add(&mut samples, "front", vec![("", Front { page })]);
    add(&mut samples, "find", cast.find());
    add(&mut samples, "contact-partners", cast.contact_partners());
    add(&mut samples, "inquiry", cast.inquiry_asked());
    add(&mut samples, "inquiry", cast.inquiry());
    add(&mut samples, "respond", cast.respond());
    people::add_all(&cast, &mut samples);
    manage::add_all(&cast, &mut samples);
    samples
}

/// The pages about what is asked and what holds, for an organization in this cloud: without what that cloud does not have.
pub fn in_cloud(t: Texts, cloud: Cloud) -> Vec<Sample> {
    let cast = Cast::new(t, cloud);
    let mut samples = Vec::new();
    add(&mut samples, "acceptance", cast.acceptance());
    add(&mut samples, "receipt", cast.receipt());
    add(&mut samples, "print", cast.print());
    manage::add_relations(&cast, &mut samples);
    samples
}

/// The acceptance page in its states, before it is rendered.
#[cfg(test)]
pub(super) fn acceptance(t: Texts) -> Vec<(&'static str, Acceptance)> {
    Cast::new(t, Cloud::Global).acceptance()
}

fn add<V: View>(samples: &mut Vec<Sample>, page: &str, states: Vec<(&'static str, V)>) {
    for (state, view) in states {
        let name = [page, state].join("-").trim_end_matches('-').to_owned();
        samples.push(Sample {
            name,
            status: view.status(),
            html: view.render().unwrap_or_default(),
        });
    }
}

/// Who plays in the samples of one language.
struct Cast {
    t: Texts,
    cloud: Cloud,
    zone: TimeZone,
    korean: bool,
}

impl Cast {
    fn new(t: Texts, cloud: Cloud) -> Self {
        let korean = t.language().primary() == "ko";
        let zone = if korean {
            "Asia/Seoul"
        } else {
            "Europe/London"
        };
        Self {
            t,
            cloud,
            zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC),
            korean,
        }
    }

    /// The Korean or the English of two texts.
    fn either(&self, korean: &str, english: &str) -> String {
        let text = if self.korean { korean } else { english };
        text.to_owned()
    }

    fn page(&self, with_partner: bool) -> Page {
        Page {
            t: self.t,
            zone: self.zone.clone(),
            partner: with_partner.then(|| self.partner()),
        }
    }

    fn partner(&self) -> Partner {
        Partner {
            display_name: self.either("한빛테크", "Harbourline Cloud"),
            legal_name: self.either("주식회사 한빛테크", "Harbourline Cloud Ltd"),
            representative: self.korean.then(|| "김서연".to_owned()),
            registration_number: Some(self.either("120-86-04321", "09876543")),
            address: Some(self.either(
                "서울특별시 강남구 테헤란로 152, 14층",
                "14 Quay Street, Bristol BS1 4RE, United Kingdom",
            )),
            phone: Some(self.either("02-555-0142", "+44 117 496 0142")),
            email: Some(self.either("partner@hanbit.example", "hello@harbourline.example")),
            website: Some(self.either("www.hanbit.example", "www.harbourline.example")),
        }
    }

    fn recipient(&self) -> Recipient {
        Recipient {
            name: self.either("박지훈", "Eleanor Whitcombe"),
            email: self.either("jihun.park@gaon.example", "e.whitcombe@alderfinch.example"),
        }
    }

    fn organization(&self) -> String {
        self.either("가온물산㈜", "Alder & Finch Museums Trust")
    }

    fn agreement(&self) -> Agreement {
        Agreement {
            id: "agr_019aaf3c5b7e7c21a4d09e1f5b60c7d8".to_owned(),
            title: self.either(
                "Microsoft 고객 계약(예시)",
                "Microsoft Customer Agreement (sample)",
            ),
            version: self.either("2026년 10월판(대한민국)", "October 2026 (United Kingdom)"),
            language: self.either("ko", "en"),
            sha256: "3b0c4f7d9a1e52c86f04b7d2e9138a65c7f0d4b19e2836a5f1c07d4e8b92a36f".to_owned(),
            microsoft: Some(self.link("AdminPortal/Home?ref=/BillingAccounts/agreement")),
        }
    }

    /// A link to the admin center.
    fn link(&self, page: &str) -> String {
        format!("https://{}/{page}", self.cloud.admin_center())
    }

    fn note(&self) -> Note {
        Note {
            text: self.either(
                "지난주 미팅에서 말씀드린 내용입니다. 라이선스 갱신과 계정 관리를 저희가 맡으려면 이 절차가 필요합니다. 궁금한 점은 언제든 전화 주시기 바랍니다.",
                "As discussed last week: we need this to look after your licence renewal and user accounts. Please call me if anything is unclear.",
            ),
        }
    }

    /// What is asked for: a partner type with all roles that it offers, or with these; with the agreement or without. What the
    /// cloud does not have is left out.
    fn terms(&self, relationship: Option<&str>, roles: Option<&[&str]>, agreement: bool) -> Terms {
        let agreement = agreement && self.cloud.offers_mca();
        let relationship = relationship.or_else(|| (!agreement).then_some("reseller"));
        let roles = if self.cloud.offers_gdap() {
            roles
        } else {
            Some(&[] as &[&str])
        };
        let request = OfferRequest {
            relationship: relationship.map(str::to_owned),
            roles: roles.map(|keys| keys.iter().map(|&key| key.to_owned()).collect()),
            duration: "P180D"
                .parse()
                .ok()
                .filter(|_| roles != Some(&[]) && relationship.is_some()),
            auto_extend: relationship == Some("advisor") && roles != Some(&[]),
            agreement,
            ..OfferRequest::default()
        };
        let offer = Offer::new(request, self.cloud).expect("the samples offer what there is");
        Terms {
            expected_end: offer
                .duration()
                .map(|period| period.end_from(NOW, &self.zone)),
            offer,
            agreement: agreement.then(|| self.agreement()),
            novelty: None,
        }
    }

    /// The same asked of a customer who has agreed to some of it before.
    fn novelty(&self) -> Novelty {
        let key = str::to_owned;
        Novelty {
            since: Some(NOW.plus_micros(-200 * DAY)),
            other_types: vec![key("advisor")],
            new_roles: vec![key("global_administrator")],
            renewed_roles: vec![(key("helpdesk_administrator"), NOW.plus_micros(20 * DAY))],
            staying_roles: vec![(key("license_administrator"), NOW.plus_micros(90 * DAY))],
            consented: Some(Consented {
                version: self.either("2025년 4월판(대한민국)", "April 2025 (United Kingdom)"),
                at: NOW.plus_micros(-200 * DAY),
            }),
        }
    }

    fn everything(&self) -> Terms {
        self.terms(Some("reseller_delegated_admin"), None, true)
    }

    fn asking(&self, terms: Terms) -> Acceptance {
        Acceptance {
            page: self.page(true),
            partner: self.partner(),
            token: TOKEN.to_owned(),
            shown: SHOWN.to_owned(),
            recipient: self.recipient(),
            organization: self.organization(),
            viewers: Vec::new(),
            terms,
            note: Some(self.note()),
            answer_by: NOW.plus_micros(29 * DAY + 6 * HOUR + 40 * HOUR / 60),
            asking: Asking::First,
            sign: SignForm::default(),
            decline: DeclineForm::default(),
        }
    }

    fn acceptance(&self) -> Vec<(&'static str, Acceptance)> {
        let both = || self.asking(self.everything());
        let mut partner = self.asking(self.terms(Some("advisor"), None, false));
        partner.note = None;
        let agreement = self.asking(self.terms(None, None, true));
        let missing = || Entry {
            value: String::new(),
            problem: Some(Problem::Missing),
        };
        let unticked = Tick {
            ticked: false,
            missing: true,
        };
        let mut errors = both();
        errors.asking = Asking::Again;
        errors.sign = SignForm {
            read: unticked,
            family: Entry {
                value: self.either("박", "Whitcombe"),
                problem: None,
            },
            given: missing(),
            phone: Entry {
                value: self.either("전화 주세요", "call me"),
                problem: Some(Problem::Unusable),
            },
            extend: false,
            authority: unticked,
        };
        let mut decline_errors = both();
        decline_errors.asking = Asking::Again;
        decline_errors.decline = DeclineForm {
            reason: None,
            reason_missing: true,
            comment: Entry {
                value: self.either("역할이 너무 많습니다.", "Too many roles."),
                problem: Some(Problem::TooLong),
            },
        };
        let mut again = both();
        again.terms.novelty = Some(self.novelty());
        again.viewers = vec![self.either("counsel@beopmu.example", "counsel@inns.example")];
        let mut changed = both();
        changed.asking = Asking::Changed;
        changed.sign.family.value = self.either("박", "Whitcombe");
        changed.sign.given.value = self.either("지훈", "Eleanor");

        let long = "매우긴이름의회사주식회사대한민국전국물류유통연합서비스센터Donaudampfschifffahrtsgesellschaft";
        let mut hostile = both();
        hostile.partner.display_name = format!("{long} <script>alert(1)</script>");
        hostile
            .partner
            .legal_name
            .clone_from(&hostile.partner.display_name);
        hostile.page.partner = Some(hostile.partner.clone());
        hostile.organization = r#""><img src=x onerror=alert(1)>"#.into();
        hostile.sign.family.value = r#"" autofocus onfocus="alert(1)"#.into();
        hostile.decline.comment.value = "</textarea><b>x".into();
        vec![
            ("both", both()),
            ("partner", partner),
            ("agreement", agreement),
            ("both-errors", errors),
            ("both-decline-errors", decline_errors),
            ("both-again", again),
            ("both-changed", changed),
            ("both-hostile", hostile),
        ]
    }

    fn record(&self) -> Record {
        Record {
            id: "acc_019aaf6b2c417d0f9b3ae8157c2d64f0".to_owned(),
            at: NOW.plus_micros(HOUR),
            signer: self.either("박지훈", "Eleanor Whitcombe"),
            email: self.recipient().email,
            phone: Some(self.either("010-5550-0199", "+44 117 496 0187")),
            organization: self.organization(),
            terms: self.everything(),
            agreement_url: Some(format!("/receipt/{TOKEN}/agreement")),
            sentences: ["page-box-read", "page-box-authority"]
                .into_iter()
                .filter(|key| *key != "page-box-read" || self.cloud.offers_mca())
                .map(|key| self.t.m(key))
                .collect(),
            sha256: "8f14e45fceea167a5a36dedd4bea2543ad1f98c07b2e4c6d1058fa39bc7712e0".to_owned(),
        }
    }

    fn steps(&self, states: [Said; 3]) -> Vec<Step> {
        let links = [
            "AdminPortal/Home?ref=/BillingAccounts/agreement",
            "Adminportal/Home?invType=ResellerRelationship&partnerId=8a1f0c52-6f0e-4c0f-9d5c-3c1f0a7be111&msppId=0&DAP=false#/BillingAccounts/partner-invitation",
            "AdminPortal/Home#/partners/invitation/granularAdminRelationships/5d1c9e36-7e3d-4f3b-8a70-6b4b7a3e2f10",
        ];
        [
            microsoft::Step::Mca,
            microsoft::Step::Relationship,
            microsoft::Step::Gdap,
        ]
        .into_iter()
        .zip(links)
        .zip(states)
        .filter(|((kind, _), _)| match kind {
            microsoft::Step::Mca => self.cloud.offers_mca(),
            microsoft::Step::Gdap => self.cloud.offers_gdap(),
            _ => true,
        })
        .map(|((kind, link), said)| Step {
            kind,
            link: Some(self.link(link)),
            said,
        })
        .collect()
    }

    fn receipt(&self) -> Vec<(&'static str, Receipt)> {
        let record = self.record();
        let fresh = Receipt {
            page: self.page(true),
            partner: self.partner(),
            token: TOKEN.to_owned(),
            steps: self.steps([Said::Nothing; 3]),
            marked: None,
            partners: vec![Authorized {
                partner: self.partner(),
                organization: self.organization(),
                kind: self.administrator().kind,
                roles: self.administrator().roles,
                since: record.at,
                details: format!("/manage/{TOKEN}"),
            }],
            record,
        };
        let mut marked = fresh.clone();
        marked.marked = Some(microsoft::Step::Mca);
        marked.steps = self.steps([
            Said::ByCustomer(NOW.plus_micros(2 * HOUR)),
            Said::Nothing,
            Said::Nothing,
        ]);
        if let Some(last) = marked.steps.last_mut() {
            last.link = None;
        }
        let mut second = fresh.partners[0].clone();
        second.partner.legal_name = self.either("㈜누리클라우드", "Penrose IT Services LLP");
        second.kind = self.advisor().kind;
        second.roles = self.advisor().roles;
        second.details = "/manage".into();
        marked.partners.push(second);
        let mut done = fresh.clone();
        done.steps = self.steps([
            Said::Confirmed(NOW.plus_micros(DAY)),
            Said::ByPartner(NOW.plus_micros(2 * DAY)),
            Said::ByCustomer(NOW.plus_micros(2 * DAY + HOUR)),
        ]);
        let mut partner_only = fresh.clone();
        partner_only.record.terms = self.terms(Some("lob_partner"), Some(&[]), false);
        partner_only.record.phone = None;
        partner_only
            .record
            .sentences
            .retain(|it| *it != self.t.m("page-box-read"));
        partner_only.steps.clear();
        vec![
            ("", fresh),
            ("marked", marked),
            ("done", done),
            ("no-steps", partner_only),
        ]
    }

    fn agreement_text(&self) -> Vec<(&'static str, AgreementText)> {
        let text = self.either(
            "Microsoft 고객 계약(예시)\n\n이 문서는 Countersign이 시연을 위해 만든 예시이며, Microsoft의 실제 계약이 아닙니다.\n\n1. 적용 범위\n\n본 계약은 고객이 온라인 서비스, 소프트웨어 및 전문 서비스(이하 “제품”)를 이용하는 데 적용됩니다. 고객은 본 계약에 따라 제품을 주문하고 이용할 수 있습니다.\n\n2. 고객의 의무\n\n가. 고객은 제품을 이용하는 사람에게 본 계약의 조건을 알려야 합니다.\n나. 고객은 계정에 접근할 수 있는 사람의 범위를 관리해야 합니다.\n\n3. 파트너\n\n고객은 제품을 파트너를 통해 주문할 수 있습니다. 파트너에게 관리자 권한을 부여하는지는 고객이 결정하며, 부여한 권한은 언제든지 제거할 수 있습니다.",
            "Microsoft Customer Agreement (sample)\n\nThis document is a sample written for demonstrations of Countersign. It is not Microsoft's agreement.\n\n1. Scope\n\nThis agreement applies to the customer's use of online services, software and professional services (“Products”). The customer may order and use Products under this agreement.\n\n2. The customer's duties\n\na. The customer makes the terms of this agreement known to everybody who uses a Product.\nb. The customer keeps control of who may use its accounts.\n\n3. Partners\n\nThe customer may order Products through a partner. Whether a partner is given administrative permissions is the customer's decision, and permissions once given can be removed at any time.",
        );
        vec![(
            "",
            AgreementText {
                page: self.page(true),
                agreement: self.agreement(),
                text,
                back: format!("/a/{TOKEN}"),
                file: Some(format!("/a/{TOKEN}/agreement/{}.txt", self.agreement().id)),
            },
        )]
    }

    fn print(&self) -> Vec<(&'static str, PrintView)> {
        let view = |terms| PrintView {
            page: self.page(true),
            partner: self.partner(),
            recipient: self.recipient(),
            organization: self.organization(),
            terms,
            note: Some(self.note()),
            invitation: "inv_019aaf3c61d07b44a2f5c8801e9b3d7a".to_owned(),
            answer_by: NOW.plus_micros(29 * DAY),
            made_at: NOW,
        };
        let brief = self.terms(Some("reseller"), Some(&[]), false);
        vec![("", view(self.everything())), ("partner", view(brief))]
    }

    fn declined(&self) -> Vec<(&'static str, Declined)> {
        let declined = Declined {
            page: self.page(true),
            organization: self.organization(),
            at: NOW,
            reason: Some(DeclineReason::ResendWithoutRoles),
            comment: Some(self.either(
                "전역 관리자 역할은 내부 규정상 외부에 부여할 수 없습니다.\n나머지는 괜찮습니다.",
                "Our rules do not let us give Global Administrator to outsiders.\nThe rest is fine.",
            )),
        };
        let mut silent = declined.clone();
        silent.reason = Some(DeclineReason::Other);
        silent.comment = None;
        vec![("", declined), ("silent", silent)]
    }

    fn stop(&self) -> Vec<(&'static str, Stop)> {
        let asks = Stop {
            page: self.page(true),
            token: TOKEN.to_owned(),
            organization: self.organization(),
            answer_by: Some(NOW.plus_micros(29 * DAY)),
            accepted: false,
            done: false,
        };
        let mut done = asks.clone();
        done.done = true;
        let mut over = done.clone();
        over.answer_by = None;
        let mut accepted = asks.clone();
        accepted.answer_by = None;
        accepted.accepted = true;
        let mut quiet = accepted.clone();
        quiet.done = true;
        vec![
            ("", asks),
            ("done", done),
            ("over", over),
            ("relationship", accepted),
            ("relationship-done", quiet),
        ]
    }

    fn dead_link(&self) -> Vec<(&'static str, DeadLink)> {
        let dead = |state, named, offered: bool| DeadLink {
            page: self.page(named),
            state,
            offer: offered.then(|| TOKEN.to_owned()),
        };
        vec![
            ("expired", dead(LinkState::Expired(NOW), true, true)),
            ("revoked", dead(LinkState::Revoked(NOW), true, false)),
            ("replaced", dead(LinkState::Replaced, true, true)),
            ("handed-over", dead(LinkState::HandedOver, true, false)),
            ("manage", dead(LinkState::ManageExpired(NOW), true, true)),
            ("list", dead(LinkState::ManageExpired(NOW), false, true)),
            ("invalid", dead(LinkState::Invalid, false, false)),
        ]
    }

    fn failure(&self) -> Vec<(&'static str, Failure)> {
        let failure = |kind| Failure {
            page: self.page(false),
            kind,
        };
        vec![
            ("400", failure(FailureKind::BadRequest)),
            ("403", failure(FailureKind::ForeignOrigin)),
            ("404", failure(FailureKind::NotFound)),
            ("405", failure(FailureKind::MethodNotAllowed)),
            ("408", failure(FailureKind::TooSlow)),
            ("413", failure(FailureKind::TooLarge)),
            ("429", failure(FailureKind::TooMany(40))),
            ("500", failure(FailureKind::Internal)),
            ("503", failure(FailureKind::Unavailable(30))),
        ]
    }
}
