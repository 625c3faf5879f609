//! Made-up facts for previews and tests: a Korean partner and school, a British partner and school. None of them exists, and
//! the addresses are of domains that never will (RFC 2606).

use jiff::tz::TimeZone;

use super::people::{HandedOver, Viewer};
use super::{
    Accepted, AcceptedText, Agreement, Asks, Audience, By, Change, DeclineReason, Declined,
    Expired, Failure, FollowUp, Happened, Inquiry, InquiryConfirm, Invited, Kind, ManageLink,
    Partner, Person, Reader, Receipt, Request, RoleTerm, Side, Step, StepsOpen, Terms, Told,
    Undeliverable, WebhookDisabled,
};
use crate::domain::delivery::Reply;
use crate::domain::ids::{InvitationId, WebhookId};
use crate::domain::inquiry::{ANSWERED_WITHIN, CONFIRMED_WITHIN, Need};
use crate::domain::language::Language;
use crate::domain::microsoft;
use crate::domain::microsoft::Cloud;
use crate::domain::notice::MANAGE_LINK_LASTS;
use crate::domain::offer::{Offer, OfferRequest};
use crate::domain::profile::OrganizationSize;
use crate::domain::span::GrantDuration;
use crate::domain::time::{DAY, Timestamp};
use crate::domain::webhook::Cause;

/// 2026-12-08T08:30:00Z, the day on which the sample customers accept or decline.
const ANSWERED: Timestamp = Timestamp::from_micros(1_796_718_600_000_000);
/// 2026-12-22T09:00:00Z, the end of the sample invitations.
const EXPIRES: Timestamp = Timestamp::from_micros(1_797_930_000_000_000);
/// 2027-03-03T05:10:00Z, the day on which the sample customers remove roles.
const REMOVED: Timestamp = Timestamp::from_micros(1_804_050_600_000_000);
/// 2027-12-08T08:30:00Z.
const ROLES_END: Timestamp = Timestamp::from_micros(1_828_254_600_000_000);

const PUBLIC_URL: &str = "https://invite.example";
/// As long as a token, and none.
const TOKEN: &str =
    "AQEAAQGVxH0R8HdLkY8e5cSAMPLESAMPLESAMPLESAMPLESAMPLESAMPLESAMPLESAMPLESAMPLESAMPLE0000";
const GDAP: &str = "https://admin.microsoft.com/AdminPortal/Home#/partners/invitation/granularAdminRelationships/0b1f7c6e-5a43-4c1b-9a53-2f1f6f6f0c11";
const MCA: &str = "https://admin.microsoft.com/AdminPortal/Home?ref=/BillingAccounts/agreement";

fn is_korean(language: &Language) -> bool {
    language.primary() == "ko"
}

fn pick(language: &Language, korean: &str, english: &str) -> String {
    if is_korean(language) { korean } else { english }.to_owned()
}

impl Reader {
    fn sample(language: &Language) -> Self {
        let zone = if is_korean(language) {
            "Asia/Seoul"
        } else {
            "Europe/London"
        };
        Self {
            language: language.clone(),
            zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC),
        }
    }
}

impl Partner {
    fn sample(language: &Language) -> Self {
        Self {
            display_name: pick(language, "한빛테크", "Larkfield Cloud").into(),
            legal_name: pick(language, "㈜한빛테크", "Larkfield Cloud Ltd").into(),
            email: pick(
                language,
                "partner@hanbit.example",
                "partners@larkfield.example",
            ),
            phone: pick(language, "02-123-4567", "020 7946 0123"),
            address: pick(
                language,
                "서울특별시 중구 세종대로 110, 5층",
                "12 Larkfield Road, London N1 9ZZ",
            )
            .into(),
            website: Some(pick(
                language,
                "https://www.hanbit.example",
                "https://www.larkfield.example",
            )),
            representative: is_korean(language).then(|| "김한빛".into()),
            registration_number: Some(pick(language, "123-45-67890", "00000000").into()),
            advertising: false,
        }
    }
}

impl Person {
    fn sample(language: &Language) -> Self {
        Self {
            name: pick(language, "홍길동", "Alex Morgan").into(),
            email: pick(
                language,
                "gildong@saesol.example",
                "alex.morgan@marlowgrove.example",
            ),
        }
    }
}

fn organization(language: &Language) -> Told {
    pick(language, "새솔고등학교", "Marlow Grove School").into()
}

fn host() -> String {
    PUBLIC_URL.trim_start_matches("https://").to_owned()
}

fn url(page: &str) -> String {
    format!("{PUBLIC_URL}/{page}/{TOKEN}")
}

impl Terms {
    #[expect(clippy::expect_used, reason = "a test makes every sample")]
    fn sample(language: &Language) -> Self {
        let request = OfferRequest {
            catalogue: Some("2020".to_owned()),
            relationship: Some("reseller_delegated_admin".to_owned()),
            roles: Some(vec![
                "helpdesk_administrator".to_owned(),
                "license_administrator".to_owned(),
            ]),
            duration: None,
            auto_extend: false,
            agreement: true,
        };
        Self {
            offer: Offer::new(request, Cloud::Global).expect("an offer of the catalogue"),
            expected_end: Some(ROLES_END),
            agreement: Some(Agreement {
                title: pick(
                    language,
                    "Microsoft 고객 계약(견본)",
                    "Microsoft Customer Agreement (sample)",
                ),
                version: "2026-09".to_owned(),
            }),
        }
    }
}

impl Step {
    fn samples() -> Vec<Self> {
        vec![
            Self {
                step: microsoft::Step::Mca,
                url: Some(MCA.to_owned()),
            },
            Self {
                step: microsoft::Step::Gdap,
                url: Some(GDAP.to_owned()),
            },
        ]
    }
}

impl Invited {
    fn sample(language: &Language) -> Self {
        Self {
            id: InvitationId::from(uuid::Uuid::from_u128(
                0x019a_8c1e_2f40_7b31_9c55_3d1f_aa70_42e6,
            )),
            reference: Some("CRM-2026-0417".into()),
            partner: pick(language, "한빛테크", "Larkfield Cloud").into(),
            organization: organization(language),
            recipient: Person::sample(language),
            terms: Terms {
                expected_end: None,
                ..Terms::sample(language)
            },
        }
    }
}

impl Request {
    /// A relationship with two roles, and the agreement.
    pub fn sample(language: &Language) -> Self {
        Self {
            reader: Reader::sample(language),
            partner: Partner::sample(language),
            organization: organization(language),
            recipient: Person::sample(language),
            terms: Terms::sample(language),
            note: Some(pick(
                language,
                "지난주 회의에서 말씀드린 Microsoft 365 전환 건입니다.\n새 학기 전에 계정 준비를 마칠 수 있도록 살펴봐 주시기 바랍니다.",
                "This is about the move to Microsoft 365 that we discussed last week.\nWe would like to have all accounts ready before the new term.",
            )),
            accept_url: url("a"),
            expires: EXPIRES,
            steps: Step::samples(),
            manage_url: None,
        }
    }
}

impl HandedOver {
    /// To a colleague.
    pub fn sample(language: &Language) -> Self {
        let invited = Invited::sample(language);
        Self {
            reader: Reader::sample(language),
            former: invited.recipient.clone(),
            invited: Invited {
                recipient: Person {
                    name: pick(language, "이서연", "Jamie Reed").into(),
                    email: pick(
                        language,
                        "seoyeon@saesol.example",
                        "jamie.reed@marlowgrove.example",
                    ),
                },
                ..invited
            },
        }
    }
}

impl Viewer {
    /// To counsel outside the school.
    pub fn sample(language: &Language) -> Self {
        let request = Request::sample(language);
        Self {
            reader: request.reader,
            partner: request.partner,
            organization: request.organization,
            signer: request.recipient.name,
            address: pick(language, "counsel@beopmu.example", "counsel@inns.example"),
            terms: request.terms,
            note: request.note,
            view_url: url("view"),
            expires: request.expires,
        }
    }
}

impl FollowUp {
    /// The same request once more.
    pub fn sample(language: &Language) -> Self {
        Self {
            request: Request::sample(language),
            stop_url: url("stop"),
        }
    }
}

impl Receipt {
    /// Accepted in full, with two steps left.
    pub fn sample(language: &Language) -> Self {
        Self {
            reader: Reader::sample(language),
            partner: Partner::sample(language),
            organization: organization(language),
            signer: Person::sample(language),
            terms: Terms::sample(language),
            accepted_text: Some(AcceptedText {
                sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
                    .to_owned(),
                url: format!(
                    "{}/agreement/agr_019a8c1e2f407b319c553d1faa7042e7",
                    url("a")
                ),
            }),
            accepted_at: ANSWERED,
            receipt_url: url("receipt"),
            remaining: Step::samples(),
            cloud: Cloud::Global,
            manage_url: Some(url("manage")),
        }
    }
}

impl Accepted {
    /// Accepted in full, with two steps left.
    pub fn sample(language: &Language) -> Self {
        Self {
            reader: Reader::sample(language),
            invited: Invited {
                terms: Terms::sample(language),
                ..Invited::sample(language)
            },
            signer: Person::sample(language).name,
            accepted_at: ANSWERED,
            remaining: Step::samples(),
        }
    }
}

impl Declined {
    /// Declined because of the admin roles, in the customer's own words too.
    pub fn sample(language: &Language) -> Self {
        Self {
            reader: Reader::sample(language),
            invited: Invited::sample(language),
            reason: DeclineReason::ResendWithoutRoles,
            comment: Some(pick(
                language,
                "관리자 권한은 교육청 승인이 필요합니다.\n우선 구매만 진행하고 싶습니다.",
                "Admin rights need the approval of our governors.\nFor now we would like to buy licences only.",
            ).into()),
            declined_at: ANSWERED,
        }
    }
}

impl Expired {
    /// No answer came.
    pub fn sample(language: &Language) -> Self {
        Self {
            reader: Reader::sample(language),
            invited: Invited::sample(language),
            expired_at: EXPIRES,
        }
    }
}

impl Undeliverable {
    /// The invitation went to a mailbox that is not there.
    pub fn sample(language: &Language) -> Self {
        let reply = Reply {
            code: 550,
            enhanced: Some((5, 1, 1)),
            text: "User unknown".to_owned(),
        };
        let invited = Invited::sample(language);
        Self {
            reader: Reader::sample(language),
            mail: Kind::Invitation,
            failure: Failure::of(&reply),
            reply: Some(reply),
            invited,
        }
    }
}

impl RoleTerm {
    fn sample(role: &str) -> Self {
        Self {
            role: role.to_owned(),
            until: ROLES_END,
            extends_to: None,
        }
    }

    /// The same, extended at its end.
    fn extending(self, language: &Language) -> Self {
        let zone = Reader::sample(language).zone;
        Self {
            extends_to: Some(GrantDuration::EXTENSION.end_from(self.until, &zone)),
            ..self
        }
    }
}

impl Change {
    /// What happened to the sample relationship: its two roles end, are extended, or one of them is removed.
    pub fn sample(happened: Happened, side: Side, language: &Language) -> Self {
        let person = Person::sample(language);
        let (helpdesk, license) = ("helpdesk_administrator", "license_administrator");
        let mut roles = vec![RoleTerm::sample(helpdesk), RoleTerm::sample(license)];
        let mut remaining = Vec::new();
        let by_customer = matches!(
            happened,
            Happened::RolesRemoved | Happened::RelationshipEnded
        );
        match happened {
            Happened::RolesRemoved => remaining.extend(roles.pop()),
            Happened::Extended => {
                for role in &mut roles {
                    let extended = role.clone().extending(language).extends_to;
                    role.until = extended.unwrap_or(role.until);
                }
            }
            Happened::Ending | Happened::Ended | Happened::RelationshipEnded => {}
        }
        let partner_type = match happened {
            Happened::Ended => "reseller",
            Happened::RelationshipEnded => "delegated_admin",
            _ => "reseller_delegated_admin",
        };
        let invited = Invited::sample(language);
        Self {
            reader: Reader::sample(language),
            audience: match side {
                Side::Customer => Audience::Customer {
                    person: person.clone(),
                    manage_url: Some(url("manage")),
                    stop_url: (happened == Happened::Ending).then(|| url("stop")),
                },
                Side::Partner => Audience::Partner {
                    id: invited.id,
                    reference: invited.reference,
                },
            },
            happened,
            partner: Partner::sample(language),
            organization: organization(language),
            by: if by_customer {
                By::Customer(person.name)
            } else {
                By::Calendar
            },
            at: if by_customer { REMOVED } else { ROLES_END },
            roles,
            partner_type: partner_type.to_owned(),
            remaining,
            microsoft_url: Cloud::Global.partner_relationships_url().to_owned(),
        }
    }

    /// Roles that extend themselves, before their end.
    pub fn extending_sample(side: Side, language: &Language) -> Self {
        let mut change = Self::sample(Happened::Ending, side, language);
        let roles = change.roles.into_iter();
        change.roles = roles.map(|role| role.extending(language)).collect();
        change
    }
}

impl ManageLink {
    /// A mailbox with two partners.
    pub fn sample(language: &Language) -> Self {
        Self {
            reader: Reader::sample(language),
            address: Person::sample(language).email,
            host: host(),
            list_url: url("partners"),
            until: REMOVED.plus_micros(MANAGE_LINK_LASTS),
            partners: 2,
        }
    }
}

impl StepsOpen {
    /// Two steps are left.
    pub fn sample(language: &Language) -> Self {
        Self {
            reader: Reader::sample(language),
            partner: Partner::sample(language),
            organization: organization(language),
            person: Person::sample(language),
            accepted_at: ANSWERED,
            open: Step::samples(),
            cloud: Cloud::Global,
            receipt_url: url("receipt"),
            manage_url: Some(url("manage")),
            stop_url: url("stop"),
        }
    }
}

impl Asks {
    fn sample(language: &Language) -> Self {
        let person = Person::sample(language);
        let phone = pick(language, "02-555-0199", "020 7946 0199");
        let text = pick(
            language,
            "교직원 120명이 쓸 라이선스를 비교하고 있습니다.\n새 학기부터는 암호를 잊은 분들을 대신 도와주실 곳도 필요합니다.",
            "We are comparing licences for 120 members of staff.\nFrom next term we also need somebody who helps when a password is lost.",
        );
        Self {
            organization: organization(language),
            size: Some(OrganizationSize::UpTo249),
            name: person.name,
            email: person.email,
            phone: Some(phone.into()),
            needs: vec![Need::Licences, Need::Support],
            text: Some(text.into()),
        }
    }
}

impl InquiryConfirm {
    /// To two partners.
    pub fn sample(language: &Language) -> Self {
        let other = pick(language, "누리클라우드", "Penrose IT Services");
        Self {
            reader: Reader::sample(language),
            host: host(),
            asks: Asks::sample(language),
            partners: vec![Partner::sample(language).display_name, other.into()],
            confirm_url: url("inquiry"),
            until: REMOVED.plus_micros(CONFIRMED_WITHIN),
        }
    }
}

impl Inquiry {
    /// The same, to the first of them.
    pub fn sample(language: &Language) -> Self {
        Self {
            reader: Reader::sample(language),
            host: host(),
            partner: Partner::sample(language).display_name,
            asks: Asks::sample(language),
            asked_at: REMOVED,
            respond_url: url("respond"),
            until: REMOVED.plus_micros(ANSWERED_WITHIN),
        }
    }
}

impl WebhookDisabled {
    /// An endpoint that answered 503 for five days.
    pub fn sample(language: &Language) -> Self {
        Self {
            reader: Reader::sample(language),
            host: host(),
            partner: Partner::sample(language).display_name,
            endpoint: WebhookId::from(uuid::Uuid::from_u128(
                0x0195_c47d_1f10_7748_ad18_1ee5_c480_1a7e,
            )),
            destination: pick(
                language,
                "hooks.hanbit.example",
                "hooks.harbourline.example",
            )
            .into(),
            cause: Cause::Failing,
            failing_since: REMOVED.plus_micros(-5 * DAY),
            switched_off_at: REMOVED,
            status: Some(503),
        }
    }
}
