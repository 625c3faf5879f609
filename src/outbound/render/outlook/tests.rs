use super::*;

/// A body with `inner`, otherwise fit for Outlook.
fn document(inner: &str) -> String {
    format!(
        "<html><head></head><body><table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"><tr>\
         <td style=\"font-size:16px;line-height:24px;\">{inner}</td></tr></table></body></html>"
    )
}

fn is_caught(inner: &str) -> bool {
    !findings(&document(inner)).is_empty()
}

#[test]
fn plain_text_in_a_cell_is_fit() {
    assert_eq!(
        findings(&document("word <b></b>").replace("<b></b>", "")),
        Vec::<String>::new()
    );
}

#[test]
fn each_property_that_word_drops_is_caught() {
    for (property, reason) in UNSUPPORTED {
        let found = findings(&document(&format!(
            "<span style=\"{property}:1px\">x</span>"
        )));
        assert!(
            found.iter().any(|it| it.contains(reason)),
            "{property}: {found:?}"
        );
    }
}

#[test]
fn each_value_that_word_does_not_read_is_caught() {
    for (value, reason) in VALUES {
        let found = findings(&document(&format!(
            "<span style=\"color:{value}\">x</span>"
        )));
        assert!(
            found.iter().any(|it| it.contains(reason)),
            "{value}: {found:?}"
        );
    }
}

#[test]
fn layouts_that_need_another_engine_are_caught() {
    for inner in [
        "<div style=\"display:flex\">x</div>",
        "<div style=\"display:grid\">x</div>",
        "<div style=\"padding:8px\">x</div>",
        "<p style=\"padding:8px\">x</p>",
        "<div style=\"width:600px\">x</div>",
        "<div style=\"border:1px solid #000000\">x</div>",
        "<div style=\"display:none\">x</div>",
        "<span style=\"margin:8px\">x</span>",
        "<a href=\"#\" style=\"padding:8px;display:inline-block\">x</a>",
        "<svg></svg>",
        "<form></form>",
        "<button>x</button>",
        "<ul></ul>",
        "<section>x</section>",
        "<video></video>",
        "<script></script>",
        "<link rel=\"stylesheet\" href=\"https://x.example/a.css\">",
        "<img src=\"cid:a\">",
        "<a href=\"#\" onclick=\"x()\">x</a>",
        "<span style=\"font-size:12px\">x</span>",
        "<span style=\"line-height:1.5\">x</span>",
        "<style>@media (max-width:480px){p{color:#000000}}</style>",
        "<span style=\"unknown-property:1\">x</span>",
    ] {
        assert!(is_caught(inner), "{inner}");
    }
}

#[test]
fn tables_that_word_would_alter_are_caught() {
    let table = |attributes: &str, cell: &str| {
        format!("<table {attributes}><tr><td {cell}>x</td></tr></table>")
    };
    let good = "role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"";
    assert!(!is_caught(&table(good, "")));
    assert!(is_caught(&table("", "")));
    assert!(is_caught(&table(good, "style=\"margin:8px\"")));
    assert!(is_caught(&table(
        good,
        "style=\"background-color:#ffffff\""
    )));
    assert!(
        is_caught(&table(
            &format!("{good} style=\"max-width:600px\" width=\"100%\""),
            ""
        )),
        "no table for Word around it"
    );
}

#[test]
fn a_limited_width_is_fit_inside_a_table_for_word() {
    let ghost = "<!--[if mso]><table role=\"presentation\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"><tr><td><![endif]-->";
    let table = "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"max-width:600px;\"><tr><td>x</td></tr></table>";
    let html = document(&format!(
        "{ghost}{table}<!--[if mso]></td></tr></table><![endif]-->"
    ));
    assert_eq!(findings(&html), Vec::<String>::new());
}

#[test]
fn a_button_is_fit_where_word_pads_the_cell() {
    let button = |cell: &str| {
        document(&format!(
            "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"><tr><td {cell}>\
             <a href=\"#\" style=\"display:inline-block;padding:8px\">x</a></td></tr></table>"
        ))
    };
    assert_eq!(
        findings(&button("style=\"mso-padding-alt:8px\"")),
        Vec::<String>::new()
    );
    assert!(!findings(&button("")).is_empty());
}

#[test]
fn a_style_sheet_holds_only_what_degrades() {
    let head = |css: &str| document("x").replace("<head>", &format!("<head><style>{css}</style>"));
    assert_eq!(
        findings(&head("@media (max-width:480px){.a{color:#000000}}")),
        Vec::<String>::new()
    );
    assert_eq!(
        findings(&head(":root{color-scheme:light dark}")),
        Vec::<String>::new()
    );
    assert!(!findings(&head(".a{color:#000000}")).is_empty());
    assert!(!findings(&head("@media screen{.a{color:#000000}}")).is_empty());
    assert!(!findings(&head("@import 'https://x.example/a.css';:root{}")).is_empty());
}
