//! The mails of an inquiry, through the worker: to the mailbox that was named, and to the partners once it has confirmed.

use std::collections::BTreeSet;

use anyhow::{Context as _, ensure};
use countersign::demo::sink::Behaviour;
use countersign::domain::delivery::Stage as SmtpStage;
use countersign::domain::ids::InquiryId;
use countersign::domain::inquiry::{A_DAY_TO_PARTNER, InquiryForm};
use countersign::domain::language::Language;
use countersign::domain::link_path;
use countersign::domain::notice::{Kind, NoticeState};
use countersign::domain::time::DAY;
use countersign::domain::token::Purpose;
use countersign::storage::notice::{self, Notice};
use countersign::storage::suppression;
use countersign::workflow::inquiry::{self, Asked, Confirmed};
use tokio::task::JoinSet;

use super::asking::Stage;
use super::mailed_path;
use crate::harness::office::{Mail, tokens};
use crate::harness::{Case, Ctx, Outcome, World, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(a_business_is_mailed_confirms_and_is_invited_by_mailed_links),
        case!(each_partner_is_mailed_in_its_own_language_and_the_asker_in_theirs),
        case!(nothing_goes_to_a_partner_before_the_mailbox_confirms),
        case!(a_thousand_asks_and_a_thousand_confirmations_mail_no_more_than_the_first),
        case!(what_is_over_or_answered_is_not_mailed),
        case!(an_inquiry_that_was_deleted_meanwhile_is_not_mailed),
        case!(a_suppressed_asker_gets_the_link_it_asks_for_and_a_suppressed_partner_nothing),
        case!(hostile_words_stay_words),
        case!(a_mail_that_is_refused_ends_and_nobody_else_is_mailed),
        case!(a_mailbox_that_nothing_else_names_is_deleted_with_its_inquiry),
        case!(a_partners_day_holds_against_confirmations_at_once),
        case!(answers_at_once_of_two_types_make_one_invitation),
        case!(why_no_invitation_is_made_is_told_in_the_partners_language),
    ]
}

const ASKER: &str = "jihun@gaon.example";

/// The path behind the one link in a mail that serves this purpose; both parts have it, and no other token.
fn path(stage: &Stage, mail: &Mail, purpose: Purpose) -> anyhow::Result<String> {
    let found: BTreeSet<_> = [mail.text(), mail.html()]
        .iter()
        .flat_map(|part| tokens(part))
        .collect();
    let mut found = found.into_iter();
    let (Some(token), None) = (found.next(), found.next()) else {
        anyhow::bail!("not one token: {}", mail.text());
    };
    let claims = stage.served.engine.tokens.authenticate(&token);
    assert_eq!(claims.context("our own")?.purpose, purpose);
    let start = match purpose {
        Purpose::Inquiry => link_path::INQUIRY,
        _ => link_path::RESPOND,
    };
    let path = mailed_path(mail, start).context("a link")?;
    ensure!(path.ends_with(&token), "{path}");
    Ok(path)
}

/// Posts the form of the page behind a mailed link.
async fn press(
    stage: &Stage,
    path: &str,
    action: &str,
    more: &[(&str, &str)],
) -> anyhow::Result<String> {
    let page = stage.served.get(path).await?;
    assert_eq!(page.status, 200, "{path}: {}", page.text());
    ensure!(
        page.text().contains(&format!("action=\"{action}\"")),
        "{path}"
    );
    let mut form = vec![("token", page.field("token").context("a token")?)];
    form.push(("meant", "yes"));
    form.extend_from_slice(more);
    let answer = stage.served.post(action, &form).await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    Ok(answer.heading().to_owned())
}

async fn about(world: &World, inquiry: InquiryId) -> anyhow::Result<Vec<Notice>> {
    let mut conn = world.engine.db.read().await?;
    Ok(notice::of_subject(&mut conn, inquiry.uuid()).await?)
}

async fn suppress(world: &World, address: &str) -> anyhow::Result<()> {
    let suppressed =
        suppression::Suppression::new(&world.engine.keys, address, "complaint", world.now());
    let db = &world.engine.db;
    db.write(move |tx| Box::pin(async move { suppression::insert(tx, &suppressed).await }))
        .await?;
    Ok(())
}

fn checked(email: &str) -> countersign::domain::inquiry::Inquiry {
    let form = InquiryForm {
        organization: "가온물산".to_owned(),
        name: "박지훈".to_owned(),
        email: email.to_owned(),
        size: "1-9".to_owned(),
        needs: vec!["other".to_owned()],
        ..InquiryForm::default()
    };
    form.check().expect("a form that holds")
}

fn receivers(mails: &[Mail]) -> Vec<&str> {
    let mut to: Vec<_> = mails.iter().map(|mail| &*mail.to).collect();
    to.sort_unstable();
    to
}

async fn a_business_is_mailed_confirms_and_is_invited_by_mailed_links(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let world = &stage.town.world;
    let inquiry = stage.ask(&["boanmaru", "saebom"], ASKER).await?;
    let mails = world.deliver().await?;
    assert_eq!(receivers(&mails), [ASKER]);
    let mail = &mails[0];
    let from = mail.header("From").context("a sender")?;
    // On nobody's behalf: neither a partner's name nor the one that was typed.
    ensure!(
        from.contains("sign.example") && !from.contains("마루"),
        "{from}"
    );
    assert_eq!(mail.header("To").as_deref(), Some(ASKER));
    assert_eq!(mail.header("List-Unsubscribe"), None);
    let reply_to = mail.header("Reply-To").context("a Reply-To")?;
    ensure!(reply_to.starts_with("r+"), "{reply_to}");
    for part in [mail.text(), mail.html()] {
        for text in [
            "보안마루",
            "새봄정보기술",
            "가온물산㈜",
            "박지훈",
            "02-555-0199",
            "라이선스 구매",
            "120명",
            "2026년 11월 24일(화)",
        ] {
            ensure!(part.contains(text), "{text}: {part}");
        }
    }
    let link = path(&stage, mail, Purpose::Inquiry)?;
    ensure!(link.starts_with("/inquiry/"), "{link}");
    assert_eq!(about(world, inquiry).await?.len(), 1);

    let sent = press(&stage, &link, "/confirm-inquiry", &[]).await?;
    assert_eq!(sent, "문의를 보냈습니다");
    let mails = world.deliver().await?;
    assert_eq!(
        receivers(&mails),
        ["partner@boanmaru.example", "partner@saebom.example"]
    );
    for mail in &mails {
        let text = mail.text();
        for said in [
            ASKER,
            "가온물산㈜",
            "박지훈",
            "02-555-0199",
            "50~249명",
            "기술 지원, 암호 재설정",
            "120명",
        ] {
            ensure!(text.contains(said), "{said}: {text}");
        }
        let reply_to = mail.header("Reply-To").context("a Reply-To")?;
        ensure!(
            reply_to.starts_with("r+") && !reply_to.contains("gaon"),
            "{reply_to}"
        );
        let link = path(&stage, mail, Purpose::Respond)?;
        ensure!(link.starts_with("/respond/"), "{link}");
    }
    // Neither partner learns of the other.
    let to = |handle: &str| mails.iter().find(|mail| mail.to.contains(handle));
    let (boanmaru, saebom) = (
        to("boanmaru").context("a mail")?,
        to("saebom").context("a mail")?,
    );
    ensure!(!boanmaru.text().contains("새봄") && !saebom.text().contains("보안마루"));
    let link = path(&stage, boanmaru, Purpose::Respond)?;
    ensure!(link != path(&stage, saebom, Purpose::Respond)?);

    // Two clicks: the link, the button.
    let done = press(&stage, &link, "/respond", &[("type", "advisor")]).await?;
    assert_eq!(done, "초대를 보냈습니다");
    let mails = world.deliver().await?;
    assert_eq!(receivers(&mails), [ASKER]);
    let token = &tokens(&mails[0].text())[0];
    let claims = stage.served.engine.tokens.authenticate(token);
    assert_eq!(claims.context("our own")?.purpose, Purpose::Accept);
    ensure!(mails[0].text().contains("보안마루"));
    assert_eq!(world.deliver().await?.len(), 0);
    Ok(())
}

async fn each_partner_is_mailed_in_its_own_language_and_the_asker_in_theirs(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let world = &stage.town.world;
    let partners = vec![
        stage.partner("harbour").await?,
        stage.partner("saebom").await?,
        stage.partner("sakura").await?,
    ];
    let english = Language::en();
    let asked = inquiry::ask(&world.engine, checked(ASKER), partners, english).await?;
    ensure!(matches!(asked, Asked::Stored(_)), "{asked:?}");
    let mails = world.deliver().await?;
    assert_eq!(mails[0].header("Content-Language").as_deref(), Some("en"));
    ensure!(
        mails[0].text().contains("Please confirm") || mails[0].text().contains("If you wrote it")
    );
    ensure!(mails[0].text().contains("3 partners") && mails[0].text().contains("サクラクラウド"));
    let link = path(&stage, &mails[0], Purpose::Inquiry)?;
    press(&stage, &link, "/confirm-inquiry", &[]).await?;
    let mails = world.deliver().await?;
    let text = |handle: &str| -> anyhow::Result<String> {
        let mail = mails.iter().find(|mail| mail.to.contains(handle));
        Ok(mail.context("a mail")?.text())
    };
    ensure!(text("harbour")?.contains("Dear team at Harbourline Cloud"));
    ensure!(text("saebom")?.contains("새봄정보기술 담당자님"));
    // A language that nothing is written in yet falls back to English.
    ensure!(text("sakura")?.contains("Dear team at サクラクラウド"));
    Ok(())
}

async fn nothing_goes_to_a_partner_before_the_mailbox_confirms(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let world = &stage.town.world;
    stage.ask(&["boanmaru", "saebom"], ASKER).await?;
    let mails = world.deliver().await?;
    let link = path(&stage, &mails[0], Purpose::Inquiry)?;
    // Programs open links, and preview them; a day passes.
    for method in ["GET", "HEAD"] {
        let opened = stage.served.ask(method, &link, &[], b"").await?;
        assert_eq!(opened.status, 200);
    }
    assert_eq!(world.deliver().await?.len(), 0);
    world.pass(DAY);
    assert_eq!(world.deliver().await?.len(), 0);
    let partners = "SELECT count(*) FROM notice WHERE kind = 'inquiry'";
    assert_eq!(ctx.number(partners).await?, 0);
    // Neither does the partner's own link open anything.
    let requests = stage.requests(stage.last().await?).await?;
    let token = stage.served.engine.respond_token(&requests[0])?;
    let form = [("token", &*token), ("type", "advisor"), ("meant", "yes")];
    assert_eq!(stage.served.post("/respond", &form).await?.status, 404);
    world.pass(DAY);
    assert_eq!(world.deliver().await?.len(), 0);
    assert_eq!(ctx.number("SELECT count(*) FROM inquiry").await?, 0);
    assert_eq!(ctx.number(partners).await?, 0);
    Ok(())
}

async fn a_thousand_asks_and_a_thousand_confirmations_mail_no_more_than_the_first(
    ctx: &Ctx,
) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let world = &stage.town.world;
    let partners = vec![stage.partner("maru").await?, stage.partner("saebom").await?];
    let mut tasks = JoinSet::new();
    for _ in 0..1_000 {
        let (engine, partners) = (world.engine.clone(), partners.clone());
        tasks.spawn(async move {
            let korean = Language::ko();
            inquiry::ask(&engine, checked(ASKER), partners, korean).await
        });
        if tasks.len() >= 8 {
            tasks.join_next().await.context("a task")???;
        }
    }
    while let Some(asked) = tasks.join_next().await {
        asked??;
    }
    let mails = world.deliver().await?;
    assert_eq!(receivers(&mails), [ASKER; 3], "three a day");
    let link = path(&stage, &mails[0], Purpose::Inquiry)?;
    let token = link.trim_start_matches("/inquiry/");
    for number in 0..1_000 {
        let answer = stage
            .served
            .post("/confirm-inquiry", &[("token", token), ("meant", "yes")])
            .await?;
        assert_eq!(
            (answer.status, answer.heading()),
            (200, "문의를 보냈습니다"),
            "{number}"
        );
    }
    let mails = world.deliver().await?;
    assert_eq!(
        receivers(&mails),
        ["partner@maru.example", "partner@saebom.example"]
    );
    // And a thousand answers make one invitation.
    let link = path(&stage, &mails[0], Purpose::Respond)?;
    let token = link.trim_start_matches("/respond/");
    for number in 0..1_000 {
        let form = [("token", token), ("type", "advisor"), ("meant", "yes")];
        let answer = stage.served.post("/respond", &form).await?;
        assert_eq!(
            (answer.status, answer.heading()),
            (200, "초대를 보냈습니다"),
            "{number}"
        );
    }
    assert_eq!(receivers(&world.deliver().await?), [ASKER]);
    assert_eq!(world.deliver().await?.len(), 0);
    Ok(())
}

async fn what_is_over_or_answered_is_not_mailed(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let world = &stage.town.world;
    // The mail server was away for as long as the link would have been good.
    let late = stage.ask(&["maru"], "late@gaon.example").await?;
    // Confirmed by another mail's link meanwhile: there is only one, so it was read elsewhere.
    let confirmed = stage.ask(&["maru"], "early@gaon.example").await?;
    let token = stage.token(confirmed).await?;
    let form = [("token", &*token), ("meant", "yes")];
    stage.served.post("/confirm-inquiry", &form).await?;
    let requests = stage.requests(confirmed).await?;
    let token = stage.served.engine.respond_token(&requests[0])?;
    let form = [("token", &*token), ("type", "reseller"), ("meant", "yes")];
    assert_eq!(stage.served.post("/respond", &form).await?.status, 200);
    world.pass(2 * DAY);
    // What is left is the invitation, which the partner made without waiting for its mail.
    assert_eq!(receivers(&world.deliver().await?), ["early@gaon.example"]);
    for id in [late.uuid(), confirmed.uuid(), requests[0].id.uuid()] {
        let mut conn = world.engine.db.read().await?;
        let rows = notice::of_subject(&mut conn, id).await?;
        assert_eq!(rows.len(), 1);
        let why = if id == late.uuid() { "late" } else { "ended" };
        assert_eq!(
            (rows[0].state, rows[0].last_reply.as_deref()),
            (NoticeState::Cancelled, Some(why))
        );
    }
    // A partner's mail that did not get through in a month.
    let id = stage.ask(&["maru"], "slow@gaon.example").await?;
    let token = stage.token(id).await?;
    let form = [("token", &*token), ("meant", "yes")];
    stage.served.post("/confirm-inquiry", &form).await?;
    world.pass(30 * DAY);
    let mails = world.deliver().await?;
    ensure!(
        mails
            .iter()
            .all(|mail| mail.to != "partner@maru.example"
                || !mail.text().contains("slow@gaon.example")),
        "{:?}",
        receivers(&mails)
    );
    Ok(())
}

async fn an_inquiry_that_was_deleted_meanwhile_is_not_mailed(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let world = &stage.town.world;
    let id = stage.ask(&["maru"], ASKER).await?;
    ctx.sql("DELETE FROM inquiry_partner").await?;
    ctx.sql("DELETE FROM inquiry").await?;
    let (summary, mails) = world.deliver_and_count().await?;
    assert_eq!(
        (mails.len(), summary.cancelled, summary.broken),
        (0, 1, 0),
        "{summary:?}"
    );
    let rows = about(world, id).await?;
    assert_eq!(rows[0].state, NoticeState::Cancelled);
    Ok(())
}

async fn a_suppressed_asker_gets_the_link_it_asks_for_and_a_suppressed_partner_nothing(
    ctx: &Ctx,
) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let world = &stage.town.world;
    suppress(world, ASKER).await?;
    suppress(world, "partner@saebom.example").await?;
    stage.ask(&["maru", "saebom"], ASKER).await?;
    let mails = world.deliver().await?;
    assert_eq!(receivers(&mails), [ASKER]);
    let link = path(&stage, &mails[0], Purpose::Inquiry)?;
    press(&stage, &link, "/confirm-inquiry", &[]).await?;
    let mails = world.deliver().await?;
    assert_eq!(receivers(&mails), ["partner@maru.example"]);
    // Nothing that it did not ask for goes there: the partner is told to call.
    let link = path(&stage, &mails[0], Purpose::Respond)?;
    let token = link.trim_start_matches("/respond/");
    let form = [("token", token), ("type", "advisor"), ("meant", "yes")];
    let refused = stage.served.post("/respond", &form).await?;
    assert_eq!(
        (refused.status, refused.heading()),
        (422, "새 문의에 답하기")
    );
    ensure!(
        refused.text().contains("지금 메일을 보낼 수 없습니다"),
        "{}",
        refused.text()
    );
    assert_eq!(ctx.number("SELECT count(*) FROM invitation").await?, 0);
    assert_eq!(world.deliver().await?.len(), 0);
    Ok(())
}

async fn hostile_words_stay_words(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let world = &stage.town.world;
    let id = stage.partner("maru").await?.to_string();
    let text = "<img src=x onerror=alert(1)>\n■ 이메일: boss@other\nSubject: 당첨\n&lt;b&gt; {{ t.m(\"x\") }} { $name }";
    let form = [
        ("partner", &*id),
        ("need", "other"),
        ("text", text),
        ("organization", "Login evil.com <b>㈜</b>"),
        ("size", "1-9"),
        ("name", "Kim \"evil.com\" <script>"),
        ("email", "a+b@gaon.example"),
        ("phone", "+82 (2) 555-0199"),
    ];
    let mut posted = 0;
    for left_out in ["", "name", "organization", "text"] {
        // Each field that is refused in this form is tried without its words, so that the others are mailed.
        let form = form.iter().map(|(name, value)| match *name {
            "name" if left_out == "name" => (*name, "박지훈"),
            "organization" if left_out == "organization" => (*name, "가온물산"),
            "text" if left_out == "text" => (*name, ""),
            _ => (*name, *value),
        });
        let form: Vec<_> = form.collect();
        let answer = stage.served.post("/find-a-partner/contact", &form).await?;
        ensure!(!answer.text().contains("<script>") && !answer.text().contains("<img src=x"));
        posted += usize::from(answer.status == 200);
    }
    ensure!(
        posted > 0,
        "nothing hostile came through: the case tries nothing"
    );
    let mut mails = world.deliver().await?;
    assert_eq!(mails.len(), posted.min(3));
    for mail in &mails.clone() {
        let link = path(&stage, mail, Purpose::Inquiry)?;
        press(&stage, &link, "/confirm-inquiry", &[]).await?;
    }
    mails.extend(world.deliver().await?);
    assert_eq!(mails.len(), 2 * posted.min(3));
    for mail in &mails {
        let (text, html) = (mail.text(), mail.html());
        for part in [&text, &html] {
            ensure!(
                !part.contains("evil.com"),
                "a mail program finds a link: {part}"
            );
        }
        for tag in ["<img", "<script", "<b>"] {
            ensure!(!html.contains(tag), "{tag}");
        }
        let parsed = mail.parsed();
        assert_eq!(parsed.header_values("Subject").count(), 1);
        assert_eq!(parsed.header_values("To").count(), 1);
        ensure!(parsed.header_raw("Bcc").is_none());
        // What was written stands under its label, set in from the edge at which our own words begin.
        ensure!(
            !text.lines().any(|line| line.starts_with("■ 이메일")),
            "{text}"
        );
    }
    Ok(())
}

async fn a_mail_that_is_refused_ends_and_nobody_else_is_mailed(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let world = &stage.town.world;
    let (sink, post) = world.server_and_post().await?;
    let refuse = |domain: &str| {
        let no = Behaviour::Reply("550 5.1.1 no such mailbox".to_owned());
        sink.behave_for(domain, SmtpStage::RcptTo, no);
    };
    refuse("nowhere.example");
    let id = stage.ask(&["maru"], "typo@nowhere.example").await?;
    let summary = world.run(&post).await?;
    assert_eq!((summary.sent, summary.failed), (0, 1));
    assert_eq!(about(world, id).await?[0].state, NoticeState::Failed);
    assert_eq!(world.run(&post).await?.sent, 0);

    refuse("saebom.example");
    let id = stage.ask(&["maru", "saebom"], ASKER).await?;
    let token = stage.token(id).await?;
    let form = [("token", &*token), ("meant", "yes")];
    stage.served.post("/confirm-inquiry", &form).await?;
    world.run(&post).await?;
    let mut ends = Vec::new();
    for request in stage.requests(id).await? {
        let mut conn = world.engine.db.read().await?;
        let rows = notice::of_subject(&mut conn, request.id.uuid()).await?;
        ends.extend(rows.iter().map(|row| (row.kind, row.state)));
    }
    assert_eq!(
        ends,
        [
            (Kind::Inquiry, NoticeState::Sent),
            (Kind::Inquiry, NoticeState::Failed)
        ]
    );
    let received = sink.mails();
    let to: Vec<_> = received.iter().map(|mail| &*mail.rcpt_to[0]).collect();
    assert_eq!(
        to,
        ["partner@maru.example"],
        "the other inquiry was confirmed before its mail left"
    );
    world.pass(10 * DAY);
    assert_eq!(world.run(&post).await?.sent, 0);
    Ok(())
}

async fn a_mailbox_that_nothing_else_names_is_deleted_with_its_inquiry(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let world = &stage.town.world;
    let engine = &world.engine;
    // One is invited, one has asked and confirmed before, one is known by nothing else.
    world.invite("invited@gaon.example").await?;
    stage.requested(&["maru"], "asked@gaon.example").await?;
    for address in ["invited", "asked", "stranger"] {
        let address = format!("{address}@gaon.example");
        stage.ask(&["maru", "saebom"], &address).await?;
    }
    assert_eq!(ctx.number("SELECT count(*) FROM contact").await?, 3);
    world.pass(2 * DAY);
    assert_eq!(inquiry::sweep(engine).await?, 3);
    assert_eq!(ctx.number("SELECT count(*) FROM inquiry").await?, 1);
    assert_eq!(ctx.number("SELECT count(*) FROM contact").await?, 2);
    let strangers = "SELECT count(*) FROM contact WHERE address LIKE 'stranger%'";
    assert_eq!(ctx.number(strangers).await?, 0);
    let waiting = "SELECT count(*) FROM notice WHERE kind = 'inquiry_confirm' AND state = 'cancelled' AND last_reply = 'late'";
    assert_eq!(ctx.number(waiting).await?, 3);
    assert_eq!(inquiry::sweep(engine).await?, 0);
    // It may ask again.
    stage.ask(&["maru"], "stranger@gaon.example").await?;
    Ok(())
}

async fn a_partners_day_holds_against_confirmations_at_once(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let engine = &stage.served.engine;
    let (maru, saebom) = (stage.partner("maru").await?, stage.partner("saebom").await?);
    let many = usize::try_from(A_DAY_TO_PARTNER)? + 10;
    let mut claims = Vec::new();
    for number in 0..many {
        // Each names them in another order, as two would who wait for each other.
        let partners = if number % 2 == 0 {
            vec![maru, saebom]
        } else {
            vec![saebom, maru]
        };
        let form = checked(&format!("a{number}@gaon.example"));
        let asked = inquiry::ask(engine, form, partners, Language::ko()).await?;
        let Asked::Stored(id) = asked else {
            anyhow::bail!("{asked:?}");
        };
        let token = stage.token(id).await?;
        claims.push(engine.tokens.authenticate(&token).context("our own")?);
    }
    let mut tasks = JoinSet::new();
    for claims in claims {
        let engine = engine.clone();
        tasks.spawn(async move { inquiry::confirm(&engine, claims).await });
    }
    let mut sent = 0;
    let mut later = 0;
    for outcome in tasks.join_all().await {
        match outcome? {
            Confirmed::Sent => sent += 1,
            Confirmed::Later => later += 1,
            other => anyhow::bail!("{other:?}"),
        }
    }
    assert_eq!((sent, later), (A_DAY_TO_PARTNER, 10));
    let mails = "SELECT count(*) FROM notice WHERE kind = 'inquiry'";
    assert_eq!(ctx.number(mails).await?, 2 * A_DAY_TO_PARTNER);
    Ok(())
}

async fn answers_at_once_of_two_types_make_one_invitation(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let engine = &stage.served.engine;
    let token = stage.requested(&["maru"], ASKER).await?;
    let claims = engine.tokens.authenticate(&token).context("our own")?;
    let mut tasks = JoinSet::new();
    for number in 0..40 {
        let engine = engine.clone();
        let kind = ["reseller", "advisor", "gdap_partner", "isv"][number % 4];
        tasks.spawn(async move { inquiry::respond(&engine, claims, kind).await });
    }
    let made: Result<BTreeSet<_>, _> = tasks.join_all().await.into_iter().collect();
    assert_eq!(made?.len(), 1, "each is told of the same");
    assert_eq!(ctx.number("SELECT count(*) FROM invitation").await?, 1);
    let answered = "SELECT count(*) FROM event WHERE kind = 'inquiry.answered'";
    assert_eq!(ctx.number(answered).await?, 1);
    Ok(())
}

async fn why_no_invitation_is_made_is_told_in_the_partners_language(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    for (handle, own_domain, no_type) in [
        (
            "maru",
            "파트너와 같은 도메인",
            "목록에서 하나를 선택해 주세요.",
        ),
        ("harbour", "at your own domain", "Choose one from the list."),
    ] {
        let asker = format!("intern@{handle}.example");
        let token = stage.requested(&[handle], &asker).await?;
        for (kind, sentence) in [("advisor", own_domain), ("emperor", no_type)] {
            let form = [("token", &*token), ("type", kind), ("meant", "yes")];
            let refused = stage.served.post("/respond", &form).await?;
            assert_eq!(refused.status, 422, "{handle} {kind}");
            ensure!(refused.text().contains(sentence), "{}", refused.text());
            assert_eq!(refused.attributes("lang").len(), 1, "one language");
        }
    }
    assert_eq!(ctx.number("SELECT count(*) FROM invitation").await?, 0);
    Ok(())
}
