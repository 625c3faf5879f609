//! Mails about who answers an invitation, and who reads along.

use super::{Invited, Partner, Person, Reader, Terms, Told};
use crate::domain::time::Timestamp;

/// To the partner: the customer named somebody else to answer.
#[derive(Clone, Debug)]
pub struct HandedOver {
    /// Language and zone.
    pub reader: Reader,
    /// The invitation, with the one who is asked by now.
    pub invited: Invited,
    /// Who was asked before.
    pub former: Person,
}

/// To a viewer: what somebody else is asked.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// Language and zone.
    pub reader: Reader,
    /// Who asks.
    pub partner: Partner,
    /// The customer's organization or school.
    pub organization: Told,
    /// Who is asked, and alone can answer.
    pub signer: Told,
    /// Where the mail goes, as people read it.
    pub address: String,
    /// What is asked.
    pub terms: Terms,
    /// The partner's note, plain text that holds no link; a line break is kept.
    pub note: Option<String>,
    /// The page that shows it.
    pub view_url: String,
    /// When the invitation expires.
    pub expires: Timestamp,
}
