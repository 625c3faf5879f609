//! Mails after the consent: the link to all partners, and steps at Microsoft that are not known to be done.

use anyhow::ensure;
use countersign::domain::ids::{self, ContactId, InvitationId};
use countersign::domain::microsoft::StepState;
use countersign::domain::notice::{Kind, NoticeState};
use countersign::domain::time::{DAY, MINUTE};
use countersign::domain::token::Purpose;
use countersign::storage::{contact, notice, step, suppression};
use countersign::workflow::manage::{self, Which};
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
        case!(a_mailbox_that_works_with_nobody_gets_no_link).on_each_database(),
        case!(both_sides_are_told_before_roles_end_and_when_they_have).on_each_database(),
        case!(both_sides_are_told_what_a_customer_removed).on_each_database(),
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
    let suppressed =
        suppression::Suppression::new(&world.engine.keys, CUSTOMER, "complaint", world.now());
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
    // To Monday: on a Sunday nobody is reminded.
    world.pass(DAY);
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

/// What was sent, as day, kind and side.
async fn year(world: &World, days: i64) -> anyhow::Result<Vec<(i64, Kind, &'static str)>> {
    let mut seen = Vec::new();
    for day in 0..days {
        for mail in world.deliver().await? {
            let mut conn = world.engine.db.read().await?;
            let row = notice::find(&mut conn, mail.notice()).await?;
            let side = if mail.to == CUSTOMER {
                "customer"
            } else {
                "partner"
            };
            seen.push((day, row.expect("a notice").kind, side));
        }
        world.pass(DAY);
    }
    seen.sort();
    Ok(seen)
}

async fn both_sides_are_told_before_roles_end_and_when_they_have(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    accepted(&world, CUSTOMER).await?;
    let seen = year(&world, 370).await?;
    let told: Vec<_> = seen
        .iter()
        .filter(|(.., side)| *side == "customer")
        .map(|(day, kind, _)| (*day, *kind))
        .collect();
    assert_eq!(
        told,
        [
            (5, Kind::StepsOpen),
            // 30, 7 and 1 days before; none on a weekend.
            (334, Kind::Ending),
            (358, Kind::Ending),
            (362, Kind::Ending),
            (365, Kind::Ended),
        ]
    );
    let partner = seen.iter().filter(|(.., side)| *side == "partner");
    assert_eq!(partner.count(), 4);
    Ok(())
}

async fn both_sides_are_told_what_a_customer_removed(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = accepted(&world, CUSTOMER).await?;
    let claims = world.claims(id, Purpose::Manage).await?;
    let one = Which::Some(vec!["global_administrator".to_owned()]);
    manage::remove_roles(&world.engine, claims, one).await?;
    let mails = world.deliver().await?;
    assert_eq!(mails.len(), 2);
    for mail in &mails {
        let text = mail.text();
        ensure!(text.contains("전역 관리자"), "{text}");
        let is_customer = mail.to == CUSTOMER;
        assert_eq!(
            text.contains("go.microsoft.com/fwlink"),
            is_customer,
            "{text}"
        );
        assert_eq!(tokens(&text).is_empty(), !is_customer, "{text}");
    }
    // Nothing is said of the end of roles that are gone; of the one that is left it is.
    let seen = year(&world, 370).await?;
    let endings = seen.iter().filter(|(_, kind, _)| *kind == Kind::Ending);
    assert_eq!(endings.count(), 6);
    manage::remove_roles(&world.engine, claims, Which::All).await?;
    Ok(())
}

async fn a_mailbox_that_works_with_nobody_gets_no_link(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    accepted(&world, CUSTOMER).await?;
    world.invite("pending@customer.example").await?;
    world.deliver().await?;
    for (address, mails) in [
        ("Hong@Customer.example", 1),
        // Once a minute.
        (CUSTOMER, 0),
        ("pending@customer.example", 0),
        ("nobody@customer.example", 0),
    ] {
        manage::ask_for_list(&world.engine, &address.parse()?).await?;
        let sent = world.deliver().await?;
        assert_eq!(sent.len(), mails, "{address}");
        for mail in sent {
            assert_eq!(purposes(&world, &mail), [Purpose::List]);
        }
    }
    world.pass(MINUTE);
    manage::ask_for_list(&world.engine, &CUSTOMER.parse()?).await?;
    assert_eq!(world.deliver().await?.len(), 1);
    Ok(())
}
