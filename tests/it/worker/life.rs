//! The life of an invitation in mails, from the first to the last.

use anyhow::ensure;
use countersign::domain::audit::Actor;
use countersign::domain::ids::{self, InvitationId, LeaseId};
use countersign::domain::invitation::{Decline, DeclineReason};
use countersign::domain::notice::{Kind, NoticeState};
use countersign::domain::time::{DAY, SECOND};
use countersign::domain::token::Purpose;
use countersign::storage::{lease, notice, suppression};
use countersign::workflow::link::LinkRow;
use countersign::workflow::{accept, decline, resend, revoke, stop};

use crate::harness::office::{Mail, tokens};
use crate::harness::{Case, Ctx, Outcome, World, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(an_invitation_arrives_and_its_link_accepts).on_each_database(),
        case!(a_pending_invitation_is_brought_to_mind_until_it_expires).on_each_database(),
        case!(nothing_is_brought_to_mind_after_an_answer).on_each_database(),
        case!(a_mail_to_a_partner_holds_no_link_of_the_customer).on_each_database(),
        case!(a_resend_makes_the_older_mail_not_worth_sending).on_each_database(),
        case!(a_suppressed_address_gets_the_link_that_it_asks_for_and_no_other_mail)
            .on_each_database(),
        case!(a_value_that_does_not_read_back_stops_only_its_own_notice).on_each_database(),
        case!(a_partner_is_told_of_a_mail_that_ended_several_workers).on_each_database(),
    ]
}

const CUSTOMER: &str = "hong@customer.example";
const PARTNER: &str = "partner@hanbit.example";

async fn kind(world: &World, mail: &Mail) -> anyhow::Result<Kind> {
    let mut conn = world.engine.db.read().await?;
    let row = notice::find(&mut conn, mail.notice()).await?;
    Ok(row.expect("a notice of that Message-ID").kind)
}

async fn kinds(world: &World, mails: &[Mail]) -> anyhow::Result<Vec<Kind>> {
    let mut all = Vec::new();
    for mail in mails {
        all.push(kind(world, mail).await?);
    }
    all.sort();
    Ok(all)
}

/// The acceptance link in a text.
fn link(text: &str) -> &str {
    let from = text.find("https://sign.example/a/").expect("the link");
    let link = &text[from..];
    &link[.."https://sign.example/a/".len() + 86]
}

async fn an_invitation_arrives_and_its_link_accepts(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite(CUSTOMER).await?;
    let mails = world.deliver().await?;
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(mail.to, CUSTOMER);
    let row = world.notice(id, Kind::Invitation).await?;
    assert_eq!(row.state, NoticeState::Sent);
    let expected = format!("<{}@sign.example>", row.id);
    for (name, value) in [
        ("Message-ID", expected.as_str()),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("Content-Language", "ko"),
    ] {
        assert_eq!(mail.header(name).as_deref(), Some(value), "{name}");
    }
    for name in ["List-Unsubscribe", "List-Unsubscribe-Post"] {
        assert_eq!(mail.header(name), None, "a first mail cannot be stopped");
    }
    let reply_to = mail.header("Reply-To").expect("a Reply-To");
    ensure!(
        reply_to.starts_with("r+") && reply_to.ends_with("@sign.example"),
        "{reply_to}"
    );
    ensure!(!reply_to.contains(PARTNER));

    let (text, html) = (mail.text(), mail.html());
    assert_eq!(link(&text), link(&html));
    let token = &link(&text)[link(&text).len() - 86..];
    let claims = world.engine.tokens.authenticate(token).expect("our own");
    assert_eq!(claims.purpose, Purpose::Accept);
    for found in tokens(&html).iter().chain(&tokens(&text)) {
        assert_eq!(found, token, "one link in one mail");
    }
    let form = accept::Accept {
        claims,
        ..world.acceptance(id).await?
    };
    let outcome = accept::accept(&world.engine, form).await?;
    ensure!(matches!(outcome, accept::Outcome::Accepted(_)));

    let after = world.deliver().await?;
    assert_eq!(
        kinds(&world, &after).await?,
        [Kind::Receipt, Kind::Accepted]
    );
    for mail in &after {
        let to = if kind(&world, mail).await? == Kind::Receipt {
            CUSTOMER
        } else {
            PARTNER
        };
        assert_eq!(mail.to, to);
    }
    assert_eq!(world.deliver().await?.len(), 0);
    Ok(())
}

async fn a_pending_invitation_is_brought_to_mind_until_it_expires(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite(CUSTOMER).await?;
    let mut seen = Vec::new();
    for day in 0..40 {
        for mail in world.deliver().await? {
            let kind = kind(&world, &mail).await?;
            assert_eq!(
                mail.header("List-Unsubscribe").is_some(),
                kind.is_reminder(),
                "{kind}"
            );
            if kind.is_reminder() {
                assert_eq!(
                    mail.header("List-Unsubscribe-Post").as_deref(),
                    Some("List-Unsubscribe=One-Click")
                );
                let stop = mail.header("List-Unsubscribe").unwrap_or_default();
                let token = &tokens(&stop)[0];
                let claims = world.engine.tokens.authenticate(token).expect("our own");
                assert_eq!(claims.purpose, Purpose::StopReminders);
            }
            seen.push((day, kind));
        }
        world.pass(DAY);
    }
    assert_eq!(
        seen,
        [
            (0, Kind::Invitation),
            (3, Kind::Reminder),
            // The seventh day is a Sunday.
            (8, Kind::Reminder),
            (29, Kind::LastChance),
            (30, Kind::Expired),
        ]
    );
    let mut conn = world.engine.db.read().await?;
    let rows = notice::of_subject(&mut conn, id.uuid()).await?;
    ensure!(rows.iter().all(|row| row.state == NoticeState::Sent));
    Ok(())
}

async fn answer(world: &World, id: InvitationId, how: &str) -> anyhow::Result<()> {
    match how {
        "accept" => {
            accept::accept(&world.engine, world.acceptance(id).await?).await?;
        }
        "decline" => {
            let claims = world.claims(id, Purpose::Accept).await?;
            let words = Decline {
                reason: DeclineReason::Other,
                text: None,
            };
            decline::decline(&world.engine, claims, words).await?;
        }
        "revoke" => revoke::revoke(&world.engine, id, Actor::Operator).await?,
        _ => {
            let claims = world.claims(id, Purpose::StopReminders).await?;
            stop::stop(&world.engine, claims).await?;
        }
    }
    Ok(())
}

async fn nothing_is_brought_to_mind_after_an_answer(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    for (how, after) in [
        // What is left to do at Microsoft is brought to mind, once.
        (
            "accept",
            vec![Kind::Receipt, Kind::Accepted, Kind::StepsOpen],
        ),
        ("decline", vec![Kind::Declined]),
        ("revoke", vec![]),
        ("stop", vec![Kind::Expired]),
    ] {
        let id = world.invite(&format!("{how}@customer.example")).await?;
        assert_eq!(world.deliver().await?.len(), 1, "{how}");
        answer(&world, id, how).await?;
        let mut left = Vec::new();
        for _ in 0..4 {
            left.extend(world.deliver().await?);
            world.pass(10 * DAY);
        }
        assert_eq!(kinds(&world, &left).await?, after, "{how}");
    }
    Ok(())
}

async fn a_mail_to_a_partner_holds_no_link_of_the_customer(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let mut secrets = Vec::new();
    let mut mails = Vec::new();
    for how in ["accept", "decline", "nothing"] {
        let id = world.invite(&format!("{how}@customer.example")).await?;
        world.deliver().await?;
        if how != "nothing" {
            answer(&world, id, how).await?;
        }
        let mut conn = world.engine.db.read().await?;
        let signer = countersign::storage::recipient::signer(&mut conn, id).await?;
        drop(conn);
        let row = LinkRow::from(&signer.expect("a signer"));
        for purpose in [Purpose::Accept, Purpose::StopReminders, Purpose::Receipt] {
            secrets.push(world.engine.token(row, purpose)?);
        }
        mails.extend(world.deliver().await?);
    }
    world.pass(31 * DAY);
    mails.extend(world.deliver().await?);
    let to_partner: Vec<_> = mails.iter().filter(|mail| mail.to == PARTNER).collect();
    assert_eq!(to_partner.len(), 3);
    for mail in to_partner {
        let everything = mail.everything();
        ensure!(
            tokens(&everything).is_empty(),
            "a token in {:?}",
            mail.parsed().subject()
        );
        ensure!(!everything.contains("sign.example/a/"));
        ensure!(secrets.iter().all(|secret| !everything.contains(secret)));
    }
    Ok(())
}

async fn a_resend_makes_the_older_mail_not_worth_sending(ctx: &Ctx) -> Outcome {
    use countersign::workflow::resend;
    let world = World::new(ctx).await?;
    let id = world.invite(CUSTOMER).await?;
    resend::resend(&world.engine, id, Actor::Operator).await?;
    let mails = world.deliver().await?;
    assert_eq!(mails.len(), 1);
    let token = link(&mails[0].text()).to_owned();
    let claims = world.engine.tokens.authenticate(&token[token.len() - 86..]);
    assert_eq!(claims.expect("our own").generation, 2);
    Ok(())
}

async fn a_suppressed_address_gets_the_link_that_it_asks_for_and_no_other_mail(
    ctx: &Ctx,
) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite(CUSTOMER).await?;
    world.deliver().await?;
    let suppressed =
        suppression::Suppression::new(&world.engine.keys, CUSTOMER, "complaint", world.now());
    world
        .engine
        .db
        .write(move |tx| Box::pin(async move { suppression::insert(tx, &suppressed).await }))
        .await?;
    world.pass(DAY);
    let refused = resend::resend(&world.engine, id, Actor::Operator).await;
    ensure!(
        matches!(refused, Err(revoke::StepError::Suppressed(_))),
        "{refused:?}"
    );
    assert_eq!(world.deliver().await?.len(), 0);

    let claims = world.claims(id, Purpose::Accept).await?;
    resend::ask_for_link(&world.engine, claims).await?;
    let mails = world.deliver().await?;
    assert_eq!(kinds(&world, &mails).await?, [Kind::Invitation]);
    assert_eq!(mails[0].to, CUSTOMER);
    let text = mails[0].text();
    let token = &link(&text)[link(&text).len() - 86..];
    let newer = world.engine.tokens.authenticate(token).expect("our own");
    assert_eq!(newer.generation, claims.generation + 1);

    // The reminders that come with a link are not asked for.
    world.pass(20 * DAY);
    assert_eq!(world.deliver().await?.len(), 0);
    let reminders = world.notices(id, Kind::Reminder).await?;
    let mut cancelled: Vec<_> = reminders
        .iter()
        .filter_map(|row| row.last_reply.as_deref())
        .collect();
    cancelled.sort_unstable();
    assert_eq!(
        cancelled,
        ["replaced", "replaced", "suppressed", "suppressed"]
    );
    Ok(())
}

async fn a_value_that_does_not_read_back_stops_only_its_own_notice(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let offer = world.invite("offer@customer.example").await?;
    let language = world.invite("language@customer.example").await?;
    ctx.sql("UPDATE invitation SET offer = '{\"no\":1}' WHERE contact_id IN (SELECT id FROM contact WHERE address LIKE 'offer@%')")
        .await?;
    // A column that no row can be read without: it would take the whole batch with it.
    ctx.sql("UPDATE invitation SET language = '?!' WHERE contact_id IN (SELECT id FROM contact WHERE address LIKE 'language@%')")
        .await?;
    let others = world
        .invite_many(20, |n| format!("n{n}@customer.example"))
        .await?;
    assert_eq!(world.deliver().await?.len(), others.len());
    for id in [offer, language] {
        let row = world.notice(id, Kind::Invitation).await?;
        assert_eq!(row.state, NoticeState::Dead);
        ensure!(row.last_reply.is_some_and(|why| !why.is_empty()));
    }
    // Overdue, they hold up no other one either.
    world.pass(31 * DAY);
    let late = world.invite("late@customer.example").await?;
    world.deliver().await?;
    let row = world.notice(late, Kind::Invitation).await?;
    assert_eq!(row.state, NoticeState::Sent);
    Ok(())
}

async fn a_partner_is_told_of_a_mail_that_ended_several_workers(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite(CUSTOMER).await?;
    let ends_workers = world.notice(id, Kind::Invitation).await?.id;
    // The third worker that takes it died with it.
    let lease: LeaseId = ids::fresh(world.now(), &mut rand::rng());
    world
        .engine
        .db
        .write(move |tx| Box::pin(async move { lease::take(tx, lease, "dead", -SECOND).await }))
        .await?;
    ctx.sql("UPDATE notice SET state = 'running', attempts = 3, deaths = 2, lease_id = (SELECT id FROM lease) WHERE kind = 'invitation'")
        .await?;
    let harmless = world
        .invite_many(20, |n| format!("n{n}@customer.example"))
        .await?;
    let (summary, mails) = world.deliver_and_count().await?;
    assert_eq!((summary.dead, summary.sent), (1, harmless.len() + 1));
    let row = world.notice(id, Kind::Invitation).await?;
    assert_eq!((row.id, row.state), (ends_workers, NoticeState::Dead));
    let told: Vec<_> = mails.iter().filter(|mail| mail.to == PARTNER).collect();
    assert_eq!(told.len(), 1);
    assert_eq!(kind(&world, told[0]).await?, Kind::Undeliverable);
    ensure!(told[0].text().contains("시스템 문제"), "{}", told[0].text());
    // An operator who brings it back finds the invitation as it was.
    let now = world.now();
    world
        .engine
        .db
        .write(move |tx| Box::pin(async move { notice::retry(tx, ends_workers, now).await }))
        .await?;
    assert_eq!(world.deliver().await?.len(), 1);
    world.pass(4 * DAY);
    let reminded = world.deliver().await?;
    ensure!(reminded.iter().any(|mail| mail.to == CUSTOMER));
    Ok(())
}
