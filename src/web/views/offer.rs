//! What an invitation says, as pages show it: who asks, for whom, and for what.

use crate::domain::span::GrantDuration;
use crate::domain::time::Timestamp;

/// The partner who asks; what it did not give is not shown.
#[derive(Clone, Debug)]
pub struct Partner {
    /// The legal name, with ㈜, (주) or Ltd exactly as given.
    pub name: String,
    /// The representative (대표자).
    pub representative: Option<String>,
    /// The registration number of the business.
    pub registration: Option<String>,
    /// The postal address, in one line.
    pub address: Option<String>,
    /// The telephone number.
    pub phone: Option<String>,
    /// The mailbox for questions.
    pub email: Option<String>,
}

impl Partner {
    /// The letter in the seal beside the name: the first of the name without its legal form.
    pub fn monogram(&self) -> String {
        const FORMS: [&str; 6] = [
            "주식회사",
            "유한회사",
            "유한책임회사",
            "㈜",
            "(주)",
            "（주）",
        ];
        let mut name = self.name.trim();
        while let Some(rest) = FORMS.iter().find_map(|form| name.strip_prefix(form)) {
            name = rest.trim_start();
        }
        let letter = name.chars().find(|letter| letter.is_alphanumeric());
        letter.map_or_else(String::new, |letter| letter.to_uppercase().collect())
    }
}

/// A telephone number as a `tel:` link takes it (RFC 3966 §3): digits, and a plus sign before them.
pub(crate) fn tel(number: &str) -> String {
    let signs = number.char_indices();
    signs
        .filter(|(at, sign)| sign.is_ascii_digit() || (*at == 0 && *sign == '+'))
        .map(|(_, sign)| sign)
        .collect()
}

/// To whom the invitation went.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// The full name as the partner gave it.
    pub name: String,
    /// The mailbox, as people read it (U-labels).
    pub email: String,
}

/// Everything that is asked for.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The customer's organization or school.
    pub organization: String,
    /// The partner relationship, if one is asked for.
    pub relationship: Option<Relationship>,
    /// The delegated-admin roles; empty: none.
    pub roles: Vec<Role>,
    /// For how long the roles are asked for; present where there are roles.
    pub until: Option<Until>,
    /// The agreement to consent to, if one is part of it.
    pub agreement: Option<Agreement>,
    /// What the partner writes.
    pub note: Option<Note>,
}

/// Which of the three pages an offer makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// "Accept agreement & authorize partner".
    AgreementAndPartner,
    /// "Authorize partner".
    Partner,
    /// "Accept": the agreement alone.
    Agreement,
}

impl Offer {
    /// Which of the three pages it makes.
    pub const fn kind(&self) -> Kind {
        let authorizes = self.relationship.is_some() || !self.roles.is_empty();
        match (&self.agreement, authorizes) {
            (Some(_), true) => Kind::AgreementAndPartner,
            (Some(_), false) => Kind::Agreement,
            (None, _) => Kind::Partner,
        }
    }
}

/// A partner relationship of the catalogue.
#[derive(Clone, Debug)]
pub struct Relationship {
    /// The catalogue's key, such as `reseller_delegated_admin`.
    pub key: String,
    /// Whether the customer can end it alone, in the admin center.
    pub customer_may_delete: bool,
}

/// A delegated-admin role of the catalogue.
#[derive(Clone, Debug)]
pub struct Role {
    /// The catalogue's key, such as `helpdesk_administrator`.
    pub key: String,
    /// Whether whoever holds it could take over the tenant.
    pub privileged: bool,
}

/// How long roles are asked for.
#[derive(Clone, Debug)]
pub struct Until {
    /// The period.
    pub period: GrantDuration,
    /// Its end, if it began now: Microsoft counts from the day of activation.
    pub expected_end: Timestamp,
}

/// One version of an agreement.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// `agr_…`: goes back with the form, so that consent is to the version that was shown.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its version as the partner named it.
    pub version: String,
    /// The tag of its language.
    pub language: String,
    /// SHA-256 of its exact bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// The text on Microsoft's own site, where the partner gave a link.
    pub microsoft: Option<String>,
}

/// What the partner writes to the customer: plain text, no links.
#[derive(Clone, Debug)]
pub struct Note {
    /// The text.
    pub text: String,
    /// Who signs it, where that is known.
    pub author: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seal_shows_the_first_letter_of_the_name_itself() {
        for (name, expected) in [
            ("주식회사 한빛테크", "한"),
            ("㈜한빛테크", "한"),
            ("(주) 가온", "가"),
            ("“éclair” GmbH", "É"),
            ("주식회사", ""),
            ("—", ""),
        ] {
            let partner = Partner {
                name: name.to_owned(),
                representative: None,
                registration: None,
                address: None,
                phone: None,
                email: None,
            };
            assert_eq!(partner.monogram(), expected, "{name}");
        }
    }
}
