//! `partner`: who asks.

use clap::Subcommand;

use super::context::{Context, TimeWriter, Times};
use super::failure::{ExitStatus, Failure};
use super::table::{Column, Table};
use crate::app::App;
use crate::domain::ids::PartnerId;
use crate::storage::Conn;
use crate::storage::partner::{self, Partner};
use crate::workflow;

const EXAMPLE: &str = "\
Example:
  countersign partner list
  countersign partner show hanbit --json";

const EXAMPLE_ADD: &str = "\
Example:
  countersign partner add --handle hanbit --name 한빛테크 \\
    --legal-name '주식회사 한빛테크' --representative 김한빛 \\
    --registration-number 110-81-00000 --email partner@hanbit.example \\
    --phone '+82 2 555 0100' --address '서울특별시 중구 세종대로 110' \\
    --language ko --time-zone Asia/Seoul

JSON: {\"id\", \"handle\", \"name\", \"legal_name\", \"email\", \"phone\", \"address\", \"website\", \"representative\", \
\"registration_number\", \"language\", \"time_zone\", \"advertising_mark\", \"created_at\"}";

/// Add and look at partners: who asks customers
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Add(Box<Add>),
    List(List),
    Show(Show),
}

/// Add a partner
///
/// Its customers read who asks them: legal name, telephone and address stand in every mail and on every page.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_ADD)]
struct Add {
    /// A short name for the command line: 2 to 40 of a-z, 0-9 and -
    #[arg(long)]
    handle: String,
    /// The name that people know
    #[arg(long)]
    name: String,
    /// The name in the register, exactly as it is written there [default: the name]
    #[arg(long)]
    legal_name: Option<String>,
    /// Where the partner's own notices go
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// Telephone, as customers should dial it
    #[arg(long)]
    phone: String,
    /// Postal address, on one line
    #[arg(long)]
    address: String,
    /// Website, beginning with https://
    #[arg(long, value_name = "URL")]
    website: Option<String>,
    /// Who represents the company (대표자)
    #[arg(long, value_name = "NAME")]
    representative: Option<String>,
    /// Number in the register of businesses (사업자등록번호)
    #[arg(long, value_name = "NUMBER")]
    registration_number: Option<String>,
    /// Language of its notices, and of customers who have none: BCP 47 [default: `language` of the settings]
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// IANA time zone, such as Asia/Seoul [default: `time_zone` of the settings]
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Write (광고) first in the subjects of its invitations, as Korean law wants it for advertising
    #[arg(long)]
    advertising_mark: bool,
}

/// List all partners
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  countersign partner list --json | jq -r .handle\n\nJSON: an object a partner, as `partner add`"
)]
struct List {
    #[command(flatten)]
    times: Times,
}

/// Show one partner
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  countersign partner show hanbit\n\nJSON: as `partner add`")]
struct Show {
    /// Its handle, or its id (prt_…)
    partner: String,
    #[command(flatten)]
    times: Times,
}

/// Runs `partner`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    cx.with_app(async |app| match args.action {
        Action::Add(args) => add(*args, &cx, app).await,
        Action::List(args) => list(&args, &cx, app).await,
        Action::Show(args) => show(&args, &cx, app).await,
    })
    .await
}

async fn add(args: Add, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let settings = &app.engine.settings;
    let draft = workflow::partner::Draft {
        handle: args.handle,
        name: args.name,
        legal_name: args.legal_name,
        email: args.email,
        phone: args.phone,
        address: args.address,
        website: args.website,
        representative: args.representative,
        registration_number: args.registration_number,
        language: args.language.unwrap_or_else(|| app.config.language.clone()),
        time_zone: args.time_zone.unwrap_or_else(|| settings.time_zone.clone()),
        advertising_mark: args.advertising_mark,
    };
    let id = workflow::partner::add(&app.engine, &draft).await?;
    let mut conn = app.engine.db.read().await?;
    let added = partner::find(&mut conn, id).await?.ok_or_else(missing)?;
    if cx.out.is_json() {
        cx.out.object(&added);
    } else {
        cx.out.text(&format!("added {} ({id})", added.handle));
    }
    Ok(ExitStatus::Done)
}

async fn list(args: &List, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let mut conn = app.engine.db.read().await?;
    let partners = partner::list(&mut conn).await?;
    if cx.out.is_json() {
        for partner in &partners {
            cx.out.object(partner);
        }
        return Ok(ExitStatus::Done);
    }
    let mut table = Table::new(&[
        Column::Whole("HANDLE"),
        Column::Text("NAME"),
        Column::Text("EMAIL"),
        Column::Whole("LANGUAGE"),
        Column::Whole("ADDED"),
    ]);
    for partner in &partners {
        table.row([
            partner.handle.clone(),
            partner.name.clone(),
            partner.email.clone(),
            partner.language.to_string(),
            times.write(partner.created_at),
        ]);
    }
    if partners.is_empty() {
        cx.out
            .say("no partner yet: add one with `countersign partner add`");
    } else {
        cx.out.text(&table.to_string());
    }
    Ok(ExitStatus::Done)
}

async fn show(args: &Show, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let mut conn = app.engine.db.read().await?;
    let partner = resolve(&mut conn, Some(&args.partner)).await?;
    if cx.out.is_json() {
        cx.out.object(&partner);
    } else {
        cx.out.text(&pairs(&partner, &times).to_string());
    }
    Ok(ExitStatus::Done)
}

fn pairs(partner: &Partner, times: &TimeWriter) -> Table {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let mut table = Table::pairs();
    for (name, value) in [
        ("id", partner.id.to_string()),
        ("handle", partner.handle.clone()),
        ("name", partner.name.clone()),
        ("legal name", partner.legal_name.clone()),
        ("email", partner.email.clone()),
        ("phone", partner.phone.clone()),
        ("address", partner.address.clone()),
        ("website", or_dash(&partner.website)),
        ("representative", or_dash(&partner.representative)),
        ("registration number", or_dash(&partner.registration_number)),
        ("language", partner.language.to_string()),
        ("time zone", partner.time_zone.clone()),
        (
            "advertising mark",
            if partner.advertising_mark {
                "yes"
            } else {
                "no"
            }
            .to_owned(),
        ),
        ("added", times.write(partner.created_at)),
    ] {
        table.row([name.to_owned(), value]);
    }
    table
}

fn missing() -> Failure {
    Failure::new(
        ExitStatus::NotFound,
        "partner: there is none of that name; `countersign partner list` shows those that there are",
    )
}

/// The partner that was named by handle or id; the only one there is, where none was named.
///
/// # Errors
/// There is none of that name, or none was named and there is not exactly one.
pub(super) async fn resolve(conn: &mut Conn, named: Option<&str>) -> Result<Partner, Failure> {
    if let Some(name) = named {
        let found = match name.parse::<PartnerId>() {
            Ok(id) => partner::find(conn, id).await?,
            Err(_) => partner::find_by_handle(conn, name.trim()).await?,
        };
        return found.ok_or_else(missing);
    }
    let mut all = partner::list(conn).await?;
    match (all.pop(), all.len()) {
        (Some(only), 0) => Ok(only),
        (None, _) => Err(Failure::new(
            ExitStatus::NotFound,
            "partner: there is none yet; add one with `countersign partner add`",
        )),
        (Some(last), _) => {
            let handles: Vec<_> = all
                .iter()
                .chain([&last])
                .map(|partner| partner.handle.as_str())
                .collect();
            Err(Failure::field(
                "partner",
                format!(
                    "there are several: name one with --partner ({})",
                    handles.join(", ")
                ),
            ))
        }
    }
}
