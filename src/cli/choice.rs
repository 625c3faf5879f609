//! Arguments that are one of a few words: `--help` and completions list them.

use std::fmt::Display;
use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::domain::catalogue;
use crate::domain::language::AVAILABLE;

/// What reads one of these words.
pub(super) fn one_of<T>(
    words: impl IntoIterator<Item = &'static T>,
) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err: std::error::Error + Send + Sync> + Display + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(words.into_iter().map(ToString::to_string))
        .try_map(|word| word.parse::<T>())
}

/// What reads the tag of a language in which pages and mails are written.
pub(super) fn language() -> PossibleValuesParser {
    PossibleValuesParser::new(AVAILABLE.iter().map(ToString::to_string))
}

/// The partner types, a line each, for a long help: they may be written in words too, so that they are not a closed list.
pub(super) fn partner_types() -> String {
    let lines = catalogue::types().map(|(_, kind)| {
        let roles = if kind.default_roles.is_empty() {
            String::new()
        } else {
            format!(" (by default {})", kind.default_roles.join(", "))
        };
        format!("- {}: {}{roles}", kind.key, kind.name)
    });
    list(
        "The partner type, as its key or as its English or Korean name; without one, the agreement alone is offered:",
        lines,
    )
}

/// The delegated-admin roles, likewise.
pub(super) fn roles() -> String {
    let lines = catalogue::roles()
        .iter()
        .map(|role| format!("- {}: {}", role.key, role.name));
    list(
        "A delegated-admin role, as its key or as its English or Korean name; may be repeated [default: those of the type]:",
        lines,
    )
}

fn list(head: &str, lines: impl Iterator<Item = String>) -> String {
    let mut text = head.to_owned();
    for line in lines {
        text.push('\n');
        text.push_str(&line);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::invitation::StateName;
    use crate::domain::microsoft::{Step, StepState};
    use crate::domain::notice::NoticeState;

    #[test]
    fn every_word_stands_in_the_documents() {
        let documents = include_str!("../../docs/cli.md");
        let (_, words) = documents.split_once("## Words").unwrap();
        let known = catalogue::types()
            .map(|(_, kind)| format!("| `{}` | {} |", kind.key, kind.name))
            .chain(
                catalogue::roles()
                    .iter()
                    .map(|role| format!("| `{}` | {} |", role.key, role.name)),
            )
            .chain(Step::ALL.iter().map(|step| format!("| `{step}` |")))
            .chain(StepState::ALL.iter().map(|state| format!("| `{state}` |")))
            .chain(StateName::ALL.iter().map(|state| format!("`{state}`")))
            .chain(NoticeState::ALL.iter().map(|state| format!("`{state}`")));
        for word in known {
            assert!(words.contains(&word), "docs/cli.md lacks {word}");
        }
    }
}
