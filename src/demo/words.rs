//! How the demonstration writes moments and mails for people: in English, on the clock of this machine.

use std::borrow::Borrow;

use jiff::tz::TimeZone;

use crate::domain::notice::Kind;
use crate::domain::time::Timestamp;

/// A moment for people: `Sun 22 Nov 2026, 20:15`, on the clock of this machine.
pub fn moment(at: impl Borrow<Timestamp>) -> String {
    at.borrow()
        .in_zone(&TimeZone::system())
        .strftime("%a %-d %b %Y, %H:%M")
        .to_string()
}

/// The name of a kind of mail, for people.
pub fn name(kind: impl Borrow<Kind>) -> &'static str {
    match kind.borrow() {
        Kind::Invitation => "Invitation",
        Kind::Reminder => "Reminder",
        Kind::LastChance => "Last chance",
        Kind::Receipt => "Receipt",
        Kind::Accepted => "News: accepted",
        Kind::Declined => "News: declined",
        Kind::Expired => "News: expired",
        Kind::Undeliverable => "News: undeliverable",
    }
}
