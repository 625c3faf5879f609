//! Lists in pages: invitations, relationships, grants; and that they walk an index.

use anyhow::ensure;
use countersign::domain::audit::Actor;
use countersign::domain::draft::Draft;
use countersign::domain::ids::{InvitationId, OrganizationId, RelationshipId};
use countersign::domain::invitation::StateName;
use countersign::domain::microsoft::{Step, StepState};
use countersign::domain::relationship::{GrantState, RelationshipState};
use countersign::domain::time::{DAY, SECOND};
use countersign::storage::listing::{Grants, Relationships};
use countersign::workflow::end::{self, EndError};
use countersign::workflow::view::{self, InvitationFilter, Page, RelationshipView};
use countersign::workflow::{revoke, steps};

use super::{HONG, KIM, accepted, invited, to};
use crate::harness::{Case, Ctx, Outcome, World, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(invitations_are_listed_in_pages_newest_first).on_each_database(),
        case!(each_filter_narrows_the_list_of_invitations).on_each_database(),
        case!(a_list_holds_nothing_of_another_partner).on_each_database(),
        case!(a_relationship_shows_its_roles_and_steps).on_each_database(),
        case!(a_partner_ends_its_own_relationship_once).on_each_database(),
        case!(what_goes_on_elsewhere_is_not_ended_by_its_former_id).on_each_database(),
        case!(the_lists_of_a_partner_walk_an_index).on_each_database(),
    ]
}

async fn listed(
    world: &World,
    filter: &InvitationFilter,
    after: Option<InvitationId>,
    limit: u16,
) -> anyhow::Result<Page<InvitationId>> {
    let page = view::invitations(&world.engine, world.partner, filter, after, limit).await?;
    Ok(page.map(|dossier| dossier.id))
}

async fn invitations_are_listed_in_pages_newest_first(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let mut made = Vec::new();
    for n in 0..5 {
        // Three of the same moment.
        if n > 2 {
            world.pass(SECOND);
        }
        made.push(world.invite(&format!("n{n}@customer.example")).await?);
    }
    made.sort_unstable();
    made.reverse();
    let all = InvitationFilter::default();
    let mut found = Vec::new();
    let mut after = None;
    for pages in 1.. {
        let page = listed(&world, &all, after, 2).await?;
        after = page.items.last().copied();
        found.extend(page.items);
        assert_eq!(page.has_more, pages < 3);
        if !page.has_more {
            break;
        }
    }
    assert_eq!(found, made);
    // Exactly as many as there are.
    let page = listed(&world, &all, None, 5).await?;
    assert_eq!((page.items.len(), page.has_more), (5, false));
    let page = listed(&world, &all, made.last().copied(), 5).await?;
    assert_eq!((page.items.len(), page.has_more), (0, false));
    Ok(())
}

async fn each_filter_narrows_the_list_of_invitations(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let partner = world.partner;
    let start = world.now();
    let first = accepted(&world, partner, &to("해솔상사", HONG)).await?;
    world.pass(1);
    let referenced = Draft {
        reference: Some("CRM-7".to_owned()),
        ..to("해솔상사", KIM)
    };
    let second = invited(&world, partner, &referenced).await?;
    world.pass(DAY);
    let third = invited(&world, partner, &to("다른 회사", HONG)).await?;
    revoke::revoke(&world.engine, third, Actor::Operator).await?;
    let found = async |filter: InvitationFilter| -> anyhow::Result<Vec<InvitationId>> {
        Ok(listed(&world, &filter, None, 10).await?.items)
    };
    let none = InvitationFilter::default;
    let state = |state| InvitationFilter {
        state: Some(state),
        ..none()
    };
    assert_eq!(found(state(StateName::Accepted)).await?, [first]);
    assert_eq!(found(state(StateName::Pending)).await?, [second]);
    assert_eq!(found(state(StateName::Expired)).await?, []);
    let reference = InvitationFilter {
        reference: Some("CRM-7".to_owned()),
        ..none()
    };
    assert_eq!(found(reference.clone()).await?, [second]);
    // However it is written.
    let email = InvitationFilter {
        email: Some("Hong@CUSTOMER.example".parse()?),
        ..none()
    };
    assert_eq!(found(email.clone()).await?, [third, first]);
    let nobody = InvitationFilter {
        email: Some("nobody@customer.example".parse()?),
        ..none()
    };
    assert_eq!(found(nobody).await?, []);
    let view = view::invitations(&world.engine, partner, &reference, None, 1).await?;
    let organization = InvitationFilter {
        organization: Some(view.items[0].organization_id),
        ..none()
    };
    assert_eq!(found(organization.clone()).await?, [second, first]);
    // One after another narrows further.
    let both = InvitationFilter {
        email: email.email.clone(),
        ..organization
    };
    assert_eq!(found(both.clone()).await?, [first]);
    let neither = InvitationFilter {
        reference: Some("CRM-7".to_owned()),
        ..both
    };
    assert_eq!(found(neither).await?, []);
    // To the microsecond: made then or later, and before then.
    for (micros, after, before) in [
        (0, vec![third, second, first], vec![]),
        (1, vec![third, second], vec![first]),
        (2, vec![third], vec![second, first]),
        (1_000, vec![third], vec![second, first]),
        (2 * DAY, vec![], vec![third, second, first]),
    ] {
        let at = start.plus_micros(micros);
        let since = InvitationFilter {
            created_after: Some(at),
            ..none()
        };
        assert_eq!(found(since).await?, after, "{micros}");
        let until = InvitationFilter {
            created_before: Some(at),
            ..none()
        };
        assert_eq!(found(until).await?, before, "{micros}");
    }
    Ok(())
}

async fn a_list_holds_nothing_of_another_partner(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let other = world.another_partner("donghae").await?;
    let theirs = Draft {
        reference: Some("CRM-7".to_owned()),
        ..to("해솔상사", HONG)
    };
    accepted(&world, other, &theirs).await?;
    let engine = &world.engine;
    let their = view::relationships(engine, other, Relationships::default(), None, 10).await?;
    let their = their.items.first().expect("a relationship").clone();
    let organization: OrganizationId = their.kept.organization_id;
    for filter in [
        InvitationFilter::default(),
        InvitationFilter {
            reference: Some("CRM-7".to_owned()),
            ..InvitationFilter::default()
        },
        InvitationFilter {
            email: Some(HONG.parse()?),
            ..InvitationFilter::default()
        },
        InvitationFilter {
            organization: Some(organization),
            ..InvitationFilter::default()
        },
    ] {
        assert_eq!(listed(&world, &filter, None, 10).await?.items, []);
    }
    for organization in [None, Some(organization)] {
        let filter = Relationships {
            organization,
            state: None,
        };
        let found = view::relationships(engine, world.partner, filter, None, 10).await?;
        ensure!(found.items.is_empty());
    }
    for relationship in [None, Some(their.kept.id)] {
        let filter = Grants {
            relationship,
            state: None,
        };
        let found = view::grants(engine, world.partner, filter, None, 10).await?;
        ensure!(found.items.is_empty());
    }
    let theirs = their.kept.id;
    ensure!(
        view::relationship(engine, world.partner, theirs)
            .await?
            .is_none()
    );
    ensure!(view::relationship(engine, other, theirs).await?.is_some());
    let grant = their.grants[0].id;
    ensure!(view::grant(engine, world.partner, grant).await?.is_none());
    ensure!(view::grant(engine, other, grant).await?.is_some());
    Ok(())
}

async fn only(world: &World) -> anyhow::Result<RelationshipView> {
    let all = Relationships::default();
    let page = view::relationships(&world.engine, world.partner, all, None, 10).await?;
    assert_eq!((page.items.len(), page.has_more), (1, false));
    Ok(page.items[0].clone())
}

async fn a_relationship_shows_its_roles_and_steps(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = accepted(&world, world.partner, &to("해솔상사", HONG)).await?;
    let seen = only(&world).await?;
    assert_eq!(seen.kept.organization_name, "해솔상사");
    assert_eq!(seen.kept.invitation_id, id);
    let mut roles: Vec<_> = seen.grants.iter().map(|grant| &*grant.role).collect();
    roles.sort_unstable();
    assert_eq!(roles, ["global_administrator", "helpdesk_administrator"]);
    assert_eq!(seen.agreement.as_str(), "current");
    let person = seen.signer.clone().expect("a signer").person;
    assert_eq!(person, Some(("홍길동".to_owned(), HONG.to_owned())));
    let gdap = seen.steps.iter().find(|known| known.step == Step::Gdap);
    assert_eq!(gdap.map(|known| known.state), Some(StepState::Unknown));
    world.pass(DAY);
    let said = StepState::SaidByPartner;
    let actor = Actor::Partner(world.partner);
    steps::mark(&world.engine, id, Step::Gdap, said, actor).await?;
    let seen = only(&world).await?;
    ensure!(
        seen.grants
            .iter()
            .all(|it| it.activated_at == Some(world.now()))
    );
    // Agreed upon anew: the former grants are there, and say that they were replaced.
    accepted(&world, world.partner, &to("해솔상사", HONG)).await?;
    let seen = only(&world).await?;
    let states: Vec<_> = seen.grants.iter().map(|grant| grant.state).collect();
    let (active, replaced) = (GrantState::Active, GrantState::Replaced);
    assert_eq!(states, [active, active, replaced, replaced]);
    let of = |state| Grants {
        state,
        relationship: Some(seen.kept.id),
    };
    let page = view::grants(&world.engine, world.partner, of(Some(active)), None, 1).await?;
    assert_eq!((page.items.len(), page.has_more), (1, true));
    let last = page.items[0].id;
    let page = view::grants(
        &world.engine,
        world.partner,
        of(Some(active)),
        Some(last),
        1,
    )
    .await?;
    assert_eq!((page.items.len(), page.has_more), (1, false));
    let all = Grants::default();
    let page = view::grants(&world.engine, world.partner, all, None, 10).await?;
    assert_eq!(page.items.len(), 4);
    let ended = Relationships {
        state: Some(RelationshipState::Ended),
        organization: Some(seen.kept.organization_id),
    };
    let page = view::relationships(&world.engine, world.partner, ended, None, 10).await?;
    ensure!(page.items.is_empty());
    Ok(())
}

async fn a_partner_ends_its_own_relationship_once(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let other = world.another_partner("donghae").await?;
    accepted(&world, world.partner, &to("해솔상사", HONG)).await?;
    let id = only(&world).await?.kept.id;
    let end = async |actor| end::end(&world.engine, id, actor).await;
    let refused = end(Actor::Partner(other)).await.unwrap_err();
    ensure!(matches!(refused, EndError::NotFound), "{refused}");
    let unknown = RelationshipId::from(uuid::Uuid::from_u128(7));
    let refused = end::end(&world.engine, unknown, Actor::Operator).await;
    ensure!(matches!(refused, Err(EndError::NotFound)));
    assert_eq!(only(&world).await?.kept.state, RelationshipState::Active);
    world.pass(DAY);
    // A hundred at once are one end.
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (engine, actor) = (world.engine.clone(), Actor::Partner(world.partner));
            tokio::spawn(async move { end::end(&engine, id, actor).await })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        match task.await? {
            Ok(()) => done += 1,
            Err(EndError::Ended { at }) => assert_eq!(at, world.now()),
            Err(error) => return Err(error.into()),
        }
    }
    assert_eq!(done, 1);
    let seen = only(&world).await?;
    assert_eq!(seen.kept.state, RelationshipState::Ended);
    assert_eq!(seen.kept.ended_at, Some(world.now()));
    ensure!(seen.grants.iter().all(|it| it.state == GrantState::Ended));
    let removed = |known: &&countersign::storage::step::KnownStep| {
        known.step == Step::RolesRemoved && known.state == StepState::Unknown
    };
    ensure!(seen.steps.iter().any(|known| removed(&known)));
    let told = "SELECT count(*) FROM notice WHERE kind = 'relationship_ended'";
    assert_eq!(ctx.number(told).await?, 2);
    let said = "SELECT count(*) FROM notice WHERE kind = 'relationship_ended' AND payload LIKE '%\"by\":\"partner\"%'";
    assert_eq!(ctx.number(said).await?, 2);
    let recorded =
        "SELECT count(*) FROM event WHERE kind = 'relationship.ended' AND actor LIKE 'prt_%'";
    assert_eq!(ctx.number(recorded).await?, 1);
    Ok(())
}

async fn what_goes_on_elsewhere_is_not_ended_by_its_former_id(ctx: &Ctx) -> Outcome {
    use countersign::domain::token::Purpose;
    use countersign::workflow::manage::{self, Which};
    let world = World::new(ctx).await?;
    let typed = |partner_type: &str| Draft {
        partner_type: Some(partner_type.to_owned()),
        agreement: false,
        ..to("해솔상사", HONG)
    };
    accepted(&world, world.partner, &typed("reseller")).await?;
    let twin = only(&world).await?.kept.id;
    // The catalogue of 2020, as the other one.
    ctx.sql("UPDATE relationship SET catalogue = '2020'")
        .await?;
    let both = accepted(&world, world.partner, &typed("reseller_delegated_admin")).await?;
    let claims = world.claims(both, Purpose::Manage).await?;
    manage::remove_roles(&world.engine, claims, Which::All).await?;
    let all = Relationships::default();
    let page = view::relationships(&world.engine, world.partner, all, None, 10).await?;
    let former = page.items.iter().find(|it| it.kept.id != twin);
    let former = former.expect("the one that became its twin").kept.id;
    let actor = Actor::Partner(world.partner);
    let refused = end::end(&world.engine, former, actor).await.unwrap_err();
    ensure!(
        matches!(refused, EndError::Continued(id) if id == twin),
        "{refused}"
    );
    let kept = view::relationship(&world.engine, world.partner, twin).await?;
    assert_eq!(
        kept.expect("the twin").kept.state,
        RelationshipState::Active
    );
    end::end(&world.engine, twin, actor).await?;
    Ok(())
}

/// No list may read what is not of its partner, or sort it: the plan that is kept for any arguments has an index for each table,
/// and its order.
async fn the_lists_of_a_partner_walk_an_index(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let mut looked_at = 0;
    let lists = countersign::storage::statements().filter(|(name, _)| name.contains("::listing::"));
    for (name, sql) in lists {
        let plan = world.engine.db.plan(sql).await?.join("\n");
        let leads = [
            ("::INVITATIONS", "invitation_of_partner"),
            ("::INVITATIONS_OF_REFERENCE", "invitation_of_reference"),
            ("::INVITATIONS_OF_CONTACT", "invitation_of_contact"),
            (
                "::INVITATIONS_OF_ORGANIZATION",
                "invitation_of_organization",
            ),
            ("::RELATIONSHIPS", "relationship_of_partner"),
            (
                "::RELATIONSHIPS_OF_ORGANIZATION",
                "relationship_of_organization",
            ),
            ("::GRANTS", "role_grant_of_partner"),
            ("::GRANTS_OF_RELATIONSHIP", "role_grant_of_relationship"),
            ("::ACCEPTANCES", "acceptance_of_partner"),
        ];
        if let Some((_, index)) = leads.iter().find(|(end, _)| name.ends_with(end)) {
            looked_at += 1;
            ensure!(plan.contains(index), "{name}:\n{plan}");
            for sorting in ["TEMP B-TREE", "Sort"] {
                ensure!(!plan.contains(sorting), "{name}:\n{plan}");
            }
        }
        let reads_all = |line: &str| {
            line.contains("Seq Scan") || (line.starts_with("SCAN ") && !line.contains("json_each"))
        };
        ensure!(!plan.lines().any(reads_all), "{name}:\n{plan}");
    }
    assert_eq!(looked_at, 9);
    Ok(())
}
