//! `profile`: what a partner says of itself to businesses that look for one.

use clap::Subcommand;

use super::choice::one_of;
use super::context::{Context, TimeWriter, Times};
use super::failure::{ExitStatus, Failure};
use super::partner::resolve;
use super::table::{Column, Table};
use crate::app::App;
use crate::domain::profile::{Draft, OrganizationSize, Place, Profile};
use crate::domain::time::Timestamp;
use crate::storage::partner::Partner;
use crate::storage::profile::{self, Stored};
use crate::storage::{self, Conn};
use crate::workflow;
use crate::workflow::profile::ProfileError;

const EXAMPLE: &str = "\
Example:
  countersign profile set hanbit --location KR:서울 --size 10-49 \\
    --size 50-249 --service 'Microsoft 365 이전' --language ko \\
    --description '중소기업의 메일과 문서를 옮깁니다.'
  countersign profile publish hanbit";

/// Write what a partner says of itself at /find-a-partner
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Set(Box<Set>),
    Show(Show),
    Publish(Publish),
    Withdraw(Withdraw),
    List(List),
}

const SET: &str = "\
Example:
  countersign profile set hanbit --location KR:서울 --location KR:부산 \\
    --size 10-49 --service 보안 --service 'Microsoft 365 이전' \\
    --language ko --language en --description '메일과 문서를 옮깁니다.'

JSON: {\"partner\", \"name\", \"published_at\", \"updated_at\", \"locations\": [{\"country\", \"name\"}], \"sizes\", \
\"services\", \"languages\", \"description\"}";

/// Write a partner's profile
///
/// A flag that is given replaces all that its field said; what is not given stays. The first time, each is needed.
#[derive(Debug, clap::Args)]
#[command(after_help = SET)]
struct Set {
    /// The partner's handle, or its id (prt_…)
    partner: String,
    /// Where it works: a country's two letters, or a place in it, as KR:서울 or GB:Bristol; may be repeated
    #[arg(long = "location", value_name = "PLACE")]
    locations: Vec<String>,
    /// For organizations of how many people; may be repeated
    #[arg(long = "size", value_parser = one_of(OrganizationSize::ALL), value_name = "PEOPLE")]
    sizes: Vec<OrganizationSize>,
    /// What it does, in a few words of at most 40 characters; may be repeated
    #[arg(long = "service", value_name = "WORDS")]
    services: Vec<String>,
    /// A language that it works in: BCP 47; may be repeated
    #[arg(long = "language", value_name = "TAG")]
    languages: Vec<String>,
    /// What it says of itself: at most 1,000 characters, without links
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[command(flatten)]
    times: Times,
}

/// Show a partner's profile
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  countersign profile show hanbit\n\nJSON: as `profile set`")]
struct Show {
    /// The partner's handle, or its id (prt_…)
    partner: String,
    #[command(flatten)]
    times: Times,
}

/// Let a partner's profile be found
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  countersign profile publish hanbit\n\nJSON: {\"partner\", \"outcome\": \"published\" | \"unchanged\"}"
)]
struct Publish {
    /// The partner's handle, or its id (prt_…)
    partner: String,
}

/// Take a partner's profile out of the search; what it says is kept
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  countersign profile withdraw hanbit\n\nJSON: {\"partner\", \"outcome\": \"withdrawn\" | \"unchanged\"}"
)]
struct Withdraw {
    /// The partner's handle, or its id (prt_…)
    partner: String,
}

/// List all profiles, published or not
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  countersign profile list\n\nJSON: an object a profile, as `profile set`"
)]
struct List {
    #[command(flatten)]
    times: Times,
}

/// Runs `profile`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    cx.with_app(async |app| match args.action {
        Action::Set(args) => set(*args, &cx, app).await,
        Action::Show(args) => show(&args, &cx, app).await,
        Action::Publish(args) => {
            let partner = named(app, &args.partner).await?;
            let changed = workflow::profile::publish(&app.engine, partner.id).await?;
            tell(&cx, &partner, changed.then_some("published"));
            Ok(ExitStatus::Done)
        }
        Action::Withdraw(args) => {
            let partner = named(app, &args.partner).await?;
            let changed = workflow::profile::withdraw(&app.engine, partner.id).await?;
            tell(&cx, &partner, changed.then_some("withdrawn"));
            Ok(ExitStatus::Done)
        }
        Action::List(args) => list(&args, &cx, app).await,
    })
    .await
}

async fn named(app: &App, partner: &str) -> Result<Partner, Failure> {
    let mut conn = app.engine.db.read().await?;
    resolve(&mut conn, Some(partner)).await
}

fn tell(cx: &Context, partner: &Partner, outcome: Option<&'static str>) {
    let outcome = outcome.unwrap_or("unchanged");
    if cx.out.is_json() {
        let object = serde_json::json!({ "partner": partner.handle, "outcome": outcome });
        cx.out.object(&object);
    } else {
        cx.out.text(&format!("{outcome}: {}", partner.handle));
    }
}

/// A profile, with whose it is.
#[derive(serde::Serialize)]
struct Shown {
    partner: String,
    name: String,
    published_at: Option<Timestamp>,
    updated_at: Timestamp,
    #[serde(flatten)]
    profile: Profile,
}

impl Shown {
    fn new(partner: &Partner, stored: &Stored) -> Result<Self, storage::Error> {
        Ok(Self {
            partner: partner.handle.clone(),
            name: partner.name.clone(),
            published_at: stored.published_at,
            updated_at: stored.updated_at,
            profile: workflow::profile::said(stored)?,
        })
    }

    fn places(&self) -> String {
        join(&self.profile.locations)
    }

    fn published(&self, times: &TimeWriter) -> String {
        self.published_at
            .map_or_else(|| "no".to_owned(), |at| times.write(at))
    }
}

fn join<T: ToString>(all: &[T]) -> String {
    let all: Vec<_> = all.iter().map(ToString::to_string).collect();
    all.join(", ")
}

async fn find(conn: &mut Conn, partner: &Partner) -> Result<Shown, Failure> {
    let stored = profile::find(conn, partner.id).await?;
    let stored = stored.ok_or(ProfileError::None)?;
    Ok(Shown::new(partner, &stored)?)
}

async fn set(args: Set, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let mut conn = app.engine.db.read().await?;
    let partner = resolve(&mut conn, Some(&args.partner)).await?;
    let mut draft = match profile::find(&mut conn, partner.id).await? {
        Some(stored) => said_before(&workflow::profile::said(&stored)?),
        None => Draft::default(),
    };
    drop(conn);
    let sizes = args.sizes.iter().map(ToString::to_string).collect();
    for (field, given) in [
        (&mut draft.locations, args.locations),
        (&mut draft.sizes, sizes),
        (&mut draft.services, args.services),
        (&mut draft.languages, args.languages),
    ] {
        if !given.is_empty() {
            *field = given;
        }
    }
    if let Some(description) = args.description {
        draft.description = description;
    }
    workflow::profile::set(&app.engine, partner.id, &draft).await?;
    let mut conn = app.engine.db.read().await?;
    let shown = find(&mut conn, &partner).await?;
    write(cx, &shown, &times);
    if shown.published_at.is_none() {
        let publish = format!("countersign profile publish {}", partner.handle);
        cx.out.say(&format!(
            "nobody can find it yet: publish it with `{publish}`"
        ));
    }
    Ok(ExitStatus::Done)
}

/// The words of a profile that is there.
fn said_before(profile: &Profile) -> Draft {
    Draft {
        locations: profile.locations.iter().map(Place::as_written).collect(),
        sizes: profile.sizes.iter().map(ToString::to_string).collect(),
        services: profile
            .services
            .iter()
            .map(|it| it.as_str().to_owned())
            .collect(),
        languages: profile.languages.iter().map(ToString::to_string).collect(),
        description: profile.description.as_str().to_owned(),
    }
}

async fn show(args: &Show, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let mut conn = app.engine.db.read().await?;
    let partner = resolve(&mut conn, Some(&args.partner)).await?;
    write(cx, &find(&mut conn, &partner).await?, &times);
    Ok(ExitStatus::Done)
}

fn write(cx: &Context, shown: &Shown, times: &TimeWriter) {
    if cx.out.is_json() {
        cx.out.object(shown);
        return;
    }
    let profile = &shown.profile;
    let services: Vec<_> = profile.services.iter().map(AsRef::<str>::as_ref).collect();
    let mut table = Table::pairs();
    for (name, value) in [
        ("partner", shown.partner.clone()),
        ("name", shown.name.clone()),
        ("locations", shown.places()),
        ("sizes", join(&profile.sizes)),
        ("services", services.join(", ")),
        ("languages", join(&profile.languages)),
        ("description", profile.description.as_str().to_owned()),
        ("published", shown.published(times)),
        ("written", times.write(shown.updated_at)),
    ] {
        table.row([name.to_owned(), value]);
    }
    cx.out.text(&table.to_string());
}

async fn list(args: &List, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let mut conn = app.engine.db.read().await?;
    let profiles = profile::list(&mut conn).await?;
    let partners = profiles.iter().map(|row| row.partner_id);
    let partners = storage::partner::find_many(&mut conn, partners).await?;
    let mut table = Table::new(&[
        Column::Whole("PARTNER"),
        Column::Text("NAME"),
        Column::Text("LOCATIONS"),
        Column::Whole("PUBLISHED"),
    ]);
    for row in &profiles {
        let Some(partner) = partners.iter().find(|partner| partner.id == row.partner_id) else {
            continue;
        };
        let shown = Shown::new(partner, row)?;
        if cx.out.is_json() {
            cx.out.object(&shown);
        } else {
            let (places, published) = (shown.places(), shown.published(&times));
            table.row([shown.partner, shown.name, places, published]);
        }
    }
    if profiles.is_empty() {
        cx.out
            .say("no profile yet: write one with `countersign profile set`");
    } else if !cx.out.is_json() {
        cx.out.text(&table.to_string());
    }
    Ok(ExitStatus::Done)
}
