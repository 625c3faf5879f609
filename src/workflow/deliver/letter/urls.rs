//! The links of a mail: those that open their pages, or those of a preview.

use crate::domain::ids::AgreementId;
use crate::domain::link_path;
use crate::domain::token::UnknownKey;
use crate::workflow::Engine;
use crate::workflow::link::LinkRow;

/// What stands in a preview where a token stands in the mail: too short to be one, so that it is refused before any key is
/// tried.
pub const SAMPLE: &str = "SAMPLE-LINK-THAT-OPENS-NOTHING";

/// Makes the links of a mail.
#[derive(Clone, Copy)]
pub(in crate::workflow::deliver) enum Urls<'a> {
    /// With tokens, made with the keys of the engine.
    Genuine(&'a Engine),
    /// Of a preview: nothing but the address of the pages is at hand, so that no token can be made.
    Sample {
        /// Where the pages are.
        public_url: &'a str,
    },
}

impl Urls<'_> {
    fn sample(public_url: &str, path: impl FnOnce(&'static str) -> String) -> String {
        format!("{public_url}{}", path(SAMPLE))
    }

    pub(super) fn accept(self, row: LinkRow) -> Result<String, UnknownKey> {
        match self {
            Self::Genuine(engine) => engine.accept_url(row),
            Self::Sample { public_url } => Ok(Self::sample(public_url, link_path::accept)),
        }
    }

    pub(super) fn receipt(self, row: LinkRow) -> Result<String, UnknownKey> {
        match self {
            Self::Genuine(engine) => engine.receipt_url(row),
            Self::Sample { public_url } => Ok(Self::sample(public_url, link_path::receipt)),
        }
    }

    pub(super) fn agreement(self, row: LinkRow, id: AgreementId) -> Result<String, UnknownKey> {
        Ok(link_path::agreement(&self.receipt(row)?, id))
    }

    pub(super) fn view(self, row: LinkRow) -> Result<String, UnknownKey> {
        match self {
            Self::Genuine(engine) => engine.view_url(row),
            Self::Sample { public_url } => Ok(Self::sample(public_url, link_path::view)),
        }
    }

    pub(super) fn manage(self, row: LinkRow) -> Result<String, UnknownKey> {
        match self {
            Self::Genuine(engine) => engine.manage_url(row),
            Self::Sample { public_url } => Ok(Self::sample(public_url, link_path::manage)),
        }
    }

    pub(super) fn stop(self, row: LinkRow) -> Result<String, UnknownKey> {
        match self {
            Self::Genuine(engine) => engine.stop_url(row),
            Self::Sample { public_url } => Ok(Self::sample(public_url, link_path::stop)),
        }
    }
}
