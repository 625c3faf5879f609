//! The messages of all languages and their use, held together: no key is missing, none is left over.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::SOURCES;
use crate::domain::catalogue::{Catalogue, roles};
use crate::domain::microsoft::Step;
use crate::outbound::mails::{DeclineReason, Failure, Happened, Kind, Side};
use crate::web::views::LANGUAGES;

/// The keys of a source, in order; a message begins at the start of a line.
fn keys(source: &str) -> Vec<&str> {
    source
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()))
        .filter_map(|line| Some(line.split_once('=')?.0.trim()))
        .collect()
}

fn source(language: &str) -> &'static str {
    SOURCES.iter().find(|(tag, _)| *tag == language).unwrap().1
}

fn read_all(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("locales") {
            read_all(&path, into);
        } else if path
            .extension()
            .is_some_and(|it| it == "rs" || it == "html" || it == "txt")
        {
            into.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

/// All code and all templates, as one text.
fn users() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    read_all(&root.join("src"), &mut text);
    read_all(&root.join("templates"), &mut text);
    text
}

/// What the code names in full: `.m("…")`, `.f("…"`, `.say("…"`.
fn called(users: &str) -> BTreeSet<&str> {
    [".m(\"", ".f(\"", ".say(\"", ".f(\n"]
        .into_iter()
        .flat_map(|call| users.split(call).skip(1))
        .filter_map(|rest| rest.trim_start().trim_start_matches('"').split('"').next())
        .filter(|key| {
            key.contains('-')
                && key
                    .bytes()
                    .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-')
        })
        .collect()
}

/// The keys that are put together from a family and a word.
fn composed() -> BTreeSet<String> {
    let both = |family: &str, key: &str| {
        let key = key.replace('_', "-");
        [
            format!("{family}-{key}-name"),
            format!("{family}-{key}-does"),
        ]
    };
    let types = Catalogue::all().iter().flat_map(Catalogue::types);
    let customers = Kind::ALL
        .iter()
        .filter(|it| it.failure_is_told() && it.sides().contains(&Side::Customer));
    let words = DeclineReason::ALL
        .iter()
        .flat_map(|it| {
            ["reason", "mail-declined-next"].map(|family| format!("{family}-{}", it.as_str()))
        })
        .chain(
            Failure::ALL
                .iter()
                .map(|it| format!("failure-{}", it.as_str())),
        )
        .chain(customers.map(|it| format!("mail-kind-{}", it.as_str())))
        .chain(Happened::ALL.iter().flat_map(|it| {
            ["label-roles", "mail-microsoft"].map(|family| format!("{family}-{}", it.as_str()))
        }))
        .map(|key| key.replace('_', "-"));
    let languages = LANGUAGES.iter().map(|it| format!("page-language-{it}"));
    types
        .flat_map(|it| both("type", &it.key))
        .chain(roles().iter().flat_map(|it| both("role", &it.key)))
        .chain(Step::ALL.iter().flat_map(|it| both("step", it.as_str())))
        .chain(words)
        .chain(languages)
        .collect()
}

#[test]
fn every_language_has_the_same_messages_and_each_once() {
    let english = keys(source("en"));
    let once: BTreeSet<_> = english.iter().collect();
    assert_eq!(once.len(), english.len());
    for (language, source) in SOURCES {
        assert_eq!(
            keys(source),
            english,
            "the keys of {language}, in the order of the English ones"
        );
    }
}

#[test]
fn every_message_that_is_asked_for_is_there() {
    let users = users();
    let there: BTreeSet<_> = keys(source("en")).into_iter().collect();
    let missing: Vec<_> = called(&users)
        .into_iter()
        .filter(|key| !there.contains(key))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
    let missing: Vec<_> = composed()
        .into_iter()
        .filter(|key| !there.contains(key.as_str()))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn no_message_is_left_over() {
    let users = users();
    let composed = composed();
    let is_used = |key: &str| {
        let inside = format!("{{ {key} }}");
        users.contains(&format!("\"{key}\""))
            || composed.contains(key)
            || SOURCES.iter().any(|(_, source)| source.contains(&inside))
    };
    let unused: Vec<_> = keys(source("en"))
        .into_iter()
        .filter(|key| !is_used(key))
        .collect();
    assert_eq!(unused, Vec::<&str>::new());
}

/// A particle's form depends on the last letter before it, which a placeable does not tell.
fn bare_particle(line: &str) -> Option<&str> {
    const PARTICLES: [&str; 10] = ["은", "는", "이", "가", "을", "를", "과", "와", "으로", "로"];
    line.split('}').skip(1).find(|rest| {
        PARTICLES.iter().any(|particle| {
            rest.trim_start()
                .strip_prefix(particle)
                .is_some_and(|after| after.is_empty() || after.starts_with([' ', '.', ',']))
        })
    })
}

#[test]
fn no_korean_particle_follows_a_placeable() {
    assert!(bare_particle("{ $partner }는 요청했습니다").is_some());
    assert!(bare_particle("{ $name }을, 그리고").is_some());
    assert!(bare_particle("{ $name } 으로").is_some());
    assert!(bare_particle("{ $name } 님이 { $partner }에서 { $day }까지").is_none());
    assert!(bare_particle("{ $name } 이메일").is_none());
    for line in source("ko").lines() {
        assert_eq!(bare_particle(line), None, "{line}");
    }
}

#[test]
fn korean_keeps_to_the_register_of_a_business_mail() {
    for word in [
        "당신",
        "귀하",
        "축하합니다",
        "!",
        "글로벌 관리자",
        "영수증",
        "초대장",
        "대리점",
        "판매처",
        "취소",
        "약관",
    ] {
        assert!(!source("ko").contains(word), "{word}");
    }
    let elsewhere = source("ko").replace("사용자 관리자(User Administrator)", "");
    assert!(!elsewhere.contains("사용자"), "사용자 addresses nobody");
    assert!(!source("en").contains('!'));
}
