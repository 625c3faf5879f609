//! `suppression`: mailboxes that take no mail from here.

use clap::Subcommand;
use serde_json::{Value, json};

use super::choice::one_of;
use super::context::{Context, Times};
use super::failure::{ExitStatus, Failure};
use super::partner::resolve;
use super::table::{Column, Table};
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::ids::SuppressionId;
use crate::domain::suppression::{Cause, RemovalReason};
use crate::domain::time::Timestamp;
use crate::storage::listing::Suppressions;
use crate::storage::suppression as stored;
use crate::workflow::facts::readable;
use crate::workflow::suppression::{self, Added, Named, New};

const EXAMPLE: &str = "\
Example:
  countersign suppression list
  countersign suppression add kim@contoso.example --because stopped
  countersign suppression remove kim@contoso.example --reason 'asked by telephone'";

const EXAMPLE_LIST: &str = "\
Example:
  countersign suppression list --partner hanbit
  countersign suppression list --email kim@contoso.example

JSON: an object a suppression: {\"suppression\", \"email\", \"reason\", \"detail\", \"created_at\", \"removed\": null | {\"at\", \
\"partner\", \"why\"}}";

const EXAMPLE_ADD: &str = "\
Example:
  countersign suppression add kim@contoso.example --because stopped \\
    --detail 'asked by telephone'

JSON: {\"outcome\": \"added\" | \"already_there\", \"suppression\", \"email\", \"reason\"}";

const EXAMPLE_REMOVE: &str = "\
Example:
  countersign suppression remove kim@contoso.example \\
    --reason 'the mailbox is there again'

JSON: {\"outcome\": \"removed\", \"suppression\", \"reason\"}";

/// List, add and remove mailboxes that take no mail from here, whichever partner asks
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(List),
    Add(Add),
    Remove(Remove),
}

/// List suppressions, the newest first
///
/// The address of a mailbox whose person was erased is not known any more.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_LIST)]
struct List {
    /// Only those that this partner sees, as it has invited the mailbox: its handle or id
    #[arg(long, conflicts_with = "email")]
    partner: Option<String>,
    /// Of this mailbox alone, with those that were removed
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["because", "after"])]
    email: Option<String>,
    /// Only for this reason
    #[arg(long, value_name = "REASON", value_parser = one_of(Cause::ALL))]
    because: Option<Cause>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    limit: u16,
    /// Only those that are older than this one (sup_…)
    #[arg(long, value_name = "ID")]
    after: Option<String>,
    #[command(flatten)]
    times: Times,
}

/// Leave a mailbox alone from now on: mails that wait for it are not sent
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_ADD)]
struct Add {
    /// The mailbox
    address: String,
    /// Why; partners themselves may remove `hard_bounce` alone
    #[arg(long, value_name = "REASON", default_value = "operator", value_parser = one_of(&BY_HAND))]
    because: Cause,
    /// Why, in words
    #[arg(long, value_name = "TEXT")]
    detail: Option<String>,
}

/// Mail a mailbox again
///
/// The reason is kept with who removed it, and each partner that has invited the mailbox finds the removal among its events,
/// without the words. What was not sent meanwhile is sent by `invitation resend`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_REMOVE)]
struct Remove {
    /// The mailbox, or the suppression's id (sup_…)
    mailbox: String,
    /// Why, in words
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// An erasure is recorded by erasing.
static BY_HAND: [Cause; 4] = [
    Cause::HardBounce,
    Cause::Complaint,
    Cause::Stopped,
    Cause::Operator,
];

/// Runs `suppression`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    cx.with_app(async |app| match args.action {
        Action::List(args) => list(&args, &cx, app).await,
        Action::Add(args) => add(&args, &cx, app).await,
        Action::Remove(args) => remove(&args, &cx, app).await,
    })
    .await
}

fn address(field: &'static str, text: &str) -> Result<EmailAddress, Failure> {
    text.parse()
        .map_err(|error: crate::domain::address::AddressError| {
            Failure::field(field, error.to_string())
        })
}

fn words(field: &'static str, text: &str) -> Result<RemovalReason, Failure> {
    text.parse()
        .map_err(|error: crate::domain::text::TextError| Failure::field(field, error.to_string()))
}

/// One as a list shows it.
struct Told {
    id: SuppressionId,
    email: Option<String>,
    reason: String,
    detail: Option<String>,
    created_at: Timestamp,
    removed: Option<stored::Removal>,
}

impl From<stored::Suppression> for Told {
    fn from(row: stored::Suppression) -> Self {
        Self {
            id: row.id,
            email: row.address,
            reason: row.reason,
            detail: row.detail,
            created_at: row.created_at,
            removed: None,
        }
    }
}

async fn told(args: &List, app: &App) -> Result<Vec<Told>, Failure> {
    let after = args.after.as_deref().map(str::parse::<SuppressionId>);
    let after = after
        .transpose()
        .map_err(|error| Failure::field("after", error.to_string()))?;
    let engine = &app.engine;
    if let Some(email) = &args.email {
        let email = address("email", email)?;
        let mailbox = engine.keys.mailbox(email.as_str());
        let mut conn = engine.db.read().await?;
        let mut told: Vec<Told> = stored::removals(&mut conn, &mailbox)
            .await?
            .into_iter()
            .map(|row| Told {
                id: row.id,
                email: Some(email.as_str().to_owned()),
                reason: row.reason.clone(),
                detail: None,
                created_at: row.suppressed_at,
                removed: Some(row),
            })
            .collect();
        let current = stored::find(&mut conn, &mailbox).await?;
        told.extend(current.map(Told::from));
        told.reverse();
        return Ok(told);
    }
    if args.partner.is_none() {
        let limit = u32::from(args.limit);
        let rows = suppression::list(engine, args.because, after, limit).await?;
        return Ok(rows.into_iter().map(Told::from).collect());
    }
    let mut conn = engine.db.read().await?;
    let partner = resolve(&mut conn, args.partner.as_deref()).await?.id;
    drop(conn);
    let filter = Suppressions {
        reason: args.because,
    };
    let page = suppression::of_partner(engine, partner, filter, after, args.limit).await?;
    let told = page.map(|row| Told {
        id: row.id,
        email: Some(row.smtp_address),
        reason: row.reason,
        detail: None,
        created_at: row.created_at,
        removed: None,
    });
    Ok(told.items)
}

async fn list(args: &List, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let told = told(args, app).await?;
    if cx.out.is_json() {
        for one in &told {
            cx.out.object(&object(one));
        }
        return Ok(ExitStatus::Done);
    }
    if told.is_empty() {
        cx.out.say("none");
        return Ok(ExitStatus::Done);
    }
    let mut table = Table::new(&[
        Column::Whole("SUPPRESSION"),
        Column::Whole("REASON"),
        Column::Whole("SINCE"),
        Column::Text("EMAIL"),
        Column::Text("DETAIL"),
    ]);
    for one in &told {
        let detail = match &one.removed {
            Some(removed) => format!(
                "removed {} by {}: {}",
                times.write(removed.removed_at),
                by(removed),
                removed.why.as_deref().unwrap_or("-")
            ),
            None => one.detail.clone().unwrap_or_default(),
        };
        table.row([
            one.id.to_string(),
            one.reason.clone(),
            times.write(one.created_at),
            one.email
                .as_deref()
                .map_or_else(|| "-".to_owned(), readable),
            detail,
        ]);
    }
    cx.out.text(&table.to_string());
    Ok(ExitStatus::Done)
}

fn by(removed: &stored::Removal) -> String {
    removed
        .partner_id
        .map_or_else(|| "operator".to_owned(), |partner| partner.to_string())
}

fn object(one: &Told) -> Value {
    json!({
        "suppression": one.id,
        "email": one.email,
        "reason": one.reason,
        "detail": one.detail,
        "created_at": one.created_at,
        "removed": one.removed.as_ref().map(|removed| json!({
            "at": removed.removed_at,
            "partner": removed.partner_id,
            "why": removed.why,
        })),
    })
}

async fn add(args: &Add, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let detail = args.detail.as_deref();
    let new = New {
        address: address("address", &args.address)?,
        cause: args.because,
        detail: detail.map(|text| words("detail", text)).transpose()?,
    };
    let (outcome, row) = match suppression::add(&app.engine, new).await? {
        Added::New(row) => ("added", row),
        Added::Already(row) => ("already_there", row),
    };
    if cx.out.is_json() {
        cx.out.object(&json!({
            "outcome": outcome,
            "suppression": row.id,
            "email": row.address,
            "reason": row.reason,
        }));
    } else if outcome == "added" {
        cx.out.text(&format!("added {}", row.id));
    } else {
        let reason = &row.reason;
        cx.out
            .text(&format!("{} is there already ({reason})", row.id));
    }
    Ok(ExitStatus::Done)
}

async fn remove(args: &Remove, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let why = words("reason", &args.reason)?;
    let named = match args.mailbox.parse() {
        Ok(id) => Named::Id(id),
        Err(_) => Named::Address(address("mailbox", &args.mailbox)?),
    };
    let removed = suppression::remove(&app.engine, named, why).await?;
    if cx.out.is_json() {
        cx.out.object(&json!({
            "outcome": "removed",
            "suppression": removed.id,
            "reason": removed.reason,
        }));
    } else {
        cx.out.text(&format!("removed {}", removed.id));
    }
    Ok(ExitStatus::Done)
}
