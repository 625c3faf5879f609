//! Accepting and declining: what is recorded, what is shown again, and what is not taken.

use anyhow::ensure;
use countersign::domain::invitation::DeclineReason;
use countersign::domain::notice::Kind;
use countersign::domain::time::DAY;
use countersign::domain::token::Purpose;
use countersign::storage::acceptance;

use super::{Stage, accepting, but};
use crate::harness::world::add_agreement;
use crate::harness::{Answer, Case, Ctx, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(the_page_leads_to_a_receipt_and_a_second_post_shows_it_again),
        case!(a_thousand_posts_at_once_leave_one_consent_and_show_a_thousand_receipts),
        case!(an_incomplete_form_comes_back_with_its_values_and_errors_beside_the_fields),
        case!(what_no_name_holds_is_neither_recorded_nor_sent_back),
        case!(whatever_changed_meanwhile_is_shown_before_it_is_consented_to),
        case!(a_form_that_does_not_say_what_was_shown_is_shown_again),
        case!(an_incomplete_form_does_not_carry_a_tick_over_to_another_text),
        case!(the_day_alone_changes_nothing_that_is_consented_to),
        case!(each_reason_to_decline_is_recorded_and_shown),
        case!(declining_without_a_reason_or_with_an_unreadable_one_is_asked_again),
        case!(whoever_answered_first_is_believed),
    ]
}

async fn consents(stage: &Stage) -> anyhow::Result<i64> {
    let mut conn = stage.world.engine.db.read().await?;
    Ok(acceptance::count_consents(&mut conn, stage.id).await?)
}

async fn record(stage: &Stage) -> anyhow::Result<acceptance::Acceptance> {
    let mut conn = stage.world.engine.db.read().await?;
    let found = acceptance::of_invitation(&mut conn, stage.id).await?;
    Ok(found.expect("a record"))
}

/// Each error of the summary leads to a field, and the field to the error beside it.
fn errors(page: &Answer) -> Vec<&str> {
    let targets = page.attributes("href");
    let fields: Vec<_> = targets
        .into_iter()
        .filter_map(|target| target.strip_prefix('#'))
        .filter(|field| {
            page.attributes("id")
                .contains(&format!("{field}-error").as_str())
        })
        .collect();
    for field in &fields {
        assert!(page.attributes("id").contains(field), "no field {field}");
        let described = page.attributes("aria-describedby").join(" ");
        assert!(
            described.contains(&format!("{field}-error")),
            "{field} does not point to its error"
        );
    }
    fields
}

async fn the_page_leads_to_a_receipt_and_a_second_post_shows_it_again(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let page = stage.served.get(&stage.path("")).await?;
    assert_eq!(page.status, 200);
    assert_eq!(page.heading(), "계약 동의 및 파트너 권한 부여");
    assert_eq!(page.header("content-language"), Some("ko"));
    assert_eq!(page.field("token"), Some(stage.token.as_str()));
    assert_eq!(page.field("shown"), Some(stage.shown.as_str()));
    assert_eq!(consents(&stage).await?, 0);

    let form = stage.accepting();
    let receipt = stage.served.post("/accept", &form).await?;
    assert_eq!(receipt.status, 200);
    assert_eq!(receipt.heading(), "동의가 기록되었습니다");
    let record = record(&stage).await?;
    for shown in [
        record.id.to_string().as_str(),
        "홍길동",
        "hong@customer.example",
        "위 계약을 읽고 확인했습니다.",
        "소속 조직을 대표하여 동의할 권한이 있습니다.",
    ] {
        ensure!(receipt.text().contains(shown), "the receipt lacks {shown}");
    }
    let evidence: serde_json::Value = serde_json::from_str(&record.canonical)?;
    assert_eq!(evidence["how"]["client_address"], "127.0.0.1");
    ensure!(
        evidence["how"]["user_agent"]
            .as_str()
            .is_some_and(|text| text.contains("iPhone")),
        "{evidence}"
    );

    let again = stage.served.post("/accept", &form).await?;
    assert_eq!((again.status, &again.body), (200, &receipt.body));
    let opened = stage.served.get(&stage.path("")).await?;
    assert_eq!((opened.status, &opened.body), (200, &receipt.body));
    assert_eq!(consents(&stage).await?, 1);
    assert_eq!(stage.notices(Kind::Receipt).await?, 1);
    let metrics = stage.served.metrics.encode();
    ensure!(
        metrics
            .lines()
            .any(|line| line.contains("accepted") && line.ends_with(" 1")),
        "{metrics}"
    );
    Ok(())
}

async fn a_thousand_posts_at_once_leave_one_consent_and_show_a_thousand_receipts(
    ctx: &Ctx,
) -> Outcome {
    let stage = std::sync::Arc::new(Stage::new(ctx).await?);
    // A process may have 1,024 files open, and each request is two: its two ends.
    let places = std::sync::Arc::new(tokio::sync::Semaphore::new(400));
    let mut posts = tokio::task::JoinSet::new();
    for _ in 0..1_000 {
        let (stage, places) = (stage.clone(), places.clone());
        posts.spawn(async move {
            let _place = places.acquire().await?;
            stage.served.post("/accept", &stage.accepting()).await
        });
    }
    let mut pages = Vec::new();
    while let Some(answer) = posts.join_next().await {
        pages.push(answer??);
    }
    let id = record(&stage).await?.id.to_string();
    for page in &pages {
        assert_eq!(page.status, 200, "{}", page.heading());
        ensure!(page.text().contains(&id), "{}", page.heading());
    }
    assert_eq!(pages.len(), 1_000);
    assert_eq!(consents(&stage).await?, 1);
    assert_eq!(stage.notices(Kind::Receipt).await?, 1);
    Ok(())
}

async fn an_incomplete_form_comes_back_with_its_values_and_errors_beside_the_fields(
    ctx: &Ctx,
) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let (before, whole) = (ctx.dump().await?, stage.accepting());
    for (field, value) in [
        ("read", None),
        ("authority", None),
        ("family", None),
        ("given", Some("  ")),
        ("phone", Some("call me")),
    ] {
        let page = stage
            .served
            .post("/accept", &but(&whole, field, value))
            .await?;
        assert_eq!(page.status, 422, "{field}");
        assert_eq!(errors(&page), [field]);
        ensure!(page.text().contains("<title>오류: "), "{field}");
        for (name, value) in [
            ("family", "홍"),
            ("given", "길동"),
            ("phone", "010-1234-5678"),
        ] {
            if name != field {
                assert_eq!(page.field(name), Some(value), "without {field}");
            }
        }
        let ticked = page.text().matches(" checked").count();
        let kept = if matches!(field, "read" | "authority") {
            1
        } else {
            2
        };
        assert_eq!(ticked, kept, "without {field}");
    }
    let empty = stage
        .served
        .post(
            "/accept",
            &[("token", &stage.token), ("shown", &stage.shown)],
        )
        .await?;
    assert_eq!(empty.status, 422);
    assert_eq!(errors(&empty), ["read", "family", "given", "authority"]);

    let quoted = r#"<b onclick="x">'홍&"#;
    let page = stage
        .served
        .post(
            "/accept",
            &but(&but(&whole, "family", Some(quoted)), "read", None),
        )
        .await?;
    assert_eq!(page.status, 422);
    ensure!(!page.text().contains("<b onclick"), "HTML reached the page");
    ensure!(
        page.text()
            .contains("&#60;b onclick=&#34;x&#34;&#62;&#39;홍&#38;")
    );
    assert_eq!(ctx.dump().await?, before);
    Ok(())
}

async fn what_no_name_holds_is_neither_recorded_nor_sent_back(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let (before, whole) = (ctx.dump().await?, stage.accepting());
    let long = "가".repeat(10_000);
    for hostile in [
        "홍\r\nBcc: all@customer.example",
        "홍\nX-Header: 1",
        "홍\u{0}",
        "\u{202e}홍\u{2066}",
        "홍\u{200b}\u{200e}",
        "\u{3164}",
        "\u{1b}[31m홍",
        &long,
    ] {
        for field in ["family", "given", "phone"] {
            let page = stage
                .served
                .post("/accept", &but(&whole, field, Some(hostile)))
                .await?;
            // A telephone of fillers alone is none.
            if (field, hostile) != ("phone", "\u{3164}") {
                assert_eq!(errors(&page), [field], "{:?}", &hostile[..3]);
                assert_eq!(page.status, 422);
            }
            let text = page.text();
            for unseen in [
                '\r', '\u{0}', '\u{1b}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{200e}', '\u{3164}',
            ] {
                ensure!(
                    !text.contains(unseen),
                    "{unseen:?} of {field} reached the page"
                );
            }
            ensure!(
                page.field(field).is_none_or(|value| !value.contains('\n')),
                "{field}"
            );
            ensure!(
                !text.contains(&"가".repeat(1_001)),
                "{field} was sent back whole"
            );
            let heads: String = page
                .headers
                .iter()
                .map(|(_, value)| value.as_str())
                .collect();
            ensure!(!heads.contains("Bcc") && heads.is_ascii(), "{heads}");
        }
        let refused = [
            ("token", stage.token.as_str()),
            ("reason", "other"),
            ("comment", hostile),
        ];
        if !matches!(hostile, "\u{3164}")
            && !hostile.starts_with("홍\r")
            && !hostile.starts_with("홍\n")
        {
            let page = stage.served.post("/decline", &refused).await?;
            assert_eq!(page.status, 422, "{:?}", &hostile[..3]);
            ensure!(
                !page
                    .text()
                    .contains(['\u{0}', '\u{1b}', '\u{202e}', '\u{200b}'])
            );
        }
    }
    assert_eq!(ctx.dump().await?, before);
    Ok(())
}

/// The page is there again because it says something else by now: the names are kept, and nothing is ticked.
fn is_shown_again(page: &Answer) {
    assert_eq!(page.status, 409, "{}", page.heading());
    assert!(page.text().contains("내용이 변경되었습니다"));
    assert_eq!(page.field("family"), Some("홍"));
    assert_eq!(page.field("phone"), Some("010-1234-5678"));
    assert!(!page.text().contains(" checked"), "a tick stays");
    assert_eq!(errors(page), [""; 0]);
}

async fn whatever_changed_meanwhile_is_shown_before_it_is_consented_to(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let mut shown = stage.shown.clone();
    let changes = [
        ("", "버전 2026-12", "2026-12"),
        (
            "UPDATE partner SET legal_name = '한빛클라우드㈜'",
            "한빛클라우드㈜",
            "한빛클라우드㈜",
        ),
        (
            "UPDATE organization SET name = '㈜한빛물산'",
            "㈜한빛물산",
            "㈜한빛물산",
        ),
        (
            "UPDATE invitation SET offer = replace(offer, 'P1Y', 'P90D')",
            "90일",
            "P90D",
        ),
    ];
    for (change, on_the_page, _) in changes {
        if change.is_empty() {
            stage.world.pass(DAY);
            add_agreement(&stage.world.engine, "2026-12", stage.world.now()).await?;
        } else {
            ctx.sql(change).await?;
        }
        let before = ctx.dump().await?;
        let page = stage
            .served
            .post("/accept", &accepting(&stage.token, &shown))
            .await?;
        is_shown_again(&page);
        ensure!(page.plain().contains(on_the_page), "{on_the_page}");
        assert_eq!(ctx.dump().await?, before, "{change}");
        let newer = page.field("shown").expect("a digest").to_owned();
        assert_ne!(newer, shown, "{change}");
        shown = newer;
    }
    assert_eq!(consents(&stage).await?, 0);

    let receipt = stage
        .served
        .post("/accept", &accepting(&stage.token, &shown))
        .await?;
    assert_eq!(
        (receipt.status, receipt.heading()),
        (200, "동의가 기록되었습니다")
    );
    let canonical = record(&stage).await?.canonical;
    for (_, _, in_the_record) in changes {
        ensure!(canonical.contains(in_the_record), "{canonical}");
    }
    assert_eq!(consents(&stage).await?, 1);
    Ok(())
}

async fn a_form_that_does_not_say_what_was_shown_is_shown_again(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let other = stage.world.invite("kim@customer.example").await?;
    let other = stage.served.token(other, Purpose::Accept).await?;
    let others = stage.served.shown(&other).await?;
    let agreement = stage.agreement();
    let before = ctx.dump().await?;
    for shown in [
        None,
        Some(""),
        Some("0"),
        Some(&stage.shown[1..]),
        Some(agreement.as_str()),
        Some(others.as_str()),
    ] {
        let page = stage
            .served
            .post("/accept", &but(&stage.accepting(), "shown", shown))
            .await?;
        is_shown_again(&page);
        assert_eq!(page.field("shown"), Some(stage.shown.as_str()), "{shown:?}");
    }
    assert_eq!(ctx.dump().await?, before);
    stage.accept().await?;
    assert_eq!(consents(&stage).await?, 1);
    Ok(())
}

async fn an_incomplete_form_does_not_carry_a_tick_over_to_another_text(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    stage.world.pass(DAY);
    add_agreement(&stage.world.engine, "2026-12", stage.world.now()).await?;
    let form = but(&stage.accepting(), "given", None);
    is_shown_again(&stage.served.post("/accept", &form).await?);
    Ok(())
}

/// The day on which the roles are expected to end moves on with every day that the page stays open.
async fn the_day_alone_changes_nothing_that_is_consented_to(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let before = stage.served.get(&stage.path("")).await?;
    stage.world.pass(20 * DAY);
    let after = stage.served.get(&stage.path("")).await?;
    assert_ne!(before.text(), after.text());
    assert_eq!(after.field("shown"), before.field("shown"));
    stage.accept().await?;
    Ok(())
}

async fn each_reason_to_decline_is_recorded_and_shown(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    for (number, reason) in DeclineReason::ALL.iter().copied().enumerate() {
        let id = stage
            .world
            .invite(&format!("hong{number}@customer.example"))
            .await?;
        let token = stage.served.token(id, Purpose::Accept).await?;
        let comment = if number % 2 == 0 {
            ""
        } else {
            "역할 없이\r\n<다시> 보내 주세요"
        };
        let form = [
            ("token", token.as_str()),
            ("reason", reason.as_str()),
            ("comment", comment),
        ];
        let page = stage.served.post("/decline", &form).await?;
        assert_eq!(
            (page.status, page.heading()),
            (200, "초대를 거절했습니다"),
            "{reason}"
        );
        assert_eq!(
            page.text().contains("&#60;다시&#62; 보내 주세요"),
            !comment.is_empty()
        );
        let mut conn = stage.world.engine.db.read().await?;
        let row = countersign::storage::invitation::find(&mut conn, id)
            .await?
            .expect("a row");
        drop(conn);
        assert_eq!(row.decline_reason, Some(reason));
        assert_eq!(row.decline_text.is_some(), !comment.is_empty());
        let again = stage.served.post("/decline", &form).await?;
        assert_eq!((again.status, again.body), (200, page.body));
    }
    Ok(())
}

async fn declining_without_a_reason_or_with_an_unreadable_one_is_asked_again(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let before = ctx.dump().await?;
    let token = ("token", stage.token.as_str());
    let long = "가".repeat(3_000);
    for (form, wrong) in [
        (vec![token], vec!["reason"]),
        (vec![token, ("reason", "because")], vec!["reason"]),
        (
            vec![token, ("reason", ""), ("comment", "다음에 <하겠습니다>")],
            vec!["reason"],
        ),
        (
            vec![token, ("reason", "other"), ("comment", long.as_str())],
            vec!["comment"],
        ),
    ] {
        let page = stage.served.post("/decline", &form).await?;
        assert_eq!(page.status, 422);
        assert_eq!(errors(&page), wrong);
        if form.len() == 3 && wrong == ["reason"] {
            ensure!(
                page.text().contains("다음에 &#60;하겠습니다&#62;"),
                "the words are gone"
            );
        }
    }
    assert_eq!(ctx.dump().await?, before);
    Ok(())
}

async fn whoever_answered_first_is_believed(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    stage.accept().await?;
    let declining = [("token", stage.token.as_str()), ("reason", "other")];
    let before = ctx.dump().await?;
    let page = stage.served.post("/decline", &declining).await?;
    assert_eq!(
        (page.status, page.heading()),
        (200, "동의가 기록되었습니다")
    );
    assert_eq!(ctx.dump().await?, before);

    let id = stage.world.invite("kim@customer.example").await?;
    let token = stage.served.token(id, Purpose::Accept).await?;
    stage
        .served
        .post(
            "/decline",
            &[("token", token.as_str()), ("reason", "wrong_person")],
        )
        .await?;
    let before = ctx.dump().await?;
    let page = stage
        .served
        .post("/accept", &accepting(&token, &stage.shown))
        .await?;
    assert_eq!((page.status, page.heading()), (200, "초대를 거절했습니다"));
    assert_eq!(ctx.dump().await?, before);
    Ok(())
}
