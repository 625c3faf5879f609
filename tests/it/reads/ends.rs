//! The partner ends a relationship: what both sides read of it.

use anyhow::{Context as _, ensure};
use countersign::domain::audit::Actor;
use countersign::domain::token::Purpose;
use countersign::storage::listing::Relationships;
use countersign::workflow::{end, view};

use super::{HONG, accepted, to};
use crate::harness::{Case, Ctx, Outcome, Served, World, case};

pub(super) fn cases() -> Vec<Case> {
    vec![case!(both_sides_are_told_that_the_partner_ended_it).on_each_database()]
}

async fn both_sides_are_told_that_the_partner_ended_it(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = accepted(&world, world.partner, &to("해솔상사", HONG)).await?;
    world.deliver().await?;
    let all = Relationships::default();
    let page = view::relationships(&world.engine, world.partner, all, None, 1).await?;
    let relationship = page.items[0].kept.id;
    end::end(&world.engine, relationship, Actor::Partner(world.partner)).await?;
    let mails = world.deliver().await?;
    assert_eq!(mails.len(), 2);
    let served = Served::new(&world).await?;
    let token = served.token(id, Purpose::Manage).await?;
    let who = "해솔상사 및 한빛테크 사이의 파트너 관계를 한빛테크에서 종료했습니다";
    for mail in &mails {
        let text = mail.text().replace('\n', " ");
        ensure!(text.contains(who), "{text}");
        // Whom nothing is asked is not alarmed, either.
        ensure!(!text.contains("모르는 변경"), "{text}");
        assert_eq!(text.contains(&token), mail.to == HONG, "{text}");
    }
    let to_customer = mails.iter().find(|mail| mail.to == HONG);
    let text = to_customer.context("no mail to the customer")?.text();
    ensure!(text.contains("문의하실 점이 있거나"), "{text}");
    ensure!(text.contains("Microsoft 365 관리 센터"), "{text}");
    // The customer's page says so, and offers nothing to end.
    let page = served.get(&format!("/manage/{token}")).await?;
    assert_eq!(page.status, 200);
    ensure!(
        page.plain().contains("파트너가 종료한 파트너 관계입니다"),
        "{}",
        page.plain()
    );
    ensure!(page.field("relationship").is_none());
    let again = served
        .post(
            "/end-relationship",
            &[("token", &token), ("confirmed", "yes")],
        )
        .await?;
    ensure!(
        again.plain().contains("이미 종료된 파트너 관계입니다"),
        "{}",
        again.plain()
    );
    Ok(())
}
