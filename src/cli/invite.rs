//! `invite`: one invitation by flags, or many from a file.

pub(super) mod offer;
mod rows;
mod tally;

use std::path::PathBuf;

use serde_json::json;

use self::offer::OfferArgs;
use super::context::Context;
use super::csv::Sheet;
use super::failure::{ExitStatus, Failure};
use super::partner::resolve;
use crate::app::App;
use crate::domain::audit::Actor;
use crate::domain::draft::{Draft, Request, Source};
use crate::domain::ids::{InvitationId, PartnerId};
use crate::workflow::invite::{self, Item, Outcome, Trigger};
use crate::workflow::repeated;

const EXAMPLE: &str = "\
Example:
  countersign invite --organization '㈜한빛상사' --name 홍길동 \\
    --email hong@customer.example --type reseller_delegated_admin \\
    --role helpdesk_administrator --duration P1Y --mca
  countersign invite --csv customers.csv --type reseller --mca --dry-run

A file has a row of headers: organization, name and email (조직, 이름, 이메일), and any of partner_type (파트너 유형), roles (역할), \
duration (기간), mca (고객 계약), language (언어), time_zone (시간대), note (메모), reference (참조) and more: docs/cli.md has the \
list. What a row does not say is taken from the flags. Running a file again makes only what was not made before.

JSON: {\"outcome\": \"created\" | \"already_pending\" | \"replayed\" | \"would_create\", \"invitation\", \"not_taken_over\": [FIELD]}. \
With --csv an object a row: {\"row\", \"outcome\" (also \"repeated\" and \"refused\"), \"invitation\", \"same_as\", \"not_taken_over\", \
\"errors\": [{\"field\", \"message\"}]}, then \
{\"summary\": {\"rows\", \"created\", \"would_create\", \"already_pending\", \"replayed\", \"repeated\", \"refused\", \"encoding\", \
\"dry_run\"}}. The exit code is 4 when a row was refused.";

/// Invite a customer, or all customers of a CSV file
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(super) struct Args {
    /// On behalf of this partner: its handle or id [default: the only one]
    #[arg(long)]
    partner: Option<String>,
    /// The customer's organization or school
    #[arg(long, value_name = "NAME", required_unless_present = "csv")]
    organization: Option<String>,
    /// The full name of the person who is asked
    #[arg(long, required_unless_present = "csv")]
    name: Option<String>,
    /// Their address
    #[arg(long, value_name = "ADDRESS", required_unless_present = "csv")]
    email: Option<String>,
    /// The same key with the same request makes one invitation; remembered for a day
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Invite a recipient at the partner's own domain all the same; the record says so
    #[arg(long)]
    force: bool,
    /// Invite everybody in this file (- for stdin): UTF-8 or CP949; commas, semicolons or tabs
    #[arg(long, value_name = "FILE", conflicts_with_all = ["organization", "name", "email", "idempotency_key", "force", "reference", "gdap_link"])]
    csv: Option<PathBuf>,
    /// Leave out columns of the file whose header is not known
    #[arg(long, requires = "csv")]
    ignore_unknown_columns: bool,
    /// Invite again also those of the file that were invited before and have answered since
    #[arg(long, requires = "csv")]
    again: bool,
    /// Make nothing and mail nothing; tell what would be done
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    offer: OfferArgs,
}

/// Runs `invite`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    // A file that cannot be read is told before a database is looked for.
    let sheet = match &args.csv {
        Some(path) => Some(Sheet::open(path, args.ignore_unknown_columns)?),
        None => None,
    };
    cx.with_app(async |app| {
        let partner = {
            let mut conn = app.engine.db.read().await?;
            resolve(&mut conn, args.partner.as_deref()).await?.id
        };
        match sheet {
            Some(sheet) => rows::run(&sheet, &args, partner, &cx, app).await,
            None => one(&args, partner, &cx, app).await,
        }
    })
    .await
}

async fn one(
    args: &Args,
    partner: PartnerId,
    cx: &Context,
    app: &App,
) -> Result<ExitStatus, Failure> {
    let given = |text: &Option<String>| text.clone().unwrap_or_default();
    let draft = Draft {
        organization: given(&args.organization),
        name: given(&args.name),
        email: given(&args.email),
        force: args.force,
        ..args.offer.draft()
    };
    let request = draft.check().map_err(Failure::fields)?;
    let key = args
        .idempotency_key
        .as_deref()
        .map(checked_key)
        .transpose()?;
    let trigger = trigger(partner, Source::Cli);
    let asked = request.clone();
    let item = Item {
        request,
        idempotency_key: key,
    };
    let outcome = if args.dry_run {
        invite::rehearse(&app.engine, trigger, item).await?
    } else {
        invite::invite(&app.engine, trigger, item).await?
    };
    let kept = kept(app, outcome, &asked).await?;
    tell(outcome, &kept, args.dry_run, cx);
    Ok(ExitStatus::Done)
}

/// The fields of a request that the invitation that is there already says otherwise.
async fn kept(app: &App, outcome: Outcome, asked: &Request) -> Result<Vec<&'static str>, Failure> {
    match outcome {
        Outcome::AlreadyPending(id) => Ok(repeated::not_taken_over(&app.engine, id, asked).await?),
        Outcome::Created(_) | Outcome::Replayed(_) => Ok(Vec::new()),
    }
}

fn tell(outcome: Outcome, kept: &[&'static str], is_rehearsal: bool, cx: &Context) {
    let id = known_id(outcome, is_rehearsal);
    let word = word(outcome, is_rehearsal);
    if cx.out.is_json() {
        cx.out
            .object(&json!({"outcome": word, "invitation": id, "not_taken_over": kept}));
        return;
    }
    let words = word.replace('_', " ");
    match id {
        Some(id) => cx.out.text(&format!("{words} {id}")),
        None => cx.out.text(&words),
    }
    if let Outcome::AlreadyPending(id) = outcome {
        cx.out.say(&format!(
            "nothing was mailed: the same offer waits in the same mailbox; `countersign invitation resend {id}` mails it again"
        ));
        if let Some(said) = not_taken_over(id, kept) {
            cx.out.say(&format!("warning: {said}"));
        }
    }
}

/// What a repetition did not change, and how to change it; none where it says nothing new.
fn not_taken_over(id: InvitationId, kept: &[&'static str]) -> Option<String> {
    let (links, others): (Vec<&str>, Vec<&str>) =
        kept.iter().partition(|field| field.ends_with("_link"));
    let of_links = (!links.is_empty()).then(|| {
        let flags: Vec<_> = links
            .iter()
            .map(|field| format!("--{} URL", field.replace('_', "-")))
            .collect();
        format!(
            "`countersign invitation links {id} {}` supplies the links",
            flags.join(" ")
        )
    });
    let of_others = (!others.is_empty()).then(|| {
        format!("to change the rest, `countersign invitation revoke {id}` and invite anew")
    });
    let how: Vec<_> = of_links.into_iter().chain(of_others).collect();
    (!how.is_empty()).then(|| {
        format!(
            "not taken over, as the invitation that waits says otherwise: {}; {}",
            kept.join(", "),
            how.join("; ")
        )
    })
}

const fn trigger(partner: PartnerId, source: Source) -> Trigger {
    Trigger {
        partner,
        source,
        actor: Actor::Operator,
        api_key: None,
        asked_for: false,
    }
}

/// What came of it, in a word.
const fn word(outcome: Outcome, is_rehearsal: bool) -> &'static str {
    match outcome {
        Outcome::Created(_) if is_rehearsal => "would_create",
        Outcome::Created(_) => "created",
        Outcome::AlreadyPending(_) => "already_pending",
        Outcome::Replayed(_) => "replayed",
    }
}

/// The invitation that there is; a rehearsed one was never there.
const fn known_id(outcome: Outcome, is_rehearsal: bool) -> Option<InvitationId> {
    match outcome {
        Outcome::Created(_) if is_rehearsal => None,
        outcome => Some(outcome.id()),
    }
}

fn checked_key(key: &str) -> Result<String, Failure> {
    let fits = (1..=200).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        Ok(key.to_owned())
    } else {
        Err(Failure::field(
            "idempotency_key",
            "write 1 to 200 visible ASCII characters, without blanks",
        ))
    }
}
