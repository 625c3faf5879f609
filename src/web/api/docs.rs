//! The description of the interface for programs and for people. The pages are made from the description, need no script, and show the
//! same offline.

mod reference;

use std::sync::LazyLock;

use askama::Template;
use axum::http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use super::problem::Kind;
use reference::Reference;

static OPENAPI: LazyLock<String> = LazyLock::new(|| super::describe().to_string());

/// `/openapi.json`.
pub(super) async fn openapi() -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, OPENAPI.as_str()).into_response()
}

/// `/docs`.
pub(super) async fn reference() -> Response {
    static PAGE: LazyLock<String> = LazyLock::new(reference_page);
    page(&PAGE)
}

/// A template writes into memory and calls what cannot fail.
pub(super) fn reference_page() -> String {
    Reference::of(&super::describe())
        .render()
        .unwrap_or_default()
}

/// Every problem, and what to do about it.
#[derive(Template)]
#[template(path = "docs/problems.html")]
struct Problems {
    all: &'static [Kind],
}

/// `/docs/problems`.
pub(super) async fn problems() -> Response {
    static PAGE: LazyLock<String> = LazyLock::new(problems_page);
    page(&PAGE)
}

/// As [`reference_page`].
pub(super) fn problems_page() -> String {
    Problems { all: Kind::ALL }.render().unwrap_or_default()
}

/// A sentence of ours as HTML, with what stands between backticks as code.
pub(in crate::web) fn coded(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 32);
    for (index, part) in text.split('`').enumerate() {
        let (open, close) = if index % 2 == 1 {
            ("<code>", "</code>")
        } else {
            ("", "")
        };
        html.push_str(open);
        for c in part.chars() {
            match c {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                '"' => html.push_str("&quot;"),
                c => html.push(c),
            }
        }
        html.push_str(close);
    }
    html
}

fn page(text: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_LANGUAGE, "en"),
        (CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, text).into_response()
}
