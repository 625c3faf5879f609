//! Identifiers: one newtype a table over UUID v7 (RFC 9562 §5.7), shown with a prefix that says what they name.
//!
//! The prefix stands only in the text form, so that a row costs 16 bytes and a person who reads a log line or types a
//! command sees at once that `inv_…` is no `prt_…`.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::time::Timestamp;

/// Why a text is no identifier of the asked kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not {article} {what} id: expected `{prefix}_` and 32 hexadecimal digits")]
pub struct ParseIdError {
    article: &'static str,
    what: &'static str,
    prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal, $article:literal, $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The prefix of the text form, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// The 16 bytes of the UUID, as a number-like value for storage and tokens.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.as_simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                parse(text, $prefix).map(Self).ok_or(ParseIdError {
                    article: $article,
                    what: $what,
                    prefix: $prefix,
                })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(test)]
        impl proptest::arbitrary::Arbitrary for $name {
            type Parameters = ();
            type Strategy = proptest::strategy::Map<
                <u128 as proptest::arbitrary::Arbitrary>::Strategy,
                fn(u128) -> Self,
            >;

            fn arbitrary_with((): ()) -> Self::Strategy {
                use proptest::strategy::Strategy as _;
                proptest::prelude::any::<u128>().prop_map(|bits| Self(Uuid::from_u128(bits)))
            }
        }
    )*};
}

ids! {
    /// A partner: a cloud reseller, a managed service provider, an advisor.
    PartnerId, "prt", "a", "partner";
    /// A customer's organization or school, as one partner knows it.
    OrganizationId, "org", "an", "organization";
    /// A mailbox, whoever mails it.
    ContactId, "ctc", "a", "contact";
    /// One offer to one organization.
    InvitationId, "inv", "an", "invitation";
    /// A contact's part in an invitation; the subject of accept tokens.
    RecipientId, "rcp", "a", "recipient";
    /// One text of an agreement in one language.
    AgreementId, "agr", "an", "agreement";
    /// The record of one acceptance, with all that was shown and said.
    AcceptanceId, "acc", "an", "acceptance";
    /// Consent to one version of an agreement.
    ConsentId, "cns", "a", "consent";
    /// What holds between a partner and an organization.
    RelationshipId, "rel", "a", "relationship";
    /// One delegated-admin role, for a time.
    GrantId, "grt", "a", "grant";
    /// One mail or call that is meant to leave.
    NoticeId, "ntc", "a", "notice";
    /// A worker's claim on notices, for a time.
    LeaseId, "lse", "a", "lease";
    /// One entry of the audit record.
    EventId, "evt", "an", "event";
    /// One opening of a link.
    VisitId, "vst", "a", "visit";
    /// What a business asked of partners.
    InquiryId, "inq", "an", "inquiry";
    /// An inquiry as one partner got it.
    RequestId, "rqs", "a", "request";
    /// A partner's URL that is told what happens.
    WebhookId, "whe", "a", "webhook";
    /// That a mailbox takes no mail.
    SuppressionId, "sup", "a", "suppression";
    /// A key of the partner's interface.
    ApiKeyId, "key", "an", "API key";
}

fn parse(text: &str, prefix: &str) -> Option<Uuid> {
    let digits = text.trim().strip_prefix(prefix)?.strip_prefix('_')?;
    (digits.len() == 32).then(|| Uuid::try_parse(digits).ok())?
}

/// Makes identifiers from the clock and the randomness that are passed in.
///
/// The first 48 bits are the time in milliseconds (RFC 9562 §5.7), the next 12 the fraction of the millisecond (§6.2, method
/// 3), so that rows made together lie together in an index, and in the order in which they were made.
pub fn fresh<T: From<Uuid>>(now: Timestamp, rng: &mut impl rand::Rng) -> T {
    let millis = u64::try_from(now.as_micros() / 1_000).unwrap_or(0);
    let mut random = [0_u8; 10];
    rng.fill_bytes(&mut random);
    // 4096 steps a millisecond, four a microsecond.
    let fraction = u16::try_from(now.as_micros().rem_euclid(1_000) * 4_096 / 1_000).unwrap_or(0);
    random[..2].copy_from_slice(&fraction.to_be_bytes());
    T::from(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}

/// The smallest UUID v7 of that millisecond: what is smaller was made before it.
pub fn first_of(at: Timestamp) -> Uuid {
    let millis = u64::try_from(at.as_micros() / 1_000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_text_form_reads_back(id: InvitationId) {
            prop_assert_eq!(id.to_string().parse::<InvitationId>().unwrap(), id);
            prop_assert!(id.to_string().parse::<PartnerId>().is_err());
        }
    }

    #[test]
    fn a_wrong_text_says_what_is_expected() {
        let error = "prt_123".parse::<InvitationId>().unwrap_err().to_string();
        assert_eq!(
            error,
            "not an invitation id: expected `inv_` and 32 hexadecimal digits"
        );
    }

    #[test]
    fn ids_made_later_sort_later() {
        let mut rng = rand::rng();
        let early: NoticeId = fresh(Timestamp::from_micros(1_700_000_000_000_000), &mut rng);
        let late: NoticeId = fresh(Timestamp::from_micros(1_700_000_000_000_001), &mut rng);
        assert!(early < late);
        assert_eq!(early.uuid().get_version_num(), 7);
        let day = Timestamp::from_micros(1_700_000_000_000_000);
        assert!(first_of(day) <= early.uuid());
        assert!(first_of(day.plus_micros(-1_000)) < first_of(day));
        let before: NoticeId = fresh(day.plus_micros(-1), &mut rng);
        assert!(before.uuid() < first_of(day));
    }
}
