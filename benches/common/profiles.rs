//! Ten thousand partners who say what partners say: each its own mixture of the same words.

use countersign::domain::ids;
use countersign::domain::profile::Draft;
use countersign::storage::partner::Partner;
use countersign::storage::{self, Tx};

use super::world::World;

const NAMES: &[&str] = &[
    "한빛",
    "새봄",
    "누리",
    "다온",
    "가온",
    "해동",
    "마루",
    "나래",
    "Harbourline",
    "Northgate",
    "Red Kite",
    "Orchard",
    "Maple",
    "Lantern",
    "Quayside",
    "Summit",
];
const KINDS: &[&str] = &[
    "정보기술",
    "클라우드",
    "소프트",
    "테크",
    "Cloud",
    "Systems",
    "IT",
    "Managed Services",
];
const PLACES: &[&str] = &[
    "KR:서울 강남구",
    "KR:서울 마포구",
    "KR:부산",
    "KR:대전",
    "KR:제주",
    "KR:경기 성남시",
    "GB:London",
    "GB:Bristol",
    "GB:Leeds",
    "US:Austin",
    "US:New York",
    "DE:Köln",
    "JP:東京",
    "SG",
];
const SIZES: &[&str] = &["1-9", "10-49", "50-249", "250-999", "1000+"];
const SERVICES: &[&str] = &[
    "Microsoft 365 이전",
    "보안관제",
    "앱 개발",
    "라이선스 판매",
    "암호 재설정",
    "원격 지원",
    "Windows Autopilot",
    "데이터 분석",
    "Microsoft 365 migration",
    "Managed security",
    "App development",
    "Licensing",
    "Password reset",
    "Intune devices",
    "Power BI",
    "Backup",
];
const SENTENCES: &[&str] = &[
    "중소기업의 메일과 문서를 클라우드로 옮깁니다.",
    "24시간 관제 센터에서 이상 징후를 살핍니다.",
    "업무용 앱을 만들고 반복되는 일을 자동화합니다.",
    "노트북을 납품하고 기기를 등록해 드립니다.",
    "학교와 병원의 전산실을 대신합니다.",
    "Microsoft 365를 도입하고 쓰는 법을 가르칩니다.",
    "We move businesses to Microsoft 365 and look after them afterwards.",
    "A service desk that answers around the clock.",
    "Laptops that arrive enrolled, shipped to your staff.",
    "Conditional access reviews and security roadmaps.",
    "We support schools, charities and clinics.",
    "Licences at the right price, and somebody to call.",
];

/// Adds so many partners with published profiles.
pub(crate) async fn make(world: &World, count: usize) -> anyhow::Result<()> {
    const AT_ONCE: usize = 200;
    for first in (0..count).step_by(AT_ONCE) {
        let now = world.engine.clock.now();
        let last = (first + AT_ONCE).min(count);
        world
            .engine
            .db
            .write(move |tx| {
                Box::pin(async move {
                    for index in first..last {
                        add(tx, index, now).await?;
                    }
                    Ok::<_, storage::Error>(())
                })
            })
            .await?;
    }
    Ok(())
}

/// One of a list, chosen by numbers that have no pattern (Knuth's multiplicative hash).
fn pick<'a>(list: &[&'a str], index: usize, salt: usize) -> &'a str {
    let mixed = (index * 31 + salt).wrapping_mul(2_654_435_761) >> 12;
    list[mixed % list.len()]
}

async fn add(
    tx: &mut Tx,
    index: usize,
    now: countersign::domain::time::Timestamp,
) -> Result<(), storage::Error> {
    let some = |list: &[&str], salt: usize, most: usize| {
        let texts = (0..=(index + salt) % most).map(|nth| pick(list, index, salt + nth).to_owned());
        texts.collect::<Vec<_>>()
    };
    let partner = Partner {
        id: ids::fresh(now, &mut rand::rng()),
        handle: format!("profile-{index}"),
        name: format!("{} {}", pick(NAMES, index, 1), pick(KINDS, index, 2)),
        legal_name: "주식회사 한빛테크".to_owned(),
        email: format!("partner@profile-{index}.example"),
        phone: "+82 2 555 0100".to_owned(),
        address: "서울특별시 중구 세종대로 110".to_owned(),
        website: None,
        representative: None,
        registration_number: None,
        language: countersign::domain::language::Language::ko(),
        time_zone: "Asia/Seoul".to_owned(),
        advertising_mark: false,
        schedule: None,
        per_key_day: None,
        per_partner_day: None,
        created_at: now,
    };
    let draft = Draft {
        locations: some(PLACES, 10, 3),
        sizes: some(SIZES, 20, 3),
        services: some(SERVICES, 30, 6),
        languages: some(&["ko", "en", "ja", "de"], 40, 2),
        description: some(SENTENCES, 50, 5).join(" "),
    };
    let profile = draft
        .check()
        .map_err(|errors| storage::Error::Refused(format!("{errors:?}")))?;
    let body = serde_json::to_string(&profile)
        .map_err(|error| storage::Error::Refused(error.to_string()))?;
    storage::partner::insert(tx, &partner).await?;
    storage::profile::put(tx, partner.id, &body, now).await?;
    storage::profile::publish(tx, partner.id, now).await?;
    storage::profile::index(tx, partner.id, &profile.terms(&partner.name)).await
}
