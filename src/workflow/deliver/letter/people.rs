//! Mails about who answers an invitation, and who reads along.

use super::{Broken, Writer};
use crate::domain::time::Timestamp;
use crate::outbound::mails;
use crate::storage::recipient::Part;
use crate::workflow::facts::readable;

impl Writer<'_> {
    pub(super) fn handed_over(&self, dated_at: Timestamp) -> Result<mails::HandedOver, Broken> {
        Ok(mails::HandedOver {
            reader: self.reader(),
            invited: self.invited(dated_at)?,
            former: self.person(self.concerns()?),
        })
    }

    /// Whom the mail concerns besides its reader.
    fn concerns(&self) -> Result<&Part, Broken> {
        self.job.concerns.as_deref().ok_or(Broken::Missing)
    }

    pub(super) fn viewer(&self, dated_at: Timestamp) -> Result<mails::Viewer, Broken> {
        let viewer = self.concerns()?;
        Ok(mails::Viewer {
            reader: self.reader(),
            partner: self.partner(),
            organization: (&self.dossier.organization_name).into(),
            signer: (&self.dossier.recipient_name).into(),
            address: readable(&viewer.smtp_address),
            terms: self.terms(dated_at)?,
            note: self.dossier.note.clone(),
            view_url: self.urls.view(viewer.into())?,
            expires: self.dossier.expires_at,
        })
    }
}
