//! Links, and the forms that customers accept with, without the pages between.

use anyhow::Context as _;
use countersign::domain::ids::InvitationId;
use countersign::domain::language::Language;
use countersign::domain::person::{FamilyName, GivenName, SignerName};
use countersign::domain::shown::Words;
use countersign::domain::signing::Signature;
use countersign::domain::token::Purpose;
use countersign::storage;
use countersign::workflow::accept::{self, Accept};
use countersign::workflow::link::{self, LinkRow, current_agreement};

use super::world::World;

/// The token of an invitation's link.
pub(crate) async fn token(world: &World, id: InvitationId) -> anyhow::Result<String> {
    let mut conn = world.engine.db.read().await?;
    let recipient = storage::recipient::signer(&mut conn, id)
        .await?
        .context("an invitation has a signer")?;
    Ok(world
        .engine
        .token(LinkRow::from(&recipient), Purpose::Accept)?)
}

/// What a customer posts who accepts.
pub(crate) async fn form(world: &World, id: InvitationId) -> anyhow::Result<Accept> {
    let engine = &world.engine;
    let token = token(world, id).await?;
    let claims = engine.tokens.authenticate(&token);
    let claims = claims.context("our own token verifies")?;
    let opened = link::open(engine, &claims).await?;
    let link::Opened {
        dossier, partner, ..
    } = opened.context("an invitation is behind it")?;
    let mut conn = engine.db.read().await?;
    let agreement = current_agreement(&mut conn, &dossier, engine.clock.now()).await?;
    let words = Words {
        language: Language::ko(),
        agreement: "위 계약을 읽고 확인했습니다.".to_owned(),
        authority: "소속 조직을 대표하여 동의할 권한이 있습니다.".to_owned(),
        others: Vec::new(),
    };
    let novelty = countersign::workflow::novelty::of(&mut conn, &dossier).await?;
    let shown = accept::shown(&dossier, &partner, agreement.as_ref(), novelty, &words)?;
    Ok(Accept {
        claims,
        signature: Signature {
            name: SignerName {
                family: "홍".parse::<FamilyName>()?,
                given: "길동".parse::<GivenName>()?,
            },
            phone: None,
            auto_extend: false,
        },
        words,
        shown: shown.digest()?,
        client_address: Some("192.0.2.1".to_owned()),
        user_agent: Some("bench".to_owned()),
    })
}
