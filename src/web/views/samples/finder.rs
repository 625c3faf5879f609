//! Samples of finding a partner and asking them.

use super::{Cast, NOW, TOKEN};
use crate::domain::inquiry::Need;
use crate::domain::profile::OrganizationSize;
use crate::domain::signing::Problem;
use crate::domain::time::DAY;
use crate::web::views::{
    Asks, Card, ConfirmInquiry, ContactPartners, Contacting, Entry, FindPartner, InquiryAsked,
    InquiryStanding, RefusedAnswer, RequestStanding, Respond, Search,
};

impl Cast {
    fn cards(&self) -> Vec<Card> {
        let card = |number: u8, name: &str, places: &[&str], services: &[&str], text: &str| Card {
            id: format!("prt_019aaf3c5b7e7c21a4d09e1f5b60c7d{number}"),
            name: name.to_owned(),
            language: self.either("ko", "en"),
            places: places.iter().map(|&it| it.to_owned()).collect(),
            services: services.iter().map(|&it| it.to_owned()).collect(),
            sizes: vec![OrganizationSize::UpTo49, OrganizationSize::From1000],
            languages: ["ko", "en-GB", "de", "cy"].map(str::to_owned).to_vec(),
            description: text.to_owned(),
        };
        if self.korean {
            vec![
                card(
                    1,
                    "한빛테크",
                    &["서울 강남구 (KR)", "부산 (KR)"],
                    &["Microsoft 365 이전", "보안 관제", "기술 지원"],
                    "중소기업의 메일과 문서를 클라우드로 옮기고, 옮긴 뒤에도 돌봅니다.\n24시간 관제 센터를 운영합니다.",
                ),
                card(
                    2,
                    "㈜누리클라우드",
                    &["KR"],
                    &["라이선스 판매"],
                    "작은 회사의 라이선스 구매를 돕습니다.",
                ),
            ]
        } else {
            vec![
                card(
                    1,
                    "Harbourline Cloud",
                    &["Bristol (GB)", "Bath (GB)"],
                    &["Microsoft 365 migration", "Teams telephony", "Licensing"],
                    "We move small and medium businesses to Microsoft 365 and look after them afterwards.\nBased in Bristol since 2009.",
                ),
                card(
                    2,
                    "Penrose IT Services LLP",
                    &["GB"],
                    &["Support"],
                    "A service desk that answers around the clock.",
                ),
            ]
        }
    }

    pub(super) fn find(&self) -> Vec<(&'static str, FindPartner)> {
        let entry = |value: &str, problem| Entry {
            value: value.to_owned(),
            problem,
        };
        let found = FindPartner {
            page: self.page(false),
            search: Search {
                q: entry(&self.either("메일 이전", "migration"), None),
                size: entry("10-49", None),
                ..Search::default()
            },
            found: self.cards(),
            all: 12,
            number: 1,
            pages: 2,
        };
        let mut last = found.clone();
        last.number = 2;
        last.found.truncate(1);
        last.all = 11;
        let mut none = found.clone();
        none.found.clear();
        (none.all, none.pages) = (0, 0);
        let mut nobody = none.clone();
        nobody.search = Search::default();
        let mut errors = none.clone();
        errors.search.q = entry(&"a".repeat(220), Some(Problem::TooLong));
        errors.search.size = entry("huge", Some(Problem::Unusable));
        let mut hostile = found.clone();
        hostile.search.q = entry("\"><script>alert(1)</script>&page=9", None);
        hostile.found[0].name = String::from("<img src=x onerror=alert(1)>");
        vec![
            ("", found),
            ("last", last),
            ("none", none),
            ("nobody", nobody),
            ("errors", errors),
            ("hostile", hostile),
        ]
    }

    pub(super) fn contact_partners(&self) -> Vec<(&'static str, ContactPartners)> {
        let empty = ContactPartners {
            page: self.page(false),
            chosen: self.cards(),
            form: Contacting::default(),
        };
        let entry = |value: &str, problem| Entry {
            value: value.to_owned(),
            problem,
        };
        let mut errors = empty.clone();
        errors.form = Contacting {
            needs: Vec::new(),
            needs_problem: Some(Problem::Missing),
            text: entry("https://www.example.com", Some(Problem::Unusable)),
            organization: entry("", Some(Problem::Missing)),
            size: entry("", Some(Problem::Missing)),
            name: entry("", Some(Problem::Missing)),
            email: entry("jihun", Some(Problem::Unusable)),
            phone: entry("전화 주세요", Some(Problem::Unusable)),
        };
        let mut kept = empty.clone();
        kept.form = Contacting {
            needs: vec![Need::Licences, Need::Support],
            organization: entry(&self.organization(), None),
            size: entry("50-249", None),
            name: entry(&self.recipient().name, None),
            email: entry("", Some(Problem::Missing)),
            ..Contacting::default()
        };
        let mut nobody = empty.clone();
        nobody.chosen.clear();
        vec![
            ("", empty),
            ("errors", errors),
            ("kept", kept),
            ("nobody", nobody),
        ]
    }

    pub(super) fn inquiry_asked(&self) -> Vec<(&'static str, InquiryAsked)> {
        let page = self.page(false);
        let email = self.recipient().email;
        vec![("asked", InquiryAsked { page, email })]
    }

    fn asks(&self) -> Asks {
        let recipient = self.recipient();
        Asks {
            organization: self.organization(),
            size: Some(OrganizationSize::UpTo249),
            name: recipient.name,
            email: recipient.email,
            phone: Some(self.either("02-555-0199", "+44 117 496 0199")),
            needs: vec![Need::Licences, Need::Support],
            text: Some(self.either(
                "직원 120명이 쓸 라이선스를 비교하고 있습니다.\n암호를 잊은 직원을 대신 도와줄 곳이 필요합니다.",
                "We compare licences for 120 people.\nWe also need somebody for lost passwords.",
            )),
        }
    }

    pub(super) fn inquiry(&self) -> Vec<(&'static str, ConfirmInquiry)> {
        let partners = self.cards().into_iter().map(|card| card.name);
        let open = ConfirmInquiry {
            page: self.page(false),
            token: TOKEN.to_owned(),
            asks: self.asks(),
            partners: partners.collect(),
            standing: InquiryStanding::Open(NOW.plus_micros(2 * DAY)),
        };
        let in_state = |standing| ConfirmInquiry {
            standing,
            ..open.clone()
        };
        let sent = in_state(InquiryStanding::Sent(NOW));
        let later = in_state(InquiryStanding::Later(NOW.plus_micros(DAY)));
        let over = in_state(InquiryStanding::Over);
        vec![("", open), ("sent", sent), ("later", later), ("over", over)]
    }

    pub(super) fn respond(&self) -> Vec<(&'static str, Respond)> {
        let open = Respond {
            page: self.page(true),
            token: TOKEN.to_owned(),
            asks: self.asks(),
            chosen: "indirect_reseller".to_owned(),
            standing: RequestStanding::Open(NOW.plus_micros(30 * DAY)),
        };
        let in_state = |standing| Respond {
            standing,
            ..open.clone()
        };
        let refused = |why| Respond {
            standing: RequestStanding::Refused(why),
            ..open.clone()
        };
        let no_mail = refused(RefusedAnswer::TakesNoMail);
        let own_domain = refused(RefusedAnswer::OwnDomain);
        let known = refused(RefusedAnswer::KnownOrganization);
        let no_type = refused(RefusedAnswer::Type);
        let other = refused(RefusedAnswer::Other);
        let done = in_state(RequestStanding::Answered(NOW));
        let over = in_state(RequestStanding::Over);
        vec![
            ("", open),
            ("refused", no_mail),
            ("refused-own-domain", own_domain),
            ("refused-known", known),
            ("refused-type", no_type),
            ("refused-other", other),
            ("done", done),
            ("over", over),
        ]
    }
}
