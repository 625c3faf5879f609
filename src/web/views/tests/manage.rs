//! What the customer's own pages say and let be done.

use super::{Sample, attributes, sample, texts};
use crate::web::views::samples::TOKEN;
use axum::http::StatusCode;

fn page(name: &str) -> String {
    sample(name, "en").html
}

#[test]
fn every_state_of_a_relationship_is_told_with_its_status_in_both_languages() {
    for language in ["ko", "en"] {
        let t = texts(language);
        for (name, status, told) in [
            ("manage", 200, None),
            ("manage-roles-removed", 200, Some("page-told-roles-removed")),
            (
                "manage-roles-already-removed",
                200,
                Some("page-told-roles-already-removed"),
            ),
            ("manage-ended", 200, Some("page-told-ended")),
            ("manage-already-ended", 200, Some("page-told-already-ended")),
            (
                "manage-extension-stopped",
                200,
                Some("page-told-extension-stopped"),
            ),
            ("manage-viewer", 200, None),
            ("manage-viewer-refused", 403, Some("page-told-viewer")),
            ("manage-contact", 200, None),
            (
                "manage-contact-refused",
                409,
                Some("page-end-contact-refused"),
            ),
        ] {
            let sample = sample(name, language);
            assert_eq!(sample.status.as_u16(), status, "{name}");
            if let Some(told) = told {
                assert!(sample.html.contains(&t.m(told)), "{name}: {told}");
            }
        }
    }
}

#[test]
fn nobody_changes_anything_without_ticking_a_box() {
    for (name, action, boxes) in [
        ("manage-extended", "/auto-extend", 1),
        ("manage-roles", "/remove-roles", 3),
        ("manage-end", "/end-relationship", 1),
        ("manage-roles-removed", "/step", 1),
    ] {
        let html = page(name);
        let forms: Vec<_> = html.split("<form ").skip(1).collect();
        assert!(!forms.is_empty(), "{name}");
        let ticks: usize = forms
            .iter()
            .map(|form| {
                let form = form.split("</form>").next().unwrap();
                assert!(form.contains(&format!("action=\"{action}\"")), "{name}");
                assert!(form.contains("value=\"yes\" required>"), "{name}");
                form.matches("type=\"checkbox\"").count()
            })
            .sum();
        assert_eq!(ticks, boxes, "{name}");
    }
}

#[test]
fn all_roles_are_chosen_beforehand_and_the_confirmation_is_not() {
    let html = page("manage-roles");
    assert_eq!(html.matches(" checked").count(), 2);
    let confirmed = html.split("id=\"confirmed\"").nth(1).unwrap();
    assert!(!confirmed.split('>').next().unwrap().contains("checked"));
}

#[test]
fn an_unconfirmed_change_comes_back_with_each_error_by_its_field() {
    for (name, fields) in [
        ("manage-roles-errors", &["roles", "confirmed"][..]),
        ("manage-end-error", &["confirmed"]),
        ("ask-missing", &["email"]),
        ("ask-error", &["email"]),
    ] {
        for language in ["ko", "en"] {
            let Sample { html, status, .. } = sample(name, language);
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            let prefix = texts(language).m("page-error-prefix");
            assert!(html.contains(&format!("<title>{prefix}")), "{name}");
            for field in fields {
                assert!(html.contains(&format!("<li><a href=\"#{field}\">")));
                assert!(html.contains(&format!("id=\"{field}-error\"")), "{name}");
                let described = attributes(&html, "aria-describedby");
                let error = format!("{field}-error");
                assert!(
                    described
                        .iter()
                        .any(|ids| ids.split(' ').any(|id| id == error)),
                    "{name}: {field}"
                );
            }
        }
    }
}

#[test]
fn a_viewer_sees_everything_and_is_offered_nothing() {
    for name in ["manage-viewer", "manage-viewer-refused"] {
        let html = page(name);
        assert!(html.contains("Helpdesk Administrator"));
        assert!(html.contains("This link is for reading."));
        for forbidden in [
            "<form",
            "/roles\"",
            "/end\"",
            "/receipt/",
            "mailto:hello@harbourline.example?",
        ] {
            assert!(!html.contains(forbidden), "{name}: {forbidden}");
        }
    }
}

#[test]
fn the_end_is_the_customers_or_is_asked_for_as_the_type_has_it() {
    let deletable = page("manage-extended");
    assert!(deletable.contains(&format!("href=\"/manage/{TOKEN}/end\"")));
    assert!(!deletable.contains("?subject="));
    let other = page("manage");
    assert!(!other.contains("/end\""));
    assert!(other.contains("mailto:hello@harbourline.example?subject=Ending%20the%20partner"));
    assert!(other.contains("href=\"tel:+441174960142\""));
}

#[test]
fn what_was_ended_offers_no_change_and_leads_to_microsoft() {
    for name in [
        "manage-ended",
        "manage-already-ended",
        "manage-ended-by-partner",
        "manage-ended-by-nobody",
    ] {
        let html = page(name);
        for forbidden in ["/roles\"", "/end\"", "/auto-extend", "Auto-extend"] {
            assert!(!html.contains(forbidden), "{name}: {forbidden}");
        }
        assert!(html.contains("https://go.microsoft.com/fwlink/p/?linkid=2074649"));
    }
    assert!(page("manage-ended").contains("ended by your organization on"));
    assert!(page("manage-ended-by-partner").contains("ended by the partner on"));
}

#[test]
fn a_removal_leaves_the_step_at_microsoft_open_until_somebody_says_that_it_is_done() {
    let open = page("manage-roles-removed");
    assert!(open.contains("To do now at Microsoft"));
    assert!(open.contains("name=\"step\" value=\"roles_removed\""));
    let done = page("manage-marked");
    assert!(!done.contains("value=\"roles_removed\""));
    assert!(done.contains("role=\"status\">Marked as done by your organization"));
}

#[test]
fn each_role_says_what_it_means_its_risk_and_its_end() {
    let html = page("manage");
    assert_eq!(
        html.matches("class=\"until\">Expected to end on").count(),
        2
    );
    assert_eq!(html.matches("class=\"mark\"").count(), 2);
    assert!(html.contains("Can manage every setting and all data"));
    assert!(page("manage-extended").contains("class=\"until\">Until "));
}

#[test]
fn what_others_wrote_reaches_neither_page_nor_mail_unescaped() {
    let html = page("manage-hostile");
    assert!(!html.contains("<img") && !html.contains("<b>"));
    let mailto = attributes(&html, "href")
        .into_iter()
        .find(|href| href.contains("subject="))
        .unwrap();
    assert_eq!(mailto.matches('?').count(), 1, "{mailto}");
    assert_eq!(mailto.matches("&#38;").count(), 1, "{mailto}");
    assert!(mailto.starts_with("mailto:a%3Fbcc%3Dx@y.example%26"));
    assert!(!page("ask-error").contains("<b>"));
}

#[test]
fn the_list_leads_to_each_relationship_and_an_empty_one_says_so() {
    let html = page("list");
    let details = format!("href=\"/manage/{TOKEN}\"");
    assert_eq!(html.matches(&details).count(), 4);
    assert!(html.contains("4 partner relationships"));
    assert!(page("list-one").contains("One partner relationship under"));
    let empty = page("list-empty");
    assert!(!empty.contains(&details));
    assert!(empty.contains("No partner works with"));
}
