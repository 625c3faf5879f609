//! What mail programs turn into links in plain text.
//!
//! A partner's note stands in a mail that carries our name and asks for consent. A link in it would be followed with our
//! credit, so a note holds none. Mail programs linkify far more than `https://`: bare domains, mail addresses, network
//! paths. The list of top-level domains grows every year, hence the rule is the shape (a dot between a label and two or
//! more letters), not a list: it refuses "Node.com" and, as the price, also "sentence.Next", which a blank mends.

use unicode_normalization::UnicodeNormalization as _;

/// Beginnings of links that need no dot; compared in lower case.
const MARKS: &[&str] = &[
    "://",
    "http:",
    "https:",
    "ftp:",
    "mailto:",
    "javascript:",
    "www.",
    "\\\\",
];

/// Endings of file names (and of `Node.js`) that are no top-level domains and that partners do write.
const FILES: &[&str] = &[
    "csv", "doc", "docx", "hwp", "hwpx", "js", "pdf", "ppt", "pptx", "txt", "xls", "xlsx",
];

/// Top-level domains in other scripts that are in wide use. A dot before any other word in such a script is taken for a
/// full stop: Korean is often written without a blank after it.
const INTERNATIONAL: &[&str] = &[
    "한국",
    "삼성",
    "닷컴",
    "닷넷",
    "中国",
    "中國",
    "香港",
    "台湾",
    "台灣",
    "公司",
    "网络",
    "在线",
    "网址",
    "みんな",
    "コム",
    "世界",
    "рф",
    "рус",
    "онлайн",
    "сайт",
    "дети",
    "бел",
    "укр",
    "бг",
    "срб",
    "қаз",
    "ελ",
    "ไทย",
    "भारत",
    "امارات",
    "السعودية",
    "مصر",
    "ایران",
    "شبكة",
];

/// Whether a mail program may turn part of `line` into a link.
pub(super) fn is_linkable(line: &str) -> bool {
    // Compatibility forms first: a full-width `．ｃｏｍ` and U+2024 are read as `.com` by programs that normalise.
    let plain: String = line
        .nfkc()
        .flat_map(char::to_lowercase)
        .map(|c| if c == '\u{3002}' { '.' } else { c })
        .collect();
    MARKS.iter().any(|mark| plain.contains(mark))
        || plain
            .split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-')))
            .any(is_host)
}

fn is_host(token: &str) -> bool {
    let labels: Vec<&str> = token.trim_matches('.').split('.').collect();
    labels.windows(2).any(|pair| {
        let &[left, right] = pair else { return false };
        !left.is_empty() && is_top_level(right, labels.len() == 2)
    })
}

/// Whether `label` begins like a top-level domain. What follows it may be a Korean particle (`evil.com에서`).
fn is_top_level(label: &str, may_be_file: bool) -> bool {
    if label.starts_with("xn--") || INTERNATIONAL.contains(&label) {
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
        ] {
            assert!(!is_linkable(line), "{line}");
        }
    }
}
