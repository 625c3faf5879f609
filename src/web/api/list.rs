//! Lists, and the query parameters of a request.
//!
//! A page is asked for by `limit` and `starting_after`; it says by `has_more` whether there is another. A cursor is a place in
//! the order of ids and is not looked up: nobody learns whether an id exists. A parameter that is unknown, twice there or wrong is
//! refused by name.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::problem::{Invalid, Problem};
use crate::workflow::view;

/// How many objects a page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit(u8);

/// What is no number of objects.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a page has between 1 and 100 objects: write a whole number without a sign")]
pub(super) struct LimitError;

impl Limit {
    /// The most objects of a page.
    pub(super) const MOST: u8 = 100;

    /// The number itself.
    pub(super) const fn number(self) -> u16 {
        self.0 as u16
    }

    /// The number of rows to read: one more than are shown says whether there is another page.
    pub(super) fn to_read(self) -> i64 {
        i64::from(self.0) + 1
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(20)
    }
}

impl std::str::FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text
            .parse()
            .ok()
            .filter(|number| (1..=Self::MOST).contains(number));
        number.filter(|_| is_plain).map(Self).ok_or(LimitError)
    }
}

crate::domain::words::deserialize_text!(Limit);

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct List<T> {
    /// Always `list`.
    #[schema(pattern = "^list$")]
    pub(super) object: &'static str,
    /// The objects of this page.
    pub(super) data: Vec<T>,
    /// Whether there are more: ask for them with `starting_after` = the id of the last object of this page.
    pub(super) has_more: bool,
}

impl<T> List<T> {
    /// The page of what a view found, each shown by `show`.
    pub(super) fn of<R>(page: view::Page<R>, show: impl FnMut(R) -> T) -> Self {
        let page = page.map(show);
        Self {
            object: "list",
            data: page.items,
            has_more: page.has_more,
        }
    }

    /// The page of rows that were read with [`Limit::to_read`], each shown by `show`.
    pub(super) fn page<R>(mut rows: Vec<R>, limit: Limit, show: impl FnMut(R) -> T) -> Self {
        let most = usize::from(limit.0);
        let has_more = rows.len() > most;
        rows.truncate(most);
        Self {
            object: "list",
            data: rows.into_iter().map(show).collect(),
            has_more,
        }
    }
}

/// The query of a request: `T` refuses unknown fields.
#[derive(Clone, Copy, Debug)]
pub(super) struct Query<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

fn read<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let query = serde_urlencoded::Deserializer::new(pairs);
    serde_path_to_error::deserialize(query).map_err(|error| {
        let path = error.path().to_string();
        let message = error.into_inner().to_string();
        let quoted = message.split('`').nth(1).unwrap_or_default();
        let invalid = if message.starts_with("unknown field") {
            let known = message.split_once("expected ").map(|(_, known)| known);
            let known = known.unwrap_or("there are none here");
            let known = known.trim_start_matches("one of ");
            let detail = format!("there is no such parameter; there are {known}");
            Invalid::of_query(name(quoted), "unknown", detail)
        } else if message.starts_with("duplicate field") {
            Invalid::of_query(
                name(quoted),
                "duplicate",
                "it is there twice: leave one out",
            )
        } else if message.starts_with("missing field") {
            Invalid::of_query(name(quoted), "missing", "it is needed")
        } else {
            Invalid::of_query(name(&path), "invalid", message)
        };
        Problem::invalid(vec![invalid])
    })
}

/// The name of a parameter, where it looks like one: whatever else stands there may be a person's.
fn name(given: &str) -> String {
    let looks_like_one = (1..=40).contains(&given.len())
        && given
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if looks_like_one { given } else { "?" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::InvitationId;
    use crate::domain::invitation::StateName;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Asked {
        limit: Option<Limit>,
        starting_after: Option<InvitationId>,
        state: Option<StateName>,
    }

    #[test]
    fn a_parameter_that_cannot_be_taken_is_named() {
        let told = |query: &str| {
            let problem = read::<Asked>(query).unwrap_err();
            let error = &problem.errors[0];
            let name = error.parameter.clone().unwrap();
            format!("{name} {}: {}", error.code, error.detail)
        };
        let known = "there is no such parameter; there are `limit`, `starting_after`, `state`";
        assert_eq!(told("limits=3"), format!("limits unknown: {known}"));
        assert_eq!(told("kim%40x.example=3"), format!("? unknown: {known}"));
        assert_eq!(
            told("limit=1&limit=2"),
            "limit duplicate: it is there twice: leave one out"
        );
        for wrong in ["0", "101", "-1", "+5", "x", "", "1e1", "%00"] {
            assert_eq!(
                told(&format!("limit={wrong}")),
                "limit invalid: a page has between 1 and 100 objects: write a whole number without a sign"
            );
        }
        assert!(told("state=open").starts_with("state invalid: `open` is no state"));
        assert!(
            told("starting_after=inv_1")
                .starts_with("starting_after invalid: not an invitation id")
        );
        assert!(read::<Asked>("limit=100&state=pending").is_ok() && read::<Asked>("").is_ok());
    }

    #[test]
    fn a_page_says_whether_there_are_more() {
        let limit: Limit = "2".parse().unwrap();
        assert_eq!(limit.to_read(), 3);
        let page = List::page(vec![1, 2, 3], limit, |row| row * 10);
        assert_eq!((page.data, page.has_more), (vec![10, 20], true));
        let page = List::page(vec![1, 2], limit, |row| row);
        assert_eq!((page.data.len(), page.has_more), (2, false));
    }
}
