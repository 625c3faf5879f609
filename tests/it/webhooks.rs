//! Webhooks, on both databases: which calls there are, what they say, what becomes of them and of their endpoint, and that they
//! and the mails do not get in each other's way.

mod calls;
mod fate;
mod libraries;
mod log;
mod sealing;

use std::sync::Arc;

use countersign::demo::sink::Sink;
use countersign::domain::audit::Actor;
use countersign::domain::ids::{PartnerId, WebhookId};
use countersign::domain::time::SECOND;
use countersign::domain::webhook::Secret;
use countersign::worker::Summary;
use countersign::workflow::deliver::Post;
use countersign::workflow::seal;
use countersign::workflow::webhook::{self, Created, Delivered, Draft};

use crate::harness::receiver::{Called, Receiver, client};
use crate::harness::{Case, Ctx, World};

pub(crate) fn cases() -> Vec<Case> {
    [
        sealing::cases(),
        calls::cases(),
        fate::cases(),
        log::cases(),
        libraries::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A world with a mail server and a partner's receiver.
pub(crate) struct Hooked {
    pub(crate) world: World,
    pub(crate) sink: Sink,
    pub(crate) post: Arc<Post>,
    pub(crate) receiver: Receiver,
}

impl Hooked {
    pub(crate) async fn new(ctx: &Ctx) -> anyhow::Result<Self> {
        let mut world = World::new(ctx).await?;
        world.allow_loopback();
        let (sink, post) = world.server_and_post().await?;
        let receiver = Receiver::start().await?;
        // What made the world is older than every webhook in it.
        world.pass(SECOND);
        Ok(Self {
            world,
            sink,
            post,
            receiver,
        })
    }

    /// An endpoint of the first partner that is told of these kinds, or of all.
    pub(crate) async fn endpoint(&self, kinds: &[&str]) -> anyhow::Result<Created> {
        self.endpoint_of(self.world.partner, &self.receiver.url("/hook"), kinds)
            .await
    }

    pub(crate) async fn endpoint_of(
        &self,
        partner: PartnerId,
        url: &str,
        kinds: &[&str],
    ) -> anyhow::Result<Created> {
        let draft = Draft {
            url: url.to_owned(),
            kinds: kinds.iter().map(ToString::to_string).collect(),
        };
        Ok(webhook::create(&self.world.engine, partner, &draft, Actor::Operator).await?)
    }

    /// Sends and calls all that is due.
    pub(crate) async fn run(&self) -> anyhow::Result<Summary> {
        self.world.run_calling(&self.post, client()?).await
    }

    /// The same, and what the receiver was called with.
    pub(crate) async fn called(&self) -> anyhow::Result<Vec<Called>> {
        self.run().await?;
        Ok(self.receiver.take())
    }

    pub(crate) async fn seal(&self) -> anyhow::Result<usize> {
        Ok(seal::seal(&self.world.engine).await?)
    }

    pub(crate) async fn log(&self, id: WebhookId) -> anyhow::Result<Vec<Delivered>> {
        let engine = &self.world.engine;
        Ok(webhook::deliveries(engine, id, None, None, 100, Actor::Operator).await?)
    }

    pub(crate) async fn get(&self, id: WebhookId) -> anyhow::Result<webhook::Webhook> {
        Ok(webhook::get(&self.world.engine, id, Actor::Operator).await?)
    }
}

/// The kinds of calls, in the order of the chain.
pub(crate) fn kinds(calls: &[Called]) -> Vec<String> {
    let mut calls: Vec<_> = calls.iter().map(Called::json).collect();
    calls.sort_by_key(|call| call["data"]["sequence"].as_i64());
    calls
        .iter()
        .map(|call| call["type"].as_str().unwrap().to_owned())
        .collect()
}

pub(crate) fn all_signed(calls: &[Called], secret: &Secret) -> bool {
    !calls.is_empty() && calls.iter().all(|call| call.is_signed_by(secret))
}
