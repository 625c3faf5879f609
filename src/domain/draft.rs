//! An invitation as somebody asks for it, in words: the same checks whether it comes by command line, CSV, API or mail.
//!
//! All fields are read before anything is refused, so that one answer names every field that has to be mended.

use jiff::tz::TimeZone;

use super::address::EmailAddress;
use super::language::Language;
use super::microsoft::{Cloud, Links};
use super::offer::{Offer, OfferRequest};
use super::people::MOST_VIEWERS;
use super::person::PersonName;
use super::text::{CompanyName, Note, Reference};
use super::words::words;

words! {
    /// What kind of customer it is.
    OrganizationKind, "kind of organization" {
        /// A company, an authority, an association.
        Organization = "organization",
        /// A school or a university.
        School = "school",
    }
}

words! {
    /// By which way an invitation came.
    Source, "source" {
        /// One, at the command line.
        Cli = "cli",
        /// A row of a CSV file.
        Csv = "csv",
        /// The partner's API.
        Api = "api",
        /// A mail by the partner.
        Mail = "mail",
        /// A newer text of an agreement is in force.
        Agreement = "agreement",
        /// The demonstration.
        Demo = "demo",
        /// A business asked for it at /find-a-partner.
        Inquiry = "inquiry",
    }
}

/// An invitation in words. Empty texts count as not given.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The customer's organization or school.
    pub organization: String,
    /// `organization` (default) or `school`.
    pub organization_kind: Option<String>,
    /// `global` (default), `21vianet` or `us_gov`.
    pub cloud: Option<String>,
    /// The full name of the one who is asked.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Key of the partner type.
    pub partner_type: Option<String>,
    /// Keys of roles; `None` asks for the defaults of the type.
    pub roles: Option<Vec<String>>,
    /// ISO 8601: P1D to P2Y.
    pub duration: Option<String>,
    /// Whether the customer may let the roles extend themselves.
    pub auto_extend: bool,
    /// Whether the Microsoft Customer Agreement is offered.
    pub agreement: bool,
    /// BCP 47; the contact's, else the partner's.
    pub language: Option<String>,
    /// IANA; the contact's, the organization's, else the partner's.
    pub time_zone: Option<String>,
    /// The partner's words.
    pub note: Option<String>,
    /// The partner's own reference.
    pub reference: Option<String>,
    /// Microsoft's page to approve the roles.
    pub gdap_link: Option<String>,
    /// Microsoft's page to approve the relationship.
    pub reseller_link: Option<String>,
    /// Microsoft's page to accept the agreement.
    pub mca_link: Option<String>,
    /// For how many days it can be accepted: 1 to 90.
    pub expires_in_days: Option<u16>,
    /// Invite a recipient at the partner's own domain all the same.
    pub force: bool,
    /// Addresses of those who may read along, and not answer.
    pub viewers: Vec<String>,
}

/// A field that has to be mended, and how.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// The field as its user knows it: `email`, `partner_type` ….
    pub field: &'static str,
    /// A sentence.
    pub message: String,
}

impl std::fmt::Display for FieldError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

/// A draft whose every field holds.
#[derive(Clone, Debug)]
pub struct Request {
    /// The customer's organization or school.
    pub organization: CompanyName,
    /// What it is.
    pub organization_kind: OrganizationKind,
    /// Where its tenant lives.
    pub cloud: Cloud,
    /// Who is asked.
    pub name: PersonName,
    /// Their address.
    pub email: EmailAddress,
    /// What is offered.
    pub offer: Offer,
    /// The language, where one was asked for.
    pub language: Option<Language>,
    /// The IANA time zone, where one was asked for.
    pub time_zone: Option<String>,
    /// The partner's words.
    pub note: Option<Note>,
    /// The partner's own reference.
    pub reference: Option<Reference>,
    /// Microsoft's pages.
    pub links: Links,
    /// For how many days it can be accepted.
    pub expires_in_days: Option<u16>,
    /// Invite a recipient at the partner's own domain all the same.
    pub force: bool,
    /// Those who may read along, each once.
    pub viewers: Vec<EmailAddress>,
}

/// The longest that an invitation may wait: Microsoft's own requests lapse then.
pub const MAX_EXPIRY_DAYS: u16 = 90;

/// What was found wrong so far.
#[derive(Default)]
pub(crate) struct Errors(pub(crate) Vec<FieldError>);

impl Errors {
    /// The value, or `None` and its error kept.
    pub(crate) fn keep<T, E: std::fmt::Display>(
        &mut self,
        field: &'static str,
        result: Result<T, E>,
    ) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.0.push(FieldError {
                    field,
                    message: error.to_string(),
                });
                None
            }
        }
    }

    /// A field that may be left out.
    pub(crate) fn optional<T>(&mut self, field: &'static str, text: Option<&str>) -> Option<T>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        self.keep(field, text.parse())
    }

    /// Those who may read along, in the order in which they were named.
    fn viewers(&mut self, texts: &[String], signer: Option<&EmailAddress>) -> Vec<EmailAddress> {
        let mut viewers: Vec<EmailAddress> = Vec::new();
        let named = texts.iter().map(|text| text.trim());
        for text in named.filter(|text| !text.is_empty()) {
            let Some(viewer) = self.keep::<EmailAddress, _>("viewers", text.parse()) else {
                continue;
            };
            if Some(&viewer) == signer {
                self.0.push(FieldError {
                    field: "viewers",
                    message: "one of them is the one who is asked, who reads it anyway: leave that address out".to_owned(),
                });
            } else if !viewers.contains(&viewer) {
                viewers.push(viewer);
            }
        }
        if viewers.len() > MOST_VIEWERS {
            self.0.push(FieldError {
                field: "viewers",
                message: format!("at most {MOST_VIEWERS} may read along"),
            });
        }
        viewers
    }

    fn links(&mut self, gdap: Option<&str>, reseller: Option<&str>, mca: Option<&str>) -> Links {
        Links {
            gdap: self.optional("gdap_link", gdap),
            reseller: self.optional("reseller_link", reseller),
            mca: self.optional("mca_link", mca),
        }
    }
}

/// Reads Microsoft's links alone, as [`Draft::check`] does. Empty texts count as not given.
///
/// # Errors
/// Each link that is not of its kind, with what to do.
pub fn check_links(
    gdap: Option<&str>,
    reseller: Option<&str>,
    mca: Option<&str>,
) -> Result<Links, Vec<FieldError>> {
    let mut errors = Errors(Vec::new());
    let links = errors.links(gdap, reseller, mca);
    if errors.0.is_empty() {
        Ok(links)
    } else {
        Err(errors.0)
    }
}

impl Draft {
    /// Reads every field.
    ///
    /// # Errors
    /// Each field that does not hold, with what to do.
    pub fn check(&self) -> Result<Request, Vec<FieldError>> {
        let mut errors = Errors::default();
        let organization = errors.keep("organization", self.organization.parse());
        let organization_kind = errors
            .optional("organization_kind", self.organization_kind.as_deref())
            .unwrap_or(OrganizationKind::Organization);
        let cloud = errors
            .optional("cloud", self.cloud.as_deref())
            .unwrap_or(Cloud::Global);
        let name = errors.keep("name", self.name.parse());
        let email: Option<EmailAddress> = errors.keep("email", self.email.trim().parse());
        let viewers = errors.viewers(&self.viewers, email.as_ref());
        let duration = errors.optional("duration", self.duration.as_deref());
        let language = errors.optional("language", self.language.as_deref());
        let note = errors.optional("note", self.note.as_deref());
        let reference = errors.optional("reference", self.reference.as_deref());
        let links = errors.links(
            self.gdap_link.as_deref(),
            self.reseller_link.as_deref(),
            self.mca_link.as_deref(),
        );
        let time_zone = self
            .time_zone
            .as_deref()
            .map(str::trim)
            .filter(|zone| !zone.is_empty());
        if let Some(zone) = time_zone {
            errors.keep("time_zone", check_time_zone(zone));
        }
        if let Some(days) = self.expires_in_days
            && !(1..=MAX_EXPIRY_DAYS).contains(&days)
        {
            errors.0.push(FieldError {
                field: "expires_in_days",
                message: format!("an invitation waits between 1 and {MAX_EXPIRY_DAYS} days"),
            });
        }
        let partner_type = self
            .partner_type
            .as_deref()
            .map(str::trim)
            .filter(|key| !key.is_empty());
        let request = OfferRequest {
            catalogue: None,
            relationship: partner_type.map(str::to_owned),
            roles: self.roles.clone(),
            duration,
            auto_extend: self.auto_extend,
            agreement: self.agreement,
        };
        let offer = errors.keep("offer", Offer::new(request, cloud));
        if let Some(offer) = &offer {
            // Nobody would ever see it, and its sender would believe otherwise.
            errors
                .0
                .extend(links.without_step(offer.steps()).map(|(field, step)| {
                    FieldError {
                        field,
                        message: format!(
                            "what is offered asks for no `{step}` at Microsoft: leave the link out, or offer what it is for"
                        ),
                    }
                }));
        }
        errors
            .0
            .extend(links.of_other_clouds(cloud).map(|other| FieldError {
                field: other.field,
                message: other.to_string(),
            }));
        match (organization, name, email, offer) {
            (Some(organization), Some(name), Some(email), Some(offer)) if errors.0.is_empty() => {
                Ok(Request {
                    organization,
                    organization_kind,
                    cloud,
                    name,
                    email,
                    offer,
                    language,
                    time_zone: time_zone.map(str::to_owned),
                    note,
                    reference,
                    links,
                    expires_in_days: self.expires_in_days,
                    force: self.force,
                    viewers,
                })
            }
            _ => Err(errors.0),
        }
    }
}

/// Whether a text names a zone of the IANA database.
///
/// # Errors
/// A sentence, when it does not.
pub fn check_time_zone(name: &str) -> Result<(), String> {
    match TimeZone::get(name) {
        Ok(_) => Ok(()),
        Err(_) => {
            Err("not a time zone of the IANA database: write it like Asia/Seoul or UTC".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        Draft {
            organization: "㈜한빛상사".to_owned(),
            name: "홍길동".to_owned(),
            email: "hong@customer.example".to_owned(),
            partner_type: Some("reseller_delegated_admin".to_owned()),
            agreement: true,
            ..Draft::default()
        }
    }

    #[test]
    fn a_plain_draft_holds() {
        let request = draft().check().unwrap();
        assert_eq!(request.organization.as_str(), "㈜한빛상사");
        assert!(!request.offer.roles().is_empty());
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let wrong = Draft {
            name: "a\r\nb".to_owned(),
            email: "nobody".to_owned(),
            partner_type: Some("emperor".to_owned()),
            time_zone: Some("Mars/Olympus".to_owned()),
            expires_in_days: Some(91),
            note: Some("see https://evil.example".to_owned()),
            ..draft()
        };
        let fields: Vec<_> = wrong.check().unwrap_err().iter().map(|e| e.field).collect();
        assert_eq!(
            fields,
            [
                "name",
                "email",
                "note",
                "time_zone",
                "expires_in_days",
                "offer"
            ]
        );
    }

    #[test]
    fn a_link_of_another_cloud_names_its_field_and_the_host_that_fits() {
        let link = |host: &str| {
            let query =
                "ResellerRelationship&partnerId=3b33e682-00c3-41ee-9dd2-a548adf56438&msppId=0";
            Some(format!(
                "https://{host}/Adminportal/Home?invType={query}#/partners/invitation"
            ))
        };
        let china = Draft {
            cloud: Some("21vianet".to_owned()),
            partner_type: Some("reseller".to_owned()),
            agreement: false,
            reseller_link: link("portal.partner.microsoftonline.cn"),
            ..draft()
        };
        assert!(china.check().is_ok());
        let wrong = Draft {
            reseller_link: link("admin.microsoft.com"),
            ..china.clone()
        };
        let errors = wrong.check().unwrap_err();
        assert_eq!(
            errors[0].to_string(),
            "reseller_link: it leads to admin.microsoft.com, the admin center of the cloud global, but the organization is in the \
             cloud 21vianet: take the link that begins with https://portal.partner.microsoftonline.cn/"
        );
        let elsewhere = Draft {
            cloud: None,
            ..china
        };
        assert_eq!(elsewhere.check().unwrap_err()[0].field, "reseller_link");
    }

    #[test]
    fn an_empty_field_is_one_that_was_not_given() {
        let empty = Draft {
            note: Some("  ".to_owned()),
            language: Some(String::new()),
            ..draft()
        };
        let request = empty.check().unwrap();
        assert!(request.note.is_none() && request.language.is_none());
    }
}
