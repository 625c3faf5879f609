//! What is kept between mails, and what is not.

use super::*;
use crate::demo::sink::Behaviour;

#[tokio::test]
async fn concurrent_senders_share_few_connections_and_reuse_them() {
    let sink = sink(SinkOptions::default()).await;
    let smtp = smtp(
        &format!("smtp://{}", sink.address()),
        &Options {
            max_connections: 8,
            mails_per_connection: 1_000,
            ..options()
        },
    );
    let senders = (0..32).map(|_| {
        let smtp = smtp.clone();
        tokio::spawn(async move {
            for _ in 0..10 {
                send_well(&smtp).await;
            }
        })
    });
    for sender in senders.collect::<Vec<_>>() {
        sender.await.unwrap();
    }
    assert_eq!(sink.taken(), 320);
    assert!(sink.most_connections() <= 8, "{}", sink.most_connections());
    assert_eq!(smtp.connections_opened(), sink.connections() as u64);
    assert!(sink.connections() <= 8, "{}", sink.connections());
}

#[tokio::test]
async fn thirty_two_senders_keep_to_thirty_two_connections_even_when_all_are_slow() {
    let sink = sink(SinkOptions::default()).await;
    sink.behave(Stage::Body, Behaviour::Slow(Duration::from_millis(20)));
    let smtp = smtp_to(&sink);
    let senders: Vec<_> = (0..64)
        .map(|_| {
            let smtp = smtp.clone();
            tokio::spawn(async move { send_well(&smtp).await })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    assert_eq!((sink.taken(), sink.connections()), (64, 32));
}

#[tokio::test]
async fn a_connection_ends_after_its_share_of_mails() {
    let sink = sink(SinkOptions::default()).await;
    let smtp = smtp(
        &format!("smtp://{}", sink.address()),
        &Options {
            mails_per_connection: 2,
            ..options()
        },
    );
    for _ in 0..5 {
        send_well(&smtp).await;
    }
    assert_eq!(sink.connections(), 3);
    until(|| sink.open_connections() == 1).await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_replaced() {
    let sink = sink(SinkOptions::default()).await;
    let smtp = smtp(
        &format!("smtp://{}", sink.address()),
        &Options {
            idle: Duration::from_millis(50),
            ..options()
        },
    );
    for opened in 1..=2 {
        send_well(&smtp).await;
        assert_eq!(sink.connections(), opened);
        until(|| sink.open_connections() == 0).await;
    }
}

#[tokio::test]
async fn closing_ends_what_is_kept() {
    let sink = sink(SinkOptions::default()).await;
    let smtp = smtp_to(&sink);
    tokio::join!(send_well(&smtp), send_well(&smtp));
    assert_eq!(sink.open_connections(), 2);
    smtp.close().await;
    until(|| sink.open_connections() == 0).await;
    // What still comes is sent, and nothing is kept.
    send_well(&smtp).await;
    until(|| sink.open_connections() == 0).await;
}

#[tokio::test]
async fn a_send_that_is_dropped_leaves_no_connection_behind() {
    for stage in [
        Stage::Connect,
        Stage::Ehlo,
        Stage::MailFrom,
        Stage::RcptTo,
        Stage::Data,
        Stage::Body,
    ] {
        let sink = sink(SinkOptions::default()).await;
        let smtp = smtp(
            &format!("smtp://{}", sink.address()),
            &Options {
                timeouts: Timeouts::default(),
                max_connections: 1,
                ..options()
            },
        );
        sink.behave(stage, Behaviour::Hang);
        let sending = send(&smtp, "kim@customer.example");
        assert!(
            tokio::time::timeout(SHORT / 4, sending).await.is_err(),
            "{stage:?}"
        );
        until(|| sink.open_connections() == 0).await;
        sink.behave_well();
        // The permit came back too.
        send_well(&smtp).await;
        assert_eq!(sink.connections(), 2, "{stage:?}");
    }
}

#[tokio::test]
async fn a_send_dropped_in_the_mark_leaves_no_connection_behind() {
    let sink = sink(SinkOptions::default()).await;
    let smtp = smtp_to(&sink);
    let sending = smtp.send(mail("kim@customer.example"), std::future::pending::<bool>);
    assert!(tokio::time::timeout(SHORT / 4, sending).await.is_err());
    until(|| sink.open_connections() == 0).await;
    assert_eq!(sink.taken(), 0);
    send_well(&smtp).await;
}
