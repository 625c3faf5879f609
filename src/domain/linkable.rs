//! What mail programs turn into links in plain text, and how it is kept from becoming one.
//!
//! A mail of ours asks for consent and carries our name: a link that somebody else put into it would be followed with our
//! credit. Mail programs linkify far more than `https://`: bare domains, mail addresses, network paths. The rule:
//!
//! - A partner's note holds nothing that can become a link. The list of top-level domains grows every year, hence the rule
//!   is the shape (a dot between a label and two or more letters), not a list: it refuses "Node.com" and, as the price, also
//!   "sentence.Next", which a blank mends.
//! - Names and postal addresses hold no link that nobody has as a name: a scheme (`tel:1`), `www.`, an `@`, a domain with a
//!   path or a port. A bare domain may stay, for companies are called Booking.com.
//! - In a mail, the names that stayed, and what a customer wrote, stand with word joiners (U+2060) round their dots
//!   ([`unlinked`]): the reader sees no difference, and no mail program finds a domain. Word joiners are refused in whatever
//!   people write, so that those in a mail are ours.

use unicode_normalization::UnicodeNormalization as _;

use super::text::is_mark;

/// Holds two characters together and shows nothing; no domain holds one (RFC 5892 §2.3).
const WORD_JOINER: char = '\u{2060}';

/// What links begin with, before a colon; Microsoft's own (`ms-word`) are known by their beginning.
const SCHEMES: &[&str] = &[
    "http",
    "https",
    "ftp",
    "ftps",
    "sftp",
    "file",
    "smb",
    "mailto",
    "tel",
    "sms",
    "callto",
    "sip",
    "sips",
    "skype",
    "msteams",
    "onenote",
    "outlook",
    "javascript",
    "vbscript",
    "data",
    "blob",
    "view-source",
    "intent",
    "market",
    "webcal",
    "news",
    "nntp",
    "irc",
    "ircs",
    "ldap",
    "ldaps",
    "magnet",
    "bitcoin",
    "telnet",
    "ssh",
    "git",
    "tg",
    "whatsapp",
    "kakaotalk",
    "kakaolink",
    "search-ms",
    "feed",
];

/// Parts of links that no word has.
const MARKS: &[&str] = &["www.", "\\\\", "xn--"];

/// Endings of file names (and of `Node.js`) that are no top-level domains and that partners do write.
const FILES: &[&str] = &[
    "csv", "doc", "docx", "hwp", "hwpx", "js", "pdf", "ppt", "pptx", "txt", "xls", "xlsx",
];

/// The top-level domains in other scripts. A dot before any other word in such a script is taken for a full stop: Korean is
/// often written without a blank after it.
#[rustfmt::skip]
const INTERNATIONAL: &[&str] = &[
    "ελ", "ευ", "бг", "бел", "дети", "ею", "католик", "ком", "мкд", "мон", "москва", "онлайн", "орг", "рус",
    "рф", "сайт", "срб", "укр", "қаз", "հայ", "ישראל", "קום", "ابوظبي", "اتصالات", "ارامكو", "الاردن",
    "البحرين", "الجزائر", "السعودية", "السعوديه", "السعودیة", "السعودیۃ", "العليان", "المغرب", "اليمن",
    "امارات", "ايران", "ایران", "بارت", "بازار", "بيتك", "بھارت", "تونس", "سودان", "سوريا", "سورية", "شبكة",
    "عراق", "عرب", "عمان", "فلسطين", "قطر", "كاثوليك", "كوم", "مصر", "مليسيا", "موريتانيا", "موقع", "همراه",
    "پاكستان", "پاکستان", "ڀارت", "कॉम", "नेट", "भारत", "भारतम्", "भारोत", "संगठन", "বাংলা", "ভারত", "ভাৰত",
    "ਭਾਰਤ", "ભારત", "ଭାରତ", "இந்தியா", "இலங்கை", "சிங்கப்பூர்", "భారత్", "ಭಾರತ", "ഭാരതം", "ලංකා", "คอม",
    "ไทย", "ລາວ", "გე", "みんな", "アマゾン", "クラウド", "グーグル", "コム", "ストア", "セール", "ファッション", "ポイント", "世界", "中信", "中国",
    "中國", "中文网", "亚马逊", "企业", "佛山", "信息", "健康", "八卦", "公司", "公益", "台湾", "台灣", "商城", "商店", "商标", "嘉里", "嘉里大酒店",
    "在线", "大拿", "天主教", "娱乐", "家電", "广东", "微博", "慈善", "我爱你", "手机", "招聘", "政务", "政府", "新加坡", "新闻", "时尚", "書籍",
    "机构", "淡马锡", "游戏", "澳門", "澳门", "点看", "移动", "组织机构", "网址", "网店", "网站", "网络", "联通", "臺灣", "谷歌", "购物", "通販",
    "集团", "電訊盈科", "飞利浦", "食品", "餐厅", "香格里拉", "香港", "닷넷", "닷컴", "삼성", "한국",
];

/// Whether a mail program may turn part of `line` into a link.
pub(super) fn is_linkable(line: &str) -> bool {
    let plain = plain(line);
    holds_link(&plain)
        || pairs_round(&plain, "@").any(|(before, after)| is_ink(before) && is_ink(after))
        || words(&plain).any(|(word, _)| is_host(word))
}

/// Whether part of `line` is meant as a link: more than the bare domain that a company may be called.
pub(super) fn is_link(line: &str) -> bool {
    let plain = plain(line);
    plain.contains('@') || holds_link(&plain)
}

/// Whether `text` is an IPv4 address, which some programs link like a domain.
pub(super) fn is_ip(text: &str) -> bool {
    text.parse::<std::net::Ipv4Addr>().is_ok()
}

/// `text` with word joiners where a mail program would see a domain, an address or a scheme.
pub fn unlinked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if is_joint(before, c, chars.peek().copied()) {
            out.extend([WORD_JOINER, c, WORD_JOINER]);
        } else {
            out.push(c);
        }
        before = Some(c);
    }
    out
}

/// `text` as it was before [`unlinked`]: for where nothing is linked, such as a subject.
pub fn without_joiners(text: &str) -> String {
    text.replace(WORD_JOINER, "")
}

/// Whether a domain, an address or a scheme could reach over `c`.
fn is_joint(before: Option<char>, c: char, after: Option<char>) -> bool {
    let stands = |sign: &[char]| c.nfkc().any(|c| sign.contains(&c));
    // A character such as `⒈` is a label with its dot.
    (is_ink(before) || c.nfkc().count() > 1)
        && is_ink(after)
        && (stands(&['@'])
            || stands(&['.', '\u{3002}'])
                && after.is_some_and(|c| c.is_alphanumeric() || !c.is_ascii())
            || stands(&[':']) && before.is_some_and(|c| c.is_ascii_alphabetic()))
}

fn is_ink(c: Option<char>) -> bool {
    c.is_some_and(|c| !c.is_whitespace())
}

/// `line` as programs compare it: a full-width `．ｃｏｍ` and U+2024 are read as `.com` by those that normalise.
fn plain(line: &str) -> String {
    line.nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| !matches!(c, '\u{200c}' | '\u{200d}'))
        .map(|c| if c == '\u{3002}' { '.' } else { c })
        .collect()
}

/// A scheme, a path, or a sign of either.
fn holds_link(plain: &str) -> bool {
    MARKS.iter().any(|mark| plain.contains(mark))
        || holds_scheme(plain)
        || pairs_round(plain, "//")
            .any(|(_, after)| after.is_some_and(|c| c.is_alphanumeric() || c == '['))
        || words(plain).any(|(word, rest)| (is_host(word) || is_ip(word)) && goes_on(rest))
}

/// The characters before and after each `sign`.
fn pairs_round<'a>(
    plain: &'a str,
    sign: &'a str,
) -> impl Iterator<Item = (Option<char>, Option<char>)> + 'a {
    plain.match_indices(sign).map(move |(at, _)| {
        let (before, rest) = plain.split_at(at);
        let mut after = rest.chars().skip(sign.chars().count());
        (before.chars().next_back(), after.next())
    })
}

/// Whether a scheme stands before a colon with something after it: `tel:1`, and not `Tel: 1`.
fn holds_scheme(plain: &str) -> bool {
    plain.match_indices(':').any(|(at, _)| {
        let (before, rest) = plain.split_at(at);
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let scheme = &before[before.trim_end_matches(is_part).len()..];
        let scheme = scheme.trim_start_matches('-');
        is_ink(rest.chars().nth(1)) && (SCHEMES.contains(&scheme) || scheme.starts_with("ms-"))
    })
}

/// Whatever could be a host, each with what follows it.
fn words(plain: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_end = |c: char| !(c.is_alphanumeric() || is_mark(c) || matches!(c, '.' | '-'));
    let mut rest = plain;
    plain.split_inclusive(is_end).map(move |piece| {
        let word = piece.trim_end_matches(is_end);
        let after = &rest[word.len()..];
        rest = &rest[piece.len()..];
        (word, after)
    })
}

/// Whether what follows a host is a path, a query, a fragment or a port.
fn goes_on(rest: &str) -> bool {
    let mut chars = rest.chars();
    match (chars.next(), chars.next()) {
        (Some('/' | '\\' | '?' | '#'), Some(after)) => !after.is_whitespace(),
        (Some(':'), Some(after)) => after.is_ascii_digit(),
        _ => false,
    }
}

fn is_host(word: &str) -> bool {
    let labels: Vec<&str> = word.trim_matches('.').split('.').collect();
    labels.windows(2).any(|pair| {
        let &[left, right] = pair else { return false };
        !left.is_empty() && is_top_level(right, labels.len() == 2)
    })
}

/// Whether `label` begins like a top-level domain. What follows it may be a Korean particle (`evil.com에서`).
fn is_top_level(label: &str, may_be_file: bool) -> bool {
    if INTERNATIONAL.contains(&label) {
        return true;
    }
    let letters = label
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(label.len());
    let (head, rest) = label.split_at(letters);
    head.len() >= 2
        && !rest.starts_with(|c: char| c.is_ascii_digit())
        && !(may_be_file && FILES.contains(&head))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn links_domains_and_addresses_are_found() {
        for line in [
            "http://evil.example",
            "HTTPS:evil",
            "see www.한글",
            "evil.com",
            "Evil.COM.",
            "(evil.com/path?x=1)",
            "open evil.com, please",
            "evil.com에서 확인",
            "방문:evil.co.kr",
            "kim@evil.com",
            "<kim@mail.evil.com>",
            "mailto:kim",
            "ms-word:ofe|u|ftp://x",
            "ｅｖｉｌ．ｃｏｍ",
            "evil。com",
            "evil\u{2024}com",
            "evil.한국",
            "evil.xn--3e0b707e",
            "evil.com-x",
            "evil.com.pdf",
            "wait...evil.com",
            "\\\\server\\share",
            "evil.com:8080",
            "evil_x.com",
            "//1.2.3.4",
            "see //evil/x",
            "//[2001:db8::1]/",
            "1.2.3.4/login",
            "10.0.0.1:8080",
            "예시.한국",
            "예시.\u{d55c}\u{200d}\u{ad6d}",
            "उदाहरण.भारत",
            "ตัวอย่าง.ไทย",
            "உதாரணம்.சிங்கப்பூர்",
            "пример.рф",
            "xn--9n2bp8q",
            "tel:021234567",
            "문의tel:02-123-4567",
            "data:text/html,x",
            "file:/etc/passwd",
            "vbscript:x",
            "JavaScript:alert(1)",
            "ms-settings:x",
            "ｔｅｌ：1",
            "kim@localhost",
            "kim＠evil",
        ] {
            assert!(is_linkable(line), "{line}");
        }
    }

    #[test]
    fn ordinary_sentences_pass() {
        for line in [
            "안녕하세요.감사합니다.",
            "12월 22일까지 확인 부탁드립니다.",
            "Version 10.0.19041, 3.5 GB, at 5 p.m.",
            "e.g. Teams, i.e. chat. Thanks.",
            "No.1, (주)한빛테크, ㈜한빛테크",
            "Wait... then call 02-123-4567.",
            "Co., Ltd. / Tel: 02.123.4567",
            "계약서.pdf를 첨부했습니다",
            "Node.js 22",
            "ratio 1:2, 09:30~10:30, and/or",
            "meet @ 5",
            "Microsoft 365 – 2.",
            "Tel: 02-123-4567, data: below, 담당:홍길동",
            "metadata:x, hotel:3",
            "@홍길동 and // or",
            "10.0.0.1",
            "2026.12.22까지",
        ] {
            assert!(!is_linkable(line), "{line}");
        }
    }

    #[test]
    fn a_name_is_a_link_by_its_scheme_path_or_address_and_not_by_a_dot() {
        for name in [
            "http://evil.example",
            "Login bit.ly/x",
            "www.evil.example",
            "evil.example:8080",
            "evil.example?id=1",
            "evil.example#x",
            "예시.한국/로그인",
            "1.2.3.4/x",
            "tel:021234567",
            "//evil",
            "kim@evil.example",
            "@Home",
            "\\\\server",
            "xn--9n2bp8q.com",
        ] {
            assert!(is_link(name), "{name}");
        }
        for name in [
            "Booking.com",
            "T.E.S.T. Ltd",
            "주식회사 네이버.컴",
            "Amazon.com Inc.",
            "Solvay S.A./N.V.",
            "Node.js Foundation",
            "evil.example",
            "A/S Norsk",
            "Yahoo! Inc.",
            "Booking.com: Travel",
            "Ges.m.b.H. & Co.KG",
            "3.14 Media",
            "c/o St.John, 12/3 Main St.",
        ] {
            assert!(!is_link(name), "{name}");
        }
    }

    #[test]
    fn in_a_mail_nothing_of_a_name_is_linked_and_all_of_it_is_seen() {
        for (name, told) in [
            ("Booking.com", "Booking~.~com"),
            ("주식회사 네이버.컴", "주식회사 네이버~.~컴"),
            ("Amazon.com Inc.", "Amazon~.~com Inc."),
            ("evil．com。x", "evil~．~com~。~x"),
            ("Co., Ltd. 3:4 a", "Co., Ltd. 3:4 a"),
            (
                "see https://www.evil.com/a, kim@x",
                "see https~:~//www~.~evil~.~com/a, kim~@~x",
            ),
            ("1.2.3.4", "1~.~2~.~3~.~4"),
        ] {
            let unlinked = unlinked(name);
            assert_eq!(unlinked.replace(WORD_JOINER, "~"), told);
            assert_eq!(without_joiners(&unlinked), name);
        }
    }

    proptest! {
        #[test]
        fn what_is_no_link_becomes_none_in_a_mail(
            given in r"([a-z한.。．․⒈:@/ -]|evil\.com|한국|рф|www|tel|\PC){0,12}",
        ) {
            let told = unlinked(&given);
            prop_assert_eq!(without_joiners(&told), without_joiners(&given));
            if !is_link(&given) {
                prop_assert!(!is_linkable(&told), "{}", told);
            }
        }
    }
}
