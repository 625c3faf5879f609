//! `/v1/invitations/batch`: up to a thousand invitations in one call, with what became of each.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::caller::Inviter;
use super::idempotent::IdempotencyKey;
use super::invitations::ask::{self, NewInvitation, faults, trigger};
use super::json::{Answer, Json};
use super::problem::{Invalid, Problem};
use super::schema::example_id;
use crate::domain::draft::Draft;
use crate::domain::ids::InvitationId;
use crate::domain::limit::{Exceeded, Limit};
use crate::domain::time::Timestamp;
use crate::web::Site;
use crate::workflow::invite::{self, InviteError, Item, MOST, Outcome};

/// Invitations that are asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewBatch {
    /// One to a thousand.
    #[schema(min_items = 1, max_items = 1000)]
    invitations: Vec<NewInvitation>,
}

/// What became of one invitation of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BatchStatus)]
enum Status {
    /// It was made, and its mail is in the queue.
    Created,
    /// The same offer waits in the same mailbox already: nothing was mailed.
    AlreadyPending,
    /// This very call made it before: nothing was mailed.
    Replayed,
    /// It was not made; `errors` says why.
    Refused,
}

/// What became of one invitation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BatchResult)]
pub(super) struct Reply {
    /// Its place in the call, from 0.
    #[schema(minimum = 0, maximum = 999)]
    index: usize,
    status: Status,
    /// The invitation that there is now; null for one that was refused.
    invitation: Option<InvitationId>,
    /// Why it was refused, each with a pointer into the body of the call.
    errors: Vec<Invalid>,
    /// The limit that it was refused by, if that is why.
    limit: Option<Reached>,
}

/// A limit that was reached.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LimitReached)]
pub(super) struct Reached {
    limit: Limit,
    /// How many it lets through in its time.
    #[schema(minimum = 1)]
    size: u32,
    /// When it begins anew.
    resets_at: Timestamp,
}

impl From<Exceeded> for Reached {
    fn from(exceeded: Exceeded) -> Self {
        Self {
            limit: exceeded.limit,
            size: exceeded.size,
            resets_at: exceeded.resets_at,
        }
    }
}

/// What became of all of them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Batch {
    /// Always `batch`.
    #[schema(pattern = "^batch$")]
    object: &'static str,
    /// How many were made.
    #[schema(minimum = 0)]
    created: usize,
    /// How many waited already.
    #[schema(minimum = 0)]
    already_pending: usize,
    /// How many this very call had made before.
    #[schema(minimum = 0)]
    replayed: usize,
    /// How many were refused.
    #[schema(minimum = 0)]
    refused: usize,
    /// One for each, in the order of the call.
    results: Vec<Reply>,
}

impl Batch {
    fn of(results: Vec<Reply>) -> Self {
        let count = |status| results.iter().filter(|it| it.status == status).count();
        Self {
            object: "batch",
            created: count(Status::Created),
            already_pending: count(Status::AlreadyPending),
            replayed: count(Status::Replayed),
            refused: count(Status::Refused),
            results,
        }
    }
}

impl Reply {
    /// # Errors
    /// What is wrong is wrong with the whole call.
    fn of(index: usize, outcome: Result<Outcome, InviteError>) -> Result<Self, Problem> {
        let (status, invitation) = match outcome {
            Ok(Outcome::Created(id)) => (Status::Created, id),
            Ok(Outcome::AlreadyPending(id)) => (Status::AlreadyPending, id),
            Ok(Outcome::Replayed(id)) => (Status::Replayed, id),
            Err(error) => return Self::refused(index, error),
        };
        Ok(Self {
            index,
            status,
            invitation: Some(invitation),
            errors: Vec::new(),
            limit: None,
        })
    }

    fn refused(index: usize, error: InviteError) -> Result<Self, Problem> {
        let limit = match &error {
            InviteError::Limit(exceeded) => Some(Reached::from(*exceeded)),
            _ => None,
        };
        let mut errors = faults(error)?;
        for error in &mut errors {
            let inside = error.pointer.take().unwrap_or_default();
            error.pointer = Some(format!("/invitations/{index}{inside}"));
        }
        Ok(Self {
            index,
            status: Status::Refused,
            invitation: None,
            errors,
            limit,
        })
    }
}

fn example_body() -> Value {
    let second = json!({
        "organization": {"name": "Fabrikam"},
        "recipient": {"name": "Lee", "email": "lee@fabrikam"},
        "offer": {"partner_type": "reseller"}
    });
    json!({"invitations": [ask::example_body(), second]})
}

fn example() -> Value {
    json!({
        "object": "batch",
        "created": 1,
        "already_pending": 0,
        "replayed": 0,
        "refused": 1,
        "results": [
            {"index": 0, "status": "created", "invitation": example_id("inv"), "errors": [], "limit": null},
            {
                "index": 1,
                "status": "refused",
                "invitation": null,
                "errors": [{
                    "pointer": "/invitations/1/recipient/email",
                    "code": "invalid",
                    "detail": "the domain of an address has a dot: kim@example.com"
                }],
                "limit": null
            }
        ]
    })
}

/// Make many invitations
///
/// Up to a thousand, in one transaction: each is made, waits already, or is refused by itself, and holds up no other. Of two in one
/// call that ask for the same, the second one waits already. A body that is not of this form is refused as a whole.
///
/// With an `Idempotency-Key`, a call that comes again makes nothing twice, also when its answer was lost. What a limit refuses may be
/// sent again, with a new key, when the limit begins anew.
#[utoipa::path(
    post,
    path = "/v1/invitations/batch",
    operation_id = "create_invitations",
    tag = "Invitations",
    security(("key" = ["invite"])),
    request_body(content = NewBatch, description = "Who is asked for what.", example = example_body),
    responses((status = 200, description = "What became of each.", body = Batch, example = example)),
)]
pub(super) async fn create(
    State(site): State<Arc<Site>>,
    Inviter(caller): Inviter,
    key: IdempotencyKey,
    Json(asked): Json<NewBatch>,
) -> Result<Answer<Batch>, Problem> {
    let count = asked.invitations.len();
    if count > MOST {
        return Err(InviteError::TooMany.into());
    }
    if count == 0 {
        let detail = "there is nothing to do: name one invitation at least";
        let error = Invalid::at("/invitations", "invalid", detail);
        return Err(Problem::invalid(vec![error]));
    }
    let mut results: Vec<Option<Reply>> = Vec::with_capacity(count);
    let mut items = Vec::with_capacity(count);
    for (index, asked) in asked.invitations.into_iter().enumerate() {
        results.push(match Draft::from(asked).check() {
            Ok(request) => {
                // Each has its own, so that a call whose answer was lost is taken up where it stands.
                let key = key.0.as_ref();
                let idempotency_key = key.map(|key| format!("api-batch:{index}:{key}"));
                items.push(Item {
                    request,
                    idempotency_key,
                });
                None
            }
            Err(errors) => Some(Reply::refused(index, InviteError::Fields(errors))?),
        });
    }
    let outcomes = invite::invite_many(&site.engine, trigger(&caller), items).await?;
    let mut outcomes = outcomes.into_iter();
    let mut all = Vec::with_capacity(count);
    for (index, refused) in results.into_iter().enumerate() {
        let reply = match refused {
            Some(refused) => refused,
            None => match outcomes.next() {
                Some(outcome) => Reply::of(index, outcome)?,
                None => return Err(Problem::internal("fewer outcomes than were asked for")),
            },
        };
        all.push(reply);
    }
    Ok(Answer(Batch::of(all)))
}
