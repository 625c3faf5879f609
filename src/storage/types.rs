//! How the domain's types travel: identifiers as UUIDs, moments as microseconds, states as text.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Decode, Encode, Postgres, Sqlite, Type};
use uuid::Uuid;

use crate::domain::api_key::Scopes;
use crate::domain::draft::OrganizationKind;
use crate::domain::ids::{
    AcceptanceId, AgreementId, ApiKeyId, ConsentId, ContactId, EventId, GrantId, InquiryId,
    InvitationId, LeaseId, NoticeId, OrganizationId, PartnerId, RecipientId, RelationshipId,
    RequestId, SuppressionId, VisitId, WebhookId,
};
use crate::domain::inquiry::InquiryState;
use crate::domain::invitation::{DeclineReason, RecipientRole, StateName};
use crate::domain::language::Language;
use crate::domain::microsoft::{Cloud, Step, StepState};
use crate::domain::notice::{Channel, Kind, NoticeState, OwnSchedule};
use crate::domain::relationship::{GrantState, RelationshipState};
use crate::domain::span::GrantDuration;
use crate::domain::time::Timestamp;
use crate::domain::webhook;

/// Sends and reads `$type` on `$db` as another type that the driver knows.
macro_rules! travels {
    ($type:ty, $db:ty, as $wire:ty, $to:expr, $from:expr) => {
        impl Type<$db> for $type {
            fn type_info() -> <$db as sqlx::Database>::TypeInfo {
                <$wire as Type<$db>>::type_info()
            }

            fn compatible(ty: &<$db as sqlx::Database>::TypeInfo) -> bool {
                <$wire as Type<$db>>::compatible(ty)
            }
        }

        impl<'q> Encode<'q, $db> for $type {
            fn encode_by_ref(
                &self,
                buffer: &mut <$db as sqlx::Database>::ArgumentBuffer,
            ) -> Result<IsNull, BoxDynError> {
                let to: fn(&$type) -> $wire = $to;
                Encode::<'q, $db>::encode(to(self), buffer)
            }
        }

        impl<'r> Decode<'r, $db> for $type {
            fn decode(value: <$db as sqlx::Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
                let from: fn($wire) -> Result<$type, BoxDynError> = $from;
                from(<$wire as Decode<'r, $db>>::decode(value)?)
            }
        }
    };
}

macro_rules! ids {
    ($($id:ty),*) => {$(
        travels!($id, Sqlite, as Uuid, |id| id.uuid(), |uuid| Ok(uuid.into()));
        travels!($id, Postgres, as Uuid, |id| id.uuid(), |uuid| Ok(uuid.into()));
    )*};
}

/// States, kinds and other names: `Display` writes them, `FromStr` reads them.
macro_rules! texts {
    ($($type:ty),* $(,)?) => {$(
        travels!($type, Sqlite, as String, |value| value.to_string(), |text| Ok(text.parse()?));
        travels!($type, Postgres, as String, |value| value.to_string(), |text| Ok(text.parse()?));
    )*};
}

ids!(
    AcceptanceId,
    AgreementId,
    ConsentId,
    ContactId,
    EventId,
    GrantId,
    InvitationId,
    LeaseId,
    NoticeId,
    OrganizationId,
    PartnerId,
    RecipientId,
    RelationshipId,
    VisitId,
    InquiryId,
    RequestId,
    WebhookId,
    SuppressionId,
    ApiKeyId
);
travels!(Timestamp, Sqlite, as i64, |t| t.as_micros(), |micros| Ok(Timestamp::from_micros(micros)));
travels!(Timestamp, Postgres, as i64, |t| t.as_micros(), |micros| Ok(Timestamp::from_micros(micros)));

texts!(
    Channel,
    Cloud,
    DeclineReason,
    GrantDuration,
    GrantState,
    Kind,
    Language,
    NoticeState,
    OrganizationKind,
    OwnSchedule,
    RecipientRole,
    RelationshipState,
    StateName,
    Step,
    StepState,
    InquiryState,
    webhook::Cause,
    webhook::EndpointState,
    Scopes,
);
