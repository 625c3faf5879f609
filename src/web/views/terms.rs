//! What an invitation says, as pages show it: who asks, of whom, and for what.

use super::Page;
use crate::domain::catalogue::{Risk, Role, role};
use crate::domain::novelty::Novelty;
use crate::domain::offer::Offer;
use crate::domain::time::Timestamp;

/// The partner who asks; what it did not give is not shown.
#[derive(Clone, Debug)]
pub struct Partner {
    /// The name that sentences use: `한빛테크`.
    pub display_name: String,
    /// The name in the register, exactly as given: `㈜한빛테크`.
    pub legal_name: String,
    /// Who represents the company (대표자).
    pub representative: Option<String>,
    /// The number in the business register (사업자등록번호).
    pub registration_number: Option<String>,
    /// The postal address, on one line.
    pub address: Option<String>,
    /// The telephone number, as the partner writes it.
    pub phone: Option<String>,
    /// The mailbox for questions.
    pub email: Option<String>,
    /// The website; shown, not linked.
    pub website: Option<String>,
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
        let mut name = self.display_name.trim();
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

/// What is asked of the customer, or what the customer agreed to.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The relationship, the roles and their duration, the agreement.
    pub offer: Offer,
    /// When the roles end if their duration counts from today, or from consent; nothing where no roles are offered.
    pub expected_end: Option<Timestamp>,
    /// The agreement; nothing where none is to be accepted.
    pub agreement: Option<Agreement>,
    /// What is new against what was agreed with this partner before; nothing where that is all, or was agreed to by now.
    pub novelty: Option<Novelty>,
}

impl Terms {
    /// What is new and what stays, in sentences.
    pub(super) fn novelties(&self, page: &Page, novelty: &Novelty) -> Vec<String> {
        let t = page.t;
        let mut lines = Vec::new();
        let named = |family: &str, keys: &[String]| -> String {
            let names: Vec<_> = keys.iter().map(|key| t.name(family, key)).collect();
            names.join(", ")
        };
        if let Some(kind) = self.offer.partner_type() {
            match novelty.since {
                Some(since) => {
                    let date = page.date(&since);
                    lines.push(t.f("page-novelty-same-type", &[("date", date.as_str().into())]));
                }
                None => {
                    let kind = t.name("type", &kind.key);
                    lines.push(t.f("page-novelty-new-type", &[("type", kind.as_str().into())]));
                }
            }
        }
        if !novelty.other_types.is_empty() {
            let types = named("type", &novelty.other_types);
            lines.push(t.f(
                "page-novelty-other-types",
                &[("types", types.as_str().into())],
            ));
        }
        if !novelty.new_roles.is_empty() {
            let roles = named("role", &novelty.new_roles);
            lines.push(t.f(
                "page-novelty-new-roles",
                &[("roles", roles.as_str().into())],
            ));
        }
        let period = self.offer.duration().map(|duration| t.period(&duration));
        let of_role = |key: &str, (role, end): &(String, Timestamp)| {
            let (role, date) = (t.name("role", role), page.date(end));
            let period = period.as_deref().unwrap_or_default();
            let args = [
                ("role", role.as_str().into()),
                ("date", date.as_str().into()),
                ("period", period.into()),
            ];
            t.f(key, &args)
        };
        let renewed = novelty.renewed_roles.iter();
        lines.extend(renewed.map(|held| of_role("page-novelty-renewed-role", held)));
        let staying = novelty.staying_roles.iter();
        lines.extend(staying.map(|held| of_role("page-novelty-staying-role", held)));
        if let (Some(agreement), Some(consented)) = (&self.agreement, &novelty.consented) {
            let date = page.date(&consented.at);
            let args = [
                ("version", (&agreement.version).into()),
                ("before", (&consented.version).into()),
                ("date", date.as_str().into()),
            ];
            lines.push(if agreement.version == consented.version {
                t.f("page-novelty-same-agreement", &args)
            } else {
                t.f("page-novelty-newer-agreement", &args)
            });
        } else if self.agreement.is_some() {
            lines.push(t.m("page-novelty-first-agreement"));
        }
        lines
    }

    /// The roles, each with whether it is marked as privileged.
    pub(super) fn roles(&self) -> Vec<(&'static Role, bool)> {
        let keys = self.offer.roles().iter();
        keys.filter_map(|key| role(key).ok())
            .map(|role| (role, role.risk == Risk::High))
            .collect()
    }

    /// How long the roles are granted: `180일(2027년 5월 21일(금)까지 예상)`.
    pub(super) fn period(&self, page: &Page) -> Option<String> {
        let period = page.t.period(&self.offer.duration()?);
        let day = page.date(&self.expected_end?);
        let args = [("period", (&period).into()), ("day", (&day).into())];
        Some(page.t.f("period-until", &args))
    }
}

/// One version of an agreement.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// `agr_…`, as the address of its text has it.
    pub id: String,
    /// Its title, in its own language.
    pub title: String,
    /// Its version, as its publisher names it.
    pub version: String,
    /// The tag of its language.
    pub language: String,
    /// SHA-256 of its exact bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// The agreement on Microsoft's own site, where the partner gave a link.
    pub microsoft: Option<String>,
}

/// What the partner writes to the customer: plain text, no links.
#[derive(Clone, Debug)]
pub struct Note {
    /// The text; a line break is kept.
    pub text: String,
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
                display_name: name.to_owned(),
                legal_name: name.to_owned(),
                representative: None,
                registration_number: None,
                address: None,
                phone: None,
                email: None,
                website: None,
            };
            assert_eq!(partner.monogram(), expected, "{name}");
        }
    }

    #[test]
    fn a_number_is_called_by_its_digits() {
        assert_eq!(tel("+44 (0)117 496-0142"), "+4401174960142");
        assert_eq!(tel("02-555-0142"), "025550142");
    }
}
