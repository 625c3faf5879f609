mod change;
mod clouds;
mod languages;

use std::collections::BTreeSet;

use super::*;
use crate::domain::catalogue::{self, Risk, roles};
use crate::domain::delivery::Reply;
use crate::domain::microsoft::{self, Cloud};
use crate::domain::offer::{Offer, OfferRequest};
use crate::locale::Texts;
use crate::outbound::mails::{
    Accepted, DeclineReason, Declined, Failure, FollowUp, Inquiry, InquiryConfirm, Receipt,
    Request, Undeliverable,
};

/// Clipped by Gmail beyond 102 KB.
const LARGEST_HTML: usize = 100_000;

fn languages() -> impl Iterator<Item = &'static Language> {
    AVAILABLE.iter()
}

fn offer(relationship: Option<&str>, roles: &[&str], agreement: bool) -> Offer {
    let request = OfferRequest {
        relationship: relationship.map(str::to_owned),
        roles: Some(roles.iter().map(|&role| role.to_owned()).collect()),
        agreement,
        ..OfferRequest::default()
    };
    Offer::new(request, Cloud::Global).unwrap()
}

/// The sample with another offer.
fn request(language: &Language, offer: Offer) -> Request {
    let mut request = Request::sample(language);
    request.steps.retain(|step| match step.step {
        microsoft::Step::Mca => offer.agreement(),
        _ => !offer.roles().is_empty(),
    });
    request.terms.offer = offer;
    request
}

fn urls(text: &str) -> BTreeSet<String> {
    text.split(['"', '<', '>', ' ', '\n'])
        .filter(|word| word.starts_with("https://"))
        .map(str::to_owned)
        .collect()
}

fn targets(html: &str) -> BTreeSet<String> {
    let mut targets = BTreeSet::new();
    outlook::walk(html, &mut |path, text| {
        if let (Some(element), None) = (path.last(), text) {
            targets.extend(element.attributes.get("href").cloned());
        }
    });
    targets
}

/// Every sample by its name.
fn named() -> impl Iterator<Item = (String, Language, Rendered)> {
    samples().map(|sample| (sample.name(), sample.language, sample.mail))
}

#[test]
fn every_mail_reads_as_it_was_reviewed() {
    for (kind, language, mail) in named() {
        let text = format!("Subject: {}\n\n{}", mail.subject, mail.text);
        insta::assert_snapshot!(format!("{kind}.{language}.txt"), text);
        insta::assert_snapshot!(format!("{kind}.{language}.html"), mail.html);
    }
}

#[test]
fn each_kind_of_offer_reads_as_it_was_reviewed() {
    for language in languages() {
        let advisor = offer(Some("advisor"), &[], false);
        let mail = render(&Mail::Invitation(request(language, advisor)));
        insta::assert_snapshot!(
            format!("relationship_only.{language}.txt"),
            format!("Subject: {}\n\n{}", mail.subject, mail.text)
        );
        let mca = offer(None, &[], true);
        let mail = render(&Mail::Invitation(request(language, mca)));
        insta::assert_snapshot!(
            format!("agreement_only.{language}.txt"),
            format!("Subject: {}\n\n{}", mail.subject, mail.text)
        );
    }
}

#[test]
fn every_mail_is_fit_for_outlook() {
    for (kind, language, mail) in named() {
        assert_eq!(
            outlook::findings(&mail.html),
            Vec::<String>::new(),
            "{kind} in {language}"
        );
    }
}

#[test]
fn the_largest_mail_is_not_clipped() {
    let all: Vec<_> = roles().iter().map(|role| role.key.as_str()).collect();
    for language in languages() {
        let mut largest = request(
            language,
            offer(Some("reseller_delegated_admin"), &all, true),
        );
        largest.note = Some("가&".repeat(250));
        let mail = render(&Mail::Reminder(FollowUp {
            request: largest,
            stop_url: "https://invite.example/stop/x".to_owned(),
        }));
        assert!(mail.html.len() < LARGEST_HTML, "{} octets", mail.html.len());
        assert_eq!(outlook::findings(&mail.html), Vec::<String>::new());
    }
}

#[test]
fn every_type_of_partner_and_every_role_can_be_told() {
    for language in languages() {
        for (_, kind) in catalogue::types() {
            let roles: Vec<_> = kind.default_roles.iter().map(String::as_str).collect();
            let mail = render(&Mail::Invitation(request(
                language,
                offer(Some(&kind.key), &roles, false),
            )));
            assert!(!mail.text.contains("type-"), "{}", mail.text);
            let is_risky =
                |key: &&str| catalogue::role(key).is_ok_and(|role| role.risk == Risk::High);
            assert_eq!(
                mail.text.contains("[High"),
                roles.iter().any(is_risky) && language.primary() == "en"
            );
        }
    }
}

#[test]
fn the_text_is_good_to_read_at_72_columns() {
    for (kind, language, mail) in named() {
        for line in mail.text.lines() {
            let is_whole = line.starts_with("https://") && !line.contains(' ')
                || line.starts_with("countersign ");
            let columns = textwrap::core::display_width(line);
            assert!(
                is_whole || columns <= 72,
                "{kind} in {language}, {columns} columns: {line}"
            );
        }
        assert!(!mail.text.contains("\n\n\n") && !mail.text.starts_with('\n'));
    }
}

#[test]
fn text_and_html_lead_to_the_same_places() {
    for (kind, language, mail) in named() {
        let shown = urls(&mail.text);
        let linked = targets(&mail.html);
        assert!(
            linked.is_subset(&shown),
            "{kind} in {language}: {linked:?} {shown:?}"
        );
        // The website is told, not linked: a mail leads to our page and to Microsoft's, nowhere else.
        assert!(
            shown
                .difference(&linked)
                .all(|url| url.starts_with("https://www.")),
            "{kind} in {language}"
        );
    }
}

#[test]
fn a_mail_with_a_link_says_that_no_password_is_asked() {
    for (kind, language, mail) in named() {
        let says = if language.primary() == "ko" {
            "암호를 묻지 않습니다"
        } else {
            "ever asks for a password"
        };
        let text = mail.text.replace('\n', " ");
        assert_eq!(
            text.contains(says),
            text.contains("https://"),
            "{kind} in {language}"
        );
        assert_eq!(
            mail.html.contains(says),
            mail.html.contains("href="),
            "{kind} in {language}"
        );
    }
}

#[test]
fn a_mail_to_the_partner_leads_nowhere() {
    let leads_nowhere =
        |sample: &Sample| sample.side == Side::Partner && sample.kind != Kind::Inquiry;
    for sample in samples().filter(leads_nowhere) {
        let (name, kind) = (sample.name(), sample.kind);
        let (language, mail) = (sample.language, sample.mail);
        assert!(targets(&mail.html).is_empty(), "{name} in {language}");
        assert!(!mail.text.contains("://"), "{name} in {language}");
        let subject = if kind == Kind::WebhookDisabled {
            ["whe_", "503"]
        } else {
            ["inv_", "CRM-2026-0417"]
        };
        assert!(
            subject.iter().all(|part| mail.text.contains(part)),
            "{name}"
        );
        for part in [&mail.text, &mail.html] {
            assert!(!part.contains("SAMPLE"), "a token, {name} in {language}");
        }
    }
}

/// There is no invitation yet: the link is the partner's own, and makes it.
#[test]
fn an_inquiry_leads_the_partner_to_its_own_answer_and_nowhere_else() {
    for language in languages() {
        let inquiry = Inquiry::sample(language);
        let own = BTreeSet::from([inquiry.respond_url.clone()]);
        let (email, mail) = (inquiry.asks.email.clone(), render(&Mail::Inquiry(inquiry)));
        assert_eq!(targets(&mail.html), own, "{language}");
        assert_eq!(urls(&mail.text), own, "{language}");
        assert!(mail.text.contains(&email) && mail.html.contains(&email));
    }
}

#[test]
fn what_was_not_asked_is_left_out_of_an_inquiry() {
    for language in languages() {
        let mut inquiry = Inquiry::sample(language);
        let full = render(&Mail::Inquiry(inquiry.clone()));
        inquiry.asks.phone = None;
        inquiry.asks.text = None;
        let brief = render(&Mail::Inquiry(inquiry));
        let texts = crate::locale::Texts::of(language);
        for label in ["label-phone", "label-needs-text"] {
            let label = texts.m(label);
            assert!(full.text.contains(&label) && full.html.contains(&label));
            assert!(!brief.text.contains(&label) && !brief.html.contains(&label));
        }
    }
}

#[test]
fn the_stop_link_stands_in_the_customers_follow_ups_alone() {
    for sample in samples() {
        let is_stopped = sample.side == Side::Customer && sample.kind.is_reminder();
        let (name, mail) = (sample.name(), sample.mail);
        assert_eq!(mail.text.contains("/stop/"), is_stopped, "{name}");
        assert_eq!(mail.html.contains("/stop/"), is_stopped, "{name}");
    }
}

#[test]
fn advertising_is_marked_first_in_the_subject() {
    for language in languages() {
        let mut request = Request::sample(language);
        assert!(
            !render(&Mail::Invitation(request.clone()))
                .subject
                .contains("광고")
        );
        request.partner.advertising = true;
        let stop_url = "https://invite.example/stop/x".to_owned();
        let follow_up = FollowUp {
            request: request.clone(),
            stop_url,
        };
        for mail in [
            Mail::Invitation(request.clone()),
            Mail::Reminder(follow_up.clone()),
            Mail::LastChance(follow_up.clone()),
        ] {
            let subject = render(&mail).subject;
            assert!(subject.starts_with("(광고) ["), "{subject}");
        }
    }
}

#[test]
fn the_subject_counts_the_steps_that_remain() {
    let en = Language::en();
    let mut receipt = Receipt::sample(&en);
    let subject = |receipt: &Receipt| render(&Mail::Receipt(receipt.clone())).subject;
    assert!(subject(&receipt).ends_with("– 2 steps remain"));
    receipt.remaining.truncate(1);
    assert!(subject(&receipt).ends_with("– 1 step remains"));
    receipt.remaining.clear();
    assert_eq!(
        subject(&receipt),
        "[Larkfield Cloud] Your consent is recorded"
    );
    let mut receipt = Receipt::sample(&Language::ko());
    receipt.terms = request(&Language::ko(), offer(Some("advisor"), &[], false)).terms;
    assert_eq!(
        subject(&receipt),
        "[한빛테크] 파트너 관계 수락이 기록되었습니다 – 남은 단계 2개"
    );
}

#[test]
fn a_step_without_a_link_says_who_sends_it() {
    let mut receipt = Receipt::sample(&Language::ko());
    receipt.remaining[1].url = None;
    let mail = render(&Mail::Receipt(receipt));
    let says = "진행할 링크는 한빛테크에서 따로 안내해 드립니다.";
    assert!(mail.text.contains(says) && mail.html.contains(says));
    assert!(!mail.text.contains("granularAdminRelationships"));
}

#[test]
fn what_people_wrote_is_escaped_and_breaks_no_line() {
    let hostile = "<img src=x onerror=\"alert(1)\">&amp;\r\nBcc: x@example.com";
    for language in languages() {
        let mut request = Request::sample(language);
        request.partner.display_name = hostile.into();
        request.organization = hostile.into();
        request.recipient.name = hostile.into();
        request.note = Some(hostile.to_owned());
        let mail = render(&Mail::Invitation(request));
        assert!(!mail.subject.contains(['\r', '\n']));
        assert!(!mail.html.contains("<img") && mail.html.contains("&#60;img"));
        assert!(mail.html.contains("&#38;amp;"));
        assert_eq!(outlook::findings(&mail.html), Vec::<String>::new());
        let mut declined = Declined::sample(language);
        declined.comment = Some(hostile.into());
        assert!(!render(&Mail::Declined(declined)).html.contains("<img"));
        let mut inquiry = Inquiry::sample(language);
        inquiry.asks.organization = hostile.into();
        inquiry.asks.name = hostile.into();
        inquiry.asks.text = Some(hostile.into());
        let mail = render(&Mail::Inquiry(inquiry));
        assert!(!mail.subject.contains(['\r', '\n']));
        assert!(!mail.html.contains("<img") && mail.html.contains("&#60;img"));
    }
}

#[test]
fn no_mail_program_finds_a_link_in_what_people_wrote() {
    for language in languages() {
        let name = "Login evil.com";
        let mut request = Request::sample(language);
        let partner = &mut request.partner;
        for part in [
            &mut partner.display_name,
            &mut partner.legal_name,
            &mut partner.address,
        ] {
            *part = name.into();
        }
        partner.representative = Some(name.into());
        partner.registration_number = Some(name.into());
        request.organization = name.into();
        request.recipient.name = name.into();
        let stop_url = "https://invite.example/stop/x".to_owned();
        let mut receipt = Receipt::sample(language);
        receipt.partner = request.partner.clone();
        receipt.organization = name.into();
        receipt.signer.name = name.into();
        let mut declined = Declined::sample(language);
        declined.comment = Some("see https://evil.com/a or www.evil.com".into());
        declined.invited.reference = Some(name.into());
        declined.invited.partner = name.into();
        declined.invited.organization = name.into();
        declined.invited.recipient.name = name.into();
        let mut confirm = InquiryConfirm::sample(language);
        let asks = &mut confirm.asks;
        for part in [&mut asks.organization, &mut asks.name] {
            *part = name.into();
        }
        asks.text = Some("see https://evil.com/a or www.evil.com\nor login.evil.com".into());
        confirm.partners = vec![name.into()];
        let mut inquiry = Inquiry::sample(language);
        inquiry.asks = confirm.asks.clone();
        inquiry.partner = name.into();
        let mut accepted = Accepted::sample(language);
        accepted.invited = declined.invited.clone();
        accepted.signer = name.into();
        for mail in [
            Mail::Invitation(request.clone()),
            Mail::Reminder(FollowUp { request, stop_url }),
            Mail::Receipt(receipt),
            Mail::Declined(declined),
            Mail::Accepted(accepted),
            Mail::InquiryConfirm(confirm),
            Mail::Inquiry(inquiry),
        ] {
            let kind = mail.kind();
            let mail = render(&mail);
            for part in [&mail.text, &mail.html] {
                assert!(
                    !part.contains("evil.com") && !part.contains("www.evil"),
                    "{kind}"
                );
                assert!(part.contains("evil\u{2060}.\u{2060}com"), "{kind}");
            }
            assert!(
                !mail.subject.contains('\u{2060}'),
                "{kind}: {}",
                mail.subject
            );
            assert_eq!(outlook::findings(&mail.html), Vec::<String>::new());
        }
    }
}

#[test]
fn every_reason_and_every_failure_has_its_advice() {
    for language in languages() {
        for &reason in DeclineReason::ALL {
            let mail = render(&Mail::Declined(Declined {
                reason,
                comment: None,
                ..Declined::sample(language)
            }));
            assert!(
                !mail.text.contains("mail-declined") && !mail.text.contains("reason-"),
                "{}",
                mail.text
            );
        }
        for &failure in Failure::ALL {
            let mail = render(&Mail::Undeliverable(Undeliverable {
                failure,
                reply: None,
                ..Undeliverable::sample(language)
            }));
            assert!(
                !mail.text.contains("failure-") && !mail.text.contains("550"),
                "{}",
                mail.text
            );
        }
    }
}

#[test]
fn a_receipt_that_did_not_arrive_asks_for_no_new_invitation() {
    let mail = render(&Mail::Undeliverable(Undeliverable {
        mail: Kind::Receipt,
        ..Undeliverable::sample(&Language::en())
    }));
    assert!(mail.text.contains("The consent is recorded all the same."));
    assert!(!mail.text.contains("invite again"));
}

#[test]
fn a_consent_without_steps_asks_the_partner_for_nothing() {
    let mail = render(&Mail::Accepted(Accepted {
        remaining: Vec::new(),
        ..Accepted::sample(&Language::en())
    }));
    assert!(mail.text.contains("no steps left"));
    assert!(!mail.text.contains("invitation mark"));
}

#[test]
fn a_reply_is_read_by_its_enhanced_code() {
    let reply = |code, enhanced| Reply {
        code,
        enhanced,
        text: String::new(),
    };
    for (code, enhanced, failure) in [
        (550, Some((5, 1, 1)), Failure::NoSuchMailbox),
        (550, Some((5, 1, 2)), Failure::NoSuchDomain),
        (556, Some((5, 1, 10)), Failure::NoSuchDomain),
        (550, Some((5, 2, 1)), Failure::MailboxDisabled),
        (552, Some((5, 2, 2)), Failure::MailboxFull),
        (554, Some((5, 7, 1)), Failure::Refused),
        (550, None, Failure::Refused),
        (452, Some((4, 2, 2)), Failure::GaveUp),
    ] {
        assert_eq!(
            Failure::of(&reply(code, enhanced)),
            failure,
            "{code} {enhanced:?}"
        );
    }
}

/// WCAG 2.2, 1.4.3: at least 4.5 to 1.
mod contrast {
    use std::collections::BTreeMap;

    use super::*;

    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn ratio(text: &str, ground: &str) -> f64 {
        let (one, other) = (luminance(text), luminance(ground));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// What the style sheet says for dark mode: class and property to colour.
    fn dark_rules(html: &str) -> BTreeMap<(String, String), String> {
        let dark = html
            .split("@media (prefers-color-scheme:dark){")
            .nth(1)
            .unwrap();
        let dark = &dark[..dark.find("\n}\n").unwrap()];
        let rule = |line: &str| {
            let (class, declaration) = line.strip_prefix('.')?.split_once('{')?;
            let (property, value) = declaration.split_once(':')?;
            let value = value.strip_suffix(" !important;}")?;
            Some(((class.to_owned(), property.to_owned()), value.to_owned()))
        };
        dark.lines().filter_map(rule).collect()
    }

    fn colour<'a>(
        path: &'a [outlook::Element],
        property: &str,
        dark: Option<&'a BTreeMap<(String, String), String>>,
    ) -> &'a str {
        let of = |element: &'a outlook::Element| {
            let classes = element.attributes.get("class").map_or("", String::as_str);
            let darkened = classes
                .split_whitespace()
                .find_map(|class| dark?.get(&(class.to_owned(), property.to_owned())));
            darkened.or_else(|| element.style.get(property))
        };
        path.iter()
            .rev()
            .find_map(of)
            .expect("a colour on each text")
    }

    #[test]
    fn every_word_can_be_read_in_light_and_in_dark() {
        assert!((ratio("#000000", "#ffffff") - 21.0).abs() < 0.01);
        assert!(ratio("#777777", "#ffffff") < 4.5);
        for (kind, language, mail) in named() {
            let rules = dark_rules(&mail.html);
            assert!(rules.len() > 8, "{rules:?}");
            outlook::walk(&mail.html, &mut |path, text| {
                let is_shown = path
                    .iter()
                    .any(|element| element.name == "h1" || element.name == "td");
                let Some(text) = text.filter(|text| is_shown && !text.trim().is_empty()) else {
                    return;
                };
                for dark in [None, Some(&rules)] {
                    let (ink, ground) = (
                        colour(path, "color", dark),
                        colour(path, "background-color", dark),
                    );
                    let ratio = ratio(ink, ground);
                    assert!(
                        ratio >= 4.5,
                        "{kind} in {language}, {ratio:.1}: {ink} on {ground}: {text}"
                    );
                }
            });
        }
    }
}
