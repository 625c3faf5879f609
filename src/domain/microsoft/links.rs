//! The links to Microsoft's admin center that a partner supplies.
//!
//! Such a link stands in a mail that asks for a signature. It is taken only in the shapes that Microsoft hands out, read
//! into its parts and written anew, so that nothing else rides along. Each cloud has an admin center of its own: a customer
//! cannot sign in at another one, and what waits there is not theirs.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::{Cloud, Step};
use crate::domain::words::serde_text;

/// Why a text is no link of the asked kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Not on Microsoft's admin center.
    #[error(
        "the {0} link does not begin with https://admin.microsoft.com/, nor with the admin center of another cloud: copy it from \
         Partner Center"
    )]
    Host(&'static str),
    /// On the admin center, but of another shape.
    #[error("the {kind} link has another shape than {shape}: copy it whole from Partner Center")]
    Shape {
        /// The link's field.
        kind: &'static str,
        /// The shape, with `{…}` for ids.
        shape: &'static str,
    },
    /// It asks for the older delegated admin privileges, which have neither an end nor a choice of roles.
    #[error(
        "the reseller link asks for delegated admin privileges (DAP=true): create one without them in Partner Center"
    )]
    DelegatedAdmin,
}

/// A link leads to the admin center of another cloud than the customer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "it leads to {}, the admin center of the cloud {leads_to}, but the organization is in the cloud {cloud}: take the link that \
     begins with https://{}/",
    .leads_to.admin_center(),
    .cloud.admin_center()
)]
pub struct OtherCloud {
    /// The field of the link.
    pub field: &'static str,
    /// The cloud that it leads to.
    pub leads_to: Cloud,
    /// The customer's.
    pub cloud: Cloud,
}

const MCA_SHAPE: &str =
    "https://admin.microsoft.com/AdminPortal/Home?ref=/BillingAccounts/agreement";
const MCA: &str = "AdminPortal/Home?ref=/BillingAccounts/agreement";
const GDAP: &str = "AdminPortal/Home#/partners/invitation/granularAdminRelationships/";
const GDAP_SHAPE: &str = "https://admin.microsoft.com/AdminPortal/Home#/partners/invitation/granularAdminRelationships/{id}";
const RESELLER: &str = "Adminportal/Home?invType=";
const RESELLER_SHAPE: &str = "https://admin.microsoft.com/Adminportal/Home?invType=ResellerRelationship&partnerId={id}\
    &msppId=0&DAP=false#/BillingAccounts/partner-invitation (indirect: \
    invType=IndirectResellerRelationship, and indirectCSPId={id})";

/// The page on which the customer accepts the Microsoft Customer Agreement: one for everybody in a cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct McaLink {
    cloud: Cloud,
}

/// The page on which the customer approves one GDAP relationship.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GdapLink {
    cloud: Cloud,
    relationship: Uuid,
    partner: Option<Uuid>,
}

/// The page on which the customer approves a reseller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ResellerLink {
    cloud: Cloud,
    partner: Uuid,
    /// The partner's number in Microsoft's partner program, 0 where none is said.
    program: u32,
    /// The indirect reseller, where `partner` is its provider.
    indirect: Option<Uuid>,
    /// Whether the link says `DAP=false`; newer ones say nothing.
    says_no_dap: bool,
    page: ResellerPage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum ResellerPage {
    BillingAccounts,
    Partners,
}

impl ResellerPage {
    const ALL: [Self; 2] = [Self::BillingAccounts, Self::Partners];

    const fn fragment(self) -> &'static str {
        match self {
            Self::BillingAccounts => "/BillingAccounts/partner-invitation",
            Self::Partners => "/partners/invitation",
        }
    }
}

/// The links that a partner supplies with an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Links {
    /// To approve delegated-admin roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gdap: Option<GdapLink>,
    /// To approve a reseller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reseller: Option<ResellerLink>,
    /// To accept the Microsoft Customer Agreement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mca: Option<McaLink>,
}

impl Links {
    /// The field of the link that leads to a step, as whoever invites knows it.
    pub const fn field(step: Step) -> &'static str {
        match step {
            Step::Mca => "mca_link",
            Step::Relationship => "reseller_link",
            Step::Gdap | Step::RolesRemoved => "gdap_link",
        }
    }

    /// The links that there are: field, the step that it leads to, and the link itself.
    pub fn given(&self) -> impl Iterator<Item = (&'static str, Step, String)> {
        [
            (Step::Gdap, self.gdap.map(|link| link.to_string())),
            (
                Step::Relationship,
                self.reseller.map(|link| link.to_string()),
            ),
            (Step::Mca, self.mca.map(|link| link.to_string())),
        ]
        .into_iter()
        .filter_map(|(step, link)| Some((Self::field(step), step, link?)))
    }

    /// Those that lead to the admin center of another cloud than the customer's.
    pub fn of_other_clouds(&self, cloud: Cloud) -> impl Iterator<Item = OtherCloud> {
        [
            (Step::Gdap, self.gdap.map(|link| link.cloud)),
            (Step::Relationship, self.reseller.map(|link| link.cloud)),
            (Step::Mca, self.mca.map(|link| link.cloud)),
        ]
        .into_iter()
        .filter_map(move |(step, leads_to)| {
            let leads_to = leads_to.filter(|leads_to| *leads_to != cloud)?;
            Some(OtherCloud {
                field: Self::field(step),
                leads_to,
                cloud,
            })
        })
    }

    /// Those that lead to none of the steps: field and step.
    pub fn without_step(
        &self,
        steps: impl IntoIterator<Item = Step>,
    ) -> impl Iterator<Item = (&'static str, Step)> {
        let steps: Vec<_> = steps.into_iter().collect();
        let given = self.given().map(|(field, step, _)| (field, step));
        given.filter(move |(_, step)| !steps.contains(step))
    }

    /// These, but for what `new` has: each of its links takes the place of the one of its kind.
    #[must_use]
    pub fn replaced_by(self, new: Self) -> Self {
        Self {
            gdap: new.gdap.or(self.gdap),
            reseller: new.reseller.or(self.reseller),
            mca: new.mca.or(self.mca),
        }
    }
}

/// The query and the fragment of a link to the home page of an admin center.
struct Home<'a> {
    cloud: Cloud,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
}

impl<'a> Home<'a> {
    fn parse(text: &'a str, kind: &'static str) -> Result<Self, LinkError> {
        let at_cloud = |cloud: Cloud| {
            let rest = strip_prefix_ignoring_case(text, "https://")?;
            let rest = strip_prefix_ignoring_case(rest, cloud.admin_center())?;
            Some((cloud, rest.strip_prefix('/')?))
        };
        let (cloud, rest) = Cloud::ALL
            .iter()
            .find_map(|cloud| at_cloud(*cloud))
            .ok_or(LinkError::Host(kind))?;
        let rest = strip_prefix_ignoring_case(rest, "AdminPortal/Home").unwrap_or("?");
        let (rest, fragment) = match rest.split_once('#') {
            Some((rest, fragment)) => (rest, Some(fragment)),
            None => (rest, None),
        };
        let query = match rest.strip_prefix('?') {
            Some(query) => Some(query),
            None if rest.is_empty() => None,
            // Another path: an empty query fits no shape.
            None => Some(""),
        };
        Ok(Self {
            cloud,
            query,
            fragment,
        })
    }
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// A GUID in its hyphenated form alone.
fn guid(text: &str) -> Option<Uuid> {
    (text.len() == 36).then(|| Uuid::try_parse(text).ok())?
}

impl FromStr for McaLink {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match Home::parse(text, "mca")? {
            Home {
                cloud,
                query: Some(query),
                fragment: None,
            } if query.eq_ignore_ascii_case("ref=/BillingAccounts/agreement")
                || query.eq_ignore_ascii_case("ref=%2FBillingAccounts%2Fagreement") =>
            {
                Ok(Self { cloud })
            }
            _ => Err(LinkError::Shape {
                kind: "mca",
                shape: MCA_SHAPE,
            }),
        }
    }
}

impl fmt::Display for McaLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{MCA}", self.cloud.home())
    }
}

impl FromStr for GdapLink {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let home = Home::parse(text, "gdap")?;
        home.fragment
            .filter(|_| home.query.is_none())
            .and_then(|fragment| {
                strip_prefix_ignoring_case(
                    fragment,
                    "/partners/invitation/granularAdminRelationships/",
                )
            })
            .and_then(|id| match id.split_at_checked(36) {
                Some((first, "")) => Some((guid(first)?, None)),
                Some((first, rest)) => Some((guid(first)?, Some(guid(rest.strip_prefix('-')?)?))),
                None => None,
            })
            .map(|(relationship, partner)| Self {
                cloud: home.cloud,
                relationship,
                partner,
            })
            .ok_or(LinkError::Shape {
                kind: "gdap",
                shape: GDAP_SHAPE,
            })
    }
}

impl fmt::Display for GdapLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{GDAP}{}", self.cloud.home(), self.relationship)?;
        match self.partner {
            Some(partner) => write!(f, "-{partner}"),
            None => Ok(()),
        }
    }
}

impl FromStr for ResellerLink {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let home = Home::parse(text, "reseller")?;
        let parts = home.query.and_then(ResellerQuery::parse);
        let page = ResellerPage::ALL.into_iter().find(|page| {
            home.fragment
                .is_some_and(|fragment| fragment.eq_ignore_ascii_case(page.fragment()))
        });
        let (Some(parts), Some(page)) = (parts, page) else {
            return Err(LinkError::Shape {
                kind: "reseller",
                shape: RESELLER_SHAPE,
            });
        };
        if parts.dap == Some(true) {
            return Err(LinkError::DelegatedAdmin);
        }
        Ok(Self {
            cloud: home.cloud,
            partner: parts.partner,
            program: parts.program,
            indirect: parts.indirect,
            says_no_dap: parts.dap.is_some(),
            page,
        })
    }
}

struct ResellerQuery {
    partner: Uuid,
    program: u32,
    indirect: Option<Uuid>,
    dap: Option<bool>,
}

impl ResellerQuery {
    /// Every parameter once, in any order, and no other one.
    fn parse(query: &str) -> Option<Self> {
        let (mut kind, mut partner, mut program, mut indirect, mut dap) =
            (None, None, None, None, None);
        for pair in query.split('&') {
            let (key, value) = pair.split_once('=')?;
            let is_first = match key.to_ascii_lowercase().as_str() {
                "invtype" => kind.replace(value.to_ascii_lowercase()).is_none(),
                "partnerid" => partner.replace(guid(value)?).is_none(),
                "msppid" => program.replace(number(value)?).is_none(),
                "indirectcspid" => indirect.replace(guid(value)?).is_none(),
                "dap" => dap
                    .replace(value.to_ascii_lowercase().parse::<bool>().ok()?)
                    .is_none(),
                _ => false,
            };
            if !is_first {
                return None;
            }
        }
        let fits = match kind?.as_str() {
            "resellerrelationship" => indirect.is_none(),
            "indirectresellerrelationship" => indirect.is_some(),
            _ => false,
        };
        fits.then_some(Self {
            partner: partner?,
            program: program?,
            indirect,
            dap,
        })
    }
}

/// Digits alone: `parse` would take a sign.
fn number(text: &str) -> Option<u32> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

impl fmt::Display for ResellerLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.indirect.is_some() {
            "IndirectResellerRelationship"
        } else {
            "ResellerRelationship"
        };
        let (partner, program) = (self.partner, self.program);
        let home = self.cloud.home();
        write!(
            f,
            "{home}{RESELLER}{kind}&partnerId={partner}&msppId={program}"
        )?;
        if let Some(indirect) = self.indirect {
            write!(f, "&indirectCSPId={indirect}")?;
        }
        if self.says_no_dap {
            f.write_str("&DAP=false")?;
        }
        write!(f, "#{}", self.page.fragment())
    }
}

impl Cloud {
    /// The beginning of every link to its admin center.
    fn home(self) -> String {
        format!("https://{}/", self.admin_center())
    }
}

serde_text!(McaLink, GdapLink, ResellerLink);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MCA: &str = super::MCA_SHAPE;
    const GDAP: &str = "https://admin.microsoft.com/AdminPortal/Home#/partners/invitation/granularAdminRelationships/";
    const RESELLER: &str = "https://admin.microsoft.com/Adminportal/Home?invType=";

    const GUID: &str = "3b33e682-00c3-41ee-9dd2-a548adf56438";

    fn reseller(text: &str) -> Result<String, LinkError> {
        text.parse::<ResellerLink>().map(|link| link.to_string())
    }

    #[test]
    fn links_as_microsoft_hands_them_out_are_kept() {
        for link in [
            format!(
                "{RESELLER}ResellerRelationship&partnerId={GUID}&msppId=0&DAP=false#/BillingAccounts/partner-invitation"
            ),
            format!(
                "{RESELLER}IndirectResellerRelationship&partnerId={GUID}&msppId=6531449&indirectCSPId={GUID}&DAP=false#/BillingAccounts/partner-invitation"
            ),
            format!(
                "{RESELLER}ResellerRelationship&partnerId={GUID}&msppId=0#/partners/invitation"
            ),
        ] {
            assert_eq!(reseller(&link).unwrap(), link);
        }
        for id in [GUID.to_owned(), format!("{GUID}-{GUID}")] {
            let link = format!("{GDAP}{id}");
            assert_eq!(link.parse::<GdapLink>().unwrap().to_string(), link);
        }
        assert_eq!(MCA.parse::<McaLink>().unwrap().to_string(), MCA);
    }

    #[test]
    fn case_order_and_escapes_are_made_canonical() {
        assert_eq!(
            "HTTPS://Admin.Microsoft.com/Adminportal/Home?ref=%2fbillingaccounts%2fagreement"
                .parse::<McaLink>(),
            Ok(McaLink {
                cloud: Cloud::Global
            })
        );
        let link = format!(
            "https://admin.microsoft.com/AdminPortal/home?DAP=False&msppid=00&partnerid={}&invtype=resellerRelationship#/billingaccounts/partner-invitation",
            GUID.to_uppercase()
        );
        assert_eq!(
            reseller(&link).unwrap(),
            format!(
                "{RESELLER}ResellerRelationship&partnerId={GUID}&msppId=0&DAP=false#/BillingAccounts/partner-invitation"
            )
        );
    }

    #[test]
    fn other_hosts_are_refused() {
        for link in [
            "",
            "http://admin.microsoft.com/AdminPortal/Home?ref=/BillingAccounts/agreement",
            "https://admin.microsoft.com.evil.example/AdminPortal/Home?ref=/BillingAccounts/agreement",
            "https://admin.microsoft.com@evil.example/AdminPortal/Home?ref=/BillingAccounts/agreement",
            "https://admin.microsoft.com:8443/AdminPortal/Home?ref=/BillingAccounts/agreement",
            "https://evil.example/?https://admin.microsoft.com/",
            "https://ａdmin.microsoft.com/AdminPortal/Home?ref=/BillingAccounts/agreement",
            "javascript:alert(1)",
            "한국어한국어한국어한국어한국어",
        ] {
            assert_eq!(
                link.parse::<McaLink>(),
                Err(LinkError::Host("mca")),
                "{link}"
            );
        }
    }

    #[test]
    fn each_cloud_has_its_own_admin_center() {
        for (cloud, host) in [
            (Cloud::Global, "admin.microsoft.com"),
            (Cloud::China21Vianet, "portal.partner.microsoftonline.cn"),
            (Cloud::UsGovernment, "portal.office365.us"),
        ] {
            let link = format!(
                "https://{host}/Adminportal/Home?invType=ResellerRelationship&partnerId={GUID}&msppId=0#/partners/invitation"
            );
            assert_eq!(reseller(&link).unwrap(), link);
            let links = Links {
                reseller: Some(link.parse().unwrap()),
                ..Links::default()
            };
            for &customers in Cloud::ALL {
                let found: Vec<_> = links.of_other_clouds(customers).collect();
                assert_eq!(found.is_empty(), customers == cloud, "{found:?}");
            }
        }
        let links = Links {
            mca: Some(MCA.parse().unwrap()),
            ..Links::default()
        };
        let other = links.of_other_clouds(Cloud::UsGovernment).next().unwrap();
        assert_eq!(other.field, "mca_link");
        assert_eq!(
            other.to_string(),
            "it leads to admin.microsoft.com, the admin center of the cloud global, but the organization is in the cloud us_gov: \
             take the link that begins with https://portal.office365.us/"
        );
    }

    #[test]
    fn other_shapes_are_refused() {
        for link in [
            "https://admin.microsoft.com/",
            "https://admin.microsoft.com/AdminPortal/Home",
            "https://admin.microsoft.com/AdminPortal/HomeX?ref=/BillingAccounts/agreement",
            "https://admin.microsoft.com/AdminPortal/Home/?ref=/BillingAccounts/agreement",
            &format!("{MCA}&x=1"),
            &format!("{MCA}#"),
            &format!("{MCA}\r\n"),
            "https://admin.microsoft.com/AdminPortal/Home?ref=//evil.example",
        ] {
            assert!(
                matches!(link.parse::<McaLink>(), Err(LinkError::Shape { .. })),
                "{link}"
            );
        }
        for id in [
            "",
            "1",
            "../x",
            &GUID[1..],
            &GUID.replace('-', ""),
            &format!("{GUID}-"),
            &format!("{GUID}/x"),
            &format!("{GUID}?x"),
            &format!("{{{GUID}}}"),
            &format!("{GUID}-{GUID}-{GUID}"),
            "가나다라마바사아자차카타",
        ] {
            assert!(format!("{GDAP}{id}").parse::<GdapLink>().is_err(), "{id}");
        }
        let page = "#/BillingAccounts/partner-invitation";
        for query in [
            format!("ResellerRelationship&partnerId={GUID}&msppId=0&DAP=false"),
            format!("ResellerRelationship&partnerId={GUID}&msppId=0&DAP=false&x=1{page}"),
            format!(
                "ResellerRelationship&partnerId={GUID}&partnerId={GUID}&msppId=0&DAP=false{page}"
            ),
            format!("ResellerRelationship&partnerId={GUID}&msppId=+1&DAP=false{page}"),
            format!("ResellerRelationship&partnerId={GUID}&msppId=&DAP=false{page}"),
            format!("ResellerRelationship&partnerId=x&msppId=0&DAP=false{page}"),
            format!("ResellerRelationship&msppId=0&DAP=false{page}"),
            format!(
                "ResellerRelationship&partnerId={GUID}&msppId=0&indirectCSPId={GUID}&DAP=false{page}"
            ),
            format!("IndirectResellerRelationship&partnerId={GUID}&msppId=0&DAP=false{page}"),
            format!("Other&partnerId={GUID}&msppId=0&DAP=false{page}"),
            format!("ResellerRelationship&partnerId={GUID}&msppId=0&DAP=false{page}/x"),
        ] {
            assert!(
                matches!(
                    reseller(&format!("{RESELLER}{query}")),
                    Err(LinkError::Shape { .. })
                ),
                "{query}"
            );
        }
        assert_eq!(
            reseller(&format!(
                "{RESELLER}ResellerRelationship&partnerId={GUID}&msppId=0&DAP=true{page}"
            )),
            Err(LinkError::DelegatedAdmin)
        );
    }

    #[test]
    fn links_read_back_from_json_and_are_checked() {
        let links = Links {
            gdap: Some(format!("{GDAP}{GUID}").parse().unwrap()),
            reseller: None,
            mca: Some(MCA.parse().unwrap()),
        };
        let json = serde_json::to_string(&links).unwrap();
        assert_eq!(json, format!(r#"{{"gdap":"{GDAP}{GUID}","mca":"{MCA}"}}"#));
        assert_eq!(serde_json::from_str::<Links>(&json).unwrap(), links);
        assert_eq!(
            serde_json::from_str::<Links>("{}").unwrap(),
            Links::default()
        );
        assert!(serde_json::from_str::<Links>(r#"{"mca":"https://evil.example/"}"#).is_err());
        assert_eq!(
            "https://evil.example"
                .parse::<GdapLink>()
                .unwrap_err()
                .to_string(),
            "the gdap link does not begin with https://admin.microsoft.com/, nor with the admin center of another cloud: copy it from Partner Center"
        );
    }

    proptest! {
        #[test]
        fn a_link_reads_back(cloud in prop::sample::select(Cloud::ALL), partner: u128, other in prop::option::of(any::<u128>()), program: u32, says_no_dap: bool, newer: bool) {
            let (partner, other) = (Uuid::from_u128(partner), other.map(Uuid::from_u128));
            let page = ResellerPage::ALL[usize::from(newer)];
            let reseller = ResellerLink { cloud, partner, program, indirect: other, says_no_dap, page };
            prop_assert_eq!(reseller.to_string().parse::<ResellerLink>(), Ok(reseller));
            let gdap = GdapLink { cloud, relationship: partner, partner: other };
            prop_assert_eq!(gdap.to_string().parse::<GdapLink>(), Ok(gdap));
            let mca = McaLink { cloud };
            prop_assert_eq!(mca.to_string().parse::<McaLink>(), Ok(mca));
        }

        #[test]
        fn whatever_is_taken_leads_to_microsoft_and_carries_nothing(tail in r"[\PC\r\n?#&=/]{0,40}", cut in 0..200_usize) {
            let good = format!("{RESELLER}ResellerRelationship&partnerId={GUID}&msppId=0&DAP=false#/BillingAccounts/partner-invitation");
            let text = format!("{}{tail}", &good[..cut.min(good.len())]);
            if let Ok(link) = reseller(&text) {
                prop_assert_eq!(link, good);
            }
        }
    }
}
