//! The facts of mails about webhooks as their templates want them.

use super::voice::Voice;
use crate::domain::time::SECOND;
use crate::domain::webhook::Cause;
use crate::locale::{Args, Texts};
use crate::outbound::mails::WebhookDisabled;

/// An endpoint that is not called any more.
pub(super) struct WebhookDisabledView<'a> {
    pub c: &'a WebhookDisabled,
    /// The first sentence: why.
    pub lead: String,
    /// Moments in words.
    pub failing_since: String,
    pub switched_off_at: String,
    /// What it answered last, in words.
    pub answer: String,
    /// The command that lets it be called again.
    pub enable: String,
    /// The command that calls again for what it missed.
    pub replay: String,
}

impl<'a> WebhookDisabledView<'a> {
    pub(super) fn new(c: &'a WebhookDisabled) -> (Voice<'a>, Self) {
        let reader = &c.reader;
        let texts = Texts::of(&reader.language);
        let failing_since = texts.moment(c.failing_since, &reader.zone);
        let args = Args::new(&[
            ("host", c.host.as_str().into()),
            ("partner", c.partner.as_str().into()),
            ("endpoint", c.destination.as_str().into()),
        ])
        .and("moment", failing_since.clone())
        .and("date", texts.short_date(c.switched_off_at, &reader.zone));
        let lead = match c.cause {
            Cause::Failing => texts.say("mail-webhook-disabled-lead-failing", &args),
            Cause::Gone => texts.say("mail-webhook-disabled-lead-gone", &args),
        };
        // Whole seconds, rounded down: the command reads them back, and misses nothing.
        let from = c
            .failing_since
            .plus_micros(-(c.failing_since.as_micros() % SECOND));
        let view = Self {
            c,
            lead,
            switched_off_at: texts.moment(c.switched_off_at, &reader.zone),
            answer: match c.status {
                Some(status) => {
                    let args = Args::default().and("code", status.to_string());
                    texts.say("mail-webhook-disabled-status", &args)
                }
                None => texts.m("label-webhook-no-answer"),
            },
            enable: format!("countersign webhook update {} --enable", c.endpoint),
            replay: format!(
                "countersign webhook replay {} --from {from} --undelivered",
                c.endpoint
            ),
            failing_since,
        };
        (Voice::new(texts, args), view)
    }
}
