//! `relationship`: what holds between partners and their customers.

use clap::Subcommand;
use serde_json::{Value, json};

use super::context::{Context, TimeWriter, Times};
use super::failure::{ExitStatus, Failure};
use super::partner::{handles, resolve};
use super::table::{Column, Table};
use crate::app::App;
use crate::domain::audit::Actor;
use crate::domain::ids::RelationshipId;
use crate::storage::grant::Grant;
use crate::storage::relationship::{self, Filter, Kept};
use crate::storage::{dossier, grant, step};
use crate::workflow::end::{self as ending, EndError};
use crate::workflow::mca::{self, Standing};

const EXAMPLE: &str = "\
Example:
  countersign relationship list --partner hanbit
  countersign relationship show rel_0193a7c1d2e3748596a7b8c9d0e1f203";

const EXAMPLE_LIST: &str = "\
Example:
  countersign relationship list --json |
    jq -r 'select(.agreement.stands_in_the_way) | .organization'

JSON: an object a relationship: {\"relationship\", \"partner\", \"organization\", \"cloud\", \"type\", \"catalogue\", \"state\", \
\"since\", \"updated_at\", \"ended_at\", \"invitation\", \"roles\": [{\"role\", \"duration\", \"granted_at\", \"activated_at\", \
\"expected_end_at\", \"auto_extend\"}], \"agreement\": {\"standing\": \"current\" | \"older\" | \"missing\" | \
\"not_in_this_cloud\", \"stands_in_the_way\", \"version\", \"consented_at\"}}";

const EXAMPLE_SHOW: &str = "\
Example:
  countersign relationship show rel_0193a7c1d2e3748596a7b8c9d0e1f203

JSON: the object of `relationship list`, with \"email\" and \"steps\": [{\"step\", \"state\", \"changed_at\"}]";

const EXAMPLE_END: &str = "\
Example:
  countersign relationship end rel_0193a7c1d2e3748596a7b8c9d0e1f203 --yes

JSON: {\"relationship\", \"outcome\": \"ended\"}";

/// List and show what holds between partners and customers, and end it for the partner
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(List),
    Show(Show),
    End(End),
}

/// List relationships, the oldest first
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_LIST)]
struct List {
    /// Only those of this partner: its handle or id
    #[arg(long)]
    partner: Option<String>,
    /// Also those that ended
    #[arg(long)]
    ended: bool,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Only those that are younger than this one (rel_…)
    #[arg(long, value_name = "ID")]
    after: Option<String>,
    #[command(flatten)]
    times: Times,
}

/// Show a relationship: its roles and until when, Microsoft's steps, and whether the agreement stands in the way
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_SHOW)]
struct Show {
    /// Its id (rel_…)
    relationship: String,
    #[command(flatten)]
    times: Times,
}

/// End a relationship for its partner: its roles end with it, and both sides are told by mail
///
/// This is Countersign's own record: access at Microsoft ends only there. What has ended is agreed upon anew by an invitation.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_END)]
struct End {
    /// Its id (rel_…)
    relationship: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Runs `relationship`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    cx.with_app(async |app| match args.action {
        Action::List(args) => list(&args, &cx, app).await,
        Action::Show(args) => show(&args, &cx, app).await,
        Action::End(args) => end(&args, &cx, app).await,
    })
    .await
}

fn parse(text: &str) -> Result<RelationshipId, Failure> {
    text.parse()
        .map_err(|error: crate::domain::ids::ParseIdError| {
            Failure::field("relationship", error.to_string())
        })
}

/// A relationship with what is told of it.
struct Told {
    kept: Kept,
    handle: String,
    grants: Vec<Grant>,
    standing: Standing,
}

async fn tell(app: &App, filter: &Filter) -> Result<Vec<Told>, Failure> {
    let mut conn = app.engine.db.read().await?;
    let kept = relationship::list(&mut conn, filter).await?;
    let ids = kept.iter().map(|kept| kept.id);
    let grants = grant::active_of(&mut conn, ids).await?;
    let now = app.engine.clock.now();
    let organizations = kept.iter().map(|kept| (kept.organization_id, kept.cloud));
    let standings = mca::standings(&mut conn, organizations, now).await?;
    let handles = handles(&mut conn).await?;
    let told = kept.into_iter().map(|kept| Told {
        handle: handles.get(&kept.partner_id).cloned().unwrap_or_default(),
        grants: grants
            .iter()
            .filter(|grant| grant.relationship_id == kept.id)
            .cloned()
            .collect(),
        standing: standings
            .get(&kept.organization_id)
            .map_or(Standing::Missing, Standing::clone),
        kept,
    });
    Ok(told.collect())
}

async fn list(args: &List, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let mut filter = Filter {
        ended: args.ended,
        limit: i64::from(args.limit),
        after: args.after.as_deref().map(parse).transpose()?,
        ..Filter::default()
    };
    if let Some(named) = &args.partner {
        let mut conn = app.engine.db.read().await?;
        filter.partner = Some(resolve(&mut conn, Some(named)).await?.id);
    }
    let told = tell(app, &filter).await?;
    if cx.out.is_json() {
        for one in &told {
            cx.out.object(&object(one));
        }
        return Ok(ExitStatus::Done);
    }
    let mut table = Table::new(&[
        Column::Whole("RELATIONSHIP"),
        Column::Whole("STATE"),
        Column::Text("ORGANIZATION"),
        Column::Whole("TYPE"),
        Column::Number("ROLES"),
        Column::Whole("UNTIL"),
        Column::Whole("AGREEMENT"),
        Column::Text("PARTNER"),
    ]);
    for one in &told {
        let until = one.grants.iter().map(|grant| grant.expected_end_at).min();
        table.row([
            one.kept.id.to_string(),
            one.kept.state.to_string(),
            one.kept.organization_name.clone(),
            one.kept.partner_type.clone(),
            one.grants.len().to_string(),
            until.map_or_else(|| "-".to_owned(), |until| times.write(until)),
            one.standing.as_str().to_owned(),
            one.handle.clone(),
        ]);
    }
    if told.is_empty() {
        cx.out
            .say("no relationship: one begins when a customer accepts an invitation");
    } else {
        cx.out.text(&table.to_string());
    }
    Ok(ExitStatus::Done)
}

async fn show(args: &Show, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let id = parse(&args.relationship)?;
    let mut conn = app.engine.db.read().await?;
    let missing = || {
        Failure::new(
            ExitStatus::NotFound,
            "relationship: there is none with that id; `countersign relationship list --ended` shows those that there are",
        )
    };
    let found = relationship::find(&mut conn, id)
        .await?
        .ok_or_else(missing)?;
    let dossier = dossier::of_invitation(&mut conn, found.invitation_id).await?;
    let steps = step::of_invitations(&mut conn, [found.invitation_id]).await?;
    drop(conn);
    // Its own row of the list: the one after the greatest that is smaller.
    let before = RelationshipId::from(uuid::Uuid::from_u128(id.uuid().as_u128().saturating_sub(1)));
    let filter = Filter {
        ended: true,
        after: Some(before),
        limit: 1,
        ..Filter::default()
    };
    let told = tell(app, &filter).await?.pop().ok_or_else(missing)?;
    let email = dossier.map(|dossier| dossier.smtp_address);
    if cx.out.is_json() {
        let mut shown = object(&told);
        shown["email"] = json!(email);
        shown["steps"] = steps
            .iter()
            .map(|known| {
                json!({"step": known.step, "state": known.state, "changed_at": known.changed_at})
            })
            .collect();
        cx.out.object(&shown);
        return Ok(ExitStatus::Done);
    }
    let mut table = pairs(&told, email, &times);
    for known in steps {
        let since = times.write(known.changed_at);
        table.row([
            format!("step {}", known.step),
            format!("{} since {since}", known.state),
        ]);
    }
    cx.out.text(&table.to_string());
    Ok(ExitStatus::Done)
}

async fn end(args: &End, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let id = parse(&args.relationship)?;
    if !args.yes {
        let mut conn = app.engine.db.read().await?;
        let found = relationship::find(&mut conn, id).await?;
        let found = found.ok_or(EndError::NotFound)?;
        let dossier = dossier::of_invitation(&mut conn, found.invitation_id).await?;
        let name = dossier.map(|dossier| dossier.organization_name);
        let name = name.unwrap_or_default();
        cx.confirm(&format!("End the relationship with {name} ({id})?"), false)?;
    }
    ending::end(&app.engine, id, Actor::Operator).await?;
    if cx.out.is_json() {
        cx.out
            .object(&json!({"relationship": id, "outcome": "ended"}));
    } else {
        cx.out.text(&format!("ended {id}"));
    }
    Ok(ExitStatus::Done)
}

fn pairs(told: &Told, email: Option<String>, times: &TimeWriter) -> Table {
    let kept = &told.kept;
    let mut table = Table::pairs();
    let mut row = |name: &str, value: String| table.row([name.to_owned(), value]);
    row("relationship", kept.id.to_string());
    row("state", kept.state.to_string());
    row("partner", told.handle.clone());
    row("organization", kept.organization_name.clone());
    row("cloud", kept.cloud.to_string());
    row(
        "type",
        format!("{} ({})", kept.partner_type, kept.catalogue),
    );
    row("since", times.write(kept.since));
    if let Some(ended) = kept.ended_at {
        row("ended", times.write(ended));
    }
    row("invitation", kept.invitation_id.to_string());
    if let Some(email) = email {
        row("agreed by", email);
    }
    for grant in &told.grants {
        let until = times.write(grant.expected_end_at);
        let counts = match grant.activated_at {
            Some(_) => "from activation",
            None => "expected, from consent",
        };
        let extended = if grant.auto_extend {
            ", then extended"
        } else {
            ""
        };
        row(
            "role",
            format!("{} until {until} ({counts}){extended}", grant.role),
        );
    }
    row("agreement", sentence(&told.standing, times));
    table
}

/// How the agreement stands, in words.
fn sentence(standing: &Standing, times: &TimeWriter) -> String {
    match standing {
        Standing::NotThere => "this cloud has none".to_owned(),
        Standing::Missing => {
            "stands in the way: no consent is on record (invite with --mca, or `countersign agreement ask-again --missing`)"
                .to_owned()
        }
        Standing::Older(consent) => format!(
            "stands in the way: version {} was accepted at {}, a newer one is in force (`countersign agreement ask-again`)",
            consent.version,
            times.write(consent.consented_at)
        ),
        Standing::Current(consent) => format!(
            "accepted, version {}, at {}",
            consent.version,
            times.write(consent.consented_at)
        ),
    }
}

fn object(told: &Told) -> Value {
    let kept = &told.kept;
    let consent = told.standing.consent();
    let roles: Vec<_> = told
        .grants
        .iter()
        .map(|grant| {
            json!({
                "role": grant.role,
                "duration": grant.duration.to_string(),
                "granted_at": grant.granted_at,
                "activated_at": grant.activated_at,
                "expected_end_at": grant.expected_end_at,
                "auto_extend": grant.auto_extend,
            })
        })
        .collect();
    json!({
        "relationship": kept.id,
        "partner": told.handle,
        "organization": kept.organization_name,
        "cloud": kept.cloud,
        "type": kept.partner_type,
        "catalogue": kept.catalogue,
        "state": kept.state,
        "since": kept.since,
        "updated_at": kept.updated_at,
        "ended_at": kept.ended_at,
        "invitation": kept.invitation_id,
        "roles": roles,
        "agreement": {
            "standing": told.standing.as_str(),
            "stands_in_the_way": told.standing.stands_in_the_way(),
            "version": consent.map(|consent| &consent.version),
            "consented_at": consent.map(|consent| consent.consented_at),
        },
    })
}
