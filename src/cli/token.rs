//! `token inspect` and `token verify`: what they print.

use serde_json::{Value, json};

use crate::domain::time::Timestamp;
use crate::domain::token::{Claims, Fields, Malformed, Purpose, Tokens, inspect};

/// The fields of a token as they stand there, unverified: `version`, `purpose` (a name, or null for an unknown number),
/// `purpose_number`, `key_id`, `subject`, `generation`, `expires_at` in seconds and `expires` as RFC 3339, or null past the year
/// 9999.
///
/// # Errors
/// When the text has not the form of a token.
pub fn inspect_json(text: &str) -> Result<Value, Malformed> {
    let Fields {
        version,
        purpose,
        key_id,
        subject,
        generation,
        expires_at,
    } = inspect(text.trim())?;
    Ok(json!({
        "version": version,
        "purpose": Purpose::from_number(purpose).map(Purpose::name),
        "purpose_number": purpose,
        "key_id": key_id,
        "subject": subject.to_string(),
        "generation": generation,
        "expires_at": expires_at,
        "expires": date(expires_at),
    }))
}

/// What `token verify` says of one line: `{"valid": false}`, or `{"valid": true, …}` with the claims and whether the token has
/// run out at `now`. Blanks around it do not count.
///
/// That a token is valid says that it is genuine; whether its link still works, the database decides.
pub fn verify_line(tokens: &Tokens, line: &str, now: Timestamp) -> Value {
    let Some(claims) = tokens.authenticate(line.trim()) else {
        return json!({"valid": false});
    };
    let Claims {
        purpose,
        key_id,
        subject,
        generation,
        expires_at,
    } = claims;
    json!({
        "valid": true,
        "purpose": purpose.name(),
        "key_id": key_id,
        "subject": subject.to_string(),
        "generation": generation,
        "expires_at": expires_at,
        "expired": claims.is_expired(now),
    })
}

fn date(seconds: u64) -> Option<String> {
    let moment = jiff::Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?;
    Some(moment.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::keys::KeyRing;

    const NOW: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

    fn minted(expires_at: u64) -> (Tokens, String) {
        let tokens = Tokens::new(&KeyRing::fresh(NOW, &mut rand::rng()), "here");
        let claims = Claims {
            purpose: Purpose::StopReminders,
            key_id: 1,
            subject: uuid::Uuid::from_u128(5),
            generation: 2,
            expires_at,
        };
        let token = tokens.mint(&claims).unwrap().to_string();
        (tokens, token)
    }

    #[test]
    fn a_genuine_line_says_its_claims_and_whether_it_has_run_out() {
        for (expires_at, expired) in [(1_795_000_001, false), (1_795_000_000, true)] {
            let (tokens, token) = minted(expires_at);
            let expected = json!({
                "valid": true, "purpose": "stop", "key_id": 1,
                "subject": "00000000-0000-0000-0000-000000000005",
                "generation": 2, "expires_at": expires_at, "expired": expired,
            });
            assert_eq!(verify_line(&tokens, &format!("{token}\r\n"), NOW), expected);
        }
    }

    #[test]
    fn every_other_line_is_only_invalid() {
        let (tokens, token) = minted(1_795_000_001);
        let (_, foreign) = minted(1_795_000_001);
        for line in ["", "x", &token[1..], &foreign, &format!("{token} {token}")] {
            assert_eq!(verify_line(&tokens, line, NOW), json!({"valid": false}));
        }
    }

    #[test]
    fn inspection_shows_the_fields_of_any_text_of_the_form() {
        let (_, token) = minted(1_797_897_600);
        let shown = inspect_json(&token).unwrap();
        assert_eq!(shown["purpose"], "stop");
        assert_eq!(shown["expires"], "2026-12-22T00:00:00Z");
        assert_eq!(inspect_json(&token[1..]), Err(Malformed::Length(85)));
        let shown = inspect_json(&format!("{}w", "_".repeat(85))).unwrap();
        assert_eq!(shown["purpose"], Value::Null);
        assert_eq!(shown["purpose_number"], 255);
        assert_eq!(shown["expires_at"], u64::MAX);
        assert_eq!(shown["expires"], Value::Null);
    }
}
