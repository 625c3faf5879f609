//! The facts of a mail as its templates want them: dates in words, lines split, the catalogue looked up.

use crate::domain::catalogue::{self, PartnerType, Role};
use crate::domain::time::Timestamp;
use crate::locale::{Args, Texts};
use crate::outbound::mails::{
    Accepted, AcceptedText, Declined, Expired, Failure, Invited, Kind, Partner, Person, Reader,
    Receipt, Request, Step, Terms, Told, Undeliverable,
};

use super::voice::Voice;

/// An offer with its catalogue entries.
pub(super) struct TermsView {
    pub kind: Option<&'static PartnerType>,
    pub roles: Vec<&'static Role>,
    /// `1년(2027년 12월 8일까지 예상)`
    pub period: Option<String>,
    /// Title and version.
    pub agreement: Option<String>,
}

impl TermsView {
    pub(super) fn new(terms: &Terms, texts: Texts, reader: &Reader) -> Self {
        let offer = &terms.offer;
        let period = offer.duration().map(|duration| {
            let period = texts.period(&duration);
            match terms.expected_end {
                Some(end) => {
                    let day = texts.day(end, &reader.zone);
                    let args = [("period", (&period).into()), ("day", (&day).into())];
                    texts.f("period-until", &args)
                }
                None => period,
            }
        });
        let agreement = offer.agreement().then(|| match &terms.agreement {
            Some(agreement) => {
                let (title, version) = (&agreement.title, &agreement.version);
                let args = [("title", title.into()), ("version", version.into())];
                texts.f("agreement-version", &args)
            }
            None => texts.m("agreement-mca"),
        });
        Self {
            kind: offer.partner_type(),
            roles: offer
                .roles()
                .iter()
                .filter_map(|key| catalogue::role(key).ok())
                .collect(),
            period,
            agreement,
        }
    }
}

/// Invitation, reminder and last chance.
pub(super) struct RequestView<'a> {
    pub partner: &'a Partner,
    pub terms: TermsView,
    /// The lines of the partner's note.
    pub note: Vec<&'a str>,
    /// When the invitation expires, in words.
    pub deadline: String,
    pub accept_url: &'a str,
    pub stop_url: Option<&'a str>,
    pub manage_url: Option<&'a str>,
    pub steps: &'a [Step],
}

impl<'a> RequestView<'a> {
    pub(super) fn new(request: &'a Request, stop_url: Option<&'a str>) -> (Voice<'a>, Self) {
        let reader = &request.reader;
        let texts = Texts::of(&reader.language);
        let deadline = texts.moment(request.expires, &reader.zone);
        let args = Args::new(&[
            ("partner", request.partner.display_name.as_str().into()),
            ("organization", request.organization.as_str().into()),
            ("name", request.recipient.name.as_str().into()),
            ("address", (&request.recipient.email).into()),
        ])
        .and("date", texts.short_date(request.expires, &reader.zone))
        .and("moment", deadline.clone());
        let view = Self {
            partner: &request.partner,
            terms: TermsView::new(&request.terms, texts, reader),
            note: lines(request.note.as_deref()),
            deadline,
            accept_url: &request.accept_url,
            stop_url,
            manage_url: request.manage_url.as_deref(),
            steps: &request.steps,
        };
        (Voice::new(texts, args), view)
    }
}

/// The receipt.
pub(super) struct ReceiptView<'a> {
    pub partner: &'a Partner,
    pub terms: TermsView,
    pub signer: &'a Person,
    /// In words.
    pub accepted_at: String,
    pub accepted_text: Option<&'a AcceptedText>,
    pub receipt_url: &'a str,
    pub remaining: &'a [Step],
    pub manage_url: Option<&'a str>,
}

impl<'a> ReceiptView<'a> {
    pub(super) fn new(receipt: &'a Receipt) -> (Voice<'a>, Self) {
        let reader = &receipt.reader;
        let texts = Texts::of(&reader.language);
        let args = Args::new(&[
            ("partner", receipt.partner.display_name.as_str().into()),
            ("organization", receipt.organization.as_str().into()),
            ("name", receipt.signer.name.as_str().into()),
            ("address", (&receipt.signer.email).into()),
            ("count", receipt.remaining.len().into()),
            ("admin-center", receipt.cloud.admin_center().into()),
        ]);
        let view = Self {
            partner: &receipt.partner,
            terms: TermsView::new(&receipt.terms, texts, reader),
            signer: &receipt.signer,
            accepted_at: texts.moment(receipt.accepted_at, &reader.zone),
            accepted_text: receipt.accepted_text.as_ref(),
            receipt_url: &receipt.receipt_url,
            remaining: &receipt.remaining,
            manage_url: receipt.manage_url.as_deref(),
        };
        (Voice::new(texts, args), view)
    }
}

/// What the partner hears; `C` is the mail's own facts.
pub(super) struct NewsView<'a, C> {
    pub c: &'a C,
    pub invited: &'a Invited,
    pub terms: TermsView,
    /// The first sentence.
    pub lead: String,
    /// When it happened, in words; empty where the mail tells no time.
    pub at: String,
    /// The customer's own words, by line.
    pub quote: Vec<&'a str>,
    /// What to do; empty where the template says it.
    pub next: String,
    /// The command that shows the invitation.
    pub show: String,
    /// The commands that do what comes next.
    pub commands: Vec<String>,
}

impl<'a, C> NewsView<'a, C> {
    pub(super) fn new(
        c: &'a C,
        reader: &Reader,
        invited: &'a Invited,
        at: Option<Timestamp>,
    ) -> (Texts, Args<'a>, Self) {
        let texts = Texts::of(&reader.language);
        let args = Args::new(&[
            ("partner", invited.partner.as_str().into()),
            ("organization", invited.organization.as_str().into()),
            ("name", invited.recipient.name.as_str().into()),
        ]);
        let view = Self {
            c,
            invited,
            terms: TermsView::new(&invited.terms, texts, reader),
            lead: String::new(),
            at: at
                .map(|at| texts.moment(at, &reader.zone))
                .unwrap_or_default(),
            quote: Vec::new(),
            next: String::new(),
            show: format!("countersign invitation show {}", invited.id),
            commands: Vec::new(),
        };
        (texts, args, view)
    }
}

impl<'a> NewsView<'a, Accepted> {
    pub(super) fn accepted(c: &'a Accepted) -> (Voice<'a>, Self) {
        let (texts, args, mut view) = Self::new(c, &c.reader, &c.invited, Some(c.accepted_at));
        let args = args.and("name", c.signer.to_string());
        view.lead = texts.say("mail-accepted-lead", &args);
        let marks = c.remaining.iter().map(|step| {
            let (id, step) = (c.invited.id, step.step);
            format!("countersign invitation mark {id} {step} confirmed")
        });
        view.commands = marks.collect();
        (Voice::new(texts, args), view)
    }
}

impl<'a> NewsView<'a, Declined> {
    pub(super) fn declined(c: &'a Declined) -> (Voice<'a>, Self) {
        let (texts, args, mut view) = Self::new(c, &c.reader, &c.invited, Some(c.declined_at));
        let args = args.and("reason", texts.word("reason", c.reason.as_str()));
        view.lead = texts.say("mail-declined-lead", &args);
        view.next = texts.word("mail-declined-next", c.reason.as_str());
        view.quote = lines(c.comment.as_ref().map(Told::as_str));
        (Voice::new(texts, args), view)
    }
}

impl<'a> NewsView<'a, Expired> {
    pub(super) fn expired(c: &'a Expired) -> (Voice<'a>, Self) {
        let (texts, args, mut view) = Self::new(c, &c.reader, &c.invited, Some(c.expired_at));
        let date = texts.short_date(c.expired_at, &c.reader.zone);
        let args = args.and("date", date).and("moment", view.at.clone());
        view.lead = texts.say("mail-expired-lead", &args);
        (Voice::new(texts, args), view)
    }
}

impl<'a> NewsView<'a, Undeliverable> {
    pub(super) fn undeliverable(c: &'a Undeliverable) -> (Voice<'a>, Self) {
        let (texts, args, mut view) = Self::new(c, &c.reader, &c.invited, None);
        view.lead = texts.say("mail-undeliverable-lead", &args);
        view.next = texts.m(match (c.failure, c.mail) {
            (Failure::OurFault, _) => "mail-undeliverable-next-ours",
            (_, Kind::Receipt) => "mail-undeliverable-next-receipt",
            (_, Kind::Viewer) => "mail-undeliverable-next-viewer",
            (_, mail) if !mail.asks_for_an_answer() => "mail-undeliverable-next-told",
            _ => "mail-undeliverable-next-request",
        });
        if c.failure != Failure::OurFault && c.mail.asks_for_an_answer() {
            let id = c.invited.id;
            let correct = format!("countersign invitation correct {id} --email NEW_ADDRESS");
            view.commands.push(correct);
        }
        (Voice::new(texts, args), view)
    }

    /// The subject asks for another address where that may help.
    pub(super) fn subject(&self) -> &'static str {
        match self.c.failure {
            Failure::OurFault => "mail-undeliverable-subject-ours",
            _ => "mail-undeliverable-subject",
        }
    }

    /// The reply's codes (RFC 5321 §4.2, RFC 3463 §2): `550 5.1.1`.
    pub(super) fn reply(&self) -> Option<String> {
        let reply = self.c.reply.as_ref()?;
        Some(match reply.enhanced {
            Some((class, subject, detail)) => format!("{} {class}.{subject}.{detail}", reply.code),
            None => reply.code.to_string(),
        })
    }
}

/// The lines of a plain text, blank ones left out.
pub(super) fn lines(text: Option<&str>) -> Vec<&str> {
    let lines = text.unwrap_or_default().lines().map(str::trim);
    lines.filter(|line| !line.is_empty()).collect()
}
