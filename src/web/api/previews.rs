//! `/v1/previews`: a mail as it would read. It is not sent, and its links open nothing.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::Site;
use super::caller::Reader;
use super::json::{Answer, Json};
use super::problem::{Invalid, Kind as ProblemKind, Problem};
use crate::domain::ids::{ContactId, InvitationId};
use crate::domain::language::{AVAILABLE, Language};
use crate::domain::notice::{Kind, Side};
use crate::workflow::deliver::preview::{self, PreviewError, Wanted};

/// Which mail is to be shown.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPreview {
    /// For which invitation of yours.
    invitation: InvitationId,
    kind: Kind,
    /// Who reads it, of a kind that goes to both sides: the customer, where nothing is said.
    side: Option<Side>,
    /// In which language, BCP 47: its reader's own, where nothing is said.
    #[schema(value_type = Option<String>, example = "en", max_length = 35)]
    language: Option<Language>,
}

/// A mail as it would read. What has not happened yet is assumed: that whoever is asked accepts today.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Preview {
    /// Always `preview`.
    #[schema(pattern = "^preview$")]
    object: &'static str,
    invitation: InvitationId,
    /// Whom of the customer's it may name.
    contacts: Vec<ContactId>,
    kind: Kind,
    side: Side,
    #[schema(example = "en")]
    language: String,
    subject: String,
    /// The part of plain text.
    text: String,
    /// The part of HTML: a whole document that loads nothing.
    html: String,
}

fn example_asked() -> Value {
    json!({
        "invitation": "inv_019c3f1e0b7a7c1291d4a5c8f2e6b071",
        "kind": "reminder",
        "language": "en"
    })
}

fn example() -> Value {
    json!({
        "object": "preview",
        "invitation": "inv_019c3f1e0b7a7c1291d4a5c8f2e6b071",
        "contacts": ["ctc_019c3f1e0b7a7c1291d4a5c8f2e6b071"],
        "kind": "reminder",
        "side": "customer",
        "language": "en",
        "subject": "[Hanbit] Reminder: partner relationship request – please answer by 22 December",
        "text": "Dear Kim Minsu,\n\n… /a/SAMPLE-LINK-THAT-OPENS-NOTHING …",
        "html": "<!doctype html>…"
    })
}

impl From<PreviewError> for Problem {
    fn from(error: PreviewError) -> Self {
        let refused = |pointer: &str, error: &PreviewError| {
            let told = error.to_string();
            let told = told.split_once(": ").map_or(&*told, |(_, told)| told);
            Self::invalid(vec![Invalid::at(pointer, "refused", told)])
        };
        match error {
            PreviewError::NotFound => Self::not_found(),
            PreviewError::NotOfInvitations(_) | PreviewError::NeverSent(_) => {
                refused("/kind", &error)
            }
            PreviewError::NotToThem(..) => refused("/side", &error),
            PreviewError::Erased => Self::new(
                ProblemKind::Gone,
                "its recipient was erased, and gets no mail any more",
            ),
            PreviewError::Broken(error) => Self::internal(error.to_string()),
            PreviewError::Storage(error) => error.into(),
        }
    }
}

/// Preview a mail
///
/// Renders a mail for one of your invitations, without sending it. Its links are samples that open nothing: nobody but the customer
/// ever gets a real one.
#[utoipa::path(
    post,
    path = "/v1/previews",
    operation_id = "create_preview",
    tag = "Previews",
    security(("key" = ["read"])),
    request_body(content = NewPreview, description = "Which mail, and for which invitation.", example = example_asked),
    responses((status = 200, description = "The mail.", body = Preview, example = example)),
)]
pub(super) async fn create(
    State(site): State<Arc<Site>>,
    Reader(caller): Reader,
    Json(asked): Json<NewPreview>,
) -> Result<Answer<Preview>, Problem> {
    if let Some(language) = &asked.language
        && !AVAILABLE.contains(language)
    {
        let known: Vec<_> = AVAILABLE.iter().map(ToString::to_string).collect();
        let detail = format!(
            "no mail is written in this language; there are {}",
            known.join(", ")
        );
        let invalid = Invalid::at("/language", "invalid", detail);
        return Err(Problem::invalid(vec![invalid]));
    }
    let wanted = Wanted {
        kind: asked.kind,
        side: asked.side,
        language: asked.language,
    };
    let shown = preview::preview(&site.engine, caller.partner, asked.invitation, &wanted).await?;
    Ok(Answer(Preview {
        object: "preview",
        invitation: asked.invitation,
        contacts: shown.contacts,
        kind: shown.kind,
        side: shown.side,
        language: shown.language.to_string(),
        subject: shown.mail.subject,
        text: shown.mail.text,
        html: shown.mail.html,
    }))
}
