//! Invitations from a file: a few hundred rows a transaction. A bad row holds up no good one, and what was made stays made.

use std::collections::HashMap;

use indicatif::{ProgressBar, ProgressStyle};

use super::tally::{Counts, Ending, tell};
use super::{Args, kept, known_id, trigger, word};
use crate::app::App;
use crate::cli::context::Context;
use crate::cli::csv::{Row, Sheet, values};
use crate::cli::failure::{ExitStatus, Failure};
use crate::domain::draft::{Draft, Request, Source};
use crate::domain::ids::PartnerId;
use crate::workflow::invite::{self, InviteError, Item, Outcome, Outcomes};
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
    for rows in sheet.rows.chunks(AT_ONCE) {
        let (endings, failure) = file.rows(rows).await;
        for (row, ending) in rows.iter().zip(&endings) {
            counts.add(ending);
            bar.suspend(|| tell(row.number, ending, cx));
        }
        bar.inc(rows.len() as u64);
        // What comes after would fail alike; what was made is made, and found again by the next run.
        if let Some(failure) = failure {
            stopped = rows.get(endings.len()).map(|row| (row.number, failure));
            break;
        }
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

/// How many rows go together: enough that a row costs a fraction of a transaction, and few enough that a page of a customer's,
/// or a second file, waits for no time that anybody notices.
const AT_ONCE: usize = 250;

/// What is known of a row before any invitation is made.
enum Read {
    /// How it ends.
    Ends(Ending),
    /// It asks for this.
    Asks(Box<Request>),
}

impl File<'_> {
    /// Makes the invitations of some rows: how each ended, up to one that failed as every other row would.
    async fn rows(&mut self, rows: &[Row]) -> (Vec<Ending>, Option<Failure>) {
        let read: Vec<_> = rows.iter().map(|row| self.read(row)).collect();
        let asked = read.iter().filter_map(|read| match read {
            Read::Asks(request) => Some(Item {
                idempotency_key: (!self.args.again).then(|| row_key(request)),
                request: (**request).clone(),
            }),
            Read::Ends(_) => None,
        });
        let (outcomes, mut failure) = self.make(asked.collect()).await;
        let mut outcomes = outcomes.into_iter();
        let mut endings = Vec::with_capacity(rows.len());
        for (row, read) in rows.iter().zip(read) {
            let ending = match read {
                Read::Ends(ending) => ending,
                Read::Asks(request) => {
                    let Some(outcome) = outcomes.next() else {
                        break;
                    };
                    match self.ending(row.number, &request, outcome).await {
                        Ok(ending) => ending,
                        Err(error) => {
                            failure = Some(error);
                            break;
                        }
                    }
                }
            };
            endings.push(ending);
        }
        (endings, failure)
    }

    /// Makes all of them at once; where that fails, one after the other, so that what comes before the one that it fails by is
    /// made.
    async fn make(&self, items: Vec<Item>) -> (Outcomes, Option<Failure>) {
        if let Ok(outcomes) = self.make_at_once(items.clone()).await {
            return (outcomes, None);
        }
        let mut outcomes = Outcomes::new();
        for item in items {
            match self.make_at_once(vec![item]).await {
                Ok(made) => outcomes.extend(made),
                Err(error) => return (outcomes, Some(error.into())),
            }
        }
        (outcomes, None)
    }

    async fn make_at_once(&self, items: Vec<Item>) -> Result<Outcomes, InviteError> {
        let (engine, trigger) = (&self.app.engine, trigger(self.partner, Source::Csv));
        if self.args.dry_run {
            invite::rehearse_many(engine, trigger, items).await
        } else {
            invite::invite_many(engine, trigger, items).await
        }
    }

    fn read(&mut self, row: &Row) -> Read {
        let request = match values::request(&self.base, row) {
            Ok(request) => request,
            Err(errors) => return Read::Ends(Ending::Refused(errors)),
        };
        let key = row_key(&request);
        if let Some(first) = self.seen.get(&key) {
            return Read::Ends(Ending::Repeated(*first));
        }
        self.seen.insert(key, row.number);
        Read::Asks(Box::new(request))
    }

    /// How a row ended that asked for something.
    async fn ending(
        &mut self,
        number: u64,
        request: &Request,
        outcome: Result<Outcome, InviteError>,
    ) -> Result<Ending, Failure> {
        let outcome = match outcome.map_err(InviteError::into_fields) {
            Ok(outcome) => outcome,
            Err(Ok(errors)) => return Ok(Ending::Refused(errors)),
            Err(Err(error)) => return Err(error.into()),
        };
        let is_rehearsal = self.args.dry_run;
        let twin = twin_key(request);
        let id = known_id(outcome, is_rehearsal);
        if let (Some(first), false) = (
            self.made.get(&twin),
            matches!(outcome, Outcome::Replayed(_)),
        ) {
            return Ok(Ending::Twin(id, *first));
        }
        if matches!(outcome, Outcome::Created(_)) {
            self.made.insert(twin, number);
        }
        Ok(Ending::Is {
            word: word(outcome, is_rehearsal),
            id,
            kept: kept(self.app, outcome, request).await?,
        })
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
