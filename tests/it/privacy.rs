//! What is held of a person: told, erased, and deleted when its time is over, on both databases.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use countersign::demo::sink::{Behaviour, SinkOptions};
use countersign::domain::audit::Actor;
use countersign::domain::delivery::Stage;
use countersign::domain::draft::Draft;
use countersign::domain::ids::{self, InvitationId, LeaseId};
use countersign::domain::inquiry::InquiryState;
use countersign::domain::invitation::{Decline, DeclineReason, StateName};
use countersign::domain::language::Language;
use countersign::domain::notice::{Channel, Kind, NoticeState};
use countersign::domain::relationship::RelationshipState;
use countersign::domain::retention::Class;
use countersign::domain::time::{DAY, HOUR, SECOND};
use countersign::domain::token::Purpose;
use countersign::outbound::memory::Memory;
use countersign::outbound::transport::Transport;
use countersign::storage::inquiry::{Inquiry, Request};
use countersign::storage::queue::{self, Claim, Claiming, Mark, Settlement, Turns};
use countersign::storage::suppression::{self, Suppression};
use countersign::storage::visit::{self, Visit};
use countersign::storage::{
    contact, event, grant, inquiry, invitation, lease, notice, recipient, relationship,
};
use countersign::workflow::manage::{self, Which};
use countersign::workflow::people::{self, Person};
use countersign::workflow::privacy::{self, PrivacyError, Why, Wish};
use countersign::workflow::revoke::StepError;
use countersign::workflow::{accept, decline, evidence, resend, seal, timeline};

use crate::harness::office::{options, smtp, tokens};
use crate::harness::world::draft;
use crate::harness::{Backend, Case, Ctx, Outcome, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(an_erased_person_stands_nowhere).on_each_database(),
        case!(what_is_erased_is_not_in_the_file_either).on_sqlite(),
        case!(an_export_tells_all_and_opens_nothing).on_each_database(),
        case!(an_address_is_known_however_it_is_written).on_each_database(),
        case!(erasing_twice_and_nobody_changes_nothing).on_each_database(),
        case!(a_rehearsal_changes_nothing).on_each_database(),
        case!(evidence_that_is_blank_without_an_erasure_is_found).on_each_database(),
        case!(a_relationship_goes_on_without_its_signer).on_each_database(),
        case!(a_worker_that_holds_a_mail_brings_nothing_back).on_each_database(),
        case!(a_body_under_way_brings_nothing_back).on_each_database(),
        case!(an_erasure_beside_workers_and_invitations_leaves_nothing).on_each_database(),
        case!(an_erased_address_is_left_alone_until_it_is_allowed).on_each_database(),
        case!(others_keep_what_is_theirs).on_each_database(),
        case!(what_is_too_old_goes_and_the_rest_stays).on_each_database(),
        case!(what_is_kept_for_ever_stays).on_each_database(),
        case!(a_day_has_one_sweep).on_each_database(),
    ]
}

const PARK: &str = "Park.Jihun@Customer-of-Park.example";
const NORMAL: &str = "park.jihun@customer-of-park.example";
/// What names the person, in lower case.
const NAMES: [&str; 7] = [
    "park.jihun",
    "박지훈",
    "박 지훈",
    "지훈 박",
    "02-555-0199",
    "203.0.113.77",
    "parkphone",
];

fn wish(address: &str) -> anyhow::Result<Wish> {
    Ok(Wish {
        address: address.parse()?,
        may_be_invited: false,
    })
}

async fn erase(world: &World, address: &str) -> anyhow::Result<privacy::Erasure> {
    Ok(privacy::erase(&world.engine, wish(address)?).await?)
}

/// What of the dump names the person; the evidence apart, which is kept for a time.
fn left(dump: &[String], names: &[&str]) -> Vec<String> {
    let is_left = |row: &&String| {
        let row = row.to_lowercase();
        names.iter().any(|name| row.contains(name))
    };
    dump.iter().filter(is_left).cloned().collect()
}

async fn visit(world: &World, id: InvitationId) -> anyhow::Result<()> {
    let mut conn = world.engine.db.read().await?;
    let part = recipient::signer(&mut conn, id)
        .await?
        .context("a signer")?;
    drop(conn);
    let now = world.now();
    let row = Visit {
        id: ids::fresh(now, &mut rand::rng()),
        recipient_id: part.id,
        purpose: "accept".to_owned(),
        label: "human".to_owned(),
        evidence: String::new(),
        client_address: Some("203.0.113.77".to_owned()),
        user_agent: Some("ParkPhone/1.0".to_owned()),
        visited_at: now,
        times: 1,
        last_at: now,
    };
    let db = &world.engine.db;
    Ok(db
        .write(move |tx| Box::pin(async move { visit::record(tx, &row).await }))
        .await?)
}

async fn inquire(world: &World, address: &str) -> Outcome {
    let now = world.now();
    let mut conn = world.engine.db.read().await?;
    let mailbox = contact::find_by_address(&mut conn, address)
        .await?
        .context("a contact")?;
    drop(conn);
    let key_id = i64::from(world.engine.tokens.current_key());
    let row = Inquiry {
        id: ids::fresh(now, &mut rand::rng()),
        contact_id: mailbox.id,
        state: InquiryState::Unconfirmed,
        name: "박지훈".to_owned(),
        organization: "가온물산㈜".to_owned(),
        phone: Some("02-555-0199".to_owned()),
        size: "50-249".to_owned(),
        needs: r#"["licences"]"#.to_owned(),
        body: Some("박지훈에게 전화 주세요.".to_owned()),
        language: Language::ko(),
        time_zone: "Asia/Seoul".to_owned(),
        key_id,
        links_expire_at: now.plus_micros(DAY),
        created_at: now,
        confirmed_at: None,
    };
    let request = Request {
        id: ids::fresh(now, &mut rand::rng()),
        inquiry_id: row.id,
        partner_id: world.partner,
        key_id,
        links_expire_at: now.plus_micros(DAY),
        sent_at: None,
        invitation_id: None,
        answered_at: None,
    };
    let mail = notice::New {
        id: ids::fresh(now, &mut rand::rng()),
        partner: world.partner,
        domain: "hanbit.example".to_owned(),
        kind: Kind::Inquiry,
        step: 0,
        subject: request.id.uuid(),
        target: world.partner.uuid(),
        generation: 0,
        payload: "{}".to_owned(),
        run_at: now,
    };
    let db = &world.engine.db;
    db.write(move |tx| {
        Box::pin(async move {
            notice::enqueue(tx, &[mail], now).await?;
            inquiry::insert(tx, &row, std::slice::from_ref(&request)).await?;
            inquiry::confirm(tx, row.id, now).await?;
            inquiry::send(tx, row.id, now, now.plus_micros(DAY)).await
        })
    })
    .await?;
    Ok(())
}

async fn accept_as_park(world: &World, id: InvitationId) -> Outcome {
    let mut posted = world.acceptance(id).await?;
    posted.signature.name.family = "박".parse()?;
    posted.signature.name.given = "지훈".parse()?;
    posted.signature.phone = Some("02-555-0199".parse()?);
    posted.client_address = Some("203.0.113.77".to_owned());
    posted.user_agent = Some("ParkPhone/1.0".to_owned());
    let outcome = accept::accept(&world.engine, posted).await?;
    ensure!(
        matches!(outcome, accept::Outcome::Accepted(_)),
        "{outcome:?}"
    );
    Ok(())
}

fn of_park(organization: &str) -> Draft {
    Draft {
        organization: organization.to_owned(),
        name: "박지훈".to_owned(),
        note: Some("박지훈 님, 어제 말씀드린 초대입니다.".to_owned()),
        reference: Some("CRM 4711 박지훈".to_owned()),
        ..draft(PARK)
    }
}

/// All that can happen to one person.
struct Life {
    accepted: InvitationId,
    declined: InvitationId,
    pending: InvitationId,
    bounced: InvitationId,
    handed_over: InvitationId,
}

async fn live(world: &World) -> anyhow::Result<Life> {
    let engine = &world.engine;
    let invite = async |organization: &str, key: Option<&str>| {
        let invited = world
            .try_invite(world.partner, &of_park(organization), key)
            .await?;
        anyhow::Ok(invited.id())
    };
    let accepted = invite("하나상사", Some("row for park.jihun")).await?;
    let declined = invite("둘상사", None).await?;
    let handed_over = invite("셋상사", None).await?;
    world.deliver().await?;
    for id in [accepted, declined, handed_over] {
        visit(world, id).await?;
    }
    accept_as_park(world, accepted).await?;
    let said = Decline {
        reason: DeclineReason::Other,
        text: Some("박지훈입니다. 필요 없습니다.".parse()?),
    };
    let claims = world.claims(declined, Purpose::Accept).await?;
    decline::decline(engine, claims, said).await?;
    let claims = world.claims(handed_over, Purpose::Accept).await?;
    let colleague = Person {
        name: "최수진".parse()?,
        email: "choi@customer-of-park.example".parse()?,
    };
    let outcome = people::hand_over(engine, claims, colleague).await?;
    ensure!(outcome == people::Outcome::Done, "{outcome:?}");
    // Reminded, and bounced by a server that quotes the address.
    let bounced = invite("넷상사", None).await?;
    let sink = world.server(SinkOptions::default()).await?;
    let refusal = format!("550 5.1.1 <{PARK}> 박지훈 is unknown here");
    sink.behave_for(
        "customer-of-park.example",
        Stage::RcptTo,
        Behaviour::Reply(refusal),
    );
    let post = world.post(smtp(&format!("smtp://{}", sink.address()))?);
    world.run(&post).await?;
    let refused = world.notice(bounced, Kind::Invitation).await?;
    ensure!(refused.state == NoticeState::Failed, "{refused:?}");
    world.deliver().await?;
    let pending = invite("다섯상사", None).await?;
    world.pass(5 * DAY);
    world.deliver().await?;
    // Changed.
    let claims = world.claims(accepted, Purpose::Manage).await?;
    let one = Which::Some(vec!["global_administrator".to_owned()]);
    ensure!(manage::remove_roles(engine, claims, one).await? == manage::Change::Done);
    inquire(world, NORMAL).await?;
    // A viewer of somebody else's.
    let others = Draft {
        viewers: vec![PARK.to_owned()],
        note: Some("박지훈 님도 함께 보십니다.".to_owned()),
        ..draft("hong@customer.example")
    };
    world.try_invite(world.partner, &others, None).await?;
    let row = Suppression {
        detail: Some(format!("said by {NORMAL}")),
        ..Suppression::new(&engine.keys, NORMAL, "complaint", world.now())
    };
    let db = &engine.db;
    db.write(move |tx| Box::pin(async move { suppression::insert(tx, &row).await }))
        .await?;
    seal::seal(engine).await?;
    Ok(Life {
        accepted,
        declined,
        pending,
        bounced,
        handed_over,
    })
}

async fn state(world: &World, id: InvitationId) -> anyhow::Result<StateName> {
    let mut conn = world.engine.db.read().await?;
    Ok(invitation::find(&mut conn, id)
        .await?
        .context("a row")?
        .state)
}

async fn verified(world: &World) -> Outcome {
    seal::seal(&world.engine).await?;
    let report = seal::verify(&world.engine, &[]).await?;
    assert_eq!((report.findings, report.unsealed), (vec![], 0));
    Ok(())
}

async fn an_erased_person_stands_nowhere(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let life = live(&world).await?;
    let checkpoints = seal::checkpoints(&world.engine).await?;
    let tables = |rows: &[String]| {
        let mut tables: Vec<_> = rows
            .iter()
            .filter_map(|row| row.split(':').next())
            .map(str::to_owned)
            .collect();
        tables.dedup();
        tables
    };
    let before = left(&ctx.dump_all().await?, &NAMES);
    for table in [
        "acceptance",
        "attempt",
        "contact",
        "inquiry",
        "invitation",
        "notice",
        "recipient",
        "suppression",
        "visit",
    ] {
        ensure!(
            tables(&before).contains(&table.to_owned()),
            "{table} does not name the person before"
        );
    }

    let erasure = erase(&world, "PARK.jihun@customer-of-park.EXAMPLE").await?;
    let revoked: Vec<_> = erasure.revoked.iter().map(|it| it.invitation).collect();
    assert_eq!(revoked.len(), 2);
    ensure!(revoked.contains(&life.bounced) && revoked.contains(&life.pending));
    assert_eq!((erasure.inquiries, erasure.visits), (1, 3));
    assert_eq!((erasure.relationships.len(), erasure.suppressed), (1, true));
    assert_eq!(erasure.evidence.len(), 1);
    assert_eq!(erasure.evidence[0].why, Why::RelationshipHolds);
    ensure!(erasure.cancelled > 0);
    // What was asked does not go to the partner any more.
    let asked = "SELECT count(*) FROM notice WHERE kind = 'inquiry' AND state = 'cancelled' AND last_reply = 'erased'";
    assert_eq!(ctx.number(asked).await?, 1);
    // The evidence alone names the person now.
    let after = ctx.dump_all().await?;
    assert_eq!(
        tables(&left(&after, &NAMES)),
        ["acceptance"],
        "{:#?}",
        left(&after, &NAMES)
    );
    // Not even its domain, which may be the person's own, but for the colleague's mailbox and where mail went.
    let others = ["notice", "lane", "contact", "acceptance"];
    let domain = left(&after, &["customer-of-park"]);
    ensure!(
        tables(&domain)
            .iter()
            .all(|table| others.contains(&table.as_str())),
        "{domain:#?}"
    );
    let of = |table: &str| domain.iter().filter(|row| row.starts_with(table)).count();
    // An invitation, two reminders and the last one.
    assert_eq!((of("contact"), of("notice")), (1, 4), "{domain:#?}");
    verified(&world).await?;
    let report = seal::verify(&world.engine, &checkpoints).await?;
    assert_eq!((report.findings, report.acceptances), (vec![], 1));
    assert_eq!(
        evidence::export(&world.engine, life.accepted)
            .await?
            .faults(),
        [""; 0]
    );
    assert_eq!(state(&world, life.handed_over).await?, StateName::Pending);
    for id in [
        life.accepted,
        life.declined,
        life.pending,
        life.bounced,
        life.handed_over,
    ] {
        let told = timeline::of(&world.engine, id)
            .await?
            .context("a time line")?;
        ensure!(told.lines.iter().any(|line| line.what == "person.erased"));
    }
    nothing_goes_there(&world, life.bounced).await?;
    what_was_kept_goes(ctx, &world, life.accepted, &checkpoints).await
}

/// No mail goes to an erased person, also when an operator asks for it.
async fn nothing_goes_there(world: &World, bounced: InvitationId) -> Outcome {
    let mut conn = world.engine.db.read().await?;
    for row in notice::of_subject(&mut conn, bounced.uuid()).await? {
        if row.kind == Kind::Invitation {
            let (id, now) = (row.id, world.now());
            let db = &world.engine.db;
            ensure!(
                db.write(move |tx| Box::pin(async move { notice::retry(tx, id, now).await }))
                    .await?
            );
        }
    }
    drop(conn);
    world.pass(60 * DAY);
    for mail in world.deliver().await? {
        ensure!(
            !mail.to.contains("park") && !mail.to.contains("erased"),
            "{}",
            mail.to
        );
        ensure!(
            left(&[mail.everything()], &NAMES).is_empty(),
            "{}",
            mail.everything()
        );
    }
    Ok(())
}

/// What is kept can be told, and goes when its time is over: years after the relationship ended.
async fn what_was_kept_goes(
    ctx: &Ctx,
    world: &World,
    accepted: InvitationId,
    checkpoints: &[seal::Checkpoint],
) -> Outcome {
    let document = privacy::export(&world.engine, &PARK.parse()?).await?;
    let names: Vec<_> = document
        .sections
        .iter()
        .map(|section| section.name)
        .collect();
    assert_eq!(names, ["evidence", "suppressions"]);
    ctx.sql("UPDATE relationship SET state = 'ended', ended_at = updated_at")
        .await?;
    world.pass(4 * 365 * DAY);
    privacy::sweep(&world.engine).await?;
    assert_eq!(erase(world, PARK).await?.evidence[0].why, Why::TimeNotOver);
    world.pass(2 * 365 * DAY);
    let swept = privacy::sweep(&world.engine).await?;
    ensure!(
        swept
            .iter()
            .any(|due| due.class == Class::Evidence && due.rows == 1),
        "{swept:?}"
    );
    let gone = ctx.dump_all().await?;
    assert_eq!(left(&gone, &NAMES), [""; 0]);
    verified(world).await?;
    let report = seal::verify(&world.engine, checkpoints).await?;
    assert_eq!(report.findings, []);
    let refused = evidence::export(&world.engine, accepted).await;
    ensure!(matches!(refused, Err(StepError::Erased)), "{refused:?}");
    ensure!(timeline::of(&world.engine, accepted).await?.is_some());
    Ok(())
}

async fn what_is_erased_is_not_in_the_file_either(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let declined = world
        .try_invite(world.partner, &of_park("하나상사"), None)
        .await?
        .id();
    visit(&world, declined).await?;
    inquire(&world, NORMAL).await?;
    erase(&world, PARK).await?;
    world.engine.db.close().await;
    let file = ctx
        .database_url()
        .strip_prefix("sqlite://")
        .context("a file")?;
    let mut bytes = std::fs::read(file)?;
    let log = format!("{file}-wal");
    bytes.extend(std::fs::read(log).unwrap_or_default());
    let text = String::from_utf8_lossy(&bytes).to_lowercase();
    for name in NAMES {
        ensure!(!text.contains(name), "{name} is still in the file");
    }
    Ok(())
}

async fn an_export_tells_all_and_opens_nothing(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    live(&world).await?;
    let before = ctx.dump_all().await?;
    let document = privacy::export(&world.engine, &NORMAL.parse()?).await?;
    assert_eq!(before, ctx.dump_all().await?);
    let names: Vec<_> = document
        .sections
        .iter()
        .map(|section| section.name)
        .collect();
    assert_eq!(
        names,
        [
            "contact",
            "recipients",
            "invitations",
            "relationships",
            "consents",
            "inquiries",
            "inquiries_to_partners",
            "notices",
            "visits",
            "events",
            "evidence",
            "suppressions"
        ]
    );
    for section in &document.sections {
        ensure!(!section.purpose.is_empty() && !section.kept.is_empty());
    }
    let text = serde_json::to_string(&document)?;
    for name in [
        "박지훈입니다. 필요 없습니다.",
        "어제 말씀드린",
        "is unknown here",
        "203.0.113.77",
        "ParkPhone/1.0",
        "전화 주세요",
        NORMAL,
    ] {
        ensure!(text.contains(name), "{name} is not told");
    }
    assert_eq!(tokens(&text), [""; 0]);
    for field in ["\"key_id\":", "\"salt\":", "\"generation\":"] {
        let beside: Vec<_> = document
            .sections
            .iter()
            .filter(|section| section.name != "evidence" && section.name != "events")
            .collect();
        ensure!(!serde_json::to_string(&beside)?.contains(field), "{field}");
    }
    // Of others, what they had a part in is no matter of this person.
    ensure!(!text.contains("hong@customer.example") && !text.contains("choi@"));
    Ok(())
}

async fn an_address_is_known_however_it_is_written(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    world.invite("Kim.Minsu@예시.한국").await?;
    let written = "kim.minsu@XN--VV4B11D.xn--3e0b707e";
    let document = privacy::export(&world.engine, &written.parse()?).await?;
    assert_eq!(document.address, "kim.minsu@xn--vv4b11d.xn--3e0b707e");
    assert_eq!(erase(&world, written).await?.invitations, 1);
    assert_eq!(
        left(&ctx.dump_all().await?, &["kim.minsu", "홍길동"]),
        [""; 0]
    );
    Ok(())
}

async fn erasing_twice_and_nobody_changes_nothing(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    world.invite(PARK).await?;
    let before = ctx.dump_all().await?;
    let nobody = privacy::erase(&world.engine, wish("nobody@customer.example")?).await;
    ensure!(matches!(nobody, Err(PrivacyError::NotFound)), "{nobody:?}");
    let nobody = privacy::export(&world.engine, &"nobody@customer.example".parse()?).await;
    ensure!(matches!(nobody, Err(PrivacyError::NotFound)));
    assert_eq!(before, ctx.dump_all().await?);
    erase(&world, PARK).await?;
    let before = ctx.dump_all().await?;
    let again = privacy::erase(&world.engine, wish(PARK)?).await;
    ensure!(matches!(again, Err(PrivacyError::Erased)), "{again:?}");
    let told = privacy::export(&world.engine, &PARK.parse()?).await;
    ensure!(matches!(told, Err(PrivacyError::Erased)));
    // The name that stands in its place is nobody's.
    let placeholder = ctx.rows("SELECT address FROM contact").await?.concat();
    ensure!(placeholder.ends_with("@erased.invalid"), "{placeholder}");
    assert_eq!(before, ctx.dump_all().await?);
    Ok(())
}

async fn a_rehearsal_changes_nothing(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    live(&world).await?;
    let before = ctx.dump_all().await?;
    let planned = privacy::rehearse(&world.engine, wish(PARK)?).await?;
    assert_eq!(before, ctx.dump_all().await?);
    assert_eq!(planned, erase(&world, PARK).await?);
    Ok(())
}

async fn evidence_that_is_blank_without_an_erasure_is_found(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let one = world
        .try_invite(
            world.partner,
            &Draft {
                partner_type: None,
                ..of_park("하나상사")
            },
            None,
        )
        .await?
        .id();
    accept_as_park(&world, one).await?;
    let other = world.invite("hong@customer.example").await?;
    accept::accept(&world.engine, world.acceptance(other).await?).await?;
    seal::seal(&world.engine).await?;
    let keep = "CREATE TABLE kept AS SELECT id, canonical, salt FROM acceptance";
    ctx.sql(keep).await?;
    let restore = "UPDATE acceptance SET canonical = (SELECT canonical FROM kept WHERE kept.id = acceptance.id), \
                   salt = (SELECT salt FROM kept WHERE kept.id = acceptance.id)";
    let blank = "UPDATE acceptance SET canonical = '', salt = (SELECT none FROM empty)";
    let empty = match ctx.backend() {
        Backend::Sqlite => "CREATE TABLE empty AS SELECT X'' AS none",
        Backend::Postgres => "CREATE TABLE empty AS SELECT ''::bytea AS none",
    };
    ctx.sql(empty).await?;
    for edit in [
        blank,
        "UPDATE acceptance SET canonical = ''",
        "UPDATE acceptance SET salt = (SELECT none FROM empty)",
    ] {
        ctx.sql(edit).await?;
        let found = seal::verify(&world.engine, &[]).await?.findings;
        assert_eq!(found.len(), 2, "{edit}: {found:?}");
        ctx.sql(restore).await?;
    }
    verified(&world).await?;
    // One is erased when its time is over, and the other's blanking shows all the same.
    world.pass(6 * 365 * DAY);
    let erasure = erase(&world, PARK).await?;
    assert_eq!(erasure.evidence[0].why, Why::TimeOver);
    // Before the entry is sealed, and after.
    assert_eq!(seal::verify(&world.engine, &[]).await?.findings, []);
    verified(&world).await?;
    ctx.sql(blank).await?;
    let found = seal::verify(&world.engine, &[]).await?.findings;
    assert_eq!(found.len(), 1, "{found:?}");
    ctx.sql("DELETE FROM event WHERE kind = 'evidence.erased'")
        .await?;
    let found = seal::verify(&world.engine, &[]).await?.findings;
    ensure!(found.len() > 2, "{found:?}");
    Ok(())
}

async fn a_relationship_goes_on_without_its_signer(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let offer = Draft {
        auto_extend: true,
        partner_type: Some("advisor".to_owned()),
        duration: Some("P60D".to_owned()),
        ..of_park("하나상사")
    };
    let id = world.try_invite(world.partner, &offer, None).await?.id();
    let mut posted = world.acceptance(id).await?;
    posted.signature.auto_extend = true;
    accept::accept(&world.engine, posted).await?;
    let link = world.claims(id, Purpose::Manage).await?;
    let receipt = world.claims(id, Purpose::Receipt).await?;
    world.deliver().await?;
    let mut conn = world.engine.db.read().await?;
    let mailbox = contact::find_by_address(&mut conn, NORMAL)
        .await?
        .context("a contact")?;
    drop(conn);
    let erasure = erase(&world, PARK).await?;
    assert_eq!(erasure.relationships.len(), 1);
    let mut conn = world.engine.db.read().await?;
    let found = relationship::find(&mut conn, erasure.relationships[0])
        .await?
        .context("a row")?;
    assert_eq!(found.state, RelationshipState::Active);
    let grants = grant::active_of(&mut conn, [found.id]).await?;
    ensure!(!grants.is_empty() && grants.iter().all(|grant| !grant.auto_extend));
    ensure!(
        event::count_of_subject(&mut conn, id.uuid(), "extension.stopped".parse()?).await? == 1
    );
    drop(conn);
    // No link of before does anything.
    let open = manage::open(&world.engine, &link)
        .await?
        .context("a relationship")?;
    assert_eq!(
        open.standing,
        countersign::workflow::link::Standing::Replaced
    );
    assert_eq!(
        manage::end(&world.engine, link).await?,
        manage::Change::Replaced
    );
    let opened = countersign::workflow::link::open(&world.engine, &receipt)
        .await?
        .context("a row")?;
    assert_eq!(
        opened.standing,
        countersign::workflow::link::Standing::Replaced
    );
    resend::ask_for_link(&world.engine, world.claims(id, Purpose::Accept).await?).await?;
    let list = manage::list(
        &world.engine,
        &countersign::domain::token::Claims {
            subject: mailbox.id.uuid(),
            ..link
        },
    )
    .await?;
    ensure!(list.is_none());
    visit(&world, id).await?;
    assert_eq!(ctx.number("SELECT count(*) FROM visit").await?, 0);
    // The partner hears of the end, and nobody else.
    // A Monday: working hours.
    world.pass(71 * DAY);
    let (summary, mails) = world.deliver_and_count().await?;
    ensure!(
        !mails.is_empty(),
        "{summary:?} {:#?}",
        ctx.rows("SELECT kind || ' ' || state || ' ' || coalesce(last_reply, '') FROM notice")
            .await?
    );
    for mail in &mails {
        assert_eq!(mail.to, "partner@hanbit.example");
        ensure!(
            left(&[mail.everything()], &NAMES).is_empty(),
            "{}",
            mail.everything()
        );
    }
    let mut conn = world.engine.db.read().await?;
    ensure!(grant::active_of(&mut conn, [found.id]).await?.is_empty());
    Ok(())
}

/// A worker by hand: it claims, and books what it is told.
struct Hand {
    lease: LeaseId,
}

impl Hand {
    async fn claim(world: &World) -> anyhow::Result<(Self, Vec<queue::Claimed>)> {
        let lease: LeaseId = ids::fresh(world.now(), &mut rand::rng());
        let claim = Claim {
            lease,
            channel: Channel::Mail,
            ttl: 45 * SECOND,
            limit: 10,
            domain_in_flight: 100,
            domain_interval: None,
            now: world.now(),
        };
        let claiming = world
            .engine
            .db
            .write(move |tx| {
                Box::pin(async move {
                    lease::take(tx, lease, "test", 45 * SECOND).await?;
                    queue::claim(tx, &claim, &mut Turns::default()).await
                })
            })
            .await?;
        match claiming {
            Claiming::Claimed(batch) => Ok((Self { lease }, batch.notices)),
            Claiming::LeaseLost => anyhow::bail!("the lease is lost"),
        }
    }

    async fn book(
        &self,
        world: &World,
        of: &queue::Claimed,
        marks: bool,
    ) -> anyhow::Result<queue::Booked> {
        let mark = Mark {
            notice: of.id,
            number: of.attempts,
            lease: self.lease,
            message_id: format!("{}@sign.example", of.id),
            dated_at: world.now(),
            sha256: [7; 32],
            // Whoever is left alone is known only by that; the lease alone has to hold this off.
            mailbox: None,
        };
        let settlement = Settlement {
            notice: of.id,
            number: of.attempts,
            lease: self.lease,
            state: NoticeState::Failed,
            run_at: None,
            failed: true,
            outcome: "failed",
            stage: Some("rcpt_to"),
            reply: Some(format!("550 5.1.1 <{PARK}> unknown")),
        };
        let now = world.now();
        let (marks, settlements) = if marks {
            (vec![mark], vec![])
        } else {
            (vec![], vec![settlement])
        };
        let db = &world.engine.db;
        Ok(db
            .write_one(move |tx| {
                Box::pin(async move { queue::book(tx, &marks, &settlements, now).await })
            })
            .await?)
    }
}

async fn a_worker_that_holds_a_mail_brings_nothing_back(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world
        .try_invite(world.partner, &of_park("하나상사"), None)
        .await?
        .id();
    let (hand, claimed) = Hand::claim(&world).await?;
    assert_eq!(claimed.len(), 1);
    let erasure = erase(&world, PARK).await?;
    assert_eq!(
        erasure.cancelled, 4,
        "the one under way, two reminders, the last chance"
    );
    ensure!(
        hand.book(&world, &claimed[0], true)
            .await?
            .marked
            .is_empty()
    );
    ensure!(
        hand.book(&world, &claimed[0], false)
            .await?
            .settled
            .is_empty()
    );
    // The worker dies, and its lease is swept.
    ctx.sql("UPDATE lease SET valid_until = 0").await?;
    let now = world.now();
    let db = &world.engine.db;
    db.write(move |tx| Box::pin(async move { lease::sweep(tx, now).await }))
        .await?;
    let row = world.notice(id, Kind::Invitation).await?;
    assert_eq!(
        (row.state, row.last_reply.as_deref()),
        (NoticeState::Cancelled, Some("erased"))
    );
    assert_eq!(world.endings(&row).await?, ["cancelled"]);
    assert_eq!(left(&ctx.dump_all().await?, &NAMES), [""; 0]);
    Ok(())
}

/// The body left before the erasure, and the server's answer comes after it.
async fn a_body_under_way_brings_nothing_back(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world
        .try_invite(world.partner, &of_park("하나상사"), None)
        .await?
        .id();
    let (hand, claimed) = Hand::claim(&world).await?;
    assert_eq!(hand.book(&world, &claimed[0], true).await?.marked.len(), 1);
    erase(&world, PARK).await?;
    ensure!(
        hand.book(&world, &claimed[0], false)
            .await?
            .settled
            .is_empty()
    );
    let row = world.notice(id, Kind::Invitation).await?;
    assert_eq!(world.endings(&row).await?, ["ambiguous"]);
    assert_eq!(left(&ctx.dump_all().await?, &NAMES), [""; 0]);
    verified(&world).await
}

async fn an_erasure_beside_workers_and_invitations_leaves_nothing(ctx: &Ctx) -> Outcome {
    const PEOPLE: usize = 12;
    let world = World::new(ctx).await?;
    let address = |n: usize| format!("victim{n}@customer.example");
    world.invite_many(PEOPLE, address).await?;
    let sink = world.server(SinkOptions::default()).await?;
    sink.behave(Stage::Body, Behaviour::Slow(Duration::from_millis(30)));
    let post = world.post(smtp(&format!("smtp://{}", sink.address()))?);
    let workers = [world.start(&post, options()), world.start(&post, options())];
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..PEOPLE {
        let engine = world.engine.clone();
        tasks.spawn(async move {
            privacy::erase(&engine, wish(&address(n))?)
                .await
                .map_err(anyhow::Error::from)
        });
        let (engine, partner, email) = (world.engine.clone(), world.partner, address(n));
        tasks.spawn(async move {
            // Meanwhile somebody else invites the same people: before the erasure, after it, or not at all.
            let trigger = countersign::workflow::invite::Trigger {
                partner,
                source: countersign::domain::draft::Source::Cli,
                actor: Actor::Operator,
                api_key: None,
                asked_for: false,
            };
            let other = Draft {
                organization: "다른상사".to_owned(),
                ..draft(&email)
            };
            let request = other.check().map_err(|e| anyhow::anyhow!("{e:?}"))?;
            match countersign::workflow::invite::invite(&engine, trigger, request).await {
                Ok(_) => {}
                Err(countersign::workflow::invite::InviteError::Storage(error))
                    if error.is_passing() => {}
                Err(error) => drop(error.into_fields()?),
            }
            anyhow::bail!("invited")
        });
    }
    while let Some(done) = tasks.join_next().await {
        if let Err(error) = done? {
            ensure!(error.to_string() == "invited", "{error:?}");
        }
    }
    for worker in workers {
        worker.stop().await?;
    }
    // Whoever was invited between the two is erased now.
    for n in 0..PEOPLE {
        match privacy::erase(&world.engine, wish(&address(n))?).await {
            Ok(_) | Err(PrivacyError::Erased) => {}
            Err(error) => return Err(error.into()),
        }
    }
    assert_eq!(left(&ctx.dump_all().await?, &["victim"]), [""; 0]);
    let running = world.count_in(NoticeState::Running).await?;
    assert_eq!((running, world.count_in(NoticeState::Ready).await?), (0, 0));
    // Nobody gets anything after it.
    let memory = Memory::default();
    world.pass(40 * DAY);
    world
        .run(&world.post(Transport::Memory(memory.clone())))
        .await?;
    for mail in memory.take() {
        assert_eq!(mail.rcpt_to, "partner@hanbit.example");
    }
    verified(&world).await
}

async fn an_erased_address_is_left_alone_until_it_is_allowed(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    world.invite(PARK).await?;
    ensure!(matches!(
        privacy::allow(&world.engine, &PARK.parse()?).await,
        Err(PrivacyError::NotErased)
    ));
    erase(&world, PARK).await?;
    let refused = world
        .invite("park.JIHUN@customer-of-park.example")
        .await
        .unwrap_err();
    ensure!(
        refused
            .to_string()
            .contains("takes no mail from here (erased)"),
        "{refused}"
    );
    privacy::allow(&world.engine, &PARK.parse()?).await?;
    world.invite(PARK).await?;
    let free = Wish {
        may_be_invited: true,
        ..wish(PARK)?
    };
    ensure!(
        !privacy::erase(&world.engine, free.clone())
            .await?
            .suppressed
    );
    world.invite(PARK).await?;
    // A complaint is not forgotten with the person.
    let row = Suppression::new(&world.engine.keys, NORMAL, "complaint", world.now());
    let db = &world.engine.db;
    db.write(move |tx| Box::pin(async move { suppression::insert(tx, &row).await }))
        .await?;
    ensure!(privacy::erase(&world.engine, free).await?.suppressed);
    ensure!(world.invite(PARK).await.is_err());
    ensure!(matches!(
        privacy::allow(&world.engine, &PARK.parse()?).await,
        Err(PrivacyError::NotErased)
    ));
    assert_eq!(left(&ctx.dump_all().await?, &NAMES), [""; 0]);
    Ok(())
}

async fn others_keep_what_is_theirs(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let life = live(&world).await?;
    let others = |rows: Vec<String>| -> Vec<String> {
        let is_theirs = |row: &String| {
            row.contains("hong@customer.example") || row.contains("choi@") || row.contains("최수진")
        };
        rows.into_iter().filter(is_theirs).collect()
    };
    let before = others(ctx.dump_all().await?);
    ensure!(before.len() >= 3);
    erase(&world, PARK).await?;
    assert_eq!(before, others(ctx.dump_all().await?));
    // The colleague who took over can still answer.
    accept::accept(&world.engine, world.acceptance(life.handed_over).await?).await?;
    assert_eq!(state(&world, life.handed_over).await?, StateName::Accepted);
    Ok(())
}

async fn what_is_too_old_goes_and_the_rest_stays(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let life = live(&world).await?;
    world.deliver().await?;
    assert_eq!(
        privacy::due(&world.engine)
            .await?
            .iter()
            .map(|due| due.rows)
            .sum::<u64>(),
        0
    );
    world.pass(181 * DAY);
    let young = world.invite("young@customer.example").await?;
    visit(&world, young).await?;
    let due = privacy::due(&world.engine).await?;
    assert_eq!(due, privacy::sweep(&world.engine).await?);
    let rows = |due: &[privacy::Due], class: Class| {
        due.iter()
            .find(|due| due.class == class)
            .map(|due| due.rows)
    };
    let classes =
        [Class::Visits, Class::Notices, Class::Invitations].map(|class| rows(&due, class));
    assert_eq!(classes, [Some(3), Some(0), Some(0)]);
    // What nobody answered ends only now.
    world.deliver().await?;
    assert_eq!(ctx.number("SELECT count(*) FROM visit").await?, 1);
    world.pass(401 * DAY);
    let due = privacy::due(&world.engine).await?;
    let swept = privacy::sweep(&world.engine).await?;
    for class in [
        Class::Visits,
        Class::Notices,
        Class::Invitations,
        Class::Inquiries,
    ] {
        ensure!(
            rows(&due, class) == rows(&swept, class) && rows(&due, class) > Some(0),
            "{due:?} {swept:?}"
        );
    }
    let left: u64 = privacy::due(&world.engine)
        .await?
        .iter()
        .map(|due| due.rows)
        .sum();
    assert_eq!(left, 0);
    let mut conn = world.engine.db.read().await?;
    for id in [life.declined, life.pending, life.bounced, life.handed_over] {
        ensure!(
            invitation::find(&mut conn, id).await?.is_none(),
            "{id} stays"
        );
    }
    for id in [life.accepted, young] {
        ensure!(
            invitation::find(&mut conn, id).await?.is_some(),
            "{id} is gone"
        );
    }
    assert_eq!(ctx.number("SELECT count(*) FROM inquiry").await?, 0);
    ensure!(
        contact::find_by_address(&mut conn, "choi@customer-of-park.example")
            .await?
            .is_none()
    );
    ensure!(contact::find_by_address(&mut conn, NORMAL).await?.is_some());
    drop(conn);
    ensure!(timeline::of(&world.engine, life.accepted).await?.is_some());
    assert_eq!(
        evidence::export(&world.engine, life.accepted)
            .await?
            .faults(),
        [""; 0]
    );
    verified(&world).await
}

async fn what_is_kept_for_ever_stays(ctx: &Ctx) -> Outcome {
    let mut world = World::new(ctx).await?;
    let mut settings = (*world.engine.settings).clone();
    settings.retention.visits_days = None;
    settings.retention.notices_days = None;
    settings.retention.invitations_days = None;
    settings.retention.inquiries_days = None;
    world.engine.settings = std::sync::Arc::new(settings);
    live(&world).await?;
    world.pass(20 * 365 * DAY);
    let before = ctx.dump_all().await?;
    privacy::sweep(&world.engine).await?;
    assert_eq!(before, ctx.dump_all().await?);
    Ok(())
}

async fn a_day_has_one_sweep(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite(PARK).await?;
    visit(&world, id).await?;
    ensure!(!privacy::sweep_daily(&world.engine).await?.is_empty());
    world.pass(22 * HOUR);
    ensure!(privacy::sweep_daily(&world.engine).await?.is_empty());
    world.pass(200 * DAY);
    // A run until nothing is due, as `tick` is, deletes what is too old.
    world.deliver().await?;
    assert_eq!(ctx.number("SELECT count(*) FROM visit").await?, 0);
    let both = tokio::join!(
        privacy::sweep_daily(&world.engine),
        privacy::sweep_daily(&world.engine)
    );
    ensure!(both.0?.is_empty() && both.1?.is_empty());
    Ok(())
}
