//! `init`: settings, keys and database of a new installation. Nothing that exists is overwritten.

mod settings;

use std::path::Path;

use serde_json::json;

use self::settings::SettingArgs;
use super::context::Context;
use super::failure::{ExitStatus, Failure};
use crate::app;
use crate::config::{Config, DEFAULT_FILE};
use crate::domain::keys::KeyRing;
use crate::domain::time::{Clock as _, SystemClock};
use crate::keyfile;
use crate::storage::{Db, installation};

const EXAMPLE: &str = "\
Example:
  countersign init --mail-domain mail.example.com \\
    --public-url https://sign.example.com \\
    --smtp-url smtp://countersign@smtp.example.com

Running it again makes only what is missing.

JSON: {\"settings\", \"keys\", \"database\"}, each {\"place\", \"outcome\": \"made\" | \"kept\"}";

/// Make the settings file, the keys and the database of a new installation
///
/// Asks nothing, and never overwrites anything. Flags go into the settings file, which explains every setting; passwords
/// rather go there by hand, or into the environment, than onto a command line.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    #[command(flatten)]
    settings: SettingArgs,
}

/// Runs `init`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    let path = cx.named_config().unwrap_or(Path::new(DEFAULT_FILE));
    let has_made_settings = settings::write(path, &args.settings, &cx)?;
    let config = Config::load(Some(path), &cx.env)?;
    cx.start_quiet_log(&config.log)?;
    let (db, url) = app::connect(&config).await?;
    let made = make(&config, &cx, &db).await;
    db.close().await;
    let made = made?;
    let keys = match cx.env.get(keyfile::VARIABLE) {
        Some(_) => keyfile::VARIABLE.to_owned(),
        None => config.keys_file.display().to_string(),
    };
    let parts = [
        ("settings", path.display().to_string(), has_made_settings),
        ("keys", keys, made.keys),
        ("database", url.to_string(), made.installation),
    ];
    if cx.out.is_json() {
        let parts = parts.map(|(part, place, is_made)| {
            let outcome = if is_made { "made" } else { "kept" };
            (part.to_owned(), json!({"place": place, "outcome": outcome}))
        });
        cx.out.object(&serde_json::Map::from_iter(parts));
        return Ok(ExitStatus::Done);
    }
    for (part, place, is_made) in parts {
        let outcome = if is_made { "made" } else { "there already" };
        cx.out.text(&format!("{part:<8}  {outcome:<13}  {place}"));
    }
    let named = if path == Path::new(DEFAULT_FILE) {
        String::new()
    } else {
        format!(" --config {}", path.display())
    };
    if made.keys {
        cx.out.say("keep a copy of the keys apart from the database: without them, no link that was mailed opens");
    }
    cx.out.say(&format!(
        "next:\n  countersign{named} doctor\n  countersign{named} partner add --help\n  countersign{named} agreement add --help\n  \
         countersign{named} invite --help"
    ));
    Ok(ExitStatus::Done)
}

/// What was not there before.
struct Made {
    keys: bool,
    installation: bool,
}

/// Keys come before the installation: with an installation and no keys, they were lost.
async fn make(config: &Config, cx: &Context, db: &Db) -> Result<Made, Failure> {
    let file = &config.keys_file;
    let has_keys = cx.env.get(keyfile::VARIABLE).is_some() || file.exists();
    let has_installation = app::schema(db).await?.is_current()
        && installation::find(&mut db.read().await?).await?.is_some();
    if has_installation && !has_keys {
        return Err(Failure::new(
            ExitStatus::Usage,
            format!(
                "the key file {} does not exist, and the links that this database has mailed need its keys",
                file.display()
            ),
        )
        .with_hint("restore it from a backup; for a new installation, name another database"));
    }
    if !has_keys {
        let ring = KeyRing::fresh(SystemClock.now(), &mut rand::rng());
        keyfile::create(file, &ring)?;
    }
    // A ring that cannot be read is told before anything relies on it.
    keyfile::load(file, &cx.env)?;
    app::install(db, &SystemClock).await?;
    Ok(Made {
        keys: !has_keys,
        installation: !has_installation,
    })
}
