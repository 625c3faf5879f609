//! Partner types and delegated-admin roles: versioned data, not code.
//!
//! Microsoft's list of partner types changes every few years, and an invitation keeps the version that it was made with.
//! A version is one TOML file of types; the roles are shared, because their ids do not change. Descriptions for people
//! are Fluent messages; the English names here serve the command line and JSON.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;
use uuid::Uuid;

use super::microsoft::Cloud;
use super::words::{UnknownWord, words};

words! {
    /// How much harm a role can do in the wrong hands.
    Risk, "risk" {
        /// Reads the directory or works on support cases.
        Low = "low",
        /// Opens a whole service's data.
        Medium = "medium",
        /// Marked as privileged by Microsoft: leads to other accounts' credentials.
        High = "high",
    }
}

/// A delegated-admin role: one of Microsoft Entra's built-in roles.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// The key that is stored and typed: `helpdesk_administrator`.
    pub key: String,
    /// Microsoft's English name.
    pub name: String,
    /// Microsoft's `roleDefinitionId`.
    pub template_id: Uuid,
    /// How much harm it can do.
    pub risk: Risk,
}

/// A kind of partner in one version of the catalogue.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a column of the table that it is read from"
)]
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerType {
    /// The key that is stored and typed: `reseller_delegated_admin`.
    pub key: String,
    /// Microsoft's English name.
    pub name: String,
    /// Whether it sells products to the customer.
    pub sells: bool,
    /// Whether it manages the customer's products and services.
    pub manages: bool,
    /// Keys of the delegated-admin roles that are offered when none are named.
    pub default_roles: Vec<String>,
    /// Key of the type that remains when the customer removes the roles; nothing where the type carries none.
    pub without_roles: Option<String>,
    /// Whether the customer can end the relationship without the partner.
    pub customer_may_delete: bool,
    /// Whether it is nothing but delegated-admin roles for a time (GDAP).
    #[serde(default)]
    pub gdap_alone: bool,
}

impl PartnerType {
    /// Whether there are such partners in that cloud.
    pub const fn exists_in(&self, cloud: Cloud) -> bool {
        !self.gdap_alone || cloud.offers_gdap()
    }

    /// Whether delegated-admin roles can be offered with it.
    pub const fn carries_roles(&self) -> bool {
        self.without_roles.is_some()
    }
}

/// One version of the catalogue.
#[derive(Debug)]
pub struct Catalogue {
    name: &'static str,
    types: Vec<PartnerType>,
}

/// The versions in order, the current one last.
static CATALOGUES: LazyLock<Vec<Catalogue>> = LazyLock::new(|| {
    let versions = [
        ("2020", include_str!("2020.toml")),
        ("2025", include_str!("2025.toml")),
    ];
    let read = |text| parse::<Types>(text).and_then(|types| check_types(types.types));
    versions
        .into_iter()
        .map(|(name, text)| Catalogue {
            name,
            types: embedded(read(text)),
        })
        .collect()
});

static ROLES: LazyLock<Vec<Role>> = LazyLock::new(|| {
    embedded(parse::<Roles>(include_str!("roles.toml")).and_then(|roles| check_roles(roles.roles)))
});

impl Catalogue {
    /// The version of that name, such as "2020".
    pub fn version(name: &str) -> Option<&'static Self> {
        CATALOGUES.iter().find(|catalogue| catalogue.name == name)
    }

    /// The version of that name.
    ///
    /// # Errors
    /// An unknown one, with the known ones.
    pub fn find(name: &str) -> Result<&'static Self, UnknownWord> {
        let known = || CATALOGUES.iter().map(Self::name);
        Self::version(name).ok_or_else(|| UnknownWord::new("catalogue version", name, known()))
    }

    /// The newest version.
    ///
    /// # Panics
    /// Never: a version is embedded, and a test parses it.
    pub fn current() -> &'static Self {
        CATALOGUES.last().expect("at least one version is embedded")
    }

    /// The newest version that has a partner type of that key: what Microsoft lists no longer may still be asked for.
    ///
    /// # Errors
    /// A type that no version has, with the known ones.
    pub fn with_type(key: &str) -> Result<&'static Self, UnknownWord> {
        let has = |version: &&Self| version.types.iter().any(|kind| kind.key == key);
        let known = || types().map(|(_, kind)| kind.key.as_str());
        let found = CATALOGUES.iter().rev().find(has);
        found.ok_or_else(|| UnknownWord::new("partner type", key, known()))
    }

    /// Every version, the newest last.
    pub fn all() -> &'static [Self] {
        &CATALOGUES
    }

    /// The version's name.
    pub fn name(&self) -> &str {
        self.name
    }

    /// Every partner type, in the order to show them.
    pub fn types(&self) -> &[PartnerType] {
        &self.types
    }

    /// The partner type of that key.
    ///
    /// # Errors
    /// An unknown one, with the known ones.
    pub fn partner_type(&self, key: &str) -> Result<&PartnerType, UnknownWord> {
        let known = || self.types.iter().map(|kind| kind.key.as_str());
        self.types
            .iter()
            .find(|kind| kind.key == key)
            .ok_or_else(|| UnknownWord::new("partner type", key, known()))
    }
}

/// Every partner type as the newest version that has it lists it, with that version: those of the current version first.
pub fn types() -> impl Iterator<Item = (&'static Catalogue, &'static PartnerType)> {
    let mut seen = HashSet::new();
    let all = CATALOGUES.iter().rev();
    all.flat_map(|version| version.types.iter().map(move |kind| (version, kind)))
        .filter(move |(_, kind)| seen.insert(kind.key.as_str()))
}

/// Every role, in the order to show them.
pub fn roles() -> &'static [Role] {
    &ROLES
}

/// The role of that key.
///
/// # Errors
/// An unknown one, with the known ones.
pub fn role(key: &str) -> Result<&'static Role, UnknownWord> {
    find_role(&ROLES, key)
}

fn find_role<'a>(roles: &'a [Role], key: &str) -> Result<&'a Role, UnknownWord> {
    let known = || roles.iter().map(|role| role.key.as_str());
    roles
        .iter()
        .find(|role| role.key == key)
        .ok_or_else(|| UnknownWord::new("role", key, known()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Types {
    #[serde(rename = "type")]
    types: Vec<PartnerType>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Roles {
    #[serde(rename = "role")]
    roles: Vec<Role>,
}

fn parse<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| error.to_string())
}

fn embedded<T>(read: Result<T, String>) -> T {
    read.unwrap_or_else(|error| panic!("the embedded catalogue is broken: {error}"))
}

fn check_types(types: Vec<PartnerType>) -> Result<Vec<PartnerType>, String> {
    check_keys(types.iter().map(|kind| kind.key.as_str()))?;
    for kind in &types {
        let key = &kind.key;
        for role_key in &kind.default_roles {
            role(role_key).map_err(|error| format!("{key}: {error}"))?;
        }
        if !kind.default_roles.is_empty() && !kind.carries_roles() {
            return Err(format!("{key}: default_roles need without_roles"));
        }
        if let Some(rest) = &kind.without_roles
            && !types.iter().any(|other| other.key == *rest)
        {
            return Err(format!("{key}: without_roles names no type"));
        }
    }
    Ok(types)
}

fn check_roles(roles: Vec<Role>) -> Result<Vec<Role>, String> {
    check_keys(roles.iter().map(|role| role.key.as_str()))?;
    let mut ids = HashSet::new();
    match roles.iter().find(|role| !ids.insert(role.template_id)) {
        Some(role) => Err(format!("{}: its template_id stands twice", role.key)),
        None => Ok(roles),
    }
}

/// Keys become parts of Fluent ids and of an offer's key: lower-case words joined by `_`.
fn check_keys<'a>(keys: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = HashSet::new();
    for key in keys {
        let shaped = !key.is_empty()
            && key
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if !shaped || !seen.insert(key) {
            return Err(format!("`{key}` stands twice or is not in lower_case"));
        }
    }
    if seen.is_empty() {
        return Err("nothing in it".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Key, sells, manages, default roles, what remains without them, whether the customer may delete it.
    type Row = (
        &'static str,
        bool,
        bool,
        &'static [&'static str],
        Option<&'static str>,
        bool,
    );

    #[test]
    fn the_catalogue_of_2020_is_as_documented() {
        const ADMIN: &[&str] = &["global_administrator", "helpdesk_administrator"];
        let expected: [Row; 8] = [
            ("reseller", true, false, &[], None, false),
            (
                "delegated_admin",
                false,
                true,
                ADMIN,
                Some("delegated_admin"),
                true,
            ),
            (
                "reseller_delegated_admin",
                true,
                true,
                ADMIN,
                Some("reseller"),
                false,
            ),
            ("partner", false, false, &[], None, false),
            (
                "advisor",
                false,
                false,
                &["helpdesk_administrator"],
                Some("advisor"),
                true,
            ),
            ("mpsa_partner", false, false, &[], None, false),
            ("oem_pc_partner", false, false, &[], None, false),
            ("lob_partner", false, false, &[], None, false),
        ];
        let types = Catalogue::version("2020").unwrap().types();
        assert_eq!(types.len(), expected.len());
        for (kind, (key, sells, manages, roles, rest, may_delete)) in types.iter().zip(expected) {
            assert_eq!(kind.key, key);
            assert_eq!((kind.sells, kind.manages), (sells, manages), "{key}");
            assert_eq!(kind.default_roles, roles, "{key}");
            assert_eq!(kind.without_roles.as_deref(), rest, "{key}");
            assert_eq!(kind.customer_may_delete, may_delete, "{key}");
        }
    }

    #[test]
    fn the_catalogue_of_2025_is_as_documented() {
        let types = Catalogue::version("2025").unwrap().types();
        let found: Vec<_> = types
            .iter()
            .map(|kind| (kind.key.as_str(), kind.carries_roles()))
            .collect();
        assert_eq!(
            found,
            [
                ("reseller", false),
                ("indirect_reseller", false),
                ("gdap_partner", true),
                ("partner", true),
                ("advisor", true),
                ("isv", false),
                ("lob_partner", false),
                ("mpsa_partner", false),
                ("oem", false),
            ]
        );
        assert!(types.iter().all(|kind| !kind.customer_may_delete));
    }

    #[test]
    fn global_administrator_is_a_default_of_the_classic_delegated_types_alone() {
        let with_it: Vec<_> = Catalogue::all()
            .iter()
            .flat_map(|version| {
                version
                    .types()
                    .iter()
                    .map(move |kind| (version.name(), kind))
            })
            .filter(|(_, kind)| {
                kind.default_roles
                    .iter()
                    .any(|role| role == "global_administrator")
            })
            .map(|(version, kind)| (version, kind.key.as_str()))
            .collect();
        assert_eq!(
            with_it,
            [
                ("2020", "delegated_admin"),
                ("2020", "reseller_delegated_admin")
            ]
        );
    }

    #[test]
    fn a_type_is_taken_from_the_newest_version_that_has_it() {
        for (key, version) in [
            ("advisor", "2025"),
            ("gdap_partner", "2025"),
            ("delegated_admin", "2020"),
            ("oem_pc_partner", "2020"),
        ] {
            assert_eq!(Catalogue::with_type(key).unwrap().name(), version, "{key}");
        }
        let all: Vec<_> = types().map(|(_, kind)| kind.key.as_str()).collect();
        assert_eq!(all.len(), 12);
        assert_eq!((all[0], all[9]), ("reseller", "delegated_admin"));
    }

    #[test]
    fn every_role_has_its_id_and_risk() {
        assert_eq!(roles().len(), 20);
        let role = role("global_administrator").unwrap();
        assert_eq!(
            role.template_id.to_string(),
            "62e90394-69f5-4237-9190-012177145e10"
        );
        assert_eq!(role.risk, Risk::High);
        let low: Vec<_> = roles()
            .iter()
            .filter(|role| role.risk == Risk::Low)
            .map(|role| role.key.as_str())
            .collect();
        assert_eq!(
            low,
            [
                "directory_readers",
                "service_support_administrator",
                "license_administrator"
            ]
        );
        for role in roles() {
            assert_eq!(role.key, role.name.to_lowercase().replace(' ', "_"));
        }
    }

    #[test]
    fn an_unknown_key_is_answered_with_the_known_ones() {
        let error = Catalogue::with_type("resellr").unwrap_err().to_string();
        assert!(
            error.starts_with(
                "`resellr` is no partner type: take one of reseller, indirect_reseller, "
            ) && error.contains("delegated_admin"),
            "{error}"
        );
        let error = role("admin").unwrap_err().to_string();
        assert!(
            error.starts_with("`admin` is no role: take one of global_administrator, "),
            "{error}"
        );
        let error = Catalogue::find("1999").unwrap_err().to_string();
        assert_eq!(
            error,
            "`1999` is no catalogue version: take one of 2020, 2025"
        );
    }

    #[test]
    fn every_embedded_version_parses_and_the_newest_is_current() {
        assert!(Catalogue::all().is_sorted_by_key(Catalogue::name));
        assert_eq!(
            Catalogue::current().name(),
            Catalogue::all().last().unwrap().name()
        );
    }

    #[test]
    fn a_broken_version_is_found() {
        let types = |text: &str| parse::<Types>(text).and_then(|types| check_types(types.types));
        let good = "[[type]]\nkey = \"a\"\nname = \"A\"\nsells = true\nmanages = false\ncustomer_may_delete = false\n";
        assert!(types(&format!("{good}default_roles = []\n")).is_ok());
        for (bad, reason) in [
            (
                format!("{good}default_roles = [\"x\"]\n"),
                "a: `x` is no role",
            ),
            (
                format!("{good}default_roles = [\"global_reader\"]\n"),
                "need without_roles",
            ),
            (
                format!("{good}default_roles = []\nwithout_roles = \"b\"\n"),
                "names no type",
            ),
            (
                format!("{good}default_roles = []\nsold = true\n"),
                "unknown field `sold`",
            ),
            (
                format!("{good}default_roles = []\n{good}default_roles = []\n"),
                "stands twice",
            ),
            (
                format!("{good}default_roles = []\n").replace("\"a\"", "\"A-b\""),
                "lower_case",
            ),
            ("type = []".to_owned(), "nothing in it"),
        ] {
            let error = types(&bad).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
        let role = |key: &str| Role {
            key: key.to_owned(),
            name: String::new(),
            template_id: Uuid::nil(),
            risk: Risk::Low,
        };
        assert!(
            check_roles(vec![role("a"), role("b")])
                .unwrap_err()
                .contains("template_id")
        );
    }
}
