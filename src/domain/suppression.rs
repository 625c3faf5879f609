//! Why a mailbox takes no mail from here, and who may end that.

use super::text::texts;
use super::words::words;

words! {
    /// Why a mailbox is left alone.
    Cause, "reason of a suppression" {
        /// A server refused its mail for good.
        HardBounce = "hard_bounce",
        /// Its owner called our mail unwanted.
        Complaint = "complaint",
        /// Its owner wants no mail from here.
        Stopped = "stopped",
        /// An operator decided so.
        Operator = "operator",
        /// Its person was erased.
        Erased = "erased",
    }
}

impl Cause {
    /// Whether a partner may end it for a mailbox that it has invited: an address can be repaired. What the mailbox's owner
    /// wanted, or an operator decided, is for an operator to end.
    pub const fn partner_may_remove(self) -> bool {
        matches!(self, Self::HardBounce)
    }
}

texts! {
    /// Why a suppression is removed, of at most 500 characters and 10 lines.
    RemovalReason = super::text::Policy { what: "the reason", max: 500, lines: 10, content: super::text::Content::Visible };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partner_ends_no_wish_of_the_customer() {
        let may: Vec<_> = Cause::ALL
            .iter()
            .filter(|cause| cause.partner_may_remove())
            .collect();
        assert_eq!(may, [&Cause::HardBounce]);
    }

    #[test]
    fn a_reason_is_given_in_words() {
        assert!("".parse::<RemovalReason>().is_err());
        assert!("\u{3164} ".parse::<RemovalReason>().is_err());
        let reason: RemovalReason = " the mailbox was full ".parse().unwrap();
        assert_eq!(reason.as_str(), "the mailbox was full");
    }
}
