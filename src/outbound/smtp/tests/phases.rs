//! What the server does in each phase, and what is reported.

use super::*;
use crate::demo::sink::Behaviour;
use crate::domain::delivery::{Verdict, judge};

const TALKING: [Stage; 5] = [
    Stage::Ehlo,
    Stage::MailFrom,
    Stage::RcptTo,
    Stage::Data,
    Stage::Body,
];

fn every_way() -> [SinkOptions; 2] {
    [true, false].map(|pipelining| SinkOptions {
        pipelining,
        ..SinkOptions::default()
    })
}

#[tokio::test]
async fn a_mail_arrives_with_its_envelope_and_its_dots() {
    for options in every_way() {
        let sink = sink(options).await;
        let reply = send_well(&smtp_to(&sink)).await;
        assert_eq!(reply.to_string(), "250 2.0.0 kept");
        let mails = sink.mails();
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].mail_from, "b+tag@mail.example.com");
        assert_eq!(mails[0].rcpt_to, ["kim@customer.example"]);
        assert_eq!(mails[0].bytes, BODY);
    }
}

#[tokio::test]
async fn a_refusal_is_reported_with_its_phase_and_the_connection_goes_on() {
    for options in every_way() {
        let sink = sink(options).await;
        let smtp = smtp_to(&sink);
        for stage in [Stage::MailFrom, Stage::RcptTo, Stage::Data, Stage::Body] {
            sink.behave(stage, Behaviour::Reply("550 5.1.1 no such user".into()));
            let (outcome, marks) = send(&smtp, "kim@customer.example").await;
            let Outcome::Refused(at, reply) = outcome else {
                panic!("{stage:?}: {outcome:?}");
            };
            assert_eq!(
                (at, reply.code, reply.enhanced),
                (stage, 550, Some((5, 1, 1)))
            );
            assert_eq!(marks, usize::from(stage == Stage::Body));
            sink.behave_well();
            send_well(&smtp).await;
        }
        assert_eq!(sink.connections(), 1);
        assert_eq!(sink.taken(), 4);
    }
}

#[tokio::test]
async fn a_refusal_before_the_first_mail_pauses() {
    let sink = sink(SinkOptions::default()).await;
    for stage in [Stage::Connect, Stage::Ehlo] {
        sink.behave(stage, Behaviour::Reply("554 5.7.1 go away".into()));
        let (outcome, marks) = send(&smtp_to(&sink), "kim@customer.example").await;
        assert!(
            matches!(&outcome, Outcome::Refused(at, reply) if *at == stage && reply.code == 554),
            "{outcome:?}"
        );
        assert_eq!((judge(&outcome), marks), (Verdict::Pause, 0));
        sink.behave_well();
    }
}

#[tokio::test]
async fn a_silent_server_is_given_up_in_every_phase() {
    let cases = every_way().map(|options| {
        let stages = [Stage::Connect].into_iter().chain(TALKING);
        stages.map(move |stage| silent_in(stage, options.clone()))
    });
    futures_util::future::join_all(cases.into_iter().flatten()).await;
}

async fn silent_in(stage: Stage, options: SinkOptions) {
    let sink = sink(options).await;
    sink.behave(stage, Behaviour::Hang);
    let smtp = smtp_to(&sink);
    let (outcome, marks) = send(&smtp, "kim@customer.example").await;
    assert_eq!(
        outcome,
        Outcome::Lost(stage, "the server was silent for 1s".into())
    );
    assert_eq!(marks, usize::from(stage == Stage::Body));
    sink.behave_well();
    // Nothing half-used was kept.
    send_well(&smtp).await;
    assert_eq!(smtp.connections_opened(), 2);
}

#[tokio::test]
async fn a_dropped_line_is_reported_with_its_phase() {
    for options in every_way() {
        let sink = sink(options).await;
        for stage in [Stage::Connect].into_iter().chain(TALKING) {
            sink.behave(stage, Behaviour::Drop);
            let (outcome, marks) = send(&smtp_to(&sink), "kim@customer.example").await;
            assert!(
                matches!(&outcome, Outcome::Lost(at, _) if *at == stage),
                "{stage:?}: {outcome:?}"
            );
            assert_eq!(marks, usize::from(stage == Stage::Body));
            sink.behave_well();
        }
        assert_eq!(sink.taken(), 0);
    }
}

#[tokio::test]
async fn a_mail_that_arrived_without_an_answer_is_ambiguous() {
    let sink = sink(SinkOptions::default()).await;
    sink.behave(Stage::Body, Behaviour::KeepAndDrop);
    let (outcome, _) = send(&smtp_to(&sink), "kim@customer.example").await;
    assert_eq!(judge(&outcome), Verdict::Ambiguous);
    assert_eq!(sink.taken(), 1);
}

#[tokio::test]
async fn a_slow_server_is_waited_for() {
    let sink = sink(SinkOptions::default()).await;
    for stage in [Stage::Connect].into_iter().chain(TALKING) {
        sink.behave(stage, Behaviour::Slow(SHORT / 8));
    }
    send_well(&smtp_to(&sink)).await;
}

#[tokio::test]
async fn one_domain_may_be_refused_or_silent_while_the_others_flow() {
    let sink = sink(SinkOptions::default()).await;
    sink.behave_for(
        "Greylisted.example",
        Stage::RcptTo,
        Behaviour::Reply("451 4.7.1 later".into()),
    );
    sink.behave_for("silent.example", Stage::Data, Behaviour::Hang);
    let smtp = smtp_to(&sink);
    let (greylisted, silent, fine) = tokio::join!(
        send(&smtp, "a@greylisted.example"),
        send(&smtp, "a@silent.example"),
        send(&smtp, "a@fine.example"),
    );
    assert_eq!(judge(&greylisted.0), Verdict::Retry);
    assert!(matches!(silent.0, Outcome::Lost(Stage::Data, _)));
    assert_eq!(judge(&fine.0), Verdict::Sent);
    assert_eq!(sink.mails()[0].rcpt_to, ["a@fine.example"]);
}

#[tokio::test]
async fn a_fenced_mail_does_not_leave_and_ends_its_connection() {
    let sink = sink(SinkOptions::default()).await;
    let smtp = smtp_to(&sink);
    let outcome = smtp
        .send(mail("kim@customer.example"), async || false)
        .await;
    assert_eq!(outcome, Outcome::Fenced);
    until(|| sink.open_connections() == 0).await;
    assert_eq!((sink.connections(), sink.taken()), (1, 0));
    send_well(&smtp).await;
}

#[tokio::test]
async fn the_body_waits_for_the_mark() {
    let sink = sink(SinkOptions::default()).await;
    let seen = sink.clone();
    let outcome = smtp_to(&sink)
        .send(mail("kim@customer.example"), async move || {
            tokio::time::sleep(SHORT / 4).await;
            seen.taken() == 0
        })
        .await;
    assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
}

#[tokio::test]
async fn nobody_listening_pauses() {
    let sink = sink(SinkOptions::default()).await;
    sink.stop().await;
    let (outcome, marks) = send(&smtp_to(&sink), "kim@customer.example").await;
    assert!(
        matches!(&outcome, Outcome::Lost(Stage::Connect, _)),
        "{outcome:?}"
    );
    assert_eq!((judge(&outcome), marks), (Verdict::Pause, 0));
}

#[tokio::test]
async fn what_could_break_the_conversation_is_refused_without_one() {
    let sink = sink(SinkOptions::default()).await;
    let smtp = smtp_to(&sink);
    let good = mail("kim@customer.example");
    for (bad, stage, code) in [
        (
            Outgoing {
                rcpt_to: "a@b.example>\r\nRCPT TO:<c@d.example",
                ..good
            },
            Stage::RcptTo,
            553,
        ),
        (
            Outgoing {
                rcpt_to: "",
                ..good
            },
            Stage::RcptTo,
            553,
        ),
        (
            Outgoing {
                mail_from: "\0@mail.example.com",
                ..good
            },
            Stage::MailFrom,
            553,
        ),
        (
            Outgoing {
                bytes: b"a\n.\r\nMAIL FROM:<>\r\n",
                ..good
            },
            Stage::Data,
            554,
        ),
    ] {
        let outcome = smtp.send(bad, async || panic!("marked")).await;
        assert!(
            matches!(&outcome, Outcome::Refused(at, reply) if *at == stage && reply.code == code),
            "{outcome:?}"
        );
    }
    assert_eq!(sink.connections(), 0);
    let null_sender = Outgoing {
        mail_from: "",
        ..good
    };
    assert!(matches!(
        smtp.send(null_sender, async || true).await,
        Outcome::Accepted(_)
    ));
    assert_eq!(sink.mails()[0].mail_from, "");
}

#[tokio::test]
async fn an_address_beyond_ascii_goes_out_where_the_server_offers_it_and_fails_where_not() {
    let outgoing = Outgoing {
        bytes: "To: 하늘@customer.example\r\n\r\n".as_bytes(),
        needs_smtputf8: true,
        ..mail("하늘@customer.example")
    };
    let able = sink(SinkOptions::default()).await;
    let outcome = smtp_to(&able).send(outgoing, async || true).await;
    assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
    assert_eq!(able.mails()[0].rcpt_to, ["하늘@customer.example"]);

    let unable = sink(SinkOptions {
        smtputf8: false,
        ..SinkOptions::default()
    })
    .await;
    let smtp = smtp_to(&unable);
    let outcome = smtp.send(outgoing, async || panic!("marked")).await;
    assert!(
        matches!(&outcome, Outcome::Refused(Stage::RcptTo, reply) if reply.enhanced == Some((5, 6, 7)))
    );
    assert_eq!(judge(&outcome), Verdict::Failed);
    send_well(&smtp).await;
    assert_eq!(unable.connections(), 1);
}
