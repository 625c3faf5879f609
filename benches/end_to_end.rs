//! Notices a second, end to end, beside Postfix's `smtp-source` with mails of the same size into the same `smtp-sink`.
//!
//! A notice is claimed, rendered, composed, signed, sent over one of 32 connections and settled; marks and results are
//! durable. Each measurement stands directly behind one of `smtp-source`, and the ratio is of the two, because machines
//! drift. Invitations are made beforehand; between rounds their notices are set back.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use countersign::domain::token::MailTags;
use countersign::outbound::sign::{DkimKeyConfig, Signers};
use countersign::outbound::smtp;
use countersign::outbound::transport::Transport;
use countersign::telemetry::Metrics;
use countersign::worker::{Options, Until, Worker};
use countersign::workflow::deliver::{self, Post, Prepared};
use report::{Report, Series};
use sink::Sink;
use tokio_util::sync::CancellationToken;
use world::{Backend, World};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[path = "common/invitations.rs"]
mod invitations;
#[path = "common/report.rs"]
mod report;
#[path = "common/sink.rs"]
mod sink;
#[path = "common/world.rs"]
#[expect(dead_code, reason = "each bench uses a part of the world")]
mod world;

/// How mails are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dkim {
    Without,
    Ed25519,
    Rsa2048,
}

impl Dkim {
    const ALL: [Self; 3] = [Self::Without, Self::Ed25519, Self::Rsa2048];

    const fn name(self) -> &'static str {
        match self {
            Self::Without => "no DKIM",
            Self::Ed25519 => "Ed25519",
            Self::Rsa2048 => "RSA-2048",
        }
    }

    /// Signs with a key that OpenSSL makes into `folder`.
    fn signers(self, folder: &Path) -> anyhow::Result<Signers> {
        let kind: &[&str] = match self {
            Self::Without => return Ok(Signers::default()),
            Self::Ed25519 => &["-algorithm", "ed25519"],
            Self::Rsa2048 => &["-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:2048"],
        };
        let key_file = folder.join(format!("{}.pem", self.name()));
        let made = Command::new("openssl")
            .arg("genpkey")
            .args(kind)
            .arg("-quiet")
            .arg("-out")
            .arg(&key_file)
            .status()
            .context("openssl does not start; it makes the DKIM keys")?;
        ensure!(made.success(), "openssl genpkey: {made}");
        Ok(Signers::load(&[DkimKeyConfig {
            domain: "sign.example".to_owned(),
            selector: "bench".to_owned(),
            key_file,
        }])?)
    }
}

/// What the environment asks for.
struct Plan {
    mails: usize,
    rounds: usize,
    /// Only the databases and signatures whose name holds this.
    only: String,
}

impl Plan {
    fn read() -> Self {
        let number = |name: &str, default| {
            let text = std::env::var(name).ok();
            text.and_then(|text| text.parse().ok()).unwrap_or(default)
        };
        Self {
            mails: number("BENCH_MAILS", 3_000),
            rounds: number("BENCH_ROUNDS", 5),
            only: std::env::var("BENCH_ONLY").unwrap_or_default(),
        }
    }
}

/// One database with one kind of signature.
struct Contender<'a> {
    world: &'a World,
    dkim: Dkim,
    size: usize,
    source: Vec<f64>,
    ours: Vec<f64>,
    /// Processor time of this process, in microseconds a mail; PostgreSQL's is not in it.
    processor: Vec<f64>,
}

impl Contender<'_> {
    fn name(&self) -> String {
        format!("{}, {}", self.world.backend.name(), self.dkim.name())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let plan = Plan::read();
    let mut report = Report::new("end_to_end");
    let sink = Sink::start()?;
    let keys = tempfile::tempdir()?;
    let mut worlds = Vec::new();
    for backend in Backend::available() {
        let world = World::new(backend).await?;
        invitations::make(&world, 0, plan.mails).await?;
        worlds.push(world);
    }
    let mut contenders = Vec::new();
    for dkim in Dkim::ALL {
        for world in &worlds {
            let contender = Contender {
                world,
                dkim,
                size: size_of(world, &post(world, &sink, dkim, keys.path())?).await?,
                source: Vec::new(),
                ours: Vec::new(),
                processor: Vec::new(),
            };
            if contender.name().contains(&plan.only) {
                contenders.push(contender);
            }
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a few thousand mails")]
    let mails = plan.mails as f64;
    // One round to warm up, which does not count.
    for round in 0..=plan.rounds {
        for contender in &mut contenders {
            let post = post(contender.world, &sink, contender.dkim, keys.path())?;
            set_back(contender.world).await?;
            let source = sink.source(plan.mails, contender.size).await?;
            let before = processor_micros();
            let ours = deliver_all(contender.world, post, plan.mails).await?;
            let spent = processor_micros() - before;
            if round > 0 {
                contender.processor.push(spent / mails);
                contender.source.push(source);
                contender.ours.push(ours);
            }
        }
    }
    for contender in contenders {
        let name = contender.name();
        let pairs = || contender.source.iter().zip(&contender.ours);
        report.add(Series {
            name: format!("{name}: ours / smtp-source"),
            unit: "ratio",
            values: pairs().map(|(source, ours)| source / ours).collect(),
            target: (contender.dkim == Dkim::Without).then_some(0.4..=f64::INFINITY),
        });
        report.add(Series {
            name: format!("{name}: ours"),
            unit: "mails/s",
            values: pairs().map(|(_, ours)| mails / ours).collect(),
            target: None,
        });
        report.add(Series {
            name: format!("{name}: our processor time"),
            unit: "µs/mail",
            values: contender.processor.clone(),
            target: None,
        });
        report.add(Series {
            name: format!("smtp-source -l {}", contender.size),
            unit: "mails/s",
            values: pairs().map(|(source, _)| mails / source).collect(),
            target: None,
        });
    }
    for world in worlds {
        world.remove().await?;
    }
    report.finish()
}

/// Mails leave for the sink, over as many connections as a worker has by default.
fn post(world: &World, sink: &Sink, dkim: Dkim, keys: &Path) -> anyhow::Result<Post> {
    let url = format!("smtp://{}", sink.address).parse()?;
    Ok(Post {
        transport: Transport::open(url, &smtp::Options::default())?,
        signers: dkim.signers(keys)?,
        tags: MailTags::new(&world.keys, "sign.example"),
        mail_domain: "sign.example".to_owned(),
        from_local: "invitations".to_owned(),
    })
}

/// The octets of the first mail that is due.
async fn size_of(world: &World, post: &Post) -> anyhow::Result<usize> {
    use countersign::storage::lease;
    use countersign::storage::queue::{Claim, Claiming, Turns, claim};
    set_back(world).await?;
    let now = world.engine.clock.now();
    let id = countersign::domain::ids::fresh(now, &mut rand::rng());
    let wanted = Claim {
        channel: countersign::domain::notice::Channel::Mail,
        lease: id,
        ttl: 60_000_000,
        limit: 1,
        domain_in_flight: 20,
        domain_interval: None,
        now,
    };
    let claiming = world
        .engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                lease::take(tx, id, "bench", 60_000_000).await?;
                claim(tx, &wanted, &mut Turns::default()).await
            })
        })
        .await?;
    let Claiming::Claimed(batch) = claiming else {
        anyhow::bail!("the lease was lost");
    };
    let jobs = deliver::load(&world.engine, &batch.notices).await?;
    let job = jobs.first().context("nothing is due")?;
    match deliver::prepare(&world.engine, post, job) {
        Prepared::Mail(parcel) => Ok(parcel.mail.bytes.len()),
        Prepared::NotNow(until) => anyhow::bail!("waits until {until}"),
        Prepared::Irrelevant(why) => anyhow::bail!("not worth sending: {why:?}"),
        Prepared::Broken(why) => Err(why.into()),
    }
}

/// All invitations wait to be mailed, as if they had never been.
async fn set_back(world: &World) -> anyhow::Result<()> {
    let statements = "DELETE FROM attempt; DELETE FROM lease;
        UPDATE notice SET state = 'ready', lease_id = NULL, attempts = 0, failures = 0, deaths = 0, settled_at = NULL,
            last_reply = NULL WHERE kind = 'invitation'";
    world.run(statements).await?;
    world.settle().await
}

/// Seconds until every notice is sent and settled.
async fn deliver_all(world: &World, post: Post, mails: usize) -> anyhow::Result<f64> {
    let worker = Worker::new(
        world.engine.clone(),
        Arc::new(post),
        Options::default(),
        Arc::new(Metrics::new()),
        CancellationToken::new(),
    );
    let start = Instant::now();
    let summary = worker.run(Until::Idle).await?;
    let took = start.elapsed().as_secs_f64();
    ensure!(summary.sent == mails, "{mails} mails were due: {summary:?}");
    Ok(took)
}

/// Microseconds that this process has spent on processors, in user and kernel mode.
fn processor_micros() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Counted from the end of the name, which may hold blanks: fields 14 and 15 of proc(5), in hundredths of a second.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields = after_name.split_whitespace().skip(11).take(2);
    fields
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        * 1e4
}
