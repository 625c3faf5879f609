//! The key by which mailboxes are known where their addresses must not stand: an address that takes no mail stays known after
//! its person was erased, and a dump of the database says nothing of whose it was.
//!
//! It is never rotated: what was keyed with it cannot be keyed anew without the address.

use std::fmt;

use secrecy::ExposeSecret as _;

use super::Secret;
use crate::domain::mac::MacKey;

/// What a mailbox is called where its address must not stand: HMAC-SHA-256 of the normalized address, 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct MailboxKey(String);

impl MailboxKey {
    /// The digits, as they are stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Two of one mailbox are equal, so that it does not belong into a log.
impl fmt::Debug for MailboxKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailboxKey(…)")
    }
}

/// Makes them.
#[derive(Debug)]
pub(super) struct Mailboxes {
    secret: Secret,
    mac: MacKey,
}

impl Mailboxes {
    pub(super) fn new(secret: Secret) -> Self {
        let mac = MacKey::derive(secret.expose_secret(), "mailbox", "");
        Self { secret, mac }
    }

    pub(super) const fn secret(&self) -> &Secret {
        &self.secret
    }

    pub(super) fn key(&self, address: &str) -> MailboxKey {
        MailboxKey(data_encoding::HEXLOWER.encode(&self.mac.tag(address.as_bytes())))
    }
}
