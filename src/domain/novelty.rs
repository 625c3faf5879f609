//! What an offer changes for a customer who agreed to something with the same partner before.

use std::collections::BTreeMap;

use serde::Serialize;

use super::offer::Offer;
use super::time::Timestamp;

/// A relationship that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The key of its type.
    pub partner_type: String,
    /// Since when.
    pub since: Timestamp,
    /// The keys of its roles, each with when it is expected to end.
    pub roles: Vec<(String, Timestamp)>,
}

/// A text that was consented to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Consented {
    /// Its version.
    pub version: String,
    /// When.
    pub at: Timestamp,
}

/// What is new in an offer, and what stays beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Novelty {
    /// The relationship of the same type, if it holds already.
    pub since: Option<Timestamp>,
    /// The keys of the types of other relationships; they stay.
    pub other_types: Vec<String>,
    /// The keys of roles that were not granted before.
    pub new_roles: Vec<String>,
    /// The keys of roles that are granted already, with the end that the offer replaces.
    pub renewed_roles: Vec<(String, Timestamp)>,
    /// The keys of roles that are granted and not in the offer, with their end: they stay.
    pub staying_roles: Vec<(String, Timestamp)>,
    /// The text that was consented to last.
    pub consented: Option<Consented>,
}

impl Novelty {
    /// Compares an offer with what holds; `None` where nothing was agreed upon before.
    pub fn of(offer: &Offer, held: &[Held], consented: Option<Consented>) -> Option<Self> {
        if held.is_empty() && consented.is_none() {
            return None;
        }
        let same = held
            .iter()
            .find(|held| Some(held.partner_type.as_str()) == offer.relationship());
        let others = held
            .iter()
            .filter(|held| Some(held.partner_type.as_str()) != offer.relationship());
        // A role that two relationships grant is granted until the later end.
        let mut granted: BTreeMap<&str, Timestamp> = BTreeMap::new();
        for (role, end) in held.iter().flat_map(|held| &held.roles) {
            let known = granted.entry(role).or_insert(*end);
            *known = (*known).max(*end);
        }
        let offered = offer.roles();
        let with_end = |(role, end): (&&str, &Timestamp)| ((*role).to_owned(), *end);
        let is_offered = |role: &str| offered.iter().any(|offered| offered == role);
        Some(Self {
            since: same.map(|held| held.since),
            other_types: others.map(|held| held.partner_type.clone()).collect(),
            new_roles: offered
                .iter()
                .filter(|role| !granted.contains_key(role.as_str()))
                .cloned()
                .collect(),
            renewed_roles: granted
                .iter()
                .filter(|(role, _)| is_offered(role))
                .map(with_end)
                .collect(),
            staying_roles: granted
                .iter()
                .filter(|(role, _)| !is_offered(role))
                .map(with_end)
                .collect(),
            consented,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::microsoft::Cloud;
    use crate::domain::offer::OfferRequest;

    const fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn offer(kind: &str, roles: &[&str]) -> Offer {
        let request = OfferRequest {
            relationship: Some(kind.to_owned()),
            roles: Some(roles.iter().map(|role| (*role).to_owned()).collect()),
            ..OfferRequest::default()
        };
        Offer::new(request, Cloud::Global).unwrap()
    }

    fn held(kind: &str, roles: &[(&str, i64)]) -> Held {
        Held {
            partner_type: kind.to_owned(),
            since: at(1),
            roles: roles
                .iter()
                .map(|(role, end)| ((*role).to_owned(), at(*end)))
                .collect(),
        }
    }

    #[test]
    fn nothing_is_new_to_whoever_agreed_to_nothing() {
        assert_eq!(Novelty::of(&offer("reseller", &[]), &[], None), None);
    }

    #[test]
    fn roles_are_new_renewed_or_stay() {
        let offer = offer(
            "reseller_delegated_admin",
            &["helpdesk_administrator", "license_administrator"],
        );
        let before = [
            held(
                "reseller_delegated_admin",
                &[("helpdesk_administrator", 5), ("global_reader", 6)],
            ),
            held("advisor", &[("helpdesk_administrator", 9)]),
        ];
        let novelty = Novelty::of(&offer, &before, None).unwrap();
        assert_eq!(novelty.since, Some(at(1)));
        assert_eq!(novelty.other_types, ["advisor"]);
        assert_eq!(novelty.new_roles, ["license_administrator"]);
        assert_eq!(
            novelty.renewed_roles,
            [("helpdesk_administrator".to_owned(), at(9))]
        );
        assert_eq!(novelty.staying_roles, [("global_reader".to_owned(), at(6))]);
    }

    #[test]
    fn a_consent_alone_is_something_that_was_agreed_before() {
        let consented = Consented {
            version: "2026-09".to_owned(),
            at: at(3),
        };
        let novelty = Novelty::of(&offer("reseller", &[]), &[], Some(consented.clone())).unwrap();
        assert_eq!(novelty.consented, Some(consented));
        assert_eq!((novelty.since, novelty.new_roles), (None, vec![]));
    }
}
