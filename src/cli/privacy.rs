//! `privacy`: what is held of a person, its erasure, and what is deleted when its time is over.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;

use super::context::{Context, TimeWriter, Times};
use super::failure::{ExitStatus, Failure};
use super::invitation::evidence::write;
use super::table::{Column, Table};
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::workflow::privacy::{self, Due, Erasure, Fate, Why, Wish};

const EXAMPLE: &str = "\
Example:
  countersign privacy export --contact kim@contoso.example --output kim.json
  countersign privacy erase --contact kim@contoso.example --dry-run
  countersign privacy retention";

const EXAMPLE_EXPORT: &str = "\
Example:
  countersign privacy export --contact kim@contoso.example --output kim.json

JSON: {\"form\", \"exported_at\", \"address\", \"sections\": [{\"name\", \"purpose\", \"kept\", \"items\": [\u{2026}]}]}; \
with --output {\"file\", \"sections\"}. docs/privacy.md says what the sections hold.";

const EXAMPLE_ERASE: &str = "\
Example:
  countersign privacy erase --contact kim@contoso.example --dry-run
  countersign privacy erase --contact kim@contoso.example --yes

JSON: {\"erased\", \"invitations\", \"revoked\": [{\"invitation\", \"partner\"}], \"relationships\", \"cancelled\", \"visits\", \
\"inquiries\", \"evidence\": [{\"acceptance\", \"invitation\", \"kept_until\", \"why\": \"relationship_holds\" | \"time_not_over\" | \
\"time_over\" | \"erased_before\"}], \"suppressed\", \"own_address_of\"}; \"erased\" is false with --dry-run";

const EXAMPLE_ALLOW: &str = "\
Example:
  countersign privacy allow --contact kim@contoso.example

JSON: {\"allowed\": true}";

const EXAMPLE_RETENTION: &str = "\
Example:
  countersign privacy retention
  countersign privacy retention --run

JSON: an object a class: {\"class\", \"days\", \"before\", \"rows\"}";

/// Tell a person what is held of them, erase it, and see what is deleted by its age
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Export(Export),
    Erase(Erase),
    Allow(Allow),
    Retention(Retention),
}

/// Write all that is held of a person as one JSON document, with what it is for and how long it is kept
///
/// It holds no link and no key, and can be handed to the person. Make sure who asks before you do.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_EXPORT)]
struct Export {
    /// The person's mail address; case and spelling of the domain do not count
    #[arg(long, value_name = "ADDRESS")]
    contact: String,
    /// Write it to this file (mode 0600, must not exist) instead of stdout
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Erase what is held of a person
///
/// Names, address, telephone, client addresses, browsers, notes, reasons, inquiries and what servers said go at once; pending
/// invitations are revoked and mails to the person are not sent. The evidence of a consent stays for the years that the
/// settings say (`consents_years`), and goes after that. The audit record still verifies. Relationships go on: access at
/// Microsoft ends only there. From then on the address takes no mail from here.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_ERASE)]
struct Erase {
    /// The person's mail address; case and spelling of the domain do not count
    #[arg(long, value_name = "ADDRESS")]
    contact: String,
    /// Say what would be erased, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Let partners invite the address again; what else keeps it from mail stays
    #[arg(long)]
    may_be_invited: bool,
    #[command(flatten)]
    times: Times,
}

/// Let an erased address be invited again, when its person asks for that
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_ALLOW)]
struct Allow {
    /// The person's mail address
    #[arg(long, value_name = "ADDRESS")]
    contact: String,
}

/// Show what is deleted by its age, and how much is due; a worker or a tick deletes it once a day
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_RETENTION)]
struct Retention {
    /// Delete it now
    #[arg(long)]
    run: bool,
    #[command(flatten)]
    times: Times,
}

/// Runs `privacy`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    cx.with_app(async |app| match args.action {
        Action::Export(args) => export(&args, &cx, app).await,
        Action::Erase(args) => erase(&args, &cx, app).await,
        Action::Allow(args) => allow(&args, &cx, app).await,
        Action::Retention(args) => retention(&args, &cx, app).await,
    })
    .await
}

fn address(text: &str) -> Result<EmailAddress, Failure> {
    text.parse()
        .map_err(|error: crate::domain::address::AddressError| {
            Failure::field("contact", error.to_string())
        })
}

async fn export(args: &Export, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let document = privacy::export(&app.engine, &address(&args.contact)?).await?;
    let unwritable = |error: serde_json::Error| Failure::new(ExitStatus::Failed, error.to_string());
    match &args.output {
        None if cx.out.is_json() => cx.out.object(&document),
        None => {
            let text = serde_json::to_string_pretty(&document).map_err(unwritable)?;
            cx.out.raw(text.as_bytes());
            cx.out.raw(b"\n");
        }
        Some(path) => {
            let mut text = serde_json::to_string_pretty(&document).map_err(unwritable)?;
            text.push('\n');
            write("output", path, text.as_bytes())?;
            let sections = document.sections.len();
            if cx.out.is_json() {
                cx.out.object(&json!({"file": path, "sections": sections}));
            } else {
                let kinds = if sections == 1 { "kind" } else { "kinds" };
                cx.out
                    .text(&format!("{}: {sections} {kinds} of data", path.display()));
            }
        }
    }
    Ok(ExitStatus::Done)
}

async fn erase(args: &Erase, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let wish = Wish {
        address: address(&args.contact)?,
        may_be_invited: args.may_be_invited,
    };
    if args.dry_run || !args.yes {
        let plan = privacy::rehearse(&app.engine, wish.clone()).await?;
        if args.dry_run {
            tell(&plan, false, cx, &times);
            return Ok(ExitStatus::Done);
        }
        for line in lines(&plan, false, &times) {
            cx.out.say(&line);
        }
        cx.confirm("Erase this person? It cannot be undone.", false)?;
    }
    let erasure = privacy::erase(&app.engine, wish).await?;
    tell(&erasure, true, cx, &times);
    Ok(ExitStatus::Done)
}

fn tell(erasure: &Erasure, is_done: bool, cx: &Context, times: &TimeWriter) {
    if cx.out.is_json() {
        let mut told = json!(erasure);
        told["erased"] = json!(is_done);
        cx.out.object(&told);
    } else {
        cx.out.text(&lines(erasure, is_done, times).join("\n"));
    }
}

/// What became of it, a sentence a line.
fn lines(erasure: &Erasure, is_done: bool, times: &TimeWriter) -> Vec<String> {
    let verb = if is_done { "erased" } else { "would erase" };
    let mut lines = vec![format!(
        "{verb}: what names the person in {}, {} by their links, {}; {} to them not sent",
        count(erasure.invitations as u64, "invitation"),
        count(erasure.visits, "visit"),
        count(erasure.inquiries, "inquiry"),
        count(erasure.cancelled, "mail"),
    )];
    for revoked in &erasure.revoked {
        let (id, partner) = (revoked.invitation, &revoked.partner);
        lines.push(format!(
            "revoked: {id} of {partner}, which was pending; nobody is mailed, so tell the partner if they should know"
        ));
    }
    for id in &erasure.relationships {
        lines.push(format!(
            "goes on: {id}, which this person agreed upon last. Nobody of the customer is mailed about it any more, and its \
             roles no longer extend themselves; invite somebody else of the organization to take it over. Access at Microsoft \
             ends only there, in the admin center"
        ));
    }
    lines.extend(erasure.evidence.iter().map(|fate| told(fate, times)));
    for partner in &erasure.own_address_of {
        lines.push(format!(
            "stays: the same address as that of the partner {partner}, who publishes it"
        ));
    }
    lines.push(if erasure.suppressed {
        "the address takes no mail from here any more, and is known by a keyed hash only".to_owned()
    } else {
        "the address may be invited again".to_owned()
    });
    lines
}

fn told(fate: &Fate, times: &TimeWriter) -> String {
    let id = fate.acceptance;
    match (fate.why, fate.kept_until) {
        (Why::RelationshipHolds, _) => format!(
            "kept: the evidence of {id}, because a relationship of the two holds; for the years of `consents_years` after its end"
        ),
        (Why::TimeNotOver, until) => format!(
            "kept until {}: the evidence of {id}, because records of consents are kept for the years of `consents_years`",
            times.write_if(until)
        ),
        (Why::TimeOver, _) => format!("erased: the evidence of {id}, whose time is over"),
        (Why::ErasedBefore, _) => format!("erased before: the evidence of {id}"),
    }
}

fn count(number: u64, what: &str) -> String {
    match (number, what) {
        (1, _) => format!("1 {what}"),
        (_, "inquiry") => format!("{number} inquiries"),
        _ => format!("{number} {what}s"),
    }
}

async fn allow(args: &Allow, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    privacy::allow(&app.engine, &address(&args.contact)?).await?;
    if cx.out.is_json() {
        cx.out.object(&json!({"allowed": true}));
    } else {
        cx.out.text("the address may be invited again");
    }
    Ok(ExitStatus::Done)
}

async fn retention(args: &Retention, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let all = if args.run {
        privacy::sweep(&app.engine).await?
    } else {
        privacy::due(&app.engine).await?
    };
    if cx.out.is_json() {
        for due in &all {
            cx.out.object(due);
        }
        return Ok(ExitStatus::Done);
    }
    let mut table = Table::new(&[
        Column::Whole("CLASS"),
        Column::Whole("KEPT"),
        Column::Whole("BEFORE"),
        Column::Number(if args.run { "DELETED" } else { "DUE" }),
    ]);
    for due in &all {
        table.row([
            due.class.to_string(),
            kept(due, app),
            times.write_if(due.before),
            due.rows.to_string(),
        ]);
    }
    cx.out.text(&table.to_string());
    Ok(ExitStatus::Done)
}

fn kept(due: &Due, app: &App) -> String {
    use crate::domain::retention::Class;
    match (due.class, due.days) {
        (Class::Evidence, _) => format!(
            "{} years, of erased persons",
            app.engine.settings.retention.consents_years
        ),
        (Class::Contacts, Some(days)) => format!("{days} days without anything that names them"),
        (_, Some(days)) => format!("{days} days"),
        (_, None) => "for ever".to_owned(),
    }
}
