//! Reads pages and mails as a person does, to find what is not translated: in a pseudo-language each message stands in
//! brackets, and data that may go the other way is set apart, so that what is left is English that somebody wrote into a
//! template, or a name that the words around it would turn.

use html5gum::{Token, Tokenizer};

/// What a person sees, or a screen reader says: the texts of a document, and those attributes that are texts. Without what
/// the markup sets apart as data: `bdi`, and elements with a direction of their own.
pub(crate) fn visible(html: &str) -> Vec<String> {
    const SPOKEN: [&[u8]; 4] = [b"aria-label", b"title", b"alt", b"placeholder"];
    const EMPTY: [&[u8]; 5] = [b"br", b"input", b"meta", b"link", b"img"];
    let mut seen = Vec::new();
    // The open elements, each with whether its text is left out.
    let mut open: Vec<(Vec<u8>, bool)> = Vec::new();
    for token in Tokenizer::new(html) {
        match token.unwrap() {
            Token::StartTag(tag) => {
                let spoken = tag.attributes.iter();
                let spoken = spoken.filter(|(name, _)| SPOKEN.contains(&name.0.as_slice()));
                seen.extend(spoken.map(|(_, value)| utf8(&value.value.0)));
                let name = tag.name.0.clone();
                let direction = tag.attributes.get(b"dir".as_slice());
                let has_own = direction.is_some_and(|it| it.value.0 != b"rtl") && name != b"html";
                let is_apart = has_own || matches!(name.as_slice(), b"bdi" | b"style");
                let above = open.last().is_some_and(|(_, apart)| *apart);
                if !tag.self_closing && !EMPTY.contains(&name.as_slice()) {
                    open.push((name, is_apart || above));
                }
            }
            Token::EndTag(tag) => {
                let (name, _) = open.pop().expect("an element to close");
                assert_eq!(utf8(&name), utf8(&tag.name.0), "elements that cross");
            }
            Token::String(text) if !open.last().is_some_and(|(_, apart)| *apart) => {
                seen.push(utf8(&text.value.0));
            }
            _ => {}
        }
    }
    seen
}

fn utf8(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The words of two letters and more that stand in no message, are not set apart and are not among the `data`. Ids, digests
/// and addresses are known by their digits and signs.
pub(crate) fn untranslated(text: &str, data: &[&str]) -> Vec<String> {
    let mut left = outside(text);
    for known in data {
        left = left.replace(known, " ");
    }
    left.split_whitespace()
        .filter(|word| !word.contains(|it: char| it.is_ascii_digit() || it == '@'))
        .flat_map(|word| word.split(|letter: char| !letter.is_alphabetic()))
        .filter(|word| word.chars().count() > 1)
        .map(str::to_owned)
        .collect()
}

/// A text without its messages and isolated parts, and what stands inside them.
fn outside(text: &str) -> String {
    let mut depth = 0_usize;
    let mut left = String::new();
    for letter in text.chars() {
        match letter {
            '⟦' | '\u{2068}' => depth += 1,
            '⟧' | '\u{2069}' => {
                assert!(depth > 0, "a bracket too many: {text}");
                depth -= 1;
                left.push(' ');
            }
            _ if depth == 0 => left.push(letter),
            _ => {}
        }
    }
    assert_eq!(depth, 0, "a bracket is left open: {text}");
    left
}

#[test]
fn what_is_not_translated_is_found() {
    let page = r#"<html><head><style>p { color: red }</style><title>⟦Ţîîţļéé⟧</title></head>
        <p title="A hint">⟦Ååƀ ⟦çð⟧ Harbourline⟧ Harbourline Cloud, 14 <b>not<br>yet</b> <bdi>Penrose</bdi></p></html>"#;
    assert_eq!(
        untranslated(&visible(page).join("\n"), &["Harbourline Cloud"]),
        ["hint", "not", "yet"]
    );
}
