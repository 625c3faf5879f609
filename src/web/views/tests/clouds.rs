//! What the pages say to an organization in another cloud than the global one.

use super::*;
use crate::domain::language::AVAILABLE;
use crate::domain::microsoft::Cloud;

/// What only the global cloud's customers can sign in at.
const GLOBAL: [&str; 2] = ["admin.microsoft.com", "go.microsoft.com"];

/// The agreement and the roles for a time, by every name that they have here.
const MISSING_IN_CHINA: [&str; 6] = [
    "MCA",
    "Microsoft Customer Agreement",
    "Microsoft 고객 계약",
    "GDAP",
    "세분화된",
    "BillingAccounts/agreement",
];

fn every_page(cloud: Cloud) -> Vec<Sample> {
    let of = |language| samples::in_cloud(Texts::of(language), cloud);
    AVAILABLE.iter().flat_map(of).collect()
}

#[test]
fn a_page_leads_to_the_admin_center_of_its_cloud_alone() {
    for &cloud in Cloud::ALL {
        let mut leads = 0;
        for Sample { name, html, .. } in every_page(cloud) {
            for target in attributes(&html, "href") {
                if target.starts_with("https://") {
                    let own = format!("https://{}/", cloud.admin_center());
                    let is_own =
                        target.starts_with(&own) || target == cloud.partner_relationships_url();
                    assert!(is_own, "{name} for {cloud}: {target}");
                    leads += 1;
                }
            }
            for global in GLOBAL.iter().filter(|_| cloud != Cloud::Global) {
                assert!(!html.contains(global), "{name} for {cloud}: {global}");
            }
        }
        assert!(leads > 20, "{leads} for {cloud}");
    }
}

#[test]
fn no_page_speaks_of_what_a_cloud_does_not_have() {
    for Sample { name, html, .. } in every_page(Cloud::China21Vianet) {
        for missing in MISSING_IN_CHINA {
            assert!(!html.contains(missing), "{name}: {missing}");
        }
    }
    // They are found where they are.
    let all: String = every_page(Cloud::UsGovernment)
        .into_iter()
        .map(|it| it.html)
        .collect();
    assert!(all.contains("MCA") && all.contains("GDAP"));
}

#[test]
fn a_link_to_the_front_page_promises_nothing_more() {
    for (cloud, says) in [
        (
            Cloud::Global,
            "Open partner relationships in the admin center",
        ),
        (Cloud::China21Vianet, ">Open the admin center</a>"),
        (Cloud::UsGovernment, ">Open the admin center</a>"),
    ] {
        let all = samples::in_cloud(texts("en"), cloud);
        let end = all.iter().find(|it| it.name == "manage-end").unwrap();
        assert!(end.html.contains(says), "{cloud}");
        assert!(
            end.html.contains(cloud.partner_relationships_url()),
            "{cloud}"
        );
    }
}
