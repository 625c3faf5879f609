use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::domain::time::FixedClock;

async fn sink(options: SinkOptions) -> Sink {
    let clock = Arc::new(FixedClock::new(Timestamp::from_micros(7)));
    let any_port = "127.0.0.1:0".parse().unwrap();
    Sink::start(any_port, options, clock, CancellationToken::new())
        .await
        .unwrap()
}

/// Says all of it at once and reads until the sink closes the connection.
async fn talk(sink: &Sink, said: &[u8]) -> String {
    let mut tcp = TcpStream::connect(sink.address()).await.unwrap();
    tcp.write_all(said).await.unwrap();
    let mut heard = Vec::new();
    // A connection that is closed over unread input ends in an error; what was heard counts.
    let _ = tokio::time::timeout(Duration::from_secs(5), tcp.read_to_end(&mut heard))
        .await
        .expect("the sink closes the connection");
    String::from_utf8(heard).unwrap()
}

fn mail(body: &str) -> Vec<u8> {
    format!(
        "EHLO a.example\r\nMAIL FROM:<b@a.example> SMTPUTF8\r\nRCPT TO:<하늘@c.example>\r\nDATA\r\n{body}.\r\nQUIT\r\n"
    )
    .into_bytes()
}

#[tokio::test]
async fn a_mail_is_kept_as_it_was_meant() {
    let sink = sink(SinkOptions::default()).await;
    let heard = talk(&sink, &mail(".. two\r\nline\r\n")).await;
    assert!(
        heard.ends_with("250 2.0.0 kept\r\n221 2.0.0 bye\r\n"),
        "{heard}"
    );
    for offer in [
        "PIPELINING",
        "8BITMIME",
        "SMTPUTF8",
        "ENHANCEDSTATUSCODES",
        "SIZE 10485760",
    ] {
        assert!(heard.contains(offer), "{offer}: {heard}");
    }
    sink.wait_for(1).await;
    assert_eq!(
        sink.mails(),
        [Received {
            mail_from: "b@a.example".into(),
            rcpt_to: vec!["하늘@c.example".into()],
            bytes: b". two\r\nline\r\n".to_vec(),
            at: Timestamp::from_micros(7),
            encrypted: false,
        }]
    );
    sink.stop().await;
    assert_eq!(sink.open_connections(), 0);
    assert!(TcpStream::connect(sink.address()).await.is_err());
}

#[tokio::test]
async fn a_mail_hidden_behind_a_bare_line_end_is_not_taken() {
    let sink = sink(SinkOptions::default()).await;
    for end in ["\n.\r\n", "\n.\n", "\r.\r", "\r\n.\n", "\r.\r\n"] {
        let smuggled =
            format!("one{end}MAIL FROM:<x@a.example>\r\nRCPT TO:<y@a.example>\r\nDATA\r\ntwo\r\n");
        let heard = talk(&sink, &mail(&smuggled)).await;
        assert!(heard.contains("521 5.5.2 bare "), "{end:?}: {heard}");
    }
    let heard = talk(&sink, b"EHLO a.example\nQUIT\r\n").await;
    assert!(heard.contains("500 5.5.2 no line"), "{heard}");
    assert_eq!(sink.taken(), 0);
}

#[tokio::test]
async fn every_limit_holds() {
    let sink = sink(SinkOptions {
        max_connections: 1,
        max_mail: 2_000,
        max_kept: 1,
        ..SinkOptions::default()
    })
    .await;
    let large = "x\r\n".repeat(1_000);
    assert!(talk(&sink, &mail(&large)).await.contains("552 5.3.4 "));
    let long = format!("{}\r\n", "x".repeat(999));
    assert!(
        talk(&sink, &mail(&long))
            .await
            .contains("a line is too long")
    );
    let longest = format!("{}\r\n", "x".repeat(998));
    assert!(
        talk(&sink, &mail(&longest))
            .await
            .contains("250 2.0.0 kept")
    );
    assert!(
        talk(&sink, &mail("two\r\n"))
            .await
            .contains("250 2.0.0 kept")
    );
    assert_eq!((sink.mails().len(), sink.taken()), (1, 2));
    assert!(
        talk(&sink, "x".repeat(5_000).as_bytes())
            .await
            .contains("500 5.5.2")
    );
    let mut first = TcpStream::connect(sink.address()).await.unwrap();
    first.read_exact(&mut [0; 4]).await.unwrap();
    assert!(talk(&sink, b"").await.starts_with("421 4.7.0 too many"));
}

#[tokio::test]
async fn it_stays_on_loopback() {
    let clock = Arc::new(FixedClock::new(Timestamp::from_micros(0)));
    let everywhere = "0.0.0.0:0".parse().unwrap();
    let refused = Sink::start(
        everywhere,
        SinkOptions::default(),
        clock,
        CancellationToken::new(),
    );
    assert!(
        refused
            .await
            .unwrap_err()
            .to_string()
            .contains("loopback only")
    );
}

#[tokio::test]
async fn commands_out_of_order_are_refused() {
    let sink = sink(SinkOptions {
        credentials: Some(("user".into(), "password".into())),
        ..SinkOptions::default()
    })
    .await;
    let heard = talk(
        &sink,
        b"RCPT TO:<a@b.example>\r\nDATA\r\nSTARTTLS\r\nVRFY x\r\nFOO\r\nMAIL FROM:<a@b.example>\r\nNOOP\r\nRSET\r\nHELO x\r\nQUIT\r\n",
    )
    .await;
    let codes: Vec<&str> = heard.lines().map(|line| &line[..3]).collect();
    assert_eq!(
        codes,
        [
            "220", "503", "503", "502", "502", "500", "530", "250", "250", "250", "221"
        ],
        "{heard}"
    );
}
