//! `doctor`, `audit`, `token` and `mail`.

use std::fs;

use anyhow::{Context as _, ensure};
use countersign::domain::notice::Kind;
use mail_parser::MessageParser;
use serde_json::{Value, json};

use super::program::{Program, Ran, text};
use crate::harness::{Backend, Case, Ctx, Outcome, case, free_port};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(doctor_finds_a_fresh_installation_in_order).on_each_database(),
        case!(doctor_tells_the_fix_of_each_failure).on_each_database(),
        case!(doctor_prints_the_record_of_each_dkim_key).on_sqlite(),
        case!(audit_finds_what_was_changed_behind_its_back).on_each_database(),
        case!(tokens_verify_line_by_line_whatever_comes).on_each_database(),
        case!(a_token_is_inspected_without_an_installation),
        case!(a_test_mail_is_sent_straight_and_signed).on_sqlite(),
        case!(every_mail_is_previewed_in_every_language),
    ]
}

fn of(ran: &Ran, check: &str) -> anyhow::Result<Value> {
    let all = ran.objects()?;
    let found = all.into_iter().find(|one| one["check"] == check);
    found.with_context(|| format!("no check {check}: {ran:?}"))
}

async fn doctor_finds_a_fresh_installation_in_order(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let ran = program.run(["doctor", "--json"])?.expect(0)?;
    for check in [
        "settings",
        "keys",
        "database",
        "schema",
        "clock",
        "installation",
        "queue",
    ] {
        assert_eq!(of(&ran, check)?["status"], "ok", "{ran:?}");
    }
    // Nobody looked: what is not known is not called fine.
    for (check, status) in [
        ("public_url", "skipped"),
        ("dns", "skipped"),
        ("proxies", "warn"),
        ("mail_server", "warn"),
        ("dkim", "warn"),
    ] {
        assert_eq!(of(&ran, check)?["status"], status, "{ran:?}");
    }
    let behind_proxy = Program::bare(ctx).with("COUNTERSIGN_TRUSTED_PROXIES", "127.0.0.1/32");
    let ran = behind_proxy.run(["doctor", "--json"])?.expect(0)?;
    ensure!(of(&ran, "proxies").is_err(), "{ran:?}");
    ensure!(
        ran.objects()?
            .iter()
            .all(|one| one["status"] == "ok" || one["fix"].is_string()),
        "{ran:?}"
    );
    let people = program.run(["doctor"])?.expect(0)?;
    ensure!(
        people.out.contains("fix: ") && people.out.contains("skip  dns"),
        "{people:?}"
    );
    Ok(())
}

async fn doctor_tells_the_fix_of_each_failure(ctx: &Ctx) -> Outcome {
    let program = Program::bare(ctx).with("COUNTERSIGN_MAIL_DOMAIN", "mail.example.com");
    let ran = program.run(["doctor", "--json"])?.expect(1)?;
    assert_eq!(of(&ran, "keys")?["status"], "fail");
    match ctx.backend() {
        Backend::Sqlite => {
            assert_eq!(of(&ran, "database")?["status"], "fail");
            ensure!(
                !ctx.folder().join("test.db").exists(),
                "a doctor changes nothing"
            );
        }
        Backend::Postgres => {
            let schema = of(&ran, "schema")?;
            assert_eq!(schema["fix"], "run `countersign migrate`", "{ran:?}");
        }
    }

    let program = Program::installed(ctx)?;
    let broken = program.with("COUNTERSIGN_QUEUE_BATCH", "0");
    let ran = broken.run(["doctor", "--json"])?.expect(1)?;
    assert_eq!(ran.objects()?.len(), 1, "the others need the settings");
    ensure!(
        text(&of(&ran, "settings")?["message"])?.contains("queue.batch"),
        "{ran:?}"
    );

    let away = format!("postgres://me:s3cret@127.0.0.1:{}/x", free_port()?);
    let away = program.with("COUNTERSIGN_DATABASE_URL", away);
    let ran = away.run(["doctor", "--json"])?.expect(1)?;
    assert_eq!(of(&ran, "database")?["status"], "fail");
    ensure!(
        !ran.out.contains("s3cret") && ran.out.contains("connection refused"),
        "{ran:?}"
    );
    let ran = away.run(["partner", "list", "--json"])?.expect(5)?;
    ensure!(!ran.err.contains("s3cret"), "{ran:?}");
    assert_eq!(ran.wrong_fields()?, ["database_url"]);

    let mail = program.with(
        "COUNTERSIGN_SMTP_URL",
        format!("smtp://127.0.0.1:{}", free_port()?),
    );
    let ran = mail.run(["doctor", "--json"])?.expect(1)?;
    ensure!(
        text(&of(&ran, "mail_server")?["message"])?.contains("at connect"),
        "{ran:?}"
    );

    let stray = program.with("COUNTERSIGN_MAIL_DOMIAN", "s3cret");
    let ran = stray.run(["doctor", "--json"])?.expect(0)?;
    ensure!(
        text(&of(&ran, "environment")?["message"])?.contains("COUNTERSIGN_MAIL_DOMIAN"),
        "{ran:?}"
    );
    ensure!(!ran.out.contains("s3cret"), "{ran:?}");
    Ok(())
}

async fn doctor_prints_the_record_of_each_dkim_key(ctx: &Ctx) -> Outcome {
    use std::os::unix::fs::PermissionsExt as _;
    let program = Program::installed(ctx)?;
    let key = ctx.folder().join("dkim.pem");
    fs::copy(
        concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/fixtures/dkim/ed25519.pem"
        ),
        &key,
    )?;
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644))?;
    let setting = format!(
        "[{{ domain = \"mail.example.com\", selector = \"c2026\", key_file = \"{}\" }}]",
        key.display()
    );
    let ran = program
        .with("COUNTERSIGN_MAIL_DKIM", setting)
        .run(["doctor", "--json"])?
        .expect(0)?;
    ensure!(
        ran.out
            .contains("c2026._domainkey.mail.example.com. IN TXT")
            && ran.out.contains("k=ed25519"),
        "{ran:?}"
    );
    ensure!(ran.out.contains("has mode 0644"), "{ran:?}");
    let missing = "[{ domain = \"mail.example.com\", selector = \"c\", key_file = \"/nowhere\" }]";
    let ran = program
        .with("COUNTERSIGN_MAIL_DKIM", missing)
        .run(["doctor", "--json"])?
        .expect(1)?;
    assert_eq!(of(&ran, "dkim")?["status"], "fail");
    Ok(())
}

async fn audit_finds_what_was_changed_behind_its_back(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    program.invite("hong@customer.example")?;
    let checkpoint = program.run(["audit", "checkpoint"])?.expect(0)?;
    let head = checkpoint.object()?;
    assert_eq!(head["seq"], 2);
    fs::write(ctx.folder().join("heads.jsonl"), &checkpoint.out)?;
    let verify = ["audit", "verify", "--json", "--checkpoint", "heads.jsonl"];
    let report = program.run(verify)?.expect(0)?.object()?;
    assert_eq!(
        (&report["chains"], &report["entries"], &report["findings"]),
        (&json!(1), &json!(2), &json!([]))
    );
    program
        .run(["audit", "verify", "--checkpoint", "nowhere"])?
        .expect(4)?;
    program
        .run(["audit", "verify", "--checkpoint", "mca-ko.txt"])?
        .expect(4)?;

    ctx.sql("UPDATE event SET actor = 'somebody' WHERE seq = 1")
        .await?;
    let report = program.run(verify)?.expect(1)?.object()?;
    ensure!(
        !report["findings"]
            .as_array()
            .context("findings")?
            .is_empty(),
        "{report}"
    );
    let told = program.run(["audit", "verify"])?.expect(1)?;
    ensure!(told.out.contains("entry 1"), "{told:?}");
    Ok(())
}

/// The token of the first mail in the folder.
fn mailed_token(ctx: &Ctx) -> anyhow::Result<String> {
    for entry in fs::read_dir(ctx.folder().join("out"))? {
        let bytes = fs::read(entry?.path())?;
        let mail = MessageParser::default().parse(&bytes).context("no mail")?;
        let body = mail.body_text(0).context("no text")?;
        if let Some((_, rest)) = body.split_once("https://sign.example.com/a/") {
            return Ok(rest.chars().take(86).collect());
        }
    }
    anyhow::bail!("no mail with a link")
}

async fn tokens_verify_line_by_line_whatever_comes(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    program.invite("hong@customer.example")?;
    program.run(["tick"])?.expect(0)?;
    let token = mailed_token(ctx)?;
    let mut input = Vec::new();
    let garbage: Vec<Vec<u8>> = vec![
        token.clone().into_bytes(),
        Vec::new(),
        b"abc".to_vec(),
        format!("  {token}\r").into_bytes(),
        token.to_lowercase().into_bytes(),
        format!("{token}{token}").into_bytes(),
        b"\xff\xfe\0\x1b[31m".to_vec(),
        vec![b'A'; 86],
        vec![b'A'; 86_000],
        "토큰".repeat(30).into_bytes(),
        b"{\"valid\": true}".to_vec(),
    ];
    for line in &garbage {
        input.extend_from_slice(line);
        input.push(b'\n');
    }
    input.extend_from_slice(&token.as_bytes()[..85]); // without a line end
    let ran = program.run_on(["token", "verify"], &input)?.expect(0)?;
    let answers = ran.objects()?;
    assert_eq!(answers.len(), garbage.len() + 1);
    for (number, answer) in answers.iter().enumerate() {
        let is_genuine = matches!(number, 0 | 3);
        if is_genuine {
            assert_eq!(answer["valid"], true, "line {number}");
            assert_eq!(
                (&answer["purpose"], &answer["expired"]),
                (&json!("accept"), &json!(false))
            );
        } else {
            assert_eq!(*answer, json!({"valid": false}), "line {number}");
        }
    }
    let ran = program
        .run_on(["token", "inspect", "-", "--json"], token.as_bytes())?
        .expect(0)?;
    assert_eq!(ran.object()?["key_id"], 1);
    let none = program.run_on(["token", "verify"], b"")?.expect(0)?;
    assert_eq!(none.out, "");
    Ok(())
}

async fn a_token_is_inspected_without_an_installation(ctx: &Ctx) -> Outcome {
    let vectors = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/token-v1.json"));
    let vectors: Value = serde_json::from_str(vectors)?;
    let token = text(&vectors["valid"][0]["token"])?;
    let program = Program::bare(ctx);
    let shown = program
        .run(["token", "inspect", &token, "--json"])?
        .expect(0)?
        .object()?;
    assert_eq!(shown["version"], 1);
    program.run(["token", "inspect", &token])?.expect(0)?;
    for text in ["abc", "-", &token[1..]] {
        let ran = program
            .run(["token", "inspect", text, "--json"])?
            .expect(4)?;
        assert_eq!(ran.wrong_fields()?, ["token"]);
    }
    Ok(())
}

async fn a_test_mail_is_sent_straight_and_signed(ctx: &Ctx) -> Outcome {
    let program = Program::installed(ctx)?;
    let setting = format!(
        "[{{ domain = \"mail.example.com\", selector = \"c\", key_file = \"{}/tests/fixtures/dkim/rsa-pkcs8.pem\" }}]",
        env!("CARGO_MANIFEST_DIR")
    );
    let signing = program.with("COUNTERSIGN_MAIL_DKIM", setting);
    let sent = signing
        .run("mail test --to me@example.com --json".split(' '))?
        .expect(0)?
        .object()?;
    signing
        .run("mail test --to me@example.com --sample invitation --language ko".split(' '))?
        .expect(0)?;
    let mut subjects = Vec::new();
    for entry in fs::read_dir(ctx.folder().join("out"))? {
        let bytes = fs::read(entry?.path())?;
        let mail = MessageParser::default().parse(&bytes).context("no mail")?;
        ensure!(mail.header("DKIM-Signature").is_some(), "it is not signed");
        subjects.push(mail.subject().unwrap_or_default().to_owned());
    }
    subjects.sort();
    assert_eq!(subjects[0], "Test mail of Countersign");
    ensure!(subjects[1].starts_with('['), "{subjects:?}");
    ensure!(
        text(&sent["message_id"])?.ends_with("@mail.example.com"),
        "{sent}"
    );

    for (line, code) in [
        ("mail test --to nobody", 4),
        ("mail test --to me@example.com --sample nothing", 2),
    ] {
        program.run(line.split(' '))?.expect(code)?;
    }
    let away = program.with(
        "COUNTERSIGN_SMTP_URL",
        format!("smtp://127.0.0.1:{}", free_port()?),
    );
    away.run("mail test --to me@example.com".split(' '))?
        .expect(5)?;
    Ok(())
}

async fn every_mail_is_previewed_in_every_language(ctx: &Ctx) -> Outcome {
    let program = Program::bare(ctx);
    let ran = program
        .run("mail preview --dir mails --json".split(' '))?
        .expect(0)?;
    let written = ran.objects()?;
    let sides: usize = Kind::ALL.iter().map(|kind| kind.sides().len()).sum();
    assert_eq!(
        written.len(),
        2 * sides,
        "to one side or both, in two languages"
    );
    for mail in &written {
        let html = fs::read_to_string(ctx.folder().join(text(&mail["html"])?))?;
        let plain = fs::read_to_string(ctx.folder().join(text(&mail["text"])?))?;
        ensure!(
            html.contains("<html") && plain.starts_with("Subject: "),
            "{mail}"
        );
    }
    fs::write(ctx.folder().join("file"), "")?;
    program
        .run("mail preview --dir file".split(' '))?
        .expect(4)?;
    Ok(())
}
