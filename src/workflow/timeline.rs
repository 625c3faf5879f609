//! The time line of an invitation: what happened, which mails left or will leave, who opened a link.

use serde::Serialize;
use serde_json::Value;

use super::Engine;
use crate::domain::ids::InvitationId;
use crate::domain::notice::NoticeState;
use crate::domain::time::Timestamp;
use crate::storage::dossier::Dossier;
use crate::storage::recipient::Part;
use crate::storage::step::KnownStep;
use crate::storage::visit::Visit;
use crate::storage::{self, dossier, event, notice, recipient, step, visit};

/// One line of it.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// What, as a name: `invitation.created`, `mail.sent`, `mail.planned`, `visit` ….
    pub what: String,
    /// More of it.
    pub detail: String,
    /// More of it for whoever must not see a link: without what a mail server wrote, which may quote one.
    #[serde(skip)]
    pub facts: String,
}

impl Line {
    fn plain(at: Timestamp, what: impl Into<String>, detail: String) -> Self {
        Self {
            at,
            what: what.into(),
            facts: detail.clone(),
            detail,
        }
    }
}

/// An invitation with its time line.
#[derive(Clone)]
pub struct Timeline {
    /// The invitation.
    pub dossier: Dossier,
    /// All who take part, in the order in which they came to it.
    pub parts: Vec<Part>,
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
        lines.push(Line::plain(
            event.happened_at,
            event.kind,
            told(&event.actor, &event.data),
        ));
    }
    let notices = notice::of_subject(&mut conn, id.uuid()).await?;
    for attempt in notice::attempts_of_subject(&mut conn, id.uuid()).await? {
        let Some(notice) = notices.iter().find(|notice| notice.id == attempt.notice_id) else {
            continue;
        };
        let outcome = attempt.outcome.as_deref().unwrap_or("running");
        let mut facts = format!("{} (try {})", notice.kind, attempt.number);
        if let Some(stage) = attempt.stage {
            facts.extend([", at ", &stage]);
        }
        lines.push(Line {
            at: attempt.ended_at.unwrap_or(attempt.begun_at),
            what: format!("mail.{outcome}"),
            detail: match attempt.reply {
                Some(reply) => format!("{facts}, {reply}"),
                None => facts.clone(),
            },
            facts,
        });
    }
    let parts = recipient::of_invitation(&mut conn, id).await?;
    for part in &parts {
        for seen in visit::of_recipient(&mut conn, part.id).await? {
            lines.push(Line::plain(seen.visited_at, "visit", visited(&seen)));
        }
    }
    let mut planned = Vec::new();
    for notice in notices {
        match notice.state {
            NoticeState::Scheduled | NoticeState::Ready => planned.push(Line::plain(
                notice.run_at,
                "mail.planned",
                notice.kind.to_string(),
            )),
            NoticeState::Cancelled => lines.push(Line {
                at: notice.settled_at.unwrap_or(notice.run_at),
                what: "mail.cancelled".to_owned(),
                detail: format!("{}: {}", notice.kind, notice.last_reply.unwrap_or_default()),
                facts: notice.kind.to_string(),
            }),
            _ => {}
        }
    }
    lines.sort_by_key(|line| line.at);
    planned.sort_by_key(|line| line.at);
    lines.append(&mut planned);
    let steps = step::of_invitations(&mut conn, [id]).await?;
    Ok(Some(Timeline {
        dossier,
        parts,
        steps,
        lines,
    }))
}

/// Which page somebody opened, and what looks like a person or a program about it.
fn visited(seen: &Visit) -> String {
    let Visit { purpose, label, .. } = seen;
    let mut told = format!("{purpose} page, {label}");
    if !seen.evidence.is_empty() {
        told.extend([" (", &seen.evidence, ")"]);
    }
    match seen.times - 1 {
        0 => {}
        more => told.extend([format!("; {more} more {label} until {}", seen.last_at)]),
    }
    told
}

/// Who did it, and what was recorded of it, for people: `by operator; offer …, source cli`.
fn told(actor: &str, data: &str) -> String {
    let data: serde_json::Map<String, Value> = serde_json::from_str(data).unwrap_or_default();
    let said: Vec<String> = data
        .iter()
        .map(|(name, value)| (name.replace('_', " "), value))
        .filter_map(|(name, value)| match value {
            Value::Null | Value::Bool(false) => None,
            Value::Bool(true) => Some(name),
            Value::String(text) => Some(format!("{name} {text}")),
            other => Some(format!("{name} {other}")),
        })
        .collect();
    if said.is_empty() {
        format!("by {actor}")
    } else {
        format!("by {actor}; {}", said.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::{Visit, told, visited};
    use crate::domain::time::Timestamp;
    use uuid::Uuid;

    #[test]
    fn a_visit_is_told_with_what_speaks_for_a_program() {
        let told = |label: &str, evidence: &str, times| {
            visited(&Visit {
                id: Uuid::nil().into(),
                recipient_id: Uuid::nil().into(),
                purpose: "accept".to_owned(),
                label: label.to_owned(),
                evidence: evidence.to_owned(),
                client_address: None,
                user_agent: None,
                visited_at: Timestamp::from_micros(0),
                times,
                last_at: Timestamp::from_micros(1_000_000),
            })
        };
        assert_eq!(told("human", "", 1), "accept page, human");
        assert_eq!(
            told("automated", "tool, no_html", 1),
            "accept page, automated (tool, no_html)"
        );
        assert_eq!(
            told("automated", "head", 3),
            "accept page, automated (head); 2 more automated until 1970-01-01T00:00:01Z"
        );
    }

    #[test]
    fn what_was_recorded_is_told_without_what_is_not_the_case() {
        let data = r#"{"forced":true,"offer":"2020/-/a_b/-/mca","replaces":null,"given_up":false,"generation":2}"#;
        assert_eq!(
            told("operator", data),
            "by operator; forced, generation 2, offer 2020/-/a_b/-/mca"
        );
        assert_eq!(told("system", "{}"), "by system");
    }
}
