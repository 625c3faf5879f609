//! The paths of links, as mails write them and the pages serve them: written once, because a link that has been mailed has to
//! go on leading where it led.

use std::fmt::Display;

/// Where links to the acceptance page begin.
pub const ACCEPT: &str = "/a/";
/// Where links to a receipt begin.
pub const RECEIPT: &str = "/receipt/";
/// Where links that stop reminders begin.
pub const STOP: &str = "/stop/";
/// Where links that confirm an inquiry begin.
pub const INQUIRY: &str = "/inquiry/";
/// Where links begin by which a partner answers one.
pub const RESPOND: &str = "/respond/";
/// Where links to one relationship begin.
pub const MANAGE: &str = "/manage/";
/// Where links to the list of a mailbox's partners begin.
pub const LIST: &str = "/partners/";
/// Where links begin by which a viewer reads.
pub const VIEW: &str = "/view/";
/// Where every link begins.
pub const ALL: [&str; 8] = [VIEW, ACCEPT, RECEIPT, STOP, MANAGE, LIST, INQUIRY, RESPOND];
/// Where a link to that list is asked for.
pub const ASK: &str = "/manage";

/// Where whoever has a partner already asks for the agreement alone.
pub const ASK_AGREEMENT: &str = "/agreement";

/// The acceptance page.
pub fn accept(token: impl Display) -> String {
    format!("{ACCEPT}{token}")
}

/// The acceptance page for whoever has to approve.
pub fn print(token: impl Display) -> String {
    format!("{ACCEPT}{token}/print")
}

/// Where somebody else may be named to answer, or to read.
pub fn people(token: impl Display) -> String {
    format!("{ACCEPT}{token}/people")
}

/// What somebody else is asked, to read.
pub fn view(token: impl Display) -> String {
    format!("{VIEW}{token}")
}

/// The receipt.
pub fn receipt(token: impl Display) -> String {
    format!("{RECEIPT}{token}")
}

/// Where reminders are stopped, by a page or in one click (RFC 8058).
pub fn stop(token: impl Display) -> String {
    format!("{STOP}{token}")
}

/// Where a business confirms what it asks of partners.
pub fn inquiry(token: impl Display) -> String {
    format!("{INQUIRY}{token}")
}

/// Where a partner answers that.
pub fn respond(token: impl Display) -> String {
    format!("{RESPOND}{token}")
}

/// One relationship: what was granted, and how to reduce it.
pub fn manage(token: impl Display) -> String {
    format!("{MANAGE}{token}")
}

/// Where its roles are removed.
pub fn manage_roles(token: impl Display) -> String {
    format!("{MANAGE}{token}/roles")
}

/// Where it is ended.
pub fn manage_end(token: impl Display) -> String {
    format!("{MANAGE}{token}/end")
}

/// The list of a mailbox's partners.
pub fn list(token: impl Display) -> String {
    format!("{LIST}{token}")
}

/// The text of an agreement, beneath the acceptance page or the receipt.
pub fn agreement(link: &str, id: impl Display) -> String {
    format!("{link}/agreement/{id}")
}

/// The same text as a file.
pub fn agreement_text(link: &str, id: impl Display) -> String {
    format!("{link}/agreement/{id}/text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_was_mailed_leads_where_it_led() {
        assert_eq!(accept("x"), "/a/x");
        assert_eq!(print("x"), "/a/x/print");
        assert_eq!(people("x"), "/a/x/people");
        assert_eq!(view("x"), "/view/x");
        assert_eq!(agreement(&accept("x"), "y"), "/a/x/agreement/y");
        assert_eq!(agreement(&receipt("x"), "y"), "/receipt/x/agreement/y");
        assert_eq!(
            agreement_text(&receipt("x"), "y"),
            "/receipt/x/agreement/y/text"
        );
        assert_eq!(stop("x"), "/stop/x");
        assert_eq!(inquiry("x"), "/inquiry/x");
        assert_eq!(respond("x"), "/respond/x");
        assert_eq!(manage("x"), "/manage/x");
        assert_eq!(manage_roles("x"), "/manage/x/roles");
        assert_eq!(manage_end("x"), "/manage/x/end");
        assert_eq!(list("x"), "/partners/x");
    }
}
