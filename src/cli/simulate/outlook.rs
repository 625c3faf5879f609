//! The rows of a file, and the mails that they would bring.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::ground::Ground;
use crate::cli::csv::{Sheet, values};
use crate::domain::address::EmailAddress;
use crate::domain::draft::{Draft, FieldError, Request};
use crate::domain::notice::Kind;
use crate::domain::notice::simulation::{Behaviour, Course, Sent, simulate, simulate_viewer};
use crate::domain::time::Timestamp;
use crate::workflow::repeated::{row_key, twin_key};

/// What is to be looked at.
pub(super) struct Wish {
    /// When the invitations are made.
    pub(super) from: Timestamp,
    /// No mail from then on.
    pub(super) until: Timestamp,
    /// What the customers do.
    pub(super) behaviour: Behaviour,
    /// Whether every mail is told, or the sums alone.
    pub(super) is_every_mail_told: bool,
}

/// Whom a row has mailed: the one who is invited, or a viewer.
pub(super) struct Reader {
    /// Its number.
    pub(super) row: u64,
    /// The address, as people read it.
    pub(super) email: String,
    /// Where its days begin.
    pub(super) zone: TimeZone,
}

/// A row that is not mailed.
pub(super) enum Left {
    /// Its fields have to be mended.
    Refused(Vec<FieldError>),
    /// The same as that row, or the same offer to the same mailbox: mailed once.
    Repeated(u64),
}

/// A month in the customers' time zones, by its first day.
pub(super) type Month = Date;

/// The mails of a month, by kind.
pub(super) type Counts = BTreeMap<Kind, u64>;

/// All that a simulation found.
#[derive(Default)]
pub(super) struct Outlook {
    /// How many rows the file has.
    pub(super) rows: usize,
    /// How many invitations its rows make.
    pub(super) invitations: usize,
    /// How many of them have ended by the day on which everybody is taken to accept.
    pub(super) too_late: usize,
    /// Whom those mail.
    pub(super) readers: Vec<Reader>,
    /// Those that are not.
    pub(super) left: Vec<(u64, Left)>,
    /// Every mail with the place of its row in `readers`, in the order of their times; none where only sums are told.
    pub(super) mails: Vec<(Sent, usize)>,
    /// Every month between the first and the last, also those without a mail.
    pub(super) months: BTreeMap<Month, Counts>,
}

impl Outlook {
    /// Looks at every row of a file.
    pub(super) fn of(sheet: &Sheet, base: &Draft, ground: &Ground, wish: &Wish) -> Self {
        let schedule = ground.schedule();
        let mut outlook = Self {
            rows: sheet.rows.len(),
            ..Self::default()
        };
        let mut seen = HashMap::new();
        let mut twins = HashMap::new();
        for row in &sheet.rows {
            let request = match values::request(base, row) {
                Ok(request) => request,
                Err(errors) => {
                    outlook.left.push((row.number, Left::Refused(errors)));
                    continue;
                }
            };
            let first = *seen.entry(row_key(&request)).or_insert(row.number);
            let first = first.min(*twins.entry(twin_key(&request)).or_insert(row.number));
            if first != row.number {
                outlook.left.push((row.number, Left::Repeated(first)));
                continue;
            }
            let zone = request.time_zone.as_deref();
            let zone = TimeZone::get(zone.unwrap_or_else(|| ground.time_zone()));
            let zone = zone.unwrap_or(TimeZone::UTC);
            let course = Course {
                offer: &request.offer,
                made_at: wish.from,
                expires_days: expires_days(&request, ground),
                zone: &zone,
                schedule: &schedule,
                behaviour: wish.behaviour,
            };
            let mut add = |email: &EmailAddress, sent| {
                let to = Reader {
                    row: row.number,
                    email: email.display(),
                    zone: zone.clone(),
                };
                outlook.add(to, sent, wish);
            };
            add(&request.email, simulate(&course, wish.until));
            for viewer in &request.viewers {
                add(viewer, simulate_viewer(&course, wish.until));
            }
            outlook.invitations += 1;
            let accepts = wish.behaviour.accepts_after;
            outlook.too_late += usize::from(accepts.is_some_and(|day| day >= course.expires_days));
        }
        outlook.mails.sort_unstable();
        outlook.fill();
        outlook
    }

    fn add(&mut self, to: Reader, sent: Vec<Sent>, wish: &Wish) {
        for mail in &sent {
            let month = mail.at.in_zone(&to.zone).date().first_of_month();
            let counts = self.months.entry(month).or_default();
            *counts.entry(mail.kind).or_default() += 1;
        }
        if wish.is_every_mail_told {
            let place = self.readers.len();
            self.mails
                .extend(sent.into_iter().map(|mail| (mail, place)));
        }
        self.readers.push(to);
    }

    /// Adds the months in which nothing is mailed.
    fn fill(&mut self) {
        let (Some(first), Some(last)) = (
            self.months.keys().next().copied(),
            self.months.keys().next_back().copied(),
        ) else {
            return;
        };
        for month in first.series(jiff::Span::new().months(1)) {
            if month > last {
                break;
            }
            self.months.entry(month).or_default();
        }
    }

    /// The mails of all months, by kind.
    pub(super) fn totals(&self) -> Counts {
        let mut totals = Counts::new();
        for (kind, count) in self.months.values().flatten() {
            *totals.entry(*kind).or_default() += count;
        }
        totals
    }

    /// How many rows were refused.
    pub(super) fn refused(&self) -> usize {
        let refused = |(_, left): &&(u64, Left)| matches!(left, Left::Refused(_));
        self.left.iter().filter(refused).count()
    }
}

/// For how many days an invitation can be accepted.
fn expires_days(request: &Request, ground: &Ground) -> u16 {
    request
        .expires_in_days
        .unwrap_or(ground.settings.expires_days)
}
