//! What mails say to an organization in another cloud than the global one.

use super::*;
use crate::outbound::mails::{self, Terms};

/// Everything of a mail that depends on the cloud, for an organization in this one.
fn in_cloud(mut mail: Mail, cloud: Cloud) -> Mail {
    let offer = Offer::new(
        OfferRequest {
            relationship: Some("reseller_delegated_admin".to_owned()),
            roles: (!cloud.offers_gdap()).then(Vec::new),
            agreement: cloud.offers_mca(),
            ..OfferRequest::default()
        },
        cloud,
    )
    .unwrap();
    let asks = |terms: &mut Terms| {
        terms.offer = offer.clone();
        terms.agreement = terms.agreement.take().filter(|_| offer.agreement());
    };
    let steps = |steps: &mut Vec<mails::Step>| {
        *steps = offer
            .steps()
            .map(|step| mails::Step { step, url: None })
            .collect();
        for step in steps {
            step.url = Some(format!(
                "https://{}/Adminportal/Home?x",
                cloud.admin_center()
            ));
        }
    };
    match &mut mail {
        Mail::Invitation(request) => {
            asks(&mut request.terms);
            steps(&mut request.steps);
        }
        Mail::Reminder(again) | Mail::LastChance(again) => {
            asks(&mut again.request.terms);
            steps(&mut again.request.steps);
        }
        Mail::Receipt(receipt) => {
            asks(&mut receipt.terms);
            steps(&mut receipt.remaining);
            receipt.accepted_text = receipt.accepted_text.take().filter(|_| offer.agreement());
            receipt.cloud = cloud;
        }
        Mail::Accepted(accepted) => {
            asks(&mut accepted.invited.terms);
            steps(&mut accepted.remaining);
        }
        Mail::Declined(declined) => asks(&mut declined.invited.terms),
        Mail::Expired(expired) => asks(&mut expired.invited.terms),
        Mail::Undeliverable(undeliverable) => asks(&mut undeliverable.invited.terms),
        Mail::Change(change) => change.microsoft_url = cloud.partner_relationships_url().to_owned(),
        Mail::StepsOpen(open) => {
            steps(&mut open.open);
            open.cloud = cloud;
        }
        Mail::HandedOver(handed_over) => asks(&mut handed_over.invited.terms),
        Mail::Viewer(copy) => asks(&mut copy.terms),
        Mail::ManageLink(_)
        | Mail::InquiryConfirm(_)
        | Mail::Inquiry(_)
        | Mail::WebhookDisabled(_) => {}
    }
    mail
}

fn every_mail(cloud: Cloud) -> impl Iterator<Item = (String, Rendered)> {
    languages().flat_map(move |language| {
        let kinds = Kind::ALL.iter();
        let all = kinds.flat_map(|kind| kind.sides().iter().map(move |side| (*kind, *side)));
        all.map(move |(kind, side)| {
            let mail = in_cloud(Mail::sample(kind, side, language).unwrap(), cloud);
            (
                format!("{kind} to the {side} in {language} for {cloud}"),
                render(&mail),
            )
        })
    })
}

#[test]
fn a_mail_leads_to_the_admin_center_of_its_cloud_alone() {
    for &cloud in Cloud::ALL {
        let mut names = 0;
        for (name, mail) in every_mail(cloud) {
            let other = Cloud::ALL.iter().filter(|it| **it != cloud);
            for host in other.map(|it| it.admin_center()) {
                for part in [&mail.text, &mail.html] {
                    assert!(!part.contains(host), "{name}: {host}");
                }
            }
            assert!(
                cloud == Cloud::Global || !mail.html.contains("go.microsoft.com"),
                "{name}"
            );
            names += usize::from(mail.text.contains(&format!("({})", cloud.admin_center())));
        }
        // Where a customer signs in: in the receipt and the nudge, in each language.
        assert_eq!(names, 2 * languages().count(), "{cloud}");
    }
}

#[test]
fn no_mail_speaks_of_what_a_cloud_does_not_have() {
    let missing = [
        "MCA",
        "Microsoft Customer Agreement",
        "Microsoft 고객 계약",
        "GDAP",
        "세분화된",
    ];
    let speaks = |mail: &Rendered| {
        let parts = [&mail.subject, &mail.text, &mail.html];
        let one_line = parts.map(|it| it.split_whitespace().collect::<Vec<_>>().join(" "));
        missing
            .iter()
            .any(|it| one_line.iter().any(|part| part.contains(it)))
    };
    for (name, mail) in every_mail(Cloud::China21Vianet) {
        assert!(!speaks(&mail), "{name}: {}", mail.text);
    }
    assert!(every_mail(Cloud::UsGovernment).any(|(_, mail)| speaks(&mail)));
}
