//! An inquiry: a business that looks for a partner says what it needs, and confirms by mail that it was its own mailbox that
//! asked. Nothing goes to a partner before that.

use super::address::{AddressError, EmailAddress};
use super::person::{PersonName, Phone};
use super::profile::OrganizationSize;
use super::signing::Problem;
use super::text::{CompanyName, Content, Policy, TextError, texts};
use super::time::{DAY, Timestamp};
use super::words::words;

words! {
    /// What a business needs of a partner.
    Need, "need" {
        /// Licences.
        Licences = "licences",
        /// Somebody who runs its products and services.
        Manage = "manage",
        /// Somebody who answers support cases and resets passwords.
        Support = "support",
        /// An app of its own.
        App = "app",
        /// Devices that are registered for Windows Autopilot.
        Devices = "devices",
        /// Something else.
        Other = "other",
    }
}

impl Need {
    /// Key of the partner type that serves it, in the current catalogue.
    pub const fn partner_type(self) -> &'static str {
        match self {
            Self::Licences => "reseller",
            Self::Manage => "gdap_partner",
            Self::Support => "advisor",
            Self::App => "lob_partner",
            Self::Devices => "oem",
            Self::Other => "partner",
        }
    }
}

/// Key of the partner type that is proposed for these needs: of several, the one without which most would stay undone. Whoever
/// wants licences, too, is led to one that sells. The partner may choose another one, and the customer sees which.
pub fn proposed_type(needs: &[Need]) -> &'static str {
    let wants = |need: Need| needs.contains(&need);
    if wants(Need::Licences) && (wants(Need::Manage) || wants(Need::Support)) {
        return "indirect_reseller";
    }
    let by_weight = [
        Need::Manage,
        Need::Support,
        Need::Licences,
        Need::App,
        Need::Devices,
    ];
    let first = by_weight.into_iter().find(|need| wants(*need));
    first.unwrap_or(Need::Other).partner_type()
}

words! {
    /// Where an inquiry stands.
    InquiryState, "state of an inquiry" {
        /// Its mailbox has not confirmed it.
        Unconfirmed = "unconfirmed",
        /// It went to the partners.
        Confirmed = "confirmed",
    }
}

/// For how long an inquiry may be confirmed; then it is deleted.
pub const CONFIRMED_WITHIN: i64 = 2 * DAY;

/// For how long a partner may answer.
pub const ANSWERED_WITHIN: i64 = 30 * DAY;

/// Inquiries by one mailbox within a day: each sends it a mail, and anybody may type any address.
pub const A_DAY_BY_ADDRESS: i64 = 3;

/// Confirmed inquiries to one partner within a day: what its people can read.
pub const A_DAY_TO_PARTNER: i64 = 50;

/// The most partners that one inquiry goes to.
pub const MOST_PARTNERS: usize = 5;

texts! {
    /// What a business says of its needs: at most 1,000 characters and 20 lines, without links.
    NeedText = Policy { what: "the text", max: 1000, lines: 20, content: Content::Unlinked };
}

/// The form as it was posted.
#[derive(Clone, Debug, Default)]
pub struct InquiryForm {
    /// The business.
    pub organization: String,
    /// Who asks.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Telephone; may be left out.
    pub phone: String,
    /// How many people work there: a word of [`OrganizationSize`].
    pub size: String,
    /// Words of [`Need`].
    pub needs: Vec<String>,
    /// More of it; may be left out.
    pub text: String,
}

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// The business.
    Organization,
    /// Who asks.
    Name,
    /// Their address.
    Email,
    /// Telephone.
    Phone,
    /// How many people work there.
    Size,
    /// What is needed.
    Needs,
    /// More of it.
    Text,
}

/// A form whose every field holds.
#[derive(Clone, Debug)]
pub struct Inquiry {
    /// The business.
    pub organization: CompanyName,
    /// Who asks.
    pub name: PersonName,
    /// Their address.
    pub email: EmailAddress,
    /// Telephone.
    pub phone: Option<Phone>,
    /// How many people work there.
    pub size: OrganizationSize,
    /// What is needed: at least one, each once, in their order.
    pub needs: Vec<Need>,
    /// More of it.
    pub text: Option<NeedText>,
}

impl InquiryForm {
    /// Reads every field.
    ///
    /// # Errors
    /// Each field that does not hold, in the order of the page.
    pub fn check(&self) -> Result<Inquiry, Vec<(Field, Problem)>> {
        let mut problems = Vec::new();
        let mut of = |field: Field, problem: Problem| problems.push((field, problem));
        let mut needs: Vec<Need> = Vec::new();
        for word in &self.needs {
            match word.parse() {
                Ok(need) if !needs.contains(&need) => needs.push(need),
                Ok(_) => {}
                Err(_) => of(Field::Needs, Problem::Unusable),
            }
        }
        needs.sort_unstable();
        if self.needs.is_empty() {
            of(Field::Needs, Problem::Missing);
        }
        let mut text_of = |field: Field, error: &TextError| of(field, Problem::of(error));
        let text = optional(&self.text, |error| text_of(Field::Text, error));
        let organization: Result<CompanyName, _> = self.organization.parse();
        let organization = organization
            .inspect_err(|error| text_of(Field::Organization, error))
            .ok();
        let size = self.size.parse::<OrganizationSize>().ok();
        if size.is_none() {
            problems.push((Field::Size, unknown(&self.size)));
        }
        let name: Result<PersonName, _> = self.name.parse();
        let name = name
            .inspect_err(|error| problems.push((Field::Name, Problem::of(error))))
            .ok();
        let email: Result<EmailAddress, AddressError> = self.email.trim().parse();
        if email.is_err() {
            problems.push((Field::Email, unknown(&self.email)));
        }
        let phone = optional(&self.phone, |error| {
            problems.push((Field::Phone, Problem::of(error)));
        });
        match (organization, name, email, size) {
            (Some(organization), Some(name), Ok(email), Some(size)) if problems.is_empty() => {
                Ok(Inquiry {
                    organization,
                    name,
                    email,
                    phone,
                    size,
                    needs,
                    text,
                })
            }
            _ => Err(problems),
        }
    }
}

/// What is wrong with a text that is not what its field takes.
fn unknown(text: &str) -> Problem {
    if text.trim().is_empty() {
        Problem::Missing
    } else {
        Problem::Unusable
    }
}

/// A field that may be left out.
fn optional<T: std::str::FromStr<Err = TextError>>(
    text: &str,
    wrong: impl FnOnce(&TextError),
) -> Option<T> {
    if text.trim().is_empty() {
        return None;
    }
    text.parse().inspect_err(wrong).ok()
}

/// Whether an inquiry of that state may be confirmed at `now`.
///
/// # Errors
/// Why not.
pub fn may_confirm(
    state: InquiryState,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<(), Unconfirmable> {
    match state {
        InquiryState::Confirmed => Err(Unconfirmable::Confirmed),
        InquiryState::Unconfirmed if now >= expires_at => Err(Unconfirmable::Expired),
        InquiryState::Unconfirmed => Ok(()),
    }
}

/// Why an inquiry is not confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unconfirmable {
    /// It is already.
    #[error("the inquiry is confirmed already")]
    Confirmed,
    /// Its time is over.
    #[error("the inquiry has expired: ask again")]
    Expired,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::Catalogue;

    fn form() -> InquiryForm {
        InquiryForm {
            organization: "㈜가온물산".to_owned(),
            name: "박지훈".to_owned(),
            email: " jihun@gaon.example ".to_owned(),
            phone: String::new(),
            size: "50-249".to_owned(),
            needs: ["support", "licences", "support"]
                .map(str::to_owned)
                .to_vec(),
            text: " ".to_owned(),
        }
    }

    #[test]
    fn a_form_is_read_and_its_needs_stand_once() {
        let inquiry = form().check().unwrap();
        assert_eq!(inquiry.needs, [Need::Licences, Need::Support]);
        assert_eq!(inquiry.email.as_str(), "jihun@gaon.example");
        assert!(inquiry.phone.is_none() && inquiry.text.is_none());
    }

    #[test]
    fn each_field_that_does_not_hold_is_named() {
        let empty = InquiryForm::default().check().unwrap_err();
        let missing = |field| (field, Problem::Missing);
        let fields = [
            Field::Needs,
            Field::Organization,
            Field::Size,
            Field::Name,
            Field::Email,
        ];
        assert_eq!(empty, fields.map(missing));
        let wrong = InquiryForm {
            name: "\u{202e}".to_owned(),
            email: "nobody".to_owned(),
            phone: "call me".to_owned(),
            size: "many".to_owned(),
            needs: vec!["everything".to_owned()],
            text: "see www.example.com".to_owned(),
            ..form()
        };
        let problems = wrong.check().unwrap_err();
        let fields: Vec<_> = problems.iter().map(|(field, _)| *field).collect();
        let all = [
            Field::Needs,
            Field::Text,
            Field::Size,
            Field::Name,
            Field::Email,
            Field::Phone,
        ];
        assert_eq!(fields, all);
        assert!(
            problems
                .iter()
                .all(|(_, problem)| *problem == Problem::Unusable)
        );
        let long = InquiryForm {
            text: "가".repeat(1_001),
            ..form()
        };
        assert_eq!(long.check().unwrap_err(), [(Field::Text, Problem::TooLong)]);
    }

    #[test]
    fn every_need_proposes_a_type_of_the_current_catalogue() {
        for need in Need::ALL {
            let key = proposed_type(&[*need]);
            assert!(Catalogue::current().partner_type(key).is_ok(), "{key}");
        }
        assert_eq!(
            proposed_type(&[Need::Manage, Need::Support]),
            "gdap_partner"
        );
        for others in [&[Need::Manage][..], &[Need::Support], &[Need::App], &[]] {
            let key = proposed_type(&[&[Need::Licences], others].concat());
            let kind = Catalogue::current().partner_type(key).unwrap();
            assert!(kind.sells, "{key} sells no licences");
        }
        assert_eq!(proposed_type(&[]), "partner");
    }

    #[test]
    fn an_inquiry_is_confirmed_once_and_in_time() {
        let at = Timestamp::from_micros;
        let may = |state, now| may_confirm(state, at(10), at(now));
        assert_eq!(may(InquiryState::Unconfirmed, 9), Ok(()));
        assert_eq!(
            may(InquiryState::Unconfirmed, 10),
            Err(Unconfirmable::Expired)
        );
        assert_eq!(
            may(InquiryState::Confirmed, 9),
            Err(Unconfirmable::Confirmed)
        );
    }
}
