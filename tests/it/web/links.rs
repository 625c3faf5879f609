//! What a link leads to once it is over, and asking for a new one.

use anyhow::ensure;
use countersign::domain::audit::Actor;
use countersign::domain::ids;
use countersign::domain::notice::Kind;
use countersign::domain::time::{DAY, HOUR};
use countersign::domain::token::Purpose;
use countersign::storage;
use countersign::storage::visit::{MOST, MOST_AN_HOUR, Visit};
use countersign::web::server::Bounds;
use countersign::workflow::{expire, resend, revoke};

use super::Stage;
use crate::harness::{Answer, BROWSER, Case, Ctx, Outcome, Served, case, wait_until};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(reading_and_scanning_a_link_changes_nothing),
        case!(a_visit_is_told_apart_and_never_a_consent),
        case!(a_flood_of_openings_is_counted_and_takes_no_row_from_a_person),
        case!(a_listed_network_is_weak_evidence_of_a_program),
        case!(an_expired_link_says_so_before_and_after_the_worker_noticed),
        case!(a_revoked_invitation_says_so_and_offers_nothing),
        case!(a_replaced_link_names_the_newer_mail),
        case!(an_old_accept_link_shows_the_receipt_for_as_long_as_that_is_kept),
        case!(a_new_link_is_mailed_only_where_one_is_due_and_the_answer_is_the_same),
        case!(asking_again_for_a_replaced_invitation_renews_the_one_that_stands_in_its_place),
        case!(asking_for_links_again_and_again_is_slowed_down),
    ]
}

async fn reading_and_scanning_a_link_changes_nothing(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let stop = stage.served.token(stage.id, Purpose::StopReminders).await?;
    let receipt = stage.served.token(stage.id, Purpose::Receipt).await?;
    let manage = stage.served.token(stage.id, Purpose::Manage).await?;
    let agreement = stage.agreement();
    let paths = [
        "/".to_owned(),
        stage.path(""),
        stage.path("/print"),
        stage.path(&format!("/agreement/{agreement}")),
        stage.path(&format!("/agreement/{agreement}/text")),
        stage.path("?accept=1&read=yes&authority=yes&family=a&given=b"),
        format!("/stop/{stop}"),
        format!("/stop/{stop}?List-Unsubscribe=One-Click"),
        format!("/receipt/{receipt}"),
        format!("/receipt/{receipt}/agreement/{agreement}"),
        format!("/receipt/{receipt}/agreement/{agreement}/text"),
        format!(
            "/accept?token={}&shown={}&read=yes&authority=yes&family=a&given=b",
            stage.token, stage.shown
        ),
        format!("/decline?token={}&reason=other", stage.token),
        format!("/resend?token={}", stage.token),
        format!("/step?token={receipt}&step=mca"),
        "/manage".to_owned(),
        "/manage?email=hong@customer.example".to_owned(),
        format!("/manage/{manage}"),
        format!("/manage/{manage}/roles"),
        format!("/manage/{manage}/end"),
        format!("/remove-roles?token={manage}&all=yes&confirmed=yes"),
        format!("/end-relationship?token={manage}&confirmed=yes"),
        format!("/auto-extend?token={manage}&off=yes"),
        "/assets/none.css".to_owned(),
        "/nowhere".to_owned(),
    ];
    let before = ctx.dump().await?;
    for path in &paths {
        for method in ["GET", "HEAD"] {
            let answer = stage.served.ask(method, path, &[], b"").await?;
            ensure!(answer.status < 500, "{method} {path}: {}", answer.status);
            assert_eq!(answer.body.is_empty(), method == "HEAD", "{method} {path}");
        }
        let head = stage.served.ask("HEAD", path, &[], b"").await?;
        let get = stage.served.ask("GET", path, &[], b"").await?;
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(
            head.header("content-length"),
            get.header("content-length"),
            "{path}"
        );
        assert_eq!(
            get.header("content-length"),
            Some(get.body.len().to_string().as_str())
        );
    }
    let scanners = [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
        "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0)",
        "python-requests/2.32.3",
        "Barracuda Sentinel (EE)",
        "",
    ];
    for number in 0..50 {
        let agent = [
            ("User-Agent", scanners[number % scanners.len()]),
            ("Accept", "*/*"),
        ];
        let method = ["GET", "HEAD"][number % 2];
        stage
            .served
            .ask(method, &stage.path(""), &agent, b"")
            .await?;
    }
    wait_until(
        "the visits",
        std::time::Duration::from_secs(20),
        async || Ok((times(&stage.visits().await?) >= 50).then_some(())),
    )
    .await?;
    assert_eq!(ctx.dump().await?, before);
    Ok(())
}

/// How often a link was opened.
fn times(visits: &[Visit]) -> i64 {
    visits.iter().map(|visit| visit.times).sum()
}

async fn a_flood_of_openings_is_counted_and_takes_no_row_from_a_person(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    for _ in 0..40 {
        stage.served.ask("HEAD", &stage.path(""), &[], b"").await?;
    }
    let limit = std::time::Duration::from_secs(20);
    let visits = wait_until("the visits", limit, async || {
        let visits = stage.visits().await?;
        Ok((times(&visits) == 40).then_some(visits))
    })
    .await?;
    // On PostgreSQL those that are recorded at the same moment may be a few more than the most.
    let most = usize::try_from(MOST_AN_HOUR)?;
    ensure!(
        (most..=most + 8).contains(&visits.len()),
        "{}",
        visits.len()
    );

    let one = visits[0].clone();
    let flood = async |number: usize| {
        let (one, now) = (one.clone(), stage.world.now());
        let flood = stage.world.engine.db.write(move |tx| {
            Box::pin(async move {
                for _ in 0..number {
                    let visit = Visit {
                        id: ids::fresh(now, &mut rand::rng()),
                        visited_at: now,
                        last_at: now,
                        times: 1,
                        ..one.clone()
                    };
                    storage::visit::record(tx, &visit).await?;
                }
                Ok::<_, storage::Error>(())
            })
        });
        flood.await
    };
    flood(2_000).await?;
    let before = stage.visits().await?;
    assert_eq!((before.len(), times(&before)), (visits.len(), 2_040));
    for _ in 0..20 {
        stage.world.pass(2 * HOUR);
        flood(30).await?;
    }
    let visits = stage.visits().await?;
    assert_eq!(
        (i64::try_from(visits.len())?, times(&visits)),
        (MOST, 2_640)
    );
    let last = visits.last().expect("visits");
    ensure!(last.times > 30 * 10, "{}", last.times);
    assert_eq!(last.last_at, stage.world.now());

    stage.served.get(&stage.path("")).await?;
    let person = wait_until("the person", limit, async || {
        let visits = stage.visits().await?;
        Ok(visits.into_iter().find(|visit| visit.label == "human"))
    })
    .await?;
    assert_eq!((person.times, person.visited_at), (1, stage.world.now()));
    Ok(())
}

async fn a_visit_is_told_apart_and_never_a_consent(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    stage.served.get(&stage.path("")).await?;
    wait_until(
        "the first visit",
        std::time::Duration::from_secs(20),
        async || Ok((stage.visits().await?.len() == 1).then_some(())),
    )
    .await?;
    let scanner = [("User-Agent", "curl/8.9"), ("Accept", "*/*")];
    stage
        .served
        .ask("GET", &stage.path(""), &scanner, b"")
        .await?;
    let visits = wait_until(
        "both visits",
        std::time::Duration::from_secs(20),
        async || {
            let visits = stage.visits().await?;
            Ok((visits.len() == 2).then_some(visits))
        },
    )
    .await?;
    let seen: Vec<_> = visits
        .iter()
        .map(|visit| {
            (
                visit.purpose.as_str(),
                visit.label.as_str(),
                visit.evidence.as_str(),
            )
        })
        .collect();
    let curl = ("accept", "automated", "tool, no_language, no_html");
    ensure!(
        seen.contains(&("accept", "human", "")) && seen.contains(&curl),
        "{seen:?}"
    );
    ensure!(
        visits
            .iter()
            .all(|visit| visit.client_address.as_deref() == Some("127.0.0.1"))
    );
    Ok(())
}

async fn a_listed_network_is_weak_evidence_of_a_program(ctx: &Ctx) -> Outcome {
    let mut stage = Stage::new(ctx).await?;
    stage.served = Served::set(&stage.world, None, Bounds::PAGES, |site| {
        site.scanner_networks = vec!["127.0.0.0/8".parse()?];
        Ok(())
    })
    .await?;
    stage.served.get(&stage.path("")).await?;
    let silent = [BROWSER[0], BROWSER[1]];
    stage
        .served
        .ask("GET", &stage.path(""), &silent, b"")
        .await?;
    let mut seen = wait_until(
        "both visits",
        std::time::Duration::from_secs(20),
        async || {
            let visits = stage.visits().await?;
            let seen: Vec<_> = visits
                .into_iter()
                .map(|visit| (visit.label, visit.evidence))
                .collect();
            Ok((seen.len() == 2).then_some(seen))
        },
    )
    .await?;
    seen.sort();
    let told = |label: &str, evidence: &str| (label.to_owned(), evidence.to_owned());
    assert_eq!(
        seen,
        [
            told("automated", "no_language, data_centre"),
            told("human", "data_centre")
        ]
    );
    Ok(())
}

fn is_dead(page: &Answer, heading: &str, offers: bool) {
    assert_eq!((page.status, page.heading()), (410, heading));
    assert_eq!(
        page.text().contains("action=\"/resend\""),
        offers,
        "{heading}"
    );
    assert!(
        page.text().contains("한빛테크"),
        "the partner to ask is not named"
    );
}

/// Opens, accepts and declines by a link that is over: the same page each time, and nothing recorded.
async fn every_way(ctx: &Ctx, stage: &Stage, heading: &str, offers: bool) -> Outcome {
    let (before, accepting) = (ctx.dump().await?, stage.accepting());
    let declining = [("token", stage.token.as_str()), ("reason", "other")];
    for page in [
        stage.served.get(&stage.path("")).await?,
        stage.served.get(&stage.path("/print")).await?,
        stage.served.post("/accept", &accepting).await?,
        stage.served.post("/accept", &accepting[..1]).await?,
        stage.served.post("/decline", &declining).await?,
    ] {
        is_dead(&page, heading, offers);
    }
    assert_eq!(ctx.dump().await?, before);
    Ok(())
}

async fn an_expired_link_says_so_before_and_after_the_worker_noticed(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    stage.world.pass(30 * DAY);
    every_way(ctx, &stage, "기한이 만료된 링크입니다", true).await?;
    assert_eq!(expire::expire(&stage.world.engine).await?, 1);
    every_way(ctx, &stage, "기한이 만료된 링크입니다", true).await
}

async fn a_revoked_invitation_says_so_and_offers_nothing(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    revoke::revoke(&stage.world.engine, stage.id, Actor::Operator).await?;
    every_way(ctx, &stage, "철회된 초대입니다", false).await
}

async fn a_replaced_link_names_the_newer_mail(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    stage.world.pass(DAY);
    resend::resend(&stage.world.engine, stage.id, Actor::Operator).await?;
    every_way(ctx, &stage, "새 링크로 바뀐 초대입니다", true).await?;
    let newer = stage.served.token(stage.id, Purpose::Accept).await?;
    assert_ne!(newer, stage.token);
    assert_eq!(stage.served.get(&format!("/a/{newer}")).await?.status, 200);
    Ok(())
}

async fn an_old_accept_link_shows_the_receipt_for_as_long_as_that_is_kept(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let receipt = stage.accept().await?;
    stage.world.pass(200 * DAY);
    for path in [stage.path(""), format!("/receipt/{receipt}")] {
        let page = stage.served.get(&path).await?;
        assert_eq!(
            (page.status, page.heading()),
            (200, "동의가 기록되었습니다")
        );
    }
    stage.world.pass(300 * DAY);
    for path in [stage.path(""), format!("/receipt/{receipt}")] {
        is_dead(
            &stage.served.get(&path).await?,
            "기한이 만료된 링크입니다",
            false,
        );
    }
    Ok(())
}

async fn a_new_link_is_mailed_only_where_one_is_due_and_the_answer_is_the_same(
    ctx: &Ctx,
) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let ask = async |token: &str| stage.served.post("/resend", &[("token", token)]).await;
    let nonsense = ask("nonsense").await?;
    assert_eq!(
        (nonsense.status, nonsense.heading()),
        (200, "요청을 접수했습니다")
    );
    let before = ctx.dump().await?;
    // The first mail has only just left.
    assert_eq!(ask(&stage.token).await?.seen(), nonsense.seen());
    assert_eq!(ctx.dump().await?, before);

    stage.world.pass(2 * HOUR);
    assert_eq!(ask(&stage.token).await?.seen(), nonsense.seen());
    assert_eq!(stage.notices(Kind::Invitation).await?, 2);
    let renewed = ctx.dump().await?;
    assert_eq!(ask(&stage.token).await?.seen(), nonsense.seen());
    assert_eq!(ctx.dump().await?, renewed, "asked twice, mailed twice");
    is_dead(
        &stage.served.get(&stage.path("")).await?,
        "새 링크로 바뀐 초대입니다",
        true,
    );

    // What was answered or withdrawn leads to no mail.
    let id = stage.world.invite("kim@customer.example").await?;
    let token = stage.served.token(id, Purpose::Accept).await?;
    revoke::revoke(&stage.world.engine, id, Actor::Operator).await?;
    stage.world.pass(2 * HOUR);
    let before = ctx.dump().await?;
    assert_eq!(ask(&token).await?.seen(), nonsense.seen());
    assert_eq!(ctx.dump().await?, before);
    Ok(())
}

async fn asking_again_for_a_replaced_invitation_renews_the_one_that_stands_in_its_place(
    ctx: &Ctx,
) -> Outcome {
    let stage = Stage::new(ctx).await?;
    stage.world.pass(31 * DAY);
    expire::expire(&stage.world.engine).await?;
    stage
        .served
        .post("/resend", &[("token", &stage.token)])
        .await?;
    let pending = async || -> anyhow::Result<Vec<_>> {
        let mut conn = stage.world.engine.db.read().await?;
        let rows = ctx
            .rows("SELECT CAST(generation AS TEXT) FROM recipient ORDER BY created_at")
            .await?;
        let _ = storage::invitation::find(&mut conn, stage.id).await?;
        Ok(rows)
    };
    assert_eq!(
        pending().await?,
        ["1", "1"],
        "a new invitation in place of the old one"
    );
    // The new mail is lost; days later the customer asks once more, by the old link.
    stage.world.pass(3 * DAY);
    stage
        .served
        .post("/resend", &[("token", &stage.token)])
        .await?;
    assert_eq!(
        pending().await?,
        ["1", "2"],
        "a new link to the new invitation"
    );
    Ok(())
}

async fn asking_for_links_again_and_again_is_slowed_down(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let before = ctx.dump().await?;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let page = stage
            .served
            .post("/resend", &[("token", &stage.token)])
            .await?;
        statuses.push(page.status);
        if page.status == 429 {
            let wait: u32 = page.header("retry-after").expect("Retry-After").parse()?;
            ensure!(wait >= 1);
            assert_eq!(page.heading(), "요청이 너무 많습니다");
        }
    }
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    assert_eq!(ctx.dump().await?, before);
    Ok(())
}
