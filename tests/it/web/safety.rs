//! What every answer says about itself, who may change anything, and what is not told to logs and metrics.

use std::io::Write;
use std::sync::{Arc, Mutex};

use anyhow::ensure;
use countersign::domain::token::{MailTags, Purpose};
use countersign::outbound::memory::Memory;
use countersign::outbound::sign::Signers;
use countersign::outbound::transport::Transport;
use countersign::storage::acceptance;
use countersign::worker::{Options, Until, Worker};
use countersign::workflow::deliver::Post;
use tokio_util::sync::CancellationToken;

use super::{Stage, accepting};
use crate::harness::{Case, Ctx, Outcome, Served, World, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(every_answer_carries_the_headers_that_protect_it),
        case!(refusals_of_the_server_are_pages_too),
        case!(a_form_of_another_site_changes_nothing),
        case!(the_clients_address_is_believed_from_trusted_proxies_only),
        case!(neither_logs_nor_metrics_hold_a_person_or_a_link),
    ]
}

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

async fn every_answer_carries_the_headers_that_protect_it(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite("hong@customer.example").await?;
    for (public, hsts) in [
        ("https://sign.example", Some("max-age=31536000")),
        ("http://127.0.0.1:8080", None),
    ] {
        let served = Served::with(&world, Some(public), &[]).await?;
        let token = served.token(id, Purpose::Accept).await?;
        let page = served.get(&format!("/a/{token}")).await?;
        let asset = page
            .attributes("href")
            .into_iter()
            .find(|target| target.starts_with("/assets/style."))
            .expect("a stylesheet")
            .to_owned();
        let agreement = format!("/a/{token}/agreement/{}", world.agreement);
        let foreign = [("Sec-Fetch-Site", "cross-site")];
        for (what, answer) in [
            ("the page", page.clone()),
            ("the front page", served.get("/").await?),
            (
                "the print view",
                served.get(&format!("/a/{token}/print")).await?,
            ),
            ("the text", served.get(&agreement).await?),
            ("the file", served.get(&format!("{agreement}/text")).await?),
            (
                "a form",
                served.post("/accept", &[("token", token.as_str())]).await?,
            ),
            ("a stylesheet", served.get(&asset).await?),
            ("no page", served.get("/nowhere").await?),
            ("no link", served.get("/a/nonsense").await?),
            (
                "a long link",
                served.get(&format!("/a/{}", "A".repeat(86_000))).await?,
            ),
            (
                "another method",
                served.ask("DELETE", "/accept", &[], b"").await?,
            ),
            (
                "a foreign form",
                served.post_with("/accept", &[], &foreign).await?,
            ),
            ("no form", served.post("/accept", &[]).await?),
            (
                "too much",
                served
                    .post("/accept", &[("token", "A".repeat(900_000).as_str())])
                    .await?,
            ),
            (
                "HEAD",
                served.ask("HEAD", &format!("/a/{token}"), &[], b"").await?,
            ),
        ] {
            let is_asset = what == "a stylesheet";
            let caching = if is_asset {
                "public, max-age=31536000, immutable"
            } else {
                "no-store"
            };
            for (name, value) in [
                ("content-security-policy", Some(POLICY)),
                ("referrer-policy", Some("same-origin")),
                ("cache-control", Some(caching)),
                ("x-content-type-options", Some("nosniff")),
                ("x-frame-options", Some("DENY")),
                ("x-robots-tag", Some("noindex, nofollow, noarchive")),
                ("strict-transport-security", hsts),
            ] {
                assert_eq!(answer.header(name), value, "{what} at {public}: {name}");
            }
            ensure!(
                answer.header("set-cookie").is_none(),
                "{what} sets a cookie"
            );
            ensure!(
                answer.header("server").is_none(),
                "{what} says what serves it"
            );
            if !answer.body.is_empty() {
                let length = answer.body.len().to_string();
                assert_eq!(
                    answer.header("content-length"),
                    Some(length.as_str()),
                    "{what}"
                );
            }
        }
        ensure!(!page.text().contains("<script") && !page.text().contains(" style="));
    }
    Ok(())
}

async fn refusals_of_the_server_are_pages_too(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let served = &stage.served;
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let korean = [form[0], ("Accept-Language", "ko")];
    let long = "A".repeat(900_000);
    for (status, heading, answer) in [
        (
            404,
            "페이지를 찾을 수 없습니다",
            served.get("/nowhere").await?,
        ),
        (
            404,
            "페이지를 찾을 수 없습니다",
            served.get("/assets/style.css").await?,
        ),
        (
            405,
            "이 주소는 직접 열 수 없습니다",
            served.get("/accept").await?,
        ),
        (
            405,
            "이 주소는 직접 열 수 없습니다",
            served.post(&stage.path(""), &[]).await?,
        ),
        (
            413,
            "보낸 내용이 너무 깁니다",
            served.post("/accept", &[("token", &long)]).await?,
        ),
        (
            400,
            "요청을 읽을 수 없습니다",
            served.post("/accept", &[("family", "홍")]).await?,
        ),
        (
            400,
            "요청을 읽을 수 없습니다",
            served.ask("POST", "/accept", &korean[1..], b"{}").await?,
        ),
        (
            400,
            "요청을 읽을 수 없습니다",
            served
                .ask("POST", "/accept", &korean, b"token=a&token=b")
                .await?,
        ),
    ] {
        assert_eq!((answer.status, answer.heading()), (status, heading));
        assert_eq!(
            answer.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert_eq!(answer.header("content-language"), Some("ko"));
        assert_eq!(answer.attributes("lang")[0], "ko");
    }
    let allowed = served.get("/accept").await?;
    assert_eq!(allowed.header("allow"), Some("POST"));
    // Who names no language that there is gets that of the site.
    let other = served
        .ask("GET", "/nowhere", &[("Accept-Language", "fi")], b"")
        .await?;
    assert_eq!(other.heading(), "There is no such page");
    Ok(())
}

async fn a_form_of_another_site_changes_nothing(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let receipt = stage.served.token(stage.id, Purpose::Receipt).await?;
    let before = ctx.dump().await?;
    let form = stage.accepting();
    let public = stage.served.url("");
    for headers in [
        vec![("Sec-Fetch-Site", "cross-site")],
        vec![("Sec-Fetch-Site", "same-site")],
        vec![
            ("Sec-Fetch-Site", "cross-site"),
            ("Origin", "https://evil.example"),
        ],
        vec![("Origin", "https://evil.example")],
        vec![("Origin", "null")],
        vec![("Origin", "http://127.0.0.1")],
        // Under a name that leads here and is not ours.
        vec![
            ("Origin", "https://evil.example"),
            ("X-Forwarded-Host", "evil.example"),
        ],
    ] {
        let refusing = [("token", stage.token.as_str()), ("reason", "other")];
        let asking = [("token", stage.token.as_str())];
        let marking = [("token", receipt.as_str()), ("step", "mca")];
        for (path, form) in [
            ("/accept", form.as_slice()),
            ("/decline", &refusing),
            ("/resend", &asking),
            ("/step", &marking),
            ("/manage", &[("email", "hong@customer.example")]),
            ("/remove-roles", &asking),
            ("/end-relationship", &asking),
            ("/auto-extend", &asking),
        ] {
            let page = stage.served.post_with(path, form, &headers).await?;
            assert_eq!(page.status, 403, "{path} {headers:?}");
            assert_eq!(page.heading(), "다른 사이트에서 온 요청입니다");
        }
    }
    assert_eq!(ctx.dump().await?, before);
    // A browser without Sec-Fetch-Site says where its form came from.
    let page = stage
        .served
        .post_with("/accept", &form, &[("Origin", &public)])
        .await?;
    assert_eq!(
        (page.status, page.heading()),
        (200, "동의가 기록되었습니다")
    );
    Ok(())
}

async fn the_clients_address_is_believed_from_trusted_proxies_only(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    for (number, (proxies, sent, believed)) in [
        (&[][..], "203.0.113.9", "127.0.0.1"),
        (&["10.0.0.0/8"], "203.0.113.9", "127.0.0.1"),
        (&["127.0.0.1/32"], "203.0.113.9", "203.0.113.9"),
        (
            &["127.0.0.1/32"],
            "198.51.100.1, 203.0.113.9",
            "203.0.113.9",
        ),
        (
            &["127.0.0.0/8", "10.0.0.0/8"],
            "203.0.113.9, 10.1.2.3",
            "203.0.113.9",
        ),
        (&["127.0.0.1/32"], "not-an-address", "127.0.0.1"),
        (&["127.0.0.1/32"], "2001:db8::7", "2001:db8::7"),
    ]
    .into_iter()
    .enumerate()
    {
        let served = Served::with(&world, None, proxies).await?;
        let id = world
            .invite(&format!("hong{number}@customer.example"))
            .await?;
        let token = served.token(id, Purpose::Accept).await?;
        let shown = served.shown(&token).await?;
        let headers = [
            ("X-Forwarded-For", sent),
            ("Forwarded", "for=192.0.2.66"),
            ("X-Real-IP", "192.0.2.66"),
        ];
        let page = served
            .post_with("/accept", &accepting(&token, &shown), &headers)
            .await?;
        assert_eq!(page.status, 200);
        let mut conn = world.engine.db.read().await?;
        let record = acceptance::of_invitation(&mut conn, id)
            .await?
            .expect("a record");
        let evidence: serde_json::Value = serde_json::from_str(&record.canonical)?;
        assert_eq!(
            evidence["how"]["client_address"], believed,
            "{sent:?} through {proxies:?}"
        );
    }
    Ok(())
}

/// What is logged, kept to be searched.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn neither_logs_nor_metrics_hold_a_person_or_a_link(ctx: &Ctx) -> Outcome {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("countersign=trace")
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // One for the whole process, because the parts run in tasks of their own; the second case of a run shares the first's
    // thread pool only under `cargo test`, where this is a global of the process.
    let is_captured = tracing::subscriber::set_global_default(subscriber).is_ok();

    let stage = Stage::new(ctx).await?;
    let memory = Memory::default();
    let post = Arc::new(Post {
        transport: Transport::Memory(memory.clone()),
        signers: Signers::default(),
        tags: MailTags::new(&stage.world.engine.keys, "sign.example"),
        mail_domain: "sign.example".to_owned(),
        from_local: "invite".to_owned(),
    });
    let work = async || {
        Worker::new(
            stage.served.engine.clone(),
            post.clone(),
            Options::default(),
            stage.served.metrics.clone(),
            CancellationToken::new(),
        )
        .run(Until::Idle)
        .await
    };
    assert_eq!(work().await?.sent, 1);
    let receipt = stage.accept().await?;
    assert_eq!(work().await?.sent, 2);
    let stop = stage.served.token(stage.id, Purpose::StopReminders).await?;
    stage.served.get(&stage.path("")).await?;
    stage.served.get(&format!("/receipt/{receipt}")).await?;
    stage.served.get(&format!("/stop/{stop}")).await?;
    stage
        .served
        .post(
            "/step",
            &[("token", &receipt), ("step", "mca"), ("done", "yes")],
        )
        .await?;
    stage
        .served
        .post("/resend", &[("token", &stage.token)])
        .await?;
    stage
        .served
        .get(&format!("/a/{}", &stage.token[..85]))
        .await?;
    stage.served.get(&format!("/x/{}", stage.token)).await?;
    let foreign = [("Origin", "https://evil.example")];
    stage
        .served
        .post_with("/accept", &[("token", &stage.token)], &foreign)
        .await?;
    let metrics = stage.served.metrics.encode();
    // What goes wrong is logged, too.
    stage.world.engine.db.close().await;
    stage.served.get(&stage.path("")).await?;
    tracing::error!(target: "countersign", "the end of the flow");

    let log = String::from_utf8(log.0.lock().unwrap().clone())?;
    if is_captured {
        ensure!(
            log.contains("the end of the flow"),
            "nothing was captured: {log}"
        );
        ensure!(log.contains("a page could not be served"), "{log}");
    }
    let key = data_encoding::BASE64URL_NOPAD.encode(stage.id.uuid().as_bytes());
    let mails = memory.mails();
    ensure!(mails.len() == 3);
    for (what, text) in [("the log", &log), ("the metrics", &metrics)] {
        for private in [
            &stage.token[..40],
            &receipt[..40],
            &stop[..40],
            "hong@",
            "customer.example",
            "홍길동",
            "길동",
            "010-1234",
            "한빛상사",
            "partner@",
            &key,
        ] {
            ensure!(!text.contains(private), "{what} holds {private}: {text}");
        }
    }
    ensure!(
        !metrics.contains("inv_") && !metrics.contains("127.0.0.1"),
        "{metrics}"
    );
    ensure!(
        metrics.contains("/a/{token}") && metrics.contains(r#"route="other""#),
        "a route has no name: {metrics}"
    );
    Ok(())
}
