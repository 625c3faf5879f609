//! Who answers an invitation, and who reads along, as the templates want it.

use crate::locale::{Args, Texts};
use crate::outbound::mails::{HandedOver, Partner, Viewer};

use super::views::{NewsView, TermsView, lines};
use super::voice::Voice;

impl<'a> NewsView<'a, HandedOver> {
    pub(super) fn handed_over(c: &'a HandedOver) -> (Voice<'a>, Self) {
        let (texts, args, mut view) = Self::new(c, &c.reader, &c.invited, None);
        let args = args.and("former", c.former.name.to_string());
        view.lead = texts.say("mail-handed-over-lead", &args);
        (Voice::new(texts, args), view)
    }
}

/// What a viewer is shown.
pub(super) struct ViewerView<'a> {
    pub partner: &'a Partner,
    pub terms: TermsView,
    /// The lines of the partner's note.
    pub note: Vec<&'a str>,
    /// When the invitation expires, in words.
    pub deadline: String,
    pub view_url: &'a str,
}

impl<'a> ViewerView<'a> {
    pub(super) fn new(copy: &'a Viewer) -> (Voice<'a>, Self) {
        let reader = &copy.reader;
        let texts = Texts::of(&reader.language);
        let deadline = texts.moment(copy.expires, &reader.zone);
        let args = Args::new(&[
            ("partner", copy.partner.display_name.as_str().into()),
            ("organization", copy.organization.as_str().into()),
            ("name", copy.signer.as_str().into()),
            ("address", (&copy.address).into()),
        ])
        .and("moment", deadline.clone());
        let view = Self {
            partner: &copy.partner,
            terms: TermsView::new(&copy.terms, texts, reader),
            note: lines(copy.note.as_deref()),
            deadline,
            view_url: &copy.view_url,
        };
        (Voice::new(texts, args), view)
    }
}
