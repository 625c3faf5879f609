//! Who answers an invitation, and who reads along: what one mailbox may ask for another.
//!
//! Whoever has the link may hand it on inside the same mail domain only, because that is all that a link proves of its holder:
//! a mailbox there. Where anybody gets a mailbox, a domain proves nothing.

use super::address::EmailAddress;
use super::words::words;

/// How often an invitation may change hands: enough for an office, too few to write to everybody in it.
pub const MOST_HANDOVERS: usize = 5;
/// How many may read along.
pub const MOST_VIEWERS: usize = 5;
/// How often somebody may be added to them in all: whoever is removed was mailed already.
pub const MOST_VIEWERS_ADDED: i64 = 10;

words! {
    /// Why somebody else cannot be asked, or copied in.
    Unfit, "reason against an address" {
        /// It is the address of the one who asks.
        Own = "own",
        /// It is at another domain.
        OtherDomain = "other_domain",
        /// Everybody can have a mailbox at that domain.
        PublicDomain = "public_domain",
        /// That mailbox takes part already, or is asked the same by another invitation.
        Already = "already",
        /// It takes no mail from here.
        TakesNoMail = "takes_no_mail",
        /// It changed hands, or was copied, as often as it may.
        TooMany = "too_many",
    }
}

/// Domains of providers at which everybody can have a mailbox. None that is left out is proof of an organization: the rule keeps
/// mistakes away, and the partner is told who answers.
const PUBLIC: [&str; 44] = [
    "126.com",
    "163.com",
    "aol.com",
    "daum.net",
    "fastmail.com",
    "foxmail.com",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hanmail.net",
    "hey.com",
    "hotmail.co.kr",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.fr",
    "icloud.com",
    "kakao.com",
    "korea.com",
    "live.co.kr",
    "live.com",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "nate.com",
    "naver.com",
    "outlook.co.kr",
    "outlook.com",
    "outlook.kr",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rocketmail.com",
    "web.de",
    "yahoo.co.jp",
    "yahoo.co.kr",
    "yahoo.com",
    "yandex.ru",
];

/// Whether everybody can have a mailbox at that domain (an A-label in lower case).
pub fn is_public(domain: &str) -> bool {
    PUBLIC.binary_search(&domain).is_ok()
}

/// Whether the holder of `from` may have `to` answer in its place, where the invitation changed hands `times` before.
///
/// # Errors
/// Why not.
pub fn may_hand_over(from: &EmailAddress, to: &EmailAddress, times: usize) -> Result<(), Unfit> {
    if from == to {
        return Err(Unfit::Own);
    }
    if from.domain() != to.domain() {
        return Err(Unfit::OtherDomain);
    }
    if is_public(from.domain()) {
        return Err(Unfit::PublicDomain);
    }
    if times >= MOST_HANDOVERS {
        return Err(Unfit::TooMany);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> EmailAddress {
        text.parse().unwrap()
    }

    #[test]
    fn the_public_providers_are_sorted_so_that_they_are_found() {
        assert!(PUBLIC.is_sorted());
        assert!(PUBLIC.iter().all(|domain| is_public(domain)));
        assert!(!is_public("customer.example"));
    }

    #[test]
    fn only_a_colleague_can_be_handed_an_invitation() {
        let from = address("hong@customer.example");
        for (to, times, wanted) in [
            ("Kim@CUSTOMER.example", 0, Ok(())),
            ("Kim@CUSTOMER.example", MOST_HANDOVERS, Err(Unfit::TooMany)),
            ("HONG@customer.example", 0, Err(Unfit::Own)),
            ("kim@sub.customer.example", 0, Err(Unfit::OtherDomain)),
            ("kim@customer.example.org", 0, Err(Unfit::OtherDomain)),
        ] {
            assert_eq!(may_hand_over(&from, &address(to), times), wanted, "{to}");
        }
    }

    #[test]
    fn a_mailbox_that_everybody_can_have_hands_nothing_on() {
        let from = address("hong@naver.com");
        let to = address("kim@naver.com");
        assert_eq!(may_hand_over(&from, &to, 0), Err(Unfit::PublicDomain));
    }
}
