//! Just enough of a document tree for the lint: the open elements above each element and text.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use html5gum::{DefaultEmitter, Token, Tokenizer};

/// An open element.
#[derive(Debug, Clone)]
pub(in super::super) struct Element {
    /// In lower case.
    pub name: String,
    /// By lower-case name.
    pub attributes: BTreeMap<String, String>,
    /// The inline declarations.
    pub style: BTreeMap<String, String>,
    /// Whether a conditional comment opened a table of fixed width around it, for Word.
    pub in_ghost_table: bool,
}

/// Calls `visit` with the path from the root for each element (without text) and for each text.
///
/// What stands in `<!--[if mso]>…<![endif]-->` is visited like the rest; its tables are not part of the path, because they
/// open in one comment and close in another.
pub(in super::super) fn walk(html: &str, visit: &mut dyn FnMut(&[Element], Option<&str>)) {
    let mut path = Vec::new();
    let mut ghosts = 0_usize;
    read(html, &mut path, &mut ghosts, visit);
    assert!(path.is_empty(), "unclosed: {path:?}");
    assert_eq!(ghosts, 0, "a table for Word is not closed");
}

fn read(
    html: &str,
    path: &mut Vec<Element>,
    ghosts: &mut usize,
    visit: &mut dyn FnMut(&[Element], Option<&str>),
) {
    let mut emitter: DefaultEmitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(html, emitter) {
        match token.expect("reading from memory") {
            Token::StartTag(tag) => {
                let attributes: BTreeMap<String, String> = tag
                    .attributes
                    .iter()
                    .map(|(name, value)| (lossy(name), lossy(&value.value)))
                    .collect();
                let name = lossy(&tag.name);
                let style = attributes
                    .get("style")
                    .map(|it| declarations(it))
                    .unwrap_or_default();
                let is_void = tag.self_closing
                    || matches!(name.as_str(), "meta" | "br" | "img" | "link" | "input");
                path.push(Element {
                    name,
                    attributes,
                    style,
                    in_ghost_table: *ghosts > 0,
                });
                visit(path, None);
                if is_void {
                    path.pop();
                }
            }
            Token::EndTag(tag) => {
                let open = path.pop().map(|element| element.name);
                assert_eq!(
                    open,
                    Some(lossy(&tag.name)),
                    "closed in another order than opened"
                );
            }
            Token::String(text) => visit(path, Some(&lossy(&text.value))),
            Token::Comment(comment) => {
                let comment = lossy(&comment.value);
                let conditional = comment
                    .strip_prefix("[if mso]>")
                    .and_then(|rest| rest.strip_suffix("<![endif]"));
                if let Some(inner) = conditional {
                    word_only(inner, path, ghosts, visit);
                }
            }
            Token::Doctype(_) => {}
            Token::Error(error) => panic!("{:?} in {html}", error.value),
        }
    }
}

fn word_only(
    inner: &str,
    path: &[Element],
    ghosts: &mut usize,
    visit: &mut dyn FnMut(&[Element], Option<&str>),
) {
    let opens = inner.matches("<table").count();
    let closes = inner.matches("</table>").count();
    match opens.cmp(&closes) {
        Ordering::Greater => {
            assert!(
                inner.contains("width=\"600\""),
                "a table for Word has a fixed width: {inner}"
            );
            *ghosts += 1;
        }
        Ordering::Less => *ghosts -= 1,
        Ordering::Equal => {
            // Its style sheet sets fonts for Word alone.
            let markup = match (inner.find("<style>"), inner.find("</style>")) {
                (Some(from), Some(to)) => format!("{}{}", &inner[..from], &inner[to + 8..]),
                _ => inner.to_owned(),
            };
            read(&markup, &mut path.to_vec(), &mut 1, visit);
        }
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// `color:#fff; margin:0` as a map.
pub(in super::super) fn declarations(style: &str) -> BTreeMap<String, String> {
    style
        .split(';')
        .filter_map(|declaration| declaration.split_once(':'))
        .map(|(property, value)| (property.trim().to_lowercase(), value.trim().to_owned()))
        .collect()
}

/// The value of a property on the nearest element that sets it.
pub(in super::super) fn nearest<'a>(path: &'a [Element], property: &str) -> Option<&'a str> {
    let set = path
        .iter()
        .rev()
        .find_map(|element| element.style.get(property));
    set.map(String::as_str)
}

/// What stands before each outermost `{…}` of a style sheet.
pub(super) fn outer_rules(css: &str) -> Vec<String> {
    let mut rules = Vec::new();
    let (mut depth, mut rule) = (0_usize, String::new());
    for sign in css.chars() {
        match sign {
            '{' => {
                if depth == 0 {
                    rules.push(rule.trim().to_owned());
                }
                depth += 1;
            }
            '}' => {
                depth -= 1;
                rule.clear();
            }
            _ if depth == 0 => rule.push(sign),
            _ => {}
        }
    }
    rules
}
