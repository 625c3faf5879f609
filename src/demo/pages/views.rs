//! What the inbox's pages show.

use std::borrow::Borrow;
use std::sync::Arc;

use askama::Template;

use super::Desk;
use crate::demo::mail::Mail;
use crate::domain::invitation::StateName;
use crate::domain::time::{Clock as _, DAY, Timestamp};
use crate::workflow::timeline::Timeline;

/// The list of mails.
#[derive(Template)]
#[template(path = "demo/inbox.html")]
pub(super) struct List {
    mails: Vec<Arc<Mail>>,
    now: Timestamp,
    days_ahead: i64,
}

impl List {
    pub(super) fn new(desk: &Desk) -> Self {
        let mut mails = desk.inbox.mails();
        mails.reverse();
        Self {
            mails,
            now: desk.clock.now(),
            days_ahead: desk.clock.ahead() / DAY,
        }
    }
}

/// What is shown of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Html,
    Text,
    Headers,
    Source,
}

impl Part {
    const ALL: [Self; 4] = [Self::Html, Self::Text, Self::Headers, Self::Source];

    const fn title(self) -> &'static str {
        match self {
            Self::Html => "HTML",
            Self::Text => "Text",
            Self::Headers => "Headers",
            Self::Source => "Source",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Html => "",
            Self::Text => "/text",
            Self::Headers => "/headers",
            Self::Source => "/source",
        }
    }
}

/// A mail.
#[derive(Template)]
#[template(path = "demo/mail.html")]
pub(super) struct Reading {
    mail: Arc<Mail>,
    part: Part,
}

impl Reading {
    pub(super) const fn new(mail: Arc<Mail>, part: Part) -> Self {
        Self { mail, part }
    }

    fn is_shown(&self, part: impl Borrow<Part>) -> bool {
        self.part == *part.borrow()
    }

    fn source(&self) -> String {
        String::from_utf8_lossy(&self.mail.source).replace("\r\n", "\n")
    }

    fn language(&self) -> &str {
        self.mail.header("Content-Language").unwrap_or("en")
    }
}

/// The time line of an invitation.
#[derive(Template)]
#[template(path = "demo/timeline.html")]
pub(super) struct Track {
    line: Timeline,
    now: Timestamp,
    settings: String,
}

impl Track {
    pub(super) fn new(desk: &Desk, line: Timeline) -> Self {
        Self {
            line,
            now: desk.clock.now(),
            settings: desk.folder.settings().display().to_string(),
        }
    }

    fn is_planned(&self, at: impl Borrow<Timestamp>) -> bool {
        *at.borrow() > self.now
    }

    const fn state(&self) -> &'static str {
        match self.line.dossier.state {
            StateName::Pending => "waits for an answer",
            StateName::Accepted => "accepted",
            StateName::Declined => "declined",
            StateName::Expired => "expired",
            StateName::Revoked => "revoked",
        }
    }
}

/// Nothing is here.
#[derive(Template)]
#[template(path = "demo/not_found.html")]
pub(super) struct NotFound;
