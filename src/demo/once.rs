//! The whole way in one go: sent, accepted, declined, reminded, verified; every step is checked.
//!
//! What is done here a customer could do: the links come from the mails, the answers go over HTTP, as forms.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::client;
use super::error::DemoError;
use super::mail::Mail;
use super::overview::{self, dossiers};
use super::stage::Stage;
use crate::domain::ids::InvitationId;
use crate::domain::invitation::{DeclineReason, StateName};
use crate::domain::link_path;
use crate::domain::notice::Kind;
use crate::domain::time::{DAY, HOUR, Timestamp};
use crate::storage::dossier::Dossier;
use crate::storage::notice;
use crate::workflow::seal;

/// How long mails may take that are due.
const PATIENCE: Duration = Duration::from_mins(1);
/// By how much the clock is moved on: three days, and what a change of daylight-saving time may add.
const LATER: i64 = 3 * DAY + 2 * HOUR;

/// What happened.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Its folder.
    pub folder: String,
    /// Its settings, for `--config`.
    pub settings: String,
    /// How many customers were invited.
    pub invited: usize,
    /// Who accepted.
    pub accepted: Answered,
    /// Who declined.
    pub declined: Answered,
    /// How many customers were reminded.
    pub reminded: usize,
    /// By how many days the clock was moved on for that.
    pub days_later: i64,
    /// Every mail, in the order of arrival.
    pub mails: Vec<Sent>,
    /// The audit record.
    pub audit: seal::Report,
}

/// An invitation with its answer.
#[derive(Clone, Debug, Serialize)]
pub struct Answered {
    /// The invitation.
    pub id: InvitationId,
    /// The customer.
    pub organization: String,
    /// Who answered.
    pub name: String,
    /// Their address.
    pub address: String,
}

/// A mail that arrived.
#[derive(Clone, Debug, Serialize)]
pub struct Sent {
    /// Which mail.
    pub kind: Kind,
    /// To whom.
    pub to: String,
    /// Its Date.
    pub at: Timestamp,
    /// Its subject.
    pub subject: String,
}

impl Answered {
    fn new(dossier: &Dossier) -> Self {
        Self {
            id: dossier.id,
            organization: dossier.organization_name.clone(),
            name: dossier.recipient_name.clone(),
            address: dossier.smtp_address.clone(),
        }
    }
}

/// Goes the whole way on a stage whose invitations were just made.
///
/// # Errors
/// The first thing that is not as it should be.
pub async fn run(stage: &Stage) -> Result<Report, DemoError> {
    let invited = dossiers(stage).await?;
    let (signs, refuses) = choose(&invited)?;
    arrived(stage, &invited, Kind::Invitation).await?;
    for dossier in &invited {
        link(stage, dossier)?;
    }

    accept(stage, signs).await?;
    decline(stage, refuses).await?;
    let news = |mails: &[Arc<Mail>]| {
        let about = [
            (signs.id, Kind::Receipt),
            (signs.id, Kind::Accepted),
            (refuses.id, Kind::Declined),
        ];
        about
            .iter()
            .all(|(id, kind)| of_kind(mails, *kind).any(|mail| is_about(mail, *id)))
    };
    let what = "the receipt and the news to the partners";
    stage.inbox.wait(what, PATIENCE, news).await?;

    let ahead = stage.clock.advance(LATER);
    stage.folder.keep_clock(ahead)?;
    stage.app.engine.wake().await;
    let waiting: Vec<_> = dossiers(stage)
        .await?
        .into_iter()
        .filter(|dossier| dossier.state == StateName::Pending)
        .collect();
    if waiting.len() + 2 != invited.len() {
        return Err(unexpected(format!(
            "{} of {} invitations are still open, though one was accepted and one declined",
            waiting.len(),
            invited.len()
        )));
    }
    arrived(stage, &waiting, Kind::Reminder).await?;
    nothing_is_left(stage).await?;
    report(stage, &invited, signs, refuses, waiting.len()).await
}

/// One who is asked for everything, and one of another partner.
fn choose(invited: &[Dossier]) -> Result<(&Dossier, &Dossier), DemoError> {
    let signs = invited.first();
    let refuses = signs.and_then(|signs| {
        let mut others = invited.iter();
        others.find(|other| other.partner_id != signs.partner_id)
    });
    signs
        .zip(refuses)
        .ok_or_else(|| unexpected("the example files hold no customers of two partners"))
}

/// Waits until each of these, and nobody else, has a mail of that kind.
async fn arrived(stage: &Stage, awaited: &[Dossier], kind: Kind) -> Result<(), DemoError> {
    let wanted: BTreeSet<_> = awaited.iter().map(|dossier| dossier.id).collect();
    let got = |mails: &[Arc<Mail>]| -> Vec<InvitationId> {
        of_kind(mails, kind)
            .filter_map(|mail| Some(mail.notice?.invitation))
            .collect()
    };
    let what = format!("mails ({kind}) to {} customers", wanted.len());
    stage
        .inbox
        .wait(&what, PATIENCE, |mails| got(mails).len() >= wanted.len())
        .await?;
    let mails = stage.inbox.mails();
    let got = got(&mails);
    if got.len() == wanted.len() && got.iter().copied().collect::<BTreeSet<_>>() == wanted {
        return Ok(());
    }
    Err(unexpected(format!(
        "mails ({kind}) went to others than the {} customers that they are for",
        wanted.len()
    )))
}

/// The path of the acceptance page that the mail of an invitation links to.
fn link(stage: &Stage, dossier: &Dossier) -> Result<String, DemoError> {
    let origin = stage.app.config.public_url.origin();
    let mails = stage.inbox.mails();
    let mail = of_kind(&mails, Kind::Invitation)
        .find(|mail| is_about(mail, dossier.id))
        .ok_or_else(|| unexpected("an invitation has no mail"))?;
    if mail.to != dossier.smtp_address {
        return Err(unexpected(format!(
            "mail {} went to another address",
            mail.number
        )));
    }
    let link = mail
        .link(&format!("{origin}{}", link_path::ACCEPT))
        .map_err(DemoError::Unexpected)?;
    Ok(link[origin.len()..].to_owned())
}

/// Follows the link, as a customer does who reads first.
async fn open(stage: &Stage, dossier: &Dossier) -> Result<client::Answer, DemoError> {
    let path = link(stage, dossier)?;
    let page = client::get(stage.pages, &path).await?;
    let token = path.trim_start_matches(link_path::ACCEPT);
    if page.status != 200 || !page.hidden("/accept").contains(&("token", token)) {
        return Err(unexpected(format!(
            "the acceptance page of {} answered {}",
            dossier.id, page.status
        )));
    }
    Ok(page)
}

async fn accept(stage: &Stage, dossier: &Dossier) -> Result<(), DemoError> {
    let page = open(stage, dossier).await?;
    let mut form = page.hidden("/accept");
    form.extend([
        ("read", "yes"),
        ("family", "홍"),
        ("given", "길동"),
        ("phone", ""),
        ("authority", "yes"),
    ]);
    answered(stage, dossier, "/accept", &form, StateName::Accepted).await
}

async fn decline(stage: &Stage, dossier: &Dossier) -> Result<(), DemoError> {
    let page = open(stage, dossier).await?;
    let mut form = page.hidden("/decline");
    form.extend([
        ("reason", DeclineReason::ResendWithoutRoles.as_str()),
        (
            "comment",
            "We would like to keep the help desk in our own hands.",
        ),
    ]);
    answered(stage, dossier, "/decline", &form, StateName::Declined).await
}

/// Sends a form, and looks in the database what came of it.
async fn answered(
    stage: &Stage,
    dossier: &Dossier,
    path: &str,
    form: &[(&str, &str)],
    wanted: StateName,
) -> Result<(), DemoError> {
    let answer = client::post(stage.pages, path, form).await?;
    let now = dossiers(stage).await?;
    let found = now.iter().find(|now| now.id == dossier.id);
    let found = found.map(|now| now.state);
    if answer.status == 200 && found == Some(wanted) {
        return Ok(());
    }
    Err(unexpected(format!(
        "{path} answered {}, and {} is {}",
        answer.status,
        dossier.id,
        found.map_or("gone", StateName::as_str)
    )))
}

async fn nothing_is_left(stage: &Stage) -> Result<(), DemoError> {
    let mut conn = stage.app.engine.db.read().await?;
    let now = stage.app.engine.clock.now();
    let due = notice::due(&mut conn, now, 100).await?;
    if due.is_empty() {
        return Ok(());
    }
    Err(unexpected(format!("{} due mails did not leave", due.len())))
}

async fn report(
    stage: &Stage,
    invited: &[Dossier],
    signs: &Dossier,
    refuses: &Dossier,
    reminded: usize,
) -> Result<Report, DemoError> {
    let mails: Vec<Sent> = stage
        .inbox
        .mails()
        .iter()
        .filter_map(|mail| {
            Some(Sent {
                kind: mail.notice?.kind,
                to: mail.to.clone(),
                at: mail.at,
                subject: mail.subject.clone(),
            })
        })
        .collect();
    let wanted = invited.len() + 3 + reminded;
    if mails.len() != wanted || stage.inbox.mails().len() != wanted {
        return Err(unexpected(format!(
            "{} mails arrived, and {wanted} should have",
            stage.inbox.mails().len()
        )));
    }
    seal::seal(&stage.app.engine).await?;
    let audit = seal::verify(&stage.app.engine, &[]).await?;
    if let Some(finding) = audit.findings.first() {
        return Err(unexpected(format!("the audit record: {}", finding.what)));
    }
    if audit.acceptances != 1 || audit.unsealed != 0 {
        return Err(unexpected(format!(
            "the audit record holds {} acceptances and {} entries that are not sealed",
            audit.acceptances, audit.unsealed
        )));
    }
    let overview = overview::of(stage).await?;
    Ok(Report {
        folder: overview.folder,
        settings: overview.settings,
        invited: invited.len(),
        accepted: Answered::new(signs),
        declined: Answered::new(refuses),
        reminded,
        days_later: LATER / DAY,
        mails,
        audit,
    })
}

fn of_kind(mails: &[Arc<Mail>], kind: Kind) -> impl Iterator<Item = &Arc<Mail>> {
    mails
        .iter()
        .filter(move |mail| mail.notice.is_some_and(|notice| notice.kind == kind))
}

fn is_about(mail: &Mail, id: InvitationId) -> bool {
    mail.notice.is_some_and(|notice| notice.invitation == id)
}

fn unexpected(what: impl Into<String>) -> DemoError {
    DemoError::Unexpected(what.into())
}
