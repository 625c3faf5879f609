//! From a notice and a relationship to the mail, on both sides.

use std::sync::Arc;

use super::*;
use crate::domain::ids;
use crate::domain::keys::KeyRing;
use crate::domain::microsoft::Cloud;
use crate::domain::notice::{Hours, OwnSchedule};
use crate::domain::offer::{Offer, OfferRequest};
use crate::domain::time::FixedClock;
use crate::domain::token::{Purpose, Tokens};
use crate::domain::webhook::Vault;
use crate::storage::queue::Claimed;
use crate::storage::{Db, Options};
use crate::workflow::Settings;
use crate::workflow::change::{By, ToldRole};
use crate::workflow::deliver::Relation;

const NOW: Timestamp = Timestamp::from_micros(1_825_000_000_000_000);
const END: Timestamp = Timestamp::from_micros(1_828_254_600_000_000);

async fn engine(folder: &tempfile::TempDir) -> Engine {
    let ring = KeyRing::fresh(NOW, &mut rand::rng());
    let options = Options {
        url: format!("sqlite://{}", folder.path().join("test.db").display()),
        connections: 2,
        pooled: false,
    };
    Engine {
        db: Db::open(&options).await.unwrap(),
        clock: Arc::new(FixedClock::new(NOW)),
        tokens: Arc::new(Tokens::new(&ring, "test")),
        vault: Arc::new(Vault::new(&ring, "test")),
        keys: Arc::new(ring),
        audience: "test".into(),
        settings: Arc::new(Settings {
            public_url: "https://sign.example".to_owned(),
            ..Settings::default()
        }),
        wake: Arc::default(),
    }
}

fn partner() -> Partner {
    Partner {
        id: ids::fresh(NOW, &mut rand::rng()),
        handle: "hanbit".to_owned(),
        name: "한빛테크".to_owned(),
        legal_name: "㈜한빛테크".to_owned(),
        email: "partner@hanbit.example".to_owned(),
        phone: "02-123-4567".to_owned(),
        address: "서울특별시 중구 세종대로 110".to_owned(),
        website: None,
        representative: None,
        registration_number: None,
        language: Language::ko(),
        time_zone: "Asia/Seoul".to_owned(),
        advertising_mark: false,
        // A Sunday: by the installation's hours, these mails would wait.
        schedule: Some(OwnSchedule {
            hours: Some(Hours::ALWAYS),
            ..OwnSchedule::default()
        }),
        per_key_day: None,
        per_partner_day: None,
        created_at: NOW,
    }
}

fn dossier(partner: &Partner) -> Dossier {
    let request = OfferRequest {
        relationship: Some("delegated_admin".to_owned()),
        ..OfferRequest::default()
    };
    let offer = Offer::new(request, Cloud::Global).unwrap();
    Dossier {
        id: ids::fresh(NOW, &mut rand::rng()),
        partner_id: partner.id,
        state: StateName::Accepted,
        offer: serde_json::to_string(&offer).unwrap(),
        language: Language::ko(),
        time_zone: "Asia/Seoul".to_owned(),
        note: None,
        links: "{}".to_owned(),
        reference: Some("CRM-1".to_owned()),
        created_at: NOW,
        expires_at: NOW,
        ended_at: Some(NOW),
        decline_reason: None,
        decline_text: None,
        organization_id: ids::fresh(NOW, &mut rand::rng()),
        organization_name: "새솔고등학교".to_owned(),
        organization_kind: crate::domain::draft::OrganizationKind::Organization,
        cloud: Cloud::Global,
        recipient_id: ids::fresh(NOW, &mut rand::rng()),
        contact_id: ids::fresh(NOW, &mut rand::rng()),
        recipient_name: "홍길동".to_owned(),
        generation: 1,
        key_id: 1,
        links_expire_at: END,
        reminders_stopped_at: None,
        undeliverable_at: None,
        address: "hong@saesol.example".to_owned(),
        smtp_address: "hong@saesol.example".to_owned(),
        evidence: Some("{}".to_owned()),
    }
}

/// Two roles of revision 3, one of them extended at its end, and one of revision 2.
fn relation(dossier: &Dossier) -> Relation {
    let grant = |role: &str, revision, auto_extend| RelationGrant {
        role: role.to_owned(),
        granted_at: NOW,
        expected_end: END,
        auto_extend,
        revision,
    };
    Relation {
        id: ids::fresh(NOW, &mut rand::rng()),
        partner_type: "delegated_admin".to_owned(),
        cloud: Cloud::UsGovernment,
        since: NOW,
        is_active: true,
        revision: 3,
        grants: vec![
            grant("helpdesk_administrator", 3, true),
            grant("license_administrator", 3, false),
            grant("billing_administrator", 2, false),
        ],
        link: dossier.into(),
    }
}

fn job(kind: Kind, side: Side, payload: String, about: &Dossier, partner: &Partner) -> Job {
    let target_id = match side {
        Side::Customer => about.contact_id.uuid(),
        Side::Partner => partner.id.uuid(),
    };
    let claimed = Claimed {
        id: ids::fresh(NOW, &mut rand::rng()),
        partner_id: partner.id,
        domain: "saesol.example".to_owned(),
        kind,
        subject_id: about.id.uuid(),
        target_id,
        generation: 3,
        payload,
        due_at: NOW,
        attempts: 1,
        failures: 0,
    };
    Job {
        relation: Some(Arc::new(relation(about))),
        about: Some(About::Invitation(Arc::new(about.clone()))),
        partner: Some(Arc::new(partner.clone())),
        ..Job::bare(claimed)
    }
}

fn told() -> String {
    let role = |role: &str| ToldRole {
        role: role.to_owned(),
        until: END,
        auto_extend: true,
    };
    let told = crate::workflow::change::Told {
        by: By::Customer {
            name: "김서명".to_owned(),
        },
        at: NOW,
        partner_type: "delegated_admin".to_owned(),
        roles: vec![role("helpdesk_administrator")],
        remaining: vec![role("license_administrator")],
    };
    told.payload()
}

#[tokio::test]
async fn a_change_is_told_to_the_side_that_its_target_names() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&folder).await;
    let partner = partner();
    let dossier = dossier(&partner);
    let kinds = Kind::ALL.iter().filter(|kind| kind.is_about_relationship());
    for (&kind, &side) in kinds.flat_map(|kind| Side::ALL.iter().map(move |side| (kind, side))) {
        let job = job(kind, side, told(), &dossier, &partner);
        assert_eq!(job.side(), side);
        assert_eq!(job.due(&engine, NOW), Due::Leaves, "{kind}");
        let mut elsewhere = job.clone();
        elsewhere.partner = Some(Arc::new(Partner {
            schedule: None,
            ..partner.clone()
        }));
        let waits = matches!(elsewhere.due(&engine, NOW), Due::Waits(_));
        assert_eq!(waits, kind.keeps_hours(), "{kind}");
        let writer = Writer {
            urls: Urls::Genuine(&engine),
            job: &job,
            dossier: &dossier,
            partner: &partner,
            side: job.side(),
            now: NOW,
        };
        let draft = writer.draft(NOW).unwrap();
        let is_for_customer = side == Side::Customer;
        assert_eq!(draft.to_address == dossier.smtp_address, is_for_customer);
        let stops = is_for_customer && kind == Kind::Ending;
        assert_eq!(draft.list_unsubscribe.is_some(), stops, "{kind}");
        assert_eq!(draft.mail.kind(), kind);
        let text = render(&draft.mail).text;
        let manage = engine
            .token(dossier_row(&dossier), Purpose::Manage)
            .unwrap();
        assert_eq!(text.contains(&manage), is_for_customer, "{kind}");
        assert_eq!(text.contains("https://"), is_for_customer, "{kind}");
        assert_eq!(text.contains("portal.office365.us"), is_for_customer);
        let by_customer = kind != Kind::Ending;
        assert_eq!(text.contains("김서명"), by_customer, "{kind}: {text}");
    }
}

fn dossier_row(dossier: &Dossier) -> LinkRow {
    dossier.into()
}

#[tokio::test]
async fn only_what_still_ends_is_announced() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&folder).await;
    let partner = partner();
    let dossier = dossier(&partner);
    let job = job(
        Kind::Ending,
        Side::Customer,
        "{}".to_owned(),
        &dossier,
        &partner,
    );
    let writer = Writer {
        urls: Urls::Genuine(&engine),
        job: &job,
        dossier: &dossier,
        partner: &partner,
        side: job.side(),
        now: NOW,
    };
    let change = writer.change(Happened::Ending, NOW).unwrap();
    let roles: Vec<_> = change.roles.iter().map(|it| &*it.role).collect();
    assert_eq!(roles, ["helpdesk_administrator", "license_administrator"]);
    // 180 days, in a country without daylight-saving time.
    let extended = END.plus_micros(180 * crate::domain::time::DAY);
    assert_eq!(change.roles[0].extends_to, Some(extended));
    assert_eq!(change.roles[1].extends_to, None);
    assert_eq!(change.at, END);
    let remaining: Vec<_> = change.remaining.iter().map(|it| &*it.role).collect();
    assert_eq!(remaining, ["billing_administrator"]);
    assert!(writer.change(Happened::Ending, END).is_err());
    assert_eq!(job.due(&engine, END), Due::Irrelevant(Irrelevant::Ended));
}

#[test]
fn the_host_stands_without_scheme_and_port() {
    for (url, name) in [
        ("https://sign.example", "sign.example"),
        ("http://127.0.0.1:8080", "127.0.0.1"),
        ("http://[::1]", "[::1]"),
        ("http://[::1]:8080", "[::1]"),
    ] {
        assert_eq!(host(url), name);
    }
}
