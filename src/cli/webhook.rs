//! `webhook`: where partners are told what happens.

mod log;

use clap::{ArgGroup, Subcommand};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::choice::one_of;
use super::context::{Context, TimeWriter, Times};
use super::failure::{ExitStatus, Failure};
use super::partner::resolve;
use super::table::{Column, Table};
use crate::app::App;
use crate::domain::audit::{Actor, EventKind};
use crate::domain::ids::WebhookId;
use crate::domain::time::HOUR;
use crate::domain::webhook::Secret;
use crate::workflow::webhook::{self, Draft, Update, Webhook, WebhookError};

const EXAMPLE: &str = "\
Example:
  countersign webhook add https://hooks.hanbit.example/countersign \\
    --partner hanbit --event invitation.accepted --event invitation.declined
  countersign webhook test whe_0193a7c1d2e3748596a7b8c9d0e1f203
  countersign webhook deliveries whe_0193a7c1d2e3748596a7b8c9d0e1f203";

const EXAMPLE_ADD: &str = "\
Example:
  countersign webhook add https://hooks.hanbit.example/countersign --partner hanbit

JSON: the object of `webhook show`, with \"secret\", which is shown this once";

const EXAMPLE_LIST: &str = "\
Example:
  countersign webhook list --partner hanbit

JSON: an object a webhook, as of `webhook show`";

const EXAMPLE_SHOW: &str = "\
Example:
  countersign webhook show whe_0193a7c1d2e3748596a7b8c9d0e1f203

JSON: {\"id\", \"partner\", \"url\", \"events\": [KIND], \"state\": \"enabled\" | \"disabled\" | \"switched_off\", \"created_at\", \
\"updated_at\", \"failing_since\", \"switched_off_at\", \"switched_off_because\", \"secrets\": [{\"created_at\", \"valid_until\"}]}; \
no event is all of them";

const EXAMPLE_UPDATE: &str = "\
Example:
  countersign webhook update whe_0193a7c1d2e3748596a7b8c9d0e1f203 --enable

JSON: the object of `webhook show`";

const EXAMPLE_REMOVE: &str = "\
Example:
  countersign webhook remove whe_0193a7c1d2e3748596a7b8c9d0e1f203 --yes

JSON: {\"removed\": ID}";

const EXAMPLE_ROTATE: &str = "\
Example:
  countersign webhook rotate whe_0193a7c1d2e3748596a7b8c9d0e1f203 --overlap 48

JSON: {\"id\", \"secret\"}; the secret is shown this once";

const EXAMPLE_TEST: &str = "\
Example:
  countersign webhook test whe_0193a7c1d2e3748596a7b8c9d0e1f203

JSON: {\"id\", \"event\"}";

/// Tell partners what happens: URLs that are called, and what became of the calls
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Add(Add),
    List(List),
    Show(Show),
    Update(Change),
    Remove(Remove),
    Rotate(Rotate),
    Test(Test),
    Deliveries(log::Deliveries),
    Replay(log::Replay),
}

/// Call a URL whenever something happens from now on
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_ADD)]
struct Add {
    /// Where to: `https://HOST/PATH`
    url: String,
    /// Whose events: the partner's handle or id; not needed where there is one only
    #[arg(long)]
    partner: Option<String>,
    /// Only events of this kind; may be repeated [default: all]
    #[arg(long = "event", value_name = "KIND", value_parser = one_of(EventKind::ALL), hide_possible_values = true)]
    events: Vec<EventKind>,
}

/// List webhooks, newest first
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_LIST)]
struct List {
    /// Whose: the partner's handle or id; not needed where there is one only
    #[arg(long)]
    partner: Option<String>,
    #[command(flatten)]
    times: Times,
}

/// Show a webhook: where to, what it is told of, how it fares
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_SHOW)]
struct Show {
    /// Its id (whe_…)
    webhook: String,
    #[command(flatten)]
    times: Times,
}

/// Change where a webhook goes, what it is told of, or whether it is called
#[derive(Debug, clap::Args)]
#[command(
    after_help = EXAMPLE_UPDATE,
    group = ArgGroup::new("changes").required(true).multiple(true).args(["url", "events", "all_events", "enable", "disable"]),
)]
struct Change {
    /// Its id (whe_…)
    webhook: String,
    /// Where to
    #[arg(long)]
    url: Option<String>,
    /// Only events of this kind; may be repeated
    #[arg(long = "event", value_name = "KIND", value_parser = one_of(EventKind::ALL), hide_possible_values = true)]
    events: Vec<EventKind>,
    /// Events of every kind
    #[arg(long, conflicts_with = "events")]
    all_events: bool,
    /// Call it, also after it was switched off
    #[arg(long)]
    enable: bool,
    /// Do not call it
    #[arg(long, conflicts_with = "enable")]
    disable: bool,
    #[command(flatten)]
    times: Times,
}

/// Remove a webhook with its secrets; what was still to be called is not
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_REMOVE)]
struct Remove {
    /// Its id (whe_…)
    webhook: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Give a webhook a new secret; the one before signs beside it for a while
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_ROTATE)]
struct Rotate {
    /// Its id (whe_…)
    webhook: String,
    /// For how many hours the secret before goes on signing, 0 to 168
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    overlap: u32,
}

/// Send a test call, once, also to a webhook that is not enabled; `webhook deliveries` shows what came of it
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_TEST)]
struct Test {
    /// Its id (whe_…)
    webhook: String,
}

/// Runs `webhook`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    cx.with_app(async |app| match args.action {
        Action::Add(args) => add(&args, &cx, app).await,
        Action::List(args) => list(&args, &cx, app).await,
        Action::Show(args) => show(&args, &cx, app).await,
        Action::Update(args) => update(&args, &cx, app).await,
        Action::Remove(args) => remove(&args, &cx, app).await,
        Action::Rotate(args) => rotate(&args, &cx, app).await,
        Action::Test(args) => test(&args, &cx, app).await,
        Action::Deliveries(args) => log::deliveries(&args, &cx, app).await,
        Action::Replay(args) => log::replay(&args, &cx, app).await,
    })
    .await
}

fn parse(text: &str) -> Result<WebhookId, Failure> {
    text.parse()
        .map_err(|error: crate::domain::ids::ParseIdError| {
            Failure::field("webhook", error.to_string())
        })
}

impl From<WebhookError> for Failure {
    fn from(error: WebhookError) -> Self {
        let status = match error {
            WebhookError::Storage(error) => return error.into(),
            WebhookError::NotFound | WebhookError::NoPartner | WebhookError::NoDelivery => {
                ExitStatus::NotFound
            }
            WebhookError::Vault(_) => ExitStatus::Usage,
            _ => ExitStatus::Refused,
        };
        Self::new(status, error.to_string())
    }
}

async fn add(args: &Add, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let mut conn = app.engine.db.read().await?;
    let partner = resolve(&mut conn, args.partner.as_deref()).await?;
    drop(conn);
    let draft = Draft {
        url: args.url.clone(),
        kinds: args.events.iter().map(ToString::to_string).collect(),
    };
    let created = webhook::create(&app.engine, partner.id, &draft, Actor::Operator).await?;
    let text = created.secret.text();
    if cx.out.is_json() {
        let mut object = serde_json::to_value(&created.webhook).unwrap_or_default();
        object["secret"] = json!(text.expose_secret());
        cx.out.object(&object);
    } else {
        let id = created.webhook.id;
        cx.out.text(&format!("{id} is called from now on"));
        say_secret(cx, &created.secret);
        cx.out
            .say(&format!("try it: countersign webhook test {id}"));
    }
    Ok(ExitStatus::Done)
}

fn say_secret(cx: &Context, secret: &Secret) {
    cx.out
        .text(&format!("secret: {}", secret.text().expose_secret()));
    cx.out
        .say("the secret is shown this once: give it to whoever verifies the calls");
}

/// As many as a partner may have, and more.
const MOST: i64 = 1_000;

async fn list(args: &List, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let mut conn = app.engine.db.read().await?;
    let partner = resolve(&mut conn, args.partner.as_deref()).await?;
    drop(conn);
    let found = webhook::list(&app.engine, partner.id, None, MOST).await?;
    if cx.out.is_json() {
        for webhook in &found {
            cx.out.object(webhook);
        }
        return Ok(ExitStatus::Done);
    }
    if found.is_empty() {
        cx.out.say("none");
        return Ok(ExitStatus::Done);
    }
    let mut table = Table::new(&[
        Column::Whole("WEBHOOK"),
        Column::Whole("STATE"),
        Column::Text("URL"),
        Column::Text("EVENTS"),
        Column::Whole("FAILING SINCE"),
    ]);
    for webhook in &found {
        table.row([
            webhook.id.to_string(),
            webhook.state.to_string(),
            webhook.url.clone(),
            events(webhook),
            times.write_if(webhook.failing_since),
        ]);
    }
    cx.out.text(&table.to_string());
    Ok(ExitStatus::Done)
}

fn events(webhook: &Webhook) -> String {
    if webhook.events.is_empty() {
        "all".to_owned()
    } else {
        webhook.events.join(", ")
    }
}

async fn show(args: &Show, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let id = parse(&args.webhook)?;
    let found = webhook::get(&app.engine, id, Actor::Operator).await?;
    tell(&found, cx, &times);
    Ok(ExitStatus::Done)
}

fn tell(webhook: &Webhook, cx: &Context, times: &TimeWriter) {
    if cx.out.is_json() {
        cx.out.object(webhook);
        return;
    }
    let state = match webhook.switched_off_because {
        Some(cause) => format!("{} ({cause})", webhook.state),
        None => webhook.state.to_string(),
    };
    let mut lines = vec![
        format!("webhook        {}", webhook.id),
        format!("partner        {}", webhook.partner),
        format!("url            {}", webhook.url),
        format!("events         {}", events(webhook)),
        format!("state          {state}"),
        format!("created        {}", times.write(webhook.created_at)),
        format!("failing since  {}", times.write_if(webhook.failing_since)),
    ];
    for secret in &webhook.secrets {
        let until = match secret.valid_until {
            Some(until) => format!(", signs until {}", times.write(until)),
            None => String::new(),
        };
        let created = times.write(secret.created_at);
        lines.push(format!("secret         made {created}{until}"));
    }
    cx.out.text(&lines.join("\n"));
}

async fn update(args: &Change, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let id = parse(&args.webhook)?;
    let named = args.events.iter().map(ToString::to_string);
    let change = Update {
        url: args.url.clone(),
        kinds: (args.all_events || !args.events.is_empty()).then(|| named.collect()),
        enabled: (args.enable || args.disable).then_some(args.enable),
    };
    let changed = webhook::update(&app.engine, id, &change, Actor::Operator).await?;
    tell(&changed, cx, &times);
    Ok(ExitStatus::Done)
}

async fn remove(args: &Remove, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let id = parse(&args.webhook)?;
    // What is not there is told before anybody is asked.
    webhook::get(&app.engine, id, Actor::Operator).await?;
    cx.confirm(&format!("Remove {id} with its secrets?"), args.yes)?;
    webhook::delete(&app.engine, id, Actor::Operator).await?;
    if cx.out.is_json() {
        cx.out.object(&json!({"removed": id}));
    } else {
        cx.out.text(&format!("{id} is removed"));
    }
    Ok(ExitStatus::Done)
}

async fn rotate(args: &Rotate, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let id = parse(&args.webhook)?;
    let overlap = i64::from(args.overlap) * HOUR;
    let secret = webhook::rotate(&app.engine, id, Some(overlap), Actor::Operator).await?;
    if cx.out.is_json() {
        cx.out
            .object(&json!({"id": id, "secret": secret.text().expose_secret()}));
    } else {
        say_secret(cx, &secret);
    }
    Ok(ExitStatus::Done)
}

async fn test(args: &Test, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let id = parse(&args.webhook)?;
    let event = webhook::test(&app.engine, id, Actor::Operator).await?;
    if cx.out.is_json() {
        cx.out.object(&json!({"id": id, "event": event}));
    } else {
        cx.out
            .text(&format!("the test call {event} is in the queue"));
        cx.out.say(&format!(
            "what came of it: countersign webhook deliveries {id}"
        ));
    }
    Ok(ExitStatus::Done)
}
