//! What the pages owe a language that is not there yet.

use super::*;
use crate::locale::pseudo_languages;
use crate::locale::reading::{untranslated, visible};

/// What stands on pages as it is in every language, and the names in their titles, where no markup can set them apart.
const DATA: &[&str] = &[
    "SHA-256",
    "Countersign",
    "Microsoft Customer Agreement (sample)",
    "Microsoft",
    "Harbourline Cloud",
    // The tag of a language that has no name here.
    "· cy",
];

#[test]
fn pages_say_nothing_but_messages_and_data_that_is_set_apart() {
    let mut wrong = Vec::new();
    for language in pseudo_languages() {
        let all = samples::all(Texts::of(&language)).into_iter();
        // Their titles hold what nobody is called.
        for Sample { name, html, .. } in all.filter(|it| !it.name.ends_with("-hostile")) {
            let left = untranslated(&visible(&html).join("\n"), DATA);
            if !left.is_empty() {
                wrong.push(format!("{name} in {language}: {}", left.join(" ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A rule that names a side is wrong in one of the two directions. What holds for both sides, and what is measured from the top,
/// may stay.
#[test]
fn the_stylesheet_names_no_side() {
    let style = std::str::from_utf8(crate::web::assets::STYLE.bytes).unwrap();
    let mut wrong = Vec::new();
    for line in style.lines() {
        for rule in line.split([';', '{', '}']) {
            let Some((property, value)) = rule.split_once(':') else {
                continue;
            };
            let words = [property, value].join(" ");
            let mut words = words.split(|it: char| !it.is_ascii_alphabetic());
            let names_one = words.any(|word| matches!(word, "left" | "right"));
            // Top, right, bottom, left.
            let sides: Vec<_> = value.split_whitespace().collect();
            let is_box = [
                "margin",
                "padding",
                "inset",
                "border-width",
                "border-radius",
            ]
            .contains(&property.trim());
            let differ = is_box && sides.len() == 4 && sides[1] != sides[3];
            if names_one || differ {
                wrong.push(rule.trim().to_owned());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
