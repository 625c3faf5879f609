//! Clients that are slow, many, or do not speak HTTP; and the end of the service while they are there.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use countersign::web::Patience;
use countersign::web::server::Bounds;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use super::{Stage, but};
use crate::harness::{Answer, Case, Ctx, Outcome, Served, World, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(a_head_that_comes_byte_by_byte_is_given_up),
        case!(slow_clients_in_every_place_starve_nobody),
        case!(a_kept_connection_that_asks_nothing_more_is_closed),
        case!(a_connection_grows_only_so_old),
        case!(a_client_that_takes_nothing_is_left),
        case!(a_form_that_stalls_is_told_so_and_nothing_is_recorded),
        case!(the_end_waits_for_no_idle_connection),
        case!(the_end_waits_for_a_request_in_flight_and_not_for_ever),
        case!(what_the_server_cannot_read_gets_a_page_too),
        case!(nothing_is_counted_before_anybody_asks),
    ]
    .into_iter()
    .map(Case::on_sqlite)
    .collect()
}

const MOMENT: Duration = Duration::from_millis(400);
/// Nothing here takes as long, unless it hangs.
const LONG: Duration = Duration::from_secs(20);

/// Bounds that are met by nothing but what a case is about.
const WIDE: Bounds = Bounds {
    head: Duration::from_mins(1),
    answer: Duration::from_mins(1),
    age: Duration::from_mins(1),
    grace: Duration::from_mins(1),
    connections: 64,
};

async fn served(ctx: &Ctx, bounds: Bounds) -> anyhow::Result<Served> {
    let world = World::new(ctx).await?;
    Served::set(&world, None, bounds, |_| Ok(())).await
}

/// What comes until the other end closes, which it has to.
async fn rest(stream: &mut TcpStream) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // A reset is an end, too.
    let read = timeout(LONG, stream.read_to_end(&mut bytes)).await;
    read.context("the connection stays open")?.ok();
    Ok(bytes)
}

/// Asks for the front page on a connection that is kept, and takes the answer.
async fn ask_and_keep(stream: &mut TcpStream) -> anyhow::Result<()> {
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .await?;
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"</html>\n") && !bytes.ends_with(b"</html>") {
        ensure!(
            timeout(LONG, stream.read_buf(&mut bytes)).await?? > 0,
            "no whole page"
        );
    }
    Ok(())
}

async fn a_head_that_comes_byte_by_byte_is_given_up(ctx: &Ctx) -> Outcome {
    let bounds = Bounds {
        head: MOMENT,
        ..WIDE
    };
    let served = served(ctx, bounds).await?;
    let (mut read, mut write) = served.connect().await?.into_split();
    let begun = Instant::now();
    let drip = tokio::spawn(async move {
        for byte in b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "
            .iter()
            .chain([b'a'; 600].iter())
        {
            if write.write_all(&[*byte]).await.is_err() {
                break;
            }
            sleep(Duration::from_millis(30)).await;
        }
    });
    let mut bytes = Vec::new();
    timeout(LONG, read.read_to_end(&mut bytes)).await?.ok();
    ensure!(bytes.is_empty(), "it was answered");
    ensure!(
        begun.elapsed() < Duration::from_secs(10),
        "it was borne to its end"
    );
    drip.abort();
    Ok(())
}

async fn slow_clients_in_every_place_starve_nobody(ctx: &Ctx) -> Outcome {
    let bounds = Bounds {
        head: MOMENT,
        connections: 4,
        ..WIDE
    };
    let served = served(ctx, bounds).await?;
    let mut slow = Vec::new();
    for _ in 0..12 {
        let mut stream = served.connect().await?;
        stream.write_all(b"GET / HT").await?;
        slow.push(stream);
    }
    let begun = Instant::now();
    let page = timeout(LONG, served.get("/")).await.context("starved")??;
    assert_eq!(page.status, 200);
    ensure!(
        begun.elapsed() > MOMENT,
        "there were more connections than places"
    );
    Ok(())
}

async fn a_kept_connection_that_asks_nothing_more_is_closed(ctx: &Ctx) -> Outcome {
    let bounds = Bounds {
        head: MOMENT,
        ..WIDE
    };
    let served = served(ctx, bounds).await?;
    let mut stream = served.connect().await?;
    ask_and_keep(&mut stream).await?;
    sleep(MOMENT / 2).await;
    ask_and_keep(&mut stream)
        .await
        .context("it is kept for a while")?;
    assert_eq!(rest(&mut stream).await?, b"");
    Ok(())
}

async fn a_connection_grows_only_so_old(ctx: &Ctx) -> Outcome {
    let bounds = Bounds {
        age: MOMENT,
        ..WIDE
    };
    let served = served(ctx, bounds).await?;
    let mut stream = served.connect().await?;
    ask_and_keep(&mut stream).await?;
    assert_eq!(rest(&mut stream).await?, b"");
    Ok(())
}

async fn a_client_that_takes_nothing_is_left(ctx: &Ctx) -> Outcome {
    const ASKED: usize = 3_000;
    let bounds = Bounds {
        answer: MOMENT,
        ..WIDE
    };
    let served = served(ctx, bounds).await?;
    let page = served.get("/").await?;
    let style = page
        .attributes("href")
        .into_iter()
        .find(|at| at.contains("style"));
    let style = style.context("a stylesheet")?.to_owned();
    let length = served.get(&style).await?.body.len();
    let (mut read, mut write) = served.connect().await?.into_split();
    let request = format!("GET {style} HTTP/1.1\r\nHost: x\r\n\r\n").repeat(ASKED);
    let asking = tokio::spawn(async move { write.write_all(request.as_bytes()).await });
    sleep(MOMENT * 5).await;
    let mut bytes = Vec::new();
    timeout(LONG, read.read_to_end(&mut bytes))
        .await
        .context("it stays")?
        .ok();
    ensure!(
        bytes.len() < ASKED * length,
        "all {} bytes were kept for it",
        bytes.len()
    );
    asking.abort();
    Ok(())
}

async fn a_form_that_stalls_is_told_so_and_nothing_is_recorded(ctx: &Ctx) -> Outcome {
    let mut stage = Stage::new(ctx).await?;
    stage.served = Served::set(&stage.world, None, WIDE, |site| {
        site.patience = Patience {
            body: MOMENT,
            ..Patience::default()
        };
        Ok(())
    })
    .await?;
    let before = ctx.dump().await?;
    let form = but(&stage.accepting(), "phone", None);
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let mut stream = stage.served.connect().await?;
    let head = format!(
        "POST /accept HTTP/1.1\r\nHost: x\r\nAccept-Language: ko\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        form.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&form.as_bytes()[..form.len() - 1]).await?;
    let answer = Answer::parse(&rest(&mut stream).await?)?;
    assert_eq!(
        (answer.status, answer.heading()),
        (408, "보낸 내용이 제때 도착하지 않았습니다")
    );
    assert_eq!(ctx.dump().await?, before);
    Ok(())
}

async fn the_end_waits_for_no_idle_connection(ctx: &Ctx) -> Outcome {
    let served = served(ctx, WIDE).await?;
    let mut kept = served.connect().await?;
    ask_and_keep(&mut kept).await?;
    let mut silent = served.connect().await?;
    // Taken before the end: else it would be closed with the listener.
    served.get("/").await?;
    served.stop.cancel();
    assert_eq!(rest(&mut kept).await?, b"");
    assert_eq!(rest(&mut silent).await?, b"");
    timeout(LONG, served.ended()).await.context("it goes on")?
}

async fn the_end_waits_for_a_request_in_flight_and_not_for_ever(ctx: &Ctx) -> Outcome {
    const HEAD: &str = "POST /resend HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\
        Content-Type: application/x-www-form-urlencoded\r\n\r\ntok";
    let bounds = Bounds {
        grace: MOMENT * 5,
        ..WIDE
    };
    let served = served(ctx, bounds).await?;
    let mut good = served.connect().await?;
    let mut bad = served.connect().await?;
    good.write_all(HEAD.as_bytes()).await?;
    bad.write_all(HEAD.as_bytes()).await?;
    // Both are in the hands of their handlers by then.
    sleep(MOMENT).await;
    served.stop.cancel();
    sleep(MOMENT).await;
    ensure!(served.connect().await.is_err(), "nothing new is taken");
    good.write_all(b"en=abc").await?;
    let answer = Answer::parse(&rest(&mut good).await?)?;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(rest(&mut bad).await?, b"");
    timeout(LONG, served.ended()).await.context("it goes on")?
}

async fn what_the_server_cannot_read_gets_a_page_too(ctx: &Ctx) -> Outcome {
    let served = served(ctx, WIDE).await?;
    let many = "X-A: b\r\n".repeat(200);
    let long = format!("X-A: {}\r\n", "b".repeat(300_000));
    for (status, heading, request) in [
        (
            400,
            "We could not read this request",
            "nonsense\r\n\r\n".to_owned(),
        ),
        (
            400,
            "We could not read this request",
            "GET / HTTP/1.1\r\nno header\r\n\r\n".to_owned(),
        ),
        (
            431,
            "We could not read this request",
            format!("GET / HTTP/1.1\r\n{many}\r\n"),
        ),
        (
            431,
            "We could not read this request",
            format!("GET / HTTP/1.1\r\n{long}\r\n"),
        ),
        (
            404,
            "This link does not work",
            format!("GET /a/{} HTTP/1.1\r\n\r\n", "A".repeat(70_000)),
        ),
    ] {
        let mut stream = served.connect().await?;
        // It may answer and close before all of it has left.
        stream.write_all(request.as_bytes()).await.ok();
        let answer = Answer::parse(&rest(&mut stream).await?).context(heading)?;
        assert_eq!((answer.status, answer.heading()), (status, heading));
        for name in ["content-security-policy", "cache-control", "date"] {
            ensure!(answer.header(name).is_some(), "{status}: {name}");
        }
        assert_eq!(answer.header("connection"), Some("close"));
    }
    Ok(())
}

async fn nothing_is_counted_before_anybody_asks(ctx: &Ctx) -> Outcome {
    let served = served(ctx, WIDE).await?;
    // A refusal that was made ready is shown: no request of the pages, either.
    let mut stream = served.connect().await?;
    stream.write_all(b"nonsense\r\n\r\n").await?;
    ensure!(rest(&mut stream).await?.starts_with(b"HTTP/1.1 400 "));
    let metrics = served.metrics.encode();
    for line in metrics.lines().filter(|line| !line.starts_with('#')) {
        let counted = ["http_request", "token_refusals"];
        ensure!(!counted.iter().any(|name| line.contains(name)), "{line}");
    }
    Ok(())
}
