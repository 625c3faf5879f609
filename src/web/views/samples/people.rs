//! Somebody else is named, and what a viewer reads, in every state.

use super::{Cast, NOW, Sample, TOKEN, add};
use crate::domain::invitation::StateName;
use crate::domain::people::Unfit;
use crate::domain::time::DAY;
use crate::web::views::{
    Entry, HandOverForm, HandedOver, People, Problem, Recipient, ViewerEntry, ViewerForm,
    ViewerPage, Wrong,
};

pub(super) fn add_all(cast: &Cast, samples: &mut Vec<Sample>) {
    add(samples, "people", cast.people());
    let handed_over = HandedOver {
        page: cast.page(true),
        organization: cast.organization(),
        recipient: cast.colleague(),
    };
    add(samples, "handed-over", vec![("", handed_over)]);
    add(samples, "view", cast.viewer_page());
}

impl Cast {
    fn colleague(&self) -> Recipient {
        Recipient {
            name: self.either("이서연", "Jamie Reed"),
            email: self.either("seoyeon@saesol.example", "jamie.reed@marlowgrove.example"),
        }
    }

    fn people(&self) -> Vec<(&'static str, People)> {
        let domain = self.either("saesol.example", "marlowgrove.example");
        let plain = People {
            page: self.page(true),
            token: TOKEN.to_owned(),
            organization: self.organization(),
            domain: Some(domain),
            recipient: self.recipient(),
            viewers: Vec::new(),
            hand_over: HandOverForm::default(),
            viewer: ViewerForm::default(),
            added: None,
        };
        let counsel = self.either("counsel@beopmu.example", "counsel@inns.example");
        let copied = People {
            viewers: vec![ViewerEntry {
                id: "rcp_019aaf3c61d07b44a2f5c8801e9b3d7a".to_owned(),
                email: counsel.clone(),
            }],
            added: Some(counsel),
            ..plain.clone()
        };
        let wrong = People {
            hand_over: HandOverForm {
                name: Entry {
                    value: String::new(),
                    problem: Some(Problem::Missing),
                },
                email: "someone@elsewhere.example".to_owned(),
                wrong: Some(Wrong::Unfit(Unfit::OtherDomain)),
            },
            viewer: ViewerForm {
                email: "counsel".to_owned(),
                wrong: Some(Wrong::Address(Problem::Unusable)),
            },
            ..plain.clone()
        };
        let public = People {
            domain: None,
            ..plain.clone()
        };
        vec![
            ("", plain),
            ("copied", copied),
            ("errors", wrong),
            ("public", public),
        ]
    }

    fn viewer_page(&self) -> Vec<(&'static str, ViewerPage)> {
        let view = |state, at| ViewerPage {
            page: self.page(true),
            partner: self.partner(),
            recipient: self.recipient(),
            organization: self.organization(),
            terms: self.everything(),
            note: Some(self.note()),
            token: TOKEN.to_owned(),
            state,
            at,
        };
        vec![
            ("", view(StateName::Pending, NOW.plus_micros(29 * DAY))),
            ("accepted", view(StateName::Accepted, NOW)),
            ("revoked", view(StateName::Revoked, NOW)),
        ]
    }
}
