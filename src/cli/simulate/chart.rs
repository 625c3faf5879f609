//! The mails of each month as a chart: one page of HTML by itself, without scripts, readable in light and dark; the table
//! beneath it says the same in numbers. It holds no address.

use askama::Template;

use super::outlook::{Counts, Month, Outlook, Wish};
use super::tell::{behaviour, named};
use crate::domain::notice::Kind;

/// The chart's room, in its own units.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 32.0;
/// At most so many months are written beneath it.
const MOST_LABELS: usize = 13;

#[derive(Template)]
#[template(path = "chart/simulation.html")]
struct Page {
    months: u16,
    invitations: usize,
    mails: u64,
    behaviour: String,
    from: String,
    bars: Vec<Bar>,
    ticks: Vec<Tick>,
    labels: Vec<Label>,
    kinds: Vec<Key>,
    rows: Vec<Row>,
    totals: Vec<u64>,
}

/// A part of a bar.
struct Bar {
    x: String,
    y: String,
    width: String,
    height: String,
    colour: &'static str,
    title: String,
}

/// A line of the scale.
struct Tick {
    y: String,
    text_y: String,
    value: u64,
}

/// A month beneath the bars.
struct Label {
    x: String,
    text: String,
}

/// A kind of mail and its colour.
struct Key {
    name: String,
    colour: &'static str,
}

/// A month in numbers.
struct Row {
    month: String,
    counts: Vec<u64>,
    all: u64,
}

/// The page.
pub(super) fn page(outlook: &Outlook, wish: &Wish, months: u16) -> String {
    let totals = outlook.totals();
    let kinds: Vec<Kind> = totals.keys().copied().collect();
    let tallest = outlook.months.values().map(all).max().unwrap_or_default();
    let (step, top) = scale(tallest);
    let page = Page {
        months,
        invitations: outlook.invitations,
        mails: all(&totals),
        behaviour: behaviour(wish),
        from: wish.from.to_string(),
        bars: bars(outlook, top),
        ticks: (0..=top / step).map(|n| tick(n * step, top)).collect(),
        labels: labels(outlook),
        kinds: kinds
            .iter()
            .map(|kind| Key {
                name: words(*kind),
                colour: colour(*kind),
            })
            .collect(),
        rows: outlook
            .months
            .iter()
            .map(|(month, counts)| row(*month, counts, &kinds))
            .collect(),
        totals: totals.values().copied().collect(),
    };
    // Writing to a String cannot fail, and the template calls nothing that can.
    page.render().unwrap_or_default()
}

fn all(counts: &Counts) -> u64 {
    counts.values().sum()
}

fn row(month: Month, counts: &Counts, kinds: &[Kind]) -> Row {
    let of = |kind| counts.get(kind).copied().unwrap_or_default();
    Row {
        month: named(month),
        counts: kinds.iter().map(of).collect(),
        all: all(counts),
    }
}

/// The name of a kind, as people read it.
fn words(kind: Kind) -> String {
    kind.as_str().replace('_', " ")
}

/// The distance of the lines, and the value of the highest: at most six lines, at 1, 2 or 5 times a power of ten.
fn scale(tallest: u64) -> (u64, u64) {
    let tallest = tallest.max(1);
    let mut power = 1;
    loop {
        for factor in [1, 2, 5] {
            let step = factor * power;
            if tallest.div_ceil(step) <= 5 {
                return (step, tallest.div_ceil(step) * step);
            }
        }
        power *= 10;
    }
}

#[expect(clippy::cast_precision_loss, reason = "places in a picture")]
fn height(value: u64, top: u64) -> f64 {
    value as f64 / top as f64 * (HEIGHT - TOP - BOTTOM)
}

fn place(value: f64) -> String {
    format!("{value:.1}")
}

fn tick(value: u64, top: u64) -> Tick {
    let y = HEIGHT - BOTTOM - height(value, top);
    Tick {
        y: place(y),
        text_y: place(y + 4.0),
        value,
    }
}

/// Where the room of a month begins, and how wide it is.
#[expect(clippy::cast_precision_loss, reason = "places in a picture")]
fn room(index: usize, months: usize) -> (f64, f64) {
    let width = (WIDTH - LEFT - RIGHT) / months as f64;
    (LEFT + width * index as f64, width)
}

fn bars(outlook: &Outlook, top: u64) -> Vec<Bar> {
    let mut bars = Vec::new();
    for (index, (month, counts)) in outlook.months.iter().enumerate() {
        let (x, width) = room(index, outlook.months.len());
        let mut foot = HEIGHT - BOTTOM;
        for (kind, count) in counts {
            let tall = height(*count, top);
            foot -= tall;
            bars.push(Bar {
                x: place(x + width * 0.12),
                y: place(foot),
                width: place(width * 0.76),
                height: place(tall),
                colour: colour(*kind),
                title: format!("{}: {count} {}", named(*month), words(*kind)),
            });
        }
    }
    bars
}

fn labels(outlook: &Outlook) -> Vec<Label> {
    let months = outlook.months.len();
    let every = months.div_ceil(MOST_LABELS).max(1);
    let shown = outlook.months.keys().enumerate().step_by(every);
    shown
        .map(|(index, month)| {
            let (x, width) = room(index, months);
            Label {
                x: place(x + width / 2.0),
                text: named(*month),
            }
        })
        .collect()
}

/// A colour that stands out from the light page and from the dark one (3:1, WCAG 2.2, 1.4.11).
const fn colour(kind: Kind) -> &'static str {
    match kind {
        Kind::Invitation => "#2f6fd0",
        Kind::Reminder => "#1a8fb3",
        Kind::LastChance => "#7a68dd",
        Kind::Receipt => "#2b9357",
        Kind::Accepted => "#74921c",
        Kind::StepsOpen => "#a67c22",
        Kind::Ending => "#cc651d",
        Kind::Ended => "#cf4436",
        Kind::Extended => "#b04fb0",
        Kind::Declined
        | Kind::Expired
        | Kind::Undeliverable
        | Kind::RolesRemoved
        | Kind::RelationshipEnded
        | Kind::ManageLink
        | Kind::HandedOver
        | Kind::Viewer
        | Kind::InquiryConfirm
        | Kind::Inquiry
        | Kind::WebhookDisabled
        | Kind::Webhook => "#7d8590",
    }
}

#[cfg(test)]
mod tests;
