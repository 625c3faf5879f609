//! The text form of the key ring.
//!
//! serde's own messages quote what they do not like, which may be a key: only the line number is kept of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use super::{
    AuditKey, KeyRing, KeyRingError, KeyState, Mailboxes, Material, Secret, Signer, TokenKey,
};
use crate::domain::time::Timestamp;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RingForm {
    #[serde(default)]
    token: Vec<TokenForm>,
    #[serde(default)]
    audit: Vec<AuditForm>,
    mailbox: Option<MailboxForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MailboxForm {
    #[serde(serialize_with = "exposed")]
    key: Option<SecretString>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenForm {
    id: u16,
    state: KeyState,
    created: Timestamp,
    #[serde(serialize_with = "exposed", skip_serializing_if = "Option::is_none")]
    key: Option<SecretString>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AuditForm {
    id: u16,
    created: Timestamp,
    public: String,
    #[serde(serialize_with = "exposed", skip_serializing_if = "Option::is_none")]
    seed: Option<SecretString>,
}

/// The one place where keys leave memory: the key file.
#[expect(clippy::ref_option, reason = "the signature that serde calls")]
fn exposed<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.as_ref().map_or("", SecretString::expose_secret))
}

pub(super) fn read(text: &str) -> Result<KeyRing, KeyRingError> {
    let form: RingForm = toml::from_str(text).map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        KeyRingError::Form {
            line: 1 + before.unwrap_or_default().matches('\n').count(),
        }
    })?;
    unique("token", form.token.iter().map(|key| key.id))?;
    unique("audit", form.audit.iter().map(|key| key.id))?;
    let tokens: Vec<_> = form
        .token
        .into_iter()
        .map(token)
        .collect::<Result<_, _>>()?;
    let active = tokens.iter().filter(|key| key.state() == KeyState::Active);
    let current = one(
        "token",
        "state = \"active\"",
        active.map(TokenKey::id).collect(),
    )?;
    let mut signers = Vec::new();
    let mut audits = Vec::new();
    for form in form.audit {
        let (signer, key) = audit(form)?;
        signers.extend(signer);
        audits.push(key);
    }
    Ok(KeyRing {
        current,
        tokens,
        signer: one("audit", "with its `seed`", signers)?,
        audits,
        mailboxes: mailboxes(form.mailbox)?,
    })
}

fn mailboxes(form: Option<MailboxForm>) -> Result<Mailboxes, KeyRingError> {
    let key = form.and_then(|form| form.key);
    let key = key.ok_or(KeyRingError::Mailbox)?;
    let key = secret("mailbox", 0, "key", &key).map_err(|_| KeyRingError::Mailbox)?;
    Ok(Mailboxes::new(key))
}

fn unique(table: &'static str, ids: impl Iterator<Item = u16>) -> Result<(), KeyRingError> {
    let mut seen = std::collections::HashSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(KeyRingError::DuplicateId { table, id });
        }
    }
    Ok(())
}

fn one<T>(table: &'static str, what: &'static str, mut found: Vec<T>) -> Result<T, KeyRingError> {
    let count = found.len();
    match found.pop() {
        Some(only) if count == 1 => Ok(only),
        _ => Err(KeyRingError::Current { table, what, count }),
    }
}

fn token(form: TokenForm) -> Result<TokenKey, KeyRingError> {
    let id = form.id;
    let material = match (form.state, form.key) {
        (KeyState::Active, Some(key)) => Material::Active(secret("token", id, "key", &key)?),
        (KeyState::VerifyOnly, Some(key)) => {
            Material::VerifyOnly(secret("token", id, "key", &key)?)
        }
        (KeyState::Retired, None) => Material::Retired,
        _ => return Err(KeyRingError::StateWithoutKey { id }),
    };
    Ok(TokenKey {
        id,
        created: form.created,
        material,
    })
}

fn audit(form: AuditForm) -> Result<(Option<Signer>, AuditKey), KeyRingError> {
    let id = form.id;
    let public = *decode("audit", id, "public", &form.public)?;
    let Some(seed) = form.seed else {
        return Ok((None, AuditKey::new(id, form.created, public)));
    };
    let (signer, key) = Signer::new(id, form.created, secret("audit", id, "seed", &seed)?);
    if *key.public() == public {
        Ok((Some(signer), key))
    } else {
        Err(KeyRingError::AuditPair { id })
    }
}

fn secret(
    table: &'static str,
    id: u16,
    field: &'static str,
    text: &SecretString,
) -> Result<Secret, KeyRingError> {
    let bytes = decode(table, id, field, text.expose_secret())?;
    Ok(Secret::init_with_mut(|secret| *secret = *bytes))
}

fn decode(
    table: &'static str,
    id: u16,
    field: &'static str,
    text: &str,
) -> Result<Zeroizing<[u8; 32]>, KeyRingError> {
    // Decoding into 33 bytes, so that a longer key is refused rather than cut.
    let mut buffer = Zeroizing::new([0_u8; 33]);
    let length = STANDARD.decode_slice(text.trim(), buffer.as_mut());
    if length != Ok(32) {
        return Err(KeyRingError::Material { table, id, field });
    }
    let mut bytes = Zeroizing::new([0_u8; 32]);
    bytes.copy_from_slice(&buffer[..32]);
    Ok(bytes)
}

pub(super) fn write(ring: &KeyRing) -> SecretString {
    let encoded = |bytes: &[u8; 32]| SecretString::from(STANDARD.encode(bytes));
    let form = RingForm {
        token: ring
            .tokens
            .iter()
            .map(|key| TokenForm {
                id: key.id,
                state: key.state(),
                created: key.created,
                key: key.master().map(encoded),
            })
            .collect(),
        audit: ring
            .audits
            .iter()
            .map(|key| AuditForm {
                id: key.id(),
                created: key.created(),
                public: STANDARD.encode(key.public()),
                seed: (key.id() == ring.signer.id())
                    .then(|| encoded(ring.signer.seed().expose_secret())),
            })
            .collect(),
        mailbox: Some(MailboxForm {
            key: Some(encoded(ring.mailboxes.secret().expose_secret())),
        }),
    };
    toml::to_string(&form)
        .expect("numbers and texts have a TOML form")
        .into()
}
