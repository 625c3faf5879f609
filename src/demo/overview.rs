//! Where the demonstration stands: what there is, where to look, and what comes next.

use std::collections::HashSet;

use serde::Serialize;

use super::error::DemoError;
use super::stage::Stage;
use crate::domain::ids::InvitationId;
use crate::domain::invitation::StateName;
use crate::domain::link_path;
use crate::domain::notice::{Kind, NoticeState};
use crate::domain::time::Timestamp;
use crate::storage::dossier::{self, Dossier};
use crate::storage::{invitation, notice, partner};

/// More invitations than the example files hold are not listed.
const MOST: i64 = 100;

/// Where the demonstration stands.
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    /// Its folder.
    pub folder: String,
    /// Its settings, for `--config`.
    pub settings: String,
    /// Where all mails can be read.
    pub inbox: String,
    /// Where customers answer.
    pub pages: String,
    /// What its clock says.
    pub now: Timestamp,
    /// How many mails have arrived.
    pub mails: usize,
    /// The partners.
    pub partners: Vec<Asking>,
    /// The invitations, oldest first.
    pub invitations: Vec<Invited>,
    /// The mails that are planned, soonest first.
    pub next: Vec<Next>,
    /// What a reader should know of this start.
    pub remarks: Vec<String>,
}

/// A partner.
#[derive(Clone, Debug, Serialize)]
pub struct Asking {
    /// Its handle.
    pub handle: String,
    /// Its name.
    pub name: String,
}

/// An invitation.
#[derive(Clone, Debug, Serialize)]
pub struct Invited {
    /// The invitation.
    pub id: InvitationId,
    /// On whose behalf.
    pub partner: String,
    /// The customer.
    pub organization: String,
    /// Who is asked.
    pub name: String,
    /// Their address.
    pub address: String,
    /// Where it stands.
    pub state: StateName,
    /// Its acceptance page, as its mail links to it.
    pub page: Option<String>,
    /// Its time line.
    pub timeline: String,
}

/// A mail that is planned for some invitations.
#[derive(Clone, Debug, Serialize)]
pub struct Next {
    /// When the first of them is due.
    pub at: Timestamp,
    /// Which mail.
    pub kind: Kind,
    /// The how-many-eth of its kind, from 1.
    pub number: i64,
    /// For how many customers.
    pub customers: usize,
}

impl Invited {
    fn new(dossier: &Dossier, partner: String, stage: &Stage) -> Self {
        Self {
            id: dossier.id,
            partner,
            organization: dossier.organization_name.clone(),
            name: dossier.recipient_name.clone(),
            address: dossier.smtp_address.clone(),
            state: dossier.state,
            page: page(stage, dossier.id),
            timeline: format!("http://{}/invitations/{}", stage.inbox_at, dossier.id),
        }
    }
}

/// The acceptance page that the newest mail about an invitation links to.
fn page(stage: &Stage, id: InvitationId) -> Option<String> {
    let origin = stage.app.config.public_url.origin();
    let beginning = format!("{origin}{}", link_path::ACCEPT);
    let mails = stage.inbox.mails();
    let mut about = mails.iter().rev().filter(|mail| {
        mail.notice
            .is_some_and(|notice| notice.invitation == id && notice.kind.asks_for_an_answer())
    });
    about.find_map(|mail| mail.link(&beginning).ok())
}

/// All invitations, oldest first.
///
/// # Errors
/// The database is away.
pub async fn dossiers(stage: &Stage) -> Result<Vec<Dossier>, DemoError> {
    let mut conn = stage.app.engine.db.read().await?;
    let filter = invitation::Filter {
        partner: None,
        state: None,
        before: None,
        limit: MOST,
    };
    let mut found = Vec::new();
    for row in invitation::list(&mut conn, filter).await?.iter().rev() {
        found.extend(dossier::of_invitation(&mut conn, row.id).await?);
    }
    Ok(found)
}

/// Where the demonstration stands.
///
/// # Errors
/// The database is away.
pub async fn of(stage: &Stage) -> Result<Overview, DemoError> {
    let dossiers = dossiers(stage).await?;
    let mut conn = stage.app.engine.db.read().await?;
    let partners = partner::list(&mut conn).await?;
    let mut next: Vec<Next> = Vec::new();
    let mut counted = HashSet::new();
    for dossier in &dossiers {
        for row in notice::of_subject(&mut conn, dossier.id.uuid()).await? {
            if row.state != NoticeState::Scheduled {
                continue;
            }
            let number = row.step + 1;
            let same = next
                .iter_mut()
                .find(|next| (next.kind, next.number) == (row.kind, number));
            if let Some(same) = same {
                same.at = same.at.min(row.run_at);
                // Some go to both sides.
                same.customers += usize::from(counted.insert((row.kind, number, dossier.id)));
            } else {
                counted.insert((row.kind, number, dossier.id));
                next.push(Next {
                    at: row.run_at,
                    kind: row.kind,
                    number,
                    customers: 1,
                });
            }
        }
    }
    drop(conn);
    next.sort_by_key(|next| next.at);
    let name_of = |dossier: &Dossier| {
        let found = partners
            .iter()
            .find(|partner| partner.id == dossier.partner_id);
        found.map_or_else(String::new, |partner| partner.name.clone())
    };
    Ok(Overview {
        folder: stage.folder.path().display().to_string(),
        settings: stage.folder.settings().display().to_string(),
        inbox: format!("http://{}/", stage.inbox_at),
        pages: format!("http://{}/", stage.pages),
        now: stage.app.engine.clock.now(),
        mails: stage.inbox.mails().len(),
        invitations: dossiers
            .iter()
            .map(|dossier| Invited::new(dossier, name_of(dossier), stage))
            .collect(),
        partners: partners
            .into_iter()
            .map(|partner| Asking {
                handle: partner.handle,
                name: partner.name,
            })
            .collect(),
        next,
        remarks: stage.remarks.clone(),
    })
}
