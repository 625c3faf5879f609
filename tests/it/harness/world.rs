//! A world for cases that run the library itself: a database with its schema, keys, a clock that stands still, a partner
//! and an agreement.

use std::sync::Arc;

use countersign::domain::audit::Actor;
use countersign::domain::draft::{Draft, Source};
use countersign::domain::ids::{self, AgreementId, InvitationId, PartnerId};
use countersign::domain::keys::KeyRing;
use countersign::domain::language::Language;
use countersign::domain::person::{FamilyName, GivenName, SignerName};
use countersign::domain::shown::Words;
use countersign::domain::signing::Signature;
use countersign::domain::time::{Clock as _, FixedClock, Timestamp};
use countersign::domain::token::{Claims, Purpose, Tokens};
use countersign::domain::webhook::Vault;
use countersign::storage::agreement::Agreement;
use countersign::storage::{self, Db, Options};
use countersign::workflow::accept::{self, Accept};
use countersign::workflow::invite::{self, Trigger};
use countersign::workflow::link::{self, LinkRow};
use countersign::workflow::{Engine, Settings, facts, partner};
use sha2::{Digest as _, Sha256};

use super::Ctx;

/// Sunday, 22 November 2026, 10:00 in Seoul.
const START: Timestamp = Timestamp::from_micros(1_795_309_200_000_000);

/// The library on a case's database.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) partner: PartnerId,
    pub(crate) agreement: AgreementId,
}

impl World {
    /// A world on the case's database, which gets its schema.
    pub(crate) async fn new(ctx: &Ctx) -> anyhow::Result<Self> {
        let db = open(ctx).await?;
        db.migrate().await?;
        let clock = Arc::new(FixedClock::new(START));
        let ring = KeyRing::fresh(START, &mut rand::rng());
        let audience = "test".to_owned();
        db.write(|tx| {
            Box::pin(async move { storage::installation::create(tx, "test", START).await })
        })
        .await?;
        let engine = Engine {
            db,
            clock: clock.clone(),
            tokens: Arc::new(Tokens::new(&ring, &audience)),
            vault: Arc::new(Vault::new(&ring, &audience)),
            keys: Arc::new(ring),
            audience: audience.into(),
            settings: Arc::new(Settings {
                public_url: "https://sign.example".to_owned(),
                ..Settings::default()
            }),
            wake: Arc::default(),
        };
        let partner = partner::add(&engine, &partner_draft("hanbit")).await?;
        let agreement = add_agreement(&engine, "2026-01", START).await?;
        Ok(Self {
            engine,
            clock,
            partner,
            agreement,
        })
    }

    /// A partner in Korea whose mails go to this address.
    pub(crate) async fn korean_partner(&self, email: &str) -> anyhow::Result<PartnerId> {
        let draft = partner::Draft {
            email: email.to_owned(),
            ..partner_draft("saebom")
        };
        Ok(partner::add(&self.engine, &draft).await?)
    }

    /// A partner in England whose mails go to this address, with an English text of the agreement.
    pub(crate) async fn english_partner(&self, email: &str) -> anyhow::Result<PartnerId> {
        add_english_agreement(&self.engine, "2026-01", START).await?;
        let draft = partner::Draft {
            handle: "harbourline".to_owned(),
            name: "Harbourline Cloud".to_owned(),
            legal_name: Some("Harbourline Cloud Ltd".to_owned()),
            email: email.to_owned(),
            phone: "+44 117 496 0142".to_owned(),
            address: "14 Quay Street, Bristol BS1 4RE, United Kingdom".to_owned(),
            website: Some("https://www.harbourline.example".to_owned()),
            registration_number: Some("09876543".to_owned()),
            language: "en".to_owned(),
            time_zone: "Europe/London".to_owned(),
            ..partner::Draft::default()
        };
        Ok(partner::add(&self.engine, &draft).await?)
    }

    /// A second partner.
    pub(crate) async fn another_partner(&self, handle: &str) -> anyhow::Result<PartnerId> {
        Ok(partner::add(&self.engine, &partner_draft(handle)).await?)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn pass(&self, micros: i64) {
        self.clock.set(self.clock.now().plus_micros(micros));
    }

    /// Invites `email` on behalf of the first partner.
    pub(crate) async fn invite(&self, email: &str) -> anyhow::Result<InvitationId> {
        Ok(self
            .try_invite(self.partner, &draft(email), None)
            .await?
            .id())
    }

    pub(crate) async fn try_invite(
        &self,
        partner: PartnerId,
        draft: &Draft,
        key: Option<&str>,
    ) -> Result<invite::Outcome, invite::InviteError> {
        let trigger = Trigger {
            partner,
            source: Source::Cli,
            actor: Actor::Operator,
            api_key: None,
            asked_for: false,
        };
        let request = draft.check().map_err(invite::InviteError::Fields)?;
        let item = invite::Item {
            request,
            idempotency_key: key.map(str::to_owned),
        };
        invite::invite(&self.engine, trigger, item).await
    }

    /// The claims of the invitation's current link for a purpose, as the token of its mail carries them.
    pub(crate) async fn claims(
        &self,
        id: InvitationId,
        purpose: Purpose,
    ) -> anyhow::Result<Claims> {
        let mut conn = self.engine.db.read().await?;
        let recipient = storage::recipient::signer(&mut conn, id)
            .await?
            .expect("a signer");
        let token = self.engine.token(LinkRow::from(&recipient), purpose)?;
        self.engine
            .tokens
            .authenticate(&token)
            .ok_or_else(|| anyhow::anyhow!("our own token does not verify"))
    }

    /// What a customer posts who accepts the page as it is now.
    pub(crate) async fn acceptance(&self, id: InvitationId) -> anyhow::Result<Accept> {
        let claims = self.claims(id, Purpose::Accept).await?;
        let opened = link::open(&self.engine, &claims).await?;
        let opened = opened.expect("an invitation behind the link");
        let dossier = &opened.dossier;
        let mut conn = self.engine.db.read().await?;
        let agreement = link::current_agreement(&mut conn, dossier, self.now()).await?;
        let agreement =
            agreement.filter(|_| facts::offer(dossier).is_ok_and(|offer| offer.agreement()));
        let words = Words {
            language: Language::ko(),
            agreement: "위 계약을 읽고 확인했습니다.".to_owned(),
            authority: "소속 조직을 대표하여 동의할 권한이 있습니다.".to_owned(),
            others: vec!["동의하고 권한 부여".to_owned()],
        };
        let novelty = countersign::workflow::novelty::of(&mut conn, dossier).await?;
        let shown = accept::shown(
            dossier,
            &opened.partner,
            agreement.as_ref(),
            novelty,
            &words,
        )?;
        Ok(Accept {
            claims,
            signature: signature(),
            words,
            shown: shown.digest()?,
            client_address: Some("192.0.2.1".to_owned()),
            user_agent: Some("test".to_owned()),
        })
    }
}

/// Opens the case's database once more, as another process would.
pub(crate) async fn open(ctx: &Ctx) -> anyhow::Result<Db> {
    let options = Options {
        url: ctx.database_url().to_owned(),
        connections: 8,
        pooled: false,
    };
    Ok(Db::open(&options).await?)
}

pub(crate) fn signature() -> Signature {
    Signature {
        name: SignerName {
            family: "홍".parse::<FamilyName>().expect("a name"),
            given: "길동".parse::<GivenName>().expect("a name"),
        },
        phone: None,
        auto_extend: false,
    }
}

/// An invitation to relationship, roles and agreement.
pub(crate) fn draft(email: &str) -> Draft {
    Draft {
        organization: "㈜한빛상사".to_owned(),
        name: "홍길동".to_owned(),
        email: email.to_owned(),
        partner_type: Some("reseller_delegated_admin".to_owned()),
        agreement: true,
        ..Draft::default()
    }
}

/// The same of an English partner.
pub(crate) fn english_draft(email: &str) -> Draft {
    Draft {
        organization: "Alder & Finch Museums Trust".to_owned(),
        name: "Eleanor Whitcombe".to_owned(),
        ..draft(email)
    }
}

fn partner_draft(handle: &str) -> partner::Draft {
    partner::Draft {
        handle: handle.to_owned(),
        name: "한빛테크".to_owned(),
        legal_name: Some("주식회사 한빛테크".to_owned()),
        email: format!("partner@{handle}.example"),
        phone: "+82 2 555 0100".to_owned(),
        address: "서울특별시 중구 세종대로 110".to_owned(),
        language: "ko".to_owned(),
        time_zone: "Asia/Seoul".to_owned(),
        ..partner::Draft::default()
    }
}

/// Adds a Korean text of the agreement.
pub(crate) async fn add_agreement(
    engine: &Engine,
    version: &str,
    effective_at: Timestamp,
) -> anyhow::Result<AgreementId> {
    let body = format!("Microsoft 고객 계약 견본 {version}");
    let title = "Microsoft 고객 계약";
    add_text(engine, Language::ko(), title, body, version, effective_at).await
}

/// Adds an English text of the agreement.
pub(crate) async fn add_english_agreement(
    engine: &Engine,
    version: &str,
    effective_at: Timestamp,
) -> anyhow::Result<AgreementId> {
    let body = format!(
        "SAMPLE {version}\n\nThis text stands in for the Microsoft Customer Agreement in the tests."
    );
    let title = "Microsoft Customer Agreement";
    add_text(engine, Language::en(), title, body, version, effective_at).await
}

async fn add_text(
    engine: &Engine,
    language: Language,
    title: &str,
    body: String,
    version: &str,
    effective_at: Timestamp,
) -> anyhow::Result<AgreementId> {
    let id = ids::fresh(effective_at, &mut rand::rng());
    let agreement = Agreement {
        id,
        kind: "mca".to_owned(),
        version: version.to_owned(),
        language,
        title: title.to_owned(),
        sha256: Sha256::digest(&body).to_vec(),
        body,
        is_sample: true,
        effective_at,
        created_at: effective_at,
    };
    engine
        .db
        .write(move |tx| Box::pin(async move { storage::agreement::insert(tx, &agreement).await }))
        .await?;
    Ok(id)
}
