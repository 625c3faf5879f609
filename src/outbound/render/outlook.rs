//! A lint of mail HTML against what Outlook on Windows does not render: its engine is Word's.
//!
//! Sources: Microsoft, "Word 2007 HTML and CSS Rendering Capabilities in Outlook 2007" (which elements take which
//! properties), and the tables of caniemail.com for Outlook on Windows. Word drops what it does not know, so a rule is broken
//! only by what the layout needs; what merely makes another client's rendering nicer is listed in [`ENHANCEMENTS`].

mod document;
mod rules;

pub(super) use document::{Element, walk};
use rules::{ELEMENTS, ENHANCEMENTS, PROPERTIES, UNSUPPORTED, VALUES};

/// What is wrong with a document, each with its reason; nothing where it is fit for Outlook.
pub(super) fn findings(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    walk(html, &mut |path, text| {
        let Some(element) = path.last() else { return };
        if let Some(text) = text {
            found.extend(check_text(path, text));
        } else {
            found.extend(check_element(element));
            found.extend(check_style(path));
        }
    });
    found
}

fn check_element(element: &Element) -> Vec<String> {
    let mut found = Vec::new();
    let name = element.name.as_str();
    if !ELEMENTS.contains(&name) {
        found.push(format!(
            "<{name}>: Word does not render it, or it loads or submits something"
        ));
    }
    for attribute in element.attributes.keys() {
        if attribute.starts_with("on") || attribute == "background" || attribute == "srcset" {
            found.push(format!("<{name} {attribute}>: Word ignores it"));
        }
    }
    let has = |attribute: &str, value: &str| {
        element
            .attributes
            .get(attribute)
            .is_some_and(|is| is == value)
    };
    if name == "table" {
        for (attribute, value) in [
            ("role", "presentation"),
            ("cellpadding", "0"),
            ("cellspacing", "0"),
            ("border", "0"),
        ] {
            if !has(attribute, value) {
                found.push(format!(
                    "<table> without {attribute}={value}: Word adds its own"
                ));
            }
        }
    }
    if name == "img"
        && !["alt", "width", "height"]
            .iter()
            .all(|it| element.attributes.contains_key(*it))
    {
        found.push("<img> without alt, width and height: Word shows it in its own size".to_owned());
    }
    let background = element.style.get("background-color");
    if matches!(name, "table" | "td") && background != element.attributes.get("bgcolor") {
        found.push(format!(
            "<{name}> whose bgcolor is not its background-color: Word reads bgcolor more widely"
        ));
    }
    found
}

fn check_style(path: &[Element]) -> Vec<String> {
    let Some(element) = path.last() else {
        return Vec::new();
    };
    let name = element.name.as_str();
    let mut found = Vec::new();
    for (property, value) in &element.style {
        let at = format!("<{name} style=\"{property}:{value}\">");
        for (part, reason) in VALUES {
            if value.contains(part) {
                found.push(format!("{at}: {reason}"));
            }
        }
        if let Some((_, reason)) = UNSUPPORTED.iter().find(|(it, _)| it == property) {
            found.push(format!("{at}: {reason}"));
            continue;
        }
        let is_button = name == "a"
            && path
                .iter()
                .rev()
                .find(|it| it.name == "td")
                .is_some_and(|td| td.style.contains_key("mso-padding-alt"));
        let is_fine = match property.as_str() {
            _ if property.starts_with("mso-") => true,
            "display" if value == "none" => element.style.contains_key("mso-hide"),
            "display" => is_button && value == "inline-block",
            "padding" => matches!(name, "td" | "th") || is_button,
            "max-width" => {
                name == "table"
                    && element.in_ghost_table
                    && element
                        .attributes
                        .get("width")
                        .is_some_and(|it| it == "100%")
            }
            "margin" if value == "0" => true,
            _ if ENHANCEMENTS.contains(&property.as_str()) => true,
            _ => PROPERTIES.iter().any(|(it, elements)| {
                it == property && (elements.is_empty() || elements.contains(&name))
            }),
        };
        if !is_fine {
            found.push(format!("{at}: not supported there"));
        }
    }
    found
}

/// Style sheets hold dark mode and narrow screens only: Word knows no media query, and what stands outside one would be
/// needed. And words have a size of their own, or Word takes 12 pt Times.
fn check_text(path: &[Element], text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if path.last().is_some_and(|element| element.name == "style") {
        if path.iter().any(|element| element.name == "body") {
            found.push("<style> in the body: Word and Gmail drop it".to_owned());
        }
        if text.contains("@import") || text.contains("@font-face") || text.contains("url(") {
            found.push("<style> that loads something".to_owned());
        }
        for rule in document::outer_rules(text) {
            let is_degrading = rule.starts_with("@media (max-width:")
                || rule.starts_with("@media (prefers-color-scheme:dark)")
                || rule == ":root";
            if !is_degrading {
                found.push(format!(
                    "<style> with {rule}: only dark mode and narrow screens, the rest is inline"
                ));
            }
        }
        return found;
    }
    let in_body = path.iter().any(|element| element.name == "body");
    let is_hidden = path
        .iter()
        .any(|element| element.style.get("display").is_some_and(|it| it == "none"));
    if in_body && !is_hidden && text.chars().any(char::is_alphanumeric) {
        match document::nearest(path, "font-size")
            .and_then(|size| size.strip_suffix("px")?.parse::<u32>().ok())
        {
            Some(13..) => {}
            _ => found.push(format!("text without a size of at least 13 px: {text}")),
        }
        if document::nearest(path, "line-height").is_none_or(|height| !height.ends_with("px")) {
            found.push(format!("text without a line height in px: {text}"));
        }
    }
    found
}

#[cfg(test)]
mod tests;
