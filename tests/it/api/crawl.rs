//! What another partner has is what nobody has: every operation that names an object, in its path or in its body, read from the
//! description, so that a new one is asked, too.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use countersign::domain::api_key::ApiKey;
use countersign::domain::suppression::Cause;
use countersign::workflow::{accept, seal, suppression};
use serde_json::Value;

use super::interface;
use crate::harness::interface::{key_of, stored};
use crate::harness::{Case, Ctx, Interface, Outcome, Reply, case, wait_until};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(another_partners_id_is_answered_as_one_that_nobody_has),
        case!(lists_show_nothing_of_another_partners),
    ]
}

/// What the first partner has: an id for each prefix.
type Seeded = BTreeMap<String, String>;

/// An object of the first partner in each list that there is. A list that stays empty fails the case: put something into it here.
async fn seeded(api: &Interface, description: &Value) -> anyhow::Result<Seeded> {
    let hook = serde_json::json!({"url": "https://hooks.hanbit.example/countersign"});
    let hook = api.post("/v1/webhooks", Some(&hook)).await?.json;
    let accepted = api.invite("kim@contoso.example").await?;
    let id = accepted["id"].as_str().unwrap_or_default().parse()?;
    let accept = api.world.acceptance(id).await?;
    accept::accept(&api.world.engine, accept).await?;
    api.invite("lee@contoso.example").await?;
    let new = suppression::New {
        address: "kim@contoso.example".parse()?,
        cause: Cause::HardBounce,
        detail: None,
    };
    suppression::add(&api.world.engine, new).await?;
    seal::seal(&api.world.engine).await?;

    let mut seeded = Seeded::new();
    for (path, item) in description["paths"].as_object().into_iter().flatten() {
        if path.contains('{') || item["get"]["parameters"].is_null() || is_shared(path) {
            continue;
        }
        let list = api.get(path).await?;
        let first = list.json["data"][0]["id"].as_str();
        let first = first.with_context(|| format!("{path} is empty: {}", list.answer.text()))?;
        let prefix = first.split('_').next().unwrap_or_default();
        seeded.insert(prefix.to_owned(), first.to_owned());
    }
    // The one list that is another object's.
    let hook = hook["id"].as_str().context("a webhook")?;
    let calls = api.get(&format!("/v1/webhooks/{hook}/deliveries")).await?;
    let first = calls.json["data"][0]["id"].as_str();
    let first = first.context("the webhook has no calls")?;
    seeded.insert("ntc".to_owned(), first.to_owned());
    Ok(seeded)
}

/// Whether these are the installation's, and the same for every partner.
fn is_shared(path: &str) -> bool {
    path.starts_with("/v1/agreements")
}

/// As long, and nobody's: the last half turned round.
fn nobodys(id: &str) -> String {
    let (prefix, digits) = id.split_once('_').expect("an id");
    let (head, tail) = digits.split_at(16);
    format!("{prefix}_{head}{}", tail.chars().rev().collect::<String>())
}

/// A call of an operation with the ids that `choose` gives for prefixes; none for one that names no object of a partner's.
struct Call {
    method: String,
    path: String,
    body: Option<String>,
}

impl Call {
    fn of(
        method: &str,
        path: &str,
        operation: &Value,
        choose: &impl Fn(&str) -> anyhow::Result<String>,
    ) -> anyhow::Result<Option<Self>> {
        let mut names_something = false;
        let mut parts = Vec::new();
        for part in path.split('/') {
            let Some(name) = part
                .strip_prefix('{')
                .and_then(|part| part.strip_suffix('}'))
            else {
                parts.push(part.to_owned());
                continue;
            };
            names_something = true;
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let described = parameters.clone().find(|it| it["name"] == name);
            let pattern = described.and_then(|it| it["schema"]["pattern"].as_str());
            let prefix = pattern.and_then(|pattern| pattern.strip_prefix('^')?.split('_').next());
            let prefix = prefix.with_context(|| format!("{path}: which id is {name}?"))?;
            parts.push(choose(prefix)?);
        }
        let mut body = operation["requestBody"]["content"]["application/json"]["example"].clone();
        names_something |= replace(&mut body, choose)?;
        Ok(names_something.then(|| Self {
            method: method.to_uppercase(),
            path: parts.join("/"),
            body: (!body.is_null()).then(|| body.to_string()),
        }))
    }

    async fn ask(&self, api: &Interface, key: &str) -> anyhow::Result<Reply> {
        let body = self.body.as_deref();
        api.ask(&self.method, &self.path, Some(key), &[], body)
            .await
    }
}

/// Puts ids in the place of those of an example; whether there were any.
fn replace(
    value: &mut Value,
    choose: &impl Fn(&str) -> anyhow::Result<String>,
) -> anyhow::Result<bool> {
    let mut found = false;
    match value {
        Value::String(text) if text.ends_with("_019c3f1e0b7a7c1291d4a5c8f2e6b071") => {
            *text = choose(text.split('_').next().unwrap_or_default())?;
            found = true;
        }
        Value::Array(list) => {
            for inner in list {
                found |= replace(inner, choose)?;
            }
        }
        Value::Object(map) => {
            for inner in map.values_mut() {
                found |= replace(inner, choose)?;
            }
        }
        _ => {}
    }
    Ok(found)
}

async fn another_partners_id_is_answered_as_one_that_nobody_has(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let description = api.ask("GET", "/openapi.json", None, &[], None).await?.json;
    let seeded = seeded(&api, &description).await?;
    let theirs = |prefix: &str| {
        let id = seeded.get(prefix).cloned();
        id.with_context(|| format!("the crawl has no id that begins with {prefix}_"))
    };
    let unknown = |prefix: &str| Ok(nobodys(&theirs(prefix)?));
    let stranger = api.world.another_partner("saebom").await?;
    let stranger = key_of(&api.world, stranger, "read,invite,manage").await?;
    used(&api, &stranger.key).await?;
    let stranger = stranger.key.expose();
    let before = ctx.dump_all().await?;
    let mut asked = 0;
    for (path, item) in description["paths"].as_object().into_iter().flatten() {
        if is_shared(path) {
            continue;
        }
        for (method, operation) in item.as_object().into_iter().flatten() {
            let at = format!("{method} {path}");
            let Some(foreign) = Call::of(method, path, operation, &theirs)? else {
                continue;
            };
            let Some(nobodys) = Call::of(method, path, operation, &unknown)? else {
                continue;
            };
            let foreign = foreign.ask(&api, stranger).await?;
            let nobodys = nobodys.ask(&api, stranger).await?;
            assert_eq!(foreign.status(), 404, "{at}: {}", foreign.answer.text());
            let expected = nobodys.without_request_id();
            assert_eq!(foreign.without_request_id(), expected, "{at}");
            assert_eq!(headers(&foreign), headers(&nobodys), "{at}");
            if path.contains('{') {
                let misspelt = Call::of(method, path, operation, &|_| Ok("x".to_owned()))?;
                if let Some(misspelt) = misspelt.filter(|call| call.body.is_none()) {
                    let misspelt = misspelt.ask(&api, stranger).await?;
                    assert_eq!(misspelt.without_request_id(), expected, "{at}");
                }
            }
            asked += 1;
        }
    }
    assert!(asked >= 5, "{asked} operations name an object");
    assert_eq!(before, ctx.dump_all().await?, "something was changed");
    Ok(())
}

/// Uses a key, and waits until that is written: the clock stands still, so that it is written once.
async fn used(api: &Interface, key: &ApiKey) -> Outcome {
    api.ask("GET", "/v1/partner", Some(key.expose()), &[], None)
        .await?;
    for key in [key, &api.key.parse()?] {
        wait_until("a use to be written", Duration::from_secs(10), async || {
            Ok(stored(&api.world, key).await?.last_used_at)
        })
        .await?;
    }
    Ok(())
}

/// What may be told of it but the moment, the request and the rate.
fn headers(reply: &Reply) -> Vec<(String, String)> {
    let varies = ["date", "x-request-id", "ratelimit"];
    let mut headers = reply.answer.headers.clone();
    headers.retain(|(name, _)| !varies.contains(&name.as_str()));
    headers
}

/// A list shows nothing of another partner's, whichever of its ids it is narrowed by or begins after.
async fn lists_show_nothing_of_another_partners(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let description = api.ask("GET", "/openapi.json", None, &[], None).await?.json;
    let seeded = seeded(&api, &description).await?;
    let stranger = api.world.another_partner("saebom").await?;
    let stranger = key_of(&api.world, stranger, "read").await?;
    let stranger = stranger.key.expose();
    let mut asked = 0;
    for (path, item) in description["paths"].as_object().into_iter().flatten() {
        let parameters = item["get"]["parameters"].as_array();
        if path.contains('{') || is_shared(path) {
            continue;
        }
        for parameter in parameters.into_iter().flatten() {
            let pattern = parameter["schema"]["pattern"].as_str().unwrap_or_default();
            let prefix = pattern.trim_start_matches('^').split('_').next();
            let Some(theirs) = prefix.and_then(|prefix| seeded.get(prefix)) else {
                continue;
            };
            let name = parameter["name"].as_str().unwrap_or_default();
            let mut answers = Vec::new();
            for id in [theirs.clone(), nobodys(theirs)] {
                let path = format!("{path}?{name}={id}");
                let list = api.ask("GET", &path, Some(stranger), &[], None).await?;
                answers.push((list.status(), list.without_request_id()));
            }
            assert_eq!(answers[0], answers[1], "{path}?{name}");
            for theirs in seeded.values() {
                assert!(
                    !answers[0].1.contains(theirs.as_str()),
                    "{path}?{name}: {}",
                    answers[0].1
                );
            }
            asked += 1;
        }
    }
    assert!(asked >= 1, "{asked} parameters take an id");
    Ok(())
}
