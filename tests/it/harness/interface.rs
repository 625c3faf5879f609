//! The partner's interface on a loopback listener, asked with a key.

use countersign::domain::api_key::ApiKey;
use countersign::domain::audit::Actor;
use countersign::domain::ids::PartnerId;
use countersign::storage;
use countersign::workflow::api_key::{self, Draft, Made};
use serde_json::Value;

use super::site::{Answer, Served};
use super::world::{World, add_english_agreement};

/// The interface of a world.
pub(crate) struct Interface {
    pub(crate) world: World,
    pub(crate) served: Served,
    /// A key of the world's partner that may do everything.
    pub(crate) key: String,
}

impl Interface {
    /// The interface of this world, with an English text of the agreement besides.
    pub(crate) async fn new(world: World) -> anyhow::Result<Self> {
        let served = Served::new(&world).await?;
        Self::of(world, served).await
    }

    /// The same where the pages are served in a way of the case's own.
    pub(crate) async fn of(world: World, served: Served) -> anyhow::Result<Self> {
        add_english_agreement(&world.engine, "2026-01", world.now()).await?;
        let made = key_of(&world, world.partner, "read,invite,manage").await?;
        let key = made.key.expose().to_owned();
        Ok(Self { world, served, key })
    }

    /// Asks with the partner's key.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Reply> {
        self.ask("GET", path, Some(&self.key), &[], None).await
    }

    /// Posts JSON, or nothing, with the partner's key.
    pub(crate) async fn post(&self, path: &str, body: Option<&Value>) -> anyhow::Result<Reply> {
        self.post_with(path, body, &[]).await
    }

    /// The same with more headers.
    pub(crate) async fn post_with(
        &self,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> anyhow::Result<Reply> {
        let body = body.map(Value::to_string);
        let key = Some(&*self.key);
        self.ask("POST", path, key, headers, body.as_deref()).await
    }

    /// Asks with any key or none.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        key: Option<&str>,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> anyhow::Result<Reply> {
        let bearer = key.map(|key| format!("Bearer {key}"));
        let mut all: Vec<(&str, &str)> = Vec::new();
        all.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
        if body.is_some() && headers.iter().all(|(name, _)| *name != "Content-Type") {
            all.push(("Content-Type", "application/json"));
        }
        all.extend(headers);
        let body = body.unwrap_or_default();
        let answer = (self.served.ask(method, path, &all, body.as_bytes())).await?;
        let json = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        Ok(Reply { answer, json })
    }

    /// Makes an invitation; the answer.
    pub(crate) async fn invite(&self, email: &str) -> anyhow::Result<Value> {
        let reply = self
            .post("/v1/invitations", Some(&invitation(email)))
            .await?;
        anyhow::ensure!(reply.status() == 201, "{}", reply.answer.text());
        Ok(reply.json)
    }
}

/// A key of any partner.
pub(crate) async fn key_of(
    world: &World,
    partner: PartnerId,
    scopes: &str,
) -> anyhow::Result<Made> {
    let draft = Draft {
        partner,
        name: "shop".parse()?,
        scopes: scopes.parse()?,
        expires_at: None,
    };
    Ok(api_key::create(&world.engine, draft, Actor::Operator).await?)
}

/// A key as it is stored now.
pub(crate) async fn stored(
    world: &World,
    key: &ApiKey,
) -> anyhow::Result<storage::api_key::ApiKey> {
    let mut conn = world.engine.db.read().await?;
    let found = storage::api_key::find(&mut conn, key.prefix()).await?;
    found.ok_or_else(|| anyhow::anyhow!("the key is not stored"))
}

/// An invitation as a partner's program asks for it.
pub(crate) fn invitation(email: &str) -> Value {
    serde_json::json!({
        "organization": {"name": "Contoso"},
        "recipient": {"name": "Kim Minsu", "email": email},
        "offer": {"partner_type": "reseller_delegated_admin", "agreement": true},
        "language": "en",
        "reference": "crm-4711",
    })
}

/// An answer of the interface.
pub(crate) struct Reply {
    pub(crate) answer: Answer,
    /// Its body; nothing where it is no JSON.
    pub(crate) json: Value,
}

impl Reply {
    pub(crate) fn status(&self) -> u16 {
        self.answer.status
    }

    /// The kind of the problem.
    pub(crate) fn problem(&self) -> &str {
        let kind = self.json["type"].as_str().unwrap_or_default();
        kind.strip_prefix("/docs/problems#").unwrap_or_default()
    }

    /// The first thing that has to be mended: where, and which code.
    pub(crate) fn error(&self) -> (&str, &str) {
        let error = &self.json["errors"][0];
        let place = error["pointer"].as_str().or(error["parameter"].as_str());
        (
            place.unwrap_or_default(),
            error["code"].as_str().unwrap_or_default(),
        )
    }

    /// The body without what differs in each answer.
    pub(crate) fn without_request_id(&self) -> String {
        let id = self.json["request_id"].as_str().unwrap_or("-");
        self.answer.text().replace(id, "")
    }
}
