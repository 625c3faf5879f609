//! Mails about a relationship: to both sides, and what only one side may read.

use super::*;
use crate::outbound::mails::{Audience, By, Happened, ManageLink, StepsOpen, Told};

fn read(mail: &Rendered) -> String {
    format!("Subject: {}\n\n{}", mail.subject, mail.text)
}

fn both() -> impl Iterator<Item = (Side, &'static Language)> {
    Side::ALL
        .iter()
        .flat_map(|&side| languages().map(move |language| (side, language)))
}

/// In one line, as the text is wrapped.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn roles_that_extend_themselves_are_announced_as_it_was_reviewed() {
    for (side, language) in both() {
        let mail = render(&Mail::Change(Change::extending_sample(side, language)));
        insta::assert_snapshot!(format!("ending_extends.{side}.{language}.txt"), read(&mail));
        assert_eq!(outlook::findings(&mail.html), Vec::<String>::new());
    }
}

#[test]
fn an_extension_says_how_long_it_is_and_how_to_prevent_it() {
    for (language, extended, prevent) in [
        ("ko", "180일 연장됩니다", "연장을 원하지 않으시면"),
        ("en", "extended by 180 days", "If you do not want that"),
    ] {
        let language = language.parse().unwrap();
        for &side in Side::ALL {
            let mut change = Change::extending_sample(side, &language);
            for is_mixed in [false, true] {
                if is_mixed {
                    change.roles[0].extends_to = None;
                }
                let text = flat(&render(&Mail::Change(change.clone())).text);
                assert!(text.contains(extended), "{text}");
                assert_eq!(text.contains(prevent), side == Side::Customer, "{text}");
            }
            let ends = Change::sample(Happened::Ending, side, &language);
            let text = flat(&render(&Mail::Change(ends)).text);
            assert!(!text.contains("180") && !text.contains(prevent), "{text}");
        }
    }
}

#[test]
fn the_exit_is_one_click_away_in_every_mail_to_a_customer_with_a_relationship() {
    let after = [Kind::Receipt, Kind::StepsOpen];
    for sample in samples() {
        let leads = (sample.kind.is_about_relationship() && sample.side == Side::Customer)
            || after.contains(&sample.kind);
        let (name, mail) = (sample.name(), sample.mail);
        assert_eq!(mail.text.contains("/manage/"), leads, "{name}");
        assert_eq!(mail.html.contains("/manage/"), leads, "{name}");
    }
    for language in languages() {
        let manage_url = "https://invite.example/manage/x".to_owned();
        let again = Mail::Invitation(Request {
            manage_url: Some(manage_url.clone()),
            ..Request::sample(language)
        });
        let mail = render(&again);
        assert!(
            targets(&mail.html).contains(&manage_url) && urls(&mail.text).contains(&manage_url)
        );
    }
}

#[test]
fn a_change_says_that_access_ends_only_at_microsoft_and_leads_there() {
    for (side, language) in both() {
        let says = match (language.primary(), side) {
            ("ko", Side::Customer) => "Microsoft에서 종료되어야 없어지",
            ("ko", Side::Partner) => "Microsoft에서 정한 기간이 지나야 끝납니다",
            (_, Side::Customer) => "ends only at Microsoft",
            (_, Side::Partner) => "Access at Microsoft ends only when",
        };
        for &happened in Happened::ALL {
            let mut change = Change::sample(happened, side, language);
            change.microsoft_url = Cloud::UsGovernment.partner_relationships_url().to_owned();
            let leads = change.microsoft_url.clone();
            let mail = render(&Mail::Change(change));
            let text = flat(&mail.text);
            // An extension ends nothing.
            assert!(
                text.contains(says) || happened == Happened::Extended,
                "{text}"
            );
            assert!(text.contains("Countersign"));
            let is_linked =
                targets(&mail.html).contains(&leads) && urls(&mail.text).contains(&leads);
            assert_eq!(is_linked, side == Side::Customer, "{happened}");
        }
    }
}

#[test]
fn a_change_by_the_partner_or_by_time_names_no_person() {
    for (side, language) in both() {
        for &happened in Happened::ALL {
            for by in [By::Partner, By::Calendar] {
                let mut change = Change::sample(happened, side, language);
                change.by = by;
                if let Audience::Customer { person, .. } = &mut change.audience {
                    person.name = "Reader".into();
                }
                let mail = render(&Mail::Change(change));
                let customer = StepsOpen::sample(language).person.name;
                assert!(!mail.text.contains(customer.as_str()), "{}", mail.text);
                assert!(!mail.text.contains("mail-"), "{}", mail.text);
            }
        }
    }
}

#[test]
fn the_subject_names_the_other_side() {
    let ko = Language::ko();
    let subject =
        |happened, side| render(&Mail::Change(Change::sample(happened, side, &ko))).subject;
    assert_eq!(
        subject(Happened::RolesRemoved, Side::Customer),
        "[한빛테크] 관리자 역할 제거 – 3월 3일(수)"
    );
    assert_eq!(
        subject(Happened::RelationshipEnded, Side::Partner),
        "[새솔고등학교] 파트너 관계 종료 – 3월 3일(수)"
    );
    assert_eq!(
        subject(Happened::Extended, Side::Customer),
        "[한빛테크] 관리자 역할 180일 연장 – 2028년 6월 5일(월)까지"
    );
}

#[test]
fn the_link_to_all_partners_names_none_of_them() {
    for language in languages() {
        let mail = render(&Mail::ManageLink(ManageLink::sample(language)));
        let partner = Request::sample(language).partner;
        for part in [&mail.subject, &mail.text, &mail.html] {
            assert!(!part.contains(partner.display_name.as_str()));
        }
        assert!(
            mail.subject.starts_with("[invite.example] "),
            "{}",
            mail.subject
        );
        assert!(mail.text.contains("/partners/"));
    }
}

#[test]
fn no_mail_program_finds_a_link_in_who_changed_what() {
    let name = || Told::from("Login evil.com");
    for (side, language) in both() {
        for &happened in Happened::ALL {
            let mut change = Change::sample(happened, side, language);
            change.by = By::Customer(name());
            change.organization = name();
            change.partner.display_name = name();
            match &mut change.audience {
                Audience::Customer { person, .. } => person.name = name(),
                Audience::Partner { reference, .. } => *reference = Some(name()),
            }
            let mail = render(&Mail::Change(change));
            for part in [&mail.text, &mail.html] {
                assert!(!part.contains("evil.com"), "{happened} to {side}");
                assert!(
                    part.contains("evil\u{2060}.\u{2060}com"),
                    "{happened} to {side}"
                );
            }
            assert!(!mail.subject.contains('\u{2060}'), "{}", mail.subject);
        }
    }
}

#[test]
fn an_end_by_the_partner_says_so_and_alarms_nobody() {
    for (side, language) in both() {
        let mut change = Change::sample(Happened::RelationshipEnded, side, language);
        let texts = Texts::of(language);
        let by_customer = render(&Mail::Change(change.clone()));
        change.by = By::Partner;
        let mail = render(&Mail::Change(change));
        for part in [&mail.text, &mail.html] {
            let alarm = texts.m("mail-change-not-you");
            assert!(!part.contains(&alarm), "{part}");
            let offers = part.contains(&texts.m("mail-change-by-partner"));
            assert_eq!(offers, side == Side::Customer, "{part}");
        }
        assert_ne!(mail.text, by_customer.text);
    }
}
