//! The time line of an invitation: what happened, which mails left or will leave, who opened a link.

use serde::Serialize;

use super::Engine;
use crate::domain::ids::InvitationId;
use crate::domain::notice::NoticeState;
use crate::domain::time::Timestamp;
use crate::storage::dossier::Dossier;
use crate::storage::step::KnownStep;
use crate::storage::{self, dossier, event, notice, step, visit};

/// One line of it.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// What, as a name: `invitation.created`, `mail.sent`, `mail.planned`, `visit` ….
    pub what: String,
    /// More of it.
    pub detail: String,
}

/// An invitation with its time line.
#[derive(Clone)]
pub struct Timeline {
    /// The invitation.
    pub dossier: Dossier,
    /// What is known of Microsoft's side.
    pub steps: Vec<KnownStep>,
    /// What happened, then what is planned.
    pub lines: Vec<Line>,
}

/// The time line of an invitation, if there is one.
///
/// # Errors
/// The database is away.
pub async fn of(engine: &Engine, id: InvitationId) -> Result<Option<Timeline>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let Some(dossier) = dossier::of_invitation(&mut conn, id).await? else {
        return Ok(None);
    };
    let mut lines = Vec::new();
    for event in event::of_subject(&mut conn, id.uuid()).await? {
        let detail = match event.data.as_str() {
            "{}" => format!("by {}", event.actor),
            data => format!("by {}: {data}", event.actor),
        };
        lines.push(Line {
            at: event.happened_at,
            what: event.kind,
            detail,
        });
    }
    let notices = notice::of_subject(&mut conn, id.uuid()).await?;
    for attempt in notice::attempts_of_subject(&mut conn, id.uuid()).await? {
        let Some(notice) = notices.iter().find(|notice| notice.id == attempt.notice_id) else {
            continue;
        };
        let outcome = attempt.outcome.as_deref().unwrap_or("running");
        lines.push(Line {
            at: attempt.ended_at.unwrap_or(attempt.begun_at),
            what: format!("mail.{outcome}"),
            detail: [
                Some(format!("{} (try {})", notice.kind, attempt.number)),
                attempt.stage.map(|stage| format!("at {stage}")),
                attempt.reply,
            ]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", "),
        });
    }
    for seen in visit::of_recipient(&mut conn, dossier.recipient_id).await? {
        lines.push(Line {
            at: seen.visited_at,
            what: "visit".to_owned(),
            detail: format!("{} page, {} ({})", seen.purpose, seen.label, seen.evidence),
        });
    }
    lines.sort_by_key(|line| line.at);
    for notice in notices {
        match notice.state {
            NoticeState::Scheduled | NoticeState::Ready => lines.push(Line {
                at: notice.run_at,
                what: "mail.planned".to_owned(),
                detail: notice.kind.to_string(),
            }),
            NoticeState::Cancelled => lines.push(Line {
                at: notice.settled_at.unwrap_or(notice.run_at),
                what: "mail.cancelled".to_owned(),
                detail: format!("{}: {}", notice.kind, notice.last_reply.unwrap_or_default()),
            }),
            _ => {}
        }
    }
    let steps = step::of_invitation(&mut conn, id).await?;
    Ok(Some(Timeline {
        dossier,
        steps,
        lines,
    }))
}
