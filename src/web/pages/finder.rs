//! Find a partner: search, choose, ask. GET searches and shows; the one POST stores an inquiry that goes nowhere before its
//! mailbox confirms it.

use axum::extract::RawQuery;
use axum::http::HeaderMap;
use axum::response::Response;
use url::form_urlencoded;

use super::guest::{Answer, Guest, Sent};
use crate::domain::ids::PartnerId;
use crate::domain::inquiry::{Field, InquiryForm, MOST_PARTNERS, Need};
use crate::domain::language::Language;
use crate::domain::profile::{LANGUAGE, OrganizationSize, SIZE};
use crate::domain::search::Query;
use crate::domain::signing::Problem;
use crate::domain::text;
use crate::web::Site;
use crate::web::views::{
    self, Card, ContactPartners, Contacting, Entry, FindPartner, InquiryAsked, Page, Search,
};
use crate::workflow::inquiry::{self, Asked};
use crate::workflow::profile::{self, A_PAGE, LAST_PAGE, Match, Results};

/// Pairs of a query or of a form, as they came.
type Pairs = Vec<(String, String)>;

/// The most pairs that are read: a browser sends a dozen.
const MOST_PAIRS: usize = 64;

fn pairs(RawQuery(query): &RawQuery) -> Pairs {
    let query = query.as_deref().unwrap_or_default().as_bytes();
    let pairs = form_urlencoded::parse(query).into_owned();
    pairs.take(MOST_PAIRS).collect()
}

fn value<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    let found = pairs.iter().find(|(known, _)| known == name);
    found.map_or("", |(_, value)| value)
}

/// GET: searches, and shows what was found.
pub(in crate::web) async fn find(guest: Guest, query: RawQuery) -> Answer {
    let pairs = pairs(&query);
    let (search, query) = read(&pairs);
    let number = value(&pairs, "page").parse().unwrap_or(1);
    let number = number.clamp(1, LAST_PAGE);
    let results = match query {
        Some(query) => {
            let found = profile::search(&guest.site.engine, &query, number).await;
            guest.or_later(found)?
        }
        None => Results::default(),
    };
    let pages = ((results.all + A_PAGE - 1) / A_PAGE).min(LAST_PAGE);
    Ok(views::render(&FindPartner {
        page: guest.page(),
        search,
        found: results.matches.iter().map(card).collect(),
        all: results.all,
        number,
        pages,
    }))
}

/// A search in so many words that no handler is asked: the page of every other one that is too long.
pub(in crate::web) fn too_long(site: &Site, headers: &HeaderMap) -> Response {
    let mut search = Search::default();
    search.q.problem = Some(Problem::TooLong);
    views::render(&FindPartner {
        page: site.page(headers),
        search,
        found: Vec::new(),
        all: 0,
        number: 1,
        pages: 0,
    })
}

/// The search as it is shown again, and what to look for unless something in it is wrong.
fn read(pairs: &Pairs) -> (Search, Option<Query>) {
    let entry = |name: &str| Entry {
        value: text::visible(value(pairs, name).trim(), 400, 1),
        problem: None,
    };
    let mut search = Search {
        q: entry("q"),
        location: entry("location"),
        size: entry("size"),
        language: entry("language"),
    };
    let query = Query::of_words(value(pairs, "q").trim());
    search.q.problem = query.as_ref().err().map(|_| Problem::TooLong);
    let mut query = query.unwrap_or_default();
    match query.clone().at(value(pairs, "location").trim()) {
        Ok(placed) => query = placed,
        Err(_) => search.location.problem = Some(Problem::TooLong),
    }
    if !search.size.value.is_empty() {
        match search.size.value.parse::<OrganizationSize>() {
            Ok(size) => query = query.with(SIZE, size.as_str()),
            Err(_) => search.size.problem = Some(Problem::Unusable),
        }
    }
    if !search.language.value.is_empty() {
        match search.language.value.parse::<Language>() {
            Ok(language) => query = query.with(LANGUAGE, language.primary()),
            Err(_) => search.language.problem = Some(Problem::Unusable),
        }
    }
    let entries = [&search.q, &search.location, &search.size, &search.language];
    let is_fit = entries.iter().all(|entry| entry.problem.is_none());
    (search, is_fit.then_some(query))
}

fn card(found: &Match) -> Card {
    let profile = &found.profile;
    let texts = |texts: &[_]| texts.iter().map(ToString::to_string).collect();
    Card {
        id: found.partner.id.to_string(),
        name: found.partner.name.clone(),
        language: found.partner.language.to_string(),
        places: profile.locations.iter().map(ToString::to_string).collect(),
        services: profile
            .services
            .iter()
            .map(|service| service.as_str().to_owned())
            .collect(),
        sizes: profile.sizes.clone(),
        languages: texts(&profile.languages),
        description: profile.description.as_str().to_owned(),
    }
}

/// Those who were chosen, as far as they can be read; no more than an inquiry goes to.
fn chosen(pairs: &Pairs) -> Vec<PartnerId> {
    let ids = pairs.iter().filter(|(name, _)| name == "partner");
    let ids = ids.filter_map(|(_, id)| id.parse().ok());
    let mut chosen: Vec<PartnerId> = Vec::new();
    for id in ids {
        if !chosen.contains(&id) && chosen.len() < MOST_PARTNERS {
            chosen.push(id);
        }
    }
    chosen
}

/// GET: the form that asks those who were chosen.
pub(in crate::web) async fn contact(guest: Guest, query: RawQuery) -> Answer {
    let ids = chosen(&pairs(&query));
    show(&guest, &ids, Contacting::default()).await
}

async fn show(guest: &Guest, ids: &[PartnerId], form: Contacting) -> Answer {
    let found = profile::published(&guest.site.engine, ids).await;
    let found = guest.or_later(found)?;
    Ok(views::render(&ContactPartners {
        page: guest.page(),
        chosen: found.iter().map(card).collect(),
        form,
    }))
}

/// POST: stores the inquiry, and says which mail comes next.
pub(in crate::web) async fn ask(guest: Guest, sent: Sent<Pairs>) -> Answer {
    let posted = guest.form(sent)?;
    let ids = chosen(&posted);
    let form = form(&posted);
    let inquiry = match form.check() {
        Ok(inquiry) => inquiry,
        Err(problems) => return show(&guest, &ids, again(&form, &problems)).await,
    };
    guest.not_too_often(guest.site.limits.inquiry(guest.client()))?;
    let page = guest.page();
    let language = page.t.language().clone();
    let asked = inquiry::ask(&guest.site.engine, inquiry, ids, language).await;
    match guest.or_later(asked)? {
        Asked::NobodyThere => show(&guest, &[], Contacting::default()).await,
        Asked::Stored(_) | Asked::Enough => Ok(sent_page(page, &form.email)),
    }
}

fn sent_page(page: Page, email: &str) -> Response {
    views::render(&InquiryAsked {
        page,
        email: text::visible(email.trim(), 254, 1),
    })
}

fn form(pairs: &Pairs) -> InquiryForm {
    let value = |name| value(pairs, name).to_owned();
    let needs = pairs.iter().filter(|(name, _)| name == "need");
    InquiryForm {
        organization: value("organization"),
        name: value("name"),
        email: value("email"),
        phone: value("phone"),
        size: value("size"),
        needs: needs
            .map(|(_, need)| need.clone())
            .take(MOST_PAIRS)
            .collect(),
        text: value("text"),
    }
}

/// The form again, its values kept, the problems beside their fields.
fn again(form: &InquiryForm, problems: &[(Field, Problem)]) -> Contacting {
    let problem = |field| {
        let found = problems.iter().find(|(of, _)| *of == field);
        found.map(|(_, problem)| *problem)
    };
    let entry = |value: &str, field, lines| Entry {
        value: text::visible(value, 2_000, lines),
        problem: problem(field),
    };
    Contacting {
        needs: Need::ALL
            .iter()
            .copied()
            .filter(|need| form.needs.iter().any(|word| word == need.as_str()))
            .collect(),
        needs_problem: problem(Field::Needs),
        text: entry(&form.text, Field::Text, 100),
        organization: entry(&form.organization, Field::Organization, 1),
        size: entry(&form.size, Field::Size, 1),
        name: entry(&form.name, Field::Name, 1),
        email: entry(&form.email, Field::Email, 1),
        phone: entry(&form.phone, Field::Phone, 1),
    }
}
