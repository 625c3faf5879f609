//! DKIM signatures, checked by dkimpy: by somebody else's code than the one that signs.

use std::{
    env,
    io::Write as _,
    process::{Command, Stdio},
};

use anyhow::{Context as _, ensure};
use serde::Deserialize;

/// What dkimpy says of one `DKIM-Signature` header.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct Signature {
    /// `a=`, e.g. `ed25519-sha256`.
    pub(crate) algorithm: String,
    /// `d=`.
    pub(crate) domain: String,
    /// `s=`.
    pub(crate) selector: String,
    /// The header fields that it covers, in lower case, as often as `h=` names them.
    pub(crate) headers: Vec<String>,
    /// Whether it holds.
    pub(crate) valid: bool,
}

/// Checks every DKIM signature of `mail`, from the top, against `keys`: pairs of a DNS name such as
/// `s1._domainkey.countersign.example` and its TXT record. No DNS is asked. For cases that need [`super::Need::Mta`].
///
/// # Errors
/// When Python does not run, or the mail has a signature that dkimpy cannot read.
pub(crate) fn signatures(mail: &[u8], keys: &[(&str, &str)]) -> anyhow::Result<Vec<Signature>> {
    let python = env::var("COUNTERSIGN_TEST_PYTHON").context("the case needs Need::Mta")?;
    let mut child = Command::new(python)
        .args(["-c", include_str!("dkim.py")])
        .args(keys.iter().map(|(name, record)| format!("{name}={record}")))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    child.stdin.take().context("stdin")?.write_all(mail)?;
    let output = child.wait_with_output()?;
    ensure!(
        output.status.success(),
        "dkimpy failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}
