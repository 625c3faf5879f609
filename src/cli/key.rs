//! `key`: the key ring. No key is ever among what is printed.

use clap::Subcommand;
use serde_json::{Value, json};

use super::context::{Context, Times};
use super::failure::{ExitStatus, Failure};
use super::table::{Column, Table};
use crate::app::App;
use crate::domain::keys::KeyRing;
use crate::domain::time::{Clock as _, SystemClock};
use crate::keyfile::{self, KeyFileError};
use crate::storage::{recipient, webhook};
use crate::workflow::webhook::reseal;

const EXAMPLE: &str = "\
Example, to replace the key of links:
  countersign key rotate
  countersign key list
  countersign key retire 1";

const EXAMPLE_LIST: &str = "\
Example:
  countersign key list

JSON: {\"token\": [{\"id\", \"state\", \"created\", \"live_rows\"}], \"audit\": [{\"id\", \"current\", \"created\", \"public\"}]}";

const EXAMPLE_ROTATE: &str = "\
Example:
  countersign key rotate

JSON: {\"kind\": \"token\" | \"audit\", \"current\": ID}";

const EXAMPLE_RETIRE: &str = "\
Example:
  countersign key retire 1 --yes

JSON: {\"retired\": ID}";

/// List, rotate and retire the keys that links and the audit record are signed with
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(List),
    Rotate(Rotate),
    Retire(Retire),
}

/// List the keys, and how many open links each serves
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_LIST)]
struct List {
    #[command(flatten)]
    times: Times,
}

/// Make a new key, which new links get; earlier ones go on serving theirs
///
/// Services of this machine take the new key in within seconds. Copy the file to the other machines at once: what has not got
/// it opens none of the new links.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_ROTATE)]
struct Rotate {
    /// Replace the key that signs the audit record instead
    #[arg(long)]
    audit: bool,
}

/// Destroy a key that no open link needs any more
///
/// Refused while open links were made with it, and for the current key. Every machine has to have the key file of after the
/// rotation by then: one that has not goes on making links with the old key.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_RETIRE)]
struct Retire {
    /// The id of the key
    id: u16,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Runs `key`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    match args.action {
        Action::List(args) => list(&args, &cx).await,
        Action::Rotate(args) => rotate(&args, &cx),
        Action::Retire(args) => cx.with_app(async |app| retire(&args, &cx, app).await).await,
    }
}

async fn list(args: &List, cx: &Context) -> Result<ExitStatus, Failure> {
    let config = cx.config()?;
    let times = args.times.writer()?;
    let ring = keyfile::load(&config.keys_file, &cx.env)?;
    let live = match all_live_rows(cx, &ring).await {
        Ok(live) => live,
        Err(failure) => {
            cx.out.say("how many links each key serves is not known:");
            failure.lines().iter().for_each(|line| cx.out.say(line));
            Vec::new()
        }
    };
    let rows_of = |id| {
        live.iter()
            .find(|(key, _)| *key == id)
            .map(|(_, rows)| *rows)
    };
    if cx.out.is_json() {
        cx.out.object(&list_json(&ring, rows_of));
        return Ok(ExitStatus::Done);
    }
    let mut table = Table::new(&[
        Column::Whole("KIND"),
        Column::Number("ID"),
        Column::Whole("STATE"),
        Column::Whole("CREATED"),
        Column::Number("IN USE"),
    ]);
    for key in ring.token_keys() {
        table.row([
            "token".to_owned(),
            key.id().to_string(),
            key.state().to_string(),
            times.write(key.created()),
            rows_of(key.id()).map_or_else(|| "-".to_owned(), |rows| rows.to_string()),
        ]);
    }
    for key in ring.audit_keys() {
        let is_current = key.id() == ring.current_audit_key();
        table.row([
            "audit".to_owned(),
            key.id().to_string(),
            if is_current { "active" } else { "verify-only" }.to_owned(),
            times.write(key.created()),
            "-".to_owned(),
        ]);
    }
    cx.out.text(&table.to_string());
    Ok(ExitStatus::Done)
}

/// How many open links each token key serves.
async fn all_live_rows(cx: &Context, ring: &KeyRing) -> Result<Vec<(u16, u64)>, Failure> {
    cx.with_app(async |app| {
        let mut live = Vec::new();
        for key in ring.token_keys() {
            live.push((key.id(), live_rows(app, key.id()).await?));
        }
        Ok(live)
    })
    .await
}

async fn live_rows(app: &App, id: u16) -> Result<u64, Failure> {
    let now = app.engine.clock.now();
    let mut conn = app.engine.db.read().await?;
    let links = recipient::live_links_of_key(&mut conn, id, now).await?;
    let secrets = webhook::of_key(&mut conn, id).await?;
    Ok(u64::try_from(links + secrets).unwrap_or(0))
}

fn rotate(args: &Rotate, cx: &Context) -> Result<ExitStatus, Failure> {
    let config = cx.config()?;
    let now = SystemClock.now();
    let ring = keyfile::update(&config.keys_file, &cx.env, |ring| {
        if args.audit {
            ring.rotate_audit(now, &mut rand::rng())
        } else {
            ring.rotate(now, &mut rand::rng())
        }
    })?;
    let (kind, id) = if args.audit {
        ("audit", ring.current_audit_key())
    } else {
        ("token", ring.current_token_key())
    };
    if cx.out.is_json() {
        cx.out.object(&json!({"kind": kind, "current": id}));
    } else {
        cx.out.text(&format!("{kind} key {id} is the current one"));
    }
    cx.out.say(if args.audit {
        "services go on signing with the key before until they are restarted; what they sign stays good"
    } else {
        "services of this machine take it in within seconds; copy the key file to the other machines now"
    });
    Ok(ExitStatus::Done)
}

async fn retire(args: &Retire, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let id = args.id;
    let path = &app.config.keys_file;
    // A worker does so, too: secrets of webhooks need no older key than the current one.
    while reseal(&app.engine).await? > 0 {}
    // What cannot be retired is told before anybody is asked.
    let rows = live_rows(app, id).await?;
    let ring = keyfile::load(path, &cx.env)?;
    ring.retire(id, rows).map_err(KeyFileError::from)?;
    cx.confirm(&format!("Destroy token key {id} for good?"), args.yes)?;
    let rows = live_rows(app, id).await?;
    keyfile::update(path, &cx.env, |ring| ring.retire(id, rows))?;
    if cx.out.is_json() {
        cx.out.object(&json!({"retired": id}));
    } else {
        cx.out.text(&format!("token key {id} is retired"));
    }
    Ok(ExitStatus::Done)
}

/// The keys of the ring, oldest first: `{"token": [{"id", "state", "created", "live_rows"}], "audit": [{"id", "current",
/// "created", "public"}]}`, the public half in base64. `live_rows` says how many rows still use a token key, or nothing when the
/// database was not asked.
fn list_json(ring: &KeyRing, live_rows: impl Fn(u16) -> Option<u64>) -> Value {
    let tokens: Vec<Value> = ring
        .token_keys()
        .iter()
        .map(|key| {
            json!({
                "id": key.id(),
                "state": key.state().as_str(),
                "created": key.created(),
                "live_rows": live_rows(key.id()),
            })
        })
        .collect();
    let audits: Vec<Value> = ring
        .audit_keys()
        .iter()
        .map(|key| {
            json!({
                "id": key.id(),
                "current": key.id() == ring.current_audit_key(),
                "created": key.created(),
                "public": data_encoding::BASE64.encode(key.public()),
            })
        })
        .collect();
    json!({"token": tokens, "audit": audits})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use secrecy::ExposeSecret as _;

    #[test]
    fn the_list_has_every_key_and_no_secret() {
        let now = Timestamp::from_micros(1_795_000_000_000_000);
        let ring = KeyRing::fresh(now, &mut rand::rng())
            .rotate(now, &mut rand::rng())
            .unwrap();
        let listed = list_json(&ring, |id| (id == 1).then_some(12));
        assert_eq!(
            listed["token"][0],
            json!({"id": 1, "state": "verify-only", "created": now, "live_rows": 12})
        );
        assert_eq!(listed["token"][1]["state"], "active");
        assert_eq!(listed["token"][1]["live_rows"], Value::Null);
        assert_eq!(listed["audit"][0]["current"], true);
        let shown = listed.to_string();
        for line in ring.to_toml().expose_secret().lines() {
            let secret = line.strip_prefix("key = ").or(line.strip_prefix("seed = "));
            if let Some(secret) = secret {
                assert!(!shown.contains(secret.trim_matches('"')));
            }
        }
    }
}
