//! `key list`: what it prints. No key is ever among it.

use serde_json::{Value, json};

use crate::domain::keys::KeyRing;

/// The keys of the ring, oldest first: `{"token": [{"id", "state", "created", "live_rows"}], "audit": [{"id", "current",
/// "created", "public"}]}`, the public half in base64. `live_rows` says how many rows still use a token key, or nothing when the
/// database was not asked.
pub fn list_json(ring: &KeyRing, live_rows: impl Fn(u16) -> Option<u64>) -> Value {
    let tokens: Vec<Value> = ring
        .token_keys()
        .iter()
        .map(|key| {
            json!({
                "id": key.id(),
                "state": key.state().as_str(),
                "created": key.created(),
                "live_rows": live_rows(key.id()),
            })
        })
        .collect();
    let audits: Vec<Value> = ring
        .audit_keys()
        .iter()
        .map(|key| {
            json!({
                "id": key.id(),
                "current": key.id() == ring.current_audit_key(),
                "created": key.created(),
                "public": data_encoding::BASE64.encode(key.public()),
            })
        })
        .collect();
    json!({"token": tokens, "audit": audits})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use secrecy::ExposeSecret as _;

    #[test]
    fn the_list_has_every_key_and_no_secret() {
        let now = Timestamp::from_micros(1_795_000_000_000_000);
        let ring = KeyRing::fresh(now, &mut rand::rng())
            .rotate(now, &mut rand::rng())
            .unwrap();
        let listed = list_json(&ring, |id| (id == 1).then_some(12));
        assert_eq!(
            listed["token"][0],
            json!({"id": 1, "state": "verify-only", "created": now, "live_rows": 12})
        );
        assert_eq!(listed["token"][1]["state"], "active");
        assert_eq!(listed["token"][1]["live_rows"], Value::Null);
        assert_eq!(listed["audit"][0]["current"], true);
        let shown = listed.to_string();
        for line in ring.to_toml().expose_secret().lines() {
            let secret = line.strip_prefix("key = ").or(line.strip_prefix("seed = "));
            if let Some(secret) = secret {
                assert!(!shown.contains(secret.trim_matches('"')));
            }
        }
    }
}
