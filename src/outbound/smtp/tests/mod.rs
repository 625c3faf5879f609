//! Conversations with the sink, which misbehaves as it is told, and with servers that follow a script.

mod phases;
mod pooling;
mod protection;
mod scripted;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::*;
use crate::demo::sink::{Sink, SinkOptions};
use crate::domain::delivery::Reply;
use crate::domain::time::{FixedClock, Timestamp};
use crate::outbound::transport::Outgoing;
use crate::outbound::url::MailUrl;

const BODY: &[u8] = b"Subject: x\r\n\r\n.\r\n..dots\r\nend\r\n";
/// Far longer than anything here takes, unless the server is silent.
const SHORT: Duration = Duration::from_secs(1);

async fn sink(options: SinkOptions) -> Sink {
    let clock = Arc::new(FixedClock::new(Timestamp::from_micros(1)));
    let any_port = "127.0.0.1:0".parse().unwrap();
    Sink::start(any_port, options, clock, CancellationToken::new())
        .await
        .unwrap()
}

fn options() -> Options {
    Options {
        timeouts: Timeouts::all(SHORT),
        ..Options::default()
    }
}

fn smtp(url: &str, options: &Options) -> Smtp {
    try_smtp(url, options).unwrap()
}

fn try_smtp(url: &str, options: &Options) -> Result<Smtp, SmtpConfigError> {
    match url.parse().unwrap() {
        MailUrl::Smtp(server) => Smtp::new(server, options),
        MailUrl::Folder(_) => unreachable!("a folder"),
    }
}

fn smtp_to(sink: &Sink) -> Smtp {
    smtp(&format!("smtp://{}", sink.address()), &options())
}

fn mail(rcpt_to: &str) -> Outgoing<'_> {
    Outgoing {
        mail_from: "b+tag@mail.example.com",
        rcpt_to,
        bytes: BODY,
        needs_smtputf8: false,
    }
}

/// Sends one mail and counts how often the mark was made.
async fn send(smtp: &Smtp, rcpt_to: &str) -> (Outcome, usize) {
    let marks = AtomicUsize::new(0);
    let outcome = smtp
        .send(mail(rcpt_to), || async {
            marks.fetch_add(1, Ordering::SeqCst);
            true
        })
        .await;
    (outcome, marks.into_inner())
}

async fn send_well(smtp: &Smtp) -> Reply {
    match send(smtp, "kim@customer.example").await {
        (Outcome::Accepted(reply), 1) => reply,
        other => panic!("{other:?}"),
    }
}

/// Waits until `done`, and fails where that takes too long.
async fn until(done: impl Fn() -> bool) {
    for _ in 0..500 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came to it");
}
