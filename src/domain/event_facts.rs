//! What the data of each kind of event may say: identifiers, words of ours, numbers and hashes; never an address, a name or a
//! text that somebody wrote.
//!
//! An event stays in its chain for ever, and its partner's programs read it: what names a person stands elsewhere, where it can
//! be erased. A debug build refuses to record what is not on this list, so that every test of every step holds to it; the
//! public form shows nothing else.

use serde_json::{Map, Value};

use super::audit::EventKind;

/// The row that the subject of an event names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    /// An invitation.
    Invitation,
    /// The partner itself.
    Partner,
    /// An inquiry as the partner got it.
    Request,
    /// That a mailbox takes no mail.
    Suppression,
    /// A key of the partner's interface.
    ApiKey,
    /// A partner's URL that is told what happens.
    Webhook,
}

impl SubjectKind {
    /// By which name its identifier stands in the public form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Partner => "partner",
            Self::Request => "request",
            Self::Suppression => "suppression",
            Self::ApiKey => "api_key",
            Self::Webhook => "webhook",
        }
    }
}

/// What a value looks like. None of them leaves room for what a person wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// An identifier with its prefix.
    Id,
    /// A word of ours, or several joined: small letters and digits, and `_ . - / +`; a duration's capitals.
    Word,
    /// A list of words.
    Words,
    /// A whole number.
    Number,
    /// A list of whole numbers.
    Numbers,
    /// Yes or no.
    Flag,
    /// A SHA-256 in hexadecimal digits.
    Hash,
    /// A page of Microsoft's, as its links are checked.
    MicrosoftLink,
    /// A moment: RFC 3339.
    Moment,
    /// Days and hours: `mon-fri 09:00-18:00`.
    Hours,
}

impl Shape {
    /// Whether a value has that shape; what is not known is null.
    pub fn fits(self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::Null) => true,
            (Self::Number, value) => value.is_i64() || value.is_u64(),
            (Self::Flag, value) => value.is_boolean(),
            (Self::Words, Value::Array(all)) => all.iter().all(|it| Self::Word.fits(it)),
            (Self::Numbers, Value::Array(all)) => all.iter().all(|it| Self::Number.fits(it)),
            (_, Value::String(text)) => self.fits_text(text),
            _ => false,
        }
    }

    fn fits_text(self, text: &str) -> bool {
        let is_hex = |text: &str| {
            text.bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        match self {
            Self::Id => text.split_once('_').is_some_and(|(prefix, digits)| {
                prefix.len() == 3
                    && prefix.bytes().all(|byte| byte.is_ascii_lowercase())
                    && digits.len() == 32
                    && is_hex(digits)
            }),
            Self::Word => {
                (1..700).contains(&text.len())
                    && text.bytes().all(|byte| {
                        byte.is_ascii_alphanumeric()
                            || matches!(byte, b'_' | b'.' | b'-' | b'/' | b'+')
                    })
            }
            Self::Moment => text.parse::<jiff::Timestamp>().is_ok(),
            Self::Hash => text.len() == 64 && is_hex(text),
            Self::MicrosoftLink => {
                text.starts_with("https://") && text.bytes().all(|byte| byte.is_ascii_graphic())
            }
            Self::Hours => {
                text.len() < 40
                    && text.bytes().all(|byte| {
                        byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b':' | b',')
                    })
            }
            Self::Words | Self::Number | Self::Numbers | Self::Flag => false,
        }
    }
}

/// A fact by its name.
type Fact = (&'static str, Shape);

const OF_ROLES: &[Fact] = &[
    ("relationship", Shape::Id),
    ("type", Shape::Word),
    ("revision", Shape::Number),
    ("roles", Shape::Words),
];
const OF_A_KEY: &[Fact] = &[
    ("prefix", Shape::Word),
    ("scopes", Shape::Words),
    ("expires_at", Shape::Moment),
    ("replaces", Shape::Id),
];
const OF_A_NEW_ADDRESS: &[Fact] = &[
    ("from", Shape::Id),
    ("to", Shape::Id),
    ("generation", Shape::Number),
];

impl EventKind {
    /// What its data may say besides the subject.
    pub const fn facts(self) -> &'static [Fact] {
        match self {
            Self::InvitationCreated => &[
                ("contact", Shape::Id),
                ("organization", Shape::Id),
                ("offer", Shape::Word),
                ("forced", Shape::Flag),
                ("source", Shape::Word),
                ("api_key", Shape::Id),
                ("generation", Shape::Number),
                ("replaces", Shape::Id),
            ],
            Self::InvitationResent => &[("generation", Shape::Number), ("replaces", Shape::Id)],
            Self::InvitationAccepted => &[
                ("acceptance", Shape::Id),
                ("evidence_sha256", Shape::Hash),
                ("relationship", Shape::Id),
            ],
            Self::InvitationDeclined => &[("reason", Shape::Word)],
            Self::InvitationRevoked => &[("because", Shape::Word)],
            Self::InvitationUndeliverable => &[("mail", Shape::Word), ("reason", Shape::Word)],
            Self::InvitationHandedOver | Self::InvitationCorrected => OF_A_NEW_ADDRESS,
            Self::ViewerAdded | Self::ViewerRemoved => &[("contact", Shape::Id)],
            Self::LinksSupplied => &[
                ("gdap", Shape::MicrosoftLink),
                ("reseller", Shape::MicrosoftLink),
                ("mca", Shape::MicrosoftLink),
            ],
            Self::StepMarked => &[("step", Shape::Word), ("state", Shape::Word)],
            Self::InquiryAnswered => &[("invitation", Shape::Id)],
            Self::RolesActivated
            | Self::RolesExtended
            | Self::RolesEnded
            | Self::RolesRemoved
            | Self::ExtensionStopped
            | Self::RelationshipEnded => OF_ROLES,
            Self::PersonErased => &[
                ("contact", Shape::Id),
                ("role", Shape::Word),
                ("evidence", Shape::Word),
            ],
            Self::EvidenceErased => &[("acceptance", Shape::Id)],
            Self::PartnerScheduleChanged => &[
                ("remind_after_days", Shape::Numbers),
                ("last_chance_days", Shape::Number),
                ("ending_days", Shape::Numbers),
                ("steps_open_days", Shape::Number),
                ("hours", Shape::Hours),
            ],
            Self::PartnerLimitsChanged => &[
                ("per_key_day", Shape::Number),
                ("per_partner_day", Shape::Number),
            ],
            Self::SuppressionRemoved => &[("contact", Shape::Id), ("reason", Shape::Word)],
            Self::ApiKeyCreated | Self::ApiKeyRotated | Self::ApiKeyRevoked => OF_A_KEY,
            Self::WebhookCreated => &[("events", Shape::Words)],
            Self::WebhookUpdated => &[("changed", Shape::Words), ("state", Shape::Word)],
            Self::WebhookRotated => &[("former_until", Shape::Moment)],
            Self::WebhookReplayed => &[
                ("delivery", Shape::Id),
                ("from", Shape::Moment),
                ("to", Shape::Moment),
                ("calls", Shape::Number),
            ],
            Self::WebhookDisabled => &[
                ("cause", Shape::Word),
                ("failing_since", Shape::Moment),
                ("status", Shape::Number),
            ],
            Self::InvitationExpired
            | Self::WebhookDeleted
            | Self::WebhookTest
            | Self::RemindersStopped
            | Self::PartnerAdded
            | Self::ProfileChanged
            | Self::ProfilePublished
            | Self::ProfileWithdrawn
            | Self::InquiryReceived => &[],
        }
    }

    /// Which row its subject names.
    pub fn subject(self, data: &Map<String, Value>) -> SubjectKind {
        match self {
            Self::PartnerAdded
            | Self::PartnerScheduleChanged
            | Self::PartnerLimitsChanged
            | Self::ProfileChanged
            | Self::ProfilePublished
            | Self::ProfileWithdrawn => SubjectKind::Partner,
            Self::InquiryReceived | Self::InquiryAnswered => SubjectKind::Request,
            // A person takes part in an invitation in a role; of an inquiry there is but one.
            Self::PersonErased if !data.contains_key("role") => SubjectKind::Request,
            Self::SuppressionRemoved => SubjectKind::Suppression,
            Self::ApiKeyCreated | Self::ApiKeyRotated | Self::ApiKeyRevoked => SubjectKind::ApiKey,
            Self::WebhookCreated
            | Self::WebhookUpdated
            | Self::WebhookDeleted
            | Self::WebhookRotated
            | Self::WebhookReplayed
            | Self::WebhookDisabled
            | Self::WebhookTest => SubjectKind::Webhook,
            _ => SubjectKind::Invitation,
        }
    }

    /// What of these data is on the list of its facts, and fits.
    pub fn public(self, data: Map<String, Value>) -> Map<String, Value> {
        let mut data = data;
        data.retain(|name, value| self.is_fact(name, value));
        data
    }

    /// The names of what is not, for a test to show.
    pub fn strange(self, data: &Map<String, Value>) -> impl Iterator<Item = &str> {
        let strange = data
            .iter()
            .filter(move |(name, value)| !self.is_fact(name, value));
        strange.map(|(name, _)| name.as_str())
    }

    fn is_fact(self, name: &str, value: &Value) -> bool {
        let mut facts = self.facts().iter();
        facts.any(|(known, shape)| *known == name && shape.fits(value))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_shape_leaves_room_for_an_address_or_a_name() {
        let written = [
            json!("hong@customer.example"),
            json!("홍길동"),
            json!("Gildong Hong <hong@customer.example>"),
            json!("We have another partner, sorry."),
            json!({"name": "Hong"}),
            json!(["홍길동"]),
            json!(1.5),
        ];
        let all = [
            Shape::Id,
            Shape::Word,
            Shape::Words,
            Shape::Number,
            Shape::Numbers,
            Shape::Flag,
            Shape::Hash,
            Shape::Moment,
            Shape::MicrosoftLink,
            Shape::Hours,
        ];
        for (shape, value) in all
            .into_iter()
            .flat_map(|shape| written.iter().map(move |value| (shape, value)))
        {
            assert!(!shape.fits(value), "{shape:?}: {value}");
        }
    }

    #[test]
    fn each_shape_fits_what_is_written() {
        let id = format!("inv_{}", "0a".repeat(16));
        for (shape, value) in [
            (Shape::Id, json!(id)),
            (
                Shape::Word,
                json!("2025/advisor/helpdesk_administrator/P1Y+/mca"),
            ),
            (Shape::Words, json!(["global_reader"])),
            (Shape::Number, json!(2)),
            (Shape::Numbers, json!([3, 7])),
            (Shape::Flag, json!(false)),
            (Shape::Hash, json!("ab".repeat(32))),
            (Shape::Moment, json!("2026-12-08T08:30:00Z")),
            (Shape::Hours, json!("mon-fri 09:00-18:00")),
            (Shape::Id, Value::Null),
        ] {
            assert!(shape.fits(&value), "{shape:?}: {value}");
        }
    }

    #[test]
    fn only_facts_are_public() {
        let Value::Object(data) = json!({
            "reason": "other",
            "text": "no",
            "name": "홍길동",
        }) else {
            unreachable!()
        };
        let kind = EventKind::InvitationDeclined;
        let strange: Vec<_> = kind.strange(&data).collect();
        assert_eq!(strange, ["name", "text"]);
        assert_eq!(Value::Object(kind.public(data)), json!({"reason": "other"}));
    }

    #[test]
    fn every_kind_and_every_fact_is_documented() {
        let document = include_str!("../../docs/events.md");
        for &kind in EventKind::ALL {
            let row = document
                .lines()
                .find(|line| line.starts_with(&format!("| `{kind}` |")));
            let row = row.unwrap_or_else(|| panic!("{kind} has no row in docs/events.md"));
            for (name, _) in kind.facts() {
                assert!(row.contains(&format!("`{name}`")), "{kind}: {name}");
            }
            let subject = kind.subject(&Map::new());
            let named =
                kind == EventKind::PersonErased || row.contains(&format!("`{}`", subject.name()));
            assert!(named, "{kind}: {}", subject.name());
        }
    }
}
