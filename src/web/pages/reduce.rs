//! Taking back what was granted: each change is confirmed on a page, and made by its POST.
//!
//! A box has to be ticked besides the button: a mail scanner that opens the page in a browser of its own may press every
//! button that it finds.

use serde::Deserialize;

use super::guest::{Answer, Guest, Sent};
use super::manage::Reached;
use super::{Linked, facts};
use crate::web::views::{
    self, ContactToEnd, EndRelationship, FailureKind, RemoveRoles, RoleChoice, Tick, Told,
};
use crate::workflow::manage::{self, Change, Which};

const UNTICKED: Tick = Tick {
    ticked: false,
    missing: false,
};
const TICKED: Tick = Tick {
    ticked: true,
    missing: false,
};
const MISSING: Tick = Tick {
    ticked: false,
    missing: true,
};

/// GET: which roles, and what happens.
pub(in crate::web) async fn roles(guest: Guest, Linked { token, .. }: Linked) -> Answer {
    let reached = Reached::by(&guest, &token).await?;
    if !reached.managed.may_change {
        return reached.show(&guest, Some(Told::ViewerOnly));
    }
    let relation = reached.relation(&guest)?;
    if relation.roles.is_empty() {
        return reached.show(&guest, None);
    }
    ask_which(&guest, &reached, &Removal::of_all(token), UNTICKED)
}

/// The page that asks which roles, with what is ticked.
fn ask_which(guest: &Guest, reached: &Reached, form: &Removal, confirmed: Tick) -> Answer {
    let relation = reached.relation(guest)?;
    let choices = relation.roles.iter().map(|held| RoleChoice {
        held: *held,
        ticked: form.all || form.roles.contains(&held.role.key),
    });
    Ok(views::render(&RemoveRoles {
        page: reached.page(),
        partner: facts::card(&reached.managed.partner),
        token: reached.token.clone(),
        choices: choices.collect(),
        relation,
        none_ticked: !form.all && form.roles.is_empty(),
        confirmed,
    }))
}

/// The form that removes roles, as it was posted.
struct Removal {
    token: String,
    all: bool,
    roles: Vec<String>,
    confirmed: bool,
}

impl Removal {
    const fn of_all(token: String) -> Self {
        Self {
            token,
            all: true,
            roles: Vec::new(),
            confirmed: false,
        }
    }

    /// `role` may stand in it more than once; nothing without a token.
    fn read(fields: Vec<(String, String)>) -> Option<Self> {
        let mut token = None;
        let (mut all, mut confirmed, mut roles) = (false, false, Vec::new());
        for (name, value) in fields {
            match name.as_str() {
                "token" => token = Some(value),
                "all" => all = value == "yes",
                "role" => roles.push(value),
                "confirmed" => confirmed = value == "yes",
                _ => {}
            }
        }
        Some(Self {
            token: token?,
            all,
            roles,
            confirmed,
        })
    }

    fn which(self) -> Which {
        if self.all {
            Which::All
        } else {
            Which::Some(self.roles)
        }
    }
}

/// POST: removes roles. A second one says that they were removed before.
pub(in crate::web) async fn remove_roles(
    guest: Guest,
    sent: Sent<Vec<(String, String)>>,
) -> Answer {
    let form = Removal::read(guest.form(sent)?);
    let form = form.ok_or_else(|| guest.failure(FailureKind::BadRequest))?;
    let reached = Reached::to_change(&guest, &form.token).await?;
    if !reached.managed.may_change {
        return reached.show(&guest, Some(Told::ViewerOnly));
    }
    let relation = reached.relation(&guest)?;
    if relation.ended.is_some() {
        return reached.show(&guest, Some(Told::AlreadyEnded));
    }
    if relation.roles.is_empty() {
        return reached.show(&guest, Some(Told::RolesAlreadyRemoved));
    }
    if !form.all && form.roles.is_empty() || !form.confirmed {
        let confirmed = if form.confirmed { TICKED } else { MISSING };
        return ask_which(&guest, &reached, &form, confirmed);
    }
    let (engine, claims) = (&guest.site.engine, reached.claims);
    let change = manage::remove_roles(engine, claims, form.which()).await;
    let told = match guest.or_later(change)? {
        Change::Done => Some(Told::RolesRemoved),
        Change::Already => Some(Told::RolesAlreadyRemoved),
        Change::Forbidden => Some(Told::ViewerOnly),
        Change::Replaced | Change::Expired | Change::Nothing => None,
    };
    again(&guest, &reached.token, told).await
}

/// Shows the relationship as it is by now, or why the link leads there no longer.
async fn again(guest: &Guest, token: &str, told: Option<Told>) -> Answer {
    Reached::by(guest, token).await?.show(guest, told)
}

/// GET: what ends, and what does not; or how to ask the partner for it.
pub(in crate::web) async fn ending(guest: Guest, Linked { token, .. }: Linked) -> Answer {
    let reached = Reached::by(&guest, &token).await?;
    if !reached.managed.may_change {
        return reached.show(&guest, Some(Told::ViewerOnly));
    }
    let relation = reached.relation(&guest)?;
    if relation.ended.is_some() {
        return reached.show(&guest, None);
    }
    if !relation.kind.customer_may_delete {
        return contact(&guest, &reached, false);
    }
    ask_to_end(&guest, &reached, UNTICKED)
}

fn ask_to_end(guest: &Guest, reached: &Reached, confirmed: Tick) -> Answer {
    Ok(views::render(&EndRelationship {
        page: reached.page(),
        partner: facts::card(&reached.managed.partner),
        token: reached.token.clone(),
        relation: reached.relation(guest)?,
        confirmed,
    }))
}

/// The page in place of an end that the type forbids.
fn contact(guest: &Guest, reached: &Reached, refused: bool) -> Answer {
    Ok(views::render(&ContactToEnd {
        page: reached.page(),
        partner: facts::card(&reached.managed.partner),
        token: reached.token.clone(),
        relation: reached.relation(guest)?,
        refused,
    }))
}

/// A form with one box.
#[derive(Deserialize)]
pub(in crate::web) struct Confirmed {
    token: String,
    confirmed: Option<String>,
}

/// POST: ends the relationship. A second one says that it was ended before.
pub(in crate::web) async fn end(guest: Guest, sent: Sent<Confirmed>) -> Answer {
    let form = guest.form(sent)?;
    let reached = Reached::to_change(&guest, &form.token).await?;
    if !reached.managed.may_change {
        return reached.show(&guest, Some(Told::ViewerOnly));
    }
    let relation = reached.relation(&guest)?;
    if relation.ended.is_some() {
        return reached.show(&guest, Some(Told::AlreadyEnded));
    }
    if !relation.kind.customer_may_delete {
        return contact(&guest, &reached, true);
    }
    if form.confirmed.as_deref() != Some("yes") {
        return ask_to_end(&guest, &reached, MISSING);
    }
    let change = manage::end(&guest.site.engine, reached.claims).await;
    let told = match guest.or_later(change)? {
        Change::Done => Some(Told::Ended),
        Change::Already => Some(Told::AlreadyEnded),
        // Its type changed between the look above and the transaction.
        Change::Forbidden => return contact(&guest, &reached, true),
        Change::Replaced | Change::Expired | Change::Nothing => None,
    };
    again(&guest, &reached.token, told).await
}

/// The switch of the extension.
#[derive(Deserialize)]
pub(in crate::web) struct Switch {
    token: String,
    off: Option<String>,
}

/// POST: lets the roles end on their day. It cannot be switched on here: a link only reduces.
pub(in crate::web) async fn auto_extend(guest: Guest, sent: Sent<Switch>) -> Answer {
    let form = guest.form(sent)?;
    let reached = Reached::to_change(&guest, &form.token).await?;
    if form.off.as_deref() != Some("yes") {
        return Err(guest.failure(FailureKind::BadRequest));
    }
    if !reached.managed.may_change {
        return reached.show(&guest, Some(Told::ViewerOnly));
    }
    if reached.relation(&guest)?.ended.is_some() {
        return reached.show(&guest, Some(Told::AlreadyEnded));
    }
    let change = manage::stop_extending(&guest.site.engine, reached.claims).await;
    let told = match guest.or_later(change)? {
        Change::Done | Change::Already => Some(Told::ExtensionStopped),
        Change::Forbidden => Some(Told::ViewerOnly),
        Change::Replaced | Change::Expired | Change::Nothing => None,
    };
    again(&guest, &reached.token, told).await
}
