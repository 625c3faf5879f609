//! `queue limit`: the pace towards one destination domain.

use clap::ArgGroup;
use serde_json::{Value, json};

use crate::app::App;
use crate::cli::context::Context;
use crate::cli::failure::{ExitStatus, Failure};
use crate::domain::address::EmailAddress;
use crate::domain::time::MINUTE;
use crate::domain::webhook::EndpointUrl;
use crate::storage::lane::{self, Lane};

const EXAMPLE: &str = "\
Example:
  countersign queue limit naver.com --per-minute 60 --in-flight 5
  countersign queue limit naver.com --lift

JSON: {\"domain\", \"per_minute\", \"in_flight\"}, null for no limit of its own";

/// Limit the mails to one domain, over all workers
///
/// Replaces both limits that the domain had. `countersign queue stats` shows those that are set.
#[derive(Debug, clap::Args)]
#[command(
    after_help = EXAMPLE,
    group = ArgGroup::new("limits").required(true).multiple(true).args(["per_minute", "in_flight", "lift"]),
)]
pub(super) struct Args {
    /// The domain after the @; of webhooks, HOST:PORT
    domain: String,
    /// At most so many mails a minute
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    per_minute: Option<u32>,
    /// At most so many mails under way at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    in_flight: Option<u32>,
    /// No limits of its own any more
    #[arg(long, conflicts_with_all = ["per_minute", "in_flight"])]
    lift: bool,
}

pub(super) async fn run(args: &Args, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let domain = domain(&args.domain)?;
    let interval = args.per_minute.map(|rate| MINUTE / i64::from(rate));
    let in_flight = args.in_flight.map(i64::from);
    let name = domain.clone();
    app.engine
        .db
        .write(move |tx| Box::pin(async move { lane::limit(tx, &name, interval, in_flight).await }))
        .await?;
    app.engine.wake().await;
    if cx.out.is_json() {
        cx.out.object(&json!({
            "domain": domain, "per_minute": args.per_minute, "in_flight": args.in_flight,
        }));
    } else {
        cx.out.text(&format!(
            "{domain}: {}",
            words(args.per_minute, args.in_flight)
        ));
    }
    Ok(ExitStatus::Done)
}

/// The limits of a domain, for `queue stats`.
pub(super) fn object(lane: &Lane) -> Value {
    let (per_minute, in_flight) = limits(lane);
    json!({"domain": lane.domain, "per_minute": per_minute, "in_flight": in_flight})
}

/// The same for people.
pub(super) fn sentence(lane: &Lane) -> String {
    let (per_minute, in_flight) = limits(lane);
    words(per_minute, in_flight)
}

fn limits(lane: &Lane) -> (Option<u32>, Option<u32>) {
    let rate = lane
        .interval_micros
        .map(|interval| MINUTE / interval.max(1));
    let number = |value: Option<i64>| value.and_then(|value| u32::try_from(value).ok());
    (number(rate), number(lane.max_in_flight))
}

fn words(per_minute: Option<u32>, in_flight: Option<u32>) -> String {
    match (per_minute, in_flight) {
        (None, None) => "no limits of its own".to_owned(),
        (Some(rate), None) => format!("{rate} a minute"),
        (None, Some(most)) => format!("{most} at once"),
        (Some(rate), Some(most)) => format!("{rate} a minute, {most} at once"),
    }
}

/// The domain as the queue knows it: an A-label, in lower case.
fn domain(text: &str) -> Result<String, Failure> {
    let text = text.trim().trim_start_matches('@');
    // Webhooks are counted by host and port.
    if let Some((host, port)) = text.rsplit_once(':')
        && port.parse::<u16>().is_ok()
        && let Ok(url) = EndpointUrl::stored(&format!("https://{host}:{port}/"))
    {
        return Ok(url.destination());
    }
    let address: Option<EmailAddress> = format!("postmaster@{text}").parse().ok();
    address
        .map(|address| address.domain().to_owned())
        .ok_or_else(|| {
            Failure::field(
                "domain",
                "write what stands after the @, such as naver.com, or HOST:PORT of a webhook",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_known_by_its_a_label() {
        assert_eq!(domain("@Naver.com").unwrap(), "naver.com");
        assert_eq!(domain("회사.kr").unwrap(), "xn--vf4b131b.kr");
        assert_eq!(
            domain("Hooks.회사.kr:443").unwrap(),
            "hooks.xn--vf4b131b.kr:443"
        );
        assert!(domain("a b").is_err() && domain("").is_err());
    }

    #[test]
    fn a_rate_reads_back_as_it_was_given() {
        for rate in [1, 7, 60, 999, 1_000_000] {
            let lane = Lane {
                domain: String::new(),
                next_at: crate::domain::time::Timestamp::from_micros(0),
                interval_micros: Some(MINUTE / rate),
                max_in_flight: None,
            };
            assert_eq!(limits(&lane).0.map(i64::from), Some(rate));
        }
    }
}
