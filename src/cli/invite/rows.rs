//! Invitations from a file: one transaction a row, so that a bad row holds up no good one, and what was made stays made.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use super::tally::{Counts, Ending, tell, tell_reading};
use super::{Args, kept, known_id, trigger, word};
use crate::app::App;
use crate::cli::context::Context;
use crate::cli::csv::{Column, Row, Sheet, values};
use crate::cli::failure::{ExitStatus, Failure};
use crate::domain::catalogue;
use crate::domain::draft::{Draft, FieldError, Request, Source};
use crate::domain::ids::PartnerId;
use crate::workflow::invite::{self, InviteError, Outcome, row_key, twin_key};

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
        made: HashMap::new(),
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
    /// What was made, or would have been, with the number of its row: a rehearsal leaves no other trace.
    made: HashMap<[String; 4], u64>,
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
        let twin = twin_key(&request);
        let trigger = trigger(self.partner, Source::Csv, (!self.args.again).then_some(key));
        let is_rehearsal = self.args.dry_run;
        let asked = request.clone();
        let outcome = if is_rehearsal {
            invite::rehearse(&self.app.engine, trigger, request).await
        } else {
            invite::invite(&self.app.engine, trigger, request).await
        };
        match outcome {
            Ok(outcome) => {
                let id = known_id(outcome, is_rehearsal);
                if let (Some(first), false) = (
                    self.made.get(&twin),
                    matches!(outcome, Outcome::Replayed(_)),
                ) {
                    return Ok(Ending::Twin(id, *first));
                }
                if matches!(outcome, Outcome::Created(_)) {
                    self.made.insert(twin, row.number);
                }
                Ok(Ending::Is {
                    word: word(outcome, is_rehearsal),
                    id,
                    kept: kept(self.app, outcome, &asked).await?,
                })
            }
            Err(InviteError::Fields(errors)) => Ok(Ending::Refused(errors)),
            Err(error) => Err(error.into()),
        }
    }

    fn request(&self, row: &Row) -> Result<Request, Vec<FieldError>> {
        let cells = row.cells.as_ref().map_err(|error| vec![error.clone()])?;
        let mut draft = values::draft(&self.base, cells)?;
        // A flag's link is for those rows that it fits; one of the row itself is refused where it fits not.
        let wanted = draft.partner_type.as_deref();
        let sells = catalogue::types().any(|(_, kind)| kind.sells && Some(&*kind.key) == wanted);
        if !cells.contains_key(&Column::McaLink) && !draft.agreement {
            draft.mca_link = None;
        }
        if !cells.contains_key(&Column::ResellerLink) && !sells {
            draft.reseller_link = None;
        }
        draft.check()
    }
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
