//! Partners who do not exist, each with a profile.

use countersign::domain::ids::PartnerId;
use countersign::domain::profile::Draft;
use countersign::domain::time::SECOND;
use countersign::workflow::{partner, profile};

use crate::harness::{Ctx, World};

/// Handle, name, language; places, sizes, services, languages, each separated by `|`; description.
type Row = [&'static str; 8];

const PARTNERS: &[Row] = &[
    [
        "saebom",
        "새봄정보기술",
        "ko",
        "KR:서울 강남구",
        "10-49|50-249",
        "Microsoft 365 이전|Teams 도입|Exchange 메일 이전",
        "ko|en",
        "메일과 문서를 클라우드로 옮기는 일을 주로 합니다. 옮긴 뒤의 교육까지 맡습니다.",
    ],
    [
        "haedong",
        "해동클라우드",
        "ko",
        "KR:부산 해운대구|KR:울산",
        "50-249|250-999",
        "Microsoft 365 운영|서버 운영|Azure 가상 머신",
        "ko",
        "제조업 고객의 서버와 계정을 24시간 운영합니다.",
    ],
    [
        "boanmaru",
        "보안마루",
        "ko",
        "KR:서울 송파구",
        "250-999|1000+",
        "보안관제|침해 사고 대응|Microsoft Defender",
        "ko|en",
        "보안 전문 회사입니다. 관제 센터에서 이상 징후를 살핍니다.",
    ],
    [
        "maru",
        "마루소프트",
        "ko",
        "KR:서울 강남구",
        "1-9",
        "라이선스 판매|Microsoft 365 구독",
        "ko",
        "작은 회사의 라이선스 구매를 돕습니다.",
    ],
    [
        "gyoyuk",
        "배움터에듀",
        "ko",
        "KR:대전",
        "50-249|250-999",
        "학교용 Microsoft 365|교사 연수",
        "ko",
        "초·중·고등학교와 대학교의 수업 환경을 만듭니다. 학생 계정을 한꺼번에 관리합니다.",
    ],
    [
        "appgong",
        "앱공방",
        "ko",
        "KR:경기 성남시 판교",
        "10-49|50-249",
        "앱 개발|Power Platform|업무 자동화",
        "ko|en",
        "Power Apps로 업무용 앱을 만들고, 반복되는 일을 자동화합니다.",
    ],
    [
        "gigi",
        "한결디바이스",
        "ko",
        "KR:인천",
        "50-249|250-999|1000+",
        "Windows Autopilot|Intune 기기 관리|노트북 납품",
        "ko",
        "노트북을 납품하고 Autopilot으로 등록해 드립니다.",
    ],
    [
        "data",
        "데이터누리",
        "ko",
        "KR:서울 마포구",
        "250-999|1000+",
        "데이터 분석|Power BI|Microsoft Fabric",
        "ko|en",
        "데이터 창고와 보고서를 만듭니다.",
    ],
    [
        "jeju",
        "제주아이티",
        "ko",
        "KR:제주",
        "1-9|10-49",
        "원격 지원|암호 재설정|헬프데스크",
        "ko",
        "관광업과 숙박업의 전산을 원격으로 돌봅니다. 암호를 잊은 직원을 바로 도와드립니다.",
    ],
    [
        "ibyeong",
        "이병원정보",
        "ko",
        "KR:대구",
        "50-249|250-999",
        "병원 전산|의료 데이터 보호|백업",
        "ko",
        "병원과 의원의 전산실을 대신합니다. 백업과 복구를 책임집니다.",
    ],
    [
        "copilot",
        "길동무AI",
        "ko",
        "KR:서울 성동구 성수",
        "10-49|50-249|250-999",
        "Copilot 도입|생성형 AI 교육|Azure OpenAI",
        "ko|en",
        "Microsoft 365 Copilot을 도입하고 쓰는 법을 가르칩니다.",
    ],
    [
        "sap",
        "다온이알피",
        "ko",
        "KR:서울 영등포구",
        "250-999|1000+",
        "Dynamics 365|ERP 구축|재무 회계",
        "ko|en",
        "재무와 생산을 잇는 ERP를 구축합니다.",
    ],
    [
        "harbour",
        "Harbourline Cloud",
        "en",
        "GB:Bristol|GB:Bath",
        "10-49|50-249",
        "Microsoft 365 migration|Teams telephony|Licensing",
        "en",
        "We move small and medium businesses to Microsoft 365 and look after them afterwards.",
    ],
    [
        "northgate",
        "Northgate Managed Services",
        "en",
        "GB:Manchester|GB:Leeds",
        "250-999|1000+",
        "Managed services|24/7 service desk|Azure landing zones",
        "en",
        "A service desk that answers around the clock, and engineers who run your Azure estate.",
    ],
    [
        "redkite",
        "Red Kite Security",
        "en",
        "GB:London",
        "50-249|250-999|1000+",
        "Security operations|Incident response|Microsoft Sentinel|Penetration testing",
        "en",
        "Managed detection and response by people who read the alerts. Conditional access reviews and zero trust roadmaps.",
    ],
    [
        "schoolhouse",
        "Schoolhouse IT",
        "en",
        "GB:Birmingham",
        "50-249|250-999",
        "Education|Microsoft 365 for schools|Intune for education",
        "en",
        "We support primary and secondary schools and academy trusts: pupil accounts, classroom devices, safeguarding.",
    ],
    [
        "autoworks",
        "Deviceworks",
        "en",
        "US:Texas, Austin",
        "50-249|250-999|1000+",
        "Windows Autopilot|Intune|Hardware supply",
        "en|es",
        "Laptops that arrive enrolled. We register devices by Autopilot and ship them to your staff.",
    ],
    [
        "appsmith",
        "Orchard Apps",
        "en",
        "US:California, San Francisco",
        "10-49|50-249",
        "App development|Power Platform|Custom software",
        "en",
        "We build line-of-business apps with Power Apps and .NET.",
    ],
    [
        "clinic",
        "Mercy Health IT",
        "en",
        "US:New York",
        "50-249|250-999",
        "Healthcare|HIPAA compliance|Backup and recovery",
        "en|es",
        "IT for clinics and hospitals. Patient data stays protected and restorable.",
    ],
    [
        "govcloud",
        "Capitol Cloud",
        "en",
        "US:Washington, D.C.",
        "1000+",
        "GCC High|US Government cloud|CMMC compliance",
        "en",
        "Microsoft 365 GCC High for defence contractors and agencies.",
    ],
    [
        "charity",
        "Lantern for Nonprofits",
        "en",
        "IE:Dublin|GB:London",
        "1-9|10-49",
        "Nonprofit licensing|Password reset|Remote support",
        "en|ga",
        "Charities get licences at nonprofit prices, and somebody to call when a password is lost.",
    ],
    [
        "maple",
        "Maple Data",
        "en",
        "CA:Toronto",
        "250-999|1000+",
        "Data analytics|Power BI|Microsoft Fabric|Machine learning",
        "en|fr",
        "Dashboards that people read. We move warehouses to Fabric.",
    ],
    [
        "rheinblick",
        "Rheinblick IT",
        "de",
        "DE:Köln|DE:Düsseldorf",
        "50-249|250-999",
        "Microsoft 365|Datenschutz|Azure Migration",
        "de|en",
        "Wir begleiten den Mittelstand in die Cloud, mit Blick auf den Datenschutz.",
    ],
    [
        "sakura",
        "サクラクラウド",
        "ja",
        "JP:東京",
        "50-249|250-999",
        "Microsoft 365 導入支援|セキュリティ診断",
        "ja|en",
        "東京の中小企業のクラウド移行を支援します。",
    ],
];

/// A world with all of them, published.
pub(crate) struct Town {
    pub(crate) world: World,
}

impl Town {
    pub(crate) async fn new(ctx: &Ctx) -> anyhow::Result<Self> {
        let world = World::new(ctx).await?;
        settle_all(&world).await?;
        Ok(Self { world })
    }
}

/// Adds all of them, published.
pub(crate) async fn settle_all(world: &World) -> anyhow::Result<()> {
    for row in PARTNERS {
        // Whoever came later sorts later.
        world.pass(SECOND);
        settle(world, row).await?;
    }
    Ok(())
}

async fn settle(world: &World, row: &Row) -> anyhow::Result<PartnerId> {
    let [
        handle,
        name,
        language,
        places,
        sizes,
        services,
        languages,
        description,
    ] = *row;
    let list = |text: &str| text.split('|').map(str::to_owned).collect();
    let partner = partner::Draft {
        handle: handle.to_owned(),
        name: name.to_owned(),
        email: format!("partner@{handle}.example"),
        phone: "+82 2 555 0100".to_owned(),
        address: "1 Example Street".to_owned(),
        language: language.to_owned(),
        time_zone: "Asia/Seoul".to_owned(),
        ..partner::Draft::default()
    };
    let id = partner::add(&world.engine, &partner).await?;
    let draft = Draft {
        locations: list(places),
        sizes: list(sizes),
        services: list(services),
        languages: list(languages),
        description: description.to_owned(),
    };
    profile::set(&world.engine, id, &draft).await?;
    profile::publish(&world.engine, id).await?;
    Ok(id)
}
