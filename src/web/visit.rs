//! Whether an opening of a link looks like a person or like a program. A label for the time line, on evidence that is kept
//! with it; nothing is allowed, refused or recorded as consent because of it.
//!
//! Mail scanners fetch, render and click every link, and many say that they are a common browser: a program can look like a
//! person, and sometimes the reverse. So the label is never more than a hint.

use std::net::IpAddr;

use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE, HeaderName, USER_AGENT};
use axum::http::{HeaderMap, Method};
use ipnet::IpNet;

/// What speaks for a program. Strong evidence suffices alone, weak evidence in twos.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Strong: HEAD, which no browser sends when a person opens a link.
    Head,
    /// Strong: fetched ahead of a person (`Sec-Purpose`, W3C Speculation Rules; older `Purpose`, `X-Moz`, `X-Purpose`).
    Prefetch,
    /// Strong: the user agent names a mail gateway's scanner or a link preview.
    Scanner,
    /// Strong: the user agent names an HTTP library, a command-line tool or a headless browser.
    Tool,
    /// Strong: no user agent.
    NoUserAgent,
    /// Weak: no `Accept-Language`, which every browser sends.
    NoLanguage,
    /// Weak: `Accept` does not ask for HTML, which every navigation does.
    NoHtml,
    /// Weak: a browser's user agent without `Sec-Fetch-Mode`, which browsers send to https since 2023.
    NoFetchMetadata,
    /// Weak: the address lies in a network that the operator listed as a data centre's or a scanner's.
    DataCentre,
}

impl Evidence {
    /// The name in the time line and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Prefetch => "prefetch",
            Self::Scanner => "scanner",
            Self::Tool => "tool",
            Self::NoUserAgent => "no_user_agent",
            Self::NoLanguage => "no_language",
            Self::NoHtml => "no_html",
            Self::NoFetchMetadata => "no_fetch_metadata",
            Self::DataCentre => "data_centre",
        }
    }

    /// Whether it suffices alone.
    pub const fn is_strong(self) -> bool {
        matches!(
            self,
            Self::Head | Self::Prefetch | Self::Scanner | Self::Tool | Self::NoUserAgent
        )
    }
}

/// The label of one visit, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// What was found, in the order of [`Evidence`], each once.
    pub evidence: Vec<Evidence>,
}

impl Visitor {
    /// One strong piece of evidence, or two weak ones.
    pub fn is_automated(&self) -> bool {
        self.evidence.len() > 1 || self.evidence.iter().any(|evidence| evidence.is_strong())
    }

    /// `human` or `automated`.
    pub fn label(&self) -> &'static str {
        if self.is_automated() {
            "automated"
        } else {
            "human"
        }
    }
}

/// Mail gateways, sandboxes and link previews, by a part of the user agent in lower case. In-app browsers of people
/// (`KAKAOTALK`, `NAVER(inapp`, `Outlook-iOS`) are not among them: only the preview (`kakaotalk-scrap`) is.
const SCANNERS: &[&str] = &[
    "barracuda",
    "bingpreview",
    "bot/",
    "bot;",
    "bytespider",
    "ciscosecureemail",
    "crawler",
    "daum/",
    "daumoa",
    "existence discovery",
    "facebookexternalhit",
    "fireeye",
    "forcepoint",
    "fortimail",
    "googleimageproxy",
    "ironport",
    "kakaotalk-scrap",
    "mailscanner",
    "microsoft office",
    "microsoft-urlanalyzer",
    "mimecast",
    "ms-office",
    "proofpoint",
    "safelinks",
    "skypeuripreview",
    "slackbot",
    "sophos",
    "spider",
    "symantec",
    "teamspreview",
    "trendmicro",
    "urlscan",
    "whatsapp/",
    "yeti/",
    "zscaler",
];

/// Libraries, tools and headless browsers, by a part of the user agent in lower case.
const TOOLS: &[&str] = &[
    "aiohttp",
    "apache-httpclient",
    "axios/",
    "curl/",
    "go-http-client",
    "headless",
    "java/",
    "libwww",
    "node-fetch",
    "okhttp",
    "phantomjs",
    "powershell",
    "python",
    "reqwest",
    "ruby",
    "undici",
    "wget",
    "winhttp",
];

/// Headers by which a browser says that nobody has asked for the page yet.
const PREFETCH: [&str; 4] = ["sec-purpose", "purpose", "x-moz", "x-purpose"];

/// Looks at one opening of a link. `https`: whether the pages are reached over TLS (browsers send fetch metadata to
/// trustworthy origins only); `listed`: networks that the operator listed.
pub fn look(
    method: &Method,
    headers: &HeaderMap,
    client: IpAddr,
    https: bool,
    listed: &[IpNet],
) -> Visitor {
    let text = |name: HeaderName| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().trim().to_ascii_lowercase()
    };
    let agent = text(USER_AGENT);
    let names = |list: &[&str]| list.iter().any(|part| agent.contains(part));
    let prefetches = |value: &str| {
        let value = value.to_ascii_lowercase();
        ["prefetch", "prerender", "preview"]
            .iter()
            .any(|purpose| value.contains(purpose))
    };
    let prefetch = PREFETCH.iter().any(|name| {
        let value = headers.get(*name).and_then(|value| value.to_str().ok());
        value.is_some_and(prefetches)
    });
    let found = [
        (Evidence::Head, method == Method::HEAD),
        (Evidence::Prefetch, prefetch),
        (Evidence::Scanner, names(SCANNERS)),
        (Evidence::Tool, names(TOOLS)),
        (Evidence::NoUserAgent, agent.is_empty()),
        (Evidence::NoLanguage, text(ACCEPT_LANGUAGE).is_empty()),
        (Evidence::NoHtml, !text(ACCEPT).contains("text/html")),
        (
            Evidence::NoFetchMetadata,
            https && agent.starts_with("mozilla/") && !headers.contains_key("sec-fetch-mode"),
        ),
        (
            Evidence::DataCentre,
            listed
                .iter()
                .any(|network| network.contains(&client.to_canonical())),
        ),
    ];
    let evidence = found
        .into_iter()
        .filter_map(|(evidence, holds)| holds.then_some(evidence))
        .collect();
    Visitor { evidence }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";

    fn person() -> Vec<(&'static str, &'static str)> {
        vec![
            ("user-agent", SAFARI),
            ("accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
            ("accept-language", "ko-KR,ko;q=0.9"),
            ("sec-fetch-mode", "navigate"),
        ]
    }

    fn see(method: &Method, headers: &[(&str, &str)]) -> Visitor {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        let listed = ["40.107.0.0/16".parse().unwrap()];
        look(
            method,
            &headers,
            "203.0.113.9".parse().unwrap(),
            true,
            &listed,
        )
    }

    fn with(
        mut headers: Vec<(&'static str, &'static str)>,
        name: &'static str,
        value: &'static str,
    ) -> Vec<(&'static str, &'static str)> {
        headers.retain(|(known, _)| *known != name);
        headers.push((name, value));
        headers
    }

    #[test]
    fn a_browser_that_a_person_holds_leaves_no_evidence() {
        let in_app = "Mozilla/5.0 (Linux; Android 15; SM-S928N) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36;KAKAOTALK 2611090";
        for agent in [SAFARI, in_app] {
            let visitor = see(&Method::GET, &with(person(), "user-agent", agent));
            assert_eq!((visitor.label(), visitor.evidence), ("human", vec![]));
        }
    }

    #[test]
    fn strong_evidence_suffices_alone() {
        assert_eq!(see(&Method::HEAD, &person()).evidence, [Evidence::Head]);
        for (name, value, expected) in [
            ("sec-purpose", "prefetch;prerender", Evidence::Prefetch),
            ("x-moz", "prefetch", Evidence::Prefetch),
            ("user-agent", "Barracuda Sentinel (EE)", Evidence::Scanner),
            (
                "user-agent",
                "facebookexternalhit/1.1; kakaotalk-scrap/1.0",
                Evidence::Scanner,
            ),
            ("user-agent", "python-requests/2.32.3", Evidence::Tool),
            ("user-agent", "", Evidence::NoUserAgent),
        ] {
            let visitor = see(&Method::GET, &with(person(), name, value));
            assert_eq!(visitor.evidence, [expected]);
            assert_eq!(visitor.label(), "automated");
        }
    }

    #[test]
    fn weak_evidence_counts_in_twos() {
        let mut headers = person();
        headers.retain(|(name, _)| *name != "accept-language");
        let visitor = see(&Method::GET, &headers);
        assert_eq!(visitor.evidence, [Evidence::NoLanguage]);
        assert_eq!(visitor.label(), "human");

        headers.retain(|(name, _)| *name != "sec-fetch-mode");
        let visitor = see(&Method::GET, &headers);
        assert_eq!(
            visitor.evidence,
            [Evidence::NoLanguage, Evidence::NoFetchMetadata]
        );
        assert_eq!(visitor.label(), "automated");
    }

    #[test]
    fn fetch_metadata_failure_is_told_over_https_only_and_networks_are_the_operators() {
        let mut headers = HeaderMap::new();
        for (name, value) in person()
            .into_iter()
            .filter(|(name, _)| *name != "sec-fetch-mode")
        {
            headers.insert(name, value.parse().unwrap());
        }
        let listed: [IpNet; 1] = ["40.107.0.0/16".parse().unwrap()];
        let gateway = "::ffff:40.107.1.2".parse().unwrap();
        let visitor = look(&Method::GET, &headers, gateway, false, &listed);
        assert_eq!(visitor.evidence, [Evidence::DataCentre]);
        assert_eq!(
            look(&Method::GET, &headers, gateway, false, &[]).evidence,
            []
        );
    }
}
