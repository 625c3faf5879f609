//! Invitations from a file: one transaction a row, so that a bad row holds up no good one, and what was made stays made.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::{Args, known_id, trigger, word};
use crate::app::App;
use crate::cli::context::Context;
use crate::cli::csv::{Row, Sheet, values};
use crate::cli::failure::{ExitStatus, Failure};
use crate::domain::draft::{Draft, FieldError, Request, Source};
use crate::domain::ids::{InvitationId, PartnerId};
use crate::workflow::invite::{self, InviteError, row_key};

/// The largest file that is read: some hundred thousand invitations.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Reads the file, or standard input for `-`.
pub(super) fn read(path: &Path, ignore_unknown: bool) -> Result<Sheet, Failure> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(LARGEST + 1)
            .read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
    };
    let wrong = |message: String| Failure::field("csv", message);
    read.map_err(|error| wrong(format!("{} cannot be read: {error}", path.display())))?;
    if bytes.len() as u64 > LARGEST {
        return Err(wrong("the file is larger than 64 MiB: split it".to_owned()));
    }
    Sheet::read(&bytes, ignore_unknown)
}

/// What came of a row.
enum Ending {
    /// Made, or there already.
    Is(&'static str, Option<InvitationId>),
    /// The same as another row of this file.
    Repeated(u64),
    /// Not made.
    Refused(Vec<FieldError>),
}

impl Ending {
    const fn word(&self) -> &'static str {
        match self {
            Self::Is(word, _) => word,
            Self::Repeated(_) => "repeated",
            Self::Refused(_) => "refused",
        }
    }
}

/// Invites every row.
pub(super) async fn run(
    sheet: &Sheet,
    args: &Args,
    partner: PartnerId,
    cx: &Context,
    app: &App,
) -> Result<ExitStatus, Failure> {
    tell_reading(sheet, cx);
    let mut file = File {
        args,
        partner,
        app,
        base: args.offer.draft(),
        seen: HashMap::new(),
    };
    let mut counts = Counts::default();
    let bar = progress(sheet.rows.len(), cx);
    let mut stopped = None;
    for row in &sheet.rows {
        match file.row(row).await {
            Ok(ending) => {
                counts.add(&ending);
                bar.suspend(|| tell(row.number, &ending, cx));
            }
            // What comes after would fail alike; what was made is made, and found again by the next run.
            Err(failure) => {
                stopped = Some((row.number, failure));
                break;
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    counts.tell(sheet, args, cx);
    if let Some((number, failure)) = stopped {
        let hint = format!(
            "stopped at row {number}; run the same command again, which makes only what is missing"
        );
        return Err(failure.with_hint(hint));
    }
    Ok(if counts.of("refused") > 0 {
        ExitStatus::Refused
    } else {
        ExitStatus::Done
    })
}

struct File<'a> {
    args: &'a Args,
    partner: PartnerId,
    app: &'a App,
    base: Draft,
    /// Keys of rows, with the number of the first that had it.
    seen: HashMap<String, u64>,
}

impl File<'_> {
    /// Makes the invitation of a row.
    ///
    /// # Errors
    /// What would meet every other row too.
    async fn row(&mut self, row: &Row) -> Result<Ending, Failure> {
        let request = match self.request(row) {
            Ok(request) => request,
            Err(errors) => return Ok(Ending::Refused(errors)),
        };
        let key = row_key(&request);
        if let Some(first) = self.seen.get(&key) {
            return Ok(Ending::Repeated(*first));
        }
        self.seen.insert(key.clone(), row.number);
        let trigger = trigger(self.partner, Source::Csv, (!self.args.again).then_some(key));
        let is_rehearsal = self.args.dry_run;
        let outcome = if is_rehearsal {
            invite::rehearse(&self.app.engine, trigger, request).await
        } else {
            invite::invite(&self.app.engine, trigger, request).await
        };
        match outcome {
            Ok(outcome) => Ok(Ending::Is(
                word(outcome, is_rehearsal),
                known_id(outcome, is_rehearsal),
            )),
            Err(InviteError::Fields(errors)) => Ok(Ending::Refused(errors)),
            Err(error) => Err(error.into()),
        }
    }

    fn request(&self, row: &Row) -> Result<Request, Vec<FieldError>> {
        let cells = row.cells.as_ref().map_err(|error| vec![error.clone()])?;
        values::draft(&self.base, cells)?.check()
    }
}

/// How often each ending occurred, in the order of the summary.
#[derive(Default)]
struct Counts([(&'static str, u64); 6]);

const WORDS: [&str; 6] = [
    "created",
    "would_create",
    "already_pending",
    "replayed",
    "repeated",
    "refused",
];

impl Counts {
    fn add(&mut self, ending: &Ending) {
        for (slot, word) in self.0.iter_mut().zip(WORDS) {
            slot.0 = word;
            slot.1 += u64::from(word == ending.word());
        }
    }

    fn of(&self, word: &str) -> u64 {
        let found = self.0.iter().find(|(name, _)| *name == word);
        found.map_or(0, |(_, count)| *count)
    }

    fn tell(&self, sheet: &Sheet, args: &Args, cx: &Context) {
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

fn tell_reading(sheet: &Sheet, cx: &Context) {
    if sheet.encoding == "cp949" {
        cx.out
            .say("the file is not UTF-8: it was read as CP949 (Korean)");
    }
    if !sheet.ignored.is_empty() {
        cx.out
            .say(&format!("columns left out: {}", sheet.ignored.join(", ")));
    }
}

fn tell(number: u64, ending: &Ending, cx: &Context) {
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
        Ending::Is(..) => {}
    }
}

fn object(number: u64, ending: &Ending) -> Value {
    let (invitation, same_as, errors) = match ending {
        Ending::Is(_, id) => (*id, None, [].as_slice()),
        Ending::Repeated(first) => (None, Some(*first), [].as_slice()),
        Ending::Refused(errors) => (None, None, errors.as_slice()),
    };
    json!({
        "row": number,
        "outcome": ending.word(),
        "invitation": invitation,
        "same_as": same_as,
        "errors": errors,
    })
}

/// A bar on stderr, if that is a terminal.
fn progress(rows: usize, cx: &Context) -> ProgressBar {
    if cx.out.is_json() || rows < 20 {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} rows, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(rows as u64).with_style(style)
}
