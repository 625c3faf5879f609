//! The evidence of acceptances, as the partner gets it.

use anyhow::{Context as _, ensure};
use countersign::domain::draft::Draft;
use countersign::domain::evidence::commitment;
use countersign::storage::listing::Acceptances;
use countersign::workflow::privacy::{self, Wish};
use countersign::workflow::{seal, view};

use super::{HONG, KIM, accepted, to};
use crate::harness::{Case, Ctx, Outcome, World, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(an_acceptance_comes_with_what_proves_it).on_each_database(),
        case!(consents_are_found_by_invitation_and_by_text).on_each_database(),
        case!(what_was_erased_is_said_to_be_erased).on_each_database(),
    ]
}

async fn an_acceptance_comes_with_what_proves_it(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let engine = &world.engine;
    let id = accepted(&world, world.partner, &to("해솔상사", HONG)).await?;
    let all = Acceptances::default();
    let page = view::consents(engine, world.partner, all, None, 10).await?;
    let listed = page.items.first().context("no acceptance")?;
    assert_eq!(listed.accepted.invitation_id, id);
    assert_eq!(listed.accepted.organization_name, "해솔상사");
    let record = listed.record.as_ref().context("no record")?;
    assert_eq!(
        (&*record.signer.family_name, &*record.signer.email),
        ("홍", HONG)
    );
    let agreed = listed.agreements.first().context("no text")?;
    assert_eq!(agreed.agreement_id, world.agreement);
    let text = record.agreement.as_ref().context("no text in the record")?;
    assert_eq!(
        data_encoding::HEXLOWER.encode(&agreed.agreement_sha256),
        text.sha256
    );
    // Until it is sealed, it has no place.
    let (_, proof) = view::consent(engine, world.partner, listed.accepted.id)
        .await?
        .context("not found")?;
    ensure!(proof.head.is_none() && proof.entry.as_ref().is_some_and(|it| it.seq.is_none()));
    seal::seal(engine).await?;
    let (_, proof) = view::consent(engine, world.partner, listed.accepted.id)
        .await?
        .context("not found")?;
    assert_eq!(proof.holds, Some(true));
    let canonical = proof.canonical.context("no bytes")?;
    let salt = data_encoding::HEXLOWER.decode(proof.salt.context("no salt")?.as_bytes())?;
    let made = data_encoding::HEXLOWER.encode(&commitment(&salt, &canonical));
    assert_eq!(proof.evidence_sha256, Some(made));
    // The bytes are what was recorded, with where it came from: anything else has another hash.
    ensure!(canonical.contains("192.0.2.1"), "{canonical}");
    let entry = proof.entry.context("no entry")?;
    let head = proof.head.context("no head")?;
    ensure!(entry.seq.is_some_and(|seq| seq <= head.seq) && entry.hash.is_some());
    // It is nobody else's.
    let other = world.another_partner("donghae").await?;
    let theirs = view::consents(engine, other, all, None, 10).await?;
    ensure!(theirs.items.is_empty());
    let of_invitation = Acceptances {
        invitation: Some(id),
        ..all
    };
    let theirs = view::consents(engine, other, of_invitation, None, 10).await?;
    ensure!(theirs.items.is_empty());
    ensure!(
        view::consent(engine, other, listed.accepted.id)
            .await?
            .is_none()
    );
    // An edit shows.
    ctx.sql("UPDATE acceptance SET canonical = replace(canonical, '길동', '판서')")
        .await?;
    let (_, proof) = view::consent(engine, world.partner, listed.accepted.id)
        .await?
        .context("not found")?;
    assert_eq!(proof.holds, Some(false));
    Ok(())
}

async fn consents_are_found_by_invitation_and_by_text(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let first = accepted(&world, world.partner, &to("해솔상사", HONG)).await?;
    world.pass(1);
    let without = Draft {
        agreement: false,
        ..to("다른 회사", KIM)
    };
    let second = accepted(&world, world.partner, &without).await?;
    let found = async |filter: Acceptances| -> anyhow::Result<Vec<_>> {
        let page = view::consents(&world.engine, world.partner, filter, None, 10).await?;
        Ok(page.map(|it| it.accepted.invitation_id).items)
    };
    let all = Acceptances::default();
    assert_eq!(found(all).await?, [second, first]);
    let invitation = Some(second);
    assert_eq!(found(Acceptances { invitation, ..all }).await?, [second]);
    let agreement = Some(world.agreement);
    assert_eq!(found(Acceptances { agreement, ..all }).await?, [first]);
    let both = Acceptances {
        invitation,
        agreement,
    };
    assert_eq!(found(both).await?, []);
    let page = view::consents(&world.engine, world.partner, all, None, 1).await?;
    ensure!(page.has_more);
    let last = page.items.first().map(|it| it.accepted.id);
    let page = view::consents(&world.engine, world.partner, all, last, 1).await?;
    assert_eq!(
        (page.items[0].accepted.invitation_id, page.has_more),
        (first, false)
    );
    Ok(())
}

async fn what_was_erased_is_said_to_be_erased(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let engine = &world.engine;
    accepted(&world, world.partner, &to("해솔상사", HONG)).await?;
    seal::seal(engine).await?;
    let wish = Wish {
        address: HONG.parse()?,
        may_be_invited: true,
    };
    privacy::erase(engine, wish).await?;
    let all = Acceptances::default();
    let page = view::consents(engine, world.partner, all, None, 10).await?;
    let kept = page.items.first().context("no acceptance")?;
    // The evidence is kept for its time, and says so of its signer.
    ensure!(kept.signer_is_erased() && !kept.is_erased());
    let (_, before) = view::consent(engine, world.partner, kept.accepted.id)
        .await?
        .context("not found")?;
    assert_eq!(before.holds, Some(true));
    // As after its time.
    ctx.sql("UPDATE acceptance SET canonical = '', salt = substr(salt, 1, 0)")
        .await?;
    let (view, proof) = view::consent(engine, world.partner, kept.accepted.id)
        .await?
        .context("not found")?;
    ensure!(view.is_erased() && view.record.is_none());
    ensure!(proof.canonical.is_none() && proof.salt.is_none() && proof.holds.is_none());
    assert_eq!(proof.evidence_sha256, before.evidence_sha256);
    assert_eq!(view.agreements.len(), 1);
    let relations = view::relationships(
        engine,
        world.partner,
        countersign::storage::listing::Relationships::default(),
        None,
        10,
    )
    .await?;
    let signer = relations.items[0].signer.as_ref().context("no signer")?;
    ensure!(signer.person.is_none());
    Ok(())
}
