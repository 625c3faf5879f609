//! What mails owe a language that is not there yet.

use super::*;
use crate::locale::pseudo_languages;
use crate::locale::reading::{untranslated, visible};

fn right_to_left() -> Language {
    let mut languages = pseudo_languages().into_iter();
    let found = languages.find(|it| Texts::of(it).direction() == "rtl");
    found.unwrap()
}

fn mails(language: &Language) -> impl Iterator<Item = (String, Rendered)> {
    samples_in(language).map(|sample| (sample.name(), sample.mail))
}

/// The lines that stand by themselves, and go their own way.
fn is_whole(line: &str) -> bool {
    line.starts_with("https://") || line.starts_with("countersign ")
}

#[test]
fn mails_say_nothing_but_messages_and_data_that_is_set_apart() {
    const NAMES: &[&str] = &[
        "Larkfield Cloud",
        "Marlow Grove School",
        "Alex Morgan",
        "SHA-256",
    ];
    for (name, mail) in mails(&right_to_left()) {
        let lines = mail.text.lines().filter(|line| !is_whole(line));
        let text = lines.collect::<Vec<_>>().join("\n");
        assert_eq!(untranslated(&text, &[]), [""; 0], "the text of {name}");
        let html = visible(&mail.html).join("\n");
        assert_eq!(untranslated(&html, &[]), [""; 0], "the HTML of {name}");
        // A header has no marks that set a name apart.
        let is_marked = mail.subject.contains(['\u{2068}', '\u{2069}']);
        assert!(!is_marked, "the subject of {name}");
        assert_eq!(
            untranslated(&mail.subject, NAMES),
            [""; 0],
            "the subject of {name}"
        );
    }
}

#[test]
fn a_mail_goes_the_way_of_its_language() {
    for (name, mail) in mails(&right_to_left()) {
        let html = &mail.html;
        assert!(html.contains("<html lang=\"ar-XB\" dir=\"rtl\""), "{name}");
        // Outlook on Windows knows no `start`.
        assert_eq!(html.matches("text-align:right;").count(), 2, "{name}");
        assert!(!html.contains("text-align:left"), "{name}");
        assert_eq!(outlook::findings(html), Vec::<String>::new(), "{name}");
    }
}

/// The paddings that are wider on one side: what stands right of a label in English stands left of it here.
fn one_sided(html: &str) -> BTreeSet<[String; 2]> {
    let paddings = html.split("padding:").skip(1);
    let sides = paddings.filter_map(|rest| {
        let mut sides = rest.split([';', '"']).next()?.split(' ').skip(1).step_by(2);
        Some([sides.next()?.to_owned(), sides.next()?.to_owned()])
    });
    sides.filter(|[right, left]| right != left).collect()
}

#[test]
fn what_leans_to_one_side_leans_to_the_other() {
    let mirrored = |[right, left]: [String; 2]| [left, right];
    let (here, english) = (right_to_left(), Language::en());
    let mut leaning = 0;
    for ((name, here), (_, english)) in mails(&here).zip(mails(&english)) {
        let sides = one_sided(&english.html);
        leaning += sides.len();
        let sides: BTreeSet<_> = sides.into_iter().map(mirrored).collect();
        assert_eq!(one_sided(&here.html), sides, "{name}");
    }
    assert!(leaning > 0);
}
