//! Many invitations in one call, on both databases.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::ensure;
use countersign::domain::audit::{Actor, EventKind};
use countersign::domain::draft::{Draft, Source};
use countersign::domain::ids::{InvitationId, PartnerId};
use countersign::domain::time::DAY;
use countersign::storage::suppression::Suppression;
use countersign::storage::{self, event, invitation, notice, recipient};
use countersign::workflow::invite::{
    InviteError, Item, MOST, Outcome as Invited, Outcomes, Trigger, invite_many, rehearse_many,
};
use countersign::workflow::mailbox::MailboxRefusal;
use countersign::workflow::{revoke, seal};
use futures_util::future::try_join_all;

use crate::harness::world::draft;
use crate::harness::{Case, Ctx, Outcome, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(what_comes_of_each_stands_at_its_place).on_each_database(),
        case!(whoever_is_refused_leaves_nothing_behind).on_each_database(),
        case!(many_at_once_are_what_one_by_one_would_be).on_each_database(),
        case!(the_first_of_two_equal_ones_is_made).on_each_database(),
        case!(a_key_of_an_item_makes_one_invitation).on_each_database(),
        case!(a_thousand_stand_in_a_list_as_they_stood_in_the_call).on_each_database(),
        case!(a_rehearsal_of_many_leaves_nothing_behind).on_each_database(),
        case!(batches_that_name_the_same_in_other_orders_meet_in_peace).on_each_database(),
        case!(batches_with_the_same_keys_make_each_invitation_once).on_each_database(),
    ]
}

pub(crate) fn trigger(partner: PartnerId) -> Trigger {
    Trigger {
        partner,
        source: Source::Api,
        actor: Actor::Partner(partner),
        api_key: None,
        asked_for: false,
    }
}

pub(crate) fn item(draft: &Draft) -> anyhow::Result<Item> {
    Ok(draft.check().map_err(|e| anyhow::anyhow!("{e:?}"))?.into())
}

fn with_key(draft: &Draft, key: &str) -> anyhow::Result<Item> {
    Ok(Item {
        idempotency_key: Some(key.to_owned()),
        ..item(draft)?
    })
}

/// The `n`th customer: a mailbox and an organization of its own.
pub(crate) fn customer(n: usize) -> Draft {
    Draft {
        organization: format!("㈜한빛상사 {n}"),
        reference: Some(format!("A-{n}")),
        ..draft(&format!("n{n}@customer-{n}.example"))
    }
}

async fn make(world: &World, drafts: &[Draft]) -> anyhow::Result<Outcomes> {
    let items = drafts.iter().map(item).collect::<Result<_, _>>()?;
    Ok(invite_many(&world.engine, trigger(world.partner), items).await?)
}

async fn suppress(world: &World, address: &str) -> anyhow::Result<()> {
    let (keys, now) = (&world.engine.keys, world.now());
    let suppressed = Suppression::new(keys, address, "complaint", now);
    let db = &world.engine.db;
    db.write(move |tx| {
        Box::pin(async move { storage::suppression::insert(tx, &suppressed).await })
    })
    .await?;
    Ok(())
}

/// What came of an item, in a word, or the sentence of its refusal.
fn word(outcome: &Result<Invited, InviteError>) -> String {
    match outcome {
        Ok(Invited::Created(_)) => "created".to_owned(),
        Ok(Invited::AlreadyPending(_)) => "already pending".to_owned(),
        Ok(Invited::Replayed(_)) => "replayed".to_owned(),
        Err(error) => error.to_string(),
    }
}

async fn what_comes_of_each_stands_at_its_place(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let waiting = world.invite("kim@customer.example").await?;
    suppress(&world, "gone@customer.example").await?;
    let drafts = [
        customer(1),
        draft("boss@hanbit.example"),
        draft("Gone@customer.example"),
        Draft {
            language: Some("en".to_owned()),
            ..customer(2)
        },
        Draft {
            viewers: vec![
                "counsel@law.example".to_owned(),
                "gone@customer.example".to_owned(),
            ],
            ..customer(3)
        },
        Draft {
            viewers: vec!["boss@hanbit.example".to_owned()],
            ..customer(4)
        },
        draft("Kim@CUSTOMER.example"),
        Draft {
            force: true,
            ..draft("boss@hanbit.example")
        },
        customer(5),
    ];
    let outcomes = make(&world, &drafts).await?;
    let begins = [
        "created",
        "email: the recipient is at the partner's own domain",
        "email: this address takes no mail from here (complaint)",
        "language: no Microsoft Customer Agreement is stored in `en`",
        "viewers: one of them takes no mail from here (complaint)",
        "viewers: one of them is at the partner's own domain",
        "already pending",
        "created",
        "created",
    ];
    assert_eq!(outcomes.len(), begins.len());
    for (outcome, begin) in outcomes.iter().zip(begins) {
        ensure!(
            word(outcome).starts_with(begin),
            "{} / {begin}",
            word(outcome)
        );
    }
    let own_domain = InviteError::Mailbox(MailboxRefusal::OwnDomain).to_string();
    assert_eq!(word(&outcomes[1]), own_domain);
    assert_eq!(outcomes[6].clone()?, Invited::AlreadyPending(waiting));
    assert_eq!(ctx.number("SELECT count(*) FROM invitation").await?, 4);
    Ok(())
}

async fn whoever_is_refused_leaves_nothing_behind(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    suppress(&world, "gone@customer.example").await?;
    let before = ctx.dump_all().await?;
    let drafts = [
        Draft {
            language: Some("en".to_owned()),
            ..customer(1)
        },
        Draft {
            viewers: vec!["gone@customer.example".to_owned()],
            ..customer(2)
        },
        draft("gone@customer.example"),
        draft("boss@hanbit.example"),
    ];
    let outcomes = make(&world, &drafts).await?;
    ensure!(outcomes.iter().all(Result::is_err), "{outcomes:?}");
    assert_eq!(before, ctx.dump_all().await?);
    Ok(())
}

/// All that hangs on the invitations of a partner, but for identifiers.
async fn told(world: &World, partner: PartnerId) -> anyhow::Result<Vec<String>> {
    let mut conn = world.engine.db.read().await?;
    let filter = invitation::Filter {
        partner: Some(partner),
        state: None,
        before: None,
        limit: 100,
    };
    let mut told = Vec::new();
    for row in invitation::list(&mut conn, filter).await? {
        let mut lines = vec![format!(
            "{:?} {} {} {} {} {:?} {:?} {} {} {} {}",
            row.state,
            row.offer,
            row.offer_key,
            row.language,
            row.time_zone,
            row.note,
            row.reference,
            row.source,
            row.forced,
            row.created_at,
            row.expires_at,
        )];
        let organization = storage::organization::find(&mut conn, row.organization_id).await?;
        let organization = organization.expect("an organization");
        lines.push(format!(
            "{} {} {} {}",
            organization.name, organization.name_key, organization.kind, organization.cloud
        ));
        for part in recipient::of_invitation(&mut conn, row.id).await? {
            lines.push(format!(
                "{} {} {} {} {} {} {}",
                part.role,
                part.name,
                part.generation,
                part.key_id,
                part.links_expire_at,
                part.address,
                part.smtp_address
            ));
        }
        for notice in notice::of_subject(&mut conn, row.id.uuid()).await? {
            lines.push(format!(
                "{} {} {} {} {} {:?} {} {}",
                notice.domain,
                notice.channel,
                notice.kind,
                notice.step,
                notice.generation,
                notice.state,
                notice.run_at,
                notice.created_at,
            ));
        }
        for event in event::of_subject(&mut conn, row.id.uuid()).await? {
            lines.push(format!("{} {}", event.kind, event.happened_at));
        }
        lines[2..].sort();
        told.push(lines.join("\n"));
    }
    told.sort();
    Ok(told)
}

/// Each with something of its own: a note, a viewer, a contact or an organization that an earlier one named. The mailboxes are
/// at domains of this name.
fn drafts(name: &str) -> Vec<Draft> {
    let at = |n: usize| format!("n{n}@{name}-{n}.example");
    let mut drafts: Vec<_> = (0..12).map(customer).collect();
    for (n, draft) in drafts.iter_mut().enumerate() {
        draft.email = at(n);
    }
    drafts[1].note = Some("확인 부탁드립니다".to_owned());
    drafts[2].viewers = vec![format!("counsel@{name}-law.example"), at(7)];
    drafts[3].email = at(1).to_uppercase();
    "㈜한빛상사 1".clone_into(&mut drafts[4].organization);
    "㈜한빛상사 1".clone_into(&mut drafts[5].organization);
    drafts[5].cloud = Some("us_gov".to_owned());
    drafts[6].time_zone = Some("Europe/Berlin".to_owned());
    // Of a mailbox, what was said first counts later.
    drafts[8].email = at(6);
    drafts[9].expires_in_days = Some(2);
    drafts[10].organization_kind = Some("school".to_owned());
    drafts[11].agreement = false;
    drafts
}

async fn many_at_once_are_what_one_by_one_would_be(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let mut both = Vec::new();
    for (name, calls) in [("qqa", 12), ("qqb", 1)] {
        let drafts = drafts(name);
        // Some of the mailboxes are there.
        for n in [0, 4, 7] {
            world.invite(&drafts[n].email).await?;
        }
        let partner = world.another_partner(name).await?;
        let items: Vec<Item> = drafts.iter().map(item).collect::<Result<_, _>>()?;
        for items in items.chunks(items.len() / calls) {
            let made = invite_many(&world.engine, trigger(partner), items.to_vec()).await?;
            ensure!(made.iter().all(|it| word(it) == "created"), "{made:?}");
        }
        let mut told = told(&world, partner).await?;
        for line in &mut told {
            *line = line.replace(name, "…").replace(&name.to_uppercase(), "…");
        }
        told.sort();
        assert_eq!(told.len(), drafts.len());
        ensure!(told.iter().any(|told| told.contains("Europe/Berlin")));
        both.push(told);
    }
    for (one_by_one, at_once) in both[0].iter().zip(&both[1]) {
        assert_eq!(one_by_one, at_once);
    }
    // Three partners, what was there, and two who read along with each twelve.
    assert_eq!(seal_all(&world).await?, 3 + 6 + 2 * (12 + 2));
    Ok(())
}

/// How many events there are, all of them sealed.
async fn seal_all(world: &World) -> anyhow::Result<usize> {
    let mut sealed = 0;
    loop {
        let more = seal::seal(&world.engine).await?;
        if more == 0 {
            return Ok(sealed);
        }
        sealed += more;
    }
}

async fn the_first_of_two_equal_ones_is_made(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let equal = |email: &str, organization: &str| Draft {
        organization: organization.to_owned(),
        ..draft(email)
    };
    let drafts = [
        // Refused, so that the next one is the first.
        Draft {
            language: Some("en".to_owned()),
            ..equal("kim@customer.example", "Contoso Ltd")
        },
        equal("kim@customer.example", "Contoso Ltd"),
        equal("Kim@Customer.example", "ｃｏｎｔｏｓｏ ltd"),
        equal("lee@customer.example", "contoso LTD"),
        equal("kim@customer.example", "Fabrikam"),
        equal("lee@customer.example", "Contoso Ltd"),
    ];
    let outcomes = make(&world, &drafts).await?;
    let words: Vec<_> = outcomes[1..].iter().map(word).collect();
    assert_eq!(
        words,
        [
            "created",
            "already pending",
            "created",
            "created",
            "already pending"
        ]
    );
    assert_eq!(outcomes[2].clone()?.id(), outcomes[1].clone()?.id());
    assert_eq!(outcomes[5].clone()?.id(), outcomes[3].clone()?.id());
    assert_eq!(ctx.number("SELECT count(*) FROM contact").await?, 2);
    assert_eq!(ctx.number("SELECT count(*) FROM organization").await?, 2);
    Ok(())
}

async fn a_key_of_an_item_makes_one_invitation(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let kim = customer(1);
    let items = vec![
        with_key(&kim, "a")?,
        with_key(&kim, "a")?,
        with_key(&customer(2), "a")?,
        with_key(&kim, "b")?,
        with_key(&draft("boss@hanbit.example"), "c")?,
        with_key(&customer(3), "c")?,
        item(&customer(4))?,
    ];
    let run = async || invite_many(&world.engine, trigger(world.partner), items.clone()).await;
    let reused = InviteError::KeyReused.to_string();
    let first = run().await?;
    let words: Vec<_> = first.iter().map(word).collect();
    assert_eq!(
        words[..4],
        ["created", "replayed", &*reused, "already pending"]
    );
    assert_eq!(words[5..], ["created", "created"]);
    let ids = |outcomes: &Outcomes| -> BTreeSet<InvitationId> {
        let made = outcomes.iter().filter_map(|it| it.as_ref().ok());
        made.map(|made| made.id()).collect()
    };
    for state in ["while it waits", "when it has ended"] {
        let again = run().await?;
        let words: Vec<_> = again.iter().map(word).collect();
        assert_eq!(
            words[..4],
            ["replayed", "replayed", &*reused, "replayed"],
            "{state}"
        );
        // The key of a refused one was not used by it, but it is by the one after it.
        assert_eq!((&*words[4], &*words[5]), (&*reused, "replayed"), "{state}");
        assert_eq!(ids(&again), ids(&first), "{state}");
        if state == "while it waits" {
            let id = first[0].clone()?.id();
            revoke::revoke(&world.engine, id, Actor::Operator).await?;
        }
    }
    world.pass(2 * DAY);
    let later = run().await?;
    assert_eq!(word(&later[0]), "created", "a key is remembered for a day");
    Ok(())
}

async fn a_thousand_stand_in_a_list_as_they_stood_in_the_call(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let drafts: Vec<_> = (0..MOST).map(customer).collect();
    let outcomes = make(&world, &drafts).await?;
    let ids: Vec<_> = outcomes
        .into_iter()
        .map(|made| made.map(Invited::id))
        .collect::<Result<_, _>>()?;
    ensure!(ids.is_sorted(), "a list is by identifiers");
    let mut conn = world.engine.db.read().await?;
    let last = invitation::find(&mut conn, ids[MOST - 1]).await?;
    assert_eq!(
        last.and_then(|last| last.reference),
        Some(format!("A-{}", MOST - 1))
    );
    drop(conn);
    assert_eq!(ctx.number("SELECT count(*) FROM invitation").await?, 1_000);
    assert_eq!(ctx.number("SELECT count(*) FROM recipient").await?, 1_000);
    assert_eq!(ctx.number("SELECT count(*) FROM notice").await?, 4_000);
    let created = "SELECT count(*) FROM event WHERE kind = 'invitation.created'";
    assert_eq!(ctx.number(created).await?, 1_000);
    let order = event_order(&world, &ids).await?;
    ensure!(order.is_sorted(), "the record is in the order of the call");
    let more: Vec<_> = (0..=MOST).map(customer).collect();
    let refused = make(&world, &more).await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "invitations: at most 1000 are made in one call; send the rest in another one"
    );
    assert_eq!(ctx.number("SELECT count(*) FROM invitation").await?, 1_000);
    Ok(())
}

/// Where the invitations' events stand in the chain of the partner.
async fn event_order(world: &World, ids: &[InvitationId]) -> anyhow::Result<Vec<usize>> {
    seal_all(world).await?;
    let mut conn = world.engine.db.read().await?;
    let chain = event::chain(&mut conn, world.partner, 0, 2_000).await?;
    let places: BTreeMap<_, _> = chain
        .iter()
        .filter(|event| event.kind == EventKind::InvitationCreated.as_str())
        .enumerate()
        .map(|(place, event)| (event.subject_id, place))
        .collect();
    Ok(ids.iter().map(|id| places[&id.uuid()]).collect())
}

async fn a_rehearsal_of_many_leaves_nothing_behind(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    world.invite(&customer(1).email).await?;
    let before = ctx.dump_all().await?;
    let drafts = [
        customer(2),
        customer(3),
        customer(2),
        draft("boss@hanbit.example"),
    ];
    let items: Vec<_> = drafts.iter().map(item).collect::<Result<_, _>>()?;
    let told = rehearse_many(&world.engine, trigger(world.partner), items).await?;
    let words: Vec<_> = told.iter().map(word).collect();
    assert_eq!(words[..3], ["created", "created", "already pending"]);
    ensure!(told[3].is_err());
    assert_eq!(before, ctx.dump_all().await?);
    Ok(())
}

/// A permutation of `0..count` of its own for each `seed`.
fn shuffled(count: usize, seed: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut state = seed as u64 + 1;
    for at in (1..count).rev() {
        // Knuth's linear congruential generator.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        order.swap(at, (state >> 33) as usize % (at + 1));
    }
    order
}

async fn batches_that_name_the_same_in_other_orders_meet_in_peace(ctx: &Ctx) -> Outcome {
    const BATCHES: usize = 16;
    const CUSTOMERS: usize = 40;
    let mut world = World::new(ctx).await?;
    let mut settings = (*world.engine.settings).clone();
    settings.limits.per_recipient_week = Some(1_000);
    world.engine.settings = std::sync::Arc::new(settings);
    let others = [
        world.partner,
        world.another_partner("garam").await?,
        world.another_partner("saebom").await?,
    ];
    for round in 0..3 {
        let batches = (0..BATCHES).map(|batch| {
            let partner = others[batch % others.len()];
            // Each the half of them, in an order of its own; two of each organization, and somebody who reads all of them.
            let drafts = shuffled(CUSTOMERS, round * BATCHES + batch)
                .into_iter()
                .take(CUSTOMERS / 2);
            let drafts = drafts.map(|n| Draft {
                organization: format!("㈜한빛상사 {round}-{}", n / 2),
                viewers: vec![
                    format!("counsel{}@law.example", (n + batch) % 7),
                    format!("n{}-{round}@customer.example", (n + 1) % CUSTOMERS),
                ],
                ..draft(&format!("n{n}-{round}@customer.example"))
            });
            let items: anyhow::Result<Vec<_>> = drafts.map(|draft| item(&draft)).collect();
            let engine = world.engine.clone();
            async move {
                let task = async move {
                    invite_many(&engine, trigger(partner), items?)
                        .await
                        .map_err(anyhow::Error::from)
                };
                anyhow::Ok((partner, tokio::spawn(task).await??))
            }
        });
        let done = try_join_all(batches).await?;
        let mut created = BTreeSet::new();
        for (partner, outcomes) in done {
            for outcome in outcomes {
                if let Invited::Created(id) = outcome? {
                    ensure!(created.insert((partner, id)));
                }
            }
        }
        ensure!(created.len() > CUSTOMERS, "{}", created.len());
    }
    let made = ctx.number("SELECT count(*) FROM invitation").await?;
    let different = ctx
        .number("SELECT count(*) FROM (SELECT DISTINCT partner_id, organization_id, contact_id, offer_key FROM invitation) AS x")
        .await?;
    assert_eq!(made, different);
    assert_eq!(
        ctx.number("SELECT count(*) FROM recipient").await?,
        3 * made
    );
    assert_eq!(
        ctx.number("SELECT count(*) FROM event WHERE kind = 'viewer.added'")
            .await?,
        2 * made
    );
    Ok(())
}

async fn batches_with_the_same_keys_make_each_invitation_once(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    for round in 0..3 {
        let batches = (0..16).map(|batch| {
            let order = shuffled(30, batch);
            let items: anyhow::Result<Vec<_>> = order
                .iter()
                .map(|n| with_key(&customer(round * 100 + n), &format!("k{round}-{n}")))
                .collect();
            let (engine, partner) = (world.engine.clone(), world.partner);
            async move {
                let made = invite_many(&engine, trigger(partner), items?).await?;
                anyhow::Ok((order, made))
            }
        });
        let mut ids: BTreeMap<usize, BTreeSet<InvitationId>> = BTreeMap::new();
        let mut created = 0;
        for (order, made) in try_join_all(batches).await? {
            for (n, made) in order.into_iter().zip(made) {
                let made = made?;
                created += usize::from(matches!(made, Invited::Created(_)));
                ids.entry(n).or_default().insert(made.id());
            }
        }
        assert_eq!(created, 30);
        ensure!(ids.values().all(|ids| ids.len() == 1), "{ids:?}");
    }
    assert_eq!(ctx.number("SELECT count(*) FROM invitation").await?, 90);
    Ok(())
}
