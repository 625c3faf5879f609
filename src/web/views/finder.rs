//! Find a partner: the search and what it found, and the form that asks those who were chosen.

use askama::Template;
use axum::http::StatusCode;
use url::form_urlencoded;

use super::form::{self, Entry, FormError};
use super::{Page, View};
use crate::domain::inquiry::{Need, NeedText};
use crate::domain::person::PersonName;
use crate::domain::profile::OrganizationSize;
use crate::domain::search::LONGEST_QUERY;
use crate::domain::signing::Problem;
use crate::domain::text::CompanyName;
use crate::locale::Texts;

/// Where partners are searched.
pub const FIND: &str = "/find-a-partner";
/// Where those who were chosen are asked.
pub const CONTACT: &str = "/find-a-partner/contact";

/// The languages that can be asked for: those that profiles mostly name.
pub const LANGUAGES: [&str; 8] = ["ko", "en", "ja", "zh", "de", "fr", "es", "vi"];

/// A partner as the search shows it.
#[derive(Clone, Debug)]
pub struct Card {
    /// `prt_…`.
    pub id: String,
    /// The name that people know.
    pub name: String,
    /// The partner's own language, in which its words are.
    pub language: String,
    /// Where it works.
    pub places: Vec<String>,
    /// What it does.
    pub services: Vec<String>,
    /// For organizations of which size.
    pub sizes: Vec<OrganizationSize>,
    /// Tags of its languages.
    pub languages: Vec<String>,
    /// In its own words.
    pub description: String,
}

impl Card {
    fn sizes(&self, page: &Page) -> String {
        let sizes = self.sizes.iter().map(|size| page.t.size(size));
        sizes.collect::<Vec<_>>().join(" · ")
    }

    fn languages(&self, page: &Page) -> String {
        let names = self.languages.iter().map(|tag| page.language_name(tag));
        names.collect::<Vec<_>>().join(" · ")
    }
}

/// What was searched for, as it is shown again.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Words.
    pub q: Entry,
    /// A place.
    pub location: Entry,
    /// A word of [`OrganizationSize`].
    pub size: Entry,
    /// The tag of a language.
    pub language: Entry,
}

impl Search {
    /// The address of a page of the same search.
    fn address(&self, page: i64) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, entry) in [
            ("q", &self.q),
            ("location", &self.location),
            ("size", &self.size),
            ("language", &self.language),
        ] {
            if !entry.value.is_empty() {
                query.append_pair(name, &entry.value);
            }
        }
        query.append_pair("page", &page.to_string());
        format!("{FIND}?{}", query.finish())
    }

    fn errors(&self, t: Texts) -> Vec<FormError> {
        let fields = [
            ("q", &self.q),
            ("location", &self.location),
            ("size", &self.size),
            ("language", &self.language),
        ];
        let errors = fields.into_iter().filter_map(|(field, entry)| {
            let message = match entry.problem? {
                Problem::TooLong => t.f("page-error-too-long", &[("max", LONGEST_QUERY.into())]),
                Problem::Missing | Problem::Unusable => t.m("page-error-choice"),
            };
            Some(FormError { field, message })
        });
        errors.collect()
    }
}

/// The search, with what it found.
#[derive(Clone, Debug, Template)]
#[template(path = "page/find.html")]
pub struct FindPartner {
    /// What every page has; no partner.
    pub page: Page,
    /// What was searched for.
    pub search: Search,
    /// The best first.
    pub found: Vec<Card>,
    /// How many there are on all pages.
    pub all: i64,
    /// Which page, from 1.
    pub number: i64,
    /// How many pages.
    pub pages: i64,
}

impl FindPartner {
    fn errors(&self) -> Vec<FormError> {
        self.search.errors(self.page.t)
    }

    fn error(&self, field: &str) -> Option<String> {
        message(self.errors(), field)
    }

    fn is_size(&self, size: &str) -> bool {
        self.search.size.value == size
    }

    /// Whether nothing in particular is searched for, which finds everybody.
    fn is_any(&self) -> bool {
        let Search {
            q,
            location,
            size,
            language,
        } = &self.search;
        [q, location, size, language]
            .iter()
            .all(|entry| entry.value.trim().is_empty())
    }

    fn before(&self) -> Option<String> {
        (self.number > 1).then(|| self.search.address(self.number - 1))
    }

    fn after(&self) -> Option<String> {
        (self.number < self.pages).then(|| self.search.address(self.number + 1))
    }
}

impl View for FindPartner {
    fn page(&self) -> &Page {
        &self.page
    }

    fn status(&self) -> StatusCode {
        status(&self.errors())
    }
}

/// The form that asks partners, as it is shown again.
#[derive(Clone, Debug, Default)]
pub struct Contacting {
    /// Which needs are ticked.
    pub needs: Vec<Need>,
    /// That none is.
    pub needs_problem: Option<Problem>,
    /// More of it.
    pub text: Entry,
    /// The business.
    pub organization: Entry,
    /// A word of [`OrganizationSize`].
    pub size: Entry,
    /// Who asks.
    pub name: Entry,
    /// Their address.
    pub email: Entry,
    /// Telephone.
    pub phone: Entry,
}

/// What a business asks of those whom it chose. Without any, the page says how to choose.
#[derive(Clone, Debug, Template)]
#[template(path = "page/contact_partners.html")]
pub struct ContactPartners {
    /// What every page has; no partner.
    pub page: Page,
    /// Those who were chosen.
    pub chosen: Vec<Card>,
    /// The form.
    pub form: Contacting,
}

impl ContactPartners {
    fn errors(&self) -> Vec<FormError> {
        let (t, form) = (self.page.t, &self.form);
        let mut errors = Vec::new();
        let mut add = |field, message: Option<String>| {
            errors.extend(message.map(|message| FormError { field, message }));
        };
        let texts = |entry: &Entry, missing: &dyn Fn() -> String, max: usize| {
            let problem = entry.problem?;
            Some(form::sentence(t, problem, missing, max))
        };
        add(
            "needs",
            form.needs_problem.map(|_| t.m("page-error-needs-missing")),
        );
        let text = form.text.problem.map(|problem| match problem {
            Problem::Unusable => t.m("page-error-text"),
            other => form::sentence(t, other, || t.m("page-error-text"), NeedText::MAX),
        });
        add("text", text);
        let missing = || t.m("page-error-organization-missing");
        add(
            "organization",
            texts(&form.organization, &missing, CompanyName::MAX),
        );
        add("size", form.size.problem.map(|_| t.m("page-error-choice")));
        let missing = || t.m("page-error-name-missing");
        add("name", texts(&form.name, &missing, PersonName::MAX));
        add(
            "email",
            form.email.problem.map(|_| t.m("page-error-asking-email")),
        );
        add("phone", form.phone.problem.map(|_| t.m("page-error-phone")));
        errors
    }

    fn error(&self, field: &str) -> Option<String> {
        message(self.errors(), field)
    }

    fn is_size(&self, size: &str) -> bool {
        self.form.size.value == size
    }

    fn needs(&self) -> Vec<(Need, bool)> {
        let ticked = |need: &Need| (*need, self.form.needs.contains(need));
        Need::ALL.iter().map(ticked).collect()
    }
}

impl View for ContactPartners {
    fn page(&self) -> &Page {
        &self.page
    }

    fn status(&self) -> StatusCode {
        if self.chosen.is_empty() {
            return StatusCode::UNPROCESSABLE_ENTITY;
        }
        status(&self.errors())
    }
}

/// The answer to that form: the same whether or not a mail leaves.
#[derive(Clone, Debug, Template)]
#[template(path = "page/inquiry_asked.html")]
pub struct InquiryAsked {
    /// What every page has; no partner.
    pub page: Page,
    /// Where the mail goes, as it was typed.
    pub email: String,
}

impl View for InquiryAsked {
    fn page(&self) -> &Page {
        &self.page
    }
}

fn status(errors: &[FormError]) -> StatusCode {
    if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    }
}

fn message(errors: Vec<FormError>, field: &str) -> Option<String> {
    let mut errors = errors.into_iter();
    let found = errors.find(|error| error.field == field);
    found.map(|error| error.message)
}
