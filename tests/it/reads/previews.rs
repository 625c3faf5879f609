//! Mails as they would read, with links that open nothing.

use anyhow::ensure;
use countersign::domain::draft::Draft;
use countersign::domain::ids::InvitationId;
use countersign::domain::language::AVAILABLE;
use countersign::domain::notice::{Kind, Side, Subject};
use countersign::domain::time::Timestamp;
use countersign::workflow::Engine;
use countersign::workflow::deliver::SAMPLE;
use countersign::workflow::deliver::preview::{Preview, PreviewError, Wanted, preview};

use super::{HONG, KIM, accepted, invited, to};
use crate::harness::world::add_english_agreement;
use crate::harness::{Case, Ctx, Outcome, World, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(every_mail_is_shown_and_none_holds_a_token).on_each_database(),
        case!(a_preview_tells_of_the_real_invitation).on_each_database(),
        case!(what_is_never_sent_is_not_shown).on_each_database(),
        case!(nothing_is_planned_by_a_preview).on_each_database(),
    ]
}

fn all() -> impl Iterator<Item = Wanted> {
    let kinds = Kind::ALL.iter().flat_map(|&kind| {
        let sides = kind.sides().iter();
        sides.map(move |&side| (kind, side))
    });
    kinds.flat_map(|(kind, side)| {
        AVAILABLE.iter().map(move |language| Wanted {
            kind,
            side: Some(side),
            language: Some(language.clone()),
        })
    })
}

/// Everything in a text that could be a token: 86 characters of base64url on end, wherever they begin.
fn candidates(text: &str) -> impl Iterator<Item = &str> {
    let is_digit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let runs = text
        .split(move |c| !is_digit(c))
        .filter(|run| run.len() >= 86);
    runs.flat_map(|run| (0..=run.len() - 86).map(move |at| &run[at..at + 86]))
}

fn holds_a_token(engine: &Engine, text: &str) -> bool {
    candidates(text).any(|it| engine.tokens.authenticate(it).is_some())
}

async fn shown(world: &World, id: InvitationId, wanted: &Wanted) -> Result<Preview, PreviewError> {
    preview(&world.engine, world.partner, id, wanted).await
}

async fn every_mail_is_shown_and_none_holds_a_token(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    add_english_agreement(&world.engine, "2026-01", Timestamp::from_micros(0)).await?;
    let with_all = |email: &str| Draft {
        partner_type: Some("advisor".to_owned()),
        auto_extend: true,
        viewers: vec!["viewer@customer.example".to_owned()],
        ..to(
            if email == HONG {
                "해솔상사"
            } else {
                "다른 회사"
            },
            email,
        )
    };
    let pending = invited(&world, world.partner, &with_all(HONG)).await?;
    let agreed = accepted(&world, world.partner, &with_all(KIM)).await?;
    // The check itself: a genuine link is found.
    let link = world
        .claims(pending, countersign::domain::token::Purpose::Accept)
        .await?;
    let link = format!(
        "see https://sign.example/a/{}x",
        world.engine.tokens.mint(&link)?
    );
    ensure!(holds_a_token(&world.engine, &link));
    let mut looked_at = 0;
    for (id, wanted) in [pending, agreed]
        .iter()
        .flat_map(|id| all().map(move |it| (*id, it)))
    {
        let preview = match shown(&world, id, &wanted).await {
            Err(PreviewError::NotOfInvitations(kind)) => {
                ensure!(kind.subject() != Subject::Invitation);
                continue;
            }
            preview => preview?,
        };
        looked_at += 1;
        let mail = &preview.mail;
        for part in [&mail.subject, &mail.text, &mail.html] {
            ensure!(!holds_a_token(&world.engine, part), "{wanted:?}: {part}");
            ensure!(
                !part.contains("mail-") && !part.is_empty(),
                "{wanted:?}: {part}"
            );
        }
        // Each link to a page of ours is the sample one.
        let ours = mail.text.split("https://sign.example/").skip(1);
        for rest in ours {
            let path = rest.split_whitespace().next().unwrap_or_default();
            ensure!(path.contains(SAMPLE), "{wanted:?}: {path}");
        }
        let is_linked = mail.text.contains(SAMPLE);
        assert_eq!(
            is_linked,
            preview.side == Side::Customer,
            "{wanted:?}: {}",
            mail.text
        );
    }
    // All but the three that are about no invitation, of two invitations in two languages.
    let kinds = Kind::ALL
        .iter()
        .filter(|kind| kind.subject() == Subject::Invitation);
    let sides: usize = kinds.map(|kind| kind.sides().len()).sum();
    assert_eq!(looked_at, sides * 2 * AVAILABLE.len());
    Ok(())
}

async fn a_preview_tells_of_the_real_invitation(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let draft = Draft {
        note: Some("지난주에 말씀드린 건입니다.".to_owned()),
        ..to("해솔상사", HONG)
    };
    let id = invited(&world, world.partner, &draft).await?;
    let wanted = |kind| Wanted {
        kind,
        side: None,
        language: None,
    };
    let mail = shown(&world, id, &wanted(Kind::Invitation)).await?.mail;
    for word in ["해솔상사", "한빛테크", "지난주에 말씀드린 건입니다."] {
        ensure!(
            mail.text.contains(word) && mail.html.contains(word),
            "{}",
            mail.text
        );
    }
    let receipt = shown(&world, id, &wanted(Kind::Receipt)).await?;
    assert_eq!(
        (receipt.side, receipt.language.to_string()),
        (Side::Customer, "ko".to_owned())
    );
    ensure!(
        receipt.mail.text.contains("홍길동"),
        "{}",
        receipt.mail.text
    );
    let english = Wanted {
        language: Some("en".parse()?),
        ..wanted(Kind::Invitation)
    };
    let mail = shown(&world, id, &english).await?.mail;
    ensure!(mail.subject.contains("Microsoft 365"), "{}", mail.subject);
    ensure!(
        mail.text.contains("Dear") || mail.text.contains("Hello"),
        "{}",
        mail.text
    );
    // What both get is the customer's unless it is said.
    let ended = shown(&world, id, &wanted(Kind::RelationshipEnded)).await?;
    assert_eq!(ended.side, Side::Customer);
    // Another partner's is not there.
    let other = world.another_partner("donghae").await?;
    let refused = preview(&world.engine, other, id, &wanted(Kind::Invitation)).await;
    ensure!(matches!(refused, Err(PreviewError::NotFound)));
    Ok(())
}

async fn what_is_never_sent_is_not_shown(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let draft = Draft {
        partner_type: Some("reseller".to_owned()),
        ..to("해솔상사", HONG)
    };
    let id = invited(&world, world.partner, &draft).await?;
    let wanted = |kind, side| Wanted {
        kind,
        side,
        language: None,
    };
    for kind in [
        Kind::Ending,
        Kind::Ended,
        Kind::Extended,
        Kind::RolesRemoved,
    ] {
        let refused = shown(&world, id, &wanted(kind, None)).await;
        ensure!(matches!(refused, Err(PreviewError::NeverSent(_))), "{kind}");
    }
    shown(&world, id, &wanted(Kind::RelationshipEnded, None)).await?;
    let refused = shown(&world, id, &wanted(Kind::Accepted, Some(Side::Customer))).await;
    ensure!(matches!(refused, Err(PreviewError::NotToThem(..))));
    let refused = shown(&world, id, &wanted(Kind::ManageLink, None)).await;
    ensure!(matches!(refused, Err(PreviewError::NotOfInvitations(_))));
    // Nobody mails whom it was asked to forget.
    let wish = countersign::workflow::privacy::Wish {
        address: HONG.parse()?,
        may_be_invited: true,
    };
    countersign::workflow::privacy::erase(&world.engine, wish).await?;
    let refused = shown(&world, id, &wanted(Kind::Invitation, None)).await;
    ensure!(matches!(refused, Err(PreviewError::Erased)));
    let declined = shown(&world, id, &wanted(Kind::Expired, None)).await?;
    ensure!(
        !declined.mail.text.contains("홍길동"),
        "{}",
        declined.mail.text
    );
    Ok(())
}

async fn nothing_is_planned_by_a_preview(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite(HONG).await?;
    let counts = async || -> anyhow::Result<[i64; 3]> {
        Ok([
            ctx.number("SELECT count(*) FROM notice").await?,
            ctx.number("SELECT count(*) FROM event").await?,
            ctx.number("SELECT count(*) FROM visit").await?,
        ])
    };
    let before = counts().await?;
    for wanted in all() {
        shown(&world, id, &wanted).await.ok();
    }
    assert_eq!(counts().await?, before);
    Ok(())
}
