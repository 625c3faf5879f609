//! Asking partners over HTTP: the search, the form, the two links, and what strangers send.

use anyhow::{Context as _, ensure};
use countersign::domain::ids::{InquiryId, PartnerId};
use countersign::domain::time::{DAY, SECOND};
use countersign::domain::token::Purpose;
use countersign::storage::inquiry::{self as rows, Request};
use countersign::storage::{partner, recipient};
use countersign::workflow::{inquiry, profile};

use super::Town;
use crate::harness::{Case, Ctx, Outcome, Served, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(a_business_finds_chooses_asks_confirms_and_is_invited),
        case!(a_search_that_cannot_be_read_says_why_and_finds_nobody),
        case!(a_form_that_does_not_hold_stores_nothing),
        case!(who_cannot_be_found_cannot_be_asked),
        case!(a_mailbox_is_named_three_times_a_day_and_nobody_is_told),
        case!(a_network_that_asks_too_often_waits),
        case!(an_inquiry_is_confirmed_once_and_in_time),
        case!(a_partner_gets_fifty_a_day_and_the_rest_waits),
        case!(whoever_types_a_customers_name_gets_nothing_of_its_relationship).on_each_database(),
        case!(a_button_alone_confirms_and_answers_nothing).on_each_database(),
        case!(a_request_is_answered_once),
        case!(a_link_opens_its_own_page_only),
        case!(what_was_not_confirmed_is_deleted),
    ]
}

pub(super) struct Stage {
    pub(super) town: Town,
    pub(super) served: Served,
}

impl Stage {
    pub(super) async fn new(ctx: &Ctx) -> anyhow::Result<Self> {
        let town = Town::new(ctx).await?;
        let served = Served::new(&town.world).await?;
        Ok(Self { town, served })
    }

    pub(super) async fn partner(&self, handle: &str) -> anyhow::Result<PartnerId> {
        let mut conn = self.served.engine.db.read().await?;
        let found = partner::find_by_handle(&mut conn, handle).await?;
        Ok(found.context("a partner")?.id)
    }

    /// Asks partners, and gives the inquiry.
    pub(super) async fn ask(&self, partners: &[&str], email: &str) -> anyhow::Result<InquiryId> {
        let mut form = form(email);
        let mut ids = Vec::new();
        // Inquiries of one moment have no order.
        self.town.world.pass(SECOND);
        for handle in partners {
            ids.push(self.partner(handle).await?.to_string());
        }
        form.extend(ids.iter().map(|id| ("partner", &**id)));
        let answer = self.served.post("/find-a-partner/contact", &form).await?;
        ensure!(answer.status == 200, "{}", answer.text());
        self.last().await
    }

    pub(super) async fn last(&self) -> anyhow::Result<InquiryId> {
        let mut conn = self.served.engine.db.read().await?;
        let end = self.town.world.now().plus_micros(400 * DAY);
        let all = rows::overdue(&mut conn, end, 1_000).await?;
        all.into_iter().max().context("an inquiry")
    }

    pub(super) async fn token(&self, id: InquiryId) -> anyhow::Result<String> {
        let mut conn = self.served.engine.db.read().await?;
        let row = rows::find(&mut conn, id).await?.context("a row")?;
        Ok(self.served.engine.inquiry_token(&row)?)
    }

    pub(super) async fn requests(&self, id: InquiryId) -> anyhow::Result<Vec<Request>> {
        let mut conn = self.served.engine.db.read().await?;
        Ok(rows::requests_of(&mut conn, [id]).await?)
    }

    /// Asks and confirms; gives the token of the first partner's link.
    pub(super) async fn requested(&self, partners: &[&str], email: &str) -> anyhow::Result<String> {
        let id = self.ask(partners, email).await?;
        let token = self.token(id).await?;
        let sent = self
            .served
            .post("/confirm-inquiry", &[("token", &token), ("meant", "yes")])
            .await?;
        ensure!(sent.status == 200, "{}", sent.text());
        let requests = self.requests(id).await?;
        Ok(self.served.engine.respond_token(&requests[0])?)
    }
}

fn form(email: &str) -> Vec<(&'static str, &str)> {
    vec![
        ("need", "licences"),
        ("need", "support"),
        ("text", "직원 120명이 쓸 라이선스를 찾습니다."),
        ("organization", "가온물산㈜"),
        ("size", "50-249"),
        ("name", "박지훈"),
        ("email", email),
        ("phone", "02-555-0199"),
    ]
}

async fn a_business_finds_chooses_asks_confirms_and_is_invited(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let served = &stage.served;
    // 보안 in Seoul, for 1,000 and more.
    let found = served
        .get("/find-a-partner?q=%EB%B3%B4%EC%95%88&location=%EC%84%9C%EC%9A%B8&size=1000%2B&language=ko")
        .await?;
    assert_eq!(
        (found.status, found.header("cache-control")),
        (200, Some("no-store"))
    );
    let id = stage.partner("boanmaru").await?.to_string();
    ensure!(found.text().contains("보안마루") && found.field("partner") == Some(&id));
    ensure!(!found.text().contains("마루소프트"), "too small");
    let page = served
        .get(&format!(
            "/find-a-partner/contact?partner={id}&partner={id}"
        ))
        .await?;
    assert_eq!(page.status, 200);
    assert_eq!(page.text().matches("name=\"partner\"").count(), 1, "once");

    let inquiry = stage
        .ask(&["boanmaru", "saebom"], "jihun@gaon.example")
        .await?;
    let received = "SELECT count(*) FROM event WHERE kind = 'inquiry.received'";
    assert_eq!(
        ctx.number(received).await?,
        0,
        "nothing goes out unconfirmed"
    );
    let token = stage.token(inquiry).await?;
    let page = served.get(&format!("/inquiry/{token}")).await?;
    for text in [
        "보안마루",
        "새봄정보기술",
        "가온물산㈜",
        "jihun@gaon.example",
        "120명",
    ] {
        ensure!(page.text().contains(text), "{text}");
    }
    let place = |text: &str| page.text().find(text);
    ensure!(
        place("보안마루") < place("새봄정보기술"),
        "in the order of the choice"
    );
    ensure!(page.plain().contains("(한국 시간)"), "{}", page.plain());
    let before = "SELECT count(*) FROM inquiry WHERE state = 'unconfirmed'";
    assert_eq!(ctx.number(before).await?, 1, "a GET changes nothing");
    let sent = served
        .post("/confirm-inquiry", &[("token", &token), ("meant", "yes")])
        .await?;
    assert_eq!((sent.status, sent.heading()), (200, "문의를 보냈습니다"));
    assert_eq!(ctx.number(received).await?, 2);

    let requests = stage.requests(inquiry).await?;
    let token = served.engine.respond_token(&requests[0])?;
    let page = served.get(&format!("/respond/{token}")).await?;
    ensure!(
        page.text()
            .contains("<option value=\"indirect_reseller\" selected>"),
        "the proposed type"
    );
    ensure!(!page.text().contains("/a/"), "no customer's link");
    assert_eq!(ctx.number("SELECT count(*) FROM invitation").await?, 0);
    let form = [("token", &*token), ("type", "reseller"), ("meant", "yes")];
    let done = served.post("/respond", &form).await?;
    assert_eq!((done.status, done.heading()), (200, "초대를 보냈습니다"));
    let made = stage.requests(inquiry).await?[0].invitation_id;
    let made = made.context("an invitation")?;
    let mut conn = served.engine.db.read().await?;
    let signer = recipient::signer(&mut conn, made)
        .await?
        .context("a signer")?;
    assert_eq!(signer.name, "박지훈");
    let invited = countersign::storage::dossier::of_invitation(&mut conn, made).await?;
    let invited = invited.context("a dossier")?;
    assert_eq!(invited.partner_id, requests[0].partner_id);
    assert_eq!(invited.smtp_address, "jihun@gaon.example");
    ensure!(invited.offer.contains("\"reseller\""), "{}", invited.offer);
    Ok(())
}

async fn a_search_that_cannot_be_read_says_why_and_finds_nobody(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let long = "a".repeat(10_000);
    let hangul = "%EB%B3%B4".repeat(10_000);
    for query in [
        format!("q={long}"),
        format!("q={hangul}"),
        format!("location={long}"),
        "size=huge".to_owned(),
        "size=10-49%27%20OR%201%3D1".to_owned(),
    ] {
        let page = stage
            .served
            .get(&format!("/find-a-partner?{query}"))
            .await?;
        let short: String = query.chars().take(40).collect();
        // Also what is longer than any address may be, which the HTTP library refuses before a handler sees it.
        assert_eq!(
            (page.status, page.heading()),
            (422, "파트너 찾기"),
            "{short}"
        );
        ensure!(page.text().contains("class=\"alert\""), "{short}");
        ensure!(!page.text().contains("name=\"partner\""), "{short}");
    }
    // The same page, however long, in the language of whoever asks.
    for (tag, sentence) in [
        ("ko", "200자 이내로 입력해 주세요."),
        ("en-GB", "Use 200 characters or fewer."),
        ("de", "Use 200 characters or fewer."),
    ] {
        for query in [&long, &hangul, &"%F0%9F%98%80".repeat(10_000)] {
            let path = format!("/find-a-partner?location=x&q={query}");
            let headers = [("Accept-Language", tag)];
            let page = stage.served.ask("GET", &path, &headers, b"").await?;
            assert_eq!(page.status, 422, "{tag}");
            ensure!(page.text().contains(sentence), "{tag}: {}", page.text());
            assert_eq!(page.header("cache-control"), Some("no-store"));
        }
        let mangled = format!("/a/{hangul}");
        let headers = [("Accept-Language", tag)];
        let page = stage.served.ask("GET", &mangled, &headers, b"").await?;
        let language = if tag == "ko" { "ko" } else { "en" };
        assert_eq!((page.status, page.attributes("lang")[0]), (404, language));
    }
    // A page of no number, words that nobody has, bytes that are no text: a page like any other.
    for query in [
        "page=x",
        "page=-5",
        "page=99999999999999999999",
        "q=%ff%fe",
        "q=xyzzy",
        "language=tlh",
        "partner=1&&&=&%",
        "q=%00%1b",
        "language=%00",
    ] {
        let page = stage
            .served
            .get(&format!("/find-a-partner?{query}"))
            .await?;
        assert_eq!(page.status, 200, "{query}");
    }
    Ok(())
}

async fn a_form_that_does_not_hold_stores_nothing(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let id = stage.partner("saebom").await?.to_string();
    for (field, value) in [
        ("need", "everything"),
        ("text", "see https://evil.example/x"),
        ("organization", "\u{202e}"),
        ("size", ""),
        ("name", "https://evil.example"),
        ("email", "a@b@c"),
        ("email", "x@y.example\r\nBcc: all@z.example"),
        ("phone", "<script>"),
    ] {
        let all = form("jihun@gaon.example").into_iter();
        let mut form: Vec<_> = all.filter(|(name, _)| *name != field).collect();
        form.extend([(field, value), ("partner", &*id)]);
        let answer = stage.served.post("/find-a-partner/contact", &form).await?;
        assert_eq!(answer.status, 422, "{field} {value}");
        assert_eq!(answer.field("partner"), Some(&*id), "the choice is kept");
        ensure!(!answer.text().contains("<script"), "{field}");
    }
    let elsewhere = [("Sec-Fetch-Site", "cross-site")];
    let mut form = form("jihun@gaon.example");
    form.push(("partner", &id));
    let foreign = stage
        .served
        .post_with("/find-a-partner/contact", &form, &elsewhere)
        .await?;
    assert_eq!(foreign.status, 403);
    assert_eq!(ctx.number("SELECT count(*) FROM inquiry").await?, 0);
    assert_eq!(ctx.number("SELECT count(*) FROM contact").await?, 0);
    Ok(())
}

async fn who_cannot_be_found_cannot_be_asked(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let saebom = stage.partner("saebom").await?;
    profile::withdraw(&stage.served.engine, saebom).await?;
    let hidden = saebom.to_string();
    // The same page as for one that there is none of.
    let unknown = PartnerId::from(uuid::Uuid::from_u128(7)).to_string();
    for id in [&*hidden, &unknown, "nonsense", ""] {
        let path = format!("/find-a-partner/contact?partner={id}");
        let page = stage.served.get(&path).await?;
        assert_eq!(
            (page.status, page.heading()),
            (422, "파트너를 먼저 선택해 주세요")
        );
        let mut form = form("jihun@gaon.example");
        form.push(("partner", id));
        let answer = stage.served.post("/find-a-partner/contact", &form).await?;
        assert_eq!(
            (answer.status, answer.heading()),
            (422, "파트너를 먼저 선택해 주세요")
        );
    }
    assert_eq!(ctx.number("SELECT count(*) FROM inquiry").await?, 0);
    // Of several, those who are there.
    let id = stage.partner("maru").await?.to_string();
    let mut form = form("jihun@gaon.example");
    form.extend([("partner", &*hidden), ("partner", &id)]);
    stage.served.post("/find-a-partner/contact", &form).await?;
    assert_eq!(stage.requests(stage.last().await?).await?.len(), 1);
    Ok(())
}

async fn a_mailbox_is_named_three_times_a_day_and_nobody_is_told(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let id = stage.partner("maru").await?.to_string();
    let mut pages = Vec::new();
    for address in [
        "a@gaon.example",
        "A@gaon.example",
        "a@GAON.example",
        "a@gaon.example",
    ] {
        let mut form = form(address);
        form.push(("partner", &id));
        let answer = stage.served.post("/find-a-partner/contact", &form).await?;
        assert_eq!(answer.status, 200);
        pages.push(answer.text().replace(address, ""));
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "the fourth page says the same");
    assert_eq!(ctx.number("SELECT count(*) FROM inquiry").await?, 3);
    stage.town.world.pass(DAY);
    stage.ask(&["maru"], "a@gaon.example").await?;
    assert_eq!(ctx.number("SELECT count(*) FROM inquiry").await?, 4);
    Ok(())
}

async fn a_network_that_asks_too_often_waits(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let id = stage.partner("maru").await?.to_string();
    let mut statuses = Vec::new();
    for number in 0..11 {
        let address = format!("a{number}@gaon.example");
        let mut form = form(&address);
        form.push(("partner", &id));
        let answer = stage.served.post("/find-a-partner/contact", &form).await?;
        statuses.push(answer.status);
    }
    assert_eq!((&statuses[..10], statuses[10]), (&[200; 10][..], 429));
    assert_eq!(ctx.number("SELECT count(*) FROM inquiry").await?, 10);
    Ok(())
}

async fn an_inquiry_is_confirmed_once_and_in_time(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let received = "SELECT count(*) FROM event WHERE kind = 'inquiry.received'";
    let id = stage.ask(&["maru", "saebom"], "a@gaon.example").await?;
    let claims = stage
        .served
        .engine
        .tokens
        .authenticate(&stage.token(id).await?);
    let claims = claims.context("our own token")?;
    // A hundred at once.
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let engine = stage.served.engine.clone();
        tasks.spawn(async move { inquiry::confirm(&engine, claims).await });
    }
    let outcomes = tasks.join_all().await;
    let sent = outcomes
        .iter()
        .filter(|it| matches!(it, Ok(inquiry::Confirmed::Sent)));
    assert_eq!(sent.count(), 1);
    let already = outcomes
        .iter()
        .filter(|it| matches!(it, Ok(inquiry::Confirmed::Already)));
    assert_eq!(already.count(), 99, "{outcomes:?}");
    assert_eq!(ctx.number(received).await?, 2);
    let token = stage.token(id).await?;
    let again = stage
        .served
        .post("/confirm-inquiry", &[("token", &token), ("meant", "yes")])
        .await?;
    assert_eq!((again.status, again.heading()), (200, "문의를 보냈습니다"));

    let late = stage.ask(&["maru"], "b@gaon.example").await?;
    let token = stage.token(late).await?;
    stage.town.world.pass(2 * DAY);
    for answer in [
        stage.served.get(&format!("/inquiry/{token}")).await?,
        stage
            .served
            .post("/confirm-inquiry", &[("token", &token), ("meant", "yes")])
            .await?,
    ] {
        assert_eq!(
            (answer.status, answer.heading()),
            (410, "기한이 지난 문의입니다")
        );
        ensure!(
            !answer.text().contains("b@gaon.example"),
            "nothing of it is shown"
        );
    }
    assert_eq!(ctx.number(received).await?, 2);
    Ok(())
}

async fn a_partner_gets_fifty_a_day_and_the_rest_waits(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let engine = &stage.served.engine;
    let maru = stage.partner("maru").await?;
    let mut tokens = Vec::new();
    for number in 0..51 {
        let address = format!("a{number}@gaon.example");
        let form = countersign::domain::inquiry::InquiryForm {
            organization: "가온물산".to_owned(),
            name: "박지훈".to_owned(),
            email: address,
            size: "1-9".to_owned(),
            needs: vec!["other".to_owned()],
            ..Default::default()
        };
        let form = form.check().expect("a form that holds");
        let language = countersign::domain::language::Language::ko();
        let asked = inquiry::ask(engine, form, vec![maru], language).await?;
        let inquiry::Asked::Stored(id) = asked else {
            anyhow::bail!("{asked:?}");
        };
        tokens.push(stage.token(id).await?);
    }
    let confirm = async |token: &str| {
        stage
            .served
            .post("/confirm-inquiry", &[("token", token), ("meant", "yes")])
            .await
    };
    for token in &tokens[..50] {
        assert_eq!(confirm(token).await?.status, 200);
    }
    let later = confirm(&tokens[50]).await?;
    assert_eq!(
        (later.status, later.heading()),
        (429, "오늘은 보낼 수 없습니다")
    );
    stage.town.world.pass(DAY);
    assert_eq!(confirm(&tokens[50]).await?.heading(), "문의를 보냈습니다");
    Ok(())
}

async fn a_request_is_answered_once(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let token = stage.requested(&["maru"], "a@gaon.example").await?;
    let respond = async |kind: &str| {
        let form = [("token", &*token), ("type", kind), ("meant", "yes")];
        stage.served.post("/respond", &form).await
    };
    for kind in ["", "emperor", "reseller_delegated_admin", "<script>"] {
        let refused = respond(kind).await?;
        assert_eq!(refused.status, 422, "{kind}");
        ensure!(!refused.text().contains("<script"));
    }
    assert_eq!(ctx.number("SELECT count(*) FROM invitation").await?, 0);
    for kind in ["reseller", "reseller", "advisor"] {
        let done = respond(kind).await?;
        assert_eq!((done.status, done.heading()), (200, "초대를 보냈습니다"));
    }
    assert_eq!(ctx.number("SELECT count(*) FROM invitation").await?, 1);
    let answered = "SELECT count(*) FROM event WHERE kind = 'inquiry.answered'";
    assert_eq!(ctx.number(answered).await?, 1);

    let late = stage.requested(&["saebom"], "b@gaon.example").await?;
    stage.town.world.pass(30 * DAY);
    let form = [("token", &*late), ("type", "reseller"), ("meant", "yes")];
    let over = stage.served.post("/respond", &form).await?;
    assert_eq!(over.status, 410);
    assert_eq!(ctx.number("SELECT count(*) FROM invitation").await?, 1);
    Ok(())
}

async fn a_link_opens_its_own_page_only(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let id = stage.ask(&["maru"], "a@gaon.example").await?;
    let asker = stage.token(id).await?;
    let unsent = served_token(&stage, id).await?;
    // The partner's link opens nothing before the mailbox confirmed.
    let early = stage.served.get(&format!("/respond/{unsent}")).await?;
    let never = stage.served.get("/respond/nonsense").await?;
    assert_eq!(
        (early.status, early.heading()),
        (never.status, never.heading())
    );
    let partner = stage.requested(&["saebom"], "b@gaon.example").await?;
    let world = &stage.town.world;
    let invited = world.invite("c@gaon.example").await?;
    let accept = stage.served.token(invited, Purpose::Accept).await?;
    for (path, token) in [
        ("/inquiry", &partner),
        ("/inquiry", &accept),
        ("/respond", &asker),
        ("/respond", &accept),
        ("/a", &asker),
        ("/a", &partner),
        ("/receipt", &partner),
    ] {
        let page = stage.served.get(&format!("{path}/{token}")).await?;
        assert_eq!(page.status, 404, "{path}");
    }
    for (path, token) in [("/confirm-inquiry", &partner), ("/respond", &asker)] {
        let form = [("token", &**token), ("type", "reseller"), ("meant", "yes")];
        assert_eq!(stage.served.post(path, &form).await?.status, 404, "{path}");
        assert_eq!(stage.served.post(path, &[]).await?.status, 404, "{path}");
        let elsewhere = [("Sec-Fetch-Site", "cross-site")];
        let foreign = stage.served.post_with(path, &form, &elsewhere).await?;
        assert_eq!(foreign.status, 403, "{path}");
    }
    assert_eq!(ctx.number("SELECT count(*) FROM invitation").await?, 1);
    Ok(())
}

async fn served_token(stage: &Stage, id: InquiryId) -> anyhow::Result<String> {
    let requests = stage.requests(id).await?;
    Ok(stage.served.engine.respond_token(&requests[0])?)
}

async fn what_was_not_confirmed_is_deleted(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let engine = &stage.served.engine;
    stage
        .requested(&["maru", "saebom"], "a@gaon.example")
        .await?;
    stage.ask(&["maru", "saebom"], "b@gaon.example").await?;
    assert_eq!(inquiry::sweep(engine).await?, 0, "its time is not over");
    stage.town.world.pass(2 * DAY);
    assert_eq!(inquiry::sweep(engine).await?, 1);
    assert_eq!(inquiry::sweep(engine).await?, 0);
    assert_eq!(ctx.number("SELECT count(*) FROM inquiry").await?, 1);
    assert_eq!(ctx.number("SELECT count(*) FROM inquiry_partner").await?, 2);
    Ok(())
}

async fn whoever_types_a_customers_name_gets_nothing_of_its_relationship(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let first = stage.requested(&["maru"], "real@gaon.example").await?;
    let respond = async |token: &str| {
        let form = [("token", token), ("type", "advisor"), ("meant", "yes")];
        stage.served.post("/respond", &form).await
    };
    assert_eq!(respond(&first).await?.status, 200);
    let invitations = "SELECT count(*) FROM invitation";
    assert_eq!(ctx.number(invitations).await?, 1);
    let stranger = stage.requested(&["maru"], "stranger@evil.example").await?;
    let refused = respond(&stranger).await?;
    assert_eq!(refused.status, 422, "{}", refused.text());
    ensure!(
        refused.text().contains("같은 이름의 고객사가 이미"),
        "{}",
        refused.text()
    );
    assert_eq!(ctx.number(invitations).await?, 1);
    // The mailbox that was asked before may ask again.
    let again = stage.requested(&["maru"], "real@gaon.example").await?;
    assert_eq!(respond(&again).await?.status, 200);
    Ok(())
}

async fn a_button_alone_confirms_and_answers_nothing(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let id = stage.ask(&["maru"], "a@gaon.example").await?;
    let token = stage.token(id).await?;
    let before = ctx.dump().await?;
    for form in [
        vec![("token", &*token)],
        vec![("token", &*token), ("meant", "on")],
    ] {
        assert_eq!(
            stage.served.post("/confirm-inquiry", &form).await?.status,
            400
        );
    }
    assert_eq!(ctx.dump().await?, before);
    let request = stage.requested(&["maru"], "b@gaon.example").await?;
    let before = ctx.dump().await?;
    let form = [("token", &*request), ("type", "advisor")];
    assert_eq!(stage.served.post("/respond", &form).await?.status, 400);
    assert_eq!(ctx.dump().await?, before);
    Ok(())
}
