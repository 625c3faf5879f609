//! The demonstration, as somebody starts it who has nothing but the program.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::{Case, Ctx, Outcome, case, processes_with, wait_until};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(once_shows_the_whole_way_and_does_so_again_in_the_same_folder),
        case!(once_tells_programs_who_got_which_mail),
        case!(a_demonstration_shows_its_mails_until_it_is_interrupted_and_goes_on_later),
        case!(the_settings_of_an_installation_have_no_part_in_it),
        case!(a_folder_of_somebody_else_is_refused),
    ]
}

fn demo(ctx: &Ctx) -> Command {
    let mut command = ctx.countersign();
    command.arg("demo");
    command
}

async fn once_shows_the_whole_way_and_does_so_again_in_the_same_folder(ctx: &Ctx) -> Outcome {
    for _ in 0..2 {
        let output = demo(ctx).arg("--once").output()?;
        let text = String::from_utf8(output.stdout)?;
        ensure!(
            output.status.success(),
            "{text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        for said in [
            "invited    6 customers of 2 partners",
            "accepted   새솔고등학교 (홍길동, gildong@saesol.example)",
            "declined   Alder & Finch Architects (Grace Okafor",
            "reminders  4 after 3 days",
            "audit      all holds",
            "[한빛테크] (재안내)",
        ] {
            ensure!(text.contains(said), "{said} is missing in\n{text}");
        }
        ensure!(output.stderr.is_empty(), "nothing is to be warned of");
    }
    Ok(())
}

async fn once_tells_programs_who_got_which_mail(ctx: &Ctx) -> Outcome {
    let output = demo(ctx).args(["--once", "--json"]).output()?;
    ensure!(output.status.success(), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout)?;
    let to = |kind: &str| -> Vec<&str> {
        let mails = report["mails"].as_array().into_iter().flatten();
        mails
            .filter(|mail| mail["kind"] == kind)
            .filter_map(|mail| mail["to"].as_str())
            .collect()
    };
    ensure!(to("invitation").len() == 6);
    ensure!(to("receipt") == ["gildong@saesol.example"]);
    ensure!(to("accepted") == ["partner@hanbit.example"]);
    ensure!(to("declined") == ["partners@harbour.example"]);
    let mut reminded = to("reminder");
    reminded.sort_unstable();
    ensure!(
        reminded
            == [
                "minsu@daon.example",
                "priya@brightwater.example",
                "seoyeon@xn--zb0b81ke7eu5i69y.example",
                "tom@meadowlane.example",
            ],
        "{reminded:?}"
    );
    ensure!(report["audit"]["findings"] == Value::Array(Vec::new()));

    // What it left behind can be looked at with the other commands.
    let id = report["accepted"]["id"].as_str().context("an id")?;
    let settings = report["settings"].as_str().context("settings")?;
    let shown = ctx
        .countersign()
        .args(["invitation", "show", id, "--config", settings])
        .output()?;
    let text = String::from_utf8(shown.stdout)?;
    ensure!(
        shown.status.success() && text.contains("invitation.accepted"),
        "{text}"
    );
    let file = ctx.folder().join("evidence.json");
    let evidence = |more: &[&OsStr]| {
        let mut command = ctx.countersign();
        command.args(["invitation", "evidence", id, "--config", settings]);
        command.args(more).output()
    };
    let printed = evidence(&[])?;
    ensure!(
        printed.status.success() && printed.stderr.is_empty(),
        "{printed:?}"
    );
    let written = evidence(&["--out".as_ref(), file.as_os_str()])?;
    ensure!(written.status.success(), "{written:?}");
    let kept: Value = serde_json::from_slice(&std::fs::read(&file)?)?;
    let printed: Value = serde_json::from_slice(&printed.stdout)?;
    ensure!(kept["canonical"] == printed["canonical"] && kept["invitation"] == id);
    let mode = std::fs::metadata(&file)?.permissions().mode() & 0o777;
    ensure!(mode == 0o600, "others can read it: {mode:o}");
    let again = evidence(&["--out".as_ref(), file.as_os_str()])?;
    ensure!(
        again.status.code() == Some(4),
        "a file is never written over"
    );
    Ok(())
}

async fn a_demonstration_shows_its_mails_until_it_is_interrupted_and_goes_on_later(
    ctx: &Ctx,
) -> Outcome {
    let folder = ctx.folder().join("shown");
    let first = run_shown(ctx, &folder, "first").await?;
    ensure!(first["made"].as_array().map(Vec::len) == Some(6), "{first}");
    // One was answered meanwhile, and so much time has passed that the keys of the requests are forgotten.
    let settings = folder.join("demo.toml");
    let answered = first["invitations"][5]["id"].as_str().context("an id")?;
    let revoked = ctx
        .countersign()
        .args(["invitation", "revoke", answered, "--yes", "--config"])
        .arg(&settings)
        .output()?;
    ensure!(revoked.status.success(), "{revoked:?}");
    std::fs::write(folder.join("demo.clock"), "172800000000\n")?;
    let second = run_shown(ctx, &folder, "second").await?;
    let states = second["invitations"].as_array().into_iter().flatten();
    let revoked = states.filter(|one| one["state"] == "revoked");
    ensure!(revoked.count() == 1, "{second}");
    ensure!(
        second["made"].as_array().map(Vec::len) == Some(0),
        "{second}"
    );
    ensure!(second["mails"] == 6, "the mails of before are shown again");
    Ok(())
}

/// Starts it, reads a mail in the inbox, follows its link, ends it by SIGINT; returns what it said of itself.
async fn run_shown(ctx: &Ctx, folder: &Path, name: &str) -> anyhow::Result<Value> {
    let mark = folder.to_string_lossy().into_owned();
    let mut command = demo(ctx);
    command.args(["--json", "--dir", &mark]);
    let mut process = ctx.start(name, &mut command)?;
    let said = wait_until("the first line", Duration::from_mins(1), async || {
        // Not by its arguments: those of a process that is just starting cannot be read yet.
        ensure!(process.runs()?, "it ended: {}", process.log());
        Ok(serde_json::from_str::<Value>(&process.log()).ok())
    })
    .await?;
    let inbox = address(&said["inbox"])?;
    let list = get(inbox, "/").await?;
    ensure!(
        list.contains("6 mails") && list.contains("홍길동") && list.contains("Invitation"),
        "{list}"
    );
    let mail = get(inbox, "/mails/1").await?;
    ensure!(mail.contains("<iframe") && mail.contains("sandbox=\"allow-popups"));
    let frame = get(inbox, "/mails/1/frame").await?;
    let (headers, html) = frame.split_once("\r\n\r\n").context("headers")?;
    ensure!(
        headers.contains("content-security-policy: sandbox allow-popups "),
        "{headers}"
    );
    ensure!(html.contains("<base target=\"_blank\">"));
    let page = said["invitations"][0]["page"].as_str().context("a page")?;
    ensure!(
        get_all(inbox).await?.contains(page),
        "no mail leads to {page}"
    );
    let path = &page[page.find("/a/").context("a token")?..];
    let answer = get(address(&said["pages"])?, path).await?;
    ensure!(answer.starts_with("HTTP/1.1 200") || answer.starts_with("HTTP/1.0 200"));
    let track = said["invitations"][0]["id"].as_str().context("an id")?;
    let track = get(inbox, &format!("/invitations/{track}")).await?;
    ensure!(track.contains("mail.planned"), "{track}");

    process.signal("INT")?;
    let status = process.exit(Duration::from_secs(30)).await?;
    ensure!(status.success(), "{status}: {}", process.log());
    ensure!(processes_with(&mark) == 0, "a process was left behind");
    Ok(said)
}

/// The text of all six mails.
async fn get_all(inbox: SocketAddr) -> anyhow::Result<String> {
    let mut all = String::new();
    for number in 1..=6 {
        all.push_str(&get(inbox, &format!("/mails/{number}/text")).await?);
    }
    Ok(all)
}

fn address(url: &Value) -> anyhow::Result<SocketAddr> {
    let url = url.as_str().context("a URL")?;
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    let address: SocketAddr = host.parse()?;
    ensure!(address.ip().is_loopback(), "{address} is not this machine");
    Ok(address)
}

async fn get(host: SocketAddr, path: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(host).await?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

async fn the_settings_of_an_installation_have_no_part_in_it(ctx: &Ctx) -> Outcome {
    let settings = ctx.folder().join("countersign.toml");
    std::fs::write(&settings, "this = is no TOML")?;
    let output = demo(ctx)
        .arg("--once")
        .env(
            "COUNTERSIGN_DATABASE_URL",
            "postgres://nobody@127.0.0.1:1/none",
        )
        .env("COUNTERSIGN_SMTP_URL", "smtps://mail.example")
        .env("COUNTERSIGN_KEYS", "not a ring")
        .output()?;
    ensure!(output.status.success(), "{output:?}");
    ensure!(std::fs::read_to_string(&settings)? == "this = is no TOML");
    let left = std::fs::read_dir(ctx.folder())?.count();
    ensure!(left == 2, "the settings and the demonstration's folder");
    Ok(())
}

async fn a_folder_of_somebody_else_is_refused(ctx: &Ctx) -> Outcome {
    std::fs::write(ctx.folder().join("notes.txt"), "mine")?;
    let output = demo(ctx).args(["--fresh", "--dir", "."]).output()?;
    ensure!(output.status.code() == Some(2), "{output:?}");
    let said = String::from_utf8(output.stderr)?;
    ensure!(said.contains("--dir"), "{said}");
    ensure!(std::fs::read_dir(ctx.folder())?.count() == 1);
    Ok(())
}
