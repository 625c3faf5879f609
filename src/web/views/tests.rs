mod clouds;
mod languages;
mod manage;

use std::collections::BTreeSet;

use super::samples::{self, Sample, TOKEN};
use super::*;
use crate::locale::Texts;

fn texts(language: &str) -> Texts {
    Texts::of(&language.parse().unwrap())
}

fn every_sample() -> Vec<Sample> {
    let of = |language| {
        samples::all(texts(language))
            .into_iter()
            .map(move |sample| Sample {
                name: format!("{}.{language}", sample.name),
                ..sample
            })
    };
    of("ko").chain(of("en")).collect()
}

fn sample(name: &str, language: &str) -> Sample {
    let mut all = samples::all(texts(language)).into_iter();
    all.find(|sample| sample.name == name).unwrap()
}

/// The values of an attribute, in the order of the page. Values are escaped, so that each ends at the next quote.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    html.split(&start)
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect()
}

#[test]
fn no_page_has_a_script_a_style_of_its_own_or_anything_from_elsewhere() {
    for Sample { name, html, .. } in every_sample() {
        for forbidden in ["<script", "<style", "<iframe", " style=\"", "javascript:"] {
            assert!(!html.contains(forbidden), "{name}: {forbidden}");
        }
        for tag in html.split('<').skip(1) {
            let tag = tag.split('>').next().unwrap();
            let mut outside_quotes = tag.split('"').step_by(2);
            assert!(
                !outside_quotes.any(|part| part.contains(" on")),
                "{name}: <{tag}>"
            );
        }
        assert!(attributes(&html, "src").is_empty(), "{name}");
        for target in attributes(&html, "href") {
            let known = [
                "/",
                "#",
                "tel:",
                "mailto:",
                "https://admin.microsoft.com/",
                "https://go.microsoft.com/fwlink/p/?linkid=2074649",
            ];
            assert!(
                known.iter().any(|start| target.starts_with(start)),
                "{name}: {target}"
            );
        }
    }
}

#[test]
fn every_page_says_its_language_and_has_all_its_sentences() {
    for Sample { name, html, .. } in every_sample() {
        let language = name.rsplit('.').next().unwrap();
        assert!(
            html.starts_with(&format!("<!doctype html>\n<html lang=\"{language}\"")),
            "{name}"
        );
        for key in [
            "page-", "label-", ">type-", ">role-", ">step-", ": type-", "{ $", "{$",
        ] {
            assert!(!html.contains(key), "{name} shows a key: {key}");
        }
        for isolate in ['\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}'] {
            assert!(!html.contains(isolate), "{name}");
        }
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
        assert!(html.trim_end().ends_with("</html>"), "{name}");
    }
}

#[test]
fn every_reference_inside_a_page_finds_its_element() {
    for Sample { name, html, .. } in every_sample() {
        let ids = attributes(&html, "id");
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "{name} has an id twice");
        let fragments = attributes(&html, "href")
            .into_iter()
            .filter_map(|href| href.strip_prefix('#'));
        let described = attributes(&html, "aria-describedby");
        let labelled = attributes(&html, "aria-labelledby");
        for id in fragments
            .chain(attributes(&html, "for"))
            .chain(described.into_iter().flat_map(str::split_whitespace))
            .chain(labelled.into_iter().flat_map(str::split_whitespace))
        {
            assert!(unique.contains(id), "{name}: nothing has the id {id}");
        }
    }
}

#[test]
fn every_form_is_a_post_that_carries_its_token() {
    for Sample { name, html, .. } in every_sample() {
        for form in html.split("<form ").skip(1) {
            let form = form.split("</form>").next().unwrap();
            if name.starts_with("find") {
                // A search changes nothing, and can be bookmarked.
                assert!(!form.contains("name=\"token\""), "{name}");
                let search = form.contains("action=\"/find-a-partner\"");
                let choice = form.contains("action=\"/find-a-partner/contact\"");
                assert!(
                    form.contains("method=\"get\"") && search != choice,
                    "{name}"
                );
                continue;
            }
            if name.starts_with("contact-partners") {
                // Nobody has a link yet: the mail that this asks for brings the first one.
                let start = "method=\"post\" action=\"/find-a-partner/contact\"";
                assert!(form.starts_with(start), "{name}");
                continue;
            }
            assert!(form.starts_with("method=\"post\" action=\"/"), "{name}");
            let in_path = form.contains(&format!("action=\"/stop/{TOKEN}\""));
            let in_body = form.contains(&format!("name=\"token\" value=\"{TOKEN}\""));
            // Whoever asks for a link has none.
            let is_asking = name.starts_with("ask")
                && (form.contains("action=\"/manage\"") || form.contains("action=\"/agreement\""));
            assert!(in_path ^ in_body ^ is_asking, "{name}");
            assert!(form.contains("<button type=\"submit\""), "{name}");
        }
    }
}

#[test]
fn nothing_is_ticked_or_chosen_before_the_customer_does() {
    for name in [
        "acceptance-both",
        "acceptance-partner",
        "acceptance-agreement",
    ] {
        let Sample { html, status, .. } = sample(name, "ko");
        assert_eq!(status, StatusCode::OK);
        assert!(!html.contains(" checked"), "{name}");
        assert!(!html.contains("aria-invalid"), "{name}");
        assert!(html.contains("action=\"/decline\""), "{name}");
    }
}

#[test]
fn the_three_kinds_ask_for_what_they_offer() {
    for (name, title, button, agreement, roles) in [
        (
            "acceptance-both",
            "Accept agreement and authorize partner",
            "Accept &#38; authorize",
            true,
            true,
        ),
        (
            "acceptance-partner",
            "Authorize partner",
            "Authorize partner",
            false,
            true,
        ),
        (
            "acceptance-agreement",
            "Accept the Microsoft Customer Agreement",
            "Accept",
            true,
            false,
        ),
    ] {
        let Sample { html, .. } = sample(name, "en");
        assert!(html.contains(&format!("<h1>{title}</h1>")), "{name}");
        assert!(
            html.contains(&format!("class=\"button main\">{button}</button>")),
            "{name}"
        );
        assert_eq!(html.contains("id=\"read\""), agreement, "{name}");
        assert_eq!(html.contains("/agreement/agr_"), agreement, "{name}");
        assert_eq!(html.contains("resend_without_roles"), roles, "{name}");
        assert!(html.contains("id=\"authority\""), "{name}");
    }
}

#[test]
fn the_name_fields_stand_in_the_order_of_the_language() {
    let order = |language| {
        let Sample { html, .. } = sample("acceptance-both", language);
        html.find("id=\"family\"").unwrap() < html.find("id=\"given\"").unwrap()
    };
    assert!(order("ko"));
    assert!(!order("en"));
}

#[test]
fn an_incomplete_form_comes_back_with_its_values_and_each_error_by_its_field() {
    for language in ["ko", "en"] {
        let Sample { html, status, .. } = sample("acceptance-both-errors", language);
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        let prefix = texts(language).m("page-error-prefix");
        assert!(html.contains(&format!("<title>{prefix}")));
        for field in ["read", "given", "phone", "authority"] {
            assert!(
                html.contains(&format!("<li><a href=\"#{field}\">")),
                "{field}"
            );
            assert!(html.contains(&format!("id=\"{field}-error\"")), "{field}");
            let input = html
                .split("<input ")
                .find(|tag| tag.contains(&format!(" id=\"{field}\"")));
            let input = input.unwrap().split('>').next().unwrap();
            assert!(input.contains("aria-invalid=\"true\""), "{field}");
            assert!(
                input.contains(&format!("aria-describedby=\"{field}-error\"")),
                "{field}"
            );
        }
        let kept = if language == "ko" {
            "value=\"박\""
        } else {
            "value=\"Whitcombe\""
        };
        assert!(html.contains(kept));
    }
}

#[test]
fn a_page_that_changed_is_shown_again_unticked_with_the_names_kept() {
    let Sample { html, status, .. } = sample("acceptance-both-changed", "ko");
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(html.contains("role=\"alert\""));
    assert!(html.contains("value=\"지훈\""));
    assert!(!html.contains(" checked"));
}

/// The words of each element that begins like that and ends like that, without its tags.
fn words_of<'a>(html: &'a str, start: &str, end: &str) -> Vec<String> {
    let words = |rest: &'a str| {
        let (_, inner) = rest.split_once('>')?;
        let parts = inner.split(end).next()?.split('<');
        let text = parts.map(|part| part.rsplit('>').next().unwrap_or(part));
        let text: String = text.collect();
        Some(text.trim().replace("&#38;", "&"))
    };
    html.split(start).skip(1).filter_map(words).collect()
}

#[test]
fn every_sentence_of_the_form_is_among_the_words_that_are_consented_to() {
    let pages = ["ko", "en"]
        .into_iter()
        .flat_map(|language| samples::acceptance(texts(language)));
    // With neither errors nor marks that are escaped.
    let plain = ["both", "partner", "agreement", "both-changed", "both-again"];
    for (name, mut page) in pages.filter(|(name, _)| plain.contains(name)) {
        let words = page.words();
        page.terms.expected_end = page.terms.expected_end.map(|_| Timestamp::from_micros(0));
        let html = page.render().unwrap();
        let (_, form) = html.split_once("id=\"sign\"").unwrap();
        let (form, _) = form.split_once("<p class=\"actions\">").unwrap();
        let mut said = words_of(&html, "<h1", "</h1>");
        said.extend(words_of(&html, "<p class=\"lede\"", "</p>"));
        said.extend(words_of(form, "<p", "</p>"));
        said.extend(words_of(
            &html,
            "<button type=\"submit\" class=\"button main\"",
            "</button>",
        ));
        let extension = 2 * usize::from(page.terms.offer.auto_extend());
        let boxes = 1 + usize::from(page.terms.agreement.is_some()) + extension;
        assert_eq!(said.len(), boxes + 6, "{name}: {said:?}");
        let mut known = words.others;
        known.extend([words.agreement, words.authority]);
        for sentence in said {
            assert!(known.contains(&sentence), "{name}: {sentence}");
        }
        let asked = html.split("<h2 id=\"asked\">").nth(1).unwrap_or_default();
        assert_eq!(known[2].is_empty(), asked.is_empty(), "{name}");
        assert!(asked.contains(known[2].trim()), "{name}: {}", known[2]);
    }
}

#[test]
fn what_others_wrote_reaches_no_page_unescaped() {
    let Sample { html, .. } = sample("acceptance-both-hostile", "en");
    assert!(html.contains("&#60;script&#62;alert(1)"));
    assert!(!html.contains("<img"));
    assert!(!html.contains("\" autofocus onfocus"));
    assert_eq!(html.matches("</textarea>").count(), 1);
}

#[test]
fn a_search_goes_on_with_the_same_words_and_nothing_of_it_is_markup() {
    let Sample { html, .. } = sample("find-hostile", "en");
    for forbidden in ["<script", "<img"] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
    let next = attributes(&html, "href");
    let next = next.iter().find(|href| href.contains("page=")).unwrap();
    assert!(
        next.starts_with("/find-a-partner?q=%22%3E%3Cscript"),
        "{next}"
    );
    assert!(next.ends_with("size=10-49&#38;page=2"), "{next}");
    let Sample { html, status, .. } = sample("find-errors", "ko");
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(html.contains("href=\"#q\"") && html.contains("href=\"#size\""));
    assert!(!html.contains("id=\"found\""));
}

#[test]
fn a_form_to_partners_keeps_what_was_chosen_and_says_what_is_wrong() {
    let Sample { html, status, .. } = sample("contact-partners-errors", "en");
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(html.matches("name=\"partner\" value=\"prt_").count(), 2);
    for field in [
        "needs",
        "text",
        "organization",
        "size",
        "name",
        "email",
        "phone",
    ] {
        assert!(
            html.contains(&format!("<li><a href=\"#{field}\">")),
            "{field}"
        );
        assert!(html.contains(&format!("id=\"{field}-error\"")), "{field}");
    }
    let Sample { html, .. } = sample("contact-partners-kept", "en");
    assert_eq!(html.matches(" checked").count(), 2);
    assert_eq!(html.matches(" selected").count(), 1);
    let Sample { html, status, .. } = sample("contact-partners-nobody", "ko");
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!html.contains("<form"));
}

#[test]
fn the_print_view_holds_no_token_and_no_form() {
    for name in ["print", "print-partner"] {
        for language in ["ko", "en"] {
            let Sample { html, .. } = sample(name, language);
            for forbidden in [TOKEN, "<form", "<input", "<button", "href=\"/a/"] {
                assert!(!html.contains(forbidden), "{name} {language}: {forbidden}");
            }
        }
    }
}

#[test]
fn a_new_link_is_offered_where_one_may_come_and_nowhere_else() {
    for (name, status, offered) in [
        ("link-expired", StatusCode::GONE, true),
        ("link-replaced", StatusCode::GONE, true),
        ("link-revoked", StatusCode::GONE, false),
        ("link-manage", StatusCode::GONE, true),
        ("link-list", StatusCode::GONE, true),
        ("link-invalid", StatusCode::NOT_FOUND, false),
    ] {
        let sample = sample(name, "ko");
        assert_eq!(sample.status, status, "{name}");
        assert_eq!(
            sample.html.contains("action=\"/resend\""),
            offered,
            "{name}"
        );
    }
}

#[test]
fn the_receipt_leads_on_to_microsoft_and_says_who_said_what() {
    let Sample { html, .. } = sample("receipt-marked", "en");
    assert!(html.contains("2 steps left"));
    assert_eq!(html.matches("action=\"/step\"").count(), 2);
    assert!(html.contains("Marked as done by your organization on"));
    assert!(html.contains("The partner has not sent the link yet."));
    let Sample { html, .. } = sample("receipt-done", "en");
    assert!(html.contains("Marked as done by the partner on"));
    assert!(html.contains("Confirmed on"));
    assert!(!html.contains("<form"));
}

#[test]
fn an_answer_has_status_type_language_and_retry_after() {
    let page = Page {
        t: texts("ko-KR"),
        zone: TimeZone::UTC,
        partner: None,
    };
    let answer = render(&Failure {
        page: page.clone(),
        kind: FailureKind::TooMany(40),
    });
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(answer.headers()[CONTENT_LANGUAGE], "ko");
    assert_eq!(answer.headers()[RETRY_AFTER], "40");
    let answer = render(&Front { page });
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(!answer.headers().contains_key(RETRY_AFTER));
}

#[test]
fn a_date_stays_whole_at_its_brackets_and_numbers() {
    assert_eq!(
        unbroken("2026년 12월 22일(화) 오후 6시(한국 시간)"),
        "2026년\u{a0}12월\u{a0}22일\u{2060}(화)\u{2060} 오후\u{a0}6시\u{2060}(한국\u{a0}시간)\u{2060}"
    );
    assert_eq!(
        unbroken("Tuesday, 22 December 2026, 6 pm (British Time)"),
        "Tuesday, 22\u{a0}December\u{a0}2026, 6\u{a0}pm (British\u{a0}Time)\u{2060}"
    );
}
