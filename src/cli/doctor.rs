//! `doctor`: whether all that is needed is there, and what to do where it is not. It changes nothing.

mod data;
mod mail;

use serde::Serialize;

use super::context::Context;
use super::failure::{ExitStatus, Failure};
use super::out::Out;
use crate::config::Config;
use crate::domain::keys::KeyRing;
use crate::keyfile::{self, KeyFileError};
use crate::place::from_root;

const EXAMPLE: &str = "\
Example:
  countersign doctor
  countersign doctor --json | jq -r 'select(.status == \"fail\") | .fix'

The exit code is 1 when a check fails, and 0 otherwise. What could not be looked at from here is told as skipped, with what to \
check by hand.

JSON: an object a check: {\"check\", \"status\": \"ok\" | \"warn\" | \"skipped\" | \"fail\", \"message\", \"fix\"}";

/// Check settings, keys, database, clock, mail server, DKIM and agreements, and tell the fix for each failure
///
/// Changes nothing, and mails nobody.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {}

/// Runs `doctor`.
pub(super) async fn run(_args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    let mut report = Report::new(cx.out.clone());
    stray_variables(&cx, &mut report);
    match cx.config() {
        Ok(config) => {
            cx.start_quiet_log(&config.log)?;
            report.ok("settings", "they can be used");
            let ring = keys(&config, &cx, &mut report);
            public_url(&config, &mut report);
            data::check(&config, ring.as_ref(), &mut report).await;
            mail::check(&config, &mut report).await;
        }
        Err(failure) => {
            let problems: Vec<_> = failure.problems.iter().map(ToString::to_string).collect();
            let fix = failure
                .hint
                .as_deref()
                .unwrap_or("mend this setting; the other checks need it");
            report.fail("settings", problems.join("; "), fix);
        }
    }
    Ok(if report.has_failed {
        ExitStatus::Failed
    } else {
        ExitStatus::Done
    })
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    Warn,
    /// Not looked at: somebody has to.
    Skipped,
    Fail,
}

#[derive(Debug, Serialize)]
struct Check<'a> {
    #[serde(rename = "check")]
    name: &'static str,
    status: Status,
    message: &'a str,
    fix: Option<&'a str>,
}

/// Writes each check as it is made.
struct Report {
    out: Out,
    has_failed: bool,
}

impl Report {
    const fn new(out: Out) -> Self {
        Self {
            out,
            has_failed: false,
        }
    }

    fn ok(&mut self, check: &'static str, message: impl AsRef<str>) {
        self.add(check, Status::Ok, message.as_ref(), None);
    }

    fn warn(&mut self, check: &'static str, message: impl AsRef<str>, fix: impl AsRef<str>) {
        self.add(check, Status::Warn, message.as_ref(), Some(fix.as_ref()));
    }

    fn skip(&mut self, check: &'static str, message: impl AsRef<str>, by_hand: impl AsRef<str>) {
        self.add(
            check,
            Status::Skipped,
            message.as_ref(),
            Some(by_hand.as_ref()),
        );
    }

    fn fail(&mut self, check: &'static str, message: impl AsRef<str>, fix: impl AsRef<str>) {
        self.has_failed = true;
        self.add(check, Status::Fail, message.as_ref(), Some(fix.as_ref()));
    }

    fn add(&self, name: &'static str, status: Status, message: &str, fix: Option<&str>) {
        if self.out.is_json() {
            self.out.object(&Check {
                name,
                status,
                message,
                fix,
            });
        } else {
            let word = match status {
                Status::Ok => "ok",
                Status::Warn => "warn",
                Status::Skipped => "skip",
                Status::Fail => "FAIL",
            };
            self.out.text(&format!("{word:<4}  {name:<12}  {message}"));
            if let Some(fix) = fix {
                let what = if status == Status::Skipped {
                    "check"
                } else {
                    "fix"
                };
                self.out.text(&format!("{:20}{what}: {fix}", ""));
            }
        }
        self.out.flush();
    }
}

fn stray_variables(cx: &Context, report: &mut Report) {
    for name in cx.env.unknown() {
        report.warn(
            "environment",
            format!("{name} is set, and is no setting"),
            "unset it, or mend its name; `countersign init` writes all names",
        );
    }
}

fn keys(config: &Config, cx: &Context, report: &mut Report) -> Option<KeyRing> {
    let path = from_root(&config.keys_file);
    match keyfile::load(&config.keys_file, &cx.env) {
        Ok(ring) => {
            let message = format!(
                "links are made with key {}, the audit record is signed with key {}",
                ring.current_token_key(),
                ring.current_audit_key()
            );
            report.ok("keys", message);
            Some(ring)
        }
        Err(error) => {
            let fix = match error {
                KeyFileError::Missing(_) => {
                    "restore it from a backup; a new installation gets its keys by `countersign init`".to_owned()
                }
                KeyFileError::Mode { .. } => format!("chmod 600 {path}"),
                KeyFileError::Variable(_) | KeyFileError::VariableEncoding => {
                    format!("put the text of a key file into {}", keyfile::VARIABLE)
                }
                _ => format!("restore {path} from a backup"),
            };
            report.fail("keys", error.to_string(), fix);
            None
        }
    }
}

fn public_url(config: &Config, report: &mut Report) {
    let url = &config.public_url;
    if !url.is_https() {
        report.warn(
            "public_url",
            format!("{url}: customers elsewhere cannot open it"),
            "set public_url to the https:// address of the pages before inviting customers",
        );
        return;
    }
    // From here it may be reached by another way than from the customers' networks.
    report.skip(
        "public_url",
        format!("{url}: whether customers reach it is not looked at"),
        format!(
            "open {url} with a telephone outside of your network, once `countersign serve` runs"
        ),
    );
    if config.trusted_proxies.is_empty() && config.listen.ip().is_loopback() {
        report.warn(
            "proxies",
            format!(
                "the pages listen on {}, behind a proxy as it seems, and trusted_proxies names none: the proxy's address would \
                 stand in the evidence for every customer, and all would share one rate limit",
                config.listen
            ),
            "set trusted_proxies to the networks of the proxy, such as [\"127.0.0.1/32\", \"::1/128\"] for one on this machine",
        );
    }
}
