//! Servers that follow a script, for what no good server does.

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::*;
use crate::domain::delivery::{Verdict, judge};

/// One step of a server.
#[derive(Clone, Copy, Debug)]
enum Do {
    /// Says this, octet for octet.
    Say(&'static [u8]),
    /// Reads lines until one that begins so.
    Read(&'static str),
    /// Reads the body up to the dot.
    ReadBody,
    /// Expects the client to leave without another word.
    End,
    /// Closes the connection; the next step is for the next one.
    Close,
}
use Do::{Close, End, Read, ReadBody, Say};

const EHLO: &[u8] = b"250-scripted\r\n250 PIPELINING\r\n";
/// MAIL, RCPT and DATA are read before any of them is answered: a client that does not pipeline would wait for ever.
const GREETED: [Do; 3] = [Say(b"220 hi\r\n"), Read("EHLO"), Say(EHLO)];
const OPENED: [Do; 4] = [
    Read("MAIL"),
    Read("RCPT"),
    Read("DATA"),
    Say(b"250 ok\r\n250 ok\r\n354 go\r\n"),
];
const ACCEPTED: [Do; 2] = [ReadBody, Say(b"250 2.0.0 queued\r\n")];

/// A server that follows the script, and fails the test (when it is joined) where the client does otherwise.
async fn server(script: &[&[Do]]) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
    let script: Vec<Do> = script.concat();
    let task = tokio::spawn(async move {
        for conversation in script.split(|step| matches!(step, Close)) {
            let (tcp, _) = listener.accept().await.unwrap();
            follow(BufReader::new(tcp), conversation).await;
        }
    });
    (url, task)
}

async fn follow(mut tcp: BufReader<TcpStream>, conversation: &[Do]) {
    for step in conversation {
        match step {
            Say(text) => tcp.write_all(text).await.unwrap(),
            Read(command) => {
                let mut line = String::new();
                tcp.read_line(&mut line).await.unwrap();
                assert!(line.starts_with(command), "{line:?} instead of {command}");
            }
            ReadBody => {
                let mut line = String::new();
                while line != ".\r\n" {
                    line.clear();
                    assert!(
                        tcp.read_line(&mut line).await.unwrap() > 0,
                        "the body ends early"
                    );
                }
            }
            End => {
                let mut rest = String::new();
                tcp.read_to_string(&mut rest).await.unwrap();
                assert_eq!(rest, "");
            }
            Close => unreachable!("conversations are split at it"),
        }
    }
}

async fn plain(script: &[&[Do]]) -> (Smtp, JoinHandle<()>) {
    let (address, task) = server(script).await;
    (smtp(&format!("smtp://{address}"), &options()), task)
}

#[tokio::test]
async fn mail_rcpt_and_data_go_out_together() {
    let (smtp, server) = plain(&[&GREETED, &OPENED, &ACCEPTED, &OPENED, &ACCEPTED]).await;
    send_well(&smtp).await;
    send_well(&smtp).await;
    server.await.unwrap();
}

#[tokio::test]
async fn a_kept_connection_that_the_server_closed_since_is_replaced() {
    let closed_early: [&[Do]; 7] = [
        &GREETED,
        &OPENED,
        &ACCEPTED,
        &[Close],
        &GREETED,
        &OPENED,
        &ACCEPTED,
    ];
    let (smtp, server) = plain(&closed_early).await;
    send_well(&smtp).await;
    tokio::time::sleep(SHORT / 4).await;
    send_well(&smtp).await;
    server.await.unwrap();
    assert_eq!(smtp.connections_opened(), 2);
}

#[tokio::test]
async fn a_kept_connection_that_ends_at_mail_is_replaced_and_the_mark_made_once() {
    for farewell in [&b""[..], b"421 4.4.2 idle for too long\r\n"] {
        let at_mail = [Read("MAIL"), Say(farewell), Close];
        let (smtp, server) = plain(&[
            &GREETED, &OPENED, &ACCEPTED, &at_mail, &GREETED, &OPENED, &ACCEPTED,
        ])
        .await;
        send_well(&smtp).await;
        send_well(&smtp).await;
        server.await.unwrap();
        assert_eq!(smtp.connections_opened(), 2);
    }
}

#[tokio::test]
async fn a_farewell_that_came_in_the_meantime_is_no_answer_to_the_next_mail() {
    let farewell = [Say(b"421 4.4.2 idle for too long\r\n"), Close];
    let (smtp, server) = plain(&[
        &GREETED, &OPENED, &ACCEPTED, &farewell, &GREETED, &OPENED, &ACCEPTED,
    ])
    .await;
    send_well(&smtp).await;
    tokio::time::sleep(SHORT / 4).await;
    send_well(&smtp).await;
    server.await.unwrap();
}

#[tokio::test]
async fn an_answer_to_nothing_is_not_taken_for_the_next_one() {
    // One answer too many would put every later one in the wrong place: the 354 would be the answer to RCPT.
    let unasked = [Say(b"250 ok\r\n"), Close];
    let (smtp, server) = plain(&[
        &GREETED, &OPENED, &ACCEPTED, &unasked, &GREETED, &OPENED, &ACCEPTED,
    ])
    .await;
    send_well(&smtp).await;
    tokio::time::sleep(SHORT / 4).await;
    send_well(&smtp).await;
    server.await.unwrap();
    assert_eq!(smtp.connections_opened(), 2);
}

#[tokio::test]
async fn a_fresh_connection_that_ends_at_mail_is_not_tried_again() {
    let (smtp, server) = plain(&[&GREETED, &[Read("MAIL")]]).await;
    let (outcome, marks) = send(&smtp, "kim@customer.example").await;
    assert!(
        matches!(outcome, Outcome::Lost(Stage::MailFrom, _)),
        "{outcome:?}"
    );
    assert_eq!((marks, smtp.connections_opened()), (0, 1));
    server.await.unwrap();
}

#[tokio::test]
async fn a_kept_connection_that_ends_after_mail_was_answered_is_reported() {
    let after_mail = [Read("MAIL"), Read("RCPT"), Read("DATA"), Say(b"250 ok\r\n")];
    let (smtp, server) = plain(&[&GREETED, &OPENED, &ACCEPTED, &after_mail]).await;
    send_well(&smtp).await;
    let (outcome, _) = send(&smtp, "kim@customer.example").await;
    assert!(
        matches!(outcome, Outcome::Lost(Stage::RcptTo, _)),
        "{outcome:?}"
    );
    assert_eq!(smtp.connections_opened(), 1);
    server.await.unwrap();
}

#[tokio::test]
async fn a_body_that_is_awaited_for_nobody_is_ended_with_a_dot() {
    let nobody = [
        Read("MAIL"),
        Read("RCPT"),
        Read("DATA"),
        Say(b"250 ok\r\n550 5.1.1 no\r\n354 go\r\n"),
        Read(".\r\n"),
        Say(b"554 5.5.1 no valid recipients\r\n"),
        // Then the connection is cleared and goes on.
        Read("RSET"),
        Read("MAIL"),
        Read("RCPT"),
        Read("DATA"),
        Say(b"250 cleared\r\n250 ok\r\n250 ok\r\n354 go\r\n"),
    ];
    let (smtp, server) = plain(&[&GREETED, &nobody, &ACCEPTED]).await;
    let (outcome, marks) = send(&smtp, "kim@customer.example").await;
    assert!(
        matches!(&outcome, Outcome::Refused(Stage::RcptTo, reply) if reply.code == 550),
        "{outcome:?}"
    );
    assert_eq!(marks, 0);
    send_well(&smtp).await;
    server.await.unwrap();
}

#[tokio::test]
async fn a_server_that_refuses_the_sender_and_awaits_a_body_gets_none() {
    let odd = [
        Read("MAIL"),
        Read("RCPT"),
        Read("DATA"),
        Say(b"550 5.7.1 no\r\n250 ok\r\n354 go\r\n"),
        End,
    ];
    let (smtp, server) = plain(&[&GREETED, &odd]).await;
    let (outcome, marks) = send(&smtp, "kim@customer.example").await;
    assert!(
        matches!(&outcome, Outcome::Refused(Stage::MailFrom, _)),
        "{outcome:?}"
    );
    assert_eq!((judge(&outcome), marks), (Verdict::Pause, 0));
    server.await.unwrap();
}

#[tokio::test]
async fn an_answer_that_is_not_utf8_still_counts() {
    let korean = [ReadBody, Say(b"250 2.0.0 \xc1\xa2\xbc\xf6\xb5\xca\r\n")];
    let (smtp, server) = plain(&[&GREETED, &OPENED, &korean]).await;
    assert_eq!(send_well(&smtp).await.enhanced, Some((2, 0, 0)));
    server.await.unwrap();
}

#[tokio::test]
async fn what_is_no_smtp_is_reported_as_lost() {
    const ENDLESS: &[u8] = &[b'2'; 100_000];
    for (script, stage) in [
        (&[Say(b"HTTP/1.1 400 Bad Request\r\n")][..], Stage::Connect),
        (&[Say(b"SSH-2.0-OpenSSH\r\n")], Stage::Connect),
        (&[Say(b"999 what\r\n")], Stage::Connect),
        (&[Say(b"354 go\r\n")], Stage::Connect),
        (&[Say(b"220-"), Say(ENDLESS)], Stage::Connect),
        (
            &[Say(b"220 hi\r\n"), Read("EHLO"), Say(b"354 go\r\n")],
            Stage::Ehlo,
        ),
    ] {
        let (smtp, server) = plain(&[script]).await;
        let (outcome, marks) = send(&smtp, "kim@customer.example").await;
        assert!(
            matches!(&outcome, Outcome::Lost(at, _) if *at == stage),
            "{script:?}: {outcome:?}"
        );
        assert_eq!(marks, 0);
        server.abort();
    }
}

#[tokio::test]
async fn an_acceptance_without_a_354_sends_no_body() {
    let odd = [
        Read("MAIL"),
        Read("RCPT"),
        Read("DATA"),
        Say(b"250 ok\r\n250 ok\r\n250 ok\r\n"),
        End,
    ];
    let (smtp, server) = plain(&[&GREETED, &odd]).await;
    let (outcome, marks) = send(&smtp, "kim@customer.example").await;
    assert!(
        matches!(&outcome, Outcome::Lost(Stage::Data, _)),
        "{outcome:?}"
    );
    assert_eq!(marks, 0);
    server.await.unwrap();
}

#[tokio::test]
async fn what_was_said_before_tls_started_is_not_believed() {
    let injected = [
        Say(b"220 hi\r\n"),
        Read("EHLO"),
        Say(b"250-scripted\r\n250 STARTTLS\r\n"),
        Read("STARTTLS"),
        Say(b"220 go\r\n250-forged\r\n250 AUTH PLAIN\r\n"),
    ];
    let (address, server) = server(&[&injected]).await;
    let smtp = smtp(&format!("smtp://{address}?tls=starttls"), &options());
    let (outcome, _) = send(&smtp, "kim@customer.example").await;
    assert!(
        matches!(&outcome, Outcome::Lost(Stage::StartTls, what) if what.contains("before TLS")),
        "{outcome:?}"
    );
    server.await.unwrap();
}

#[tokio::test]
async fn body_and_dot_are_one_write() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        let mut chunk = vec![0; 65_536];
        tcp.write_all(b"220 hi\r\n").await.unwrap();
        let _ = tcp.read(&mut chunk).await.unwrap();
        tcp.write_all(EHLO).await.unwrap();
        let _ = tcp.read(&mut chunk).await.unwrap();
        tcp.write_all(b"250 ok\r\n250 ok\r\n354 go\r\n")
            .await
            .unwrap();
        // What one write of this size brings arrives as one piece on loopback.
        let read = tcp.read(&mut chunk).await.unwrap();
        tcp.write_all(b"250 ok\r\n").await.unwrap();
        chunk[..read].to_vec()
    });
    send_well(&smtp(&url, &options())).await;
    let body = server.await.unwrap();
    assert!(
        body.ends_with(b"end\r\n.\r\n"),
        "{}",
        String::from_utf8_lossy(&body)
    );
}
