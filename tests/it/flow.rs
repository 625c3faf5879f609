//! The way of an invitation through the library, on both databases.

use anyhow::ensure;
use countersign::domain::audit::{Actor, EventKind};
use countersign::domain::evidence::Evidence;
use countersign::domain::invitation::{Decline, DeclineReason, StateName};
use countersign::domain::language::Language;
use countersign::domain::notice::{Kind, NoticeState};
use countersign::domain::shown::Words;
use countersign::domain::time::DAY;
use countersign::domain::token::Purpose;
use countersign::storage::{self, acceptance, event, grant, invitation, notice, relationship};
use countersign::workflow::invite::{InviteError, Outcome as Invited};
use countersign::workflow::revoke::StepError;
use countersign::workflow::{accept, decline, evidence, expire, resend, revoke, seal, stop};

use crate::harness::world::{add_agreement, draft};
use crate::harness::{Case, Ctx, Outcome, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(an_invitation_plans_its_mail_and_its_reminders).on_each_database(),
        case!(a_repeated_offer_names_the_pending_one_instead_of_mailing_twice).on_each_database(),
        case!(an_idempotency_key_makes_one_invitation).on_each_database(),
        case!(a_key_that_is_used_twice_at_once_makes_one_invitation).on_each_database(),
        case!(what_cannot_be_invited_names_its_field).on_each_database(),
        case!(parallel_accepts_leave_one_consent).on_each_database(),
        case!(an_acceptance_ends_the_reminders_and_grants_the_roles).on_each_database(),
        case!(accepting_again_updates_the_relationship).on_each_database(),
        case!(a_newer_agreement_has_to_be_shown_before_it_is_consented_to).on_each_database(),
        case!(other_words_than_those_that_were_read_are_no_consent).on_each_database(),
        case!(a_refusal_is_final_and_told_to_the_partner).on_each_database(),
        case!(an_overdue_invitation_expires_once).on_each_database(),
        case!(a_revoked_invitation_cannot_be_accepted).on_each_database(),
        case!(a_resend_ends_the_older_link).on_each_database(),
        case!(an_expired_invitation_is_asked_for_again_as_a_new_one).on_each_database(),
        case!(an_old_link_brings_back_no_offer_that_has_ended_since).on_each_database(),
        case!(stopped_reminders_stay_stopped).on_each_database(),
        case!(the_audit_record_shows_every_kind_of_edit).on_each_database(),
        case!(a_record_that_is_sealed_meanwhile_verifies).on_each_database(),
        case!(sealers_beside_each_other_leave_one_chain).on_each_database(),
        case!(an_acceptance_is_exported_as_evidence_that_others_can_check).on_each_database(),
    ]
}

async fn notices(
    world: &World,
    id: countersign::domain::ids::InvitationId,
) -> anyhow::Result<Vec<(Kind, NoticeState)>> {
    let mut conn = world.engine.db.read().await?;
    let rows = notice::of_subject(&mut conn, id.uuid()).await?;
    let mut all: Vec<_> = rows.iter().map(|n| (n.kind, n.state)).collect();
    all.sort();
    Ok(all)
}

async fn state(
    world: &World,
    id: countersign::domain::ids::InvitationId,
) -> anyhow::Result<StateName> {
    let mut conn = world.engine.db.read().await?;
    Ok(invitation::find(&mut conn, id)
        .await?
        .expect("the invitation")
        .state)
}

async fn events(
    world: &World,
    id: countersign::domain::ids::InvitationId,
    kind: EventKind,
) -> anyhow::Result<i64> {
    let mut conn = world.engine.db.read().await?;
    Ok(event::count_of_subject(&mut conn, id.uuid(), kind).await?)
}

async fn an_invitation_plans_its_mail_and_its_reminders(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite("hong@customer.example").await?;
    assert_eq!(
        notices(&world, id).await?,
        [
            (Kind::Invitation, NoticeState::Ready),
            (Kind::Reminder, NoticeState::Scheduled),
            (Kind::Reminder, NoticeState::Scheduled),
            (Kind::LastChance, NoticeState::Scheduled),
        ]
    );
    assert_eq!(events(&world, id, EventKind::InvitationCreated).await?, 1);
    Ok(())
}

async fn a_repeated_offer_names_the_pending_one_instead_of_mailing_twice(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let first = world.invite("hong@customer.example").await?;
    let again = world
        .try_invite(world.partner, &draft("Hong@Customer.example"), None)
        .await?;
    assert_eq!(again, Invited::AlreadyPending(first));
    assert_eq!(notices(&world, first).await?.len(), 4);
    let other = world.another_partner("saebom").await?;
    let others = world
        .try_invite(other, &draft("hong@customer.example"), None)
        .await?;
    ensure!(
        matches!(others, Invited::Created(_)),
        "another partner's offer is another one"
    );
    Ok(())
}

async fn an_idempotency_key_makes_one_invitation(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let offer = draft("hong@customer.example");
    let first = world.try_invite(world.partner, &offer, Some("k1")).await?;
    let again = world.try_invite(world.partner, &offer, Some("k1")).await?;
    assert_eq!(again, Invited::Replayed(first.id()));
    let other = draft("kim@customer.example");
    let error = world
        .try_invite(world.partner, &other, Some("k1"))
        .await
        .unwrap_err();
    ensure!(matches!(error, InviteError::KeyReused), "{error}");
    world.pass(2 * DAY);
    let later = world.try_invite(world.partner, &other, Some("k1")).await?;
    ensure!(
        matches!(later, Invited::Created(_)),
        "a key is remembered for a day"
    );
    Ok(())
}

async fn a_key_that_is_used_twice_at_once_makes_one_invitation(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    for round in 0..10 {
        let offer = draft(&format!("n{round}@customer.example"));
        let key = format!("k{round}");
        let invite = || world.try_invite(world.partner, &offer, Some(&key));
        let answers = futures_util::future::join_all((0..8).map(|_| invite())).await;
        let answers: Vec<_> = answers.into_iter().collect::<Result<_, _>>()?;
        let id = answers[0].id();
        assert_eq!(answers.iter().filter(|a| a.id() == id).count(), 8);
        let made = answers.iter().filter(|a| matches!(a, Invited::Created(_)));
        assert_eq!(made.count(), 1);
    }
    assert_eq!(ctx.number("SELECT count(*) FROM invitation").await?, 10);
    Ok(())
}

async fn what_cannot_be_invited_names_its_field(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let own = world
        .try_invite(world.partner, &draft("boss@hanbit.example"), None)
        .await
        .unwrap_err();
    ensure!(
        own.to_string()
            .starts_with("email: the recipient is at the partner's own domain"),
        "{own}"
    );
    let mut forced = draft("boss@hanbit.example");
    forced.force = true;
    world.try_invite(world.partner, &forced, None).await?;
    let mut english = draft("hong@customer.example");
    english.language = Some("en".to_owned());
    let error = world
        .try_invite(world.partner, &english, None)
        .await
        .unwrap_err();
    ensure!(
        error
            .to_string()
            .starts_with("language: no Microsoft Customer Agreement"),
        "{error}"
    );
    let suppressed = storage::suppression::Suppression::new(
        &world.engine.keys,
        "gone@customer.example",
        "hard_bounce",
        world.now(),
    );
    world
        .engine
        .db
        .write(move |tx| {
            Box::pin(async move { storage::suppression::insert(tx, &suppressed).await })
        })
        .await?;
    let error = world.invite("Gone@customer.example").await.unwrap_err();
    ensure!(
        error.to_string().contains("takes no mail from here"),
        "{error}"
    );
    Ok(())
}

async fn parallel_accepts_leave_one_consent(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite("hong@customer.example").await?;
    let form = world.acceptance(id).await?;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..1000 {
        let (engine, form) = (world.engine.clone(), form.clone());
        tasks.spawn(async move { accept::accept(&engine, form).await });
    }
    let mut accepted = 0;
    while let Some(outcome) = tasks.join_next().await {
        match outcome?? {
            accept::Outcome::Accepted(_) => accepted += 1,
            other => assert_eq!(other, accept::Outcome::Already),
        }
    }
    assert_eq!(accepted, 1);
    assert_eq!(events(&world, id, EventKind::InvitationAccepted).await?, 1);
    let mut conn = world.engine.db.read().await?;
    assert_eq!(acceptance::count_consents(&mut conn, id).await?, 1);
    drop(conn);
    let receipts = notices(&world, id)
        .await?
        .iter()
        .filter(|(kind, _)| *kind == Kind::Receipt)
        .count();
    assert_eq!(receipts, 1);
    Ok(())
}

async fn an_acceptance_ends_the_reminders_and_grants_the_roles(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite("hong@customer.example").await?;
    let outcome = accept::accept(&world.engine, world.acceptance(id).await?).await?;
    ensure!(
        matches!(outcome, accept::Outcome::Accepted(_)),
        "{outcome:?}"
    );
    assert_eq!(
        notices(&world, id).await?,
        [
            (Kind::Invitation, NoticeState::Cancelled),
            (Kind::Reminder, NoticeState::Cancelled),
            (Kind::Reminder, NoticeState::Cancelled),
            (Kind::LastChance, NoticeState::Cancelled),
            (Kind::Receipt, NoticeState::Ready),
            (Kind::Accepted, NoticeState::Ready),
            // Before the roles end, three times to both sides; and once about what is left to do at Microsoft.
            (Kind::Ending, NoticeState::Scheduled),
            (Kind::Ending, NoticeState::Scheduled),
            (Kind::Ending, NoticeState::Scheduled),
            (Kind::Ending, NoticeState::Scheduled),
            (Kind::Ending, NoticeState::Scheduled),
            (Kind::Ending, NoticeState::Scheduled),
            (Kind::StepsOpen, NoticeState::Scheduled),
        ]
    );
    let mut conn = world.engine.db.read().await?;
    let record = acceptance::of_invitation(&mut conn, id)
        .await?
        .expect("a record");
    let grants = grant::of_acceptance(&mut conn, record.id).await?;
    let roles: Vec<_> = grants.iter().map(|grant| grant.role.as_str()).collect();
    assert_eq!(roles, ["global_administrator", "helpdesk_administrator"]);
    let seen = relationship::active_of_contact(&mut conn, record.contact_id).await?;
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].partner_type, "reseller_delegated_admin");
    Ok(())
}

async fn accepting_again_updates_the_relationship(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let first = world.invite("hong@customer.example").await?;
    accept::accept(&world.engine, world.acceptance(first).await?).await?;
    world.pass(DAY);
    let second = world.invite("hong@customer.example").await?;
    assert_ne!(first, second);
    accept::accept(&world.engine, world.acceptance(second).await?).await?;
    let mut conn = world.engine.db.read().await?;
    let old = acceptance::of_invitation(&mut conn, first)
        .await?
        .expect("a record");
    let new = acceptance::of_invitation(&mut conn, second)
        .await?
        .expect("a record");
    let states = |grants: Vec<grant::Grant>| -> Vec<String> {
        grants
            .into_iter()
            .map(|grant| grant.state.to_string())
            .collect()
    };
    assert_eq!(
        states(grant::of_acceptance(&mut conn, old.id).await?),
        ["replaced", "replaced"]
    );
    assert_eq!(
        states(grant::of_acceptance(&mut conn, new.id).await?),
        ["active", "active"]
    );
    assert_eq!(
        relationship::active_of_contact(&mut conn, new.contact_id)
            .await?
            .len(),
        1
    );
    Ok(())
}

async fn a_newer_agreement_has_to_be_shown_before_it_is_consented_to(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite("hong@customer.example").await?;
    let form = world.acceptance(id).await?;
    world.pass(DAY);
    add_agreement(&world.engine, "2026-12", world.now()).await?;
    let outcome = accept::accept(&world.engine, form).await?;
    assert_eq!(outcome, accept::Outcome::Changed);
    assert_eq!(state(&world, id).await?, StateName::Pending);
    let outcome = accept::accept(&world.engine, world.acceptance(id).await?).await?;
    ensure!(
        matches!(outcome, accept::Outcome::Accepted(_)),
        "{outcome:?}"
    );
    Ok(())
}

/// As after an upgrade between the page and its form: what is recorded are the words that were read, or nothing.
async fn other_words_than_those_that_were_read_are_no_consent(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite("hong@customer.example").await?;
    let read = world.acceptance(id).await?;
    let changes: [fn(&mut Words); 4] = [
        |words| words.agreement.push_str(" 그리고"),
        |words| words.authority.push_str(" 그리고"),
        |words| words.others[0].push_str(" 그리고"),
        |words| words.language = Language::en(),
    ];
    let before = ctx.dump().await?;
    for change in changes {
        let mut form = read.clone();
        change(&mut form.words);
        let outcome = accept::accept(&world.engine, form).await?;
        assert_eq!(outcome, accept::Outcome::Changed);
    }
    assert_eq!(ctx.dump().await?, before);
    accept::accept(&world.engine, read.clone()).await?;
    let mut conn = world.engine.db.read().await?;
    let record = acceptance::of_invitation(&mut conn, id).await?;
    let evidence: Evidence = serde_json::from_str(&record.expect("a record").canonical)?;
    assert_eq!(evidence.signer.authority, read.words.authority);
    let agreed = evidence.agreement.expect("the agreement");
    assert_eq!(agreed.sentence, read.words.agreement);
    Ok(())
}

fn no_thanks() -> Decline {
    Decline {
        reason: DeclineReason::Other,
        text: Some("다음에 하겠습니다".parse().expect("a reason")),
    }
}

async fn a_refusal_is_final_and_told_to_the_partner(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite("hong@customer.example").await?;
    let claims = world.claims(id, Purpose::Accept).await?;
    let outcome = decline::decline(&world.engine, claims, no_thanks()).await?;
    assert_eq!(outcome, decline::Outcome::Declined);
    let again = decline::decline(&world.engine, claims, no_thanks()).await?;
    assert_eq!(again, decline::Outcome::Closed(StateName::Declined));
    let late = accept::accept(&world.engine, world.acceptance(id).await?).await?;
    assert_eq!(late, accept::Outcome::Closed(StateName::Declined));
    assert_eq!(events(&world, id, EventKind::InvitationDeclined).await?, 1);
    ensure!(
        notices(&world, id)
            .await?
            .contains(&(Kind::Declined, NoticeState::Ready))
    );
    let mut conn = world.engine.db.read().await?;
    let row = invitation::find(&mut conn, id)
        .await?
        .expect("the invitation");
    assert_eq!(row.decline_text.as_deref(), Some("다음에 하겠습니다"));
    Ok(())
}

async fn an_overdue_invitation_expires_once(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite("hong@customer.example").await?;
    assert_eq!(expire::expire(&world.engine).await?, 0);
    world.pass(30 * DAY);
    let late = accept::accept(&world.engine, world.acceptance(id).await?).await?;
    assert_eq!(late, accept::Outcome::Closed(StateName::Expired));
    assert_eq!(expire::expire(&world.engine).await?, 1);
    assert_eq!(expire::expire(&world.engine).await?, 0);
    assert_eq!(state(&world, id).await?, StateName::Expired);
    ensure!(
        notices(&world, id)
            .await?
            .contains(&(Kind::Expired, NoticeState::Ready))
    );
    assert_eq!(events(&world, id, EventKind::InvitationExpired).await?, 1);
    Ok(())
}

async fn a_revoked_invitation_cannot_be_accepted(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite("hong@customer.example").await?;
    let form = world.acceptance(id).await?;
    let stranger = world.another_partner("saebom").await?;
    let error = revoke::revoke(&world.engine, id, Actor::Partner(stranger))
        .await
        .unwrap_err();
    ensure!(matches!(error, revoke::StepError::NotFound), "{error}");
    revoke::revoke(&world.engine, id, Actor::Partner(world.partner)).await?;
    assert_eq!(
        accept::accept(&world.engine, form).await?,
        accept::Outcome::Closed(StateName::Revoked)
    );
    let error = revoke::revoke(&world.engine, id, Actor::Operator)
        .await
        .unwrap_err();
    ensure!(
        matches!(error, revoke::StepError::Ended(StateName::Revoked)),
        "{error}"
    );
    Ok(())
}

async fn a_resend_ends_the_older_link(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite("hong@customer.example").await?;
    let old = world.acceptance(id).await?;
    world.pass(DAY);
    assert_eq!(
        resend::resend(&world.engine, id, Actor::Operator).await?,
        id
    );
    assert_eq!(
        accept::accept(&world.engine, old).await?,
        accept::Outcome::Replaced
    );
    let planned = notices(&world, id).await?;
    let ready = planned
        .iter()
        .filter(|n| **n == (Kind::Invitation, NoticeState::Ready))
        .count();
    assert_eq!(ready, 1, "{planned:?}");
    let outcome = accept::accept(&world.engine, world.acceptance(id).await?).await?;
    ensure!(
        matches!(outcome, accept::Outcome::Accepted(_)),
        "{outcome:?}"
    );
    Ok(())
}

async fn an_expired_invitation_is_asked_for_again_as_a_new_one(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite("hong@customer.example").await?;
    let claims = world.claims(id, Purpose::Accept).await?;
    world.pass(31 * DAY);
    resend::ask_for_link(&world.engine, claims).await?;
    assert_eq!(state(&world, id).await?, StateName::Expired);
    let again = world
        .try_invite(world.partner, &draft("hong@customer.example"), None)
        .await?;
    ensure!(
        matches!(again, Invited::AlreadyPending(new) if new != id),
        "{again:?}"
    );
    // Asked for again at once, it is the same one.
    resend::ask_for_link(&world.engine, claims).await?;
    assert_eq!(notices(&world, again.id()).await?.len(), 4);
    Ok(())
}

async fn an_old_link_brings_back_no_offer_that_has_ended_since(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let old = world.invite("hong@customer.example").await?;
    let claims = world.claims(old, Purpose::Accept).await?;
    world.pass(31 * DAY);
    resend::ask_for_link(&world.engine, claims).await?;
    let newer = world
        .try_invite(world.partner, &draft("hong@customer.example"), None)
        .await?
        .id();
    ensure!(newer != old);
    revoke::revoke(&world.engine, newer, Actor::Operator).await?;
    world.pass(DAY);
    resend::ask_for_link(&world.engine, claims).await?;
    assert_eq!(state(&world, newer).await?, StateName::Revoked);
    assert_eq!(ctx.number("SELECT count(*) FROM invitation").await?, 2);
    let asked = resend::resend(&world.engine, old, Actor::Operator).await;
    ensure!(
        matches!(asked, Err(revoke::StepError::Ended(StateName::Revoked))),
        "{asked:?}"
    );
    // The partner may still make the offer anew.
    let third = world.invite("hong@customer.example").await?;
    world.pass(DAY);
    resend::ask_for_link(&world.engine, claims).await?;
    let mut conn = world.engine.db.read().await?;
    let recipient = countersign::storage::recipient::signer(&mut conn, third).await?;
    assert_eq!(recipient.expect("the signer").generation, 2);
    Ok(())
}

async fn stopped_reminders_stay_stopped(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite("hong@customer.example").await?;
    let claims = world.claims(id, Purpose::StopReminders).await?;
    ensure!(stop::stop(&world.engine, claims).await?);
    ensure!(stop::stop(&world.engine, claims).await?, "twice is once");
    assert_eq!(events(&world, id, EventKind::RemindersStopped).await?, 1);
    let left = notices(&world, id).await?;
    ensure!(
        left.iter()
            .all(|(kind, state)| !kind.is_reminder() || *state == NoticeState::Cancelled),
        "{left:?}"
    );
    assert_eq!(state(&world, id).await?, StateName::Pending);
    Ok(())
}

async fn the_audit_record_shows_every_kind_of_edit(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite("hong@customer.example").await?;
    // Entries of one moment come in any order; the edits below name theirs by number.
    world.pass(DAY);
    accept::accept(&world.engine, world.acceptance(id).await?).await?;
    world.pass(DAY);
    world.invite("kim@customer.example").await?;
    assert_eq!(seal::seal(&world.engine).await?, 4);
    let clean = seal::verify(&world.engine, &[]).await?;
    assert_eq!(
        (
            clean.findings.len(),
            clean.entries,
            clean.acceptances,
            clean.unsealed
        ),
        (0, 4, 1, 0)
    );
    let checkpoints = seal::checkpoints(&world.engine).await?;
    for (edit, undo) in [
        (
            "UPDATE event SET actor = actor || '!' WHERE seq = 1",
            "UPDATE event SET actor = replace(actor, '!', '') WHERE seq = 1",
        ),
        (
            "UPDATE event SET seq = 9 WHERE seq = 2",
            "UPDATE event SET seq = 2 WHERE seq = 9",
        ),
        (
            "UPDATE acceptance SET canonical = replace(canonical, '길동', '길순')",
            "UPDATE acceptance SET canonical = replace(canonical, '길순', '길동')",
        ),
    ] {
        ctx.sql(edit).await?;
        let report = seal::verify(&world.engine, &[]).await?;
        ensure!(!report.findings.is_empty(), "{edit} was not found");
        ctx.sql(undo).await?;
    }
    assert_eq!(
        seal::verify(&world.engine, &checkpoints).await?.findings,
        []
    );
    // A tail that is cut off together with its head shows only against a checkpoint.
    ctx.sql("DELETE FROM event WHERE seq = 4").await?;
    ctx.sql("DELETE FROM chain_head").await?;
    ensure!(
        !seal::verify(&world.engine, &checkpoints)
            .await?
            .findings
            .is_empty()
    );
    Ok(())
}

async fn a_record_that_is_sealed_meanwhile_verifies(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let verifying = async {
        let mut entries = 0;
        while entries < 60 {
            let report = seal::verify(&world.engine, &[]).await?;
            assert_eq!(report.findings, [], "after {entries} entries");
            entries = report.entries;
        }
        anyhow::Ok(())
    };
    let sealing = async {
        for n in 0..60 {
            world.invite(&format!("n{n}@customer.example")).await?;
            seal::seal(&world.engine).await?;
        }
        anyhow::Ok(())
    };
    let (verified, sealed) = tokio::join!(verifying, sealing);
    verified.and(sealed)
}

async fn sealers_beside_each_other_leave_one_chain(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let mut sealers = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let engine = world.engine.clone();
        sealers.spawn(async move {
            for _ in 0..40 {
                seal::seal(&engine).await?;
            }
            Ok::<_, storage::Error>(())
        });
    }
    for n in 0..80 {
        world.invite(&format!("n{n}@customer.example")).await?;
    }
    while let Some(sealed) = sealers.join_next().await {
        sealed??;
    }
    seal::seal(&world.engine).await?;
    let report = seal::verify(&world.engine, &[]).await?;
    assert_eq!((report.findings, report.unsealed), (vec![], 0));
    Ok(())
}

async fn an_acceptance_is_exported_as_evidence_that_others_can_check(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite("hong@customer.example").await?;
    let early = evidence::export(&world.engine, id).await;
    ensure!(
        matches!(early, Err(StepError::NotAccepted(StateName::Pending))),
        "{early:?}"
    );
    world.invite("kim@customer.example").await?;
    accept::accept(&world.engine, world.acceptance(id).await?).await?;
    ensure!(!evidence::export(&world.engine, id).await?.is_sealed());
    seal::seal(&world.engine).await?;
    let exported = evidence::export(&world.engine, id).await?;
    assert_eq!(exported.faults(), [""; 0]);

    let file = ctx.folder().join("evidence.json");
    let check = |text: &str| -> anyhow::Result<(bool, String)> {
        std::fs::write(&file, text)?;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/evidence.py");
        let output = std::process::Command::new("python3")
            .arg(script)
            .arg(&file)
            .output()?;
        let said = String::from_utf8(output.stdout)?;
        ensure!(said.lines().count() == 8, "{said}{:?}", output.stderr);
        Ok((output.status.success(), said))
    };
    let text = serde_json::to_string_pretty(&exported)?;
    let (holds, said) = check(&text)?;
    ensure!(holds, "{said}");
    for (part, forged, fails) in [
        ("길동", "길순", "the record has the hash"),
        (
            "계약 견본 2026-01",
            "계약 견본 2026-02",
            "the agreement's text",
        ),
        ("invitation.created", "invitation.resent", "every event has"),
    ] {
        ensure!(text.contains(part), "{part} is not in {text}");
        let (holds, said) = check(&text.replace(part, forged))?;
        let line = said.lines().find(|line| line.contains(fails));
        ensure!(
            !holds && line.is_some_and(|line| line.starts_with("FAILS")),
            "{part}: {said}"
        );
    }

    ctx.sql("UPDATE acceptance SET canonical = replace(canonical, '길동', '길순')")
        .await?;
    let edited = evidence::export(&world.engine, id).await?;
    assert_eq!(
        edited.faults(),
        ["the record is not the one that the audit record commits to"]
    );
    Ok(())
}
