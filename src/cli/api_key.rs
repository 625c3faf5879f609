//! `api-key`: the keys with which partners use the interface. One is printed when it is made, and never again.

use clap::Subcommand;
use serde_json::{Value, json};

use super::context::{Context, Times};
use super::failure::{ExitStatus, Failure};
use super::partner;
use super::table::{Column, Table};
use crate::app::App;
use crate::domain::api_key::{self, Scopes};
use crate::domain::audit::Actor;
use crate::domain::text::Label;
use crate::domain::time::{DAY, HOUR, Timestamp};
use crate::storage::api_key::ApiKey;
use crate::storage::{self, Conn};
use crate::workflow::api_key::{self as workflow, ApiKeyError, Draft, Made};

const EXAMPLE: &str = "\
Example:
  countersign api-key create --partner hanbit --name shop \\
    --scopes read,invite
  countersign api-key rotate cs_live_7kq2m9xd
  countersign api-key revoke cs_live_7kq2m9xd --yes";

const EXAMPLE_CREATE: &str = "\
Example:
  countersign api-key create --partner hanbit --name shop \\
    --scopes read,invite --expires-in-days 365

JSON: {\"id\", \"partner\", \"name\", \"prefix\", \"scopes\", \"state\", \"created_at\", \"expires_at\", \"last_used_at\", \
\"revoked_at\", \"replaces\", \"key\"}";

const EXAMPLE_LIST: &str = "\
Example:
  countersign api-key list --partner hanbit

JSON: an object a key, as `api-key create`, without \"key\"";

const EXAMPLE_ROTATE: &str = "\
Example:
  countersign api-key rotate cs_live_7kq2m9xd --overlap 48

JSON: as `api-key create`";

const EXAMPLE_REVOKE: &str = "\
Example:
  countersign api-key revoke cs_live_7kq2m9xd --yes

JSON: as `api-key create`, without \"key\"";

/// Make, list, rotate and revoke the keys of partners to the HTTP interface
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Create(Create),
    List(List),
    Rotate(Rotate),
    Revoke(Revoke),
}

/// Make a key, and print it: nothing shows it again
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_CREATE)]
struct Create {
    /// The partner, by handle or id; may be left out where there is only one
    #[arg(long)]
    partner: Option<String>,
    /// What it is for, as you will look for it later
    #[arg(long)]
    name: String,
    /// What it may do, with commas between: read, invite, manage; none includes another
    #[arg(long, default_value = "read,invite,manage")]
    scopes: String,
    /// After how many days it ends, 1 to 3650; without this, it does not end
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3650))]
    expires_in_days: Option<u16>,
}

/// List the keys, and when each was used
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_LIST)]
struct List {
    /// Only those of this partner, by handle or id
    #[arg(long)]
    partner: Option<String>,
    #[command(flatten)]
    times: Times,
}

/// Make a key in the place of another one, which stays good for a while
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_ROTATE)]
struct Rotate {
    /// The key that is replaced: its beginning (`cs_live_…`) or its id (`key_…`)
    key: String,
    /// For how many hours the old one stays good, 0 to 720; 0 ends it at once
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u16).range(0..=720))]
    overlap: u16,
}

/// Take a key back: the next request with it is refused
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_REVOKE)]
struct Revoke {
    /// The key: its beginning (`cs_live_…`) or its id (`key_…`)
    key: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Runs `api-key`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    cx.with_app(async |app| match args.action {
        Action::Create(args) => create(&args, &cx, app).await,
        Action::List(args) => list(&args, &cx, app).await,
        Action::Rotate(args) => rotate(&args, &cx, app).await,
        Action::Revoke(args) => revoke(&args, &cx, app).await,
    })
    .await
}

async fn create(args: &Create, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let name: Label = (args.name.parse()).map_err(|error| refused("name", &error))?;
    let scopes: Scopes = (args.scopes.parse()).map_err(|error| refused("scopes", &error))?;
    let mut conn = app.engine.db.read().await?;
    let partner = partner::resolve(&mut conn, args.partner.as_deref()).await?;
    drop(conn);
    let now = app.engine.clock.now();
    let draft = Draft {
        partner: partner.id,
        name,
        scopes,
        expires_at: (args.expires_in_days).map(|days| now.plus_micros(i64::from(days) * DAY)),
    };
    let made = workflow::create(&app.engine, draft, Actor::Operator).await?;
    tell(&made, now, cx);
    Ok(ExitStatus::Done)
}

async fn list(args: &List, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let now = app.engine.clock.now();
    let mut conn = app.engine.db.read().await?;
    let partner = match &args.partner {
        Some(name) => Some(partner::resolve(&mut conn, Some(name)).await?.id),
        None => None,
    };
    let handles = partner::handles(&mut conn).await?;
    let keys = storage::api_key::list(&mut conn, partner).await?;
    if cx.out.is_json() {
        for key in &keys {
            cx.out.object(&object(key, now));
        }
        return Ok(ExitStatus::Done);
    }
    let mut table = Table::new(&[
        Column::Whole("KEY"),
        Column::Whole("PARTNER"),
        Column::Text("NAME"),
        Column::Whole("SCOPES"),
        Column::Whole("STATE"),
        Column::Whole("ENDS"),
        Column::Whole("LAST USED"),
    ]);
    for key in &keys {
        table.row([
            shown(key),
            handles.get(&key.partner_id).cloned().unwrap_or_default(),
            key.name.clone(),
            key.scopes.to_string(),
            key.state(now).to_string(),
            times.write_if(key.expires_at),
            times.write_if(key.last_used_at),
        ]);
    }
    if keys.is_empty() {
        cx.out
            .say("no key yet: make one with `countersign api-key create`");
    } else {
        cx.out.text(&table.to_string());
    }
    Ok(ExitStatus::Done)
}

async fn rotate(args: &Rotate, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let mut conn = app.engine.db.read().await?;
    let old = resolve(&mut conn, &args.key).await?;
    drop(conn);
    let overlap = i64::from(args.overlap) * HOUR;
    let now = app.engine.clock.now();
    let made = workflow::rotate(&app.engine, old.id, overlap, Actor::Operator).await?;
    tell(&made, now, cx);
    cx.out.say(&match args.overlap {
        0 => format!("{} is refused from now on", shown(&old)),
        hours => format!("{} stays good for {hours} h at most", shown(&old)),
    });
    Ok(ExitStatus::Done)
}

async fn revoke(args: &Revoke, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let mut conn = app.engine.db.read().await?;
    let key = resolve(&mut conn, &args.key).await?;
    drop(conn);
    let question = format!("Revoke {} ({})?", shown(&key), key.name);
    cx.confirm(&question, args.yes)?;
    let revoked = workflow::revoke(&app.engine, key.id, Actor::Operator).await?;
    if cx.out.is_json() {
        cx.out.object(&object(&revoked, app.engine.clock.now()));
    } else {
        cx.out.text(&format!("{} is revoked", shown(&key)));
    }
    Ok(ExitStatus::Done)
}

/// The key that was named by id or by its beginning; a whole one, which somebody has found, is taken, too.
async fn resolve(conn: &mut Conn, named: &str) -> Result<ApiKey, Failure> {
    let named = named.trim();
    let keys = storage::api_key::list(conn, None).await?;
    let prefix = named.strip_prefix(api_key::START).unwrap_or(named);
    let prefix = prefix.split('_').next().unwrap_or_default();
    let id = named.parse().ok();
    let found = keys
        .into_iter()
        .find(|key| Some(key.id) == id || key.prefix == prefix);
    found.ok_or_else(|| ApiKeyError::NotFound.into())
}

fn tell(made: &Made, now: Timestamp, cx: &Context) {
    if cx.out.is_json() {
        let mut object = object(&made.row, now);
        object["key"] = json!(made.key.expose());
        cx.out.object(&object);
        return;
    }
    cx.out.text(made.key.expose());
    cx.out
        .say("keep it now, as a password: nothing shows it again");
}

fn shown(key: &ApiKey) -> String {
    format!("{}{}", api_key::START, key.prefix)
}

fn object(key: &ApiKey, now: Timestamp) -> Value {
    json!({
        "id": key.id,
        "partner": key.partner_id,
        "name": key.name,
        "prefix": shown(key),
        "scopes": key.scopes,
        "state": key.state(now).as_str(),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
        "replaces": key.replaces,
    })
}

fn refused(field: &'static str, error: &dyn std::error::Error) -> Failure {
    Failure::field(field, error.to_string())
}
