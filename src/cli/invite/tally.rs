//! What came of the rows of a file, told row by row and in sum.

use serde_json::{Value, json};

use super::{Args, not_taken_over};
use crate::cli::context::Context;
use crate::cli::csv::Sheet;
use crate::domain::draft::FieldError;
use crate::domain::ids::InvitationId;

/// What came of a row.
pub(super) enum Ending {
    /// Made, or there already.
    /// The same offer to the same mailbox as another row of this file, which differs in other cells.
    Twin(Option<InvitationId>, u64),
    Is {
        word: &'static str,
        id: Option<InvitationId>,
        /// The fields of the row that the invitation that was there says otherwise.
        kept: Vec<&'static str>,
    },
    /// The same as another row of this file.
    Repeated(u64),
    /// Not made.
    Refused(Vec<FieldError>),
}

impl Ending {
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Is { word, .. } => word,
            Self::Twin(..) => "already_pending",
            Self::Repeated(_) => "repeated",
            Self::Refused(_) => "refused",
        }
    }
}

/// How often each ending occurred, in the order of the summary.
#[derive(Default)]
pub(super) struct Counts([(&'static str, u64); 6]);

const WORDS: [&str; 6] = [
    "created",
    "would_create",
    "already_pending",
    "replayed",
    "repeated",
    "refused",
];

impl Counts {
    pub(super) fn add(&mut self, ending: &Ending) {
        for (slot, word) in self.0.iter_mut().zip(WORDS) {
            slot.0 = word;
            slot.1 += u64::from(word == ending.word());
        }
    }

    pub(super) fn of(&self, word: &str) -> u64 {
        let found = self.0.iter().find(|(name, _)| *name == word);
        found.map_or(0, |(_, count)| *count)
    }

    pub(super) fn tell(&self, sheet: &Sheet, args: &Args, cx: &Context) {
        if cx.out.is_json() {
            let mut summary = json!({
                "rows": sheet.rows.len(),
                "encoding": sheet.encoding,
                "dry_run": args.dry_run,
            });
            for word in WORDS {
                summary[word] = self.of(word).into();
            }
            cx.out.object(&json!({"summary": summary}));
            return;
        }
        let said: Vec<String> = WORDS
            .iter()
            .filter(|word| self.of(word) > 0)
            .map(|word| {
                let said = match *word {
                    "would_create" => "would be created",
                    "already_pending" => "already pending",
                    "replayed" => "created before",
                    word => word,
                };
                format!("{} {said}", self.of(word))
            })
            .collect();
        let rows = sheet.rows.len();
        let all = format!("{rows} {}", if rows == 1 { "row" } else { "rows" });
        cx.out.text(&match said.as_slice() {
            [] => all,
            said => format!("{all}: {}", said.join(", ")),
        });
    }
}

/// Tells of one row.
pub(super) fn tell(number: u64, ending: &Ending, cx: &Context) {
    if cx.out.is_json() {
        cx.out.object(&object(number, ending));
        return;
    }
    match ending {
        Ending::Refused(errors) => {
            for error in errors {
                cx.out.say(&format!("error: row {number}: {error}"));
            }
        }
        Ending::Repeated(first) => cx
            .out
            .say(&format!("row {number}: says the same as row {first}")),
        Ending::Twin(_, first) => cx.out.say(&format!(
            "row {number}: the same offer to the same mailbox as row {first}, which is mailed once"
        )),
        Ending::Is {
            id: Some(id), kept, ..
        } => {
            if let Some(said) = not_taken_over(*id, kept) {
                cx.out.say(&format!("warning: row {number}: {said}"));
            }
        }
        Ending::Is { .. } => {}
    }
}

fn object(number: u64, ending: &Ending) -> Value {
    let (mut invitation, mut same_as) = (None, None);
    let (mut kept, mut errors): (&[&str], &[FieldError]) = (&[], &[]);
    match ending {
        Ending::Is {
            id,
            kept: differing,
            ..
        } => (invitation, kept) = (*id, differing),
        Ending::Twin(id, first) => (invitation, same_as) = (*id, Some(*first)),
        Ending::Repeated(first) => same_as = Some(*first),
        Ending::Refused(found) => errors = found,
    }
    json!({
        "row": number,
        "outcome": ending.word(),
        "invitation": invitation,
        "same_as": same_as,
        "not_taken_over": kept,
        "errors": errors,
    })
}
