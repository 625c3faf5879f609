//! `init`, `migrate` and `key`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use anyhow::ensure;
use serde_json::json;

use super::program::Program;
use crate::harness::{Backend, Case, Ctx, Outcome, case, free_port};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(a_database_that_is_gone_is_not_made_anew).on_sqlite(),
        case!(init_makes_what_is_missing_and_overwrites_nothing).on_each_database(),
        case!(init_refuses_what_is_wrong_and_leaves_nothing).on_sqlite(),
        case!(keys_that_were_lost_are_not_made_anew).on_each_database(),
        case!(migrate_is_asked_for_on_postgres_and_shows_what_is_applied).on_each_database(),
        case!(a_database_of_a_newer_release_is_left_alone).on_each_database(),
        case!(keys_rotate_and_retire_once_no_link_needs_them).on_each_database(),
        case!(a_key_file_that_others_may_read_is_refused).on_sqlite(),
        case!(a_service_says_what_it_works_with_and_nothing_secret).on_each_database(),
        case!(a_relative_file_that_is_missing_is_told_from_the_root).on_sqlite(),
    ]
}

fn mode(path: &Path) -> anyhow::Result<u32> {
    Ok(fs::metadata(path)?.permissions().mode() & 0o777)
}

async fn init_makes_what_is_missing_and_overwrites_nothing(ctx: &Ctx) -> Outcome {
    let program = Program::bare(ctx);
    let first = program
        .run(
            "init --json --mail-domain mail.example.com --public-url https://sign.example.com"
                .split(' '),
        )?
        .expect(0)?
        .object()?;
    for part in ["settings", "keys", "database"] {
        assert_eq!(first[part]["outcome"], "made", "{part}");
    }
    assert_eq!(first["settings"]["place"], "countersign.toml");
    let settings = ctx.folder().join("countersign.toml");
    let keys = ctx.folder().join("countersign.keys");
    assert_eq!((mode(&settings)?, mode(&keys)?), (0o600, 0o600));
    if ctx.backend() == Backend::Sqlite {
        assert_eq!(mode(&ctx.folder().join("test.db"))?, 0o600);
    }
    let text = fs::read_to_string(&settings)?;
    ensure!(
        text.contains("\ndomain = \"mail.example.com\"\n") && text.contains("#listen ="),
        "{text}"
    );

    let before = (fs::read(&settings)?, fs::read(&keys)?);
    let again = program.run(["init", "--json"])?.expect(0)?.object()?;
    for part in ["settings", "keys", "database"] {
        assert_eq!(again[part]["outcome"], "kept", "{part}");
    }
    let refused = program
        .run(["init", "--mail-domain", "other.example"])?
        .expect(4)?;
    ensure!(refused.err.contains("never overwritten"), "{refused:?}");
    assert_eq!(before, (fs::read(&settings)?, fs::read(&keys)?));

    program.run(["doctor"])?.expect(1)?; // no mail server
    Ok(())
}

async fn init_refuses_what_is_wrong_and_leaves_nothing(ctx: &Ctx) -> Outcome {
    let program = Program::bare(ctx);
    let ran = program.run(["init"])?.expect(2)?;
    ensure!(ran.err.contains("--mail-domain"), "{ran:?}");
    for (flag, value, told) in [
        (
            "--public-url",
            "http://sign.example.com",
            "public_url (from the command line)",
        ),
        (
            "--database-url",
            "mysql://x:s3cret@y/z",
            "database_url (from the command line)",
        ),
        (
            "--smtp-url",
            "smtp://user:s3cret@h/path",
            "mail.smtp_url (from the command line)",
        ),
        (
            "--time-zone",
            "Mars/Base",
            "time_zone (from the command line)",
        ),
        (
            "--mail-domain",
            "a b",
            "mail.domain (from the command line)",
        ),
    ] {
        let mut line = vec!["init"];
        if flag != "--mail-domain" {
            line.extend(["--mail-domain", "mail.example.com"]);
        }
        line.extend([flag, value]);
        // The variable of the case's database would win over the flag.
        let ran = program
            .with("COUNTERSIGN_DATABASE_URL", "")
            .run(line)?
            .expect(2)?;
        ensure!(
            ran.err.contains(told) && !ran.err.contains("s3cret"),
            "{ran:?}"
        );
    }
    let left: Vec<_> = fs::read_dir(ctx.folder())?.collect();
    ensure!(left.is_empty(), "{left:?}");
    Ok(())
}

async fn keys_that_were_lost_are_not_made_anew(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    program.run(["audit", "checkpoint"])?.expect(0)?; // seals
    fs::remove_file(ctx.folder().join("countersign.keys"))?;
    let ran = program.run(["init"])?.expect(2)?;
    ensure!(ran.err.contains("restore it from a backup"), "{ran:?}");
    let ran = program.run(["partner", "list"])?.expect(2)?;
    ensure!(ran.err.contains("does not exist"), "{ran:?}");
    ensure!(
        !ctx.folder().join("countersign.keys").exists(),
        "nothing was made"
    );

    // Another installation's keys open nothing here.
    program
        .with("COUNTERSIGN_DATABASE_URL", "sqlite://other.db")
        .run(["init"])?
        .expect(0)?;
    let ran = program.run(["doctor"])?.expect(1)?;
    ensure!(
        ran.out
            .contains("signed with a key that the key ring does not hold"),
        "{ran:?}"
    );
    Ok(())
}

async fn migrate_is_asked_for_on_postgres_and_shows_what_is_applied(ctx: &Ctx) -> Outcome {
    let program = Program::bare(ctx).with("COUNTERSIGN_MAIL_DOMAIN", "mail.example.com");
    // Settings and keys, beside another database.
    program
        .with("COUNTERSIGN_DATABASE_URL", "sqlite://other.db")
        .run(["init"])?
        .expect(0)?;
    let status = ["migrate", "--status", "--json"];
    match ctx.backend() {
        Backend::Sqlite => {
            let ran = program.run(status)?.expect(3)?;
            ensure!(ran.err.contains("there is no file"), "{ran:?}");
            ensure!(
                !ctx.folder().join("test.db").exists(),
                "looking makes no file"
            );
        }
        Backend::Postgres => {
            let ran = program.run(status)?.expect(1)?;
            ensure!(
                ran.objects()?.iter().all(|one| one["applied"] == false),
                "{ran:?}"
            );
            let ran = program.run(["partner", "list"])?.expect(2)?;
            ensure!(ran.err.contains("run `countersign migrate`"), "{ran:?}");
        }
    }
    let ran = program.run(["migrate", "--json"])?.expect(0)?;
    let applied = ran.objects()?;
    ensure!(
        !applied.is_empty() && applied.iter().all(|one| one["applied"] == true),
        "{ran:?}"
    );
    assert_eq!(applied[0]["version"], 1);
    program.run(["migrate"])?.expect(0)?;
    program.run(status)?.expect(0)?;
    program.run(["partner", "list"])?.expect(0)?;
    Ok(())
}

async fn a_database_of_a_newer_release_is_left_alone(ctx: &Ctx) -> Outcome {
    let program = Program::installed(ctx)?;
    ctx.sql(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
        SELECT 9999, 'of tomorrow', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1",
    )
    .await?;
    for line in [
        "partner list",
        "migrate",
        "invite --organization A --name B --email a@b.example --type reseller",
    ] {
        let ran = program.run(line.split(' '))?.expect(2)?;
        ensure!(ran.err.contains("use the newer release"), "{ran:?}");
    }
    let ran = program.run(["migrate", "--status", "--json"])?.expect(1)?;
    ensure!(
        ran.objects()?
            .contains(&json!({"version": 9999, "name": null, "applied": true})),
        "{ran:?}"
    );
    Ok(())
}

async fn keys_rotate_and_retire_once_no_link_needs_them(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let id = program.invite("hong@customer.example")?;
    let keys = program
        .run(["key", "list", "--json"])?
        .expect(0)?
        .object()?;
    assert_eq!(keys["token"][0]["live_rows"], 1);
    let refused = program.run(["key", "retire", "1", "--yes"])?.expect(4)?;
    ensure!(refused.err.contains("is the current one"), "{refused:?}");

    let rotated = program
        .run(["key", "rotate", "--json"])?
        .expect(0)?
        .object()?;
    assert_eq!(rotated, json!({"kind": "token", "current": 2}));
    let refused = program
        .run(["key", "retire", "1", "--yes", "--json"])?
        .expect(4)?;
    ensure!(
        refused.err.contains("still serves 1 open links"),
        "{refused:?}"
    );
    program.run(["key", "retire", "7", "--yes"])?.expect(3)?;

    // A resend moves the invitation to the current key.
    program.run(["invitation", "resend", &id])?.expect(0)?;
    let unasked = program.run(["key", "retire", "1"])?.expect(2)?;
    ensure!(unasked.err.contains("--yes"), "{unasked:?}");
    program.run(["key", "retire", "1", "--yes"])?.expect(0)?;
    let keys = program
        .run(["key", "list", "--json"])?
        .expect(0)?
        .object()?;
    assert_eq!(keys["token"][0]["state"], "retired");
    assert_eq!(keys["token"][1]["live_rows"], 1);

    program.run(["key", "rotate", "--audit"])?.expect(0)?;
    program.run(["audit", "verify"])?.expect(0)?;
    let table = program.run(["key", "list"])?.expect(0)?;
    assert_eq!(table.out.lines().count(), 5, "{table:?}");
    Ok(())
}

async fn a_key_file_that_others_may_read_is_refused(ctx: &Ctx) -> Outcome {
    let program = Program::installed(ctx)?;
    let keys = ctx.folder().join("countersign.keys");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o644))?;
    let ran = program.run(["key", "list"])?.expect(2)?;
    ensure!(ran.err.contains("chmod 600"), "{ran:?}");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o600))?;
    let text = fs::read_to_string(&keys)?;
    let elsewhere = program.with("COUNTERSIGN_KEYS", text);
    elsewhere.run(["key", "list"])?.expect(0)?;
    let ran = elsewhere.run(["key", "rotate"])?.expect(2)?;
    ensure!(ran.err.contains("COUNTERSIGN_KEYS"), "{ran:?}");
    Ok(())
}

async fn a_database_that_is_gone_is_not_made_anew(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let file = ctx.folder().join("test.db");
    for leave_empty in [false, true] {
        fs::remove_file(&file)?;
        if leave_empty {
            fs::write(&file, "")?;
        }
        for command in ["tick", "serve", "worker"] {
            let ran = program.run([command])?.expect(2)?;
            ensure!(ran.err.contains("there is no database in"), "{ran:?}");
        }
        assert_eq!(fs::read(&file).unwrap_or_default(), b"");
        fs::write(&file, "")?;
    }
    Ok(())
}

async fn a_service_says_what_it_works_with_and_nothing_secret(ctx: &Ctx) -> Outcome {
    Program::furnished(ctx)?;
    let (pages, admin) = (free_port()?, free_port()?);
    let mut command = ctx.countersign();
    command
        .arg("serve")
        .env("COUNTERSIGN_LISTEN", format!("127.0.0.1:{pages}"))
        .env("COUNTERSIGN_ADMIN_LISTEN", format!("127.0.0.1:{admin}"))
        .env(
            "COUNTERSIGN_SMTP_URL",
            "smtp://gildong:s3cret@127.0.0.1:2?tls=starttls",
        );
    let mut service = ctx.start("serve", &mut command)?;
    service.listens_on(pages).await?;
    service.signal("TERM")?;
    let status = service.exit(Duration::from_secs(30)).await?;
    ensure!(status.success(), "{status}: {}", service.log());
    let log = service.log();
    let database = match ctx.backend() {
        Backend::Sqlite => "database=\"sqlite\"",
        Backend::Postgres => "database=\"postgresql\"",
    };
    for said in [
        "public_url=https://sign.example.com",
        "mail=127.0.0.1 port 2 (STARTTLS)",
        "token_keys=1",
        database,
        &format!("address=127.0.0.1:{pages}"),
        &format!("admin_listen=127.0.0.1:{admin}"),
    ] {
        ensure!(log.contains(said), "no {said} in {log}");
    }
    for secret in ["s3cret", "gildong", "postgres://"] {
        ensure!(!log.contains(secret), "{secret} stands in {log}");
    }
    Ok(())
}

async fn a_relative_file_that_is_missing_is_told_from_the_root(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?.with("COUNTERSIGN_KEYS_FILE", "keys/ring.keys");
    let ran = program.run(["tick"])?.expect(2)?;
    let whole = ctx.folder().join("keys/ring.keys");
    ensure!(ran.err.contains(&*whole.to_string_lossy()), "{ran:?}");
    let ran = program.run(["tick", "--config", "mine.toml"])?.expect(2)?;
    let whole = ctx.folder().join("mine.toml");
    ensure!(ran.err.contains(&*whole.to_string_lossy()), "{ran:?}");
    Ok(())
}
