//! One relationship: what was granted, and what can be done about it.

use askama::Template;
use axum::http::StatusCode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Extension, Relation};
use crate::domain::link_path;
use crate::domain::microsoft;
use crate::web::views::{Page, Partner, Step, View};

/// What `mailto:` takes as it is (RFC 6068 §2): of the signs beyond letters and digits only those that no mail program
/// reads as anything else.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'@');

/// What was said or done a moment ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Roles were removed.
    RolesRemoved,
    /// They had been removed before.
    RolesAlreadyRemoved,
    /// The relationship was ended.
    Ended,
    /// It had been ended before.
    AlreadyEnded,
    /// The roles end on their day.
    ExtensionStopped,
    /// A step at Microsoft was marked as done.
    Marked(microsoft::Step),
    /// A viewer asked for a change.
    ViewerOnly,
}

/// The page behind `/manage/<token>`, and the answer to each change.
#[derive(Clone, Debug, Template)]
#[template(path = "page/manage/details.html")]
pub struct Details {
    /// What every page has.
    pub page: Page,
    /// With whom.
    pub partner: Partner,
    /// A token of purpose *manage*; goes back in the body of a form.
    pub token: String,
    /// What holds.
    pub relation: Relation,
    /// Whether whoever has the link may reduce it.
    pub may_change: bool,
    /// What was said or done a moment ago.
    pub told: Option<Told>,
}

impl View for Details {
    fn page(&self) -> &Page {
        &self.page
    }

    fn status(&self) -> StatusCode {
        match self.told {
            Some(Told::ViewerOnly) => StatusCode::FORBIDDEN,
            _ => StatusCode::OK,
        }
    }
}

impl Details {
    fn heading(&self) -> String {
        let args = [("partner", (&self.partner.display_name).into())];
        self.page.t.f("page-manage-title", &args)
    }

    /// The line that says what was done, with what remains to be done.
    fn told_text(&self) -> Option<(String, String)> {
        let t = self.page.t;
        let next = || {
            if self.relation.is_open_at_microsoft() || self.relation.ended.is_some() {
                t.m("page-told-microsoft")
            } else {
                t.m("page-told-nothing-left")
            }
        };
        Some(match self.told? {
            Told::RolesRemoved => (t.m("page-told-roles-removed"), next()),
            Told::RolesAlreadyRemoved => (t.m("page-told-roles-already-removed"), next()),
            Told::Ended => (t.m("page-told-ended"), next()),
            Told::AlreadyEnded => (t.m("page-told-already-ended"), next()),
            Told::ExtensionStopped => {
                let text = t.m("page-told-extension-stopped-text");
                (t.m("page-told-extension-stopped"), text)
            }
            Told::ViewerOnly => (t.m("page-told-viewer"), t.m("page-manage-viewer")),
            // The line stands at the step itself.
            Told::Marked(_) => return None,
        })
    }

    /// Whether something can still be done by whoever has the link.
    fn has_actions(&self) -> bool {
        self.may_change && self.relation.ended.is_none()
    }

    fn is_extended(&self) -> bool {
        self.relation.extension == Some(Extension::On)
    }

    fn may_mark(&self) -> bool {
        self.may_change
    }

    fn just_marked(&self, step: &Step) -> bool {
        self.told == Some(Told::Marked(step.kind))
    }

    fn ending(&self) -> Ending<'_> {
        Ending::new(&self.page, &self.partner, &self.relation)
    }

    fn roles_path(&self) -> String {
        link_path::manage_roles(&self.token)
    }

    fn end_path(&self) -> String {
        link_path::manage_end(&self.token)
    }
}

/// In place of an end that the partner's type does not let the customer make: how to ask the partner for it.
#[derive(Clone, Debug, Template)]
#[template(path = "page/manage/contact.html")]
pub struct ContactToEnd {
    /// What every page has.
    pub page: Page,
    /// With whom.
    pub partner: Partner,
    /// The token of the page that leads back.
    pub token: String,
    /// What holds.
    pub relation: Relation,
    /// Whether the end was asked for, and refused.
    pub refused: bool,
}

impl View for ContactToEnd {
    fn page(&self) -> &Page {
        &self.page
    }

    fn status(&self) -> StatusCode {
        if self.refused {
            StatusCode::CONFLICT
        } else {
            StatusCode::OK
        }
    }
}

impl ContactToEnd {
    fn back(&self) -> String {
        link_path::manage(&self.token)
    }

    fn ending(&self) -> Ending<'_> {
        Ending::new(&self.page, &self.partner, &self.relation)
    }
}

/// A mail to the partner that asks for the end, ready to be sent from the customer's own mailbox.
struct Ending<'a> {
    page: &'a Page,
    partner: &'a Partner,
    relation: &'a Relation,
}

impl<'a> Ending<'a> {
    const fn new(page: &'a Page, partner: &'a Partner, relation: &'a Relation) -> Self {
        Self {
            page,
            partner,
            relation,
        }
    }

    /// The address of the prepared mail (RFC 6068).
    fn mailto(&self) -> Option<String> {
        let t = self.page.t;
        let kind = t.name("type", &self.relation.kind.key);
        let args = [
            ("partner", (&self.partner.display_name).into()),
            ("organization", (&self.relation.organization).into()),
            ("type", (&kind).into()),
        ];
        let subject = t.f("page-end-mail-subject", &args);
        let body = t.f("page-end-mail-body", &args);
        let address = self.partner.email.as_deref()?;
        Some(mailto(address, &subject, &body))
    }
}

fn mailto(address: &str, subject: &str, body: &str) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, KEPT).to_string();
    // Line breaks in a body are CR LF (RFC 6068 §5).
    let body = body.replace('\n', "\r\n");
    format!(
        "mailto:{}?subject={}&body={}",
        encoded(address),
        encoded(subject),
        encoded(&body)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prepared_mail_is_encoded_whole() {
        assert_eq!(
            mailto("a+b&c@x.example", "종료 & end?", "one\ntwo"),
            "mailto:a%2Bb%26c@x.example?subject=%EC%A2%85%EB%A3%8C%20%26%20end%3F&body=one%0D%0Atwo"
        );
    }
}
