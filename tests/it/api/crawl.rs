//! What another partner has is what nobody has: every operation with an id in its path, read from the description, so that a new one
//! is asked, too.

use std::collections::BTreeMap;

use serde_json::Value;

use super::interface;
use crate::harness::interface::key_of;
use crate::harness::{Case, Ctx, Interface, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![case!(
        another_partners_id_is_answered_as_one_that_nobody_has
    )]
}

/// What the first partner has: an id for each folder of paths. A new folder without one fails the case.
async fn seeded(api: &Interface) -> anyhow::Result<BTreeMap<&'static str, String>> {
    let made = api.invite("kim@contoso.example").await?;
    let id = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut seeded = BTreeMap::from([("invitations", id(&made["id"]))]);
    super::reads::fill(api).await?;
    for folder in [
        "relationships",
        "grants",
        "consents",
        "suppressions",
        "events",
    ] {
        let list = api.get(&format!("/v1/{folder}")).await?.json;
        seeded.insert(folder, id(&list["data"][0]["id"]));
    }
    Ok(seeded)
}

/// Folders whose objects are the installation's, and the same for every partner.
const SHARED: [&str; 1] = ["agreements"];

async fn another_partners_id_is_answered_as_one_that_nobody_has(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let seeded = seeded(&api).await?;
    let stranger = api.world.another_partner("saebom").await?;
    let stranger = key_of(&api.world, stranger, "read,invite,manage").await?;
    let stranger = stranger.key.expose();
    let description = api.ask("GET", "/openapi.json", None, &[], None).await?.json;
    let mut asked = 0;
    for (path, item) in description["paths"].as_object().into_iter().flatten() {
        let Some((folder, _)) = path
            .strip_prefix("/v1/")
            .and_then(|path| path.split_once("/{"))
        else {
            assert!(!path.contains('{'), "{path}: which folder is that?");
            continue;
        };
        if SHARED.contains(&folder) {
            continue;
        }
        let Some(theirs) = seeded.get(folder) else {
            panic!("{path}: the crawl has nothing in {folder}; add it to `seeded`");
        };
        let (prefix, digits) = theirs.split_once('_').expect("an id");
        // As long, and nobody's: the last half turned round.
        let (head, tail) = digits.split_at(16);
        let unknown = format!("{prefix}_{head}{}", tail.chars().rev().collect::<String>());
        for (method, operation) in item.as_object().into_iter().flatten() {
            let at = format!("{method} {path}");
            let body = &operation["requestBody"]["content"]["application/json"]["example"];
            let body = (!body.is_null()).then(|| body.to_string());
            let method = method.to_uppercase();
            let ask = async |key: &str, id: &str| {
                let path = fill(path, id);
                api.ask(&method, &path, Some(key), &[], body.as_deref())
                    .await
            };
            let foreign = ask(stranger, theirs).await?;
            let nobodys = ask(stranger, &unknown).await?;
            let misspelt = ask(stranger, "x").await?;
            assert_eq!(foreign.status(), 404, "{at}: {}", foreign.answer.text());
            let expected = nobodys.without_request_id();
            assert_eq!(foreign.without_request_id(), expected, "{at}");
            assert_eq!(misspelt.without_request_id(), expected, "{at}");
            let headers = |reply: &crate::harness::Reply| {
                let varies = ["date", "x-request-id", "ratelimit"];
                let mut headers = reply.answer.headers.clone();
                headers.retain(|(name, _)| !varies.contains(&name.as_str()));
                headers
            };
            assert_eq!(headers(&foreign), headers(&nobodys), "{at}");
            asked += 1;
        }
    }
    assert!(asked >= 5, "{asked} operations have an id in their path");
    let still = format!("/v1/relationships/{}", seeded["relationships"]);
    assert_eq!(api.get(&still).await?.json["state"], "active");
    let still = api.get("/v1/suppressions").await?.json;
    assert_eq!(still["data"][0]["id"], seeded["suppressions"].as_str());
    // Nothing was changed by it.
    let place = format!("/v1/invitations/{}", seeded["invitations"]);
    assert_eq!(api.get(&place).await?.json["state"], "pending");
    Ok(())
}

/// The path with this id in the place of each parameter.
fn fill(path: &str, id: &str) -> String {
    let parts = path
        .split('/')
        .map(|part| if part.starts_with('{') { id } else { part });
    parts.collect::<Vec<_>>().join("/")
}
