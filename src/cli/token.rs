//! `token`: what a token says, and whether it is ours. A token itself is never printed.

use std::io::{BufRead, BufReader, Read};

use clap::Subcommand;
use serde_json::{Value, json};

use super::context::Context;
use super::failure::{ExitStatus, Failure};
use super::out::Out;
use super::table::Table;
use crate::domain::time::{Clock, Timestamp};
use crate::domain::token::{Claims, Fields, Malformed, Purpose, Tokens, inspect};

/// No token is longer than a line of so many bytes; what is longer is read past, and not kept.
const LONGEST_LINE: u64 = 4096;

const EXAMPLE: &str = "\
Example:
  countersign token verify < tokens.txt";

const EXAMPLE_INSPECT: &str = "\
Example:
  countersign token inspect - < token.txt

JSON: {\"version\", \"purpose\", \"purpose_number\", \"key_id\", \"subject\", \"generation\", \"expires_at\", \"expires\"}";

const EXAMPLE_VERIFY: &str = "\
Example:
  countersign token verify < tokens.txt | jq -c 'select(.valid)'

Written as JSON, also without --json: {\"valid\": false}, or {\"valid\": true, \"purpose\", \"key_id\", \"subject\", \
\"generation\", \"expires_at\", \"expired\"}. The exit code is 0 however many are not valid.";

/// Inspect and verify the tokens of links
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Inspect(Inspect),
    Verify(Verify),
}

/// Show what a token says, without verifying it
///
/// Needs no settings, no keys and no database.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_INSPECT)]
struct Inspect {
    /// The 86 characters, or - to read them from stdin: arguments can be seen by others on this machine
    #[arg(allow_hyphen_values = true)]
    token: String,
}

/// Verify one token a line from stdin, and write one JSON object a line
///
/// Valid says that the token is genuine: made by this installation, for that purpose. Whether its link still works, the
/// database decides.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_VERIFY)]
struct Verify {}

/// Runs `token`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    match args.action {
        Action::Inspect(args) => show(&args, &cx),
        Action::Verify(_) => {
            // The audience is all that is needed of the database.
            let (tokens, clock) = cx
                .with_app(async |app| Ok((app.engine.tokens.clone(), app.engine.clock.clone())))
                .await?;
            let mut input = BufReader::new(std::io::stdin().lock());
            verify(&mut input, &tokens, &*clock, &cx.out)?;
            Ok(ExitStatus::Done)
        }
    }
}

fn show(args: &Inspect, cx: &Context) -> Result<ExitStatus, Failure> {
    let mut text = args.token.clone();
    if text == "-" {
        text.clear();
        let stdin = std::io::stdin().lock();
        stdin
            .take(LONGEST_LINE)
            .read_to_string(&mut text)
            .map_err(|error| unreadable(&error))?;
    }
    let value = inspect_json(&text).map_err(|error| Failure::field("token", error.to_string()))?;
    if cx.out.is_json() {
        cx.out.object(&value);
        return Ok(ExitStatus::Done);
    }
    let mut table = Table::pairs();
    for (name, value) in value.as_object().into_iter().flatten() {
        let shown = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        table.row([name.replace('_', " "), shown]);
    }
    cx.out.text(&table.to_string());
    cx.out
        .say("not verified: `countersign token verify` does that");
    Ok(ExitStatus::Done)
}

/// Answers line by line, as they come.
fn verify(
    input: &mut BufReader<impl Read>,
    tokens: &Tokens,
    clock: &dyn Clock,
    out: &Out,
) -> Result<(), Failure> {
    let mut line = Vec::new();
    while read_line(input, &mut line).map_err(|error| unreadable(&error))? {
        let text = std::str::from_utf8(&line).unwrap_or_default();
        out.object(&verify_line(tokens, text, clock.now()));
        // Whoever waits for this answer before the next question gets it.
        if !input.buffer().contains(&b'\n') {
            out.flush();
        }
        if out.is_closed() {
            break;
        }
    }
    Ok(())
}

/// Reads a line without its end; of one that is too long nothing is kept. `false` at the end of the input.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    if input.take(LONGEST_LINE).read_until(b'\n', line)? == 0 {
        return Ok(false);
    }
    if line.last() == Some(&b'\n') || (line.len() as u64) < LONGEST_LINE {
        return Ok(true);
    }
    line.clear();
    input.skip_until(b'\n')?;
    Ok(true)
}

fn unreadable(error: &std::io::Error) -> Failure {
    Failure::new(
        ExitStatus::Failed,
        format!("standard input cannot be read: {error}"),
    )
}

/// The fields of a token as they stand there, unverified: `version`, `purpose` (a name, or null for an unknown number),
/// `purpose_number`, `key_id`, `subject`, `generation`, `expires_at` in seconds and `expires` as RFC 3339, or null past the year
/// 9999.
///
/// # Errors
/// When the text has not the form of a token.
fn inspect_json(text: &str) -> Result<Value, Malformed> {
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
fn verify_line(tokens: &Tokens, line: &str, now: Timestamp) -> Value {
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
    fn lines_are_bounded_and_none_is_lost() {
        let long = "A".repeat(usize::try_from(LONGEST_LINE).unwrap() * 3);
        let exact = "B".repeat(usize::try_from(LONGEST_LINE).unwrap() - 1);
        let text = format!("one\n\n{long}\n{exact}\n\u{0}two\r\nlast");
        let mut input = std::io::BufReader::with_capacity(7, text.as_bytes());
        let mut lines = Vec::new();
        let mut line = Vec::new();
        while read_line(&mut input, &mut line).unwrap() {
            lines.push(String::from_utf8(line.clone()).unwrap());
        }
        assert_eq!(
            lines,
            [
                "one\n",
                "\n",
                "",
                &format!("{exact}\n"),
                "\0two\r\n",
                "last"
            ]
        );
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
