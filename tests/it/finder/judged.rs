//! Searches as businesses type them, and who a person would name first.

use std::fmt::Write as _;

use countersign::domain::search::Query;

use super::{Town, names};
use crate::harness::{Case, Ctx, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![case!(sixty_searches_find_whom_a_person_would_name)]
}

/// The words, and those who are expected first, in any order among themselves.
const JUDGED: &[(&str, &[&str])] = &[
    ("보안", &["boanmaru"]),
    ("보안관제", &["boanmaru"]),
    ("보안 관제 센터", &["boanmaru"]),
    ("침해 사고", &["boanmaru"]),
    ("사고대응", &["boanmaru"]),
    ("메일 이전", &["saebom"]),
    ("Exchange 메일", &["saebom"]),
    ("팀즈", &[]),
    ("teams 도입", &["saebom"]),
    ("라이선스", &["maru"]),
    ("라이선스 구매", &["maru"]),
    ("마루소프트", &["maru"]),
    ("보안마루", &["boanmaru"]),
    ("학교", &["gyoyuk"]),
    ("교사 연수", &["gyoyuk"]),
    ("학생 계정", &["gyoyuk"]),
    ("대학교", &["gyoyuk"]),
    ("앱 개발", &["appgong"]),
    ("앱개발", &["appgong"]),
    ("앱", &["appgong"]),
    ("업무 자동화", &["appgong"]),
    ("노트북", &["gigi"]),
    ("노트북 납품", &["gigi"]),
    ("기기 관리", &["gigi"]),
    ("데이터", &["data", "ibyeong"]),
    ("데이터 분석", &["data"]),
    ("암호", &["jeju"]),
    ("암호 재설정", &["jeju"]),
    ("암호를 잊었어요", &["jeju"]),
    ("원격 지원", &["jeju"]),
    ("병원", &["ibyeong"]),
    ("병원 백업", &["ibyeong"]),
    ("백업 복구", &["ibyeong"]),
    ("부산", &["haedong"]),
    ("부산 서버", &["haedong"]),
    ("제주도", &["jeju"]),
    ("생성형 AI", &["copilot"]),
    ("코파일럿 copilot", &["copilot"]),
    ("재무 ERP", &["sap"]),
    ("다이나믹스 dynamics", &["sap"]),
    ("migration", &["harbour", "rheinblick"]),
    ("migrate", &[]),
    ("microsoft 365 migration", &["harbour"]),
    ("migrations bristol", &["harbour"]),
    ("service desk", &["northgate"]),
    ("managed services", &["northgate"]),
    ("security", &["redkite"]),
    ("incident response london", &["redkite"]),
    ("sentinel", &["redkite"]),
    ("penetration test", &["redkite"]),
    ("school", &["schoolhouse"]),
    ("schools birmingham", &["schoolhouse"]),
    ("autopilot", &["gigi", "autoworks"]),
    ("autopilot laptops texas", &["autoworks"]),
    ("app development", &["appsmith"]),
    ("power apps", &["appgong", "appsmith"]),
    ("hipaa", &["clinic"]),
    ("backup hospital", &["clinic"]),
    ("GCC HIGH", &["govcloud"]),
    ("password reset", &["charity"]),
    ("nonprofit", &["charity"]),
    ("charity licences", &["charity"]),
    ("power bi", &["data", "maple"]),
    ("dashboards toronto", &["maple"]),
    ("Datenschutz", &["rheinblick"]),
    ("東京", &["sakura"]),
    ("クラウド", &["sakura"]),
    ("ＳＥＮＴＩＮＥＬ", &["redkite"]),
];

/// What the database answers in full is the same text on both: it stands in a snapshot.
async fn sixty_searches_find_whom_a_person_would_name(ctx: &Ctx) -> Outcome {
    assert!(JUDGED.len() >= 60);
    let town = Town::new(ctx).await?;
    let mut wrong = String::new();
    let mut all = String::new();
    for (words, expected) in JUDGED {
        let found = names(&town.world, &Query::of_words(words)?).await?;
        let mut first: Vec<_> = found
            .iter()
            .take(expected.len())
            .map(String::as_str)
            .collect();
        writeln!(all, "{words}: {}", found.join(" "))?;
        first.sort_unstable();
        let mut sorted = expected.to_vec();
        sorted.sort_unstable();
        if first != sorted || expected.is_empty() != found.is_empty() {
            writeln!(wrong, "{words}: {expected:?} expected, {found:?} found")?;
        }
    }
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("judged", all);
    });
    assert!(wrong.is_empty(), "{wrong}");
    Ok(())
}
