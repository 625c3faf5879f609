//! What stands in the place of an address whose person was erased: rows go on naming a mailbox, and no mail can reach it.

use super::ids::ContactId;

/// The domain of erased mailboxes; no server can ever have it (RFC 2606 §2).
pub const DOMAIN: &str = "erased.invalid";

/// The address that a contact has once its person was erased.
pub fn placeholder(contact: ContactId) -> String {
    format!("erased-{}@{DOMAIN}", contact.uuid().as_simple())
}

/// Whether an address, normalized or not, is that of an erased person.
pub fn is_erased(address: &str) -> bool {
    address
        .rsplit_once('@')
        .is_some_and(|(_, domain)| domain.eq_ignore_ascii_case(DOMAIN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::address::EmailAddress;

    #[test]
    fn an_erased_mailbox_reads_back_as_an_address_that_no_mail_reaches() {
        let contact = ContactId::from(uuid::Uuid::from_u128(7));
        let address: EmailAddress = placeholder(contact).parse().unwrap();
        assert_eq!(address.as_str(), placeholder(contact));
        assert!(is_erased(address.as_str()));
        assert!(!is_erased("hong@customer.example"));
        assert!(!is_erased("erased.invalid"));
    }
}
