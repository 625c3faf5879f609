//! Invitations from a file: one transaction a row, so that a bad row holds up no good one, and what was made stays made.

use std::collections::HashMap;

use indicatif::{ProgressBar, ProgressStyle};

use super::tally::{Counts, Ending, tell};
use super::{Args, kept, known_id, trigger, word};
use crate::app::App;
use crate::cli::context::Context;
use crate::cli::csv::{Row, Sheet, values};
use crate::cli::failure::{ExitStatus, Failure};
use crate::domain::draft::{Draft, Source};
use crate::domain::ids::PartnerId;
use crate::workflow::invite::{self, Outcome};
use crate::workflow::repeated::{row_key, twin_key};

/// Invites every row.
pub(super) async fn run(
    sheet: &Sheet,
    args: &Args,
    partner: PartnerId,
    cx: &Context,
    app: &App,
) -> Result<ExitStatus, Failure> {
    sheet.tell_reading(cx);
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
        let request = match values::request(&self.base, row) {
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
            Err(error) => match error.into_fields() {
                Ok(errors) => Ok(Ending::Refused(errors)),
                Err(error) => Err(error.into()),
            },
        }
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
