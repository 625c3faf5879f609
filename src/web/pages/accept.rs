//! The acceptance page: shown by GET, answered by POST.

use axum::response::Response;
use serde::Deserialize;

use super::guest::{Answer, Guest, Instead, Sent};
use super::link::{self, Followed};
use super::{Linked, facts, receipt};
use crate::domain::invitation::{Decline, DeclineReason, RecipientRole, StateName};
use crate::domain::novelty::Novelty;
use crate::domain::shown::{Digest, Shown};
use crate::domain::signing::{AcceptForm, Field, Problem};
use crate::domain::text::{self, Reason};
use crate::domain::token::Purpose;
use crate::storage::agreement::Agreement;
use crate::storage::recipient::Part;
use crate::storage::{self, recipient};
use crate::telemetry;
use crate::web::Site;
use crate::web::views::{
    self, Acceptance, Asking, DeclineForm, Declined, Entry, Page, PrintView, SignForm, Tick,
};
use crate::workflow::accept::{self, Accept};
use crate::workflow::decline;
use crate::workflow::facts::{offer, readable};
use crate::workflow::link::{Standing, current_agreement};
use crate::workflow::novelty;

/// What the page is about, read once.
pub(super) struct Asked {
    pub(super) page: Page,
    pub(super) followed: Followed,
    pub(super) token: String,
    agreement: Option<Agreement>,
    novelty: Option<Novelty>,
    pub(super) viewers: Vec<Part>,
}

/// GET: shows the page, or what became of the invitation. Changes nothing.
pub(in crate::web) async fn show(guest: Guest, Linked { token, .. }: Linked) -> Answer {
    let followed = guest.visit(&token, Purpose::Accept).await?;
    let asked = ask(&guest, followed, token).await?;
    asked.show(&guest, Forms::default())
}

/// The print view: the same facts, without token or form, for those who need an approval first.
pub(in crate::web) async fn print(guest: Guest, Linked { token, .. }: Linked) -> Answer {
    let followed = guest.follow(&token, Purpose::Accept).await?;
    let asked = ask(&guest, followed, token).await?;
    let dossier = &asked.followed.opened.dossier;
    let now = guest.site.engine.clock.now();
    Ok(views::render(&PrintView {
        partner: facts::card(&asked.followed.opened.partner),
        recipient: facts::recipient(dossier),
        organization: dossier.organization_name.clone(),
        terms: guest.or_later(facts::asked(
            dossier,
            asked.agreement.as_ref(),
            asked.novelty.clone(),
            now,
        ))?,
        note: facts::note(dossier),
        invitation: dossier.id.to_string(),
        answer_by: dossier.expires_at,
        made_at: now,
        page: asked.page,
    }))
}

/// What can be asked, or the answer that shows what became of it.
pub(super) async fn ask(
    guest: &Guest,
    followed: Followed,
    token: String,
) -> Result<Asked, Instead> {
    let opened = &followed.opened;
    let page = facts::page(&opened.dossier, &opened.partner);
    let now = guest.site.engine.clock.now();
    match (opened.dossier.state, opened.standing) {
        (StateName::Accepted, Standing::Current) => {
            Err(receipt::answer(guest, opened, None).await?.into())
        }
        (StateName::Declined, Standing::Current | Standing::Expired) => {
            Err(declined(page, &followed).into())
        }
        (StateName::Pending, Standing::Current) if opened.dossier.state().open(now).is_ok() => {
            let beside = guest.or_later(beside(&guest.site, &followed).await)?;
            Ok(Asked {
                page,
                followed,
                token,
                agreement: beside.agreement,
                novelty: beside.novelty,
                viewers: beside.viewers,
            })
        }
        _ => Err(link::dead(&guest.site, page, Some(&token), opened).into()),
    }
}

/// What is read beside the invitation.
struct Beside {
    agreement: Option<Agreement>,
    novelty: Option<Novelty>,
    viewers: Vec<Part>,
}

async fn beside(site: &Site, followed: &Followed) -> Result<Beside, storage::Error> {
    let dossier = &followed.opened.dossier;
    let mut conn = site.engine.db.read().await?;
    let novelty = novelty::of(&mut conn, dossier).await?;
    let mut viewers = recipient::of_invitation(&mut conn, dossier.id).await?;
    viewers.retain(|part| part.role == RecipientRole::Viewer);
    let agreement = if offer(dossier)?.agreement() {
        let found = current_agreement(&mut conn, dossier, site.engine.clock.now()).await?;
        let none = || storage::Error::Refused("no agreement in this language".to_owned());
        Some(found.ok_or_else(none)?)
    } else {
        None
    };
    Ok(Beside {
        agreement,
        novelty,
        viewers,
    })
}

fn declined(page: Page, followed: &Followed) -> Response {
    let dossier = &followed.opened.dossier;
    views::render(&Declined {
        page,
        organization: dossier.organization_name.clone(),
        at: dossier.ended_at.unwrap_or(dossier.expires_at),
        reason: dossier.decline_reason,
        comment: dossier.decline_text.clone(),
    })
}

/// Why the page is shown, with what stands in its forms.
struct Forms {
    asking: Asking,
    sign: SignForm,
    decline: DeclineForm,
}

impl Default for Forms {
    fn default() -> Self {
        Self {
            asking: Asking::First,
            sign: SignForm::default(),
            decline: DeclineForm::default(),
        }
    }
}

impl Forms {
    /// The page says something else than the one that was posted for: what was ticked there is ticked for nothing here.
    fn changed(form: &AcceptForm) -> Self {
        let unticked = AcceptForm {
            agreement_read: false,
            auto_extend: false,
            authority: false,
            ..form.clone()
        };
        Self {
            asking: Asking::Changed,
            sign: sign_form(&unticked, &[]),
            ..Self::default()
        }
    }
}

impl Asked {
    /// The page, and all that is consented to on it.
    fn view(&self, site: &Site, forms: Forms) -> Result<(Acceptance, Shown), storage::Error> {
        let dossier = &self.followed.opened.dossier;
        let partner = &self.followed.opened.partner;
        let agreement = self.agreement.as_ref();
        let now = site.engine.clock.now();
        let mut view = Acceptance {
            partner: facts::card(partner),
            recipient: facts::recipient(dossier),
            organization: dossier.organization_name.clone(),
            viewers: self
                .viewers
                .iter()
                .map(|it| readable(&it.smtp_address))
                .collect(),
            terms: facts::asked(dossier, agreement, self.novelty.clone(), now)?,
            note: facts::note(dossier),
            answer_by: dossier.expires_at,
            token: self.token.clone(),
            shown: String::new(),
            page: self.page.clone(),
            asking: forms.asking,
            sign: forms.sign,
            decline: forms.decline,
        };
        let shown = accept::shown(
            dossier,
            partner,
            agreement,
            self.novelty.clone(),
            &view.words(),
        )?;
        view.shown = shown.digest().map_err(accept::refused)?.to_string();
        Ok((view, shown))
    }

    fn show(&self, guest: &Guest, forms: Forms) -> Answer {
        let (view, _) = guest.or_later(self.view(&guest.site, forms))?;
        Ok(views::render(&view))
    }

    /// What the page says by now, with the form's digest, if that stands for the same.
    fn as_posted(
        &self,
        site: &Site,
        posted: &str,
    ) -> Result<Option<(Shown, Digest)>, storage::Error> {
        let Some(digest) = Digest::read(posted) else {
            return Ok(None);
        };
        let (_, shown) = self.view(site, Forms::default())?;
        let is_same = shown.has(&digest).map_err(accept::refused)?;
        Ok(is_same.then_some((shown, digest)))
    }
}

/// The form that accepts, as it was posted. A field that is missing is one that was left empty.
#[derive(Deserialize)]
pub(in crate::web) struct Posted {
    token: String,
    #[serde(default)]
    shown: String,
    read: Option<String>,
    #[serde(default)]
    family: String,
    #[serde(default)]
    given: String,
    #[serde(default)]
    phone: String,
    extend: Option<String>,
    authority: Option<String>,
}

impl Posted {
    fn form(&self) -> AcceptForm {
        let is_ticked = |value: &Option<String>| value.as_deref() == Some("yes");
        AcceptForm {
            agreement_read: is_ticked(&self.read),
            auto_extend: is_ticked(&self.extend),
            authority: is_ticked(&self.authority),
            family_name: self.family.clone(),
            given_name: self.given.clone(),
            phone: self.phone.clone(),
        }
    }
}

/// The form again, its values kept, the problems beside their fields.
fn sign_form(form: &AcceptForm, problems: &[(Field, Problem)]) -> SignForm {
    let problem = |field| {
        problems
            .iter()
            .find(|(of, _)| *of == field)
            .map(|(_, problem)| *problem)
    };
    let entry = |value: &str, field| Entry {
        value: text::visible(value, 1_000, 1),
        problem: problem(field),
    };
    let tick = |ticked, field| Tick {
        ticked,
        missing: problem(field).is_some(),
    };
    SignForm {
        read: tick(form.agreement_read, Field::AgreementRead),
        family: entry(&form.family_name, Field::FamilyName),
        given: entry(&form.given_name, Field::GivenName),
        phone: entry(&form.phone, Field::Phone),
        extend: form.auto_extend,
        authority: tick(form.authority, Field::Authority),
    }
}

/// POST: records consent, once. A second one shows the receipt.
pub(in crate::web) async fn accept(guest: Guest, sent: Sent<Posted>) -> Answer {
    let posted = guest.form(sent)?;
    let followed = guest
        .follow_to_change(&posted.token, Purpose::Accept)
        .await?;
    let asked = ask(&guest, followed, posted.token.clone()).await?;
    let form = posted.form();
    // Before anything else about the form: what was ticked was ticked for what stood there.
    let same = guest.or_later(asked.as_posted(&guest.site, &posted.shown))?;
    let Some((shown, digest)) = same else {
        // Read anew: what changed may be that the same form was accepted meanwhile.
        return again(&guest, &posted.token, Forms::changed(&form)).await;
    };
    let signature = match form.check(asked.agreement.is_some()) {
        Ok(signature) => signature,
        Err(problems) => {
            let forms = Forms {
                asking: Asking::Again,
                sign: sign_form(&form, &problems),
                ..Forms::default()
            };
            return asked.show(&guest, forms);
        }
    };
    let (client_address, user_agent) = guest.says();
    let step = Accept {
        claims: asked.followed.claims,
        signature,
        words: shown.words,
        shown: digest,
        client_address,
        user_agent,
    };
    let forms = match guest.or_later(accept::accept(&guest.site.engine, step).await)? {
        // It changed between the look above and the transaction.
        accept::Outcome::Changed => Forms::changed(&form),
        accept::Outcome::Accepted(_) => {
            guest.site.metrics.answered(telemetry::Answer::Accepted);
            Forms::default()
        }
        _ => Forms::default(),
    };
    again(&guest, &posted.token, forms).await
}

/// Shows what the link leads to by now: the receipt, the page again, or why it is over.
async fn again(guest: &Guest, token: &str, forms: Forms) -> Answer {
    let followed = guest.follow(token, Purpose::Accept).await?;
    let asked = ask(guest, followed, token.to_owned()).await?;
    asked.show(guest, forms)
}

/// The form that declines, as it was posted.
#[derive(Deserialize)]
pub(in crate::web) struct Refused {
    token: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    comment: String,
}

impl Refused {
    fn check(&self) -> Result<Decline, DeclineForm> {
        let reason = self.reason.parse::<DeclineReason>().ok();
        let comment = match self.comment.trim() {
            "" => Ok(None),
            text => text.parse::<Reason>().map(Some),
        };
        match (reason, comment) {
            (Some(reason), Ok(text)) => Ok(Decline { reason, text }),
            (reason, comment) => Err(DeclineForm {
                reason,
                reason_missing: reason.is_none(),
                comment: Entry {
                    value: text::visible(&self.comment, 2_000, 100),
                    problem: comment.err().map(|error| Problem::of(&error)),
                },
            }),
        }
    }
}

/// POST: records that the customer says no. A second one shows the same page.
pub(in crate::web) async fn decline(guest: Guest, sent: Sent<Refused>) -> Answer {
    let posted = guest.form(sent)?;
    let followed = guest
        .follow_to_change(&posted.token, Purpose::Accept)
        .await?;
    let asked = ask(&guest, followed, posted.token.clone()).await?;
    let reason = match posted.check() {
        Ok(reason) => reason,
        Err(decline) => {
            let forms = Forms {
                asking: Asking::Again,
                decline,
                ..Forms::default()
            };
            return asked.show(&guest, forms);
        }
    };
    let declined = decline::decline(&guest.site.engine, asked.followed.claims, reason).await;
    if guest.or_later(declined)? == decline::Outcome::Declined {
        guest.site.metrics.answered(telemetry::Answer::Declined);
    }
    again(&guest, &posted.token, Forms::default()).await
}
