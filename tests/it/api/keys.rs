//! Keys: what they may do, and how they end.

use countersign::domain::audit::Actor;
use countersign::domain::time::{HOUR, MINUTE};
use countersign::storage::event;
use countersign::workflow::api_key::{self, ApiKeyError};

use super::interface;
use crate::harness::interface::{invitation, key_of, stored};
use crate::harness::{Case, Ctx, Interface, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(a_key_does_what_its_scopes_say_and_nothing_else),
        case!(a_revoked_key_is_refused_at_once),
        case!(a_rotated_key_is_good_until_the_overlap_ends),
        case!(an_expired_key_is_refused),
        case!(a_use_is_written_once_a_minute),
        case!(the_record_tells_of_a_key_and_never_the_key),
    ]
}

async fn status(api: &Interface, key: &str) -> anyhow::Result<u16> {
    let reply = api.ask("GET", "/v1/partner", Some(key), &[], None).await?;
    Ok(reply.status())
}

async fn a_key_does_what_its_scopes_say_and_nothing_else(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let id = api.invite("kim@contoso.example").await?["id"].clone();
    let id = id.as_str().unwrap_or_default();
    let body = invitation("lee@contoso.example").to_string();
    let mark = r#"{"step": "gdap", "state": "confirmed"}"#;
    let asked = [
        ("read", "GET", "/v1/partner".to_owned(), None),
        ("invite", "POST", "/v1/invitations".to_owned(), Some(&*body)),
        (
            "manage",
            "POST",
            format!("/v1/invitations/{id}/steps"),
            Some(mark),
        ),
    ];
    for (scope, ..) in &asked {
        let made = key_of(&api.world, api.world.partner, scope).await?;
        for (needed, method, path, body) in &asked {
            let key = Some(made.key.expose());
            let reply = api.ask(method, path, key, &[], *body).await?;
            if scope == needed {
                assert!(
                    (200..300).contains(&reply.status()),
                    "{scope}: {}",
                    reply.answer.text()
                );
            } else {
                assert_eq!((reply.status(), reply.problem()), (403, "missing-scope"));
                let detail = reply.json["detail"].as_str().unwrap_or_default();
                assert!(detail.contains(needed), "{detail}");
            }
        }
    }
    Ok(())
}

async fn a_revoked_key_is_refused_at_once(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let made = key_of(&api.world, api.world.partner, "read").await?;
    assert_eq!(status(&api, made.key.expose()).await?, 200);
    api_key::revoke(&api.world.engine, made.row.id, Actor::Operator).await?;
    assert_eq!(status(&api, made.key.expose()).await?, 401);
    let again = api_key::revoke(&api.world.engine, made.row.id, Actor::Operator).await;
    assert!(matches!(again, Err(ApiKeyError::Over(_))));
    assert_eq!(status(&api, &api.key).await?, 200);
    Ok(())
}

async fn a_rotated_key_is_good_until_the_overlap_ends(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let engine = &api.world.engine;
    let old = key_of(&api.world, api.world.partner, "read,manage").await?;
    let new = api_key::rotate(engine, old.row.id, HOUR, Actor::Operator).await?;
    assert_eq!(new.row.scopes, old.row.scopes);
    assert_eq!(new.row.replaces, Some(old.row.id));
    for key in [&old.key, &new.key] {
        assert_eq!(status(&api, key.expose()).await?, 200);
    }
    let twice = api_key::rotate(engine, old.row.id, HOUR, Actor::Operator).await;
    assert!(matches!(twice, Err(ApiKeyError::Replaced(id)) if id == new.row.id));
    api.world.pass(HOUR);
    assert_eq!(status(&api, old.key.expose()).await?, 401);
    assert_eq!(status(&api, new.key.expose()).await?, 200);
    // Without an overlap, the old one ends with the answer.
    let newest = api_key::rotate(engine, new.row.id, 0, Actor::Operator).await?;
    assert_eq!(status(&api, new.key.expose()).await?, 401);
    assert_eq!(status(&api, newest.key.expose()).await?, 200);
    let over = api_key::rotate(engine, old.row.id, 0, Actor::Operator).await;
    assert!(matches!(over, Err(ApiKeyError::Replaced(_))));
    Ok(())
}

async fn an_expired_key_is_refused(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let draft = api_key::Draft {
        partner: api.world.partner,
        name: "for an hour".parse()?,
        scopes: "read".parse()?,
        expires_at: Some(api.world.now().plus_micros(HOUR)),
    };
    let made = api_key::create(&api.world.engine, draft, Actor::Operator).await?;
    assert_eq!(status(&api, made.key.expose()).await?, 200);
    // A rotation does not lengthen what ends anyway, and the new one lives as long as the old was to live.
    api.world.pass(HOUR / 2);
    let new = api_key::rotate(&api.world.engine, made.row.id, 24 * HOUR, Actor::Operator).await?;
    assert_eq!(new.row.expires_at, Some(api.world.now().plus_micros(HOUR)));
    assert_eq!(
        stored(&api.world, &made.key).await?.expires_at,
        made.row.expires_at
    );
    api.world.pass(HOUR / 2);
    assert_eq!(status(&api, made.key.expose()).await?, 401);
    let over = api_key::rotate(&api.world.engine, made.row.id, 0, Actor::Operator).await;
    assert!(over.is_err());
    Ok(())
}

async fn a_use_is_written_once_a_minute(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let made = key_of(&api.world, api.world.partner, "read").await?;
    let start = api.world.now();
    let used = async || Ok::<_, anyhow::Error>(stored(&api.world, &made.key).await?.last_used_at);
    assert_eq!(used().await?, None);
    let until = async |at| {
        for _ in 0..200 {
            if used().await? == Some(at) {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        anyhow::bail!("the use was not written: {:?}", used().await?)
    };
    status(&api, made.key.expose()).await?;
    until(start).await?;
    api.world.pass(MINUTE - 1);
    status(&api, made.key.expose()).await?;
    api.world.pass(1);
    status(&api, made.key.expose()).await?;
    until(api.world.now()).await?;
    Ok(())
}

async fn the_record_tells_of_a_key_and_never_the_key(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let engine = &api.world.engine;
    let old = key_of(&api.world, api.world.partner, "read").await?;
    let new = api_key::rotate(engine, old.row.id, HOUR, Actor::Operator).await?;
    // The clock stands still, and what happens in one microsecond has no order.
    api.world.pass(1);
    api_key::revoke(engine, new.row.id, Actor::Operator).await?;
    let mut conn = engine.db.read().await?;
    let mut kinds = Vec::new();
    for id in [old.row.id, new.row.id] {
        for event in event::of_subject(&mut conn, id.uuid()).await? {
            assert!(event.data.contains(&*event_prefix(&event.data)));
            for key in [&old.key, &new.key] {
                assert!(!event.data.contains(&key.expose()[17..]), "{}", event.data);
            }
            kinds.push(event.kind);
        }
    }
    assert_eq!(
        kinds,
        ["api_key.created", "api_key.rotated", "api_key.revoked"]
    );
    Ok(())
}

/// What stands in the record of a key's beginning.
fn event_prefix(data: &str) -> String {
    let data: serde_json::Value = serde_json::from_str(data).unwrap_or_default();
    let prefix = data["prefix"].as_str().unwrap_or("-").to_owned();
    assert_eq!(prefix.len(), 8);
    prefix
}
