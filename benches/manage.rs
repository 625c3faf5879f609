//! A customer with 100 relationships: pages a second of the list of its partners, and of one relationship, beside the front
//! page of the same server, which asks no database.
//!
//! All three take turns. The client runs in this process, so that its cost is on every side.

use anyhow::ensure;
use countersign::domain::address::EmailAddress;
use countersign::domain::audit::Actor;
use countersign::domain::draft::{Draft, Source};
use countersign::domain::ids::InvitationId;
use countersign::domain::time::HOUR;
use countersign::domain::token::Purpose;
use countersign::storage::{contact, recipient};
use countersign::workflow::accept;
use countersign::workflow::invite::{self, Trigger};
use countersign::workflow::link::LinkRow;
use http::Served;
use report::{Report, Series};
use world::{Backend, World};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[path = "common/consent.rs"]
mod consent;
#[path = "common/http.rs"]
#[expect(dead_code, reason = "each bench uses a part of it")]
mod http;
#[path = "common/report.rs"]
mod report;
#[path = "common/world.rs"]
#[expect(dead_code, reason = "each bench uses a part of the world")]
mod world;

const RELATIONSHIPS: usize = 100;
const AT_ONCE: usize = 16;
const ROUNDS: usize = 5;
/// Pages a round, of each kind.
const FRONT: usize = 6_000;
const ONE: usize = 2_000;
const LIST: usize = 400;

const CUSTOMER: &str = "gildong.hong@customer.example";

/// One database with the customer, and what was measured.
struct Contender {
    world: World,
    served: Served,
    list: String,
    one: String,
    rounds: Vec<[f64; 3]>,
}

impl Contender {
    async fn new(backend: Backend) -> anyhow::Result<Self> {
        let world = World::new(backend).await?;
        let served = Served::new(&world)?;
        let mut newest = None;
        for index in 0..RELATIONSHIPS {
            newest = Some(granted(&world, index).await?);
        }
        let engine = &world.engine;
        let address: EmailAddress = CUSTOMER.parse()?;
        let mut conn = engine.db.read().await?;
        let contact = contact::find_by_address(&mut conn, address.as_str()).await?;
        let contact = anyhow::Context::context(contact, "a mailbox")?;
        let signer = match newest {
            Some(id) => recipient::signer(&mut conn, id).await?,
            None => None,
        };
        let signer = anyhow::Context::context(signer, "a signer")?;
        drop(conn);
        let path = |url: &str| {
            let page = url.strip_prefix(&*engine.settings.public_url);
            page.unwrap_or(url).to_owned()
        };
        let until = engine.clock.now().plus_micros(HOUR);
        let list = path(&engine.list_url(contact.id, until)?);
        let one = engine.token(LinkRow::from(&signer), Purpose::Manage)?;
        world.settle().await?;
        let one = format!("/manage/{one}");
        let page = served.page(&list, 0).await?;
        let shown = page.matches("href=\"/manage/").count();
        ensure!(shown >= RELATIONSHIPS, "{shown} relationships are listed");
        Ok(Self {
            world,
            served,
            list,
            one,
            rounds: Vec::new(),
        })
    }

    async fn round(&self) -> anyhow::Result<[f64; 3]> {
        let get = |path: &str, count: usize| -> Vec<String> {
            (0..count)
                .map(|customer| self.served.get(path, customer))
                .collect()
        };
        let front = self.served.ask_all(get("/", FRONT), AT_ONCE).await?;
        let one = self.served.ask_all(get(&self.one, ONE), AT_ONCE).await?;
        let list = self.served.ask_all(get(&self.list, LIST), AT_ONCE).await?;
        Ok([front, one, list])
    }
}

/// An accepted invitation of another organization to the same mailbox.
async fn granted(world: &World, index: usize) -> anyhow::Result<InvitationId> {
    let draft = Draft {
        organization: format!("㈜한빛상사 {index}"),
        name: "홍길동".to_owned(),
        email: CUSTOMER.to_owned(),
        partner_type: Some("reseller_delegated_admin".to_owned()),
        agreement: true,
        ..Draft::default()
    };
    let trigger = Trigger {
        partner: world.partners[index % world.partners.len()],
        source: Source::Cli,
        actor: Actor::Operator,
        api_key: None,
        asked_for: false,
    };
    let request = draft.check().map_err(invite::InviteError::Fields)?;
    let id = invite::invite(&world.engine, trigger, request).await?.id();
    let form = consent::form(world, id).await?;
    let outcome = accept::accept(&world.engine, form).await?;
    ensure!(
        matches!(outcome, accept::Outcome::Accepted(_)),
        "{outcome:?}"
    );
    Ok(id)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut report = Report::new("manage");
    let mut contenders = Vec::new();
    for backend in Backend::available() {
        contenders.push(Contender::new(backend).await?);
    }
    // One round to warm up, which does not count.
    for round in 0..=ROUNDS {
        for contender in &mut contenders {
            let figures = contender.round().await?;
            if round > 0 {
                contender.rounds.push(figures);
            }
        }
    }
    for contender in contenders {
        let name = contender.world.backend.name();
        let of = |figure: fn(&[f64; 3]) -> f64| contender.rounds.iter().map(figure).collect();
        for (what, unit, values) in [
            ("list of 100 / front page", "ratio", of(|r| r[2] / r[0])),
            (
                "one relationship / front page",
                "ratio",
                of(|r| r[1] / r[0]),
            ),
            ("list of 100", "pages/s", of(|r| r[2])),
            ("one relationship", "pages/s", of(|r| r[1])),
            ("front page", "pages/s", of(|r| r[0])),
        ] {
            report.add(Series {
                name: format!("{name}: {what}"),
                unit,
                values,
                target: None,
            });
        }
        contender.world.remove().await?;
    }
    report.finish()
}
