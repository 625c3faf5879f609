//! The customer's pages over HTTP, as browsers, scanners and strangers ask for them, on both databases.

mod doors;
mod forms;
mod health;
mod links;
mod manage;
mod receipts;
mod safety;
mod slow;

use countersign::domain::ids::InvitationId;
use countersign::domain::notice::Kind;
use countersign::domain::token::Purpose;
use countersign::storage::visit::Visit;
use countersign::storage::{self, notice};

use crate::harness::{Case, Ctx, Served, World};

pub(crate) fn cases() -> Vec<Case> {
    [
        forms::cases(),
        links::cases(),
        receipts::cases(),
        safety::cases(),
        manage::cases(),
        doors::cases(),
    ]
    .into_iter()
    .flatten()
    .map(Case::on_each_database)
    .chain(health::cases())
    .chain(slow::cases())
    .collect()
}

/// One invitation, its pages, and the token of its mail.
struct Stage {
    world: World,
    served: Served,
    id: InvitationId,
    token: String,
    /// What the page said when it was opened.
    shown: String,
}

impl Stage {
    async fn new(ctx: &Ctx) -> anyhow::Result<Self> {
        let world = World::new(ctx).await?;
        let served = Served::new(&world).await?;
        let id = world.invite("hong@customer.example").await?;
        let token = served.token(id, Purpose::Accept).await?;
        let shown = served.shown(&token).await?;
        Ok(Self {
            world,
            served,
            id,
            token,
            shown,
        })
    }

    /// The path of a page behind the mail's link.
    fn path(&self, rest: &str) -> String {
        format!("/a/{}{rest}", self.token)
    }

    fn agreement(&self) -> String {
        self.world.agreement.to_string()
    }

    /// What a person posts who accepts the page that was opened.
    fn accepting(&self) -> Vec<(&'static str, &str)> {
        accepting(&self.token, &self.shown)
    }

    /// Accepts as a person does, and gives the receipt's token.
    async fn accept(&self) -> anyhow::Result<String> {
        let answer = self.served.post("/accept", &self.accepting()).await?;
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.served.token(self.id, Purpose::Receipt).await
    }

    /// How many notices of a kind the invitation has.
    async fn notices(&self, kind: Kind) -> anyhow::Result<usize> {
        let mut conn = self.world.engine.db.read().await?;
        let all = notice::of_subject(&mut conn, self.id.uuid()).await?;
        Ok(all.iter().filter(|row| row.kind == kind).count())
    }

    async fn visits(&self) -> anyhow::Result<Vec<Visit>> {
        let mut conn = self.world.engine.db.read().await?;
        let signer = storage::recipient::signer(&mut conn, self.id).await?;
        let signer = signer.expect("a signer");
        Ok(storage::visit::of_recipient(&mut conn, signer.id).await?)
    }
}

/// What a person posts who accepts.
pub(crate) fn accepting<'a>(token: &'a str, shown: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("token", token),
        ("shown", shown),
        ("read", "yes"),
        ("family", "홍"),
        ("given", "길동"),
        ("phone", "010-1234-5678"),
        ("authority", "yes"),
    ]
}

/// The same form with one field's value replaced, or left out.
fn but<'a>(
    form: &[(&'static str, &'a str)],
    field: &'static str,
    value: Option<&'a str>,
) -> Vec<(&'static str, &'a str)> {
    let kept = form.iter().copied().filter(|(name, _)| *name != field);
    kept.chain(value.map(|value| (field, value))).collect()
}
