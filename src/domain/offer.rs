//! What an invitation offers: a relationship, roles for a time, the agreement, in any sensible combination.

use super::catalogue::{self, Catalogue, PartnerType};
use super::microsoft::{Cloud, Step};
use super::relationship::NEVER_EXTENDED;
use super::span::GrantDuration;
use super::words::{UnknownWord, words};

words! {
    /// The three shapes of an offer, each with its own page, mail and button.
    OfferKind, "kind of offer" {
        /// "Accept agreement & authorize partner".
        RelationshipAndAgreement = "relationship_and_agreement",
        /// "Authorize partner".
        RelationshipOnly = "relationship_only",
        /// "Accept".
        AgreementOnly = "agreement_only",
    }
}

/// An offer as it is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OfferRequest {
    /// The version of the catalogue; where none is named, the newest one that has the partner type.
    pub catalogue: Option<String>,
    /// Key of the partner type; none for the agreement alone.
    pub relationship: Option<String>,
    /// Keys of delegated-admin roles. None asks for the type's default roles, an empty list for no role.
    pub roles: Option<Vec<String>>,
    /// How long the roles are granted; one year where it is not said.
    pub duration: Option<GrantDuration>,
    /// Whether the customer may let the roles extend themselves.
    pub auto_extend: bool,
    /// Whether the Microsoft Customer Agreement is to be accepted.
    pub agreement: bool,
}

/// What an invitation offers. It holds together by construction, also when it is read from storage.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "OfferRequest")]
pub struct Offer {
    catalogue: String,
    relationship: Option<String>,
    roles: Vec<String>,
    duration: Option<GrantDuration>,
    auto_extend: bool,
    agreement: bool,
}

/// Why nothing sensible is offered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// Neither a relationship nor the agreement.
    #[error(
        "the offer is empty: name a partner type, ask for the Microsoft Customer Agreement, or both"
    )]
    Nothing,
    /// A version, a type or a role that is not in the catalogue.
    #[error(transparent)]
    Unknown(#[from] UnknownWord),
    /// Roles without a relationship.
    #[error(
        "the roles need a partner relationship: name a partner type that carries roles ({carrying})"
    )]
    RolesWithoutRelationship {
        /// Keys of the types that carry roles.
        carrying: String,
    },
    /// Roles with a type that carries none.
    #[error(
        "the partner type {partner_type} carries no delegated-admin roles: leave the roles out, or take one of {carrying}"
    )]
    NoDelegation {
        /// Key of the type.
        partner_type: String,
        /// Keys of the types that carry roles.
        carrying: String,
    },
    /// A duration, but no role that it could be for.
    #[error(
        "the duration is for delegated-admin roles, and none are offered: leave it out, or name roles"
    )]
    DurationWithoutRoles,
    /// Extension of roles, but no role that it could be for.
    #[error(
        "the automatic extension is for delegated-admin roles, and none are offered: leave it out, or name roles"
    )]
    ExtensionWithoutRoles,
    /// Extension of a role that is never extended by itself.
    #[error(
        "the automatic extension cannot be offered with the role {NEVER_EXTENDED}: leave it out, or ask for lesser roles"
    )]
    ExtensionOfGlobalAdministrator,
    /// The agreement, in a cloud that has none.
    #[error(
        "the cloud {0} has no Microsoft Customer Agreement: leave the agreement out of the offer"
    )]
    NoAgreementInCloud(Cloud),
    /// A partner type that is nothing but roles, in a cloud that has none.
    #[error(
        "the cloud {cloud} has no partner type {partner_type}, as it has no delegated-admin roles for a time (GDAP): take one of \
         {there}"
    )]
    NoTypeInCloud {
        /// The cloud.
        cloud: Cloud,
        /// Key of the type.
        partner_type: String,
        /// Keys of the types that there are.
        there: String,
    },
    /// Roles, in a cloud that has none.
    #[error(
        "the cloud {0} has no delegated-admin roles for a time (GDAP): offer the relationship with an empty list of roles"
    )]
    NoRolesInCloud(Cloud),
}

impl Offer {
    /// The offer that was asked for, completed with the type's default roles and the default duration.
    ///
    /// # Errors
    /// What does not hold together, is not in the catalogue, or does not exist in the customer's `cloud`.
    pub fn new(request: OfferRequest, cloud: Cloud) -> Result<Self, OfferError> {
        let offer = Self::complete(request)?;
        if let Some(kind) = offer.partner_type()
            && !kind.exists_in(cloud)
        {
            let there = offer.catalogue().types().iter();
            let there = there.filter(|it| it.exists_in(cloud));
            return Err(OfferError::NoTypeInCloud {
                cloud,
                partner_type: kind.key.clone(),
                there: there
                    .map(|it| it.key.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            });
        }
        if offer.agreement && !cloud.offers_mca() {
            return Err(OfferError::NoAgreementInCloud(cloud));
        }
        if !offer.roles.is_empty() && !cloud.offers_gdap() {
            return Err(OfferError::NoRolesInCloud(cloud));
        }
        Ok(offer)
    }

    fn complete(request: OfferRequest) -> Result<Self, OfferError> {
        let asked = request.catalogue.as_deref();
        let asked = asked.map(Catalogue::find).transpose()?;
        let catalogue = match (asked, &request.relationship) {
            (Some(catalogue), _) => catalogue,
            (None, Some(key)) => Catalogue::with_type(key)?,
            (None, None) => Catalogue::current(),
        };
        let kind = request
            .relationship
            .as_deref()
            .map(|key| catalogue.partner_type(key))
            .transpose()?;
        if kind.is_none() && !request.agreement {
            return Err(OfferError::Nothing);
        }
        let roles = choose_roles(request.roles, kind, asked)?;
        let duration = match (request.duration, roles.is_empty()) {
            (Some(_), true) => return Err(OfferError::DurationWithoutRoles),
            (None, true) => None,
            (given, false) => Some(given.unwrap_or(GrantDuration::DEFAULT)),
        };
        if request.auto_extend && roles.is_empty() {
            return Err(OfferError::ExtensionWithoutRoles);
        }
        if request.auto_extend && roles.iter().any(|role| role == NEVER_EXTENDED) {
            return Err(OfferError::ExtensionOfGlobalAdministrator);
        }
        Ok(Self {
            catalogue: catalogue.name().to_owned(),
            relationship: request.relationship,
            roles,
            duration,
            auto_extend: request.auto_extend,
            agreement: request.agreement,
        })
    }

    /// The version of the catalogue that the keys are from.
    ///
    /// # Panics
    /// Never: an offer is only made with a version that is embedded.
    pub fn catalogue(&self) -> &'static Catalogue {
        Catalogue::version(&self.catalogue).expect("an offer names a version that is embedded")
    }

    /// The partner type, unless the agreement alone is offered.
    pub fn partner_type(&self) -> Option<&'static PartnerType> {
        let key = self.relationship.as_deref()?;
        self.catalogue().partner_type(key).ok()
    }

    /// Key of the partner type, unless the agreement alone is offered.
    pub fn relationship(&self) -> Option<&str> {
        self.relationship.as_deref()
    }

    /// Keys of the delegated-admin roles, sorted, each once.
    pub fn roles(&self) -> &[String] {
        &self.roles
    }

    /// How long the roles are granted: there if and only if there are roles.
    pub const fn duration(&self) -> Option<GrantDuration> {
        self.duration
    }

    /// Whether the customer may let the roles extend themselves, by [`GrantDuration::EXTENSION`].
    pub const fn auto_extend(&self) -> bool {
        self.auto_extend
    }

    /// Whether the Microsoft Customer Agreement is to be accepted.
    pub const fn agreement(&self) -> bool {
        self.agreement
    }

    /// Which of the three shapes it has.
    pub const fn kind(&self) -> OfferKind {
        match (&self.relationship, self.agreement) {
            (Some(_), true) => OfferKind::RelationshipAndAgreement,
            (Some(_), false) => OfferKind::RelationshipOnly,
            (None, _) => OfferKind::AgreementOnly,
        }
    }

    /// The steps on Microsoft's side that it leaves to the customer, in their order.
    pub fn steps(&self) -> impl Iterator<Item = Step> {
        [
            (self.agreement, Step::Mca),
            (
                self.partner_type().is_some_and(|kind| kind.sells),
                Step::Relationship,
            ),
            (!self.roles.is_empty(), Step::Gdap),
        ]
        .into_iter()
        .filter_map(|(is_needed, step)| is_needed.then_some(step))
    }

    /// A text that two offers share if and only if they are equal, for a unique index: below 700 characters of ASCII,
    /// mostly below 100, such as `2025/advisor/helpdesk_administrator/P1Y/mca`; a plus after the duration is its extension.
    pub fn key(&self) -> String {
        // No part can hold a separator: keys are words in lower case, and a duration is letters and digits.
        let extended = if self.auto_extend { "+" } else { "" };
        let duration = self
            .duration
            .map(|duration| format!("{duration}{extended}"));
        [
            self.catalogue.as_str(),
            self.relationship.as_deref().unwrap_or("-"),
            &self.roles.join("+"),
            duration.as_deref().unwrap_or("-"),
            if self.agreement { "mca" } else { "-" },
        ]
        .join("/")
    }
}

/// Reads a stored offer. The cloud is not looked at again: it was when the offer was made.
impl TryFrom<OfferRequest> for Offer {
    type Error = OfferError;

    fn try_from(stored: OfferRequest) -> Result<Self, Self::Error> {
        Self::complete(stored)
    }
}

fn choose_roles(
    asked: Option<Vec<String>>,
    kind: Option<&PartnerType>,
    version: Option<&'static Catalogue>,
) -> Result<Vec<String>, OfferError> {
    let mut roles = match (asked, kind) {
        (Some(roles), _) => roles,
        (None, Some(kind)) => kind.default_roles.clone(),
        (None, None) => Vec::new(),
    };
    for key in &roles {
        catalogue::role(key)?;
    }
    roles.sort_unstable();
    roles.dedup();
    match kind {
        _ if roles.is_empty() => Ok(roles),
        Some(kind) if kind.carries_roles() => Ok(roles),
        Some(kind) => Err(OfferError::NoDelegation {
            partner_type: kind.key.clone(),
            carrying: carrying_roles(version),
        }),
        None => Err(OfferError::RolesWithoutRelationship {
            carrying: carrying_roles(version),
        }),
    }
}

/// The types that carry roles, of one version or of all.
fn carrying_roles(version: Option<&'static Catalogue>) -> String {
    let types: Vec<&PartnerType> = match version {
        Some(version) => version.types().iter().collect(),
        None => catalogue::types().map(|(_, kind)| kind).collect(),
    };
    let carrying = types.into_iter().filter(|kind| kind.carries_roles());
    let keys: Vec<_> = carrying.map(|kind| kind.key.as_str()).collect();
    keys.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn asking(relationship: &str) -> OfferRequest {
        OfferRequest {
            relationship: Some(relationship.to_owned()),
            ..OfferRequest::default()
        }
    }

    fn keys(keys: &[&str]) -> Vec<String> {
        keys.iter().map(|&key| key.to_owned()).collect()
    }

    fn refusal(request: OfferRequest, cloud: Cloud) -> String {
        Offer::new(request, cloud).unwrap_err().to_string()
    }

    #[test]
    fn what_is_not_said_is_completed_from_the_type() {
        let offer = Offer::new(asking("delegated_admin"), Cloud::Global).unwrap();
        assert_eq!(
            offer.roles(),
            ["global_administrator", "helpdesk_administrator"]
        );
        assert_eq!(offer.duration(), Some(GrantDuration::DEFAULT));
        assert_eq!(offer.catalogue().name(), "2020");
        assert_eq!(offer.partner_type().unwrap().key, "delegated_admin");
        let offer = Offer::new(asking("reseller"), Cloud::Global).unwrap();
        assert_eq!((offer.roles().len(), offer.duration()), (0, None));
    }

    #[test]
    fn roles_are_sorted_and_stand_once_or_are_left_out_on_purpose() {
        let request = OfferRequest {
            roles: Some(keys(&[
                "user_administrator",
                "global_reader",
                "user_administrator",
            ])),
            duration: Some("P180D".parse().unwrap()),
            ..asking("advisor")
        };
        let offer = Offer::new(request, Cloud::Global).unwrap();
        assert_eq!(offer.roles(), ["global_reader", "user_administrator"]);
        assert_eq!(
            offer.key(),
            "2025/advisor/global_reader+user_administrator/P180D/-"
        );
        let emptied = OfferRequest {
            roles: Some(keys(&[])),
            ..asking("advisor")
        };
        assert_eq!(
            Offer::new(emptied, Cloud::Global).unwrap().key(),
            "2025/advisor//-/-"
        );
    }

    #[test]
    fn each_kind_follows_from_what_is_offered() {
        let both = OfferRequest {
            agreement: true,
            ..asking("reseller")
        };
        let agreement = OfferRequest {
            agreement: true,
            ..OfferRequest::default()
        };
        for (request, kind) in [
            (both, OfferKind::RelationshipAndAgreement),
            (asking("lob_partner"), OfferKind::RelationshipOnly),
            (agreement, OfferKind::AgreementOnly),
        ] {
            assert_eq!(
                Offer::new(request, Cloud::UsGovernment).unwrap().kind(),
                kind
            );
        }
    }

    #[test]
    fn what_does_not_hold_together_is_refused_with_its_reason() {
        let agreement = OfferRequest {
            agreement: true,
            ..OfferRequest::default()
        };
        let with_roles = |request: OfferRequest| OfferRequest {
            roles: Some(keys(&["global_reader"])),
            ..request
        };
        let with_duration = |request: OfferRequest| OfferRequest {
            duration: Some(GrantDuration::DEFAULT),
            ..request
        };
        let empty = "the offer is empty: name a partner type";
        let carrying = "gdap_partner, partner, advisor, delegated_admin, reseller_delegated_admin";
        let alone = format!("name a partner type that carries roles ({carrying})");
        let bare = format!(
            "the partner type reseller carries no delegated-admin roles: leave the roles out, or take one of {carrying}"
        );
        let idle = "the duration is for delegated-admin roles, and none are offered";
        for (request, reason) in [
            (OfferRequest::default(), empty),
            (with_roles(OfferRequest::default()), empty),
            (with_roles(agreement.clone()), &alone),
            (with_roles(asking("reseller")), &bare),
            (with_duration(asking("reseller")), idle),
            (with_duration(agreement), idle),
        ] {
            let refusal = refusal(request, Cloud::Global);
            assert!(refusal.contains(reason), "{refusal}");
        }
        let extended = |request: OfferRequest| OfferRequest {
            auto_extend: true,
            ..request
        };
        assert!(
            refusal(extended(asking("reseller")), Cloud::Global)
                .contains("the automatic extension is for delegated-admin roles")
        );
        assert_eq!(
            refusal(extended(asking("delegated_admin")), Cloud::Global),
            "the automatic extension cannot be offered with the role global_administrator: leave it out, or ask for lesser roles"
        );
        let lesser = Offer::new(extended(asking("advisor")), Cloud::Global).unwrap();
        assert_eq!(lesser.key(), "2025/advisor/helpdesk_administrator/P1Y+/-");
        let unknown_role = OfferRequest {
            roles: Some(keys(&["god"])),
            ..asking("advisor")
        };
        assert!(refusal(unknown_role, Cloud::Global).starts_with("`god` is no role: take one of "));
        assert!(
            refusal(asking("vendor"), Cloud::Global)
                .starts_with("`vendor` is no partner type: take one of ")
        );
        let unknown_version = OfferRequest {
            catalogue: Some("1999".to_owned()),
            ..asking("advisor")
        };
        assert!(
            refusal(unknown_version, Cloud::Global).starts_with("`1999` is no catalogue version")
        );
    }

    #[test]
    fn china_takes_a_relationship_and_nothing_more() {
        let cloud = Cloud::China21Vianet;
        assert!(Offer::new(asking("reseller"), cloud).is_ok());
        let emptied = OfferRequest {
            roles: Some(keys(&[])),
            ..asking("delegated_admin")
        };
        assert!(Offer::new(emptied, cloud).is_ok());
        let agreement = OfferRequest {
            agreement: true,
            ..asking("reseller")
        };
        assert_eq!(
            refusal(agreement, cloud),
            "the cloud 21vianet has no Microsoft Customer Agreement: leave the agreement out of the offer"
        );
        assert_eq!(
            refusal(asking("delegated_admin"), cloud),
            "the cloud 21vianet has no delegated-admin roles for a time (GDAP): offer the relationship with an empty list of roles"
        );
        let bare = OfferRequest {
            roles: Some(keys(&[])),
            ..asking("gdap_partner")
        };
        assert_eq!(
            refusal(bare, cloud),
            "the cloud 21vianet has no partner type gdap_partner, as it has no delegated-admin roles for a time (GDAP): take one of \
             reseller, indirect_reseller, partner, advisor, isv, lob_partner, mpsa_partner, oem"
        );
        let others = catalogue::types().filter(|(_, kind)| !kind.gdap_alone);
        for (version, kind) in others {
            let bare = OfferRequest {
                catalogue: Some(version.name().to_owned()),
                roles: Some(keys(&[])),
                ..asking(&kind.key)
            };
            let offer = Offer::new(bare, cloud).unwrap();
            assert!(
                offer.steps().all(|step| step == Step::Relationship),
                "{offer:?}"
            );
        }
    }

    #[test]
    fn a_stored_offer_is_checked_when_it_is_read() {
        let offer = Offer::new(asking("advisor"), Cloud::Global).unwrap();
        let json = serde_json::to_string(&offer).unwrap();
        assert_eq!(
            json,
            r#"{"catalogue":"2025","relationship":"advisor","roles":["helpdesk_administrator"],"duration":"P1Y","auto_extend":false,"agreement":false}"#
        );
        assert_eq!(serde_json::from_str::<Offer>(&json).unwrap(), offer);
        assert!(serde_json::from_str::<Offer>(&json.replace("advisor", "reseller")).is_err());
        assert!(serde_json::from_str::<Offer>(&json.replace("P1Y", "P9Y")).is_err());
    }

    fn requests() -> impl Strategy<Value = OfferRequest> {
        let types = catalogue::types().map(|(_, kind)| kind.key.clone());
        let keys: Vec<String> = catalogue::roles()
            .iter()
            .map(|role| role.key.clone())
            .collect();
        (
            prop::option::of(prop::sample::select(types.collect::<Vec<_>>())),
            prop::option::of(prop::collection::vec(prop::sample::select(keys), 0..4)),
            prop::option::of(prop::sample::select(vec!["P1D", "P1M", "P30D", "P1Y"])),
            any::<bool>(),
        )
            .prop_map(|(relationship, roles, duration, agreement)| OfferRequest {
                auto_extend: roles.as_ref().is_some_and(|roles| roles.len() == 1),
                catalogue: None,
                relationship,
                roles,
                duration: duration.map(|text| text.parse().unwrap()),
                agreement,
            })
    }

    proptest! {
        #[test]
        fn keys_are_equal_exactly_where_offers_are(left in requests(), right in requests()) {
            if let (Ok(left), Ok(right)) = (Offer::new(left, Cloud::Global), Offer::new(right, Cloud::Global)) {
                prop_assert_eq!(left == right, left.key() == right.key());
            }
        }

        #[test]
        fn an_offer_reads_back_and_holds_together(request in requests()) {
            if let Ok(offer) = Offer::new(request, Cloud::Global) {
                let json = serde_json::to_string(&offer).unwrap();
                prop_assert_eq!(&serde_json::from_str::<Offer>(&json).unwrap(), &offer);
                prop_assert_eq!(offer.duration().is_some(), !offer.roles().is_empty());
                prop_assert!(offer.roles().is_empty() || offer.partner_type().unwrap().carries_roles());
                prop_assert!(offer.agreement() || offer.relationship().is_some());
                prop_assert!(offer.key().len() < 700);
            }
        }
    }
}
