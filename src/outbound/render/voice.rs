//! What templates call `t`: the sentences of the reader's language, with the mail's names and dates filled in.

use std::fmt::Display;

use crate::domain::catalogue::Role;
use crate::locale::{Args, Texts};

/// The texts of a language, and the values that the mail's messages share.
pub(super) struct Voice<'a> {
    texts: Texts,
    args: Args<'a>,
}

impl<'a> Voice<'a> {
    pub(super) const fn new(texts: Texts, args: Args<'a>) -> Self {
        Self { texts, args }
    }

    /// A message; it takes what it needs of the mail's values.
    pub(super) fn m(&self, key: &str) -> String {
        self.texts.say(key, &self.args)
    }

    pub(super) fn name(&self, family: &str, key: &str) -> String {
        self.texts.name(family, key)
    }

    pub(super) fn does(&self, family: &str, key: &str) -> String {
        self.texts.does(family, key)
    }

    pub(super) fn word(&self, family: &str, key: &str) -> String {
        self.texts.word(family, key)
    }

    pub(super) fn role_names(&self, roles: &[&Role]) -> Vec<String> {
        roles
            .iter()
            .map(|role| self.name("role", &role.key))
            .collect()
    }

    /// For `lang="…"`.
    pub(super) fn language(&self) -> String {
        self.texts.language().to_string()
    }

    /// For `dir="…"`.
    pub(super) fn direction(&self) -> &'static str {
        self.texts.direction()
    }

    /// The side on which lines begin; Outlook's Word engine does not know `text-align: start`.
    pub(super) fn start(&self) -> &'static str {
        match self.direction() {
            "rtl" => "right",
            _ => "left",
        }
    }

    /// The padding of a label beside its value: Word knows sides, and neither start nor end.
    pub(super) fn label_padding(&self) -> &'static str {
        match self.direction() {
            "rtl" => "3px 0 3px 12px",
            _ => "3px 12px 3px 0",
        }
    }

    /// Fonts that are there on the reader's machine: none is loaded.
    pub(super) fn fonts(&self) -> String {
        self.texts.m("writing-fonts")
    }

    /// Fonts for Outlook's Word engine, which takes a serif one where it knows none of the list.
    pub(super) fn mso_fonts(&self) -> String {
        self.texts.m("writing-fonts-outlook")
    }

    /// Whether lines break between words only (`word-break: keep-all`): Korean would otherwise break within them.
    pub(super) fn keeps_words(&self) -> bool {
        self.texts.m("writing-words") == "keep"
    }

    /// A name, an address or a number that stands by itself.
    pub(super) fn data(&self, data: impl Display) -> String {
        self.texts.isolated(data.to_string())
    }
}
