//! The acceptance page: shown by GET, answered by POST.

use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use serde::Deserialize;

use super::link::{self, Followed, follow, record_visit};
use super::{Here, Linked, bad_form, facts, receipt, unavailable};
use crate::domain::invitation::{Decline, DeclineReason, StateName};
use crate::domain::shown::{Digest, Shown};
use crate::domain::signing::{AcceptForm, Field, Problem};
use crate::domain::text::{self, Reason};
use crate::domain::token::Purpose;
use crate::storage;
use crate::storage::agreement::Agreement;
use crate::telemetry::Answer;
use crate::web::views::{
    self, Acceptance, Asking, DeclineForm, Declined, Entry, FailureKind, Page, PrintView, SignForm,
    Tick,
};
use crate::web::{Client, Site};
use crate::workflow::accept::{self, Accept};
use crate::workflow::decline;
use crate::workflow::link::{Standing, current_agreement};

/// What the page is about, read once.
struct Asked {
    page: Page,
    followed: Followed,
    token: String,
    agreement: Option<Agreement>,
}

/// GET: shows the page, or what became of the invitation. Changes nothing.
pub(in crate::web) async fn show(
    State(site): Here,
    Extension(client): Extension<Client>,
    method: Method,
    headers: HeaderMap,
    Linked { token, .. }: Linked,
) -> Response {
    let followed = match follow(&site, &headers, &token, Purpose::Accept).await {
        Ok(followed) => followed,
        Err(answer) => return *answer,
    };
    record_visit(&site, &followed, client, &method, &headers);
    match ask(&site, &headers, followed, token).await {
        Ok(asked) => asked.show(&site, &headers, Forms::default()),
        Err(answer) => *answer,
    }
}

/// The print view: the same facts, without token or form, for those who need an approval first.
pub(in crate::web) async fn print(
    State(site): Here,
    headers: HeaderMap,
    Linked { token, .. }: Linked,
) -> Response {
    let followed = match follow(&site, &headers, &token, Purpose::Accept).await {
        Ok(followed) => followed,
        Err(answer) => return *answer,
    };
    let asked = match ask(&site, &headers, followed, token).await {
        Ok(asked) => asked,
        Err(answer) => return *answer,
    };
    let dossier = &asked.followed.opened.dossier;
    let now = site.engine.clock.now();
    match facts::asked(dossier, asked.agreement.as_ref(), now) {
        Ok(terms) => views::render(&PrintView {
            partner: facts::card(&asked.followed.opened.partner),
            recipient: facts::recipient(dossier),
            organization: dossier.organization_name.clone(),
            terms,
            note: facts::note(dossier),
            invitation: dossier.id.to_string(),
            answer_by: dossier.expires_at,
            made_at: now,
            page: asked.page,
        }),
        Err(error) => unavailable(&site, &headers, &error),
    }
}

/// What can be asked, or the answer that shows what became of it.
async fn ask(
    site: &Arc<Site>,
    headers: &HeaderMap,
    followed: Followed,
    token: String,
) -> Result<Asked, Box<Response>> {
    let opened = &followed.opened;
    let page = facts::page(&opened.dossier, &opened.partner);
    let now = site.engine.clock.now();
    match opened.dossier.state {
        StateName::Accepted if opened.standing == Standing::Current => {
            return Err(Box::new(
                receipt::answer(site, headers, &followed.opened, None).await,
            ));
        }
        StateName::Declined
            if opened.standing == Standing::Current || opened.standing == Standing::Expired =>
        {
            return Err(Box::new(declined(page, &followed)));
        }
        StateName::Pending
            if opened.standing == Standing::Current && opened.dossier.state().open(now).is_ok() => {
        }
        _ => {
            let replaced = opened.standing == Standing::Replaced;
            return Err(Box::new(link::dead(site, page, &token, opened, replaced)));
        }
    }
    match agreement(site, &followed).await {
        Ok(agreement) => Ok(Asked {
            page,
            followed,
            token,
            agreement,
        }),
        Err(error) => Err(Box::new(unavailable(site, headers, &error))),
    }
}

async fn agreement(site: &Site, followed: &Followed) -> Result<Option<Agreement>, storage::Error> {
    let dossier = &followed.opened.dossier;
    if !facts::offer(dossier)?.agreement() {
        return Ok(None);
    }
    let mut conn = site.engine.db.read().await?;
    let found = current_agreement(&mut conn, dossier, site.engine.clock.now()).await?;
    found
        .map(Some)
        .ok_or_else(|| storage::Error::Refused("no agreement in this language".to_owned()))
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
            terms: facts::asked(dossier, agreement, now)?,
            note: facts::note(dossier),
            answer_by: dossier.expires_at,
            token: self.token.clone(),
            shown: String::new(),
            page: self.page.clone(),
            asking: forms.asking,
            sign: forms.sign,
            decline: forms.decline,
        };
        let shown = accept::shown(dossier, partner, agreement, &view.words())?;
        view.shown = shown.digest().map_err(accept::refused)?.to_string();
        Ok((view, shown))
    }

    fn show(&self, site: &Site, headers: &HeaderMap, forms: Forms) -> Response {
        match self.view(site, forms) {
            Ok((view, _)) => views::render(&view),
            Err(error) => unavailable(site, headers, &error),
        }
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
    authority: Option<String>,
}

impl Posted {
    fn form(&self) -> AcceptForm {
        let is_ticked = |value: &Option<String>| value.as_deref() == Some("yes");
        AcceptForm {
            agreement_read: is_ticked(&self.read),
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
        authority: tick(form.authority, Field::Authority),
    }
}

/// POST: records consent, once. A second one shows the receipt.
pub(in crate::web) async fn accept(
    State(site): Here,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    posted: Result<Form<Posted>, FormRejection>,
) -> Response {
    let Form(posted) = match posted {
        Ok(posted) => posted,
        Err(rejection) => return bad_form(&site, &headers, &rejection),
    };
    let followed = match follow(&site, &headers, &posted.token, Purpose::Accept).await {
        Ok(followed) => followed,
        Err(answer) => return *answer,
    };
    if let Err(wait) = site.limits.change(followed.claims.subject) {
        return site.failure(&headers, FailureKind::TooMany(wait.retry_after));
    }
    let asked = match ask(&site, &headers, followed, posted.token.clone()).await {
        Ok(asked) => asked,
        Err(answer) => return *answer,
    };
    let form = posted.form();
    // Before anything else about the form: what was ticked was ticked for what stood there.
    let (shown, digest) = match asked.as_posted(&site, &posted.shown) {
        Ok(Some(same)) => same,
        Ok(None) => return asked.show(&site, &headers, Forms::changed(&form)),
        Err(error) => return unavailable(&site, &headers, &error),
    };
    let signature = match form.check(asked.agreement.is_some()) {
        Ok(signature) => signature,
        Err(problems) => {
            let forms = Forms {
                asking: Asking::Again,
                sign: sign_form(&form, &problems),
                ..Forms::default()
            };
            return asked.show(&site, &headers, forms);
        }
    };
    let step = Accept {
        claims: asked.followed.claims,
        signature,
        words: shown.words,
        shown: digest,
        client_address: Some(client.0.to_string()),
        user_agent: link::user_agent(&headers),
    };
    match accept::accept(&site.engine, step).await {
        // It changed between the look above and the transaction.
        Ok(accept::Outcome::Changed) => match asked_again(&site, &headers, &posted.token).await {
            Ok(asked) => asked.show(&site, &headers, Forms::changed(&form)),
            Err(answer) => *answer,
        },
        Ok(outcome) => {
            if matches!(outcome, accept::Outcome::Accepted(_)) {
                site.metrics.answered(Answer::Accepted);
            }
            again(&site, &headers, &posted.token).await
        }
        Err(error) => unavailable(&site, &headers, &error),
    }
}

/// Shows what the link leads to by now: the receipt, the page again, or why it is over.
async fn again(site: &Arc<Site>, headers: &HeaderMap, token: &str) -> Response {
    match asked_again(site, headers, token).await {
        Ok(asked) => asked.show(site, headers, Forms::default()),
        Err(answer) => *answer,
    }
}

async fn asked_again(
    site: &Arc<Site>,
    headers: &HeaderMap,
    token: &str,
) -> Result<Asked, Box<Response>> {
    let followed = follow(site, headers, token, Purpose::Accept).await?;
    ask(site, headers, followed, token.to_owned()).await
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
pub(in crate::web) async fn decline(
    State(site): Here,
    headers: HeaderMap,
    posted: Result<Form<Refused>, FormRejection>,
) -> Response {
    let Form(posted) = match posted {
        Ok(posted) => posted,
        Err(rejection) => return bad_form(&site, &headers, &rejection),
    };
    let followed = match follow(&site, &headers, &posted.token, Purpose::Accept).await {
        Ok(followed) => followed,
        Err(answer) => return *answer,
    };
    if let Err(wait) = site.limits.change(followed.claims.subject) {
        return site.failure(&headers, FailureKind::TooMany(wait.retry_after));
    }
    let asked = match ask(&site, &headers, followed, posted.token.clone()).await {
        Ok(asked) => asked,
        Err(answer) => return *answer,
    };
    let reason = match posted.check() {
        Ok(reason) => reason,
        Err(decline) => {
            let forms = Forms {
                asking: Asking::Again,
                decline,
                ..Forms::default()
            };
            return asked.show(&site, &headers, forms);
        }
    };
    match decline::decline(&site.engine, asked.followed.claims, reason).await {
        Ok(outcome) => {
            if outcome == decline::Outcome::Declined {
                site.metrics.answered(Answer::Declined);
            }
            again(&site, &headers, &posted.token).await
        }
        Err(error) => unavailable(&site, &headers, &error),
    }
}
