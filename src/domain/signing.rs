//! What a signer fills in to accept: a scanner that presses buttons does not type names or tick a box.

use super::person::{FamilyName, GivenName, Phone, SignerName};
use super::text::TextError;

/// The form as it was posted.
#[derive(Clone, Debug, Default)]
pub struct AcceptForm {
    /// The box beside the agreement is ticked.
    pub agreement_read: bool,
    /// The box that lets the roles extend themselves is ticked; nobody has to.
    pub auto_extend: bool,
    /// The box "I may act for this organization" is ticked.
    pub authority: bool,
    /// Family name.
    pub family_name: String,
    /// Given name.
    pub given_name: String,
    /// Telephone; may be left out.
    pub phone: String,
}

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// The box beside the agreement.
    AgreementRead,
    /// The box about the authority to act.
    Authority,
    /// Family name.
    FamilyName,
    /// Given name.
    GivenName,
    /// Telephone.
    Phone,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Problem {
    /// Nothing was filled in, or the box is not ticked.
    Missing,
    /// More characters than fit.
    TooLong,
    /// Characters that no name, number or message has: control characters, bidi marks, fillers alone, a link.
    Unusable,
}

/// A form whose every field holds.
#[derive(Clone, Debug)]
pub struct Signature {
    /// The signer's names.
    pub name: SignerName,
    /// Their telephone.
    pub phone: Option<Phone>,
    /// Whether they let the roles extend themselves.
    pub auto_extend: bool,
}

impl AcceptForm {
    /// Reads the form; `with_agreement` when an agreement is to be accepted.
    ///
    /// # Errors
    /// Each field that does not hold, in the order of the page.
    pub fn check(&self, with_agreement: bool) -> Result<Signature, Vec<(Field, Problem)>> {
        let mut problems = Vec::new();
        if with_agreement && !self.agreement_read {
            problems.push((Field::AgreementRead, Problem::Missing));
        }
        let family: Option<FamilyName> = text(&self.family_name, Field::FamilyName, &mut problems);
        let given: Option<GivenName> = text(&self.given_name, Field::GivenName, &mut problems);
        let phone = if self.phone.trim().is_empty() {
            None
        } else {
            text::<Phone>(&self.phone, Field::Phone, &mut problems)
        };
        if !self.authority {
            problems.push((Field::Authority, Problem::Missing));
        }
        match (family, given) {
            (Some(family), Some(given)) if problems.is_empty() => Ok(Signature {
                name: SignerName { family, given },
                phone,
                auto_extend: self.auto_extend,
            }),
            _ => Err(problems),
        }
    }
}

fn text<T: std::str::FromStr<Err = TextError>>(
    given: &str,
    field: Field,
    problems: &mut Vec<(Field, Problem)>,
) -> Option<T> {
    match given.parse() {
        Ok(value) => Some(value),
        Err(error) => {
            problems.push((field, Problem::of(&error)));
            None
        }
    }
}

impl Problem {
    /// What a text's own error comes down to on a page.
    pub const fn of(error: &TextError) -> Self {
        match error {
            TextError::Empty { .. } => Self::Missing,
            TextError::TooLong { .. } | TextError::TooManyLines { .. } => Self::TooLong,
            _ => Self::Unusable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_press_of_the_button_alone_is_no_consent() {
        let problems = AcceptForm::default().check(true).unwrap_err();
        assert_eq!(
            problems,
            [
                (Field::AgreementRead, Problem::Missing),
                (Field::FamilyName, Problem::Missing),
                (Field::GivenName, Problem::Missing),
                (Field::Authority, Problem::Missing),
            ]
        );
    }

    #[test]
    fn without_an_agreement_there_is_no_box_to_tick() {
        let form = AcceptForm {
            authority: true,
            family_name: "홍".to_owned(),
            given_name: "길동".to_owned(),
            ..AcceptForm::default()
        };
        assert!(form.check(false).is_ok());
        assert_eq!(
            form.check(true).unwrap_err(),
            [(Field::AgreementRead, Problem::Missing)]
        );
    }

    #[test]
    fn a_name_of_fillers_or_with_line_breaks_is_refused() {
        for name in ["\u{3164}", "a\r\nBcc: x@y.example", "\u{202e}gnoh"] {
            let form = AcceptForm {
                authority: true,
                family_name: name.to_owned(),
                given_name: "길동".to_owned(),
                ..AcceptForm::default()
            };
            assert_eq!(
                form.check(false).unwrap_err()[0].0,
                Field::FamilyName,
                "{name:?}"
            );
        }
    }
}
