use proptest::prelude::*;

use super::*;

fn found(text: &str) -> Vec<String> {
    terms(text)
}

#[test]
fn words_are_whole_and_syllables_go_in_pairs() {
    assert_eq!(
        found("Microsoft 365 보안관제, Teams!"),
        ["microsoft", "365", "보안", "안관", "관제", "team"]
    );
    assert_eq!(found("앱 개발"), ["앱", "개발"]);
    assert_eq!(found("M365을 도입"), ["m365", "을", "도입"]);
    assert_eq!(
        found("東京クラウド"),
        ["東京", "京ク", "クラ", "ラウ", "ウド"]
    );
    assert_eq!(found("!?—… \u{200b}"), Vec::<String>::new());
}

#[test]
fn width_case_composition_and_plural_do_not_count() {
    let decomposed = "보안".nfd().collect::<String>();
    assert_eq!(found(&decomposed), found("보안"));
    assert_eq!(found("ＡＺＵＲＥ"), found("azure"));
    assert_eq!(found("㈜한빛"), ["주", "한빛"]);
    assert_eq!(found("Devices licences"), ["device", "licence"]);
    assert_eq!(found("business SLAs 365s"), ["business", "sla", "365s"]);
    assert_eq!(found("ÉCOLE"), ["école"]);
}

#[test]
fn the_beginning_of_a_long_word_is_enough() {
    let query = Query::of_words("mig ms 앱").unwrap();
    assert!(query.wanted[0].contains("migration"));
    assert!(!query.wanted[0].contains("mi"));
    assert!(query.wanted[1].contains("ms") && !query.wanted[1].contains("msp"));
    assert!(query.wanted[2].contains("앱개"));
    let place = Query::default().at("서울").unwrap();
    assert!(place.needed[0].contains("/place/서울"));
    assert!(!place.needed[0].contains("서울"));
    let size = Query::default().with("size", "1-9");
    assert!(size.needed[0].contains("/size/1-9") && !size.needed[0].contains("/size/1-99"));
}

#[test]
fn a_search_of_ten_thousand_characters_is_refused_in_a_sentence() {
    for long in ["a".repeat(10_000), "보안 ".repeat(3_000)] {
        assert_eq!(Query::of_words(&long), Err(QueryError::TooLong));
        assert_eq!(Query::default().at(&long), Err(QueryError::TooLong));
    }
    assert!(QueryError::TooLong.to_string().contains("200 characters"));
    let many = (0..60)
        .map(|n| format!("w{n}"))
        .collect::<Vec<_>>()
        .join(" ");
    assert!(many.len() > LONGEST_QUERY);
    let query = Query::of_words(
        "a1 a2 a3 a4 a5 a6 a7 a8 a9 b1 b2 b3 b4 b5 b6 b7 b8 b9 c1 c2 c3 c4 c5 c6 c7",
    )
    .unwrap();
    assert_eq!(query.wanted.len(), MOST_PARTS);
}

#[test]
fn more_of_the_same_counts_less_and_a_name_more_than_a_description() {
    let field = |weight, text| (weight, text);
    let weight = |fields: &[Field<'_>], term: &str| weigh(fields.iter().copied())[term];
    let once = weight(&[field(1, "보안")], "보안");
    let twice = weight(&[field(1, "보안 보안")], "보안");
    assert!(once < twice && twice < 2 * once, "{once} {twice}");
    assert!(weight(&[field(4, "보안")], "보안") > once);
    let long = format!("보안 {}", "그리고 나머지 ".repeat(40));
    assert!(weight(&[field(1, &long)], "보안") < once);
}

#[test]
fn a_rare_term_counts_more() {
    assert_eq!(rarity(1_023, 0), 11 * 256, "log2(1024 / 0.5)");
    assert!(rarity(10_000, 1) > rarity(10_000, 100));
    assert!(rarity(10_000, 9_999) >= 1 && rarity(10_000, 10_000) >= 1);
    assert_eq!(rarity(0, 0), 256);
    assert!(rarity(-1, i64::MAX) >= 1);
}

#[test]
fn what_no_profile_has_is_not_looked_for() {
    let known = |term: &str, profiles| Known {
        term: term.to_owned(),
        profiles,
    };
    let query = Query::of_words("azure 보안").unwrap().with("size", "1-9");
    let terms = [
        known("azure", 3),
        known("azurestack", 1),
        known("/size/1-9", 2),
    ];
    let plan_of = |terms: &[Known]| plan(&query, terms, 10);
    let found = plan_of(&terms).unwrap();
    assert_eq!((found.needed, found.enough), (1, 1));
    let wanted = found.terms;
    let seen: Vec<_> = wanted
        .iter()
        .map(|it| (&*it.term, it.part, it.needed))
        .collect();
    assert_eq!(
        seen,
        [("azure", 0, 0), ("azurestack", 0, 0), ("/size/1-9", 2, 1)]
    );
    assert!(wanted[1].weight <= wanted[0].weight && wanted[2].weight == 0);
    assert_eq!(plan_of(&terms[..2]), None, "nobody of that size");
    assert_eq!(plan_of(&terms[2..]), None, "none of the words");
}

proptest! {
    #[test]
    fn terms_sort_between_a_blank_and_the_last_character(text in "\\PC{0,60}") {
        for term in terms(&text) {
            prop_assert!(!term.is_empty());
            prop_assert!(term.chars().count() <= LONGEST_TERM);
            prop_assert!(term.chars().all(|c| c > ' ' && c < LAST && c != '/'), "{term:?}");
        }
    }

    #[test]
    fn a_text_is_found_by_any_of_its_words(text in "[a-z0-9가-힣 ]{1,80}") {
        let terms = terms(&text);
        for word in text.split(' ') {
            let query = Query::of_words(word).unwrap();
            for part in query.wanted {
                prop_assert!(terms.iter().any(|term| part.contains(term)), "{part:?} of {terms:?}");
            }
        }
    }

    #[test]
    fn the_case_and_the_composition_do_not_count(text in "[a-zA-Z가-힣 ]{0,60}") {
        let other: String = text.to_uppercase().nfd().collect();
        prop_assert_eq!(terms(&text), terms(&other));
    }

    #[test]
    fn weights_are_positive_and_bounded(text in "\\PC{0,200}") {
        for (_, weight) in weigh([(4, &*text)]) {
            prop_assert!((1..4_000).contains(&weight));
        }
    }

    #[test]
    fn rarity_falls_with_every_profile(all in 0_i64..100_000, with in 0_i64..100_000) {
        prop_assert!(rarity(all, with) >= rarity(all, with + 1));
        prop_assert!((1..=45 * 256).contains(&rarity(all, with)));
    }
}
