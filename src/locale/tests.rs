use super::*;

fn texts(tag: &str) -> Texts {
    Texts::of(&tag.parse().unwrap())
}

fn at(moment: &str) -> Timestamp {
    moment.parse::<jiff::Timestamp>().unwrap().into()
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

#[test]
fn a_korean_date_reads_as_in_a_korean_business_mail() {
    let (ko, seoul) = (texts("ko"), zone("Asia/Seoul"));
    let evening = at("2026-12-22T09:00:00Z");
    assert_eq!(ko.date(evening, &seoul), "2026년 12월 22일(화)");
    assert_eq!(ko.short_date(evening, &seoul), "12월 22일(화)");
    assert_eq!(
        ko.moment(evening, &seoul),
        "2026년 12월 22일(화) 오후 6시(한국 시간)"
    );
    assert_eq!(
        ko.moment(at("2026-12-22T09:05:00Z"), &seoul),
        "2026년 12월 22일(화) 오후 6시 5분(한국 시간)"
    );
}

#[test]
fn an_english_date_names_the_month() {
    let (en, seoul) = (texts("en"), zone("Asia/Seoul"));
    let evening = at("2026-12-22T09:00:00Z");
    assert_eq!(en.date(evening, &seoul), "Tuesday, 22 December 2026");
    assert_eq!(en.short_date(evening, &seoul), "Tuesday, 22 December");
    assert_eq!(
        en.moment(evening, &seoul),
        "Tuesday, 22 December 2026, 6 pm (Korean Time)"
    );
    assert_eq!(
        en.moment(at("2026-12-22T09:05:00Z"), &seoul),
        "Tuesday, 22 December 2026, 6:05 pm (Korean Time)"
    );
}

#[test]
fn a_date_is_the_one_of_the_readers_zone() {
    let late = at("2026-12-22T16:00:00Z");
    assert_eq!(
        texts("ko").date(late, &zone("Asia/Seoul")),
        "2026년 12월 23일(수)"
    );
    assert_eq!(
        texts("en").moment(late, &zone("America/New_York")),
        "Tuesday, 22 December 2026, 11 am (Eastern Time)"
    );
}

#[test]
fn a_zone_without_a_name_shows_its_offset() {
    let fixed = TimeZone::fixed(jiff::tz::offset(9));
    assert_eq!(
        texts("en").moment(at("2026-12-22T09:00:00Z"), &fixed),
        "Tuesday, 22 December 2026, 6 pm (GMT+09:00)"
    );
}

#[test]
fn a_period_is_told_in_its_own_units() {
    let of = |tag: &str, iso: &str| texts(tag).period(&iso.parse().unwrap());
    assert_eq!(of("ko", "P180D"), "180일");
    assert_eq!(of("ko", "P1Y"), "1년");
    assert_eq!(of("ko", "P6M"), "6개월");
    assert_eq!(of("en", "P1D"), "1 day");
    assert_eq!(of("en", "P2Y"), "2 years");
}

#[test]
fn a_language_falls_back_to_its_parent_and_then_to_english() {
    for (asked, given) in [
        ("ko-KR", "ko"),
        ("ko-Kore-KR", "ko"),
        ("en-US", "en"),
        ("fr", "en"),
        ("kok", "en"),
    ] {
        assert_eq!(texts(asked).language().to_string(), given, "{asked}");
    }
}

#[test]
fn no_isolation_mark_stands_around_an_argument() {
    let text = texts("en").f("period-days", &[("count", 3_i64.into())]);
    assert_eq!(text, "3 days");
}

#[test]
fn every_language_that_is_offered_can_be_written() {
    for language in crate::domain::language::AVAILABLE.iter() {
        assert_eq!(Texts::of(language).language(), language);
    }
    assert_eq!(crate::domain::language::AVAILABLE.len(), SOURCES.len());
}

#[test]
fn a_message_that_is_nowhere_shows_its_key() {
    let key = "no-such-message";
    assert_eq!(texts("ko").m(key), key);
}
