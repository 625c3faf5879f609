//! `invitation evidence`: one acceptance as a file that others can check.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::cli::context::Context;
use crate::cli::failure::{ExitStatus, Failure};
use crate::workflow::evidence::export;

const EXAMPLE: &str = "\
Example:
  countersign invitation evidence inv_0193a7c1d2e3748596a7b8c9d0e1f203 \\
    --out evidence.json

JSON: {\"form\", \"exported_at\", \"invitation\", \"acceptance\", \"canonical\", \"salt\", \"evidence_sha256\", \"agreement\": null | \
{\"id\", \"title\", \"version\", \"language\", \"sha256\", \"text\"}, \"events\": [{\"seq\", \"id\", \"partner\", \"kind\", \"subject\", \
\"actor\", \"data\", \"at\", \"at_us\", \"previous\", \"hash\"}], \"head\": null | {\"audience\", \"partner\", \"seq\", \"hash\", \
\"key_id\", \"public_key\", \"signature\", \"signed_at\"}, \"how_to_verify\": [TEXT]}; with --out it goes into the file, and \
stdout has {\"invitation\", \"acceptance\", \"file\", \"sha256\"}. The exit code is 1 when it does not hold.";

/// Export one acceptance as evidence: the record of the consent, the agreement's text, and what the audit record says
///
/// The file holds personal data. It says how to check it by hand, with nothing of this program.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// The id of an accepted invitation (inv_…)
    invitation: String,
    /// Write it into this new file, which its owner alone may read [default: stdout]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) async fn run(args: &Args, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let id = super::parse(&args.invitation)?;
    let found = export(&app.engine, id).await?;
    let unwritable = |error: String| Failure::new(ExitStatus::Failed, error);
    match &args.out {
        None if cx.out.is_json() => cx.out.object(&found),
        None => {
            // Byte by byte: a record that is shown more kindly has another hash.
            let text = serde_json::to_string_pretty(&found)
                .map_err(|error| unwritable(error.to_string()))?;
            cx.out.raw(text.as_bytes());
            cx.out.raw(b"\n");
        }
        Some(path) => {
            let mut text = serde_json::to_string_pretty(&found)
                .map_err(|error| unwritable(error.to_string()))?;
            text.push('\n');
            write("out", path, text.as_bytes())?;
            let sha256 = data_encoding::HEXLOWER.encode(&Sha256::digest(&text));
            if cx.out.is_json() {
                cx.out.object(&json!({
                    "invitation": id,
                    "acceptance": found.acceptance,
                    "file": path,
                    "sha256": sha256,
                }));
            } else {
                cx.out.text(&format!("{}  {sha256}", path.display()));
            }
        }
    }
    if !found.is_sealed() {
        cx.out.say("warning: the audit record is not sealed yet, so that no signed head covers this; a worker or a tick seals it");
    }
    let faults = found.faults();
    for fault in &faults {
        cx.out.say(&format!("warning: {fault}"));
    }
    Ok(if faults.is_empty() {
        ExitStatus::Done
    } else {
        ExitStatus::Failed
    })
}

/// Writes a file that holds personal data: mode 0600, and never over another one.
pub(crate) fn write(field: &'static str, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
        .open(path)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .map_err(|error| {
            Failure::field(
                field,
                format!("{} cannot be written: {error}", path.display()),
            )
        })
}
