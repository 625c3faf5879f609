//! `mail test`: one mail, straight to the server, past the queue.

use serde_json::json;

use crate::app;
use crate::cli::choice::{self, one_of};
use crate::cli::context::Context;
use crate::cli::failure::{ExitStatus, Failure};
use crate::config::Config;
use crate::domain::address::EmailAddress;
use crate::domain::delivery::Outcome;
use crate::domain::language::Language;
use crate::domain::notice::{Channel, Kind, Side};
use crate::domain::time::{Clock as _, SystemClock};
use crate::outbound::compose::{Letter, compose};
use crate::outbound::mails::Mail;
use crate::outbound::render::{Rendered, render};
use crate::outbound::transport::Outgoing;

const EXAMPLE: &str = "\
Example:
  countersign mail test --to me@example.com
  countersign mail test --to me@example.com --sample invitation --language ko

JSON: {\"message_id\", \"reply\"}. The exit code is 1 when the server refuses the mail, 5 when it is away or puts it off.";

/// Send one mail straight to the mail server, signed as every mail is
///
/// Needs no database, and says what the server answers.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// To whom
    #[arg(long, value_name = "ADDRESS")]
    to: String,
    /// Send this mail, with invented facts and links that lead nowhere
    #[arg(long, value_name = "KIND", value_parser = one_of(mails()))]
    sample: Option<Kind>,
    /// The language of the sample
    #[arg(long, value_name = "TAG", default_value = "en", requires = "sample", value_parser = choice::language())]
    language: String,
}

pub(super) async fn run(args: &Args, cx: &Context) -> Result<ExitStatus, Failure> {
    let to: EmailAddress = args
        .to
        .parse()
        .map_err(|error| Failure::field("to", format!("{error}")))?;
    let rendered = rendered(args)?;
    let config = cx.config()?;
    cx.start_quiet_log(&config.log)?;
    let letter = letter(&config, &to, rendered);
    let transport = app::transport(&config.mail).map_err(app::AppError::from)?;
    let signers = app::signers(&config.mail)?;
    let unusable =
        |error: &dyn std::fmt::Display| Failure::new(ExitStatus::Failed, error.to_string());
    let mut mail = compose(&letter).map_err(|error| unusable(&error))?;
    signers
        .sign(&mut mail, letter.date)
        .map_err(|error| unusable(&error))?;
    let outgoing = Outgoing {
        mail_from: &letter.from_address,
        rcpt_to: &letter.to_address,
        bytes: &mail.bytes,
        needs_smtputf8: mail.needs_smtputf8,
    };
    let outcome = transport.send(outgoing, async || true).await;
    transport.close().await;
    let reply = match outcome {
        Outcome::Accepted(reply) => reply,
        refused => return Err(failure(&refused)),
    };
    let message_id = letter.message_id.trim_matches(['<', '>']);
    if cx.out.is_json() {
        cx.out
            .object(&json!({"message_id": message_id, "reply": reply.to_string()}));
    } else {
        cx.out.text(&format!("the mail server took it: {reply}"));
    }
    if signers.is_empty() {
        cx.out
            .say("it was not signed: set mail.dkim, or large providers will not take your mail");
    }
    Ok(ExitStatus::Done)
}

fn letter(config: &Config, to: &EmailAddress, rendered: Rendered) -> Letter {
    let unique = format!("{:032x}", rand::random::<u128>());
    let from = format!("{}@{}", config.mail.from_local, config.mail.domain);
    Letter {
        message_id: format!("<test-{unique}@{}>", config.mail.domain),
        date: SystemClock.now(),
        boundary: format!("countersign-{unique}"),
        from_name: "Countersign".to_owned(),
        reply_to: from.clone(),
        from_address: from,
        to_name: None,
        to_address: to.for_smtp(),
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
        language: "en".to_owned(),
        list_unsubscribe: None,
    }
}

/// The kinds of notices that are mails.
fn mails() -> impl Iterator<Item = &'static Kind> {
    let is_mail = |kind: &&Kind| kind.channel() == Channel::Mail;
    Kind::ALL.iter().filter(is_mail)
}

fn rendered(args: &Args) -> Result<Rendered, Failure> {
    let Some(kind) = args.sample else {
        let text = "This is a test mail of Countersign.\nIf you can read it, the mail server takes mail from here.\n";
        return Ok(Rendered {
            subject: "Test mail of Countersign".to_owned(),
            text: text.to_owned(),
            html: format!(
                "<!doctype html><html lang=\"en\"><title>Test mail</title><p>{}</p></html>\n",
                text.trim_end().replace('\n', "<br>")
            ),
        });
    };
    let language: Language = args
        .language
        .parse()
        .map_err(|error| Failure::field("language", format!("{error}")))?;
    let side = kind.sides().first().copied().unwrap_or(Side::Customer);
    let sample = Mail::sample(kind, side, &language);
    let sample = sample.ok_or_else(|| Failure::field("sample", "is no mail"))?;
    Ok(render(&sample))
}

fn failure(outcome: &Outcome) -> Failure {
    let (status, what) = match outcome {
        Outcome::Refused(stage, reply) if reply.is_permanent() => (
            ExitStatus::Failed,
            format!("the mail server refused at {}: {reply}", stage.as_str()),
        ),
        Outcome::Refused(stage, reply) => (
            ExitStatus::Unavailable,
            format!("the mail server put it off at {}: {reply}", stage.as_str()),
        ),
        Outcome::Lost(stage, what) => (
            ExitStatus::Unavailable,
            format!("the mail server was lost at {}: {what}", stage.as_str()),
        ),
        Outcome::Accepted(_) | Outcome::Fenced => {
            (ExitStatus::Failed, "no mail was sent".to_owned())
        }
    };
    Failure::new(status, what)
        .with_hint("`countersign doctor` looks at the server and its settings")
}
