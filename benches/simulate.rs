//! Ten thousand invitations over 24 months, accepted and extended, as `countersign simulate` looks at them.
//!
//! The yardstick is a plain loop that makes one moment for each mail with the calendar alone: so many days later, at the same
//! hour, in the customer's time zone. Both run in each round, because machines drift.

use std::hint::black_box;
use std::time::Instant;

use anyhow::ensure;
use countersign::domain::microsoft::Cloud;
use countersign::domain::notice::Schedule;
use countersign::domain::notice::simulation::{Behaviour, Course, simulate};
use countersign::domain::offer::{Offer, OfferRequest};
use countersign::domain::time::{MINUTE, Timestamp};
use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use report::{Report, Series};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[path = "common/report.rs"]
mod report;

const NOW: Timestamp = Timestamp::from_micros(1_795_309_200_000_000);
const INVITATIONS: i64 = 10_000;
const MONTHS: i64 = 24;
const ROUNDS: usize = 11;
const ZONES: [&str; 5] = [
    "Asia/Seoul",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "UTC",
];

fn offer(duration: &str, auto_extend: bool) -> anyhow::Result<Offer> {
    let request = OfferRequest {
        relationship: Some("gdap_partner".to_owned()),
        duration: Some(duration.parse()?),
        auto_extend,
        agreement: true,
        ..OfferRequest::default()
    };
    Ok(Offer::new(request, Cloud::Global)?)
}

/// How many mails all invitations bring.
fn all(offers: &[Offer], zones: &[TimeZone], schedule: &Schedule) -> usize {
    let mut mails = 0;
    for (n, (zone, offer)) in (0..INVITATIONS).zip(zones.iter().cycle().zip(offers.iter().cycle()))
    {
        let made_at = NOW.plus_micros(n * MINUTE);
        let course = Course {
            offer,
            made_at,
            expires_days: 30,
            zone,
            schedule,
            behaviour: Behaviour {
                accepts_after: Some(4),
                steps_done_after: None,
            },
        };
        let until = NOW.plus(MONTHS.months(), zone);
        mails += black_box(simulate(&course, until)).len();
    }
    mails
}

/// As many moments, by the calendar alone.
fn plain(moments: usize, zones: &[TimeZone]) -> i64 {
    let mut sum = 0_i64;
    for (days, zone) in (0..700).cycle().zip(zones.iter().cycle()).take(moments) {
        sum = sum.wrapping_add(
            black_box(NOW)
                .plus(black_box(days).days(), zone)
                .as_micros(),
        );
    }
    sum
}

fn main() -> anyhow::Result<()> {
    let zones: Vec<TimeZone> = ZONES
        .iter()
        .map(|name| TimeZone::get(name))
        .collect::<Result<_, _>>()?;
    let offers = [
        offer("P1Y", true)?,
        offer("P180D", true)?,
        offer("P2Y", false)?,
        offer("P6M", false)?,
    ];
    let schedule = Schedule::default();
    // One round to warm up, which does not count.
    let mails = all(&offers, &zones, &schedule);
    ensure!(mails > 100_000, "{mails} mails are too few");
    let (mut seconds, mut a_mail, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let start = Instant::now();
        ensure!(
            all(&offers, &zones, &schedule) == mails,
            "another number of mails"
        );
        let simulated = start.elapsed().as_secs_f64();
        let start = Instant::now();
        black_box(plain(mails, &zones));
        let bare = start.elapsed().as_secs_f64();
        seconds.push(simulated);
        ratios.push(simulated / bare);
        #[expect(clippy::cast_precision_loss, reason = "some hundred thousand")]
        a_mail.push(simulated * 1e9 / mails as f64);
    }
    let mut report = Report::new("simulate");
    for (name, unit, values, target) in [
        (
            format!("10,000 invitations, {mails} mails"),
            "s",
            seconds,
            Some(f64::NEG_INFINITY..=5.0),
        ),
        ("a mail".to_owned(), "ns", a_mail, None),
        (
            "simulated / moments by the calendar".to_owned(),
            "ratio",
            ratios,
            None,
        ),
    ] {
        report.add(Series {
            name,
            unit,
            values,
            target,
        });
    }
    report.finish()
}
