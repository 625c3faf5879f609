//! What comes after the answer: steps on Microsoft's side, the agreement's text, the print view, stopping reminders.

use anyhow::{anyhow, ensure};
use countersign::domain::audit::{Actor, EventKind};
use countersign::domain::draft::check_links;
use countersign::domain::microsoft::{Step, StepState};
use countersign::domain::notice::{Kind, NoticeState};
use countersign::domain::time::DAY;
use countersign::domain::token::Purpose;
use countersign::storage::{event, notice};
use countersign::workflow::revoke::StepError;
use countersign::workflow::{links, steps};
use sha2::{Digest as _, Sha256};

use super::Stage;
use crate::harness::world::add_agreement;
use crate::harness::{Case, Ctx, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(a_step_is_marked_once_and_says_who_said_so),
        case!(a_link_that_is_supplied_after_the_acceptance_stands_on_the_receipt),
        case!(a_step_is_not_marked_by_any_other_link),
        case!(the_agreements_bytes_have_the_hash_that_is_shown),
        case!(a_receipt_leads_to_the_text_that_was_consented_to),
        case!(the_print_view_holds_neither_token_nor_form),
        case!(one_click_stops_the_reminders_and_opening_the_link_does_not),
    ]
}

async fn marks(stage: &Stage) -> anyhow::Result<i64> {
    let mut conn = stage.world.engine.db.read().await?;
    Ok(event::count_of_subject(&mut conn, stage.id.uuid(), EventKind::StepMarked).await?)
}

async fn a_step_is_marked_once_and_says_who_said_so(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let receipt = stage.accept().await?;
    let mark = async |step: &str| {
        stage
            .served
            .post(
                "/step",
                &[("token", &receipt), ("step", step), ("done", "yes")],
            )
            .await
    };
    stage.world.pass(DAY);
    // The button alone, as a scanner presses it.
    for more in [None, Some(("done", "")), Some(("done", "no"))] {
        let mut form = vec![("token", receipt.as_str()), ("step", "mca")];
        form.extend(more);
        let page = stage.served.post("/step", &form).await?;
        assert_eq!(page.status, 400, "{more:?}");
    }
    assert_eq!(marks(&stage).await?, 0);
    let page = mark("mca").await?;
    assert_eq!(
        (page.status, page.heading()),
        (200, "동의가 기록되었습니다")
    );
    ensure!(
        page.plain().contains("고객사에서 2026년 11월 23일(월)"),
        "who said so is missing: {}",
        page.text()
    );
    ensure!(
        page.text().contains("role=\"status\""),
        "nothing tells that it was marked"
    );
    assert_eq!(marks(&stage).await?, 1);

    stage.world.pass(DAY);
    let again = mark("mca").await?;
    ensure!(
        again.plain().contains("고객사에서 2026년 11월 23일(월)"),
        "the first date is gone"
    );
    assert_eq!(marks(&stage).await?, 1);

    let partner = Actor::Partner(stage.world.partner);
    steps::mark(
        &stage.world.engine,
        stage.id,
        Step::Relationship,
        StepState::SaidByPartner,
        partner,
    )
    .await?;
    let page = mark("relationship").await?;
    ensure!(
        page.plain().contains("파트너가 2026년 11월 24일(화)"),
        "the partner's word is gone"
    );
    assert_eq!(marks(&stage).await?, 2);

    // No step of an acceptance, and no step at all.
    assert_eq!(mark("roles_removed").await?.status, 200);
    assert_eq!(mark("nonsense").await?.status, 400);
    assert_eq!(marks(&stage).await?, 2);
    Ok(())
}

async fn a_link_that_is_supplied_after_the_acceptance_stands_on_the_receipt(ctx: &Ctx) -> Outcome {
    const LINK: &str = "https://admin.microsoft.com/AdminPortal/Home#/partners/invitation/\
        granularAdminRelationships/6f1c8e0a-1111-4c7e-9a53-0123456789ab";
    let stage = Stage::new(ctx).await?;
    let path = format!("/receipt/{}", stage.accept().await?);
    ensure!(!stage.served.get(&path).await?.text().contains(LINK));
    let new = check_links(Some(LINK), None, None).map_err(|errors| anyhow!("{errors:?}"))?;
    let operator = Actor::Operator;
    links::supply(&stage.world.engine, stage.id, new, operator).await?;
    let page = stage.served.get(&path).await?;
    ensure!(
        page.text().contains(&format!("href=\"{LINK}\"")),
        "{}",
        page.text()
    );
    let other = stage.world.another_partner("saebom").await?;
    let refused = links::supply(&stage.world.engine, stage.id, new, Actor::Partner(other)).await;
    ensure!(matches!(refused, Err(StepError::NotFound)), "{refused:?}");
    Ok(())
}

async fn a_step_is_not_marked_by_any_other_link(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    stage.accept().await?;
    let stop = stage.served.token(stage.id, Purpose::StopReminders).await?;
    for token in [&stage.token, &stop] {
        let page = stage
            .served
            .post(
                "/step",
                &[("token", token), ("step", "mca"), ("done", "yes")],
            )
            .await?;
        assert_eq!(page.status, 404);
    }
    assert_eq!(marks(&stage).await?, 0);
    Ok(())
}

async fn the_agreements_bytes_have_the_hash_that_is_shown(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let page = stage.served.get(&stage.path("")).await?;
    let link = page
        .attributes("href")
        .into_iter()
        .find(|target| target.contains("/agreement/"))
        .expect("a link to the agreement")
        .to_owned();
    let text = stage.served.get(&link).await?;
    assert_eq!((text.status, text.heading()), (200, "Microsoft 고객 계약"));
    ensure!(text.text().contains("Microsoft 고객 계약 견본 2026-01"));
    let file = stage.served.get(&format!("{link}/text")).await?;
    assert_eq!(
        file.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    ensure!(
        file.header("content-disposition")
            .is_some_and(|value| value.starts_with("attachment"))
    );
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(&file.body));
    ensure!(
        page.text().contains(&hash),
        "the acceptance page shows another hash"
    );
    ensure!(
        text.text().contains(&hash),
        "the text's page shows another hash"
    );
    Ok(())
}

async fn a_receipt_leads_to_the_text_that_was_consented_to(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let receipt = stage.accept().await?;
    stage.world.pass(DAY);
    let newer = add_agreement(&stage.world.engine, "2026-12", stage.world.now()).await?;
    let page = stage.served.get(&format!("/receipt/{receipt}")).await?;
    let links = page.attributes("href");
    let link = links
        .iter()
        .find(|target| target.contains("/agreement/"))
        .expect("a link");
    assert_eq!(
        **link,
        format!("/receipt/{receipt}/agreement/{}", stage.world.agreement)
    );
    let file = stage.served.get(&format!("{link}/text")).await?;
    ensure!(file.text().ends_with("2026-01"), "{}", file.text());
    ensure!(
        page.text()
            .contains(&data_encoding::HEXLOWER.encode(&Sha256::digest(&file.body)))
    );
    // Another text than that is none of this link's.
    for path in [
        format!("/receipt/{receipt}/agreement/{newer}"),
        stage.path(&format!("/agreement/{newer}")),
    ] {
        assert_eq!(stage.served.get(&path).await?.status, 404);
    }
    Ok(())
}

async fn the_print_view_holds_neither_token_nor_form(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let page = stage.served.get(&stage.path("/print")).await?;
    assert_eq!(
        (page.status, page.heading()),
        (200, "파트너 관계 요청 검토서")
    );
    for needed in [
        stage.id.to_string().as_str(),
        "주식회사 한빛테크",
        "홍길동",
        "㈜한빛상사",
        "전역 관리자",
    ] {
        ensure!(page.text().contains(needed), "the sheet lacks {needed}");
    }
    for forbidden in [
        stage.token.as_str(),
        &stage.token[..43],
        "<form",
        "<input",
        "<button",
    ] {
        ensure!(
            !page.text().contains(forbidden),
            "the sheet holds {forbidden}"
        );
    }
    Ok(())
}

async fn one_click_stops_the_reminders_and_opening_the_link_does_not(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let path = format!(
        "/stop/{}",
        stage.served.token(stage.id, Purpose::StopReminders).await?
    );
    let before = ctx.dump().await?;
    let page = stage.served.get(&path).await?;
    assert_eq!((page.status, page.heading()), (200, "알림 메일 그만 받기"));
    assert_eq!(ctx.dump().await?, before);

    // As a mailbox provider sends it: neither a page of ours nor a browser (RFC 8058 §3.1).
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let body = b"List-Unsubscribe=One-Click";
    let done = stage.served.ask("POST", &path, &headers, body).await?;
    assert_eq!(
        (done.status, done.heading()),
        (200, "알림 메일을 보내지 않습니다")
    );
    let mut conn = stage.world.engine.db.read().await?;
    let rows = notice::of_subject(&mut conn, stage.id.uuid()).await?;
    drop(conn);
    for row in rows {
        let is_reminder = matches!(row.kind, Kind::Reminder | Kind::LastChance);
        assert_eq!(
            row.state == NoticeState::Cancelled,
            is_reminder,
            "{:?}",
            row.kind
        );
    }
    let stopped = ctx.dump().await?;
    let again = stage.served.ask("POST", &path, &headers, body).await?;
    assert_eq!((again.status, &again.body), (200, &done.body));
    assert_eq!(
        stage.served.get(&path).await?.heading(),
        "알림 메일을 보내지 않습니다"
    );
    assert_eq!(ctx.dump().await?, stopped);
    // The invitation itself is still open.
    assert_eq!(stage.served.get(&stage.path("")).await?.status, 200);

    // No other link stops them, and that one does nothing else.
    let wrong = stage
        .served
        .ask("POST", &format!("/stop/{}", stage.token), &headers, body)
        .await?;
    assert_eq!(wrong.status, 404);
    let stop = path.trim_start_matches("/stop/");
    assert_eq!(stage.served.get(&format!("/a/{stop}")).await?.status, 404);
    Ok(())
}
