//! `partner add`.

use crate::app::App;
use crate::cli::context::Context;
use crate::cli::failure::{ExitStatus, Failure};
use crate::storage::partner;
use crate::workflow;

const EXAMPLE: &str = "\
Example:
  countersign partner add --handle hanbit --name 한빛테크 \\
    --legal-name '주식회사 한빛테크' --representative 김한빛 \\
    --registration-number 110-81-00000 --email partner@hanbit.example \\
    --phone '+82 2 555 0100' --address '서울특별시 중구 세종대로 110' \\
    --language ko --time-zone Asia/Seoul

JSON: {\"id\", \"handle\", \"name\", \"legal_name\", \"email\", \"phone\", \"address\", \"website\", \"representative\", \
\"registration_number\", \"language\", \"time_zone\", \"advertising_mark\", \"schedule\", \"created_at\"}";

/// Add a partner
///
/// Its customers read who asks them: legal name, telephone and address stand in every mail and on every page.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
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

pub(super) async fn run(args: Args, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
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
    let added = partner::find(&mut conn, id)
        .await?
        .ok_or_else(super::missing)?;
    if cx.out.is_json() {
        cx.out.object(&added);
    } else {
        cx.out.text(&format!("added {} ({id})", added.handle));
    }
    Ok(ExitStatus::Done)
}
