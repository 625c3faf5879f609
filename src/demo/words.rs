//! How the demonstration writes moments and mails for people: in English, on the clock of this machine.

use std::borrow::Borrow;

use jiff::tz::TimeZone;

use crate::domain::notice::Kind;
use crate::domain::time::Timestamp;

/// A moment for people: `Sun 22 Nov 2026, 20:15 KST`, on the clock of this machine; UTC where it says no zone.
pub fn moment(at: impl Borrow<Timestamp>) -> String {
    let system = TimeZone::system();
    let zone = if system.is_unknown() {
        TimeZone::UTC
    } else {
        system
    };
    at.borrow()
        .in_zone(&zone)
        .strftime("%a %-d %b %Y, %H:%M %Z")
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
        Kind::Ending => "Roles end soon",
        Kind::Ended => "Roles ended",
        Kind::Extended => "Roles extended",
        Kind::RolesRemoved => "Roles removed",
        Kind::RelationshipEnded => "Relationship ended",
        Kind::ManageLink => "Link to all partners",
        Kind::StepsOpen => "Steps at Microsoft",
        Kind::InquiryConfirm => "Confirm an inquiry",
        Kind::Inquiry => "Inquiry of a business",
        Kind::HandedOver => "News: handed over",
        Kind::Viewer => "Copy to read",
        Kind::WebhookDisabled => "Webhook switched off",
        Kind::Webhook => "Webhook call",
    }
}
