//! Mail on its way: what leaves, and what an SMTP server may do to it.

use std::{
    env,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor, transport::smtp::Error,
};

use crate::harness::{Case, Ctx, Need, Outcome, Sink, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(a_sink_keeps_the_mail_and_its_envelope).needs(Need::Sink),
        case!(a_sink_refuses_what_it_is_told_to_refuse).needs(Need::Sink),
        case!(a_stopped_sink_is_silent_until_it_goes_on).needs(Need::Sink),
        case!(a_source_sends_to_a_sink_until_it_is_done).needs(Need::Sink),
    ]
}

fn message() -> anyhow::Result<Message> {
    Ok(Message::builder()
        .from("partner@countersign.example".parse()?)
        .to("customer@customer.example".parse()?)
        .subject("One line")
        .body("Guten Tag\n".to_owned())?)
}

fn transport(sink: &Sink, timeout: Duration) -> AsyncSmtpTransport<Tokio1Executor> {
    AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(sink.address.ip().to_string())
        .port(sink.address.port())
        .timeout(Some(timeout))
        .build()
}

async fn send(sink: &Sink) -> Result<(), Error> {
    let message = message().expect("the message is a good one");
    transport(sink, Duration::from_secs(10))
        .send(message)
        .await
        .map(drop)
}

async fn a_sink_keeps_the_mail_and_its_envelope(ctx: &Ctx) -> Outcome {
    let sink = ctx.sink(&[]).await?;
    send(&sink).await?;
    let mails = sink.wait_for(1).await?;
    let [mail] = mails.as_slice() else {
        anyhow::bail!("one mail was sent, and there are {}", mails.len());
    };
    assert_eq!(mail.mail_from, "<partner@countersign.example>");
    assert_eq!(mail.rcpt_to, ["<customer@customer.example>"]);
    let content = String::from_utf8(mail.content.clone())?;
    ensure!(
        content.starts_with("From: partner@countersign.example\n"),
        "{content}"
    );
    ensure!(content.contains("\n\nGuten Tag\n"), "{content}");
    Ok(())
}

async fn a_sink_refuses_what_it_is_told_to_refuse(ctx: &Ctx) -> Outcome {
    let sink = ctx
        .sink(&["-f", "RCPT", "-B", "550 5.1.1 nobody here"])
        .await?;
    let refusal = send(&sink).await.err().context("the mail was taken")?;
    ensure!(refusal.is_permanent(), "{refusal:?}");
    let sent = sink.mails()?.len();
    assert_eq!(sent, 0);
    Ok(())
}

async fn a_stopped_sink_is_silent_until_it_goes_on(ctx: &Ctx) -> Outcome {
    let sink = ctx.sink(&[]).await?;
    sink.process.signal("STOP")?;
    let start = Instant::now();
    let silence = tokio::time::timeout(Duration::from_millis(300), send(&sink)).await;
    ensure!(silence.is_err(), "it answered after {:?}", start.elapsed());
    sink.process.signal("CONT")?;
    send(&sink).await?;
    Ok(())
}

async fn a_source_sends_to_a_sink_until_it_is_done(ctx: &Ctx) -> Outcome {
    let sink = ctx.sink(&[]).await?;
    let program = env::var("COUNTERSIGN_TEST_SMTP_SOURCE")?;
    let mut command = Command::new(program);
    command
        .args(["-d", "-s", "2", "-m", "20", "-l", "2000"])
        .args([
            "-f",
            "partner@countersign.example",
            "-t",
            "customer@customer.example",
        ])
        .arg(sink.address.to_string());
    let mut source = ctx.start("smtp-source", &mut command)?;
    let status = source.exit(Duration::from_secs(20)).await?;
    ensure!(status.success(), "{status}: {}", source.log());
    let taken = sink.wait_for(20).await?.len();
    assert_eq!(taken, 20);
    Ok(())
}
