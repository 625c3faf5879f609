//! What Word's engine takes, and what it does not.

/// Elements that a mail of ours may use.
pub(super) const ELEMENTS: &[&str] = &[
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "div",
    "table",
    "tr",
    "td",
    "th",
    "h1",
    "h2",
    "p",
    "span",
    "a",
    "br",
    "img",
    // Only for Word, in conditional comments.
    "xml",
    "o:officedocumentsettings",
    "o:pixelsperinch",
];

/// Properties that Word renders, and on which elements; no element means all of them.
pub(super) const PROPERTIES: &[(&str, &[&str])] = &[
    ("background-color", &[]),
    ("color", &[]),
    ("font-family", &[]),
    ("font-size", &[]),
    ("font-weight", &[]),
    ("line-height", &[]),
    ("text-align", &["table", "td", "th", "h1", "h2", "p", "div"]),
    ("text-decoration", &[]),
    ("vertical-align", &["td", "th"]),
    ("margin", &["h1", "h2", "p", "div"]),
    ("width", &["table", "td", "th"]),
    ("height", &["table", "td", "th"]),
    ("border", &["table", "td", "th"]),
    ("border-top", &["table", "td", "th"]),
    ("border-bottom", &["table", "td", "th"]),
    ("border-collapse", &["table"]),
];

/// What Word drops without harm.
pub(super) const ENHANCEMENTS: &[&str] = &["border-radius", "overflow-wrap", "word-break"];

/// Properties that no layout may need, and why.
pub(super) const UNSUPPORTED: &[(&str, &str)] = &[
    ("align-items", "no flexbox in Word"),
    ("animation", "not in Word"),
    (
        "background",
        "the shorthand is half read: use background-color",
    ),
    (
        "background-image",
        "dropped by Word, and it would load something",
    ),
    ("background-position", "dropped by Word"),
    ("background-size", "dropped by Word"),
    ("box-shadow", "dropped by Word"),
    ("box-sizing", "Word always adds padding to the width"),
    ("clear", "no floats in Word"),
    ("filter", "dropped by Word"),
    ("flex", "no flexbox in Word"),
    ("flex-direction", "no flexbox in Word"),
    ("float", "no floats in Word: use table cells"),
    (
        "font",
        "the shorthand falls back to Times where one part is unknown",
    ),
    ("gap", "no flexbox or grid in Word"),
    ("grid-template-columns", "no grid in Word"),
    ("justify-content", "no flexbox in Word"),
    ("left", "no positions in Word"),
    ("list-style", "half read by Word: number table rows"),
    ("max-height", "dropped by Word"),
    ("min-height", "dropped by Word: set the height of a cell"),
    ("min-width", "dropped by Word"),
    ("object-fit", "dropped by Word"),
    ("opacity", "dropped by Word: choose the mixed colour"),
    ("outline", "dropped by Word"),
    ("overflow", "dropped by Word"),
    ("padding-block", "logical properties are dropped by Word"),
    ("padding-inline", "logical properties are dropped by Word"),
    ("position", "no positions in Word: use table cells"),
    ("text-overflow", "dropped by Word"),
    ("text-shadow", "dropped by Word"),
    ("top", "no positions in Word"),
    ("transform", "dropped by Word"),
    ("transition", "dropped by Word"),
    ("visibility", "dropped by Word: the text would show"),
    ("white-space", "dropped by Word: write the line breaks"),
    ("word-spacing", "dropped by Word"),
    ("z-index", "no positions in Word"),
];

/// Values that Word does not read, and why.
pub(super) const VALUES: &[(&str, &str)] = &[
    ("!important", "Word drops an inline declaration that has it"),
    ("var(", "Word knows no custom properties"),
    ("calc(", "Word does not calculate"),
    ("url(", "nothing is loaded by a mail"),
    ("gradient(", "Word knows no gradients"),
    ("rgba(", "Word knows no transparency"),
    ("hsl(", "Word knows hexadecimal colours"),
    ("rem", "Word knows no rem: use px"),
    ("vw", "Word knows no viewport units"),
    ("vh", "Word knows no viewport units"),
    ("auto", "Word does not centre by margin: use align"),
    (
        "-apple-system",
        "Word falls back to Times after a name that it does not know",
    ),
    (
        "system-ui",
        "Word falls back to Times after a name that it does not know",
    ),
];
