//! What was granted, seen and reduced over HTTP: by its signer alone, never by opening a page, and as often as anybody likes.

use anyhow::ensure;
use countersign::domain::draft::Draft;
use countersign::domain::ids::{self, InvitationId};
use countersign::domain::invitation::RecipientRole;
use countersign::domain::time::{DAY, HOUR};
use countersign::domain::token::{Claims, Purpose};
use countersign::storage;
use countersign::storage::contact::Contact;
use countersign::storage::recipient::Recipient;
use countersign::workflow::link::LinkRow;

use super::accepting;
use crate::harness::world::draft;
use crate::harness::{Answer, Case, Ctx, Outcome, Served, World, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(the_form_for_a_link_takes_addresses_and_nothing_else),
        case!(links_asked_for_a_thousand_times_are_slowed_down_and_change_nothing),
        case!(the_page_says_what_was_granted_and_opening_it_changes_nothing),
        case!(roles_are_removed_once_and_only_when_that_is_confirmed),
        case!(a_relationship_ends_where_its_type_lets_the_customer),
        case!(a_type_that_forbids_it_leads_to_the_partner),
        case!(a_viewer_reads_and_changes_nothing),
        case!(each_cloud_has_its_own_admin_center),
        case!(what_is_done_at_microsoft_is_marked_on_the_same_page),
        case!(a_link_that_is_over_offers_a_new_one_to_the_address_on_file),
        case!(the_list_leads_to_each_relationship_for_a_while),
        case!(the_receipt_leads_to_its_own_relationship),
    ]
}

/// An accepted invitation to a relationship, its pages, and the token that manages it.
struct Granted {
    world: World,
    served: Served,
    id: InvitationId,
    token: String,
}

impl Granted {
    async fn new(ctx: &Ctx, kind: &str) -> anyhow::Result<Self> {
        let world = World::new(ctx).await?;
        let served = Served::new(&world).await?;
        let id = accept(&world, &served, kind).await?;
        let token = served.token(id, Purpose::Manage).await?;
        Ok(Self {
            world,
            served,
            id,
            token,
        })
    }

    async fn get(&self, rest: &str) -> anyhow::Result<Answer> {
        self.served
            .get(&format!("/manage/{}{rest}", self.token))
            .await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<Answer> {
        let mut form = vec![("token", self.token.as_str())];
        form.extend(fields);
        self.served.post(path, &form).await
    }
}

async fn accept(world: &World, served: &Served, kind: &str) -> anyhow::Result<InvitationId> {
    let draft = Draft {
        partner_type: Some(kind.to_owned()),
        ..draft("hong@customer.example")
    };
    let id = world.try_invite(world.partner, &draft, None).await?.id();
    let token = served.token(id, Purpose::Accept).await?;
    let shown = served.shown(&token).await?;
    let answer = served.post("/accept", &accepting(&token, &shown)).await?;
    assert_eq!(answer.status, 200, "{}", answer.heading());
    Ok(id)
}

const BOTH: [(&str, &str); 3] = [
    ("role", "global_administrator"),
    ("role", "helpdesk_administrator"),
    ("confirmed", "yes"),
];

async fn the_form_for_a_link_takes_addresses_and_nothing_else(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::new(&world).await?;
    let before = ctx.dump().await?;
    let page = served.get("/manage").await?;
    assert_eq!(
        (page.status, page.heading()),
        (200, "파트너와 부여한 역할 확인")
    );
    assert_eq!(page.field("email"), Some(""));
    for (address, error) in [
        ("", "이메일 주소를 입력해 주세요."),
        ("   ", "이메일 주소를 입력해 주세요."),
        ("nobody", "이메일 주소를"),
        ("a@b@c.example", "이메일 주소를"),
        ("a@x.example\r\nBcc: b@x.example", "이메일 주소를"),
        ("\"><script>@x.example", "이메일 주소를"),
    ] {
        let page = served.post("/manage", &[("email", address)]).await?;
        assert_eq!(page.status, 422, "{address}");
        ensure!(page.text().contains(error), "{address}");
        ensure!(page.text().contains("id=\"email-error\""), "{address}");
        ensure!(!page.text().contains("<script"), "{address}");
    }
    let page = served.post("/manage", &[]).await?;
    assert_eq!(page.status, 422);
    assert_eq!(ctx.dump().await?, before);
    Ok(())
}

async fn links_asked_for_a_thousand_times_are_slowed_down_and_change_nothing(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::new(&world).await?;
    let before = ctx.dump().await?;
    // One address first, which uses up its own rate, then whatever else the network asks for.
    let one = [("email", "nobody@customer.example")];
    for _ in 0..3 {
        let page = served.post("/manage", &one).await?;
        assert_ne!(page.status, 429, "{}", page.heading());
    }
    let page = served.post("/manage", &one).await?;
    assert_eq!((page.status, page.heading()), (429, "요청이 너무 많습니다"));
    ensure!(page.header("retry-after").is_some());
    let page = served
        .post("/manage", &[("email", "Nobody@CUSTOMER.example")])
        .await?;
    assert_eq!(page.status, 429, "the same mailbox in other letters");
    let mut refused = 0;
    for number in 0..1_000 {
        let page = served
            .post("/manage", &[("email", &format!("not an address {number}"))])
            .await?;
        ensure!([422, 429].contains(&page.status), "{}", page.status);
        refused += usize::from(page.status == 429);
    }
    ensure!(refused > 950, "{refused}");
    assert_eq!(ctx.dump().await?, before);
    Ok(())
}

async fn the_page_says_what_was_granted_and_opening_it_changes_nothing(ctx: &Ctx) -> Outcome {
    let granted = Granted::new(ctx, "reseller_delegated_admin").await?;
    let before = ctx.dump().await?;
    for method in ["GET", "HEAD"] {
        for rest in [
            "",
            "/roles",
            "/end",
            "/roles?all=yes&confirmed=yes",
            "?off=yes",
        ] {
            let path = format!("/manage/{}{rest}", granted.token);
            let answer = granted.served.ask(method, &path, &[], b"").await?;
            assert_eq!(answer.status, 200, "{method} {rest}");
        }
    }
    for path in ["/remove-roles", "/end-relationship", "/auto-extend"] {
        let path = format!(
            "{path}?token={}&all=yes&confirmed=yes&off=yes",
            granted.token
        );
        assert_eq!(granted.served.get(&path).await?.status, 405, "{path}");
    }
    assert_eq!(ctx.dump().await?, before);
    let page = granted.get("").await?;
    let text = page.plain();
    for said in [
        "재판매인 및 위임된 관리자",
        "전역 관리자(Global Administrator)",
        "기술 지원팀 관리자(Helpdesk Administrator)",
        "높은 권한",
        "까지 예상(Microsoft에서 활성화된 날부터 계산)",
        "자동 연장: 꺼짐",
        "동의한 날",
        "mailto:",
    ] {
        ensure!(text.contains(said), "{said}");
    }
    let receipt = page
        .attributes("href")
        .into_iter()
        .find(|href| href.starts_with("/receipt/"))
        .expect("the receipt")
        .to_owned();
    assert_eq!(granted.served.get(&receipt).await?.status, 200);
    Ok(())
}

async fn roles_are_removed_once_and_only_when_that_is_confirmed(ctx: &Ctx) -> Outcome {
    let granted = Granted::new(ctx, "reseller_delegated_admin").await?;
    let before = ctx.dump().await?;
    for (fields, wrong) in [
        (&BOTH[..2], &["confirmed-error"][..]),
        (&BOTH[2..], &["roles-error"]),
        (&[], &["roles-error", "confirmed-error"]),
        (&[("all", "yes")], &["confirmed-error"]),
        (&[("all", "no"), ("confirmed", "yes")], &["roles-error"]),
    ] {
        let page = granted.post("/remove-roles", fields).await?;
        assert_eq!(page.status, 422, "{fields:?}");
        for error in ["roles-error", "confirmed-error"] {
            let is_there = page.text().contains(&format!("id=\"{error}\""));
            assert_eq!(is_there, wrong.contains(&error), "{fields:?}: {error}");
        }
    }
    assert_eq!(ctx.dump().await?, before);

    let page = granted.post("/remove-roles", &BOTH[1..]).await?;
    assert_eq!(page.status, 200);
    ensure!(page.text().contains("역할을 제거했습니다"));
    ensure!(page.text().contains("전역 관리자(Global Administrator)"));
    ensure!(!page.text().contains("기술 지원팀 관리자(Helpdesk"));
    ensure!(
        page.text()
            .contains("name=\"step\" value=\"roles_removed\"")
    );
    let after = ctx.dump().await?;
    let page = granted.post("/remove-roles", &BOTH[1..]).await?;
    assert_eq!(page.status, 200);
    ensure!(page.text().contains("이미 제거된 역할입니다"));
    assert_eq!(ctx.dump().await?, after);

    let page = granted.post("/remove-roles", &BOTH).await?;
    ensure!(page.text().contains("역할을 제거했습니다"));
    ensure!(page.text().contains("재판매인(리셀러)"));
    let page = granted.post("/remove-roles", &BOTH).await?;
    ensure!(page.text().contains("이미 제거된 역할입니다"));
    let page = granted.get("/roles").await?;
    assert_eq!((page.status, page.field("role")), (200, None));
    Ok(())
}

async fn a_relationship_ends_where_its_type_lets_the_customer(ctx: &Ctx) -> Outcome {
    let granted = Granted::new(ctx, "delegated_admin").await?;
    let before = ctx.dump().await?;
    let page = granted.post("/end-relationship", &[]).await?;
    assert_eq!((page.status, page.heading()), (422, "파트너 삭제"));
    assert_eq!(ctx.dump().await?, before);
    let page = granted
        .post("/end-relationship", &[("confirmed", "yes")])
        .await?;
    assert_eq!(page.status, 200);
    ensure!(page.text().contains("파트너 관계를 끝냈습니다"));
    ensure!(page.plain().contains("고객사에서 종료한 파트너 관계입니다"));
    let after = ctx.dump().await?;
    for (path, fields) in [
        ("/end-relationship", &[("confirmed", "yes")][..]),
        ("/remove-roles", &BOTH),
        ("/auto-extend", &[("off", "yes")]),
    ] {
        let page = granted.post(path, fields).await?;
        assert_eq!(page.status, 200, "{path}");
        ensure!(
            page.text().contains("이미 종료된 파트너 관계입니다"),
            "{path}"
        );
    }
    for rest in ["", "/roles", "/end"] {
        let page = granted.get(rest).await?;
        assert_eq!(page.status, 200, "{rest}");
        ensure!(!page.text().contains("name=\"confirmed\""), "{rest}");
    }
    assert_eq!(ctx.dump().await?, after);
    Ok(())
}

async fn a_type_that_forbids_it_leads_to_the_partner(ctx: &Ctx) -> Outcome {
    let granted = Granted::new(ctx, "reseller_delegated_admin").await?;
    let before = ctx.dump().await?;
    let page = granted.get("/end").await?;
    assert_eq!(
        (page.status, page.heading()),
        (200, "파트너에게 종료를 요청해 주세요")
    );
    let page = granted
        .post("/end-relationship", &[("confirmed", "yes")])
        .await?;
    assert_eq!(
        (page.status, page.heading()),
        (409, "파트너에게 종료를 요청해 주세요")
    );
    assert_eq!(ctx.dump().await?, before);
    Ok(())
}

async fn a_viewer_reads_and_changes_nothing(ctx: &Ctx) -> Outcome {
    let mut granted = Granted::new(ctx, "delegated_admin").await?;
    let (id, now) = (granted.id, granted.world.now());
    let viewer = granted.served.engine.db.write(move |tx| {
        Box::pin(async move {
            let signer = storage::recipient::signer(tx, id).await?;
            let signer = signer.expect("a signer");
            let contact = storage::contact::find(tx, signer.contact_id).await?;
            let contact = Contact {
                id: ids::fresh(now, &mut rand::rng()),
                address: "kim@customer.example".to_owned(),
                smtp_address: "kim@customer.example".to_owned(),
                ..contact.expect("a contact")
            };
            let contact = storage::contact::find_or_insert(tx, &contact).await?;
            let viewer = Recipient {
                id: ids::fresh(now, &mut rand::rng()),
                contact_id: contact.id,
                role: RecipientRole::Viewer,
                ..signer
            };
            storage::recipient::insert(tx, &viewer).await?;
            Ok::<_, storage::Error>(viewer)
        })
    });
    let row = LinkRow::from(&viewer.await?);
    granted.token = granted.served.engine.token(row, Purpose::Manage)?;
    let before = ctx.dump().await?;
    for (rest, status) in [("", 200), ("/roles", 403), ("/end", 403)] {
        let page = granted.get(rest).await?;
        assert_eq!(page.status, status, "{rest}");
        ensure!(page.text().contains("전역 관리자(Global Administrator)"));
        ensure!(page.text().contains("내용을 볼 수만 있습니다"), "{rest}");
        ensure!(!page.text().contains("<form"), "{rest}");
        ensure!(!page.text().contains("/receipt/"), "{rest}");
    }
    for (path, fields) in [
        ("/remove-roles", &BOTH[..]),
        ("/end-relationship", &[("confirmed", "yes")]),
        ("/auto-extend", &[("off", "yes")]),
        ("/step", &[("step", "gdap"), ("done", "yes")]),
    ] {
        let page = granted.post(path, fields).await?;
        assert_eq!(page.status, 403, "{path}");
    }
    assert_eq!(ctx.dump().await?, before);
    Ok(())
}

async fn each_cloud_has_its_own_admin_center(ctx: &Ctx) -> Outcome {
    let granted = Granted::new(ctx, "delegated_admin").await?;
    let link = "https://portal.office365.us/adminportal/home";
    let page = granted.get("/end").await?;
    ensure!(!page.attributes("href").contains(&link));
    ctx.sql("UPDATE organization SET cloud = 'us_gov'").await?;
    let page = granted.get("/end").await?;
    ensure!(page.attributes("href").contains(&link));
    Ok(())
}

async fn what_is_done_at_microsoft_is_marked_on_the_same_page(ctx: &Ctx) -> Outcome {
    let granted = Granted::new(ctx, "reseller_delegated_admin").await?;
    granted.post("/remove-roles", &BOTH).await?;
    let step = [("step", "roles_removed")];
    assert_eq!(granted.post("/step", &step).await?.status, 400);
    let done = [step[0], ("done", "yes")];
    let page = granted.post("/step", &done).await?;
    assert_eq!(page.status, 200);
    ensure!(page.plain().contains("에 완료로 표시했습니다."));
    ensure!(!page.text().contains("value=\"roles_removed\""));
    Ok(())
}

async fn a_link_that_is_over_offers_a_new_one_to_the_address_on_file(ctx: &Ctx) -> Outcome {
    let granted = Granted::new(ctx, "delegated_admin").await?;
    granted.world.pass(500 * DAY);
    let before = ctx.dump().await?;
    let page = granted.get("").await?;
    assert_eq!(
        (page.status, page.heading()),
        (410, "기한이 만료된 링크입니다")
    );
    assert_eq!(page.field("token"), Some(granted.token.as_str()));
    let confirmed = [("confirmed", "yes"), ("all", "yes"), ("off", "yes")];
    for path in ["/remove-roles", "/end-relationship", "/auto-extend"] {
        let page = granted.post(path, &confirmed).await?;
        assert_eq!(page.status, 410, "{path}");
    }
    assert_eq!(ctx.dump().await?, before);
    // The link to the list goes to the address on file.
    assert_eq!(granted.post("/resend", &[]).await?.status, 200);
    let planned = "SELECT count(*) FROM notice WHERE kind = 'manage_link'";
    assert_eq!(ctx.number(planned).await?, 1);
    Ok(())
}

async fn the_list_leads_to_each_relationship_for_a_while(ctx: &Ctx) -> Outcome {
    let granted = Granted::new(ctx, "reseller_delegated_admin").await?;
    accept(&granted.world, &granted.served, "advisor").await?;
    let engine = &granted.served.engine;
    let mut conn = engine.db.read().await?;
    let signer = storage::recipient::signer(&mut conn, granted.id).await?;
    drop(conn);
    let until = granted.world.now().plus_micros(HOUR / 4);
    let list = engine.tokens.mint(&Claims {
        purpose: Purpose::List,
        key_id: engine.tokens.current_key(),
        subject: signer.expect("a signer").contact_id.uuid(),
        generation: 0,
        expires_at: u64::try_from(until.as_seconds())?,
    })?;
    let path = format!("/partners/{list}");
    let page = granted.served.get(&path).await?;
    assert_eq!((page.status, page.heading()), (200, "함께하는 파트너"));
    let links: Vec<_> = page
        .attributes("href")
        .into_iter()
        .filter(|href| href.starts_with("/manage/"))
        .map(str::to_owned)
        .collect();
    assert_eq!(links.len(), 2, "{links:?}");
    for link in &links {
        assert_eq!(granted.served.get(link).await?.status, 200);
    }
    granted.world.pass(HOUR / 4);
    assert_eq!(granted.served.get(&path).await?.status, 410);
    assert_eq!(granted.served.get(&links[0]).await?.status, 200);
    granted.world.pass(HOUR);
    let page = granted.served.get(&links[0]).await?;
    assert_eq!(page.status, 410, "what a list led to is over with it");
    let token = links[0].trim_start_matches("/manage/");
    let form = [("token", token), ("all", "yes"), ("confirmed", "yes")];
    assert_eq!(
        granted.served.post("/remove-roles", &form).await?.status,
        410
    );
    Ok(())
}

async fn the_receipt_leads_to_its_own_relationship(ctx: &Ctx) -> Outcome {
    let granted = Granted::new(ctx, "reseller_delegated_admin").await?;
    accept(&granted.world, &granted.served, "advisor").await?;
    let receipt = granted.served.token(granted.id, Purpose::Receipt).await?;
    let path = format!("/receipt/{receipt}");
    let page = granted.served.get(&path).await?;
    let details = format!("/manage/{}", granted.token);
    let links = page.attributes("href");
    let to = |target: &str| links.iter().filter(|href| **href == target).count();
    assert_eq!((to(&details), to("/manage")), (1, 1), "{links:?}");
    granted.post("/remove-roles", &BOTH).await?;
    let page = granted.served.get(&path).await?;
    let (_, partners) = page.text().split_once("id=\"partners\"").expect("the list");
    ensure!(!partners.contains("Global Administrator"), "{partners}");
    Ok(())
}
