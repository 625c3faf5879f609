//! What the acceptance page puts before its signer, as far as consent is to it, and the digest of that.
//!
//! The page is made when it is opened, and made again when its form comes back: only then is recorded what it said. In
//! between the program may be upgraded, another text of the agreement may come into force, a party may change its name.
//! So the digest goes out with the form and comes back with it, and what is recorded is what has this digest.

use std::fmt;

use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::evidence::{AgreedText, Party};
use super::ids::{InvitationId, OrganizationId, PartnerId};
use super::language::Language;
use super::novelty::Novelty;
use super::offer::Offer;

/// All that is consented to: facts and words.
///
/// The day on which roles are expected to end is not among them: it is counted from the day of consent, and the page says
/// that it is expected.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    /// The invitation: the form of one is no form of another.
    pub invitation: InvitationId,
    /// Who asks.
    pub partner: Party<PartnerId>,
    /// For whom the signer acts.
    pub organization: Party<OrganizationId>,
    /// The mailbox that the link was sent to.
    pub email: String,
    /// The relationship, the roles and for how long.
    pub offer: Offer,
    /// The agreement, if one is offered, with the sentence beside its box.
    pub agreement: Option<AgreedText>,
    /// What holds already, against which the page tells what is new.
    pub novelty: Option<Novelty>,
    /// What the page says in words.
    pub words: Words,
}

/// The words of the page.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Words {
    /// Their language.
    pub language: Language,
    /// The sentence beside the agreement's box.
    pub agreement: String,
    /// The sentence about the authority to act.
    pub authority: String,
    /// Whatever else says to what the consent is: what is asked for, what the roles can do, what the button does, what is
    /// kept of the signer.
    pub others: Vec<String>,
}

impl Shown {
    /// What stands for this in the form.
    ///
    /// # Errors
    /// None for a value of this type; serde's signature has one.
    pub fn digest(&self) -> Result<Digest, serde_json::Error> {
        let mut hash = Sha256::new();
        hash.update(b"countersign/v1/shown\0");
        hash.update(serde_json::to_vec(self)?);
        Ok(Digest(hash.finalize().into()))
    }

    /// Whether this is what a form's digest stands for.
    ///
    /// # Errors
    /// As [`Shown::digest`].
    pub fn has(&self, digest: &Digest) -> Result<bool, serde_json::Error> {
        Ok(self.digest()? == *digest)
    }
}

/// SHA-256 over a domain tag and all that was shown: 64 hexadecimal digits in a form.
///
/// No secret: it tells one text from another, and who may answer is the token's business.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Reads what a form sent back; `None` for whatever is no digest.
    pub fn read(text: &str) -> Option<Self> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::microsoft::Cloud;
    use crate::domain::offer::OfferRequest;

    fn offer(duration: &str) -> Offer {
        let request = OfferRequest {
            relationship: Some("reseller_delegated_admin".to_owned()),
            duration: Some(duration.parse().unwrap()),
            agreement: true,
            ..OfferRequest::default()
        };
        Offer::new(request, Cloud::Global).unwrap()
    }

    fn shown() -> Shown {
        Shown {
            invitation: Uuid::from_u128(1).into(),
            partner: Party {
                id: Uuid::from_u128(2).into(),
                name: "주식회사 한빛테크".to_owned(),
            },
            organization: Party {
                id: Uuid::from_u128(3).into(),
                name: "㈜한빛상사".to_owned(),
            },
            email: "hong@customer.example".to_owned(),
            offer: offer("P1Y"),
            agreement: Some(AgreedText {
                id: Uuid::from_u128(4).into(),
                title: "Microsoft 고객 계약".to_owned(),
                version: "2026-01".to_owned(),
                language: "ko".to_owned(),
                sha256: "00".repeat(32),
                sentence: "위 계약을 읽고 확인했습니다.".to_owned(),
            }),
            novelty: None,
            words: Words {
                language: Language::ko(),
                agreement: "위 계약을 읽고 확인했습니다.".to_owned(),
                authority: "소속 조직을 대표하여 동의할 권한이 있습니다.".to_owned(),
                others: vec!["a".to_owned(), "b".to_owned()],
            },
        }
    }

    #[test]
    fn the_same_has_the_same_digest_through_the_form_and_back() {
        let digest = shown().digest().unwrap().to_string();
        assert_eq!(digest.len(), 64);
        assert!(shown().has(&Digest::read(&digest).unwrap()).unwrap());
    }

    #[test]
    fn whatever_differs_has_another_digest() {
        let before = shown().digest().unwrap();
        let changes: [fn(&mut Shown); 14] = [
            |shown| shown.invitation = Uuid::from_u128(9).into(),
            |shown| shown.partner.id = Uuid::from_u128(9).into(),
            |shown| shown.partner.name.push('.'),
            |shown| shown.organization.name.push('.'),
            |shown| shown.email.push('.'),
            |shown| shown.offer = offer("P2Y"),
            |shown| shown.agreement = None,
            |shown| shown.agreement.as_mut().unwrap().id = Uuid::from_u128(9).into(),
            |shown| {
                shown
                    .agreement
                    .as_mut()
                    .unwrap()
                    .sha256
                    .replace_range(..1, "1");
            },
            |shown| shown.words.language = Language::en(),
            |shown| shown.words.agreement.push('.'),
            |shown| shown.words.authority.push('.'),
            |shown| shown.words.others[1].push('.'),
            |shown| shown.words.others = vec!["ab".to_owned()],
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut other = shown();
            change(&mut other);
            assert!(!other.has(&before).unwrap(), "change {number}");
        }
    }

    #[test]
    fn what_is_no_digest_is_none() {
        let whole = shown().digest().unwrap().to_string();
        for text in [
            "",
            "agr_019aaf3c5b7e7c21a4d09e1f5b60c7d8",
            &whole[..62],
            &format!("{whole}00"),
            &whole.to_uppercase(),
            &format!(" {}", &whole[1..]),
        ] {
            assert!(Digest::read(text).is_none(), "{text:?}");
        }
    }
}
