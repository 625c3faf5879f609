//! What a customer does with what was granted, on both databases: seeing, reducing, ending; and what time does.

use anyhow::ensure;
use countersign::domain::audit::Actor;
use countersign::domain::draft::Draft;
use countersign::domain::ids::InvitationId;
use countersign::domain::microsoft::{Step, StepState};
use countersign::domain::relationship::RelationshipState;
use countersign::domain::time::DAY;
use countersign::domain::token::{Claims, Purpose};
use countersign::storage::relationship;
use countersign::workflow::manage::{self, Change, Managed, Which};
use countersign::workflow::mca::{self, Wanted};
use countersign::workflow::{accept, steps, term};

use crate::harness::world::{add_agreement, draft};
use crate::harness::{Case, Ctx, Outcome, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(roles_go_one_by_one_and_the_type_follows).on_each_database(),
        case!(a_type_that_may_be_deleted_ends_and_another_does_not).on_each_database(),
        case!(a_relationship_without_roles_leads_on_to_its_twin).on_each_database(),
        case!(parallel_removals_are_one_change).on_each_database(),
        case!(a_viewer_and_an_older_link_change_nothing).on_each_database(),
        case!(a_link_reaches_its_own_relationship_alone).on_each_database(),
        case!(roles_end_when_their_time_is_over).on_each_database(),
        case!(a_grant_that_does_not_read_back_keeps_no_other_from_its_end).on_each_database(),
        case!(roles_that_extend_themselves_go_on_until_that_is_stopped).on_each_database(),
        case!(only_a_signer_who_ticked_the_box_extends_what_was_offered_so).on_each_database(),
        case!(time_counts_from_activation_once_it_is_known).on_each_database(),
        case!(what_ended_can_be_agreed_upon_anew).on_each_database(),
        case!(a_newer_text_is_asked_for_once_of_those_who_consented_to_an_older_one)
            .on_each_database(),
    ]
}

const HONG: &str = "hong@customer.example";

/// An accepted invitation to a relationship of that type.
async fn accepted(world: &World, email: &str, kind: &str) -> anyhow::Result<InvitationId> {
    let draft = Draft {
        partner_type: Some(kind.to_owned()),
        agreement: false,
        ..draft(email)
    };
    let id = world.try_invite(world.partner, &draft, None).await?.id();
    let outcome = accept::accept(&world.engine, world.acceptance(id).await?).await?;
    ensure!(
        matches!(outcome, accept::Outcome::Accepted(_)),
        "{outcome:?}"
    );
    Ok(id)
}

async fn link(world: &World, id: InvitationId) -> anyhow::Result<Claims> {
    world.claims(id, Purpose::Manage).await
}

async fn seen(world: &World, id: InvitationId) -> anyhow::Result<Managed> {
    let found = manage::open(&world.engine, &link(world, id).await?).await?;
    found.ok_or_else(|| anyhow::anyhow!("nothing behind the link"))
}

async fn remove(world: &World, id: InvitationId, which: Which) -> anyhow::Result<Change> {
    Ok(manage::remove_roles(&world.engine, link(world, id).await?, which).await?)
}

async fn events(ctx: &Ctx, kind: &'static str) -> anyhow::Result<i64> {
    ctx.number(kind).await
}

const REMOVALS: &str = "SELECT count(*) FROM event WHERE kind = 'roles.removed'";

async fn roles_go_one_by_one_and_the_type_follows(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = accepted(&world, HONG, "reseller_delegated_admin").await?;
    let one = Which::Some(vec!["global_administrator".to_owned(), "god".to_owned()]);
    assert_eq!(remove(&world, id, one.clone()).await?, Change::Done);
    let found = seen(&world, id).await?;
    let roles: Vec<_> = found
        .grants
        .iter()
        .map(|grant| grant.role.as_str())
        .collect();
    assert_eq!(roles, ["helpdesk_administrator"]);
    assert_eq!(found.relationship.partner_type, "reseller_delegated_admin");
    assert_eq!(remove(&world, id, one).await?, Change::Already);
    assert_eq!(remove(&world, id, Which::All).await?, Change::Done);
    let found = seen(&world, id).await?;
    ensure!(found.grants.is_empty() && found.may_change);
    assert_eq!(found.relationship.partner_type, "reseller");
    assert_eq!(found.relationship.state, RelationshipState::Active);
    assert_eq!(found.relationship.revision, 3);
    assert_eq!(remove(&world, id, Which::All).await?, Change::Already);
    assert_eq!(events(ctx, REMOVALS).await?, 2);
    // Access at Microsoft ends only there: that step is open until somebody says that it is done.
    let open = |found: &Managed| {
        found
            .steps
            .iter()
            .any(|known| known.step == Step::RolesRemoved && known.state == StepState::Unknown)
    };
    ensure!(open(&found), "{:?}", found.steps);
    let claims = link(&world, id).await?;
    ensure!(steps::done_by_customer(&world.engine, claims, Step::RolesRemoved).await?);
    ensure!(!open(&seen(&world, id).await?));
    Ok(())
}

async fn a_type_that_may_be_deleted_ends_and_another_does_not(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let classic = accepted(&world, HONG, "delegated_admin").await?;
    let resold = accepted(&world, HONG, "reseller_delegated_admin").await?;
    let end = async |id| -> anyhow::Result<Change> {
        Ok(manage::end(&world.engine, link(&world, id).await?).await?)
    };
    assert_eq!(end(resold).await?, Change::Forbidden);
    assert_eq!(end(classic).await?, Change::Done);
    assert_eq!(end(classic).await?, Change::Already);
    assert_eq!(remove(&world, classic, Which::All).await?, Change::Already);
    let found = seen(&world, classic).await?;
    assert_eq!(found.relationship.state, RelationshipState::Ended);
    ensure!(found.relationship.ended_at.is_some() && found.grants.is_empty());
    let other = seen(&world, resold).await?;
    assert_eq!(
        (other.relationship.state, other.grants.len()),
        (RelationshipState::Active, 2)
    );
    let ended = "SELECT count(*) FROM event WHERE kind = 'relationship.ended'";
    assert_eq!(events(ctx, ended).await?, 1);
    Ok(())
}

async fn a_relationship_without_roles_leads_on_to_its_twin(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let reseller = accepted(&world, HONG, "reseller").await?;
    // The catalogue of 2020, as the other one.
    ctx.sql("UPDATE relationship SET catalogue = '2020'")
        .await?;
    let both = accepted(&world, HONG, "reseller_delegated_admin").await?;
    assert_eq!(remove(&world, both, Which::All).await?, Change::Done);
    let (one, other) = (seen(&world, reseller).await?, seen(&world, both).await?);
    assert_eq!(one.relationship.id, other.relationship.id);
    assert_eq!(one.relationship.partner_type, "reseller");
    let mut conn = world.engine.db.read().await?;
    let listed = relationship::active_of_contact(&mut conn, one.dossier.contact_id).await?;
    assert_eq!(listed.len(), 1);
    Ok(())
}

async fn parallel_removals_are_one_change(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = accepted(&world, HONG, "delegated_admin").await?;
    let claims = link(&world, id).await?;
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let engine = world.engine.clone();
            tokio::spawn(async move { manage::remove_roles(&engine, claims, Which::All).await })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        done += usize::from(task.await?? == Change::Done);
    }
    assert_eq!((done, events(ctx, REMOVALS).await?), (1, 1));
    assert_eq!(seen(&world, id).await?.relationship.revision, 2);
    Ok(())
}

async fn a_viewer_and_an_older_link_change_nothing(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = accepted(&world, HONG, "delegated_admin").await?;
    let claims = link(&world, id).await?;
    let older = Claims {
        generation: claims.generation - 1,
        ..claims
    };
    let removed = manage::remove_roles(&world.engine, older, Which::All).await?;
    assert_eq!(removed, Change::Replaced);
    let nobody = Claims {
        subject: uuid::Uuid::from_u128(7),
        ..claims
    };
    let removed = manage::remove_roles(&world.engine, nobody, Which::All).await?;
    assert_eq!(removed, Change::Nothing);
    ctx.sql("UPDATE recipient SET role = 'viewer'").await?;
    for change in [
        manage::remove_roles(&world.engine, claims, Which::All).await?,
        manage::end(&world.engine, claims).await?,
        manage::stop_extending(&world.engine, claims).await?,
    ] {
        assert_eq!(change, Change::Forbidden);
    }
    ctx.sql("UPDATE recipient SET role = 'former'").await?;
    assert_eq!(manage::end(&world.engine, claims).await?, Change::Replaced);
    ctx.sql("UPDATE recipient SET role = 'signer', links_expire_at = 0")
        .await?;
    assert_eq!(manage::end(&world.engine, claims).await?, Change::Expired);
    assert_eq!(
        ctx.number("SELECT count(*) FROM role_grant WHERE state = 'active'")
            .await?,
        2
    );
    Ok(())
}

async fn a_link_reaches_its_own_relationship_alone(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let hong = accepted(&world, HONG, "delegated_admin").await?;
    let other = world.another_partner("donghae").await?;
    let theirs = Draft {
        partner_type: Some("delegated_admin".to_owned()),
        agreement: false,
        ..draft(HONG)
    };
    let theirs = world.try_invite(other, &theirs, None).await?.id();
    accept::accept(&world.engine, world.acceptance(theirs).await?).await?;
    let kim = accepted(&world, "kim@customer.example", "advisor").await?;
    assert_eq!(remove(&world, hong, Which::All).await?, Change::Done);
    for id in [theirs, kim] {
        ensure!(!seen(&world, id).await?.grants.is_empty());
    }
    // The list of a mailbox spans partners, and holds nobody else's.
    let contact = seen(&world, hong).await?.dossier.contact_id;
    let claims = Claims {
        subject: contact.uuid(),
        ..link(&world, hong).await?
    };
    let listing = manage::list(&world.engine, &claims)
        .await?
        .expect("a known mailbox");
    let mut found: Vec<_> = listing
        .entries
        .iter()
        .map(|(_, entry)| (entry.partner.id, entry.dossier.contact_id))
        .collect();
    found.sort_unstable();
    let mut expected = vec![(world.partner, contact), (other, contact)];
    expected.sort_unstable();
    assert_eq!(found, expected);
    Ok(())
}

async fn roles_end_when_their_time_is_over(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = accepted(&world, HONG, "reseller_delegated_admin").await?;
    world.pass(364 * DAY);
    assert_eq!(term::end_terms(&world.engine).await?, 0);
    world.pass(2 * DAY);
    assert_eq!(term::end_terms(&world.engine).await?, 1);
    assert_eq!(term::end_terms(&world.engine).await?, 0);
    let found = seen(&world, id).await?;
    ensure!(found.grants.is_empty());
    assert_eq!(found.relationship.partner_type, "reseller");
    let ended = "SELECT count(*) FROM event WHERE kind = 'roles.ended' AND actor = 'system'";
    assert_eq!(events(ctx, ended).await?, 1);
    Ok(())
}

async fn a_grant_that_does_not_read_back_keeps_no_other_from_its_end(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    accepted(&world, HONG, "advisor").await?;
    let whole = accepted(&world, "kim@customer.example", "delegated_admin").await?;
    ctx.sql(
        "UPDATE role_grant SET duration = '?!'
            WHERE relationship_id IN (SELECT id FROM relationship WHERE partner_type = 'advisor')",
    )
    .await?;
    world.pass(366 * DAY);
    assert_eq!(term::end_terms(&world.engine).await?, 1);
    ensure!(seen(&world, whole).await?.grants.is_empty());
    // The broken one is not waited for: a worker would look for it without a pause.
    let mut conn = world.engine.db.read().await?;
    assert_eq!(relationship::next_end(&mut conn, world.now()).await?, None);
    Ok(())
}

async fn roles_that_extend_themselves_go_on_until_that_is_stopped(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = accepted(&world, HONG, "advisor").await?;
    ctx.sql("UPDATE role_grant SET auto_extend = (1 = 1)")
        .await?;
    let before = seen(&world, id).await?.grants[0].expected_end_at;
    world.pass(366 * DAY);
    assert_eq!(term::end_terms(&world.engine).await?, 1);
    let found = seen(&world, id).await?;
    let after = found.grants[0].expected_end_at;
    assert_eq!((after.as_micros() - before.as_micros()) / DAY, 180);
    assert_eq!(found.grants[0].revision, found.relationship.revision);
    let stopped = manage::stop_extending(&world.engine, link(&world, id).await?).await?;
    assert_eq!(stopped, Change::Done);
    let stopped = manage::stop_extending(&world.engine, link(&world, id).await?).await?;
    assert_eq!(stopped, Change::Already);
    world.pass(180 * DAY);
    assert_eq!(term::end_terms(&world.engine).await?, 1);
    ensure!(
        ctx.number("SELECT count(*) FROM role_grant WHERE state = 'ended'")
            .await?
            == 1
    );
    let extended = "SELECT count(*) FROM event WHERE kind = 'roles.extended'";
    assert_eq!(events(ctx, extended).await?, 1);
    Ok(())
}

async fn only_a_signer_who_ticked_the_box_extends_what_was_offered_so(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    for (email, offered, ticked) in [
        ("both@customer.example", true, true),
        ("offered@customer.example", true, false),
        ("ticked@customer.example", false, true),
    ] {
        let draft = Draft {
            organization: email.to_owned().replace('@', " at "),
            partner_type: Some("advisor".to_owned()),
            auto_extend: offered,
            ..draft(email)
        };
        let id = world.try_invite(world.partner, &draft, None).await?.id();
        let mut form = world.acceptance(id).await?;
        form.signature.auto_extend = ticked;
        accept::accept(&world.engine, form).await?;
        let found = seen(&world, id).await?;
        assert_eq!(found.grants[0].auto_extend, offered && ticked, "{email}");
    }
    Ok(())
}

async fn time_counts_from_activation_once_it_is_known(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = accepted(&world, HONG, "advisor").await?;
    let expected = seen(&world, id).await?.grants[0].expected_end_at;
    world.pass(10 * DAY);
    let said = StepState::SaidByPartner;
    steps::mark(&world.engine, id, Step::Gdap, said, Actor::Operator).await?;
    let found = seen(&world, id).await?;
    assert_eq!(found.grants[0].activated_at, Some(world.now()));
    let moved = found.grants[0].expected_end_at.as_micros() - expected.as_micros();
    assert_eq!(moved / DAY, 10);
    // A second word about it moves nothing.
    world.pass(5 * DAY);
    steps::mark(
        &world.engine,
        id,
        Step::Gdap,
        StepState::Confirmed,
        Actor::Operator,
    )
    .await?;
    let again = seen(&world, id).await?;
    assert_eq!(
        again.grants[0].expected_end_at,
        found.grants[0].expected_end_at
    );
    assert_eq!(again.relationship.revision, 2);
    Ok(())
}

async fn what_ended_can_be_agreed_upon_anew(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let first = accepted(&world, HONG, "delegated_admin").await?;
    manage::end(&world.engine, link(&world, first).await?).await?;
    world.pass(DAY);
    let second = accepted(&world, HONG, "delegated_admin").await?;
    let (old, new) = (seen(&world, first).await?, seen(&world, second).await?);
    assert_eq!(old.relationship.state, RelationshipState::Ended);
    assert_eq!(new.relationship.state, RelationshipState::Active);
    assert_eq!(
        (new.relationship.revision, new.relationship.since),
        (1, world.now())
    );
    assert_eq!(new.grants.len(), 2);
    Ok(())
}

async fn a_newer_text_is_asked_for_once_of_those_who_consented_to_an_older_one(
    ctx: &Ctx,
) -> Outcome {
    let world = World::new(ctx).await?;
    for (email, agreement) in [(HONG, true), ("kim@customer.example", false)] {
        let draft = Draft {
            organization: email.replace('@', " at "),
            partner_type: Some("reseller".to_owned()),
            agreement,
            ..draft(email)
        };
        let id = world.try_invite(world.partner, &draft, None).await?.id();
        accept::accept(&world.engine, world.acceptance(id).await?).await?;
    }
    let ask = async |wanted: Wanted| -> anyhow::Result<Vec<String>> {
        let asked = mca::ask_again(&world.engine, &wanted).await?;
        let told = asked.iter().map(|one| {
            let outcome = match &one.outcome {
                Ok(outcome) => format!("{outcome:?}").split('(').next().unwrap().to_owned(),
                Err(error) => error.to_string(),
            };
            format!(
                "{} {} {outcome}",
                one.dossier.smtp_address,
                one.standing.as_str()
            )
        });
        let mut told: Vec<_> = told.collect();
        told.sort_unstable();
        Ok(told)
    };
    ensure!(ask(Wanted::default()).await?.is_empty());
    world.pass(DAY);
    add_agreement(&world.engine, "2027-01", world.now()).await?;
    let rehearsal = Wanted {
        dry_run: true,
        ..Wanted::default()
    };
    let once = ["hong@customer.example older Created"];
    assert_eq!(ask(rehearsal).await?, once);
    assert_eq!(ask(Wanted::default()).await?, once);
    assert_eq!(
        ask(Wanted::default()).await?,
        ["hong@customer.example older Replayed"]
    );
    let all = Wanted {
        missing: true,
        ..Wanted::default()
    };
    assert_eq!(
        ask(all).await?,
        [
            "hong@customer.example older Replayed",
            "kim@customer.example missing Created"
        ]
    );
    let newest = "SELECT count(*) FROM invitation WHERE state = 'pending' AND source = 'agreement'";
    assert_eq!(ctx.number(newest).await?, 2);
    Ok(())
}
