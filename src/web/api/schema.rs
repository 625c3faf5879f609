//! How the domain's types are described: they travel as texts, and what a text may be stands here once.

use std::borrow::Cow;

use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::list::Limit;
use crate::domain::api_key::Scope;
use crate::domain::audit::EventKind;
use crate::domain::draft::OrganizationKind;
use crate::domain::ids::{
    AcceptanceId, AgreementId, ApiKeyId, ConsentId, ContactId, EventId, GrantId, InvitationId,
    NoticeId, OrganizationId, PartnerId, RelationshipId, SuppressionId, WebhookId,
};
use crate::domain::invitation::{DeclineReason, RecipientRole, StateName};
use crate::domain::limit::Limit as InvitationLimit;
use crate::domain::microsoft::{Cloud, PartnersWord, Step, StepState};
use crate::domain::notice::{Kind, NoticeState, Side};
use crate::domain::relationship::{GrantState, RelationshipState};
use crate::domain::suppression::Cause;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{Cause as SwitchOffCause, EndpointState};

type Described = RefOr<Schema>;

/// Describes a type under a name.
macro_rules! described {
    ($type:ty, $name:expr, $schema:expr) => {
        impl PartialSchema for $type {
            fn schema() -> Described {
                $schema.into()
            }
        }

        impl ToSchema for $type {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }
        }
    };
}

/// Identifiers: a prefix and 32 hexadecimal digits.
macro_rules! ids {
    ($($type:ident, $what:literal;)*) => {$(
        described!($type, stringify!($type), {
            id($type::PREFIX, $what)
        });
    )*};
}

/// Closed sets of words.
macro_rules! words {
    ($($type:ident, $name:literal, $what:literal;)*) => {$(
        described!($type, $name, {
            one_of($type::ALL.iter().map(|word| word.as_str()), $what)
        });
    )*};
}

/// The description of an identifier.
pub(super) fn id(prefix: &str, what: &str) -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(format!("The id of {what}.")))
        .pattern(Some(format!("^{prefix}_[0-9a-f]{{32}}$")))
        .examples([Value::from(example_id(prefix))])
        .build()
        .into()
}

/// An id for examples, which no row has.
pub(super) fn example_id(prefix: &str) -> String {
    format!("{prefix}_019c3f1e0b7a7c1291d4a5c8f2e6b071")
}

/// The description of a closed set of words.
pub(super) fn one_of<'a>(words: impl Iterator<Item = &'a str>, what: &str) -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(what))
        .enum_values(Some(words.map(str::to_owned)))
        .build()
        .into()
}

ids! {
    AcceptanceId, "the record of one acceptance";
    AgreementId, "one text of an agreement in one language";
    ApiKeyId, "a key";
    ConsentId, "the consent to one text";
    ContactId, "a mailbox";
    EventId, "an event";
    GrantId, "a role that was granted";
    InvitationId, "an invitation";
    OrganizationId, "a customer's organization, as this partner knows it";
    PartnerId, "a partner";
    WebhookId, "a webhook";
    NoticeId, "a mail or a call";
    RelationshipId, "what holds between a partner and an organization";
    SuppressionId, "a suppression";
}

words! {
    Scope, "Scope", "What a key may do.";
    OrganizationKind, "OrganizationKind", "What kind of customer it is.";
    StateName, "InvitationState", "Where an invitation stands.";
    InvitationLimit, "InvitationLimit", "Which limit of invitations it is: by whom or to whom they go, and in what time.";
    RecipientRole, "RecipientRole", "Somebody's part in an invitation.";
    DeclineReason, "DeclineReason", "Why a customer declined.";
    Cloud, "Cloud", "The Microsoft cloud that the customer's tenant lives in.";
    PartnersWord, "StepStateSaidByPartner", "What a partner says of a step.";
    Step, "Step", "A step on Microsoft's side, which only the customer can take there.";
    EventKind, "EventKind", "What happened.";
    EndpointState, "WebhookState", "Whether a webhook is called.";
    SwitchOffCause, "SwitchOffCause", "Why a webhook was switched off.";
    NoticeState, "DeliveryState", "Where a call stands.";
    StepState, "StepState", "What is known of a step; the later ones weigh more.";
    RelationshipState, "RelationshipState", "Where a relationship stands.";
    GrantState, "GrantState", "Where a granted role stands: it was granted anew, removed by the customer, or its time is over.";
    Cause, "SuppressionReason", "Why a mailbox takes no mail.";
    Kind, "NoticeKind", "What a mail is for.";
    Side, "Side", "Who reads a mail.";
}

described!(Timestamp, "Timestamp", {
    Schema::from(
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("A moment: RFC 3339, in UTC."))
            .examples([Value::from("2026-12-01T09:30:00Z")])
            .build(),
    )
});

described!(Limit, "Limit", {
    Schema::from(
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(i32::from(Limit::MOST)))
            .default(Some(Value::from(20)))
            .description(Some("How many objects a page has."))
            .build(),
    )
});
