//! An agreement's text is stored, as it will be shown and consented to. A stored text never changes: another text is another
//! version.

use sha2::{Digest as _, Sha256};

use super::invite::{AGREEMENT, sentences};
use super::{Engine, fresh_id};
use crate::domain::draft::FieldError;
use crate::domain::ids::AgreementId;
use crate::domain::language::{AVAILABLE, Language};
use crate::domain::text::{CompanyName, Reference};
use crate::domain::time::Timestamp;
use crate::storage::agreement::Agreement;
use crate::storage::{self, agreement};

/// An agreement in words.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Which agreement: `mca`.
    pub kind: String,
    /// Its version, as its publisher names it.
    pub version: String,
    /// BCP 47; one of the languages that pages are written in.
    pub language: String,
    /// Its title.
    pub title: String,
    /// The exact text.
    pub body: String,
    /// A text that stands in for the real one.
    pub is_sample: bool,
    /// From when on it is the current one; from now on where nothing is given.
    pub effective_at: Option<Timestamp>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was stored.
    Stored(AgreementId),
    /// The same text is there already, under this version and language.
    AlreadyStored(AgreementId),
}

/// Why an agreement was not stored.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// Fields that have to be mended.
    #[error("{}", sentences(.0))]
    Fields(Vec<FieldError>),
    /// The database.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// The largest text: a page is made of it for every reader.
pub const LARGEST: usize = 1024 * 1024;

/// Stores a text.
///
/// # Errors
/// Fields that do not hold, another text under the same version and language, or the database is away.
pub async fn add(engine: &Engine, draft: &Draft) -> Result<Outcome, AddError> {
    let new = check(draft, engine.clock.now()).map_err(AddError::Fields)?;
    engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                let stored = agreement::list(tx).await?;
                let same = |old: &&Agreement| {
                    (&old.kind, &old.version, &old.language)
                        == (&new.kind, &new.version, &new.language)
                };
                match stored.iter().find(same) {
                    None => {
                        agreement::insert(tx, &new).await?;
                        Ok(Outcome::Stored(new.id))
                    }
                    Some(old) if old.sha256 == new.sha256 => Ok(Outcome::AlreadyStored(old.id)),
                    Some(_) => Err(AddError::Fields(vec![FieldError {
                        field: "version",
                        message: "another text is stored under this version and language, and a stored text never \
                                  changes: give the new text a version of its own"
                            .to_owned(),
                    }])),
                }
            })
        })
        .await
}

fn check(draft: &Draft, now: Timestamp) -> Result<Agreement, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut wrong = |field, message: String| errors.push(FieldError { field, message });
    if draft.kind != AGREEMENT {
        wrong(
            "kind",
            format!("there is one kind so far: write {AGREEMENT}"),
        );
    }
    let version = draft.version.parse::<Reference>();
    if version.is_err() {
        wrong(
            "version",
            "write the publisher's name of the version on one line, of at most 100 characters, such as 2024-09".to_owned(),
        );
    }
    let title = draft.title.parse::<CompanyName>();
    if title.is_err() {
        wrong(
            "title",
            "write a title on one line, of at most 200 characters".to_owned(),
        );
    }
    let language = draft.language.trim().parse::<Language>();
    if !language.as_ref().is_ok_and(|tag| AVAILABLE.contains(tag)) {
        let known: Vec<_> = AVAILABLE.iter().map(ToString::to_string).collect();
        wrong(
            "language",
            format!(
                "page, sentence and agreement share one language: take one of {}",
                known.join(", ")
            ),
        );
    }
    if let Err(message) = check_body(&draft.body) {
        wrong("file", message.to_owned());
    }
    match (version, title, language) {
        (Ok(version), Ok(title), Ok(language)) if errors.is_empty() => Ok(Agreement {
            id: fresh_id(now),
            kind: draft.kind.clone(),
            version: version.as_str().to_owned(),
            language,
            title: title.as_str().to_owned(),
            body: draft.body.clone(),
            sha256: Sha256::digest(&draft.body).to_vec(),
            is_sample: draft.is_sample,
            effective_at: draft.effective_at.unwrap_or(now),
            created_at: now,
        }),
        _ => Err(errors),
    }
}

/// The text is stored byte for byte, so that its hash is that of the file: what would have to be changed is refused.
fn check_body(body: &str) -> Result<(), &'static str> {
    if body.trim().is_empty() {
        return Err("it is empty: name the file that holds the agreement's text");
    }
    if body.len() > LARGEST {
        return Err(
            "it is larger than 1 MiB: store the agreement's plain text, not a document with pictures",
        );
    }
    if body.starts_with('\u{feff}') {
        return Err("it begins with a byte order mark: save it as UTF-8 without one");
    }
    let is_allowed = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    if !body.chars().all(is_allowed) {
        return Err("it holds control characters: save it as plain text in UTF-8");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

    fn draft() -> Draft {
        Draft {
            kind: "mca".to_owned(),
            version: "2024-09".to_owned(),
            language: "ko".to_owned(),
            title: "Microsoft 고객 계약".to_owned(),
            body: "제1조\r\n\t목적\n".to_owned(),
            ..Draft::default()
        }
    }

    fn refused(draft: &Draft) -> Vec<&'static str> {
        let errors = check(draft, NOW).unwrap_err();
        errors.iter().map(|error| error.field).collect()
    }

    #[test]
    fn the_hash_is_that_of_the_exact_text_and_it_holds_from_now_on() {
        let agreement = check(&draft(), NOW).unwrap();
        assert_eq!(agreement.body, "제1조\r\n\t목적\n");
        assert_eq!(
            agreement.sha256,
            Sha256::digest(draft().body.as_bytes()).to_vec()
        );
        assert_eq!(agreement.effective_at, NOW);
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let wrong = Draft {
            kind: "nda".to_owned(),
            version: " ".to_owned(),
            language: "fr".to_owned(),
            title: String::new(),
            body: "\n".to_owned(),
            ..draft()
        };
        assert_eq!(
            refused(&wrong),
            ["kind", "version", "title", "language", "file"]
        );
    }

    #[test]
    fn a_text_that_would_have_to_be_changed_is_refused() {
        for body in ["\u{feff}text", "a\0b", "\u{1b}[31m", &"가".repeat(400_000)] {
            let wrong = Draft {
                body: body.to_owned(),
                ..draft()
            };
            assert_eq!(refused(&wrong), ["file"]);
        }
    }
}
