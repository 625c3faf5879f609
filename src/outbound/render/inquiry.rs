//! The facts of mails about an inquiry as their templates want them.

use super::views::lines;
use super::voice::Voice;
use crate::domain::time::Timestamp;
use crate::locale::{Args, Texts};
use crate::outbound::mails::{Asks, Inquiry, InquiryConfirm, Reader, Told};

/// What is asked, in words.
pub(super) struct AsksView<'a> {
    pub organization: &'a Told,
    pub size: Option<String>,
    pub name: &'a Told,
    pub email: &'a str,
    pub phone: Option<&'a Told>,
    pub needs: Vec<String>,
    /// The business's own words, by line.
    pub text: Vec<&'a str>,
}

impl<'a> AsksView<'a> {
    fn new(asks: &'a Asks, texts: Texts) -> Self {
        Self {
            organization: &asks.organization,
            size: asks.size.as_ref().map(|size| texts.size(size)),
            name: &asks.name,
            email: &asks.email,
            phone: asks.phone.as_ref(),
            needs: asks.needs.iter().map(|need| texts.need(need)).collect(),
            text: lines(asks.text.as_ref().map(Told::as_str)),
        }
    }
}

/// What the sentences of both mails are given.
fn args<'a>(host: &'a str, asks: &'a Asks, until: Timestamp, reader: &Reader) -> Args<'a> {
    let texts = Texts::of(&reader.language);
    Args::new(&[
        ("host", host.into()),
        ("organization", asks.organization.as_str().into()),
        ("name", asks.name.as_str().into()),
        ("address", (&asks.email).into()),
    ])
    .and("date", texts.short_date(until, &reader.zone))
    .and("moment", texts.moment(until, &reader.zone))
}

/// To the mailbox that is to confirm it.
pub(super) struct ConfirmView<'a> {
    pub host: &'a str,
    /// The first sentence: to how many.
    pub lead: String,
    pub partners: &'a [Told],
    pub asks: AsksView<'a>,
    pub confirm_url: &'a str,
}

impl<'a> ConfirmView<'a> {
    pub(super) fn new(confirm: &'a InquiryConfirm) -> (Voice<'a>, Self) {
        let texts = Texts::of(&confirm.reader.language);
        let (host, asks) = (&confirm.host, &confirm.asks);
        let lead = [
            ("address", (&asks.email).into()),
            ("count", confirm.partners.len().into()),
        ];
        let view = Self {
            host,
            lead: texts.f("mail-inquiry-confirm-lead", &lead),
            partners: &confirm.partners,
            asks: AsksView::new(asks, texts),
            confirm_url: &confirm.confirm_url,
        };
        let args = args(host, asks, confirm.until, &confirm.reader);
        (Voice::new(texts, args), view)
    }
}

/// To a partner.
pub(super) struct InquiryView<'a> {
    pub host: &'a str,
    pub asks: AsksView<'a>,
    /// When the mailbox confirmed it, in words.
    pub asked_at: String,
    pub respond_url: &'a str,
}

impl<'a> InquiryView<'a> {
    pub(super) fn new(inquiry: &'a Inquiry) -> (Voice<'a>, Self) {
        let reader = &inquiry.reader;
        let texts = Texts::of(&reader.language);
        let (host, asks) = (&inquiry.host, &inquiry.asks);
        let view = Self {
            host,
            asks: AsksView::new(asks, texts),
            asked_at: texts.moment(inquiry.asked_at, &reader.zone),
            respond_url: &inquiry.respond_url,
        };
        let args =
            args(host, asks, inquiry.until, reader).and("partner", inquiry.partner.to_string());
        (Voice::new(texts, args), view)
    }
}
