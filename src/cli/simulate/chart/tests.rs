use super::*;
use crate::domain::notice::simulation::Behaviour;
use crate::domain::time::Timestamp;

fn wish() -> Wish {
    let at = |text: &str| -> Timestamp { text.parse::<jiff::Timestamp>().unwrap().into() };
    Wish {
        from: at("2026-11-22T01:00:00Z"),
        until: at("2027-02-22T01:00:00Z"),
        behaviour: Behaviour::default(),
        is_every_mail_told: false,
    }
}

fn outlook() -> Outlook {
    let month = |month| jiff::civil::date(2026, month, 1);
    let mut outlook = Outlook::default();
    for (of, counts) in [
        (
            month(11),
            vec![(Kind::Invitation, 12), (Kind::Reminder, 30)],
        ),
        (month(12), vec![]),
        (
            jiff::civil::date(2027, 1, 1),
            vec![(Kind::Ending, 1), (Kind::StepsOpen, 3)],
        ),
    ] {
        outlook.months.insert(of, counts.into_iter().collect());
    }
    outlook
}

#[test]
fn the_chart_says_in_numbers_what_it_shows() {
    let page = page(&outlook(), &wish(), 3);
    assert_eq!(page.matches("<rect x=").count(), 4);
    for told in [
        "<title>2026-11: 30 reminder</title>",
        "<title>2027-01: 3 steps open</title>",
        "<tr><th scope=\"row\">2026-11</th><td>12</td><td>30</td><td>0</td><td>0</td><td>42</td></tr>",
        "<tr><th scope=\"row\">2026-12</th><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td></tr>",
        "46 mails in all",
    ] {
        assert!(page.contains(told), "{told} is not in {page}");
    }
    for part in ["<script", "://", "@import", "url("] {
        assert!(!page.contains(part), "{part} leads out of the page");
    }
}

#[test]
fn nothing_to_show_is_a_chart_all_the_same() {
    let page = page(&Outlook::default(), &wish(), 1);
    assert!(page.contains("Mails over 1 month "), "{page}");
    assert!(page.contains("0 mails in all") && !page.contains("NaN"));
}

#[test]
fn a_scale_has_few_lines_and_reaches_over_the_tallest_bar() {
    for tallest in (0..2_000).chain([9_999, 10_001, 1_234_567]) {
        let (step, top) = scale(tallest);
        assert!(top >= tallest && top % step == 0);
        assert!((1..=5).contains(&(top / step)), "{tallest}: {step} {top}");
    }
    assert_eq!(scale(42), (10, 50));
}

/// Relative luminance (WCAG 2.2).
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

#[test]
fn every_colour_stands_out_from_the_light_and_the_dark_page() {
    for &kind in Kind::ALL {
        let colour = colour(kind);
        for page in ["#ffffff", "#14171c"] {
            let (one, other) = (luminance(colour), luminance(page));
            let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
            assert!(contrast >= 3.0, "{kind}: {colour} on {page} has {contrast}");
        }
    }
}
