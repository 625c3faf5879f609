//! Somebody else is named: to answer, or to read along. And what a viewer's link shows.

use serde::Deserialize;

use super::accept::ask;
use super::guest::{Answer, Guest, Sent};
use super::link::{self, Followed};
use super::{Linked, facts};
use crate::domain::address::EmailAddress;
use crate::domain::evidence::Evidence;
use crate::domain::people::is_public;
use crate::domain::signing::Problem;
use crate::domain::text;
use crate::domain::token::Purpose;
use crate::storage;
use crate::web::views::{
    self, Entry, HandOverForm, HandedOver, People, Recipient, Terms, ViewerEntry, ViewerForm,
    ViewerPage, Wrong,
};
use crate::workflow::facts::{links, offer, readable};
use crate::workflow::link::{Standing, current_agreement};
use crate::workflow::novelty;
use crate::workflow::people::{self as workflow, Outcome, Person};
use crate::workflow::stored;

/// What stands in the forms of the page.
#[derive(Default)]
struct Forms {
    hand_over: HandOverForm,
    viewer: ViewerForm,
    added: Option<String>,
}

/// GET: shows the forms. Changes nothing.
pub(in crate::web) async fn show(guest: Guest, Linked { token, .. }: Linked) -> Answer {
    page(&guest, &token, Forms::default()).await
}

/// The forms, while the invitation can be answered by this link; else what became of it.
async fn page(guest: &Guest, token: &str, forms: Forms) -> Answer {
    let followed = guest.follow(token, Purpose::Accept).await?;
    let asked = ask(guest, followed, token.to_owned()).await?;
    let dossier = &asked.followed.opened.dossier;
    let viewers = asked.viewers.iter().map(|part| ViewerEntry {
        id: part.id.to_string(),
        email: readable(&part.smtp_address),
    });
    let shown = readable(&dossier.smtp_address);
    let domain = dossier.address.parse::<EmailAddress>().ok();
    let is_private = domain.is_some_and(|address| !is_public(address.domain()));
    let domain = shown.rsplit_once('@').map(|(_, domain)| domain.to_owned());
    Ok(views::render(&People {
        page: asked.page,
        token: asked.token,
        organization: dossier.organization_name.clone(),
        domain: domain.filter(|_| is_private),
        recipient: facts::recipient(dossier),
        viewers: viewers.collect(),
        hand_over: forms.hand_over,
        viewer: forms.viewer,
        added: forms.added,
    }))
}

/// The form that hands over, as it was posted.
#[derive(Deserialize)]
pub(in crate::web) struct Handing {
    token: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
}

impl Handing {
    fn check(&self) -> Result<Person, HandOverForm> {
        let name = self.name.parse();
        let email = self.email.trim().parse::<EmailAddress>();
        match (name, email) {
            (Ok(name), Ok(email)) => Ok(Person { name, email }),
            (name, email) => Err(self.form(
                name.err().map(|error| Problem::of(&error)),
                email.err().map(|error| Wrong::of(&error)),
            )),
        }
    }

    fn form(&self, problem: Option<Problem>, wrong: Option<Wrong>) -> HandOverForm {
        HandOverForm {
            name: Entry {
                value: text::visible(&self.name, 1_000, 1),
                problem,
            },
            email: text::visible(&self.email, 1_000, 1),
            wrong,
        }
    }
}

/// POST: a colleague is to answer.
pub(in crate::web) async fn hand_over(guest: Guest, sent: Sent<Handing>) -> Answer {
    let posted = guest.form(sent)?;
    let followed = guest
        .follow_to_change(&posted.token, Purpose::Accept)
        .await?;
    let claims = followed.claims;
    let asked = ask(&guest, followed, posted.token.clone()).await?;
    let again = async |hand_over| {
        let forms = Forms {
            hand_over,
            ..Forms::default()
        };
        page(&guest, &posted.token, forms).await
    };
    let to = match posted.check() {
        Ok(to) => to,
        Err(form) => return again(form).await,
    };
    let recipient = Recipient {
        name: to.name.as_str().to_owned(),
        email: readable(&to.email.for_smtp()),
    };
    match guest.or_later(workflow::hand_over(&guest.site.engine, claims, to).await)? {
        Outcome::Done => Ok(views::render(&HandedOver {
            page: asked.page,
            organization: asked.followed.opened.dossier.organization_name,
            recipient,
        })),
        Outcome::Unfit(unfit) => again(posted.form(None, Some(Wrong::Unfit(unfit)))).await,
        Outcome::Closed => page(&guest, &posted.token, Forms::default()).await,
    }
}

/// The form that copies somebody in, as it was posted.
#[derive(Deserialize)]
pub(in crate::web) struct Adding {
    token: String,
    #[serde(default)]
    email: String,
}

/// POST: somebody may read along.
pub(in crate::web) async fn add_viewer(guest: Guest, sent: Sent<Adding>) -> Answer {
    let posted = guest.form(sent)?;
    let followed = guest
        .follow_to_change(&posted.token, Purpose::Accept)
        .await?;
    let claims = followed.claims;
    let wrong = match posted.email.trim().parse::<EmailAddress>() {
        Ok(email) => {
            let shown = readable(&email.for_smtp());
            let done = workflow::add_viewer(&guest.site.engine, claims, email).await;
            match guest.or_later(done)? {
                Outcome::Done => {
                    let forms = Forms {
                        added: Some(shown),
                        ..Forms::default()
                    };
                    return page(&guest, &posted.token, forms).await;
                }
                Outcome::Unfit(unfit) => Some(Wrong::Unfit(unfit)),
                Outcome::Closed => None,
            }
        }
        Err(error) => Some(Wrong::of(&error)),
    };
    let email = text::visible(&posted.email, 1_000, 1);
    let forms = Forms {
        viewer: ViewerForm { email, wrong },
        ..Forms::default()
    };
    page(&guest, &posted.token, forms).await
}

/// The form that ends somebody's reading along, as it was posted.
#[derive(Deserialize)]
pub(in crate::web) struct Removing {
    token: String,
    #[serde(default)]
    viewer: String,
}

/// POST: somebody reads along no more. Done twice, it is done once.
pub(in crate::web) async fn remove_viewer(guest: Guest, sent: Sent<Removing>) -> Answer {
    let posted = guest.form(sent)?;
    let followed = guest
        .follow_to_change(&posted.token, Purpose::Accept)
        .await?;
    if let Ok(viewer) = posted.viewer.parse() {
        let removed = workflow::remove_viewer(&guest.site.engine, followed.claims, viewer).await;
        guest.or_later(removed)?;
    }
    page(&guest, &posted.token, Forms::default()).await
}

/// GET: what somebody else is asked, or what became of it.
pub(in crate::web) async fn view(guest: Guest, Linked { token, .. }: Linked) -> Answer {
    let Followed { claims, opened } = guest.follow(&token, Purpose::View).await?;
    guest.visited(claims.subject.into(), Purpose::View);
    let page = facts::page(&opened.dossier, &opened.partner);
    if opened.standing != Standing::Current {
        return Ok(link::dead(&guest.site, page, None, &opened));
    }
    let dossier = &opened.dossier;
    let terms = guest.or_later(terms(&guest, &opened.dossier).await)?;
    Ok(views::render(&ViewerPage {
        partner: facts::card(&opened.partner),
        recipient: facts::recipient(dossier),
        organization: dossier.organization_name.clone(),
        terms,
        note: facts::note(dossier),
        token,
        state: dossier.state().name_at(guest.site.engine.clock.now()),
        at: dossier.ended_at.unwrap_or(dossier.expires_at),
        page,
    }))
}

/// What is asked; once it was accepted, what was agreed to.
async fn terms(
    guest: &Guest,
    dossier: &storage::dossier::Dossier,
) -> Result<Terms, storage::Error> {
    if let Some(record) = &dossier.evidence {
        let evidence: Evidence = stored(record)?;
        let microsoft = links(dossier)?.mca.map(|link| link.to_string());
        return Ok(facts::agreed(&evidence, microsoft));
    }
    let now = guest.site.engine.clock.now();
    let mut conn = guest.site.engine.db.read().await?;
    let agreement = if offer(dossier)?.agreement() {
        current_agreement(&mut conn, dossier, now).await?
    } else {
        None
    };
    let novelty = novelty::of(&mut conn, dossier).await?;
    facts::asked(dossier, agreement.as_ref(), novelty, now)
}
