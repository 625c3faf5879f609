//! What the demonstration begins with: two partners, a sample agreement in both languages, and the customers of the example
//! files.

use serde::Serialize;

use super::error::DemoError;
use crate::domain;
use crate::domain::audit::Actor;
use crate::domain::draft::{Request, Source};
use crate::domain::ids::{InvitationId, PartnerId};
use crate::storage::{invitation, partner as partners};
use crate::workflow::invite::{self, AGREEMENT, Item, Outcome, Trigger};
use crate::workflow::repeated::row_key;
use crate::workflow::{Engine, agreement, partner, profile};

/// An example file of customers, and whose they are.
#[derive(Clone, Copy, Debug)]
pub struct Book {
    /// The partner's handle.
    pub partner: &'static str,
    /// The name of the file.
    pub file: &'static str,
    /// Its content.
    pub csv: &'static str,
}

/// The example files, in Korean and in English.
pub const BOOKS: [Book; 2] = [
    Book {
        partner: "hanbit",
        file: "customers-ko.csv",
        csv: include_str!("../../templates/demo/customers-ko.csv"),
    },
    Book {
        partner: "harbour",
        file: "customers-en.csv",
        csv: include_str!("../../templates/demo/customers-en.csv"),
    },
];

/// The customers of a partner.
#[derive(Clone, Debug)]
pub struct Customers {
    /// The partner's handle.
    pub partner: &'static str,
    /// What to invite them to.
    pub requests: Vec<Request>,
}

/// What came of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Seeded {
    /// Invitations made now.
    pub made: Vec<InvitationId>,
    /// Invitations that were there from an earlier start.
    pub there: usize,
}

fn drafts() -> [partner::Draft; 2] {
    let given = |text: &str| Some(text.to_owned());
    [
        partner::Draft {
            handle: "hanbit".to_owned(),
            name: "한빛테크".to_owned(),
            legal_name: given("㈜한빛테크"),
            email: "partner@hanbit.example".to_owned(),
            phone: "02-555-0100".to_owned(),
            address: "서울특별시 중구 세종대로 110, 5층".to_owned(),
            website: given("https://www.hanbit.example"),
            representative: given("김한빛"),
            registration_number: given("123-45-67890"),
            language: "ko".to_owned(),
            time_zone: "Asia/Seoul".to_owned(),
            advertising_mark: false,
        },
        partner::Draft {
            handle: "harbour".to_owned(),
            name: "Harbour Cloud".to_owned(),
            legal_name: given("Harbour Cloud Services Ltd"),
            email: "partners@harbour.example".to_owned(),
            phone: "+44 20 7946 0100".to_owned(),
            address: "12 Quay Street, Bristol BS1 4DJ, United Kingdom".to_owned(),
            website: given("https://www.harbour.example"),
            representative: None,
            registration_number: given("01234567"),
            language: "en".to_owned(),
            time_zone: "Europe/London".to_owned(),
            advertising_mark: false,
        },
    ]
}

fn agreements() -> [agreement::Draft; 2] {
    [
        (
            "ko",
            "Microsoft 고객 계약(견본)",
            include_str!("../../templates/demo/agreement-ko.txt"),
        ),
        (
            "en",
            "Microsoft Customer Agreement (sample)",
            include_str!("../../templates/demo/agreement-en.txt"),
        ),
    ]
    .map(|(language, title, body)| agreement::Draft {
        kind: AGREEMENT.to_owned(),
        version: "sample-1".to_owned(),
        language: language.to_owned(),
        title: title.to_owned(),
        body: body.to_owned(),
        is_sample: true,
        effective_at: None,
    })
}

/// Makes what is not there yet, each by the same step of the workflow as the command line.
///
/// # Errors
/// What the step refuses, or the database is away.
pub async fn seed(engine: &Engine, customers: Vec<Customers>) -> Result<Seeded, DemoError> {
    for draft in &drafts() {
        match partner::add(engine, draft).await {
            Ok(added) => introduce(engine, added, &draft.handle).await?,
            Err(partner::AddError::HandleTaken) => {}
            Err(error) => return Err(error.into()),
        }
    }
    for draft in &agreements() {
        agreement::add(engine, draft).await?;
    }
    let mut seeded = Seeded::default();
    for group in customers {
        let found = {
            let mut conn = engine.db.read().await?;
            partners::find_by_handle(&mut conn, group.partner).await?
        };
        let partner = found.ok_or(invite::InviteError::NoPartner)?.id;
        // Whatever became of them since: answered, handed over, erased. They are not invited anew.
        let before = invited(engine, partner).await?;
        if before > 0 {
            seeded.there += before;
            continue;
        }
        for request in group.requests {
            let trigger = Trigger {
                partner,
                source: Source::Demo,
                actor: Actor::Operator,
                api_key: None,
                asked_for: false,
            };
            let item = Item {
                idempotency_key: Some(row_key(&request)),
                request,
            };
            match invite::invite(engine, trigger, item).await? {
                Outcome::Created(id) => seeded.made.push(id),
                Outcome::AlreadyPending(_) | Outcome::Replayed(_) => seeded.there += 1,
            }
        }
    }
    Ok(seeded)
}

/// How many a partner has invited already.
async fn invited(engine: &Engine, partner: PartnerId) -> Result<usize, DemoError> {
    let mut conn = engine.db.read().await?;
    let filter = invitation::Filter {
        partner: Some(partner),
        state: None,
        before: None,
        limit: 1_000,
    };
    Ok(invitation::list(&mut conn, filter).await?.len())
}

/// Publishes what a sample partner says of itself, so that a search finds it.
async fn introduce(engine: &Engine, partner: PartnerId, handle: &str) -> Result<(), DemoError> {
    let Some((_, said)) = profiles().into_iter().find(|(of, _)| *of == handle) else {
        return Ok(());
    };
    profile::set(engine, partner, &said).await?;
    profile::publish(engine, partner).await?;
    Ok(())
}

fn profiles() -> [(&'static str, domain::profile::Draft); 2] {
    let all = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    [
        (
            "hanbit",
            domain::profile::Draft {
                locations: all(&["KR:서울", "KR:경기"]),
                sizes: all(&["1-9", "10-49", "50-249"]),
                services: all(&["Microsoft 365 도입", "보안 점검", "라이선스 관리"]),
                languages: all(&["ko", "en"]),
                description: "중소기업의 Microsoft 365 도입과 보안을 맡고 있습니다. 계정과 권한을 정기적으로 점검해 드립니다."
                    .to_owned(),
            },
        ),
        (
            "harbour",
            domain::profile::Draft {
                locations: all(&["GB:Bristol", "GB:Cardiff"]),
                sizes: all(&["10-49", "50-249", "250-999"]),
                services: all(&["Microsoft 365 migration", "Security review", "Help desk"]),
                languages: all(&["en"]),
                description: "We look after Microsoft 365 for charities and schools in the south-west: moving in, staying secure, and a help desk that answers."
                    .to_owned(),
            },
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_agreements_say_in_their_first_lines_that_they_are_samples() {
        for draft in agreements() {
            let head: Vec<_> = draft.body.lines().take(3).collect();
            let head = head.join("\n");
            let (sample, not_theirs) = match draft.language.as_str() {
                "ko" => ("견본", "Microsoft 고객 계약(MCA)이 아니며"),
                _ => ("SAMPLE", "NOT AN AGREEMENT OF MICROSOFT'S"),
            };
            assert!(head.contains(sample) && head.contains(not_theirs), "{head}");
            assert!(draft.is_sample);
        }
    }
}
