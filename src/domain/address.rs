//! Mail addresses: one mailbox, in a form that can be compared and one that can be sent to.
//!
//! Domains may be internationalised (IDNA, UTS 46) and local parts too (SMTPUTF8, RFC 6531). What no mailbox of a customer
//! looks like is refused with a way out: quoted local parts, address literals, names without a dot. Whoever reads an
//! address must see all of it, so that nothing invisible is taken.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization as _;

use super::text::{Class, class, is_mark};
use super::words::deserialize_text;

/// RFC 5321 §4.5.3.1.1, in octets.
const LONGEST_LOCAL: usize = 64;
/// RFC 5321 §4.5.3.1.3 allows a path of 256 octets, with its angle brackets.
const LONGEST: usize = 254;
/// RFC 1035 §2.3.4, in octets.
const LONGEST_LABEL: usize = 63;
/// What is longer as typed cannot come under the limits, whatever its script.
const LONGEST_TYPED: usize = 4 * LONGEST;

/// A mailbox.
///
/// Two are equal when their normalized forms are: the local part in lower case and NFC, the domain as A-labels in lower
/// case. The local part is kept as it was given (in NFC) for sending, because its case is the receiving server's matter
/// (RFC 5321 §2.4). `Debug` masks, and there is no `Display`: an address must not slip into a log.
#[derive(Clone)]
pub struct EmailAddress {
    /// The normalized form.
    identity: String,
    /// Where the `@` stands in it.
    at: usize,
    /// The local part as given, in NFC.
    local: String,
}

/// Why a text is no address that mail can be sent to. No message repeats the address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing there.
    #[error("the address is empty: write one such as name@example.com")]
    Empty,
    /// No `@`.
    #[error("the address has no @: write one such as name@example.com")]
    NoAt,
    /// More than one `@`.
    #[error("the address has more than one @: give a single address")]
    ManyAts,
    /// Nothing before the `@`.
    #[error("the address has nothing before the @: write one such as name@example.com")]
    NoLocal,
    /// Nothing after the `@`.
    #[error("the address has nothing after the @: write one such as name@example.com")]
    NoDomain,
    /// A blank inside.
    #[error("the address holds a blank: remove it, and give a single address without a name")]
    Blank,
    /// A character that is invisible, directs the writing or controls a device.
    #[error(
        "the address holds the character U+{code:04X}, which cannot be seen or cannot be shown: type the address anew",
        code = u32::from(*.0)
    )]
    Invisible(char),
    /// A local part in quotation marks (RFC 5321 §4.1.2).
    #[error(
        "the part before the @ is in quotation marks, which is not supported: use another address of this mailbox"
    )]
    Quoted,
    /// A character that no local part holds (RFC 5322 §3.2.3).
    #[error(
        "the part before the @ holds the character {0:?} (or one that stands for it): check the spelling"
    )]
    Local(char),
    /// A local part that begins or ends with a dot, or has two in a row.
    #[error(
        "the part before the @ begins or ends with a dot or has two in a row: check the spelling"
    )]
    LocalDots,
    /// A local part of more than 64 octets.
    #[error("the part before the @ is longer than {LONGEST_LOCAL} octets: check the spelling")]
    LocalTooLong,
    /// More than 254 octets.
    #[error("the address is longer than {LONGEST} octets: check the spelling")]
    TooLong,
    /// An address literal, `user@[192.0.2.1]`, or a number in place of a domain.
    #[error("the part after the @ is a network address: write a domain such as example.com")]
    Literal,
    /// A domain without a dot.
    #[error("the domain has no dot: write it in full, such as example.com")]
    SingleLabel,
    /// A domain that begins or ends with a dot, or has two in a row.
    #[error("the domain begins or ends with a dot or has two in a row: check the spelling")]
    DomainDots,
    /// A domain with a label of more than 63 octets.
    #[error("the domain has a part longer than {LONGEST_LABEL} octets: check the spelling")]
    LabelTooLong,
    /// No domain by UTS 46 with STD3 rules.
    #[error("the part after the @ is no domain: write one such as example.com or 예시.한국")]
    Domain,
}

impl EmailAddress {
    /// The normalized form, by which addresses are compared, stored and looked up.
    pub fn as_str(&self) -> &str {
        &self.identity
    }

    /// The local part as it was given, in NFC.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The domain as A-labels in lower case: what DNS, headers and lanes take.
    pub fn domain(&self) -> &str {
        &self.identity[self.at + 1..]
    }

    /// The form to send to: the local part as given, the domain as A-labels. It needs SMTPUTF8 where
    /// [`Self::needs_smtputf8`] says so.
    pub fn for_smtp(&self) -> String {
        format!("{}@{}", self.local, self.domain())
    }

    /// The form to show to people: the local part as given, the domain as U-labels.
    pub fn display(&self) -> String {
        let (domain, _) = Uts46::new().to_unicode(
            self.domain().as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
        );
        format!("{}@{domain}", self.local)
    }

    /// Whether the mailbox can be reached through servers with SMTPUTF8 (RFC 6531) only.
    pub fn needs_smtputf8(&self) -> bool {
        !self.local.is_ascii()
    }

    /// A form for logs, which names nobody: `k***@example.com`.
    ///
    /// The first character stays only where more follow it, and only if it is a letter or a digit. The domain stays, because
    /// an operator who looks for a silent mail server needs it, and it is in the queue's own table.
    pub fn masked(&self) -> String {
        let mut characters = self.identity[..self.at].chars();
        let first = characters
            .next()
            .filter(|first| first.is_alphanumeric() && characters.next().is_some());
        format!(
            "{}***@{}",
            first.map(String::from).unwrap_or_default(),
            self.domain()
        )
    }
}

impl FromStr for EmailAddress {
    type Err = AddressError;

    /// Outer spaces are taken off.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        if text.len() > LONGEST_TYPED {
            return Err(AddressError::TooLong);
        }
        visible(text)?;
        if text.starts_with('"') {
            return Err(AddressError::Quoted);
        }
        let (local, domain) = text.split_once('@').ok_or(AddressError::NoAt)?;
        if domain.contains('@') {
            return Err(AddressError::ManyAts);
        }
        let local = parse_local(local)?;
        let domain = parse_domain(domain)?;
        let lower: String = local.to_lowercase().nfc().collect();
        // Lower case can be longer: U+0130 takes two octets, its lower case three.
        if local.len().max(lower.len()) > LONGEST_LOCAL {
            return Err(AddressError::LocalTooLong);
        }
        if local.len().max(lower.len()) + 1 + domain.len() > LONGEST {
            return Err(AddressError::TooLong);
        }
        Ok(Self {
            identity: format!("{lower}@{domain}"),
            at: lower.len(),
            local,
        })
    }
}

/// Refuses whatever is not seen, before anything is mapped away.
fn visible(text: &str) -> Result<(), AddressError> {
    for c in text.chars() {
        match class(c) {
            Class::Plain if !is_variation_selector(c) => {}
            Class::Blank if c.is_whitespace() && !c.is_control() => {
                return Err(AddressError::Blank);
            }
            _ => return Err(AddressError::Invisible(c)),
        }
    }
    Ok(())
}

fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// A dot-atom (RFC 5322 §3.2.3) in which every character beyond ASCII may stand too (RFC 6531 §3.3), in NFC.
fn parse_local(given: &str) -> Result<String, AddressError> {
    let local: String = given.nfc().collect();
    let Some(first) = local.chars().next() else {
        return Err(AddressError::NoLocal);
    };
    if is_mark(first) {
        return Err(AddressError::Local(first));
    }
    // The compatibility form too: U+FF20 or U+FE6B in a local part would make another address of it wherever a server or
    // a directory normalises.
    for c in local.chars().chain(local.nfkc()) {
        if c.is_ascii() && !(c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c)) {
            return Err(AddressError::Local(c));
        }
    }
    let compatible: String = local.nfkc().collect();
    if compatible.split('.').any(str::is_empty) {
        return Err(AddressError::LocalDots);
    }
    Ok(local)
}

/// The domain as A-labels in lower case.
fn parse_domain(given: &str) -> Result<String, AddressError> {
    if given.is_empty() {
        return Err(AddressError::NoDomain);
    }
    if given.starts_with('[') {
        return Err(AddressError::Literal);
    }
    // Lengths are checked below, so that each fault has its own sentence.
    let domain = Uts46::new()
        .to_ascii(
            given.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Ignore,
        )
        .map_err(|_| AddressError::Domain)?;
    let labels: Vec<&str> = domain.split('.').collect();
    if labels.iter().any(|label| label.is_empty()) {
        return Err(AddressError::DomainDots);
    }
    if labels.iter().any(|label| label.len() > LONGEST_LABEL) {
        return Err(AddressError::LabelTooLong);
    }
    match labels.as_slice() {
        [.., last] if last.bytes().all(|byte| byte.is_ascii_digit()) => Err(AddressError::Literal),
        [_, _, ..] => Ok(domain.into_owned()),
        _ => Err(AddressError::SingleLabel),
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.identity == other.identity
    }
}

impl Eq for EmailAddress {}

impl Hash for EmailAddress {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity.hash(state);
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// As the form to send to, which keeps the local part as given.
impl serde::Serialize for EmailAddress {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}@{}", self.local, self.domain()))
    }
}

deserialize_text!(EmailAddress);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> EmailAddress {
        text.parse().unwrap()
    }

    fn refusal(text: &str) -> AddressError {
        text.parse::<EmailAddress>().unwrap_err()
    }

    #[test]
    fn the_same_mailbox_is_equal_however_it_is_written() {
        let address = parse(" Kim.Minsu+MCA@EXAMPLE.com ");
        assert_eq!(address, parse("kim.minsu+mca@example.COM"));
        assert_eq!(address.as_str(), "kim.minsu+mca@example.com");
        assert_eq!(address.for_smtp(), "Kim.Minsu+MCA@example.com");
        assert!(!address.needs_smtputf8());
        assert_ne!(address, parse("kim.minsu@example.com"));
    }

    #[test]
    fn international_domains_and_local_parts_are_taken() {
        let address = parse("김민수@예시.한국");
        assert_eq!(address.domain(), "xn--vv4b11d.xn--3e0b707e");
        assert_eq!(address.display(), "김민수@예시.한국");
        assert_eq!(address.for_smtp(), "김민수@xn--vv4b11d.xn--3e0b707e");
        assert!(address.needs_smtputf8());
        let decomposed: String = "김민수@예시.한국".nfd().collect();
        assert_eq!(parse(&decomposed), address);
        assert_eq!(parse("김민수@xn--vv4b11d.xn--3e0b707e"), address);
        assert_eq!(parse("k@faß.example").domain(), "xn--fa-hia.example");
        assert_eq!(parse("k@Ｅxample。com").as_str(), "k@example.com");
    }

    #[test]
    fn what_is_no_address_is_refused_with_its_reason() {
        use AddressError as E;
        for (text, error) in [
            ("", E::Empty),
            ("   ", E::Empty),
            ("kim", E::NoAt),
            ("kim＠example.com", E::NoAt),
            ("a@b@example.com", E::ManyAts),
            ("@example.com", E::NoLocal),
            ("kim@", E::NoDomain),
            ("kim min@example.com", E::Blank),
            ("kim\u{3000}@example.com", E::Blank),
            ("Kim <kim@example.com>", E::Blank),
            ("<kim@example.com>", E::Local('<')),
            ("kim@example.com\r\nBcc: x@example.com", E::Invisible('\r')),
            ("kim\t@example.com", E::Invisible('\t')),
            ("kim\0@example.com", E::Invisible('\0')),
            ("kim\u{3164}@example.com", E::Invisible('\u{3164}')),
            ("kim\u{200d}@example.com", E::Invisible('\u{200d}')),
            ("kim@exam\u{200b}ple.com", E::Invisible('\u{200b}')),
            ("kim@exam\u{ad}ple.com", E::Invisible('\u{ad}')),
            ("\u{202e}kim@example.com", E::Invisible('\u{202e}')),
            ("kim\u{fe0f}@example.com", E::Invisible('\u{fe0f}')),
            ("\"kim min\"@example.com", E::Blank),
            ("\"kim\"@example.com", E::Quoted),
            ("kim,lee@example.com", E::Local(',')),
            ("kim(a)@example.com", E::Local('(')),
            ("kim＠evil.com@example.com", E::Local('@')),
            ("\u{301}kim@example.com", E::Local('\u{301}')),
            (".kim@example.com", E::LocalDots),
            ("kim.@example.com", E::LocalDots),
            ("kim..min@example.com", E::LocalDots),
            ("kim…min@example.com", E::LocalDots),
            ("kim@[192.0.2.1]", E::Literal),
            ("kim@192.0.2.1", E::Literal),
            ("kim@localhost", E::SingleLabel),
            ("kim@.example.com", E::DomainDots),
            ("kim@example.com.", E::DomainDots),
            ("kim@example..com", E::DomainDots),
            ("kim@-example.com", E::Domain),
            ("kim@exa_mple.com", E::Domain),
            ("kim@example.com,lee", E::Domain),
            ("kim@xn--a.com", E::Domain),
        ] {
            assert_eq!(refusal(text), error, "{text:?}");
        }
    }

    #[test]
    fn limits_are_those_of_rfc_5321_in_octets() {
        assert!(
            format!("{}@example.com", "k".repeat(64))
                .parse::<EmailAddress>()
                .is_ok()
        );
        assert_eq!(
            refusal(&format!("{}@example.com", "k".repeat(65))),
            AddressError::LocalTooLong
        );
        assert_eq!(
            refusal(&format!("{}@example.com", "김".repeat(22))),
            AddressError::LocalTooLong
        );
        assert_eq!(
            refusal(&format!("{}@example.com", "İ".repeat(32))),
            AddressError::LocalTooLong
        );
        assert!(
            format!("k@{}.com", "a".repeat(63))
                .parse::<EmailAddress>()
                .is_ok()
        );
        assert_eq!(
            refusal(&format!("k@{}.com", "a".repeat(64))),
            AddressError::LabelTooLong
        );
        let label = "a".repeat(59);
        let domain = [label.as_str(); 4].join(".");
        assert_eq!(format!("{}@{domain}.com", "k".repeat(10)).len(), 254);
        assert!(
            format!("{}@{domain}.com", "k".repeat(10))
                .parse::<EmailAddress>()
                .is_ok()
        );
        assert_eq!(
            refusal(&format!("{}@{domain}.com", "k".repeat(11))),
            AddressError::TooLong
        );
        assert_eq!(refusal(&"k".repeat(10_000_000)), AddressError::TooLong);
    }

    #[test]
    fn a_reason_names_what_is_wrong_and_the_way_out() {
        assert_eq!(
            refusal("kim,lee@example.com").to_string(),
            "the part before the @ holds the character ',' (or one that stands for it): check the spelling"
        );
        assert_eq!(
            refusal("kim\u{200b}@example.com").to_string(),
            "the address holds the character U+200B, which cannot be seen or cannot be shown: type the address anew"
        );
    }

    #[test]
    fn debug_output_names_nobody() {
        let address = parse("Kim.Minsu@example.com");
        assert_eq!(format!("{address:?}"), "k***@example.com");
        assert_eq!(
            parse("김민수@예시.한국").masked(),
            "김***@xn--vv4b11d.xn--3e0b707e"
        );
    }

    #[test]
    fn a_masked_address_keeps_at_most_one_character_and_the_domain() {
        for (address, masked) in [
            ("kim@example.com", "k***@example.com"),
            ("k@example.com", "***@example.com"),
            ("김@example.com", "***@example.com"),
            ("김민수@회사.kr", "김***@xn--vf4b131b.kr"),
            ("_kim@example.com", "***@example.com"),
            ("7kim@example.com", "7***@example.com"),
        ] {
            assert_eq!(parse(address).masked(), masked, "{address:?}");
        }
    }

    #[test]
    fn json_keeps_the_form_to_send_to() {
        let address = parse("Kim@예시.한국");
        let json = serde_json::to_string(&address).unwrap();
        assert_eq!(json, "\"Kim@xn--vv4b11d.xn--3e0b707e\"");
        let back: EmailAddress = serde_json::from_str(&json).unwrap();
        assert_eq!(
            (back.local(), back.as_str()),
            (address.local(), address.as_str())
        );
    }

    /// What must not reach a header.
    const ODD: &[char] = &[
        '\r', '\n', '\0', ' ', '\u{85}', '\u{200e}', '\u{200f}', '\u{61c}', '\u{202a}', '\u{202e}',
        '\u{2028}', '\u{2066}', '\u{2069}', '\u{3164}', '\u{200b}', '<', '>', '"', ',', ';', ':',
        '(', '\\',
    ];

    /// Addresses that are mostly taken, with something odd in a few of them.
    fn written() -> impl Strategy<Value = String> {
        let local = r"[a-zA-Z0-9+_가-힣éÉİſßΣσ\u{fb01}\u{212a}!#'-]{1,8}[\u{301}\u{ff0e}.]?[a-zA-Z가-힣Σ]{1,8}";
        let domain =
            r"[a-zA-Z0-9가-힣ßéÉ][\u{301}-]?[a-zA-Z가-힣]{1,8}([.。][a-zA-Z가-힣]{1,8}){1,3}";
        (local, domain, prop::option::weighted(0.1, any::<char>())).prop_map(
            |(local, domain, odd)| {
                let odd = odd.map(String::from).unwrap_or_default();
                format!("{local}{odd}@{odd}{domain}")
            },
        )
    }

    proptest! {
        #[test]
        fn normalized_forms_are_fixed_points(text in written()) {
            if let Ok(address) = text.parse::<EmailAddress>() {
                for form in [address.as_str().to_owned(), address.for_smtp(), address.display()] {
                    let again = form.parse::<EmailAddress>();
                    prop_assert_eq!(again.as_ref(), Ok(&address), "{}", form);
                }
                prop_assert_eq!(parse(address.as_str()).for_smtp(), address.as_str());
                let sent = parse(&address.for_smtp());
                prop_assert_eq!(sent.local(), address.local());
            }
        }

        #[test]
        fn an_address_carries_nothing_into_a_header(
            text in prop_oneof![any::<String>(), written()],
            odd in prop::sample::select(ODD.to_vec()),
            at in any::<prop::sample::Index>(),
        ) {
            let mut dirty: Vec<char> = text.chars().collect();
            dirty.insert(at.index(dirty.len() + 1), odd);
            for text in [text, dirty.into_iter().collect()] {
                if let Ok(address) = text.parse::<EmailAddress>() {
                    for form in [address.as_str(), &address.for_smtp(), &address.display()] {
                        let found = form.contains(|c: char| c.is_control() || c.is_whitespace() || ODD.contains(&c));
                        prop_assert!(!found, "{:?}", form);
                        prop_assert_eq!(form.matches('@').count(), 1);
                    }
                    prop_assert!(address.domain().is_ascii());
                }
            }
        }
    }
}
