//! The templates of `templates/mail`, compiled in: a subject, a text and an HTML body for each mail.

use askama::Template;
use textwrap::core::{Word, display_width};
use textwrap::wrap_algorithms::wrap_first_fit;

use super::Rendered;
use super::change::{ChangeView, ManageLinkView, StepsOpenView};
use super::inquiry::{ConfirmView, InquiryView};
use super::people::ViewerView;
use super::views::{NewsView, ReceiptView, RequestView};
use super::voice::Voice;
use super::webhook::WebhookDisabledView;
use crate::domain::linkable::without_joiners;
use crate::locale::without_isolates;
use crate::outbound::mails::{Accepted, Declined, Expired, HandedOver, Undeliverable};

/// The columns of the text part (RFC 3676 §4.2 advises 78 at most; quoted twice, 72 stay below 80).
const COLUMNS: usize = 72;

/// Room for the bodies, in octets, so that they need not be moved while they grow: the largest of ours fit.
const TEXT: usize = 8 * 1024;
const HTML: usize = 32 * 1024;

macro_rules! mails {
    ($($name:ident($view:ty): $subject:literal, $text:literal, $html:literal;)*) => {$(
        pub(super) mod $name {
            use super::*;

            #[derive(Template)]
            #[template(path = $subject)]
            struct Subject<'a> {
                t: &'a Voice<'a>,
                v: &'a $view,
            }

            #[derive(Template)]
            #[template(path = $text)]
            struct Text<'a> {
                t: &'a Voice<'a>,
                v: &'a $view,
            }

            #[derive(Template)]
            #[template(path = $html)]
            struct Html<'a> {
                t: &'a Voice<'a>,
                v: &'a $view,
                subject: &'a str,
            }

            pub(in super::super) fn render<'a>(t: &'a Voice<'a>, v: &'a $view) -> Rendered {
                let head = Subject { t, v };
                let title = one_line(&without_isolates(&written(&head, 256)));
                let text = settle(&written(&Text { t, v: head.v }, TEXT));
                let html = written(&Html { t, v, subject: &title }, HTML);
                // No mail program links in a subject, and people search for its words.
                Rendered { subject: without_joiners(&title), text, html }
            }
        }
    )*};
}

mails! {
    invitation(RequestView<'a>): "mail/invitation/subject.txt", "mail/invitation/body.txt", "mail/invitation/body.html";
    reminder(RequestView<'a>): "mail/reminder/subject.txt", "mail/reminder/body.txt", "mail/reminder/body.html";
    last_chance(RequestView<'a>): "mail/last_chance/subject.txt", "mail/last_chance/body.txt", "mail/last_chance/body.html";
    receipt(ReceiptView<'a>): "mail/receipt/subject.txt", "mail/receipt/body.txt", "mail/receipt/body.html";
    accepted(NewsView<'a, Accepted>): "mail/accepted/subject.txt", "mail/accepted/body.txt", "mail/accepted/body.html";
    declined(NewsView<'a, Declined>): "mail/declined/subject.txt", "mail/declined/body.txt", "mail/declined/body.html";
    expired(NewsView<'a, Expired>): "mail/expired/subject.txt", "mail/expired/body.txt", "mail/expired/body.html";
    undeliverable(NewsView<'a, Undeliverable>): "mail/undeliverable/subject.txt", "mail/undeliverable/body.txt", "mail/undeliverable/body.html";
    ending(ChangeView<'a>): "mail/ending/subject.txt", "mail/ending/body.txt", "mail/ending/body.html";
    ended(ChangeView<'a>): "mail/ended/subject.txt", "mail/ended/body.txt", "mail/ended/body.html";
    extended(ChangeView<'a>): "mail/extended/subject.txt", "mail/extended/body.txt", "mail/extended/body.html";
    roles_removed(ChangeView<'a>): "mail/roles_removed/subject.txt", "mail/roles_removed/body.txt", "mail/roles_removed/body.html";
    relationship_ended(ChangeView<'a>): "mail/relationship_ended/subject.txt", "mail/relationship_ended/body.txt", "mail/relationship_ended/body.html";
    manage_link(ManageLinkView<'a>): "mail/manage_link/subject.txt", "mail/manage_link/body.txt", "mail/manage_link/body.html";
    handed_over(NewsView<'a, HandedOver>): "mail/handed_over/subject.txt", "mail/handed_over/body.txt", "mail/handed_over/body.html";
    viewer(ViewerView<'a>): "mail/viewer/subject.txt", "mail/viewer/body.txt", "mail/viewer/body.html";
    steps_open(StepsOpenView<'a>): "mail/steps_open/subject.txt", "mail/steps_open/body.txt", "mail/steps_open/body.html";
    inquiry_confirm(ConfirmView<'a>): "mail/inquiry_confirm/subject.txt", "mail/inquiry_confirm/body.txt", "mail/inquiry_confirm/body.html";
    inquiry(InquiryView<'a>): "mail/inquiry/subject.txt", "mail/inquiry/body.txt", "mail/inquiry/body.html";
    webhook_disabled(WebhookDisabledView<'a>): "mail/webhook_disabled/subject.txt", "mail/webhook_disabled/body.txt", "mail/webhook_disabled/body.html";
}

#[expect(
    clippy::expect_used,
    reason = "writing to a String cannot fail, and no template calls what can"
)]
fn written<T: Template>(template: &T, room: usize) -> String {
    let mut text = String::with_capacity(room);
    template
        .render_into(&mut text)
        .expect("a template that renders");
    text
}

/// A subject is one line, whatever stood in a name.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Wraps lines, keeps one blank line where a template left several, and lets URLs and commands be.
fn settle(text: &str) -> String {
    let mut settled = String::with_capacity(text.len() + text.len() / 16);
    let mut is_blank = true;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() {
            is_blank = true;
            continue;
        }
        if is_blank && !settled.is_empty() {
            settled.push('\n');
        }
        is_blank = false;
        // No character is wider than its octets are many.
        let is_whole = ["https://", "countersign "]
            .iter()
            .any(|lead| line.starts_with(lead));
        if line.len() <= COLUMNS || is_whole {
            settled.push_str(line);
        } else {
            wrap(line, &mut settled);
        }
        settled.push('\n');
    }
    settled
}

/// Appends a line in as many as it takes, each under the beginning of the first; a word that is too long stays whole.
fn wrap(line: &str, out: &mut String) {
    let content = line.trim_start();
    let marks = content.len() - content.trim_start_matches(['-', '·', ' ']).len();
    let (lead, content) = line.split_at(line.len() - content.len() + marks);
    let hang = display_width(lead);
    let words: Vec<Word<'_>> = content.split_inclusive(' ').map(Word::from).collect();
    #[expect(clippy::cast_precision_loss, reason = "a count of columns")]
    let room = COLUMNS.saturating_sub(hang) as f64;
    out.push_str(lead);
    for (index, line) in wrap_first_fit(&words, &[room]).into_iter().enumerate() {
        if index > 0 {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', hang));
        }
        let mut blank = "";
        for word in line {
            out.push_str(blank);
            out.push_str(word.word);
            blank = word.whitespace;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line_whatever_a_name_holds() {
        assert_eq!(one_line("[A\r\nBcc: b]\tC \n"), "[A Bcc: b] C");
    }

    #[test]
    fn lines_are_wrapped_under_their_beginning() {
        let long = format!("- {}", "열두글자입니다 ".repeat(12).trim_end());
        let settled = settle(&long);
        assert!(settled.lines().all(|line| display_width(line) <= COLUMNS));
        assert!(
            settled.lines().skip(1).all(|line| line.starts_with("  열")),
            "{settled}"
        );
    }

    #[test]
    fn a_url_is_never_broken() {
        let url = format!("https://invite.example/a/{}", "x".repeat(90));
        assert_eq!(settle(&url), format!("{url}\n"));
    }

    #[test]
    fn one_blank_line_stays_of_several() {
        assert_eq!(settle("\n\na\n\n\n  \nb\n\n"), "a\n\nb\n");
    }
}
