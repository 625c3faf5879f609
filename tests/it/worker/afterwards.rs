//! Mails after the consent: the link to all partners, and steps at Microsoft that are not known to be done.

use anyhow::ensure;
use countersign::domain::ids::{self, ContactId, InvitationId};
use countersign::domain::microsoft::StepState;
use countersign::domain::notice::{Kind, NoticeState};
use countersign::domain::time::MINUTE;
use countersign::domain::token::Purpose;
use countersign::storage::{contact, notice, step, suppression};
use countersign::workflow::{accept, stop};
use uuid::Uuid;

use crate::harness::office::{Mail, tokens};
use crate::harness::{Case, Ctx, Outcome, World, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(whoever_asks_gets_the_link_to_all_partners_for_a_quarter_of_an_hour)
            .on_each_database(),
        case!(a_link_that_is_late_does_not_leave).on_each_database(),
        case!(open_steps_are_brought_to_mind_unless_they_are_done_or_stopped).on_each_database(),
        case!(a_receipt_leads_to_where_the_relationship_is_reduced).on_each_database(),
    ]
}

const CUSTOMER: &str = "hong@customer.example";

async fn accepted(world: &World, email: &str) -> anyhow::Result<InvitationId> {
    let id = world.invite(email).await?;
    accept::accept(&world.engine, world.acceptance(id).await?).await?;
    world.deliver().await?;
    Ok(id)
}

async fn mailbox(world: &World, address: &str) -> anyhow::Result<ContactId> {
    let mut conn = world.engine.db.read().await?;
    let found = contact::find_by_address(&mut conn, address).await?;
    Ok(found.expect("a contact").id)
}

async fn plan(world: &World, kind: Kind, subject: Uuid, target: ContactId) -> anyhow::Result<()> {
    let now = world.now();
    let new = notice::New {
        id: ids::fresh(now, &mut rand::rng()),
        partner: world.partner,
        domain: "customer.example".to_owned(),
        kind,
        step: 0,
        subject,
        target: target.uuid(),
        generation: now.as_seconds().try_into()?,
        payload: "{}".to_owned(),
        run_at: now,
    };
    let db = &world.engine.db;
    db.write(move |tx| Box::pin(async move { notice::enqueue(tx, &[new], now).await }))
        .await?;
    Ok(())
}

/// The purposes of the tokens in a mail.
fn purposes(world: &World, mail: &Mail) -> Vec<Purpose> {
    let mut found: Vec<_> = tokens(&mail.text())
        .iter()
        .filter_map(|token| world.engine.tokens.authenticate(token))
        .map(|claims| claims.purpose)
        .collect();
    found.sort();
    found.dedup();
    found
}

async fn whoever_asks_gets_the_link_to_all_partners_for_a_quarter_of_an_hour(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    accepted(&world, CUSTOMER).await?;
    let contact = mailbox(&world, CUSTOMER).await?;
    // Also a mailbox that takes no other mail.
    let suppressed = suppression::Suppression {
        address: CUSTOMER.to_owned(),
        reason: "complaint".to_owned(),
        detail: None,
        created_at: world.now(),
    };
    let db = &world.engine.db;
    db.write(move |tx| Box::pin(async move { suppression::insert(tx, &suppressed).await }))
        .await?;
    plan(&world, Kind::ManageLink, contact.uuid(), contact).await?;
    let mails = world.deliver().await?;
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(mail.to, CUSTOMER);
    let from = mail.header("From").expect("a sender");
    ensure!(
        from.contains("sign.example") && !from.contains("한빛"),
        "{from}"
    );
    assert_eq!(mail.header("List-Unsubscribe"), None);
    let (text, html) = (mail.text(), mail.html());
    ensure!(
        text.contains("https://sign.example/partners/") && text.contains("1곳"),
        "{text}"
    );
    let token = &tokens(&text)[0];
    assert_eq!(token, &tokens(&html)[0]);
    let claims = world.engine.tokens.authenticate(token).expect("our own");
    assert_eq!(
        (claims.purpose, claims.subject),
        (Purpose::List, contact.uuid())
    );
    let ends = world.now().plus_micros(15 * MINUTE);
    assert_eq!(i64::try_from(claims.expires_at)?, ends.as_seconds());
    Ok(())
}

async fn a_link_that_is_late_does_not_leave(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    accepted(&world, CUSTOMER).await?;
    let contact = mailbox(&world, CUSTOMER).await?;
    plan(&world, Kind::ManageLink, contact.uuid(), contact).await?;
    world.pass(15 * MINUTE);
    assert_eq!(world.deliver().await?.len(), 0);
    let mut conn = world.engine.db.read().await?;
    let rows = notice::of_subject(&mut conn, contact.uuid()).await?;
    let ends: Vec<_> = rows
        .iter()
        .map(|row| (row.state, row.last_reply.as_deref()))
        .collect();
    assert_eq!(ends, [(NoticeState::Cancelled, Some("late"))]);
    Ok(())
}

async fn open_steps_are_brought_to_mind_unless_they_are_done_or_stopped(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    for what in ["open", "done", "stopped"] {
        let email = format!("{what}@customer.example");
        let id = accepted(&world, &email).await?;
        match what {
            "done" => {
                let mut conn = world.engine.db.read().await?;
                let steps = step::of_invitations(&mut conn, [id]).await?;
                drop(conn);
                ensure!(!steps.is_empty());
                let now = world.now();
                let db = &world.engine.db;
                db.write(move |tx| {
                    let steps = steps.clone();
                    Box::pin(async move {
                        for known in steps {
                            step::mark(tx, id, known.step, StepState::Confirmed, now).await?;
                        }
                        Ok::<_, countersign::storage::Error>(())
                    })
                })
                .await?;
            }
            "stopped" => {
                let claims = world.claims(id, Purpose::StopReminders).await?;
                stop::stop(&world.engine, claims).await?;
            }
            _ => {}
        }
        plan(
            &world,
            Kind::StepsOpen,
            id.uuid(),
            mailbox(&world, &email).await?,
        )
        .await?;
        let mails = world.deliver().await?;
        assert_eq!(mails.len(), usize::from(what == "open"), "{what}");
        for mail in mails {
            assert_eq!(mail.to, email);
            ensure!(mail.header("List-Unsubscribe").is_some());
            let expected = [Purpose::Manage, Purpose::StopReminders, Purpose::Receipt];
            assert_eq!(purposes(&world, &mail), expected);
        }
    }
    Ok(())
}

async fn a_receipt_leads_to_where_the_relationship_is_reduced(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite(CUSTOMER).await?;
    world.deliver().await?;
    accept::accept(&world.engine, world.acceptance(id).await?).await?;
    for mail in world.deliver().await? {
        let leads = mail.text().contains("https://sign.example/manage/");
        assert_eq!(leads, mail.to == CUSTOMER);
        let manages = purposes(&world, &mail).contains(&Purpose::Manage);
        assert_eq!(manages, mail.to == CUSTOMER);
    }
    Ok(())
}
