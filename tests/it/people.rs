//! Who answers an invitation and who reads along: handed over, corrected, copied in, on both databases.

use anyhow::{Context as _, ensure};
use countersign::demo::sink::Behaviour;
use countersign::domain::audit::Actor;
use countersign::domain::delivery::Stage;
use countersign::domain::draft::Draft;
use countersign::domain::ids::{InvitationId, PartnerId};
use countersign::domain::invitation::StateName;
use countersign::domain::notice::{Kind, NoticeState};
use countersign::domain::people::{MOST_HANDOVERS, MOST_VIEWERS};
use countersign::domain::time::{DAY, HOUR};
use countersign::domain::token::Purpose;
use countersign::storage::{dossier, invitation, recipient, suppression};
use countersign::workflow::people::{self, Correction};
use countersign::workflow::revoke::StepError;
use countersign::workflow::{resend, stop};

use crate::harness::office::{Mail, tokens};
use crate::harness::world::draft;
use crate::harness::{Case, Ctx, Outcome, Served, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(a_colleague_answers_by_a_new_link_and_the_old_one_ends).on_each_database(),
        case!(an_invitation_is_handed_over_inside_its_domain_only).on_each_database(),
        case!(an_invitation_changes_hands_a_few_times_and_may_come_back).on_each_database(),
        case!(nobody_hands_over_what_is_over).on_each_database(),
        case!(a_viewer_reads_and_never_answers).on_each_database(),
        case!(few_may_read_along_and_each_is_mailed_once).on_each_database(),
        case!(viewers_come_with_the_invitation_and_go_with_its_successor).on_each_database(),
        case!(a_bounced_address_is_corrected_and_sent_again).on_each_database(),
        case!(a_correction_that_cannot_be_names_what_is_wrong).on_each_database(),
        case!(a_receipt_that_cannot_be_delivered_is_told_to_the_partner).on_each_database(),
        case!(a_copy_that_cannot_be_delivered_leaves_the_invitation_as_it_is).on_each_database(),
        case!(reminders_that_were_stopped_start_over_with_consent).on_each_database(),
        case!(a_former_link_stops_asks_for_and_reads_nothing_of_the_next_one).on_each_database(),
        case!(an_older_link_brings_nothing_back_to_a_mailbox_that_was_corrected).on_each_database(),
        case!(whom_a_wrong_mailbox_let_read_along_reads_no_more).on_each_database(),
        case!(whom_a_wrong_mailbox_chose_goes_with_it_after_a_resend).on_each_database(),
        case!(a_mailbox_that_stopped_reminders_is_not_reminded_after_a_correction_and_back)
            .on_each_database(),
        case!(an_invitation_that_is_sent_again_waits_no_longer_than_the_longest_may)
            .on_each_database(),
        case!(a_viewer_is_removed_by_whoever_is_asked).on_each_database(),
        case!(corrections_use_up_no_handing_over_and_what_was_forced_goes_with_its_address)
            .on_each_database(),
        case!(a_suppressed_viewer_is_taken_like_any_other_and_mailed_nothing).on_each_database(),
    ]
}

const HONG: &str = "hong@customer.example";
const KIM: &str = "kim@customer.example";

/// An invitation to Hong that was mailed, its pages, and its acceptance token.
struct Invited {
    world: World,
    served: Served,
    id: InvitationId,
    token: String,
}

impl Invited {
    async fn new(ctx: &Ctx) -> anyhow::Result<Self> {
        let world = World::new(ctx).await?;
        let served = Served::new(&world).await?;
        let id = world.invite(HONG).await?;
        world.deliver().await?;
        let token = served.token(id, Purpose::Accept).await?;
        Ok(Self {
            world,
            served,
            id,
            token,
        })
    }

    async fn hand_over(&self, token: &str, email: &str) -> anyhow::Result<(u16, String)> {
        let form = [("token", token), ("name", "김하나"), ("email", email)];
        let page = self.served.post("/hand-over", &form).await?;
        Ok((page.status, page.text().to_owned()))
    }

    async fn add_viewer(&self, email: &str) -> anyhow::Result<(u16, String)> {
        let form = [("token", self.token.as_str()), ("email", email)];
        let page = self.served.post("/add-viewer", &form).await?;
        Ok((page.status, page.text().to_owned()))
    }

    async fn correct(&self, email: &str, actor: Actor) -> anyhow::Result<Result<(), StepError>> {
        let to = Correction {
            email: email.parse()?,
            name: None,
            force: false,
        };
        Ok(people::correct(&self.world.engine, self.id, to, actor).await)
    }
}

fn to<'a>(mails: &'a [Mail], address: &str) -> Vec<&'a Mail> {
    mails.iter().filter(|mail| mail.to == address).collect()
}

/// The token of that purpose in a mail.
fn token(world: &World, mail: &Mail, purpose: Purpose) -> Option<String> {
    tokens(&mail.text()).into_iter().find(|token| {
        let claims = world.engine.tokens.authenticate(token);
        claims.is_some_and(|claims| claims.purpose == purpose)
    })
}

async fn leave_alone(world: &World, address: &str) -> anyhow::Result<()> {
    let new = suppression::Suppression::new(&world.engine.keys, address, "complaint", world.now());
    let db = &world.engine.db;
    db.write(move |tx| Box::pin(async move { suppression::insert(tx, &new).await }))
        .await?;
    Ok(())
}

async fn a_colleague_answers_by_a_new_link_and_the_old_one_ends(ctx: &Ctx) -> Outcome {
    let hong = Invited::new(ctx).await?;
    let world = &hong.world;
    world.pass(DAY);
    let (status, page) = hong.hand_over(&hong.token, KIM).await?;
    assert_eq!(status, 200, "{page}");
    ensure!(page.contains("담당자에게 넘겼습니다") && page.contains(KIM));
    let mails = world.deliver().await?;
    assert_eq!(mails.len(), 2, "the colleague and the partner");
    let kim = to(&mails, KIM);
    let kim = kim.first().context("a mail to the colleague")?;
    let theirs = token(world, kim, Purpose::Accept).context("an acceptance link")?;
    let partner = mails.iter().find(|mail| mail.to != KIM).context("news")?;
    ensure!(partner.text().contains(HONG) && partner.text().contains(KIM));
    ensure!(
        tokens(&partner.everything()).is_empty(),
        "a link of the customer's"
    );
    // The former link shows that it is over, offers nothing, and changes nothing.
    let before = ctx.dump().await?;
    let old = hong.served.get(&format!("/a/{}", hong.token)).await?;
    assert_eq!(
        (old.status, old.heading()),
        (410, "다른 분이 받으신 초대입니다")
    );
    ensure!(!old.text().contains("/resend") && !old.text().contains(KIM));
    for path in ["/hand-over", "/add-viewer", "/decline", "/resend"] {
        let form = [
            ("token", hong.token.as_str()),
            ("email", "lee@customer.example"),
            ("name", "이둘"),
            ("reason", "other"),
        ];
        hong.served.post(path, &form).await?;
    }
    assert_eq!(ctx.dump().await?, before);
    // The colleague signs; the record names them.
    let shown = hong.served.shown(&theirs).await?;
    let form = crate::web::accepting(&theirs, &shown);
    assert_eq!(hong.served.post("/accept", &form).await?.status, 200);
    let mut conn = world.engine.db.read().await?;
    let found = dossier::of_invitation(&mut conn, hong.id).await?;
    let found = found.context("a dossier")?;
    assert_eq!((found.state, &*found.address), (StateName::Accepted, KIM));
    ensure!(found.evidence.context("evidence")?.contains(KIM));
    drop(conn);
    let mails = world.deliver().await?;
    assert_eq!(to(&mails, KIM).len(), 1, "the receipt");
    ensure!(to(&mails, HONG).is_empty());
    // Nothing that was planned for the former one leaves later.
    world.pass(40 * DAY);
    ensure!(to(&world.deliver().await?, HONG).is_empty());
    Ok(())
}

async fn an_invitation_is_handed_over_inside_its_domain_only(ctx: &Ctx) -> Outcome {
    let hong = Invited::new(ctx).await?;
    leave_alone(&hong.world, "park@customer.example").await?;
    let before = ctx.dump().await?;
    for (email, told) in [
        ("", "이메일 주소를 입력해 주세요."),
        ("kim", "이메일 주소를"),
        ("kim@x.example\r\nBcc: a@b.example", "이메일 주소를"),
        ("kim@elsewhere.example", "@customer.example"),
        ("kim@sub.customer.example", "@customer.example"),
        ("HONG@customer.example", "이 초대를 받으신 주소입니다"),
        ("park@customer.example", "메일을 보낼 수 없습니다"),
    ] {
        let (status, page) = hong.hand_over(&hong.token, email).await?;
        assert_eq!(status, 422, "{email}");
        ensure!(
            page.contains(told) && page.contains("email-error"),
            "{email}: {page}"
        );
    }
    let form = [
        ("token", hong.token.as_str()),
        ("email", KIM),
        ("name", "a\u{202e}b"),
    ];
    let page = hong.served.post("/hand-over", &form).await?;
    assert_eq!(page.status, 422);
    ensure!(page.text().contains("name-error"));
    assert_eq!(ctx.dump().await?, before);
    // Where everybody can have a mailbox, a domain proves nothing.
    let world = &hong.world;
    let id = world.invite("hong@naver.com").await?;
    let token = hong.served.token(id, Purpose::Accept).await?;
    let page = hong.served.get(&format!("/a/{token}/people")).await?;
    ensure!(page.status == 200 && !page.text().contains("action=\"/hand-over\""));
    let (status, page) = hong.hand_over(&token, "kim@naver.com").await?;
    ensure!(
        status == 422 || page.contains("누구나 만들 수 있는"),
        "{status}"
    );
    let found = world.notice(id, Kind::Invitation).await?;
    assert_eq!(found.state, NoticeState::Ready);
    Ok(())
}

async fn an_invitation_changes_hands_a_few_times_and_may_come_back(ctx: &Ctx) -> Outcome {
    let hong = Invited::new(ctx).await?;
    let mut token = hong.token.clone();
    for turn in 0..MOST_HANDOVERS {
        let next = if turn % 2 == 0 { KIM } else { HONG };
        let (status, page) = hong.hand_over(&token, next).await?;
        assert_eq!(status, 200, "{turn}: {page}");
        let mails = hong.world.deliver().await?;
        let mail = to(&mails, next);
        let mail = mail.first().context("a mail to the next")?;
        let theirs = self::token(&hong.world, mail, Purpose::Accept);
        token = theirs.context("a link of their own")?;
        assert_eq!(hong.served.get(&format!("/a/{token}")).await?.status, 200);
    }
    let (status, page) = hong.hand_over(&token, "lee@customer.example").await?;
    ensure!(
        status == 422 && page.contains("더 이상 넘기거나"),
        "{status}"
    );
    // No invitation waits longer than the longest may, however often it changes hands.
    let mut conn = hong.world.engine.db.read().await?;
    let row = invitation::find(&mut conn, hong.id)
        .await?
        .context("a row")?;
    ensure!(row.expires_at <= row.created_at.plus_micros(90 * DAY + HOUR));
    let signers = "SELECT count(*) FROM recipient WHERE role = 'signer'";
    assert_eq!(ctx.number(signers).await?, 1);
    Ok(())
}

async fn nobody_hands_over_what_is_over(ctx: &Ctx) -> Outcome {
    let hong = Invited::new(ctx).await?;
    hong.world.pass(31 * DAY);
    hong.world.deliver().await?;
    let parts = "SELECT count(*) FROM recipient";
    let before = ctx.number(parts).await?;
    assert_eq!(hong.hand_over(&hong.token, KIM).await?.0, 410);
    assert_eq!(hong.add_viewer("counsel@law.example").await?.0, 410);
    assert_eq!(
        hong.served
            .get(&format!("/a/{}/people", hong.token))
            .await?
            .status,
        410
    );
    assert_eq!(ctx.number(parts).await?, before);
    let (status, _) = hong.hand_over("no-token", KIM).await?;
    assert_eq!(status, 404);
    Ok(())
}

async fn a_viewer_reads_and_never_answers(ctx: &Ctx) -> Outcome {
    let hong = Invited::new(ctx).await?;
    let world = &hong.world;
    let (status, page) = hong.add_viewer("Counsel@law.example").await?;
    ensure!(
        status == 200 && page.contains("읽기 전용 링크를 보냅니다"),
        "{page}"
    );
    let mails = world.deliver().await?;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, "Counsel@law.example");
    let view = token(world, &mails[0], Purpose::View).context("a link to read")?;
    ensure!(token(world, &mails[0], Purpose::Accept).is_none());
    ensure!(mails[0].header("List-Unsubscribe").is_none());
    let page = hong.served.get(&format!("/view/{view}")).await?;
    assert_eq!(page.status, 200);
    ensure!(page.text().contains("홍길동") && !page.text().contains("<form"));
    let agreement = page
        .attributes("href")
        .into_iter()
        .find(|href| href.contains("/agreement/"));
    let agreement = agreement.context("the agreement's text")?.to_owned();
    assert_eq!(hong.served.get(&agreement).await?.status, 200);
    assert_eq!(
        hong.served.get(&format!("{agreement}/text")).await?.status,
        200
    );
    // Their token opens nothing else, and no other token opens their page.
    for path in ["/a/", "/receipt/", "/manage/", "/stop/"] {
        assert_eq!(
            hong.served.get(&format!("{path}{view}")).await?.status,
            404,
            "{path}"
        );
    }
    assert_eq!(
        hong.served
            .get(&format!("/view/{}", hong.token))
            .await?
            .status,
        404
    );
    let shown = hong.served.shown(&hong.token).await?;
    let form = crate::web::accepting(&view, &shown);
    assert_eq!(hong.served.post("/accept", &form).await?.status, 404);
    // What became of it.
    let form = crate::web::accepting(&hong.token, &shown);
    assert_eq!(hong.served.post("/accept", &form).await?.status, 200);
    let page = hong.served.get(&format!("/view/{view}")).await?;
    ensure!(page.status == 200 && page.text().contains("수락하신 요청입니다"));
    ensure!(!page.text().contains("<form"));
    Ok(())
}

async fn few_may_read_along_and_each_is_mailed_once(ctx: &Ctx) -> Outcome {
    let hong = Invited::new(ctx).await?;
    for (email, told) in [
        ("", "이메일 주소를 입력해 주세요."),
        ("counsel", "이메일 주소를"),
        (HONG, "이 초대를 받으신 주소입니다"),
    ] {
        let (status, page) = hong.add_viewer(email).await?;
        ensure!(status == 422 && page.contains(told), "{email}");
    }
    for number in 0..MOST_VIEWERS {
        for _ in 0..3 {
            let (status, _) = hong
                .add_viewer(&format!("counsel{number}@law.example"))
                .await?;
            assert_eq!(status, 200);
        }
    }
    let (_, page) = hong.add_viewer("one-more@law.example").await?;
    ensure!(page.contains("인원이 모두 찼습니다"));
    assert_eq!(hong.world.deliver().await?.len(), MOST_VIEWERS);
    // A viewer of that domain may still be asked to answer, and does not only read then.
    let copied = "SELECT count(*) FROM recipient WHERE role = 'viewer'";
    assert_eq!(ctx.number(copied).await?, MOST_VIEWERS as i64);
    Ok(())
}

async fn viewers_come_with_the_invitation_and_go_with_its_successor(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let wanted = Draft {
        viewers: vec![
            "counsel@law.example".to_owned(),
            " COUNSEL@law.example".to_owned(),
        ],
        ..draft(HONG)
    };
    let id = world.try_invite(world.partner, &wanted, None).await?.id();
    let mails = world.deliver().await?;
    assert_eq!(to(&mails, "counsel@law.example").len(), 1);
    assert_eq!(mails.len(), 2);
    world.pass(31 * DAY);
    world.deliver().await?;
    let new = resend::resend(&world.engine, id, Actor::Operator).await?;
    ensure!(new != id);
    let mails = world.deliver().await?;
    assert_eq!(to(&mails, "counsel@law.example").len(), 1);
    for (viewers, told) in [
        (
            vec!["Other@customer.example".to_owned()],
            "the one who is asked",
        ),
        (vec!["x".to_owned()], "viewers"),
        (
            (0..6).map(|n| format!("v{n}@law.example")).collect(),
            "at most 5",
        ),
    ] {
        let draft = Draft {
            viewers,
            ..draft("other@customer.example")
        };
        let refused = world.try_invite(world.partner, &draft, None).await;
        let told_of = refused.err().context("a refusal")?.to_string();
        ensure!(told_of.contains(told), "{told_of}");
    }
    leave_alone(&world, "quiet@law.example").await?;
    let draft = Draft {
        viewers: vec!["quiet@law.example".to_owned()],
        ..draft("other@customer.example")
    };
    let refused = world.try_invite(world.partner, &draft, None).await;
    ensure!(
        refused
            .err()
            .context("a refusal")?
            .to_string()
            .contains("takes no mail")
    );
    Ok(())
}

async fn a_bounced_address_is_corrected_and_sent_again(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    let no = Behaviour::Reply("550 5.1.1 no such user".to_owned());
    sink.behave_for("typo.example", Stage::RcptTo, no);
    let id = world.invite("hong@typo.example").await?;
    world.run(&post).await?;
    world.run(&post).await?;
    let told = world.notice(id, Kind::Undeliverable).await?;
    assert_eq!(told.state, NoticeState::Sent);
    let to = Correction {
        email: HONG.parse()?,
        name: None,
        force: false,
    };
    people::correct(&world.engine, id, to, Actor::Operator).await?;
    let summary = world.run(&post).await?;
    assert_eq!(summary.sent, 1);
    let mut conn = world.engine.db.read().await?;
    let found = dossier::of_invitation(&mut conn, id)
        .await?
        .context("a dossier")?;
    assert_eq!(found.address, HONG);
    ensure!(found.undeliverable_at.is_none() && found.state == StateName::Pending);
    drop(conn);
    // Its reminders are planned anew, and go to the right one.
    let waiting = "SELECT count(*) FROM notice WHERE kind IN ('reminder', 'last_chance') AND state = 'scheduled'";
    assert_eq!(ctx.number(waiting).await?, 3);
    let events = "SELECT count(*) FROM event WHERE kind = 'invitation.corrected'";
    assert_eq!(ctx.number(events).await?, 1);
    Ok(())
}

async fn a_correction_that_cannot_be_names_what_is_wrong(ctx: &Ctx) -> Outcome {
    let hong = Invited::new(ctx).await?;
    let world = &hong.world;
    leave_alone(world, "quiet@customer.example").await?;
    let twin = world.invite(KIM).await?;
    let before = ctx.dump().await?;
    for (email, told) in [
        (HONG, "the address on file"),
        ("quiet@customer.example", "takes no mail"),
        ("someone@hanbit.example", "partner's own domain"),
        (KIM, "waiting already"),
    ] {
        let refused = hong.correct(email, Actor::Operator).await?.err();
        let refused = refused.context(email)?.to_string();
        ensure!(refused.contains(told), "{email}: {refused}");
    }
    let stranger: PartnerId = uuid::Uuid::from_u128(7).into();
    let refused = hong
        .correct("new@customer.example", Actor::Partner(stranger))
        .await?;
    ensure!(matches!(refused, Err(StepError::NotFound)));
    assert_eq!(ctx.dump().await?, before);
    world.pass(31 * DAY);
    let refused = hong
        .correct("new@customer.example", Actor::Operator)
        .await?;
    ensure!(matches!(refused, Err(StepError::Ended(StateName::Expired))));
    let _ = twin;
    Ok(())
}

async fn a_receipt_that_cannot_be_delivered_is_told_to_the_partner(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    let id = world.invite("hong@gone.example").await?;
    world.run(&post).await?;
    let acceptance = world.acceptance(id).await?;
    countersign::workflow::accept::accept(&world.engine, acceptance).await?;
    let no = Behaviour::Reply("550 5.1.1 no such user".to_owned());
    sink.behave_for("gone.example", Stage::RcptTo, no);
    world.run(&post).await?;
    world.run(&post).await?;
    let told = world.notice(id, Kind::Undeliverable).await?;
    assert_eq!(told.state, NoticeState::Sent);
    ensure!(told.payload.contains("receipt"));
    let mails = sink.mails().into_iter();
    let to_partner = mails.filter(|mail| mail.rcpt_to[0].starts_with("partner@"));
    assert_eq!(
        to_partner.count(),
        2,
        "accepted, and that the receipt did not arrive"
    );
    Ok(())
}

async fn a_copy_that_cannot_be_delivered_leaves_the_invitation_as_it_is(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    let no = Behaviour::Reply("550 5.1.1 no such user".to_owned());
    sink.behave_for("law.example", Stage::RcptTo, no);
    let wanted = Draft {
        viewers: vec![
            "counsel@law.example".to_owned(),
            "notary@law.example".to_owned(),
        ],
        ..draft(HONG)
    };
    let id = world.try_invite(world.partner, &wanted, None).await?.id();
    world.run(&post).await?;
    world.run(&post).await?;
    let told = world.notices(id, Kind::Undeliverable).await?;
    assert_eq!(told.len(), 2, "one for each of them");
    ensure!(told.iter().all(|it| it.state == NoticeState::Sent));
    let mut conn = world.engine.db.read().await?;
    let found = dossier::of_invitation(&mut conn, id)
        .await?
        .context("a dossier")?;
    ensure!(found.undeliverable_at.is_none());
    let parts = recipient::of_invitation(&mut conn, id).await?;
    assert_eq!(parts.len(), 3);
    drop(conn);
    for reminder in world.notices(id, Kind::Reminder).await? {
        assert_eq!(reminder.state, NoticeState::Scheduled);
    }
    Ok(())
}

async fn reminders_that_were_stopped_start_over_with_consent(ctx: &Ctx) -> Outcome {
    let hong = Invited::new(ctx).await?;
    let world = &hong.world;
    let stop = hong.served.token(hong.id, Purpose::StopReminders).await?;
    assert_eq!(
        hong.served
            .post(&format!("/stop/{stop}"), &[])
            .await?
            .status,
        200
    );
    let stopped = "SELECT count(*) FROM recipient WHERE reminders_stopped_at IS NOT NULL";
    assert_eq!(ctx.number(stopped).await?, 1);
    let shown = hong.served.shown(&hong.token).await?;
    let form = crate::web::accepting(&hong.token, &shown);
    assert_eq!(hong.served.post("/accept", &form).await?.status, 200);
    assert_eq!(ctx.number(stopped).await?, 0);
    // Stopping them once more is about the relationship, and says so; the partner is told of the ends all the same.
    let stop = hong.served.token(hong.id, Purpose::StopReminders).await?;
    let page = hong.served.get(&format!("/stop/{stop}")).await?;
    ensure!(page.text().contains("역할의 종료 예정"), "{}", page.text());
    hong.served.post(&format!("/stop/{stop}"), &[]).await?;
    world.pass(360 * DAY);
    let mails = world.deliver().await?;
    let ending = |mail: &&Mail| {
        let parsed = mail.parsed();
        parsed.subject().is_some_and(|it| it.contains("종료 예정"))
    };
    let told: Vec<_> = mails
        .iter()
        .filter(ending)
        .map(|mail| mail.to.as_str())
        .collect();
    ensure!(!told.is_empty() && !told.contains(&HONG), "{told:?}");
    Ok(())
}

async fn a_former_link_stops_asks_for_and_reads_nothing_of_the_next_one(ctx: &Ctx) -> Outcome {
    let hong = Invited::new(ctx).await?;
    let world = &hong.world;
    let stop = hong.served.token(hong.id, Purpose::StopReminders).await?;
    assert_eq!(hong.hand_over(&hong.token, KIM).await?.0, 200);
    world.deliver().await?;
    let before = ctx.dump().await?;
    let page = hong.served.post(&format!("/stop/{stop}"), &[]).await?;
    assert_eq!(page.status, 200);
    assert_eq!(hong.served.get(&format!("/stop/{stop}")).await?.status, 410);
    assert_eq!(ctx.dump().await?, before, "it silences nobody else");
    hong.served.get(&format!("/a/{}", hong.token)).await?;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let visits = "SELECT count(*) FROM visit v JOIN recipient r ON r.id = v.recipient_id WHERE r.role = 'signer'";
    assert_eq!(
        ctx.number(visits).await?,
        0,
        "what a former one opened is not the next one's visit"
    );
    world.pass(8 * DAY);
    ensure!(
        !to(&world.deliver().await?, KIM).is_empty(),
        "the reminders go on"
    );
    world.pass(40 * DAY);
    world.deliver().await?;
    let page = hong.served.get(&format!("/a/{}", hong.token)).await?;
    ensure!(page.status == 410 && !page.text().contains("/resend"));
    Ok(())
}

async fn an_older_link_brings_nothing_back_to_a_mailbox_that_was_corrected(ctx: &Ctx) -> Outcome {
    let hong = Invited::new(ctx).await?;
    let world = &hong.world;
    world.pass(31 * DAY);
    world.deliver().await?;
    let second = resend::resend(&world.engine, hong.id, Actor::Operator).await?;
    world.deliver().await?;
    let kim = Correction {
        email: KIM.parse()?,
        name: None,
        force: false,
    };
    people::correct(&world.engine, second, kim, Actor::Operator).await?;
    let acceptance = world.acceptance(second).await?;
    countersign::workflow::accept::accept(&world.engine, acceptance).await?;
    world.deliver().await?;
    world.pass(2 * HOUR);
    let before = ctx.dump().await?;
    let form = [("token", hong.token.as_str())];
    assert_eq!(hong.served.post("/resend", &form).await?.status, 200);
    assert_eq!(ctx.dump().await?, before);
    assert_eq!(world.deliver().await?.len(), 0);
    Ok(())
}

async fn whom_a_wrong_mailbox_let_read_along_reads_no_more(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::new(&world).await?;
    let wanted = Draft {
        viewers: vec!["counsel@law.example".to_owned()],
        ..draft(HONG)
    };
    let id = world.try_invite(world.partner, &wanted, None).await?.id();
    let counsel = world.deliver().await?;
    let counsel = to(&counsel, "counsel@law.example");
    let counsel = token(&world, counsel[0], Purpose::View).context("a link to read")?;
    let form = [
        ("token", &*served.token(id, Purpose::Accept).await?),
        ("email", "friend@elsewhere.example"),
    ];
    assert_eq!(served.post("/add-viewer", &form).await?.status, 200);
    let friend = world.deliver().await?;
    let friend = token(&world, &friend[0], Purpose::View).context("a link to read")?;
    assert_eq!(served.get(&format!("/view/{friend}")).await?.status, 200);
    let right = Correction {
        email: KIM.parse()?,
        name: None,
        force: false,
    };
    people::correct(&world.engine, id, right, Actor::Operator).await?;
    assert_eq!(served.get(&format!("/view/{friend}")).await?.status, 410);
    assert_eq!(
        served.get(&format!("/view/{counsel}")).await?.status,
        200,
        "the partner's choice"
    );
    let page = served.token(id, Purpose::Accept).await?;
    let page = served.get(&format!("/a/{page}")).await?;
    ensure!(page.text().contains("counsel@law.example") && !page.text().contains("friend@"));
    Ok(())
}

/// The same after its time was over and it was made anew: whoever chose a viewer before did so of the new one, too.
async fn whom_a_wrong_mailbox_chose_goes_with_it_after_a_resend(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::new(&world).await?;
    let wanted = Draft {
        viewers: vec!["counsel@law.example".to_owned()],
        ..draft(HONG)
    };
    let id = world.try_invite(world.partner, &wanted, None).await?.id();
    let form = [
        ("token", &*served.token(id, Purpose::Accept).await?),
        ("email", "friend@elsewhere.example"),
    ];
    assert_eq!(served.post("/add-viewer", &form).await?.status, 200);
    world.deliver().await?;
    world.pass(31 * DAY);
    let again = resend::resend(&world.engine, id, Actor::Operator).await?;
    world.deliver().await?;
    let right = Correction {
        email: KIM.parse()?,
        name: None,
        force: false,
    };
    let page = served.token(again, Purpose::Accept).await?;
    let page = served.get(&format!("/a/{page}")).await?;
    ensure!(page.text().contains("counsel@law.example") && page.text().contains("friend@"));
    people::correct(&world.engine, again, right, Actor::Operator).await?;
    let page = served.token(again, Purpose::Accept).await?;
    let page = served.get(&format!("/a/{page}")).await?;
    ensure!(page.text().contains("counsel@law.example") && !page.text().contains("friend@"));
    Ok(())
}

async fn a_mailbox_that_stopped_reminders_is_not_reminded_after_a_correction_and_back(
    ctx: &Ctx,
) -> Outcome {
    let hong = Invited::new(ctx).await?;
    let claims = hong.world.engine.tokens.authenticate(&hong.token);
    ensure!(stop::stop(&hong.world.engine, claims.context("genuine")?).await?);
    let to = |email: &str| -> anyhow::Result<Correction> {
        Ok(Correction {
            email: email.parse()?,
            name: None,
            force: false,
        })
    };
    for email in [KIM, HONG] {
        people::correct(&hong.world.engine, hong.id, to(email)?, Actor::Operator).await?;
        assert_eq!(hong.world.deliver().await?.len(), 1, "{email}");
    }
    hong.world.pass(4 * DAY);
    assert_eq!(hong.world.deliver().await?.len(), 0);
    people::correct(&hong.world.engine, hong.id, to(KIM)?, Actor::Operator).await?;
    hong.world.deliver().await?;
    hong.world.pass(4 * DAY);
    assert_eq!(
        hong.world.deliver().await?.len(),
        1,
        "whoever stopped nothing is reminded"
    );
    Ok(())
}

async fn an_invitation_that_is_sent_again_waits_no_longer_than_the_longest_may(
    ctx: &Ctx,
) -> Outcome {
    let hong = Invited::new(ctx).await?;
    let ends = "SELECT expires_at - created_at FROM invitation";
    for _ in 0..4 {
        hong.world.pass(20 * DAY);
        let again = resend::resend(&hong.world.engine, hong.id, Actor::Operator).await?;
        assert_eq!(again, hong.id);
        ensure!(ctx.number(ends).await? <= 90 * DAY);
    }
    assert_eq!(ctx.number(ends).await?, 90 * DAY);
    hong.world.pass(11 * DAY);
    let again = resend::resend(&hong.world.engine, hong.id, Actor::Operator).await?;
    ensure!(again != hong.id, "its time is over: a new one is made");
    Ok(())
}

async fn a_viewer_is_removed_by_whoever_is_asked(ctx: &Ctx) -> Outcome {
    let hong = Invited::new(ctx).await?;
    hong.add_viewer("counsel@law.example").await?;
    let mails = hong.world.deliver().await?;
    let view = token(&hong.world, &mails[0], Purpose::View).context("a link to read")?;
    let page = hong
        .served
        .get(&format!("/a/{}/people", hong.token))
        .await?;
    let viewer = page.field("viewer").context("a viewer")?.to_owned();
    let before = ctx.dump().await?;
    for (token, viewer) in [(&*view, &*viewer), (&*hong.token, "x"), ("none", &*viewer)] {
        let form = [("token", token), ("viewer", viewer)];
        hong.served.post("/remove-viewer", &form).await?;
    }
    assert_eq!(ctx.dump().await?, before);
    let form = [("token", hong.token.as_str()), ("viewer", viewer.as_str())];
    for _ in 0..2 {
        assert_eq!(hong.served.post("/remove-viewer", &form).await?.status, 200);
    }
    assert_eq!(hong.served.get(&format!("/view/{view}")).await?.status, 410);
    let events = "SELECT count(*) FROM event WHERE kind = 'viewer.removed'";
    assert_eq!(ctx.number(events).await?, 1);
    // Whoever was removed may read along again, by a new link; but nobody is mailed without end.
    let mut mailed = 1;
    for _ in 0..12 {
        hong.add_viewer("counsel@law.example").await?;
        mailed += hong.world.deliver().await?.len();
        let page = hong
            .served
            .get(&format!("/a/{}/people", hong.token))
            .await?;
        if let Some(viewer) = page.field("viewer").filter(|viewer| !viewer.is_empty()) {
            let form = [("token", hong.token.as_str()), ("viewer", viewer)];
            hong.served.post("/remove-viewer", &form).await?;
        }
    }
    assert_eq!(mailed, 10);
    Ok(())
}

async fn a_suppressed_viewer_is_taken_like_any_other_and_mailed_nothing(ctx: &Ctx) -> Outcome {
    let hong = Invited::new(ctx).await?;
    leave_alone(&hong.world, "quiet@law.example").await?;
    let quiet = hong.add_viewer("quiet@law.example").await?;
    let other = hong.add_viewer("other@law.example").await?;
    assert_eq!((quiet.0, other.0), (200, 200));
    let mails = hong.world.deliver().await?;
    ensure!(to(&mails, "quiet@law.example").is_empty());
    assert_eq!(mails.len(), 1);
    Ok(())
}

async fn corrections_use_up_no_handing_over_and_what_was_forced_goes_with_its_address(
    ctx: &Ctx,
) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::new(&world).await?;
    let wanted = Draft {
        force: true,
        expires_in_days: Some(3),
        ..draft("own@hanbit.example")
    };
    let id = world.try_invite(world.partner, &wanted, None).await?.id();
    let forced = "SELECT count(*) FROM invitation WHERE forced = true";
    assert_eq!(ctx.number(forced).await?, 1);
    for number in 0..=MOST_HANDOVERS {
        let to = Correction {
            email: format!("hong{number}@customer.example").parse()?,
            name: None,
            force: false,
        };
        people::correct(&world.engine, id, to, Actor::Operator).await?;
    }
    assert_eq!(ctx.number(forced).await?, 0);
    let token = served.token(id, Purpose::Accept).await?;
    let form = [("token", &*token), ("name", "김하나"), ("email", KIM)];
    assert_eq!(served.post("/hand-over", &form).await?.status, 200);
    let mut conn = world.engine.db.read().await?;
    let row = invitation::find(&mut conn, id).await?.context("a row")?;
    let waits = row.expires_at.as_micros() - world.now().as_micros();
    ensure!(waits <= 3 * DAY, "as long as the partner said: {waits}");
    Ok(())
}
