//! `mail preview`: every mail in every language, as files.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::context::Context;
use crate::cli::failure::{ExitStatus, Failure};
use crate::outbound::render;

const EXAMPLE: &str = "\
Example:
  countersign mail preview --dir /tmp/mails

JSON: an object a mail: {\"kind\", \"side\", \"language\", \"subject\", \"html\", \"text\"}, the last two as paths; \"side\" is who\nreads it, customer or partner";

/// Write every mail in every language into a folder, with invented facts
///
/// Needs no settings, no keys and no database. The links lead nowhere.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// The folder; it is made if it is not there, and files of the same name are replaced
    #[arg(long, value_name = "FOLDER")]
    dir: PathBuf,
}

pub(super) fn run(args: &Args, cx: &Context) -> Result<ExitStatus, Failure> {
    for sample in render::samples() {
        let folder = args.dir.join(sample.language.to_string());
        let html = folder.join(format!("{}.html", sample.name()));
        let text = folder.join(format!("{}.txt", sample.name()));
        let mail = &sample.mail;
        let with_subject = format!("Subject: {}\n\n{}", mail.subject, mail.text);
        write(&html, &mail.html)?;
        write(&text, &with_subject)?;
        if cx.out.is_json() {
            cx.out.object(&json!({
                "kind": sample.kind,
                "side": sample.side,
                "language": sample.language,
                "subject": mail.subject,
                "html": html,
                "text": text,
            }));
        } else {
            cx.out.text(&html.display().to_string());
        }
    }
    Ok(ExitStatus::Done)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| {
            Failure::field(
                "dir",
                format!("{} cannot be written: {error}", path.display()),
            )
        })
}
