//! `invitation links`: Microsoft's pages, supplied after the invitation was made.

use serde_json::json;

use crate::app::App;
use crate::cli::context::Context;
use crate::cli::failure::{ExitStatus, Failure};
use crate::domain::audit::Actor;
use crate::domain::draft::check_links;
use crate::workflow::links::supply;

const EXAMPLE: &str = "\
Example:
  countersign invitation links inv_0193a7c1d2e3748596a7b8c9d0e1f203 \\
    --mca-link 'https://admin.microsoft.com/AdminPortal/Home?ref=/BillingAccounts/agreement'

JSON: {\"invitation\", \"outcome\": \"supplied\" | \"unchanged\", \"links\": {\"gdap\", \"reseller\", \"mca\"}}; a link that there is \
none of is left out";

/// Supply Microsoft's links for a pending or an accepted invitation: the receipt leads the customer on by them
///
/// A link takes the place of the one of its kind; the others stay. Nobody is mailed: the receipt's page shows them at once,
/// and mails that leave from now on have them.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// Its id (inv_…)
    invitation: String,
    #[command(flatten)]
    links: LinkArgs,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
#[expect(clippy::struct_field_names, reason = "they are named as the flags are")]
struct LinkArgs {
    /// Microsoft's page on which the customer approves the roles
    #[arg(long, value_name = "URL")]
    gdap_link: Option<String>,
    /// Microsoft's page on which the customer approves the relationship
    #[arg(long, value_name = "URL")]
    reseller_link: Option<String>,
    /// Microsoft's page on which the customer accepts the agreement
    #[arg(long, value_name = "URL")]
    mca_link: Option<String>,
}

pub(super) async fn run(args: &Args, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let id = super::parse(&args.invitation)?;
    let given = &args.links;
    let links = check_links(
        given.gdap_link.as_deref(),
        given.reseller_link.as_deref(),
        given.mca_link.as_deref(),
    )
    .map_err(Failure::fields)?;
    let supplied = supply(&app.engine, id, links, Actor::Operator).await?;
    let outcome = if supplied.changed {
        "supplied"
    } else {
        "unchanged"
    };
    if cx.out.is_json() {
        cx.out
            .object(&json!({"invitation": id, "outcome": outcome, "links": supplied.links}));
        return Ok(ExitStatus::Done);
    }
    cx.out.text(&format!("{outcome} {id}"));
    for (field, _, link) in supplied.links.given() {
        cx.out
            .text(&format!("  {:<13}  {link}", field.replace('_', " ")));
    }
    Ok(ExitStatus::Done)
}
