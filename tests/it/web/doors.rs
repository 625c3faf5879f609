//! Tokens that are none of ours, and pages without a database.

use anyhow::ensure;
use countersign::domain::keys::KeyRing;
use countersign::domain::token::{Claims, Purpose, Tokens};
use data_encoding::BASE64URL_NOPAD;

use super::{Stage, accepting};
use crate::harness::{Case, Ctx, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(every_forged_token_gets_the_same_page_and_no_look_at_the_database),
        case!(a_token_of_one_purpose_opens_no_other_door),
        case!(without_a_database_nothing_is_recorded_and_the_page_says_so),
    ]
}

/// One of each kind of token that must not open anything, as it stands in an address.
fn forged(stage: &Stage) -> anyhow::Result<Vec<(&'static str, String)>> {
    let good = &stage.token;
    let bytes = BASE64URL_NOPAD.decode(good.as_bytes())?;
    let flipped = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        BASE64URL_NOPAD.encode(&bytes)
    };
    let last = good.as_bytes()[85];
    let spare = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        .iter()
        .skip_while(|&&letter| letter != last)
        .nth(1)
        .expect("the last character of 64 bytes has four spare zero bits");
    let claims = stage
        .world
        .engine
        .tokens
        .authenticate(good)
        .expect("a good token");
    let stranger = Tokens::new(&KeyRing::fresh(stage.world.now(), &mut rand::rng()), "test");
    let theirs = |claims: &Claims| -> anyhow::Result<String> {
        Ok(stranger.mint(claims)?.as_str().to_owned())
    };
    Ok(vec![
        ("of 1 character", "A".to_owned()),
        ("of 85 characters", good[..85].to_owned()),
        ("of 87 characters", format!("{good}A")),
        ("of 86,000 characters", "A".repeat(86_000)),
        ("of 86 characters of nothing", "A".repeat(86)),
        ("with padding", format!("{}==", &good[..84])),
        ("in the other alphabet", format!("{}+%2F", &good[..84])),
        ("with a blank", format!("{}%20A", &good[..84])),
        ("that is no UTF-8", format!("{}%FF%FE", &good[..84])),
        ("with a slash", format!("{}/{}", &good[..40], &good[41..])),
        ("in dots", "..%2F..%2Fetc%2Fpasswd".to_owned()),
        (
            "with spare bits",
            format!("{}{}", &good[..85], char::from(spare)),
        ),
        ("with another version", flipped(0)),
        ("with another purpose", flipped(1)),
        ("with an unknown key", flipped(3)),
        ("with another subject", flipped(8)),
        ("with another generation", flipped(23)),
        ("with another end", flipped(31)),
        ("with another MAC", flipped(63)),
        ("of another key ring", theirs(&claims)?),
        (
            "that has expired, too",
            theirs(&Claims {
                expires_at: 1,
                ..claims
            })?,
        ),
    ])
}

async fn every_forged_token_gets_the_same_page_and_no_look_at_the_database(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let tokens = forged(&stage)?;
    // A genuine one needs the database, which is closed now; a forged one must not.
    stage.world.engine.db.close().await;
    let genuine = stage.served.get(&stage.path("")).await?;
    assert_eq!(genuine.status, 503, "{}", genuine.heading());
    ensure!(genuine.header("retry-after").is_some());

    for prefix in ["a", "receipt", "stop", "manage", "partners"] {
        // Without a language: where the HTTP library refuses by itself, ours is not asked about one.
        let get = async |path: String| stage.served.ask("GET", &path, &[], b"").await;
        let first = get(format!("/{prefix}/nonsense")).await?;
        assert_eq!(
            (first.status, first.heading()),
            (404, "This link does not work")
        );
        for (what, token) in tokens.iter().chain([&("of no character", String::new())]) {
            let answer = get(format!("/{prefix}/{token}")).await?;
            assert_eq!(answer.status, 404, "/{prefix}/, a token {what}");
            assert!(
                answer.seen() == first.seen(),
                "/{prefix}/, a token {what}: {}",
                answer.heading()
            );
        }
    }
    for (path, field) in [
        ("/accept", "read"),
        ("/decline", "reason"),
        ("/step", "step"),
        ("/remove-roles", "role"),
        ("/end-relationship", "confirmed"),
        ("/auto-extend", "off"),
    ] {
        let first = stage
            .served
            .post(path, &[("token", "nonsense"), (field, "mca")])
            .await?;
        assert_eq!(
            (first.status, first.heading()),
            (404, "사용할 수 없는 링크입니다")
        );
        for (what, token) in &tokens {
            let token = percent_encoding::percent_decode_str(token).decode_utf8_lossy();
            let mut form = accepting(&token, &stage.shown);
            form.push((if field == "read" { "x" } else { field }, "mca"));
            let answer = stage.served.post(path, &form).await?;
            assert!(
                answer.seen() == first.seen(),
                "{path}, a token {what}: {}",
                answer.heading()
            );
        }
    }
    Ok(())
}

async fn a_token_of_one_purpose_opens_no_other_door(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    for purpose in Purpose::ALL {
        let token = stage.served.token(stage.id, purpose).await?;
        for (prefix, opens) in [
            ("a", Purpose::Accept),
            ("receipt", Purpose::Receipt),
            ("stop", Purpose::StopReminders),
        ] {
            let status = stage
                .served
                .get(&format!("/{prefix}/{token}"))
                .await?
                .status;
            assert_eq!(status != 404, purpose == opens, "{purpose} at /{prefix}/");
        }
        if purpose != Purpose::Accept {
            let answer = stage
                .served
                .post("/accept", &accepting(&token, &stage.shown))
                .await?;
            assert_eq!(answer.status, 404, "{purpose}");
        }
    }
    Ok(())
}

async fn without_a_database_nothing_is_recorded_and_the_page_says_so(ctx: &Ctx) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let before = ctx.dump().await?;
    let receipt = stage.served.token(stage.id, Purpose::Receipt).await?;
    let stop = stage.served.token(stage.id, Purpose::StopReminders).await?;
    stage.world.engine.db.close().await;
    for answer in [
        stage.served.post("/accept", &stage.accepting()).await?,
        stage
            .served
            .post("/decline", &[("token", &stage.token), ("reason", "other")])
            .await?,
        stage
            .served
            .post(
                "/step",
                &[("token", &receipt), ("step", "mca"), ("done", "yes")],
            )
            .await?,
        stage
            .served
            .post("/resend", &[("token", &stage.token)])
            .await?,
        stage.served.post(&format!("/stop/{stop}"), &[]).await?,
        stage.served.get(&format!("/receipt/{receipt}")).await?,
    ] {
        assert_eq!(
            (answer.status, answer.heading()),
            (503, "잠시 사용할 수 없습니다")
        );
        ensure!(answer.header("retry-after").is_some());
    }
    // What needs none is there.
    assert_eq!(stage.served.get("/").await?.status, 200);
    assert_eq!(ctx.dump().await?, before);
    Ok(())
}
